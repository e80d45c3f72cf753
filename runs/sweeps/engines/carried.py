"""A rule and its signals in the compiled engine, whichever plan carries it out."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from copy import copy
from typing import Any, Protocol

from engine.kernel import cells, step_cells, tape, weight_cells, weights
from engine.kernel.stage import Floats, Founded, Ints, Stage, Terms
from engine.kernel.trade_signals import TradeSignals
from letf_instruments import SpecError
from runs.sweeps.engines.stage import Scene
from strategies import AllocationRule, Rule, TradeRule
from strategies.account_rule import AccountRule
from strategies.lots import account_rule_of


class Carried(Protocol):
    """Signals that are there, for any plan."""

    columns: int  # of a plan's row
    layout: Hashable  # what a plan's row depends on beside the plan; None if that is more than can be named

    def row(self, plan: Any) -> list[float]:
        """A plan in numbers."""
        ...

    def run(
        self, stage: Stage, rows: Floats, costs: Floats, terms: Terms, marks: Ints = cells.NO_INTS
    ) -> cells.KernelRuns:
        """Many plans, each with its own row of costs; what they come to by the marked bars beside."""
        ...

    def record(
        self, stage: Stage, row: Sequence[float], costs: Floats, terms: Terms, fills: bool = True
    ) -> cells.KernelRun:
        """One of them, written down; without `fills` the account alone."""
        ...

    def part(self, first: int, stop: int, founded: Mapping[str, Founded]) -> Carried:
        """The same signals for a run of the bars from `first` to before `stop` (`Stage.part`)."""
        ...


def carried(rule: Rule, scene: Scene) -> Carried:
    """The signals of a rule on a market.

    Raises
    ------
    SpecError
        If no plan of the compiled engine carries the rule out, or it gives what no rule may give.
    """
    own = account_rule_of(rule)
    if own is not None:
        return _Steps(own, rule, scene)
    if isinstance(rule, TradeRule):
        return _Trades(rule, scene)
    if isinstance(rule, AllocationRule):
        return _Weights(rule, scene)
    raise SpecError(f"rule {rule.name} has no plan that the kernel carries out; use --engine backtrader")


class _Trades:
    columns = tape.PLAN_COLUMNS

    def __init__(self, rule: TradeRule, scene: Scene) -> None:
        rule.check_instrument(scene.stage[rule.instrument].multiple)
        self._instrument = rule.instrument
        factors = [scene.factors.get(name) for name in rule.instruments]
        self._signals = TradeSignals.of(rule, scene.market, *factors)
        self.row = self._signals.row
        sides = (self._signals.side, self._signals.other)
        self.layout = tuple(side and (tuple(side.levels), tuple(side.index_levels)) for side in sides)
        self._names = [scene.stage[name].name for name in rule.instruments]

    def run(
        self, stage: Stage, rows: Floats, costs: Floats, terms: Terms, marks: Ints = cells.NO_INTS
    ) -> cells.KernelRuns:
        return cells.run_trade_rows(stage, self._signals, self._instrument, rows, costs, terms, marks)

    def record(
        self, stage: Stage, row: Sequence[float], costs: Floats, terms: Terms, fills: bool = True
    ) -> cells.KernelRun:
        return cells.run_trade_row(stage, self._signals, self._instrument, row, costs, terms, fills)

    def part(self, first: int, stop: int, founded: Mapping[str, Founded]) -> Carried:
        scales = [founded[name].scale if name in founded else 1.0 for name in self._names]
        new = copy(self)
        new._signals = self._signals.part(first, stop, (scales[0], scales[-1]))
        return new


class _Steps:
    layout = None

    def __init__(self, own: AccountRule, rule: Rule, scene: Scene) -> None:
        own.history_before_run = rule.history_before_run
        own.check_instrument(scene.stage[own.instrument].multiple)
        self._rule = rule
        self._signals = step_cells.StepSignals.of(own, scene.market, scene.factors.get(own.instrument))
        self.columns = len(self._signals.row(own))
        self._name = scene.stage[own.instrument].name

    def row(self, plan: Any) -> list[float]:
        """The numbers of the rule with another plan."""
        other = account_rule_of(type(self._rule)(self._rule.params, plan, self._rule.filters))
        assert other is not None
        return self._signals.row(other)

    def run(
        self, stage: Stage, rows: Floats, costs: Floats, terms: Terms, marks: Ints = cells.NO_INTS
    ) -> cells.KernelRuns:
        return step_cells.run_step_rows(stage, self._signals, rows, costs, terms, marks)

    def record(
        self, stage: Stage, row: Sequence[float], costs: Floats, terms: Terms, fills: bool = True
    ) -> cells.KernelRun:
        return step_cells.run_step_row(stage, self._signals, row, costs, terms, fills)

    def part(self, first: int, stop: int, founded: Mapping[str, Founded]) -> Carried:
        new = copy(self)
        own = founded.get(self._name)
        new._signals = self._signals.part(first, stop, 1.0 if own is None else own.scale)
        return new


class _Weights:
    columns = weights.PLAN_COLUMNS
    layout = ()

    def __init__(self, rule: AllocationRule, scene: Scene) -> None:
        self._signals = weight_cells.WeightSignals.of(rule, scene.market)
        self.row = weight_cells.plan_row

    def run(
        self, stage: Stage, rows: Floats, costs: Floats, terms: Terms, marks: Ints = cells.NO_INTS
    ) -> cells.KernelRuns:
        return weight_cells.run_weight_rows(stage, self._signals, rows, costs, terms, marks)

    def record(
        self, stage: Stage, row: Sequence[float], costs: Floats, terms: Terms, fills: bool = True
    ) -> cells.KernelRun:
        return weight_cells.run_weight_row(stage, self._signals, row, costs, terms, fills)

    def part(self, first: int, stop: int, founded: Mapping[str, Founded]) -> Carried:
        new = copy(self)
        new._signals = self._signals.part(first, stop)
        return new
