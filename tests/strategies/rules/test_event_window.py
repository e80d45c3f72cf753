"""Event windows: positions on over exactly the window's sessions, no look-ahead, bounds, examples."""

import numpy as np
import pytest
from pydantic import ValidationError

from feeds.events import Events, load_events
from feeds.sources import load_bars
from letf_instruments import DataError, SpecError
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest
from strategies import EventExposure, EventTrade, EventWindow, TradePlan, rule_named
from tests.conftest import make_bars
from tests.strategies.arrival import assert_sees_no_later_bar, market_from, run


def events(*dates, tickers=None):
    return Events(np.array(dates, dtype="datetime64[D]"), np.array(tickers or [""] * len(dates)), "by hand")


def rule(plan=None, **params):
    return EventWindow.variant(params)(EventWindow.Params(**params), plan)


def steps(closes):
    """Bars that open where they close, from Monday 2018-06-11 on."""
    return make_bars([(c, c, c, c) for c in closes], start="2018-06-11")


FORTNIGHT = steps([100.0, 101, 102, 103, 104, 105, 106, 107, 108, 109])  # to Friday 2018-06-22
MONDAY = events("2018-06-18")  # its session is bar 5; a window of ±1 is Friday to Tuesday, bars 4 to 6


# -- by eye -----------------------------------------------------------------------------------------


def test_flat_holds_the_base_but_in_the_window():
    targets = rule(weight=0.9).targets(market_from(FORTNIGHT, MONDAY))
    assert list(targets.weights) == ["SOXL"]
    assert targets.weights["SOXL"].tolist() == [0.9, 0.9, 0.9, 0, 0, 0, 0.9, 0.9, 0.9, 0.9]
    assert list(targets.states) == ["event window", "no event near"]
    assert targets.state_codes().tolist() == [2, 2, 2, 1, 1, 1, 2, 2, 2, 2]


def test_hedged_adds_the_bear_fund_to_a_net_exposure_of_nothing():
    weights = rule(mode="hedged").targets(market_from(FORTNIGHT, MONDAY)).weights
    assert weights["SOXL"].tolist() == [1, 1, 1, 0.5, 0.5, 0.5, 1, 1, 1, 1]
    assert weights["SOXS"].tolist() == [0, 0, 0, 0.5, 0.5, 0.5, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("base", "weight", "hedge_to", "expected"),
    [
        ("index", 1.0, 0.0, (0.75, 0.25)),  # .75 × 1 − .25 × 3 = 0
        ("index", 0.6, 0.0, (0.6, 0.2)),  # cash is enough: nothing is sold
        ("index", 0.9, 0.0, (0.75, 0.25)),  # cash is not: the base is sold for it
        ("SOXL", 1.0, 1.5, (0.75, 0.25)),
        ("SOXL", 0.4, 0.3, (0.4, 0.3)),
        ("SOXL", 1.0, -3.0, (0.0, 1.0)),
    ],
)
def test_the_hedge_meets_its_exposure_within_the_money(base, weight, hedge_to, expected):
    made = rule(mode="hedged", base=base, weight=weight, hedge_to=hedge_to)
    weights = made.targets(market_from(FORTNIGHT, MONDAY)).weights
    got = weights[base][4], weights["SOXS"][4]
    assert got == pytest.approx(expected)
    assert sum(got) <= 1 + 1e-12
    assert got[0] * (3 if base == "SOXL" else 1) - 3 * got[1] == pytest.approx(hedge_to)


def test_bear_enters_once_a_window_and_leaves_when_it_is_over():
    signals = rule(mode="bear", high_bars=3).checked_signals(market_from(FORTNIGHT, MONDAY))
    assert np.flatnonzero(signals.enters()).tolist() == [3]
    assert signals.exit["window over"].tolist() == [True] * 3 + [False] * 3 + [True] * 4
    same = np.testing.assert_array_equal
    nan = np.nan
    same(signals.index_levels["window_close"], [nan] * 3 + [103.0] * 7)
    same(signals.index_levels["high"], [nan, nan, *range(102, 110)])


def test_windows_that_touch_are_one_trade():
    market = market_from(FORTNIGHT, events("2018-06-14", "2018-06-15", "2018-06-20"))
    signals = rule(mode="bear", before=0, after=0).checked_signals(market)
    assert np.flatnonzero(signals.enters()).tolist() == [2, 6]


def test_only_the_named_tickers_count():
    calendar = events("2018-06-14", "2018-06-20", tickers=["AMD", "NVDA"])
    targets = rule(before=0, after=0, tickers=["nvda"]).targets(market_from(FORTNIGHT, calendar))
    assert np.flatnonzero(targets.weights["SOXL"] == 0).tolist() == [6]
    with pytest.raises(DataError, match="no events of INTC; it has AMD, NVDA"):
        rule(tickers=["INTC"]).targets(market_from(FORTNIGHT, calendar))


# -- the sessions it is on, in backtrader ---------------------------------------------------------------

AUTUMN = load_bars("nasdaq").between("2001-08-01", "2001-11-30")
CLOSURE = events("2001-09-12")  # the exchange was closed from the 11th to the 14th: it counts on the 17th


def dates(trades):
    return [(t.instrument, str(t.entry_date), str(t.exit_date), t.exit_reason) for t in trades]


def test_flat_is_out_over_exactly_the_sessions_of_the_window():
    trades, equity, _ = run(rule(), AUTUMN, CLOSURE, rate=0.0)
    assert dates(trades) == [
        ("SOXL", "2001-08-02", "2001-09-10", "event window"),
        ("SOXL", "2001-09-19", "2001-11-30", "open at end"),
    ]
    out = np.isin(
        AUTUMN.sessions, np.array(["2001-09-10", "2001-09-17", "2001-09-18"], dtype="datetime64[D]")
    )
    changed = np.concatenate(([True], np.diff(equity) != 0))
    # Sold at the open of the 10th: only that gap is in it; the exchange's fall of the 17th is not.
    assert changed[out].tolist() == [True, False, False]


def test_bear_is_in_over_exactly_the_sessions_of_the_window():
    trades, _, _ = run(rule(mode="bear"), AUTUMN, CLOSURE)
    assert dates(trades) == [("SOXS", "2001-09-10", "2001-09-19", "window over")]


def test_hedged_adds_the_bear_fund_over_exactly_those_sessions():
    trades, _, _ = run(rule(mode="hedged", base="SOXL"), AUTUMN, CLOSURE)
    assert ("SOXS", "2001-09-10", "2001-09-19", "no event near") in dates(trades)
    assert trades[-1].instrument == "SOXL"
    assert str(trades[-1].entry_date) == "2001-08-02"  # held throughout


def test_the_bear_trade_has_a_plan_stop_and_time():
    stopped, _, _ = run(rule(TradePlan(stop=0.01), mode="bear"), AUTUMN, CLOSURE)
    assert dates(stopped) == [("SOXS", "2001-09-10", "2001-09-10", "stop")]  # and no second entry
    timed, _, _ = run(rule(TradePlan(max_bars=1), mode="bear"), AUTUMN, CLOSURE)
    assert dates(timed) == [("SOXS", "2001-09-10", "2001-09-17", "longest holding")]


def test_a_rebound_of_the_index_ends_the_trade():
    """The window opens with the index at 100; it closes above that on the second bar in it."""
    bars = steps([90.0, 95, 90, 100, 99, 101, 100, 99, 98, 97])
    trades, _, _ = run(rule(TradePlan(rebound="window_close"), mode="bear", after=3), bars, MONDAY)
    assert dates(trades) == [("SOXS", "2018-06-15", "2018-06-19", "rebound")]
    trades, _, _ = run(
        rule(TradePlan(rebound="high"), mode="bear", after=2, high_bars=2),
        steps([90.0, 95, 103, 100, 99, 101, 102, 99, 98, 97]),
        MONDAY,
    )
    assert dates(trades) == [("SOXS", "2018-06-15", "2018-06-21", "window over")]  # never above 103


# -- look-ahead ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "params"),
    [
        (None, {"before": 2, "after": 1}),
        (None, {"mode": "hedged", "before": 0, "after": 3, "weight": 0.8}),
        (
            TradePlan(fraction=0.5, stop=0.1, rebound="high", max_bars=4),
            {"mode": "bear", "before": 3, "after": 3, "high_bars": 5},
        ),
    ],
    ids=["flat", "hedged", "bear"],
)
def test_it_sees_no_later_bar(plan, params):
    bars = load_bars("nasdaq").between("2008-01-01", "2008-12-31")
    assert_sees_no_later_bar(rule(plan, **params), bars, load_events("option-expiry"), cuts=4)


# -- bounds -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"before": -1}, "greater than or equal to 0"),
        ({"after": 61}, "less than or equal to 60"),
        ({"weight": 1.2}, "less than or equal to 1"),
        ({"hedge_to": 4.0}, "less than or equal to 3"),
        ({"mode": "long"}, "'flat', 'hedged' or 'bear'"),
        ({"high_bars": 0}, "greater than or equal to 1"),
    ],
)
def test_parameters_out_of_bounds_are_refused_with_the_bound(params, says):
    with pytest.raises(ValidationError, match=says):
        rule(**params)


def test_a_hedge_that_cannot_be_made_is_refused():
    market = market_from(FORTNIGHT, MONDAY)
    with pytest.raises(SpecError, match=r"hedge_to is 2; with 0\.5 in SOXL it must be between -3 and 1\.5"):
        rule(mode="hedged", weight=0.5, hedge_to=2.0).targets(market)
    with pytest.raises(SpecError, match="a bear fund that falls; SOXL has a multiple of \\+3, index of \\+1"):
        rule(mode="hedged", bear="index").targets(market)
    with pytest.raises(SpecError, match="needs an instrument with a negative multiple; SOXL has"):
        run(rule(TradePlan(instrument="SOXL"), mode="bear"), FORTNIGHT, MONDAY)


def test_intraday_bars_are_refused():
    days = np.repeat(FORTNIGHT.sessions[:5], 2).astype("datetime64[us]")
    stamps = days + np.tile(np.array([10, 15], dtype="timedelta64[h]"), 5)
    bars = type(FORTNIGHT)("I", "I", stamps, *[np.full(10, 100.0)] * 4, np.ones(10))
    with pytest.raises(SpecError, match="counts sessions, so it needs daily bars"):
        rule().targets(market_from(bars, MONDAY))


def test_each_mode_has_the_plan_that_carries_it_out():
    assert rule_named("event_window") is EventWindow
    assert EventWindow.variant({}) is EventExposure
    assert EventWindow.variant({"mode": "hedged"}) is EventExposure
    assert EventWindow.variant({"mode": "bear"}) is EventTrade
    assert load_spec("event_window", ["rule.mode=bear", "plan.stop=0.1"]).make_rule().plan.stop == 0.1
    with pytest.raises(SpecError, match=r"unknown key plan\.stop"):
        load_spec("event_window", ["plan.stop=0.1"])


def test_it_says_where_windows_never_open_or_cover_everything():
    far = market_from(FORTNIGHT, events("1999-01-04"))
    assert rule().notes(far) == ["event_window: no window opens within the run"]
    assert "cover 60% of all sessions" in rule(before=5, after=1).notes(market_from(FORTNIGHT, MONDAY))[0]
    assert rule().notes(market_from(FORTNIGHT, MONDAY)) == []


# -- examples -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "traded"), [("flat", {"SOXL"}), ("hedged", {"SOXL", "SOXS"}), ("bear", {"SOXS"})]
)
def test_the_example_trades_on_nasdaq_in_every_mode(mode, traded):
    result = run_backtest(load_spec("event_window", [f"rule.mode={mode}"]))
    assert {t.instrument for t in result.trades} == traded
    assert len(result.trades) >= 80  # four events a year over twenty years
    assert any("assumed, not real" in note for note in result.warnings)


@pytest.mark.market
def test_real_earnings_dates_on_semiconductors(market_folder):
    changes = ["rule.mode=bear", 'rule.tickers=["NVDA"]', "data.events=earnings_semis.csv"]
    result = run_backtest(load_spec("event_window", changes, index="SOX", start="1995-01-01"), market_folder)
    assert len(result.trades) > 60
    assert any("events are within the run" in note for note in result.warnings)
    changes = ["rule.before=3", "rule.after=3", "data.events=earnings_semis.csv"]  # of twenty companies
    whole = load_spec("event_window", changes, index="SOX", start="2018-01-01")
    assert any(
        "of all sessions; name fewer tickers" in n for n in run_backtest(whole, market_folder).warnings
    )
