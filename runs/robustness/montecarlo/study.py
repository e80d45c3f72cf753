"""What `letf montecarlo` finds: a rule, and what is held beside it, on other paths of the index."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from engine.kernel.stage import Floats
from feeds.histories.steps import Ints
from letf_instruments import SpecError
from runs.answers.folder import check_place
from runs.answers.progress import Progress, Silent
from runs.answers.words import counted
from runs.backtest.beginning import begun
from runs.backtest.facts import run_facts
from runs.backtest.fund_feeds import funds_of
from runs.backtest.own_checks import refuse_ahead
from runs.backtest.setting import Setting
from runs.robustness.montecarlo.asked import Asked
from runs.robustness.montecarlo.engine import CHUNK, INDEX, PathEngine, PathJob
from runs.robustness.montecarlo.kept import Kept
from runs.robustness.montecarlo.paths import Paths
from runs.robustness.montecarlo.running import MANY, run_paths, runner_of
from runs.specs.run_spec import RunSpec
from runs.sweeps.engines import local
from runs.sweeps.engines.choice import choose
from runs.sweeps.engines.stage import make_scene
from runs.sweeps.space.grid import Grid
from strategies import OptionRule, Rule

QUESTION = "montecarlo"
DATES = 200  # of the fan, and of all paths together this many figures, so that memory has a bound:
MOST_KEPT = 4_000_000  # 16 MB of float32


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
    many = local.workers_of(workers)
    if many > 1 and scheduler is None and isinstance(asked.paths, int) and asked.paths >= MANY:
        local.get_ready()
    with progress.status("reading the spec"):
        asked.check()
        if keep is not None:
            check_place(keep, QUESTION)
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
            notes += refuse_ahead(spec, rule, make_scene(spec, setting, paths.funds).market)
    tell(f"{spec.name}: {asked.paths:,} paths of {days:,} sessions; engine: {name} ({why})")
    store = Kept(keep, _deciding(spec, setting, job, asked), resume)
    figures, equity, engines, refused = run_paths(job, store, runner_of(job, many, scheduler), progress)
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
    return {
        "spec": spec.resolved(),
        "data": run_facts(spec, setting),
        **asdict(asked),
        "fit": job.paths.model.facts,
        "engine": job.engine,
        "chunk": CHUNK[job.engine],
        "version": version("letf-lab"),
    }
