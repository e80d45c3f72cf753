"""The numbers of a run, compiled: those of `runs.backtest.metrics` that a sweep keeps, from sums taken on
the way."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from engine.kernel.figures import AVERAGES, DAYS_A_YEAR, MEASURES, SESSIONS_A_YEAR, STILL
from letf_instruments.compiled import compiled
from letf_instruments.sizes import NOTHING

FIRST_AVERAGE = MEASURES.index(AVERAGES[0])
AFTER_AVERAGES = FIRST_AVERAGE + len(AVERAGES)


class Market(NamedTuple):
    """The index that an account is measured by, held over the sessions: of its daily returns over the short
    rate the mean, and the root of the sum of squares about it; the latter is NaN where it does not move."""

    mean: float
    spread: float


class Sums(NamedTuple):
    """What a run comes to. `gains` returns: one less than there are sessions, or as many if the first one
    changed the money at the start. `days` from the first session to the last. Returns, those over the short
    rate, and their squares are summed about an assumed mean each, one of them, so that the spread of returns
    that are nearly alike keeps its digits (Chan, Golub and LeVeque 1983, "Algorithms for Computing the Sample
    Variance"): `usual` the first return, `usual_excess` that of the second session, as the first session's,
    `opening`, is in no sum: the index has none then. `tilted` is the sum of excess returns times
    `Stage.tilt`, which is the beta; `gross`, `net` and `times` the three exposures, summed."""

    start: float
    equity: float
    worth: float  # what the start became, payments aside
    lived: bool  # no equity of 0 or less before the last session's
    gains: float
    usual: float
    returns: float
    squares: float
    opening: float
    usual_excess: float
    excess: float
    excess_squares: float
    downside: float
    tilted: float
    depth: float
    within: float
    longest: float
    days: float
    sessions: float
    gross: float
    net: float
    times: float
    trades: float
    wins: float
    won: float
    lost: float
    trade_returns: float
    bars_held: float
    adverse: float
    favourable: float
    costs: float
    interest: float


@compiled(nogil=True, error_model="numpy")
def measure(s: Sums, market: Market, out: Any) -> None:
    """Write `MEASURES` into a row; NaN where one is not defined."""
    nan = math.nan
    total = s.worth / s.start - 1.0
    years = s.days / DAYS_A_YEAR
    cagr = nan
    if years > 0:
        cagr = (1.0 + total) ** (1.0 / years) - 1.0 if total > NOTHING - 1.0 else -1.0
    volatility = sharpe = sortino = nan
    n, pairs = s.gains, s.sessions - 1.0
    if s.lived:
        volatility = 0.0
        if n > 1:
            year = math.sqrt(SESSIONS_A_YEAR)
            spread = math.sqrt(max(s.squares - s.returns * s.returns / n, 0.0) / (n - 1))
            moves = spread > STILL
            volatility = spread * year if moves else 0.0
            first = s.opening - s.usual_excess if n > pairs else 0.0
            excess, squares = s.excess + first, s.excess_squares + first * first
            mean = s.usual_excess + excess / n
            spread = math.sqrt(max(squares - excess * excess / n, 0.0) / (n - 1))
            if moves and spread > STILL:
                sharpe = mean / spread * year
            below = math.sqrt(s.downside / n)
            if moves and below > STILL:
                sortino = mean / below * year
    alpha = beta = correlation = nan
    if s.lived and pairs >= 2.0 and not math.isnan(market.spread):
        mean = s.usual_excess + s.excess / pairs
        squares = s.excess_squares - s.excess * s.excess / pairs
        beta = s.tilted
        alpha = SESSIONS_A_YEAR * (mean - beta * market.mean)
        own = math.sqrt(max(squares, 0.0))
        if own > STILL * math.sqrt(pairs - 1.0):
            correlation = beta * market.spread / own
    out[0], out[1], out[2], out[3], out[4] = total, cagr, volatility, sharpe, sortino
    out[5], out[6], out[7] = s.depth, s.longest, s.within
    out[8] = cagr / -s.depth if s.depth != 0.0 else nan
    out[9], out[10], out[11] = alpha, beta, correlation
    out[12] = s.trades
    some = s.trades > 0
    out[13] = s.wins / s.trades if some else nan
    out[14] = s.won / s.lost if s.lost > 0 else nan
    out[15] = s.trade_returns / s.trades if some else nan
    out[16] = s.bars_held / s.trades if some else nan
    out[17] = s.adverse / s.trades if some else nan
    out[18] = s.favourable / s.trades if some else nan
    out[19], out[20], out[21] = s.gross / s.sessions, s.net / s.sessions, s.times / s.sessions
    out[22], out[23], out[24] = s.equity, s.costs, s.interest


@compiled(nogil=True, error_model="numpy")
def about(mean: float, count: float, total: float, squares: float) -> tuple[float, float]:
    """The sum of `count` numbers and that of their squares about `mean`, of the two about 0."""
    return total - count * mean, squares - mean * (2.0 * total - count * mean)


@compiled(nogil=True, error_model="numpy")
def leave_out_averages(out: Any) -> None:
    """Write NaN for what a row averages over trades: of a position that was rebalanced it means nothing."""
    for at in range(FIRST_AVERAGE, AFTER_AVERAGES):
        out[at] = math.nan


@compiled(nogil=True, error_model="numpy")
def excursions(lowest: float, highest: float, entry: float) -> tuple[float, float]:
    """How far prices fell below an entry and rose above it, as fractions of it: 0 or less, and 0 or more."""
    return min(lowest / entry - 1.0, 0.0), max(highest / entry - 1.0, 0.0)
