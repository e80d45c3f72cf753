import itertools
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers import DrawdownAnalyzer, EquityLog, drawdowns, underwater
from engine import Lab, LabBroker
from feeds.backtrader_feeds import BarsFeed
from tests.conftest import flat_bars
from tests.engine.scripted import Scripted

DAYS = np.datetime64("2020-01-06") + np.arange(100)


def test_depth_length_and_recovery_read_off_by_eye():
    equity = np.array([100, 110, 99, 104.5, 110, 120, 90, 60, 90, 130, 117])
    deepest, middle, last = drawdowns(DAYS[:11], equity)
    assert (deepest.depth, deepest.peak, deepest.trough, deepest.recovery) == (
        pytest.approx(-0.5),
        DAYS[5],
        DAYS[7],
        DAYS[9],
    )
    assert (deepest.days, deepest.days_to_trough, deepest.bars) == (4, 2, 3)
    assert (middle.depth, middle.recovery, middle.days) == (pytest.approx(-0.1), DAYS[4], 3)
    assert (last.depth, last.recovery, last.days) == (pytest.approx(-0.1), None, 1)
    assert len(drawdowns(DAYS[:11], equity, worst=2)) == 2


def test_an_account_that_only_rises_has_no_drawdown():
    assert drawdowns(DAYS[:5], np.arange(1.0, 6.0)) == []
    assert underwater(np.arange(1.0, 6.0)).tolist() == [0.0] * 5


@given(st.lists(st.floats(0.01, 1000), min_size=2, max_size=100))
def test_it_agrees_with_pandas_and_covers_every_bar_below_the_high(values):
    equity = np.array(values)
    series = pd.Series(values)
    below = series / series.cummax() - 1
    np.testing.assert_allclose(underwater(equity), below, atol=1e-15)
    spells = drawdowns(DAYS[: len(values)], equity)
    assert sum(spell.bars for spell in spells) == (below < 0).sum()
    assert (spells[0].depth if spells else 0.0) == pytest.approx(below.min())
    assert all(a.depth <= b.depth for a, b in itertools.pairwise(spells))


def test_the_analyzer_reads_the_account():
    lab = Lab(LabBroker(cash=1000.0))
    lab.adddata(BarsFeed(dataname=flat_bars([100.0, 100.0, 80.0, 60.0, 90.0, 120.0, 120.0])))
    lab.addstrategy(Scripted, script={0: lambda s: s.buy(size=10)})
    lab.addanalyzer(EquityLog)
    lab.addanalyzer(DrawdownAnalyzer)
    log, analyzer = lab.run()[0].analyzers
    assert log.equity.tolist() == [1000, 1000, 800, 600, 900, 1200, 1200]
    assert log.cash.tolist() == [1000, 0, 0, 0, 0, 0, 0]
    assert log.exposure_net.tolist() == [0, 1, 1, 1, 1, 1, 1]
    result = analyzer.get_analysis()
    assert result["max_drawdown"] == pytest.approx(-0.4)
    assert result["max_drawdown_days"] == 6  # Tuesday 7 to Monday 13 January 2020
    assert len(result["worst"]) == 1


def test_without_an_equity_log_it_says_what_to_add():
    lab = Lab()
    lab.adddata(BarsFeed(dataname=flat_bars([1.0, 1.0])))
    lab.addstrategy(Scripted, script={})
    lab.addanalyzer(DrawdownAnalyzer)
    with pytest.raises(LookupError, match="addanalyzer\\(EquityLog\\) must come before"):
        lab.run()


def test_a_high_that_is_met_again_but_for_rounding_is_met():
    days = np.arange("2020-01-06", "2020-01-11", dtype="datetime64[D]")
    spell, *more = drawdowns(days, np.array([100.0, 90.0, 100.0 * (1 - 1e-15), 100.0 * (1 + 1e-15), 100.0]))
    assert not more
    assert (spell.recovery, spell.days) == (days[2], 2)
    # A billionth is the line: two of them below the high are below it.
    assert drawdowns(days, np.array([100.0, 90.0, 100.0 * (1 - 2e-9), 100.0, 100.0]))[0].recovery == days[3]


def test_a_fall_of_a_ten_millionth_keeps_its_digits():
    equity = np.array([17.0, 16.999998848234775])
    exact = Fraction(equity[1]) / Fraction(equity[0]) - 1
    assert underwater(equity)[1] == pytest.approx(float(exact), rel=1e-15)
