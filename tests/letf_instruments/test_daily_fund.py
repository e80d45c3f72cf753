"""One fund on many indexes: the same bars, to the last bit, as the ledger that is built for one of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from letf_instruments import DataError, LeveragedFund, known_fund, synthesize
from letf_instruments.daily_fund import DailyFund


def index_bars(seed, n, size):
    rng = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(size * rng.standard_normal(n)))
    open_ = close * np.exp(size * rng.standard_normal(n))
    high = np.maximum(open_, close) * np.exp(size * rng.exponential(size=n))
    low = np.minimum(open_, close) * np.exp(-size * rng.exponential(size=n))
    days = np.busday_offset(np.datetime64("2009-03-02"), np.cumsum(rng.integers(1, 3, n)), roll="forward")
    return days, np.array([open_, high, low, close]), 0.05 * rng.random(n)


@given(
    st.sampled_from(["SOXL", "SOXS", "UPRO", "1X", "bare"]),
    st.integers(0, 10**6),
    st.integers(2, 60),
    st.sampled_from([0.001, 0.02, 0.2]),
)
def test_its_bars_are_those_of_the_ledger(name, seed, n, size):
    fund = LeveragedFund("half", 0.5) if name == "bare" else known_fund(name)
    days, index, rate = index_bars(seed, n, size)
    made = DailyFund(fund, days, 50.0)
    ledger = synthesize(fund, days, *index, rate, 50.0)
    for _ in range(2):  # and again, as nothing is left of the time before
        found = made.prices(index, rate)
        for row, column in zip(found, (ledger.open, ledger.high, ledger.low, ledger.close), strict=True):
            np.testing.assert_array_equal(row, column)


@pytest.mark.parametrize("scale", [2.0**-12, 2.0**20])  # which no return depends on, nor any rounding
def test_it_does_not_matter_how_an_index_is_quoted(scale):
    days, index, rate = index_bars(5, 60, 0.02)
    fund = DailyFund(known_fund("SOXL"), days)
    np.testing.assert_array_equal(fund.prices(index * scale, rate).copy(), fund.prices(index, rate))


def test_some_of_those_indexes_wipe_a_fund_out():
    days, index, rate = index_bars(3, 60, 0.2)
    close = DailyFund(known_fund("SOXS"), days).prices(index, rate)[3]
    assert (close == 0.0).any()
    assert (close[np.argmax(close == 0.0) :] == 0.0).all()


def test_a_price_that_is_none_is_named_with_its_day():
    days, index, rate = index_bars(1, 10, 0.02)
    index[2, 4] = 0.0
    with pytest.raises(DataError, match=f"no price above 0 on {days[4]}"):
        DailyFund(known_fund("SOXL"), days).prices(index, rate)
    with pytest.raises(DataError, match="at least 2 index bars, got 1"):
        DailyFund(known_fund("SOXL"), days[:1])
