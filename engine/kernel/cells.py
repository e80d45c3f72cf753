"""Many plans on one rule's signals: from the plans' own classes to the compiled loop and back.

signals = TradeSignals.of(rule, market, stage)
found = run_trade_plans(stage, signals, "SOXS", plans, costs, Terms())
found.metrics[:, MEASURES.index("sharpe")]
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.costs import Costs
from engine.kernel import tape, trades
from engine.kernel.figures import ROW
from engine.kernel.money import KernelRuns, finished
from engine.kernel.stage import Floats, Stage, Terms, cost_rows
from feeds.market import Market
from letf_instruments import SpecError
from strategies.plans.trade_plan import TradePlan
from strategies.trade_rule import TradeRule

NONE = np.zeros(0)
NO_INTS = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class KernelFill:
    """One fill, as `analyzers.FillLog` has them: bar from 0, price and size as traded, costs in money."""

    bar: int
    instrument: str
    price: float
    size: float
    costs: float
    reason: str


@dataclass(frozen=True, eq=False)
class KernelRun:
    """One cell written down: metrics and money as in `KernelRuns`, the account at each bar's close, its
    fills."""

    metrics: Floats
    equity: Floats
    fills: list[KernelFill]
    done: bool
    money: Floats | None = None


@dataclass(frozen=True, eq=False)
class TradeSignals:
    """A `TradeRule`'s signals as the compiled loop takes them; levels by name, as traded on their bar."""

    rule: str
    decisions: tape.Decisions
    exit_reasons: tuple[str, ...]
    levels: dict[str, int]
    index_levels: dict[str, int]

    @classmethod
    def of(cls, rule: TradeRule, market: Market, factor: Floats | None = None) -> TradeSignals:
        """The signals of a rule on a market.

        Parameters
        ----------
        factor : price as traded over that of the market, of the rule's instrument, shape (n,); None for 1.

        Raises
        ------
        SpecError
            If the rule gives what no rule may give, or its plan names a level that it does not give.
        """
        given = rule.checked_signals(market)
        n = len(market)
        entry = given.enters()
        at = np.where(entry, np.arange(n), n)
        following = np.append(np.minimum.accumulate(at[::-1])[::-1], n)
        scale = 1.0 if factor is None else factor
        return cls(
            rule.name,
            tape.Decisions(
                np.ascontiguousarray(entry),
                following.astype(np.int64),
                given.exit_codes().astype(np.int16),
                np.array([level * scale for level in given.levels.values()]).reshape(len(given.levels), n),
                np.array(list(given.index_levels.values()), dtype=np.float64).reshape(
                    len(given.index_levels), n
                ),
            ),
            tuple(given.exit),
            {name: i for i, name in enumerate(given.levels)},
            {name: i for i, name in enumerate(given.index_levels)},
        )

    def row(self, plan: TradePlan) -> list[float]:
        """A plan in numbers, `tape.PLAN_COLUMNS` of them.

        Raises
        ------
        SpecError
            If it names a level that the rule does not give.
        """

        def at(value: float | str | None) -> float:
            return math.nan if value is None or isinstance(value, str) else float(value)

        def level(role: str, rows: dict[str, int]) -> float:
            value = getattr(plan, role)
            if not isinstance(value, str):
                return -1.0
            if value not in rows:
                known = ", ".join(rows) or "none"
                raise SpecError(f"plan.{role} names the level {value!r}; rule {self.rule} gives {known}")
            return float(rows[value])

        return [
            plan.fraction,
            at(plan.risk),
            at(plan.stop),
            level("stop", self.levels),
            at(plan.target),
            level("target", self.levels),
            at(plan.trailing_stop),
            level("rebound", self.index_levels),
            float(plan.max_bars or 0),
            float(plan.cooldown),
        ]


def tape_of(stage: Stage, instrument: str, terms: Terms) -> tape.Tape:
    """The bars of a plan's instrument, and what the account's cash does; kept with the stage."""
    it = stage[instrument]
    key = ("tape", it.name, terms.cash_spread)
    if key not in stage.kept:
        money = stage.money(terms.cash_spread, terms.debt_spread)
        prices = (it.open, it.high, it.low, it.close, stage.index_close)
        stage.kept[key] = tape.Tape(
            np.column_stack((*prices, money.idle, money.accrued, it.volume)),
            np.column_stack(
                (
                    money.growth,
                    money.returns,
                    money.squares,
                    money.excess,
                    money.excess_squares,
                    money.downside,
                    money.tilted,
                )
            ),
            money.skips,
            it.split,
            it.has_splits,
            it.dividend,
            it.pays,
            stage.days,
            stage.last,
            stage.daily,
            it.multiple < 0,
            float(it.multiple),
            stage.tilt,
            stage.market,
        )
    made: tape.Tape = stage.kept[key]
    return made


def account_of(stage: Stage, terms: Terms) -> tape.Account:
    """The terms of an account that are numbers, and what is paid into it."""
    return tape.Account(terms.cash, terms.whole_shares, *stage.paid(terms.deposits))


def run_of(
    stage: Stage, terms: Terms, out: Floats, ended: int, equity: Floats, fills: list[KernelFill]
) -> KernelRun:
    """One cell written down, from its row.

    Raises
    ------
    SpecError
        If there was not the cash for a withdrawal.
    """
    found = finished(stage, terms, out.reshape(1, -1), np.array([ended]))
    if found.refused:
        raise SpecError(found.refused[0])
    money = None if found.money is None else found.money[0]
    return KernelRun(found.metrics[0], equity, fills, bool(found.done[0]), money)


def run_trade_plans(
    stage: Stage,
    signals: TradeSignals,
    instrument: str,
    plans: Sequence[TradePlan],
    costs: Sequence[Costs],
    terms: Terms,
) -> KernelRuns:
    """Run plans, each with its own costs, on one rule's signals and one account's terms."""
    rows = np.array([signals.row(plan) for plan in plans])
    return run_trade_rows(stage, signals, instrument, rows, cost_rows(list(costs)), terms)


def run_trade_rows(
    stage: Stage, signals: TradeSignals, instrument: str, rows: Floats, costs: Floats, terms: Terms
) -> KernelRuns:
    """The same for plans and costs that are in numbers already: `TradeSignals.row`, `cost_rows`."""
    out = np.empty((len(rows), ROW))
    ended = np.empty(len(rows), dtype=np.int64)
    trades.run_plans(
        tape_of(stage, instrument, terms),
        signals.decisions,
        account_of(stage, terms),
        rows,
        costs,
        tape.Record(NONE, NO_INTS, NONE, NONE, NONE, NO_INTS, NO_INTS),
        out,
        ended,
    )
    return finished(stage, terms, out, ended)


def run_trade_plan(
    stage: Stage, signals: TradeSignals, instrument: str, plan: TradePlan, costs: Costs, terms: Terms
) -> KernelRun:
    """Run one plan and write down every fill, and the account at every close."""
    return run_trade_row(stage, signals, instrument, signals.row(plan), cost_rows([costs])[0], terms)


def run_trade_row(
    stage: Stage,
    signals: TradeSignals,
    instrument: str,
    row: Sequence[float],
    costs: Floats,
    terms: Terms,
) -> KernelRun:
    """The same for a plan and costs that are in numbers already."""
    n = len(stage)
    room = 4 * n + 4
    record = tape.Record.with_room(n, room)
    out, ended = np.empty((1, ROW)), np.empty(1, dtype=np.int64)
    trades.run_plans(
        tape_of(stage, instrument, terms),
        signals.decisions,
        account_of(stage, terms),
        np.array([row]),
        np.array([costs]),
        record,
        out,
        ended,
    )
    name = stage[instrument].name
    names = (*tape.REASONS, *signals.exit_reasons)
    count = int(record.fills[0])
    fills = [
        KernelFill(int(bar), name, float(price), float(size), float(paid), names[reason])
        for bar, price, size, paid, reason in zip(
            record.bar[:count],
            record.price[:count],
            record.size[:count],
            record.costs[:count],
            record.reason[:count],
            strict=True,
        )
    ]
    return run_of(stage, terms, out, int(ended[0]), record.equity, fills)
