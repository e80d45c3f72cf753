"""A backtrader broker that fills as this project states it, and keeps account of every cent.

- A decision on bar t's close is filled at bar t+1's open; nothing trades on the bar that decided it.
- Children of an entry (stop, target, trailing stop) are live from its fill, on the entry bar too, and
  are priced from the fill where their `info` says `from_fill` (a signed fraction of it).
- What the open has already passed fills at the open: a stop at that worse price, a limit to the holder's
  advantage. Otherwise each at its own price. Stop and limit inside one bar: the stop is taken; of two
  stops, the one that the price meets first.
- A trailing stop follows the highs (lows for a short) of finished bars.
- An order larger than cash or margin allows shrinks, and a note says so. Nothing vanishes silently.
- Cash that is not the proceeds of a short earns the short rate (ACT/360, the rate known at the prior
  session); a short pays its borrow fee. Margin is checked at every close, and a breach is bought in
  at the next open.

It is set by its parameters; backtrader's own ways of setting commission, slippage and cheating on close
or open are refused, because they would be ignored.
"""

from __future__ import annotations

import math
from typing import Any

import backtrader as bt

from engine.account import MARGIN_CALL, Account
from engine.allowance import DUST
from engine.costs import Charge

_STOPS = (bt.Order.Stop, bt.Order.StopLimit, bt.Order.StopTrail, bt.Order.StopTrailLimit)
_TRAILS = (bt.Order.StopTrail, bt.Order.StopTrailLimit)


def _passed_by_open(order: Any) -> bool:
    """True if the bar's open is already beyond the order's price."""
    opened, price = order.data.open[0], order.created.price
    # A stop to sell and a limit to buy wait below the market, the other two above it.
    below = order.issell() == (order.exectype in _STOPS)
    return bool(opened <= price if below else opened >= price)


def _urgency(order: Any) -> tuple[int, float, int]:
    """In which order a bar's orders are worked: as the bar would meet them, and where that is not known,
    to the holder's disadvantage. Market orders at the open, sales before the purchases they pay for;
    what the open has passed; stops, the nearest first; limits; orders for the close."""
    kind = order.exectype
    if kind == bt.Order.Market:
        if order.info.get("reason") == MARGIN_CALL:
            return 0, 2.0, order.ref  # what the owner does himself comes first
        return 0, float(order.isbuy()), order.ref
    if kind == bt.Order.Close:
        return 4, 0.0, order.ref
    price = order.created.price
    if kind in _STOPS:
        nearest = price if order.isbuy() else -price
        return (1 if _passed_by_open(order) and not _entered_after_open(order) else 2), nearest, order.ref
    if _passed_by_open(order) and not _entered_after_open(order):
        return 1, math.inf, order.ref
    return 3, 0.0, order.ref


def _entered_after_open(order: Any) -> bool:
    """True if the order protects an entry that was filled within this very bar, after its open."""
    return order.info.get("entry_bar") == len(order.data) and not order.info["entry_at_open"]


class LabBroker(Account):
    """Broker with exact costs, cash interest, margin, and protective orders that protect.

    Parameters
    ----------
    cash : money at the start.
    costs : `Costs` of every fill.
    short_rate : fraction a year or a `ShortRate`, earned by idle cash.
    whole_shares : True rounds orders down to whole shares.
    borrow_fee : fraction a year of a short position's value.
    initial_margin, maintenance_margin : equity needed to open and to keep a short, as fractions of its
        value (Regulation T: 0.5 beside the proceeds; FINRA rule 4210: 0.3).

    Attributes
    ----------
    accounts : money so far: commission, spread, slippage and borrow (costs, positive) and interest
        earned (negative if paid on a debt).
    notes : one sentence for each order that shrank or was refused, for margin calls, debts, losses
        beyond the stake, and for bars without a price.
    """

    # -- orders ----------------------------------------------------------------------------------

    def check_submitted(self) -> None:
        while self.submitted:
            order = self.submitted.popleft()
            if self._take_children(order) is not None:
                self.submit_accept(order)

    def cancel(self, order: Any, bracket: bool = False) -> bool:
        """Cancel an order, also one submitted on this very bar. False if it is no longer alive."""
        for queue in (self.pending, self.submitted):
            if order in queue:
                queue.remove(order)
                order.cancel()
                self.notify(order)
                self._ococheck(order)
                if not bracket:
                    self._bracketize(order, cancel=True)
                return True
        return False

    def _ococheck(self, order: Any) -> None:
        group = self._ocol.pop(self._ocos[order.ref], None) or ()
        for queue in (self.pending, self.submitted):
            for other in [o for o in queue if o.ref in group and o.ref != order.ref]:
                queue.remove(other)
                other.cancel()
                self.notify(other)
                self._bracketize(other, cancel=True)

    def _bracketize(self, order: Any, cancel: bool = False) -> None:
        if cancel or order.parent is not None:
            super()._bracketize(order, cancel)
            return
        children = self._pchildren[order.ref]
        children.popleft()  # the entry itself
        for child in children:
            self._fit_to_fill(child, order)
            child.activate()

    def _fit_to_fill(self, child: Any, entry: Any) -> None:
        """Size and price a child by what its entry has become."""
        fill = entry.info["filled_at"]
        child.info["entry_bar"] = entry.info["filled_bar"]
        child.info["entry_at_close"] = entry.exectype == bt.Order.Close
        child.info["entry_at_open"] = fill == entry.data.open[0] and not child.info["entry_at_close"]
        child.info["entry_price"] = fill
        asked = entry.info.get("asked_size")
        if asked:
            # A child that closes the whole entry must close it to the last bit, or dust is left over.
            whole = abs(child.size) == abs(asked)
            self._resize(child, -entry.size if whole else child.size * entry.size / asked)
        from_fill = child.info.get("from_fill")
        if from_fill is None:
            return
        if child.exectype == bt.Order.StopTrail:
            child.created.price = math.inf if child.isbuy() else -math.inf
            child.trailadjust(fill)
        else:
            child.created.price = fill * (1.0 + from_fill)

    @staticmethod
    def _resize(order: Any, size: float) -> None:
        order.size = size
        order.created.size = order.created.remsize = size
        order.executed.remsize = size

    def _work_orders(self) -> None:
        seen: set[int] = set()
        while True:
            # An entry's children become active while its bar is worked on, hence another round.
            ready = [o for o in self.pending if o.active() and o.ref not in seen]
            if not ready:
                break
            order = min(ready, key=_urgency) if len(ready) > 1 else ready[0]
            seen.add(order.ref)
            self.pending.remove(order)
            if order.expire():
                self.notify(order)
                self._ococheck(order)
                self._bracketize(order, cancel=True)
                continue
            self._try_exec(order)
            if order.alive():
                self.pending.append(order)
            elif order.status == order.Completed:
                self._bracketize(order)

    # -- fills -----------------------------------------------------------------------------------

    def _try_exec(self, order: Any) -> None:
        data = order.data
        high, low, close = data.high[0], data.low[0], data.close[0]
        if not math.isfinite(data.open[0] + high + low + close):
            return
        kind, price = order.exectype, order.created.price
        if kind == bt.Order.Stop and (high < price if order.isbuy() else low > price):
            return  # not reached; most bars of most stops
        if kind == bt.Order.Limit and (low > price if order.isbuy() else high < price):
            return
        if not _entered_after_open(order):
            super()._try_exec(order)
            if kind in _TRAILS and order.alive():
                order.trailadjust(low if order.isbuy() else high)
        elif not order.info["entry_at_close"]:
            # A stop may still be hit before the close; whether the rest of the bar's range came before
            # or after the entry is not known, so no gain is taken from it, nor a trailing stop raised.
            if kind in (bt.Order.Stop, bt.Order.StopTrail):
                self._try_exec_stop(order, order.info["entry_price"], high, low, price, close)
            if kind in _TRAILS and order.alive():
                order.trailadjust(close)

    def _execute(
        self,
        order: Any,
        ago: int | None = None,
        price: float | None = None,
        cash: float | None = None,
        position: Any = None,
        dtcoc: float | None = None,
    ) -> None:
        if price is None or ago is None:
            return
        data = order.data
        position = self.positions[data]
        asked = order.executed.remsize
        if order.info.get("reason") == MARGIN_CALL:
            asked = min(asked, max(-position.size, 0.0))  # the owner may have bought some back himself
            if asked == 0:
                order.cancel()
                self.notify(order)
                return
        size = self.allowance.size(asked, position.size, price, self.cash, self._short_value(but=data))
        if abs(asked - size) > DUST * abs(asked):
            self._say_shrunk(order, asked, size, price)
            if size == 0:
                order.margin()
                self.notify(order)
                self._ococheck(order)
                self._bracketize(order, cancel=True)
                return
        if size != order.executed.remsize:
            order.info["asked_size"] = order.executed.remsize
            self._resize(order, size)
        self._book(order, size, price, ago)

    def _book(self, order: Any, size: float, price: float, ago: int) -> None:
        """Enter a fill in position, cash, accounts and the order itself."""
        data = order.data
        position = self.positions[data]
        order.info["filled_at"] = price  # executed.price is an average, off by a rounding error
        order.info["filled_bar"] = len(data) + ago
        self._closes[data] = price
        charge = self.p.costs.charge(size, price)
        entry_price = position.price
        psize, pprice, opened, closed = position.update(size, price, data.datetime.datetime(0))
        self.cash -= size * price + charge.total
        for account, money in zip(Charge._fields, charge, strict=True):
            self.accounts[account] += money
        share_closed = closed / size
        order.execute(
            data.datetime[ago],
            size,
            price,
            closed,
            -closed * entry_price,
            charge.total * share_closed,
            opened,
            opened * price,
            charge.total * (1.0 - share_closed),
            None,
            -closed * (price - entry_price),
            psize,
            pprice,
        )
        order.addcomminfo(self.getcommissioninfo(data))
        self.notify(order)
        self._ococheck(order)

    def _say_shrunk(self, order: Any, asked: float, size: float, price: float) -> None:
        if price <= 0:
            why = "there is nothing to trade at a price of 0"
        elif self.p.whole_shares and abs(asked) - abs(size) < 1:
            why = "only whole shares are traded"
        else:
            why = f"{'cash' if asked > 0 else 'margin'} allows no more"
        verb = "buy" if asked > 0 else "sell"
        self.note(order.data, f"order to {verb} {abs(asked):g} became {abs(size):g} at {price:g}: {why}")

    # -- every bar -------------------------------------------------------------------------------

    def next(self) -> None:
        self._accrue()
        if self.submitted:
            self.check_submitted()
        if self._userhist:
            self._process_order_history()
        if self.pending:
            self._work_orders()
        self._get_value()
        if any(position.size < 0 for position in self.positions.values()):
            self._check_margin()
