"""Option contracts beside the broker's shares: bought and sold at the open, marked at the close, settled in
cash at expiry.

    book = self.broker.contracts              # in a strategy
    book.use(OptionQuotes(self.data, RealisedVolatility()))
    book.buy(data, Contract("put", "nasdaq", 4000.0, np.datetime64("2018-03-09")), 2)

Long only. What is decided at a close is filled at the next open at the model price, half the spread and a
commission a contract beside it, each in its own account. A fill takes no more than cash allows, all of it
paid at once; nothing is lent on an option. At expiry the intrinsic value at the close is paid, without cost.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.contract_records import ContractCosts, ContractFill, ContractOrder, Mark, Step
from letf_instruments import SpecError
from letf_instruments.options import Contract, Quote
from letf_instruments.sizes import DUST

__all__ = [
    "EXPIRED",
    "MULTIPLIER",
    "ContractBook",
    "ContractCosts",
    "ContractFill",
    "ContractOrder",
    "Mark",
    "Step",
]

MULTIPLIER = 100.0  # units of the underlying a contract
EXPIRED = "expired"
DEAR = 0.05  # of the premium: a commission above it is said to be out of proportion


@dataclass
class _Held:
    trip: int
    data: Any
    units: float
    quote: Quote


class ContractBook:
    """The contracts of one account. `fills` and `steps` hold all that happened, in its order."""

    def __init__(self, broker: Any, costs: ContractCosts) -> None:
        self.costs = costs
        self.fills: list[ContractFill] = []
        self.steps: list[Step] = []
        self.pending: list[ContractOrder] = []
        self._broker = broker
        self._held: dict[Contract, _Held] = {}
        self._quotes: Any = None
        self._trips = 0
        self.used = False  # True once anything was ordered

    def use(self, quotes: Any) -> None:
        """Take prices from an `OptionQuotes`."""
        self._quotes = quotes

    @property
    def active(self) -> bool:
        """True if something is held or ordered."""
        return bool(self._held or self.pending)

    @property
    def value(self) -> float:
        """All contracts at their last marks, in money."""
        return sum(held.units * held.quote.price for held in self._held.values())

    def exposures(self) -> list[tuple[Any, float]]:
        """Of each contract held its underlying's feed, and the shares of it that the contract stands for now
        (delta), in money; a put's are negative."""
        return [(held.data, held.units * held.quote.delta * held.quote.spot) for held in self._held.values()]

    def position(self, contract: Contract) -> float:
        """Contracts held."""
        held = self._held.get(contract)
        return held.units / MULTIPLIER if held else 0.0

    def free(self, contract: Contract) -> float:
        """Contracts held that no order is to sell yet; of a ruined account the broker sends such orders."""
        leaving = sum(o.contracts for o in self.pending if o.contract == contract and o.contracts < 0)
        return max(self.position(contract) + leaving, 0.0)

    def positions(self) -> dict[Contract, tuple[float, float]]:
        """Contracts held, and what they are worth in money at their last marks."""
        return {
            contract: (held.units / MULTIPLIER, held.units * held.quote.price)
            for contract, held in self._held.items()
        }

    def marks(self) -> dict[int, Mark]:
        """What is held at the end of a run, by trip."""
        today = self._today()
        return {held.trip: Mark(today, len(held.data), held.quote) for held in self._held.values()}

    # -- orders ----------------------------------------------------------------------------------

    def buy(self, data: Any, contract: Contract, contracts: float, reason: str = "entry") -> ContractOrder:
        """Order contracts for the next open.

        Raises
        ------
        SpecError
            If the number is not above 0, no prices are in use, or the contract is not on this feed.
        """
        if self._broker.p.tax is not None:
            raise SpecError("options are traded, but tax is worked out of shares alone; take account.tax out")
        if self._quotes is None:
            raise SpecError("options have no prices; call broker.contracts.use(OptionQuotes(...)) first")
        self._quotes.check(data)
        if contract.underlying != data._name:
            raise SpecError(f"{contract} is not an option on {data._name}")
        self._check_number(contract, contracts)
        return self._send(data, contract, contracts, reason)

    def sell(
        self, contract: Contract, contracts: float | None = None, reason: str = "order"
    ) -> ContractOrder:
        """Sell what is held, all of it if no number is given, at the next open.

        Raises
        ------
        SpecError
            If that is more than is held: a short option needs margin that is not worked out here.
        """
        left = self.free(contract)
        asked = left if contracts is None else contracts
        if contracts is not None:
            self._check_number(contract, contracts)
        if asked > left * (1.0 + DUST) or left <= 0:
            sold = " and not being sold already" if left < self.position(contract) else ""
            raise SpecError(
                f"selling {asked:g} of {contract} with {left:g} held{sold} would be a short option, "
                "whose margin is not worked out here; options are held long only"
            )
        return self._send(self._held[contract].data, contract, -asked, reason)

    def _send(self, data: Any, contract: Contract, contracts: float, reason: str) -> ContractOrder:
        order = ContractOrder(data, contract, contracts, reason)
        self.pending.append(order)
        self.used = True
        return order

    @staticmethod
    def _check_number(contract: Contract, contracts: float) -> None:
        if not 0 < contracts < math.inf:
            raise SpecError(f"an order for {contracts:g} contracts of {contract}; it must be above 0")

    def liquidate(self, reason: str) -> None:
        """Drop what is ordered and sell what is held at the next open."""
        for order in self.pending:
            self._refuse(order, reason, say=False)
        self.pending = []
        for contract in list(self._held):
            self.sell(contract, reason=reason)

    # -- every bar -------------------------------------------------------------------------------

    def at_open(self) -> None:
        """Fill what was ordered: sales first, as they pay for purchases."""
        for contract, held in list(self._held.items()):
            if contract.day < self._broker._day:
                self._broker.note(held.data, f"{contract}: no bar on its expiry; settled at the close before")
                self._settle(contract, held, self._quotes.settlement(contract, held.quote.spot))
        waiting = sorted(self.pending, key=lambda order: order.contracts > 0)
        self.pending = []
        for order in waiting:
            if order.contract.day < self._broker._day:
                self._refuse(order, "it expired before it could be filled")
                continue
            found = self._quotes.at_open(order.contract, order.data)
            if found is None:
                sentence = f"{order.contract}: no price or volatility is known, the order waits"
                self._broker._note_once(order.contract, order.data, sentence)
                self.pending.append(order)
            elif order.contracts < 0:
                self._sell(order, found)
            else:
                self._buy(order, found)

    def at_close(self) -> None:
        """Mark what is held, and settle what expires."""
        for contract, held in list(self._held.items()):
            found = self._quotes.at_close(contract, held.data)
            if found is None:
                continue  # the last mark stands
            if contract.day <= self._broker._day:
                self._settle(contract, held, found)
            else:
                self._mark(held, found)

    def _buy(self, order: ContractOrder, found: Quote) -> None:
        broker, asked = self._broker, order.contracts
        if broker.ruined or found.price <= 0:
            self._refuse(order, "the account is ruined" if broker.ruined else "it is worth nothing")
            return
        each = MULTIPLIER * found.price * (1.0 + 0.5 * self.costs.spread) + self.costs.commission
        others = broker._others()
        free = min(broker.cash - others.short_value, broker.cash + others.value - others.initial)
        size = min(asked, max(free, 0.0) / each * (1.0 - 1e-12))  # the last bits keep cash from a debt
        why = "cash allows no more"
        if broker.p.whole_shares:
            why = why if math.floor(size) < math.floor(asked) else "only whole contracts are traded"
            size = float(math.floor(size))
        if size <= 0:
            self._refuse(order, why)
            return
        if size < asked * (1.0 - DUST):
            order.why = why
            sentence = f"order to buy {asked:g} of {order.contract} became {size:g} at {found.price:g}: {why}"
            broker.note(order.data, sentence)
        held = self._held.get(order.contract)
        if held is None:
            self._trips += 1
            held = self._held[order.contract] = _Held(self._trips, order.data, 0.0, found)
        else:
            self._mark(held, found)
        self._fill(order, held, size * MULTIPLIER, found)

    def _sell(self, order: ContractOrder, found: Quote) -> None:
        held = self._held.get(order.contract)
        if held is None:
            self._refuse(order, "it has expired", say=False)
            return
        self._mark(held, found)
        units = max(order.contracts * MULTIPLIER, -held.units)
        if abs(held.units + units) <= DUST * held.units:
            units = -held.units  # closed to the last bit, or dust would be left over
        self._fill(order, held, units, found)

    def _fill(self, order: ContractOrder, held: _Held, units: float, found: Quote) -> None:
        premium = abs(units) * found.price
        spread = premium * 0.5 * self.costs.spread
        commission = abs(units) / MULTIPLIER * self.costs.commission
        if commission > DEAR * premium:
            each = MULTIPLIER * found.price
            self._broker._note_once(
                "dear contracts",
                order.data,
                f"a commission of {self.costs.commission:g} is more than {DEAR:.0%} of a premium of {each:g} "
                "a contract; a synthetic fund is never split, so give such costs as a spread instead",
            )
        if units < 0:  # nobody pays to be rid of an option: it is left to expire
            commission = min(commission, premium - spread)
        order.status = "filled"
        self._book(order.contract, held, units, found, spread, commission, order.reason)

    def _settle(self, contract: Contract, held: _Held, found: Quote) -> None:
        self._mark(held, found)
        self._book(contract, held, -held.units, found, 0.0, 0.0, EXPIRED)

    def _book(
        self,
        contract: Contract,
        held: _Held,
        units: float,
        found: Quote,
        spread: float,
        commission: float,
        reason: str,
    ) -> None:
        """Enter a fill in cash, accounts and the book."""
        broker, data = self._broker, held.data
        broker.cash -= units * found.price + spread + commission
        broker.accounts["option_spread"] += spread
        broker.accounts["commission"] += commission
        held.units += units
        self.fills.append(
            ContractFill(
                held.trip, self._today(), len(data), contract, units, found, spread, commission, reason
            )
        )
        if held.units == 0:
            del self._held[contract]

    def _mark(self, held: _Held, found: Quote) -> None:
        """Take the gain since the last mark, and split it by cause."""
        last, units = held.quote, held.units
        held.quote = found
        # A settlement knows no volatility.
        moved = 100.0 * (found.volatility - last.volatility) if found.days else 0.0
        change = found.spot - last.spot
        gain = units * (found.price - last.price)
        delta = units * last.delta * change
        gamma = units * 0.5 * last.gamma * change * change
        theta = units * last.theta * (last.days - found.days)
        vega = units * last.vega * moved
        rest = gain - (delta + gamma + theta + vega)
        self._broker.accounts["option_gains"] += gain
        self.steps.append(Step(held.trip, self._today(), gain, delta, gamma, theta, vega, rest))

    def _refuse(self, order: ContractOrder, why: str, say: bool = True) -> None:
        order.status, order.why = "refused", why
        if say:
            verb = "buy" if order.contracts > 0 else "sell"
            self._broker.note(
                order.data, f"order to {verb} {abs(order.contracts):g} of {order.contract} is refused: {why}"
            )

    def _today(self) -> np.datetime64:
        return np.datetime64(self._broker._day, "D")
