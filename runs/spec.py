"""What to run: a TOML file, validated; and what the command line changes of it."""

from __future__ import annotations

import contextlib
import difflib
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, PrivateAttr

from letf_instruments import SpecError, known_tickers
from runs.data_spec import DataSpec, Table, places_inside
from runs.money_spec import AccountSpec, CostSpec, OptionSpec
from runs.user_strategy import (
    check_own_rule,
    is_user_strategy,
    load_user_strategy,
    own_file,
    shown_with_line,
)
from runs.validation import validated

if TYPE_CHECKING:
    from strategies.filters import Filter
    from strategies.rule import Rule

EXAMPLES = Path(__file__).parent / "examples"


class RunSpec(Table):
    """A whole run. `rule`, `plan` and `filters` are checked by the strategy's own parameters."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=80)
    strategy: str
    data: DataSpec = Field(default_factory=DataSpec)
    rule: dict[str, Any] = Field(default_factory=dict)
    plan: dict[str, Any] = Field(default_factory=dict)
    filters: dict[str, Any] = Field(default_factory=dict)
    account: AccountSpec = Field(default_factory=AccountSpec)
    costs: CostSpec = Field(default_factory=CostSpec)
    options: OptionSpec = Field(default_factory=OptionSpec)
    _places: dict[str, str] = PrivateAttr(default_factory=dict)
    _file: Path | None = PrivateAttr(default=None)

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

    def resolved(self) -> dict[str, Any]:
        """The spec with every default filled in, ready for JSON."""
        out = self.model_dump(mode="json")
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
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SpecError(f"{file.name} is not valid TOML: {error}") from None
    except OSError as error:
        raise SpecError(f"{file.name} cannot be read: {error.strerror}") from None
    places = places_inside(raw.get("data"), file)
    for change in changes or []:
        _apply(raw, change)
    table = raw.setdefault("data", {})
    if isinstance(table, dict):
        table.update({key: value for key, value in data.items() if value is not None})
        changed = {c.partition("=")[0].strip() for c in changes or []} | {
            f"data.{k}" for k in data if data[k]
        }
        places = {
            key: place for key, place in places.items() if f"data.{key.partition(':')[0]}" not in changed
        }
    raw.setdefault("name", file.stem)
    spec: RunSpec = validated(RunSpec, raw, "", file.name)
    if spec.data.start and spec.data.end and spec.data.start >= spec.data.end:
        raise SpecError(f"data.start ({spec.data.start}) must be before data.end ({spec.data.end})")
    spec._places.update(places)
    spec._file = file
    spec.make_rule()
    return spec


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
    table = raw
    for part in parts[:-1]:
        table = table.setdefault(part, {})
        if not isinstance(table, dict):
            raise SpecError(f"--set {change!r}: {part} is a value, not a table")
    if text.lower() == "none":
        table.pop(parts[-1], None)
        return
    try:
        table[parts[-1]] = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        table[parts[-1]] = text
