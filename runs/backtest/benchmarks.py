"""What an account is measured by: the index held, what was traded held, and the index at the account's own
risk; each with the same payments where money is paid in or out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from engine.kernel.figures import SESSIONS_A_YEAR, STILL
from letf_instruments import FundLedger
from letf_instruments.payments import Payment
from letf_instruments.sessions import last_of_each
from letf_instruments.sizes import DUST, NOTHING
from runs.backtest.metrics import Dates, Floats, Metrics, night_rates, performance

if TYPE_CHECKING:
    from runs.backtest.setting import Setting


def against_index(
    days: Dates, equity: Floats, index: Floats, short_rate: Floats, start: float | None = None
) -> Metrics:
    """Alpha, beta and correlation of an account to its index.

    Of the daily returns over the short rate, r of the account and x of the index:

        beta = cov(r, x) / var(x)
        alpha = 252 · (mean(r) − beta · mean(x))
        correlation = cov(r, x) / (σ(r) · σ(x))

    None where the index does not move, or the account had nothing left; no correlation where the account's
    excess return does not move.

    Parameters
    ----------
    days, equity, index, short_rate : by session, shape (n,), as in `performance`; the index is the one held.
    start : the money at the start, which `NOTHING` is measured by; that of the first close if None.

    References
    ----------
    Jensen 1968, "The Performance of Mutual Funds in the Period 1945–1964", J. Finance 23:389–416.
    """
    none: Metrics = {"alpha": None, "beta": None, "correlation": None}
    nothing = NOTHING * (equity[0] if start is None else start)
    if len(equity) < 3 or (equity[:-1] <= nothing).any() or (index[:-1] <= 0).any():
        return none
    accrued = night_rates(days, short_rate)
    own = equity[1:] / equity[:-1] - 1.0 - accrued
    market = index[1:] / index[:-1] - 1.0 - accrued
    tilt, mine = market - market.mean(), own - own.mean()
    spread, moved = math.sqrt(float(tilt @ tilt)), math.sqrt(float(mine @ mine))
    if spread <= STILL:
        return none
    beta = float(own @ tilt) / spread**2
    still = moved <= STILL * math.sqrt(len(own) - 1)
    return {
        "alpha": SESSIONS_A_YEAR * float(own.mean() - beta * market.mean()),
        "beta": beta,
        "correlation": None if still else beta * spread / moved,
    }


def same_risk(
    days: Dates, index: Floats, short_rate: Floats, volatility: float | None
) -> tuple[float | None, Floats]:
    """The index held at the share of equity at which it is as volatile as the account.

    The share w = σ(account) / σ(index) is set once, by the volatilities of the whole run, and traded back to
    at every close without costs; the rest is cash at the short rate, and above 1 a debt at it:
    v(t) = v(t−1) · (1 + w · index return + (1 − w) · short rate). It is 0 once nothing is left.

    Parameters
    ----------
    days, index, short_rate : by session, shape (n,), as in `performance`. volatility : the account's, a year.

    Returns
    -------
    w, and the value of 1 by session, shape (n,); None and NaN where either does not move.
    """
    own = performance(days, index, short_rate)["volatility"]
    if not own or not volatility or own <= STILL * math.sqrt(SESSIONS_A_YEAR):  # type: ignore[operator]
        return None, np.full(len(days), np.nan)
    share = volatility / float(own)
    growth = 1.0 + share * (index[1:] / index[:-1] - 1.0) + (1.0 - share) * night_rates(days, short_rate)
    return share, np.cumprod(np.concatenate(([1.0], np.maximum(growth, 0.0))))


def with_payments(
    start: float, growth: Floats, days: Dates, payments: Sequence[Payment], into: Floats | None = None
) -> Floats:
    """What the same payments in something that is held would have made, in money by session, shape (n,).

    Parameters
    ----------
    start : put in at the first close. growth : what 1 put in there becomes, shape (n,).
    payments : in order; those of the first session are put in at its close.
    into : what 1 paid in at the open of each has become by its session's close, shape (k,); NaN where nothing
        could be bought, so that it stays cash.

    Returns
    -------
    NaN from the day on on which more was to be paid out than there was.
    """
    value = start * growth
    if not payments:
        return value
    units, cash = np.full(len(days), start), np.zeros(len(days))
    gone = len(days)
    for i, payment in enumerate(payments):
        at = max(int(np.searchsorted(days, payment.day, side="right")) - 1, 0)
        by_close = 1.0 if at == 0 or into is None else float(into[i])
        bought = payment.amount * by_close / growth[at] if growth[at] > 0 else math.nan
        if math.isfinite(bought):
            units[at:] += bought
        else:
            cash[at:] += payment.amount
        if units[at] < -DUST * start or cash[at] < -DUST * start:
            gone = min(gone, at)
    value = units * growth + cash
    value[gone:] = math.nan
    return value


def index_held(setting: Setting, sessions: int) -> Floats:
    """The index held, dividends put back, on the last so many sessions: a strategy with indicators of its own
    starts late, and what is held starts with it."""
    bars = setting.bars
    return bars.held()[last_of_each(bars.sessions)][-sessions:]


def held_prices(
    setting: Setting, names: Iterable[str], ledgers: Mapping[str, FundLedger], sessions: int
) -> dict[str, Floats]:
    """Closes by session of what is bought at the first one and kept: "index", and each of the funds and
    assets that are named."""
    prices = {"index": index_held(setting, sessions)}
    for name in names:
        if name in ledgers:
            prices[name] = ledgers[name].held()[ledgers[name].session_last][-sessions:]
        elif name in setting.assets:
            prices[name] = setting.assets[name].held()[-sessions:]
    return prices


def opened_into(
    setting: Setting, name: str, ledgers: Mapping[str, FundLedger], payments: Sequence[Payment]
) -> Floats:
    """What 1 put into one of `held_prices` at the open of each payment's bar has become by the close of its
    session, shape (k,); NaN where it was worth nothing."""
    if name in ledgers:
        opens, closes, held = (getattr(ledgers[name], key) for key in ("open", "close", "held"))
        held, sessions = held(), setting.bars.sessions
    else:
        bars = setting.bars if name == "index" else setting.assets[name]
        opens, closes, held, sessions = bars.open, bars.close, bars.held(), bars.sessions
    out = np.full(len(payments), math.nan)
    for i, payment in enumerate(payments):
        end = int(np.searchsorted(sessions, payment.day, side="right")) - 1
        bought_at = (
            held[payment.bar] * opens[payment.bar] / closes[payment.bar] if closes[payment.bar] > 0 else 0.0
        )
        if bought_at > 0 and held[end] > 0:
            out[i] = held[end] / bought_at
    return out
