"""What a curve's excess returns come to by the closes of given sessions, written beside a cell's numbers.

Over any stretch between two of them mean and spread of the daily returns over the short rate follow, and
with them its Sharpe ratio, without the curve being kept: `blocks` of a sweep's cells are compared by it.
"""

from __future__ import annotations

from typing import Any

from engine.kernel.figures import ROW
from letf_instruments.compiled import compiled


@compiled(nogil=True, error_model="numpy")
def put_mark(out: Any, bars: Any, at: int, excess: float, squares: float) -> int:
    """Write the sums at mark number `at`: of excess returns, and of their squares; returns the next mark.

    Parameters
    ----------
    bars : of all marks and a last one that is never reached.
    """
    out[ROW + at] = excess
    out[ROW + len(bars) - 1 + at] = squares
    return at + 1


@compiled(nogil=True, error_model="numpy")
def put_idle_marks(
    out: Any,
    bars: Any,
    at: int,
    t: int,
    until: int,
    excess: float,
    squares: float,
    cash_excess: Any,
    cash_squares: Any,
) -> int:
    """Write the marks of the bars t to `until` of an account of nothing but cash; returns the next mark.

    Parameters
    ----------
    bars : as of `put_mark`. excess, squares : the sums before bar t.
    cash_excess, cash_squares : the same of `stage.Money`, shape (n,).
    """
    if bars[at] > until:
        return at
    base = base_squares = 0.0
    if t > 0:
        base, base_squares = cash_excess[t - 1], cash_squares[t - 1]
    while bars[at] <= until:
        k = bars[at]
        at = put_mark(out, bars, at, excess + cash_excess[k] - base, squares + cash_squares[k] - base_squares)
    return at
