"""Other values of a case's plan, costs and cash: many runs on one random market."""

from __future__ import annotations

from typing import Any

import numpy as np

from runs.specs.run_spec import RunSpec
from runs.sweeps.space.grid import Axis, Grid

AXES, VALUES = 2, 5  # of the plan, and of each
SLIPPAGE = (0.0, 7.0)  # basis points


def variations(spec: RunSpec, rng: np.random.Generator) -> Grid:
    """A grid of at most 50 cells around a spec. Some of them may be refused, by both engines alike."""
    given = spec.model_dump(exclude_unset=True).get("plan", {})
    numbers = sorted(key for key, value in given.items() if _is_number(value))
    chosen = rng.permutation(numbers)[:AXES].tolist() if numbers else []
    axes = [Axis(f"plan.{key}", _around(given[key], rng)) for key in chosen]
    if len(axes) < AXES:
        axes.append(Axis("account.cash", _around(float(spec.account.cash), rng)))
    return Grid.of([*axes, Axis("costs.slippage_bps", SLIPPAGE)])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _around(value: float, rng: np.random.Generator) -> tuple[Any, ...]:
    """A value and others near it, of its own kind, all different and rising."""
    if isinstance(value, int):
        near: list[Any] = [max(value + int(step), 1) for step in rng.integers(-3, 8, VALUES - 1)]
    else:
        near = [float(f"{value * times:.6g}") for times in rng.uniform(0.3, 1.7, VALUES - 1)]
    return tuple(sorted({value, *near}))
