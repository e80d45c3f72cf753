"""The plans of a sweep's cells in numbers, for the compiled engine: each is worked out once for all."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from engine.kernel.stage import Floats
from letf_instruments import LetfError
from runs.backtest.checks import check_plan, check_warm_up
from runs.backtest.setting import Setting
from runs.specs.run_spec import RunSpec
from runs.sweeps.engines.carried import Carried
from runs.sweeps.engines.job import Job
from runs.sweeps.space.grid import Ints
from strategies import Rule, TradePlan

KEPT = 8  # tables at a time, each of a kind of rule and its levels on one market
MOST_PLANS = 100_000  # remembered at a time

Why = str | None  # there can be no plan; None if there is one


class Plans:
    """Makes them, and keeps them: of rules of ours in numbers alone, which take less room than plans."""

    def __init__(self, job: Job, data: int, planned: int) -> None:
        self._job, self._data, self._planned = job, data, planned
        self._own = job.base.is_own
        # Some of a plan, such as plan.other, signals depend on too, so that it stands among what they share.
        self._of_plan = [i for i, axis in enumerate(job.grid.axes) if axis.key.startswith("plan.")]
        self._tables: dict[Any, _Table] = {}
        self._plans: dict[Any, Any] = {}
        self._lock = threading.Lock()

    def numbered(
        self, spec: RunSpec, setting: Setting, rule: Rule, signals: Carried, digits: Ints
    ) -> tuple[Floats, list[Why]]:
        """The plans of these cells in numbers, shape (plans, columns), and why there can be none.

        Of rules of ours they are the same under many signals, and kept: but for whether the bars are enough
        they depend on the kind of rule, the levels it gives, and whether it reads events.
        """
        if self._own or signals.layout is None:
            table = _Table(signals.columns)
            plans = [self.plan(rule, own) for own in digits]
            at = np.array([table.put(plan, spec, setting, rule, signals) for plan in plans], dtype=np.int64)
            return table.picked(at, spec, setting, rule)
        key = (type(rule), signals.layout, rule.needs_events(), *digits[0, : self._data].tolist())
        with self._lock:
            table = self._table(key, signals.columns)
            at = np.empty(len(digits), dtype=np.int64)
            for row, number in enumerate(self._numbers(digits)):
                place = table.places.get(number)
                if place is None:
                    plan = self._made(rule, digits[row])
                    place = table.places[number] = table.put(plan, spec, setting, rule, signals)
                at[row] = place
            return table.picked(at, spec, setting, rule)

    def plan(self, rule: Rule, digits: Ints) -> Any:
        """A cell's plan, or why there can be none; the same for all signals."""
        own = digits[: self._planned] if self._own else digits[self._of_plan]
        key = (type(rule), own.tobytes())
        plan = self._plans.get(key)
        if plan is None:
            if len(self._plans) >= MOST_PLANS:
                self._plans.clear()
            plan = self._plans[key] = self._made(rule, digits)
        return plan

    def _made(self, rule: Rule, digits: Ints) -> Any:
        """The same, anew. That of a rule of ours is a matter of its own table alone."""
        base = self._job.base
        try:
            if not self._own:
                return base.plan_of(rule, self._values(digits, self._of_plan))
            made = base.with_values(self._values(digits, range(self._planned))).make_rule()
        except LetfError as error:
            return str(error)
        assert made is not None
        return made.plan

    def _values(self, digits: Ints, axes: Any) -> dict[str, Any]:
        every = self._job.grid.axes
        return {every[i].key: every[i].values[digits[i]] for i in axes}

    def _numbers(self, digits: Ints) -> list[int]:
        """A number for each plan, the same for equal ones; of all its digits where it has any."""
        number = np.zeros(len(digits), dtype=np.int64)
        for i in self._of_plan:
            number = number * len(self._job.grid.axes[i].values) + digits[:, i]
        return number.tolist()

    def _table(self, key: Any, columns: int) -> _Table:
        table = self._tables.get(key)
        if table is None or len(table.places) >= MOST_PLANS:
            self._tables.pop(key, None)
            while len(self._tables) >= KEPT:
                self._tables.pop(next(iter(self._tables)))
            table = self._tables[key] = _Table(columns)
        return table


class _Table:
    """Plans in numbers, a row each. places : of the rows, by the plan's number."""

    def __init__(self, columns: int) -> None:
        self.places: dict[int, int] = {}
        self._rows = np.zeros((64, columns))
        self._why: list[Why] = []
        self._wording: list[int] = []  # of each plan: which of `_like` it is like; −1 where there is none
        self._like: list[Any] = []
        self._wordings: dict[Any, int] = {}

    def put(self, plan: Any, spec: RunSpec, setting: Setting, rule: Rule, signals: Carried) -> int:
        """Keep a plan, or why there can be none; its place."""
        place = len(self._why)
        if place == len(self._rows):
            self._rows = np.concatenate((self._rows, np.zeros_like(self._rows)))
        why, wording = None, -1
        if isinstance(plan, str):
            why = plan
        else:
            words = _words(plan)
            wording = self._wordings.setdefault(words, len(self._like))
            if wording == len(self._like):
                self._like.append(plan)
            try:
                check_plan(spec, setting, _with_plan(rule, plan))
                self._rows[place] = signals.row(plan)
            except LetfError as error:
                why = str(error)
        self._why.append(why)
        self._wording.append(wording)
        return place

    def picked(self, at: Ints, spec: RunSpec, setting: Setting, rule: Rule) -> tuple[Floats, list[Why]]:
        """The rows at these places, and why there can be none: too few bars for the rule under such a plan,
        or what was wrong with it before."""
        places = at.tolist()
        short: dict[int, Why] = {}
        for wording in {self._wording[place] for place in places} - {-1}:
            try:
                check_warm_up(spec, setting, _with_plan(rule, self._like[wording]))
            except LetfError as error:
                short[wording] = str(error)
        return self._rows[at], [short.get(self._wording[place]) or self._why[place] for place in places]


def _words(plan: Any) -> Any:
    """What of a plan matters for how long its rule waits for a first signal: of a `TradePlan` its words, such
    as the names of levels, and which numbers it has, whatever these are; of others all of it."""
    if not isinstance(plan, TradePlan):
        return plan.model_dump_json()
    given = plan.model_dump() if plan.other is not None else plan.__dict__
    return tuple((name, _word(value)) for name, value in given.items())


def _word(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple((name, _word(inner)) for name, inner in value.items())
    return type(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _with_plan(rule: Rule, plan: Any) -> Rule:
    """The rule with another plan; how long it warms up may depend on it."""
    other = type(rule)(rule.params, plan, rule.filters)
    other.history_before_run = rule.history_before_run
    return other
