"""The numbers of a run, compiled: those of `runs.backtest.metrics` that a sweep keeps, from sums taken on
the way."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from letf_instruments.compiled import compiled

SESSIONS_A_YEAR = 252
DAYS_A_YEAR = 365.25
# A spread of daily returns below this is rounding, and a ratio over it would be noise.
STILL = 1e-12

MEASURES = (
    "total_return",
    "cagr",
    "volatility",
    "sharpe",
    "sortino",
    "max_drawdown",
    "max_drawdown_days",
    "calmar",
    "trades",
    "win_rate",
    "profit_factor",
    "average_trade",
    "average_bars_held",
    "exposure",
    "final_equity",
    "costs_paid",
    "interest_earned",
)


class Sums(NamedTuple):
    """What a run comes to. `gains` returns: one less than there are sessions, or as many if the first one
    changed the money at the start. `days` from the first session to the last."""

    start: float
    equity: float
    lived: bool  # no equity of 0 or less before the last session's
    gains: float
    returns: float
    squares: float
    excess: float
    excess_squares: float
    downside: float
    depth: float
    longest: float
    days: float
    sessions: float
    exposed: float
    trades: float
    wins: float
    won: float
    lost: float
    trade_returns: float
    bars_held: float
    costs: float
    interest: float


@compiled(nogil=True, error_model="numpy")
def measure(s: Sums, out: Any) -> None:
    """Write `MEASURES` into a row; NaN where one is not defined."""
    nan = math.nan
    total = s.equity / s.start - 1.0
    years = s.days / DAYS_A_YEAR
    cagr = nan
    if years > 0:
        cagr = (1.0 + total) ** (1.0 / years) - 1.0 if total > -1.0 else -1.0
    volatility = sharpe = sortino = nan
    n = s.gains
    if s.lived:
        volatility = 0.0
        if n > 1:
            year = math.sqrt(SESSIONS_A_YEAR)
            spread = math.sqrt(max(s.squares - s.returns * s.returns / n, 0.0) / (n - 1))
            volatility = spread * year
            mean = s.excess / n
            spread = math.sqrt(max(s.excess_squares - s.excess * mean, 0.0) / (n - 1))
            if spread > STILL:
                sharpe = mean / spread * year
            below = math.sqrt(s.downside / n)
            if below > STILL:
                sortino = mean / below * year
    out[0], out[1], out[2], out[3], out[4] = total, cagr, volatility, sharpe, sortino
    out[5], out[6] = s.depth, s.longest
    out[7] = cagr / -s.depth if s.depth != 0.0 else nan
    out[8] = s.trades
    out[9] = s.wins / s.trades if s.trades > 0 else nan
    out[10] = s.won / s.lost if s.lost > 0 else nan
    out[11] = s.trade_returns / s.trades if s.trades > 0 else nan
    out[12] = s.bars_held / s.trades if s.trades > 0 else nan
    out[13] = s.exposed / s.sessions
    out[14], out[15], out[16] = s.equity, s.costs, s.interest


@compiled(nogil=True, error_model="numpy")
def leave_out_averages(out: Any) -> None:
    """Write NaN for what a row averages over trades: of a position that was rebalanced it means nothing."""
    for at in range(9, 13):
        out[at] = math.nan
