"""Opening range: the range by eye, the orders of the day, and that no later bar is needed."""

import numpy as np
import pytest

from feeds.bars import Bars
from feeds.simulate_minutes import simulate_five_minutes
from letf_instruments import SpecError
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest
from strategies import OpeningRange
from tests.conftest import random_bars
from tests.strategies.arrival import run
from tests.strategies.causality import assert_prefixes, market_of_bars, run_rule


def session(rows, day="2024-06-03", step=10):
    """Bars of ten minutes from the open on."""
    stamps = np.datetime64(day, "m") + 570 + step * np.arange(len(rows))
    columns = np.array(rows, dtype=float).T
    return Bars("IDX", "IDX", stamps.astype("datetime64[us]"), *columns, np.zeros(len(rows)))


ROWS = [
    (100, 102, 99, 101),
    (101, 103, 100, 102),
    (102, 102.5, 98, 99),
    (99, 101, 99, 100),
    (100, 104, 100, 104),
]


def test_the_range_is_that_of_the_first_bars():
    rule = OpeningRange(OpeningRange.Params(minutes=30), OpeningRange.Plan(instrument="index"))
    said = rule.signals(market_of_bars(session(ROWS)))
    np.testing.assert_array_equal(said.levels["range_high"], [np.nan, np.nan, 103, 103, 103])
    np.testing.assert_array_equal(said.levels["range_low"], [np.nan, np.nan, 98, 98, 98])
    assert said.enters().tolist() == [False, False, True, True, True]


def test_each_session_has_a_range_of_its_own_and_an_hour_after_which_none_is_bought():
    bars = session(ROWS)
    low = [tuple(price / 2 for price in row) for row in ROWS]
    later = session(low, day="2024-06-04")
    both = Bars(
        "IDX",
        "IDX",
        np.concatenate((bars.timestamps, later.timestamps)),
        *(np.concatenate((getattr(bars, n), getattr(later, n))) for n in ("open", "high", "low", "close")),
        np.zeros(10),
    )
    rule = OpeningRange(OpeningRange.Params(minutes=30, until=50), OpeningRange.Plan(instrument="index"))
    said = rule.signals(market_of_bars(both))
    assert said.levels["range_high"][7:].tolist() == [51.5, 51.5, 51.5]
    assert said.enters().tolist() == [False, False, True, True, False] * 2


def test_the_break_is_bought_at_the_high_of_the_range_and_sold_at_the_close():
    rows = [*ROWS, *[(104, 105, 103.5, 105)] * 34]  # to 16:00
    plan = OpeningRange.Plan(instrument="index", fraction=0.5)
    trades, _, _ = run(OpeningRange(OpeningRange.Params(minutes=30), plan), session(rows))
    (trade,) = trades
    assert (trade.entry_price, trade.exit_price, trade.exit_reason) == (103, 105, "session end")


def test_daily_bars_have_no_first_minutes():
    with pytest.raises(SpecError, match="daily bars do not have"):
        OpeningRange().signals(market_of_bars(random_bars(1, 40)))


def test_no_later_bar_is_needed():
    bars = simulate_five_minutes(1, np.datetime64("2019-07-01"), np.datetime64("2019-07-08"))
    rule = OpeningRange(OpeningRange.Params(minutes=15), OpeningRange.Plan(trailing_atr=6.0))
    assert_prefixes(rule, market_of_bars(bars), [2, 5, 77, 78, 79, 160, 200, len(bars)])
    known, equity = run_rule(rule, bars)
    assert len(known) >= 3
    for mode in ("next", "streaming"):
        trades, curve = run_rule(rule, bars, mode)
        assert trades == known
        np.testing.assert_array_equal(curve, equity)


def test_the_example_holds_nothing_overnight():
    found = run_backtest(load_spec("opening_range", end="2018-06-29"))
    reasons = {trade.exit_reason for trade in found.trades}
    assert "session end" in reasons
    assert all(
        t.entry_date.astype("datetime64[D]") == t.exit_date.astype("datetime64[D]") for t in found.trades
    )
