"""Holding periods: one day keeps the promise but for costs; longer ones by hand; the dead are not bought."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from letf_instruments import DataError, LeveragedFund, synthesize
from letf_instruments.holding import holding_periods, summarize

CLOSES = np.array([100.0, 90.0, 100.0, 110.0])
DAYS = np.datetime64("2020-01-06") + np.arange(4)


def fund_on(closes, multiple, **rates):
    """NAV of a fund on closes, one a day."""
    days = np.datetime64("2020-01-06") + np.arange(len(closes))
    return synthesize(LeveragedFund("X", multiple, **rates), days, *(closes,) * 4).close


@settings(deadline=None)  # the first example waits for the compiler
@given(
    st.lists(st.floats(-0.15, 0.15), min_size=2, max_size=60),
    st.sampled_from([-3.0, -2.0, -1.0, 0.5, 1.0, 2.0, 3.0]),
)
def test_one_session_without_costs_gives_exactly_what_was_promised(moves, multiple):
    closes = 100 * np.cumprod(np.concatenate(([1.0], 1 + np.array(moves))))
    days = np.datetime64("2020-01-06") + np.arange(len(closes))
    periods = holding_periods(days, closes, fund_on(closes, multiple), multiple, 1)
    np.testing.assert_array_equal(periods.difference, 0.0)
    assert summarize(periods).less_than_promised == 0.0


def test_a_path_by_hand():
    """Index 100, 90, 100, 110: +3x is worth 100, 70, 93.33, 121.33."""
    nav = fund_on(CLOSES, 3)
    np.testing.assert_allclose(nav, [100, 70, 280 / 3, 364 / 3])
    periods = holding_periods(DAYS, CLOSES, nav, 3, 2)
    np.testing.assert_allclose(periods.promised, [0.0, 2 / 3], atol=1e-15)
    np.testing.assert_allclose(periods.actual, [-1 / 15, 364 / 210 - 1])
    s = summarize(periods)
    assert s.quantiles[2] == pytest.approx(0.0, abs=1e-12)
    assert (s.starts, s.less_than_promised, s.promised_beyond_loss) == (2, 0.5, 0.0)
    assert (s.flat_starts, s.lost_when_flat) == (1, 1.0)
    assert s.median_when_flat == pytest.approx(-1 / 15)
    assert (s.worst_start, s.best_start) == (DAYS[0], DAYS[1])
    assert s.worst_difference == pytest.approx(-1 / 15)
    assert s.best_difference == pytest.approx(1 / 15)
    assert periods.ends.tolist() == DAYS[2:].tolist()


def test_one_session_with_a_fee_is_the_fee():
    nav = fund_on(CLOSES, 3, expense_ratio=0.0365)
    gap = holding_periods(DAYS, CLOSES, nav, 3, 1).difference
    np.testing.assert_allclose(gap, -0.0001)


def test_a_promise_below_a_total_loss_is_counted_apart():
    closes = np.array([100.0, 120.0, 144.0, 144.0])
    s = summarize(holding_periods(DAYS, closes, fund_on(closes, -3), -3, 2))
    assert s.promised_beyond_loss == 0.5  # −3 × 44 %; a fund can lose no more than it has
    assert s.less_when_possible == 0.0
    # The best is the other start, whose promise of −60 % can be kept, and is: one day of +20 %.
    assert (s.best_start, s.best_difference) == (DAYS[1], pytest.approx(0.0, abs=1e-12))


def test_without_a_promise_that_can_be_kept_there_is_no_best_start():
    closes = np.array([100.0, 120.0, 144.0])
    s = summarize(holding_periods(DAYS[:3], closes, fund_on(closes, -3), -3, 2))
    assert (s.promised_beyond_loss, s.best_start, s.best_difference) == (1.0, None, None)
    assert s.worst_difference == pytest.approx(0.4**2 - 1 + 3 * 0.44)


def test_periods_that_lie_apart_may_share_a_day():
    """Of periods of 3 days on 10 sessions, starts 0 to 6: 0, 3 and 6 touch and do not overlap."""
    days = np.datetime64("2020-01-06") + np.arange(10)
    periods = holding_periods(days, np.full(10, 100.0), np.full(10, 100.0), 3, 3)
    every = np.ones(7, dtype=bool)
    assert periods.apart(every) == 3
    assert periods.apart(~every) == 0
    assert periods.apart(np.isin(np.arange(7), [1, 3, 4, 5])) == 2
    assert (summarize(periods).apart, summarize(periods).flat_apart) == (3, 3)


@given(st.lists(st.booleans(), min_size=1, max_size=12), st.integers(1, 5))
def test_no_choice_of_periods_lies_apart_in_greater_number(chosen, horizon):
    """Against every subset, one after another."""
    n = len(chosen)
    days = np.datetime64("2020-01-06") + np.arange(n + horizon)
    closes = np.full(n + horizon, 100.0)
    periods = holding_periods(days, closes, closes, 3, horizon)
    own = np.flatnonzero(chosen)
    best = max(
        len(some)
        for size in range(len(own) + 1)
        for some in combinations(own, size)
        if all(b - a >= horizon for a, b in pairwise(some))
    )
    assert periods.apart(np.array(chosen)) == best


def test_a_dead_fund_is_not_bought():
    closes = np.array([100.0, 101.0, 140.0, 139.0, 138.0])
    days = np.datetime64("2020-01-06") + np.arange(5)
    periods = holding_periods(days, closes, fund_on(closes, -3), -3, 1)
    assert periods.starts.tolist() == days[:2].tolist()
    np.testing.assert_allclose(periods.actual, [-0.03, -1.0])


def test_what_cannot_be_is_refused():
    with pytest.raises(DataError, match="does not fit into 4"):
        holding_periods(DAYS, CLOSES, CLOSES, 3, 4)
    with pytest.raises(DataError, match="4 sessions have 4 index and 3 fund closes"):
        holding_periods(DAYS, CLOSES, CLOSES[1:], 3, 1)
    with pytest.raises(DataError, match="dead on every session"):
        holding_periods(DAYS, CLOSES, np.zeros(4), 3, 1)
