"""Target weights, compiled: an `AllocationPlan` as `strategies.AllocationStrategy` and the broker do it.

Every step is the broker's own, in its order: interest and borrow fees; splits; dividends; the waiting
orders at the open, the owner's sales, then his purchases, then what the broker closes itself; the value at
the close; ruin, recalls, margin; then the strategy's decision. docs/fills.md states the rules, and property
tests hold the two engines to each other, order by order. Bars of nothing but cash are taken in one step.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from engine.kernel.arithmetic import costs_of, dust, total, whole_part
from engine.kernel.curve import (
    accrue,
    begin,
    close_session,
    mark_close,
    mark_in_cash,
    stay_in_cash,
    sums_of,
)
from engine.kernel.entries import AT_CLOSE, AT_ONCE, AT_OPEN
from engine.kernel.figures import RUINED_ON
from engine.kernel.measures import IN_CASH, leave_out_averages, measure
from engine.kernel.positions import (
    FLAT,
    INITIAL_LONG,
    LAST,
    MAINTENANCE_LONG,
    MAINTENANCE_SHORT,
    POSITION_ROWS,
    SINCE,
    SIZE,
    TALLY,
    allowed,
    book,
    closing,
    end_all,
    lend_fee,
    meet,
    receive,
    split,
)
from engine.kernel.tape import DONE, SHORT_OF_CASH, VOLUME_BOUND
from engine.kernel.views import borrowed, keep
from letf_instruments.compiled import compiled
from letf_instruments.payments import issued, time_weighted
from letf_instruments.sizes import DUST, NOTHING, SMALLEST_TRADE

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
# Or every so many sessions, 0 for none; and where orders are filled (`strategies.plans.fill.FILLS`).
PLAN_SCHEDULE, PLAN_BAND, PLAN_EXPOSURE_BAND, PLAN_EVERY, PLAN_FILL = range(5)
PLAN_COLUMNS = 5
# Rows of what waits: the owner's orders, the broker's, and what is wanted; then whole numbers by instrument:
# why each was sent, the broker's in their order, shorts that were carried into the bar, what is wiped out.
ORDER, FORCED, WANTED = range(3)
REASON, WHY, QUEUE, CARRIED, DEAD = range(5)


class Tapes(NamedTuple):
    """The bars of k instruments in the rule's order: prices as traded of shape (k, n), days of shape (n,)."""

    open: Any
    high: Any
    low: Any
    close: Any
    volume: Any
    split: Any
    splits: Any  # shape (n,): something is split before this bar's open
    dividend: Any  # shape (k, n): what a share is paid before the open
    pays: Any  # shape (n,): something is paid
    recalled: Any  # shape (k, n): a short carried into this bar is recalled at its close; (k, 0) for never
    multiple: Any  # shape (k,)
    margins: Any  # shape (4, k): the requirements, as rows of positions have them
    by_feed: Any  # positions of the instruments in the order of their feeds, shape (k,)
    days: Any
    last: Any  # the last bar of a session
    tilt: Any  # shape (n,), `Stage.tilt`
    market: Any  # `measures.Market`


class Wishes(NamedTuple):
    """A rule's targets. `weight` of shape (k, n); `known` where none is NaN; `state` 0 or 1 + the position of
    the state that holds; `next[t]` the first bar from t on where anything is wanted, n if there is none,
    shape (n + 1,); `due`, shape (schedules, n): the first close of a new period; `session`, shape (n,): how
    many sessions there were before, on the first bar of one, else −1."""

    weight: Any
    known: Any
    state: Any
    next: Any
    due: Any
    session: Any


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

    @classmethod
    def with_room(cls, bars: int, fills: int) -> Record:
        """One in which so many bars and fills can be written down."""
        ints = [np.empty(fills, dtype=np.int64) for _ in range(3)]
        price, size, costs = (np.empty(fills) for _ in range(3))
        return cls(np.empty(bars), ints[0], ints[1], price, size, costs, ints[2], np.zeros(1, dtype=np.int64))


@compiled(nogil=True, error_model="numpy")
def put_down(
    record: Any, t: int, instrument: int, price: float, size: float, costs: float, reason: int
) -> None:
    at = record.fills[0]
    if at >= len(record.bar):  # fills are not wanted
        return
    record.fills[0] = at + 1
    record.bar[at], record.instrument[at], record.price[at] = t, instrument, price
    record.size[at], record.costs[at], record.reason[at] = size, costs, reason


@compiled(nogil=True, error_model="numpy")
def _split(p: Any, orders: Any, i: int, ratio: float, whole: bool) -> float:
    """Carry out a split of instrument i; returns the fraction of a share that is left to be paid out."""
    split(p, i, ratio)
    for row in range(2):
        orders[row, i] *= ratio
        if whole:
            orders[row, i] = whole_part(orders[row, i])
    if not whole or p[SIZE, i] == 0.0:
        return 0.0
    rest = p[SIZE, i] - whole_part(p[SIZE, i])
    if abs(rest) > dust(p[SIZE, i]):
        return float(rest)
    p[SIZE, i] = whole_part(p[SIZE, i])
    return 0.0


@compiled(nogil=True, error_model="numpy")
def _call_in(p: Any, i: int, reason: int, orders: Any, marks: Any, waiting: int) -> int:
    """Send an order to close a position, unless there is one; returns how many of them wait."""
    if orders[FORCED, i] != 0.0:
        return waiting
    orders[FORCED, i], marks[WHY, i], marks[QUEUE, waiting] = -p[SIZE, i], reason, i
    return waiting + 1


@compiled(nogil=True, error_model="numpy")
def _work(
    tape: Any,
    costs: Any,
    whole: bool,
    p: Any,
    tally: Any,
    orders: Any,
    marks: Any,
    meets: Any,
    record: Any,
    t: int,
    at_close: bool,
    cash: float,
) -> tuple[float, float, float, bool, bool]:
    """Work the owner's orders at the open or the close of bar t, sales before the purchases they pay for.

    Returns
    -------
    Cash; costs; what positions left or taken at the close were worth more than at the bar's worst prices;
    whether a position was rebalanced; whether the bar's volume bounds an order, which is not done here.
    """
    prices = tape.close if at_close else tape.open
    bounded = costs.max_participation < 1.0
    uses_volume = bounded or costs.impact_bps > 0.0
    paid = left = 0.0
    shifted = False
    for side in range(2):
        for i in range(p.shape[1]):
            asked = orders[ORDER, i]
            if asked == 0.0 or (asked > 0.0) != (side == 1):
                continue
            orders[ORDER, i] = 0.0
            v = tape.volume[i, t] if uses_volume else 0.0
            v = v if v > 0.0 else 0.0
            if bounded and v > 0.0 and abs(asked) > costs.max_participation * v:
                return cash, paid, left, shifted, True
            price, have = prices[i, t], p[SIZE, i]
            size = allowed(costs, whole, p, i, asked, price, cash, v)
            if size == 0.0:
                continue
            fee = total(costs, size, price, v)
            closed = closing(size, have)
            if at_close:
                low, high = tape.low[i, t], tape.high[i, t]
                opened = size - closed
                left -= closed * (price - (high if have < 0.0 else low))
                left -= opened * (price - (high if size < 0.0 else low))
                if closed != 0.0 and abs(have + closed) <= FLAT * abs(have):
                    meet(p, i, low, high)
            book(p, tally, i, t, size, price, fee)
            if at_close and (have == 0.0 or have * p[SIZE, i] < 0.0):
                meets[i] = t + 1
            # An order is filled on one bar here, so that what a later one leaves open it has rebalanced: the
            # rule of `analyzers.RoundTrip`.
            shifted = shifted or 0.0 <= p[SINCE, i] < t
            cash -= size * price + fee
            paid += fee
            if len(record.equity) > 0:
                put_down(record, t, i, price, size, fee, marks[REASON, i])
    return cash, paid, left, shifted, False


@compiled(nogil=True, error_model="numpy")
def run_weights(
    tape: Any, wishes: Any, money: Any, terms: Any, plan: Any, cost_row: Any, record: Any, out: Any
) -> int:
    """Run one plan over n bars; writes `MEASURES` into `out` and returns how it ended."""
    costs = costs_of(cost_row)
    tape, wishes, money, terms = borrowed(tape), borrowed(wishes), borrowed(money), borrowed(terms)
    record, out = borrowed(record), borrowed(out)
    highs, lows, tilt = tape.high, tape.low, tape.tilt
    opens, closes, volumes, weights = tape.open, tape.close, tape.volume, wishes.weight
    splits, ratios, recalled, multiple = tape.splits, tape.split, tape.recalled, tape.multiple
    days, last, known, by_feed = tape.days, tape.last, wishes.known, tape.by_feed
    idle, debt, fees, accrued = money.idle, money.debt, money.fee, money.accrued
    k, n = closes.shape
    start, whole = terms.cash, terms.whole_shares
    due = wishes.due[int(plan[PLAN_SCHEDULE])]
    every, sessions, fill = int(plan[PLAN_EVERY]), wishes.session, int(plan[PLAN_FILL])
    band, exposure_band = plan[PLAN_BAND], plan[PLAN_EXPOSURE_BAND]
    banded = band < math.inf or exposure_band < math.inf
    bounded = costs.max_participation < 1.0
    uses_volume = bounded or costs.impact_bps > 0.0
    recalls = recalled.shape[1] > 0
    writes = len(record.equity) > 0

    owned = (
        np.zeros((POSITION_ROWS, k)),
        np.zeros(TALLY),
        np.zeros((3, k)),
        np.zeros((5, k), dtype=np.int64),
        np.zeros(k),
        np.zeros(IN_CASH),
    )
    p, tally, orders, marks, meets, in_cash = borrowed(owned)
    # meets: the first bar of which a trade meets something
    p[SINCE] = -1.0
    for row in range(4):
        p[INITIAL_LONG + row] = tape.margins[row]

    cash = start
    held = short = ordered = ruined = settled = False
    shifted = False  # a position was rebalanced
    waiting = 0  # of what the broker closes itself
    paid = interest = 0.0
    curve = begin(start, float(days[0]))
    within = gross_sum = net_sum = times_sum = 0.0
    value = start
    ruined_on = float(n)
    flow_at = terms.next_paid[0]  # the next bar on which something is paid in or out
    anchor, since = 0.0, -1.0
    marked, at_mark = terms.marks, 0  # the next bar at whose close sums are written

    t = 0
    while t < n:
        leapt = False
        idly = not (held or ordered or ruined) and since != 0.0
        # What is sold on a close may leave nothing, or a debt; that ruin is seen at the next close.
        if money.skips and idly and cash > NOTHING * start:
            # Nothing but cash until the bar on which something is wanted.
            until = wishes.next[t]
            goal = min(until - 1 if fill == AT_ONCE else until, n - 1, flow_at - 1)
            if goal >= t:
                base = money.growth[t - 1] if t > 0 else 1.0
                if writes:
                    for at in range(t, goal + 1):
                        record.equity[at] = cash * (money.growth[at] / base)
                at_mark = mark_in_cash(curve, in_cash, money, out, marked, at_mark, t, goal)
                curve = stay_in_cash(curve, in_cash, money, days, t, goal)
                value = cash * (money.growth[goal] / base)
                interest += value - cash
                cash = value
                t = goal
                if until >= n and t == n - 1:
                    break
                if fill == AT_ONCE or t < min(until, n - 1):
                    t += 1
                    continue
                leapt = True
        left, ends = 0.0, False
        if not leapt:
            # -- before the open: interest, fees, splits, dividends
            if not (ruined and settled):
                shorts = 0.0
                if short:
                    for i in range(k):
                        if p[SIZE, i] < 0.0:
                            shorts -= p[SIZE, i] * p[LAST, i]
                earned = max(cash - shorts, 0.0) * idle[t]
                if cash < 0.0:
                    earned += cash * debt[t]
                cash += earned
                interest += earned
                if short:
                    fee = lend_fee(p, fees[t])
                    cash -= fee
                    paid += fee
            curve = accrue(curve, accrued[t])
            if splits[t]:
                for f in range(k):
                    i = by_feed[f]
                    if ratios[i, t] == 1.0:
                        continue
                    rest = _split(p, orders, i, ratios[i, t], whole)
                    if rest != 0.0:
                        kept = whole_part(p[SIZE, i])
                        cash += rest * opens[i, t]
                        book(p, tally, i, t, -rest, opens[i, t], 0.0)
                        p[SIZE, i] = kept
                        if writes:
                            put_down(record, t, i, opens[i, t], -rest, 0.0, CASH_IN_LIEU)
            if held and tape.pays[t]:
                for f in range(k):
                    cash += receive(p, by_feed[f], tape.dividend[by_feed[f], t])
            if t == flow_at:
                # -- what is paid in or out; the account is valued at the open
                flow_at = terms.next_paid[t + 1]
                if not ruined:
                    flow, free, before = terms.paid[t], cash, cash
                    for i in range(k):
                        at_open = p[SIZE, i] * opens[i, t]
                        before += at_open
                        free += min(at_open, 0.0)
                    if flow < 0.0:
                        if -flow > free * (1.0 + DUST):
                            out[0], out[1] = t, free
                            return SHORT_OF_CASH
                        flow = -min(-flow, free)
                    anchor, since = issued(anchor, since, before, flow)
                    cash += flow
            if recalls:
                for i in range(k):
                    marks[CARRIED, i] = p[SIZE, i] < 0.0

            # -- at the open: the owner's sales, his purchases, then what the broker closes
            if ordered and fill == AT_OPEN:
                cash, fee, _, moved, bound = _work(
                    tape, costs, whole, p, tally, orders, marks, meets, record, t, False, cash
                )
                if bound:
                    return VOLUME_BOUND
                paid += fee
                shifted = shifted or moved
            for at in range(waiting):
                i = marks[QUEUE, at]
                v = volumes[i, t] if uses_volume else 0.0
                v = v if v > 0.0 else 0.0
                asked = closing(orders[FORCED, i], p[SIZE, i])  # the owner may have closed some
                orders[FORCED, i] = 0.0
                if asked == 0.0:
                    continue
                o = opens[i, t]
                size = allowed(costs, whole, p, i, asked, o, cash, v)
                if size == 0.0:
                    continue
                fee = total(costs, size, o, v)
                book(p, tally, i, t, size, o, fee)
                shifted = shifted or 0.0 <= p[SINCE, i] < t
                cash -= size * o + fee
                paid += fee
                if writes:
                    put_down(record, t, i, o, size, fee, marks[WHY, i])
            waiting = 0
            if ordered and fill == AT_CLOSE:
                cash, fee, left, moved, bound = _work(
                    tape, costs, whole, p, tally, orders, marks, meets, record, t, True, cash
                )
                if bound:
                    return VOLUME_BOUND
                paid += fee
                shifted = shifted or moved
            ordered = False

            # -- the account at the close, and what it asks for
            positions = 0.0
            held = short = False
            for i in range(k):
                size = p[SIZE, i]
                if size != 0.0:
                    held = True
                    short = short or size < 0.0
                    positions += size * closes[i, t]
                    p[LAST, i] = closes[i, t]
            value = cash + positions
            if not ruined and value <= NOTHING * start:
                ends = True
                for i in range(k):
                    if p[SIZE, i] != 0.0:
                        waiting = _call_in(p, i, RUIN, orders, marks, waiting)
            elif not ruined:
                if recalls and short:
                    for f in range(k):
                        i = by_feed[f]
                        if marks[CARRIED, i] != 0 and recalled[i, t] and p[SIZE, i] < 0.0:
                            waiting = _call_in(p, i, RECALL, orders, marks, waiting)
                if short or cash < 0.0:
                    needed = 0.0
                    for i in range(k):
                        rate = p[MAINTENANCE_SHORT if p[SIZE, i] < 0.0 else MAINTENANCE_LONG, i]
                        needed += abs(p[SIZE, i]) * closes[i, t] * rate
                    if value < needed * (1.0 - DUST):
                        # The shorts, and the longs only where there is none.
                        for i in range(k):
                            if p[SIZE, i] < 0.0 or (p[SIZE, i] != 0.0 and not short):
                                waiting = _call_in(p, i, MARGIN_CALL, orders, marks, waiting)

        # -- the decision
        if known[t] and not (ruined or ends):
            cause = -1
            for i in range(k):
                c, have = closes[i, t], p[SIZE, i]
                w = 0.0
                if c > 0.0:
                    w = weights[i, t] * value / c
                    if abs(w) * c < SMALLEST_TRADE * value:
                        w = 0.0
                    if whole:
                        w = whole_part(w)
                elif have != 0.0 or weights[i, t] != 0.0:
                    marks[DEAD, i] = 1
                orders[WANTED, i] = w
                if (w == 0.0) != (have == 0.0) or w * have < 0.0:
                    cause = TARGET
            if cause < 0:
                if due[t] or (every > 0 and sessions[t] >= 0 and sessions[t] % every == 0):
                    cause = SCHEDULE
                elif banded:
                    furthest = net = 0.0
                    for i in range(k):
                        c = closes[i, t]
                        if c > 0.0:
                            drift = p[SIZE, i] * c / value - weights[i, t]
                            furthest = max(furthest, abs(drift))
                            net += drift * multiple[i]
                    if furthest > band + DUST:
                        cause = BAND
                    elif abs(net) > exposure_band + DUST:
                        cause = EXPOSURE_BAND
            if cause >= 0:
                state = wishes.state[t]
                for i in range(k):
                    have, w = p[SIZE, i], orders[WANTED, i]
                    # What is no longer wanted is sold, however little it is.
                    if w != have and (w == 0.0 or abs(w - have) * closes[i, t] >= SMALLEST_TRADE * value):
                        orders[ORDER, i] = w - have
                        ordered = True
                        if marks[DEAD, i] != 0:
                            marks[REASON, i] = WIPED_OUT
                        elif w * have < 0.0 or w == 0.0 or have == 0.0:
                            if state > 0:
                                marks[REASON, i] = FIRST_STATE + state - 1
                            elif w * have < 0.0:
                                marks[REASON, i] = REVERSED
                            else:
                                marks[REASON, i] = ENTRY if w != 0.0 else NO_LONGER
                        elif cause == TARGET and state > 0:
                            marks[REASON, i] = FIRST_STATE + state - 1
                        else:
                            marks[REASON, i] = cause
            if ordered and fill == AT_ONCE:
                cash, fee, left, moved, bound = _work(
                    tape, costs, whole, p, tally, orders, marks, meets, record, t, True, cash
                )
                if bound:
                    return VOLUME_BOUND
                paid += fee
                shifted = shifted or moved
                ordered = False

        # -- the close, after all that was traded on it
        if not leapt:
            positions = gross = times = 0.0
            behind = left  # worth more than at the bar's worst prices
            held = short = False
            for i in range(k):
                size = p[SIZE, i]
                if size != 0.0:
                    held = True
                    short = short or size < 0.0
                    worth = size * closes[i, t]
                    positions += worth
                    gross += abs(worth)
                    times += worth * multiple[i]
                    behind += size * (closes[i, t] - (highs[i, t] if size < 0.0 else lows[i, t]))
                    p[LAST, i] = closes[i, t]
                    if t >= meets[i]:
                        meet(p, i, lows[i, t], highs[i, t])
            value = cash + positions
            if writes:
                record.equity[t] = value
            made, under = value, value - behind
            if since >= 0.0:
                made, under = time_weighted(made, anchor, since), time_weighted(under, anchor, since)
            within = min(within, under / curve.peak - 1.0)
            if last[t]:
                curve = close_session(curve, made, tilt[t], float(days[t]))
                if t == marked[at_mark]:
                    at_mark = mark_close(curve, in_cash, out, marked, at_mark)
                if abs(value) > NOTHING * start:
                    gross_sum += gross / abs(value)
                    net_sum += positions / abs(value)
                    times_sum += times / abs(value)
            if ruined:
                settled = settled or not held
            elif ends:
                ruined, settled, ruined_on = True, not held, float(t)
        t += 1

    end_all(p, tally, n - 1)
    sums = sums_of(
        curve, in_cash, start, value, within, days, gross_sum, net_sum, times_sum, tally, paid, interest
    )
    keep(owned)
    measure(sums, tape.market, out)
    if shifted:
        leave_out_averages(out)
    out[RUINED_ON] = ruined_on
    return DONE


@compiled(nogil=True, error_model="numpy")
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
    out : shape (cells, ROW + 2 × marks), written. ended : int64, shape (cells,), written: DONE, or why not.
    """
    for cell in range(len(plans)):
        ended[cell] = run_weights(tape, wishes, money, terms, plans[cell], costs[cell], record, out[cell])
