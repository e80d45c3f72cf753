"""What a broker has before it at the end of a run: orders for the next session, as a person places them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import backtrader as bt

from engine.asked import LIMIT_ON_CLOSE
from feeds.backtrader_feeds import FundFeed

KINDS = {
    bt.Order.Market: "market",
    bt.Order.Close: "at the close",
    bt.Order.Limit: "limit",
    bt.Order.Stop: "stop",
    bt.Order.StopLimit: "stop limit",
    bt.Order.StopTrail: "trailing stop",
    bt.Order.StopTrailLimit: "trailing stop limit",
}
PRICELESS = ("market", "at the close")
ON_CLOSE = "limit on close"


@dataclass(frozen=True)
class Scale:
    """How a feed's prices and shares become those of a person.

    last : the feed's last close. price : what a price of the feed is multiplied by; shares by its inverse.
    size : the person's money over the run's. synthetic : True if the feed's prices are a model's and nobody
    has said at which the instrument trades.
    """

    last: float
    price: float = 1.0
    size: float = 1.0
    synthetic: bool = False

    def shares(self, given: float) -> float:
        """Shares of the feed, as the person's."""
        return given * self.size / self.price


@dataclass(frozen=True)
class NextOrder:
    """An order that is in the market in the next session. Shares and prices are the person's.

    shares : or contracts, always positive. kind : one of `KINDS`, or ON_CLOSE.
    price : of a stop or limit, and what a trailing stop stands at now; None for one at the market. Where the
        entry on which it hangs has yet to be filled, and `from_fill` says how far from that fill it belongs,
        it is the price counted from the last close.
    limit : of a stop limit, once it is triggered. trail : what a trailing stop keeps from the highest high, a
        fraction or (`trail_amount`) money.
    new : sent on the last close; False for one that has been waiting, or protects what is held already.
    child : works once its entry is filled.
    move : of the price from the last close, a fraction. value : shares at the last close, in money; None of
        contracts.
    """

    instrument: str
    side: str
    shares: float
    kind: str
    price: float | None
    reason: str
    new: bool
    child: bool = False
    from_fill: float | None = None
    limit: float | None = None
    trail: float | None = None
    trail_amount: float | None = None
    move: float | None = None
    value: float | None = None
    contract: str | None = None


def last_print(feed: Any) -> float | None:
    """The last price of a feed as it was printed; None if it is a model's, at which nothing traded."""
    if not isinstance(feed, FundFeed):
        return float(feed.close[0])
    return feed.last_print() if feed.scale[0] > 0 else None


def orders_of(broker: Any, scales: Mapping[str, Scale]) -> list[NextOrder]:
    """All orders that are alive at the end of a run, those sent on its last close last."""
    return [*_of_shares(broker, scales), *_of_contracts(broker, scales)]


def _of_shares(broker: Any, scales: Mapping[str, Scale]) -> Iterator[NextOrder]:
    for order in (*broker.pending, *broker.submitted):
        size = order.executed.remsize
        if not order.alive() or not size:
            continue
        scale = scales[order.data._name]
        on_close = order.info.get(LIMIT_ON_CLOSE)
        kind = KINDS[order.exectype] if on_close is None else ON_CLOSE
        child = order.parent is not None and order.parent.alive()
        from_fill = order.info.get("from_fill") if child else None
        price = None if kind in PRICELESS else float(order.created.price if on_close is None else on_close)
        if from_fill is not None:
            price = scale.last * (1.0 + from_fill)
        elif price is not None and not math.isfinite(price):
            price = None  # a trailing stop that has yet to see a price
        amount, limit = order.trailamount, order.created.pricelimit
        shares = scale.shares(abs(size))
        yield NextOrder(
            instrument=order.data._name,
            side="buy" if order.isbuy() else "sell",
            shares=shares,
            kind=kind,
            price=None if price is None else price * scale.price,
            reason=str(order.info.get("reason") or "order"),
            new=bool(order.created.dt == order.data.datetime[0]) and (order.parent is None or child),
            child=child,
            from_fill=from_fill,
            limit=float(limit) * scale.price if limit and kind.endswith("stop limit") else None,
            trail=order.trailpercent or None,
            trail_amount=float(amount) * scale.price if amount else None,
            move=None if price is None or not scale.last else price / scale.last - 1.0,
            value=shares * scale.last * scale.price,
        )


def _of_contracts(broker: Any, scales: Mapping[str, Scale]) -> Iterator[NextOrder]:
    for order in broker.contracts.pending:
        scale = scales[order.data._name]
        yield NextOrder(
            instrument=order.data._name,
            side="buy" if order.contracts > 0 else "sell",
            shares=scale.shares(abs(order.contracts)),
            kind="market",
            price=None,
            reason=order.reason,
            new=True,
            contract=contract_words(order.contract, scale),
        )


def contract_words(contract: Any, scale: Scale) -> str:
    """A contract with its strike on the person's scale."""
    return str(replace(contract, strike=contract.strike * scale.price))


def whole(order: NextOrder) -> NextOrder:
    """The order in whole shares, rounded down, and worth that much less."""
    shares = float(math.floor(order.shares * (1.0 + 1e-9)))
    part = shares / order.shares if order.shares else 0.0
    return replace(order, shares=shares, value=None if order.value is None else order.value * part)
