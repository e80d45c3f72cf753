"""What comes out where it is known what must: planted drifts, martingales, joint days, refusals."""

from math import erf, sqrt

import numpy as np
import pytest

from letf_instruments import SpecError
from runs.robustness.montecarlo.asked import Asked
from runs.robustness.montecarlo.study import DATES, MOST_KEPT, fan_bars, simulate
from runs.robustness.montecarlo.summary import beats, fan, montecarlo_metrics, rank
from runs.specs.reading import load_spec
from tests.runs.robustness.montecarlo.specs import noise, spec_of

PATHS = 2_000


def run(spec, **asked):
    return simulate(spec, Asked(**{"paths": PATHS, **asked}), workers=1)[0]


def test_a_planted_drift_beats_cash_on_all_paths(tmp_path):
    m = montecarlo_metrics(run(spec_of(tmp_path, 0.004 + noise(size=0.003)), paths=300))
    assert m["beats_cash"] == m["index_beats_cash"] == 1.0
    assert m["loss"] == m["below_half"] == m["wiped_out"] == 0.0


def test_a_planted_fall_loses_on_all_paths(tmp_path):
    m = montecarlo_metrics(run(spec_of(tmp_path, -0.006 + noise(size=0.003)), paths=300))
    assert m["beats_cash"] == 0.0
    assert m["loss"] == m["below_half"] == 1.0


def test_a_martingale_gains_nothing_on_the_mean_and_loses_in_the_median(tmp_path):
    """Up or down by 2 % with equal chance, 300 times: the mean of wealth is 1; its log is all but normal,
    with mean 300 · (ln 1.02 + ln .98)/2, so that cash is beaten on Φ(mean over spread) of the paths."""
    returns = np.tile([0.02, -0.02], 150)
    found = run(spec_of(tmp_path, returns), block=1.0)
    m = montecarlo_metrics(found)
    wealth = 1.0 + found.column("index_return")
    drift = 300 * (np.log(1.02) + np.log(0.98)) / 2
    spread = sqrt(300) * (np.log(1.02) - np.log(0.98)) / 2
    error = 4.0 / sqrt(PATHS)
    assert wealth.mean() == pytest.approx(1.0, abs=error * wealth.std())
    above = 0.5 * (1 + erf(drift / spread / sqrt(2)))
    # Wealth lies on a grid of 300 steps: of the step that is neither above nor below, half.
    step = 2 / sqrt(300) / sqrt(2 * np.pi)
    assert m["index_beats_cash"] == pytest.approx(above, abs=error * 0.5 + step)
    assert np.median(np.log(wealth)) == pytest.approx(drift, abs=error * 1.3 * spread + 2 * step * spread)
    assert found.job.held_names == ("index",)


def test_the_mean_of_returns_is_that_of_the_real_days(tmp_path):
    returns = 0.001 + noise(400, 0.015, seed=4)
    found = run(spec_of(tmp_path, returns))
    logs = np.log1p(found.column("index_return"))
    assert logs.mean() == pytest.approx(np.log1p(returns).sum(), abs=4 * logs.std() / sqrt(PATHS))


def test_assets_have_the_same_days_as_the_index(tmp_path):
    """Every pair of returns on a path is one that there was: what moved together still does."""
    spec = load_spec("fixed_mix", ["data.index=semis-sim", "data.start=2005-01-03", "data.end=2007-12-31"])
    found = run(spec, paths=3)
    paths = found.job.paths
    setting = found.setting
    name = next(iter(setting.assets))
    real = [np.diff(np.log(bars.close)) for bars in (setting.bars, setting.assets[name])]
    for number in range(3):
        path = paths.path(number)
        index, asset = (np.diff(np.log(c.prices[3])) for c in (path.index, path.assets[name]))
        np.testing.assert_allclose(index, real[0][path.source[1:] - 1], atol=1e-12)
        np.testing.assert_allclose(asset, real[1][path.source[1:] - 1], atol=1e-12)
    with pytest.raises(SpecError, match="the model garch draws one index alone, and this spec has"):
        run(spec, paths=3, model="garch")


@pytest.mark.parametrize("model", ["garch", "regimes"])
def test_models_draw_other_returns_than_the_real_ones(tmp_path, model):
    spec = load_spec("rsi_timing", ["data.start=2003-01-02", "data.end=2008-12-31"])
    found = run(spec, paths=20, model=model)
    drawn = np.diff(np.log(found.job.paths.path(0).index.prices[3]))
    real = np.diff(np.log(found.setting.bars.close))
    assert not np.isin(drawn, real).any()
    assert 0.4 < drawn.std() / real.std() < 2.5
    assert not found.refused
    assert np.isfinite(found.figures[:, :9]).all()


def test_the_real_run_is_the_run_of_the_spec(tmp_path):
    from runs.backtest.beginning import begun
    from runs.backtest.event_driven import run_account

    spec = load_spec("rsi_timing", ["data.end=2003-12-31"])
    found = run(spec, paths=20)
    again, setting = begun(spec)
    real = run_account(again, setting, again.make_rule())
    assert found.of_real("total_return") == pytest.approx(real.metrics["total_return"], rel=1e-9)
    np.testing.assert_allclose(found.real_equity, real.equity, rtol=1e-9)
    m = montecarlo_metrics(found)
    below = (found.column("total_return") < real.metrics["total_return"]).mean()
    assert m["real_total_return_rank"] == below


def test_paths_may_be_shorter_or_longer_than_the_real_run():
    spec = load_spec("rsi_timing", ["data.end=2001-12-31"])
    short, long = run(spec, paths=5, days=100), run(spec, paths=5, days=1_500)
    assert len(short.job.paths.sessions) == 100
    assert np.isfinite(short.of_real("total_return"))
    assert len(long.job.paths.sessions) == 1_500
    assert np.isnan(long.of_real("total_return"))
    assert montecarlo_metrics(long)["real_total_return_rank"] is None


def test_a_strategy_of_backtrader_and_a_cfd_account_run_there(tmp_path):
    spec = load_spec("rsi_timing", ["data.end=2000-06-30", "account.kind=cfd"])
    found = run(spec, paths=2)
    assert set(found.engines) == {"backtrader"}
    assert np.isfinite(found.column("total_return")).all()


def test_a_path_whose_orders_a_volume_bounds_runs_in_backtrader():
    spec = load_spec(
        "hold",
        ["data.end=2001-06-30", "rule.instrument=index", "account.cash=1e13", "costs.max_participation=0.1"],
    )
    found = run(spec, paths=3)
    assert set(found.engines) == {"backtrader"}
    assert np.isfinite(found.column("total_return")).all()


@pytest.mark.parametrize(
    ("name", "changes", "asked", "says"),
    [
        ("event_window", (), {}, "acts on dates of events"),
        ("event_options", (), {}, "trades options"),
        ("opening_range", (), {}, "these are intraday bars"),
        ("rsi_timing", ("data.splits=actual",), {}, 'data.splits is "actual"'),
        ("rsi_timing", (), {"model": "magic"}, "model is 'magic'; it must be 'bootstrap' or 'garch'"),
        ("rsi_timing", (), {"model": "garch", "block": 5.0}, "block is for the bootstrap"),
        ("rsi_timing", (), {"paths": 1}, "paths is 1; it must be a whole number"),
        ("rsi_timing", (), {"days": 10}, "10 days are too few: rsi_timing needs more than"),
        ("rsi_timing", ("data.end=1999-02-10",), {}, "daily returns are too few"),
    ],
)
def test_what_no_path_can_carry_is_one_sentence(name, changes, asked, says):
    with pytest.raises(SpecError, match=says) as error:
        run(load_spec(name, list(changes)), **{"paths": 2, **asked})
    assert "\n" not in str(error.value)


def test_a_tie_is_no_win_and_half_a_rank():
    one = np.array([0.1, 0.2, -0.3])
    assert beats(one, one) == 0.0
    assert beats(one + 1e-15, one) == 0.0
    assert beats(one, np.array([0.0, 0.3, -0.4])) == pytest.approx(2 / 3)
    assert rank(one, 0.1) == pytest.approx(0.5)
    assert rank(one, float("nan")) is None


def test_the_fan_begins_with_the_money_and_its_quantiles_do_not_cross(tmp_path):
    found = run(spec_of(tmp_path, noise()), paths=400)
    cut = fan(found)
    assert cut.shape == (5, len(found.job.kept))
    np.testing.assert_allclose(cut[:, 0], 100_000.0)
    assert (np.diff(cut, axis=0) >= 0).all()
    last = np.quantile(found.column("final_equity"), [0.05, 0.25, 0.5, 0.75, 0.95])
    np.testing.assert_allclose(cut[:, -1], last, rtol=1e-6)


@pytest.mark.parametrize(("days", "paths"), [(5_000, 10_000), (5_000, 1_000_000), (90, 10), (2, 2)])
def test_the_fan_takes_no_more_memory_than_is_said(days, paths):
    kept = fan_bars(days, paths)
    assert kept[0] == 0
    assert kept[-1] == days - 1
    assert (np.diff(kept) > 0).all()
    assert len(kept) <= min(DATES, days)
    assert len(kept) * paths <= MOST_KEPT


def test_figures_a_year_of_shorter_paths_are_said_to_be_extrapolated():
    from runs.robustness.montecarlo.answer import answer_of

    spec = load_spec("hold", ["data.end=2000-12-31"])
    for days, marked in ((100, True), (400, False)):
        answer = answer_of(run(spec, paths=3, days=days))
        labels = [row[0] for row in answer.sections[0].tables[1].rows]
        assert ("CAGR (extrapolated)" in labels) == marked
        assert any("are less than a year" in note for note in answer.notes) == marked
