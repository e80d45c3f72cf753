"""`letf luck`: how much of a rule's result is luck."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analyzers.luck import (
    block_length,
    deflated_sharpe,
    drawn_again,
    expected_best,
    measures,
    probabilistic_sharpe,
    shape_of,
    superiority,
)
from analyzers.luck.bands import LEAST_DAYS, Floats
from engine.kernel.figures import DAYS_A_YEAR, SESSIONS_A_YEAR
from letf_instruments import SpecError
from letf_instruments.sizes import NOTHING
from runs.backtest.benchmarks import held_prices
from runs.backtest.metrics import excess_returns, night_rates
from runs.backtest.result import RunResult
from runs.robustness.luck.entries import RandomTiming, random_timing
from runs.robustness.luck.family import Family, family_of
from runs.sweeps.space.axes import grid_of

YEAR = math.sqrt(SESSIONS_A_YEAR)
LOW, HIGH = 0.05, 0.95  # of the bands
RULE = "rule"
SAME = 1e-9  # of daily returns, one from each engine
TEST_DRAWS = 500  # of Hansen's test: its p-value is settled to a hundredth or two


@dataclass(frozen=True, eq=False)
class Line:
    """A figure of a run or of what is held beside it: measured, and the band of nine draws in ten."""

    measured: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Luck:
    """What there is to say of a run's luck.

    length : of the bootstrap's blocks, days. draws, seed : of everything drawn.
    lines : by name ("rule", "index", funds), by measure. sharpes : of the rule, by draw.
    ahead : by what is held, the share of draws in which the rule's Sharpe ratio is above its own.
    superior : by what is held, and "cash", the p-value of Hansen's test of so many rules (`tested`: this one,
        and of the sweep's cells those that were watched); None where none ever differs.
    above_none : the probability that the true Sharpe ratio is above 0.
    family : the cells of [sweep], or why there are none. trials : independent ones that were tried, with
        their `spread` of ratios a year. expected_best : the ratio a year that luck gives the best of them.
    deflated : the probability that the true ratio is above that.
    timing : random timing under the same plan, or why there is none.
    """

    run: RunResult
    length: float
    draws: int
    seed: int
    lines: dict[str, dict[str, Line]]
    sharpes: Floats
    ahead: dict[str, float]
    superior: dict[str, float | None]
    tested: int
    sharpe: float
    skew: float
    kurtosis: float
    periods: int
    above_none: float
    family: Family | str
    trials: float
    spread: float
    expected_best: float
    deflated: float
    timing: RandomTiming | str


def luck_of(
    run: RunResult,
    folder: Path | None,
    draws: int,
    timings: int,
    seed: int,
    trials: int | None = None,
    say: Callable[[str], None] = lambda words: None,
    family: Family | str | None = None,
) -> Luck:
    """Measure the luck of a finished run.

    Parameters
    ----------
    draws : of the bootstrap. timings : random ones under the rule's plan.
    trials : independent rules that were tried, where the spec has no [sweep]; 1 if None.
    family : the cells tried, if they are known already.

    Raises
    ------
    SpecError
        If the account was ruined, never moved, or there are too few sessions.
    """
    series = daily(run)
    excess = series[RULE][1]
    if float(np.std(excess, ddof=1)) <= 1e-6:
        raise SpecError(f"{run.spec.name}: the account never moves, so there is no luck in it")
    length = block_length(*(own for own, _ in series.values()))
    say("drawing its days again")
    years = float((run.days[-1] - run.days[0]).astype(int)) / DAYS_A_YEAR
    drawn = drawn_again(series, length, draws, seed, years)
    lines = {
        name: {
            key: Line(value, *_band(drawn[name][key])) for key, value in measures(own, over, years).items()
        }
        for name, (own, over) in series.items()
    }
    ahead = {
        name: float((drawn[RULE]["sharpe"] > drawn[name]["sharpe"]).mean()) for name in series if name != RULE
    }
    ratio, periods = float(excess.mean() / excess.std(ddof=1)), len(excess)
    moments = shape_of(excess)
    if family is None:
        family = "the spec has no [sweep]"
        if run.spec.sweep:
            say("running the cells of its sweep")
            family = family_of(run.spec, grid_of(run.spec), folder, seed)
    if isinstance(family, Family):
        tried, variance = family.trials, (family.spread / YEAR) ** 2
    else:
        # Of trials without skill the ratios spread by the error of one (Lo 2002, FAJ 58(4):36–52).
        tried, variance = float(trials or 1), 1.0 / (periods - 1)
    models = excess[None, :]
    if isinstance(family, Family) and family.returns.shape[1] in (periods, periods + 1):
        cells = family.returns[:, -periods:]
        models = np.vstack((models, cells[np.abs(cells - excess).max(axis=1) > SAME]))  # the rule once
    say("testing against what could be held instead")
    against = {name: over for name, (_, over) in series.items() if name != RULE} | {"cash": np.zeros(periods)}
    superior = {
        name: superiority(models, over, length, min(draws, TEST_DRAWS), seed)
        for name, over in against.items()
    }
    say("trying random timing under the same plan")
    timing = random_timing(run.spec, run.setting, run.rule, timings, seed)
    return Luck(
        run=run,
        length=length,
        draws=draws,
        seed=seed,
        lines=lines,
        sharpes=drawn[RULE]["sharpe"],
        ahead=ahead,
        superior=superior,
        tested=len(models),
        sharpe=ratio * YEAR,
        skew=moments[0],
        kurtosis=moments[1],
        periods=periods,
        above_none=probabilistic_sharpe(ratio, 0.0, periods, *moments),
        family=family,
        trials=tried,
        spread=math.sqrt(variance) * YEAR,
        expected_best=expected_best(variance, tried) * YEAR,
        deflated=deflated_sharpe(ratio, variance, tried, periods, *moments),
        timing=timing,
    )


def daily(run: RunResult) -> dict[str, tuple[Floats, Floats]]:
    """Daily returns, and those over the short rate, of the rule and of what could be held instead, on the
    same days; what was wiped out is left out.

    Raises
    ------
    SpecError
        If the account was ruined, or there are too few sessions.
    """
    if len(run.days) < LEAST_DAYS + 1:
        raise SpecError(
            f"{run.spec.name}: {len(run.days)} sessions are too few to tell luck; {LEAST_DAYS + 1} are needed"
        )
    rates = run.short_rate.on(run.days)
    over = excess_returns(run.days, run.worth, rates)
    if over is None:
        raise SpecError(f"{run.spec.name}: the account was ruined, which is no matter of luck")
    out = {RULE: (run.worth[1:] / run.worth[:-1] - 1.0, over)}
    night = night_rates(run.days, rates)
    prices = held_prices(run.setting, run.instruments, run.ledgers, len(run.days))
    for name, closes in prices.items():
        if (closes > NOTHING * closes[0]).all():
            own = closes[1:] / closes[:-1] - 1.0
            out[name] = own, own - night
    return out


def _band(values: Floats) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    if not len(known):
        return math.nan, math.nan
    return float(np.quantile(known, LOW)), float(np.quantile(known, HIGH))
