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


# Sums about 0 over the sessions in which an account was nothing but cash, differences of those that
# `stage.Money` has: how many returns, them and their squares; how many sessions without the first one, and
# the same of their returns over the short rate. They are an array of their own, so that it does not matter,
# where cash earns nothing at a rate of 0, in how many steps they were taken, and that a loop need not carry
# them from bar to bar.
GAINS, RETURNS, SQUARES, PAIRS, EXCESS, EXCESS_SQUARES = range(6)
IN_CASH = 6


class Market(NamedTuple):
    """The index that an account is measured by, held over the sessions: of its daily returns over the short
    rate the mean, and the root of the sum of squares about it; the latter is NaN where it does not move."""

    mean: float
    spread: float


class Moments(NamedTuple):
    """Numbers summed as they come: how many, and about an assumed mean (`usual`) their sum and that of their
    squares. The mean is that of the first 1, 2, 4, … of them, so that the spread of numbers that are nearly
    alike keeps its digits, and one unlike all others costs none (Chan, Golub and LeVeque 1983, "Algorithms
    for Computing the Sample Variance")."""

    n: int
    usual: float
    total: float
    squares: float


class Sums(NamedTuple):
    """What a run comes to. `gains` returns: one less than there are sessions, or as many if the first one
    changed the money at the start. `days` from the first session to the last. `returns`, and `excess`, those
    over the short rate, without the first session's, `opening`, as the index has none then. `tilted` is the
    sum of excess returns times `Stage.tilt`, which is the beta; `gross`, `net` and `times` the three
    exposures, summed."""

    start: float
    equity: float
    worth: float  # what the start became, payments aside
    lived: bool  # no equity of 0 or less before the last session's
    gains: float
    returns: Moments
    opening: float
    excess: Moments
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
def about(mean: float, count: float, total: float, squares: float) -> tuple[float, float]:
    """The sum of `count` numbers and that of their squares about `mean`, of the two about 0."""
    return total - count * mean, squares - mean * (2.0 * total - count * mean)


@compiled(nogil=True, error_model="numpy")
def no_moments() -> Moments:
    """Of no number yet."""
    none = 0.0
    return Moments(0, none, none, none)


@compiled(nogil=True, error_model="numpy")
def added(m: Moments, number: float) -> Moments:
    """With one more number, about the same mean."""
    aside = number - m.usual
    return Moments(m.n + 1, m.usual, m.total + aside, m.squares + aside * aside)


@compiled(nogil=True, error_model="numpy")
def centred(m: Moments) -> Moments:
    """The same about their own mean."""
    shift = m.total / m.n
    total, squares = about(shift, m.n, m.total, m.squares)
    return Moments(m.n, m.usual + shift, total, squares)


@compiled(nogil=True, error_model="numpy")
def taken(m: Moments, number: float) -> Moments:
    """With one more number; after the first 1, 2, 4, … their mean is assumed."""
    more = added(m, number)
    return more if more.n & (more.n - 1) else centred(more)


@compiled(nogil=True, error_model="numpy")
def joined(m: Moments, count: int, total: float, squares: float) -> Moments:
    """With other numbers, of which the sums about 0 are given."""
    more, more_squares = about(m.usual, count, total, squares)
    return Moments(m.n + count, m.usual, m.total + more, m.squares + more_squares)


@compiled(nogil=True, error_model="numpy")
def with_cash(returns: Moments, excess: Moments, in_cash: Any) -> tuple[Moments, Moments]:
    """Returns, and those over the short rate, with what the sessions in cash came to."""
    return (
        joined(returns, int(in_cash[GAINS]), in_cash[RETURNS], in_cash[SQUARES]),
        joined(excess, int(in_cash[PAIRS]), in_cash[EXCESS], in_cash[EXCESS_SQUARES]),
    )


@compiled(nogil=True, error_model="numpy")
def in_all(excess: Moments, in_cash: Any, opening: float) -> tuple[float, float]:
    """The sum of all excess returns, and that of their squares, about 0."""
    total, squares = about(-excess.usual, excess.n, excess.total, excess.squares)
    return total + in_cash[EXCESS] + opening, squares + in_cash[EXCESS_SQUARES] + opening * opening


@compiled(nogil=True, error_model="numpy")
def _mean(m: Moments) -> float:
    return m.usual + m.total / m.n


@compiled(nogil=True, error_model="numpy")
def _squares(m: Moments) -> float:
    """The sum of squares about the mean."""
    return m.squares - m.total * m.total / m.n


@compiled(nogil=True, error_model="numpy")
def _spread(m: Moments) -> float:
    """The standard deviation, with n − 1."""
    return math.sqrt(max(_squares(m), 0.0) / (m.n - 1))


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
            spread = _spread(s.returns)
            moves = spread > STILL
            volatility = spread * year if moves else 0.0
            every = joined(s.excess, 1, s.opening, s.opening * s.opening) if n > pairs else s.excess
            mean, spread = _mean(every), _spread(every)
            if moves and spread > STILL:
                sharpe = mean / spread * year
            below = math.sqrt(s.downside / n)
            if moves and below > STILL:
                sortino = mean / below * year
    alpha = beta = correlation = nan
    if s.lived and pairs >= 2.0 and not math.isnan(market.spread):
        mean = _mean(s.excess)
        beta = s.tilted
        alpha = SESSIONS_A_YEAR * (mean - beta * market.mean)
        own = math.sqrt(max(_squares(s.excess), 0.0))
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
def leave_out_averages(out: Any) -> None:
    """Write NaN for what a row averages over trades: of a position that was rebalanced it means nothing."""
    for at in range(FIRST_AVERAGE, AFTER_AVERAGES):
        out[at] = math.nan


@compiled(nogil=True, error_model="numpy")
def excursions(lowest: float, highest: float, entry: float) -> tuple[float, float]:
    """How far prices fell below an entry and rose above it, as fractions of it: 0 or less, and 0 or more."""
    return min(lowest / entry - 1.0, 0.0), max(highest / entry - 1.0, 0.0)
