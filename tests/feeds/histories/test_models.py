"""GJR-GARCH and regimes find what was planted in a long simulated series, and draw it again."""

import numpy as np
import pytest

from feeds.histories.garch import Garch
from feeds.histories.regimes import Regimes
from letf_instruments import SpecError

LONG = 20_000


def planted_garch(seed=11):
    """Percent returns with μ .05, ω .03, α .03, γ .08, β .90, Student-t of 8; written out step by step."""
    rng = np.random.default_rng(seed)
    z = rng.standard_t(8, LONG) * np.sqrt(6 / 8)
    out, variance = np.empty(LONG), 0.03 / (1 - 0.03 - 0.04 - 0.90)
    for t in range(LONG):
        e = np.sqrt(variance) * z[t]
        out[t] = 0.05 + e
        variance = 0.03 + (0.03 + 0.08 * (e < 0)) * e * e + 0.90 * variance
    return out / 100.0


def planted_regimes(seed=12):
    """Calm: +.08 %, .8 % a day, stays with .98. Stormy: −.15 %, 2.4 %, stays with .95."""
    rng = np.random.default_rng(seed)
    state, out = 0, np.empty(LONG)
    for t in range(LONG):
        if rng.random() > (0.98, 0.95)[state]:
            state = 1 - state
        out[t] = (0.0008, -0.0015)[state] + (0.008, 0.024)[state] * rng.standard_normal()
    return out


@pytest.fixture(scope="module")
def garch_returns():
    return planted_garch()


def test_garch_finds_what_was_planted(garch_returns):
    facts = Garch(garch_returns).facts
    planted = {"mu": 0.05, "omega": 0.03, "alpha": 0.03, "gamma": 0.08, "beta": 0.90}
    for name, within in {"mu": 0.02, "omega": 0.015, "alpha": 0.02, "gamma": 0.03, "beta": 0.03}.items():
        assert facts[name] == pytest.approx(planted[name], abs=within), name
    assert 6.0 < facts["nu"] < 11.0


@pytest.mark.parametrize("shocks", ["student", "residuals"])
def test_garch_draws_returns_like_those_it_was_fitted_to(garch_returns, shocks):
    model = Garch(garch_returns, shocks)
    drawn = np.concatenate(
        [model.steps(np.random.default_rng(i), 2_000).returns for i in range(60)]
    )  # each path begins as the fit does
    assert drawn.std() == pytest.approx(garch_returns.std(), rel=0.08)
    squares = [np.corrcoef(r[:-5] ** 2, r[5:] ** 2)[0, 1] for r in (drawn, garch_returns)]
    assert squares[0] == pytest.approx(squares[1], abs=0.08)
    assert squares[0] > 0.05
    after = [np.corrcoef(r[:-1], r[1:] ** 2)[0, 1] for r in (drawn, garch_returns)]
    assert after[0] < 0 > after[1]  # losses are followed by more of it


def test_garch_refuses_what_has_no_finite_variance():
    trending = np.exp(np.linspace(-8, 2, 500)) * np.where(np.arange(500) % 2, 1.0, -1.0) * 0.01
    with pytest.raises(SpecError, match="no variance that stays finite"):
        Garch(trending)
    with pytest.raises(SpecError, match="does not move"):
        Garch(np.full(200, 0.001))


def test_regimes_find_what_was_planted_and_draw_it_again():
    returns = planted_regimes()
    model = Regimes(returns)
    np.testing.assert_allclose(model.means, [0.0008, -0.0015], atol=8e-4)
    np.testing.assert_allclose(model.volatilities, [0.008, 0.024], rtol=0.05)
    np.testing.assert_allclose(np.diag(model.moves), [0.98, 0.95], atol=0.01)
    np.testing.assert_allclose(model.moves.sum(axis=1), 1.0)
    drawn = np.concatenate([model.steps(np.random.default_rng(i), 2_000).returns for i in range(60)])
    # Five days in seven are calm: the variance of the mixture, means included.
    calm = 0.05 / 0.07
    mean = calm * 0.0008 - (1 - calm) * 0.0015
    variance = calm * (0.008**2 + 0.0008**2) + (1 - calm) * (0.024**2 + 0.0015**2) - mean**2
    assert drawn.std() == pytest.approx(np.sqrt(variance), rel=0.04)


def test_regimes_refuse_a_number_of_them_that_is_none():
    with pytest.raises(SpecError, match="regimes is 7; it must be 2 to 4"):
        Regimes(planted_regimes()[:500], 7)


@pytest.mark.parametrize("make", [Garch, lambda r: Garch(r, "residuals"), Regimes])
def test_paths_drift_on_the_mean_as_the_real_index_did(make):
    """Skewed returns, as real ones are: a fit by Student-t alone would find far too high a mean."""
    rng = np.random.default_rng(5)
    returns = 0.01 * rng.standard_normal(4_000) - 0.04 * (rng.random(4_000) < 0.02) + 0.0005
    model = make(returns)
    means = [model.steps(np.random.default_rng(i), 2_000).returns.mean() for i in range(150)]
    error = np.std(means) / np.sqrt(len(means))
    assert abs(np.mean(means) - returns.mean()) < 4 * error + 2e-5
