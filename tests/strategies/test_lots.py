"""What a plan of lots decides from notes it keeps is what it decides from all its lots."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from strategies.account_orders import ORDER_NUMBERS, Account
from strategies.lots import (
    AVERAGE_STOP,
    AVERAGE_TARGET,
    BEGUN,
    FATES,
    FIRST_ABOVE,
    LEAVE_ALL,
    LOTS,
    MORE,
    NOTES,
    PER_BAR,
    ROW,
    SIZE,
    LotCarrier,
)
from strategies.plans.lot_plan import MOST_LOTS

ORDERS = MOST_LOTS + MORE
FRACTIONS = st.sampled_from([math.nan, 0.01, 0.05])


@st.composite
def numbers(draw):
    """Those of a plan that sizes its lots by their own money and fills at the open."""
    out = np.zeros(FATES + 3)
    out[LOTS], out[PER_BAR] = draw(st.integers(1, 4)), draw(st.integers(1, 2))
    out[SIZE], out[LEAVE_ALL] = 1.0, draw(st.booleans())
    out[AVERAGE_TARGET], out[AVERAGE_STOP] = draw(FRACTIONS), draw(FRACTIONS)
    out[FATES:] = draw(FRACTIONS), draw(FRACTIONS), draw(st.sampled_from([math.nan, 3.0]))
    return out


BARS = st.lists(
    st.tuples(
        st.sampled_from([0.97, 0.999, 1.0, 1.0, 1.001, 1.03]),  # the close over that before
        st.sampled_from([False, False, True]),  # an entry
        st.sampled_from([0.0, 0.0, 0.0, 1.0]),  # an exit
        st.sampled_from([True, True, False]),  # whether the bar filled what waited
    ),
    min_size=10,
    max_size=40,
)


@given(numbers(), BARS)
@settings(max_examples=300, deadline=None)
def test_a_bar_on_which_nothing_is_due_is_told_without_looking_at_each_lot(plan, bars):
    noted, looked = np.zeros(ROW * MOST_LOTS + NOTES), np.zeros(ROW * MOST_LOTS + NOTES)
    end = ROW * int(plan[LOTS])
    price, cash, size, cost = 100.0, 10_000.0, 0.0, 0.0
    waiting = np.empty((0, ORDER_NUMBERS))
    for bar, (move, enters, leaves, fills) in enumerate(bars):
        price *= move
        filled = []
        for _, shares, money, _, reason, lot in waiting if fills else ():
            shares = money / price if money > 0.0 else shares
            filled.append((lot, shares, price, reason))
            cost = cost + shares * price if shares > 0.0 else cost * (1.0 + shares / size)
            cash, size = cash - shares * price, size + shares
            if size < 1e-9:
                size = cost = 0.0
        rows = np.array(filled).reshape(-1, 4)
        average = cost / size if size > 0.0 else 0.0
        account = Account(cash, cash + size * price, size, average, price, math.nan, 0.0, 0.0, 10_000.0, rows)
        sheets = np.zeros((ORDERS, ORDER_NUMBERS)), np.zeros((ORDERS, ORDER_NUMBERS))
        # A price above which a lot is due that is below all prices: it has to look at each.
        if looked[end + BEGUN]:
            looked[end + FIRST_ABOVE] = -math.inf
        given_ = [
            LotCarrier.write_orders(bar, account, float(enters), leaves, 0.0, plan, memory, sheet)
            for memory, sheet in zip((noted, looked), sheets, strict=True)
        ]
        assert given_[0] == given_[1]
        waiting = sheets[0][: given_[0]].copy()
        np.testing.assert_array_equal(waiting, sheets[1][: given_[1]])
