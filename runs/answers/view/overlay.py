"""Several results in one picture, and where their specs differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from letf_instruments import LetfError
from runs.answers.closer import Line, Pane, Panes, colour_of
from runs.answers.view.shelf import Found, equity_of, flat_spec

START = 100.0
MOST = 12  # lines that can be told apart by their names
COLOURS = ("rule", *(colour_of(place) for place in range(5)), "index", "gain", "loss")
UNSAID = {"name"}  # of a spec: what is always another
NONE, ABSENT = "none", "–"  # a key without a value, and no such key
NAMES = {"strategy": "rule"}  # as the page calls them
TABLES = ("data", "rule", "plan", "filters", "account", "costs", "options")  # of a spec, in its order
Unsaid = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def overlay(results: Sequence[Found]) -> Panes:
    """What 100 became in each from the first day that all have, and below it how far under the last high.

    Raises
    ------
    LetfError
        If there are none or too many, one has no equity curve, or they have no day in common.
    """
    if not 1 <= len(results) <= MOST:
        raise LetfError(f"choose 1 to {MOST} results; {len(results)} were chosen")
    without = [one.place for one in results if not one.equity]
    if without:
        raise LetfError(f"{without[0]} has no equity.csv, so there is no curve to lay over others")
    curves = [equity_of(one) for one in results]
    first = max(days[0] for days, _ in curves)
    every = np.unique(np.concatenate([days for days, _ in curves]))
    axis = every[every >= first]
    if any(days[-1] < first for days, _ in curves):
        raise LetfError("the results that were chosen have no day in common")
    grown, fallen = [], []
    for place, (one, (days, worth)) in enumerate(zip(results, curves, strict=True)):
        values = _on(axis, days, worth)
        values = START * values / values[0] if values[0] > 0 else np.full(len(axis), np.nan)
        colour = COLOURS[place % len(COLOURS)]
        name = f"{one.place} ({one.mark})" if one.mark else one.place
        grown.append(Line(name, values, colour, dashed=place >= len(COLOURS)))
        top = np.fmax.accumulate(values)
        fallen.append(Line(name, values / top - 1.0, colour, dashed=place >= len(COLOURS)))
    panes = [
        Pane(f"what 100 became since {first}", grown, "money", log=True),
        Pane("below the last high", fallen, "percent", share=0.45),
    ]
    return Panes(axis, panes)


def _on(axis: np.ndarray, days: np.ndarray, worth: np.ndarray) -> np.ndarray:
    """A curve on other days: the last value known, NaN after its end."""
    at = np.searchsorted(days, axis, side="right") - 1
    return np.where(axis <= days[-1], worth[np.maximum(at, 0)], np.nan)


def differences(results: Sequence[Found], unsaid: Unsaid = lambda spec: {}) -> list[list[str]]:
    """The keys in which the specs differ, a row each: the key, then each result's value, a dash where it has
    no such key. What each of them either does not have or leaves as it is where nothing is said is no
    difference.

    Parameters
    ----------
    unsaid : of a spec, as its manifest has it, by table what is so where nothing is said.
    """
    left = [flat_spec(unsaid(one.raw)) for one in results]
    has = [flat_spec(_with_none(one.raw)) for one in results]
    rows = []
    for key in sorted({key for each in has for key in each} - UNSAID, key=_in_order):
        values = [each.get(key) for each in has]
        default = [own.get(key, NONE) for own in left]
        if len(set(values)) > 1 and not all(map(_is_unsaid, values, default)):
            rows.append([NAMES.get(key, key), *(ABSENT if value is None else value for value in values)])
    asked = [one.question for one in results]
    return [["question", *asked], *rows] if len(set(asked)) > 1 else rows


def _is_unsaid(value: str | None, default: str) -> bool:
    return value is None or value == default


def _in_order(key: str) -> tuple[bool, int, str]:
    """What was run and on what, then the rule's own numbers."""
    table = key.partition(".")[0]
    return "." in key, TABLES.index(table) if table in TABLES else len(TABLES), key


def _with_none(table: Mapping[str, Any]) -> dict[str, Any]:
    """A spec in which a key without a value says so."""
    return {
        key: _with_none(value) if isinstance(value, Mapping) else NONE if value is None else value
        for key, value in table.items()
    }
