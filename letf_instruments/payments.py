"""Money paid into an account and out of it: what it earned without them, and what the owner's money earned.

Two returns answer two questions. The **time-weighted** return says what one unit of money made that was there
throughout: the chain of returns is split at each payment, where the account is valued and units are issued,
or taken back, at that value. Payments then change how many units there are, never what one is worth. The
**money-weighted** return says what the owner's own money made a year: the rate at which all that was paid in,
each sum from its own day, has grown to what there is.

Sources: CFA Institute, Global Investment Performance Standards 2020, on external cash flows; for the second,
the internal rate of return on dated flows, ACT/365, as spreadsheets' XIRR has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from letf_instruments.compiled import compiled
from letf_instruments.sizes import NOTHING

Floats = npt.NDArray[np.float64]
DAYS_A_YEAR = 365.0  # of XIRR
NONE_YET, NO_MONEY = -1.0, 0.0  # of `since`: no payment so far; nothing is at work


class Payment(NamedTuple):
    """Money paid in (out, if negative) at the open of a bar, counted from 0; `before` is what the account was
    worth there without it."""

    bar: int
    day: np.datetime64
    before: float
    amount: float


@compiled(nogil=True, error_model="numpy")
def issued(anchor: float, since: float, before: float, amount: float) -> tuple[float, float]:
    """The time-weighted account after a payment, as `time_weighted` takes it.

    Parameters
    ----------
    anchor, since : as before it; at the start 0 and `NONE_YET`. before : the account's value without it.

    Returns
    -------
    What the money at the start has become by now, and the account's value from which it goes on. What is
    lost, or paid out whole, stays where it is until there is money again; what is lost, for ever.
    """
    now = time_weighted(before, anchor, since)
    after = before + amount
    return now, (after if now > 0.0 and after > 0.0 else NO_MONEY)


@compiled(nogil=True, error_model="numpy")
def time_weighted(value: float, anchor: float, since: float) -> float:
    """What the money at the start has become, payments aside, of an account that is worth `value`."""
    if since < 0.0:
        return value
    return anchor * (value / since) if since > 0.0 else anchor


def worth_of(values: Floats, payments: Sequence[Payment], first: int = 0) -> Floats:
    """The same by bar, shape (n,) → (n,); without payments it is `values` itself.

    Parameters
    ----------
    values : of the account at a moment of each bar that is after its open. first : the number of the bar that
        the first value is of.
    """
    if not payments:
        return values
    out = values.copy()
    anchor, since = 0.0, NONE_YET
    ends = [max(payment.bar - first, 0) for payment in payments[1:]] + [len(values)]
    for payment, end in zip(payments, ends, strict=True):
        anchor, since = issued(anchor, since, payment.before, payment.amount)
        part = slice(max(payment.bar - first, 0), end)
        out[part] = anchor * (values[part] / since) if since > 0.0 else anchor
    return out


def money_weighted(
    first: np.datetime64,
    last: np.datetime64,
    start: float,
    dates: npt.NDArray[np.datetime64],
    amounts: Floats,
    final: float,
) -> float | None:
    """Return a year on the owner's money, a fraction: the rate r at which `start` and all payments, each from
    its own day, come to `final`: Σ amount · (1 + r)^(days left / 365) = final.

    Parameters
    ----------
    first, last : days of the money at the start, and of what there is at the end.
    dates, amounts : of payments, shape (k,); negative if paid out.

    Returns
    -------
    None where no time has passed or no single rate does it; −1 where nothing was left, or taken out.
    """
    if last <= first:
        return None
    paid_out = bool((amounts < 0.0).any())
    if final <= NOTHING * start:
        return None if paid_out else -1.0
    import pyxirr

    days = np.concatenate(([first], dates, [last])).astype("datetime64[D]")
    flows = np.concatenate(([-start], -amounts, [final]))
    found = pyxirr.xirr(days, flows, silent=True)
    if found is None and not paid_out:  # there is one, though near a loss of everything it is not found
        return _far_root((last - days).astype("timedelta64[D]").astype(np.int64) / DAYS_A_YEAR, -flows)
    return None if found is None else float(found)


def _far_root(years: Floats, paid: Floats) -> float | None:
    """The rate at which sums paid in, `years` before the end, come to what is there, by its logarithm; None
    if that is not even paid in on the last day."""
    from scipy.optimize import brentq

    def lacks(log: float) -> float:
        with np.errstate(over="ignore"):  # of sums so large that what they grow to is infinite is the sign
            return float((paid * np.exp(log * years)).sum())

    edge = 700.0 / float(years.max())  # beyond which a double has no room for the growth
    if lacks(-edge) >= 0.0 or lacks(edge) <= 0.0:
        return None
    return float(np.expm1(brentq(lacks, -edge, edge, xtol=1e-15)))
