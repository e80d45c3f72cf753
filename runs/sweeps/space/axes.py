"""[sweep] of a spec: parameter = list or range, checked value by value before anything runs.

    [sweep]
    rule.rsi_bars = [7, 14, 21]
    rule.average_bars = {from = 5, to = 50, count = 5, scale = "log"}
    plan.stop = {from = 0.02, to = 0.10, step = 0.02}
    plan.max_bars = ["none", 10, 20]     # "none" takes the key out

A range holds both ends, where its step arrives at the second. Of a parameter that is a whole number, the
values of a range by count are rounded, and doubles dropped.
"""

from __future__ import annotations

import datetime
import difflib
import json
import math
import types
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Union, get_args, get_origin

from letf_instruments import SpecError
from runs.specs.reading import RANGE, flattened
from runs.specs.run_spec import RunSpec
from runs.specs.validation import JointError
from runs.sweeps.space.grid import Axis, Grid

TABLES = ("data", "rule", "plan", "filters", "account", "costs", "options")
MOST_VALUES = 10_000  # of an axis
MOST_MARKETS = 1_000  # combinations of [data]
MOST_CELLS = 5_000_000  # that are run
MOST_COUNTED = 2**62  # beyond which a cell has no number
DIGITS = 12  # that count, of values in a range


def grid_of(spec: RunSpec, indices: Sequence[str] = ()) -> Grid:
    """The grid of a spec.

    Parameters
    ----------
    indices : those given on the command line: two or more are the axis data.index, one takes it out.

    Raises
    ------
    SpecError
        One sentence: an unknown parameter (with the nearest right one), an empty list or range, a value
        twice, a value that no cell could have, more cells than can be counted.
    """
    given = flattened(spec.sweep)
    if indices:
        given.pop("data.index", None)
        if len(indices) > 1:
            given["data.index"] = list(indices)
    if not given:
        raise SpecError(
            f"{spec.name} has no [sweep]; name parameters and their values there, or on the command line as "
            '--set sweep.plan.stop="[0.05, 0.1]"'
        )
    grid = Grid.of([_axis(spec, key, values) for key, values in given.items()])
    if grid.size > MOST_COUNTED:
        raise SpecError(
            f"the grid has {grid.size:.3g} cells, more than can be numbered, with --sample or without; "
            "sweep fewer parameters at a time"
        )
    markets = math.prod(len(axis.values) for axis in grid.axes if axis.rank == 0)
    if markets > MOST_MARKETS:
        raise SpecError(f"the values of [data] make {markets:,} markets; a sweep may have {MOST_MARKETS:,}")
    return grid


def _axis(spec: RunSpec, key: str, given: Any) -> Axis:
    where = f"sweep.{key}"
    _check_key(spec, key, where)
    _check_value(spec, key, None if given is None else _one_of(given), where, key_only=True)
    whole = _is_whole(spec, key)
    if isinstance(given, Mapping):
        values = _range(where, given, whole)
    elif isinstance(given, list):
        values = [_plain(value, whole) for value in given]
    else:
        raise SpecError(f"{where} is {given!r}; it must be a list, or a range such as {{from, to, step}}")
    if not values:
        raise SpecError(f"{where} is empty; name one value or more")
    if len(values) > MOST_VALUES:
        raise SpecError(f"{where} has {len(values):,} values; a parameter may have {MOST_VALUES:,}")
    seen = set()
    for value in values:
        if isinstance(value, float) and not math.isfinite(value):
            raise SpecError(f"{where} has the value {value}; it must be finite")
        mark = (isinstance(value, bool), json.dumps(value, sort_keys=True, default=str))
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            mark = (False, repr(float(value)))
        if mark in seen:
            raise SpecError(f"{where} has the value {shown(value)} twice")
        seen.add(mark)
        _check_value(spec, key, value, where)
    return Axis(key, tuple(values))


def shown(value: Any) -> str:
    """A value of an axis as a person would write it in the spec."""
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def label_of(values: Mapping[str, Any]) -> str:
    """What a combination of values goes by; empty where there are none."""
    return ", ".join(f"{key} = {shown(value)}" for key, value in values.items())


def _one_of(given: Any) -> Any:
    """Some value of an axis, to try the key with."""
    if isinstance(given, list):
        return _plain(given[0], False) if given else None
    return given.get("from") if isinstance(given, Mapping) else given


def _plain(value: Any, whole: bool) -> Any:
    """A value as JSON has it; "none" as None; 14.0 of a whole number as 14."""
    if isinstance(value, str) and value.lower() == "none":
        return None
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if whole and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _check_key(spec: RunSpec, key: str, where: str) -> None:
    table, _, rest = key.partition(".")
    if table not in TABLES or not rest:
        near = difflib.get_close_matches(table, TABLES, n=1, cutoff=0.5)
        hint = (
            f"did you mean {near[0]}.{rest or '…'}?" if near else f"its table must be of {', '.join(TABLES)}"
        )
        raise SpecError(f"{where}: unknown key {key}; {hint}")
    if table == "filters":
        found: Any = spec.filters
        for i, part in enumerate(key.split(".")[1:-1], start=1):
            found = found.get(part) if isinstance(found, Mapping) else None
            if not isinstance(found, Mapping):
                name = ".".join(key.split(".")[: i + 1])
                have = ", ".join(spec.filters) or "none"
                raise SpecError(f"{where}: unknown key {name}; the filters of this spec: {have}")


def _check_value(spec: RunSpec, key: str, value: Any, where: str, key_only: bool = False) -> None:
    """Refuse what no cell could have. What is wrong only beside other values is each cell's own affair."""
    try:
        spec.with_values({key: value}).make_rule()
    except JointError:
        return
    except SpecError as error:
        if not key_only or f"unknown key {key}" in str(error):
            raise SpecError(f"{where}: {error}") from None


def _is_whole(spec: RunSpec, key: str) -> bool:
    """True for a parameter that is a whole number."""
    table, _, name = key.partition(".")
    if table not in ("rule", "plan", "filters"):
        model: Any = type(getattr(spec, table))
    else:
        rule = spec.make_rule()
        if rule is None:  # a backtrader.Strategy: its default says
            default = getattr(spec.strategy_class().params, name, None)  # type: ignore[attr-defined]
            return isinstance(default, int) and not isinstance(default, bool)
        label = name.partition(".")[0]
        gate = rule.filters.get(label)
        model = {"rule": type(rule.params), "plan": type(rule.plan)}.get(table, type(gate and gate.params))
    field = getattr(model, "model_fields", {}).get(name.rpartition(".")[2])
    kinds = _kinds(field.annotation) if field is not None else set()
    return int in kinds and float not in kinds


def _kinds(annotation: Any) -> set[Any]:
    """The types that an annotation allows, without their bounds."""
    if get_origin(annotation) in (Union, types.UnionType):
        return set().union(*(_kinds(part) for part in get_args(annotation)))
    if hasattr(annotation, "__metadata__"):
        return _kinds(annotation.__origin__)
    return {annotation}


def _range(where: str, table: Mapping[str, Any], whole: bool) -> list[float]:
    """The values of a range."""
    _check_range(where, table)
    first, last, step, count = (table.get(word) for word in ("from", "to", "step", "count"))
    assert first is not None
    assert last is not None
    if step is not None:
        return _steps(where, first, last, step)
    assert count is not None
    shares = [i / (count - 1) for i in range(count)]
    if table.get("scale", "linear") == "log":
        inner = [first * (last / first) ** share for share in shares]
    else:
        inner = [first + (last - first) * share for share in shares]
    values = [float(f"{value:.{DIGITS}g}") for value in inner]
    values[0], values[-1] = float(first), float(last)
    if whole and isinstance(first, int) and isinstance(last, int):
        return list(dict.fromkeys(round(value) for value in values))
    if all(isinstance(v, int) for v in (first, last)) and all(value.is_integer() for value in values):
        return [int(value) for value in values]
    return values


def _steps(where: str, first: float, last: float, step: float) -> list[float]:
    """From `first` by `step` as long as it does not pass `last`, in decimals: 0.02, 0.04, 0.06."""
    start, gap, end = (Decimal(repr(value)) for value in (first, step, last))
    steps = int((end - start) / gap)
    if steps >= MOST_VALUES:
        raise SpecError(f"{where} has {steps + 1:,} values; a parameter may have {MOST_VALUES:,}")
    values = [start + i * gap for i in range(steps + 1)]
    if all(isinstance(value, int) for value in (first, step)):
        return [int(value) for value in values]
    return [float(value) for value in values]


def _check_range(where: str, table: Mapping[str, Any]) -> None:
    forms = "a range is {from, to, step} or {from, to, count, scale}"
    for word in table:
        if word not in RANGE:
            near = difflib.get_close_matches(word, RANGE, n=1)
            raise SpecError(f"{where}: unknown key {word}; {f'did you mean {near[0]}?' if near else forms}")
    missing = [word for word in ("from", "to") if word not in table]
    if missing or ("step" in table) == ("count" in table):
        raise SpecError(f"{where}: {f'{missing[0]} is missing; ' if missing else ''}{forms}")
    for word in ("from", "to", "step"):
        value = table.get(word, 0)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise SpecError(f"{where}: {word} is {value!r}; it must be a number")
    first, last, scale = table["from"], table["to"], table.get("scale", "linear")
    if scale not in ("linear", "log"):
        raise SpecError(f"{where}: scale is {scale!r}; it must be 'linear' or 'log'")
    if "step" in table:
        step = table["step"]
        if scale == "log":
            raise SpecError(f"{where}: a range with scale = 'log' takes a count, not a step")
        if step == 0 or (last - first) * step < 0:
            raise SpecError(
                f"{where}: an empty range; steps of {step:g} do not lead from {first:g} to {last:g}"
            )
        return
    count = table["count"]
    if isinstance(count, bool) or not isinstance(count, int) or not 2 <= count <= MOST_VALUES:
        raise SpecError(f"{where}: count is {count!r}; it must be a whole number from 2 to {MOST_VALUES:,}")
    if first == last:
        raise SpecError(f"{where}: from and to are both {first:g}; a range by count needs two ends")
    if scale == "log" and not (first > 0 and last > 0):
        raise SpecError(f"{where}: a log range from {first:g} to {last:g}; both ends must be above 0")
