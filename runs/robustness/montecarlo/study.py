"""What `letf montecarlo` finds: a rule, and what is held beside it, on other paths of the index."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.kernel.stage import Floats
from feeds.bars import MIN_BARS
from feeds.histories.bootstrap import Bootstrap
from feeds.histories.steps import Ints, Model
from letf_instruments import LetfError, SpecError
from letf_instruments.sizes import DUST, NOTHING
from runs.answers.progress import Progress, Silent
from runs.answers.words import counted
from runs.backtest.beginning import begun
from runs.backtest.fund_feeds import funds_of
from runs.backtest.setting import Setting
from runs.robustness.montecarlo.engine import CHUNK, INDEX, PathEngine, PathJob
from runs.robustness.montecarlo.kept import Kept
from runs.robustness.montecarlo.paths import Paths
from runs.specs.arguments import number, one_of, whole
from runs.specs.run_spec import RunSpec
from runs.sweeps.engines import local
from runs.sweeps.engines.choice import choose
from runs.sweeps.engines.engine import KERNEL, Evaluated
from runs.sweeps.space.grid import Grid
from strategies import OptionRule, Rule

MODELS = ("bootstrap", "garch", "regimes")
MOST_PATHS, MOST_DAYS = 1_000_000, 30_000
DATES = 200  # of the fan, and of all paths together this many figures, so that memory has a bound:
MOST_KEPT = 4_000_000  # 16 MB of float32
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
HALF = -0.5
MANY = 1_000  # paths; for fewer the kernel is done before processes have started

Runner = Callable[[PathJob, Iterable[int]], Iterator[tuple[int, Evaluated]]]


@dataclass(frozen=True)
class Asked:
    """What is asked for beside a spec.

    paths : how many. model : one of `MODELS`. days : sessions of a path; None for those of the real run.
    block : mean length of a block, of the bootstrap. shocks : of garch, "student" or "residuals".
    regimes : how many. seed : of all that is drawn.
    """

    paths: int = 10_000
    model: str = "bootstrap"
    seed: int = 1
    days: int | None = None
    block: float | None = None
    shocks: str = "student"
    regimes: int = 2

    def check(self) -> None:
        """Refuse what cannot be.

        Raises
        ------
        SpecError
            One sentence.
        """
        from feeds.histories.garch import SHOCKS

        whole("paths", self.paths, 2, MOST_PATHS)
        one_of("model", self.model, MODELS)
        whole("seed", self.seed, 0)
        if self.days is not None:
            whole("days", self.days, MIN_BARS, MOST_DAYS)
        if self.block is not None:
            number("block", self.block, 1.0, float(MOST_DAYS))
            if self.model != "bootstrap":
                raise SpecError(f"block is for the bootstrap, and the model is {self.model}; take one out")
        one_of("shocks", self.shocks, SHOCKS)
        whole("regimes", self.regimes, 2, 4)

    def model_of(self, returns: Floats) -> Model:
        """The model, fitted to log returns."""
        if self.model == "garch":
            from feeds.histories.garch import Garch

            return Garch(returns, self.shocks)  # type: ignore[arg-type]
        if self.model == "regimes":
            from feeds.histories.regimes import Regimes

            return Regimes(returns, self.regimes)
        return Bootstrap(returns, self.block)


@dataclass(frozen=True, eq=False)
class Found:
    """A rule on many paths.

    figures : shape (paths, columns), NaN where a path was refused. equity : on the fan's dates, shape (paths,
    dates). engines : by path. refused : by path number, the sentence. real : the real run's figures, NaN
    where paths are longer than it. real_equity : by bar, of the bars that it has.
    """

    spec: RunSpec
    setting: Setting
    asked: Asked
    job: PathJob
    figures: Floats
    equity: np.ndarray
    engines: list[str]
    refused: dict[int, str]
    real: Floats
    real_equity: Floats
    why_engine: str
    notes: list[str]

    def column(self, name: str) -> Floats:
        """A figure of every path that was run, shape (m,)."""
        return self.figures[self.ran, self.job.columns.index(name)]

    @property
    def ran(self) -> np.ndarray:
        """True for paths that were run."""
        return np.isfinite(self.figures[:, self.job.columns.index("total_return")])

    def of_real(self, name: str) -> float:
        """A figure of the real run; NaN if there is none of this length."""
        return float(self.real[self.job.columns.index(name)])

    @property
    def held(self) -> tuple[str, ...]:
        """What is held beside the rule, the index first."""
        return self.job.held_names

    @property
    def years(self) -> float:
        """How long a path is."""
        days = self.job.paths.sessions
        return float((days[-1] - days[0]).astype(int)) / 365.25

    def named(self, held: str) -> str:
        """What a thing held is called."""
        return self.setting.bars.name if held == INDEX else held


def simulate(
    spec: RunSpec,
    asked: Asked,
    folder: Path | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    keep: Path | None = None,
    resume: bool = False,
    progress: Progress = Silent(),  # noqa: B008 - it keeps nothing
    tell: Callable[[str], None] = lambda words: None,
) -> tuple[Found, Kept]:
    """Run a spec on paths of its index.

    Parameters
    ----------
    folder : the data folder. workers : processes at a time; one a core if None. scheduler : address of a Dask
        scheduler that has them. keep : the result folder, beside which chunks are kept until it is written.
    resume : go on with those. tell : takes what a person should know while it runs.

    Raises
    ------
    LetfError
        One sentence.
    """
    many = _workers(workers)
    if many > 1 and scheduler is None and isinstance(asked.paths, int) and asked.paths >= MANY:
        local.get_ready()
    with progress.status("reading the spec"):
        asked.check()
        spec, setting, notes = real_market(spec, folder)
        rule = spec.make_rule()
        refuse(spec, setting, rule, asked)
        name, why = choose(spec, Grid(()), None)
        if spec.own_class is not None:
            if scheduler is not None:
                raise SpecError(
                    f"{spec.strategy} is a class of this script, which no worker of a cluster has; "
                    'put it into a file beside a spec: strategy = "my_rule.py:MyRule"'
                )
            many = 1  # other processes cannot import what stands in a script or a cell
    with progress.status(f"fitting {asked.model}" if asked.model != "bootstrap" else "measuring blocks"):
        bars = setting.bars
        model = asked.model_of(np.diff(np.log(bars.close)))
        days = len(bars) if asked.days is None else asked.days
        paths = Paths(spec, setting, funds_of(setting, rule), model, asked.seed, days)
        kept = fan_bars(days, asked.paths)
        job = PathJob(paths, asked.paths, name, kept)
        if rule is not None and days <= rule.bars_waited:
            raise SpecError(
                f"{counted(days, 'day')} are too few: {spec.strategy} needs more than {rule.bars_waited:,} "
                "before its first signal"
            )
        engine = PathEngine(job)
        short = setting if days >= len(bars) else setting.first(days)
        real, real_equity = engine.real(short)
        if days > len(bars):
            real = np.full(len(job.columns), np.nan)
        if rule is not None and spec.is_own:
            from runs.backtest.own_checks import refuse_ahead
            from runs.sweeps.engines.stage import make_scene

            notes += refuse_ahead(spec, rule, make_scene(spec, setting, paths.funds).market)
    tell(f"{spec.name}: {asked.paths:,} paths of {days:,} sessions; engine: {name} ({why})")
    store = Kept(keep, _deciding(spec, setting, job, asked), resume)
    figures, equity, engines, refused = _run(job, store, _runner(job, many, scheduler), progress)
    if len(refused) == job.count:
        store.forget()
        raise SpecError(f"no path of {spec.name} could be run: {next(iter(refused.values()))}")
    found = (spec, setting, asked, job, figures, equity, engines, refused, real, real_equity, why, notes)
    return Found(*found), store


def real_market(spec: RunSpec, folder: Path | None) -> tuple[RunSpec, Setting, list[str]]:
    """A spec and its market, with synthetic funds throughout, and what there is to say of that."""
    notes = []
    if spec.data.traded:
        spec = spec.with_values({"data.traded": None})
        notes.append(
            "funds are synthetic on every path, and so in the real run here: data.traded is left out"
        )
    spec, setting = begun(spec, folder)
    return spec, setting, [*notes, *setting.notes]


def refuse(spec: RunSpec, setting: Setting, rule: Rule | None, asked: Asked) -> None:
    """Refuse what no path can carry.

    Raises
    ------
    SpecError
        One sentence.
    """
    if not setting.bars.daily:
        raise SpecError(f"{setting.bars.source}: these are intraday bars; other paths are made of daily ones")
    if isinstance(rule, OptionRule):
        raise SpecError(
            f"{spec.strategy} trades options, whose premiums come from a volatility that no path has"
        )
    if rule is not None and rule.needs_events():
        raise SpecError(
            f"{spec.strategy} acts on dates of events, and what happened on them lies elsewhere on a path"
        )
    if spec.data.splits == "actual":
        raise SpecError(
            'data.splits is "actual", and on a path a fund has other prices than those it was split at; '
            'take "issuer" or "none"'
        )
    if setting.assets and asked.model != "bootstrap":
        raise SpecError(
            f"the model {asked.model} draws one index alone, and this spec has {', '.join(setting.assets)} "
            "beside it; --model bootstrap takes the same days of all"
        )


def fan_bars(days: int, paths: int) -> Ints:
    """The bars whose equity is kept of each path: the first, the last, and evenly between them; at most
    `DATES`, and fewer where paths are so many that memory asks for it."""
    dates = max(min(DATES, days, MOST_KEPT // paths), 2)
    return np.unique(np.round(np.linspace(0, days - 1, dates)).astype(np.int64))


def _deciding(spec: RunSpec, setting: Setting, job: PathJob, asked: Asked) -> dict[str, Any]:
    """All that decides what comes out."""
    from dataclasses import asdict
    from importlib.metadata import version

    from runs.backtest.facts import run_facts

    return {
        "spec": spec.resolved(),
        "data": run_facts(spec, setting),
        **asdict(asked),
        "fit": job.paths.model.facts,
        "engine": job.engine,
        "chunk": CHUNK[job.engine],
        "version": version("letf-lab"),
    }


def _workers(given: int | None) -> int:
    """How many processes there may be at a time; as many as this one may use cores if none are given."""
    if given is not None:
        return whole("workers", given, 1)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _runner(job: PathJob, workers: int, scheduler: str | None) -> Runner:
    """What runs chunks: so many processes here, or the cluster of a Dask scheduler."""
    if scheduler is not None:
        from runs.sweeps.engines import on_cluster

        return lambda job, chunks: on_cluster.run_chunks(job, chunks, scheduler)
    few = job.count < MANY if job.engine == KERNEL else job.chunks < 2
    return lambda job, chunks: local.run_chunks(job, chunks, 1 if few else workers)


def _run(
    job: PathJob, store: Kept, run: Runner, progress: Progress
) -> tuple[Floats, np.ndarray, list[str], dict[int, str]]:
    """Run the chunks that are not there yet, and put all into one table each."""
    figures = np.full((job.count, len(job.columns)), np.nan)
    equity = np.full((job.count, len(job.kept)), np.nan, dtype=np.float32)
    engines, refused = [""] * job.count, {}

    def take(chunk: int, found: Evaluated) -> int:
        at = job.cells(chunk)
        figures[at], equity[at] = found["figures"], found["equity"]
        for path, engine, why in zip(at.tolist(), found["engine"], found["refused"], strict=True):
            engines[path] = engine
            if why is not None:
                refused[path] = why
        return len(at)

    done = store.done()
    there = sum(take(chunk, found) for chunk, found in done.items())
    missing = [chunk for chunk in range(job.chunks) if chunk not in done]
    running = run(job, missing)
    try:
        with contextlib.closing(running), progress.cells(job.count, there, job.unit) as advance:  # type: ignore[type-var]
            for chunk, found in running:
                store.put(chunk, found)
                advance(take(chunk, found))
    except KeyboardInterrupt:
        where = f"; what is done is kept in {store.folder}, go on with --resume" if store.folder else ""
        raise Interrupted(f"stopped{where}") from None
    return figures, equity, engines, dict(sorted(refused.items()))


class Interrupted(LetfError):
    """Ctrl-C, with what is kept as a sentence."""


# -- what it comes to ------------------------------------------------------------------------------


def beats(one: Floats, other: Floats) -> float:
    """The share of paths on which one total return is above another by more than rounding."""
    return float(np.mean(1.0 + one > (1.0 + other) * (1.0 + DUST) + DUST))


def montecarlo_metrics(found: Found) -> dict[str, Any]:
    """One flat dict; what each key means is written in docs/montecarlo.md."""
    own = found.column("total_return")
    cash = found.column("cash_return")
    index = found.column("index_return")
    out: dict[str, Any] = {
        "paths": found.asked.paths,
        "refused": len(found.refused),
        "in_backtrader": found.engines.count("backtrader"),
        "sessions": len(found.job.paths.sessions),
        "years": found.years,
        **{f"model_{key}": value for key, value in found.job.paths.model.facts.items()},
        "rate_block_days": found.job.paths.rates.mean_length,
        "mean_rate": float(found.column("mean_rate").mean()),
    }
    for name in ("total_return", "cagr", "volatility", "sharpe", "max_drawdown", "trades"):
        values = found.column(name)
        out |= _quantiles(name, values[np.isfinite(values)])
    for held in found.held:
        out |= _quantiles(f"{held}_return", found.column(f"{held}_return"))
        out |= _quantiles(f"{held}_drawdown", found.column(f"{held}_drawdown"))
    out |= _quantiles("cash_return", cash)
    for who, mine in (("", own), *((f"{held}_", found.column(f"{held}_return")) for held in found.held)):
        out |= {
            f"{who}beats_cash": beats(mine, cash),
            f"{who}loss": float(np.mean(mine < -DUST)),
            f"{who}below_half": float(np.mean(mine < HALF)),
            f"{who}wiped_out": float(np.mean(mine <= NOTHING - 1.0)),
        }
        if who != f"{INDEX}_":
            out[f"{who}beats_index"] = beats(mine, index)
    for held in found.held[1:]:  # a fund that has decayed to next to nothing is none that was wiped out
        out[f"{held}_wiped_out"] = float(np.mean(np.isfinite(found.column(f"{held}_dead_from"))))
        out[f"beats_{held}"] = beats(own, found.column(f"{held}_return"))
    for name in ("total_return", "max_drawdown", *(f"{held}_return" for held in found.held)):
        real = found.of_real(name)
        out[f"real_{name}"] = None if np.isnan(real) else real
        out[f"real_{name}_rank"] = rank(found.column(name), real)
    return out


def _quantiles(name: str, values: Floats) -> dict[str, float | None]:
    """Quantiles of a figure, and its mean."""
    if not len(values):
        return {f"{name}_{key}": None for key in (*(f"q{100 * q:02.0f}" for q in QUANTILES), "mean")}
    cut = np.quantile(values, QUANTILES)
    named = {f"{name}_q{100 * q:02.0f}": float(value) for q, value in zip(QUANTILES, cut, strict=True)}
    return {**named, f"{name}_mean": float(values.mean())}


def rank(values: Floats, real: float) -> float | None:
    """The share of paths below the real figure, those that equal it counted half; None if there is none."""
    if np.isnan(real):
        return None
    near = np.isclose(values, real, rtol=DUST, atol=DUST)
    return float(np.mean(np.where(near, 0.5, values < real)))


def fan(found: Found) -> Floats:
    """Quantiles of the equity on each date that is kept, shape (quantiles, dates)."""
    cut: Floats = np.quantile(found.equity[found.ran].astype(np.float64), QUANTILES, axis=0)
    return cut
