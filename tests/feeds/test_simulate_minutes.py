"""The simulated index in five-minute bars."""

import numpy as np

from feeds.simulate_minutes import simulate_five_minutes
from feeds.sources import load_bars


def test_the_same_seed_gives_the_same_bars_and_they_say_simulated():
    one, other = load_bars("semis-sim-5min", seed=3), simulate_five_minutes(3)
    assert one.simulated
    assert one.fingerprint() == other.fingerprint() != simulate_five_minutes(4).fingerprint()


def test_a_session_has_78_bars_and_one_that_closes_early_42():
    bars = simulate_five_minutes(1, np.datetime64("2019-07-01"), np.datetime64("2019-07-05"))
    days, counts = np.unique(bars.sessions, return_counts=True)
    assert dict(zip(days.astype(str).tolist(), counts.tolist(), strict=True)) == {
        "2019-07-01": 78,
        "2019-07-02": 78,
        "2019-07-03": 42,
        "2019-07-05": 78,
    }


def test_bars_follow_one_another_within_a_session():
    bars = simulate_five_minutes(2, np.datetime64("2019-03-01"), np.datetime64("2019-03-08"))
    same = bars.sessions[1:] == bars.sessions[:-1]
    np.testing.assert_allclose(bars.open[1:][same], bars.close[:-1][same], rtol=1e-12)


def test_a_year_s_volatility_is_that_of_the_model():
    # 37.5 % a year of daily returns, of which a third of the variance falls overnight (feeds.simulate).
    bars = simulate_five_minutes(5, np.datetime64("1990-01-02"), np.datetime64("1999-12-31"))
    returns = np.diff(np.log(bars.close))
    within = returns[bars.sessions[1:] == bars.sessions[:-1]]
    days = len(np.unique(bars.sessions))
    year = np.sqrt((within**2).sum() / days * 252)
    assert 0.24 < year < 0.40  # 0.375 · √(1 − 0.336) = 0.306, but for ten years of clustering
