"""The rule a step to the side: each of its numbers a little smaller and a little larger, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from letf_instruments import LetfError
from runs.backtest.setting import Setting
from runs.specs.run_spec import RunSpec
from runs.sweeps.engines.choice import choose, engine_of
from runs.sweeps.engines.job import Job
from runs.sweeps.engines.markets import Markets
from runs.sweeps.space.axes import grid_of
from runs.sweeps.space.grid import Axis, Grid

STEP = 0.2  # of a number, where no [sweep] says what lies beside it
SIZES = ("plan.fraction", "plan.amount", "plan.risk", "plan.other.fraction")  # how much, not what


@dataclass(frozen=True)
class Neighbour:
    """The rule with one number changed: its key and value, and the Sharpe ratio a year, 0 where it never
    trades or is ruined, None where it was refused: `refused` says why."""

    key: str
    value: Any
    sharpe: float | None
    refused: str | None = None


def neighbours_of(spec: RunSpec, setting: Setting, folder: Path | None) -> list[Neighbour]:
    """All of a rule's neighbours, run.

    They lie along the axes of the spec's [sweep]: the next smaller and the next larger value. Without one
    they are the numbers of its rule and plan, a fifth smaller and larger, sizes left out.
    """
    found: list[Neighbour] = []
    for key, values in _beside(spec):
        axis = Axis(key, tuple(values))
        grid = Grid((axis,))
        try:
            base = spec.with_values({})
            engine, _ = choose(base, grid, None)
            job = Job(base, grid, engine, folder)
            rows = engine_of(job, Markets(base, grid, folder, [({}, setting)])).evaluate(
                np.arange(len(values))
            )
        except LetfError as error:
            found += [Neighbour(key, value, None, str(error)) for value in values]
            continue
        for value, sharpe, refused in zip(values, rows["sharpe"], rows["refused"], strict=True):
            known = float(sharpe) if np.isfinite(sharpe) else (None if refused else 0.0)
            found.append(Neighbour(key, value, known, refused))
    return found


def _beside(spec: RunSpec) -> Iterator[tuple[str, list[Any]]]:
    """By key the values beside the spec's own."""
    resolved = spec.resolved()
    if spec.sweep:
        for axis in grid_of(spec).axes:
            if axis.rank == 0 or not axis.is_ordered:
                continue
            own = _value(resolved, axis.key)
            values = [axis.values[at] for at in axis.order if axis.values[at] is not None]
            if isinstance(own, bool) or not isinstance(own, (int, float)):
                continue
            lower, upper = [v for v in values if v < own], [v for v in values if v > own]
            near = [*lower[-1:], *upper[:1]]
            if near:
                yield axis.key, near
        return
    for table in ("rule", "plan"):
        for name, own in (resolved.get(table) or {}).items():
            key = f"{table}.{name}"
            if isinstance(own, bool) or not isinstance(own, (int, float)) or not own or key in SIZES:
                continue
            if isinstance(own, int):
                step = max(1, round(STEP * abs(own)))
                yield key, [own - step, own + step]
            else:
                yield key, [own * (1 - STEP), own * (1 + STEP)]


def _value(resolved: Any, key: str) -> Any:
    """What a resolved spec has under a key such as plan.stop."""
    for part in key.split("."):
        resolved = resolved.get(part) if isinstance(resolved, dict) else None
    return resolved
