"""Many allocation plans on one rule's targets: from the plans' own classes to the compiled loop and back.

signals = WeightSignals.of(rule, market)
found = run_weight_plans(stage, signals, plans, costs, Terms())
found.metrics[:, MEASURES.index("sharpe")]
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np

from engine.costs import Costs
from engine.kernel import weights
from engine.kernel.cells import NO_INTS, NONE, KernelRun, account_of, fills_of, room_for, run_of
from engine.kernel.figures import DAYS_A_YEAR, ROW
from engine.kernel.money import KernelRuns, finished
from engine.kernel.stage import Bools, Floats, Ints, Stage, Terms, cost_rows, next_true
from feeds.market import Market
from feeds.periods import EPOCH, last_of_period
from letf_instruments import SpecError
from strategies.allocation_rule import AllocationRule
from strategies.plans.allocation_plan import ON_LAST, AllocationPlan, Schedule
from strategies.plans.fill import FILLS

SCHEDULES: tuple[str, ...] = get_args(Schedule)
NOWHERE = weights.Record(NONE, NO_INTS, NO_INTS, NONE, NONE, NONE, NO_INTS, NO_INTS)


@dataclass(frozen=True, eq=False)
class WeightSignals:
    """An `AllocationRule`'s targets as the compiled loop takes them.

    names : of the instruments, as the rule has them. weights : shape (k, n). state : 0, or 1 + the position
    of the state that holds, shape (n,). states : their names.
    """

    names: tuple[str, ...]
    weights: Floats
    state: Ints
    states: tuple[str, ...]

    @classmethod
    def of(cls, rule: AllocationRule, market: Market) -> WeightSignals:
        """The targets of a rule on a market.

        Raises
        ------
        SpecError
            If the rule gives what no rule may give, or makes no sense on one of its instruments.
        """
        targets = rule.checked_targets(market)
        for name in rule.instruments:
            rule.check_instrument(market[name].multiple)
        return cls(
            rule.instruments,
            np.array(list(targets.weights.values()), dtype=np.float64),
            targets.state_codes(),
            tuple(targets.states),
        )

    def part(self, first: int, stop: int) -> WeightSignals:
        """The targets on the bars from `first` to before `stop`, to a run of those alone."""
        own = slice(first, stop)
        return replace(self, weights=self.weights[:, own], state=self.state[own].copy())


def plan_row(plan: AllocationPlan) -> list[float]:
    """A plan in numbers, `weights.PLAN_COLUMNS` of them."""
    return [
        float(SCHEDULES.index(plan.schedule)),
        math.inf if plan.band is None else plan.band,
        math.inf if plan.exposure_band is None else plan.exposure_band,
        float(plan.every or 0),
        float(FILLS.index(plan.fill)),
    ]


def schedule_due(days: Ints, wanted: Collection[str] = SCHEDULES) -> Bools:
    """For each of `SCHEDULES`: the first close of a new period, the very first close one of them; or the
    last.

    Parameters
    ----------
    days : days since 1970-01-01 by bar, shape (n,). Returns shape (schedules, n).
    wanted : of those that the exchange's calendar decides, which takes a while, others are left at never.
    """
    day = days.astype("datetime64[D]")
    month = day.astype("datetime64[M]").astype(np.int64)
    periods = {
        "daily": days,
        "weekly": (days + 3) // 7,  # 1970-01-01 was a Thursday, weeks begin on Monday
        "monthly": month,
        "quarterly": month // 3,
        "yearly": month // 12,
    }
    due = np.zeros((len(SCHEDULES), len(days)), dtype=np.bool_)
    for name, period in periods.items():
        due[SCHEDULES.index(name)] = np.append(True, period[1:] != period[:-1])
    for name, every in ON_LAST.items():
        if name not in wanted:
            continue
        due[SCHEDULES.index(name)] = last_of_period(day, every)
    return due


def wishes_of(stage: Stage, signals: WeightSignals, schedules: Collection[str] = SCHEDULES) -> weights.Wishes:
    """A rule's targets on the bars of a stage, for plans of these schedules."""
    known = ~np.isnan(signals.weights).any(axis=0)
    wanted = known & (signals.weights != 0).any(axis=0)
    return weights.Wishes(
        np.ascontiguousarray(signals.weights),
        known,
        signals.state,
        next_true(wanted),
        schedule_due(stage.days, schedules),
        np.where(stage.first, np.cumsum(stage.first) - 1, -1),
    )


def recalls_of(stage: Stage, rows: list[int], terms: Terms) -> Bools:
    """Which shorts the lender wants back, if they were carried into the bar: as `LabBroker` draws them, by
    seed, date and the feed's place. Shape (k, n) for the feeds in `rows`, (k, 0) if there are no recalls."""
    if not terms.recall_rate:
        return np.zeros((len(rows), 0), dtype=np.bool_)
    out = np.zeros((len(rows), len(stage)), dtype=np.bool_)
    for t in np.flatnonzero(stage.nights).tolist():
        chance = 1.0 - math.exp(-terms.recall_rate * int(stage.nights[t]) / DAYS_A_YEAR)
        draws = np.random.default_rng([terms.seed, int(stage.days[t]) + EPOCH]).random(len(stage.instruments))
        out[:, t] = draws[rows] < chance
    return out


def tapes_of(stage: Stage, signals: WeightSignals, terms: Terms) -> weights.Tapes:
    """The bars of a rule's instruments, and what an account asks for positions in them.

    Raises
    ------
    SpecError
        If the market has none of that name, one is named twice, or has a bar without a price.
    """
    its = [stage[name] for name in signals.names]
    feeds = list(stage.instruments)
    rows = [feeds.index(it.name) for it in its]
    for name, it in zip(signals.names, its, strict=True):
        if sum(it is other for other in its) > 1:
            raise SpecError(f"{name} is named twice among {', '.join(signals.names)}")
        if not (np.isfinite(it.open).all() and np.isfinite(it.close).all()):
            raise SpecError(f"{name} has bars without a price, which the compiled engine does not trade on")
    split = np.array([it.split for it in its])
    paid = np.array([it.dividend for it in its])
    multiples = [it.multiple for it in its]
    margin = terms.margin
    return weights.Tapes(
        np.array([it.open for it in its]),
        np.array([it.high for it in its]),
        np.array([it.low for it in its]),
        np.array([it.close for it in its]),
        np.array([it.volume for it in its]),
        split,
        (split != 1.0).any(axis=0),
        paid,
        paid.any(axis=0),
        recalls_of(stage, rows, terms),
        np.array(multiples, dtype=np.float64),
        np.array(
            [
                [kind(side, multiple) for multiple in multiples]
                for kind in (margin.initial, margin.maintenance)
                for side in (1.0, -1.0)
            ]
        ),
        np.argsort(rows).astype(np.int64),
        stage.days,
        stage.last,
        stage.tilt,
        stage.market,
    )


def _kept_tapes(stage: Stage, signals: WeightSignals, terms: Terms) -> weights.Tapes:
    """The same, kept with the stage."""
    key = ("tapes", signals.names, terms.margin, terms.recall_rate, terms.seed)
    if key not in stage.kept:
        stage.kept[key] = tapes_of(stage, signals, terms)
    tapes: weights.Tapes = stage.kept[key]
    return tapes


def run_weight_plans(
    stage: Stage,
    signals: WeightSignals,
    plans: Sequence[AllocationPlan],
    costs: Sequence[Costs],
    terms: Terms,
) -> KernelRuns:
    """Run plans, each with its own costs, on one rule's targets and one account's terms.

    Raises
    ------
    SpecError
        As `tapes_of` does.
    """
    return run_weight_rows(
        stage, signals, np.array([plan_row(plan) for plan in plans]), cost_rows(list(costs)), terms
    )


def run_weight_rows(
    stage: Stage, signals: WeightSignals, rows: Floats, costs: Floats, terms: Terms, marks: Ints = NO_INTS
) -> KernelRuns:
    """The same for plans and costs that are in numbers already: `plan_row`, `cost_rows`; `marks` as of
    `cells.run_trade_rows`."""
    out = room_for(len(rows), marks)
    ended = np.empty(len(rows), dtype=np.int64)
    _run(stage, signals, rows, costs, terms, NOWHERE, out, ended, marks)
    return finished(stage, terms, out, ended)


def run_weight_plan(
    stage: Stage, signals: WeightSignals, plan: AllocationPlan, costs: Costs, terms: Terms
) -> KernelRun:
    """Run one plan and write down every fill, and the account at every close."""
    return run_weight_row(stage, signals, plan_row(plan), cost_rows([costs])[0], terms)


def run_weight_row(
    stage: Stage,
    signals: WeightSignals,
    row: Sequence[float],
    costs: Floats,
    terms: Terms,
    fills: bool = True,
) -> KernelRun:
    """The same for a plan and costs that are in numbers already; without `fills` the account alone."""
    n, k = len(stage), len(signals.names)
    # On a bar an instrument has one order of its owner's, one of the broker's, one split.
    room = 3 * k * n if fills else 0
    record = weights.Record.with_room(n, room)
    out, ended = np.empty((1, ROW)), np.empty(1, dtype=np.int64)
    _run(stage, signals, np.array([row]), np.array([costs]), terms, record, out, ended)
    names = [stage[name].name for name in signals.names]
    written = fills_of(record, names, (*weights.REASONS, *signals.states)) if fills else []
    return run_of(stage, terms, out, int(ended[0]), record.equity, written)


def _run(
    stage: Stage,
    signals: WeightSignals,
    rows: Floats,
    costs: Floats,
    terms: Terms,
    record: weights.Record,
    out: Floats,
    ended: Ints,
    marks: Ints = NO_INTS,
) -> None:
    weights.run_weight_plans(
        _kept_tapes(stage, signals, terms),
        wishes_of(stage, signals, {SCHEDULES[int(at)] for at in rows[:, weights.PLAN_SCHEDULE]}),
        stage.money(terms.cash_spread, terms.debt_spread),
        account_of(stage, terms, marks),
        rows,
        costs,
        record,
        out,
        ended,
    )
