"""A backtrader broker that fills as this project states it, and keeps account of every cent.

- A decision on bar t's close is filled at bar t+1's open; nothing trades on the bar that decided it.
- Children of an entry (stop, target, trailing stop) are live from its fill, on the entry bar too, and
  are priced from the fill where their `info` says `from_fill` (a signed fraction of it).
- A stop that the open has already passed fills at the open, else at its own price; a limit likewise, to
  the holder's advantage at the open. Stop and limit inside one bar: the stop is taken; of two stops,
  the one that the price meets first.
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
from collections.abc import Iterable
from typing import Any, NoReturn

import backtrader as bt

from engine.costs import Charge, Costs
from feeds.rates import ShortRate
from letf_instruments import SpecError

EPOCH = 719163  # 1970-01-01 as backtrader counts days
MONEY_MARKET_DAYS = 360.0
ACCOUNTS = ("commission", "spread", "slippage", "borrow", "interest")

_STOPS = (bt.Order.Stop, bt.Order.StopLimit, bt.Order.StopTrail, bt.Order.StopTrailLimit)


def _urgency(order: Any) -> tuple[int, float, int]:
    """Market orders trade at the open, stops are taken before limits. Of several stops the one that a
    moving price meets first: the highest to sell, the lowest to buy. Among equals, the older first."""
    if order.exectype in _STOPS:
        price = order.created.price
        return 1, price if order.isbuy() else -price, order.ref
    return (2 if order.exectype == bt.Order.Limit else 0), 0.0, order.ref


class LabBroker(bt.brokers.BackBroker):
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
    accounts : money so far: commission, spread, slippage and borrow (costs, positive) and interest earned.
    notes : one sentence for each order that shrank or was refused, for margin calls, and for bars
        without a price.
    """

    params = (
        ("costs", Costs()),
        ("short_rate", 0.0),
        ("whole_shares", False),
        ("borrow_fee", 0.0),
        ("initial_margin", 0.5),
        ("maintenance_margin", 0.3),
    )

    def init(self) -> None:
        super().init()
        for name in ("coc", "coo", "slip_perc", "slip_fixed", "filler", "eosbar"):
            if getattr(self.p, name):
                self._refuse(name)
        rate = self.p.short_rate
        self._rate = rate if isinstance(rate, ShortRate) else ShortRate.constant(float(rate))
        self.accounts = dict.fromkeys(ACCOUNTS, 0.0)
        self.notes: list[str] = []
        self._day: int | None = None
        self._rate_known = 0.0
        self._clock: Any = None  # the date line of the first feed
        self._closes: dict[Any, float] = {}  # the last close that was a number
        self._no_price: set[Any] = set()
        self._ruined = False

    # -- what backtrader offers and this broker does not -----------------------------------------

    def _refuse(self, what: str) -> NoReturn:
        raise SpecError(f"LabBroker does not take {what}; give it costs=Costs(...) and leave fills to it")

    def set_coc(self, coc: bool) -> None:
        if coc:
            self._refuse("cheat-on-close")

    def set_coo(self, coo: bool) -> None:
        if coo:
            self._refuse("cheat-on-open")

    def set_slippage_perc(self, *args: Any, **kwargs: Any) -> None:
        self._refuse("set_slippage_perc")

    def set_slippage_fixed(self, *args: Any, **kwargs: Any) -> None:
        self._refuse("set_slippage_fixed")

    def set_filler(self, filler: Any) -> None:
        self._refuse("set_filler")

    def setcommission(self, *args: Any, **kwargs: Any) -> None:
        self._refuse("setcommission")

    def addcommissioninfo(self, comminfo: Any, name: str | None = None) -> None:
        self._refuse("addcommissioninfo")

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
        child.info["entry_bar"] = len(entry.data)
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

    def note(self, data: Any, sentence: str) -> None:
        """Record what a person should know about this bar."""
        self.notes.append(f"{data.datetime.date(0)}: {data._name}: {sentence}")

    # -- fills -----------------------------------------------------------------------------------

    def _try_exec(self, order: Any) -> None:
        data = order.data
        high, low = data.high[0], data.low[0]
        if not math.isfinite(data.open[0] + high + low + data.close[0]):
            return
        kind, price = order.exectype, order.created.price
        if kind == bt.Order.Stop and (high < price if order.isbuy() else low > price):
            return  # not reached; most bars of most stops
        if kind == bt.Order.Limit and (low > price if order.isbuy() else high < price):
            return
        if order.info.get("entry_bar") == len(data) and order.info["entry_price"] != data.open[0]:
            # The entry was filled after the open. A stop may still be hit before the close; whether the
            # rest of the bar's range came before or after the entry is not known, so no gain is taken.
            if kind in (bt.Order.Stop, bt.Order.StopTrail):
                self._try_exec_stop(order, order.info["entry_price"], high, low, price, data.close[0])
        else:
            super()._try_exec(order)
        if kind in (bt.Order.StopTrail, bt.Order.StopTrailLimit) and order.alive():
            order.trailadjust(low if order.isbuy() else high)

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
        size = self._allowed(data, position.size, asked, price)
        if abs(asked - size) > 1e-9 * abs(asked):
            self._say_shrunk(order, asked, size, price)
            if size == 0:
                order.margin()
                self.notify(order)
                self._ococheck(order)
                self._bracketize(order, cancel=True)
                return
            order.info["asked_size"] = asked
        if size != asked:
            self._resize(order, size)

        order.info["filled_at"] = price  # executed.price is an average, off by a rounding error
        charge = self.p.costs.charge(size, price)
        entry_price = position.price
        psize, pprice, opened, closed = position.update(size, price, data.datetime.datetime(0))
        comminfo = self.getcommissioninfo(data)
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
            comminfo.margin,
            comminfo.profitandloss(-closed, entry_price, price),
            psize,
            pprice,
        )
        order.addcomminfo(comminfo)
        self.notify(order)
        self._ococheck(order)

    def _allowed(self, data: Any, held: float, asked: float, price: float) -> float:
        """The part of an order that cash and margin allow; closing a position always is."""
        closing = -math.copysign(min(abs(asked), abs(held)), held) if held * asked < 0 else 0.0
        opening = asked - closing
        if self.p.whole_shares and opening == 0.0 and abs(asked) < abs(held):
            closing = float(math.trunc(closing))
        if opening == 0.0 or (opening > 0 and price <= 0):
            return closing
        costs, margin = self.p.costs, self.p.initial_margin
        cash = self.cash - closing * price - costs.charge(closing, price).total
        kept_short = -min(held + closing, 0.0) * price
        short_value = kept_short + self._short_value(but=data)
        free = cash - (1.0 + margin) * short_value
        need = price if opening > 0 else margin * price
        size = abs(opening)
        if size * need + costs.charge(opening, price).total > free:
            size = costs.largest(free, price, need)
        if self.p.whole_shares:
            size = math.floor(size)
        return closing + math.copysign(size, opening)

    def _say_shrunk(self, order: Any, asked: float, size: float, price: float) -> None:
        verb = "buy" if asked > 0 else "sell"
        if asked > 0 and price <= 0:
            why = "there is nothing to buy at a price of 0"
        elif self.p.whole_shares and abs(asked) - abs(size) < 1:
            why = "only whole shares are traded"
        else:
            why = f"{'cash' if asked > 0 else 'margin'} allows no more"
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

    def _accrue(self) -> None:
        clock = self._clock
        if clock is None:
            clock = self._clock = self.cerebro.datas[0].lines.datetime
        if not clock.lencount:
            return
        day = math.floor(clock[0]) - EPOCH
        if day == self._day:
            return
        if self._day is not None:
            years = (day - self._day) / MONEY_MARKET_DAYS
            shorts = self._short_value()
            interest = max(self.cash - shorts, 0.0) * self._rate_known * years
            borrow = shorts * self.p.borrow_fee * years
            self.cash += interest - borrow
            self.accounts["interest"] += interest
            self.accounts["borrow"] += borrow
        self._day = day
        self._rate_known = self._rate.at(day)

    def _short_value(self, but: Any = None) -> float:
        """What it would cost to buy all shorts back at their last close."""
        return float(
            sum(
                -position.size * self._closes.get(data, 0.0)
                for data, position in self.positions.items()
                if position.size < 0 and data is not but
            )
        )

    def _work_orders(self) -> None:
        seen: set[int] = set()
        while True:
            # An entry's children become active while its bar is worked on, hence another round.
            ready = [o for o in self.pending if o.active() and o.ref not in seen]
            if not ready:
                break
            order = min(ready, key=_urgency)
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

    def _get_value(self, datas: Iterable[Any] | None = None, lever: bool = False) -> float:
        if datas is not None:
            return float(sum(self.positions[d].size * self._close(d) for d in datas))
        while self._cash_addition:
            added = self._cash_addition.popleft()
            self._fundshares += added / self.fundvalue
            self.cash += added
        value = 0.0
        for data, position in self.positions.items():
            if position.size:
                value += position.size * self._close(data)
        self._valuemkt = self._valuemktlever = value
        self._value = self._valuelever = self.cash + value
        self._fundval = self._value / self._fundshares
        if self._value <= 0 and not self._ruined:
            self._ruined = True
            day = self.cerebro.datas[0].datetime.date(0)
            self.notes.append(f"{day}: equity is {self._value:.2f}: a loss beyond the stake")
        return float(self._value)

    def _close(self, data: Any) -> float:
        close = data.close[0]
        if math.isfinite(close):
            self._closes[data] = close
            return float(close)
        if data not in self._no_price:
            self._no_price.add(data)
            self.note(data, "this bar has no price; its value is taken from the last one, no order is filled")
        return self._closes.get(data, 0.0)

    def _check_margin(self) -> None:
        shorts = {d: -p.size for d, p in self.positions.items() if p.size < 0}
        short_value = sum(size * self._close(d) for d, size in shorts.items())
        needed = self.p.maintenance_margin * short_value
        if self._value >= needed:
            return
        waiting = [*self.pending, *self.submitted]
        for data, size in shorts.items():
            mine = [o for o in waiting if o.data is data]
            if any(o.info.get("reason") == "margin call" for o in mine):
                continue
            owner = next((o.owner for o in reversed(self.orders) if o.data is data), None)
            for order in mine:
                self.cancel(order)
            self.note(
                data,
                f"margin call: equity {self._value:.2f} is below the {needed:.2f} that the short needs; "
                "bought in at the next open",
            )
            self.buy(owner, data, size, exectype=bt.Order.Market, reason="margin call")
