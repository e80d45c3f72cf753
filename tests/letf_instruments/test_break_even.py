"""Break-even drift against figures by hand, a search without any formula, and the ledger's own legs."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from letf_instruments import FactError, LeveragedFund, closed_form, synthesize
from letf_instruments.break_even import promise_returns, yearly_carry, zero_return


def test_the_zero_return_by_hand():
    """log(1 + x) = (b−1)/2·σ²: σ² for +3x, −2σ² for −3x."""
    assert zero_return(3, 0.5) == pytest.approx(0.2840254)
    assert zero_return(-3, 0.5) == pytest.approx(-0.3934693)
    assert zero_return(1, 0.5) == 0.0
    assert zero_return(3, 0.0, -0.06) == pytest.approx(math.exp(0.02) - 1)


@pytest.mark.parametrize("multiple", [-3, -1, 2, 3])
@pytest.mark.parametrize(("volatility", "carry"), [(0.1, -0.06), (0.3, 0.0), (0.6, -0.01)])
def test_both_against_a_search_over_a_fine_grid(multiple, volatility, carry):
    x = np.linspace(-0.95, 4.0, 400_001)
    fund = closed_form(1 + x, multiple, volatility**2) * np.exp(carry) - 1
    (crossing,) = np.flatnonzero(np.diff(np.sign(fund)))
    assert zero_return(multiple, volatility, carry) == pytest.approx(x[crossing], abs=2e-5)
    low, high = np.flatnonzero(np.diff(np.sign(fund - multiple * x)))
    lower, higher = promise_returns(multiple, volatility, carry)
    assert lower == pytest.approx(x[low], abs=2e-5)
    assert higher == pytest.approx(x[high], abs=2e-5)
    assert (fund - multiple * x)[(low + high) // 2] < 0  # less than promised in between


@given(
    st.one_of(st.floats(-5, -0.5), st.floats(1.2, 5)),
    st.floats(0.05, 0.9),
    st.floats(-0.2, 0.0),
)
def test_at_the_returns_found_the_fund_gives_exactly_the_promise(multiple, volatility, carry):
    for x in promise_returns(multiple, volatility, carry):
        fund = closed_form(1 + x, multiple, volatility**2) * math.exp(carry) - 1
        assert fund == pytest.approx(multiple * x, rel=1e-9, abs=1e-9)


def test_a_fund_that_earns_more_than_it_decays_never_gives_less():
    """−3x at 5 % volatility decays by 6·0.0025 = 1.5 % a year; 10 % of carry is more."""
    assert promise_returns(-3, 0.05, 0.10) == (None, None)
    assert promise_returns(0.5, 0.2, -0.1) == (None, None)


def test_half_the_index_gives_more_in_between():
    """Rebalancing out of what rises: (1 + x)^½·exp(σ²/8) against 1 + x/2, by a fine grid."""
    x = np.linspace(-0.95, 4.0, 400_001)
    gap = np.sqrt(1 + x) * np.exp(0.3**2 / 8) - 1 - x / 2
    low, high = np.flatnonzero(np.diff(np.sign(gap)))
    assert promise_returns(0.5, 0.3) == pytest.approx((x[low], x[high]), abs=2e-5)
    assert gap[(low + high) // 2] > 0


def test_a_multiple_of_one_has_no_break_even_against_its_index():
    with pytest.raises(FactError, match="its gap is its carry"):
        promise_returns(1, 0.3)


def test_a_year_s_carry_by_hand():
    """A bull pays 2 × (rate + spread); a bear earns 4 × the rate and gives up 3 × the spread."""
    assert yearly_carry(3, 0.036, 0.0036, 0.01) == pytest.approx(-2 * 0.0396 * 365 / 360 - 0.01)
    assert yearly_carry(-3, 0.036, 0.0036, 0.01) == pytest.approx((0.144 - 0.0108) * 365 / 360 - 0.01)
    assert yearly_carry(0.5, 0.036, 0.0, 0.0) == pytest.approx(0.018 * 365 / 360)


@pytest.mark.parametrize("multiple", [-3, -1, 0.5, 2, 3])
def test_a_year_s_carry_is_what_the_ledger_books_on_a_flat_index(multiple):
    days = np.datetime64("2021-03-02") + np.arange(366)  # the first settles on March 4, the last on it too
    ledger = synthesize(LeveragedFund("X", multiple, 0.01, 0.005), days, *(np.ones(366),) * 4, 0.03)
    booked = ledger.carry_financing + ledger.carry_cash + ledger.carry_fee
    assert yearly_carry(multiple, 0.03, 0.005, 0.01) == pytest.approx(booked.sum())
