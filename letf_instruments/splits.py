"""Splits: what turns a fund's continuous NAV into the price at which it trades.

A synthetic fund's NAV is continuous: it starts at 100 and runs on, to 1e-7 for a bear fund in thirty good
years. Its issuer would not let it: below some dollars it makes one share of ten (a reverse split), above
some hundreds fifteen of one. The price as traded is NAV × factor; the factor changes on ex-dates only.

A policy is asked once a session, before its open, with what is known then: the prior close as traded.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from letf_instruments.errors import FactError, SpecError
from letf_instruments.fund import LeveragedFund
from letf_instruments.tables import rows

Floats = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]

# The ratios of the fact table. Others happen; an issuer has no need of them.
REVERSE = (4, 5, 10, 12, 20)  # old shares for a new one
FORWARD = (2, 3, 4, 15)  # new shares for an old one


class Ratio(NamedTuple):
    """New shares for old ones: 1 for 10 is a reverse split."""

    new: int
    old: int

    @property
    def size(self) -> float:
        """New shares for each old one."""
        return self.new / self.old

    def __str__(self) -> str:
        return f"{self.new}:{self.old}"


NO_SPLIT = Ratio(1, 1)
Decide = Callable[["np.datetime64 | None", np.datetime64, float], Ratio]


class SplitPolicy(ABC):
    """When a fund splits, and how."""

    @abstractmethod
    def begin(self) -> Decide:
        """What is asked before each session's open: a function of the prior session's date (None before
        the first), the session's own, and the prior close as traded (NaN before the first)."""


@dataclass(frozen=True)
class ActualSplits(SplitPolicy):
    """Splits that happened, on the first session on or after their ex-dates; those before the first session
    are past.

    Parameters
    ----------
    ex_dates : datetime64[D], rising.
    ratios : as many.
    """

    ex_dates: tuple[np.datetime64, ...]
    ratios: tuple[Ratio, ...]

    @classmethod
    def of(cls, ticker: str) -> ActualSplits:
        """The splits of a real fund, from the fact table.

        Raises
        ------
        FactError
            If the table has none of it: a fund that never split cannot be told from one that is not kept.
        """
        own = sorted((r for r in rows("splits") if r["ticker"] == ticker), key=lambda r: r["ex_date"])
        if not own:
            kept = ", ".join(dict.fromkeys(r["ticker"] for r in rows("splits")))
            raise FactError(
                f"no splits of {ticker} are in the fact table, which has those of {kept}; "
                'splits = "issuer" follows an issuer\'s habit'
            )
        return cls(
            tuple(np.datetime64(r["ex_date"], "D") for r in own),
            tuple(Ratio(int(r["new_shares"]), int(r["old_shares"])) for r in own),
        )

    def begin(self) -> Decide:
        due = list(zip(self.ex_dates, self.ratios, strict=True))

        def decide(before: np.datetime64 | None, day: np.datetime64, close: float) -> Ratio:
            new = old = 1
            while due and due[0][0] <= day:
                date, ratio = due.pop(0)
                if before is not None and date > before:
                    new, old = new * ratio.new, old * ratio.old
            return Ratio(new, old)

        return decide


@dataclass(frozen=True)
class IssuerSplits(SplitPolicy):
    """An issuer's habit, for a fund that never was.

    Decided at a close, once closes have stayed below `low` (or above `high`) for `sessions` in a row; the
    ratio is the one of the fact table that brings that close nearest to `target`; effective `notice`
    sessions later, as issuers announce some two weeks ahead.

    The defaults are read off the splits of SOXS and SOXL (facts/splits.csv). SOXS closed at 5.14, 3.63,
    3.49, 1.93 and 4.28 before its last five with a known price, and opened at 50, 43, 36, 40 and 41. SOXL
    was split at 146 (2015, 4:1, to 37) and at 638 (2021, 15:1, to 43), TQQQ seven times at 101 to 198.

    Parameters
    ----------
    low, high, target : prices as traded.
    sessions, notice : at least 1.

    Raises
    ------
    SpecError
        If the levels are not in order, or a number is out of bounds.
    """

    low: float = 6.0
    high: float = 150.0
    target: float = 40.0
    sessions: int = 10
    notice: int = 10

    def __post_init__(self) -> None:
        if not 0 < self.low < self.target < self.high < math.inf:
            raise SpecError(
                f"splits at {self.low:g} and {self.high:g} to {self.target:g}: the target must lie between"
            )
        for name in ("sessions", "notice"):
            if getattr(self, name) < 1:
                raise SpecError(f"splits.{name} is {getattr(self, name)}; it must be at least 1")

    def ratio(self, close: float) -> Ratio:
        """The ratio that brings a close, beyond one of the levels, nearest to the target."""
        known = [Ratio(1, n) for n in REVERSE] if close < self.target else [Ratio(n, 1) for n in FORWARD]
        return min(known, key=lambda r: abs(math.log(close * r.old / r.new / self.target)))

    def begin(self) -> Decide:
        below = above = wait = 0
        decided = NO_SPLIT

        def decide(before: np.datetime64 | None, day: np.datetime64, close: float) -> Ratio:
            nonlocal below, above, wait, decided
            if decided is NO_SPLIT:
                below = below + 1 if 0.0 < close < self.low else 0
                above = above + 1 if close > self.high else 0
                if max(below, above) < self.sessions:
                    return NO_SPLIT
                below = above = 0
                decided, wait = self.ratio(close), self.notice
            wait -= 1
            if wait:
                return NO_SPLIT
            made, decided = decided, NO_SPLIT
            return made

        return decide


NAMED = ("none", "issuer", "actual")


def split_policy(
    given: str | SplitPolicy, fund: LeveragedFund, known: Sequence[tuple[np.datetime64, Ratio]] | None = None
) -> SplitPolicy | None:
    """A policy from its name (`NAMED`) or itself; None for a continuous NAV.

    Parameters
    ----------
    known : the fund's real splits by ex-date, where they were read from its prices; else, or if there are
        none, they are those of the fact table.

    Raises
    ------
    SpecError
        If there is none of this name.
    FactError
        If the real splits are asked for and the fact table has none of the fund.
    """
    if isinstance(given, SplitPolicy):
        return given
    if given not in NAMED:
        raise SpecError(f"no splits named {given!r}; known are {', '.join(NAMED)}")
    if given == "actual" and known:
        return ActualSplits(*(tuple(column) for column in zip(*known, strict=True)))
    if given == "actual":
        return ActualSplits.of(fund.ticker) if fund.multiple != 1 else None  # an index ETF keeps its price
    return IssuerSplits() if given == "issuer" else None


class SplitTracker:
    """A policy followed bar by bar. `factor` is the price as traded over the NAV at the newest bar."""

    def __init__(self, policy: SplitPolicy | None) -> None:
        self._decide = None if policy is None else policy.begin()
        self._day: np.datetime64 | None = None
        self._nav = math.nan
        self.factor = 1.0

    def bar(self, day: np.datetime64, nav: float) -> float:
        """Take a bar of session `day` with the NAV at its close; gives new shares for each old one, other
        than 1 on the first bar of an ex-date only."""
        size = 1.0
        if self._decide is not None and day != self._day:
            ratio = self._decide(self._day, day, self._nav * self.factor)
            if ratio != NO_SPLIT:
                size = ratio.size
                self.factor = self.factor * ratio.old / ratio.new
            self._day = day
        self._nav = nav
        return size


def split_factors(policy: SplitPolicy | None, sessions: Dates, nav: Floats) -> tuple[Floats, Floats]:
    """Factor and splits of a whole history; the same bits as a `SplitTracker` fed bar by bar.

    Parameters
    ----------
    sessions : datetime64[D], shape (n,), the session of each bar.
    nav : continuous NAV at each bar's close, shape (n,).

    Returns
    -------
    factor : price as traded over NAV, shape (n,); 1 until the first split.
    split : new shares for each old one on the first bar of an ex-date, 1 elsewhere, shape (n,).
    """
    n = len(nav)
    factor, split = np.ones(n), np.ones(n)
    if policy is None or not n:
        return factor, split
    starts = np.concatenate(([0], np.flatnonzero(sessions[1:] != sessions[:-1]) + 1))
    ends = np.append(starts[1:], n)
    tracker = SplitTracker(policy)
    # Within a session nothing is decided, so its last close stands for all.
    for start, end, day, last in zip(
        starts.tolist(), ends.tolist(), sessions[starts], nav[ends - 1].tolist(), strict=True
    ):
        split[start] = tracker.bar(day, last)
        factor[start:end] = tracker.factor
    return factor, split
