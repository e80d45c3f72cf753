"""Pullback: entries read off by eye, no look-ahead, its doors on real indices."""

import numpy as np
import pytest

from feeds.sources import load_bars
from letf_instruments import SpecError
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest
from strategies import Pullback, PullbackParams, TradePlan
from tests.conftest import flat_bars, random_bars
from tests.strategies.causality import assert_prefixes, assert_same_in_every_mode, market_of_bars, run_rule

# Up 12 % over four bars on bar 5 and 11 % on bar 6; the two-bar low of 111 breaks on bar 8 and lower ones
# on the two bars after it; back to 112 on bar 12.
CLOSES = [100.0, 100, 100, 104, 108, 112, 111, 112, 106, 104, 103, 110, 112, 112, 113, 113, 113]
SMALL = {"rally_bars": 4, "rally_return": 0.1, "memory": 3, "break_bars": 2, "atr_bars": 3}
DOORS = {"stop", "target", "rebound", "longest holding"}


def signals(closes=CLOSES, **changes):
    return Pullback(PullbackParams(**{**SMALL, **changes})).signals(market_of_bars(flat_bars(closes)))


def test_it_enters_on_the_bar_on_which_the_rally_breaks_and_not_on_those_below():
    said = signals()
    assert np.flatnonzero(said.enters()).tolist() == [8]
    assert said.index_levels["broken"][8] == 111
    assert said.index_levels["high"][8] == 112


def test_a_rally_further_back_than_the_memory_is_forgotten():
    assert np.flatnonzero(signals(memory=2).enters()).tolist() == [8]
    assert not signals(memory=1).enters().any()


def test_a_rally_that_is_not_extended_does_not_count():
    assert np.flatnonzero(signals(rally_return=0.12).enters()).tolist() == [8]
    assert not signals(rally_return=0.121, memory=20).enters().any()


def test_a_break_below_an_average():
    said = signals(break_of="average", break_bars=3)
    assert np.flatnonzero(said.enters()).tolist() == [8]
    assert said.index_levels["broken"][8] == pytest.approx((111 + 112 + 106) / 3)


def test_extension_by_deviations_from_the_average():
    """100, 100, 100, 104: the last is 3 above the average of 101, with a deviation of 2. Later closes of
    the rise stand 1.31 and 1.16 deviations above theirs."""
    by_deviation = {"extended_by": "deviation", "rally_deviations": 1.5}
    rally, _ = signals(**by_deviation, memory=0).entry.values()
    assert np.flatnonzero(rally).tolist() == [3]
    assert np.flatnonzero(signals(**by_deviation, memory=5).enters()).tolist() == [8]
    assert not signals(**by_deviation, memory=4).enters().any()


def test_closes_that_never_move_are_not_extended():
    assert not signals([7.1] * 30, extended_by="deviation", rally_deviations=1.4).entry.popitem()[1].any()
    flat = signals([7.1] * 30, extended_by="deviation", rally_deviations=0.01, memory=0)
    assert not next(iter(flat.entry.values())).any()


@pytest.mark.parametrize(("rebound", "left_on"), [("broken", 13), ("high", 15)])
def test_the_trade_is_left_when_the_index_closes_above_what_it_broke(rebound, left_on):
    """Broken was 111, the high 112: the close of 112 on bar 12 is above the one, that of 113 on bar 14
    above the other; both are filled on the next bar."""
    bars = flat_bars(CLOSES)
    trades, _ = run_rule(Pullback(PullbackParams(**SMALL), TradePlan(fraction=0.5, rebound=rebound)), bars)
    assert [(t.instrument, t.entry_date, t.exit_date, t.exit_reason) for t in trades] == [
        ("SOXS", bars.sessions[9], bars.sessions[left_on], "rebound")
    ]


def test_entries_on_nasdaq_are_those_of_a_plain_loop():
    bars = load_bars("nasdaq")
    close, low = bars.close.tolist(), bars.low.tolist()
    rally = [t >= 20 and close[t] / close[t - 20] - 1 >= 0.08 for t in range(len(close))]
    broken = [t >= 5 and close[t] < min(low[t - 5 : t]) for t in range(len(close))]
    expected = [
        t for t in range(6, len(close)) if any(rally[max(t - 10, 0) : t + 1]) and broken[t] > broken[t - 1]
    ]
    rule = Pullback(PullbackParams(rally_return=0.08))
    assert np.flatnonzero(rule.signals(market_of_bars(bars)).enters()).tolist() == expected
    assert len(expected) > 50


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("rule.rally_return=0", "rule.rally_return is 0; it should be greater than 0"),
        ("rule.rally_bars=1", "rule.rally_bars is 1; it should be greater than or equal to 2"),
        ("rule.memory=-1", "rule.memory is -1; it should be greater than or equal to 0"),
        ("rule.break_bars=501", "rule.break_bars is 501; it should be less than or equal to 500"),
        ("rule.atr_stop=0", "rule.atr_stop is 0; it should be greater than 0"),
        ("rule.break_of='high'", "rule.break_of is 'high'; it should be 'low' or 'average'"),
        ("plan.rebound='top'", "plan.rebound names the level 'top'; rule pullback gives broken, high"),
    ],
)
def test_what_is_out_of_bounds_is_refused_with_the_bound(change, says):
    with pytest.raises(SpecError, match=says):
        Pullback.checked_signals(
            load_spec("pullback", [change]).make_rule(), market_of_bars(random_bars(1, 9))
        )


def test_what_could_never_hold_is_refused():
    """Of n closes the last is at most (n − 1) / √n sample deviations from their mean: 1.5 of four."""
    with pytest.raises(ValueError, match=r"rally_deviations is 1\.6, .* never more than 1\.5 standard dev"):
        PullbackParams(extended_by="deviation", rally_bars=4, rally_deviations=1.6)
    with pytest.raises(ValueError, match="a close is never below its own average"):
        PullbackParams(break_of="average", break_bars=1)
    with pytest.raises(SpecError, match=r"bets on a falling index, which needs .* negative multiple"):
        run_rule(Pullback(plan=TradePlan(instrument="SOXL")), random_bars(1, 30))


@pytest.mark.parametrize(
    ("params", "bars", "fall"),
    [
        ({}, 21, 0.7),  # a return over 20 bars; the fall leaves most of it
        ({"extended_by": "deviation", "rally_deviations": 0.1}, 20, 0.7),
        ({"break_bars": 30}, 32, 0.1),  # the low of 30 bars before this one, and before the one before
        ({"break_of": "average", "break_bars": 30}, 31, 0.1),
    ],
)
def test_the_first_signal_is_possible_when_the_warm_up_has_ended_and_not_before(params, bars, fall):
    rule = Pullback(PullbackParams(**params))
    assert rule.warm_up == bars
    for fall_on, entered in ((bars - 1, [bars - 1]), (bars - 2, [])):
        rise = [100 * 1.05**t for t in range(fall_on)]
        closes = rise + [rise[-1] * fall - i for i in range(3)]
        assert np.flatnonzero(rule.signals(market_of_bars(flat_bars(closes))).enters()).tolist() == entered


LOOSE = {**SMALL, "rally_return": 0.03, "rally_deviations": 1.0}
PLAN = TradePlan(risk=0.02, stop="atr_stop", target="atr_target", rebound="broken", max_bars=8)


@pytest.mark.parametrize(
    "mode", [{}, {"extended_by": "deviation"}, {"break_of": "average"}], ids=["low", "deviation", "average"]
)
def test_no_bar_is_used_before_it_has_arrived(mode):
    rule = Pullback(PullbackParams(**{**LOOSE, **mode}), PLAN)
    assert_prefixes(rule, market_of_bars(random_bars(21, 120)))
    assert_same_in_every_mode(rule, random_bars(21, 150), cuts=[30, 77, 140])


def test_the_example_trades_and_leaves_by_its_plan_s_doors():
    run = run_backtest(load_spec("pullback"))
    assert len(run.trades) >= 15
    assert {t.exit_reason for t in run.trades} == DOORS
    assert max(t.bars for t in run.trades) <= 15


@pytest.mark.market
def test_the_example_on_thirty_years_of_semiconductors(market_folder):
    spec = load_spec("pullback", index="SOX", start="1995-01-01", rates="SHORT_RATE")
    run = run_backtest(spec, market_folder)
    assert len(run.trades) >= 15
    assert {t.exit_reason for t in run.trades} <= DOORS
