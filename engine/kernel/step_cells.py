"""Many plans of one `AccountRule`: from the rule's own class to the compiled loop and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.kernel import steps, tape
from engine.kernel.cells import NO_INTS, NONE, KernelRun, account_of, fills_of, room_for, run_of, tape_of
from engine.kernel.figures import ROW
from engine.kernel.money import KernelRuns, finished
from engine.kernel.stage import Floats, Ints, Stage, Terms
from engine.kernel.step_adapter import adapted
from feeds.market import Market
from letf_instruments import SpecError
from strategies.account_orders import wrong_words
from strategies.account_rule import AccountRule


@dataclass(frozen=True, eq=False)
class StepSignals:
    """An `AccountRule`'s arrays and its step as the compiled loop takes them.

    matrix : the arrays, shape (k, n). factor : price as traded over that of the market, shape (n,).
    """

    rule: AccountRule
    step: Any
    matrix: Floats
    factor: Floats

    @classmethod
    def of(cls, rule: AccountRule, market: Market, factor: Floats | None = None) -> StepSignals:
        """The arrays of a rule on a market.

        Raises
        ------
        SpecError
            If the rule gives what no rule may give, or numba cannot compile its step.
        """
        given = rule.checked_arrays(market)
        matrix = np.ascontiguousarray(np.array(list(given.values()), dtype=np.float64))
        matrix.flags.writeable = False  # all cells read the same
        return cls(
            rule, adapted(rule, tuple(given)), matrix, np.ones(len(market)) if factor is None else factor
        )

    def part(self, first: int, stop: int, scale: float) -> StepSignals:
        """What the step reads on the bars from `first` to before `stop`, to a run of those alone.

        Parameters
        ----------
        scale : what the instrument's prices are multiplied by there. Those of the arrays are not: as where
            a fund was split, the step sees shares and prices on their scale.
        """
        matrix = np.ascontiguousarray(self.matrix[:, first:stop])
        matrix.flags.writeable = False
        return replace(self, matrix=matrix, factor=self.factor[first:stop] * scale)

    def row(self, rule: AccountRule) -> list[float]:
        """The numbers of a rule of this kind, which may differ in its plan."""
        if rule is not self.rule:
            rule.knows_from(self.rule)
        return list(rule.numbers().values()) or [0.0]


def run_step_rows(
    stage: Stage, signals: StepSignals, rows: Floats, costs: Floats, terms: Terms, marks: Ints = NO_INTS
) -> KernelRuns:
    """Run cells, each with its own numbers and costs; `marks` as of `cells.run_trade_rows`."""
    out, ended = room_for(len(rows), marks), np.empty(len(rows), dtype=np.int64)
    nowhere = tape.Record(NONE, NO_INTS, NONE, NONE, NONE, NO_INTS, NO_INTS)
    _run(stage, signals, rows, costs, terms, nowhere, out, ended, marks)
    return finished(stage, terms, out, ended)


def run_step_row(
    stage: Stage,
    signals: StepSignals,
    row: Sequence[float],
    costs: Floats,
    terms: Terms,
    fills: bool = True,
) -> KernelRun:
    """The same for one cell, with every fill (unless not wanted) and the account at every close written
    down."""
    n = len(stage)
    room = (signals.rule.most_orders + 2) * n + 10 if fills else 0
    record = tape.Record.with_room(n, room)
    out, ended = np.empty((1, ROW)), np.empty(1, dtype=np.int64)
    _run(stage, signals, np.array([row], dtype=np.float64), costs[None], terms, record, out, ended)
    reasons = (*steps.REASONS, *signals.rule.reason_names)
    name = stage[signals.rule.instrument].name
    written = fills_of(record, [name], reasons) if fills else []
    return run_of(stage, terms, out[0], int(ended[0]), record.equity, written)


def _run(
    stage: Stage,
    signals: StepSignals,
    rows: Floats,
    costs: Floats,
    terms: Terms,
    record: Any,
    out: Floats,
    ended: Ints,
    marks: Ints = NO_INTS,
) -> None:
    rule = signals.rule
    it = stage[rule.instrument]
    if not stage.daily:
        raise SpecError(f"rule {rule.name} sends orders for the close, which daily bars alone have")
    done = steps.run_step_plans(
        signals.step,
        tape_of(stage, rule.instrument, terms),
        signals.factor,
        terms.margin.initial(1.0, it.multiple),
        signals.matrix,
        account_of(stage, terms, marks),
        rule.memory_size,
        rule.lots,
        rule.most_orders,
        rows,
        costs,
        record,
        out,
        ended,
    )
    if done < len(rows):
        day = np.datetime64(int(stage.days[int(out[done, 0])]), "D")
        wrong = wrong_words(int(out[done, 1]), len(rule.reason_names), rule.lots)
        raise SpecError(f"{day}: rule {rule.name}: its step is wrong: {wrong}; --engine backtrader shows it")
