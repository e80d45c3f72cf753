"""Orders of a step, compiled: an `AccountRule` as `strategies.AccountStrategy` and the broker do it.

Every step is the broker's own, in its order: interest; a split; a dividend; the waiting orders as the bar
meets them (`engine.urgency`); ruin; the step and what it trades on the close at hand; the value. One
instrument, never short. docs/fills.md states the rules, and property tests hold the two engines to each
other.

The step itself is a compiled function of a fixed signature (`step_adapter`), so that this loop is compiled
once for all rules.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.kernel.arithmetic import costs_of, dust, fitting, too_little, total, towards_zero, whole_part
from engine.kernel.curve import accrue, begin, close_session, mark_close, sums_of
from engine.kernel.figures import RUINED_ON
from engine.kernel.measures import IN_CASH, leave_out_averages, measure
from engine.kernel.positions import FLAT as OVER
from engine.kernel.positions import (
    INITIAL_SHORT,
    LAST,
    PEAK,
    POSITION_ROWS,
    SINCE,
    SIZE,
    TALLY,
    TRADE,
    book,
    closing,
    end_all,
    meet,
    meet_all,
    receive,
    split,
)
from engine.kernel.tape import (
    ACCRUED,
    CLOSE,
    DONE,
    HIGH,
    IDLE,
    IN_DEBT,
    LOW,
    OPEN,
    SHORT_OF_CASH,
    VOLUME,
    VOLUME_BOUND,
)
from engine.kernel.views import borrowed, keep, pointer
from engine.kernel.waiting import (
    AMOUNT,
    FILL,
    FILL_COLUMNS,
    KIND,
    LOT,
    MONEY,
    ORDER_COLUMNS,
    PRICE,
    REASON,
    left_waiting,
    met,
    taken_up,
)
from letf_instruments.compiled import compiled
from letf_instruments.payments import issued, time_weighted
from letf_instruments.sizes import DUST, NOTHING
from strategies.account_orders import ACCOUNT_NUMBERS, ORDER_NUMBERS
from strategies.account_orders import CLOSE as AT_CLOSE
from strategies.account_orders import LIMIT as AT_LIMIT
from strategies.account_orders import OPEN as AT_OPEN

# What a fill was for; a rule's own reasons are FIRST_REASON + their position.
RUIN, CASH_IN_LIEU = range(2)
FIRST_REASON = 2
REASONS = ("ruin", "cash in lieu")
WRONG_ORDER = 2  # how a cell ended: its step gave what is no order
CASH, EQUITY, HELD, AVERAGE, NEWEST, LAST_PRICE, LAST_SIZE, DEPOSITED, PUT_IN = range(ACCOUNT_NUMBERS)


@compiled(nogil=True, error_model="numpy")
def run_steps(
    step: Any,
    tape: Any,
    factor: Any,
    initial: float,
    arrays: Any,
    terms: Any,
    memory_size: int,
    lots: int,
    most: int,
    numbers: Any,
    cost_row: Any,
    record: Any,
    out: Any,
) -> int:
    """Run one plan over n bars; writes `MEASURES` into `out` and returns how it ended; after WRONG_ORDER the
    bar and what was wrong (`strategies.account_orders.WRONG`) are all that is in it.

    Parameters
    ----------
    step : the rule's (`step_adapter`). factor : price as traded over that of the arrays, shape (n,).
    initial : margin that opening a position asks, a fraction of its value. lots, most : how many lots there
        are at a time, and orders on a bar.
    numbers : of the rule and its plan, shape (k,).
    """
    costs = costs_of(cost_row)
    tape, factor, arrays, terms = borrowed(tape), borrowed(factor), borrowed(arrays), borrowed(terms)
    numbers, record, out = borrowed(numbers), borrowed(record), borrowed(out)
    bars, days, last = tape.bars, tape.days, tape.last
    n = len(bars)
    start, whole = terms.cash, terms.whole_shares
    bounded = costs.max_participation < 1.0
    uses_volume = bounded or costs.impact_bps > 0.0
    writes = len(record.equity) > 0

    owned = (
        np.zeros((POSITION_ROWS, lots + 1)),
        np.zeros(TALLY),
        np.zeros(memory_size),
        np.zeros(ACCOUNT_NUMBERS),
        np.zeros((most, ORDER_COLUMNS)),
        np.zeros((2 * most + 2, FILL_COLUMNS)),
        np.zeros(lots + 1),
        np.zeros(most, dtype=np.int64),
        np.zeros(IN_CASH),
    )
    p, tally, memory, account, orders, filled, meets, order, in_cash = borrowed(owned)
    p[SINCE] = -1.0
    p[INITIAL_SHORT] = 1.0  # of each lot; `meets` is the first bar of which its trade meets something
    columns = 1  # that have been used
    lowest, highest = math.inf, -math.inf  # prices since the last fill or split, which all lots have met
    fills = 0  # since the last decision
    waiting = 0
    position = average = 0.0
    last_price, last_size = math.nan, 0.0
    cash = start
    paid = interest = 0.0
    ruined = settled = shifted = closing_out = ends = False
    curve = begin(start, float(days[0]))
    within = exposed = times = 0.0
    value, nothing = start, NOTHING * start
    ruined_on = float(n)
    flow_at = terms.next_paid[0]  # the next bar on which something is paid in or out
    anchor, since = 0.0, -1.0
    marked, at_mark = terms.marks, 0  # the next bar at whose close sums are written
    put_in, deposited = start, 0.0  # so far, and since the last decision

    for t in range(n):
        o, h, lo, c = bars[t, OPEN], bars[t, HIGH], bars[t, LOW], bars[t, CLOSE]
        v = bars[t, VOLUME] if uses_volume and bars[t, VOLUME] > 0.0 else 0.0
        room = costs.max_participation * v if bounded and v > 0.0 else math.inf
        left = 0.0  # what was left or taken within the bar was worth more than at its low
        scale = factor[t]
        traded = False
        # -- before the open: interest, a split, a dividend
        if not (ruined and settled):
            earned = cash * bars[t, IDLE]
            cash += earned
            interest += earned
        if tape.has_splits and tape.split[t] != 1.0:
            ratio = tape.split[t]
            lowest, highest = meet_all(p, columns, lowest, highest)
            traded = True
            for i in range(columns):
                split(p, i, ratio)
            position *= ratio
            average /= ratio
            kept = 0
            for i in range(waiting):
                orders[i, AMOUNT] *= ratio
                orders[i, PRICE] /= ratio
                if whole and orders[i, MONEY] == 0.0:
                    orders[i, AMOUNT] = whole_part(orders[i, AMOUNT])
                    if orders[i, AMOUNT] == 0.0:
                        continue
                for j in range(ORDER_NUMBERS):
                    orders[kept, j] = orders[i, j]
                kept += 1
            waiting = kept
            if whole and position != 0.0:
                rest = position - whole_part(position)
                if abs(rest) > dust(position):
                    cash += rest * o
                    # The same part of each lot, as `analyzers.TradeLog` has it.
                    in_lots = 0.0
                    for i in range(columns):
                        in_lots += p[TRADE, i]
                    for i in range(columns):
                        if p[SINCE, i] >= 0.0:
                            book(p, tally, i, t, -rest * (p[TRADE, i] / in_lots), o, 0.0)
                            if p[SINCE, i] < 0.0:
                                p[SIZE, i] = 0.0
                    if writes:
                        _put_down(record, t, o, -rest, 0.0, CASH_IN_LIEU)
                    last_price, last_size = o / scale, -rest * scale
                    # There is room for those of a decision and of a bar. Of a fund that is worth nothing more
                    # splits may come before anything is decided again.
                    if fills < len(filled):
                        filled[fills, 0], filled[fills, 1] = -1.0, last_size
                        filled[fills, 2], filled[fills, 3] = last_price, -1.0
                        fills += 1
                position = whole_part(position)
                if columns == 1 and p[SINCE, 0] >= 0.0:
                    p[SIZE, 0] = position
        if tape.pays and position != 0.0:
            cash += position * tape.dividend[t]
            for i in range(columns):
                receive(p, i, tape.dividend[t])
        if t == flow_at:
            # -- what is paid in or out; the account is valued at the open
            flow_at = terms.next_paid[t + 1]
            if not ruined:
                flow = terms.paid[t]
                if flow < 0.0:
                    free = cash
                    if -flow > free * (1.0 + DUST):
                        out[0], out[1] = t, free
                        return SHORT_OF_CASH
                    flow = -min(-flow, free)
                anchor, since = issued(anchor, since, cash + position * o, flow)
                cash += flow
                put_in += flow
                deposited += flow

        # -- the orders that wait, then those of the close at hand
        if closing_out:
            waiting = 0
            if position != 0.0:
                orders[0, KIND], orders[0, AMOUNT], orders[0, MONEY] = AT_OPEN, -position, 0.0
                orders[0, PRICE], orders[0, REASON], orders[0, LOT] = math.nan, RUIN - FIRST_REASON, -1.0
                waiting = 1
            closing_out = False
        count = met(orders, waiting, order, o, h, lo, c)
        for part in range(2):
            if part == 1:
                # -- the decision, from the account after the close
                value = cash + position * c
                waiting = 0
                ends = not ruined and value <= nothing
                if ruined or ends or c <= 0.0:
                    break
                account[CASH], account[EQUITY] = cash, value
                cost = average if position != 0.0 else 0.0
                account[HELD], account[AVERAGE], account[NEWEST] = position, cost, c
                if scale != 1.0:
                    account[HELD], account[AVERAGE] = position * scale, cost / scale
                    account[NEWEST] = c / scale
                account[LAST_PRICE], account[LAST_SIZE] = last_price, last_size
                account[DEPOSITED], account[PUT_IN] = deposited, put_in
                deposited = 0.0
                given = step(
                    t,
                    pointer(account),
                    pointer(filled),
                    fills,
                    pointer(arrays),
                    n,
                    pointer(numbers),
                    pointer(memory),
                    pointer(orders),
                )
                fills = 0
                if given < 0:
                    out[0], out[1] = t, -given
                    return WRONG_ORDER
                count = taken_up(orders, given, order, position, scale, c)
            for place in range(count):
                i = order[place]
                price = orders[i, FILL]
                asked = orders[i, AMOUNT]
                if orders[i, MONEY] != 0.0:
                    size = abs(orders[i, MONEY]) / price if price > 0.0 else 0.0
                    size = whole_part(size) if whole else size
                    if size == 0.0:
                        continue
                    asked = size if orders[i, MONEY] > 0.0 else -size
                if asked < 0.0:
                    asked = closing(asked, position)
                    if asked == 0.0:
                        continue
                if abs(asked) > room and orders[i, REASON] >= 0.0:
                    return VOLUME_BOUND
                if asked < 0.0:
                    size = asked
                    if abs(position + asked) <= DUST * abs(position):
                        size = -position
                    elif -asked <= DUST * position:
                        continue
                    elif whole:
                        size = towards_zero(asked)
                else:
                    # Where next to nothing is left, as once all parts are in, none of it is filled.
                    if price <= 0.0 or cash <= 0.5 * DUST * asked * price:
                        continue
                    equity = cash + position * price
                    money = equity - initial * price * abs(position)
                    size = fitting(costs, whole, asked, 0.0, price, money, initial * price, v)
                    size = fitting(costs, whole, size, 0.0, price, cash, price, v)
                    if too_little(size, asked, price, equity):
                        size = 0.0
                if size == 0.0:
                    continue
                if not traded:
                    lowest, highest = meet_all(p, columns, lowest, highest)
                    traded = True
                fee = total(costs, size, price, v)
                cash -= size * price + fee
                paid += fee
                room -= abs(size)
                if size > 0.0:
                    mean = (average * position + size * price) / (position + size)
                    average = price if position == 0.0 or abs(mean - price) <= DUST * price else mean
                position = 0.0 if size == -position else position + size
                if orders[i, REASON] < 0.0 and columns > 1:
                    # What the broker sells of a ruined account are its lots, each by itself.
                    for i_lot in range(columns):
                        if p[SINCE, i_lot] >= 0.0:
                            one = -p[TRADE, i_lot]
                            book(p, tally, i_lot, t, one, price, fee * (one / size))
                            p[SIZE, i_lot] = 0.0
                else:
                    at_the_close = part == 1 or orders[i, KIND] == AT_CLOSE
                    i_lot = int(orders[i, LOT]) + 1
                    columns = max(columns, i_lot + 1)
                    opens = p[SINCE, i_lot] < 0.0
                    if size < 0.0:
                        adverse = at_the_close or (price != o and orders[i, KIND] == AT_LIMIT)
                        favourable = at_the_close or (price != o and orders[i, KIND] != AT_LIMIT)
                        if adverse:
                            left -= size * (price - lo)
                        if abs(p[TRADE, i_lot] + size) <= OVER * abs(p[PEAK, i_lot]):
                            meet(p, i_lot, lo if adverse else math.inf, h if favourable else -math.inf)
                    elif at_the_close:
                        left -= size * (price - lo)
                    book(p, tally, i_lot, t, size, price, fee)
                    if opens:
                        meets[i_lot] = t + 1 if at_the_close else t
                    if p[SINCE, i_lot] < 0.0:
                        p[SIZE, i_lot] = 0.0
                    shifted = shifted or 0.0 <= p[SINCE, i_lot] < t
                reason = FIRST_REASON + int(orders[i, REASON])
                if writes:
                    _put_down(record, t, price, size, fee, reason)
                last_price, last_size = price / scale, size * scale
                filled[fills, 0], filled[fills, 1] = orders[i, LOT], last_size
                filled[fills, 2], filled[fills, 3] = last_price, orders[i, REASON]
                fills += 1
            if part == 1:
                waiting = left_waiting(orders, given)

        # -- the close, after all that was traded on it
        value = cash + position * c
        # A sale cost more than it brought: of a debt this loop knows neither rate nor margin, which matter
        # unless ruin is next. (That cash earns nothing, after its spread, does not say that a debt is free.)
        # A ruin by what is sold on this very close is seen at the next: until then its debt bears interest.
        if cash < 0.0 and not ruined and (position != 0.0 or not ends):
            bears = t + 1 < n and (bars[t + 1, ACCRUED] != 0.0 or terms.debt_spread > 0.0)
            if bears or value > nothing:
                return IN_DEBT
        worth = position * c
        left += position * (c - lo)
        if traded:
            for i in range(columns):
                if p[SINCE, i] >= 0.0 and t >= meets[i]:
                    meet(p, i, lo, h)
        else:
            lowest, highest = min(lowest, lo), max(highest, h)
        if writes:
            record.equity[t] = value
        made, under = value, value - left
        if since >= 0.0:
            made, under = time_weighted(made, anchor, since), time_weighted(under, anchor, since)
        curve = accrue(curve, bars[t, ACCRUED])
        within = min(within, under / curve.peak - 1.0)
        if last[t]:
            curve = close_session(curve, made, tape.tilt[t], float(days[t]))
            if t == marked[at_mark]:
                at_mark = mark_close(curve, in_cash, out, marked, at_mark)
            if abs(value) > nothing:
                exposed += abs(worth / value)
                times += worth * tape.multiple / abs(value)
        if ruined:
            settled = settled or position == 0.0
        elif ends:
            ruined, settled, waiting = True, position == 0.0, 0
            ruined_on = float(t)
            closing_out = position != 0.0

    meet_all(p, columns, lowest, highest)
    p[LAST] = bars[n - 1, CLOSE]
    end_all(p, tally, n - 1)
    sums = sums_of(curve, in_cash, start, value, within, days, exposed, exposed, times, tally, paid, interest)
    keep(owned)
    measure(sums, tape.market, out)
    if shifted:
        leave_out_averages(out)
    out[RUINED_ON] = ruined_on
    return DONE


@compiled(nogil=True, error_model="numpy")
def run_step_plans(
    step: Any,
    tape: Any,
    factor: Any,
    initial: float,
    arrays: Any,
    terms: Any,
    memory_size: int,
    lots: int,
    most: int,
    rows: Any,
    costs: Any,
    record: Any,
    out: Any,
    ended: Any,
) -> int:
    """Run many plans with the same step, one after the other, until one whose step gives what is no order;
    returns how many could be run.

    Parameters
    ----------
    rows : numbers of the rule and its plan, shape (cells, k). costs : shape (cells, 9), `CostNumbers`.
    record : for all of them; meant for one cell, or empty.
    out : shape (cells, ROW + 2 × marks), written. ended : int64, shape (cells,), written: DONE, or why not.
    """
    for cell in range(len(rows)):
        ended[cell] = run_steps(
            step,
            tape,
            factor,
            initial,
            arrays,
            terms,
            memory_size,
            lots,
            most,
            rows[cell],
            costs[cell],
            record,
            out[cell],
        )
        if ended[cell] == WRONG_ORDER:
            return cell
    return len(rows)


@compiled(nogil=True, error_model="numpy")
def _put_down(record: Any, t: int, price: float, size: float, costs: float, reason: int) -> None:
    at = record.fills[0]
    if at >= len(record.bar):  # fills are not wanted
        return
    record.fills[0] = at + 1
    record.bar[at], record.price[at] = t, price
    record.size[at], record.costs[at], record.reason[at] = size, costs, reason
