"""What to run: a TOML file, validated; and what the command line changes of it."""

from __future__ import annotations

import contextlib
import copy
import difflib
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, PrivateAttr

from letf_instruments import SpecError, known_tickers
from runs.specs.data import DataSpec, Table, places_inside, swept_places
from runs.specs.money import AccountSpec, CostSpec, OptionSpec
from runs.specs.user_strategy import (
    check_own_rule,
    is_user_strategy,
    load_user_strategy,
    own_file,
    shown_with_line,
)
from runs.specs.validation import JointError, validated

if TYPE_CHECKING:
    from strategies.filters import Filter
    from strategies.rule import Rule

EXAMPLES = Path(__file__).parent.parent / "examples"
RANGE = ("from", "to", "step", "count", "scale")  # what makes a table of [sweep] a range


class RunSpec(Table):
    """A whole run. `rule`, `plan` and `filters` are checked by the strategy's own parameters; `sweep` is for
    `letf sweep` alone."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=80)
    strategy: str
    data: DataSpec = Field(default_factory=DataSpec)
    rule: dict[str, Any] = Field(default_factory=dict)
    plan: dict[str, Any] = Field(default_factory=dict)
    filters: dict[str, Any] = Field(default_factory=dict)
    account: AccountSpec = Field(default_factory=AccountSpec)
    costs: CostSpec = Field(default_factory=CostSpec)
    options: OptionSpec = Field(default_factory=OptionSpec)
    sweep: dict[str, Any] = Field(default_factory=dict)
    _places: dict[str, str] = PrivateAttr(default_factory=dict)
    _file: Path | None = PrivateAttr(default=None)
    _raw: dict[str, Any] | None = PrivateAttr(default=None)  # as given: no defaults, no preset filled in

    def strategy_class(self) -> type[Rule] | type:
        """The rule's class, or a `backtrader.Strategy` of the user's own.

        Raises
        ------
        SpecError
            If the strategy is not known, or its file cannot be used.
        """
        if is_user_strategy(self.strategy):
            return load_user_strategy(self.strategy, self._file)
        from strategies import rule_named

        return rule_named(self.strategy)

    def own_file(self) -> Path | None:
        """The file of a strategy of the user's own, None for one of ours."""
        return own_file(self.strategy, self._file)

    def make_rule(self) -> Rule | None:
        """The rule with its parameters, plan and filters; None if the strategy is a
        `backtrader.Strategy`, which takes [rule] as its own parameters.

        Raises
        ------
        SpecError
            If the strategy is not known or a parameter is wrong.
        """
        from strategies.rule import Rule

        found = self.strategy_class()
        if not issubclass(found, Rule):
            self._check_own(found)
            return None
        with shown_with_line(self.own_file()):
            kind = found.variant(self.rule)
            params = validated(kind.Params, self.rule, "rule.")
            plan = validated(kind.Plan, self.plan, "plan.")
            rule = kind(params, _with_known_ticker(plan), make_filters(self.filters))
            if is_user_strategy(self.strategy):
                check_own_rule(self.strategy, rule)
            return rule

    def _check_own(self, kind: Any) -> None:
        """Refuse what a strategy that is no rule of ours would ignore."""
        for table in ("plan", "filters"):
            if getattr(self, table):
                raise SpecError(
                    f"{self.strategy} is a backtrader.Strategy, which has no [{table}]; "
                    "its parameters go under [rule]"
                )
        known = list(kind.params._getkeys())
        for key in self.rule:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
                hint = (
                    f"did you mean rule.{near[0]}?"
                    if near
                    else f"its params are {', '.join(known) or 'none'}"
                )
                raise SpecError(f"unknown key rule.{key}; {hint}")

    def place(self, key: str) -> str:
        """Where something of [data] is to be read from: "index", "rates", "volatility", "events", or a
        member of a list as "assets:NAME", "funds:NAME", "volumes:NAME". A path in the file, resolved; else
        as named."""
        if key in self._places:
            return self._places[key]
        table, _, name = key.partition(":")
        return name or str(getattr(self.data, table))

    def on_data_of(self, other: RunSpec, keys: Sequence[str]) -> RunSpec:
        """This spec with some keys of [data] from another one, and with the places of their files."""
        taken = {key: getattr(other.data, key) for key in keys}
        new = self.model_copy(update={"data": self.data.model_copy(update=taken)})
        new._places = {key: place for key, place in self._places.items() if key not in keys} | {
            key: place for key, place in other._places.items() if key in keys
        }
        return new

    def with_values(self, values: Mapping[str, Any]) -> RunSpec:
        """This spec with other values of some keys ("plan.stop"), and without its sweep. None takes a key
        out. The rule's own parameters are checked by `make_rule`.

        Raises
        ------
        SpecError
            One sentence; a `JointError` where each value by itself is right.
        """
        raw = copy.deepcopy(self._raw) if self._raw is not None else self.model_dump(exclude_unset=True)
        raw.pop("sweep", None)
        places = dict(self._places)
        for key, value in values.items():
            _put(raw, key.split("."), value, key)
            table, _, name = key.partition(".")
            if table == "data":
                places.pop(name, None)
                if f"{name}={value}" in places:
                    places[name] = places[f"{name}={value}"]
        spec: RunSpec = validated(RunSpec, raw, "")
        _check_joint(spec)
        spec._places, spec._file, spec._raw = places, self._file, raw
        return spec

    def resolved(self) -> dict[str, Any]:
        """The spec with every default filled in, ready for JSON; without its sweep, which is no part of a
        run."""
        out = self.model_dump(mode="json", exclude={"sweep"})
        rule = self.make_rule()
        if rule is not None:
            out["rule"] = rule.params.model_dump(mode="json")
            out["plan"] = rule.plan.model_dump(mode="json")
            out["filters"] = {
                label: {"name": gate.name, **gate.params.model_dump(mode="json")}
                for label, gate in rule.filters.items()
            }
        return out


def _with_known_ticker(plan: Any) -> Any:
    """The plan with a fund's ticker in its own letter case."""
    name = getattr(plan, "instrument", None)
    if name and name.upper() in known_tickers():
        return plan.model_copy(update={"instrument": name.upper()})
    return plan


def make_filters(tables: dict[str, Any]) -> dict[str, Filter]:
    """The filters of a spec's [filters], by label.

    Raises
    ------
    SpecError
        If one is not known or a parameter is wrong.
    """
    from strategies.filters import filter_named, unfold

    filters = {}
    for label, (name, raw) in unfold(tables).items():
        kind = filter_named(name)
        prefix = f"filters.{label}." if label == name else f"filters.{label}.{name}."
        filters[label] = kind(validated(kind.Params, raw, prefix))
    return filters


def load_spec(path: str | Path, changes: list[str] | None = None, **data: Any) -> RunSpec:
    """Read a spec.

    Parameters
    ----------
    path : a TOML file, or the name of an example that comes along ("rsi_timing").
    changes : "table.key=value" with a TOML value, a bare word, or `none` to take a key out.
    data : keys of [data] to replace; None leaves a key as it is. A path given here is the caller's own;
        one inside the file is relative to the file's folder and may not leave it.

    Raises
    ------
    SpecError
        One sentence: an unreadable file, an unknown key (with the nearest right one), a wrong value.
    """
    file = _spec_file(path)
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SpecError(f"{file.name} is not valid TOML: {error}") from None
    except OSError as error:
        raise SpecError(f"{file.name} cannot be read: {error.strerror}") from None
    places = places_inside(raw.get("data"), file) | swept_places(flattened(raw.get("sweep")), file)
    for change in changes or []:
        _apply(raw, change)
    table = raw.setdefault("data", {})
    if isinstance(table, dict):
        table.update({key: value for key, value in data.items() if value is not None})
        changed = {c.partition("=")[0].strip() for c in changes or []} | {
            f"data.{k}" for k in data if data[k]
        }
        places = {key: place for key, place in places.items() if not _is_changed(key, changed)}
    raw.setdefault("name", file.stem)
    spec: RunSpec = validated(RunSpec, raw, "", file.name)
    _check_joint(spec)
    spec._places.update(places)
    spec._file, spec._raw = file, raw
    spec.make_rule()
    return spec


def flattened(table: Any, prefix: str = "") -> dict[str, Any]:
    """The [sweep] of a spec by dotted key, as TOML nests what is written plan.stop: key → values or range.

    Raises
    ------
    SpecError
        If a key is given twice ("plan.stop" in quotation marks, and without).
    """
    out: dict[str, Any] = {}
    for key, value in table.items() if isinstance(table, Mapping) else ():
        name = prefix + key
        is_range = isinstance(value, Mapping) and any(
            word in value and not isinstance(value[word], Mapping) for word in RANGE
        )
        nested = (
            flattened(value, name + ".") if isinstance(value, Mapping) and not is_range else {name: value}
        )
        for inner in nested:
            if inner in out:
                raise SpecError(f"sweep.{inner} is given twice")
        out |= nested
    return out


def _is_changed(place: str, changed: set[str]) -> bool:
    """True for the place of a key that the command line gives: a path there is the caller's own."""
    if "=" in place.partition(":")[0]:
        key = place.partition("=")[0]
        return f"data.{key}" in changed or f"sweep.data.{key}" in changed
    return f"data.{place.partition(':')[0]}" in changed


def _check_joint(spec: RunSpec) -> None:
    """Refuse what no table can see of itself."""
    data = spec.data
    if data.start and data.end and data.start >= data.end:
        raise JointError(f"data.start ({data.start}) must be before data.end ({data.end})")


def _spec_file(path: str | Path) -> Path:
    file = Path(path)
    with contextlib.suppress(OSError, ValueError):  # a name that no file can have
        if file.is_file():
            return file
        example = EXAMPLES / f"{path}.toml"
        if file.name == str(path) and example.is_file():
            return example
    names = sorted(p.stem for p in EXAMPLES.glob("*.toml"))
    raise SpecError(f"no spec file {str(path)[:200]!r}; examples that come along: {', '.join(names)}")


def _apply(raw: dict[str, Any], change: str) -> None:
    key, equals, text = change.partition("=")
    parts = key.strip().split(".")
    if not equals or not all(parts):
        raise SpecError(f"--set {change!r} is not of the form table.key=value, such as plan.stop=0.08")
    text = text.strip()
    if text.lower() == "none":
        _put(raw, parts, None, f"--set {change!r}")
        return
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text
    _put(raw, parts, value, f"--set {change!r}")


def _put(raw: dict[str, Any], parts: list[str], value: Any, what: str) -> None:
    """Set a key of a raw spec; None takes it out."""
    table = raw
    for part in parts[:-1]:
        table = table.setdefault(part, {})
        if not isinstance(table, dict):
            raise SpecError(f"{what}: {part} is a value, not a table")
    if value is None:
        table.pop(parts[-1], None)
    else:
        table[parts[-1]] = value
