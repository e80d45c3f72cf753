"""Which axes matter: the share of a metric's variance that an axis explains by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from runs.sweeps.results.ranking import Floats

if TYPE_CHECKING:
    from runs.sweeps.results.table import SweepTable

Integers = npt.NDArray[np.integer[Any]]


def eta_squared(values: Floats, group: Integers, groups: int) -> float | None:
    """Eta squared of a one-way analysis of variance: the sum of squares between groups over the whole one.

    Cells without a value (NaN) are left out. None if there are fewer than two or all are the same. On a
    sample it is somewhat too high: by about (groups − 1) / (cells − 1) for an axis that does nothing.
    Source: R. A. Fisher, Statistical Methods for Research Workers, 1925 (there: correlation ratio).
    """
    known = np.isfinite(values)
    x, g = values[known], group[known]
    if len(x) < 2 or np.ptp(x) == 0:
        return None
    x -= x.mean()
    count = np.bincount(g, minlength=groups)
    total = np.bincount(g, weights=x, minlength=groups)
    there = count > 0
    between = np.sum(total[there] ** 2 / count[there])
    return float(min(between / np.sum(np.square(x, out=x)), 1.0))


def group_medians(values: Floats, group: Integers, groups: int) -> Floats:
    """The median of each group's known values; NaN for a group without any."""
    known = np.isfinite(values)
    x, g = values[known], group[known]
    x = x[np.argsort(g, kind="stable")]
    parts = np.split(x, np.cumsum(np.bincount(g, minlength=groups))[:-1])
    return np.array([np.median(part, overwrite_input=True) if len(part) else np.nan for part in parts])


def axis_shares(table: SweepTable, values: Floats) -> list[tuple[int, float]]:
    """Place and eta squared of every varied axis, the largest first; none if the metric does not vary."""
    found = []
    for axis in table.varied:
        share = eta_squared(values, table.position(axis), table.grid.shape[axis])
        if share is not None:
            found.append((axis, share))
    return sorted(found, key=lambda item: (-item[1], item[0]))
