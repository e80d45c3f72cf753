"""What a plan takes and what it refuses; levels from the rule; and a fund that dies in the hand."""

import itertools

import numpy as np
import pytest
from pydantic import ValidationError

from analyzers import EquityLog, TradeLog
from engine import Lab, LabBroker
from feeds.backtrader_feeds import BarsFeed, FundFeed
from letf_instruments import SpecError
from strategies import RuleParams, Signals, TradePlan, TradeRule, TradeStrategy
from tests.conftest import flat_bars, make_bars, random_bars


class OnBars(TradeRule):
    """Enters on given bars; its levels are given too."""

    name = "on_bars"
    summary = "for tests"
    Params = RuleParams
    default_instrument = "SOXS"

    def __init__(self, entries, plan=None, levels=None, exits=()):
        super().__init__(None, plan)
        self.entries, self.levels, self.exits = entries, levels or {}, exits

    def signals(self, market):
        n = len(market)
        entry, leave = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
        entry[[i for i in self.entries if i < n]] = True
        leave[[i for i in self.exits if i < n]] = True
        levels = {name: np.full(n, price) for name, price in self.levels.items()}
        return Signals({"on the bar": entry}, {"told to": leave}, levels)


def run(bars, rule, **broker):
    lab = Lab(LabBroker(cash=10_000.0, **broker))
    index = BarsFeed(dataname=bars)
    lab.adddata(index)
    lab.adddata(FundFeed(dataname=index, fund=-3, name="SOXS"))
    lab.addstrategy(TradeStrategy, rule=rule)
    lab.addanalyzer(EquityLog)
    lab.addanalyzer(TradeLog)
    strategy = lab.run()[0]
    return strategy.analyzers[1].trades, strategy, lab.broker


@pytest.mark.parametrize(
    "wrong",
    [
        {"fraction": 0},
        {"fraction": 1.1},
        {"stop": 0},
        {"stop": 1},
        {"stop": -0.1},
        {"stop": "an ATR stop"},
        {"target": 0},
        {"trailing_stop": 1.0},
        {"max_bars": 0},
        {"cooldown": -1},
        {"stopp": 0.1},
        {"stop": float("nan")},
    ],
)
def test_a_plan_out_of_bounds_is_refused(wrong):
    with pytest.raises(ValidationError):
        TradePlan(**wrong)


def test_whole_numbers_are_taken_for_fractions_where_they_fit():
    assert TradePlan(target=1).target == 1.0
    assert isinstance(TradePlan(target=1).target, float)


def test_a_position_held_n_bars_is_sold_at_the_nth_open_after_the_entry_s():
    trades, _, _ = run(random_bars(61, 40), OnBars([5], TradePlan(fraction=0.5, max_bars=3)))
    assert (trades[0].bars, trades[0].exit_reason) == (3, "longest holding")


def test_a_named_level_is_the_stop_as_it_stood_when_decided():
    closes = [100.0] * 4 + [104.0, 110.0, 110.0]
    rule = OnBars([1], TradePlan(fraction=0.5, stop="support"), {"support": 90.0})
    trades, _, _ = run(flat_bars(closes), rule)
    assert trades[0].exit_reason == "stop"
    assert trades[0].exit_price == 90.0  # on the day on which the bear falls from 100 to 88


def test_a_level_that_the_open_has_passed_is_left_at_once_at_the_open():
    rule = OnBars([1], TradePlan(fraction=0.5, stop="support"), {"support": 99.0})
    bars = make_bars([(100.0,) * 4] * 2 + [(101.0,) * 4] * 2)  # the bear opens at 97
    trades, _, _ = run(bars, rule)
    assert (trades[0].bars, trades[0].exit_price, trades[0].exit_reason) == (0, 97.0, "stop")


@pytest.mark.parametrize(("level", "says"), [(np.nan, "is not known yet"), (101.0, "is at 101, not below")])
def test_without_a_stop_below_the_price_there_is_no_entry(level, says):
    rule = OnBars([1], TradePlan(fraction=0.5, stop="support"), {"support": level})
    trades, strategy, _ = run(flat_bars([100.0] * 5), rule)
    assert not trades
    assert says in strategy.notes[0]


def test_a_level_that_the_rule_does_not_give_is_named():
    with pytest.raises(SpecError, match=r"plan\.stop names the level 'atr'; rule on_bars gives support"):
        run(flat_bars([100.0] * 5), OnBars([1], TradePlan(stop="atr"), {"support": 1.0}))


def test_a_signal_to_leave_is_filled_at_the_next_open_and_names_itself():
    trades, _, _ = run(random_bars(62, 30), OnBars([5], TradePlan(fraction=0.5), exits=[9]))
    assert (trades[0].bars, trades[0].exit_reason) == (4, "told to")


def test_signals_while_holding_or_waiting_do_not_add_to_the_position():
    trades, _, _ = run(random_bars(63, 30), OnBars(range(30), TradePlan(fraction=0.5, max_bars=4)))
    for earlier, later in itertools.pairwise(trades):
        assert later.entry_date > earlier.exit_date


def test_a_wiped_out_fund_is_left_for_nothing_and_never_entered_again():
    rows = [(100.0,) * 4] * 3 + [(100.0, 140.0, 100.0, 100.0)] + [(100.0,) * 4] * 6
    trades, strategy, broker = run(make_bars(rows), OnBars([1, 7], TradePlan(fraction=0.5)))
    assert len(trades) == 1
    assert (trades[0].exit_reason, trades[0].exit_price) == ("wiped out", 0.0)
    assert broker.getvalue() == pytest.approx(5_000)
    assert "wiped out: no entry is possible any more" in strategy.notes[0]


def test_a_stop_in_a_wipe_out_fills_at_its_price_if_the_open_was_above_it():
    rows = [(100.0,) * 4] * 3 + [(100.0, 140.0, 100.0, 100.0)] + [(100.0,) * 4] * 3
    trades, _, _ = run(make_bars(rows), OnBars([1], TradePlan(fraction=0.5, stop=0.1)))
    assert (trades[0].exit_reason, trades[0].exit_price) == ("stop", 90.0)


def test_a_whole_share_order_that_rounds_to_nothing_is_said():
    rule = OnBars([1], TradePlan(fraction=0.001))
    trades, strategy, _ = run(flat_bars([100.0] * 5), rule, whole_shares=True)
    assert trades == []
    assert "buys no whole share of SOXS at 100.00, so nothing was ordered" in strategy.notes[0]


def test_the_index_itself_can_be_traded():
    bars = random_bars(64, 30)
    trades, _, _ = run(bars, OnBars([2], TradePlan(instrument="TEST", fraction=0.5, max_bars=5)))
    assert trades[0].instrument == "TEST"
    assert trades[0].entry_price == bars.open[3]


def test_an_instrument_that_is_not_there_is_named():
    with pytest.raises(SpecError, match="the rule trades SOXL, but the feeds are TEST, SOXS"):
        run(flat_bars([100.0] * 5), OnBars([1], TradePlan(instrument="SOXL")))


def test_a_rule_with_arrays_of_another_length_is_named():
    class Short(OnBars):
        def signals(self, market):
            return Signals({"short": np.zeros(3, dtype=bool)})

    with pytest.raises(SpecError, match=r"entry 'short' has shape \(3,\), there are 5 bars"):
        run(flat_bars([100.0] * 5), Short([1]))
