"""What a person would have had: a rule begun in cash on every day there is, for every time asked for.

The account of each start is that of `letf run --start DAY`: the rule knows the history before its first bar,
and the money is in cash until its first fill. (To cut one long equity curve would be another question: what
became of who bought into an account that had traded for years.)

Two starts a day apart share all but a day of what they went through. The number of spans that do not overlap
is what a share of starts should be read by.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from feeds.bars import MIN_BARS
from letf_instruments import LeveragedFund, SpecError
from letf_instruments.sessions import last_of_each
from runs.answers.progress import Say, no_words
from runs.backtest.beginning import begun
from runs.backtest.benchmarks import index_held
from runs.backtest.fund_feeds import funds_of
from runs.backtest.metrics import night_rates
from runs.backtest.setting import Setting
from runs.backtest.spans import foreign_indexes, synthetic_notes
from runs.robustness.starts.cut import cut_paths
from runs.robustness.starts.in_backtrader import Task, run_each
from runs.specs.arguments import whole
from runs.specs.run_spec import RunSpec
from runs.sweeps.engines.choice import choose
from runs.sweeps.engines.engine import BACKTRADER, KERNEL
from runs.sweeps.engines.local import workers_of
from runs.sweeps.space.grid import Grid
from strategies import Rule

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SESSIONS_A_YEAR = 252
LENGTHS = (1.0, 3.0, 5.0)
MOST_LENGTHS = 8
LONGEST = 50.0  # years
FEW = 60  # starts in backtrader, if nobody says how many
MOST_ODD = 60  # starts of the kernel's that the broker runs; with more, all are the broker's
VERIFIED = 3
SAME = 1e-9  # of the largest value of an account
CASH, INDEX = "cash", "index"


@dataclass(frozen=True, eq=False)
class Starts:
    """Every start, and what came of it.

    days : sessions of the market, shape (n,). starts : positions in them of first sessions, shape (k,).
    years, lengths : the times asked for, in years and in sessions, shape (m,), rising.
    account : what 1 became by session from each start's first close on, shape (k, longest + 1); NaN beyond
        the data.
    held : the same of what is bought at that close and kept, at the times asked for, shape (k, m): "index",
        each fund, "cash".
    engine : "kernel" or "backtrader", and why, in words. every : sessions from one start to the next.
    verified : starts that were run again in backtrader, each as a run of its own; handed : starts that only
        the broker could run.
    """

    spec: RunSpec
    setting: Setting
    days: np.ndarray
    starts: Ints
    years: tuple[float, ...]
    lengths: Ints
    account: Floats
    held: dict[str, Floats]
    engine: str
    why: str
    every: int
    verified: int
    handed: int
    notes: list[str]
    caveats: tuple[str, ...] = ()

    def whole(self, at: int) -> Ints:
        """Which starts have the whole of a time before them: places in `starts`."""
        return np.flatnonzero(self.starts + self.lengths[at] < len(self.days))

    def apart(self, at: int) -> int:
        """How many spans of a time can be laid side by side, each begun where another has ended."""
        count, free = 0, -1
        for start in self.starts[self.whole(at)]:
            if start >= free:
                count, free = count + 1, int(start + self.lengths[at])
        return count

    @property
    def beside(self) -> list[str]:
        """What an account is set against, the index first, cash last."""
        return [*(name for name in self.held if name != CASH), CASH]


def lengths_of(years: object) -> tuple[tuple[float, ...], Ints]:
    """The times asked for, rising, in years and in sessions.

    Raises
    ------
    SpecError
        If one is no number of years, or comes twice.
    """
    given = years.split(",") if isinstance(years, str) else years
    form = "they must be numbers of years, such as 1,3,5"
    try:
        found = sorted(float(each) for each in given)  # type: ignore[union-attr]
    except (TypeError, ValueError):
        raise SpecError(f"lengths are {years!r}; {form}") from None
    sessions = [round(each * SESSIONS_A_YEAR) if np.isfinite(each) else 0 for each in found]
    if not found or min(sessions) < 2 or found[-1] > LONGEST:
        raise SpecError(
            f"lengths are {years!r}; {form}, each of two sessions or more and at most {LONGEST:g} years"
        )
    if len(set(sessions)) < len(sessions):
        raise SpecError(f"lengths are {years!r}; each may be named once")
    if len(found) > MOST_LENGTHS:
        raise SpecError(f"lengths are {years!r}; at most {MOST_LENGTHS} can be told apart")
    return tuple(found), np.array(sessions, dtype=np.int64)


def find_starts(
    spec: RunSpec,
    years: object = LENGTHS,
    every: int | None = None,
    verify: int = VERIFIED,
    workers: int | None = None,
    folder: Path | None = None,
    say: Say = no_words,
) -> Starts:
    """Run a spec from every session on which a run of it may begin.

    Parameters
    ----------
    years : how long each start is held, in years of 252 sessions.
    every : sessions from one start to the next; None for each session in the compiled engine, and for some
        sixty starts in backtrader.
    verify : starts of the compiled engine, beside the first and the last, that are run again in backtrader.
    workers : processes of backtrader; one a core if None.

    Raises
    ------
    LetfError
        One sentence.
    """
    asked, lengths = lengths_of(years)
    if every is not None:
        whole("every", every, 1)
    whole("verify", verify, 0)
    many = workers_of(workers)
    if spec.account.deposits is not None:
        raise SpecError(
            "account.deposits is set, and starts asks what one sum became; take it out with "
            "--set account.deposits=none"
        )
    spec, setting = begun(spec.with_values({}), folder)
    rule = spec.make_rule()
    days = np.unique(setting.bars.sessions)
    first = first_start(setting, rule)
    if first + lengths[0] >= len(days):
        raise SpecError(
            f"{spec.name}: {len(days) - first:,} sessions from {days[first]} on are too few for a span of "
            f"{asked[0]:g} years ({lengths[0]:,} sessions and the one before); name shorter lengths"
        )
    kept = first + lengths < len(days)
    notes = [
        f"{years:g} years: the data from {days[first]} on are shorter, so it is left out"
        for years, there in zip(asked, kept, strict=True)
        if not there
    ]
    asked, lengths = tuple(y for y, there in zip(asked, kept, strict=True) if there), lengths[kept]
    possible = np.arange(first, len(days) - int(lengths[0]), dtype=np.int64)
    engine, why = _engine(spec, setting)
    market = (days, asked, lengths)
    found = None
    if engine == KERNEL:
        found, why = _in_kernel(
            spec, setting, rule, market, possible[:: every or 1], every, verify, folder, say
        )
    if found is None:
        step = every or -(-len(possible) // FEW)
        found = _in_backtrader(spec, setting, rule, market, possible[::step], step, why, many, folder, say)
    funds = traded_funds(setting, rule)
    said = [*notes, *setting.notes, *synthetic_notes(setting, funds)]
    return replace(found, notes=said, caveats=tuple(foreign_indexes(setting, funds)))


def first_start(setting: Setting, rule: Rule | None) -> int:
    """The first session on which a run may begin whose rule can act at once, knowing what came before."""
    if rule is None:
        return 0
    rule.history_before_run = setting.history
    # A run that begins on one of the first bars of all has no history: so few are none.
    bar = max(min(rule.bars_waited, len(setting.bars)) - 1, 0 if setting.history else MIN_BARS)
    return int(np.count_nonzero(np.unique(setting.bars.sessions) < setting.bars.sessions[bar]))


def traded_funds(setting: Setting, rule: Rule | None) -> list[LeveragedFund]:
    """The funds that a rule trades; of a strategy that is no rule of ours, those that it is given."""
    funds = funds_of(setting, rule)
    return funds if rule is None else [fund for fund in funds if fund.ticker in rule.instruments]


def _engine(spec: RunSpec, setting: Setting) -> tuple[str, str]:
    """Which engine runs the starts, and why."""
    name, why = choose(spec, Grid(()), None)
    if name == KERNEL and spec.data.splits != "none":
        return BACKTRADER, f'data.splits is "{spec.data.splits}", so prices as traded depend on the start'
    if name == KERNEL and not setting.bars.daily:
        # Founded at the close of a bar within it, a fund resets there once more than one that ran before.
        return BACKTRADER, "on intraday bars what a fund makes on its first day depends on the start"
    return name, why


def _in_kernel(
    spec: RunSpec,
    setting: Setting,
    rule: Rule | None,
    market: tuple[np.ndarray, tuple[float, ...], Ints],
    starts: Ints,
    every: int | None,
    verify: int,
    folder: Path | None,
    say: Say,
) -> tuple[Starts | None, str]:
    """All starts at once, some of them checked; None, with the reason, if backtrader has to run them."""
    days, asked, lengths = market
    paths = cut_paths(spec, setting, starts, lengths, folder, say)
    odd = np.flatnonzero(paths.odd)
    if len(odd) > MOST_ODD:
        return None, f"a bar's volume bounds orders of {len(odd):,} starts, which the broker alone works out"
    again = _drawn(len(starts), verify) if verify else []
    tasks = [_task(spec, days, int(starts[i]), int(lengths[-1]), folder) for i in (*again, *odd)]
    say("running some starts again in backtrader")
    alone = run_each(tasks, 1, lambda _: None)
    for i, done in zip(again, alone[: len(again)], strict=True):
        own = paths.account[i, : len(done.account)]
        if not paths.odd[i] and not np.allclose(own, done.account, rtol=0, atol=SAME * done.account.max()):
            return None, (
                f"what {spec.strategy} does depends on where the data of a run begin, as the start on "
                f"{days[starts[i]]} shows"
            )
    for i, done in zip(odd, alone[len(again) :], strict=True):
        paths.account[i, : len(done.account)] = done.account
    held = {INDEX: _grown(index_held(setting, len(days)), starts, lengths), **paths.held}
    held[CASH] = _grown(_cash(setting, days), starts, lengths)
    why = "signals once, and a run from each start"
    step = every or 1
    return Starts(
        spec, setting, days, starts, asked, lengths, paths.account, held, KERNEL, why, step,
        len(again), len(odd), [],
    ), why  # fmt: skip


def _in_backtrader(
    spec: RunSpec,
    setting: Setting,
    rule: Rule | None,
    market: tuple[np.ndarray, tuple[float, ...], Ints],
    starts: Ints,
    every: int,
    why: str,
    workers: int,
    folder: Path | None,
    say: Say,
) -> Starts:
    """Each start by itself."""
    days, asked, lengths = market
    longest = int(lengths[-1])
    tasks = [_task(spec, days, start, longest, folder) for start in starts.tolist()]
    done = run_each(tasks, workers, lambda n: say(f"{n} of {len(tasks)} starts in backtrader"))
    account = np.full((len(starts), longest + 1), np.nan)
    beside: dict[str, Floats] = {}
    for i, found in enumerate(done):
        account[i, : len(found.account)] = found.account
        for name, values in found.held.items():
            grown = beside.setdefault(name, np.full((len(starts), len(lengths)), np.nan))
            there = lengths < len(values)
            grown[i, there] = values[lengths[there]]
    held = {INDEX: _grown(index_held(setting, len(days)), starts, lengths), **beside}
    held[CASH] = _grown(_cash(setting, days), starts, lengths)
    return Starts(
        spec, setting, days, starts, asked, lengths, account, held, BACKTRADER, why, every, 0, 0, []
    )


def _task(spec: RunSpec, days: np.ndarray, start: int, longest: int, folder: Path | None) -> Task:
    return Task(spec, days[start], days[min(start + longest, len(days) - 1)], folder)


def _drawn(starts: int, count: int) -> list[int]:
    """The first start, the last and `count` others, always the same."""
    drawn = np.random.default_rng(1).integers(starts, size=count).tolist()
    return sorted({0, starts - 1, *drawn})


def _cash(setting: Setting, days: np.ndarray) -> Floats:
    """What 1 in cash becomes at the short rate, by session."""
    last = last_of_each(setting.bars.sessions)
    rates = setting.rate.on(setting.bars.sessions)[last]
    return np.cumprod(np.concatenate(([1.0], 1.0 + night_rates(days, rates))))


def _grown(values: Floats, starts: Ints, lengths: Ints) -> Floats:
    """By start and length what 1 became; NaN beyond the data."""
    ends = starts[:, None] + lengths[None, :]
    there = ends < len(values)
    return np.where(there, values[np.minimum(ends, len(values) - 1)] / values[starts][:, None], np.nan)
