"""Paths have the return and volatility that they were asked to have."""

import math

import numpy as np
import pytest
from scipy import stats

from letf_instruments import SpecError
from runs.studies.whatif.market import BRIDGED, FREE, Market, blocks, normal, resampled
from tests.conftest import make_bars, random_bars

ASKED = Market(0.2, 0.45, 126)
SHAPES = {"normal": normal, "resampled": lambda: resampled(random_bars(4, 800))}


def paths_of(market, shape, ending, count=4000, seed=1):
    parts = [block[ending] for block in blocks(market, shape, count, seed)]
    return tuple(np.concatenate([getattr(part, name) for part in parts]) for name in ("high", "low", "close"))


@pytest.mark.parametrize("which", SHAPES)
def test_a_bridged_path_ends_where_it_was_asked_to_with_the_volatility_on_the_mean(which):
    high, low, close = paths_of(ASKED, SHAPES[which](), BRIDGED)
    assert (close[:, 0] == 1.0).all()
    np.testing.assert_allclose(close[:, -1], 1.2, rtol=1e-12)
    squares = np.diff(np.log(close), axis=1) ** 2
    error = squares.mean(axis=1).std() / math.sqrt(len(close))
    assert squares.mean() == pytest.approx(0.45**2 / 252, abs=4 * error)
    before = close[:, :-1]
    assert (high[:, 1:] >= np.maximum(before, close[:, 1:]) * (1 - 1e-12)).all()
    assert (low[:, 1:] <= np.minimum(before, close[:, 1:]) * (1 + 1e-12)).all()


@pytest.mark.parametrize("which", SHAPES)
def test_a_free_path_ends_there_on_the_mean(which):
    _, _, close = paths_of(ASKED, SHAPES[which](), FREE, 20_000)
    ends = close[:, -1]
    assert ends.mean() == pytest.approx(1.2, abs=4 * ends.std() / math.sqrt(len(ends)))
    squares = np.diff(np.log(close), axis=1) ** 2
    error = squares.mean(axis=1).std() / math.sqrt(len(close))
    assert squares.mean() == pytest.approx(0.45**2 / 252, abs=4 * error)


def test_normal_days_are_normal_and_drawn_days_keep_their_tails():
    _, _, close = paths_of(Market(0.0, 0.3, 252), normal(), FREE, 400)
    r = np.diff(np.log(close), axis=1).ravel()
    assert abs(stats.kurtosis(r)) < 0.1
    jumps = np.full(500, 0.005) * (-1) ** np.arange(500)
    jumps[::50] = 0.08
    closes = 100 * np.exp(np.cumsum(jumps))
    bars = make_bars([(c, 1.001 * c, 0.999 * c, c) for c in closes])
    own = np.diff(np.log(closes))
    _, _, close = paths_of(Market(0.0, 0.3, 252), resampled(bars), FREE, 400)
    r = np.diff(np.log(close), axis=1).ravel()
    assert stats.kurtosis(r) == pytest.approx(stats.kurtosis(own), rel=0.1)
    assert stats.skew(r) == pytest.approx(stats.skew(own), rel=0.1)


def test_the_high_of_a_drawn_day_is_that_day_s_own():
    """A bar whose high lies a tenth above its close keeps that, in standard deviations."""
    rows = [(100.0, 110.0, 100.0, 100.0) if i % 2 else (101.0, 101.0, 101.0, 101.0) for i in range(120)]
    bars = make_bars(rows)
    r = np.diff(np.log(bars.close))
    high, _, close = paths_of(Market(0.0, 0.16, 63), resampled(bars), FREE, 50)
    moves = np.diff(np.log(close), axis=1)
    falls = moves < moves.mean()
    above = np.log(high[:, 1:] / np.maximum(close[:, :-1], close[:, 1:]))
    scale = moves.std() / r.std()
    assert np.median(above[falls]) == pytest.approx(math.log(110 / 101) * scale, rel=0.02)
    assert above[~falls].max() == pytest.approx(0.0, abs=1e-12)


def test_the_same_seed_is_the_same_paths_and_another_is_not():
    one, again, other = (paths_of(ASKED, normal(), BRIDGED, 300, seed)[2] for seed in (5, 5, 6))
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()
    # More paths begin with the same ones only within a block; what is asked is what comes.
    assert paths_of(Market(0.0, 0.3, 2520), normal(), FREE, 250)[2].shape == (250, 2521)


def test_a_return_that_the_volatility_does_not_allow_is_refused():
    market = Market(1.0, 0.04, 252)  # log 2 / √252 = 4.37 %
    with pytest.raises(SpecError, match=r"takes a volatility of 4.4 % even if every day is like the other"):
        market.spread(market.mu)


def test_an_index_that_cannot_be_drawn_from_is_refused():
    with pytest.raises(SpecError, match="50 sessions are too few to draw days from; 61 are needed"):
        resampled(random_bars(1, 50))
    with pytest.raises(SpecError, match="does not move"):
        resampled(make_bars([(5.0,) * 4] * 100))
