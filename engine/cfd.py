"""An account of contracts for difference: `LabBroker` with margin for cash, and a stop-out within the bar.

- Opening ties up `margin_rate` of the notional; an order larger than free equity carries shrinks.
- Every night the whole notional is financed at the short rate ± `financing_spread`, on calendar days.
- At an equity of `stop_out` times the margin in use everything is closed at once, like a stop: at the open
  if that is beyond it, else within the bar at the prices where it is met.

Within a bar all instruments are taken to move together and in straight lines, from the open to the high or
the low of an index that rises, or to those of one that falls (a bear fund the other way round). Of funds on
one index that is so, since within a session a fund's price is a straight line of its index.

The inherited `cash` is what the account would hold had it bought the notional; the balance that a provider
shows is `getcash()`: equity less unrealised profit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from engine.allowance import Allowance, Others
from engine.broker import LabBroker
from engine.cash import MONEY_MARKET_DAYS
from engine.forced import STOP_OUT
from engine.urgency import STOPS, urgency
from letf_instruments import CfdTerms, SpecError, share_of_move

AT_OPEN, AT_CLOSE = 1, 4  # ranks of `urgency`: up to the first at the open, from the second on at the close
OF_CASH = (
    "recall_rate",
    "initial_margin",
    "maintenance_margin",
    "long_initial_margin",
    "long_maintenance_margin",
)


@dataclass(frozen=True)
class CfdAllowance(Allowance):
    """Equity that is not tied up must carry the margin of what is opened, long or short."""

    margin_rate: float = 0.2

    def _limits(
        self, opening: float, kept: float, price: float, cash: float, others: Others, multiple: float
    ) -> list[tuple[float, float]]:
        equity = cash + kept * price + others.value
        tied_up = others.initial + (others.tied_up if kept else 0.0)
        return [(equity - tied_up, self.margin_rate * price)]


class CfdBroker(LabBroker):
    """Broker of contracts for difference on any feed, long or short.

    Parameters
    ----------
    cash, costs, short_rate, whole_shares, debt_spread, borrow_fee : as in `LabBroker`; the borrow fee is
        what a provider passes on to shorts.
    margin_rate, stop_out, financing_spread : see `letf_instruments.CfdTerms`.
    interest_on_equity : True if equity earns the short rate less `cash_spread`; providers pay none.
    negative_balance_protection : True if the provider bears what is lost beyond the stake.

    Attributes
    ----------
    accounts : as in `LabBroker`; financing is paid (a cost, negative if received), protection is what the
        provider bore.
    """

    params = (  # type: ignore[assignment]  # backtrader adds those of the base
        ("margin_rate", 0.2),
        ("stop_out", 0.5),
        ("financing_spread", 0.025),
        ("interest_on_equity", False),
        ("negative_balance_protection", True),
    )
    watches_bar = True

    def init(self) -> None:
        if self.p.tax is not None:
            raise SpecError("tax is worked out of shares alone, and contracts for difference are none")
        super().init()
        for name in OF_CASH:
            if getattr(self.p, name) != getattr(LabBroker.params, name):
                raise SpecError(f"a CFD account has no {name}; it has margin_rate and stop_out")
        self.terms = CfdTerms(self.p.margin_rate, self.p.stop_out, self.p.financing_spread)
        self.allowance = CfdAllowance(
            self.p.costs, self.margin, self.p.whole_shares, margin_rate=self.p.margin_rate
        )
        self.notes += self.terms.strange()
        self._over = False  # True once only the close of the bar is left

    @property
    def leverage(self) -> float:
        """Notional that a unit of margin carries."""
        return self.terms.leverage

    # -- what the positions are worth and need ---------------------------------------------------

    def _held(self) -> list[tuple[Any, Any]]:
        return [(data, position) for data, position in self.positions.items() if position.size]

    def getcash(self) -> float:
        """The balance: equity less unrealised profit."""
        return float(self.cash + sum(position.size * position.price for _, position in self._held()))

    get_cash = getcash

    def share_put_in(self, data: Any, size: float) -> float:
        """Of a contract of either sign, its margin as a fraction of the notional."""
        return float(self.p.margin_rate)

    def capital_in_use(self) -> float:
        """Margin in use, in money."""
        positions = [position for _, position in self._held()]
        return self.terms.margin([p.size for p in positions], [p.price for p in positions])

    def margin_requirement(self) -> float:
        """Equity at which everything is closed, in money."""
        return self.terms.stop_out * self.capital_in_use()

    def _others(self, but: Any = None) -> Others:
        value = initial = tied_up = 0.0
        for data, position in self._held():
            margin = self.terms.margin(position.size, position.price)
            if data is but:
                tied_up = margin
            else:
                value += position.size * self._closes.get(data, 0.0)
                initial += margin
        return Others(value, 0.0, initial, tied_up)

    def free_cash(self) -> float:
        """Of equity at the open, what is not tied up as margin."""
        equity = self.cash + sum(position.size * self._open(data) for data, position in self._held())
        return float(equity - self.capital_in_use())

    # -- overnight -------------------------------------------------------------------------------

    def _accrue(self) -> None:
        super()._accrue()
        self._over = False
        for data, _ in self._held():  # from here on, the last known price is that of the way through the bar
            if math.isfinite(data.open[0]):
                self._mark(data, data.open[0])

    def _pay(self, years: float) -> None:
        if self._ended:
            return
        held, rate, books = self._held(), self._rate_known, self.accounts
        if held:
            notionals = [position.size * self._closes[data] for data, position in held]
            paid = self.terms.financing(notionals, rate, years * MONEY_MARKET_DAYS)
            fee = self._fee_known
            borrow = -sum(min(n, 0.0) for n in notionals) * fee * years
            self.cash -= paid + borrow
            books["financing"] += paid
            books["borrow"] += borrow
            for (data, _), notional in zip(held, notionals, strict=True):
                own = self.terms.financing([notional], rate, years * MONEY_MARKET_DAYS)
                own -= min(notional, 0.0) * fee * years
                self.holding_costs[data] = self.holding_costs.get(data, 0.0) + own
        equity, interest = self._value, 0.0
        if equity < 0:
            interest = equity * (rate + self.p.debt_spread) * years
            self._note_once(
                "debt", self.cerebro.datas[0], f"equity is {equity:.2f}, a debt that pays interest"
            )
        elif self.p.interest_on_equity:
            interest = equity * min(rate, max(rate - self.p.cash_spread, 0.0)) * years
        self.cash += interest
        books["interest"] += interest

    # -- fills -----------------------------------------------------------------------------------

    def _book(self, order: Any, size: float, price: float, ago: int) -> None:
        super()._book(order, size, price, ago)
        multiple = self._multiple(order.data)
        if multiple != 1 and self.positions[order.data].size:
            self._note_once(
                ("leverage", order.data),
                order.data,
                f"leverage on leverage: a margin of {self.p.margin_rate:.4g} is {self.leverage:.4g}×, on a "
                f"fund of {multiple:+g}× up to {self.terms.multiple(multiple):+.4g} times the index's "
                "daily move",
            )

    def _why_shrunk(self, asked: float, wanted: float, size: float, price: float, volume: float) -> str:
        why = super()._why_shrunk(asked, wanted, size, price, volume)
        return "margin allows no more" if why.endswith("allows no more") else why

    # -- stop-out --------------------------------------------------------------------------------

    def _check_margin(self) -> None:
        """Nothing at the close: a breach has been closed out within the bar."""

    def _closed_out(self, order: Any) -> bool:
        all_held = self._held()
        held = [(d, p) for d, p in all_held if math.isfinite(d.open[0] + d.high[0] + d.low[0] + d.close[0])]
        rank = AT_CLOSE + 1 if order is None else urgency(order)[0]
        over, self._over = self._over, self._over or rank >= AT_CLOSE
        if not held or rank <= AT_OPEN:  # what the owner does at the open comes first
            return False
        level = self.margin_requirement()
        equity = self.cash + sum(p.size * self._closes[d] for d, p in all_held)
        if equity <= level:
            return self._close_out({d: self._closes[d] for d, _ in held}, equity, level)
        if not over:
            share, ends = self._breach(held, equity, level)
            if share <= 1 and not self._comes_first(order, share, ends):
                prices = {}
                for data, _ in held:
                    start = self._closes[data]
                    prices[data] = min(max(start + share * (ends[data] - start), data.low[0]), data.high[0])
                return self._close_out(prices, level, level)
        if order is None:
            # Instruments that parted ways may be below it at the close without having met it on the way.
            equity += sum(p.size * (d.close[0] - self._closes[d]) for d, p in held)
            if equity <= level:
                return self._close_out({d: d.close[0] for d, _ in held}, equity, level)
        return False

    def _breach(
        self, held: list[tuple[Any, Any]], equity: float, level: float
    ) -> tuple[float, dict[Any, float]]:
        """How far along the bar equity falls to `level`, and where each feed is heading then."""
        found: list[tuple[float, dict[Any, float]]] = []
        for rises in (True, False):
            ends = {
                data: float(data.high[0] if (self._multiple(data) > 0) == rises else data.low[0])
                for data in self.cerebro.datas
            }
            profit = sum(p.size * (ends[d] - self._closes[d]) for d, p in held)
            found.append((share_of_move(equity, level, profit), ends))
        return min(found, key=lambda way: way[0])

    def _comes_first(self, order: Any, share: float, ends: dict[Any, float]) -> bool:
        """True if the way to the stop-out passes the order's stop before."""
        if order is None or order.exectype not in STOPS:
            return False
        data = order.data
        start = self._closes[data] if self.positions[data].size else data.open[0]
        way = ends[data] - start
        return way != 0 and 0 <= (order.created.price - start) / way <= share

    def _close_out(self, prices: dict[Any, float], equity: float, level: float) -> bool:
        """Close positions at these prices, now."""
        for order in self._exit(prices, STOP_OUT):
            data = order.data
            self.note(
                data,
                f"stop-out: equity of {equity:.2f} is no more than the {level:.2f} that is "
                f"{self.terms.stop_out:.4g} of the margin; closed at {prices[data]:g}",
            )
            self.submitted.remove(order)
            self.submit_accept(order)
            self.pending.remove(order)
            self._book(order, order.executed.remsize, prices[data], 0)
            self._bracketize(order)
        return True

    def _after_close(self) -> None:
        if self._value < 0 and not self._held() and self.p.negative_balance_protection:
            beyond = -self._value
            self.cash += beyond
            self.accounts["protection"] += beyond
            self._get_value()
            self.note(self.cerebro.datas[0], f"the provider bears the loss beyond the stake of {beyond:.2f}")
        super()._after_close()
