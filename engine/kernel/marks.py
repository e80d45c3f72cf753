"""What a curve's excess returns come to by the closes of given sessions, written beside a cell's numbers.

Over any stretch between two of them mean and spread of the daily returns over the short rate follow, and
with them its Sharpe ratio, without the curve being kept: `blocks` of a sweep's cells are compared by it.
"""

from __future__ import annotations

from typing import Any

from engine.kernel.figures import ROW
from engine.kernel.measures import about
from letf_instruments.compiled import compiled


@compiled(nogil=True, error_model="numpy")
def put_mark(
    out: Any, bars: Any, at: int, sessions: float, opening: float, usual: float, excess: float, squares: float
) -> int:
    """Write the sums at mark number `at`: of excess returns, and of their squares; returns the next mark.

    Parameters
    ----------
    bars : of all marks and a last one that is never reached.
    sessions, opening, usual, excess, squares : of `measures.Sums` so far, the last three those of excess
        returns; what is written are the sums about 0, the first session's with them.
    """
    total, total_squares = about(-usual, sessions - 1.0, excess, squares)
    out[ROW + at], out[ROW + len(bars) - 1 + at] = total + opening, total_squares + opening * opening
    return at + 1


@compiled(nogil=True, error_model="numpy")
def put_idle_marks(
    out: Any,
    bars: Any,
    at: int,
    t: int,
    until: int,
    sessions: float,
    opening: float,
    usual: float,
    excess: float,
    squares: float,
    cash_excess: Any,
    cash_squares: Any,
) -> int:
    """Write the marks of the bars t to `until` of an account of nothing but cash; returns the next mark.

    Parameters
    ----------
    bars : as of `put_mark`. sessions, opening, usual, excess, squares : as of `put_mark`, before bar t.
    cash_excess, cash_squares : the same of `stage.Money`, shape (n,).
    """
    if bars[at] > until:
        return at
    total, total_squares = about(-usual, max(sessions - 1.0, 0.0), excess, squares)
    total, total_squares = total + opening, total_squares + opening * opening
    if t > 0:
        total, total_squares = total - cash_excess[t - 1], total_squares - cash_squares[t - 1]
    while bars[at] <= until:
        k = bars[at]
        at = put_mark(out, bars, at, 1.0, 0.0, 0.0, total + cash_excess[k], total_squares + cash_squares[k])
    return at
