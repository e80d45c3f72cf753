"""An equity curve measured as it arises, session by session, so that it need not be kept.

What `runs.backtest.metrics.performance` computes from a whole curve, as sums and extremes;
`measures.measure` makes the numbers of them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from engine.kernel.marks import put_idle_marks, put_mark
from engine.kernel.measures import Sums, about
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
    usual: float
    returns: float
    squares: float
    opening: float
    usual_excess: float
    excess: float
    excess_squares: float
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
        none,
        none,
        none,
        none,
        none,
        none,
        none,
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
    usual = gain if points <= 1.0 else s.usual
    usual_excess = over if s.sessions == 1.0 else s.usual_excess
    aside, aside_excess = gain - usual, 0.0 if s.first else over - usual_excess
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
        usual,
        s.returns + aside,
        s.squares + aside * aside,
        over if s.first else s.opening,
        usual_excess,
        s.excess + aside_excess,
        s.excess_squares + aside_excess * aside_excess,
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
        s.usual,
        s.returns,
        s.squares,
        s.opening,
        s.usual_excess,
        s.excess,
        s.excess_squares,
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
def mark_in_cash(s: Curve, money: Any, out: Any, bars: Any, at: int, t: int, until: int) -> int:
    """Write the marks of what `stay_in_cash` takes, before it does; returns the next mark."""
    sums = s.sessions, s.opening, s.usual_excess, s.excess, s.excess_squares
    return put_idle_marks(out, bars, at, t, until, *sums, money.excess, money.excess_squares)


@compiled(nogil=True, error_model="numpy")
def mark_close(s: Curve, out: Any, bars: Any, at: int) -> int:
    """Write the mark of the session just closed; returns the next one."""
    return put_mark(out, bars, at, s.sessions, s.opening, s.usual_excess, s.excess, s.excess_squares)


@compiled(nogil=True, error_model="numpy")
def stay_in_cash(s: Curve, money: Any, days: Any, t: int, until: int) -> Curve:
    """Take the sessions t to `until`, a bar each, of an account of nothing but cash that earns no less than
    0: in one step, by the sums of `stage.Money`."""
    gone = t - 1
    base = money.growth[gone] if t > 0 else 1.0
    grown = s.prev * (money.growth[until] / base)
    points = s.points + (until - t + 1)
    usual, usual_excess, first = s.usual, s.usual_excess, t - int(s.points)
    if s.points <= 0.0 and first <= until:
        usual = money.returns[first] - money.returns[first - 1]
    if s.sessions <= 1.0 and until > 0:
        usual_excess = money.excess[1] - money.excess[0]
    returns, squares = money.returns[until], money.squares[until]
    excess, excess_squares = money.excess[until], money.excess_squares[until]
    downside, tilted = s.downside + money.downside[until], s.tilted + money.tilted[until]
    if t > 0:
        returns -= money.returns[gone]
        squares -= money.squares[gone]
        excess -= money.excess[gone]
        excess_squares -= money.excess_squares[gone]
        downside -= money.downside[gone]
        tilted -= money.tilted[gone]
    returns, squares = about(usual, points - max(s.points, 0.0), returns, squares)
    excess, excess_squares = about(usual_excess, until - max(t - 1, 0), excess, excess_squares)
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
        usual,
        s.returns + returns,
        s.squares + squares,
        s.opening,
        usual_excess,
        s.excess + excess,
        s.excess_squares + excess_squares,
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
    if curve.wet:
        longest = max(longest, final - curve.dry)
    return Sums(
        start,
        equity,
        curve.prev,
        curve.lived,
        curve.points,
        curve.usual,
        curve.returns,
        curve.squares,
        curve.opening,
        curve.usual_excess,
        curve.excess,
        curve.excess_squares,
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
