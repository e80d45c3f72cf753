"""The deflated Sharpe ratio against the numbers that its paper prints."""

import math

import numpy as np
import pytest

from analyzers.luck import deflated_sharpe, expected_best, probabilistic_sharpe

YEAR = 250
SHARPE, VARIANCE, PERIODS = 2.5 / math.sqrt(YEAR), 0.5 / YEAR, 1250


def test_the_expected_best_of_a_hundred_trials_is_the_papers():
    assert expected_best(VARIANCE, 100) == pytest.approx(0.1131720, abs=5e-8)


@pytest.mark.parametrize(
    ("trials", "skew", "kurtosis", "expected"),
    [(100, -3.0, 10.0, 0.9003968), (46, -3.0, 10.0, 0.9505017), (88, 0.0, 3.0, 0.9504908)],
)
def test_the_papers_example(trials, skew, kurtosis, expected):
    found = deflated_sharpe(SHARPE, VARIANCE, trials, PERIODS, skew, kurtosis)
    assert found == pytest.approx(expected, abs=5e-8)


def test_a_single_trial_is_not_deflated():
    assert expected_best(VARIANCE, 1) == 0.0
    assert deflated_sharpe(SHARPE, VARIANCE, 1, PERIODS) == probabilistic_sharpe(SHARPE, 0.0, PERIODS)


def test_the_expected_best_is_that_of_drawn_normals():
    rng = np.random.default_rng(1)
    best = rng.normal(0, 0.02, (20_000, 200)).max(axis=1).mean()
    assert expected_best(0.02**2, 200) == pytest.approx(best, rel=0.01)  # the formula is asymptotic


def test_the_probability_is_right_as_often_as_it_says():
    """Of returns without skill it is uniform."""
    rng = np.random.default_rng(2)
    returns = rng.normal(0, 0.01, (4_000, 500))
    sharpe = returns.mean(axis=1) / returns.std(axis=1, ddof=1)
    found = np.array([probabilistic_sharpe(s, 0.0, 500) for s in sharpe])
    np.testing.assert_allclose(np.quantile(found, [0.05, 0.5, 0.95]), [0.05, 0.5, 0.95], atol=0.02)


@pytest.mark.parametrize(("periods", "skew", "sharpe"), [(1, 0.0, 0.1), (100, 30.0, 0.5)])
def test_what_no_returns_have_gives_no_probability(periods, skew, sharpe):
    assert math.isnan(probabilistic_sharpe(sharpe, 0.0, periods, skew))


def test_luck_gives_the_best_of_hardly_more_than_one_no_less_than_nothing():
    found = [expected_best(VARIANCE, trials) for trials in np.linspace(1.0, 3.0, 201)]
    assert min(found) == 0.0
    assert found == sorted(found)
    assert deflated_sharpe(SHARPE, VARIANCE, 1.05, PERIODS) <= probabilistic_sharpe(SHARPE, 0.0, PERIODS)
