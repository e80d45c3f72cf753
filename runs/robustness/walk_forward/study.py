"""Walk-forward analysis: parameters chosen on what was known, traded on what came after, window by window.

In each window every cell of the sweep is run on the training sessions alone, one is chosen, and it is traded
on the test sessions, which nobody has looked at. Between the two some sessions are purged, so that no
position of the one reaches into the other's result. The test windows follow each other without a hole; put
together they are one account, out of sample throughout.

References
----------
Pardo 2008, "The Evaluation and Optimization of Trading Strategies", 2nd ed., ch. 11 (walk-forward analysis,
and its efficiency); López de Prado 2018, "Advances in Financial Machine Learning", ch. 7 (purging) and 12.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from feeds.sources import data_folder
from letf_instruments import SpecError
from letf_instruments.sizes import NOTHING
from runs.answers.progress import Say, no_words
from runs.answers.words import listed
from runs.backtest.benchmarks import held_prices
from runs.backtest.fund_feeds import first_nav, funds_of
from runs.backtest.metrics import Metrics, performance
from runs.backtest.setting import Setting, load_setting
from runs.backtest.spans import foreign_indexes, synthetic_notes
from runs.robustness.starts.study import first_start
from runs.robustness.walk_forward.account import run_window
from runs.robustness.walk_forward.cells import all_cells, between, evaluated, job_between
from runs.robustness.walk_forward.choose import BEST, CHOICES, Choice, choose
from runs.robustness.walk_forward.windows import Window, span, windows_of
from runs.specs.arguments import whole
from runs.specs.run_spec import RunSpec
from runs.sweeps.engines.choice import choose as choose_engine
from runs.sweeps.engines.engine import KERNEL
from runs.sweeps.engines.job import Job, draw_cells
from runs.sweeps.engines.local import workers_of
from runs.sweeps.engines.waiting import slowest
from runs.sweeps.results.ranking import check_metric
from runs.sweeps.space.axes import grid_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

TRAIN, TEST, GAP = "3y", "1y", 5
REFUSED = ("deposits", "tax")  # of [account]: what they ask for reaches beyond a window


@dataclass(frozen=True, eq=False)
class Step:
    """A window, what was chosen in it, and what came of it: `inside` in training, `outside` in the test, each
    as `performance` and the trades; `metric` of either is that by which was chosen, None where it is not
    defined. closing : what it cost to go into cash at the end, in money."""

    window: Window
    choice: Choice
    inside: Metrics
    outside: Metrics
    closing: float


@dataclass(frozen=True, eq=False)
class WalkForward:
    """A walk-forward.

    job : all cells, and the spec. setting : the whole market. days : its sessions, shape (n,).
    steps : one a window that was traded, in order. ruined : True if nothing was left before the last window.
    first : the session before the first test window, from which on all is measured; test : the sessions from
    it to the end, shape (k,); equity, hindsight : money by session on them, shape (k,): of the chosen
    parameters one after another, and of the one cell that was best on all of them; held : the same of what is
    bought at the first close and kept, "index" first. best : that cell.
    """

    job: Job
    setting: Setting
    days: np.ndarray
    by: str
    how: str
    anchored: bool
    lengths: tuple[int, int, int]  # train, test, gap
    min_trades: int
    steps: list[Step]
    ruined: bool
    first: int
    equity: Floats
    hindsight: Floats
    held: dict[str, Floats]
    best: Choice
    notes: list[str]
    caveats: list[str]

    @property
    def test(self) -> np.ndarray:
        """The sessions out of sample, the one before them first."""
        return self.days[self.first : self.first + len(self.equity)]

    def measured(self, equity: Floats) -> Metrics:
        """Performance of what was made of the money on the sessions out of sample."""
        return performance(self.test, equity, self.setting.rate.on(self.test))

    def part(self, step: Step) -> slice:
        """Where a window lies in `equity`, the close before it included."""
        return slice(step.window.test_first - 1 - self.first, step.window.test_last + 1 - self.first)

    def place(self, cell: int) -> Ints:
        """The places of a cell's values on the axes, each among its values in order."""
        digits = self.job.grid.digits(np.array([cell]))[0].tolist()
        axes = self.job.grid.axes
        return np.array([axis.order.index(at) for axis, at in zip(axes, digits, strict=True)])


def prepared(
    spec: RunSpec,
    by: str,
    sample: int | None,
    sample_seed: int,
    engine: str | None,
    folder: Path | None,
) -> tuple[Job, Setting, np.ndarray]:
    """All cells of a spec's [sweep] as a job, their market from the first session on which all of them can
    act, and its sessions.

    Raises
    ------
    LetfError
        One sentence, if the spec has no [sweep], or one whose cells are not on one market.
    """
    for key in REFUSED:
        if getattr(spec.account, key) is not None:
            raise SpecError(
                f"account.{key} is set, and what it asks for reaches beyond a window; take it out with "
                f"--set account.{key}=none"
            )
    grid = grid_of(spec)
    other = [
        axis.key
        for axis in grid.axes
        if axis.rank == 0 or axis.key.startswith(tuple(f"account.{key}" for key in ("cash", *REFUSED)))
    ]
    if other:
        raise SpecError(
            f"sweep.{other[0]}: the windows are of one market and one account, so {listed(other)} cannot be "
            "swept here"
        )
    name, _ = choose_engine(spec, grid, engine)
    place = data_folder(folder).absolute()
    base = spec.with_values({})
    job = Job(base, grid, name, place, draw_cells(grid, sample, sample_seed), sample_seed)
    check_metric(by, job.metrics)
    setting = job.markets.of({})
    days = np.unique(setting.bars.sessions)
    first = max((first_start(setting, rule) for rule in slowest(base, grid)), default=0)
    if first:
        job = job_between(job, days, first, len(days) - 1)
        setting, days = load_setting(job.base, place), days[first:]
    return job, setting, days


def walk_forward(
    spec: RunSpec,
    train: object = TRAIN,
    test: object = TEST,
    gap: int = GAP,
    anchored: bool = False,
    by: str = "sharpe",
    how: str = BEST,
    min_trades: int = 0,
    sample: int | None = None,
    sample_seed: int = 1,
    engine: str | None = None,
    workers: int | None = None,
    folder: Path | None = None,
    say: Say = no_words,
) -> WalkForward:
    """Choose and trade in every window.

    Parameters
    ----------
    train, test : lengths of the windows, "3y", "6m" or sessions. gap : sessions between them, purged.
    anchored : all trainings begin with the data.
    by, how : the metric, and "best" or "plateau" (`choose`). min_trades : fewer do not count in training.
    sample, sample_seed : only so many cells, drawn at random. engine, workers : as of a sweep.

    Raises
    ------
    LetfError
        One sentence.
    """
    lengths = (span("train", train), span("test", test), whole("gap", gap, 0))
    whole("min_trades", min_trades, 0)
    if how not in CHOICES:
        raise SpecError(f"choose is {how!r}; it must be {' or '.join(CHOICES)}")
    many = workers_of(workers)
    job, setting, days = prepared(spec, by, sample, sample_seed, engine, folder)
    if job.base.own_class is not None and job.engine != KERNEL:
        many = 1  # other processes cannot import what stands in a script or a cell
    windows = windows_of(len(days), *lengths, anchored)
    money, steps, ruined = job.base.account.cash, list[Step](), False
    path = [np.array([money])]
    for at, window in enumerate(windows, start=1):
        say(f"window {at} of {len(windows)}")
        choice, inside = chosen(job, days, window, by, how, min_trades, many)
        step, equity = _tested(job, days, window, choice, inside, by, money)
        steps.append(step)
        path.append(equity[1:])
        money = float(equity[-1])
        if money <= NOTHING * job.base.account.cash:
            ruined = True
            break
    first, last = windows[0].test_first - 1, windows[-1].test_last
    whole_path = np.concatenate(path)
    whole_path = np.concatenate((whole_path, np.full(last - first + 1 - len(whole_path), money)))
    say("the best cell in hindsight")
    later = job_between(job, days, first, last)
    best = choose(job.grid, all_cells(job), evaluated(later, many), by, BEST, min_trades)
    assert best is not None
    span_setting = load_setting(later.base, job.folder)
    hindsight = run_window(later.spec(best.cell), span_setting).equity
    held, funds = _held(job, span_setting, [*(step.choice.cell for step in steps), best.cell])
    return WalkForward(
        job=job,
        setting=setting,
        days=days,
        by=by,
        how=how,
        anchored=anchored,
        lengths=lengths,
        min_trades=min_trades,
        steps=steps,
        ruined=ruined,
        first=first,
        equity=whole_path,
        hindsight=hindsight,
        held={name: job.base.account.cash * values / values[0] for name, values in held.items()},
        best=best,
        notes=[*setting.notes, *synthetic_notes(setting, funds)],
        caveats=foreign_indexes(setting, funds),
    )


def chosen(
    job: Job, days: np.ndarray, window: Window, by: str, how: str, min_trades: int, workers: int
) -> tuple[Choice, Metrics]:
    """What a window's training chooses, and what it made there. Nothing after the training is read.

    Raises
    ------
    LetfError
        If no cell has a value of the metric.
    """
    trained = job_between(job, days, window.train_first, window.train_last)
    found = evaluated(trained, workers)
    choice = choose(job.grid, all_cells(job), found, by, how, min_trades)
    if choice is None:
        least = f" with {min_trades} trades or more" if min_trades else ""
        raise SpecError(
            f"no cell{least} has a value of {by} from {days[window.train_first]} to "
            f"{days[window.train_last]}; a longer train or another metric may do"
        )
    at = int(np.searchsorted(all_cells(job), choice.cell))
    values = {name: float(column[at]) for name, column in found.items()}
    return choice, {name: value if np.isfinite(value) else None for name, value in values.items()}


def _tested(
    job: Job, days: np.ndarray, window: Window, choice: Choice, inside: Metrics, by: str, money: float
) -> tuple[Step, Floats]:
    """Trade a choice in its test window, with the money that there is; the equity begins with it, at the
    close before the window.

    On daily bars the run begins at that close, so that its first order is filled at the window's first open.
    On intraday bars it would trade on that day, which is the window's before: it begins a session later.
    """
    lead = 1 if job.markets.of({}).bars.daily else 0
    spec = between(job.spec(choice.cell), days, window.test_first - lead, window.test_last, cash=money)
    found = run_window(spec, load_setting(spec, job.folder))
    equity = found.equity if lead else np.concatenate(([money], found.equity))
    return Step(window, choice, inside, found.metrics, found.closing), equity


def _held(job: Job, setting: Setting, cells: list[int]) -> tuple[dict[str, Floats], list]:  # type: ignore[type-arg]
    """Closes of the index and of all that these cells trade, on the sessions out of sample; and the funds."""
    prices: dict[str, Floats] = {}
    made = {}
    sessions = len(np.unique(setting.bars.sessions))
    for cell in dict.fromkeys(cells):
        spec = job.spec(cell)
        rule = spec.make_rule()
        names = tuple(setting.funds) if rule is None else rule.instruments
        funds = {fund.ticker: fund for fund in funds_of(setting, rule) if fund.ticker in names}
        made |= funds
        ledgers = {
            name: setting.ledger(fund, first_nav(spec, setting, fund))
            for name, fund in funds.items()
            if name not in prices
        }
        own = held_prices(setting, [name for name in names if name not in prices], ledgers, sessions)
        prices |= {name: values for name, values in own.items() if name not in prices}
    return prices, list(made.values())
