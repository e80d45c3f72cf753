"""What the money at the start became, whatever was paid in or out: against returns multiplied one by one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analyzers.worth import worth_of

payments = st.lists(st.sampled_from([0.0, 0.0, 0.0, 500.0, -300.0, 20.0]), min_size=2, max_size=30)


@given(payments, st.integers(0, 2**32 - 1))
def test_it_is_the_chain_of_returns_between_payments(wanted, seed):
    returns = np.random.default_rng(seed).uniform(-0.2, 0.25, len(wanted))
    equity, paid, money = [], [], 1_000.0
    for made, payment in zip(returns, wanted, strict=True):
        money *= 1 + made
        paid.append(payment if money + payment > 1 else 0.0)  # no more is taken out than there is
        money += paid[-1]
        equity.append(money)
    worth = worth_of(np.array(equity), np.cumsum(paid))
    np.testing.assert_allclose(worth, 1_000.0 * np.cumprod(1 + returns), rtol=1e-9)


def test_without_payments_it_is_the_equity_itself():
    equity = np.array([1_000.0, 900.0, -5.0, 3.0])
    assert worth_of(equity, np.zeros(4)) is equity
    late = worth_of(equity, np.array([0.0, 0.0, 0.0, 1.0]))
    assert late[:3].tolist() == equity[:3].tolist()


def test_money_paid_out_whole_leaves_the_worth_where_it_is_until_there_is_money_again():
    # 1,000 grow to 1,100, all is taken out, 500 come back later and double.
    equity = np.array([1_000.0, 0.0, 0.0, 500.0, 1_000.0])
    paid = np.array([0.0, -1_100.0, -1_100.0, -600.0, -600.0])
    np.testing.assert_allclose(worth_of(equity, paid), [1_000.0, 1_100.0, 1_100.0, 1_100.0, 2_200.0])


def test_nothing_is_earned_back_by_paying_in_after_all_was_lost():
    equity = np.array([1_000.0, -50.0, 950.0, 1_900.0])
    worth = worth_of(equity, np.array([0.0, 0.0, 1_000.0, 1_000.0]))
    assert worth.tolist() == [1_000.0, -50.0, -50.0, -50.0]
