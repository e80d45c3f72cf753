"""An equity curve measured as it arises, session by session, so that it need not be kept.

What `runs.backtest.metrics.performance` computes from a whole curve, as sums and extremes;
`measures.measure` makes the numbers of them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from engine.kernel import measures
from engine.kernel.marks import put_idle_marks, put_mark
from engine.kernel.measures import Moments, Sums, in_all, no_moments, taken, with_cash
from engine.kernel.positions import ADVERSE, BARS, FAVOURABLE, LOST, RETURNS, TRADES, WINS, WON
from letf_instruments.compiled import compiled
from letf_instruments.sizes import DUST, NOTHING


class Curve(NamedTuple):
    """What is remembered of the sessions so far; the fields of `measures.Sums` by the same names.

    The account is what the money at the start has become, payments aside (`letf_instruments.payments`).
    points : its `gains`. prev : the account at the last session's close, `inverse` one over it. pending :
    what the short rate came to since then. peak, dry : the highest close and its day. wet : below it now.
    """

    start: float
    prev: float
    inverse: float
    pending: float
    first: bool  # no session yet
    lived: bool
    points: float
    returns: Moments
    opening: float
    excess: Moments
    downside: float
    tilted: float
    peak: float
    dry: float
    wet: bool
    depth: float
    longest: float
    sessions: float


@compiled(nogil=True, error_model="numpy")
def begin(start: float, day: float) -> Curve:
    """The curve before its first session: the money at the start."""
    none = 0.0
    return Curve(
        start,
        start,
        1.0 / start,
        none,
        True,
        True,
        -1.0,
        no_moments(),
        none,
        no_moments(),
        none,
        none,
        start,
        day,
        False,
        none,
        none,
        none,
    )


@compiled(nogil=True, error_model="numpy")
def close_session(s: Curve, value: float, tilt: float, day: float) -> Curve:
    """Take a session's close: the account, the index's tilt (`Stage.tilt`), the date in days."""
    points, lived = s.points, s.lived
    # The money at the start is a point of its own where the first session changed it.
    if s.first and value != s.start:
        points += 1.0
    if s.prev <= NOTHING * s.start and points >= 0.0:
        lived = False
    gain = value * s.inverse - 1.0
    over = gain - s.pending
    below = min(over, 0.0)
    points += 1.0
    returns = taken(s.returns, gain) if points > 0.0 else s.returns
    excess = s.excess if s.first else taken(s.excess, over)
    inverse = 1.0 / value
    peak, dry, wet, depth, longest = s.peak, s.dry, s.wet, s.depth, s.longest
    if value >= peak * (1.0 - DUST):  # back at it, but for rounding
        if wet:
            longest = max(longest, day - dry)
        peak, dry, wet = max(peak, value), day, False
    else:
        wet = True
        depth = min(depth, (value - peak) / peak)
    return Curve(
        s.start,
        value,
        inverse,
        0.0,
        False,
        lived,
        points,
        returns,
        over if s.first else s.opening,
        excess,
        s.downside + below * below,
        s.tilted + over * tilt,
        peak,
        dry,
        wet,
        depth,
        longest,
        s.sessions + 1.0,
    )


@compiled(nogil=True, error_model="numpy")
def accrue(s: Curve, rate: float) -> Curve:
    """Take what the short rate itself comes to since the bar before, as a fraction."""
    return Curve(
        s.start,
        s.prev,
        s.inverse,
        s.pending + rate,
        s.first,
        s.lived,
        s.points,
        s.returns,
        s.opening,
        s.excess,
        s.downside,
        s.tilted,
        s.peak,
        s.dry,
        s.wet,
        s.depth,
        s.longest,
        s.sessions,
    )


@compiled(nogil=True, error_model="numpy")
def mark_in_cash(s: Curve, in_cash: Any, money: Any, out: Any, bars: Any, at: int, t: int, until: int) -> int:
    """Write the marks of what `stay_in_cash` takes, before it does; returns the next mark."""
    total, squares = in_all(s.excess, in_cash, s.opening)
    return put_idle_marks(out, bars, at, t, until, total, squares, money.excess, money.excess_squares)


@compiled(nogil=True, error_model="numpy")
def mark_close(s: Curve, in_cash: Any, out: Any, bars: Any, at: int) -> int:
    """Write the mark of the session just closed; returns the next one."""
    total, squares = in_all(s.excess, in_cash, s.opening)
    return put_mark(out, bars, at, total, squares)


@compiled(nogil=True, error_model="numpy")
def stay_in_cash(s: Curve, in_cash: Any, money: Any, days: Any, t: int, until: int) -> Curve:
    """Take the sessions t to `until`, a bar each, of an account of nothing but cash that earns no less than
    0: in one step, by the sums of `stage.Money`, which go into `in_cash` (`measures.IN_CASH` of them)."""
    gone = t - 1
    base = money.growth[gone] if t > 0 else 1.0
    grown = s.prev * (money.growth[until] / base)
    points = s.points + (until - t + 1)
    in_cash[measures.GAINS] += points - max(s.points, 0.0)
    in_cash[measures.RETURNS] += money.returns[until]
    in_cash[measures.SQUARES] += money.squares[until]
    in_cash[measures.PAIRS] += until - max(t - 1, 0)
    in_cash[measures.EXCESS] += money.excess[until]
    in_cash[measures.EXCESS_SQUARES] += money.excess_squares[until]
    downside, tilted = s.downside + money.downside[until], s.tilted + money.tilted[until]
    if t > 0:
        in_cash[measures.RETURNS] -= money.returns[gone]
        in_cash[measures.SQUARES] -= money.squares[gone]
        in_cash[measures.EXCESS] -= money.excess[gone]
        in_cash[measures.EXCESS_SQUARES] -= money.excess_squares[gone]
        downside -= money.downside[gone]
        tilted -= money.tilted[gone]
    peak, dry, wet, longest = s.peak, s.dry, s.wet, s.longest
    near = peak * (1.0 - DUST)
    if wet and grown >= near:
        first, last = t, until
        while first < last:
            middle = (first + last) // 2
            if s.prev * (money.growth[middle] / base) >= near:
                last = middle
            else:
                first = middle + 1
        longest = max(longest, days[first] - dry)
        wet = False
    if not wet:
        peak, dry = max(peak, grown), float(days[until])
    return Curve(
        s.start,
        grown,
        1.0 / grown,
        0.0,
        False,
        s.lived,
        points,
        s.returns,
        s.opening,
        s.excess,
        downside,
        tilted,
        peak,
        dry,
        wet,
        s.depth,
        longest,
        s.sessions + (until - t + 1),
    )


@compiled(error_model="numpy")
def sums_of(
    curve: Curve,
    in_cash: Any,
    start: float,
    equity: float,
    within: float,
    days: Any,
    gross: float,
    net: float,
    times: float,
    tally: Any,
    paid: float,
    interest: float,
) -> Sums:
    """What a run comes to at its last session: its curve, its exposures summed, its trades' `tally`.

    Parameters
    ----------
    equity : money at the end. within : the deepest drawdown within a bar, 0 or less. days : of every bar,
        shape (n,).
    """
    final = days[len(days) - 1]
    longest = curve.longest
    returns, excess = with_cash(curve.returns, curve.excess, in_cash)
    if curve.wet:
        longest = max(longest, final - curve.dry)
    return Sums(
        start,
        equity,
        curve.prev,
        curve.lived,
        curve.points,
        returns,
        curve.opening,
        excess,
        curve.downside,
        curve.tilted,
        curve.depth,
        within,
        longest,
        float(final - days[0]),
        curve.sessions,
        gross,
        net,
        times,
        tally[TRADES],
        tally[WINS],
        tally[WON],
        tally[LOST],
        tally[RETURNS],
        tally[BARS],
        tally[ADVERSE],
        tally[FAVOURABLE],
        paid,
        interest,
    )
