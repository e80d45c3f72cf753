"""What the last days of a run were at any time: by numpy."""

import numpy as np
import pandas as pd
import pytest

import letf
from runs.answers.closer import Line
from tests.runs.backtest.report.pictures import closer, parts


def test_beta_of_the_last_252_days_is_that_of_numpy(trend):
    beta = parts(closer(trend, "rolling").of["a year"], Line)["beta to nasdaq"].values
    own = trend.equity["equity"].pct_change().to_numpy()
    index = trend.equity["hold_index"].pct_change().to_numpy()
    for at in (300, 1_000, len(own) - 1):
        window = slice(at - 251, at + 1)
        wanted = np.cov(own[window], index[window])[0, 1] / np.var(index[window], ddof=1)
        assert beta[at] == pytest.approx(wanted, rel=1e-6)
    assert np.isnan(beta[:252]).all()


@pytest.mark.parametrize(("name", "days"), [("a year", 252), ("six months", 126)])
def test_volatility_sharpe_and_sortino_of_the_last_days_are_those_of_numpy(trend, name, days):
    import empyrical

    volatility, sharpe, sortino, _, daily = (
        {part.name: part.values for part in pane.parts} for pane in closer(trend, "rolling").of[name].panes
    )
    own = trend.equity["equity"].pct_change().to_numpy()
    rates = trend.result.short_rate.on(trend.result.days)[:-1]
    nights = np.diff(trend.result.days).astype(int)
    excess = np.append(np.nan, own[1:] - rates * nights / 360)  # money market convention, as docs/metrics.md
    for at in (300, 1_200):
        window = slice(at - days + 1, at + 1)
        assert volatility["trend"][at] == pytest.approx(np.std(own[window], ddof=1) * np.sqrt(252), rel=1e-9)
        wanted = excess[window].mean() / excess[window].std(ddof=1) * np.sqrt(252)
        assert sharpe["trend"][at] == pytest.approx(wanted, rel=2e-3, abs=2e-3)
        assert sortino["trend"][at] == pytest.approx(
            empyrical.sortino_ratio(excess[window]), rel=2e-3, abs=2e-3
        )

    np.testing.assert_allclose(daily["trend"], own, rtol=1e-9)
    assert np.isnan(volatility["trend"][:days]).all()
    assert np.isfinite(volatility["trend"][days])


def test_a_short_run_shows_its_returns_by_day():
    run = letf.run("hold", index="nasdaq", end="1999-04-30")
    (panes,) = closer(run, "rolling").of.values()
    assert [pane.label for pane in panes.panes] == ["return of the day"]


def test_a_window_of_hardly_a_day_with_a_position_has_no_ratio(timing):
    days = timing.result.days
    held = np.zeros(len(days))
    for trade in timing.result.trades:
        held[(days >= trade.entry_date) & (days <= trade.exit_date)] = 1.0
    for name, window in (("a year", 252), ("six months", 126)):
        panes = closer(timing, "rolling").of[name]
        volatility, sharpe, sortino, beta, _ = (
            {part.name: part.values for part in pane.parts} for pane in panes.panes
        )
        enough = pd.Series(held).rolling(window).sum().to_numpy()[window:] >= 20
        assert 0 < enough.mean() < 1
        np.testing.assert_array_equal(np.isfinite(sharpe["rsi_timing"][window:]), enough)
        assert not np.isfinite(sortino["rsi_timing"][window:])[~enough].any()
        assert np.isfinite(sharpe["nasdaq held"][window:]).all()
        assert np.isfinite(volatility["rsi_timing"][window:]).all()
        assert np.isfinite(beta["beta to nasdaq"][window:]).all()
        assert "a position on fewer than 20" in panes.note
        assert np.nanmax(np.abs(sharpe["rsi_timing"])) < 5


def test_a_rule_that_always_holds_something_has_no_gap_to_tell_of():
    run = letf.run("hold", index="nasdaq", end="2000-12-31")
    assert closer(run, "rolling").of["a year"].note == ""
