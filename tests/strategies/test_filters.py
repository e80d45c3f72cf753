"""Filters: where they are open by hand, what they say of themselves, and the [filters] of a spec."""

import numpy as np
import pytest

from feeds.events import NONE, Events, load_events
from feeds.market import Market, Prices
from letf_instruments import DataError, SpecError
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest
from strategies.filters import (
    EventFilter,
    EventParams,
    TrendFilter,
    TrendParams,
    VolatilityFilter,
    VolatilityParams,
    unfold,
)
from tests.conftest import flat_bars, random_bars
from tests.runs.command import letf


def market(closes, events=NONE, **kwargs):
    bars = flat_bars(closes, **kwargs)
    return Market(bars.timestamps, Prices.of_bars(bars), {}, {}, events)


def where(gate, market):
    return np.flatnonzero(gate.open(market)).tolist()


# -- open where ----------------------------------------------------------------------------------------


def test_trend_is_the_side_of_the_average_and_closed_until_there_is_one():
    closes = [10.0, 12.0, 14.0, 12.0, 10.0, 10.0, 10.0, 13.0]
    # Averages of three from bar 2 on: 12, 12.67, 12, 10.67, 10, 11.
    assert where(TrendFilter(TrendParams(bars=3)), market(closes)) == [2, 7]
    assert where(TrendFilter(TrendParams(bars=3, side="below")), market(closes)) == [3, 4, 5]  # 6 is on it
    assert where(TrendFilter(TrendParams(bars=9)), market(closes)) == []
    assert where(TrendFilter(TrendParams(bars=9, side="below")), market(closes)) == []


def test_volatility_is_annualised_and_closed_until_it_is_known():
    swings = 100 * np.exp(np.cumsum([0, 0.01, -0.01, 0.01, -0.01, 0.02, -0.02, 0.02, -0.02]))
    # Two returns of +1 % and −1 % have a deviation of √2 %, 22.4 % a year; of 2 %, twice that.
    low, high = VolatilityParams(level=0.23, bars=2), VolatilityParams(level=0.4, bars=2, side="above")
    assert where(VolatilityFilter(low), market(swings)) == [2, 3, 4]
    assert where(VolatilityFilter(high), market(swings)) == [6, 7, 8]
    late = VolatilityParams(bars=9)
    assert where(VolatilityFilter(late), market(swings)) == []


def test_events_bar_what_would_be_traded_near_them():
    # Weekdays from Monday the 6th; the event is on Wednesday the 15th. What is decided at a close is traded
    # at the next open, so the closes of the 13th, 14th and 15th lead to trades on the 14th, 15th and 16th.
    events = Events(np.array(["2020-01-15"], dtype="datetime64[D]"), np.array(["NVDA"]), "mine")
    on = market([100.0] * 12, events)
    days = on.sessions.astype(str)
    near = EventFilter(EventParams(side="near", before=1, after=1))
    assert days[near.open(on)].tolist() == ["2020-01-13", "2020-01-14", "2020-01-15"]
    away = EventFilter(EventParams(before=1, after=1))
    np.testing.assert_array_equal(away.open(on), ~near.open(on))
    only = EventFilter(EventParams(side="near", before=0, after=0, tickers=("nvda",)))
    assert days[only.open(on)].tolist() == ["2020-01-14"]
    with pytest.raises(DataError, match="mine: no events of AMD; it has NVDA"):
        EventFilter(EventParams(tickers=("AMD",))).open(on)


EVERY = {
    "trend": TrendFilter(TrendParams(bars=10)),
    "below": TrendFilter(TrendParams(bars=7, side="below")),
    "volatility": VolatilityFilter(VolatilityParams(bars=5, level=0.4)),
    "event": EventFilter(EventParams(before=3, after=2)),
}


@pytest.mark.parametrize("name", EVERY)
def test_what_comes_later_changes_nothing(name):
    bars = random_bars(8, 120)
    whole = Market(bars.timestamps, Prices.of_bars(bars), {}, {}, load_events("option-expiry"))
    is_open = EVERY[name].open(whole)
    assert 0 < is_open.sum() < 120
    for n in range(1, 120):
        np.testing.assert_array_equal(EVERY[name].open(whole.upto(n)), is_open[:n])


@pytest.mark.parametrize(
    ("gate", "words"),
    [
        (TrendFilter(), "index above its 200-bar average"),
        (TrendFilter(TrendParams(side="below", bars=50)), "index below its 50-bar average"),
        (VolatilityFilter(), "20-bar volatility below 30%"),
        (VolatilityFilter(VolatilityParams(side="above", level=0.255)), "20-bar volatility above 25.5%"),
        (EventFilter(), "away from events (1 before to 1 after)"),
        (
            EventFilter(EventParams(side="near", before=2, after=0, tickers=("NVDA", "AMD"))),
            "near events of NVDA, AMD (2 before to 0 after)",
        ),
    ],
)
def test_a_filter_says_what_it_is(gate, words):
    assert gate.describe() == words


# -- [filters] -----------------------------------------------------------------------------------------


def test_unfold_takes_a_filter_under_its_own_name_or_under_a_label():
    tables = {"trend": {"bars": 50}, "slow": {"trend": {"bars": 200}}, "volatility": {}}
    assert unfold(tables) == {
        "trend": ("trend", {"bars": 50}),
        "slow": ("trend", {"bars": 200}),
        "volatility": ("volatility", {}),
    }
    with pytest.raises(
        SpecError, match=r"filters\.trend is 50; it must be a table, such as \[filters\.trend\]"
    ):
        unfold({"trend": 50})


MINIMAL = 'strategy = "rsi_timing"\n'


def load(folder, text, changes=()):
    (folder / "s.toml").write_text(MINIMAL + text)
    return load_spec(folder / "s.toml", list(changes))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[filters.trnd]\nbars = 3", r"filter 'trnd' is not known; did you mean 'trend'\?"),
        ("[filters.slow.trnd]\nbars = 3", r"filter 'trnd' is not known; did you mean 'trend'\?"),
        ("[filters.xyz]\n", "filter 'xyz' is not known; there are trend, volatility, sentiment, event"),
        (
            "[filters.slow.trend]\n[filters.slow.volatility]\n",
            "filters.slow holds trend and volatility; a label",
        ),
        ("[filters.trend]\nbar = 3", r"unknown key filters\.trend\.bar; did you mean filters\.trend\.bars\?"),
        (
            "[filters.slow.trend]\nbar = 3",
            r"unknown key filters\.slow\.trend\.bar; did you mean filters\.slow\.trend",
        ),
        ("[filters.trend]\nbars = 0", r"filters\.trend\.bars is 0; it should be greater than or equal to 1"),
        (
            "[filters.trend]\nbars = 2001",
            r"filters\.trend\.bars is 2001; it should be less than or equal to 2000",
        ),
        (
            "[filters.volatility]\nlevel = 30",
            r"filters\.volatility\.level is 30; it should be less than or equal to 5",
        ),
        (
            "[filters.trend]\nside = 'over'",
            r"filters\.trend\.side is 'over'; it should be 'above' or 'below'",
        ),
        ("[filters.trend]\nleave = 3", r"filters\.trend\.leave is 3; it should be true or false"),
        ("[filters]\ntrend = 50", r"filters\.trend is 50; it must be a table"),
        ("filters = 3", "filters is 3; it should be a table"),
    ],
)
def test_a_wrong_filter_is_one_sentence(tmp_path, text, says):
    with pytest.raises(SpecError, match=says) as error:
        load(tmp_path, text)
    assert "\n" not in str(error.value)


def test_two_of_a_kind_both_bar_the_entry_and_the_manifest_keeps_them(tmp_path):
    loaded = load(tmp_path, "[filters.trend]\nbars = 50\n[filters.slow.trend]\nbars = 200\nleave = true\n")
    rule = loaded.make_rule()
    assert {label: gate.params.bars for label, gate in rule.filters.items()} == {"trend": 50, "slow": 200}
    kept = loaded.resolved()["filters"]
    assert kept["slow"] == {"name": "trend", "leave": True, "side": "above", "bars": 200}
    signals = rule.checked_signals(run_backtest(load(tmp_path, "")).market())
    names = list(signals.entry)[-2:]
    assert names == [
        "filter trend: index above its 50-bar average",
        "filter slow: index above its 200-bar average",
    ]
    np.testing.assert_array_equal(signals.exit["filter slow closed"], ~signals.entry[names[1]])
    assert "filter trend closed" not in signals.exit


def test_a_filter_may_be_set_and_taken_out_on_the_command_line(tmp_path):
    text = "[filters.trend]\nbars = 50\n"
    assert load(tmp_path, text, ["filters.trend.bars=20"]).make_rule().filters["trend"].params.bars == 20
    assert load(tmp_path, text, ["filters.trend=none"]).make_rule().filters == {}
    added = load(tmp_path, "", ["filters.slow.trend.bars=150", "filters.slow.trend.side=below"])
    assert added.make_rule().filters["slow"].describe() == "index below its 150-bar average"
    done = letf("run", tmp_path / "s.toml", "--set", "filters.trnd.bars=50")
    assert (done.returncode, done.stdout) == (2, "")
    assert "filter 'trnd' is not known; did you mean 'trend'?" in done.stderr


def test_a_filter_that_is_never_open_is_named_as_the_reason(tmp_path):
    run = run_backtest(load(tmp_path, "[data]\nend = 1999-12-31\n[filters.trend]\nbars = 500\n"))
    assert (
        run.verdict
        == "The rule never traded: “filter trend: index above its 500-bar average” was never true."
    )


def test_filters_bar_entries_and_end_trades_in_a_run(tmp_path):
    gated = run_backtest(load(tmp_path, "[filters.trend]\nbars = 60\nleave = true\n"))
    assert len(gated.trades) > 10
    assert "filter trend closed" in {trade.exit_reason for trade in gated.trades}
    close = gated.market().index.close
    average = np.convolve(close, np.ones(60) / 60, "valid")
    for trade in gated.trades:
        decided = int(np.searchsorted(gated.days, trade.entry_date)) - 1
        assert close[decided] > average[decided - 59]


def test_a_filter_of_events_needs_some(tmp_path):
    spec = load(tmp_path, "[filters.event]\nbefore = 2\n")
    with pytest.raises(SpecError, match=r"reads a calendar of events, but data\.events names none"):
        run_backtest(spec)
    assert run_backtest(load(tmp_path, "[data]\nevents = 'option-expiry'\n[filters.event]\n")).trades
