"""What is held at the last close, and what of the plan ends it without being an order in the market."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np

from analyzers.trades import OPEN
from feeds.market import Market
from runs.backtest.setting import Setting
from runs.studies.today.holdings import Owned
from runs.studies.today.orders import NextOrder, Scale, contract_words
from strategies import AllocationRule, TradeStrategy
from strategies.held import HeldTrade, Overdue


@dataclass(frozen=True)
class Position:
    """What is held at the last close, in the person's shares and prices (contracts, for an option).

    price : at which it was entered, None where that is not known. bars : of it, that of its entry included.
    """

    instrument: str
    shares: float
    price: float | None
    since: datetime.date | None
    bars: int | None
    last: float | None
    value: float

    @property
    def gain(self) -> float | None:
        """Of the last close over the entry's price, a fraction, signed for the holder."""
        if self.price is None or self.last is None:
            return None
        change = self.last / self.price - 1.0
        return change if self.shares > 0 else -change


@dataclass(frozen=True)
class Door:
    """A door of the plan that is no order in the market: a level of the index, or closes that are left."""

    name: str
    level: float | None = None
    move: float | None = None
    closes: int | None = None


@dataclass(frozen=True)
class Weight:
    """A target weight (None where it is not known) and what there is of it, as shares of equity."""

    instrument: str
    target: float | None
    actual: float


def late_sale(overdue: Overdue, strategy: HeldTrade, scales: dict[str, Scale]) -> NextOrder:
    """The sale of what the plan has left already."""
    assert strategy.holding is not None
    scale = scales[strategy.holding.instrument]
    shares = scale.shares(strategy.holding.size)
    return NextOrder(
        instrument=strategy.holding.instrument,
        side="sell",
        shares=shares,
        kind="market",
        price=None,
        reason=f"{overdue.reason}, overdue since {overdue.day}",
        new=True,
        value=shares * scale.last * scale.price,
    )


def positions_of(
    lab: Any, strategy: Any, scales: dict[str, Scale], holding: tuple[Owned, ...] | None
) -> list[Position]:
    opened = {trade.instrument: trade for trade in strategy.analyzers[-1].trades if trade.exit_reason == OPEN}
    mine = {each.instrument.upper(): each for each in holding or ()}
    days = lab.datas[0].lines.datetime.array
    found = []
    for data in lab.datas:
        scale, size = scales[data._name], lab.broker.getposition(data).size
        owned = mine.get(data._name.upper())
        late = owned is not None and not size  # the plan has left it, the person has not
        if not size and not late:
            continue
        last = scale.last * scale.price
        shares = owned.shares if owned is not None else scale.shares(size)
        if owned is not None:
            price, since = owned.price, owned.since
        else:
            trade = opened[data._name]
            price, since = trade.entry_price * scale.price, trade.entry_date.astype("datetime64[D]").item()
        bars = None
        if since is not None:
            sessions = np.floor(np.array(days[: len(data)])).astype(int)
            bars = int((sessions >= since.toordinal()).sum())
        found.append(Position(data._name, shares, price, since, bars, last, shares * last))
    for contract, (number, worth) in lab.broker.contracts.positions().items():
        scale = scales[contract.underlying]
        name, shares = contract_words(contract, scale), scale.shares(number)
        found.append(Position(name, shares, None, None, None, None, worth * scale.size))
    return found


def doors_of(strategy: TradeStrategy, setting: Setting) -> list[Door]:
    """What else can end the trade, or keeps the next one away."""
    close, found = float(setting.bars.close[-1]), []
    held = bool(strategy.broker.getposition(strategy.instrument).size)
    if (held or strategy.entering) and not strategy.leaving:
        if np.isfinite(strategy.rebound):
            found.append(Door("rebound", level=strategy.rebound, move=strategy.rebound / close - 1.0))
        longest = strategy.terms.max_bars
        if longest is not None:
            found.append(Door("longest holding", closes=longest - (strategy.bars_held if held else 0)))
    elif not held and strategy.bars_to_wait:
        found.append(Door("cooldown", closes=strategy.bars_to_wait))
    return found


def weights_of(strategy: Any, rule: AllocationRule, lab: Any, market: Market) -> list[Weight]:
    targets, equity = rule.checked_targets(market), lab.broker.getvalue()
    found = []
    for data, name in zip(strategy.instruments, rule.instruments, strict=True):
        target = float(targets.weights[name][-1])
        worth = lab.broker.getposition(data).size * data.close[0]
        actual = worth / equity if equity > 0 else 0.0
        found.append(Weight(data._name, None if np.isnan(target) else target, actual))
    return found
