"""Orders that a `TradePlan` places otherwise than at the next open, compiled: for closes, at limits and
stops, for so much money, until a time of day, and on the two sides of a switch.

As `strategies.TradeStrategy` and the broker do it, step by step: interest; splits; dividends; market orders
at the open; an entry at a price; protective orders as the bar would meet them; orders for the close; the
decision and what it trades on the close at hand; the value. One side at a time, never short. docs/fills.md
states the rules, and property tests hold the two engines to each other. What needs none of this goes through
`trades`, which is faster.
"""

from __future__ import annotations

import math
from typing import Any

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
from engine.kernel.entries import (
    AT_CLOSE,
    AT_ONCE,
    AT_OPEN,
    MARKET,
    Entry,
    affordable,
    entry_fill,
    protection,
    shares_for,
    split_entry,
    trailed,
    wanted_entry,
)
from engine.kernel.figures import RUINED_ON
from engine.kernel.measures import IN_CASH, measure
from engine.kernel.positions import (
    INITIAL_SHORT,
    LAST,
    POSITION_ROWS,
    SINCE,
    SIZE,
    TALLY,
    book,
    end_all,
    meet,
    receive,
    split,
)
from engine.kernel.tape import (
    ACCRUED,
    CASH_IN_LIEU,
    CLOSE,
    COOLDOWN,
    DONE,
    ENTRY,
    FILL,
    FIRST_OWN,
    HIGH,
    IDLE,
    IN_DEBT,
    INDEX,
    KIND,
    LEAVE_AT,
    LEAVE_MINUTE,
    LEAVING_TIME,
    LONGEST,
    LOW,
    MAX_BARS,
    NEXT_OPEN,
    OPEN,
    OTHER_SIDE,
    REBOUND,
    RUIN,
    SESSION_END,
    SHORT_OF_CASH,
    SIDES,
    STOP,
    TARGET,
    TRAILING,
    TRAILING_STOP,
    VOLUME,
    VOLUME_BOUND,
    WIPED_OUT,
)
from engine.kernel.views import borrowed, keep
from engine.kernel.weights import put_down
from letf_instruments.compiled import compiled
from letf_instruments.payments import issued, time_weighted
from letf_instruments.sizes import DUST, NOTHING

LEAVE_OPEN, LEAVE_SESSION_END, LEAVE_TIME = 1, 2, 3
FILLS_A_BAR = (
    8  # at most: a split's rest, two at the open, a stop, two at the close, two on the close at hand
)


@compiled(nogil=True, error_model="numpy")
def enter_fill(
    p: Any,
    tally: Any,
    record: Any,
    costs: Any,
    s: int,
    t: int,
    size: float,
    price: float,
    v: float,
    reason: int,
) -> float:
    """Enter a fill of side s in the books; returns its costs. A sale is of all that is held."""
    fee = total(costs, size, price, v)
    book(p, tally, s, t, size, price, fee)
    if size < 0.0:
        p[SIZE, s] = 0.0
    if len(record.equity) > 0:
        put_down(record, t, s, price, size, fee, reason)
    return fee


@compiled(nogil=True, error_model="numpy")
def run_placed(
    tapes: Any,
    signals: Any,
    placing: Any,
    money: Any,
    account: Any,
    plan: Any,
    cost_row: Any,
    record: Any,
    out: Any,
) -> int:
    """Run one plan over n bars; writes `MEASURES` into `out` and returns how it ended.

    Parameters
    ----------
    tapes, signals : of the two sides; the first one's again where there is no other.
    """
    costs = costs_of(cost_row)
    tapes, signals, placing, money = borrowed(tapes), borrowed(signals), borrowed(placing), borrowed(money)
    account, record, out = borrowed(account), borrowed(record), borrowed(out)
    bars = (tapes[0].bars, tapes[1].bars)
    splits = (tapes[0].split, tapes[1].split)
    atrs = (placing.atr, placing.other_atr)
    days, last, tilt = tapes[0].days, tapes[0].last, tapes[0].tilt
    n = len(days)
    start, whole = account.cash, account.whole_shares
    fill, kind, sides = int(plan[FILL]), int(plan[KIND]), int(plan[SIDES])
    leave_at, leave_minute = int(plan[LEAVE_AT]), plan[LEAVE_MINUTE]
    cooldown = int(plan[COOLDOWN])
    at_once = fill == AT_ONCE and kind == MARKET
    bounded = costs.max_participation < 1.0
    uses_volume = bounded or costs.impact_bps > 0.0
    writes = len(record.equity) > 0
    nan = math.nan

    owned = (
        np.zeros((POSITION_ROWS, 2)),
        np.zeros(TALLY),
        np.full(2, math.inf),
        np.zeros(2),
        np.zeros(IN_CASH),
    )
    p, tally, room, volume, in_cash = borrowed(owned)
    p[SINCE] = -1.0
    p[INITIAL_SHORT] = 1.0

    cash, position, held = start, 0.0, -1  # what is held, and the side that it is of
    entering = -1  # the side of the entry that waits
    order = Entry(0.0, 0.0, nan, nan, nan, nan, nan)
    exit_reason, exit_at_close = -1, False  # of the exit that waits
    stop = trail = target = away = rebound = nan
    entry_bar = free_from = meets = 0
    ruined = settled = False
    paid = interest = 0.0
    curve = begin(start, float(days[0]))
    within = exposed = times = 0.0
    value = start
    ruined_on = float(n)
    flow_at = account.next_paid[0]  # the next bar on which something is paid in or out
    anchor, since = 0.0, -1.0
    marked, at_mark = account.marks, 0  # the next bar at whose close sums are written

    t = 0
    while t < n:
        leapt = False
        if money.skips and held < 0 and entering < 0 and not ruined and since != 0.0:
            # Nothing but cash until the bar on which an entry may next be decided, or the one before it.
            at = max(t, free_from - 1)
            until = n
            if at <= n:
                until = signals[0].next_entry[at]
                if sides == 2:
                    until = min(until, signals[1].next_entry[at])
            goal = min(until - 1 if at_once else until, n - 1, flow_at - 1)
            if goal >= t:
                base = money.growth[t - 1] if t > 0 else 1.0
                if writes:
                    for k in range(t, goal + 1):
                        record.equity[k] = cash * (money.growth[k] / base)
                at_mark = mark_in_cash(curve, in_cash, money, out, marked, at_mark, t, goal)
                curve = stay_in_cash(curve, in_cash, money, days, t, goal)
                value = cash * (money.growth[goal] / base)
                interest += value - cash
                cash = value
                t = goal
                if until >= n and t == n - 1:
                    break
                if at_once or t < min(until, n - 1):
                    t += 1
                    continue
                leapt = True
        left = 0.0  # what was left or taken within the bar was worth more than at its low
        ends = False
        if not leapt:
            # -- before the open: interest, splits, dividends
            if not (ruined and settled):
                earned = cash * bars[0][t, IDLE]  # what is bought is paid for, so there is never a debt
                cash += earned
                interest += earned
            curve = accrue(curve, bars[0][t, ACCRUED])
            for s in range(sides):
                v = bars[s][t, VOLUME] if uses_volume else 0.0
                volume[s] = v if v > 0.0 else 0.0
                room[s] = costs.max_participation * v if bounded and v > 0.0 else math.inf
                ratio = splits[s][t]
                if ratio == 1.0:
                    continue
                split(p, s, ratio)
                if s == entering:
                    order = split_entry(order, ratio, whole)
                    if order.size == 0.0:
                        entering = -1
                if s != held:
                    continue
                position *= ratio
                stop, trail, target, away = stop / ratio, trail / ratio, target / ratio, away / ratio
                if whole:
                    o, rest = bars[s][t, OPEN], position - whole_part(position)
                    if abs(rest) > dust(position):
                        cash += rest * o
                        book(p, tally, s, t, -rest, o, 0.0)
                        if writes:
                            put_down(record, t, s, o, -rest, 0.0, CASH_IN_LIEU)
                    position = whole_part(position)
                    p[SIZE, s] = position
                    if position == 0.0:  # less than a share was left: the trade is over
                        held, exit_reason = -1, -1
                        stop = trail = target = nan
                        free_from = t + 1 + cooldown
            if held >= 0 and tapes[held].pays:
                cash += receive(p, held, tapes[held].dividend[t])
            if t == flow_at:
                # -- what is paid in or out; the account is valued at the open
                flow_at = account.next_paid[t + 1]
                if not ruined:
                    flow, before = account.paid[t], cash
                    if held >= 0:
                        before += position * bars[held][t, OPEN]
                    if flow < 0.0:
                        if -flow > cash * (1.0 + DUST):
                            out[0], out[1] = t, cash
                            return SHORT_OF_CASH
                        flow = -min(-flow, cash)
                    anchor, since = issued(anchor, since, before, flow)
                    cash += flow

            # -- at the open: the exit, then the entry
            if exit_reason >= 0 and not exit_at_close and held >= 0:
                if position > room[held] and exit_reason != RUIN:
                    return VOLUME_BOUND
                o = bars[held][t, OPEN]
                fee = enter_fill(p, tally, record, costs, held, t, -position, o, volume[held], exit_reason)
                cash += position * o - fee
                paid += fee
                room[held] -= position
                position = 0.0
                held, exit_reason = -1, -1
                stop = trail = target = nan
                free_from = t + 1 + cooldown
            inside = False  # the entry was filled within the bar, after its open
            if entering >= 0 and held < 0 and (kind != MARKET or fill == AT_OPEN):
                s = entering
                o = bars[s][t, OPEN]
                price = (
                    o
                    if kind == MARKET
                    else entry_fill(kind, order.price, o, bars[s][t, HIGH], bars[s][t, LOW])
                )
                if not math.isnan(price):
                    asked = shares_for(order, price, whole)
                    if asked > room[s]:
                        return VOLUME_BOUND
                    size = affordable(costs, whole, asked, price, cash, volume[s])
                    if size > 0.0:
                        fee = enter_fill(p, tally, record, costs, s, t, size, price, volume[s], ENTRY)
                        cash -= size * price + fee
                        paid += fee
                        room[s] -= size
                        held, position, entry_bar, meets = s, size, t + 1, t
                        inside = price != o
                        away, rebound = order.away, order.rebound
                        stop, target, trail = protection(plan, s, price, order)
                entering = -1

            # -- protective orders: what the open has passed, then stops from the nearest, then the target. Of
            # the bar of an entry after the open only what may hurt counts.
            if held >= 0:
                s = held
                o, h, lo, c = bars[s][t, OPEN], bars[s][t, HIGH], bars[s][t, LOW], bars[s][t, CLOSE]
                from_here = p[LAST, s] if inside else o
                hit_stop, hit_trail = lo <= stop, lo <= trail
                reason, price = -1, nan
                if hit_stop or hit_trail:
                    by = o if o != 0.0 else 1.0
                    if hit_trail and (not hit_stop or trail / by > stop / by):
                        level, reason = trail, TRAILING_STOP
                    else:
                        level, reason = stop, STOP
                    price = from_here if from_here <= level else level
                    if not inside and o > level and o >= target:
                        price, reason = o, TARGET  # the open has passed the target before the stop is met
                elif not inside and h >= target:
                    price, reason = (o if o >= target else target), TARGET
                if reason >= 0:
                    if position > room[s]:
                        return VOLUME_BOUND
                    if price != o and reason == TARGET:
                        left += position * (price - lo)
                        meet(p, s, lo, -math.inf)
                    elif price != o:
                        meet(p, s, math.inf, h)
                    fee = enter_fill(p, tally, record, costs, s, t, -position, price, volume[s], reason)
                    cash += position * price - fee
                    paid += fee
                    room[s] -= position
                    position = 0.0
                    held, exit_reason = -1, -1
                    stop = trail = target = nan
                    free_from = t + 1 + cooldown
                else:
                    higher = trailed(c if inside else h, plan[s * OTHER_SIDE + TRAILING], away)
                    if higher > trail:
                        trail = higher

            # -- at the close: the exit, then the entry
            if exit_reason >= 0 and held >= 0:
                s = held
                lo, h, c = bars[s][t, LOW], bars[s][t, HIGH], bars[s][t, CLOSE]
                if position > room[s]:
                    return VOLUME_BOUND
                left += position * (c - lo)
                meet(p, s, lo, h)
                fee = enter_fill(p, tally, record, costs, s, t, -position, c, volume[s], exit_reason)
                cash += position * c - fee
                paid += fee
                room[s] -= position
                position = 0.0
                held, exit_reason = -1, -1
                stop = trail = target = nan
                free_from = t + 1 + cooldown
            if entering >= 0 and held < 0:
                s = entering
                c = bars[s][t, CLOSE]
                if not c > order.price:  # NaN: any close
                    asked = shares_for(order, c, whole)
                    if asked > room[s]:
                        return VOLUME_BOUND
                    size = affordable(costs, whole, asked, c, cash, volume[s])
                    if size > 0.0:
                        fee = enter_fill(p, tally, record, costs, s, t, size, c, volume[s], ENTRY)
                        cash -= size * c + fee
                        paid += fee
                        room[s] -= size
                        left -= size * (c - bars[s][t, LOW])
                        held, position, entry_bar, meets = s, size, t + 1, t + 1
                        away, rebound = order.away, order.rebound
                        stop, target, trail = protection(plan, s, c, order)
            entering = -1

            value = cash if held < 0 else cash + position * bars[held][t, CLOSE]
            ends = not ruined and value <= NOTHING * start
        else:
            value = cash

        # -- the decision
        late = leave_at == LEAVE_TIME and placing.minute[t] >= leave_minute
        first_side, end_side = 0, sides
        may_enter = held < 0 and t + 1 >= free_from and not late
        if held >= 0 and exit_reason < 0 and not ruined:
            s = held
            base = s * OTHER_SIDE
            c, index = bars[s][t, CLOSE], bars[s][t, INDEX]
            max_bars = int(plan[base + MAX_BARS])
            reason, now = -1, fill == AT_ONCE
            if leave_at == LEAVE_SESSION_END and placing.ends[t] and not ends:
                reason, now = SESSION_END, True
            elif c <= 0.0:
                reason = WIPED_OUT
            elif signals[s].exits[t] > 0:
                reason = FIRST_OWN + signals[s].exits[t] - 1
            elif index > rebound if tapes[s].bear else index < rebound:
                reason = REBOUND
            elif max_bars > 0 and t + 1 - entry_bar + 1 >= max_bars:
                reason = LONGEST
            elif late:
                reason = LEAVING_TIME
            if reason >= 0 and reason != SESSION_END:
                # A switch: what is left goes into the other side.
                may_enter = sides == 2 and kind == MARKET and cooldown == 0 and not late
                first_side, end_side = 1 - s, 2 - s
            if reason >= 0 and now and not ends:
                if position > room[s]:
                    return VOLUME_BOUND
                left += position * (c - bars[s][t, LOW])
                meet(p, s, bars[s][t, LOW], bars[s][t, HIGH])
                fee = enter_fill(p, tally, record, costs, s, t, -position, c, volume[s], reason)
                cash += position * c - fee
                paid += fee
                room[s] -= position
                position = 0.0
                held = -1
                stop = trail = target = nan
                free_from = t + 1 + cooldown
                value = cash
                if reason == SESSION_END:  # the next session may be decided on
                    may_enter = cooldown == 0
            elif reason >= 0 and not now and fill == AT_CLOSE and not ends:
                exit_reason, exit_at_close = reason, True
            elif reason >= 0 and not now and fill == AT_OPEN:
                exit_reason, exit_at_close = reason, False
                stop = trail = target = nan
        if may_enter and not (ruined or ends):
            for s in range(first_side, end_side):
                if not signals[s].entry[t]:
                    continue
                order = wanted_entry(signals[s], plan, s, t, bars[s][t, CLOSE], atrs[s][t], value, whole)
                if order.size <= 0.0:
                    break
                entering = s
                if at_once:
                    entering = -1
                    c = bars[s][t, CLOSE]
                    asked = shares_for(order, c, whole)
                    if asked > room[s]:
                        return VOLUME_BOUND
                    size = affordable(costs, whole, asked, c, cash, volume[s])
                    if size > 0.0:
                        fee = enter_fill(p, tally, record, costs, s, t, size, c, volume[s], ENTRY)
                        cash -= size * c + fee
                        paid += fee
                        left -= size * (c - bars[s][t, LOW])
                        held, position, entry_bar, meets = s, size, t + 2, t + 1
                        away, rebound = order.away, order.rebound
                        stop, target, trail = protection(plan, s, c, order)
                break
        if leave_at == LEAVE_OPEN and held >= 0 and exit_reason < 0 and not ruined:
            exit_reason, exit_at_close = NEXT_OPEN, False
            stop = trail = target = nan
        if (
            ends and held >= 0 and exit_reason < 0
        ):  # what the owner does himself comes before what the broker does
            exit_reason, exit_at_close = RUIN, False
            stop = trail = target = nan

        # -- the close, after all that was traded on it
        if not leapt:
            worth = 0.0
            if held >= 0:
                c, lo = bars[held][t, CLOSE], bars[held][t, LOW]
                worth = position * c
                left += position * (c - lo)
                p[LAST, held] = c
                if t >= meets:
                    meet(p, held, lo, bars[held][t, HIGH])
            value = cash + worth
            if value <= NOTHING * start and t + 1 < n and not (ruined or ends):
                return IN_DEBT  # what was traded on this close has ruined the account: seen at the next one
            if writes:
                record.equity[t] = value
            made, under = value, value - left
            if since >= 0.0:
                made, under = time_weighted(made, anchor, since), time_weighted(under, anchor, since)
            within = min(within, under / curve.peak - 1.0)
            if last[t]:
                curve = close_session(curve, made, tilt[t], float(days[t]))
                if t == marked[at_mark]:
                    at_mark = mark_close(curve, in_cash, out, marked, at_mark)
                if held >= 0 and abs(value) > NOTHING * start:
                    exposed += abs(worth / value)
                    times += worth * tapes[held].multiple / abs(value)
            if ruined:
                settled = settled or held < 0
            elif ends:
                ruined, settled, ruined_on = True, held < 0, float(t)
        t += 1

    end_all(p, tally, n - 1)
    measure(
        sums_of(curve, in_cash, start, value, within, days, exposed, exposed, times, tally, paid, interest),
        tapes[0].market,
        out,
    )
    keep(owned)
    out[RUINED_ON] = ruined_on
    return DONE


@compiled(nogil=True, error_model="numpy")
def run_placed_plans(
    tapes: Any,
    signals: Any,
    placing: Any,
    money: Any,
    account: Any,
    plans: Any,
    costs: Any,
    record: Any,
    out: Any,
    ended: Any,
) -> None:
    """Run many plans on the same signals, one after the other; as `trades.run_plans`."""
    for cell in range(len(plans)):
        ended[cell] = run_placed(
            tapes, signals, placing, money, account, plans[cell], costs[cell], record, out[cell]
        )
