"""Several results in one picture, and where their specs differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from letf_instruments import LetfError
from runs.answers.closer import Line, Pane, Panes, colour_of
from runs.answers.view.shelf import Found, equity_of

START = 100.0
MOST = 12  # lines that can be told apart by their names
COLOURS = ("rule", *(colour_of(place) for place in range(5)), "index", "gain", "loss")
UNSAID = {"name"}  # of a spec: what is always another


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


def differences(results: Sequence[Found]) -> list[list[str]]:
    """The keys in which the specs differ, a row each: the key, then each result's value, empty if unset."""
    keys = sorted({key for one in results for key in one.spec} - UNSAID)
    rows = []
    for key in ("question", *keys):
        values = [one.question if key == "question" else one.spec.get(key, "") for one in results]
        if len(set(values)) > 1:
            rows.append([key, *values])
    return rows
