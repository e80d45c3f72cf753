"""What a compiled loop runs on: prices as traded, days, and what money costs and earns on each.

Everything here is prepared once for many cells.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from engine.cash import MONEY_MARKET_DAYS
from engine.costs import Costs
from engine.kernel.figures import STILL
from engine.kernel.measures import Market
from engine.margin import Margin
from feeds.deposits import Deposits
from letf_instruments import SpecError
from letf_instruments.compiled import compiled

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Terms:
    """What a broker asks of a cash account; the settings of `LabBroker` by the same names."""

    cash: float = 100_000.0
    whole_shares: bool = False
    cash_spread: float = 0.0
    debt_spread: float = 0.0
    margin: Margin = field(default_factory=Margin)
    recall_rate: float = 0.0
    seed: int = 0
    deposits: Deposits | None = None


@dataclass(frozen=True, eq=False)
class Instrument:
    """What can be traded: prices and volume as traded, new shares for each old one (1: no split), and what a
    share is paid before the bar's open, each of shape (n,). `multiple` is 1 for anything but a fund."""

    name: str
    multiple: float
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    split: Floats
    dividend: Floats

    @cached_property
    def has_splits(self) -> bool:
        """True if it is split on any bar."""
        return bool((self.split != 1.0).any())

    @cached_property
    def pays(self) -> bool:
        """True if it pays a dividend on any bar."""
        return bool(self.dividend.any())

    def part(self, first: int, stop: int, founded: Founded | None = None) -> Instrument:
        """Its bars from `first` to before `stop`; of a fund that is `founded` at the close of the first of
        them, on its scale, with that bar flat. The first bar pays nothing, as nothing is held into it."""
        own = slice(first, stop)
        split, dividend = self.split[own].copy(), self.dividend[own].copy()
        split[0], dividend[0] = 1.0, 0.0
        if founded is None:
            prices = (self.open[own], self.high[own], self.low[own], self.close[own], self.volume[own])
            return Instrument(self.name, self.multiple, *prices, split, dividend)
        scale = founded.scale
        opened, high, low, close = (scale * v[own] for v in (self.open, self.high, self.low, self.close))
        opened[0] = high[0] = low[0] = close[0]
        volume = founded.volume * self.volume[own]
        return Instrument(self.name, self.multiple, opened, high, low, close, volume, split, scale * dividend)


class Founded(NamedTuple):
    """A fund that a run founds anew: what its prices and its volume in shares are multiplied by."""

    scale: float
    volume: float = 1.0


class Money(NamedTuple):
    """Interest by bar, in fractions of the amount, booked before the bar's open; shape (n,) each.

    `idle` on cash, `debt` on a debt, `fee` on the value of shorts; `accrued` what the short rate itself comes
    to, over which Sharpe and Sortino are taken.

    For an account of nothing but cash: `growth` is what 1 has become by bar t, the others are sums over bars
    up to t of its return, its return squared, and the same of its return over the short rate, of the square
    of that where it is negative, and of its product with the index's tilt (`Stage.tilt`). They say in one
    step what a stretch without a position comes to; that needs a session a bar and no interest below 0
    (`skips`).
    """

    idle: Floats
    debt: Floats
    fee: Floats
    accrued: Floats
    growth: Floats
    returns: Floats
    squares: Floats
    excess: Floats
    excess_squares: Floats
    downside: Floats
    tilted: Floats
    skips: bool


@dataclass(frozen=True, eq=False)
class Stage:
    """A market as the compiled loops see it. Arrays of shape (n,), a value a bar.

    days : days since 1970-01-01, the session of the bar; rising or, within a session, equal.
    rate, borrow_fee : fractions a year, as known at the bar's session.
    index_close : the index that a rebound is measured by.
    instruments : by name, in the order of the feeds; the index is the first.
    index_held : what a share of the index held has become, by which an account is measured; None if it pays
        nothing, so that this is its close.
    """

    days: Ints
    rate: Floats
    borrow_fee: Floats
    index_close: Floats
    instruments: Mapping[str, Instrument]
    index_held: Floats | None = None

    def __len__(self) -> int:
        return len(self.days)

    def __getitem__(self, name: str) -> Instrument:
        """The instrument of that name; "index" is the first one.

        Raises
        ------
        SpecError
            If there is none.
        """
        if name in self.instruments:
            return self.instruments[name]
        if name == "index":
            return next(iter(self.instruments.values()))
        raise SpecError(f"the rule trades {name}, but there are {', '.join(self.instruments)}")

    def part(self, first: int, stop: int, founded: Mapping[str, Founded]) -> Stage:
        """The stage of a run that begins on bar `first` and ends before bar `stop`, for which these funds
        are founded at the first close. What is derived from the bars is derived from its own."""
        own = slice(first, stop)
        return replace(
            self,
            days=self.days[own],
            rate=self.rate[own],
            borrow_fee=self.borrow_fee[own],
            index_close=self.index_close[own],
            instruments={
                name: it.part(first, stop, founded.get(name)) for name, it in self.instruments.items()
            },
            index_held=None if self.index_held is None else self.index_held[own],
        )

    @cached_property
    def nights(self) -> Ints:
        """Calendar days since the prior session on the first bar of each, 0 on the others."""
        return np.diff(self.days, prepend=self.days[:1])

    @cached_property
    def last(self) -> Bools:
        """True on the last bar of each session."""
        return np.append(self.days[1:] != self.days[:-1], True)

    @cached_property
    def first(self) -> Bools:
        """True on the first bar of each session."""
        return np.append(True, self.days[1:] != self.days[:-1])

    @cached_property
    def daily(self) -> bool:
        """True if every bar is a session."""
        return bool(self.last.all())

    @cached_property
    def _against(self) -> tuple[Market, Floats]:
        held = self.index_close if self.index_held is None else self.index_held
        ends: Any = slice(None) if self.daily else np.flatnonzero(self.last)
        close, nights = held[ends], np.diff(self.days[ends])
        tilt = np.zeros(len(self))
        if (close[:-1] <= 0).any():
            return Market(math.nan, math.nan), tilt
        excess = close[1:] / close[:-1] - 1.0 - self.rate[ends][:-1] * nights / MONEY_MARKET_DAYS
        mean = float(excess.mean()) if len(excess) else 0.0
        squares = float(((excess - mean) ** 2).sum())
        if math.sqrt(squares) <= STILL:
            return Market(mean, math.nan), tilt
        tilt[slice(1, None) if self.daily else ends[1:]] = (excess - mean) / squares
        return Market(mean, math.sqrt(squares)), tilt

    @property
    def market(self) -> Market:
        """The index held, which alpha, beta and correlation are measured by."""
        return self._against[0]

    @property
    def tilt(self) -> Floats:
        """What an account's excess return of a session, times this and summed, makes its beta: the index's
        own less its mean, over the sum of their squares; at the last bar of each session but the first, else
        0."""
        return self._against[1]

    @cached_property
    def kept(self) -> dict[Hashable, Any]:
        """What was made of the stage and is wanted again."""
        return {}

    def paid(self, deposits: Deposits | None) -> tuple[Floats, Ints]:
        """What is paid in at each bar's open, shape (n,), and the first bar from each on where something is
        (n if there is none), shape (n + 1,)."""
        key = ("paid", deposits)
        if key not in self.kept:
            n = len(self)
            if deposits is None:
                self.kept[key] = (np.zeros(n), np.full(n + 1, n))
            else:
                paid = deposits.on(self.days)
                self.kept[key] = (paid, next_true(paid != 0.0))
        made: tuple[Floats, Ints] = self.kept[key]
        return made

    def money(self, cash_spread: float, debt_spread: float) -> Money:
        """What money earns and costs, for these spreads; as `LabBroker` books it."""
        key = ("money", cash_spread, debt_spread)
        if key not in self.kept:
            self.kept[key] = self._money(cash_spread, debt_spread)
        money: Money = self.kept[key]
        return money

    def _money(self, cash_spread: float, debt_spread: float) -> Money:
        years = self.nights / MONEY_MARKET_DAYS
        known, fee = np.empty(len(self)), np.empty(len(self))
        known[0] = fee[0] = 0.0
        known[1:], fee[1:] = self.rate[:-1], self.borrow_fee[:-1]
        idle = np.minimum(known, np.maximum(known - cash_spread, 0.0)) * years
        accrued = known * years
        sums = np.empty((7, len(self)))
        _sums(idle, accrued, self.tilt, sums)
        growth, returns, squares, excess, excess_squares, downside, tilted = sums
        return Money(
            idle=idle,
            debt=(known + debt_spread) * years,
            fee=fee * years,
            accrued=accrued,
            growth=growth,
            returns=returns,
            squares=squares,
            excess=excess,
            excess_squares=excess_squares,
            downside=downside,
            tilted=tilted,
            skips=self.daily and bool((idle >= 0).all()),
        )


@compiled(nogil=True)
def _sums(idle: Any, accrued: Any, tilt: Any, out: Any) -> None:
    """The running sums of `Money`, from `growth` to `tilted`, into the rows of `out`, in one pass."""
    growth, returns, squares, excess, excess_squares, downside, tilted = 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for t in range(len(idle)):
        over = idle[t] - accrued[t]
        below = min(over, 0.0)
        growth *= 1.0 + idle[t]
        returns += idle[t]
        squares += idle[t] * idle[t]
        excess += over
        excess_squares += over * over
        downside += below * below
        tilted += over * tilt[t]
        out[0, t], out[1, t], out[2, t], out[3, t] = growth, returns, squares, excess
        out[4, t], out[5, t], out[6, t] = excess_squares, downside, tilted


def next_true(flags: Bools) -> Ints:
    """From each bar on the first one whose flag is true, n if there is none; shape (n,) → (n + 1,)."""
    n = len(flags)
    at = np.where(flags, np.arange(n), n)
    return np.append(np.minimum.accumulate(at[::-1])[::-1], n).astype(np.int64)


def cost_rows(costs: list[Costs]) -> Floats:
    """Costs as the compiled loops take them, a row each."""
    from engine.kernel.arithmetic import CostNumbers

    return np.array([CostNumbers.of(each) for each in costs], dtype=np.float64)
