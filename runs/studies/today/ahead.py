"""What the next close would decide: the rule and its plan asked about a bar that has yet to come.

The bar opens at the last close of the index and goes straight to a new one. Funds follow it by their own
arithmetic, with the carry of the days between; other assets stay where they are; volumes are those of the
last bar. What waits is filled at that open, without costs. The rule is asked as a run asks it, on all bars
and this one, and the strategy that ran decides what becomes of it, so that rules of one's own need say
nothing more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import backtrader as bt
import numpy as np

from engine.urgency import STOPS
from feeds.backtrader_feeds import FundFeed
from feeds.market import Market, Prices
from letf_instruments import synthesize
from letf_instruments.sizes import SMALLEST_TRADE
from runs.backtest.setting import Setting
from strategies import (
    AllocationRule,
    AllocationStrategy,
    OptionRule,
    OptionSignals,
    OptionStrategy,
    Rule,
    Signals,
    Targets,
    TradeRule,
    TradeStrategy,
)

REACH = 0.2  # of the last close: how far the next one is looked for
STEP = 0.005  # of it: what is narrower may be missed
EXACT = 1e-8  # of it: how near the close is found at which an answer changes
NOTHING = "nothing"
PROTECTIVE = (*STOPS, bt.Order.Limit)
COLUMNS = ("open", "high", "low", "close")


@dataclass(frozen=True)
class Condition:
    """A condition of a rule on one bar. `kind` is entry, vote, enough, exit or state; `key` is what the rule
    calls it."""

    kind: str
    key: str
    holds: bool


@dataclass(frozen=True)
class Outlook:
    """What holds at a close, and what is done about it, in words."""

    conditions: tuple[Condition, ...]
    does: str


@dataclass(frozen=True)
class Stretch:
    """Closes of the index, as fractions of the last one, for which the outlook is the same; None is beyond
    reach."""

    low: float | None
    high: float | None
    outlook: Outlook


def said_by(rule: Rule, market: Market) -> Any:
    """What a rule says on a market, that may begin before the run: its signals or targets."""
    if isinstance(rule, AllocationRule):
        return rule.checked_targets(market)
    assert isinstance(rule, (TradeRule, OptionRule))
    return rule.checked_signals(market)


def conditions_in(signals: Any) -> list[tuple[str, str, np.ndarray]]:
    """Kind, name and where it holds, for every condition of signals or targets: entry conditions and filters,
    votes, whether there are enough of them, exits, states."""
    if isinstance(signals, Targets):
        return [("state", name, holds) for name, holds in signals.states.items()]
    rows = [("entry", name, holds) for name, holds in signals.entry.items()]
    if isinstance(signals, Signals) and signals.needed:
        rows += [("vote", name, holds) for name, holds in signals.votes.items()]
        words = f"at least {signals.needed} of the {len(signals.votes)} confirmations"
        rows.append(("enough", words, signals.vote_count() >= signals.needed))
    rows += [("exit", name, holds) for name, holds in signals.exit.items()]
    other = getattr(signals, "other", None)
    return rows if other is None else [*rows, *conditions_in(other)]


class Ahead:
    """The bar after the last, for any close.

    Parameters
    ----------
    setting : the market of the run. lab, strategy : finished. market : what the rule saw, from before the run
        on. session : of the bar to come.
    """

    def __init__(
        self, setting: Setting, rule: Rule, lab: Any, strategy: Any, market: Market, session: np.datetime64
    ) -> None:
        self.rule, self.strategy, self.broker = rule, strategy, lab.broker
        self.last = float(market.index.close[-1])
        self._market, self._session = market, session
        self._feeds = {data._name: data for data in lab.datas}
        self._index = lab.datas[0]
        self._swapped = 1.0 if setting.bars.swapped is None else float(setting.bars.swapped[-1])
        self._known: dict[float, Outlook] = {}
        self._decide = self._way()

    def _way(self) -> Callable[[Market, Any], str]:
        ways = ((TradeStrategy, self._trade), (AllocationStrategy, self._weights))
        return next((way for kind, way in ways if isinstance(self.strategy, kind)), self._options)

    # -- the bar ---------------------------------------------------------------------------------

    def market(self, move: float) -> Market:
        """All bars and the one to come, whose close is so much of the last."""
        market, close = self._market, self.last * move
        return Market(
            np.append(market.timestamps, self._session.astype(market.timestamps.dtype)),
            _longer(market.index, *_straight(self.last, close)),
            {name: _longer(own, *self._fund_bar(name, own, close)) for name, own in market.funds.items()},
            {name: _longer(own, *[own.close[-1]] * 4) for name, own in market.assets.items()},
            market.events,
            market.lead,
        )

    def _fund_bar(self, name: str, own: Prices, close: float) -> list[float]:
        """Open, high, low and close of a fund, on the scale of its last close."""
        feed = self._feeds[name]
        assert isinstance(feed, FundFeed)
        nav = float(own.close[-1])
        if nav <= 0:
            return [0.0] * 4
        sessions = np.array([self._market.sessions[-1], self._session])
        bars = np.array([[self.last] * 4, _straight(self.last, close)]) * self._swapped
        if feed.index is not self._index:  # one of its own, which stays where it is as any asset
            bars = np.ones((2, 4))
        ledger = synthesize(feed.fund, sessions, *bars.T, feed.short_rate.on(sessions), nav)
        return [float(getattr(ledger, column)[-1]) for column in COLUMNS]

    def _traded(self, market: Market, data: Any, column: str = "close") -> float:
        """A price of the bar to come on the scale of the feed's orders."""
        factor = float(data.factor[0]) if getattr(data, "may_split", False) else 1.0
        return float(getattr(market[data._name], column)[-1]) * factor

    # -- what it decides -------------------------------------------------------------------------

    def at(self, move: float) -> Outlook:
        """What holds and is decided at a close of so much of the last."""
        if move not in self._known:
            market = self.market(move)
            said = said_by(self.rule, market)
            rows = conditions_in(said)
            holds = tuple(Condition(kind, name, bool(on[-1])) for kind, name, on in rows)
            self._known[move] = Outlook(holds, self._decide(market, said))
        return self._known[move]

    def stretches(self) -> list[Stretch]:
        """All closes within reach, from the lowest on, by what they decide."""
        grid = 1.0 + np.linspace(-REACH, REACH, round(2 * REACH / STEP) + 1)
        edges: list[float] = []
        for low, high in zip(grid[:-1].tolist(), grid[1:].tolist(), strict=True):
            edges += self._edges(low, high)
        bounds = [None, *edges, None]
        found = []
        for low, high in pairwise(bounds):
            inside = ((low or 1.0 - REACH) + (high or 1.0 + REACH)) / 2
            found.append(Stretch(low, high, self.at(inside)))
        return found

    def _edges(self, low: float, high: float) -> list[float]:
        """Where the answer changes between two closes, each to `EXACT`."""
        if self.at(low) == self.at(high):
            return []
        below, above = low, high
        while above - below > EXACT:
            middle = (below + above) / 2
            if self.at(middle) == self.at(low):
                below = middle
            else:
                above = middle
        return [(below + above) / 2, *self._edges(above, high)]

    def _trade(self, market: Market, signals: Signals) -> str:
        strategy = self.strategy
        data, plan = strategy.instrument, self.rule.plan
        close = self._traded(market, data)
        done = []
        held = bool(self.broker.getposition(data).size)
        leaves = strategy.leaving and held
        free = strategy.bars_to_wait <= 1
        if (held and not leaves) or strategy.entering:
            sold = self._sold_within(market, data)
            if sold is None:
                bars = 1 if strategy.entering else strategy.bars_held + 1
                code = int(signals.exit_codes()[-1])
                reason = strategy.reason_to_leave(code, float(market.index.close[-1]), close, bars)
                return NOTHING if reason is None else f"sell {data._name}: {reason}"
            done.append(sold)
            leaves = True
        if leaves:
            free = plan.cooldown == 0
        factor = float(data.factor[0]) if getattr(data, "may_split", False) else 1.0
        stop = float(signals.levels[plan.stop][-1]) * factor if isinstance(plan.stop, str) else np.nan
        if free and bool(signals.enters()[-1]) and close > 0 and strategy.can_be_sized(close, stop):
            done.append(f"buy {data._name}")
        return ", then ".join(done) or NOTHING

    def _sold_within(self, market: Market, data: Any) -> str | None:
        """The order that sells within the bar, on its straight way from open to close."""
        start, low, high = (self._traded(market, data, column) for column in ("open", "low", "high"))
        met: list[tuple[float, str]] = []  # how far on the way, and which
        for order in (*self.broker.pending, *self.broker.submitted):
            if order.data is not data or order.exectype not in PROTECTIVE:
                continue
            price, from_fill = order.created.price, order.info.get("from_fill")
            if self.strategy.entering and from_fill is not None:
                price = start * (1.0 + from_fill)
            if price >= low if order.exectype in STOPS else price <= high:
                met.append((abs(price - start), str(order.info["reason"])))
        return f"{min(met)[1]} sells {data._name}" if met else None

    def _weights(self, market: Market, targets: Targets) -> str:
        strategy, broker = self.strategy, self.broker
        weights = [float(targets.weights[name][-1]) for name in self.rule.instruments]
        if any(np.isnan(weights)):
            return NOTHING
        datas = strategy.instruments
        names = [data._name for data in datas]
        held = [broker.getposition(data).size for data in datas]
        closes = [self._traded(market, data) for data in datas]
        equity = broker.getvalue()
        equity += sum(
            size * (close - data.close[0]) for data, size, close in zip(datas, held, closes, strict=True)
        )
        for order in (*broker.pending, *broker.submitted):
            size, at = order.executed.remsize, names.index(order.data._name)
            held[at] += size
            if order.exectype != bt.Order.Close:
                equity += size * (closes[at] - self._traded(market, order.data, "open"))
        if equity <= 0:
            return NOTHING
        wanted = [
            strategy.size(weight, close, equity) if close > 0 else 0.0
            for weight, close in zip(weights, closes, strict=True)
        ]
        due = strategy.is_due(self._session.item())
        cause = strategy.cause(due, weights, held, wanted, closes, equity)
        code = int(targets.state_codes()[-1])
        state = list(targets.states)[code - 1] if code else ""
        parts = [
            f"{'buy' if want > have else 'sell'} {data._name}: "
            f"{strategy.reason(data, cause, state, have, want)}"
            for data, have, want, close in zip(datas, held, wanted, closes, strict=True)
            if cause is not None
            and want != have
            # As the strategy has it: what is no longer wanted is sold, however little it is.
            and (want == 0 or abs(want - have) * close >= SMALLEST_TRADE * equity)
        ]
        return ", ".join(parts) or NOTHING

    def _options(self, _: Market, signals: OptionSignals) -> str:
        strategy = self.strategy
        assert isinstance(strategy, OptionStrategy)
        selling = any(order.contracts < 0 for order in self.broker.contracts.pending)
        if strategy.holds and not selling:
            day = int(self._session.astype("datetime64[D]").astype(np.int64))
            reason = strategy.reason_to_leave(int(signals.exit_codes()[-1]), day)
            return NOTHING if reason is None else f"sell the options: {reason}"
        return f"buy {self.rule.plan.kind}s" if bool(signals.enters()[-1]) else NOTHING


def _straight(start: float, end: float) -> list[float]:
    """Open, high, low and close of a bar that goes straight from one price to the other."""
    return [start, max(start, end), min(start, end), end]


def _longer(own: Prices, *bar: float) -> Prices:
    """Prices and a bar more, whose volume is that of the last."""
    columns = {name: np.append(getattr(own, name), value) for name, value in zip(COLUMNS, bar, strict=True)}
    return replace(own, **columns, volume=np.append(own.volume, own.volume[-1]))
