"""A `TradeRule` with a `LotPlan`, as a rule that sees its account: the step that keeps the lots."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
from pydantic import BaseModel

from feeds.market import Market
from letf_instruments import SpecError
from letf_instruments.compiled import compiled
from strategies.account_orders import CLOSE, NOW, OPEN, ORDER_NUMBERS, StepOrder, order_of
from strategies.account_rule import AccountRule
from strategies.plans.fill import FILLS
from strategies.plans.lot_plan import MOST_LOTS, SIZES, Fate, LotPlan
from strategies.rule import Floats
from strategies.trade_rule import TradeRule, check_tags

REASONS = ("lot", "target", "stop", "patience", "average target", "average stop")
MORE = 4  # orders beside those that sell each lot
# Floats of a lot: shares; the price above which it is sold, that at or below which, the bar from which (NaN
# for none of them); money of its own; its tag; 1 + the bar on which it leaves.
SHARES, ABOVE, BELOW, LATEST, MONEY, TAG, LEAVES = range(7)
ROW = 7
# After the lots: whether they have their money; how many are held; and the price above which the first of
# them is sold, that at or below which, the bar from which. Between those there is nothing to do.
BEGUN, HELD, FIRST_ABOVE, FIRST_BELOW, FIRST_LATEST = range(5)
NOTES = 5
# Numbers of the step: those of the plan, then of the fates, each target, stop, patience; first that of no
# tag.
LOTS, SIZE, AMOUNT, PER_BAR, LEAVE_ALL, AVERAGE_TARGET, AVERAGE_STOP, FILL = range(8)
FATES = 8
FATE = 3


@compiled(forceinline=True)
def _bought(
    memory: Any, lot: int, price: float, bar: float, target: float, stop: float, patience: float
) -> None:
    """Note when a lot is to be sold that was bought at a price, on a bar."""
    memory[lot + ABOVE] = price * (1.0 + target)
    memory[lot + BELOW] = price * (1.0 - stop)
    memory[lot + LATEST] = bar + patience


@compiled(forceinline=True)
def _note_bounds(memory: Any, end: int) -> None:
    """Note how many lots there are, and between which prices, and until which bar, all of them are kept."""
    held = 0.0
    above, below, latest = math.inf, -math.inf, math.inf
    for lot in range(0, end, ROW):
        if memory[lot] > 0.0:
            held += 1.0
            if memory[lot + ABOVE] < above:
                above = memory[lot + ABOVE]
            if memory[lot + BELOW] > below:
                below = memory[lot + BELOW]
            if memory[lot + LATEST] < latest:
                latest = memory[lot + LATEST]
    memory[end + HELD] = held
    memory[end + FIRST_ABOVE], memory[end + FIRST_BELOW], memory[end + FIRST_LATEST] = above, below, latest


@compiled(forceinline=True)
def _due(memory: Any, lot: int, bar: int, close: float) -> int:
    """Why a lot is sold at a close, as a position in `REASONS`; 0 if it is kept."""
    if close > memory[lot + ABOVE]:
        return 1
    if close <= memory[lot + BELOW]:
        return 2
    return 3 if bar >= memory[lot + LATEST] else 0


@compiled(forceinline=True)
def _put(sheet: Any, at: int, fill: int, size: float, money: float, reason: int, lot: int) -> None:
    """Write an order where the plan fills it, a position in `FILLS`."""
    sheet[at, 0] = OPEN if fill == 0 else CLOSE if fill == 1 else NOW
    sheet[at, 1], sheet[at, 2], sheet[at, 3] = size, money, math.nan
    sheet[at, 4], sheet[at, 5] = reason, lot


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
        self._tags: tuple[str, ...] = ()

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
        return ROW * self.lots + NOTES

    def knows_from(self, other: AccountRule) -> None:
        assert isinstance(other, LotCarrier)
        self._exits, self._tags = other._exits, other._tags

    def numbers(self) -> dict[str, float]:
        plan: Any = self.plan

        def at(value: float | None) -> float:
            return math.nan if value is None else float(value)

        check_tags(self.name, plan, self._tags)
        fates = {}
        for i, fate in enumerate((plan.each, *(plan.each.of(tag) for tag in self._tags))):
            fates |= {f"{key}_{i}": at(getattr(fate, key)) for key in Fate.model_fields}
        return {
            "lots": float(plan.lots),
            "size": float(SIZES.index(plan.size)),
            "amount": at(plan.amount),
            "per_bar": float(plan.per_bar),
            "leave_all": float(plan.leave == "all"),
            "average_target": at(plan.average_target),
            "average_stop": at(plan.average_stop),
            "fill": float(FILLS.index(plan.fill)),
            **fates,
        }

    def arrays(self, market: Market) -> dict[str, Floats]:
        self.rule.history_before_run = self.history_before_run
        signals = self.rule.checked_signals(market)
        self._exits, self._tags = tuple(signals.exit), tuple(signals.tags)
        return {
            "enter": signals.enters().astype(float),
            "leave": signals.exit_codes().astype(float),
            "tag": signals.tag_codes().astype(float),
        }

    @staticmethod
    def step(bar: int, account: Any, arrays: Any, params: Any, memory: Any) -> list[StepOrder]:
        sheet = np.empty((MOST_LOTS + MORE, ORDER_NUMBERS))
        enters, leaves, tag = arrays.enter[bar], arrays.leave[bar], arrays.tag[bar]
        given = LotCarrier.write_orders(bar, account, enters, leaves, tag, params, memory, sheet)
        return [order_of(row) for row in sheet[:given].tolist()]

    @staticmethod
    def write_orders(
        bar: int,
        account: Any,
        enters: float,
        leaves: float,
        tag: float,
        numbers: Any,
        memory: Any,
        sheet: Any,
    ) -> int:
        """The step as the compiled loop calls it, with what the signals say of the bar: writes an order a row
        (`account_orders.order_of`), and returns how many, no more than `most_orders`. To make a list takes
        longer than all the rest."""
        count = int(numbers[LOTS])
        end = ROW * count
        close = account.close
        if len(account.fills) == 0 and memory[end + BEGUN] != 0.0:
            free = enters > 0.5 and memory[end + HELD] < count
            leaving = account.size > 0.0 and (
                leaves > 0.0
                or close > account.average * (1.0 + numbers[AVERAGE_TARGET])
                or close <= account.average * (1.0 - numbers[AVERAGE_STOP])
            )
            due = close > memory[end + FIRST_ABOVE] or close <= memory[end + FIRST_BELOW]
            if not (free or leaving or due or bar >= memory[end + FIRST_LATEST]):
                return 0
        if memory[end + BEGUN] == 0.0:
            memory[end + BEGUN] = 1.0
            for lot in range(0, end, ROW):
                memory[lot + MONEY] = account.put_in / count
        fill = int(numbers[FILL])
        for k in range(len(account.fills)):
            lot = ROW * int(account.fills[k, 0])
            if lot >= 0:
                shares, price = account.fills[k, 1], account.fills[k, 2]
                memory[lot] += shares
                memory[lot + MONEY] -= shares * price
                if shares > 0.0:
                    # What was bought on the close before has seen one more by now.
                    born = bar - 1.0 if fill == 2 else float(bar)
                    fate = FATES + FATE * int(memory[lot + TAG])
                    _bought(memory, lot, price, born, numbers[fate], numbers[fate + 1], numbers[fate + 2])
                elif memory[lot] <= 1e-9 * -shares:
                    memory[lot] = 0.0
        _note_bounds(memory, end)

        why_all = 0  # a reason for which all are sold
        if account.size > 0.0:
            if close > account.average * (1.0 + numbers[AVERAGE_TARGET]):
                why_all = 4
            elif close <= account.average * (1.0 - numbers[AVERAGE_STOP]):
                why_all = 5
            elif leaves > 0.0:
                why_all = 5 + int(leaves)
        if numbers[LEAVE_ALL] > 0.5:
            for lot in range(0, end, ROW):
                if why_all == 0 and memory[lot] > 0.0:
                    why_all = _due(memory, lot, bar, close)
        given = 0
        for lot in range(0, end, ROW):
            if memory[lot] <= 0.0:
                continue
            why = why_all if why_all != 0 else _due(memory, lot, bar, close)
            if why != 0:
                memory[lot + LEAVES] = bar + 1.0
                _put(sheet, given, fill, -memory[lot], 0.0, why, lot // ROW)
                given += 1
        if enters < 0.5 or leaves > 0.0:
            return given
        opened = 0
        for lot in range(0, end, ROW):
            if opened >= int(numbers[PER_BAR]):
                break
            if memory[lot] > 0.0 and memory[lot + LEAVES] != bar + 1.0:
                continue
            if numbers[SIZE] == 0.0:
                money = numbers[AMOUNT]
            elif numbers[SIZE] == 1.0:
                money = memory[lot + MONEY] + memory[lot] * close  # with what its sale brings
            else:
                money = account.equity / count
            if money <= 0.0:
                continue
            opened += 1
            memory[lot + TAG] = tag  # when it is sold of what it held, is known already
            _put(sheet, given, fill, 0.0, money, 0, lot // ROW)
            given += 1
        return given


def account_rule_of(rule: Any) -> AccountRule | None:
    """What carries a rule out that sees its account: itself, or its lots; None for any other."""
    if isinstance(rule, AccountRule):
        return rule
    if isinstance(rule, TradeRule) and isinstance(rule.plan, LotPlan):
        return LotCarrier(rule)
    return None
