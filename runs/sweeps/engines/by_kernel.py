"""The compiled engine: signals once for all cells that share them, then every plan in one go.

Cells that the loops cannot carry out, because a bar's volume bounds an order or a sale's costs leave a debt,
are run in backtrader; their row says so.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.kernel.arithmetic import CostNumbers
from engine.kernel.cells import KernelRun
from engine.kernel.figures import MEASURES
from engine.kernel.stage import Floats, Stage, Terms, cost_rows
from feeds.rates import BorrowFee
from letf_instruments import LetfError, SpecError
from runs.backtest.checks import check_run
from runs.backtest.fund_feeds import funds_of
from runs.backtest.setting import Setting
from runs.specs.run_spec import RunSpec
from runs.specs.user_strategy import shown_with_line
from runs.sweeps.engines.blocks import by_block, marks_of
from runs.sweeps.engines.carried import Carried, carried
from runs.sweeps.engines.engine import BACKTRADER, KERNEL, Evaluated
from runs.sweeps.engines.job import Job
from runs.sweeps.engines.markets import Markets
from runs.sweeps.engines.plans import Plans
from runs.sweeps.engines.stage import Scene, make_scene, terms_of
from runs.sweeps.space.cells import METRICS
from runs.sweeps.space.grid import Ints
from strategies import Rule
from strategies.lookahead import LEAST, looks_ahead

assert METRICS == MEASURES
COST_COLUMNS = len(CostNumbers._fields)
KEPT = 8  # scenes in memory at a time
GROUPS = 2  # of cells with signals in common, likewise

Group = tuple[RunSpec, Setting, Rule, Scene, Carried]


@dataclass(frozen=True)
class Money:
    """What a cell's account asks and its fills cost."""

    terms: Terms
    costs: Floats  # a row of `cost_rows`
    borrow_fee: float


class KernelEngine:
    """Runs rules that follow a `TradePlan` or an `AllocationPlan`, on cash accounts."""

    def __init__(self, job: Job, markets: Markets | None = None) -> None:
        self._job = job
        self._markets = markets or job.markets
        self._own = job.base.is_own
        ranks = [axis.rank for axis in job.grid.axes]
        self._signalled = sum(rank <= 1 for rank in ranks)
        self._data = sum(rank == 0 for rank in ranks)
        # A rule of one's own may let its signals depend on its plan.
        self._shared = sum(rank <= (2 if self._own else 1) for rank in ranks)
        self._planned = sum(rank <= 2 for rank in ranks)
        self._plans = Plans(job, self._data, self._planned)
        self._scenes: dict[Any, Scene] = {}
        self._groups: dict[bytes, Group] = {}
        self._lock = threading.Lock()
        self._moneys: dict[Any, Money | str] = {}
        self._ahead: dict[bytes, str | None] = {}

    def evaluate(self, cells: Ints, blocks: int | None = None) -> Evaluated:
        """As `Engine.evaluate`."""
        blocks = self._job.blocks if blocks is None else blocks
        digits = self._job.grid.digits(cells)
        names = self._job.metrics
        table = np.full((len(cells), len(names)), np.nan)
        refused: list[str | None] = [None] * len(cells)
        done = np.ones(len(cells), dtype=bool)
        sums = np.full((len(cells), 2, blocks), np.nan)
        shared = digits[:, : self._shared]
        parts = np.flatnonzero((shared[1:] != shared[:-1]).any(axis=1)) + 1
        for rows in np.split(np.arange(len(cells)), parts):
            self._run_group(cells[rows], digits[rows], rows, table, refused, done, sums)
        columns: Evaluated = {name: table[:, i] for i, name in enumerate(names)}
        columns |= {"refused": refused, "engine": [KERNEL if ok else BACKTRADER for ok in done]}
        columns["blocks"] = sums
        bound = np.flatnonzero(~done)
        if len(bound):
            from runs.sweeps.engines.by_backtrader import BacktraderEngine

            again = BacktraderEngine(self._job, self._markets).evaluate(cells[bound], blocks)
            for name in (*names, "blocks"):
                columns[name][bound] = again[name]
            for at, sentence in zip(bound.tolist(), again["refused"], strict=True):
                refused[at] = sentence
        return columns

    def _run_group(
        self,
        cells: Ints,
        digits: Ints,
        rows: Ints,
        table: Floats,
        refused: list[str | None],
        done: np.ndarray,
        sums: Floats,
    ) -> None:
        """Run cells that share their signals; `rows` is where they stand in what is written."""
        try:
            spec, setting, rule, scene, signals = self._group(digits[0])
        except LetfError as error:
            for row in rows.tolist():
                refused[row] = str(error)
            return
        plans, plan_of = _distinct(digits[:, self._shared : self._planned])
        moneys, money_of = _distinct(digits[:, self._planned :])
        numbers, why_not = self._plans.numbered(spec, setting, rule, signals, digits[plans])
        planned = np.array([why is None for why in why_not])[plan_of]
        for at in np.flatnonzero(~planned).tolist():
            refused[rows[at]] = why_not[plan_of[at]]
        costs = np.zeros((len(moneys), COST_COLUMNS))
        by_terms: dict[tuple[Terms, float], list[int]] = {}
        for i, first in enumerate(moneys.tolist()):
            money = self._money(digits[first])
            if isinstance(money, str):
                for at in np.flatnonzero((money_of == i) & planned).tolist():
                    refused[rows[at]] = money
            else:
                costs[i] = money.costs
                by_terms.setdefault((money.terms, money.borrow_fee), []).append(i)
        for (terms, fee), own in by_terms.items():
            some = np.flatnonzero(np.isin(money_of, own) & planned)
            stage = self._stage(scene, setting.borrow is None, fee)
            marks = marks_of(stage.last, sums.shape[2])
            found = signals.run(stage, numbers[plan_of[some]], costs[money_of[some]], terms, marks)
            table[rows[some], : len(METRICS)], done[rows[some]] = found.metrics, found.done
            if found.money is not None:
                table[rows[some], len(METRICS) :] = found.money
            if len(marks):
                sums[rows[some]] = by_block(found.marks, int(stage.last.sum()), sums.shape[2])
            for at, sentence in found.refused.items():
                refused[rows[some[at]]] = sentence

    def record(self, cell: int) -> tuple[Scene, KernelRun]:
        """One cell again, with its fills and the account at each bar's close.

        Raises
        ------
        LetfError
            If it is refused.
        """
        digits = self._job.grid.digits(np.array([cell]))[0]
        _, setting, rule, scene, signals = self._group(digits)
        plan, money = self._plans.plan(rule, digits), self._money(digits)
        for why_not in (plan, money):
            if isinstance(why_not, str):
                raise SpecError(why_not)
        stage = self._stage(scene, setting.borrow is None, money.borrow_fee)
        return scene, signals.record(stage, signals.row(plan), money.costs, money.terms)

    # -- what cells are made of ------------------------------------------------------------------

    def _values(self, digits: Ints, first: int, last: int) -> dict[str, Any]:
        axes = self._job.grid.axes[first:last]
        return {axis.key: axis.values[at] for axis, at in zip(axes, digits[first:last], strict=True)}

    def _group(self, digits: Ints) -> Group:
        """What cells that share their signals have in common. The last groups are kept, as more chunks of
        them come; not of a rule of a person's own, which may keep something itself."""
        key = digits[: self._shared].tobytes()
        found = self._groups.get(key)
        if found is None:
            head = self._values(digits, 0, self._shared)
            spec = self._markets.spec(head)
            rule, scene = self._scene(spec, head, digits)
            signals = self._signals(spec, rule, scene, digits)
            found = spec, self._markets.of(head), rule, scene, signals
            if not self._own:
                with self._lock:
                    while len(self._groups) >= GROUPS:
                        self._groups.pop(next(iter(self._groups)))
                    self._groups[key] = found
        return found

    def _scene(self, spec: RunSpec, head: dict[str, Any], digits: Ints) -> tuple[Rule, Scene]:
        rule = spec.make_rule()
        setting = self._markets.of(head)
        if rule is None:
            raise SpecError(f"{spec.strategy} follows no plan, so the kernel cannot run it")
        check_run(spec, setting, rule)
        funds = funds_of(setting, rule)
        key = (*digits[: self._data].tolist(), *(fund.ticker for fund in funds))
        scene = self._scenes.get(key)
        if scene is None:
            scene = make_scene(spec, setting, funds)
            with self._lock:
                while len(self._scenes) >= KEPT:
                    self._scenes.pop(next(iter(self._scenes)))
                self._scenes[key] = scene
        return rule, scene

    def _signals(self, spec: RunSpec, rule: Rule, scene: Scene, digits: Ints) -> Carried:
        with shown_with_line(spec.own_file()):
            if self._own:
                self._refuse_ahead(spec, scene, digits)
            return carried(rule, scene)

    def _refuse_ahead(self, spec: RunSpec, scene: Scene, digits: Ints) -> None:
        """Refuse a rule of a person's own that looks ahead with these parameters; under its own plan, so that
        the answer is the same whichever cell asks first."""
        key = digits[: self._signalled].tobytes()
        if key not in self._ahead:
            own = self._job.base.with_values(self._values(digits, 0, self._signalled)).make_rule()
            assert own is not None
            own.history_before_run = scene.history
            spec_of_all = self._job.base.with_values(self._values(digits, 0, self._signalled))
            self._ahead[key] = looks_ahead(own, scene.market, most=LEAST, again=lambda: _anew(spec_of_all))
        ahead = self._ahead[key]
        if ahead is not None:
            raise SpecError(f"{spec.strategy} looks ahead, so its result means nothing: {ahead}")

    def _money(self, digits: Ints) -> Money | str:
        """A cell's account and costs, or why there can be none."""
        key = (digits[: self._data].tobytes(), digits[self._planned :].tobytes())
        money = self._moneys.get(key)
        if money is None:
            try:
                values = self._values(digits, 0, self._data)
                values |= self._values(digits, self._planned, digits.shape[0])
                spec = self._markets.spec(values)
                money = Money(
                    terms_of(spec.account, spec.data.seed, self._markets.of(values).deposits),
                    cost_rows([spec.costs.costs()])[0],
                    spec.account.borrow_fee,
                )
            except LetfError as error:
                money = str(error)
            self._moneys[key] = money
        return money

    @staticmethod
    def _stage(scene: Scene, constant: bool, fee: float) -> Stage:
        """The stage with a cell's own borrow fee, where it is not a series."""
        if not constant or scene.stage.borrow_fee[0] == BorrowFee.of(fee).at(0):
            return scene.stage
        return replace(scene.stage, borrow_fee=np.full(len(scene.stage), fee))


def _anew(spec: RunSpec) -> Rule:
    made = spec.make_rule(anew=True)
    assert made is not None
    return made


def _distinct(digits: Ints) -> tuple[Ints, Ints]:
    """Of rows of digits: where each distinct one stands first, and for each row which one it is."""
    _, first, which = np.unique(digits, axis=0, return_index=True, return_inverse=True)
    return first, which.ravel()
