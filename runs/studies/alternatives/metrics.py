"""The numbers of one expression, in one flat dict. What each key means is written in docs/alternatives.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from analyzers import Curve, Leg, RoundTrip
from engine.contracts import EXPIRED, Step
from runs.backtest.metrics import COSTS, Metrics, money

if TYPE_CHECKING:
    from runs.studies.alternatives.replay import CapitalLog

# Parts of the profit, in the order of the table: they add up to it.
PARTS = (
    "index_move",
    "compounding",
    "fund_financing",
    "fund_fee",
    "interest",
    "financing",
    "borrow",
    "trading_costs",
    "protection",
    "option_delta",
    "option_gamma",
    "option_theta",
    "option_vega",
    "option_rest",
)
GREEKS = ("delta", "gamma", "theta", "vega", "rest")


def expression_metrics(
    multiple: float,
    account: Curve,
    equity: np.ndarray,
    capital: CapitalLog,
    accounts: Mapping[str, float],
    legs: Mapping[str, Leg],
    trades: Sequence[RoundTrip],
    steps: Sequence[Step] = (),
    expired_early: int = 0,
) -> Metrics:
    """Capital, losses, parts of the profit and liquidations of one expression.

    Parameters
    ----------
    multiple : exposure to the index that a unit of tied-up money carries, signed.
    account : by session. equity : at each bar's close, shape (n,).
    accounts : the broker's. legs : by fund; none of the index. steps : of the gain of options.
    expired_early : options that expired before the view left.
    """
    stake, payments = account.start, account.payments
    paid = np.zeros(len(equity))  # so far; a payment is neither a gain nor a loss
    for payment in payments:
        paid[max(payment.bar, 0) :] += payment.amount
    curve = np.concatenate(([stake], equity - paid if payments else equity))
    fall = np.maximum.accumulate(curve) - curve
    used, exposure = capital.capital, np.abs(capital.exposure)
    held = used > 0
    leg = next(iter(legs.values()), None)
    put_in = stake + paid if payments else stake
    parts = {
        "index_move": accounts["gains"] + accounts["dividends"] if leg is None else leg.promised,
        "compounding": 0.0 if leg is None else leg.compounding,
        "fund_financing": 0.0 if leg is None else leg.financing,
        "fund_fee": 0.0 if leg is None else leg.fee,
        "interest": accounts["interest"],
        "financing": -accounts["financing"],
        "borrow": -accounts["borrow"],
        "trading_costs": -sum(accounts[name] for name in COSTS if name not in ("borrow", "financing")),
        "protection": accounts["protection"],
        **{f"option_{part}": sum(getattr(step, part) for step in steps) for part in GREEKS},
    }
    reasons = [trade.exit_reason for trade in trades]
    return {
        "final_equity": float(equity[-1]),
        "total_return": float(account.worth[-1] / stake - 1.0),
        "total_multiple": float(multiple),
        "capital_average": _mean_share(used, put_in, held) if held.any() else 0.0,
        "capital_peak": float(used.max() / stake) if not payments else float((used / put_in).max()),
        "exposure_average": float(exposure[held].mean()) if held.any() else 0.0,
        "worst_loss": float(fall.max()),
        "worst_against_stake": float(max(stake - curve.min(), 0.0) / stake),
        "beyond_stake": float(max(-equity.min(), 0.0) + accounts["protection"]),
        "trades": len(trades),
        "margin_calls": reasons.count("margin call"),
        "stop_outs": reasons.count("stop-out"),
        "expired": reasons.count(EXPIRED),
        "expired_early": expired_early,
        "ruined": "ruin" in reasons or bool(equity[-1] <= 1e-9 * stake),
        "profit": float(curve[-1] - stake),
        **(money(account) if payments else {}),
        **{name: float(value) + 0.0 for name, value in parts.items()},  # no −0
    }


def _mean_share(used: np.ndarray, put_in: np.ndarray | float, held: np.ndarray) -> float:
    """Capital in use over what was put in by then, mean of the bars on which something was held."""
    if isinstance(put_in, float):
        return float(used[held].mean() / put_in)
    return float((used / put_in)[held].mean())
