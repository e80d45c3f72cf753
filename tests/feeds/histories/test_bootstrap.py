"""The stationary bootstrap against what Politis & Romano (1994) say of it in expectation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.histories.bootstrap import Bootstrap, block_length, return_block_length, stationary
from letf_instruments import SpecError

DRAWS = 400


def clustered(n=1_500, seed=3):
    """Returns whose volatility is calm and stormy in turns of 60 days."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal(n) * np.where(np.arange(n) // 60 % 2, 0.02, 0.005) + 0.0004


def near(found, expected):
    """The mean of independent draws is within four of its standard errors of what is expected."""
    error = np.std(found, ddof=1) / np.sqrt(len(found))
    assert abs(np.mean(found) - expected) < 4.0 * error


@pytest.mark.parametrize("length", [1.0, 12.0, 90.0])
def test_mean_and_variance_of_a_day_are_those_of_the_real_ones(length):
    returns = clustered()
    draws = [returns[stationary(np.random.default_rng(i), 1_500, 2_000, length)] for i in range(DRAWS)]
    near([draw.mean() for draw in draws], returns.mean())
    near([((draw - returns.mean()) ** 2).mean() for draw in draws], returns.var())


@pytest.mark.parametrize(("length", "lag"), [(20.0, 1), (20.0, 10), (60.0, 10), (5.0, 10), (1.0, 1)])
def test_an_autocovariance_of_squares_is_the_circular_one_times_the_chance_of_no_new_block(length, lag):
    """Lemma 1 and Section 4 there: E* cov(k) = (1 − 1/L)ᵏ · circular cov(k)."""
    squares = clustered() ** 2
    off = squares - squares.mean()
    circular = float((off * np.roll(off, -lag)).mean())
    found = []
    for i in range(DRAWS):
        draw = off[stationary(np.random.default_rng(i), len(off), 2_000, length)]
        found.append(float((draw[:-lag] * draw[lag:]).mean()))
    near(found, (1.0 - 1.0 / length) ** lag * circular)
    if length >= 20.0:
        assert circular > 0.0  # the clusters are there to be lost


def test_blocks_are_on_average_as_long_as_asked():
    at = stationary(np.random.default_rng(1), 10_000, 200_000, 25.0)
    joined = (at[1:] == (at[:-1] + 1) % 10_000).mean()
    assert 1.0 / (1.0 - joined) == pytest.approx(25.0, rel=0.03)


@given(st.integers(1, 60), st.integers(0, 200), st.floats(1.0, 60.0), st.integers(0, 2**32 - 1))
def test_every_day_is_a_real_one_and_the_same_seed_draws_the_same(count, size, length, seed):
    at = stationary(np.random.default_rng(seed), count, size, length)
    assert at.shape == (size,)
    assert ((at >= 0) & (at < count)).all()
    np.testing.assert_array_equal(at, stationary(np.random.default_rng(seed), count, size, length))


def test_clustered_volatility_asks_for_longer_blocks_than_the_returns_do():
    returns = clustered()
    assert return_block_length(returns) > 3.0 * block_length(returns)
    assert return_block_length(returns) == block_length(np.column_stack((returns, returns**2)))


def test_what_is_independent_asks_for_blocks_of_few_days():
    lengths = [return_block_length(np.random.default_rng(i).standard_normal(2_000)) for i in range(20)]
    assert np.median(lengths) < 8.0


def test_the_rule_of_arch_is_used():
    from arch.bootstrap import optimal_block_length

    returns = clustered()
    assert block_length(returns**2) == float(optimal_block_length(returns**2)["stationary"].iloc[0])
    assert block_length(np.full(100, 0.01)) == 1.0


@pytest.mark.parametrize(
    ("returns", "length", "says"),
    [
        (np.zeros(20), None, "20 daily returns are too few to make other histories from; 50 are needed"),
        (clustered(), 0.5, "a block of 0.5 days"),
        (clustered(), 1_501.0, "a block of 1501 days"),
    ],
)
def test_what_cannot_be_reshuffled_is_one_sentence(returns, length, says):
    with pytest.raises(SpecError, match=says):
        Bootstrap(returns, length)
