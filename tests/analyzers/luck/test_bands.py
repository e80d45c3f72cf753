"""Bands and the test of superiority: figures by their definitions, coverage on noise, size at its level."""

import numpy as np
import pytest

from analyzers.luck import block_length, drawn_again, measures, superiority


def test_figures_by_their_definitions():
    returns, excess = np.array([0.1, -0.2, 0.05, 0.0]), np.array([0.09, -0.21, 0.04, -0.01])
    worth = 1.1 * 0.8 * 1.05
    found = measures(returns, excess, 0.02)
    assert found["total_return"] == pytest.approx(worth - 1)
    assert found["cagr"] == pytest.approx(worth ** (1 / 0.02) - 1)
    assert found["max_drawdown"] == pytest.approx(-0.2)
    assert found["sharpe"] == pytest.approx(excess.mean() / excess.std(ddof=1) * np.sqrt(252))
    downside = np.sqrt((0.21**2 + 0.01**2) / 4)
    assert found["sortino"] == pytest.approx(excess.mean() / downside * np.sqrt(252))
    assert measures(np.array([-0.1, 0.0]), np.array([-0.1, 0.0]), 1.0)["max_drawdown"] == pytest.approx(-0.1)


def test_what_never_moves_has_no_ratio():
    found = measures(np.zeros(5), np.full(5, -1e-5), 1.0)
    assert np.isnan([found["sharpe"], found["sortino"], found["calmar"]]).all()
    assert found["volatility"] == 0.0


def test_the_band_of_a_sharpe_ratio_holds_the_true_one_as_often_as_it_says():
    rng = np.random.default_rng(5)
    true, inside = 0.05, 0
    for seed in range(200):
        days = rng.normal(true * 0.01, 0.01, 400)
        drawn = drawn_again({"rule": (days, days)}, block_length(days), 200, seed, 2.0)["rule"]["sharpe"]
        low, high = np.quantile(drawn, [0.05, 0.95]) / np.sqrt(252)
        inside += low <= true <= high
    assert 0.83 <= inside / 200 <= 0.96  # three errors of 2 % about 90 %, and a small sample's shortfall


def test_dependent_days_are_drawn_in_longer_blocks():
    rng = np.random.default_rng(1)
    shocks = rng.normal(size=4_000)
    slow = np.empty(4_000)
    slow[0] = 0.0
    for t in range(1, 4_000):
        slow[t] = 0.9 * slow[t - 1] + shocks[t]
    assert block_length(slow) > 5 * block_length(shocks)
    assert block_length(np.zeros(100)) == 1.0


def test_the_same_seed_draws_the_same_and_all_series_share_their_days():
    days = np.random.default_rng(2).normal(0, 0.01, 300)
    one, two = (
        drawn_again({"a": (days, days), "b": (2 * days, 2 * days)}, 5.0, 50, 3, 1.0) for _ in range(2)
    )
    np.testing.assert_array_equal(one["a"]["sharpe"], two["a"]["sharpe"])
    np.testing.assert_allclose(one["a"]["sharpe"], one["b"]["sharpe"])


def test_the_test_of_superiority_keeps_its_level_on_noise():
    rng = np.random.default_rng(7)
    found = np.array(
        [
            superiority(rng.normal(0, 0.01, (10, 300)), rng.normal(0, 0.01, 300), 2.0, 200, seed)
            for seed in range(150)
        ]
    )
    assert (found < 0.1).mean() <= 0.1 + 3 * np.sqrt(0.09 / 150)
    assert (found < 0.1).mean() >= 0.02


def test_a_true_lead_is_found_and_none_is_no_lead():
    rng = np.random.default_rng(8)
    models = rng.normal(0, 0.01, (10, 1_000))
    models[3] += 0.002
    assert superiority(models, np.zeros(1_000), 2.0, 200, 1) < 0.01
    assert superiority(np.zeros((2, 100)), np.zeros(100), 2.0, 100, 1) is None
