"""Dip: entries read off by eye, no look-ahead, its doors on real indices."""

import numpy as np
import pytest

from feeds.sources import load_bars
from letf_instruments import SpecError
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest
from strategies import Dip, DipParams, TradePlan
from tests.conftest import flat_bars, random_bars
from tests.strategies.causality import assert_prefixes, assert_same_in_every_mode, market_of_bars, run_rule

# Up to 120 on bar 10; down 5.8 % on bar 11, a low of 112 on bars 12 and 13; bar 14 closes above the high of
# 13, and 15 above that of 14; a new low of 111 on bar 16; bar 17 closes above the high of 16.
CLOSES = [80.0 + 4 * i for i in range(11)] + [113, 112, 112.5, 116, 117, 111, 118, 119, 119]
SMALL = {"average_bars": 8, "rising_bars": 2, "high_bars": 8, "depth": 0.05, "atr_bars": 3}
DOORS = {"stop", "target", "rebound", "longest holding"}


def signals(closes=CLOSES, **changes):
    return Dip(DipParams(**{**SMALL, **changes})).signals(market_of_bars(flat_bars(closes)))


def entries(*args, **changes):
    return np.flatnonzero(signals(*args, **changes).enters()).tolist()


def test_it_enters_at_the_first_turn_after_each_low_of_the_pullback():
    assert entries() == [14, 17]


def test_at_once_it_enters_on_the_first_bar_that_has_fallen_so_far():
    assert entries(enter="at-once") == [11]


def test_levels_of_the_index_are_the_pullback_s_low_and_the_long_average():
    levels = signals().index_levels
    np.testing.assert_array_equal(levels["pullback_low"][10:18], [np.nan, 113, 112, 112, 112, 112, 111, 111])
    assert levels["average"][14] == pytest.approx((108 + 112 + 116 + 120 + 113 + 112 + 112.5 + 116) / 8)


def test_the_pullback_is_measured_from_the_highest_close_of_the_window():
    assert entries(high_bars=4) == []  # on bar 14 the window from 113 on has its highest close, on itself
    assert entries(high_bars=5) == [14]  # from 120 on bar 10; on bar 17 the window has forgotten it


def test_a_pullback_of_just_the_depth_counts_and_of_less_does_not():
    closes = [*range(90, 101), 90.0, 91.0]  # from 100 to 90 is 10 %
    assert entries(closes, enter="at-once", depth=0.1, average_bars=12) == []  # below the average
    up = [50.0 + 5 * i for i in range(11)] + [90.0, 91.0]
    assert entries(up, enter="at-once", depth=0.1) == [11]
    assert entries(up, enter="at-once", depth=0.101) == []


def test_outside_an_uptrend_there_is_no_entry():
    """Four bars at 160 before: on bar 18, once 14, the average is 113.7 and 11 bars before it was 123;
    on bar 21 it is 114.9, and was 100.5. An average over all of them is above the close on both."""
    closes = [160.0] * 4 + CLOSES
    assert entries(closes) == [18, 21]
    assert entries(closes, rising_bars=11) == [21]
    assert entries([160.0] * 12 + CLOSES, average_bars=20) == []


def test_a_close_below_the_pullback_s_low_ends_the_idea():
    """Entered on bar 15 with a low of 112; bar 16 closes at 111, and bar 17 sells at its open."""
    bars = flat_bars(CLOSES)
    trades, _ = run_rule(Dip(DipParams(**SMALL), TradePlan(fraction=0.5, rebound="pullback_low")), bars)
    days = bars.sessions
    first, second = trades
    assert (first.instrument, first.entry_date, first.exit_date) == ("SOXL", days[15], days[17])
    assert first.exit_reason == "rebound"
    assert (second.entry_date, second.exit_reason) == (days[18], "open at end")


def test_entries_on_nasdaq_are_those_of_a_plain_loop():
    bars = load_bars("nasdaq").between("2003-01-01", "2012-12-31")
    close, high, low = bars.close.tolist(), bars.high.tolist(), bars.low.tolist()
    expected = []
    for t in range(169, len(close)):
        average = sum(close[t - 149 : t + 1]) / 150
        earlier = sum(close[t - 169 : t - 19]) / 150
        top = max(range(t - 19, t + 1), key=lambda i: (close[i], i))
        after = range(top + 1, t + 1)
        if not (
            close[t] > average > earlier and len(after) and min(close[i] for i in after) <= 0.96 * close[top]
        ):
            continue
        bottom = min(after, key=lambda i: (low[i], -i))
        turned = [i for i in range(bottom, t + 1) if close[i] > high[i - 1]]
        if turned == [t]:
            expected.append(t)
    rule = Dip(DipParams(depth=0.04))
    assert np.flatnonzero(rule.signals(market_of_bars(bars)).enters()).tolist() == expected
    assert len(expected) > 20


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("rule.depth=0", "rule.depth is 0; it should be greater than 0"),
        ("rule.depth=1", "rule.depth is 1; it should be less than 1"),
        ("rule.high_bars=1", "rule.high_bars is 1; it should be greater than or equal to 2"),
        ("rule.average_bars=1", "rule.average_bars is 1; it should be greater than or equal to 2"),
        ("rule.rising_bars=0", "rule.rising_bars is 0; it should be greater than or equal to 1"),
        ("rule.enter='later'", "rule.enter is 'later'; it should be 'turn' or 'at-once'"),
        ("plan.rebound='low'", "plan.rebound names the level 'low'; rule dip gives pullback_low, average"),
    ],
)
def test_what_is_out_of_bounds_is_refused_with_the_bound(change, says):
    with pytest.raises(SpecError, match=says):
        Dip.checked_signals(load_spec("dip", [change]).make_rule(), market_of_bars(random_bars(1, 9)))


def test_a_bear_fund_is_refused():
    with pytest.raises(SpecError, match=r"bets on a rising index, which needs .* positive multiple"):
        run_rule(Dip(plan=TradePlan(instrument="SOXS")), random_bars(1, 30))


@pytest.mark.parametrize("enter", ["turn", "at-once"])
def test_the_first_signal_is_possible_when_the_warm_up_has_ended_and_not_before(enter):
    rule = Dip(DipParams(average_bars=20, rising_bars=5, high_bars=10, enter=enter))
    bars = rule.warm_up
    assert bars == 25
    for at, entered in ((24, [24]), (23, [])):
        rise = [100 * 1.05**t for t in range(at)]
        if enter == "turn":  # the turn closes above the high of a bar that fell all day
            rise = rise[:-2]
            closes = [*rise, rise[-1] * 0.93, rise[-1] * 0.925, rise[-1] * 0.97]
        else:
            closes = [*rise, rise[-1] * 0.93]
        assert np.flatnonzero(rule.signals(market_of_bars(flat_bars(closes))).enters()).tolist() == entered


LOOSE = {"average_bars": 15, "rising_bars": 3, "high_bars": 10, "depth": 0.02}
PLAN = TradePlan(risk=0.02, stop="atr_stop", target="atr_target", rebound="pullback_low", max_bars=8)


@pytest.mark.parametrize("enter", ["turn", "at-once"])
def test_no_bar_is_used_before_it_has_arrived(enter):
    rule = Dip(DipParams(**LOOSE, enter=enter), PLAN)
    assert_prefixes(rule, market_of_bars(random_bars(22, 120)))
    bars = load_bars("nasdaq").between("2003-03-01", "2004-03-31")  # a rise with pullbacks
    assert_same_in_every_mode(rule, bars, cuts=[60, 141, 260])


def test_the_example_trades_and_leaves_by_its_plan_s_doors():
    run = run_backtest(load_spec("dip"))
    assert len(run.trades) >= 15
    assert {t.exit_reason for t in run.trades} == DOORS
    assert max(t.bars for t in run.trades) <= 15


@pytest.mark.market
def test_the_example_on_thirty_years_of_semiconductors(market_folder):
    spec = load_spec("dip", index="SOX", start="1995-01-01", rates="SHORT_RATE")
    run = run_backtest(spec, market_folder)
    assert len(run.trades) >= 15
    assert {t.exit_reason for t in run.trades} <= DOORS
