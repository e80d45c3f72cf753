"""A spec from what a script has in hand: an example's name, a file, a dict, a class, a rule, another spec."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from letf_instruments import SpecError
from runs.specs.memory import axes_with_memory, with_memory
from runs.specs.reading import Draft, draft_of_file, finished
from runs.specs.run_spec import RunSpec

# What can be run: the name of an example, a TOML file, its tables as a dict, the class of a rule or of a
# backtrader.Strategy, a rule with its parameters, or a spec.
Runnable: TypeAlias = "str | Path | Mapping[str, Any] | type | Any"


def make_spec(
    what: Runnable,
    changes: Sequence[str] | None = None,
    tables: Mapping[str, Mapping[str, Any] | None] | None = None,
    name: str | None = None,
    sweep: Mapping[str, Any] | None = None,
) -> RunSpec:
    """A checked spec.

    Parameters
    ----------
    changes : "table.key=value" as on the command line.
    tables : by the name of a table, keys to replace in it; None as a value takes a key out.
    name : of the spec; its own if None.
    sweep : axes by key, in place of the spec's own.

    Raises
    ------
    SpecError
        One sentence, if it cannot be run or a key or value is wrong.
    """
    try:
        draft = _draft(what)
        draft.raw = plain(draft.raw)
        tables = plain(dict(tables or {}))
    except RecursionError:
        raise SpecError("the spec's values are nested too deeply") from None
    if name is not None:
        draft.raw["name"] = name
    if sweep is not None:
        draft.raw["sweep"], held = axes_with_memory(sweep)
        draft.places |= held
    return finished(draft, changes, {key: table for key, table in (tables or {}).items() if table})


def plain(value: Any) -> Any:
    """A value as TOML would give it: numbers of numpy as Python's own, whatever holds them."""
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return value.item() if isinstance(value, (np.generic, np.ndarray)) and np.ndim(value) == 0 else value


def _draft(what: Runnable) -> Draft:
    from strategies.rule import Rule

    if isinstance(what, (str, Path)):
        return draft_of_file(what)
    if isinstance(what, RunSpec):
        raw = copy.deepcopy(what._raw) if what._raw is not None else what.model_dump(exclude_unset=True)
        return Draft(raw, dict(what._places), what._file, what._class)
    if isinstance(what, Mapping):
        return _draft_of_tables(what)
    if isinstance(what, Rule):
        return _draft_of_rule(what)
    if isinstance(what, type):
        return _draft_of_class(what)
    raise SpecError(
        f"{what!r} cannot be run; give the name of an example, a spec file, a dict of its tables, the class "
        "of a rule or of a backtrader.Strategy, or a rule"
    )


def _draft_of_tables(tables: Mapping[str, Any]) -> Draft:
    raw = {key: dict(value) if isinstance(value, Mapping) else value for key, value in tables.items()}
    kind = raw.get("strategy")
    if isinstance(kind, type):
        named = _draft_of_class(kind)
        raw["strategy"] = named.raw["strategy"]
        kind = named.kind
    else:
        kind = None
    raw.setdefault("name", str(raw.get("strategy", "spec")).rpartition(":")[2] or "spec")
    places: dict[str, Any] = {}
    if isinstance(raw.get("data"), Mapping):
        raw["data"], places = with_memory(raw["data"])  # type: ignore[assignment]
    return Draft(copy.deepcopy(raw), places, None, kind)


def _draft_of_class(kind: type) -> Draft:
    from strategies import RULES

    if kind.__module__.partition(".")[0] == "strategies":  # a variant of a rule goes by the rule's name
        ours = getattr(kind, "name", "")
        if ours in RULES:
            return Draft({"name": ours, "strategy": ours})
    return Draft({"name": kind.__name__, "strategy": kind.__name__}, kind=kind)


def _draft_of_rule(rule: Any) -> Draft:
    draft = _draft_of_class(type(rule))
    draft.raw["rule"] = rule.params.model_dump(exclude_unset=True)
    draft.raw["plan"] = rule.plan.model_dump(exclude_unset=True)
    draft.raw["filters"] = {
        label: own if label == gate.name else {gate.name: own}
        for label, gate in rule.filters.items()
        for own in (gate.params.model_dump(exclude_unset=True),)
    }
    return draft
