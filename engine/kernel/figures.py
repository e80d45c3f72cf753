"""The figures of a run that both engines give, by name, in the order of a cell's row, and what they rest on.

What each means is written in docs/metrics.md. Nothing compiled is loaded here.
"""

from __future__ import annotations

SESSIONS_A_YEAR = 252
DAYS_A_YEAR = 365.25
# Of a spread of daily returns below this, rounding (1e-16 of an account a day) is more than a part in 10⁹
# once a ratio over it is annualised: it would be noise, and is none. It is a volatility of .0016 % a year.
STILL = 1e-6

AVERAGES = (  # over trades
    "win_rate",
    "profit_factor",
    "average_trade",
    "average_bars_held",
    "average_adverse_excursion",
    "average_favourable_excursion",
)
MEASURES = (
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
    *AVERAGES,
    "exposure_gross",
    "exposure_net",
    "exposure_index",
    "final_equity",
    "costs_paid",
    "interest_earned",
)
# Where money is paid in or out beside them; after the loop, from the payments and the final equity.
MONEY_MEASURES = ("put_in", "profit", "money_weighted_return")
RUINED_ON = len(MEASURES)  # of a row: the bar on which the account was ruined, that of the end if it was not
ROW = len(MEASURES) + 1
