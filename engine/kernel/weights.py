"""Target weights, compiled: an `AllocationPlan` as `strategies.AllocationStrategy` and the broker do it.

Every step is the broker's own, in its order: interest and borrow fees; splits; the waiting orders at the
open, the owner's sales, then his purchases, then what the broker closes itself; the value at the close; ruin,
recalls, margin; then the strategy's decision. docs/fills.md states the rules, and property tests hold the
two engines to each other, order by order. Bars of nothing but cash are taken in one step.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from engine.kernel.arithmetic import DUST, CostNumbers, total
from engine.kernel.curve import accrue, begin, close_session, stay_in_cash
from engine.kernel.measures import Sums, measure
from engine.kernel.positions import (
    BARS,
    LOST,
    RETURNS,
    TRADES,
    WINS,
    WON,
    Margins,
    Positions,
    allowed,
    book,
    closing,
    end_all,
    lend_fee,
    split,
)
from engine.kernel.trades import DONE, NOTHING, VOLUME_BOUND, _whole

# What a fill was for; a rule's states are FIRST_STATE + their position.
(
    TARGET,
    SCHEDULE,
    BAND,
    EXPOSURE_BAND,
    ENTRY,
    NO_LONGER,
    REVERSED,
    WIPED_OUT,
    MARGIN_CALL,
    RECALL,
    RUIN,
    CASH_IN_LIEU,
) = range(12)
FIRST_STATE = 12
REASONS = (
    "target",
    "schedule",
    "band",
    "exposure band",
    "entry",
    "no longer wanted",
    "reversed",
    "wiped out",
    "margin call",
    "recall",
    "ruin",
    "cash in lieu",
)
# Columns of a plan's row: the row of its schedule in `Wishes.due`; drift beyond which to trade, inf for none.
PLAN_SCHEDULE, PLAN_BAND, PLAN_EXPOSURE_BAND = range(3)
PLAN_COLUMNS = 3


class Tapes(NamedTuple):
    """The bars of k instruments in the rule's order: prices as traded of shape (k, n), days of shape (n,)."""

    open: Any
    close: Any
    volume: Any
    split: Any
    splits: Any  # shape (n,): something is split before this bar's open
    recalled: Any  # shape (k, n): a short carried into this bar is recalled at its close; (k, 0) for never
    multiple: Any  # shape (k,)
    margins: Margins
    by_feed: Any  # positions of the instruments in the order of their feeds, shape (k,)
    days: Any
    last: Any  # the last bar of a session


class Wishes(NamedTuple):
    """A rule's targets. `weight` of shape (k, n); `known` where none is NaN; `state` 0 or 1 + the position of
    the state that holds; `next[t]` the first bar from t on where anything is wanted, n if there is none,
    shape (n + 1,); `due`, shape (schedules, n): the first close of a new period."""

    weight: Any
    known: Any
    state: Any
    next: Any
    due: Any


class Terms(NamedTuple):
    """The terms of the account that are numbers."""

    cash: float
    whole_shares: bool


class Record(NamedTuple):
    """Where a run is written down; arrays of shape (0,) leave it out. `equity` by bar; fills one after
    another, as many as there is room for."""

    equity: Any
    bar: Any
    instrument: Any
    price: Any
    size: Any
    costs: Any
    reason: Any
    fills: Any  # shape (1,): how many there were


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator,unused-ignore]
def _put_down(
    record: Any, t: int, instrument: int, price: float, size: float, costs: float, reason: int
) -> None:
    if len(record.fills) == 0:
        return
    at = record.fills[0]
    record.fills[0] = at + 1
    if at < len(record.bar):
        record.bar[at], record.instrument[at], record.price[at] = t, instrument, price
        record.size[at], record.costs[at], record.reason[at] = size, costs, reason


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator,unused-ignore]
def _split_all(
    tape: Any, whole: bool, t: int, p: Positions, order: Any, forced: Any, cash: float, record: Any
) -> float:
    """Carry out a bar's splits; returns cash with what was paid for fractions of shares."""
    for i in tape.by_feed:
        ratio = tape.split[i, t]
        if ratio == 1.0:
            continue
        split(p, i, ratio)
        order[i] *= ratio
        forced[i] *= ratio
        if not whole:
            continue
        order[i], forced[i] = _whole(order[i]), _whole(forced[i])
        rest = p.size[i] - _whole(p.size[i])
        if p.size[i] != 0.0 and abs(rest) > DUST * max(abs(p.size[i]), 1.0):
            price = tape.open[i, t]
            cash += rest * price
            left = _whole(p.size[i])
            book(p, i, t, -rest, price, 0.0)
            _put_down(record, t, i, price, -rest, 0.0, CASH_IN_LIEU)
            p.size[i] = left
        p.size[i] = _whole(p.size[i])
    return cash


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator,unused-ignore]
def _fill(
    tape: Any, costs: Any, whole: bool, t: int, p: Positions, i: int, asked: float, cash: float, volume: float
) -> tuple[float, float]:
    """Fill what is allowed of an order at the open; returns its size, 0 if nothing was, and costs."""
    price = tape.open[i, t]
    size = allowed(costs, whole, tape.margins, p, i, asked, price, cash, volume)
    if size == 0.0:
        return 0.0, 0.0
    fee = total(costs, size, price, volume)
    book(p, i, t, size, price, fee)
    return size, fee


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator,unused-ignore]
def _call_in(p: Positions, i: int, reason: int, forced: Any, why: Any, queue: Any, waiting: int) -> int:
    """Send an order to close a position, unless there is one; returns how many of them wait."""
    if forced[i] != 0.0:
        return waiting
    forced[i], why[i], queue[waiting] = -p.size[i], reason, i
    return waiting + 1


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator,unused-ignore]
def _needed(tape: Any, t: int, p: Positions) -> float:
    """Equity that the positions need to be kept, at this close."""
    need = 0.0
    for i in range(len(p.size)):
        if p.size[i] != 0.0:
            m = tape.margins
            rate = m.maintenance_short[i] if p.size[i] < 0.0 else m.maintenance_long[i]
            need += abs(p.size[i]) * tape.close[i, t] * rate
    return need


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator,unused-ignore]
def _drifted(
    tape: Any, wishes: Any, t: int, p: Positions, value: float, band: float, exposure_band: float
) -> int:
    """BAND or EXPOSURE_BAND if a drift is beyond it, −1 if none is."""
    furthest = net = 0.0
    for i in range(len(p.size)):
        c = tape.close[i, t]
        if c > 0.0:
            drift = p.size[i] * c / value - wishes.weight[i, t]
            furthest = max(furthest, abs(drift))
            net += drift * tape.multiple[i]
    if furthest > band:
        return BAND
    return EXPOSURE_BAND if abs(net) > exposure_band else -1


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator,unused-ignore]
def run_weights(
    tape: Any, wishes: Any, money: Any, terms: Any, plan: Any, cost_row: Any, record: Any, out: Any
) -> int:
    """Run one plan over n bars; writes `MEASURES` into `out` and returns how it ended."""
    costs = CostNumbers(
        cost_row[0],
        cost_row[1],
        cost_row[2],
        cost_row[3],
        cost_row[4],
        cost_row[5],
        cost_row[6],
        cost_row[7],
        cost_row[8],
    )
    closes, weights = tape.close, wishes.weight
    k, n = closes.shape
    days, last, known = tape.days, tape.last, wishes.known
    start, whole = terms.cash, terms.whole_shares
    due = wishes.due[int(plan[PLAN_SCHEDULE])]
    band, exposure_band = plan[PLAN_BAND], plan[PLAN_EXPOSURE_BAND]
    banded = band < math.inf or exposure_band < math.inf
    bounded = costs.max_participation < 1.0
    uses_volume = bounded or costs.impact_bps > 0.0
    recalls = tape.recalled.shape[1] > 0
    writes = len(record.equity) > 0

    own = np.zeros((12, k))
    p = Positions(own[0], own[1], own[2], own[3], own[4], own[5], own[6], own[7], own[8], np.zeros(6))
    p.since[:] = -1.0
    want, order, forced = own[9], own[10], own[11]
    marks = np.zeros((5, k), dtype=np.int64)
    reason, why, queue, carried, dead = marks[0], marks[1], marks[2], marks[3], marks[4]

    cash = start
    held = short = ordered = ruined = settled = False
    waiting = 0  # of what the broker closes itself
    paid = interest = 0.0
    curve = begin(start, float(days[0]))

    t = 0
    while t < n:
        if money.skips and not held and not ordered and not ruined:
            # Nothing but cash until the bar on which something is wanted.
            until = wishes.next[t]
            decides = until < n
            until = min(until, n - 1)
            if writes:
                base = money.growth[t - 1] if t > 0 else 1.0
                for at in range(t, until + 1):
                    record.equity[at] = cash * (money.growth[at] / base)
            curve = stay_in_cash(curve, money, days, t, until)
            interest += curve.prev - cash
            cash = value = curve.prev
            t = until
            if not decides:
                break
        else:
            # -- before the open: interest, fees, splits
            if not (ruined and settled):
                shorts = 0.0
                if short:
                    for i in range(k):
                        if p.size[i] < 0.0:
                            shorts -= p.size[i] * p.last[i]
                earned = max(cash - shorts, 0.0) * money.idle[t]
                if cash < 0.0:
                    earned += cash * money.debt[t]
                cash += earned
                interest += earned
                if short:
                    fee = lend_fee(p, money.fee[t])
                    cash -= fee
                    paid += fee
            curve = accrue(curve, money.accrued[t])
            if tape.splits[t]:
                cash = _split_all(tape, whole, t, p, order, forced, cash, record)
            if recalls:
                for i in range(k):
                    carried[i] = p.size[i] < 0.0

            # -- at the open: the owner's sales, his purchases, then what the broker closes
            if ordered:
                for side in range(2):
                    for i in range(k):
                        asked = order[i]
                        if asked == 0.0 or (asked > 0.0) != (side == 1):
                            continue
                        v = tape.volume[i, t] if uses_volume else 0.0
                        v = v if v > 0.0 else 0.0
                        if bounded and v > 0.0 and abs(asked) > costs.max_participation * v:
                            return VOLUME_BOUND
                        size, fee = _fill(tape, costs, whole, t, p, i, asked, cash, v)
                        if size != 0.0:
                            o = tape.open[i, t]
                            cash -= size * o + fee
                            paid += fee
                            _put_down(record, t, i, o, size, fee, reason[i])
                        order[i] = 0.0
                ordered = False
            for q in range(waiting):
                i = queue[q]
                asked = closing(forced[i], p.size[i])  # the owner may have closed some himself
                forced[i] = 0.0
                if asked == 0.0:
                    continue
                v = tape.volume[i, t] if uses_volume else 0.0
                v = v if v > 0.0 else 0.0
                size, fee = _fill(tape, costs, whole, t, p, i, asked, cash, v)
                if size != 0.0:
                    o = tape.open[i, t]
                    cash -= size * o + fee
                    paid += fee
                    _put_down(record, t, i, o, size, fee, why[i])
            waiting = 0

            # -- the close
            positions = 0.0
            held = short = False
            for i in range(k):
                size = p.size[i]
                if size != 0.0:
                    held = True
                    short = short or size < 0.0
                    positions += size * closes[i, t]
                    p.last[i] = closes[i, t]
            value = cash + positions
            if writes:
                record.equity[t] = value
            if last[t]:
                curve = close_session(curve, value, positions, float(days[t]))
            if ruined:
                settled = settled or not held
                t += 1
                continue
            if value <= NOTHING * start:
                ruined, settled = True, not held
                for i in range(k):
                    if p.size[i] != 0.0:
                        waiting = _call_in(p, i, RUIN, forced, why, queue, waiting)
                t += 1
                continue
            if recalls and short:
                for i in tape.by_feed:
                    if carried[i] != 0 and tape.recalled[i, t] and p.size[i] < 0.0:
                        waiting = _call_in(p, i, RECALL, forced, why, queue, waiting)
            if (short or cash < 0.0) and value < _needed(tape, t, p):
                # The shorts, and the longs only where there is none.
                for i in range(k):
                    if p.size[i] < 0.0 or (p.size[i] != 0.0 and not short):
                        waiting = _call_in(p, i, MARGIN_CALL, forced, why, queue, waiting)

        # -- the decision
        if not known[t]:
            t += 1
            continue
        cause = -1
        for i in range(k):
            c, have = closes[i, t], p.size[i]
            w = 0.0
            if c > 0.0:
                w = weights[i, t] * value / c
                if whole:
                    w = float(math.trunc(w))
            elif have != 0.0 or weights[i, t] != 0.0:
                dead[i] = 1
            want[i] = w
            if (w == 0.0) != (have == 0.0) or w * have < 0.0:
                cause = TARGET
        if cause < 0:
            if due[t]:
                cause = SCHEDULE
            elif banded:
                cause = _drifted(tape, wishes, t, p, value, band, exposure_band)
        if cause >= 0:
            state = wishes.state[t]
            for i in range(k):
                have, w = p.size[i], want[i]
                if abs(w - have) > DUST * max(abs(have), abs(w)):
                    order[i] = w - have
                    ordered = True
                    if dead[i] != 0:
                        reason[i] = WIPED_OUT
                    elif w * have < 0.0 or w == 0.0 or have == 0.0:
                        if state > 0:
                            reason[i] = FIRST_STATE + state - 1
                        elif w * have < 0.0:
                            reason[i] = REVERSED
                        else:
                            reason[i] = ENTRY if w != 0.0 else NO_LONGER
                    elif cause == TARGET and state > 0:
                        reason[i] = FIRST_STATE + state - 1
                    else:
                        reason[i] = cause
        t += 1

    end_all(p, n - 1)
    longest = curve.longest
    if curve.wet:
        longest = max(longest, days[n - 1] - curve.dry)
    tally = p.tally
    measure(
        Sums(
            start,
            curve.prev,
            curve.lived,
            curve.count,
            curve.returns,
            curve.squares,
            curve.excess,
            curve.excess_squares,
            curve.downside,
            curve.depth,
            longest,
            float(days[n - 1] - days[0]),
            curve.sessions,
            curve.exposed,
            tally[TRADES],
            tally[WINS],
            tally[WON],
            tally[LOST],
            tally[RETURNS],
            tally[BARS],
            paid,
            interest,
        ),
        out,
    )
    return DONE


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator,unused-ignore]
def run_weight_plans(
    tape: Any,
    wishes: Any,
    money: Any,
    terms: Any,
    plans: Any,
    costs: Any,
    record: Any,
    out: Any,
    ended: Any,
) -> None:
    """Run many plans on the same targets, one after the other.

    Parameters
    ----------
    plans : shape (cells, PLAN_COLUMNS). costs : shape (cells, 9), `CostNumbers`.
    record : for all of them; meant for one cell, or empty.
    out : shape (cells, measures), written. ended : int64, shape (cells,), written: DONE, or why not.
    """
    for cell in range(len(plans)):
        ended[cell] = run_weights(tape, wishes, money, terms, plans[cell], costs[cell], record, out[cell])
