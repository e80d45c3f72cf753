"""Orders that a plan places otherwise than at the next open, by hand, in both engines."""

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from engine import Costs, Margin
from engine.kernel.cells import run_trade_plan
from engine.kernel.figures import MEASURES
from engine.kernel.stage import Terms
from engine.kernel.trade_signals import TradeSignals
from letf_instruments import SpecError
from strategies import RuleParams, Signals, TradePlan, TradeRule
from tests.conftest import make_bars
from tests.engine.kernel.rig import differing_measures, first_difference, reference


class Told(TradeRule):
    """Enters and leaves on the bars that it is told, with levels by bar."""

    name = "told"
    summary = "for tests"
    Params = RuleParams
    default_instrument = "index"

    def __init__(self, plan, entries=(), exits=(), levels=None, other=None):
        super().__init__(None, plan)
        self.said = entries, exits, levels or {}
        self.other_side = other

    def signals(self, market):
        n = len(market)

        def on(bars):
            holds = np.zeros(n, dtype=bool)
            holds[list(bars)] = True
            return holds

        entries, exits, levels = self.said
        given = {name: np.array(values, dtype=float) for name, values in levels.items()}
        other = None
        if self.other_side is not None:
            other = Signals({"the other": on(self.other_side[0])}, {"enough": on(self.other_side[1])})
        return Signals({"told": on(entries)}, {"told to": on(exits)}, given, other=other)


# The bars of the field's own example: open, high, low, close.
ROWS = [(100, 100, 100, 100), (101, 103, 96, 98), (97, 99, 95, 99), (100, 104, 99, 103)]


def play(plan, entries, exits=(), rows=ROWS, cash=1_000.0, levels=None, other=None, funds=(), **terms):
    """Fills as (bar from 0, price, size, reason) and the last equity, the same in both engines."""
    rule = Told(TradePlan(**plan), entries, exits, levels, other)
    asked = Terms(cash=cash, **terms)
    there = reference(make_bars(rows, name="IDX"), rule, list(funds), Costs(), asked)
    signals = TradeSignals.of(rule, there.market)
    here = run_trade_plan(there.stage, signals, rule.instrument, rule.plan, Costs(), asked)
    assert first_difference(here.fills, there.fills, here.equity, there.equity) == ""
    assert differing_measures(here.metrics, MEASURES, there.metrics, cash) == []
    return [(f.bar, round(f.price, 6), round(f.size, 6), f.reason) for f in there.fills], there


# -- for the close ----------------------------------------------------------------------------------------


def test_for_the_next_close_money_becomes_shares_there():
    fills, run = play({"fill": "close", "amount": 490}, [0], [1])
    assert fills == [(1, 98, 5, "entry"), (2, 99, -5, "told to")]
    assert run.equity[-1] == 1_005


def test_a_limit_on_close_is_filled_at_the_close_not_at_the_limit_and_not_at_the_low():
    fills, _ = play({"fill": "close", "amount": 490, "limit": "line"}, [0], levels={"line": [99] * 4})
    assert fills == [(1, 98, 5, "entry")]


def test_beyond_its_limit_it_is_gone_though_the_low_was_there():
    fills, run = play({"fill": "close", "amount": 490, "limit": "line"}, [1], levels={"line": [97] * 4})
    assert fills == []
    assert run.equity[-1] == 1_000


def test_a_limit_may_be_so_far_from_the_deciding_close():
    at_99, _ = play({"fill": "close", "amount": 490, "limit": -0.01}, [0])  # 99
    at_97, _ = play({"fill": "close", "amount": 490, "limit": -0.03}, [0])  # 97
    assert (at_99, at_97) == ([(1, 98, 5, "entry")], [])


def test_on_the_close_that_decides():
    fills, run = play({"fill": "same-close"}, [1], [3])
    assert fills == [(1, 98, round(1_000 / 98, 6), "entry"), (3, 103, -round(1_000 / 98, 6), "told to")]
    assert run.equity[-1] == pytest.approx(1_000 / 98 * 103)


def test_what_was_bought_at_a_close_is_protected_from_the_next_bar_on():
    # Bought at 98 on bar 1, whose low of 96 is 2 % below: the stop at 96.04 waits for bar 2, whose low is 95.
    for fill, entry in (("close", 0), ("same-close", 1)):
        fills, _ = play({"fill": fill, "amount": 490, "stop": 0.02}, [entry])
        assert fills == [(1, 98, 5, "entry"), (2, 96.04, -5, "stop")]


def test_until_the_close_that_sells_a_stop_goes_on_protecting():
    # Bought at 98; on bar 1's close the rule leaves, for bar 2's close at 99; within bar 2 the stop is met.
    fills, _ = play({"fill": "close", "amount": 490, "stop": 0.02}, [0], [1])
    assert fills == [(1, 98, 5, "entry"), (2, 96.04, -5, "stop")]


def test_a_longest_holding_is_counted_in_closes():
    close, _ = play({"fill": "close", "amount": 490, "max_bars": 1}, [0])
    same, _ = play({"fill": "same-close", "amount": 490, "max_bars": 1}, [1])
    assert close == same == [(1, 98, 5, "entry"), (2, 99, -5, "longest holding")]


# -- limits and stops -------------------------------------------------------------------------------------


def test_a_day_limit_is_filled_at_its_price_or_at_an_open_below_it():
    at_96, _ = play({"entry": "limit", "limit": -0.04, "fraction": 0.48}, [0])
    assert at_96 == [(1, 96, 5, "entry")]
    # After bar 1 a limit 2 % above the close, 99.96: the open of 97 is better.
    at_open, _ = play({"entry": "limit", "limit": 0.02, "fraction": 0.5}, [1])
    assert at_open[0][:2] == (2, 97)


def test_a_day_limit_that_is_not_met_is_gone_and_is_decided_anew():
    fills, run = play({"entry": "limit", "limit": "line"}, [0, 1], levels={"line": [95.5, 95.5, 1, 1]})
    assert fills == [(2, 95.5, round(1_000 / 95.5, 6), "entry")]  # not on bar 1, whose low was 96
    assert run.fills[0].bar == 2


def test_a_stop_entry_buys_what_rises_and_a_gap_at_the_open():
    # 3 % above 100 is the very high of bar 1; 2 % above the close of bar 1 is passed by nobody.
    met, _ = play({"entry": "stop", "trigger": 0.03, "fraction": 0.515}, [0])
    assert met == [(1, 103, 5, "entry")]
    gap, _ = play({"entry": "stop", "trigger": 0.005, "fraction": 0.5}, [2])
    assert gap[0][:2] == (3, 100)  # 99.495 is passed by the open of 100


def test_an_entry_within_the_bar_can_be_stopped_out_there_and_not_take_its_target():
    rows = [(100,) * 4, (100, 110, 95, 100), (100, 110, 99, 100)]
    plan = {"entry": "stop", "trigger": 0.02, "fraction": 0.5, "target": 0.05}
    fills, _ = play(plan, [0], rows=rows)
    assert [f[:2] + f[3:] for f in fills] == [(1, 102, "entry"), (2, 107.1, "target")]
    fills, _ = play({**plan, "stop": 0.05}, [0], rows=rows)
    assert [f[:2] + f[3:] for f in fills] == [(1, 102, "entry"), (1, 96.9, "stop")]


def test_a_stop_entry_is_sized_by_the_distance_of_its_stop_from_its_price():
    # 1 % of 1,000 at risk from 103 down to 95: 10 / 8 shares.
    levels = {"low": [95.0] * 4, "high": [103.0] * 4}
    fills, _ = play({"entry": "stop", "trigger": "high", "stop": "low", "risk": 0.01}, [0], levels=levels)
    assert fills[0] == (1, 103, 1.25, "entry")


# -- an ATR trail, the clock, two sides ---------------------------------------------------------------


def test_a_trail_in_average_true_ranges_is_so_much_money_below_the_highest_high():
    # Fourteen bars with a true range of 2, then one that rises: the average is 2, the trail 1.5 × 2 = 3.
    rows = [(100, 101, 99, 100)] * 15 + [(100, 108, 100, 107), (107, 107, 104.9, 106)]
    fills, _ = play({"trailing_atr": 1.5}, [14], rows=rows)
    assert fills == [(15, 100, 10, "entry"), (16, 105, -10, "trailing stop")]


def test_before_the_range_is_known_nothing_is_bought():
    fills, _ = play({"trailing_atr": 1.5}, [0, 1])
    assert fills == []


def test_overnight_is_from_the_close_to_the_next_open():
    fills, run = play({"fill": "same-close", "leave_at": "open"}, [0, 1, 2])
    size = [10, round(1_010 / 98, 6), round(1_010 / 98 * 97 / 99, 6)]
    assert fills == [
        (0, 100, size[0], "entry"),
        (1, 101, -size[0], "next open"),
        (1, 98, size[1], "entry"),
        (2, 97, -size[1], "next open"),
        (2, 99, size[2], "entry"),
        (3, 100, -size[2], "next open"),
    ]
    assert run.equity[-1] == pytest.approx(1_000 * (101 / 100) * (97 / 98) * (100 / 99))


def test_the_session_s_end_is_its_close():
    fills, run = play({"leave_at": "session end"}, [0, 1])
    assert [f[:2] + f[3:] for f in fills] == [
        (1, 101, "entry"),
        (1, 98, "session end"),
        (2, 97, "entry"),
        (2, 99, "session end"),
    ]
    # 1,000 buys 1,000 / 101 shares, whose worth of 98 each buys as many again by the count of that close.
    assert fills[2][2] == round(1_000 / 101, 6)
    assert run.equity[-1] == pytest.approx(1_000 / 101 * (98 + 99 - 97))


def test_a_switch_sells_one_side_and_buys_the_other_at_the_same_open():
    plan = {"fraction": 1, "other": {"instrument": "SOXS", "fraction": 0.5}}
    rows = [(100,) * 4, (100,) * 4, (100, 100, 98, 98), (98, 98, 98, 98)]
    fills, run = play(plan, [0], [1, 2], rows=rows, other=([1, 2], []), funds=["SOXS"])
    assert [(f.bar, f.instrument, f.reason) for f in run.fills] == [
        (1, "IDX", "entry"),
        (2, "IDX", "told to"),
        (2, "SOXS", "entry"),
    ]
    # Of 1,000, half goes into the fund at its open of 100 (no rate, no fee to speak of): 5 shares.
    assert fills[2][2] == pytest.approx(5, rel=1e-4)


def test_with_a_cooldown_the_other_side_waits():
    plan = {"cooldown": 1, "other": {"instrument": "SOXS"}}
    rows = [(100,) * 4] * 5
    _, run = play(plan, [0], [1], rows=rows, other=([1, 2, 3], []), funds=["SOXS"])
    assert [(f.bar, f.instrument) for f in run.fills] == [(1, "IDX"), (2, "IDX"), (4, "SOXS")]


# -- what is refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"fill": "noon"}, "open"),
        ({"entry": "limit"}, "needs its price"),
        ({"entry": "stop"}, "trigger"),
        ({"trigger": 0.1}, "trigger"),
        ({"limit": 0.1}, "limit-on-close"),
        ({"limit": 0.1, "fill": "same-close"}, "limit-on-close"),
        ({"limit": -1.0, "fill": "close"}, "greater than -1"),
        ({"leave_at": "noon"}, "15:45"),
        ({"leave_at": "25:00"}, "15:45"),
        ({"leave_at": "session end", "fill": "close"}, "open"),
        ({"trailing_stop": 0.1, "trailing_atr": 2}, "two trails"),
        ({"amount": 100, "fraction": 0.5}, "two sizes"),
        ({"amount": 0}, "greater than 0"),
        ({"other": {"stop": 0.1}}, "instrument"),
        ({"other": {"instrument": "SOXS", "risk": 0.1}}, "stop"),
    ],
)
def test_a_plan_that_does_not_fit_together_is_refused(wrong, says):
    with pytest.raises(ValidationError, match=says):
        TradePlan(**wrong)


def test_a_level_that_the_rule_does_not_give_is_refused():
    with pytest.raises(SpecError, match=r"plan\.limit names the level 'nowhere'; rule told gives line"):
        play({"fill": "close", "limit": "nowhere"}, [0], levels={"line": [1] * 4})


def test_a_rule_of_one_side_has_no_other():
    with pytest.raises(SpecError, match=r"plan\.other is set, but rule told has one side only"):
        play({"other": {"instrument": "SOXS"}}, [0], funds=["SOXS"])


def test_whole_shares_are_counted_at_the_fill():
    # 490 at 98 are 5 shares; 489 are 4.
    for amount, shares in ((490, 5), (489, 4)):
        fills, _ = play({"fill": "close", "amount": amount}, [0], whole_shares=True, margin=Margin())
        assert fills == [(1, 98, shares, "entry")]


def test_a_level_that_one_side_gives_is_none_of_the_other():
    plan = {"stop": "line", "other": {"instrument": "SOXS", "stop": "line"}}
    says = r"plan\.other\.stop names the level 'line' of the other side; rule told gives none"
    with pytest.raises(SpecError, match=says):
        play(plan, [0], levels={"line": [90] * 4}, other=([1], []), funds=["SOXS"])


def test_a_third_side_is_refused():
    class Three(Told):
        def signals(self, market):
            two = super().signals(market)
            return replace(two, other=replace(two.other, other=two.other))

    rule = Three(TradePlan(other={"instrument": "SOXS"}), [0], other=([1], []))
    with pytest.raises(SpecError, match="the other side gives a third one"):
        reference(make_bars(ROWS, name="IDX"), rule, ["SOXS"], Costs(), Terms(cash=1_000.0))
