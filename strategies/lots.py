"""A `TradeRule` with a `LotPlan`, as a rule that sees its account: the step that keeps the lots."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from pydantic import BaseModel

from feeds.market import Market
from letf_instruments import SpecError
from letf_instruments.compiled import compiled
from strategies.account_orders import at_close, at_open, at_this_close, for_money
from strategies.account_rule import AccountRule
from strategies.plans.fill import FILLS
from strategies.plans.lot_plan import MOST_LOTS, SIZES, LotPlan
from strategies.rule import Floats
from strategies.trade_rule import TradeRule

REASONS = ("lot", "target", "stop", "patience", "average target", "average stop")
ROW = 4  # floats of a lot: shares, price, closes since its purchase, money of its own
MORE = 4  # orders beside those that sell each lot


@compiled()
def _due(price: float, age: float, close: float, params: Any) -> int:
    """Why a lot is sold at a close, as a position in `REASONS`; 0 if it is kept."""
    if close > price * (1.0 + params.target):
        return 1
    if close <= price * (1.0 - params.stop):
        return 2
    return 3 if age >= params.patience else 0


class LotCarrier(AccountRule):
    """Carries a rule's signals out by a plan of lots."""

    Plan: ClassVar[type[BaseModel]] = LotPlan
    summary = ""

    def __init__(self, rule: TradeRule) -> None:
        if not isinstance(rule.plan, LotPlan):
            raise SpecError(f"rule {rule.name} has no plan of lots")
        super().__init__(rule.params, rule.plan)
        self.rule = rule
        self.name = rule.name  # type: ignore[misc]
        self.Params = type(rule.params)  # type: ignore[misc]
        self._exits: tuple[str, ...] | None = None

    @property
    def default_instrument(self) -> str:
        return self.rule.default_instrument

    @property
    def warm_up(self) -> int:
        return self.rule.warm_up

    def check_instrument(self, multiple: float) -> None:
        self.rule.check_instrument(multiple)

    @property
    def reason_names(self) -> tuple[str, ...]:
        if self._exits is None:
            raise SpecError(f"rule {self.name}: its exits are known once its signals are")
        return (*REASONS, *self._exits)

    @property
    def lots(self) -> int:
        return MOST_LOTS  # of any plan, so that all of them run on the same arrays

    @property
    def most_orders(self) -> int:
        return self.lots + MORE

    @property
    def memory_size(self) -> int:
        return ROW * self.lots + 1

    def numbers(self) -> dict[str, float]:
        plan: Any = self.plan

        def at(value: float | None) -> float:
            return math.nan if value is None else float(value)

        return {
            "lots": float(plan.lots),
            "size": float(SIZES.index(plan.size)),
            "amount": at(plan.amount),
            "target": at(plan.each.target),
            "stop": at(plan.each.stop),
            "patience": at(plan.each.patience),
            "per_bar": float(plan.per_bar),
            "leave_all": float(plan.leave == "all"),
            "average_target": at(plan.average_target),
            "average_stop": at(plan.average_stop),
            "fill": float(FILLS.index(plan.fill)),
        }

    def arrays(self, market: Market) -> dict[str, Floats]:
        self.rule.history_before_run = self.history_before_run
        signals = self.rule.checked_signals(market)
        self._exits = tuple(signals.exit)
        return {
            "enter": signals.enters().astype(float),
            "leave": signals.exit_codes().astype(float),
        }

    @staticmethod
    def step(bar: int, account: Any, arrays: Any, params: Any, memory: Any) -> Any:
        lots = int(params.lots)
        own = 4 * lots  # where it is noted that the lots have their money
        if memory[own] == 0.0:
            memory[own] = 1.0
            for i in range(lots):
                memory[4 * i + 3] = account.put_in / lots
        at_once = params.fill == 2.0
        # What was bought on this bar has seen its own close, what was bought on the close before one more.
        if not at_once:
            for i in range(lots):
                memory[4 * i + 2] += 1.0
        for k in range(len(account.fills)):
            i = int(account.fills[k, 0])
            if i >= 0:
                shares, price = account.fills[k, 1], account.fills[k, 2]
                memory[4 * i] += shares
                memory[4 * i + 3] -= shares * price
                if shares > 0.0:
                    memory[4 * i + 1] = price
                    memory[4 * i + 2] = 0.0
                elif memory[4 * i] <= 1e-9 * -shares:
                    memory[4 * i] = 0.0
        if at_once:
            for i in range(lots):
                memory[4 * i + 2] += 1.0

        close = account.close
        why_all = 0  # a reason for which all are sold
        if account.size > 0.0:
            if close > account.average * (1.0 + params.average_target):
                why_all = 4
            elif close <= account.average * (1.0 - params.average_stop):
                why_all = 5
            elif arrays.leave[bar] > 0.0:
                why_all = 5 + int(arrays.leave[bar])
        kind = int(params.fill)
        orders = [at_open(0.0)]
        for i in range(lots):
            if params.leave_all > 0.5 and why_all == 0 and memory[4 * i] > 0.0:
                why_all = _due(memory[4 * i + 1], memory[4 * i + 2], close, params)
        for i in range(lots):
            if memory[4 * i] <= 0.0:
                continue
            why = why_all
            if why == 0:
                why = _due(memory[4 * i + 1], memory[4 * i + 2], close, params)
            if why == 0:
                continue
            size = -memory[4 * i]
            if kind == 0:
                orders.append(at_open(size, why, i))
            elif kind == 1:
                orders.append(at_close(size, why, i))
            else:
                orders.append(at_this_close(size, why, i))
        if arrays.enter[bar] < 0.5 or arrays.leave[bar] > 0.0:
            return orders
        opened = 0
        for i in range(lots):
            if opened >= int(params.per_bar):
                break
            leaving = False
            for order in orders:
                leaving = leaving or order.lot == i
            if memory[4 * i] > 0.0 and not leaving:
                continue
            if params.size == 0.0:
                money = params.amount
            elif params.size == 1.0:
                money = memory[4 * i + 3] + memory[4 * i] * close  # with what its sale brings
            else:
                money = account.equity / lots
            if money <= 0.0:
                continue
            opened += 1
            if kind == 0:
                orders.append(for_money(at_open(0.0, 0, i), money))
            elif kind == 1:
                orders.append(for_money(at_close(0.0, 0, i), money))
            else:
                orders.append(for_money(at_this_close(0.0, 0, i), money))
        return orders


def account_rule_of(rule: Any) -> AccountRule | None:
    """What carries a rule out that sees its account: itself, or its lots; None for any other."""
    if isinstance(rule, AccountRule):
        return rule
    if isinstance(rule, TradeRule) and isinstance(rule.plan, LotPlan):
        return LotCarrier(rule)
    return None
