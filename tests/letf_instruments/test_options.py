"""Option prices and greeks against published numbers, a textbook formula, and what no market may break."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from letf_instruments import SpecError
from letf_instruments.options import Contract, prices, quote
from tests.black_scholes import by_textbook

# -- published ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "multiple", "fee", "expected"),
    [
        ("call", 1, 0.0, 1.980847),
        ("put", 1, 0.0, 1.885003),
        ("call", 3, 0.0095, 5.831472),
        ("put", 3, 0.0095, 5.753845),
    ],
)
def test_a_week_at_the_money_on_an_index_and_on_its_threefold_fund(kind, multiple, fee, expected):
    """S = K = 100, 7 days of 365, rate 5 %, index volatility 35 % (Leung & Sircar 2015, SSRN 2164518, for the
    fund's volatility and yield)."""
    assert quote(kind, 100, 100, 7, 0.05, multiple * 0.35, fee).price == pytest.approx(expected, abs=5e-7)


def test_hulls_examples():
    """Hull, Options, Futures and Other Derivatives: example 15.6 (4.76 and 0.81); chapter 19's running
    example, 20 weeks (.3846 years): delta .522, gamma .066, theta −4.31 a year, vega 12.1 for 1.00."""
    half_a_year = 365 / 2
    assert quote("call", 42, 40, half_a_year, 0.1, 0.2).price == pytest.approx(4.76, abs=0.005)
    assert quote("put", 42, 40, half_a_year, 0.1, 0.2).price == pytest.approx(0.81, abs=0.005)
    call = quote("call", 49, 50, 0.3846 * 365, 0.05, 0.2)
    assert call.delta == pytest.approx(0.522, abs=0.0005)
    assert call.gamma == pytest.approx(0.066, abs=0.0005)
    assert call.theta == pytest.approx(-4.31 / 365, abs=0.005 / 365)
    assert call.vega == pytest.approx(12.1 / 100, abs=0.0005)


# -- properties ---------------------------------------------------------------------------------------

KINDS = st.sampled_from(["call", "put"])
SPOTS = st.floats(1e-3, 1e5)
RATIOS = st.floats(0.5, 2.0)
DAYS = st.floats(0.01, 370)
RATES = st.floats(-0.02, 0.15)
SIGMAS = st.floats(0.01, 3.0)
YIELDS = st.floats(0.0, 0.05)


@given(KINDS, SPOTS, RATIOS, DAYS, RATES, SIGMAS, YIELDS)
def test_the_library_agrees_with_the_textbook(kind, spot, ratio, days, rate, sigma, dividends):
    strike = spot * ratio
    found = quote(kind, spot, strike, days, rate, sigma, dividends).price
    expected = by_textbook(kind, spot, strike, days, rate, sigma, dividends)
    assert found == pytest.approx(expected, abs=1e-12 * (spot + strike))


@given(SPOTS, RATIOS, DAYS, RATES, SIGMAS, YIELDS)
def test_put_call_parity(spot, ratio, days, rate, sigma, dividends):
    strike, t = spot * ratio, days / 365
    call, put = (quote(kind, spot, strike, days, rate, sigma, dividends) for kind in ("call", "put"))
    forward = spot * math.exp(-dividends * t) - strike * math.exp(-rate * t)
    assert call.price - put.price == pytest.approx(forward, abs=1e-9 * (spot + strike))
    assert call.delta - put.delta == pytest.approx(math.exp(-dividends * t), abs=1e-9)
    assert call.gamma == pytest.approx(put.gamma, rel=1e-6, abs=1e-12 / spot)
    assert call.vega == pytest.approx(put.vega, rel=1e-6, abs=1e-12 * spot)


@given(KINDS, SPOTS, RATIOS, DAYS, RATES, SIGMAS, YIELDS)
def test_no_arbitrage_bounds(kind, spot, ratio, days, rate, sigma, dividends):
    strike, t = spot * ratio, days / 365
    found = quote(kind, spot, strike, days, rate, sigma, dividends)
    share, cash = spot * math.exp(-dividends * t), strike * math.exp(-rate * t)
    dust = 1e-9 * (spot + strike)
    least, most = (share - cash, share) if kind == "call" else (cash - share, cash)
    assert max(least, 0.0) - dust <= found.price <= most + dust
    assert -1e-9 <= found.delta * (1 if kind == "call" else -1) <= math.exp(-dividends * t) + 1e-9
    assert found.gamma >= 0
    assert found.vega >= 0


@given(KINDS, SPOTS, RATIOS, st.floats(2, 370), RATES, st.floats(0.1, 2.0), YIELDS)
def test_greeks_are_the_changes_that_their_units_say(kind, spot, ratio, days, rate, sigma, dividends):
    strike = spot * ratio

    def price(spot=spot, days=days, sigma=sigma):
        return by_textbook(kind, spot, strike, days, rate, sigma, dividends)

    found = quote(kind, spot, strike, days, rate, sigma, dividends)
    step = 1e-4 * spot
    up, here, down = price(spot + step), price(), price(spot - step)
    scale = spot + strike
    assert found.delta == pytest.approx((up - down) / (2 * step), abs=1e-4)
    assert found.gamma * spot == pytest.approx((up - 2 * here + down) / step**2 * spot, rel=1e-2, abs=2e-3)
    a_day = (price(days=days - 1e-3) - price(days=days + 1e-3)) / 2e-3
    assert found.theta == pytest.approx(a_day, abs=1e-6 * scale)
    a_point = (price(sigma=sigma + 1e-5) - price(sigma=sigma - 1e-5)) / 2e-5 / 100
    assert found.vega == pytest.approx(a_point, abs=1e-6 * scale)


# -- edges --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("spot", "call", "put"), [(104, 4, 0), (100, 0, 0), (93, 0, 7), (0, 0, 100)])
def test_at_expiry_an_option_is_worth_what_it_pays(spot, call, put):
    for kind, worth, delta in (("call", call, 1), ("put", put, -1)):
        found = quote(kind, spot, 100, 0, 0.05, 0.35)
        assert found.price == worth
        assert (found.delta, found.gamma, found.theta, found.vega) == (delta if worth else 0, 0, 0, 0)


def test_a_fund_that_is_wiped_out_leaves_the_put_its_strike_and_the_call_nothing():
    put, call = (quote(kind, 0.0, 100, 7, 0.05, 1.05, 0.0095) for kind in ("put", "call"))
    assert put.price == pytest.approx(99.904156, abs=5e-7)  # 100 · exp(−0.05 · 7 / 365)
    assert put.theta == pytest.approx(99.904156 * 0.05 / 365, rel=1e-6)  # it grows to 100
    assert put.delta == pytest.approx(-0.999817825, abs=5e-9)  # −exp(−0.0095 · 7 / 365)
    assert (call.price, call.delta, call.gamma, call.theta, call.vega) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize(("spot", "call", "put"), [(104, 4.095844, 0), (93, 0, 6.904156)])
def test_without_volatility_an_option_is_its_discounted_gain(spot, call, put):
    for kind, worth in (("call", call), ("put", put)):
        assert quote(kind, spot, 100, 7, 0.05, 0.0).price == pytest.approx(worth, abs=5e-7)
        assert quote(kind, spot, 100, 7, 0.05, 1e-6).price == pytest.approx(worth, abs=5e-7)


def test_prices_take_arrays_that_broadcast():
    spots = np.array([[90.0], [100.0], [110.0]])
    found = prices("put", spots, 100.0, np.array([7.0, 30.0]), 0.05, 0.35)
    assert found.shape == (3, 2)
    assert found[1, 0] == pytest.approx(1.885003, abs=5e-7)
    assert (np.diff(found, axis=0) < 0).all()  # a put falls as its underlying rises


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("put", 100, 0.0, 7, 0.05, 0.35), "strike is 0; it must be above 0"),
        (("put", -1.0, 100, 7, 0.05, 0.35), "price and volatility must be 0 or more"),
        (("put", 100, 100, 7, 0.05, -0.1), "price and volatility must be 0 or more"),
        (("put", 100, 100, math.nan, 0.05, 0.35), "cannot be priced"),
        (("future", 100, 100, 7, 0.05, 0.35), "a call or a put, not 'future'"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, words):
    with pytest.raises(SpecError, match=words):
        quote(*arguments)


def test_a_contract_says_what_it_is_and_what_it_pays():
    contract = Contract("put", "SOXS", 12.5, "2024-03-28")
    assert str(contract) == "SOXS put 12.5 2024-03-28"
    assert contract.expiry == np.datetime64("2024-03-28")
    assert contract.day == 19810  # days from 1970-01-01
    with pytest.raises(SpecError, match="needs a date of expiry"):
        Contract("put", "SOXS", 12.5, np.datetime64("NaT"))
    assert (contract.intrinsic(10.0), contract.intrinsic(13.0)) == (2.5, 0.0)
