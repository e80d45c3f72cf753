"""Correlation, beta and tracking against their definitions and numpy's own."""

import numpy as np
import pytest

from letf_instruments import (
    LeveragedFund,
    beta,
    correlation,
    period_ends,
    returns_over,
    rolling_correlation,
    synthesize,
    tracking_error,
)

RNG = np.random.default_rng(4)
X = 0.02 * RNG.standard_normal(300)


def test_returns_over_sessions_and_none_from_nothing():
    np.testing.assert_allclose(returns_over(np.array([100.0, 110.0, 99.0])), [0.1, -0.1])
    np.testing.assert_allclose(returns_over(np.array([100.0, 110.0, 99.0]), 2), [-0.01])
    dead = returns_over(np.array([100.0, 0.0, 0.0]))
    assert dead[0] == -1.0
    assert np.isnan(dead[1])


def test_a_line_has_correlation_one_its_slope_as_beta_and_no_tracking_error():
    for slope in (3.0, -3.0):
        assert correlation(slope * X + 0.001, X) == pytest.approx(np.sign(slope))
        assert beta(slope * X + 0.001, X) == pytest.approx(slope)
        assert tracking_error(slope * X + 0.001, X, slope) == pytest.approx(0.0, abs=1e-15)
    assert tracking_error(X, X, 1.0) == 0.0


def test_tracking_is_the_annualised_deviation_of_what_is_not_the_multiple():
    noise = np.tile([0.001, -0.001], 150)
    assert tracking_error(3 * X + noise, X, 3.0) == pytest.approx(0.001 * (300 / 299) ** 0.5 * 252**0.5)


def test_days_without_a_return_are_left_out_and_too_few_are_none():
    y = 2 * X
    y[250:] = np.nan
    assert correlation(y, X) == pytest.approx(1.0)
    assert beta(y, X) == pytest.approx(2.0)
    assert correlation(X[:2], X[:2]) is beta(X[:2], X[:2]) is tracking_error(X[:2], X[:2], 1.0) is None
    assert correlation(X, np.zeros(300)) is beta(X, np.zeros(300)) is None


def test_rolling_correlation_is_numpy_s_in_every_window():
    y = X + 0.02 * RNG.standard_normal(300)
    rolled = rolling_correlation(y, X, 63)
    assert rolled.shape == (238,)
    for i in (0, 100, 237):
        assert rolled[i] == pytest.approx(np.corrcoef(y[i : i + 63], X[i : i + 63])[0, 1])
    assert len(rolling_correlation(X[:10], X[:10], 63)) == 0


def test_only_months_and_years_that_are_over_count():
    days = np.arange(np.datetime64("2020-01-15"), np.datetime64("2021-03-11"))
    assert days[period_ends(days, "Y")].tolist() == [np.datetime64("2020-12-31").item()]
    ends = days[period_ends(days, "M")]
    assert (str(ends[0]), str(ends[-1]), len(ends)) == ("2020-01-31", "2021-02-28", 14)
    # 2018 ends on a Monday, 2017-12-29 was a Friday: both years are over
    sessions = np.array(["2016-12-30", "2017-12-29"], "M8[D]")
    assert period_ends(sessions, "Y").tolist() == [0, 1]


def test_a_daily_reset_is_all_but_perfectly_correlated_by_day_and_less_by_year():
    days = np.busday_offset("2000-01-03", np.arange(252 * 16), roll="forward")
    closes = 100 * np.exp(np.cumsum(0.02 * np.random.default_rng(1).standard_normal(len(days))))
    nav = synthesize(LeveragedFund("X", -3, 0.01, 0.01), days, *(closes,) * 4, 0.03).nav
    assert correlation(returns_over(nav), returns_over(closes)) < -0.99
    ends = period_ends(days, "Y")
    yearly = correlation(returns_over(nav[ends]), returns_over(closes[ends]))
    assert -0.97 < yearly < -0.5
