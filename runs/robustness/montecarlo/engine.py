"""A rule on each of many paths: its account, and what is held beside it, in figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from engine.kernel.figures import MEASURES
from engine.kernel.stage import Floats, cost_rows
from letf_instruments import LetfError
from letf_instruments.compiled import compiled
from runs.backtest.checks import check_run
from runs.backtest.event_driven import run_account
from runs.backtest.setting import Setting
from runs.robustness.montecarlo.paths import Paths
from runs.specs.user_strategy import shown_with_line
from runs.sweeps.engines.carried import carried
from runs.sweeps.engines.engine import BACKTRADER, KERNEL, Evaluated
from runs.sweeps.engines.stage import Scene, make_scene, terms_of
from runs.sweeps.space.grid import Ints
from strategies import Rule

# Of the rule's account; what each means is written in docs/metrics.md.
OWN = (
    "total_return",
    "cagr",
    "volatility",
    "sharpe",
    "max_drawdown",
    "max_drawdown_days",
    "trades",
    "exposure_gross",
    "final_equity",
    "costs_paid",
)
BESIDE = ("cash_return", "mean_rate")
HELD = ("return", "drawdown", "dead_from")  # of each thing held: the last is the bar of a wipe-out, else NaN
INDEX = "index"
CHUNK = {KERNEL: 250, BACKTRADER: 4}  # paths at a time: what a kill may cost each worker


@compiled(nogil=True, error_model="numpy")
def _held(close: Any) -> tuple[float, float, float]:
    """Total return, deepest drawdown at a close, and the first bar without a price (NaN if there is none)."""
    peak, depth, dead = close[0], 0.0, np.nan
    for t in range(len(close)):
        if close[t] > peak:
            peak = close[t]
        depth = min(depth, close[t] / peak - 1.0)
        if close[t] == 0.0 and dead != dead:
            dead = float(t)
    return close[len(close) - 1] / close[0] - 1.0, depth, dead


@dataclass(frozen=True, eq=False)
class PathJob:
    """The paths to be run, in chunks.

    engine : which one runs the rule; the kernel's paths that it cannot carry are run in backtrader.
    kept : bars whose equity is kept, rising, shape (dates,).
    """

    paths: Paths
    count: int
    engine: str
    kept: Ints

    @property
    def unit(self) -> str:
        """As `Work.unit`."""
        return "paths"

    @property
    def in_threads(self) -> bool:
        """As `Work.in_threads`: signals are computed anew on each path, in Python and numpy."""
        return False

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return -(-self.count // CHUNK[self.engine])

    def cells(self, chunk: int) -> Ints:
        """As `Work.cells`: numbers of paths."""
        size = CHUNK[self.engine]
        return np.arange(chunk * size, min((chunk + 1) * size, self.count), dtype=np.int64)

    def make_engine(self) -> PathEngine:
        """As `OwnWork.make_engine`."""
        return PathEngine(self)

    def parcel(self) -> PathJob:
        """As `Work.parcel`: it has all that it needs."""
        return self

    @cached_property
    def held_names(self) -> tuple[str, ...]:
        """What is held beside the rule: the index, and what the rule may trade, or of a strategy that is no
        rule of ours all funds."""
        setting, rule = self.paths.setting, self.paths.spec.make_rule()
        names = [fund.ticker for fund in self.paths.funds] if rule is None else list(rule.instruments)
        return (INDEX, *dict.fromkeys(name for name in names if not setting.is_index(name)))

    @property
    def columns(self) -> tuple[str, ...]:
        """The figures of a path, by name."""
        return (*OWN, *BESIDE, *(f"{name}_{what}" for name in self.held_names for what in HELD))


class PathEngine:
    """Runs the rule of a job on paths by their numbers."""

    def __init__(self, job: PathJob) -> None:
        self._job = job
        spec, setting = job.paths.spec, job.paths.setting
        self._rule = spec.make_rule()
        check_run(spec, setting, self._rule)
        self._terms = self._costs = None
        if job.engine == KERNEL:
            self._terms = terms_of(spec.account, spec.data.seed, setting.deposits)
            self._costs = cost_rows([spec.costs.costs()])[0]

    def evaluate(self, cells: Ints) -> Evaluated:
        """Figures, shape (paths, columns); equity on the dates that are kept, float32 of shape (paths,
        dates); by path which engine ran it, and why it was refused or None."""
        job = self._job
        figures = np.full((len(cells), len(job.columns)), np.nan)
        equity = np.full((len(cells), len(job.kept)), np.nan, dtype=np.float32)
        engines, refused = [], []
        with shown_with_line(job.paths.spec.own_file()):
            for row, number in enumerate(cells.tolist()):
                path = job.paths.path(number)
                scene = job.paths.scene(path)
                why, engine = None, job.engine
                try:
                    made = self._run(scene, path.seed) if engine == KERNEL else None
                    if made is None:
                        engine = BACKTRADER
                        made = self._in_backtrader(job.paths.on_path(path), path.seed)
                    figures[row] = self._figures(scene, made[0])
                    equity[row] = made[1][job.kept]
                except LetfError as error:
                    why = str(error)
                engines.append(engine)
                refused.append(why)
        return {"figures": figures, "equity": equity, "engine": engines, "refused": refused}

    def real(self, setting: Setting) -> tuple[Floats, Floats]:
        """The same of a real market: its figures, and its equity by bar."""
        spec = self._job.paths.spec
        scene = make_scene(spec, setting, self._job.paths.funds)
        check_run(spec, setting, self._rule)
        made = self._run(scene, spec.data.seed) if self._job.engine == KERNEL else None
        if made is None:
            made = self._in_backtrader(setting, spec.data.seed)
        return self._figures(scene, made[0]), made[1]

    def _run(self, scene: Scene, seed: int) -> tuple[Sequence[float], Floats] | None:
        """Figures of `OWN` and equity by bar; None if the kernel cannot carry it."""
        rule, terms = self._rule, self._terms
        assert rule is not None
        assert terms is not None
        assert self._costs is not None
        if terms.recall_rate:
            terms = replace(terms, seed=seed)
        signals = carried(rule, scene)
        run = signals.record(scene.stage, signals.row(rule.plan), self._costs, terms, fills=False)
        if not run.done:
            return None
        return [run.metrics[MEASURES.index(name)] for name in OWN], run.equity

    def _in_backtrader(self, setting: Setting, seed: int) -> tuple[Sequence[float], Floats]:
        spec = self._job.paths.spec
        if spec.account.recall_rate:
            spec = spec.with_values({"data.seed": seed})
        rule: Rule | None = spec.make_rule()
        run = run_account(spec, setting, rule)
        found = [run.metrics[name] for name in OWN]
        return [np.nan if value is None else float(value) for value in found], run.equity

    def _figures(self, scene: Scene, own: Sequence[float]) -> Floats:
        stage, market, account = scene.stage, scene.market, self._job.paths.spec.account
        money = stage.money(account.cash_spread, account.debt_spread)
        out = [*own, money.growth[-1] - 1.0, stage.rate.mean()]
        for name in self._job.held_names:
            if name == INDEX:
                close = stage.index_close if stage.index_held is None else stage.index_held
            else:
                close = market[name].close
            out.extend(_held(close))
        return np.array(out, dtype=np.float64)
