"""Many plans on one rule's signals: from the plans' own classes to the compiled loop and back.

signals = TradeSignals.of(rule, market, stage)
found = run_trade_plans(stage, signals, "SOXS", plans, costs, Terms())
found.metrics[:, MEASURES.index("sharpe")]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.costs import Costs
from engine.kernel import placed, tape, trades
from engine.kernel.figures import ROW
from engine.kernel.money import KernelRuns, finished
from engine.kernel.stage import Floats, Ints, Stage, Terms, cost_rows
from engine.kernel.trade_signals import TradeSignals
from engine.kernel.weights import Record as SidesRecord
from letf_instruments import SpecError
from strategies.plans.trade_plan import TradePlan

NONE = np.zeros(0)
NO_INTS = np.zeros(0, dtype=np.int64)
NOWHERE = tape.Record(NONE, NO_INTS, NONE, NONE, NONE, NO_INTS, NO_INTS)


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


def tape_of(stage: Stage, instrument: str, terms: Terms) -> tape.Tape:
    """The bars of a plan's instrument, and what the account's cash does; kept with the stage."""
    it = stage[instrument]
    key = ("tape", it.name, terms.cash_spread)
    if key not in stage.kept:
        money = stage.money(terms.cash_spread, terms.debt_spread)
        prices = (it.open, it.high, it.low, it.close, stage.index_close)
        sums = (money.growth, money.returns, money.squares, money.excess)
        cash = (*sums, money.excess_squares, money.downside, money.tilted)
        stage.kept[key] = tape.Tape(
            _side_by_side((*prices, money.idle, money.accrued, it.volume)),
            _side_by_side(cash),
            money.skips,
            _one_type(it.split),
            it.has_splits,
            _one_type(it.dividend),
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


def _side_by_side(columns: Sequence[Floats]) -> Floats:
    """A row a bar: `numpy.column_stack`, which takes twice as long."""
    out = np.empty((len(columns[0]), len(columns)))
    for j, column in enumerate(columns):
        out[:, j] = column
    return out


def _one_type(values: Floats) -> Floats:
    """Values in an array that can be written to: to numba a read-only one is of another type, and the tapes
    of both sides of a plan must be of one."""
    return np.require(values, requirements="W")


def account_of(stage: Stage, terms: Terms, marks: Ints = NO_INTS) -> tape.Account:
    """The terms of an account that are numbers, what is paid into it, and the bars that are marked."""
    paid = stage.paid(terms.deposits)
    ends = np.append(marks, len(stage))
    return tape.Account(terms.cash, terms.whole_shares, *paid, ends, float(terms.debt_spread))


def room_for(cells: int, marks: Ints) -> Floats:
    """Rows for the loops to write."""
    return np.empty((cells, ROW + 2 * len(marks)))


def fills_of(
    record: tape.Record | SidesRecord, names: Sequence[str], reasons: Sequence[str]
) -> list[KernelFill]:
    """The fills of a record; those of a `tape.Record` are all in the first of the instruments."""
    count = int(record.fills[0])
    # As Python's numbers all at once: one by one they take longer than the run.
    columns = [
        column[:count].tolist()
        for column in (record.bar, record.price, record.size, record.costs, record.reason)
    ]
    places = record.instrument[:count].tolist() if isinstance(record, SidesRecord) else [0] * count
    return [
        KernelFill(bar, names[place], price, size, costs, reasons[reason])
        for place, bar, price, size, costs, reason in zip(places, *columns, strict=True)
    ]


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
    stage: Stage,
    signals: TradeSignals,
    instrument: str,
    rows: Floats,
    costs: Floats,
    terms: Terms,
    marks: Ints = NO_INTS,
) -> KernelRuns:
    """The same for plans and costs that are in numbers already: `TradeSignals.row`, `cost_rows`.

    Parameters
    ----------
    marks : bars that are each the last of their session, ascending: `KernelRuns.marks` are of their closes.
    """
    out = room_for(len(rows), marks)
    ended = np.empty(len(rows), dtype=np.int64)
    placed = rows[:, tape.PLACED] > 0
    for some, ask in ((~placed, False), (placed, True)):
        if not some.any():
            continue
        found, how = out[some], ended[some]
        _run(stage, signals, instrument, rows[some], costs[some], terms, ask, None, found, how, marks)
        out[some], ended[some] = found, how
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
    fills: bool = True,
) -> KernelRun:
    """The same for a plan and costs that are in numbers already; without `fills` the account alone."""
    n = len(stage)
    ask = row[tape.PLACED] > 0
    room = (placed.FILLS_A_BAR * n if ask else 4 * n + 4) if fills else 0
    record = SidesRecord.with_room(n, room) if ask else tape.Record.with_room(n, room)
    out, ended = np.empty((1, ROW)), np.empty(1, dtype=np.int64)
    _run(stage, signals, instrument, np.array([row]), np.array([costs]), terms, ask, record, out, ended)
    names = [stage[instrument].name, stage[signals.other_instrument or instrument].name]
    written = fills_of(record, names, (*tape.REASONS, *signals.reasons)) if fills else []
    return run_of(stage, terms, out, int(ended[0]), record.equity, written)


def _run(
    stage: Stage,
    signals: TradeSignals,
    instrument: str,
    rows: Floats,
    costs: Floats,
    terms: Terms,
    ask: bool,
    record: tape.Record | SidesRecord | None,
    out: Floats,
    ended: Ints,
    marks: Ints = NO_INTS,
) -> None:
    """Run rows that are all `placed`, or none of them."""
    of, account = tape_of(stage, instrument, terms), account_of(stage, terms, marks)
    if not ask:
        trades.run_plans(of, signals.decisions, account, rows, costs, record or NOWHERE, out, ended)
        return
    other = of if signals.other is None else tape_of(stage, str(signals.other_instrument), terms)
    placed.run_placed_plans(
        (of, other),
        (signals.decisions, (signals.other or signals.side).decisions),
        signals.placing(bool((rows[:, tape.LEAVE_AT] >= 2).any())),
        stage.money(terms.cash_spread, terms.debt_spread),
        account,
        rows,
        costs,
        record or SidesRecord(NONE, NO_INTS, NO_INTS, NONE, NONE, NONE, NO_INTS, NO_INTS),
        out,
        ended,
    )
