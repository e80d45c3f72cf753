"""The numbers of a run, in one flat dict. What each key means is written in docs/metrics.md."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from analyzers.drawdown import drawdowns
from engine.kernel.figures import AVERAGES, DAYS_A_YEAR, SESSIONS_A_YEAR, STILL
from feeds.rates import ShortRate
from letf_instruments import Attribution
from letf_instruments.payments import Payment, money_weighted
from letf_instruments.sizes import DUST, NOTHING

if TYPE_CHECKING:
    from analyzers import Curve, Leg, RoundTrip

Floats = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]
Metrics = dict[str, float | int | bool | str | None]

WORST_PART = 20  # of daily returns, one in so many: 5 %


def performance(days: Dates, equity: Floats, short_rate: Floats) -> Metrics:
    """Return, risk and drawdown of an equity curve.

    The expected shortfall is historical: the mean of the worst 5 % of daily returns, of one day at the least.

    Parameters
    ----------
    days : datetime64[D], shape (n,), one a session.
    equity : shape (n,).
    short_rate : fraction a year known at each session, shape (n,); Sharpe and Sortino are over it.

    References
    ----------
    Sharpe 1994, "The Sharpe Ratio", J. Portfolio Management 21:49–58; Sortino & Price 1994, "Performance
    Measurement in a Downside Risk Framework", J. Investing 3:59–64. Of daily returns over the short rate, and
    annualised by the root of 252.
    """
    excess = excess_returns(days, equity, short_rate)
    lived = excess is not None
    returns = np.zeros(0)
    if excess is not None:
        returns = equity[1:] / equity[:-1] - 1.0
    total = equity[-1] / equity[0] - 1.0
    years = float((days[-1] - days[0]).astype(int)) / DAYS_A_YEAR
    cagr = None
    if years > 0:
        cagr = (1.0 + total) ** (1.0 / years) - 1.0 if total > NOTHING - 1.0 else -1.0
    spells = drawdowns(days, equity)
    depth = spells[0].depth if spells else 0.0
    year = math.sqrt(SESSIONS_A_YEAR)
    volatility, sharpe, sortino = 0.0 if lived else None, None, None
    moved = float(np.std(returns, ddof=1)) if len(returns) >= 2 else 0.0
    # Of what does not move the calendar alone moves what is left of it over the short rate.
    if excess is not None and moved > STILL:
        volatility = moved * year
        mean = float(np.mean(excess))
        spread = float(np.std(excess, ddof=1))
        downside = math.sqrt(float(np.mean(np.minimum(excess, 0.0) ** 2)))
        sharpe = mean / spread * year if spread > STILL else None
        sortino = mean / downside * year if downside > STILL else None
    return {
        "total_return": float(total),
        "cagr": cagr if cagr is None else float(cagr),
        "volatility": volatility,
        "sharpe": sharpe,
        "sortino": sortino,
        "max_drawdown": float(depth),
        "max_drawdown_days": max((spell.days for spell in spells), default=0),
        "calmar": _number(cagr / -depth) if depth and cagr is not None else None,
        "expected_shortfall_5": expected_shortfall(returns),
    }


def excess_returns(days: Dates, equity: Floats, short_rate: Floats) -> Floats | None:
    """Daily returns over the short rate, shape (n − 1,); None of an account that was ruined, since from
    nothing there is no return. Parameters as of `performance`."""
    if len(equity) < 2 or not (equity[:-1] > NOTHING * equity[0]).all():
        return None
    excess: Floats = equity[1:] / equity[:-1] - 1.0 - night_rates(days, short_rate)
    return excess


def night_rates(days: Dates, short_rate: Floats) -> Floats:
    """What the short rate comes to from each session to the next, ACT/360; shape (n,) → (n − 1,)."""
    accrued: Floats = short_rate[:-1] * np.diff(days).astype(np.int64) / 360.0
    return accrued


def expected_shortfall(returns: Floats) -> float | None:
    """Mean of the worst 5 % of returns, rounded up to whole days; a loss is negative. None if there are
    none."""
    if not len(returns):
        return None
    worst = -(-len(returns) // WORST_PART)
    return float(np.partition(returns, worst - 1)[:worst].mean())


def drawdown_within_bar(curve: Curve) -> float:
    """Deepest fall from the highest close of a session before to the account's worst moment within a bar, as
    `analyzers.EquityLog` has it; 0 or less. It is a bound: the account has never been lower. Payments in and
    out are no part of it."""
    before = np.maximum.accumulate(np.concatenate(([curve.start], curve.worth[:-1])))
    return min(float((curve.worst / before - 1.0).min()), 0.0)


def account(
    curve: Curve, short_rate: ShortRate, trades: Sequence[RoundTrip], accounts: Mapping[str, float]
) -> Metrics:
    """All that follows from the account alone: performance, trading, exposure, costs."""
    days, worth = curve.from_start()
    return {
        **performance(days, worth, short_rate.on(days)),
        **trading(trades),
        "max_drawdown_within_bar": drawdown_within_bar(curve),
        **exposures(curve),
        "final_equity": float(curve.equity[-1]),
        **costs(accounts),
    }


def money(curve: Curve) -> Metrics:
    """What was put in (the money at the start, and deposits less withdrawals), what came of it, both in
    money, and the return a year on it, each sum from its own day (`letf_instruments.payments`)."""
    return money_of(curve.start, curve.days, curve.payments, float(curve.equity[-1]))


def money_of(start: float, days: Dates, payments: Sequence[Payment], final: float) -> Metrics:
    """The same of whatever `start` and the payments came to; None where `final` is NaN."""
    amounts = np.array([payment.amount for payment in payments])
    dates = np.array([payment.day for payment in payments], dtype="datetime64[D]")
    put_in = start + float(amounts.sum())
    if not math.isfinite(final):
        return {"put_in": put_in, "profit": None, "money_weighted_return": None}
    rate = money_weighted(days[0], days[-1], start, dates, amounts, final)
    return {"put_in": put_in, "profit": final - put_in, "money_weighted_return": rate}


def taxed(curve: Curve, short_rate: ShortRate, paid: float, due: float) -> Metrics:
    """Tax `paid` while the account ran and `due` at its end, in money, and its return and final equity less
    what is due, which a time-weighted account bears by its share."""
    final = float(curve.equity[-1])
    days, worth = curve.from_start()
    if final > 0.0:
        worth = np.append(worth[:-1], max(worth[-1] * (1.0 - due / final), 0.0))
    after = performance(days, worth, short_rate.on(days))
    return {
        "tax_paid": paid,
        "tax_due": due,
        "final_equity_after_tax": final - due,
        "total_return_after_tax": after["total_return"],
        "cagr_after_tax": after["cagr"],
    }


def exposures(curve: Curve) -> Metrics:
    """Means over all sessions of the three exposures of `analyzers.EquityLog`, over equity."""
    names = ("exposure_gross", "exposure_net", "exposure_index")
    return {name: float(getattr(curve, name).mean()) for name in names}


def trading(trades: Sequence[RoundTrip]) -> Metrics:
    """Counts and ratios of round trips; None where there is nothing to divide by, and of all ratios where one
    of them was rebalanced: what is won or lost by a position that is traded back for years is no trade's
    result, and an average over such is none of trades."""
    if any(t.rebalanced for t in trades):
        return {"trades": len(trades), **dict.fromkeys(AVERAGES)}
    won = [t.profit for t in trades if t.ret > DUST]  # one whose profit is rounding is neither
    lost = [-t.profit for t in trades if t.ret < -DUST]
    return {
        "trades": len(trades),
        "win_rate": len(won) / len(trades) if trades else None,
        "profit_factor": sum(won) / sum(lost) if lost else None,
        "average_trade": float(np.mean([t.ret for t in trades])) if trades else None,
        "average_bars_held": float(np.mean([t.bars for t in trades])) if trades else None,
        "average_adverse_excursion": _mean([t.adverse_excursion for t in trades]),
        "average_favourable_excursion": _mean([t.favourable_excursion for t in trades]),
    }


def activity(trades: Sequence[RoundTrip], traded: float, curve: Curve) -> Metrics:
    """How much was traded: sessions on which a position was rebalanced, and turnover a year.

    turnover = ½ · Σ |size × price| / mean equity / years, over all fills, with the mean over all sessions'
    closes and calendar years (365.25 days) from the first session to the last. A fraction of equity: 1.0 is
    the whole account bought and sold once a year. None where there is no time or no equity.

    Parameters
    ----------
    traded : Σ |size × price| of all fills, in money; an option counts with its premium.
    """
    years = float((curve.days[-1] - curve.days[0]).astype(int)) / DAYS_A_YEAR
    mean = float(curve.equity.mean())
    return {
        "rebalances": len({day for t in trades for day in t.rebalances}),
        "turnover": traded / 2.0 / mean / years if years > 0 and mean > 0 else None,
    }


def decay(attributions: Mapping[str, Attribution]) -> Metrics:
    """For each fund: promised and actual total return (fractions), and the split of its log return."""
    out: Metrics = {}
    for name, a in attributions.items():
        key = f"decay_{name}_"
        out[key + "promised"] = a.promised
        out[key + "actual"] = a.actual
        out[key + "log_return"] = float(a.log_return.sum())
        out[key + "index"] = float(a.index.sum())
        out[key + "compounding"] = float(a.compounding.sum())
        out[key + "financing"] = float(a.financing.sum() + a.cash.sum())
        out[key + "fee"] = float(a.fee.sum())
        out[key + "rest"] = float(a.rest.sum())
        if a.wiped_out is not None:
            out[key + "wiped_out"] = str(a.wiped_out)
    return out


COSTS = ("commission", "spread", "slippage", "borrow", "option_spread", "financing")


def costs(accounts: Mapping[str, float]) -> Metrics:
    """What trading and financing cost and earned, in money."""
    return {
        "costs_paid": float(sum(accounts[name] for name in COSTS)),
        **{f"{name}_paid": float(accounts[name]) for name in COSTS},
        "interest_earned": float(accounts["interest"]),
        "dividends_received": float(accounts["dividends"]),
        "protection_received": float(accounts["protection"]),
    }


def legs(traded: Mapping[str, Leg]) -> Metrics:
    """For each fund traded: the profit of all its holdings in money, split by cause."""
    out: Metrics = {}
    for name, leg in traded.items():
        for part in ("promised", "compounding", "financing", "fee", "costs"):
            out[f"leg_{name}_{part}"] = float(getattr(leg, part))
        if leg.tracking:
            out[f"leg_{name}_tracking"] = float(leg.tracking)
    return out


def _mean(values: Sequence[float]) -> float | None:
    """The mean; None where there is nothing, or one of them is not known."""
    return _number(float(np.mean(values))) if values else None


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
