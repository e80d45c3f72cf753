"""Switch: two sides of one line, by eye; each with its own stop; no later bar."""

import numpy as np
import pytest

from letf_instruments import SpecError
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest
from strategies import Switch, TradePlan
from tests.conftest import flat_bars, random_bars
from tests.strategies.arrival import assert_sees_no_later_bar, run

HILL = [10.0, 11.0, 12.0, 13.0, 12.0, 11.0, 10.0, 10.0, 9.0, 11.0, 12.0]
# 3-bar average: .  .  11   12   12.3 12  11  10.3 9.7 10  10.7
TWO = {"other": {"instrument": "SOXS"}}


def switch(plan=None, **params):
    return Switch(Switch.Params(**params), TradePlan(**(plan or {})))


def test_it_holds_the_bull_fund_above_the_average_and_the_bear_fund_below():
    trades, _, _ = run(switch(TWO, bars=3), flat_bars(HILL))
    assert [(t.instrument, t.exit_reason) for t in trades] == [
        ("SOXL", "below the average"),  # decided on 12 below 12.3, filled a bar later
        ("SOXS", "above the average"),
        ("SOXL", "open at end"),
    ]
    assert trades[0].exit_date == trades[1].entry_date
    assert trades[1].exit_date == trades[2].entry_date


def test_without_another_side_it_is_out_below_the_average():
    trades, _, _ = run(switch(bars=3), flat_bars(HILL))
    assert {t.instrument for t in trades} == {"SOXL"}


def test_within_the_buffer_nothing_is_entered():
    trades, _, _ = run(switch(TWO, bars=3, buffer=0.05), flat_bars(HILL))
    # Above by 9 % and 8 %, below by 2.7 % only, then by 8 % and 9 %; above by 10 % at last.
    assert [t.instrument for t in trades] == ["SOXL", "SOXS", "SOXL"]
    assert trades[0].exit_date < trades[1].entry_date


def test_each_side_has_its_own_stop():
    bars = random_bars(11, 400, volatility=0.03)
    plan = {"stop": 0.5, "other": {"instrument": "SOXS", "stop": 0.03}}
    trades, _, _ = run(switch(plan, bars=20), bars)
    stopped = {t.instrument for t in trades if t.exit_reason == "stop"}
    assert stopped == {"SOXS"}
    lost = [t.exit_price / t.entry_price for t in trades if t.exit_reason == "stop"]
    assert max(lost) == pytest.approx(0.97)


def test_no_later_bar_is_needed():
    plan = {"trailing_atr": 3.0, "other": {"instrument": "SOXS", "stop": 0.05, "max_bars": 5}}
    assert_sees_no_later_bar(switch(plan, bars=20), random_bars(5, 160))


def test_the_same_instrument_on_both_sides_is_refused():
    with pytest.raises(SpecError, match="which are the same"):
        run_backtest(load_spec("switch", ["plan.other.instrument=SOXL"]))


def test_in_the_example_the_sides_follow_each_other():
    found = run_backtest(load_spec("switch"))
    assert {t.instrument for t in found.trades} == {"SOXL", "SOXS"}
    entries = np.array([t.entry_date for t in found.trades])
    exits = np.array([t.exit_date for t in found.trades])
    assert (entries[1:] >= exits[:-1]).all()
