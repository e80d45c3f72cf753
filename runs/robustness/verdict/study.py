"""`letf robustness`: is it an edge? Checks in order, each with a stated bar.

Too few trades; no edge at all; luck; other parameters; other periods. The first that fails is the verdict,
and a rule that passes all of them is called robust. The bars are calibrated on planted edges and on noise
(`benchmarks/verdicts.py`; the table is in docs/robustness.md).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analyzers.luck import probabilistic_sharpe
from engine.kernel.figures import SESSIONS_A_YEAR, STILL
from runs.answers.words import counted, share
from runs.backtest.result import RunResult
from runs.robustness.luck.entries import RandomTiming
from runs.robustness.luck.study import RULE, Floats, Luck, daily, luck_of
from runs.robustness.luck.words import ratio
from runs.robustness.verdict.neighbours import Neighbour, neighbours_of
from runs.sweeps.results.luck_words import trials_words

ROBUST, FEW, NO_EDGE = "robust", "too few trades to say", "no edge"
LUCK, PARAMETERS, PERIOD = "luck", "fragile to parameters", "fragile to period"
VERDICTS = (ROBUST, PARAMETERS, PERIOD, LUCK, NO_EDGE, FEW)

LEAST_TRADES = 20
LEAST_YEARS = 2.0
LEVEL = 0.05  # below it luck is ruled out
KEPT = 0.5  # of the rule's Sharpe ratio, by the median of its neighbours
BLOCKS, GOOD_BLOCKS = 5, 4  # parts of the time, and in how many it must have earned more than cash
END, SURE = 0.4, 0.9  # of the time, at its beginning and at its end; probability of an edge in each
AHEAD = 0.95  # share of draws in which a rule without timing must be ahead of the index

SAME = 1e-8  # of two Sharpe ratios, one from each engine

YEAR = math.sqrt(SESSIONS_A_YEAR)


@dataclass(frozen=True)
class Check:
    """One question: its name, whether the rule passes, and the verdict if it does not.

    figure, bar : what was found and what is asked, a number each; NaN where the check could not be made.
    said : the figure and the bar in words.
    """

    name: str
    passed: bool
    verdict: str
    figure: float
    bar: float
    said: str


@dataclass(frozen=True, eq=False)
class Judgement:
    """The checks in order, and what they rest on.

    parts : Sharpe ratio a year in each of `BLOCKS` parts of the time; edges : the first day of each.
    """

    run: RunResult
    luck: Luck | None
    neighbours: list[Neighbour]
    parts: list[float]
    edges: list[np.datetime64]
    checks: list[Check]

    @property
    def verdict(self) -> str:
        """That of the first check that fails; robust if none does."""
        return next((check.verdict for check in self.checks if not check.passed), ROBUST)

    @property
    def deciding(self) -> Check:
        """The first check that fails, or the last one."""
        return next((check for check in self.checks if not check.passed), self.checks[-1])


def judge(
    run: RunResult,
    folder: Path | None,
    draws: int,
    timings: int,
    seed: int,
    trials: int | None = None,
    say: Callable[[str], None] = lambda words: None,
) -> Judgement:
    """Judge a finished run. Parameters as of `luck_of`.

    Raises
    ------
    LetfError
        As `luck_of`; not of an account that was ruined, which is judged by its period.
    """
    few = _enough(run)
    if not few.passed:
        return Judgement(run, None, [], [], [], [few])
    luck = luck_of(run, folder, draws, timings, seed, trials, say)
    say("running it a step to the side")
    neighbours = neighbours_of(run.spec, run.setting, folder)
    excess = daily(run)[RULE][1]
    parts, edges = _parts(run, excess)
    checks = [few, _edge(luck), *_luck(luck), _parameters(luck.sharpe, neighbours), _period(parts)]
    checks.append(_ends(excess))
    return Judgement(run, luck, neighbours, parts, edges, checks)


def _enough(run: RunResult) -> Check:
    years = float((run.days[-1] - run.days[0]).astype(int)) / 365.25
    trades = len(run.trades)
    passed = trades >= LEAST_TRADES and years >= LEAST_YEARS
    needed = f"{LEAST_TRADES} in {LEAST_YEARS:.0f} years or more are needed"
    short = f"{years:.1f}" if years >= LEAST_YEARS else f"{math.floor(years * 100) / 100:.2f}"
    said = f"{counted(trades, 'trade')} in {short} years; {needed}"
    return Check("enough to judge", passed, FEW, float(trades), float(LEAST_TRADES), said)


def _edge(luck: Luck) -> Check:
    said = f"its Sharpe is {ratio(luck.sharpe)}; it must have earned more than cash"
    return Check("more than cash", luck.sharpe > 0.0, NO_EDGE, luck.sharpe, 0.0, said)


def family_chance(luck: Luck) -> float:
    """The probability that of so many independent trials without skill one has the rule's Sharpe ratio or
    more: Šidák 1967, 1 − (1 − p)^N, with p from the probabilistic Sharpe ratio."""
    one = 1.0 - probabilistic_sharpe(luck.sharpe / YEAR, 0.0, luck.periods, luck.skew, luck.kurtosis)
    return float(-np.expm1(luck.trials * np.log1p(-min(one, 1.0 - 1e-16))))


def _luck(luck: Luck) -> list[Check]:
    chance = family_chance(luck)
    tried = "one trial" if luck.trials <= 1 else f"the best of {trials_words(luck.trials)}"
    checks = [
        Check(
            "more than the best of what was tried",
            chance < LEVEL,
            LUCK,
            chance,
            LEVEL,
            f"{tried} without skill has its Sharpe or more with a probability of {chance:.3f}; below "
            f"{LEVEL:g} is needed",
        )
    ]
    it = luck.timing
    if isinstance(it, RandomTiming):
        said = (
            f"{it.as_good:.3f} of random timings under the same plan did as well; below {LEVEL:g} is needed"
        )
        checks.append(Check("timing better than chance", it.as_good < LEVEL, LUCK, it.as_good, LEVEL, said))
    else:
        ahead = luck.ahead.get("index", math.nan)
        said = (
            f"its timing cannot be tried at random ({it}); its Sharpe is above that of the index in "
            f"{ahead:.2f} of draws, {AHEAD:g} is needed"
        )
        checks.append(Check("better than holding the index", ahead >= AHEAD, LUCK, ahead, AHEAD, said))
    return checks


def _parameters(sharpe: float, neighbours: Sequence[Neighbour]) -> Check:
    # A number that changes nothing is no step: the same run again says nothing of others.
    known = [
        each.sharpe for each in neighbours if each.sharpe is not None and abs(each.sharpe - sharpe) > SAME
    ]
    name = "a step to the side"
    if not known:
        return Check(
            name,
            True,
            PARAMETERS,
            math.nan,
            KEPT,
            "there is no number whose change would change it, so nothing to be fragile to",
        )
    middle = float(np.median(known))
    kept = middle / sharpe if sharpe > 0 else math.nan
    of = f"{share(kept, 0)} of its own" if sharpe > 0 else "its own is"
    said = (
        f"its {len(known)} neighbours have a Sharpe of {ratio(middle)} in the median, {of} {ratio(sharpe)}; "
        f"{share(KEPT, 0)} is needed"
    )
    return Check(name, bool(kept >= KEPT), PARAMETERS, kept, KEPT, said)


def _parts(run: RunResult, excess: Floats) -> tuple[list[float], list[np.datetime64]]:
    days = run.days[-len(excess) :]
    parts, edges = [], []
    for at in np.array_split(np.arange(len(excess)), BLOCKS):
        parts.append(_sharpe(excess[at]))
        edges.append(days[at[0]])
    return parts, edges


def _period(parts: Sequence[float]) -> Check:
    good = sum(part > 0 for part in parts)
    said = (
        f"in {good} of {BLOCKS} parts of the time it earned more than cash; {GOOD_BLOCKS} are needed (Sharpe "
        f"{', '.join(ratio(part) for part in parts)})"
    )
    return Check("other periods", good >= GOOD_BLOCKS, PERIOD, float(good), float(GOOD_BLOCKS), said)


def _ends(excess: Floats) -> Check:
    """An edge that is gone, or that only came, is not seen at one end: each by itself must show a true Sharpe
    ratio above 0, by the probabilistic one of normal returns."""
    many = round(END * len(excess))
    ends = _sharpe(excess[:many]), _sharpe(excess[-many:])
    first, last = (probabilistic_sharpe(each / YEAR, 0.0, many) for each in ends)
    said = (
        f"its Sharpe was {ratio(ends[0])} in the first two fifths of the time and {ratio(ends[1])} in the "
        f"last two, truly above 0 with a probability of {first:.2f} and {last:.2f}; {SURE:g} is needed in "
        "both"
    )
    kept = min(first, last)
    return Check("from the beginning to the end", kept >= SURE, PERIOD, kept, SURE, said)


def _sharpe(excess: Floats) -> float:
    spread = float(excess.std(ddof=1))
    return float(excess.mean()) / spread * YEAR if spread > STILL else 0.0
