"""What a path has beside prices: rates that were, volume of its own time, dividends of the day."""

import numpy as np
import pytest

from feeds.calendars import sessions_between
from feeds.histories.carried import Rates, Volume, compounded, dividend_yields, paid, sessions_of
from feeds.rates import ShortRate


def test_rates_are_real_levels_and_their_mean_is_kept():
    days = sessions_between("XNYS", np.datetime64("2000-01-03"), np.datetime64("2019-12-31"))
    levels = ShortRate.shipped().on(days)
    rates = Rates(levels)
    assert rates.mean_length > 50  # they last
    paths = [rates.path(np.random.default_rng(i), 3_000) for i in range(200)]
    assert set(np.unique(paths)) <= set(levels)
    means = [path.mean() for path in paths]
    assert abs(np.mean(means) - levels.mean()) < 4 * np.std(means) / np.sqrt(200)


def test_a_constant_rate_stays_and_draws_nothing():
    rng = np.random.default_rng(1)
    assert Rates(np.full(10, 0.03)).path(rng, 5).tolist() == [0.03] * 5
    assert rng.random() == np.random.default_rng(1).random()


def test_volume_is_that_of_the_day_over_the_usual_one_of_the_path_s_own_time():
    volume = np.concatenate((np.full(100, 10.0), np.full(100, 1_000.0)))
    volume[50] = 30.0  # three times the usual one
    volume[60] = 0.0
    days = np.arange(200)
    assert Volume.of(volume).path(days).tolist() == pytest.approx(volume.tolist())
    days[180], days[190] = 50, 60
    moved = Volume.of(volume).path(days)
    assert moved[180] == pytest.approx(3_000.0)
    assert moved[190] == 0.0
    assert Volume.of(np.zeros(10)).path(np.arange(10)).tolist() == [0.0] * 10


def test_dividends_are_the_day_s_yield_on_the_close_before():
    yields = dividend_yields(np.array([0.0, 1.0, 0.0, 4.0]), np.array([50.0, 100.0, 200.0, 1.0]))
    assert yields.tolist() == [0.0, 0.02, 0.0, 0.02]
    assert paid(yields, np.array([0, 3, 2, 1]), np.array([10.0, 20.0, 30.0, 40.0])).tolist() == [
        0.0,
        pytest.approx(0.2),
        0.0,
        pytest.approx(0.6),
    ]


def test_a_factor_grows_by_the_ratio_of_each_day():
    ratios = np.array([1.0, 1.1, 1.2, 1.3])
    assert compounded(ratios, 2.0, np.array([0, 3, 3, 1])) == pytest.approx([2.0, 2.6, 3.38, 3.718])


def test_sessions_are_the_real_ones_and_then_the_calendar_s():
    real = sessions_between("XNYS", np.datetime64("2018-01-02"), np.datetime64("2018-06-29"))
    assert sessions_of(real, 10, "XNYS").tolist() == real[:10].tolist()
    longer = sessions_of(real, len(real) + 3, "XNYS")
    assert longer[-3:].astype(str).tolist() == ["2018-07-02", "2018-07-03", "2018-07-05"]
    assert len(sessions_of(real, 5_000, "XNYS")) == 5_000
