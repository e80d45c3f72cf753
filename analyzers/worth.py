"""What an account's money became, payments aside.

Money that is paid in while a run goes on is no return, and money paid out no loss. So returns are
time-weighted: between two payments they are those of the equity, and a payment counts for nothing. Payments
are made at a bar's close, after its trades, so the bar's return is (equity − paid in) over the equity before.
The growth of the money at the start by these returns is its `worth`; without payments it is the equity.
Source: CFA Institute, Global Investment Performance Standards 2020, on external cash flows.
"""

from __future__ import annotations

import numpy as np


def worth_of(equity: np.ndarray, paid: np.ndarray) -> np.ndarray:
    """What the money at the start became by time-weighted returns, shape (n,).

    Parameters
    ----------
    equity : at each bar's close, shape (n,). paid : money paid in so far, less what was paid out, shape (n,);
        what was paid in on the first bar stands in its first value.
    """
    steps = np.diff(paid, prepend=0.0)
    at = np.flatnonzero(steps)
    if not len(at):
        return equity
    worth, scale = equity.copy(), 1.0
    for bar, until in zip(at.tolist(), [*at[1:].tolist(), len(equity)], strict=True):
        now = scale * (equity[bar] - steps[bar])
        if bar and equity[bar - 1] <= 0:  # nothing was at work, so nothing was earned
            now = worth[bar - 1]
        # What is lost or paid out whole stays where it is until there is money again.
        scale = now / equity[bar] if now > 0 and equity[bar] > 0 else 0.0
        worth[bar:until] = scale * equity[bar:until] if scale else now
        worth[bar] = now
    return worth
