"""Splits that a file of prices shows as jumps: known ones, and ones that no table has.

A vendor's prices are adjusted for the splits that it knew of, or they are as printed, or the one up to a date
and the other from it on. So each split is looked for in the prices: where they jump by its ratio, more than
the fund's index explains, they are as printed across it, and where they do not, they were adjusted. A jump by
a whole ratio that no table knows is a split if the volume turned with it, and else a wrong scale.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from feeds.bars import Bars
from feeds.checking.checks import SPLIT_FACTOR
from letf_instruments import DataError
from letf_instruments.sessions import last_of_each
from letf_instruments.splits import Ratio

Floats = npt.NDArray[np.float64]
DatedRatio = tuple[np.datetime64, Ratio]

USUAL = (2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50)  # to one: what funds have split by, and the like
NEAR = 0.06  # of a jump, in logs, from its ratio: what a model of the day, or a night's move, leaves open
LATE = 3  # sessions by which a vendor's split may miss its date
AROUND = 10  # sessions to each side whose volume is compared
LEAST_VOLUMES = 3


@dataclass(frozen=True)
class Jump:
    """Prices from this session on are per new share, those before it per old one.

    known : a table has the split. turned : the volume turned with it; None where there is none to tell.
    compared : the index has both sessions, and does not explain the jump.
    """

    day: np.datetime64
    ratio: Ratio
    known: bool
    turned: bool | None
    before: float
    after: float
    compared: bool = False

    @property
    def is_split(self) -> bool:
        """False for a wrong scale: a jump that no table knows and the volume contradicts."""
        return self.known or self.turned is not False

    def sentence(self) -> str:
        """What it is taken for."""
        jump = f"on {self.day} the price jumps from {self.before:g} to {self.after:g}"
        if self.known:
            return f"{jump}: the split {self.ratio}, so the prices are as printed across it"
        if not self.is_split:
            return (
                f"{jump}, {self.ratio}, but no split is known and the volume did not turn with it: prices "
                "before are taken to be on a wrong scale and brought to that after it"
            )
        volume = "and the volume turned with it" if self.turned else "and there is no volume that could tell"
        index = "its index does not explain the jump" if self.compared else "the ratio is whole"
        return (
            f"{jump}: taken for a split {self.ratio}, which the fact table does not have, as {index} {volume}"
        )


def jumps(bars: Bars, multiple: float, known: Sequence[DatedRatio], index: Bars | None = None) -> list[Jump]:
    """The splits across which prices are as printed, rising by date.

    Parameters
    ----------
    multiple : of the fund. known : its splits by ex-date.
    index : what the fund follows; without it, and on sessions that it lacks, a night's own move is taken for
        none, so that unknown splits are found only where the ratio is beyond doubt.

    Raises
    ------
    DataError
        If a jump as large as a split's is of no whole ratio.
    """
    days, close, open_, volume = _by_session(bars)
    moved, explained = _unexplained(days, close, multiple, index)
    found: dict[int, Jump] = {}

    def jump(i: int, ratio: Ratio, is_known: bool) -> Jump:
        turned = _turned(volume, i + 1, ratio)
        prices = float(close[i]), float(open_[i + 1])
        return Jump(days[i + 1], ratio, is_known, turned, *prices, bool(explained[i]))

    for day, ratio in known:
        at = int(np.searchsorted(days, day))  # the first session on or after the ex-date
        if 0 < at < len(days) or (at == len(days) and day - days[-1] <= np.timedelta64(1, "D")):
            i = _shown(moved, at - 1, -math.log(ratio.size))
            if i is not None:
                found[i] = jump(i, ratio, True)
    at_open = np.log(open_[1:] / close[:-1])
    large = np.abs(moved) > math.log(SPLIT_FACTOR)
    large &= explained | ((np.abs(at_open) > math.log(SPLIT_FACTOR)) & (np.sign(at_open) == np.sign(moved)))
    for i in np.flatnonzero(large).tolist():
        if i in found:
            continue
        size = math.exp(abs(moved[i]))
        whole = min(USUAL, key=lambda n: abs(math.log(size / n)))
        if abs(math.log(size / whole)) > NEAR:
            no = "neither its index nor a whole ratio explains" if explained[i] else "no whole ratio explains"
            raise DataError(
                f"{bars.source}: on {days[i + 1]} the price jumps from {close[i]:g} to {open_[i + 1]:g}, "
                f"which {no}; mend the file, or take out what is before that date"
            )
        found[i] = jump(i, Ratio(1, whole) if moved[i] > 0 else Ratio(whole, 1), False)
    return [found[i] for i in sorted(found)]


def _by_session(bars: Bars) -> tuple[npt.NDArray[np.datetime64], Floats, Floats, Floats]:
    """Sessions, their closes, opens and volumes."""
    last = last_of_each(bars.sessions)
    first = np.concatenate(([True], last[:-1]))
    volume = np.add.reduceat(bars.volume, np.flatnonzero(first))
    return bars.sessions[last], bars.close[last], bars.open[first], volume


def _unexplained(
    days: npt.NDArray[np.datetime64], close: Floats, multiple: float, index: Bars | None
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Log moves from session to session, less those that the index explains, and on which it has both
    sessions; each of shape (n − 1,)."""
    moved: Floats = np.log(close[1:] / close[:-1])
    if index is None:
        return moved, np.zeros(len(moved), dtype=bool)
    own, level, _, _ = _by_session(index)
    at = np.clip(np.searchsorted(own, days), 0, len(own) - 1)
    there = own[at] == days
    grown = 1.0 + multiple * (level[at][1:] / level[at][:-1] - 1.0)
    explained = there[1:] & there[:-1] & (grown > 0)
    moved[explained] -= np.log(grown[explained])
    return moved, explained


def _shown(moved: Floats, at: int, expected: float) -> int | None:
    """The move that shows a known split: that of its date, or one close to it that is near its size; None if
    the prices were adjusted for it."""
    if at < len(moved) and abs(moved[at] - expected) < abs(moved[at]):
        return at
    for i in range(max(at - LATE, 0), min(at + LATE + 1, len(moved))):
        if abs(moved[i] - expected) < abs(expected) / 4:
            return i
    return None


def _turned(volume: Floats, at: int, ratio: Ratio) -> bool | None:
    """True if from a session on as many shares more are traded as there are; None if there is no telling."""
    before, after = volume[max(at - AROUND, 0) : at], volume[at : at + AROUND]
    before, after = before[before > 0], after[after > 0]
    if min(len(before), len(after)) < LEAST_VOLUMES:
        return None
    change = math.log(float(np.median(after)) / float(np.median(before)))
    return abs(change - math.log(ratio.size)) < abs(change)
