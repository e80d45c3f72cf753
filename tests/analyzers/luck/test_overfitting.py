"""The probability of backtest overfitting against a case worked by hand, pandas on all splits, and noise."""

import itertools

import numpy as np
import pytest

from analyzers.luck import overfitting

BY_HAND = np.array([[0.03, 0.01, -0.01], [-0.01, 0.02, 0.01], [0.02, -0.01, 0.0], [0.0, 0.01, 0.02]])


def test_the_case_worked_by_hand():
    sums = BY_HAND.T
    found = overfitting(lambda: [(sums, sums**2)], np.ones(4, dtype=np.int64), "mean")
    low = -np.log(3.0)
    np.testing.assert_allclose(sorted(found.logit), [low, low, low, 0.0, 0.0, -low], atol=1e-12)
    assert found.probability == pytest.approx(0.8333, abs=5e-5)


def by_definition(returns, blocks):
    """Each split by itself, from the returns."""
    parts = np.array_split(np.arange(returns.shape[1]), blocks)
    ranks, chosen = [], []
    for some in itertools.combinations(range(blocks), blocks // 2):
        inside = np.concatenate([parts[b] for b in some])
        outside = np.setdiff1d(np.arange(returns.shape[1]), inside)
        train, test = (
            returns[:, at].mean(axis=1) / returns[:, at].std(axis=1, ddof=1) for at in (inside, outside)
        )
        best = int(train.argmax())
        chosen.append(best)
        ranks.append(((test < test[best]).sum() + 1) / (len(returns) + 1))
    return chosen, ranks


def blocks_of(returns, blocks):
    parts = np.array_split(np.arange(returns.shape[1]), blocks)
    sums = np.array([[row[at].sum() for at in parts] for row in returns])
    squares = np.array([[(row[at] ** 2).sum() for at in parts] for row in returns])
    halves = np.array_split(np.arange(len(returns)), 2)  # as they come in parts
    return lambda: [(sums[at], squares[at]) for at in halves], np.array([len(at) for at in parts])


@pytest.mark.parametrize(("trials", "periods", "blocks"), [(5, 101, 6), (40, 333, 8), (3, 64, 2)])
def test_every_split_is_that_of_the_definition(trials, periods, blocks):
    returns = np.random.default_rng(trials).normal(0.0003, 0.01, (trials, periods))
    found = overfitting(*blocks_of(returns, blocks))
    chosen, ranks = by_definition(returns, blocks)
    np.testing.assert_array_equal(found.chosen, chosen)
    np.testing.assert_allclose(found.rank, ranks, rtol=1e-12)


def test_of_noise_it_is_about_a_half_and_of_an_edge_near_none():
    rng = np.random.default_rng(3)
    noise, edge = [], []
    for _ in range(60):
        returns = rng.normal(0, 0.01, (50, 1_000))
        noise.append(overfitting(*blocks_of(returns, 8)).probability)
        returns[17] += 0.003  # a Sharpe ratio of 4.8 a year
        edge.append(overfitting(*blocks_of(returns, 8)).probability)
    assert np.mean(noise) == pytest.approx(0.5, abs=3 * np.std(noise) / np.sqrt(60))
    assert np.mean(edge) < 0.02


def test_what_never_moves_has_a_ratio_of_none():
    returns = np.array([np.zeros(40), -0.001 + 0.01 * np.tile([1, -1], 20)])
    found = overfitting(*blocks_of(returns, 4))
    assert (found.chosen == 0).all()
    assert found.probability == 0.0


@pytest.mark.parametrize("blocks", [5, 18])
def test_blocks_that_cannot_be_halved_are_refused(blocks):
    with pytest.raises(ValueError, match="even number of blocks"):
        overfitting(list, np.ones(blocks, dtype=np.int64))
