"""Trend: weights read off by eye, no look-ahead, bounds, and the examples' runs."""

import itertools

import numpy as np
import pytest
from pydantic import ValidationError

from feeds.sources import load_bars
from letf_instruments import SpecError
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest
from strategies import AllocationPlan, Trend, rule_named
from strategies.indicators import ema
from tests.conftest import flat_bars, random_bars
from tests.strategies.arrival import assert_sees_no_later_bar, market_from, run

NAN = float("nan")


def trend(plan=None, **params):
    return Trend(Trend.Params(**params), plan)


def weights(closes, **params):
    rule = trend(**params)
    return {k: v.tolist() for k, v in rule.targets(market_from(flat_bars(closes))).weights.items()}


def same(got, expected):
    np.testing.assert_array_equal(got, expected)


# -- by eye -----------------------------------------------------------------------------------------

HILL = [10.0, 11.0, 12.0, 13.0, 12.0, 11.0, 10.0, 10.0, 10.0, 14.0]
# 3-bar average: .  .  11   12   12.3 12  11  10.3 10  11.3


def test_it_holds_the_fund_above_the_average_and_nothing_below_or_on_it():
    got = weights(HILL, bars=3)
    assert list(got) == ["SOXL"]
    same(got["SOXL"], [NAN, NAN, 1, 1, 0, 0, 0, 0, 0, 1])


def test_the_states_are_the_reasons():
    targets = trend(bars=3).targets(market_from(flat_bars(HILL)))
    assert list(targets.states) == ["uptrend", "no uptrend"]
    same(targets.state_codes(), [0, 0, 1, 1, 2, 2, 2, 2, 2, 1])
    trades, _, _ = run(trend(bars=3), flat_bars(HILL))
    assert [t.exit_reason for t in trades] == ["no uptrend"]
    assert (trades[0].entry_date, trades[0].exit_date) == (
        np.datetime64("2020-01-09"),
        np.datetime64("2020-01-13"),
    )


def test_out_of_the_trend_the_bear_fund_may_be_held():
    got = weights(HILL, bars=3, out="bear", max_weight=0.5)
    same(got["SOXL"], [NAN, NAN, 0.5, 0.5, 0, 0, 0, 0, 0, 0.5])
    same(got["SOXS"], [NAN, NAN, 0, 0, 0.5, 0.5, 0.5, 0.5, 0.5, 0])


def test_a_buffer_keeps_it_from_changing_its_mind_at_every_crossing():
    closes = [100.0, 100.0, 103.0, 99.0, 103.0, 99.0, 103.0, 90.0, 100.0]
    # over its 2-bar average: 0, +1.5 %, −2 %, +2 %, −2 %, +2 %, −6.7 %, +5.3 %
    same(weights(closes, bars=2)["SOXL"], [NAN, 0, 1, 0, 1, 0, 1, 0, 1])
    same(weights(closes, bars=2, buffer=0.03)["SOXL"], [NAN, 0, 0, 0, 0, 0, 0, 0, 1])
    same(weights(closes, bars=2, buffer=0.0199)["SOXL"], [NAN, 0, 0, 0, 0, 0, 0, 0, 1])
    same(weights(closes, bars=2, buffer=0.0197)["SOXL"], [NAN, 0, 0, 0, 1, 0, 1, 0, 1])
    same(weights([*closes[:5], 101.5, 99.0], bars=2, buffer=0.0197)["SOXL"], [NAN, 0, 0, 0, 1, 1, 1])


def test_momentum_is_the_return_over_the_window():
    closes = [10.0, 12.0, 11.0, 11.0, 11.0, 10.5, 12.0]
    same(weights(closes, filter="momentum", bars=2)["SOXL"], [NAN, NAN, 1, 0, 0, 0, 1])


def test_efficiency_needs_a_straight_move_and_an_upward_one():
    # Ratios over 3 bars: 3/3 up, then 1/3 up (+1 −1 +1), 1/3, 3/3 down.
    closes = [10.0, 11.0, 12.0, 13.0, 12.0, 13.0, 12.0, 11.0, 10.0]
    # bar 3: 3/3 up; 4: 1/3 up; 5: 1/3 up; 6: 1/3 down; 7: 1/3 down; 8: 3/3 down
    same(weights(closes, filter="efficiency", bars=3, level=0.5)["SOXL"], [NAN, NAN, NAN, 1, 0, 0, 0, 0, 0])
    same(weights(closes, filter="efficiency", bars=3, level=0.3)["SOXL"], [NAN, NAN, NAN, 1, 1, 1, 0, 0, 0])
    wide = weights(closes, filter="efficiency", bars=3, level=0.3, buffer=0.9)  # never far enough to enter
    same(wide["SOXL"], [NAN, NAN, NAN, 0, 0, 0, 0, 0, 0])
    held = weights(closes, filter="efficiency", bars=3, level=0.3, buffer=0.65)  # but a fall always ends it
    same(held["SOXL"], [NAN, NAN, NAN, 1, 1, 1, 0, 0, 0])


def test_a_volatility_target_shrinks_the_weight_of_a_volatile_index():
    """Returns of ±1 % in turn, in logs: their standard deviation over 4 is .01 × √(4/3), 18.3 % a year."""
    closes = [100.0, 101.0] * 6
    volatility = np.log(1.01) * np.sqrt(4 / 3) * np.sqrt(252)
    got = weights(
        closes,
        filter="momentum",
        bars=2,
        out="bear",
        target_volatility=0.3,
        volatility_bars=4,
        max_weight=0.9,
    )
    same(got["SOXS"][:4], [NAN] * 4)
    assert got["SOXS"][6] == pytest.approx(0.3 / (3 * volatility))
    calm = weights(
        closes,
        filter="momentum",
        bars=2,
        out="bear",
        target_volatility=0.6,
        volatility_bars=4,
        max_weight=0.9,
    )
    assert calm["SOXS"][6] == 0.9  # capped


def test_a_still_index_has_the_largest_weight():
    got = weights(
        [100.0] * 8, filter="momentum", bars=2, out="bear", target_volatility=0.3, volatility_bars=3
    )
    same(got["SOXS"][3:], [1.0] * 5)


@pytest.mark.parametrize(
    ("params", "needed"),
    [
        ({"bars": 7}, 7),
        ({"filter": "momentum", "bars": 7}, 8),
        ({"filter": "efficiency", "bars": 7}, 8),
        ({"bars": 7, "target_volatility": 0.3, "volatility_bars": 12}, 13),
    ],
)
def test_the_first_weight_is_known_at_the_end_of_the_warm_up(params, needed):
    rule = trend(**params)
    known = ~np.isnan(rule.targets(market_from(random_bars(1, 40))).weights["SOXL"])
    assert rule.warm_up == needed
    assert int(np.argmax(known)) == needed - 1
    assert known[needed - 1 :].all()


# -- bounds -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"bars": 1}, "greater than or equal to 2"),
        ({"max_weight": 1.1}, "less than or equal to 1"),
        ({"buffer": -0.01}, "greater than or equal to 0"),
        ({"level": 1.0}, "less than 1"),
        ({"target_volatility": 0.0}, "greater than 0"),
        ({"filter": "rsi"}, "'average', 'momentum' or 'efficiency'"),
        ({"out": "bear", "bear": "SOXL"}, "rule.bear and rule.bull are both SOXL"),
    ],
)
def test_parameters_out_of_bounds_are_refused_with_the_bound(params, says):
    with pytest.raises(ValidationError, match=says):
        trend(**params)


def test_instruments_on_the_wrong_side_are_refused():
    with pytest.raises(
        SpecError, match=r"rule.bull is SOXS, which has a multiple of -3; it needs a positive"
    ):
        weights(HILL, bars=3, bull="SOXS")
    with pytest.raises(
        SpecError, match=r"rule.bear is SOXL, which has a multiple of \+3; it needs a negative"
    ):
        weights(HILL, bars=3, bull="index", bear="SOXL", out="bear")


def test_a_volatility_target_that_nothing_trades_back_to_is_said():
    market = market_from(flat_bars(HILL))
    assert "never again" in trend(target_volatility=0.4).notes(market)[0]
    assert trend(AllocationPlan(band=0.1), target_volatility=0.4).notes(market) == []
    assert trend().notes(market) == []


# -- look-ahead ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "params"),
    [
        ({"band": 0.05}, {"bars": 30, "buffer": 0.01}),
        ({"schedule": "monthly"}, {"filter": "momentum", "bars": 20, "out": "bear", "max_weight": 0.8}),
        (
            {"band": 0.1},
            {"filter": "efficiency", "bars": 10, "target_volatility": 0.5, "volatility_bars": 15},
        ),
    ],
    ids=["average", "momentum", "efficiency"],
)
def test_it_sees_no_later_bar(plan, params):
    bars = load_bars("nasdaq").between("2007-09-01", "2008-12-31")
    assert_sees_no_later_bar(trend(AllocationPlan(**plan), **params), bars)


# -- whole runs -----------------------------------------------------------------------------------------


def test_positions_are_those_of_a_plain_loop():
    """In at the open after a close above the average, out at the open after one below it."""
    bars = load_bars("nasdaq").between("2007-01-01", "2010-12-31")
    closes = bars.close.tolist()
    inside = [None] * 49 + [closes[t] > sum(closes[t - 49 : t + 1]) / 50 for t in range(49, len(closes))]
    turns = [t for t, (a, b) in enumerate(itertools.pairwise(inside)) if bool(a) != bool(b)]
    days = [bars.sessions[t + 2] for t in turns if t + 2 < len(closes)]
    trades, _, _ = run(trend(bars=50), bars)
    got = [day for t in trades for day in (t.entry_date, t.exit_date)]
    if trades[-1].exit_reason == "open at end":
        got = got[:-1]
    assert got == days
    assert len(days) > 20


def test_the_example_trades_on_nasdaq():
    result = run_backtest(load_spec("trend"))
    assert rule_named("trend") is Trend
    assert {t.instrument for t in result.trades} == {"SOXL"}
    assert len(result.trades) > 10
    assert {t.exit_reason for t in result.trades} <= {"no uptrend", "open at end"}
    assert result.metrics["max_drawdown"] > result.metrics["hold_SOXL_max_drawdown"]


@pytest.mark.market
def test_the_example_trades_on_thirty_years_of_semiconductors(market_folder):
    result = run_backtest(
        load_spec("trend", index="SOX", start="1995-01-01", rates="SHORT_RATE"), market_folder
    )
    assert len(result.trades) > 20
    m = result.metrics
    assert m["compounding_SOXL_always"] < m["compounding_SOXL_held"] < 0
    assert m["compounding_SOXL_held_a_year"] > m["compounding_SOXL_always_a_year"]  # calmer above the average


# -- bands, confirmation, kinds of average, what else is held ------------------------------------------

BANDS = [100.0, 104.0, 115.0, 112.0, 106.0, 101.0, 93.0]


def test_in_five_percent_above_the_average_and_out_three_below():
    # Over the average of 2: +1.96, +5.02, −1.32, −2.75, −2.42, −4.12 %.
    got = weights(BANDS, bars=2, buffer=0.05, buffer_out=0.03)
    same(got["SOXL"], [NAN, 0, 1, 1, 1, 1, 0])


def test_so_many_closes_in_a_row_must_say_so():
    closes = [10.0, 11.0, 12.0, 13.0, 9.0, 13.0, 14.0, 15.0, 9.0, 8.0, 7.0]
    # Above the average of 2 on bars 1, 2, 3, 5, 6, 7; below on 4, 8, 9, 10.
    same(weights(closes, bars=2)["SOXL"], [NAN, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0])
    same(weights(closes, bars=2, confirm=3)["SOXL"], [NAN, NAN, NAN, 1, 1, 1, 1, 1, 1, 1, 0])


def test_the_exponential_average_is_its_recursion():
    closes = random_bars(5, 60).close
    alpha, mean = 2 / 11, closes[:10].mean()
    wanted = np.full(60, np.nan)
    wanted[9] = mean
    for i in range(10, 60):
        mean += alpha * (closes[i] - mean)
        wanted[i] = mean
    np.testing.assert_allclose(ema(closes, 10), wanted, rtol=1e-12)
    same(
        weights(closes.tolist(), bars=10, average="ema")["SOXL"],
        np.where(np.isnan(wanted), np.nan, closes > wanted),
    )


def test_any_instrument_may_be_held_out_of_the_trend():
    got = weights(HILL, bars=3, out="index")
    same(got["index"], [NAN, NAN, 0, 0, 1, 1, 1, 1, 1, 0])
    with pytest.raises(ValidationError, match=r"rule\.out and rule\.bull are both SOXL"):
        trend(out="SOXL")


@pytest.mark.parametrize("params", [{"confirm": 3, "buffer_out": 0.01}, {"average": "ema", "out": "index"}])
def test_these_too_see_no_later_bar(params):
    assert_sees_no_later_bar(trend(AllocationPlan(), bars=20, **params), random_bars(6, 150))
