"""What is paid a share, recovered from adjusted closes that the vendors' recipe makes of known dividends."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.dividends import from_adjusted, from_yield


def adjusted_by_vendor(close, paid):
    """The vendors' recipe: every close before an ex-date times 1 − D / the close of the day before."""
    adj = close.copy()
    for t in range(1, len(close)):
        if paid[t]:
            adj[:t] *= 1.0 - paid[t] / close[t - 1]
    return adj


def test_two_dividends_by_hand():
    close = np.array([100.0, 98.0, 99.0, 99.0, 50.0])
    # 2 on the second day (100 → 98), 0.99 on the fourth (1 % of 99).
    adj = np.array([100.0 * 0.98 * 0.99, 98.0 * 0.99, 99.0 * 0.99, 99.0, 50.0])
    np.testing.assert_allclose(from_adjusted(close, adj), [0.0, 2.0, 0.0, 0.99, 0.0], atol=1e-12)


@given(
    seed=st.integers(0, 10**6),
    digits=st.sampled_from([None, 6, 4, 2]),
    price=st.sampled_from([20.0, 300.0]),
)
def test_dividends_come_back_to_what_rounding_leaves_and_nothing_is_paid_on_other_days(seed, digits, price):
    rng = np.random.default_rng(seed)
    n = 500
    close = np.round(price * np.exp(np.cumsum(0.02 * rng.standard_normal(n))), 2)
    paid = np.zeros(n)
    paid[[60, 120, 180, 240, 400]] = close[[59, 119, 179, 239, 399]] * 0.01
    adj = adjusted_by_vendor(close, paid)
    unit = 0.0
    if digits is not None:
        adj, unit = np.round(adj, digits), 10.0**-digits
    found = from_adjusted(close, adj)
    assert np.flatnonzero(found).tolist() == np.flatnonzero(paid).tolist()
    assert np.abs(found - paid).max() <= 3 * (unit + 1e-6 * price)


def test_a_ratio_that_falls_is_money_paid_in():
    close = np.full(3, 10.0)
    assert from_adjusted(close, np.array([10.0, 9.0, 9.0])).tolist() == pytest.approx([0.0, -10 / 9, 0.0])


def test_a_yield_put_back_makes_the_index_grow_by_it_on_calendar_days():
    days = np.array(["2020-01-03", "2020-01-06", "2020-01-07"], dtype="datetime64[D]")  # Fri, Mon, Tue
    close = np.array([100.0, 101.0, 99.0])
    paid = from_yield(days, close, np.full(3, 0.0365))
    assert paid[0] == 0.0
    assert (close[1:] / (close[:-1] - paid[1:])).tolist() == pytest.approx(
        [1.01 * (1 + 0.0003), 99 / 101 * (1 + 0.0001)]
    )
