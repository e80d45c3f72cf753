"""False prints: prices that nobody could trade at, found by what the bars themselves are like.

A price is measured by how far it lies beyond everything that should bound it, and that distance by the
usual range of the same series, so that no name, date or kind of instrument is written down here:

- a high or low: beyond its bar's own open and close (a stray print comes back before the close);
- an open: beyond both the close before and its own bar's close, on the same side;
- a close: beyond both the close before and the close after, on the same side (off for one bar and back);
- an adjusted close, where there is one: its ratio to the close, beyond both neighbours' ratios.

A distance is a false print where it exceeds all three of

- 5 % (`LEAST`): less wipes no fund out, and series that hardly move have no usual range to speak of;
- 8 × the median true range of the 10 bars before and the 10 after (`LOCAL`): a stormy month explains its
  lows;
- 10 × the median true range of the whole series (`GLOBAL`): a calm month does not make a crash a misprint.

The true range is that of Wilder (1978, "New Concepts in Technical Trading Systems"), in logs; medians of it
are the robust spread, which a few false prints do not move. Multiples and not percentages, because what is
possible depends on what it happens to: no index has ever halved within a day and come back, SOXL has gone
down by a third and come back (2010-05-06: 3.6 × its local and 6.9 × its global range). Of some 120,000 real
sessions of SOX, SOXX, SMH, QQQ, their ±3x funds, the VIX, the Nasdaq Composite and eight stocks since 1980,
the crashes of 1987, 2008, 2010, 2015 and 2020 among them, the farthest lows are at 5.8 × and 6.5 × (QQQ,
2015-08-24) and 5.6 × and 9.7 × (TQQQ, 2010-05-06), the farthest open at 4.7 × and 5.0 × (VIX, 1997-10-28),
the farthest close at 2.2 × and 6.7 × (NVDA, 2000-03-13). SOXX's stray low of 2010-05-06 is at 21 × and 34
×; a high times 10 at 78 × and 90 ×; an open times 1.5, on an index, at 12 × and 14 ×.

The other bars are on both sides, so this judges data and is no signal for a rule.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt

from feeds.bars import Bars

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LEAST = 0.05
LOCAL = 8.0
GLOBAL = 10.0
AROUND = 10  # bars to each side
FEWEST = 5  # other bars, without which there is no usual range

ADJUSTED = "adj_close"
UNMENDED = ("close", ADJUSTED)  # columns for which a bar has nothing to put in the place of a false price
COLUMNS = (*UNMENDED, "open", "high", "low")  # of several in a bar the first is named: the others follow


@dataclass(frozen=True, eq=False)
class FalsePrints:
    """The false prints of bars.

    bars : as they came. by_column : bars at which a column is false, rising; columns without any are left
        out.
    spread : usual true range of the bars around a bar, in logs.
    """

    bars: Bars
    by_column: dict[str, Ints]
    spread: Callable[[int], float]

    @cached_property
    def at(self) -> Ints:
        """The bars with a false price, rising."""
        none = np.zeros(0, dtype=np.int64)
        return np.unique(np.concatenate([none, *self.by_column.values()]))

    def __len__(self) -> int:
        return len(self.at)

    def within(self, start: object = None, end: object = None) -> FalsePrints:
        """Those of the sessions from `start` to `end`, both included; either may be None."""
        days = self.bars.sessions

        def kept(at: Ints) -> Ints:
            keep = np.ones(len(at), dtype=bool)
            if start is not None:
                keep &= days[at] >= np.datetime64(start, "D")
            if end is not None:
                keep &= days[at] <= np.datetime64(end, "D")
            return at[keep]

        cut = {column: kept(at) for column, at in self.by_column.items()}
        return replace(self, by_column={column: at for column, at in cut.items() if len(at)})

    def only(self, columns: tuple[str, ...]) -> FalsePrints:
        """Those of some columns."""
        return replace(self, by_column={c: at for c, at in self.by_column.items() if c in columns})

    def column(self, i: int) -> str:
        """The column that is false in bar i; of several the one that the others follow from."""
        return next(c for c in COLUMNS if c in self.by_column and i in self.by_column[c])

    def size(self, i: int) -> str:
        """How far the false price of bar i lies beyond what bounds it: "is 10 × what its open and close
        allow (142.7)"."""
        bars, column = self.bars, self.column(i)
        if column == ADJUSTED:
            sides = [float(bars.close[i] * _ratio(bars)[j]) for j in (i - 1, i + 1)]
            what = "what its neighbours' adjustments make of the close"
        elif column == "close":
            sides = [float(_before(bars, first=bars.open)[i]), float(bars.close[i + 1])]
            what = "the closes before and after"
        elif column == "open":
            sides = [float(_before(bars)[i]), float(bars.close[i])]
            what = "the close before and its own close"
        else:
            bound = max if column == "high" else min
            sides = [float(bound(bars.open[i], bars.close[i]))]
            what = "what its open and close allow"
        return (
            f"is {_times(float(getattr(bars, column)[i]), sides)} {what} ({' and '.join(map(_price, sides))})"
        )

    def sentence(self, i: int) -> str:
        """What is false in bar i and by how much, to follow upon where it is."""
        bars, column = self.bars, self.column(i)
        said = f"{column} {_price(getattr(bars, column)[i])} {self.size(i)}"
        if column == ADJUSTED or i == 0:
            return said
        usual = 100 * np.expm1(self.spread(i))
        return (
            f"{said}; the bar before ranged from {_price(bars.low[i - 1])} to {_price(bars.high[i - 1])}, "
            f"and bars around it range over {usual:.2g} %"
        )

    def mended(self) -> Bars:
        """The bars with what open and close allow in the place of each false high, low and open: the higher
        and the lower of open and close, and the close before (of the first bar, its own). Closes stay."""
        bars = self.bars
        columns = {c: np.array(getattr(bars, c)) for c in ("open", "high", "low")}
        if "open" in self.by_column:
            columns["open"][self.by_column["open"]] = _before(bars)[self.by_column["open"]]
        for column, bound in (("high", np.maximum), ("low", np.minimum)):
            at = self.by_column.get(column)
            if at is not None:
                columns[column][at] = bound(columns["open"][at], bars.close[at])
        return replace(bars, **columns) if len(self) else bars


def false_prints(bars: Bars, adjusted: bool = True) -> FalsePrints:
    """The false prints of bars, daily or intraday.

    Parameters
    ----------
    adjusted : look at the adjusted close too; rows in which it is no positive number are not looked at.
    """
    o, h, low, c = bars.open, bars.high, bars.low, bars.close

    @cache
    def ranges() -> Floats:
        before = _before(bars)
        return np.asarray(np.log(np.maximum(h, before) / np.minimum(low, before)))

    @cache
    def steps() -> Floats:
        ratio = _ratio(bars)
        return np.asarray(np.abs(np.log(ratio / _shifted(ratio, ratio[0]))))

    after = np.append(c[1:], c[-1])
    before = _before(bars)
    found = {
        "close": _beyond(_off(c, _before(bars, first=o), after), ranges),
        "open": _beyond(_off(o, before, c), ranges),
    }
    if len(found["open"]):
        o = np.array(o)
        o[found["open"]] = before[found["open"]]  # a false open does not excuse the high that is as far out
    found["high"] = _beyond(h / np.maximum(o, c), ranges)
    found["low"] = _beyond(np.minimum(o, c) / low, ranges)
    if adjusted and bars.adj_close is not None:
        ratio = _ratio(bars)
        found[ADJUSTED] = _beyond(
            _off(ratio, _shifted(ratio, ratio[0]), np.append(ratio[1:], ratio[-1])), steps
        )
    by_column = {column: at for column, at in found.items() if len(at)}
    return FalsePrints(bars, by_column, lambda i: float(_around(ranges(), np.array([i]))[0]))


def spikes(values: Floats, least: float) -> Ints:
    """Where a series of positive values is off for one value and back, by the same rule, its steps standing
    for the range of bars; `least` is the smallest such move, as a fraction."""
    steps = np.abs(np.log(values / _shifted(values, values[0])))
    off = _off(values, _shifted(values, values[0]), np.append(values[1:], values[-1]))
    return _beyond(off, lambda: steps, least)


def _off(values: Floats, one: Floats, other: Floats) -> Floats:
    """How many times a value is above both others, or below both; 1 or less if it is between them."""
    return np.asarray(np.maximum(values / np.maximum(one, other), np.minimum(one, other) / values))


def _beyond(times: Floats, spread: Callable[[], Floats], least: float = LEAST) -> Ints:
    """Where a distance, as a ratio, is beyond all three bounds. Most series have no candidate at all, and
    then the spread, which takes longer, is not asked for."""
    at = np.flatnonzero(times > 1.0 + least)
    if not len(at) or len(times) <= FEWEST:
        return at[:0]
    moved, usual = np.log(times[at]), spread()
    far = moved > GLOBAL * np.median(usual)
    at, moved = at[far], moved[far]
    return at[moved > LOCAL * _around(usual, at)] if len(at) else at


def _around(spread: Floats, at: Ints) -> Floats:
    """The median spread of the bars around each of some bars, without their own."""
    offsets = np.concatenate((np.arange(-AROUND, 0), np.arange(1, AROUND + 1)))
    places = at[:, None] + offsets
    inside = (places >= 0) & (places < len(spread))
    values = np.where(inside, spread[np.clip(places, 0, len(spread) - 1)], np.nan)
    return np.asarray(np.nanmedian(values, axis=1))


def _shifted(values: Floats, first: float) -> Floats:
    return np.concatenate(([first], values[:-1]))


def _before(bars: Bars, first: Floats | None = None) -> Floats:
    """The close before each bar; before the first its own close, or the first of another column."""
    return _shifted(bars.close, (bars.close if first is None else first)[0])


def _ratio(bars: Bars) -> Floats:
    """Adjusted close over close; the ratio before where the adjusted close is no positive number."""
    assert bars.adj_close is not None
    usable = np.isfinite(bars.adj_close) & (bars.adj_close > 0)
    if not usable.any():
        return np.ones(len(bars))
    last = np.maximum.accumulate(np.where(usable, np.arange(len(bars)), np.argmax(usable)))
    return np.asarray(bars.adj_close[last] / bars.close[last])


def _price(price: float) -> str:
    return f"{price:,.6g}"


def _times(price: float, sides: list[float]) -> str:
    """How far a price lies beyond the nearer of two: "10 ×", "44 % above", "51 % below"."""
    if price > max(sides):
        times = price / max(sides)
        return f"{times:.3g} ×" if times >= 2 else f"{100 * (times - 1):.2g} % above"
    return f"{100 * (1 - price / min(sides)):.2g} % below"
