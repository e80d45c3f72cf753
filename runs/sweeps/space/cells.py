"""What is kept of a cell: a row of its parameters and of these numbers, defined in docs/metrics.md."""

from __future__ import annotations

METRICS = (
    "total_return",
    "cagr",
    "volatility",
    "sharpe",
    "sortino",
    "max_drawdown",
    "max_drawdown_days",
    "max_drawdown_within_bar",
    "calmar",
    "alpha",
    "beta",
    "correlation",
    "trades",
    "win_rate",
    "profit_factor",
    "average_trade",
    "average_bars_held",
    "average_adverse_excursion",
    "average_favourable_excursion",
    "exposure_gross",
    "exposure_net",
    "exposure_index",
    "final_equity",
    "costs_paid",
    "interest_earned",
)
WHOLE = ("max_drawdown_days", "trades")  # whole numbers; all others are floats, empty where not defined
LESS_IS_BETTER = ("volatility", "max_drawdown_days", "costs_paid")  # a drawdown is negative: more is better
