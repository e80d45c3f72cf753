"""What `letf walkforward` measures of its windows: numbers, without a word."""

from __future__ import annotations

from typing import Any

import numpy as np

from runs.backtest.metrics import night_rates
from runs.robustness.walk_forward.study import Step, WalkForward


def walk_metrics(found: WalkForward) -> dict[str, Any]:
    """One flat dict. `out_` is of the windows put together, `hindsight_` of the one cell that was best on all
    of them, `hold_` of what is bought and kept; `in_` are means over the windows' trainings, each weighted by
    the sessions that it was traded for."""
    train, test, gap = found.lengths
    out: dict[str, Any] = {
        "windows": len(found.steps),
        "train": train,
        "test": test,
        "gap": gap,
        "anchored": found.anchored,
        "by": found.by,
        "choose": found.how,
        "cells": found.job.size,
        "first": str(found.test[0]),
        "last": str(found.test[-1]),
        "simulated": found.setting.simulated,
    }
    out |= {f"out_{key}": value for key, value in found.measured(found.equity).items()}
    out |= {f"hindsight_{key}": value for key, value in found.measured(found.hindsight).items()}
    for name, values in found.held.items():
        out |= {f"hold_{name}_{key}": value for key, value in found.measured(values).items()}
    for key in dict.fromkeys(("cagr", "sharpe", found.by)):
        out[f"in_{key}"] = mean_of(found, [step.inside[key] for step in found.steps])
        out[f"out_{key}_mean"] = mean_of(found, [step.outside[key] for step in found.steps])
    inside = out["in_cagr"]
    out["efficiency"] = out["out_cagr"] / inside if inside is not None and inside > 0 else None
    gains = [window_return(found, step) for step in found.steps]
    index = [window_return(found, step, "index") for step in found.steps]
    out["windows_gained"] = float(np.mean(np.array(gains) > 0))
    out["windows_beat_index"] = float(np.mean(np.array(gains) > np.array(index)))
    out["closing_costs"] = float(sum(step.closing for step in found.steps))
    out["trades"] = sum(int(step.outside["trades"] or 0) for step in found.steps)
    out["different_choices"] = len({step.choice.cell for step in found.steps})
    for key, changed, steps in axis_changes(found):
        out[f"changed_{key}"], out[f"steps_{key}"] = changed, steps
    return out


def mean_of(found: WalkForward, values: list[Any]) -> float | None:
    """Weighted by the sessions of each test; over those that are known, None if none is."""
    known = [
        (float(value), step.window.test_last - step.window.test_first + 1)
        for value, step in zip(values, found.steps, strict=True)
        if value is not None
    ]
    if not known:
        return None
    worth, weights = np.array(known).T
    return float((worth * weights).sum() / weights.sum())


def window_return(found: WalkForward, step: Step, name: str | None = None) -> float:
    """What was made in a window, after what it cost to end it; of what is held, if that is named."""
    own = (found.equity if name is None else found.held[name])[found.part(step)]
    return float(own[-1] / own[0] - 1.0)


def beat_cash(found: WalkForward) -> float:
    """The share of the windows in which more was made than the short rate gave: a gain alone may be what idle
    cash earned."""
    accrued = night_rates(found.test, found.setting.rate.on(found.test))
    better = []
    for step in found.steps:
        own = found.part(step)
        cash = float(np.prod(1.0 + accrued[own.start : own.stop - 1])) - 1.0
        better.append(window_return(found, step) > cash)
    return float(np.mean(better))


def axis_changes(found: WalkForward) -> list[tuple[str, int, float | None]]:
    """By axis of more than one value: in how many windows the choice differs from that of the window before,
    and by how many steps it does then on average; None where values have no order or it never does."""
    places = np.array([found.place(step.choice.cell) for step in found.steps])
    out: list[tuple[str, int, float | None]] = []
    for i, axis in enumerate(found.job.grid.axes):
        if len(axis.values) < 2:
            continue
        moved = np.abs(np.diff(places[:, i]))
        changed = int(np.count_nonzero(moved))
        out.append(
            (axis.key, changed, float(moved[moved > 0].mean()) if changed and axis.is_ordered else None)
        )
    return out


def interest_earned(found: WalkForward) -> float:
    """What idle cash earned in all windows, in money."""
    return float(sum(float(step.outside["interest_earned"] or 0.0) for step in found.steps))
