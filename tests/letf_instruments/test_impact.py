"""The funds' trade moves the close that it is made at: where that ends, and where it does not."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from letf_instruments import SpecError, known_fund
from letf_instruments.impact import CAP, LAWS, Impact, pushed, settle

FUNDS = (known_fund("SOXL"), known_fund("SOXS"))


@given(
    own=st.floats(-0.15, 0.15),
    per_unit=st.floats(0.0, 3e10),
    sigma=st.floats(0.005, 0.05),
    size=st.floats(0.0, 1.5),
)
def test_the_square_root_law_s_fixed_point_is_that_of_its_quadratic(own, per_unit, sigma, size):
    """With a = Y·σ·√(ΣbbA/V) and s = √|r|: s² − a·s − |u| = 0."""
    impact = Impact("sqrt", 50e9, size)
    found = settle(impact, own, per_unit, sigma)
    if own == 0.0:
        assert found.moved == 0.0
        return
    a = size * sigma * math.sqrt(per_unit / 50e9)
    root = (a + math.sqrt(a * a + 4.0 * abs(own))) / 2.0
    assert found.ended
    assert found.moved == pytest.approx(math.copysign(root * root, own), rel=1e-9, abs=1e-11)


@given(own=st.floats(-0.1, 0.1), strength=st.floats(0.0, 0.9))
def test_the_linear_law_is_a_geometric_series_while_it_has_an_end(own, strength):
    """r = u/(1 − λ), λ = Y·σ·ΣbbA/V."""
    impact = Impact("linear", 1e10, 1.0, cap=0.9)
    found = settle(impact, own, strength * 1e10 / 0.02, 0.02)
    if abs(strength * own / (1 - strength)) < 0.89:
        assert found.ended
        assert found.moved == pytest.approx(own / (1.0 - strength), rel=1e-8, abs=1e-10)


@given(strength=st.floats(1.0, 5.0), own=st.floats(0.001, 0.1), sign=st.sampled_from((-1, 1)))
def test_beyond_that_each_round_is_larger_and_the_cap_ends_it_and_says_so(strength, own, sign):
    impact = Impact("linear", 1e10)
    found = settle(impact, sign * own, strength * 1e10 / 0.02, 0.02)
    assert not found.ended
    assert found.moved == pytest.approx(sign * (own + CAP))


@given(law=st.sampled_from(sorted(LAWS)), own=st.floats(-0.1, 0.1), sigma=st.floats(0.01, 0.04))
def test_what_comes_out_solves_the_equation(law, own, sigma):
    impact = Impact(law, 50e9)
    found = settle(impact, own, 70e9 * 0.3, sigma)
    if found.ended:
        assert found.moved == pytest.approx(own + impact.push(70e9 * 0.3 * found.moved, sigma), abs=1e-10)
    assert abs(found.moved) >= abs(own)
    assert found.moved * own >= 0.0


def test_by_hand():
    """A day of +5 %, SOXL with 10 bn and SOXS with 1 bn: 6·10 + 12·1 = 72 bn for a return of 1, 3.6 bn at
    5 %. At 50 bn traded, σ 2.5 %: the first push is 2.5 % · √(3.6/50) = 0.6708 %, the end 5.717 %."""
    impact = Impact("sqrt", 50e9)
    assert impact.push(3.6e9, 0.025) == pytest.approx(0.006708, abs=1e-6)
    found = pushed(impact, np.array([0.05, 0.0]), np.full(2, 0.025), FUNDS, (10e9, 1e9))
    a = 0.025 * math.sqrt(72 / 50)
    assert found.returns[0] == pytest.approx(((a + math.sqrt(a * a + 0.2)) / 2) ** 2)
    assert found.returns[0] == pytest.approx(0.05717, abs=1e-4)
    assert found.trade[0] == pytest.approx(72e9 * found.returns[0])
    assert found.returns[1] == 0.0  # no move of its own, no trade
    assert found.assets == (
        pytest.approx(10e9 * (1 + 3 * found.returns[0])),
        pytest.approx(1e9 * (1 - 3 * found.returns[0])),
    )


def test_without_funds_or_size_nothing_moves():
    own = 0.02 * np.random.default_rng(1).standard_normal(100)
    sigma = np.full(100, 0.02)
    still = pushed(Impact("sqrt", 50e9), own, sigma, FUNDS, (0.0, 0.0))
    np.testing.assert_array_equal(still.returns, own)
    np.testing.assert_array_equal(
        pushed(Impact("sqrt", 5e9, 0.0), own, sigma, FUNDS, (1e9, 1e9)).returns, own
    )


def test_a_bear_that_is_wiped_out_trades_once_more_and_then_no_more():
    found = pushed(Impact("sqrt", 1e12), np.array([0.35, 0.01]), np.full(2, 0.02), FUNDS, (0.0, 1e9))
    assert found.trade[0] == pytest.approx(12e9 * found.returns[0])
    assert found.assets == (0.0, 0.0)
    assert found.trade[1] == 0.0
    assert found.returns[1] == 0.01


def test_what_cannot_be_is_refused():
    for make, says in (
        (lambda: Impact("cubic", 1e9), "impact is 'cubic'; known are sqrt, almgren, linear, or none"),
        (lambda: Impact("sqrt", 0.0), "impact's traded is 0; it must be from 1 to 1e"),
        (lambda: Impact("sqrt", 1e9, -1.0), "impact's size is -1"),
        (lambda: Impact("sqrt", 1e9, 1.0, 2.0), "impact's cap is 2"),
        (lambda: Impact("sqrt", math.nan), "impact's traded is nan"),
    ):
        with pytest.raises(SpecError, match=says):
            make()
