"""One rule on one instrument, compiled: a `TradePlan` as `strategies.TradeStrategy` and the broker do it.

Every step is the broker's own, in its order: interest; a split; a dividend; the waiting market order at the
open; stops and target as the bar would meet them; the value at the close; then the strategy's decision.
docs/fills.md states the rules, and property tests hold the two engines to each other, order by order.

Two things make it fast. Bars without a position and without a decision are taken in one step, since an
account of cash does only what it would do in any cell. And what a run is measured by is summed on the way.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.kernel import measures
from engine.kernel.arithmetic import charge, costs_of, dust, fitting, too_little, whole_part
from engine.kernel.figures import RUINED_ON
from engine.kernel.marks import put_idle_marks, put_mark
from engine.kernel.measures import (
    Moments,
    Sums,
    added,
    centred,
    excursions,
    in_all,
    measure,
    no_moments,
    with_cash,
)
from engine.kernel.tape import (
    ACCRUED,
    CASH_IN_LIEU,
    CLOSE,
    COOLDOWN,
    DONE,
    DOWNSIDE,
    ENTRY,
    EXCESS,
    EXCESS_SQUARES,
    FIRST_OWN,
    FRACTION,
    GROWTH,
    HIGH,
    IDLE,
    INDEX,
    LONGEST,
    LOW,
    MAX_BARS,
    OPEN,
    REBOUND,
    REBOUND_LEVEL,
    RETURNS,
    RISK,
    RUIN,
    SHORT_OF_CASH,
    SQUARES,
    STOP,
    STOP_AT,
    STOP_LEVEL,
    TARGET,
    TARGET_AT,
    TARGET_LEVEL,
    TILTED,
    TRAILING,
    TRAILING_STOP,
    VOLUME,
    VOLUME_BOUND,
    WIPED_OUT,
)
from engine.kernel.views import borrowed, keep
from letf_instruments.compiled import compiled
from letf_instruments.payments import issued, time_weighted
from letf_instruments.sizes import DUST, NOTHING


@compiled(nogil=True, error_model="numpy")
def _put_down(record: Any, fills: int, t: int, price: float, size: float, costs: float, reason: int) -> None:
    if fills < len(record.bar):
        record.bar[fills], record.price[fills], record.size[fills] = t, price, size
        record.costs[fills], record.reason[fills] = costs, reason


@compiled(nogil=True, error_model="numpy")
def _scored(profit: float, put_in: float, wins: float, won: float, lost: float) -> tuple[float, float, float]:
    """Trades won, and the money won and lost, with one more; one whose profit is rounding is neither."""
    if profit > DUST * put_in:
        return wins + 1.0, won + profit, lost
    return wins, won, lost - profit if profit < -DUST * put_in else lost


@compiled(nogil=True, error_model="numpy")
def _recovery(sums: Any, cash: float, base: float, peak: float, first: int, last: int) -> int:
    """The first bar from `first` to `last` on which cash that grows has come back to the peak."""
    while first < last:
        middle = (first + last) // 2
        if cash * (sums[middle, GROWTH] / base) >= peak * (1.0 - DUST):
            last = middle
        else:
            first = middle + 1
    return first


@compiled(nogil=True, error_model="numpy")
def run_plan(tape: Any, signals: Any, account: Any, plan: Any, cost_row: Any, record: Any, out: Any) -> int:
    """Run one plan over n bars; writes `MEASURES` into `out` and returns how it ended."""
    costs = costs_of(cost_row)
    tape, signals, account = borrowed(tape), borrowed(signals), borrowed(account)
    plan, record, out = borrowed(plan), borrowed(record), borrowed(out)
    bars, sums, days, last, daily = tape.bars, tape.cash, tape.days, tape.last, tape.daily
    tilt = tape.tilt
    entry, exits = signals.entry, signals.exits
    start, whole = account.cash, account.whole_shares
    fraction, risk = plan[FRACTION], plan[RISK]
    stop_at, target_at, trailing = plan[STOP_AT], plan[TARGET_AT], plan[TRAILING]
    stop_row, target_row = int(plan[STOP_LEVEL]), int(plan[TARGET_LEVEL])
    rebound_row, max_bars = int(plan[REBOUND_LEVEL]), int(plan[MAX_BARS])
    cooldown = int(plan[COOLDOWN])
    bounded = costs.max_participation < 1.0
    uses_volume = bounded or costs.impact_bps > 0.0
    writes = len(record.equity) > 0
    n = len(bars)
    nan = math.nan

    cash, position = start, 0.0
    fills = 0
    entry_size = 0.0  # of the entry order that waits, 0 for none
    wanted_stop = wanted_target = nan
    exit_reason = -1  # of the exit order that waits, −1 for none
    stop = trail = target = rebound = nan
    entry_bar = 0
    free_from = 0  # bars there must have been before the next entry is decided
    ruined = settled = False
    ruined_on = float(n)
    flow_at = account.next_paid[0]  # the next bar on which something is paid in or out
    anchor, since = 0.0, -1.0
    marked, at_mark = account.marks, 0
    mark = marked[0]  # the next bar at whose close sums are written

    prev, inverse, first_session = start, 1.0 / start, True
    accrued_session = 0.0
    peak, inverse_peak, dry, wet = start, 1.0 / start, 0, False
    near = peak * (1.0 - DUST)  # from here on the account is at its peak, but for rounding
    count = -1.0
    returns, excess = no_moments(), no_moments()
    owned = np.zeros(measures.IN_CASH)
    in_cash = borrowed(owned)
    due = 1  # how many of them, beside those in cash, there are when their mean is assumed next: 1, 2, 4, …
    opening = downside = 0.0
    depth = longest = sessions = exposed = paid = interest = 0.0
    tilted = within = 0.0
    lived = True
    trades = wins = won = lost = trade_returns = bars_held = 0.0
    lowest = highest = bought = adverse = favourable = 0.0  # prices that the trade has met, and its own
    put_in = profit = 0.0  # of the trade in progress; the profit is what has come in less what went out

    t = 0
    while t < n:
        idle = tape.skips and position == 0.0 and entry_size == 0.0 and not ruined
        if idle and t < flow_at and since != 0.0:
            # Nothing but cash until the bar on which an entry may next be decided.
            until = signals.next_entry[max(t, free_from - 1)] if free_from <= n else n
            decides = until < n
            until = min(until, n - 1, flow_at - 1)
            before = t - 1
            base = sums[before, GROWTH] if t > 0 else 1.0
            grown = cash * (sums[until, GROWTH] / base)
            if writes:
                for k in range(t, until + 1):
                    record.equity[k] = cash * (sums[k, GROWTH] / base)
            if mark <= until:
                total, total_squares = in_all(excess, in_cash, opening)
                at_mark = put_idle_marks(
                    out,
                    marked,
                    at_mark,
                    t,
                    until,
                    total,
                    total_squares,
                    sums[:, EXCESS],
                    sums[:, EXCESS_SQUARES],
                )
                mark = marked[at_mark]
            in_cash[measures.GAINS] += until - t + 1 + min(count, 0.0)
            in_cash[measures.RETURNS] += sums[until, RETURNS]
            in_cash[measures.SQUARES] += sums[until, SQUARES]
            in_cash[measures.PAIRS] += until - max(t - 1, 0)
            in_cash[measures.EXCESS] += sums[until, EXCESS]
            in_cash[measures.EXCESS_SQUARES] += sums[until, EXCESS_SQUARES]
            downside += sums[until, DOWNSIDE]
            tilted += sums[until, TILTED]
            if t > 0:
                in_cash[measures.RETURNS] -= sums[before, RETURNS]
                in_cash[measures.SQUARES] -= sums[before, SQUARES]
                in_cash[measures.EXCESS] -= sums[before, EXCESS]
                in_cash[measures.EXCESS_SQUARES] -= sums[before, EXCESS_SQUARES]
                downside -= sums[before, DOWNSIDE]
                tilted -= sums[before, TILTED]
            count += until - t + 1
            sessions += until - t + 1
            had, prev = time_weighted(cash, anchor, since), time_weighted(grown, anchor, since)
            if wet and prev >= peak * (1.0 - DUST):
                back = _recovery(sums, had, base, peak, t, until)
                longest = max(longest, float(days[back] - days[dry]))
                wet = False
            if not wet:
                peak, dry = max(peak, prev), until
                inverse_peak, near = 1.0 / peak, peak * (1.0 - DUST)
            interest += grown - cash
            cash = grown
            inverse = 1.0 / prev
            first_session = False
            t = until
            value = cash
            c = bars[t, CLOSE]
            if not decides and t == n - 1:
                break
        else:
            if position != 0.0 and exit_reason < 0 and daily and since < 0.0 and excess.n > 0 and not ruined:
                # A position that is only held, until something may happen: the same steps as below, while
                # nothing has been paid in or out.
                until = min(flow_at, entry_bar + max_bars - 2) if max_bars > 0 else flow_at
                until = min(until, t + due - excess.n - 1)
                began = t
                gained, gained_squares = returns.total, returns.squares
                earned_excess, excess_squares = excess.total, excess.squares
                while t < until:
                    h, lo, c = bars[t, HIGH], bars[t, LOW], bars[t, CLOSE]
                    if lo <= stop or lo <= trail or h >= target or c <= 0.0 or exits[t] > 0:
                        break
                    if bars[t, INDEX] > rebound if tape.bear else bars[t, INDEX] < rebound:
                        break
                    if tape.has_splits and tape.split[t] != 1.0:
                        break
                    earned = cash * bars[t, IDLE]
                    held = position * c
                    received = position * tape.dividend[t] if tape.pays else 0.0
                    value = cash + earned + received + held
                    if value <= NOTHING * start:
                        break
                    cash += earned + received
                    profit += received
                    interest += earned
                    higher = h - h * trailing
                    if higher > trail:
                        trail = higher
                    if writes:
                        record.equity[t] = value
                    gain = value * inverse - 1.0
                    over = gain - (accrued_session + bars[t, ACCRUED])
                    accrued_session = 0.0
                    aside, aside_excess = gain - returns.usual, over - excess.usual
                    gained += aside
                    gained_squares += aside * aside
                    earned_excess += aside_excess
                    excess_squares += aside_excess * aside_excess
                    below = over if over < 0.0 else 0.0
                    downside += below * below
                    tilted += over * tilt[t]
                    under = (value - position * (c - lo)) * inverse_peak - 1.0
                    if under < within:
                        within = under
                    if lo < lowest:
                        lowest = lo
                    if h > highest:
                        highest = h
                    prev, inverse = value, 1.0 / value
                    exposed += abs(held * inverse)
                    if value >= near:
                        if wet:
                            longest = max(longest, float(days[t] - days[dry]))
                            wet = False
                        if value > peak:
                            peak, inverse_peak, near = value, inverse, value * (1.0 - DUST)
                        dry = t
                    else:
                        wet = True
                        under = (value - peak) * inverse_peak
                        if under < depth:
                            depth = under
                    if t == mark:
                        so_far = Moments(
                            excess.n + (t - began + 1), excess.usual, earned_excess, excess_squares
                        )
                        total, total_squares = in_all(so_far, in_cash, opening)
                        at_mark = put_mark(out, marked, at_mark, total, total_squares)
                        mark = marked[at_mark]
                    t += 1
                returns = Moments(returns.n + (t - began), returns.usual, gained, gained_squares)
                excess = Moments(excess.n + (t - began), excess.usual, earned_excess, excess_squares)
                count += t - began
                sessions += t - began
                if t == n:
                    break
            # -- before the open: interest, a split, a dividend
            if not (ruined and settled):
                earned = cash * bars[t, IDLE]  # what is bought is paid for, so there is never a debt
                cash += earned
                interest += earned
            accrued_session += bars[t, ACCRUED]
            o, h, lo, c = bars[t, OPEN], bars[t, HIGH], bars[t, LOW], bars[t, CLOSE]
            v = bars[t, VOLUME] if uses_volume else 0.0
            room = costs.max_participation * v if bounded and v > 0.0 else math.inf
            if tape.has_splits and tape.split[t] != 1.0:
                ratio = tape.split[t]
                position *= ratio
                entry_size *= ratio
                stop, trail, target = stop / ratio, trail / ratio, target / ratio
                lowest, highest, bought = lowest / ratio, highest / ratio, bought / ratio
                wanted_stop, wanted_target = wanted_stop / ratio, wanted_target / ratio
                if whole:
                    entry_size = whole_part(entry_size)
                    rest = position - whole_part(position)
                    if position != 0.0:
                        if abs(rest) > dust(position):
                            cash += rest * o
                            profit += rest * o
                            if writes:
                                _put_down(record, fills, t, o, -rest, 0.0, CASH_IN_LIEU)
                            fills += 1
                        position = whole_part(position)
                        if position == 0.0:  # less than a share was left: the trade is over
                            exit_reason = -1
                            stop = trail = target = nan
                            free_from = t + 1 + cooldown
                            trades += 1.0
                            bars_held += t + 1 - entry_bar
                            trade_returns += profit / put_in if put_in != 0.0 else 0.0
                            down, up = excursions(min(lowest, o), max(highest, o), bought)
                            adverse, favourable = adverse + down, favourable + up
                            wins, won, lost = _scored(profit, put_in, wins, won, lost)
            if tape.pays and position != 0.0:
                received = position * tape.dividend[t]
                cash += received
                profit += received
            if t == flow_at:
                # -- what is paid in or out; the account is valued at the open
                flow_at = account.next_paid[t + 1]
                if not ruined:
                    flow = account.paid[t]
                    if flow < 0.0:
                        free = cash
                        if -flow > free * (1.0 + DUST):
                            out[0], out[1] = t, free
                            return SHORT_OF_CASH
                        flow = -min(-flow, free)
                    anchor, since = issued(anchor, since, cash + position * o, flow)
                    cash += flow

            # -- market orders at the open
            price = size = passed = 0.0
            reason = -1
            if exit_reason >= 0 and position != 0.0:
                size, price, reason = -position, o, exit_reason
                exit_reason = -1
                if position > room and reason < RUIN:
                    return VOLUME_BOUND
            elif entry_size > 0.0:
                if entry_size > room:
                    return VOLUME_BOUND
                if o > 0.0:
                    # Of the broker's two limits for an account that owns nothing else cash binds, since what
                    # is bought serves as its own collateral.
                    size = fitting(costs, whole, entry_size, 0.0, o, cash, o, v)
                    if too_little(size, entry_size, o, cash):
                        size = 0.0
                entry_size = 0.0
                if size > 0.0:
                    price, reason = o, ENTRY
            if reason == ENTRY:
                a, b, s = charge(costs, size, price, v)
                fee = a + b + s
                cash -= size * price + fee
                paid += fee
                room -= size
                position = size
                lowest = highest = bought = price
                put_in = size * price + fee
                profit = -put_in
                entry_bar = t + 1
                stop = wanted_stop if stop_row >= 0 else price * (1.0 - stop_at)
                target = wanted_target if target_row >= 0 else price * (1.0 + target_at)
                trail = price - price * trailing
                if writes:
                    _put_down(record, fills, t, price, size, fee, reason)
                fills += 1
                reason = -1

            # -- protective orders: what the open has passed, then stops from the nearest, then the target
            raised = False
            if reason < 0 and position != 0.0:
                hit_stop, hit_trail = lo <= stop, lo <= trail
                if hit_stop or hit_trail:
                    # Of two stops the higher one is met first; of two at one price the first sent. Measured
                    # as the broker does it, by the open.
                    by = o if o != 0.0 else 1.0
                    if hit_trail and (not hit_stop or trail / by > stop / by):
                        level, reason = trail, TRAILING_STOP
                    else:
                        level, reason = stop, STOP
                    price = o if o <= level else level
                    if o > level and o >= target:
                        price, reason = o, TARGET  # the open has passed the target before the stop is met
                elif h >= target:
                    price, reason = (o if o >= target else target), TARGET
                if reason >= 0:
                    size = -position
                    if position > room:
                        return VOLUME_BOUND
                else:
                    raised = True
            if reason >= 0:
                a, b, s = charge(costs, size, price, v)
                fee = a + b + s
                cash -= size * price + fee
                paid += fee
                profit -= size * price + fee
                put_in += max(size * price + fee, 0.0)  # a sale that costs more than it brings
                position = 0.0
                stop = trail = target = nan
                free_from = t + 1 + cooldown
                trades += 1.0
                bars_held += t + 1 - entry_bar
                trade_returns += profit / put_in if put_in != 0.0 else 0.0
                lowest, highest = min(lowest, price), max(highest, price)
                if price != o:  # inside the bar: what may have come before, as `analyzers.within` has it
                    if reason == TARGET:
                        lowest, passed = min(lowest, lo), -size * (price - lo)
                    else:
                        highest = max(highest, h)
                down, up = excursions(lowest, highest, bought)
                adverse, favourable = adverse + down, favourable + up
                wins, won, lost = _scored(profit, put_in, wins, won, lost)
                if writes:
                    _put_down(record, fills, t, price, size, fee, reason)
                fills += 1
            elif raised:
                higher = h - h * trailing
                if higher > trail:
                    trail = higher

            # -- the close
            held = position * c
            value = cash + held
            made, under = value, value - position * (c - lo) - passed
            if since >= 0.0:
                made, under = time_weighted(made, anchor, since), time_weighted(under, anchor, since)
            within = min(within, under * inverse_peak - 1.0)
            if position != 0.0:
                lowest, highest = min(lowest, lo), max(highest, h)
            if writes:
                record.equity[t] = value
            if daily or last[t]:
                if first_session:
                    # The money at the start is a point of its own where the first session changed it.
                    first_session = False
                    count += 1.0 if made != start else 0.0
                if prev <= NOTHING * start and count >= 0.0:
                    lived = False
                gain = made * inverse - 1.0
                over = gain - accrued_session
                accrued_session = 0.0
                count += 1.0
                if count > 0.0:
                    returns = added(returns, gain)
                if sessions == 0.0:
                    opening = over
                else:
                    excess = added(excess, over)
                    if excess.n == due:
                        returns, excess, due = centred(returns), centred(excess), 2 * due
                below = over if over < 0.0 else 0.0
                downside += below * below
                tilted += over * tilt[t]
                sessions += 1.0
                prev, inverse = made, 1.0 / made
                if abs(value) > NOTHING * start:
                    exposed += abs(held * inverse) if since < 0.0 else abs(held / value)
                if made >= near:
                    if wet:
                        longest = max(longest, float(days[t] - days[dry]))
                        wet = False
                    if made > peak:
                        peak, inverse_peak, near = made, inverse, made * (1.0 - DUST)
                    dry = t
                else:
                    wet = True
                    under = (made - peak) * inverse_peak
                    if under < depth:
                        depth = under
                if t == mark:
                    total, total_squares = in_all(excess, in_cash, opening)
                    at_mark = put_mark(out, marked, at_mark, total, total_squares)
                    mark = marked[at_mark]
            if ruined:
                settled = position == 0.0
                t += 1
                continue
            if value <= NOTHING * start:
                ruined, ruined_on = True, float(t)
                settled = position == 0.0
                entry_size = 0.0

        # -- the decision
        if position != 0.0:
            if exit_reason < 0:
                if c <= 0.0:
                    exit_reason = WIPED_OUT
                elif exits[t] > 0:
                    exit_reason = FIRST_OWN + exits[t] - 1
                elif bars[t, INDEX] > rebound if tape.bear else bars[t, INDEX] < rebound:
                    exit_reason = REBOUND
                elif max_bars > 0 and t + 1 - entry_bar + 1 >= max_bars:
                    exit_reason = LONGEST
                elif ruined:  # what the owner does himself comes before what the broker does
                    exit_reason = RUIN
                if exit_reason >= 0:
                    stop = trail = target = nan
        elif entry[t] and t + 1 >= free_from and c > 0.0 and not ruined:
            share = fraction
            distance = stop_at
            if stop_row >= 0:
                wanted_stop = signals.levels[stop_row, t]
                distance = 1.0 - wanted_stop / c
            if stop_row < 0 or distance > 0.0:
                if not math.isnan(risk):
                    share = min(share, risk / distance)
                entry_size = share * value / c
                if whole:
                    entry_size = whole_part(entry_size)
                wanted_target = signals.levels[target_row, t] if target_row >= 0 else nan
                rebound = signals.index_levels[rebound_row, t] if rebound_row >= 0 else nan
        t += 1

    if position != 0.0:
        profit += position * bars[n - 1, CLOSE]
        trades += 1.0
        bars_held += n - entry_bar
        trade_returns += profit / put_in if put_in != 0.0 else 0.0
        down, up = excursions(lowest, highest, bought)
        adverse, favourable = adverse + down, favourable + up
        wins, won, lost = _scored(profit, put_in, wins, won, lost)
    if wet:
        longest = max(longest, float(days[n - 1] - days[dry]))
    if len(record.fills):
        record.fills[0] = fills
    returns, excess = with_cash(returns, excess, in_cash)
    measure(
        Sums(
            start,
            cash + position * bars[n - 1, CLOSE],
            time_weighted(cash + position * bars[n - 1, CLOSE], anchor, since),
            lived,
            count,
            returns,
            opening,
            excess,
            downside,
            tilted,
            depth,
            within,
            longest,
            float(days[n - 1] - days[0]),
            sessions,
            exposed,
            exposed,
            exposed * tape.multiple,
            trades,
            wins,
            won,
            lost,
            trade_returns,
            bars_held,
            adverse,
            favourable,
            paid,
            interest,
        ),
        tape.market,
        out,
    )
    keep(owned)
    out[RUINED_ON] = ruined_on
    return DONE


@compiled(nogil=True, error_model="numpy")
def run_plans(
    tape: Any,
    signals: Any,
    account: Any,
    plans: Any,
    costs: Any,
    record: Any,
    out: Any,
    ended: Any,
) -> None:
    """Run many plans on the same signals, one after the other.

    Parameters
    ----------
    plans : shape (cells, PLAN_COLUMNS). costs : shape (cells, 9), `CostNumbers`.
    record : for all of them; meant for one cell, or empty.
    out : shape (cells, ROW + 2 × marks), written. ended : int64, shape (cells,), written: DONE, or why not.
    """
    for cell in range(len(plans)):
        ended[cell] = run_plan(tape, signals, account, plans[cell], costs[cell], record, out[cell])
