"""Overnight: which nights are held, and that no later bar is needed."""

import numpy as np
import pytest

from letf_instruments import SpecError
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest
from strategies import Overnight
from tests.conftest import random_bars
from tests.strategies.arrival import assert_sees_no_later_bar, run


def test_a_night_is_held_from_the_close_to_the_open_and_no_day_is():
    bars = random_bars(3, 60, volatility=0.02, gap=0.01)
    trades, _, _ = run(Overnight(plan=Overnight.Plan(instrument="index")), bars)
    assert [t.exit_reason for t in trades[:-1]] == ["next open"] * (len(bars) - 1)
    nights = bars.open[1:] / bars.close[:-1]
    got = [t.exit_price / t.entry_price for t in trades[:-1]]
    np.testing.assert_allclose(got, nights, rtol=1e-12)


def test_weekends_may_be_left_out():
    bars = random_bars(3, 60)
    rule = Overnight(Overnight.Params(weekends=False), Overnight.Plan(instrument="index"))
    trades, _, _ = run(rule, bars)
    days = {t.entry_date.astype("datetime64[D]").item().weekday() for t in trades}
    assert days == {0, 1, 2, 3}


def test_no_later_bar_is_needed():
    assert_sees_no_later_bar(Overnight(Overnight.Params(weekends=False)), random_bars(5, 120))


def test_a_refused_time_says_what_would_be_right():
    with pytest.raises(SpecError, match="15:45"):
        load_spec("overnight", ["plan.leave_at=noon"]).make_rule()


def test_the_example_runs_and_costs_decide_it():
    none = ["costs.half_spread_bps=0", "costs.slippage_bps=0"]
    free = run_backtest(load_spec("overnight", none, end="2004-12-31"))
    dear = run_backtest(load_spec("overnight", end="2004-12-31"))
    assert free.metrics["trades"] == dear.metrics["trades"]
    # Two fills a session at 2 basis points each, of all equity: e^(−0.0004) a session.
    sessions = free.metrics["sessions"]
    lost = np.log(dear.metrics["final_equity"] / free.metrics["final_equity"])
    assert lost == pytest.approx(-4e-4 * sessions, rel=0.02)
