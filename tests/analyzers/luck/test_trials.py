"""The effective number of trials on families whose number is known."""

import numpy as np
import pytest

from analyzers.luck import effective_trials


def test_copies_of_a_few_stay_those_few():
    rng = np.random.default_rng(0)
    few = rng.normal(size=(5, 2_000))
    returns = few[rng.integers(5, size=120)]
    assert effective_trials(returns, 120) == pytest.approx(5.0, rel=0.02)
    assert 4.9 < effective_trials(returns, 100_000) < 6.0  # chance gives each not quite the same number


def test_independent_trials_are_as_many_as_there_are():
    returns = np.random.default_rng(0).normal(size=(60, 4_000))
    assert effective_trials(returns, 60) == pytest.approx(60, rel=0.02)
    assert effective_trials(returns, 10_000) == pytest.approx(10_000, rel=0.1)


def test_trials_alike_in_part_are_fewer():
    """Galwey's number of equal correlations ρ, from the eigenvalues 1 + (k − 1)ρ and 1 − ρ."""
    rng = np.random.default_rng(1)
    k, rho = 40, 0.6
    returns = np.sqrt(rho) * rng.normal(size=100_000) + np.sqrt(1 - rho) * rng.normal(size=(k, 100_000))
    expected = (np.sqrt(1 + (k - 1) * rho) + (k - 1) * np.sqrt(1 - rho)) ** 2 / k
    assert effective_trials(returns, k) == pytest.approx(expected, rel=0.01)


def test_one_and_what_never_moves_are_one():
    assert effective_trials(np.zeros((3, 50)), 3) == 1.0
    assert effective_trials(np.random.default_rng(0).normal(size=(1, 50)), 1) == 1.0
