"""What rules and filters measure: named as their conditions are, and true or false as the numbers say."""

import numpy as np
import pytest

from feeds.events import load_events
from feeds.market import Market
from letf_instruments import SpecError
from runs.specs.reading import load_spec
from runs.studies.today.ahead import conditions_in, said_by
from strategies import RuleParams, Signals, TradeRule
from strategies.conditions import Measured
from strategies.filters import TrendFilter, TrendParams, VolatilityFilter, VolatilityParams
from tests.conftest import flat_bars, random_bars
from tests.strategies.causality import market_of_bars

CASES = [
    ("rsi_timing", ()),
    ("rsi_timing", ("rule.side=bull",)),
    ("timing_confirmed", ()),
    ("timing_confirmed", ("rule.side=bull",)),
    ("pullback", ()),
    ("pullback", ("rule.extended_by=deviation", "rule.break_of=average")),
    ("dip", ()),
    ("dip", ("rule.enter=at-once",)),
    ("sentiment", ()),
    ("sentiment", ("rule.gauge=volatility", "rule.side=bull")),
    ("trend", ()),
    ("trend", ("rule.filter=efficiency",)),
    ("trend", ("rule.filter=momentum", "rule.out=bear")),
    ("hedge", ()),
    ("hedge", ("rule.active=below_average",)),
    ("hedge", ("rule.active=high_volatility",)),
    ("hedge", ("rule.active=drawdown",)),
    ("event_window", ()),
    ("event_window", ("rule.mode=bear", "plan.schedule=none")),
    ("event_options", ()),
    ("decay_harvest", ()),
    ("hold", ()),
    ("mix", ()),
]


@pytest.fixture(scope="module")
def market():
    bars = random_bars(3, 420)
    return market_of_bars(bars, events=load_events("earnings-season"))


@pytest.mark.parametrize(("name", "changes"), CASES)
def test_a_rule_measures_what_its_conditions_are_called(market, name, changes):
    rule = load_spec(name, list(changes)).make_rule()
    known = {key for _, key, _ in conditions_in(said_by(rule, market))}
    measured = rule.all_measured(market)
    assert set(measured) <= known
    numbers = name not in ("decay_harvest", "hold", "mix")
    assert bool(measured) == numbers
    for each in (each for all_of in measured.values() for each in all_of):
        assert each.what
        assert each.value.shape == (420,)


def below(measured):
    return measured.value < measured.level


@pytest.mark.parametrize(
    ("name", "changes", "key", "holds"),
    [
        ("rsi_timing", (), "oversold", lambda m: m.value <= m.level),
        ("rsi_timing", (), "close below its 10-bar average", below),
        ("rsi_timing", ("rule.side=bull",), "overbought", lambda m: m.value >= m.level),
        ("timing_confirmed", (), "RSI(14) not yet at 35", lambda m: ~(m.value <= m.level)),
        ("dip", (), "close above its 150-bar average", lambda m: m.value > m.level),
        ("dip", (), "average above that of 20 bars ago", lambda m: m.value > m.level),
        ("dip", (), "down 4% from the highest close of 20 bars", lambda m: m.value <= m.level),
        ("hedge", ("rule.active=below_average",), "hedged", below),
        ("hedge", ("rule.active=high_volatility",), "hedged", lambda m: m.value > m.level),
        ("hedge", ("rule.active=drawdown",), "hedged", below),
    ],
)
def test_a_condition_that_is_a_comparison_holds_where_its_numbers_say_so(market, name, changes, key, holds):
    rule = load_spec(name, list(changes)).make_rule()
    (on,) = [on for _, other, on in conditions_in(said_by(rule, market)) if other == key]
    measured = rule.all_measured(market)[key][0]
    known = ~np.isnan(measured.value) & ~np.isnan(np.broadcast_to(measured.level, measured.value.shape))
    assert on[known].any()
    assert not on[known].all()
    np.testing.assert_array_equal(on[known], holds(measured)[known])


def test_the_level_of_a_trend_is_the_edge_at_which_its_mind_changes(market):
    rule = load_spec("trend", ["rule.bars=50"]).make_rule()
    states = rule.checked_targets(market).states
    up, measured = states["uptrend"], rule.all_measured(market)["uptrend"][0]
    for t in range(60, 419):
        crosses = measured.value[t + 1] > measured.level[t]  # the edge as it stood the bar before
        assert up[t + 1] == crosses


def test_filters_measure_too_under_their_own_words():
    rule = load_spec("rsi_timing").make_rule()
    gates = {"slow": TrendFilter(TrendParams(bars=3)), "calm": VolatilityFilter(VolatilityParams(bars=2))}
    gated = type(rule)(rule.params, rule.plan, gates)
    measured = gated.all_measured(market_of_bars(flat_bars([10.0, 12.0, 14.0, 12.0] * 10)))
    (slow,) = measured["filter slow: index above its 3-bar average"]
    assert (slow.value[3], slow.level[3]) == (12.0, pytest.approx(38 / 3))
    (calm,) = measured["filter calm: 2-bar volatility below 30%"]
    assert (calm.level, calm.share) == (0.3, True)


@pytest.mark.parametrize(
    ("gives", "says"),
    [
        (lambda n: [1], "measured gives .*it must give a dict of names and Measured"),
        (lambda n: {"up": 3.0}, "measured gives .*it must give a dict of names and Measured"),
        (lambda n: {"up": Measured("close", np.ones(n - 1), 2.0)}, r"measured 'up' has shape \(29,\)"),
        (lambda n: {"up": Measured("close", np.ones(n), np.ones(3))}, r"level of measured 'up' has shape"),
    ],
)
def test_what_cannot_be_a_measure_is_one_sentence(gives, says):
    class Own(TradeRule):
        name = "own"
        summary = "x"
        Params = RuleParams
        default_instrument = "SOXL"

        def signals(self, market: Market) -> Signals:
            return Signals({"up": np.ones(len(market), dtype=bool)})

        def measured(self, market):
            return gives(len(market))

    with pytest.raises(SpecError, match=says):
        Own().all_measured(market_of_bars(flat_bars([10.0, 11.0] * 15)))
