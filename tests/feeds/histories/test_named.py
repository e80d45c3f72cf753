"""Named paths have the figures that their words state, exactly, and are the same each time."""

import numpy as np
import pytest

from feeds.histories.named import CALM, NAMED, Named, Stretch, calm_days, on_path, path_days, stretch_days
from letf_instruments import DataError

START = np.datetime64("2023-12-29")
ALL = {named.key: named for named in NAMED}


def made(key, **more):
    return on_path(ALL[key], "SOX", START, 4000.0, **more)


def stretches(named, closes):
    """Closes of each stretch, that before it first."""
    at = 0
    for stretch in named.stretches:
        yield stretch, closes[at : at + stretch.sessions + 1]
        at += stretch.sessions


@pytest.mark.parametrize("key", ALL)
@pytest.mark.parametrize("seed", [1, 2])
def test_each_stretch_has_its_return_and_volatility_exactly(key, seed):
    named, closes = ALL[key], made(key, seed=seed).path.close
    assert len(closes) == named.sessions + 1
    assert closes[0] == pytest.approx(4000.0)
    for stretch, part in stretches(named, closes):
        assert part[-1] / part[0] - 1 == pytest.approx(stretch.total, abs=1e-12)
        if stretch.sessions > 1:
            moves = np.diff(np.log(part))
            assert np.sqrt(252 * np.mean(moves**2)) == pytest.approx(stretch.volatility, rel=1e-9)


@pytest.mark.parametrize("key", ALL)
def test_bars_are_bars_on_new_york_s_sessions_and_say_that_they_are_simulated(key):
    """`Bars` itself refuses a high below, or a low above, the rest of its bar."""
    found = made(key, volume=1e6)
    for bars in (found.path, found.before, found.common, found.before_common):
        assert bars.simulated
        assert bars.name == "SOX"
        assert ALL[key].title in bars.source
    assert (found.before.sessions < START).all()
    assert (found.path.sessions[0], len(found.before)) == (START, 504)
    assert (found.path.volume > 0).all()
    assert str(found.path.sessions[1]) == "2024-01-02"


def test_the_years_before_are_calm_and_the_same_for_every_path_and_end_at_its_first_close():
    befores = [made(key).before.close for key in ALL]
    for other in befores[1:]:
        np.testing.assert_allclose(other, befores[0], rtol=1e-12)
    days = calm_days(504, 1)
    assert np.expm1(days.returns.sum()) == pytest.approx(CALM[0] ** 2 - 1)
    assert np.sqrt(252 * np.mean(days.returns**2)) == pytest.approx(CALM[1])
    found = made("chop")
    step = np.log(found.path.close[0] / found.before.close[-1])
    assert step == pytest.approx(days.returns[-1])


def test_chop_stays_in_a_band_and_a_plain_path_of_the_same_figures_does_not():
    chop, plain = [], []
    for seed in range(40):
        for kind, spans in (("chop", chop), ("plain", plain)):
            named = Named("x", "x", "", (Stretch(252, 0.0, 0.45, kind),))
            level = np.cumsum(path_days(named, seed).returns)
            spans.append(level.max() - level.min())
    assert np.median(chop) < 0.6 * np.median(plain)
    assert np.max(chop) < 0.75


def test_the_leader_s_part_is_the_index_s_alone():
    """Three quarters of log(1.35 · 1.25): what is held beside has 1.6875^(1/4) − 1 = 14.0 %."""
    found = made("melt_up")
    assert found.path.close[-1] / found.path.close[0] - 1 == pytest.approx(0.6875)
    assert found.common.close[-1] / found.common.close[0] - 1 == pytest.approx(1.6875**0.25 - 1)
    off = np.diff(np.log(found.path.close)) - np.diff(np.log(found.common.close))
    assert off[:105] == pytest.approx(0.75 * np.log(1.35) / 105)
    for key in ALL:
        if key != "melt_up":
            np.testing.assert_allclose(made(key).common.close, made(key).path.close, rtol=1e-12)


def test_the_day_of_a_third_less_a_little_leaves_a_bear_one_per_cent():
    path = made("one_day").path
    at = int(np.argmax(path.close[1:] / path.close[:-1])) + 1
    assert path.close[at] / path.close[at - 1] == pytest.approx(1.33)
    assert path.high[at] == path.close[at]
    assert 1 - 3 * (path.high[at] / path.close[at - 1] - 1) == pytest.approx(0.01)


def test_the_same_seed_is_the_same_bars_and_another_seed_another_path():
    one, again, other = (made("crash_v", seed=seed).path for seed in (3, 3, 4))
    assert one.fingerprint() == again.fingerprint() != other.fingerprint()


def test_the_crash_is_that_of_2020():
    named = ALL["crash_v"]
    assert named.stretches[1].total == -0.35
    assert (1 + named.stretches[1].total) * (1 + named.stretches[2].total) == pytest.approx(1.0)


@pytest.mark.market
def test_the_crash_s_figures_are_those_of_the_real_closes(market_folder):
    from feeds.sources import load_bars

    bars = load_bars("SOX", market_folder)
    days = bars.sessions.astype(str)
    top, low, back = (
        int(np.flatnonzero(days == day)[0]) for day in ("2020-02-19", "2020-03-18", "2020-06-08")
    )
    _, fall, rise = ALL["crash_v"].stretches
    for stretch, a, b in ((fall, top, low), (rise, low, back)):
        assert b - a == stretch.sessions
        assert bars.close[b] / bars.close[a] - 1 == pytest.approx(stretch.total, abs=0.02)
        moves = np.diff(np.log(bars.close[a : b + 1]))
        assert np.sqrt(252 * np.mean(moves**2)) == pytest.approx(stretch.volatility, abs=0.01)


def test_a_return_that_takes_more_volatility_is_refused():
    with pytest.raises(DataError, match=r"a return of \+100% in 10 sessions takes more volatility than 20%"):
        stretch_days(np.random.default_rng(1), Stretch(10, 1.0, 0.2))
