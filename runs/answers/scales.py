"""What of a picture sets its scale, and how many points of a cloud are drawn."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from runs.answers.closer import Floats, Line, Part

FLATTENS = 20.0  # what falls so many times below the rest does not set the scale
DOTS = 1_200  # of a cloud: more are no clearer


def sets_scale(values: Floats, of: Iterable[Floats], times: float = FLATTENS, above: bool = False) -> bool:
    """True unless a line falls so many times below the lowest of those that set the scale anyhow, or, with
    `above`, rises as many times above the highest. All are above 0; NaN counts for nothing."""
    rest = list(of)
    least = min(float(np.nanmin(each)) for each in rest)
    most = max(float(np.nanmax(each)) for each in rest)
    inside = np.nanmin(values) > least / times
    return bool(inside and (not above or np.nanmax(values) < most * times))


def leaving(parts: Iterable[Part]) -> str:
    """A sentence on the lines that do not set the scale; empty where all do."""
    gone = [part.name for part in parts if isinstance(part, Line) and not part.scales]
    return f"{', '.join(gone)} may leave the scale (“fit every line”)." if gone else ""


def dots(values: Floats) -> npt.NDArray[np.int64]:
    """The places of so many points as a cloud takes, evenly over time, the lowest and the highest among them;
    shape (n,) → at the most (DOTS,). Without those that are NaN."""
    known = np.flatnonzero(~np.isnan(values))
    if len(known) <= DOTS:
        return known
    some = known[np.linspace(0, len(known) - 1, DOTS - 2).astype(int)]
    ends = known[[int(np.argmin(values[known])), int(np.argmax(values[known]))]]
    return np.unique(np.concatenate((some, ends)))
