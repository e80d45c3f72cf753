"""What the money at the start became whatever was paid in or out, and what the owner's money earned."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import brentq

from letf_instruments.payments import Payment, money_weighted, worth_of

DAY = np.datetime64("2020-01-02", "D")
amounts = st.lists(st.sampled_from([0.0, 0.0, 0.0, 500.0, -300.0, 20.0]), min_size=2, max_size=30)


def paid(bar, before, amount):
    return Payment(bar, DAY + bar, before, amount)


@given(amounts, st.integers(0, 2**32 - 1))
def test_it_is_the_chain_of_returns_between_payments(wanted, seed):
    """Each bar moves to its open, then money comes or goes, then it moves to its close."""
    rng = np.random.default_rng(seed)
    to_open, to_close = rng.uniform(-0.2, 0.25, (2, len(wanted)))
    equity, payments, money = [], [], 1_000.0
    for bar, payment in enumerate(wanted):
        money *= 1 + to_open[bar]
        if payment and money + payment > 1:  # no more is taken out than there is
            payments.append(paid(bar, money, payment))
            money += payment
        money *= 1 + to_close[bar]
        equity.append(money)
    worth = worth_of(np.array(equity), payments)
    np.testing.assert_allclose(worth, 1_000.0 * np.cumprod((1 + to_open) * (1 + to_close)), rtol=1e-9)


def test_without_payments_it_is_the_equity_itself():
    equity = np.array([1_000.0, 900.0, -5.0, 3.0])
    assert worth_of(equity, []) is equity
    late = worth_of(equity, [paid(3, 2.0, 1.0)])
    assert late[:3].tolist() == equity[:3].tolist()


def test_a_log_that_begins_late_knows_of_what_was_paid_before():
    equity = np.array([1_500.0, 3_000.0])  # 1,000 and 500 were there before its first bar, and doubled
    assert worth_of(equity, [paid(1, 1_000.0, 500.0)], first=2).tolist() == [1_000.0, 2_000.0]


def test_money_paid_out_whole_leaves_the_worth_where_it_is_until_there_is_money_again():
    # 1,000 grow to 1,100, all is taken out, 500 come back later and double.
    equity = np.array([1_000.0, 0.0, 0.0, 500.0, 1_000.0])
    worth = worth_of(equity, [paid(1, 1_100.0, -1_100.0), paid(3, 0.0, 500.0)])
    np.testing.assert_allclose(worth, [1_000.0, 1_100.0, 1_100.0, 1_100.0, 2_200.0])


def test_nothing_is_earned_back_by_paying_in_after_all_was_lost():
    equity = np.array([1_000.0, -50.0, 950.0, 1_900.0])
    worth = worth_of(equity, [paid(2, -50.0, 1_000.0)])
    assert worth.tolist() == [1_000.0, -50.0, -50.0, -50.0]


def test_a_fund_that_does_not_move_returns_nothing_to_the_last_bit():
    equity = [1_000.0]
    payments = []
    for bar in range(1, 40):
        payments.append(paid(bar, equity[-1], 333.33))
        equity.append(equity[-1] + 333.33)
    assert worth_of(np.array(equity), payments).tolist() == [1_000.0] * 40


def of_dates(dates, sums, final, start=1_000.0, first="2021-01-04", last="2023-01-04"):
    days = np.array(dates, dtype="datetime64[D]")
    return money_weighted(
        np.datetime64(first), np.datetime64(last), start, days, np.array(sums, dtype=float), final
    )


def test_the_money_weighted_return_of_the_methods():
    """1,000 twice, a year of 365 days apart, come to 1,500: −17.7124 % a period."""
    found = of_dates(["2022-01-04"], [1_000.0], 1_500.0)
    assert found == pytest.approx((np.sqrt(7) - 1) / 2 - 1, abs=1e-9)
    assert round(100 * found, 4) == -17.7124


@given(
    st.lists(st.tuples(st.integers(1, 3_000), st.floats(1.0, 5_000.0)), max_size=20),
    st.floats(10.0, 1e6),
    st.integers(200, 3_500),
)
def test_it_is_the_root_of_the_future_values(flows, final, length):
    first = np.datetime64("2010-01-04")
    kept = sorted((day, amount) for day, amount in flows if day < length)
    days = [(first + day, amount) for day, amount in kept]

    def lacks(rate):
        worth = 1_000.0 * (1 + rate) ** (length / 365)
        return worth + sum(a * (1 + rate) ** ((length - d) / 365) for d, a in kept) - final

    low, high = -1 + 1e-15, 1e9
    assume(lacks(low) < 0 < lacks(high))
    root = brentq(lacks, low, high, xtol=1e-15, rtol=1e-14, maxiter=1000)
    found = money_weighted(
        first,
        first + length,
        1_000.0,
        np.array([d for d, _ in days], dtype="datetime64[D]"),
        np.array([a for _, a in days]),
        final,
    )
    assert found == pytest.approx(root, rel=1e-6, abs=1e-6)


def test_there_is_none_without_time_and_all_is_lost_at_minus_one():
    assert of_dates([], [], 1_500.0, last="2021-01-04") is None
    assert of_dates(["2022-01-04"], [500.0], 0.0) == -1.0
    assert of_dates(["2022-01-04"], [-500.0], 0.0) is None


@pytest.mark.filterwarnings("error")
def test_sums_of_any_size_are_weighed_without_a_warning():
    """A first cent, then a thousand million of millions a month, of which a tenth is lost at the end."""
    days = np.arange("1999-02", "2004-01", dtype="datetime64[M]").astype("datetime64[D]")
    dates, final = [str(day) for day in days], 0.9 * 1e15 * len(days)
    found = of_dates(dates, [1e15] * len(days), final, start=0.01, first="1999-01-04", last="2003-12-31")
    left = (np.datetime64("2003-12-31") - days).astype(int) / 365
    assert found == pytest.approx(brentq(lambda r: (1e15 * (1 + r) ** left).sum() - final, -0.9, 1.0))
