"""What is kept of a cell: a row of its parameters and of these numbers, defined in docs/metrics.md."""

from __future__ import annotations

from engine.kernel.figures import MEASURES, MONEY_MEASURES

METRICS = MEASURES
MONEY = MONEY_MEASURES  # kept beside them where a sweep has account.deposits
TAXED = ("tax_paid", "tax_due", "total_return_after_tax")  # where it has account.tax
BESIDE = (*MONEY, *TAXED)
WHOLE = ("max_drawdown_days", "trades")  # whole numbers; all others are floats, empty where not defined
LESS_IS_BETTER = (
    "volatility",
    "max_drawdown_days",
    "costs_paid",
    "tax_paid",
    "tax_due",
)  # a drawdown is negative: more is better
