"""The slope and its standard error, against statsmodels."""

import numpy as np
import pytest
import statsmodels.api as sm

from letf_instruments import SpecError
from runs.studies.hedge_size.regression import lags_of, slope


@pytest.mark.parametrize("n", [30, 252, 2000])
def test_the_slope_and_its_newey_west_error_are_those_of_statsmodels(n):
    rng = np.random.default_rng(n)
    x = 0.02 * rng.standard_t(4, n)
    noise = np.convolve(0.01 * rng.standard_normal(n + 3), [1, 0.5, 0.3, 0.1], "valid") * (1 + 20 * np.abs(x))
    y = 0.0003 + 1.4 * x + noise
    found = slope(y, x)
    fit = sm.OLS(y, sm.add_constant(x)).fit(cov_type="HAC", cov_kwds={"maxlags": lags_of(n)})
    assert found.beta == pytest.approx(fit.params[1], rel=1e-10)
    assert found.error == pytest.approx(fit.bse[1], rel=1e-10)
    assert found.r_squared == pytest.approx(fit.rsquared, rel=1e-10)
    low, high = fit.conf_int()[1]
    assert (found.low, found.high) == (pytest.approx(low, rel=1e-9), pytest.approx(high, rel=1e-9))


def test_the_band_holds_the_true_slope_about_as_often_as_it_says():
    """Errors that spread with the index's own size: a plain standard error's band would hold it far less."""
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(400):
        x = 0.02 * rng.standard_normal(500)
        y = 1.2 * x + 0.02 * rng.standard_normal(500) * (np.abs(x) / 0.02)
        own = slope(y, x)
        held += own.low <= 1.2 <= own.high
    assert 0.90 <= held / 400 <= 0.98


def test_the_lags_are_the_rule_s():
    assert [lags_of(n) for n in (100, 252, 1000)] == [4, 4, 6]


def test_an_index_that_does_not_move_has_no_beta():
    with pytest.raises(SpecError, match="does not move"):
        slope(np.arange(10.0), np.zeros(10))
    dividends = np.where(np.arange(200) % 5, 1.0, 3.0) * 0.01 / 365  # accrued, on Mondays for three days
    with pytest.raises(SpecError, match="does not move"):
        slope(np.random.default_rng(1).normal(0, 0.02, 200), dividends)
