"""The fit finds a spread that was put in, and says how sure it is."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from letf_instruments import DataError, Dated, FactError, LeveragedFund, synthesize
from letf_instruments.calibration import (
    fit_by_period,
    fit_spread,
    long_run_sd,
    periods,
    spread_table,
    walk_forward_table,
)
from letf_instruments.spreads import rates_of

DAYS = np.busday_offset("2015-01-02", np.arange(1000), roll="forward")


def made(multiple, spread, rate=0.03, fee=0.01, seed=1, noise=0.0):
    rng = np.random.default_rng(seed)
    index = 100 * np.exp(np.cumsum(0.015 * rng.standard_normal(len(DAYS))))
    fund = LeveragedFund("X", multiple, fee, spread)
    close = synthesize(fund, DAYS, *(index,) * 4, rate).close
    return (
        replace(fund, spread=Dated.constant(0.0)),
        index,
        close * np.exp(noise * rng.standard_normal(len(DAYS))),
    )


@given(st.sampled_from([-3.0, -2.0, -1.0, 2.0, 3.0]), st.floats(-0.05, 0.1), st.floats(-0.01, 0.08))
@settings(deadline=None)
def test_a_spread_put_in_is_found(multiple, spread, rate):
    fund, index, close = made(multiple, spread, rate)
    fit = fit_spread(fund, DAYS, index, close, rate)
    assert fit.spread == pytest.approx(spread, abs=1e-9)
    assert fit.low <= fit.spread <= fit.high


def test_a_table_put_in_is_found_year_by_year_and_reproduces_the_fund():
    table = Dated.of(
        [("2015-01-01", 0.01), ("2016-01-01", 0.03), ("2017-01-01", -0.01), ("2018-01-01", 0.02)]
    )
    fund, index, close = made(-3, table)
    rates = np.full(len(DAYS), 0.03)
    fits = fit_by_period(fund, DAYS, index, close, rates)
    np.testing.assert_allclose([f.spread for f in fits], [0.01, 0.03, -0.01, 0.02], atol=1e-9)
    again = synthesize(replace(fund, spread=rates_of(spread_table(fits))), DAYS, *(index,) * 4, rates)
    np.testing.assert_allclose(again.close, close, rtol=1e-9)


def test_the_band_holds_the_truth_about_nineteen_times_in_twenty():
    inside = 0
    for seed in range(100):
        fund, index, _ = made(3, 0.01, seed=seed)
        rng = np.random.default_rng(1000 + seed)
        own = synthesize(replace(fund, spread=Dated.constant(0.01)), DAYS, *(index,) * 4, 0.03).close
        walk = np.exp(np.cumsum(0.002 * rng.standard_normal(len(DAYS))))  # daily errors that do not come back
        fit = fit_spread(fund, DAYS, index, own * walk, 0.03)
        inside += fit.low <= 0.01 <= fit.high
    assert 88 <= inside <= 100


def test_errors_that_come_back_narrow_the_band():
    """Noise in the level of .3 % is noise in the return of .3·√2 %, which takes itself back a day later."""
    fund, index, strayed = made(3, 0.01, noise=0.003)
    fit = fit_spread(fund, DAYS, index, strayed, 0.03)
    walk = np.cumsum(0.003 * 2**0.5 * np.random.default_rng(2).standard_normal(len(DAYS)))
    wide = fit_spread(fund, DAYS, index, made(3, 0.01)[2] * np.exp(walk), 0.03)
    assert fit.high - fit.low < 0.5 * (wide.high - wide.low)
    alternating = np.tile([1.0, -1.0], 50)
    assert long_run_sd(alternating) < 0.5 * alternating.std()


def test_periods_are_calendar_years_and_short_ends_join_their_neighbour():
    days = np.busday_offset("2019-12-20", np.arange(300), roll="forward")  # eight sessions of 2019
    bounds = list(periods(days))
    assert bounds[0][0] == 0
    assert all(a[1] == b[0] for a, b in itertools.pairwise(bounds))
    assert bounds[-1][1] == 299
    assert [str(days[last])[:4] for _, last in bounds] == ["2020", "2021"] or len(bounds) == 1
    assert list(periods(days, 100)) == [(0, 100), (100, 200), (200, 299)]


def test_walking_forward_prices_with_the_past_only():
    table = Dated.of([("2015-01-01", 0.01), ("2016-01-01", 0.03), ("2017-01-01", -0.01)])
    fund, index, close = made(3, table)
    fits = fit_by_period(fund, DAYS, index, close, np.full(len(DAYS), 0.03))
    known = rates_of(walk_forward_table(fits))
    assert known.at("2016-06-30") == pytest.approx(0.01, abs=1e-9)
    assert known.at("2017-06-30") == pytest.approx(0.03, abs=1e-9)
    with pytest.raises(DataError, match="at least two periods"):
        walk_forward_table(fits[:1])


def test_what_cannot_be_fitted_is_refused():
    fund, index, close = made(3, 0.01)
    with pytest.raises(DataError, match="too few to fit"):
        fit_spread(fund, DAYS[:10], index[:10], close[:10], 0.03)
    with pytest.raises(DataError, match="is it the right index"):
        fit_spread(fund, DAYS, index, close[::-1].copy(), 0.03)
    with pytest.raises(FactError, match="pays no spread"):
        fit_spread(LeveragedFund("X", 0.5), DAYS, index, close, 0.03)
