"""What to run: the tables of a spec, validated."""

from __future__ import annotations

import copy
import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import BaseModel, Field, PrivateAttr
from pydantic_core import PydanticUndefined, to_jsonable_python

from letf_instruments import SpecError, known_tickers
from runs.specs.data import DataSpec, Table
from runs.specs.money import AccountSpec, CostSpec, OptionSpec
from runs.specs.user_strategy import (
    check_own_rule,
    checked_class,
    code_facts,
    file_of_class,
    is_user_strategy,
    load_user_strategy,
    own_file,
    shown_with_line,
)
from runs.specs.validation import JointError, validated

if TYPE_CHECKING:
    from strategies.filters import Filter
    from strategies.rule import Rule


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
    _class: type | None = PrivateAttr(default=None)  # a strategy that stands in a script, not in a file
    _raw: dict[str, Any] | None = PrivateAttr(default=None)  # as given: no defaults, no preset filled in

    def strategy_class(self, anew: bool = False) -> type[Rule] | type:
        """The rule's class, or a `backtrader.Strategy` of the user's own; if `anew`, from its file run once
        more, so that it knows nothing of what was computed before.

        Raises
        ------
        SpecError
            If the strategy is not known, or its file cannot be used.
        """
        if self._class is not None:
            return checked_class(self.strategy, self._class)
        if is_user_strategy(self.strategy):
            return load_user_strategy(self.strategy, self._file, anew)
        from strategies import rule_named

        return rule_named(self.strategy)

    @property
    def is_own(self) -> bool:
        """True for a strategy of the user's own."""
        return self._class is not None or is_user_strategy(self.strategy)

    @property
    def own_class(self) -> type | None:
        """The class of a strategy that stands in a script or a notebook; None for any other."""
        return self._class

    def code_facts(self) -> dict[str, str] | None:
        """What tells the code of a strategy of the user's own from one that was changed since; None for one
        of ours."""
        return code_facts(self.strategy, self.own_file(), self._class)

    def own_file(self) -> Path | None:
        """The file of a strategy of the user's own, None for one of ours; of a class that stands in a
        notebook, the name that its cell goes by."""
        if self._class is not None:
            return file_of_class(self._class)
        return own_file(self.strategy, self._file)

    def make_rule(self, anew: bool = False) -> Rule | None:
        """The rule with its parameters, plan and filters (`anew` as in `strategy_class`); None if the
        strategy is a `backtrader.Strategy`, which takes [rule] as its own parameters.

        Raises
        ------
        SpecError
            If the strategy is not known or a parameter is wrong.
        """
        from strategies.rule import Rule

        found = self.strategy_class(anew)
        if not issubclass(found, Rule):
            self._check_own(found)
            return None
        with shown_with_line(self.own_file()):
            kind = found.variant(self.rule)
            params = validated(kind.Params, self.rule, "rule.")
            plan = validated(kind.plan_for(self.plan), self.plan, "plan.")
            rule = kind(params, _with_known_ticker(plan), make_filters(self.filters))
            if self.is_own:
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
        import backtrader as bt

        for hook in ("next_open", "nextstart_open", "prenext_open"):
            if getattr(kind, hook) is not getattr(bt.Strategy, hook):
                raise SpecError(
                    f"{self.strategy} defines {hook}, which is never called here; decide in next, and the "
                    "order is filled at the next open"
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
        member of a list as "assets:NAME", "funds:NAME", "volumes:NAME"; or "deposits" of [account]. A path in
        the file, resolved; else as named."""
        if key in self._places:
            return self._places[key]
        if key == "deposits":
            return str(self.account.deposits)
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

    def starting(self, day: np.datetime64) -> RunSpec:
        """This spec with another first day, its sweep included."""
        start = day.astype("datetime64[D]").item()
        new = self.model_copy(update={"data": self.data.model_copy(update={"start": start})})
        if self._raw is not None:
            new._raw = copy.deepcopy(self._raw)
            new._raw.setdefault("data", {})["start"] = start
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
            put(raw, key.split("."), value, key)
            table, _, name = key.partition(".")
            if key == "account.deposits":
                places.pop("deposits", None)
            if table == "data":
                places.pop(name, None)
                if f"{name}={value}" in places:
                    places[name] = places[f"{name}={value}"]
        spec: RunSpec = validated(RunSpec, raw, "")
        check_joint(spec)
        spec._places, spec._file, spec._raw, spec._class = places, self._file, raw, self._class
        return spec

    def plan_of(self, rule: Rule, values: Mapping[str, Any]) -> Any:
        """The plan of a rule of ours with other values of some keys ("plan.stop"): the one that `with_values`
        and `make_rule` give, without another look at the rest of the spec.

        Raises
        ------
        SpecError
            As they do.
        """
        raw = {"plan": copy.deepcopy((self._raw or {"plan": self.plan}).get("plan", {}))}
        for key, value in values.items():
            put(raw, key.split("."), value, key)
        plan = raw["plan"]
        return _with_known_ticker(validated(type(rule).plan_for(plan), plan, "plan."))

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


def unsaid() -> dict[str, dict[str, Any]]:
    """By table what a spec is where it says nothing, ready for JSON."""
    tables: dict[str, Table] = {
        "data": DataSpec(),
        "account": AccountSpec(),
        "costs": CostSpec(),
        "options": OptionSpec(),
    }
    return {name: table.model_dump(mode="json") for name, table in tables.items()}


def unsaid_in(spec: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """By table what this spec would be if it said nothing: as `unsaid`, and of its rule, its plan and its
    filters, where those are known. A resolved spec, as a manifest has it."""
    from strategies import FILTERS, RULES

    out = unsaid()
    kind = RULES.get(str(spec.get("strategy")))
    tables = {name: spec.get(name) for name in ("rule", "plan", "filters")}
    given = {name: table if isinstance(table, Mapping) else {} for name, table in tables.items()}
    if kind is not None:
        try:
            out["rule"] = _defaults(kind.variant(given["rule"]).Params)
            out["plan"] = _defaults(kind.plan_for(given["plan"]))
        except SpecError:  # of a result that an earlier version made
            pass
    out["filters"] = {name: _defaults(FILTERS[name].Params) for name in given["filters"] if name in FILTERS}
    return out


def _defaults(model: type[BaseModel]) -> dict[str, Any]:
    """By key the defaults of a model, ready for JSON; what must be given is left out."""
    fields = model.model_fields.items()
    values = {name: field.get_default(call_default_factory=True) for name, field in fields}
    return {
        name: to_jsonable_python(value) for name, value in values.items() if value is not PydanticUndefined
    }


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


def check_joint(spec: RunSpec) -> None:
    """Refuse what no table can see of itself."""
    data = spec.data
    if data.start and data.end and data.start >= data.end:
        raise JointError(f"data.start ({data.start}) must be before data.end ({data.end})")


def put(raw: dict[str, Any], parts: list[str], value: Any, what: str) -> None:
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
