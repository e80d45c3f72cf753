"""Contracts for difference: margin, financing and the price of the close-out, by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letf_instruments import CfdTerms, SpecError, price_at_equity, share_of_move


def test_margin_is_a_share_of_the_notional_at_entry_whatever_the_side():
    terms = CfdTerms(margin_rate=0.2, stop_out=0.5)
    assert terms.margin([10, -5], [100, 40]) == pytest.approx(240)  # .2 of 1,000 and of 200
    assert terms.floor([10, -5], [100, 40]) == pytest.approx(120)
    assert terms.margin([], []) == 0


def test_leverage_multiplies_with_that_of_a_fund():
    assert CfdTerms(margin_rate=0.2).leverage == pytest.approx(5)
    assert CfdTerms(margin_rate=0.2).multiple(3) == pytest.approx(15)
    assert CfdTerms(margin_rate=0.2).multiple(-3) == pytest.approx(-15)


@pytest.mark.parametrize(
    ("notional", "rate", "days", "paid"),
    [
        (10_000, 0.02, 3, 3.75),  # Friday to Monday at 4.5 %
        (10_000, 0.02, 1, 1.25),
        (-10_000, 0.05, 3, -2.083333),  # receives 2.5 %
        (-10_000, 0.02, 3, 0.416667),  # the rate does not cover the spread: it pays half a percent
        (10_000, -0.005, 3, 1.666667),
        (-10_000, -0.005, 3, 2.5),
        (0, 0.05, 3, 0),
    ],
)
def test_financing_is_the_short_rate_and_a_spread_against_the_holder(notional, rate, days, paid):
    assert CfdTerms(financing_spread=0.025).financing([notional], rate, days) == pytest.approx(paid, abs=1e-6)


def test_a_long_and_a_short_are_financed_each_on_its_own():
    # 2.5 % of 20,000 for a day; the rate itself cancels.
    assert CfdTerms().financing([10_000, -10_000], 0.05, 1) == pytest.approx(20_000 * 0.025 / 360)


@pytest.mark.parametrize(
    ("size", "equity", "price"),
    [
        (1, 20, 90),  # all equity is margin at 5x: half of it, a tenth of the price, may be lost
        (-1, 20, 110),
        (1, 40, 70),  # twice the money lasts three times as far
        (2, 40, 90),  # 40 carry two: 20 may be lost, 10 on each
    ],
)
def test_the_price_of_a_stop_out(size, equity, price):
    terms = CfdTerms(margin_rate=0.2, stop_out=0.5)
    assert price_at_equity(size, 100, equity, terms.floor([size], [100])) == pytest.approx(price)


def test_without_a_position_there_is_no_price_and_a_move_that_gains_never_gets_there():
    assert math.isnan(price_at_equity(0, 100, 50, 10))
    assert share_of_move(50, 10, 5) == math.inf
    assert share_of_move(50, 10, 0) == math.inf
    assert share_of_move(10, 10, 5) == 0


def test_several_positions_fall_together():
    # 20 lost on one and 10 on the other, 250 of each: 7,500. Two thirds of the way 5,000 are gone.
    assert share_of_move(10_000, 5_000, -7_500) == pytest.approx(2 / 3)


@given(
    st.floats(-1e4, 1e4).filter(lambda q: abs(q) > 1e-3),
    st.floats(0.01, 1e4),
    st.floats(0, 1e6),
    st.floats(0, 1e6),
)
def test_at_that_price_equity_is_the_level(size, price, equity, level):
    reached = equity + size * (price_at_equity(size, price, equity, level) - price)
    assert reached == pytest.approx(level, rel=1e-9, abs=1e-6 * max(equity, 1))


@given(st.floats(1, 1e6), st.floats(0, 1), st.floats(-1e7, -1e-2))
def test_so_far_along_the_move_equity_is_the_level(equity, part, profit):
    level = part * equity
    share = share_of_move(equity, level, profit)
    assert equity + share * profit == pytest.approx(level, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize(
    ("terms", "says"),
    [
        ({"margin_rate": 0}, "margin_rate is 0; a contract ties up at least 0.001 of its notional"),
        ({"margin_rate": 1.1}, "margin_rate is 1.1"),
        ({"margin_rate": math.nan}, "margin_rate is nan"),
        ({"stop_out": 1}, "stop_out is 1; it must be at least 0 and below 1"),
        ({"stop_out": -0.1}, "stop_out is -0.1"),
        ({"financing_spread": -0.01}, "financing_spread is -0.01; it must be between 0 and 0.3"),
        ({"financing_spread": 9}, "financing_spread is 9"),
    ],
)
def test_terms_out_of_bounds_are_refused_by_name(terms, says):
    with pytest.raises(SpecError, match=says):
        CfdTerms(**terms)


def test_terms_that_no_retail_client_in_the_eu_would_get_are_called_so():
    assert CfdTerms().strange() == []
    assert CfdTerms(margin_rate=0.05).strange() == []  # 20x, a major index
    (said,) = CfdTerms(margin_rate=0.01).strange()
    assert said.startswith("margin_rate 0.01 is 100×; the ESMA rules allow a retail client 20×")
    assert "stop_out 0.2 is below the 0.5" in CfdTerms(stop_out=0.2).strange()[0]
    assert "financing_spread 20.0% a year" in CfdTerms(financing_spread=0.2).strange()[0]
