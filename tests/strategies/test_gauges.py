"""Gauges by hand: volume and volatility against their own past, gaps in the volume, and what is said."""

import re
from dataclasses import replace

import numpy as np
import pytest

from feeds.market import Market, Prices
from feeds.reading.files import read_bars
from feeds.volumes import Volumes
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest
from strategies import RsiTiming, filter_named
from strategies.filters import SentimentFilter, SentimentParams
from strategies.gauges import (
    bars_a_session,
    has_volume,
    relative_volume,
    risk_off,
    volatility,
    volume_notes,
    warm_up,
)
from tests.conftest import flat_bars, make_bars, random_bars
from tests.strategies.causality import assert_prefixes, market_of_bars

SMALL = {"volume_bars": 1, "volume_past": 5, "volatility_bars": 2, "volatility_past": 5}
# Log returns in percent. The deviation of two returns is their distance over √2; the distances are 2 up to
# bar 7, then 4, 6, 4, 2, 2, 2; their medians of five 2, 2, 4, 4, 4, 2 from bar 8: ratios 2, 3, 1, ½, ½, 1.
RETURNS = [0, 1, -1, 1, -1, 1, -1, 1, -3, 3, -1, 1, -1, 1]
CLOSES = 100 * np.exp(np.cumsum(RETURNS) / 100)
QUIET = np.full(14, 100.0)
LOUD = np.where(np.isin(np.arange(14), (9, 10)), 200.0, 100.0)  # twice the median of the five before


def market(index=QUIET, own=None, closes=CLOSES):
    bars = replace(flat_bars(list(closes)), volume=np.asarray(index, dtype=float))
    prices = Prices.of_bars(bars)
    none = np.zeros(len(bars))
    fund = replace(prices, name="SOXS", volume=none if own is None else np.asarray(own, dtype=float))
    return Market(bars.timestamps, prices, {"SOXS": fund})


def params(**changes):
    return SentimentParams(**{**SMALL, **changes})


def on(where):
    return np.flatnonzero(where).tolist()


# -- volume -------------------------------------------------------------------------------------------


def test_volume_is_the_recent_mean_over_the_median_before_it():
    own = [10, 20, 30, 40, 80, 30]
    ratio = relative_volume(market(np.zeros(6), own, np.full(6, 100.0)), "SOXS", 2, 3)
    np.testing.assert_array_equal(ratio, [np.nan] * 4 + [60 / 20, 55 / 30])


def test_a_fund_that_decays_and_trades_ever_more_shares_for_the_same_money_is_not_feared():
    price = 100 * 0.95 ** np.arange(20)
    ratio = relative_volume(market(np.zeros(20), 1e6 / price, price), "SOXS", 2, 10)
    np.testing.assert_allclose(ratio[11:], 1)


def test_where_the_fund_s_volume_has_a_gap_the_index_s_is_read():
    """Bar 6 has no volume of the fund: with one bar against three before it, bars 6 to 9 touch it."""
    own, index = np.full(12, 10.0), np.full(12, 50.0)
    own[6], index[8], index[11] = 0, 100, 500
    ratio = relative_volume(market(index, own, np.full(12, 100.0)), "SOXS", 1, 3)
    np.testing.assert_array_equal(ratio, [np.nan] * 3 + [1, 1, 1, 1, 1, 2, 1, 1, 1])


def test_a_gap_in_both_is_not_known_and_one_in_a_feed_of_nan_is_a_gap():
    own = np.full(10, 10.0)
    own[5] = np.nan
    ratio = relative_volume(market(np.zeros(10), own, np.full(10, 100.0)), "SOXS", 1, 3)
    np.testing.assert_array_equal(ratio, [np.nan] * 3 + [1, 1] + [np.nan] * 4 + [1])


def test_a_name_in_another_letter_case_is_the_same_fund():
    m = market(np.zeros(14), LOUD)
    np.testing.assert_array_equal(relative_volume(m, "soxs", 1, 5), relative_volume(m, "SOXS", 1, 5))


# -- volatility ---------------------------------------------------------------------------------------


def test_volatility_is_a_fraction_a_year():
    """Returns of +1 % and −1 %: a deviation of 2 % / √2 a day, × √252 a year."""
    assert volatility(market(), 2)[2] == pytest.approx(0.02 / np.sqrt(2) * np.sqrt(252))


def test_intraday_bars_count_as_many_to_a_session_as_there_have_been():
    days = np.array(["2020-01-06T10", "2020-01-06T12", "2020-01-07T10", "2020-01-07T12"], dtype="M8[us]")
    m = replace(market(np.zeros(4), None, np.full(4, 100.0)), timestamps=days)
    assert bars_a_session(m).tolist() == [1, 2, 1.5, 2]


# -- the gauge ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gauge", "volume", "risk_off_on", "known_from"),
    [
        ("volatility", QUIET, [8, 9], 6),
        ("volume", LOUD, [9, 10], 5),
        ("both", LOUD, [9], 6),
        ("either", LOUD, [8, 9, 10], 6),
        ("both", np.zeros(14), [8, 9], 6),  # no volume at all: volatility decides alone
        ("either", np.zeros(14), [8, 9], 6),
        ("volume", np.zeros(14), [], 14),
    ],
)
def test_risk_off_read_off_by_eye(gauge, volume, risk_off_on, known_from):
    said = risk_off(market(volume), params(gauge=gauge))
    assert on(said.on) == risk_off_on
    assert on(said.known) == list(range(known_from, 14))
    assert warm_up(params(gauge=gauge)) == (6 if gauge == "volume" else 7)


def test_a_volume_that_stops_leaves_the_gauge_to_volatility():
    """With volume, bar 8 is calm in volume; from bar 9 on there is none, and volatility is high on it."""
    said = risk_off(market(np.where(np.arange(14) < 9, 100.0, 0.0)), params(gauge="both"))
    assert on(said.on) == [9]
    assert said.known[6:].all()


def test_a_stray_volume_long_before_does_not_silence_the_gauge():
    stray = np.zeros(14)
    stray[1] = 15
    assert on(risk_off(market(own=stray, index=np.zeros(14)), params(gauge="both")).on) == [8, 9]


def test_a_market_that_never_moves_is_not_known():
    said = risk_off(market(QUIET, None, np.full(14, 7.0)), params())
    assert not said.known.any()
    assert not said.on.any()


@pytest.mark.parametrize("gauge", ["both", "either", "volume", "volatility"])
def test_what_comes_later_changes_nothing(gauge):
    rng = np.random.default_rng(5)
    bars = random_bars(5, 90)
    volume = np.where(rng.random(90) < 0.03, 0.0, rng.lognormal(10, 1, 90))
    whole = market_of_bars(replace(bars, volume=volume))
    p = params(gauge=gauge)
    said = risk_off(whole, p)
    for n in range(1, 91):
        for early, late in zip(risk_off(whole.upto(n), p), said, strict=True):
            np.testing.assert_array_equal(early, late[:n])
    assert said.on.any()


# -- what is said -------------------------------------------------------------------------------------

HALF = np.where(np.arange(14) < 7, 100.0, 0.0)


@pytest.mark.parametrize(
    ("index", "own", "gauge", "notes"),
    [
        (QUIET, QUIET, "both", []),
        (np.zeros(14), np.zeros(14), "volatility", []),
        (
            np.zeros(14),
            None,
            "both",
            ["TEST has no volume, so the gauge goes by volatility alone; see data.v"],
        ),
        (np.zeros(14), None, "volume", ["TEST has no volume, so a gauge of volume never says anything; see"]),
        (QUIET, None, "both", ["SOXS has no volume of its own: the gauge reads TEST's"]),
        (
            QUIET,
            HALF,
            "both",
            ["SOXS has a volume on 7 of 14 bars; around the others the gauge reads TEST's"],
        ),
        (np.zeros(14), HALF, "both", ["SOXS has a volume on 7 of 14 bars; .* the gauge goes by volatility"]),
        (np.zeros(14), HALF, "volume", ["SOXS has a volume on 7 of 14 bars; .* the gauge says nothing"]),
        (
            HALF,
            None,
            "volume",
            ["SOXS has no volume of its own: the gauge reads TEST's", "TEST has a volume on 7 of 14 bars"],
        ),
    ],
)
def test_whose_volume_is_read_is_said(index, own, gauge, notes):
    m = market(index, own)
    said = volume_notes(m, params(gauge=gauge))
    assert len(said) == len(notes)
    for sentence, wanted in zip(said, notes, strict=True):
        assert re.match(wanted, sentence), sentence
    assert has_volume(m, "SOXS") == (np.any(index) or (own is not None and np.any(own)))


def test_a_fund_that_is_not_in_the_run_is_said_and_an_asset_is_read():
    bars = random_bars(1, 14)
    asset = replace(bars, name="SMH", source="SMH", volume=LOUD)
    assert volume_notes(market_of_bars(bars, funds=()), params()) == [
        "SOXS is not in this run: the gauge reads TEST's volume"
    ]
    m = market_of_bars(bars, assets=[asset])
    assert volume_notes(m, params(instrument="SMH")) == []
    value = LOUD * bars.close
    assert relative_volume(m, "SMH", 1, 5)[9] == pytest.approx(value[9] / np.median(value[4:9]))


# -- the filter ---------------------------------------------------------------------------------------


def test_the_filter_is_open_on_its_side_and_closed_until_it_knows():
    gate = {side: SentimentFilter(params(gauge="both", side=side)) for side in ("risk-on", "risk-off")}
    assert on(gate["risk-off"].open(market(LOUD))) == [9]
    assert on(gate["risk-on"].open(market(LOUD))) == [6, 7, 8, 10, 11, 12, 13]
    assert gate["risk-off"].describe() == "risk-off by volume and volatility"


def test_a_rule_behind_the_filter_uses_no_bar_before_it_has_arrived():
    gate = filter_named("sentiment")(params(gauge="either", leave=True))
    bars = replace(random_bars(6, 90), volume=np.random.default_rng(6).lognormal(10, 1, 90))
    assert_prefixes(RsiTiming(filters={"mood": gate}), market_of_bars(bars))


def test_a_run_says_whose_volume_its_filter_reads():
    run = run_backtest(load_spec("rsi_timing", ["filters.sentiment.side=risk-off"], end="2000-06-30"))
    assert "SOXS has no volume of its own: the gauge reads nasdaq's" in run.warnings


# -- real volume --------------------------------------------------------------------------------------


@pytest.mark.market
def test_the_real_fund_s_volume_against_its_past_by_a_plain_loop(market_folder):
    soxs = read_bars(market_folder / "SOXS.csv")
    bars = read_bars(market_folder / "SOX.csv").between("2019-01-02", "2023-12-29")
    m = market_of_bars(bars, volumes={"SOXS": Volumes(soxs)})
    by_day = dict(zip(soxs.sessions.tolist(), soxs.volume.tolist(), strict=True))
    shares = [by_day.get(day, 0.0) for day in bars.sessions.tolist()]
    volume = [n * price for n, price in zip(shares, m.funds["SOXS"].close.tolist(), strict=True)]
    expected = []
    for t in range(64, len(volume)):
        window = volume[t - 64 : t + 1]
        past = sorted(window[:60])
        expected.append(sum(window[60:]) / 5 > 1.2 * (past[29] + past[30]) / 2 if min(window) > 0 else False)
    said = risk_off(m, SentimentParams(gauge="volume"))
    assert said.on[64:].tolist() == expected
    assert 100 < said.on.sum() < 500
    assert "SOXS has a volume on 1,090 of" in volume_notes(m, SentimentParams())[0]


def test_bars_of_one_price_and_no_volume_give_no_warning():
    m = market_of_bars(make_bars([(1.0,) * 4] * 400))
    for gauge in ("both", "either", "volume", "volatility"):
        assert not risk_off(m, SentimentParams(gauge=gauge)).on.any()
