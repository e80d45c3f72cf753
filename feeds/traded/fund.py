"""A fund's own bars, read from a vendor's file: quotes without splits, dividends, and what was printed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from feeds.bars import PRICES, Bars
from feeds.checking.screen import Screen
from feeds.dividends import from_adjusted
from feeds.reading.memory import Source, source_of
from feeds.sources import load_bars
from feeds.traded.jumps import DatedRatio, Jump, jumps
from feeds.traded.likeness import likeness
from letf_instruments import DataError, LeveragedFund
from letf_instruments.splits import ActualSplits, Ratio
from letf_instruments.tables import rows
from letf_instruments.traded import Quote, TradedPrices

Floats = npt.NDArray[np.float64]
Stamps = npt.NDArray[np.datetime64]

MOST_MISSING = 0.01  # of the bars between its first and its last: beyond that it is another calendar
FEW = 2  # of a short run
PRINTED = 250  # closes that are looked at for whole cents
IN_CENTS = 0.9  # of them must be, for a price to be one that was printed
ROUNDED_DIVIDEND = 0.001  # of a price: below it, what a vendor's rounding makes of none
ROUNDED = 1e-6  # of a price: what a vendor's rounding leaves of a cent


@dataclass(frozen=True, eq=False)
class TradedFund:
    """A fund as it was traded.

    bars : its quotes in the shares of its last session, so that no split moves them, with what it paid.
    splits : those that happened, of the fact table and of the file itself, rising by date.
    unit : price as printed on its last session over the close there: 1, unless its source adjusted it for
        splits that came later.
    notes : how it was read, a sentence each.
    """

    ticker: str
    bars: Bars
    splits: tuple[DatedRatio, ...]
    unit: float = 1.0
    notes: tuple[str, ...] = field(default=(), repr=False)

    @property
    def policy(self) -> ActualSplits:
        """Its splits, as a fund's feed takes them."""
        return ActualSplits(tuple(day for day, _ in self.splits), tuple(ratio for _, ratio in self.splits))

    @property
    def pays(self) -> bool:
        """True if any dividend is known of it."""
        return self.bars.dividends is not None and bool(self.bars.dividends.any())

    @cached_property
    def printed(self) -> Floats:
        """Price as printed over `bars`, shape (n,)."""
        factor = np.full(len(self.bars), self.unit)
        for day, ratio in self.splits:
            if day <= self.bars.sessions[-1]:
                factor[self.bars.sessions < day] *= ratio.size
        return factor

    def on(self, stamps: Stamps) -> TradedPrices:
        """The quotes on the bars of an index, shape (n,), NaN where there are none. What it pays on a session
        that the index lacks is there on the next that both have.
        """
        at, there = self._found(stamps)
        columns = {c: np.where(there, getattr(self.bars, c)[at], np.nan) for c in PRICES}
        paid = np.zeros(len(stamps))
        if self.pays and self.bars.dividends is not None:
            own, quoted = self._keys(self.bars.timestamps), np.flatnonzero(there)
            on = np.searchsorted(self._keys(stamps)[quoted], own)
            inside = on < len(quoted)
            money = self.bars.dividends[inside]
            paid = np.bincount(quoted[on[inside]], weights=money, minlength=len(stamps))
        return TradedPrices(**columns, dividend=paid)

    def volume_on(self, stamps: Stamps, scale: Floats) -> Floats:
        """Volume in the shares of a ledger, of which a quote is worth `scale`; 0 where that is 0."""
        at, there = self._found(stamps)
        known = there & (scale > 0)
        return np.where(known, self.bars.volume[at] / np.where(known, scale, 1.0), 0.0)

    def shares(self, stamps: Stamps) -> bool:
        """True if any of the bars of an index have a quote."""
        return bool(self._found(stamps)[1].any())

    def first_print(self, stamps: Stamps) -> tuple[int, float]:
        """The first bar of an index that has a quote, and the close that was printed there."""
        at, there = self._found(stamps)
        first = int(np.argmax(there))
        return first, float(self.bars.close[at[first]] * self.printed[at[first]])

    def missing(self, stamps: Stamps) -> int:
        """How many bars of an index between its first and its last it lacks.

        Raises
        ------
        DataError
            If these are more than 1 %, and more than two: it is of another calendar.
        """
        lacking = ~self._found(stamps)[1] & self._inside(stamps)
        if lacking.sum() > max(MOST_MISSING * self._inside(stamps).sum(), FEW):
            raise DataError(
                f"{self.bars.source}: {lacking.sum():,} of the index's {self._inside(stamps).sum():,} bars "
                f"between its first and its last are missing from it, the first on "
                f"{str(self._keys(stamps[lacking])[0])[:16]}"
            )
        return int(lacking.sum())

    def _found(self, stamps: Stamps) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
        own, wanted = self._keys(self.bars.timestamps), self._keys(stamps)
        at = np.minimum(np.searchsorted(own, wanted), len(own) - 1)
        there = own[at] == wanted
        return at, there

    def _inside(self, stamps: Stamps) -> npt.NDArray[np.bool_]:
        own, wanted = self._keys(self.bars.timestamps), self._keys(stamps)
        return (wanted >= own[0]) & (wanted <= own[-1])

    def _keys(self, stamps: Stamps) -> Stamps:
        """Sessions of daily bars, whatever hour they are stamped with; else the moments themselves."""
        return stamps.astype("datetime64[D]" if self.bars.daily else "datetime64[us]")

    # -- bar by bar -----------------------------------------------------------------------------

    @cached_property
    def _by_key(self) -> dict[int, int]:
        return {key: i for i, key in enumerate(self._keys(self.bars.timestamps).astype(np.int64).tolist())}

    def row(self, stamp: np.datetime64) -> int | None:
        """The bar at a moment, None if there is none."""
        return self._by_key.get(int(self._keys(stamp).astype(np.int64)))

    def quote(self, row: int, since: int) -> Quote:
        """A bar's quote, with all that was paid on the bars after `since` up to it."""
        bars = self.bars
        paid = 0.0 if bars.dividends is None else float(bars.dividends[since + 1 : row + 1].sum())
        prices = (float(getattr(bars, c)[row]) for c in PRICES)
        return Quote(*prices, dividend=paid)


def read_traded(
    source: Source,
    fund: LeveragedFund,
    folder: Path | None = None,
    index: Bars | None = None,
    screen: Screen | None = None,
) -> TradedFund:
    """A fund's own bars, from a source as in `load_bars`; in memory they go by the fund's ticker.

    Parameters
    ----------
    index : what the fund follows, as it is swapped; tells a jump of the fund from a split.
    screen : how false prints are dealt with; None does not look for any.

    Raises
    ------
    DataError
        If there is no such source, its bars are refused, a jump is neither a move nor a split, a dividend is
        below 0, or it is of something else.
    """
    return traded_fund(load_bars(source_of(source, fund.ticker), folder), fund, index, screen)


def traded_fund(
    bars: Bars, fund: LeveragedFund, index: Bars | None = None, screen: Screen | None = None
) -> TradedFund:
    """The same from bars."""
    bars, said = (bars, []) if screen is None else screen.bars(bars)
    known = known_splits(fund.ticker)
    found = jumps(bars, fund.multiple, known, index)
    quotes = _without_jumps(bars, found)
    said = [*bars.notes, *said, *(f"{bars.source}: {jump.sentence()}" for jump in found if not jump.known)]
    if index is not None:
        said += likeness(quotes, fund.multiple, index)
    later = [ratio for day, ratio in known if day > bars.sessions[-1]]
    unit, how = _unit(quotes, later)
    own = [(jump.day, jump.ratio) for jump in found if jump.is_split]
    # A vendor's date stands where it shows the split; the table's where the prices are adjusted for it.
    shown = {(jump.ratio, jump.day.astype("datetime64[Y]")) for jump in found if jump.known}
    rest = [(day, ratio) for day, ratio in known if (ratio, day.astype("datetime64[Y]")) not in shown]
    splits = tuple(sorted([*own, *rest], key=lambda split: split[0]))
    return TradedFund(fund.ticker, quotes, splits, unit, (*said, *(f"{bars.source}: {h}" for h in how)))


def known_splits(ticker: str) -> list[DatedRatio]:
    """The splits of a fund that the fact table has, rising by date; none if it has none of it."""
    own = [row for row in rows("splits") if row["ticker"] == ticker]
    return sorted(
        (np.datetime64(row["ex_date"], "D"), Ratio(int(row["new_shares"]), int(row["old_shares"])))
        for row in own
    )


def _without_jumps(bars: Bars, found: Sequence[Jump]) -> Bars:
    """Quotes in the shares of the last session, with what was paid."""
    factor = np.ones(len(bars))
    for jump in found:
        factor[bars.sessions < jump.day] /= jump.ratio.size
    prices = {c: getattr(bars, c) * factor for c in PRICES}
    # What only the vendor's scale moved, no share was made of.
    shares = np.ones(len(bars))
    for jump in found:
        if jump.is_split:
            shares[bars.sessions < jump.day] *= jump.ratio.size
    paid = None
    if bars.adj_close is not None and bool((bars.adj_close != bars.close).any()):
        adjusted = min(
            (bars.adj_close, bars.adj_close * factor), key=lambda a: _roughness(a / prices["close"])
        )
        paid = from_adjusted(prices["close"], adjusted)
        odd = paid[1:] < -ROUNDED_DIVIDEND * prices["close"][:-1]
        if odd.any():
            i = int(np.argmax(odd)) + 1
            raise DataError(
                f"{bars.where(i)}: the adjusted close falls against the close, as if {-paid[i]:g} a share "
                "had been paid in; mend adj_close, or take it out"
            )
    return replace(bars, **prices, volume=bars.volume * shares, adj_close=None, dividends=paid)


def _roughness(ratio: Floats) -> float:
    return float(np.abs(np.diff(np.log(ratio))).max())


def _unit(bars: Bars, later: Sequence[Ratio]) -> tuple[float, list[str]]:
    """Price as printed on the last session over the close there, and what there is to say of it.

    A source may have adjusted its prices for splits that came after its last session. Prices are printed in
    whole cents; adjusted for a forward split they are not, and adjusted for a reverse split they are, but so
    they would be on a lower scale too. So the lowest scale of all on which they are whole cents is that of
    the print.
    """
    if not later:
        return 1.0, []
    units = [1.0, *np.cumprod([ratio.size for ratio in later]).tolist()]
    fitting = [unit for unit in units if _in_cents(bars.close[-PRINTED:] * unit)]
    if not fitting:
        return 1.0, [
            "its closes are whole cents neither as they are nor with the splits since its last session "
            "undone; they are taken as printed on that session"
        ]
    unit = min(fitting)
    if unit == 1.0:
        return unit, []
    many = math.prod(later[i].size for i in range(units.index(unit)))
    return unit, [
        f"its prices are adjusted for splits after its last session, by {1 / many:g}; that is undone"
    ]


def _in_cents(prices: Floats) -> bool:
    off = np.abs(prices - np.round(prices, 2))
    return bool((off <= np.maximum(ROUNDED * prices, 1e-9)).mean() >= IN_CENTS and prices.min() >= 0.01)
