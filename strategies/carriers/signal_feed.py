"""How signals reach backtrader: an indicator that sees no bar before it has arrived.

`once()` computes the rule's arrays over the whole history; `next()` recomputes them on what has arrived
so far. A rule that looks ahead gives different runs in the two modes, which is how it is found out.
"""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

import backtrader as bt
import numpy as np

from feeds.backtrader_feeds import FundFeed, to_stamp
from feeds.coupled_lines import Place
from feeds.events import NONE, Events
from feeds.market import Market, Prices
from feeds.session_clock import bar_ends
from letf_instruments import SpecError
from strategies.allocation_rule import AllocationRule
from strategies.plans.trade_plan import TradePlan
from strategies.trade_rule import Signals, TradeRule

SIDE_LINES = ("entry", "exit", "stop", "target", "rebound")
OTHER_LINES = tuple(f"other_{name}" for name in (*SIDE_LINES, "price", "atr"))


def market_of(datas: list[Any], n: int, events: Events = NONE) -> Market:
    """The market in the first n bars of backtrader feeds: the index first, then funds and assets. Its
    prices are continuous, whatever splits the feeds show."""

    def column(data: Any, name: str) -> np.ndarray:
        if data.lines[0].mode != data.lines[0].UnBounded:
            raise SpecError("a rule reads the whole history; run it without exactbars")
        return np.array(getattr(data.lines, name).array[:n], dtype=np.float64)

    def prices(data: Any) -> Prices:
        columns = [column(data, c) for c in ("open", "high", "low", "close", "volume")]
        multiple = data.fund.multiple if isinstance(data, FundFeed) else 1.0
        if getattr(data, "may_split", False):
            if isinstance(data, FundFeed):
                return data.prices(n)
            factor = column(data, "factor")
            columns = [*(c / factor for c in columns[:4]), columns[4] * factor]
        return Prices(data._name, multiple, *columns)

    index, *others = datas
    return Market(
        to_stamp(column(index, "datetime")),
        prices(index),
        {d._name: prices(d) for d in others if isinstance(d, FundFeed)},
        {d._name: prices(d) for d in others if not isinstance(d, FundFeed)},
        events,
    )


class CausalFeed(bt.Indicator):
    """Arrays computed from the market, as lines. Subclasses say `_arrays(market)`, one array a line."""

    lines = ()
    params = (("rule", None), ("events", NONE))

    def __init__(self) -> None:
        self.rule = self.p.rule
        self._all: list[np.ndarray] = []  # while they are being copied
        self._filled = False  # True once the lines hold all values
        self._place = Place()  # of the lines, once they have been filled at once

    def _arrays(self, market: Market) -> list[np.ndarray]:
        raise NotImplementedError

    def _upto(self, n: int) -> list[np.ndarray]:
        return self._arrays(market_of(self.datas, n, self.p.events))

    def once(self, start: int, end: int) -> None:
        if not self._filled:
            self._all, self._filled = self._upto(self.datas[0].buflen()), True
        for line, values in zip(self.lines, self._all, strict=True):
            np.frombuffer(line.array, dtype=np.float64)[start:end] = values[start:end]

    def home(self) -> None:
        if not self._place.go_home():
            super().home()
            if self._filled and self._place.couple(self.lines):
                self._all = []

    def __len__(self) -> int:
        place = self._place
        return place.count if place.lines else super().__len__()

    def advance(self, size: int = 1) -> None:
        place = self._place
        if place.lines:
            place.index += size
            place.count += size
        else:
            super().advance(size)

    def next(self) -> None:
        for line, values in zip(self.lines, self._upto(len(self.datas[0])), strict=True):
            line[0] = values[-1]


class SignalFeed(CausalFeed):
    """A `TradeRule`'s signals: `entry` (0 or 1), `exit` (0, or 1 + the reason's position), `stop`,
    `target` and `rebound` (the levels that the plan names, NaN if it names none). A rule's levels are of the
    continuous prices it sees; `stop` and `target` are as traded on their bar."""

    lines = ("entry", "exit", "stop", "target", "rebound")

    def __init__(self) -> None:
        super().__init__()
        self.exit_reasons: tuple[str, ...] = ()

    def _arrays(self, market: Market) -> list[np.ndarray]:
        rule: TradeRule = self.rule
        signals = rule.checked_signals(market)
        self.exit_reasons = tuple(signals.exit)
        return side_arrays(signals, rule.plan, len(market))

    def _upto(self, n: int) -> list[np.ndarray]:
        entry, leave, stop, target, rebound = super()._upto(n)
        factor = self._factor(self.rule.instrument, n)
        return [entry, leave, stop * factor, target * factor, rebound]

    def _factor(self, name: str, n: int) -> Any:
        """Price as traded over that of a share that is never split, of the first n bars; 1.0 for one that is
        not split."""
        for data in self.datas:
            if data._name == name and getattr(data, "may_split", False):
                return np.array(data.lines.factor.array[:n], dtype=np.float64)
        return 1.0


class OrderFeed(SignalFeed):
    """The same with what other orders than market orders at the open need: the entry's `price` and the
    average true range `atr`, both as traded; when the bar ends, in minutes of the day, and whether the
    session `ends` with it; and of the other side of a switch what there is of the first."""

    lines = ("price", "atr", "minute", "ends", *OTHER_LINES)

    def __init__(self) -> None:
        super().__init__()
        self.other_reasons: tuple[str, ...] = ()

    def _arrays(self, market: Market) -> list[np.ndarray]:
        rule: TradeRule = self.rule
        plan, n = rule.plan, len(market)
        signals, ranges = rule.checked_signals(market), rule.average_ranges(market)
        self.exit_reasons = tuple(signals.exit)
        timed = plan.leave_at not in (None, "open")
        minute, ends = bar_ends(market.timestamps) if timed else (np.zeros(n), np.zeros(n))
        first = side_arrays(signals, plan, n)
        own = [entry_prices(signals, plan, market[rule.instrument].close), ranges[0]]
        other = [np.zeros(n), np.zeros(n), *[np.full(n, np.nan)] * 5]
        if plan.other is not None and signals.other is not None:
            self.other_reasons = tuple(signals.other.exit)
            close = market[plan.other.instrument].close
            other = side_arrays(signals.other, plan.other, n)
            other += [entry_prices(signals.other, plan, close), ranges[1]]
        return [*first, *own, minute.astype(np.float64), ends.astype(np.float64), *other]

    def _upto(self, n: int) -> list[np.ndarray]:
        arrays = self._arrays(market_of(self.datas, n, self.p.events))
        names = self.rule.instruments
        for prefix, name in zip(("", "other_"), names, strict=False):
            factor = self._factor(name, n)
            for line in ("stop", "target", "price", "atr"):
                at = self._places[prefix + line]
                arrays[at] = arrays[at] * factor
        return arrays

    _places: ClassVar[dict[str, int]] = {
        name: i for i, name in enumerate((*SIDE_LINES, "price", "atr", "minute", "ends", *OTHER_LINES))
    }


def side_arrays(signals: Signals, terms: Any, n: int) -> list[np.ndarray]:
    """One side's signals and the levels that its terms name, in the order of `SIDE_LINES`."""
    nothing = np.full(n, np.nan)
    return [
        signals.enters().astype(np.float64),
        signals.exit_codes().astype(np.float64),
        signals.levels[terms.stop] if isinstance(terms.stop, str) else nothing,
        signals.levels[terms.target] if isinstance(terms.target, str) else nothing,
        signals.index_levels[terms.rebound] if terms.rebound else nothing,
    ]


def entry_prices(signals: Signals, plan: TradePlan, close: np.ndarray) -> np.ndarray:
    """The price of a limit or stop entry that each bar would send; NaN for market orders."""
    price = plan.price
    if price is None:
        return np.full(len(close), np.nan)
    return signals.levels[price] if isinstance(price, str) else close * (1.0 + price)


class TargetFeed(CausalFeed):
    """An `AllocationRule`'s targets: `state` (0, or 1 + the state's position), then `weight0`, `weight1`, …
    for the rule's instruments in their order. Made for a number of them by `target_feed`."""

    lines = ("state",)

    def __init__(self) -> None:
        super().__init__()
        self.states: tuple[str, ...] = ()

    def _arrays(self, market: Market) -> list[np.ndarray]:
        rule: AllocationRule = self.rule
        targets = rule.checked_targets(market)
        self.states = tuple(targets.states)
        return [targets.state_codes().astype(np.float64), *targets.weights.values()]


@cache
def target_feed(instruments: int) -> type[TargetFeed]:
    """The `TargetFeed` with lines for so many instruments."""
    lines = tuple(f"weight{i}" for i in range(instruments))
    return type(f"TargetFeed{instruments}", (TargetFeed,), {"lines": lines, "__module__": __name__})
