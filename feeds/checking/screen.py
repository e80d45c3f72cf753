"""What becomes of false prints: data with one are refused, kept as they are, or mended, and it is said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args

import numpy as np

from feeds.bars import Bars
from feeds.checking.prints import UNMENDED, FalsePrints, false_prints
from feeds.checking.stray_values import stray_fees, stray_levels, stray_rates, stray_sentence
from feeds.options.volatility import VolatilityIndex
from feeds.rates import BorrowFee, ShortRate
from letf_instruments import DataError, SpecError

OnBadPrint: TypeAlias = Literal["refuse", "keep", "close"]
CHOICES = get_args(OnBadPrint)


def _by(choice: OnBadPrint) -> str:
    """How a person chooses, in a run and elsewhere."""
    return f"--set data.on_bad_print={choice} (of a fund command, --on-bad-print {choice})"


@dataclass(frozen=True)
class Screen:
    """How data with a false print are dealt with.

    on_bad_print : "refuse" them; "keep" the price and say so; or "close": put what open and close allow in
        the place of a false high, low or open (see `FalsePrints.mended`), and say so. A false close, adjusted
        close, rate, fee or volatility has nothing that could take its place: "close" refuses it as "refuse"
        does.
    start, end : sessions that are used, both included; what lies outside is neither judged nor mended.
    why : what is said to have led to mending.

    Raises
    ------
    SpecError
        If `on_bad_print` is none of the three.
    """

    on_bad_print: OnBadPrint = "refuse"
    start: object = None
    end: object = None
    why: str = "as on_bad_print is close"

    def __post_init__(self) -> None:
        if self.on_bad_print not in CHOICES:
            raise SpecError(f"on_bad_print is {self.on_bad_print!r}; it must be 'refuse', 'keep' or 'close'")

    def narrowed(self, since: object = None, until: object = None) -> Screen:
        """The same for a part of the sessions."""
        starts = [np.datetime64(day, "D") for day in (self.start, since) if day is not None]
        ends = [np.datetime64(day, "D") for day in (self.end, until) if day is not None]
        return replace(self, start=max(starts, default=None), end=min(ends, default=None))

    def bars(self, bars: Bars, adjusted: bool = True) -> tuple[Bars, list[str]]:
        """The bars to go on with, and what there is to say of them.

        Parameters
        ----------
        adjusted : the adjusted close is used, so it is judged too.

        Raises
        ------
        DataError
            If a price is false that is not to be kept and cannot be mended.
        """
        found = false_prints(bars, adjusted).within(self.start, self.end)
        if not len(found):
            return bars, []
        if self.on_bad_print == "keep":
            return bars, [f"{_first(found)}; {_counted(found)}kept as it is, as on_bad_print is keep"]
        unmended = found.only(UNMENDED)
        if self.on_bad_print == "refuse" or len(unmended):
            raise DataError(_refusal(unmended if self.on_bad_print == "close" else found))
        by = f"what open and close allow, {self.why}"
        return found.mended(), [f"{_first(found)}; {_counted(found)}replaced by {by}"]

    def rate(self, rate: ShortRate) -> list[str]:
        """What there is to say of a short rate.

        Raises
        ------
        DataError
            If one of its values is false and not to be kept.
        """
        if rate.days is None:
            return []
        return self._series(f"short rate {rate.label}", rate.days, rate.rates, stray_rates(rate.rates))

    def borrow(self, fee: BorrowFee) -> list[str]:
        """What there is to say of a borrow fee.

        Raises
        ------
        DataError
            If one of its values is false and not to be kept.
        """
        if fee.days is None:
            return []
        return self._series(f"borrow fee {fee.label}", fee.days, fee.fees, stray_fees(fee.fees))

    def volatility(self, index: VolatilityIndex) -> list[str]:
        """What there is to say of a volatility index.

        Raises
        ------
        DataError
            If one of its levels is false and not to be kept.
        """
        return self._series(index.source, index.days, index.levels, stray_levels(index.levels))

    def _series(self, source: str, days: np.ndarray, values: np.ndarray, at: np.ndarray) -> list[str]:
        if self.start is not None:
            at = at[days[at] >= np.datetime64(self.start, "D")]  # type: ignore[arg-type]
        if self.end is not None:
            at = at[days[at] <= np.datetime64(self.end, "D")]  # type: ignore[arg-type]
        if not len(at):
            return []
        said = stray_sentence(source, days, values, at)
        if self.on_bad_print == "keep":
            return [f"{said}; kept as it is, as on_bad_print is keep"]
        raise DataError(f"{said}; mend the file, or take it as it is with {_by('keep')}")


def _first(found: FalsePrints) -> str:
    i = int(found.at[0])
    return f"{found.bars.where(i)}: {found.sentence(i)}: it looks like a false print"


def _counted(found: FalsePrints) -> str:
    return "" if len(found) == 1 else f"like {len(found) - 1:,} more bar{'s' * (len(found) > 2)}, it is "


def _refusal(found: FalsePrints) -> str:
    many = f", the first of {len(found):,} bars" if len(found) > 1 else ""
    said = f"{_first(found)}{many}"
    if found.column(int(found.at[0])) in UNMENDED:
        return (
            f"{said}, and nothing in its bar could take its place; mend the file, or take it as it is with "
            f"{_by('keep')}"
        )
    return (
        f"{said}; put what open and close allow in its place with {_by('close')}, "
        "or take it as it is with keep"
    )
