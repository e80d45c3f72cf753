"""A backtrader broker that fills as this project states it, and keeps account of every cent.

- A decision on bar t's close is filled at bar t+1's open; nothing trades on the bar that decided it.
- Children of an entry (stop, target, trailing stop) are live from its fill, on the entry bar too, and
  are priced from the fill where their `info` says `from_fill` (a signed fraction of it).
- What the open has already passed fills at the open: a stop at that worse price, a limit to the holder's
  advantage. Otherwise each at its own price. Stop and limit inside one bar: the stop is taken; of two
  stops, the one that the price meets first.
- An order for the close takes the next session's; with a price it is limit-on-close, and gone if the close
  is beyond it.
- A day order lives for one session: the first in which it can be filled.
- A trailing stop follows the highs (lows for a short) of finished bars.
- An order larger than cash or margin allows shrinks, and a note says so. Nothing vanishes silently.
- A split restates positions and waiting orders in new shares; equity does not move.
- A dividend is paid on the ex-date, before the open, to who held at the close before; a short pays it.
- What is paid in or out comes after that and before orders; a withdrawal takes cash alone.
- Tax on realised gains, where it is set, is paid from cash on its day after that and before orders.
- Cash that is not the proceeds of a short earns the short rate (ACT/360, the rate known at the prior
  session); a short pays its borrow fee. Margin is checked at every close, and a breach is bought in
  at the next open.

It is set by its parameters; backtrader's own ways of setting commission, slippage and cheating on close
or open are refused, because they would be ignored.
"""

from __future__ import annotations

import math
from heapq import heappop, heappush
from typing import Any

import backtrader as bt

from engine.allowance import closing_part
from engine.asked import DAY_ORDER, begin_day
from engine.costs import Charge
from engine.for_the_close import ForTheClose
from engine.forced import CASH_IN_LIEU, RUIN, is_forced
from engine.held import HELD
from engine.orders import CLOSED, EXPIRED
from engine.urgency import TRAILS, entered_after_open, is_reached, rests, urgency
from letf_instruments.sizes import DUST, NOTHING

FREE = (CASH_IN_LIEU, HELD)  # of these nobody charges anything


class LabBroker(ForTheClose):
    """Broker with exact costs, cash interest, margin, and protective orders that protect.

    Parameters
    ----------
    cash : money at the start.
    costs : `Costs` of every fill.
    contract_costs : `ContractCosts` of options, which are traded through `contracts`.
    short_rate : fraction a year or a `ShortRate`, earned by idle cash and paid by a debt.
    whole_shares : True rounds orders down to whole shares.
    cash_spread, debt_spread : fractions a year that idle cash earns less, and a debt pays more. The former
        takes no more than a positive rate gives.
    borrow_fee : fraction a year of a short position's value, a `ShortRate` or a `BorrowFee`.
    recall_rate : times a year that the lender of a short's shares wants them back, on average.
    seed : of the recalls.
    shorts : "allow", or "refuse": then a sale closes at most what is held.
    initial_margin, maintenance_margin : equity needed to open and to keep a short, as fractions of its
        value (Regulation T: 0.5 beside the proceeds; FINRA rule 4210: 0.3).
    long_initial_margin, long_maintenance_margin : the same for what is owned (0.5 and 0.25). All four
        are of an unleveraged instrument; see `engine.margin`.
    deposits : `feeds.deposits.Deposits`, money paid in or out while the run goes on; None for none.
    tax : `engine.tax.TaxTerms`, tax on realised gains; None for none.

    Attributes
    ----------
    accounts : money so far: commission, spread, slippage, borrow and option_spread (costs, positive),
        tax, interest earned (negative if paid on a debt), dividends received (negative if paid), gains of
        positions and option_gains of contracts before costs, and cash added since the start.
        At every bar they and the starting cash come to the value, or there is a `LedgerError`.
    payments : what was paid in and out, `letf_instruments.payments.Payment`s in order.
    taxes : the `engine.tax.TaxBook`, gains and tax by year; None without tax. tax_due : what is owed of it.
    contracts : the `ContractBook`, options beside the shares.
    notes : one sentence for each order that shrank, was filled in part or refused, for margin calls,
        recalls, debts, ruin, splits of what is held, and for bars without a price.
    oversold : orders so far that asked to sell more than was held, and were cut or refused for it.
    ruined : True once equity has been 0 or less at a close.

    An order that is not filled, or only in part, carries the reason in `info["why"]`.
    """

    watches_bar = False  # True if positions may be closed within a bar without an order of their owner

    def _closed_out(self, order: Any) -> bool:
        """True if all positions were closed before `order` (None: before the bar ends) is worked."""
        raise NotImplementedError

    # -- orders ----------------------------------------------------------------------------------

    def check_submitted(self) -> None:
        while self.submitted:
            order = self.submitted.popleft()
            if self._take_children(order) is None:
                order.info["why"] = "its entry was no longer there"
            elif self.ruined and not closing_part(order.size, self.positions[order.data].size):
                self._refuse_ruined(order)
            else:
                self.submit_accept(order)

    def _refuse_ruined(self, order: Any) -> None:
        self._note_once("refused", order.data, "an order was refused: the account is ruined")
        order.reject()
        self._end(order, RUIN)

    def _work_orders(self) -> None:
        if not self.watches_bar and all(map(rests, self.pending)):
            return
        seen: set[int] = set()
        ready: list[tuple[tuple[int, float, int], Any]] = []  # a heap, the most urgent first
        look = True
        while True:
            if look:  # something was filled, and an entry's children become active within its bar
                for order in self.pending:
                    if order.active() and order.ref not in seen:
                        seen.add(order.ref)
                        heappush(ready, (urgency(order), order))
                look = False
            while ready and not ready[0][1].alive():  # cancelled by another's fill
                heappop(ready)
            order = ready[0][1] if ready else None
            if self.watches_bar and self._closed_out(order):
                look = True
                continue
            if order is None:
                break
            heappop(ready)
            self.pending.remove(order)
            if order.info.get(DAY_ORDER):
                begin_day(order)
            if order.expire():
                self._end(order, EXPIRED)
                continue
            rest = order.executed.remsize
            self._try_exec(order)
            look = not order.alive() or order.executed.remsize != rest
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
        if not is_reached(order):
            return
        if not entered_after_open(order):
            super()._try_exec(order)
            if kind in TRAILS and order.alive():
                order.trailadjust(low if order.isbuy() else high)
        elif not order.info["entry_at_close"]:
            # A stop may still be hit before the close; whether the rest of the bar's range came before
            # or after the entry is not known, so no gain is taken from it, nor a trailing stop raised.
            if kind in (bt.Order.Stop, bt.Order.StopTrail):
                self._try_exec_stop(order, order.info["entry_price"], high, low, price, close)
            if kind in TRAILS and order.alive():
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
        held = self.positions[data].size
        if order.info.get("money") and not order.executed.size and not self._sized_by_money(order, price):
            return
        rest = asked = order.executed.remsize
        forced = is_forced(order)
        if forced or self.ruined or order.info.get("closes"):
            asked = closing_part(rest, held)  # the owner may have closed some himself
            if asked == 0:
                if self.ruined and not forced:
                    self._refuse_ruined(order)
                else:
                    order.cancel()
                    self._end(order, CLOSED)
                return
        elif self.p.shorts == "refuse":
            if not self._opens_no_short(order, held):
                return
            rest = asked = order.executed.remsize
        volume = self._volume(data, ago)
        room = math.inf if forced else self._room(data, volume)
        if abs(closing_part(asked, held)) > room:
            self._fill_part(order, closing_part(asked, held), room, price, ago)
            return
        wanted = math.copysign(min(abs(asked), room), asked)
        others, multiple = self._others(but=data), self._multiple(data)
        size = self.allowance.size(wanted, held, price, self.cash, others, multiple, volume)
        if abs(asked - size) > DUST * abs(asked):
            why = self._why_shrunk(asked, wanted, size, price, volume)
            if size == 0 and 0 < abs(wanted) * price <= DUST * max(self._value, abs(held) * price):
                why = "so little is rounding"
            self._say_shrunk(order, asked, size, price, why)
            if size == 0:
                if wanted == 0:
                    order.reject()
                else:
                    order.margin()
                self._end(order, why)
                return
            order.info["why"] = why
        if size != rest:
            order.info["asked_size"] = rest
            order.info.setdefault("why", CLOSED)
            self._resize(order, size)
        self._book(order, size, price, ago)

    def _book(self, order: Any, size: float, price: float, ago: int) -> None:
        """Enter a fill in position, cash, accounts and the order itself."""
        data = order.data
        position = self.positions[data]
        order.info["filled_at"] = price  # executed.price is an average, off by a rounding error
        order.info["filled_bar"] = len(data) + ago
        order.pannotated = None  # backtrader would fill the rest of an order for the close at this close
        self._mark(data, price)
        self._largest = max(self._largest, abs(size * price))
        if order.info.get("reason") in FREE:
            charge = Charge(0.0, 0.0, 0.0)
        else:
            charge = self._charge(data, size, price, self._volume(data, ago))
        if not is_forced(order):
            self._use_room(data, size)
        entry_price = position.price
        psize, pprice, opened, closed = position.update(size, price, data.datetime.datetime(0))
        if opened and abs(pprice - price) <= DUST * price:
            position.price = pprice = price  # of two lots at one price that is the average, to the last bit
        self._enter_lots(order, size, price, charge.total, psize)
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
        if order.alive():
            self._shrink_partners(order, abs(size))
        else:
            self._ococheck(order)

    def _why_shrunk(self, asked: float, wanted: float, size: float, price: float, volume: float) -> str:
        if price <= 0:
            return "there is nothing to trade at a price of 0"
        if (
            abs(wanted) < abs(asked)
            and abs(wanted) - abs(size) < 1
            and (self.p.whole_shares or abs(wanted - size) <= DUST * abs(wanted))
        ):
            return self._within(volume) + "; the rest is cancelled"
        if self.p.whole_shares and abs(wanted) - abs(size) < 1:
            return "only whole shares are traded"
        if asked < 0:
            return "margin allows no more"
        return "free cash or margin allows no more" if self._shorts else "cash allows no more"

    def _say_shrunk(self, order: Any, asked: float, size: float, price: float, why: str) -> None:
        verb = "buy" if asked > 0 else "sell"
        self.note(order.data, f"order to {verb} {abs(asked):g} became {abs(size):g} at {price:g}: {why}")

    # -- every bar -------------------------------------------------------------------------------

    def next(self) -> None:
        self._accrue()
        if self._splitting is None or self._splitting:
            self._apply_splits()
        if self._paying is None or self._paying:
            self._pay_dividends()
        if self.p.deposits is not None or self._cash_addition:
            self._pay_in()
        if self.taxes is not None:
            self._pay_tax()
        if self.p.recall_rate:
            self._find_carried()
        contracts = self.contracts
        if contracts.used and contracts.active:
            contracts.at_open()
        if self.submitted:
            self.check_submitted()
        if self._userhist:
            self._process_order_history()
        if self.pending or self.watches_bar:
            self._work_orders()
        if contracts.used and contracts.active:
            contracts.at_close()
        self._get_value()
        if self._shorts or self.cash < 0 or self.ruined or self._value <= NOTHING * self.startingcash:
            self._after_close()
        self._check_ledger()
