"""Decay harvest: weights by eye, the account of a plain loop, margin, no look-ahead, bounds, examples."""

import numpy as np
import pytest
from pydantic import ValidationError

from engine import Costs, LabBroker
from feeds.market import Market
from feeds.sources import load_bars
from letf_instruments import SpecError
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest
from strategies import AllocationPlan, DecayHarvest, rule_named
from tests.conftest import flat_bars, random_bars
from tests.strategies.arrival import assert_sees_no_later_bar, market_from, run


def harvest(plan=None, **params):
    return DecayHarvest(DecayHarvest.Params(**params), AllocationPlan(**(plan or {})))


def test_the_bear_fund_alone_is_short_by_its_weight():
    targets = harvest(weight=0.3).targets(market_from(flat_bars([100.0, 101.0, 99.0])))
    assert list(targets.weights) == ["SOXS"]
    assert targets.weights["SOXS"].tolist() == [-0.3] * 3
    assert harvest().instruments == ("SOXS",)


def test_both_are_short_so_that_their_exposures_cancel():
    market = market_from(flat_bars([100.0, 101.0, 99.0]))
    weights = harvest(legs="both", weight=0.3).targets(market).weights
    assert {name: w.tolist() for name, w in weights.items()} == {"SOXS": [-0.3] * 3, "SOXL": [-0.3] * 3}
    index = Market(market.timestamps, market.index, market.funds)
    weights = harvest(legs="both", weight=0.2, bull="index").targets(index).weights
    assert weights["index"][0] == pytest.approx(-0.6)  # 3 × .2 of something that moves once


def test_it_gains_in_chop_and_loses_in_a_trend_what_both_funds_did():
    """Both short at half of 10,000 each, never traded back, no rate, no cost, no fund's fee to speak of."""
    broker = LabBroker(cash=10_000.0)
    chop = flat_bars([100.0, 100.0, 110.0, 99.0])  # +10 %, −10 %: each fund ends 9 % down
    _, equity, _ = run(harvest(legs="both", weight=0.5), chop, rate=0.0, broker=broker)
    assert equity[-1] == pytest.approx(10_000 + 2 * 0.09 * 5_000, rel=1e-3)
    trend = flat_bars([100.0, 100.0, 110.0, 121.0])  # the bull fund +69 %, the bear fund −51 %
    broker = LabBroker(cash=10_000.0)
    _, equity, _ = run(harvest(legs="both", weight=0.5), trend, rate=0.0, broker=broker)
    assert equity[-1] == pytest.approx(10_000 - (0.69 - 0.51) * 5_000, rel=1e-3)


def by_hand(bars, weight, band, rate, fee):
    """A short of the bear fund with a band, in one loop over days: fill at the open what the last close
    decided; interest on cash beyond the short's value, borrow fee on that value."""
    fund = market_from(bars, rate=rate).funds["SOXS"]
    cash, size, order, curve, trades = 100_000.0, 0.0, 0.0, [], 0
    for t in range(len(bars)):
        if t:
            nights = int((bars.sessions[t] - bars.sessions[t - 1]).astype(int))
            short = -size * fund.close[t - 1]
            cash += ((cash - short) * rate - short * fee) * nights / 360
        if order:
            cash -= order * fund.open[t] + abs(order) * fund.open[t] * 6e-4
            size += order
            trades += 1
        order = 0.0
        equity = cash + size * fund.close[t]
        curve.append(equity)
        drift = size * fund.close[t] / equity + weight
        if size == 0 or abs(drift) > band:
            order = -weight * equity / fund.close[t] - size
    return np.array(curve), trades


def test_the_account_is_that_of_a_plain_loop():
    bars = load_bars("nasdaq").between("2007-01-01", "2010-12-31")
    broker = LabBroker(
        cash=100_000.0,
        costs=Costs(commission_bps=1, half_spread_bps=2, slippage_bps=3),
        short_rate=0.02,
        borrow_fee=0.05,
    )
    _, equity, _ = run(harvest({"band": 0.04}, weight=0.3), bars, broker=broker)
    expected, trades = by_hand(bars, 0.3, 0.04, 0.02, 0.05)
    np.testing.assert_allclose(equity, expected, rtol=1e-9)
    assert trades > 50
    assert broker.accounts["borrow"] > 1_000


def test_a_squeeze_ends_in_a_margin_call_and_the_rule_goes_short_again():
    """−20 %: the bear fund +60 %. A short of .8 then is 1.28 of what was 1 and is .52: 90 % of it is not
    there."""
    bars = flat_bars([100.0, 100.0, 100.0, 80.0, 80.0, 80.0, 80.0])
    trades, _, broker = run(harvest(weight=0.8), bars, rate=0.0, broker=LabBroker(cash=10_000.0))
    assert [t.exit_reason for t in trades] == ["margin call", "open at end"]
    assert str(trades[0].exit_date) == str(bars.sessions[4])
    assert str(trades[1].entry_date) == str(bars.sessions[5])
    assert any("margin call" in note for note in broker.notes)


@pytest.mark.parametrize("legs", ["bear", "both"])
def test_it_sees_no_later_bar(legs):
    bars = random_bars(7, 160, volatility=0.02)
    assert_sees_no_later_bar(harvest({"band": 0.05, "schedule": "monthly"}, legs=legs, weight=0.9), bars)


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"weight": 0.0}, "greater than 0"),
        ({"weight": 2.1}, "less than or equal to 2"),
        ({"legs": "bull"}, "'bear' or 'both'"),
        ({"legs": "both", "bull": "SOXS"}, r"rule\.bear and rule\.bull are both SOXS"),
    ],
)
def test_parameters_out_of_bounds_are_refused_with_the_bound(params, says):
    with pytest.raises(ValidationError, match=says):
        harvest(**params)


def test_funds_on_the_wrong_side_are_refused():
    market = market_from(flat_bars([100.0, 101.0]))
    with pytest.raises(SpecError, match=r"rule\.bear is SOXL, which has a multiple of \+3; it needs a neg"):
        harvest(bear="SOXL").targets(market)
    with pytest.raises(SpecError, match=r"rule\.bull is SOXS, which has a multiple of -3; it needs a pos"):
        harvest(legs="both", bear="SQQQ", bull="SOXS").targets(
            Market(market.timestamps, market.index, {**market.funds, "SQQQ": market.funds["SOXS"]})
        )


def test_a_plan_that_never_trades_back_is_said():
    market = market_from(flat_bars([100.0, 101.0]))
    assert "grows without bound" in harvest().notes(market)[0]
    assert harvest({"schedule": "weekly"}).notes(market) == []


def test_the_example_trades_on_nasdaq_without_a_margin_call():
    result = run_backtest(load_spec("decay_harvest"))
    assert rule_named("decay_harvest") is DecayHarvest
    assert {t.instrument for t in result.trades} == {"SOXS", "SOXL"}
    assert {t.exit_reason for t in result.trades} == {"open at end"}
    assert sum(len(fills) for fills in result.fills.values()) > 100
    assert result.metrics["borrow_paid"] > 10_000


@pytest.mark.market
def test_the_example_trades_on_thirty_years_of_semiconductors(market_folder):
    result = run_backtest(load_spec("decay_harvest", index="SOX", start="1995-01-01"), market_folder)
    assert result.metrics["squeeze_margin_calls"] == 0
    assert result.metrics["squeeze_SOXL_loss_over_weight"] > 1  # more than the whole short was worth
    assert result.metrics["squeeze_margin_used"] < 1
