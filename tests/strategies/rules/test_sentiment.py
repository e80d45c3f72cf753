"""Sentiment: turns of the gauge read off by eye, no look-ahead, real volume."""

from dataclasses import replace

import numpy as np
import pytest

from feeds.reading.files import read_bars
from feeds.volumes import Volumes
from letf_instruments import SpecError
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest
from strategies import Sentiment, SentimentTradeParams, TradePlan
from tests.conftest import flat_bars, random_bars
from tests.strategies.causality import assert_prefixes, assert_same_in_every_mode, market_of_bars, run_rule

# Over the median of the five before: known from bar 5; 2.0 and 2.1 on bars 6 and 7; 0.9 on 8 and 9; 2.5 on
# bar 10; 100 over 100 and over 200 after it.
VOLUMES = [100.0] * 6 + [200, 210, 90, 90, 250, 100, 100, 100]
SMALL = {"gauge": "volume", "volume_bars": 1, "volume_past": 5, "volatility_bars": 5, "volatility_past": 20}
DOORS = {"stop", "target", "risk-on", "longest holding"}


def bars_with(volumes, closes=None):
    closes = [100.0 + (i % 3) for i in range(len(volumes))] if closes is None else closes
    return replace(flat_bars(closes), volume=np.array(volumes, dtype=float))


def signals(volumes=VOLUMES, **changes):
    rule = Sentiment(SentimentTradeParams(**{**SMALL, **changes}))
    return rule.signals(market_of_bars(bars_with(volumes)))


def on(where):
    return np.flatnonzero(where).tolist()


def test_the_bear_fund_is_bought_on_the_bar_that_turns_risk_off_and_left_on_risk_on():
    said = signals()
    assert on(said.enters()) == [6, 10]
    assert list(said.exit) == ["risk-on"]
    assert on(said.exit["risk-on"]) == [5, 8, 9, 11, 12, 13]


def test_the_bull_fund_is_the_mirror_image():
    said = signals(side="bull")
    assert on(said.enters()) == [8, 11]
    assert on(said.exit["risk-off"]) == [6, 7, 10]
    assert Sentiment(SentimentTradeParams(side="bull")).instrument == "SOXL"
    assert Sentiment().instrument == "SOXS"


def test_risk_off_when_first_known_is_no_turn():
    assert on(signals([100.0] * 5 + [200, 200, 200, 200]).enters()) == []


def test_while_the_volume_is_not_known_nothing_happens_and_a_turn_meanwhile_counts_after():
    gap = [100.0] * 6 + [200, 0, 90, 90, 90, 90, 90, 90, 500]
    said = signals(gap)  # bars 7 to 12 touch the gap
    assert on(said.enters()) == [6, 14]
    assert on(said.exit["risk-on"]) == [5, 13]


def test_the_trade_runs_from_the_open_after_the_turn_to_the_open_after_the_turn_back():
    bars = bars_with(VOLUMES)
    trades, _ = run_rule(Sentiment(SentimentTradeParams(**SMALL), TradePlan(fraction=0.5)), bars)
    days = bars.sessions
    assert [(t.instrument, t.entry_date, t.exit_date, t.exit_reason) for t in trades] == [
        ("SOXS", days[7], days[9], "risk-on"),
        ("SOXS", days[11], days[12], "risk-on"),
    ]


def test_the_notes_say_whose_volume_is_read():
    rule = Sentiment(SentimentTradeParams(**SMALL))
    assert rule.notes(market_of_bars(bars_with(VOLUMES))) == [
        "SOXS has no volume of its own: the gauge reads TEST's"
    ]
    assert rule.notes(market_of_bars(bars_with([0.0] * 9))) == [
        "TEST has no volume, so a gauge of volume never says anything; see data.volumes"
    ]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("rule.volume_ratio=0", "rule.volume_ratio is 0; it should be greater than 0"),
        ("rule.volume_past=4", "rule.volume_past is 4; it should be greater than or equal to 5"),
        ("rule.volatility_bars=1", "rule.volatility_bars is 1; it should be greater than or equal to 2"),
        (
            "rule.gauge='fear'",
            "rule.gauge is 'fear'; it should be 'both', 'either', 'volume' or 'volatility'",
        ),
        ("rule.side='up'", "rule.side is 'up'; it should be 'bear' or 'bull'"),
        ("plan.rebound='high'", "plan.rebound names the level 'high'; rule sentiment gives none"),
    ],
)
def test_what_is_out_of_bounds_is_refused_with_the_bound(change, says):
    rule_on = market_of_bars(random_bars(1, 9))
    with pytest.raises(SpecError, match=says):
        load_spec("sentiment", [change]).make_rule().checked_signals(rule_on)


@pytest.mark.parametrize(("side", "instrument"), [("bear", "SOXL"), ("bull", "SOXS")])
def test_the_wrong_fund_for_the_side_is_refused(side, instrument):
    rule = Sentiment(SentimentTradeParams(side=side), TradePlan(instrument=instrument))
    with pytest.raises(SpecError, match=f"rule.side is '{side}', which needs an instrument with a"):
        run_rule(rule, random_bars(1, 30))


@pytest.mark.parametrize(("gauge", "bars"), [("volume", 7), ("volatility", 26), ("both", 26)])
def test_the_warm_up_is_that_of_the_gauge_and_one_bar_for_the_turn(gauge, bars):
    assert Sentiment(SentimentTradeParams(**{**SMALL, "gauge": gauge})).warm_up == bars


PLAN = TradePlan(risk=0.02, stop="atr_stop", target="atr_target", max_bars=8)


@pytest.mark.parametrize("gauge", ["both", "either", "volume", "volatility"])
@pytest.mark.parametrize("side", ["bear", "bull"])
def test_no_bar_is_used_before_it_has_arrived(gauge, side):
    rng = np.random.default_rng(8)
    volume = np.where(rng.random(130) < 0.02, 0.0, rng.lognormal(10, 0.5, 130))
    bars = replace(random_bars(8, 130), volume=volume)
    rule = Sentiment(SentimentTradeParams(**{**SMALL, "gauge": gauge, "side": side, "atr_bars": 5}), PLAN)
    assert_prefixes(rule, market_of_bars(bars), cuts=range(1, 131, 3))
    assert_same_in_every_mode(rule, bars, cuts=[33, 111])


def test_the_example_trades_and_leaves_by_its_plan_s_doors():
    run = run_backtest(load_spec("sentiment"))
    assert len(run.trades) >= 15
    assert {t.exit_reason for t in run.trades} <= DOORS
    assert {"risk-on", "stop", "target"} <= {t.exit_reason for t in run.trades}
    assert "SOXS has no volume of its own: the gauge reads nasdaq's" in run.warnings


@pytest.mark.market
def test_the_real_fund_s_volume_reaches_the_rule_in_every_mode(market_folder):
    """With volume laid over the fund feed, and none on the index, all trades come from the fund's."""
    volumes = {"SOXS": Volumes(read_bars(market_folder / "SOXS.csv"))}
    bars = read_bars(market_folder / "SOX.csv").between("2021-06-01", "2022-06-30")
    rule = Sentiment(SentimentTradeParams(gauge="volume", volume_past=20, volume_ratio=1.1), PLAN)
    assert run_rule(rule, bars)[0] == []
    assert_same_in_every_mode(rule, bars, cuts=[60, 200], volumes=volumes)
    assert_prefixes(rule, market_of_bars(bars, volumes=volumes), cuts=range(1, len(bars), 7))


@pytest.mark.market
def test_the_example_on_thirty_years_of_semiconductors(market_folder):
    spec = load_spec(
        "sentiment", ["data.volumes.SOXS=SOXS"], index="SOX", start="1995-01-01", rates="SHORT_RATE"
    )
    run = run_backtest(spec, market_folder)
    assert len(run.trades) >= 15
    assert {t.exit_reason for t in run.trades} <= DOORS
    assert any(note.startswith("SOXS has a volume on 1,090 of") for note in run.warnings)
