"""Where a fund's return goes: compounding, financing, cash yield, fee, and what is left.

In logs, and exactly, for one session with index return r, carry k and multiple b:

    log(1 + b·r + k) = b·log(1+r)                      what the multiple gives
                     + [log(1+b·r) − b·log(1+r)]       compounding, about −(b²−b)/2·r²
                     + log(1 + k/(1+b·r))              carry and fee, split in proportion to their parts

Sums over sessions add up, so the whole period's log return is split without a rest for a synthetic
fund; for traded prices the rest is tracking and dislocation. Compounding is never subtracted from a
path that is already compounded daily: it is read off that path.

Source: Avellaneda & Zhang 2010, SIAM J. Financial Math. 1:586-603, doi 10.1137/090760805.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from letf_instruments.errors import DataError
from letf_instruments.synthesis import Floats, FundLedger


def closed_form(
    index_ratio: float | Floats,
    multiple: float,
    variance: float | Floats,
    years: float = 1.0,
    short_rate: float = 0.0,
    borrow_cost: float = 0.0,
    expense_ratio: float = 0.0,
) -> float | Floats:
    """L_T/L_0 of a continuously reset fund (Avellaneda & Zhang 2010).

    Parameters
    ----------
    index_ratio : S_T/S_0.
    variance : realised variance of log returns over the whole period, σ²·T.
    borrow_cost : cost of borrowing the underlying, a year; `short_rate`, `expense_ratio` likewise, all
        continuously compounded fractions.
    """
    b = multiple
    drift = b * borrow_cost + (1.0 - b) * short_rate - expense_ratio
    return index_ratio**b * np.exp((b - b * b) / 2.0 * variance + drift * years)


def prospectus_table(multiple: float, index_returns: Floats, volatilities: Floats) -> Floats:
    """One-year fund return by index return (rows) and annualised volatility (columns), fractions.

    No fees, zero rates, as fund prospectuses print it: (1+x)^b · exp((b−b²)/2·σ²) − 1.
    """
    ratio = 1.0 + np.asarray(index_returns, dtype=np.float64)[:, None]
    variance = np.asarray(volatilities, dtype=np.float64)[None, :] ** 2
    return np.asarray(closed_form(ratio, multiple, variance)) - 1.0


@dataclass(frozen=True, eq=False)
class Attribution:
    """Log return of a fund by cause, session by session; arrays of shape (m,), first session 0.

    index + compounding + financing + cash + fee + rest = log return, on every session. If the fund
    was wiped out, the arrays end with the last session it lived through.
    """

    sessions: npt.NDArray[np.datetime64]
    index: Floats  # multiple × the index's log return
    compounding: Floats
    financing: Floats
    cash: Floats
    fee: Floats
    rest: Floats
    log_return: Floats
    promised: float  # multiple × the index's total simple return over the whole period
    actual: float  # the fund's total simple return over the whole period
    wiped_out: np.datetime64 | None

    PARTS = ("index", "compounding", "financing", "cash", "fee", "rest")


def _from_zero(steps: Floats) -> Floats:
    return np.concatenate(([0.0], steps))


def attribute(ledger: FundLedger, fund_close: Floats | None = None) -> Attribution:
    """Split a fund's log return by cause.

    Parameters
    ----------
    ledger : the synthetic fund on its index.
    fund_close : shape (n,) aligned with the ledger's bars: prices of the real fund, if it is the real
        one that is to be explained. None explains the ledger's own, with what it distributed put back.

    Raises
    ------
    DataError
        If `fund_close` has another shape, or is not positive while the synthetic fund lives.
    """
    b = ledger.fund.multiple
    actual_close = ledger.held() if fund_close is None else np.asarray(fund_close, dtype=np.float64)
    if actual_close.shape != ledger.close.shape:
        raise DataError(f"fund prices have shape {actual_close.shape}, the index has {ledger.close.shape}")
    last = np.flatnonzero(ledger.session_last)
    sessions = ledger.sessions[last]
    index, price = ledger.index_close[last], actual_close[last]
    total_index = index[-1] / index[0] - 1.0
    dead = np.flatnonzero(ledger.close[last] == 0.0)
    lived = int(dead[0]) if len(dead) else len(last)
    if lived == 0:  # wiped out within the first session: there is nothing to split
        none = np.zeros(0)
        promised = float(b * total_index)
        return Attribution(
            sessions[:0], none, none, none, none, none, none, none, promised, -1.0, sessions[0]
        )
    if (price[:lived] <= 0).any():
        raise DataError("the fund's price is not positive although the fund it follows is alive")

    carry = {
        "financing": ledger.carry_financing[1:lived],
        "cash": ledger.carry_cash[1:lived],
        "fee": ledger.carry_fee[1:lived],
    }
    r = index[1:lived] / index[: lived - 1] - 1.0
    gross = 1.0 + b * r
    # A fund can owe its life to a day's carry (gross ≤ 0 < gross + carry): no log tells the two apart,
    # so such a day's carry is counted with compounding.
    owed = gross <= 0
    gross = np.where(owed, gross + sum(carry.values()), gross)
    carry = {part: np.where(owed, 0.0, values) for part, values in carry.items()}
    # A fund may have been traded on a day on which its model would have died: all of that day is rest.
    gross = np.where(gross > 0, gross, 1.0)
    multiple_part = b * np.log1p(r)
    z = sum(carry.values()) / gross
    # log1p(z)/z, which tends to 1 where carry and fee cancel out.
    weight = np.where(np.abs(z) > 1e-300, np.log1p(z) / np.where(z == 0.0, 1.0, z), 1.0) / gross
    log_return = np.log(price[1:lived] / price[: lived - 1])
    compounding = np.log(gross) - multiple_part
    parts = {"index": multiple_part, "compounding": compounding}
    parts |= {part: values * weight for part, values in carry.items()}
    parts["rest"] = log_return - sum(parts.values())
    return Attribution(
        sessions=sessions[:lived],
        index=_from_zero(parts["index"]),
        compounding=_from_zero(parts["compounding"]),
        financing=_from_zero(parts["financing"]),
        cash=_from_zero(parts["cash"]),
        fee=_from_zero(parts["fee"]),
        rest=_from_zero(parts["rest"]),
        log_return=_from_zero(log_return),
        promised=float(b * total_index),
        actual=float(price[-1] / price[0] - 1.0),
        wiped_out=sessions[lived] if lived < len(last) else None,
    )
