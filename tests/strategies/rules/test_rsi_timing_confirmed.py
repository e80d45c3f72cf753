"""RSI timing with confirmations: which of them hold, on which bar there are enough; read off by eye."""

from dataclasses import replace

import numpy as np
import pytest

from feeds.reading.files import read_bars
from feeds.volumes import Volumes
from letf_instruments import SpecError
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest
from strategies import RsiTiming, RsiTimingParams, TradePlan
from tests.conftest import flat_bars, random_bars
from tests.strategies.causality import assert_prefixes, assert_same_in_every_mode, market_of_bars, run_rule

ALL = ("rsi", "average", "support", "volume", "fund_rsi")
# Twenty up by one, to 119. Bar 20: below the average of three (118), RSI(5) at 66.7. Bar 21: RSI at 60.4.
# Bar 22: below 116, the low of five bars; the index's RSI goes on from 60.4 to 38.0, so that the bear
# fund's rises through 50. Bar 23 a little up, below the average. Bar 24: below 114, the low of five bars,
# with three times the volume.
CLOSES = [100.0 + i for i in range(20)] + [117, 116.5, 114, 114.5, 113]
VOLUME = np.where(np.arange(25) == 24, 300.0, 100.0)
SMALL = {
    "oversold": 5,
    "overbought": 65,
    "rsi_bars": 5,
    "average_bars": 3,
    "support_bars": 5,
    "volume_bars": 5,
    "volume_ratio": 2,
    "atr_bars": 5,
}
MIRROR = {"oversold": 35, "overbought": 95}
DOORS = {"stop", "target", "oversold", "longest holding"}


def bars(closes=CLOSES, volume=VOLUME):
    return replace(flat_bars(closes), volume=np.asarray(volume, dtype=float))


def rule(plan=None, **changes):
    return RsiTiming(RsiTimingParams(**{**SMALL, "confirm": ALL, **changes}), plan)


def entries(closes=CLOSES, **changes):
    return np.flatnonzero(rule(**changes).signals(market_of_bars(bars(closes))).enters()).tolist()


ALONE = [("rsi", [21]), ("average", [20]), ("support", [22, 24]), ("volume", [24]), ("fund_rsi", [22])]


@pytest.mark.parametrize(("name", "on"), ALONE)
def test_each_confirmation_alone(name, on):
    assert entries(confirm=[name], memory=0) == on


@pytest.mark.parametrize(("name", "on"), ALONE)
def test_each_confirmation_in_the_mirror(name, on):
    assert entries([240 - close for close in CLOSES], confirm=[name], memory=0, side="bull", **MIRROR) == on


@pytest.mark.parametrize(
    ("needed", "memory", "on"),
    [
        (1, 0, [20]),
        (2, 0, [21, 24]),  # RSI and average; three on bar 22, one on 23, three on 24
        (2, 5, [21]),
        (3, 0, [22, 24]),
        (3, 5, [22]),
        (4, 0, []),
        (4, 1, [22]),  # RSI was one bar before average, support and the fund's RSI
        (5, 2, []),
        (5, 3, [24]),  # the volume comes three bars after RSI
        (None, 3, [24]),  # all, if not said
    ],
)
def test_it_enters_on_the_bar_on_which_there_are_first_enough(needed, memory, on):
    assert entries(needed=needed, memory=memory) == on


def test_it_does_not_enter_where_the_trade_would_end_at_once():
    """On bar 24 RSI(5) is at 32.8: up 0.408 and down 0.835 by Wilder's mean."""
    assert entries(needed=5, memory=3, oversold=32) == [24]
    assert entries(needed=5, memory=3, oversold=33) == []


def test_without_confirmations_rsi_and_average_must_fall_on_the_same_bar():
    said = rule(confirm=()).signals(market_of_bars(bars()))
    assert list(said.entry) == ["RSI(5) falls back through 65", "close below its 3-bar average"]
    assert not said.votes
    assert np.flatnonzero(said.enters()).tolist() == [21]


def test_enough_when_first_known_is_no_turn():
    """From the first bar on the index falls: below its average throughout."""
    assert entries([100.0 - i for i in range(25)], confirm=["average"]) == []


def test_the_fund_s_own_volume_goes_before_the_index_s():
    m = market_of_bars(bars())
    own = {"SOXS": replace(m.funds["SOXS"], volume=np.where(np.arange(25) == 12, 1e6, 100.0))}
    said = rule(confirm=["volume"], memory=0).signals(replace(m, funds=own))
    assert np.flatnonzero(said.enters()).tolist() == [12]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"needed": 6}, "less than or equal to 5"),
        ({"needed": 0}, "greater than or equal to 1"),
        (
            {"confirm": ["rsi", "volume"], "needed": 3},
            r"rule.needed is 3, but rule.confirm chooses 2 \(rsi, volume\)",
        ),
        ({"confirm": [], "needed": 1}, r"rule.needed is 1, but rule.confirm chooses 0 \(none\)"),
        ({"confirm": ["rsi", "rsi"]}, "rule.confirm names 'rsi' twice"),
        ({"confirm": ["macd"]}, "should be 'rsi', 'average', 'support', 'volume' or 'fund_rsi'"),
        ({"memory": -1}, "greater than or equal to 0"),
        ({"volume_ratio": 0}, "greater than 0"),
        ({"fund_level": 100}, "less than 100"),
        ({"support_bars": 0}, "greater than or equal to 1"),
    ],
)
def test_what_is_out_of_bounds_is_refused_with_the_bound(changes, says):
    with pytest.raises(ValueError, match=says):
        RsiTimingParams(**changes)


def test_from_a_spec_too_few_to_choose_from_is_one_sentence():
    with pytest.raises(SpecError, match=r"^rule.needed is 4, but rule.confirm chooses 1 \(rsi\)$"):
        load_spec("rsi_timing", ["rule.confirm=['rsi']", "rule.needed=4"])


def test_what_the_volume_can_confirm_is_said():
    chosen, other = rule(confirm=["volume"]), rule(confirm=["rsi"])
    silent = market_of_bars(bars(volume=np.zeros(25)))
    assert chosen.notes(silent) == [
        "neither SOXS nor TEST has any volume, so the confirmation by volume can never hold; see data.volumes"
    ]
    assert other.notes(silent) == []
    assert chosen.notes(market_of_bars(bars())) == [
        "SOXS has no volume of its own: the confirmation by volume reads TEST's"
    ]


@pytest.mark.parametrize(
    ("changes", "warm_up"),
    [
        ({"confirm": ()}, 7),
        ({"confirm": ["rsi"]}, 8),
        ({"confirm": ["average"]}, 4),
        ({"confirm": ["rsi", "support"], "support_bars": 30}, 32),
        ({"plan": TradePlan(stop="support"), "support_bars": 30, "confirm": ["rsi"]}, 30),
        ({"plan": TradePlan(stop="atr_stop"), "atr_bars": 40, "confirm": ()}, 41),
    ],
)
def test_the_warm_up_is_the_longest_of_what_is_chosen(changes, warm_up):
    assert rule(**changes).warm_up == warm_up


@pytest.mark.parametrize("stop", ["atr_stop", "support"])
def test_the_size_follows_from_the_distance_of_the_stop(stop):
    plan = TradePlan(risk=0.01, stop=stop)
    made = rule(plan, needed=3)
    trades, equity = run_rule(made, bars())
    m = market_of_bars(bars())
    level = made.signals(m).levels[stop][22]
    assert len(trades) == 1
    assert trades[0].size * (m.funds["SOXS"].close[22] - level) == pytest.approx(0.01 * equity[22], rel=1e-9)


PLAN = TradePlan(risk=0.02, stop="atr_stop", target="resistance", max_bars=8)


@pytest.mark.parametrize("side", ["bear", "bull"])
@pytest.mark.parametrize("needed", [2, 3])
def test_no_bar_is_used_before_it_has_arrived(side, needed):
    volume = np.random.default_rng(9).lognormal(10, 0.7, 140)
    made = rule(PLAN, side=side, needed=needed, memory=3, oversold=30, overbought=70)
    hard = replace(random_bars(9, 140), volume=volume)
    assert_prefixes(made, market_of_bars(hard), cuts=range(1, 141, 3))
    assert_same_in_every_mode(made, hard, cuts=[31, 120])


def test_the_confirmed_example_trades_and_leaves_by_its_doors():
    run = run_backtest(load_spec("timing_confirmed"))
    assert len(run.trades) >= 15
    assert {t.exit_reason for t in run.trades} == DOORS
    assert max(t.bars for t in run.trades) <= 10


def test_the_plain_example_keeps_its_trades():
    assert len(run_backtest(load_spec("rsi_timing")).trades) == 61


@pytest.mark.market
def test_the_confirmed_example_on_thirty_years_of_semiconductors(market_folder):
    spec = load_spec("timing_confirmed", index="SOX", start="1995-01-01", rates="SHORT_RATE")
    run = run_backtest(spec, market_folder)
    assert len(run.trades) >= 15
    assert {t.exit_reason for t in run.trades} <= DOORS
    assert any("can never hold" in note for note in run.warnings)


@pytest.mark.market
def test_the_real_fund_s_volume_confirms_in_every_mode(market_folder):
    volumes = {"SOXS": Volumes(read_bars(market_folder / "SOXS.csv"))}
    real = read_bars(market_folder / "SOX.csv").between("2021-06-01", "2022-06-30")
    made = rule(PLAN, confirm=["volume", "average"], memory=2, volume_ratio=1.3, oversold=35)
    assert run_rule(made, real)[0] == []
    assert_same_in_every_mode(made, real, cuts=[60, 200], volumes=volumes)
