"""Alpha, beta, correlation and the index at the same risk: by the textbook and by other libraries."""

import empyrical
import matplotlib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.backtest.benchmarks import against_index, same_risk
from runs.backtest.metrics import performance

N = 300
DAYS = np.busday_offset("2018-01-01", np.arange(N), roll="forward")
NIGHTS = np.diff(DAYS).astype(int)


def two_curves(seed, slope=0.7):
    """An account that follows its index in part, and the index."""
    rng = np.random.default_rng(seed)
    market = 0.0003 + 0.012 * rng.standard_t(4, N - 1)
    own = 0.0002 + slope * market + 0.006 * rng.standard_normal(N - 1)
    return tuple(100 * np.cumprod(np.concatenate(([1.0], 1 + moves))) for moves in (own, market))


def excess(values, rate):
    return np.diff(values) / values[:-1] - rate * NIGHTS / 360


@pytest.mark.parametrize("seed", range(10))
def test_alpha_and_beta_are_those_of_least_squares(seed):
    equity, index = two_curves(seed)
    found = against_index(DAYS, equity, index, np.full(N, 0.04))
    own, market = excess(equity, 0.04), excess(index, 0.04)
    design = np.column_stack((np.ones(N - 1), market))
    (intercept, slope), *_ = np.linalg.lstsq(design, own, rcond=None)
    assert found["beta"] == pytest.approx(slope, rel=1e-9)
    assert found["alpha"] == pytest.approx(252 * intercept, rel=1e-6)
    assert found["correlation"] == pytest.approx(np.corrcoef(own, market)[0, 1], rel=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_they_are_what_empyrical_and_quantstats_make_of_the_same_excess_returns(seed):
    with matplotlib.rc_context():  # quantstats sets the looks of all pictures as it is imported
        import quantstats
    equity, index = two_curves(seed, slope=-1.5)
    found = against_index(DAYS, equity, index, np.full(N, 0.04))
    own, market = (pd.Series(excess(values, 0.04), index=DAYS[1:]) for values in (equity, index))
    assert found["beta"] == pytest.approx(empyrical.beta(own, market), rel=1e-9)
    daily = (1 + empyrical.alpha(own, market)) ** (1 / 252) - 1  # it compounds the daily alpha
    assert found["alpha"] / 252 == pytest.approx(daily, rel=1e-6)
    greeks = quantstats.stats.greeks(own, market, periods=252, prepare_returns=False)
    assert (found["alpha"], found["beta"]) == (
        pytest.approx(greeks["alpha"], rel=1e-6),
        pytest.approx(greeks["beta"], rel=1e-9),
    )


def test_the_index_itself_has_a_beta_of_one_and_no_alpha():
    _, index = two_curves(1)
    found = against_index(DAYS, 3 * index, index, np.full(N, 0.04))
    assert found == {
        "alpha": pytest.approx(0, abs=1e-12),
        "beta": pytest.approx(1),
        "correlation": pytest.approx(1),
    }


def test_where_nothing_moves_there_is_nothing_to_divide_by():
    equity, _ = two_curves(1)
    none = {"alpha": None, "beta": None, "correlation": None}
    flat, rates = np.full(N, 5.0), np.zeros(N)
    assert against_index(DAYS, equity, flat, rates) == none
    assert against_index(DAYS[:2], equity[:2], equity[:2], rates[:2]) == none
    gone = np.where(np.arange(N) < 10, equity, 0.0)
    assert against_index(DAYS, gone, equity, rates) == none
    # Nothing left is measured by the money at the start, not by what the first day's costs left of it.
    dust = np.append(np.linspace(1.0, 2e-11, N - 1), 2e-11)
    assert against_index(DAYS, dust, equity, rates) != none
    assert against_index(DAYS, dust, equity, rates, 3.0) == none
    idle = against_index(DAYS, flat, equity, rates)
    assert (idle["beta"], idle["alpha"], idle["correlation"]) == (0.0, 0.0, None)


@pytest.mark.parametrize(("volatility", "seed"), [(0.05, 1), (0.6, 2)])
def test_the_same_risk_is_a_constant_share_traded_back_to_at_every_close(volatility, seed):
    _, index = two_curves(seed)
    rate = np.linspace(0.01, 0.06, N)
    share, value = same_risk(DAYS, index, rate, volatility)
    moves = np.diff(index) / index[:-1]
    assert share == pytest.approx(volatility / (moves.std(ddof=1) * np.sqrt(252)))
    money = 1.0
    for t in range(1, N):
        held = share * money  # in the index; the rest earns the rate known the evening before, or owes it
        money = held * index[t] / index[t - 1] + (money - held) * (1 + rate[t - 1] * NIGHTS[t - 1] / 360)
        assert value[t] == pytest.approx(money, rel=1e-12)
    assert performance(DAYS, value, rate)["volatility"] == pytest.approx(volatility, rel=1e-2)
    sharpe = performance(DAYS, index, rate)["sharpe"]
    assert performance(DAYS, value, rate)["sharpe"] == pytest.approx(sharpe, rel=1e-9)


def test_an_account_as_volatile_as_the_index_is_set_against_the_index_itself():
    _, index = two_curves(3)
    rates = np.full(N, 0.03)
    share, value = same_risk(DAYS, index, rates, performance(DAYS, index, rates)["volatility"])
    assert share == 1.0
    np.testing.assert_allclose(value, index / index[0], rtol=1e-12)


def test_a_debt_that_eats_it_up_leaves_nothing_for_good():
    index = np.array([100.0, 101.0, 40.0, 200.0])
    share, value = same_risk(DAYS[:4], index, np.zeros(4), 100.0)
    assert share > 2
    assert value[2:].tolist() == [0.0, 0.0]


@pytest.mark.parametrize(("index", "volatility"), [(np.full(4, 7.0), 0.2), (np.arange(1.0, 5.0), None)])
def test_without_risk_on_one_side_there_is_no_share(index, volatility):
    share, value = same_risk(DAYS[:4], index, np.zeros(4), volatility)
    assert share is None
    assert np.isnan(value).all()


@given(st.integers(0, 10_000), st.floats(-3, 3))
def test_the_correlation_is_never_beyond_one(seed, slope):
    equity, index = two_curves(seed, slope)
    if (equity > 0).all() and (index > 0).all():
        found = against_index(DAYS, equity, index, np.full(N, 0.02))
        assert abs(found["correlation"]) <= 1 + 1e-12
