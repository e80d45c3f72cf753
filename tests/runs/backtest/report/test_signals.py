"""What a rule saw: its conditions where they held, the levels they compare, the weights it wanted and had."""

import numpy as np
import pandas as pd

from runs.answers.closer import Flag, Line, Marks
from tests.runs.backtest.report.pictures import closer, parts


def test_a_condition_is_filled_where_it_held_and_stops_stand_while_a_trade_is_open(timing):
    found = closer(timing, "signals")
    flags, lines = parts(found, Flag), parts(found, Line)
    signals = timing.result.rule.checked_signals(timing.result.market())
    for name, holds in signals.entry.items():
        np.testing.assert_array_equal(flags[name].holds, holds)
    trade = timing.trades.iloc[0]
    days = pd.DatetimeIndex(found.x)
    open_ = (days >= trade["entry_date"]) & (days <= trade["exit_date"])
    np.testing.assert_allclose(lines["stop"].values[open_], 0.92 * trade["entry_price"], rtol=1e-9)
    before = days < trade["entry_date"]
    assert np.isnan(lines["stop"].values[before]).all()


def test_what_the_conditions_compare_is_drawn_with_its_levels(timing):
    import talib

    found = closer(timing, "signals")
    by_pane = {pane.label: {part.name: part for part in pane.parts} for pane in found.panes}
    close = timing.result.market().index.close
    strength = by_pane["RSI(14)"]
    np.testing.assert_allclose(strength["RSI(14)"].values, talib.RSI(close, 14), rtol=1e-9)
    assert set(strength["RSI(14) falls back through 65"].values) == {65.0}
    assert set(strength["oversold"].values) == {35.0}
    average = by_pane["nasdaq"]["close below its 10-bar average"].values
    np.testing.assert_allclose(average, pd.Series(close).rolling(10).mean(), rtol=1e-9)


def test_a_rule_of_weights_shows_what_it_wanted_and_had(trend):
    lines = parts(closer(trend, "signals"), Line)
    had, wanted = lines["SOXL (+3×)"].values, lines["SOXL wanted"].values
    np.testing.assert_allclose(had, trend.positions["SOXL"] / trend.equity["equity"], atol=1e-9)
    rule, market = trend.result.rule, trend.result.market()
    np.testing.assert_array_equal(wanted, rule.checked_targets(market).weights[rule.instruments[0]])


def test_a_trade_is_told_in_the_same_words_at_both_its_ends(timing):
    marks = parts(closer(timing, "signals"), Marks)
    entered = next(mark for name, mark in marks.items() if name.startswith("entered"))
    ends = [mark for name, mark in marks.items() if name.startswith("left with")]
    assert sorted(words for mark in ends for words in mark.words) == sorted(entered.words)
    trade = timing.trades.iloc[0]
    first = f"entered {trade['entry_date']:%Y-%m-%d}, left {trade['exit_date']:%Y-%m-%d} by "
    assert entered.words[0].startswith(first)
