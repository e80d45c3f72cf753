"""Whether a series with one value a date covers a run: where it begins, where it has a hole, where it ends.

The last value holds until the next, so a hole is filled without a trace. What a hole is follows from the
series itself: a step between two of its dates is one if it is longer than 10 days and longer than 1.5 × the
usual steps before and after it, which are the medians of the ten on either side. Then a daily series has none
over a long weekend, nor a weekly, monthly or quarterly one between its dates, nor one that became daily
where it did; and one missing value is a hole in all but the daily ones. The end is judged in the same way,
as a step from the last date to the end of the run.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from letf_instruments import DataError

STALE_DAYS = 10  # a daily series that pauses or ends for this long is out of date
LONGER = 1.5  # times the usual step
AROUND = 10  # steps to either side
LISTED = 3


def covering(
    what: str,
    days: npt.NDArray[np.datetime64],
    values: npt.NDArray[np.float64],
    first: np.datetime64,
    last: np.datetime64,
    otherwise: str = "",
) -> list[str]:
    """Check that a series reaches from `first` to `last`; returns warnings of holes and of a stale end.

    Parameters
    ----------
    what : the series in words, to begin a sentence with.
    days : datetime64[D] rising strictly, shape (m,). values : fractions, shape (m,).
    otherwise : what else can be done about a series that starts late, after "start the run later".

    Raises
    ------
    DataError
        If it starts after `first`.
    """
    days = days.astype("datetime64[D]")
    first, last = np.datetime64(first, "D"), np.datetime64(last, "D")
    if first < days[0]:
        raise DataError(
            f"{what} starts on {days[0]} but the index on {first}; start the run later{otherwise}"
        )
    steps = np.diff(days).astype(np.int64)
    inside = (days[1:] > first) & (days[:-1] < last)
    holes = [i for i in np.flatnonzero(inside & (steps > STALE_DAYS)).tolist() if _is_hole(steps, i)]
    said = [
        f"{what} has no value between {days[i]} and {days[i + 1]}; {100 * values[i]:.4g} % is carried over "
        f"{steps[i]:,} days"
        for i in holes[:LISTED]
    ]
    if len(holes) > LISTED:
        said.append(f"{what} has {len(holes) - LISTED:,} more such holes, the last from {days[holes[-1]]} on")
    late = int((last - days[-1]).astype(int))
    if late > max(STALE_DAYS, LONGER * _usual(steps[-AROUND:])):
        value = f"{100 * values[-1]:.4g} %"
        said.append(f"{what} ends on {days[-1]}; its last value, {value}, is carried {late:,} days on")
    return said


def _is_hole(steps: npt.NDArray[np.int64], i: int) -> bool:
    sides = (steps[max(i - AROUND, 0) : i], steps[i + 1 : i + 1 + AROUND])
    return bool(steps[i] > LONGER * max(_usual(side) for side in sides))


def _usual(steps: npt.NDArray[np.int64]) -> float:
    """The median of some steps; 0 days if there are none."""
    return float(np.median(steps)) if len(steps) else 0.0
