"""Bars around closes: whatever is drawn, a bar is one; a path of real days is made of real bars."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds import load_bars
from feeds.bars import Bars
from feeds.histories.shapes import LEAST, MOST, NEIGHBOURS, Alike, Shapes
from feeds.histories.steps import Steps


def bars_of(n, seed, size=0.03):
    rng = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(size * rng.standard_normal(n)))
    open_ = close * np.exp(size * rng.standard_normal(n))
    high = np.maximum(open_, close) * np.exp(size * rng.exponential(size=n) * rng.integers(0, 2, n))
    low = np.minimum(open_, close) * np.exp(-size * rng.exponential(size=n) * rng.integers(0, 2, n))
    days = np.datetime64("2001-01-02") + np.arange(n)
    return Bars("x", "x", days, open_, high, low, close, np.ones(n))


def is_bars(prices):
    o, h, low, c = prices
    assert np.isfinite(prices).all()
    assert (low > 0).all()
    assert (low <= np.minimum(o, c)).all()
    assert (h >= np.maximum(o, c)).all()


@given(st.integers(3, 40), st.integers(0, 10**6), st.floats(1e-6, 0.2), st.integers(0, 10**6))
def test_bars_of_real_days_are_bars(n, seed, size, draw):
    at = np.random.default_rng(draw).integers(1, n, 60)
    is_bars(Shapes.of(bars_of(n, seed, size)).bars(Steps(at)))


@given(st.integers(3, 40), st.integers(0, 10**6), st.floats(1e-6, 0.2), st.floats(1e-9, 0.5))
def test_bars_around_any_returns_are_bars(n, seed, size, moved):
    bars = bars_of(n, seed, size)
    real = np.diff(np.log(bars.close))
    rng = np.random.default_rng(seed)
    returns = moved * rng.standard_normal(60)
    prices = Shapes.of(bars).bars(Alike(real).steps(rng, returns))
    is_bars(prices)
    np.testing.assert_allclose(np.diff(np.log(prices[3])), returns, rtol=1e-9, atol=1e-12)


def test_the_real_days_in_their_order_are_the_real_bars():
    bars = load_bars("nasdaq")
    prices = Shapes.of(bars).bars(Steps(np.arange(1, len(bars))))
    for row, name in zip(prices, ("open", "high", "low", "close"), strict=True):
        np.testing.assert_allclose(row, getattr(bars, name), rtol=1e-10)


def test_a_day_keeps_its_gap_and_its_reach_wherever_it_comes():
    bars = bars_of(50, 1)
    prices = Shapes.of(bars).bars(Steps(np.array([7, 7, 31])))
    for t, i in ((1, 7), (2, 7), (3, 31)):
        for row, name in zip(prices, ("open", "high", "low", "close"), strict=True):
            real = getattr(bars, name)[i] / bars.close[i - 1]
            assert row[t] / prices[3, t - 1] == pytest.approx(real, rel=1e-12)


def test_a_return_takes_after_days_next_to_it_in_size_and_sign():
    real = np.random.default_rng(2).standard_normal(2_000) * 0.02
    wanted = np.random.default_rng(3).standard_normal(500) * 0.015
    at, scale = Alike(real).to(np.random.default_rng(4), wanted)
    rank = np.sort(real)
    place = np.searchsorted(rank, wanted)
    taken = np.searchsorted(rank, real[at - 1])
    assert (np.abs(place - taken) <= NEIGHBOURS).all()
    assert ((scale >= LEAST) & (scale <= MOST)).all()


def test_a_return_beyond_all_real_ones_stretches_the_shape_of_the_largest_twice_at_most():
    real = np.linspace(-0.05, 0.05, 101)
    at, scale = Alike(real).to(np.random.default_rng(1), np.array([0.3, -0.3, 0.0]))
    assert (real[at[:1] - 1] > 0.039).all()
    assert (real[at[1:2] - 1] < -0.039).all()
    assert scale[:2].tolist() == [MOST, MOST]
