"""Hedge: weights by hand, betas of a hand-made series, states, drift, and no look-ahead."""

import numpy as np
import pytest

from analyzers import EquityLog, TradeLog
from engine import Lab, LabBroker
from feeds.backtrader_feeds import BarsFeed, FundFeed
from feeds.market import Market, Prices
from letf_instruments import LeveragedFund, SpecError
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest
from strategies import AllocationPlan, AllocationStrategy, Hedge, HedgeParams, rule_named
from strategies.filters import TrendFilter, TrendParams
from tests.conftest import flat_bars, make_bars, random_bars

BEAR = LeveragedFund("SOXS", -3)  # neither fee nor spread


def prices(name, multiple, closes):
    c = np.array(closes, dtype=float)
    return Prices(name, multiple, c, c, c, c, np.zeros(len(c)))


def market(index, assets=None, fund=None, multiple=-3.0):
    bars = flat_bars(index)
    return Market(
        bars.timestamps,
        Prices.of_bars(bars),
        {"SOXS": prices("SOXS", multiple, fund or [100.0] * len(index))},
        {name: prices(name, 1.0, closes) for name, closes in (assets or {}).items()},
    )


def rule(plan=None, filters=None, **params):
    return Hedge(HedgeParams(**params), plan, filters)


def weights(m, **params):
    return {name: w.tolist() for name, w in rule(**params).checked_targets(m).weights.items()}


FLAT = market([100.0, 101.0, 100.0])

# -- weights by hand ----------------------------------------------------------------------------------


def test_sold_for_the_hedge_a_beta_of_three_tenths_takes_seven_fortieths_of_the_account():
    # x + y = 1 and x − 3·y = 0.3, so y = 0.7/4.
    got = weights(FLAT, target_beta=0.3)
    np.testing.assert_allclose(got["index"], 0.825, rtol=1e-15)
    np.testing.assert_allclose(got["SOXS"], 0.175, rtol=1e-15)


def test_neutral_takes_a_quarter_and_net_short_more():
    np.testing.assert_allclose(weights(FLAT, target_beta=0.0)["SOXS"], 0.25)
    np.testing.assert_allclose(weights(FLAT, target_beta=-1.5)["SOXS"], 2.5 / 4)
    np.testing.assert_allclose(weights(FLAT, target_beta=-3.0)["SOXS"], 1.0)


def test_bought_from_cash_the_holding_stays_whole():
    # 0.8 held: y = (0.8 − 0.3)/3.
    got = weights(FLAT, target_beta=0.3, funded_by="cash", cash_share=0.2)
    np.testing.assert_allclose(got["index"], 0.8)
    np.testing.assert_allclose(got["SOXS"], 0.5 / 3)


def test_cash_that_does_not_suffice_buys_what_it_can_and_says_so():
    one = rule(target_beta=0.3, funded_by="cash", cash_share=0.1)
    np.testing.assert_allclose(one.checked_targets(FLAT).weights["SOXS"], 0.1)
    # 0.9 held needs (0.9 − 0.3)/3 = 0.2.
    assert one.notes(FLAT)[0] == (
        "rule.cash_share of 0.1 does not suffice for a beta of 0.3 on 3 of 3 bars: 0.2 of equity in SOXS "
        "would be needed at the most"
    )


def test_a_target_above_the_holding_s_beta_is_no_hedge_and_says_so():
    one = rule(target_beta=1.2)
    assert one.checked_targets(FLAT).weights["SOXS"].tolist() == [0.0, 0.0, 0.0]
    assert "there is nothing to hedge" in one.notes(FLAT)[0]


def test_a_target_below_the_fund_s_beta_is_out_of_reach_and_says_so():
    one = rule(target_beta=-2.0)
    weak = market([100.0, 101.0, 100.0], multiple=-1.0)
    assert one.checked_targets(weak).weights["SOXS"].tolist() == [1.0, 1.0, 1.0]
    assert "the whole account does not suffice" in one.notes(weak)[0]  # (1 + 2)/(1 + 1) = 1.5
    assert "1.5 of equity" in one.notes(weak)[0]


def test_a_plan_that_never_trades_back_is_noted():
    assert "once bought the hedge is never brought back" in rule().notes(FLAT)[0]
    assert rule(AllocationPlan(exposure_band=0.1)).notes(FLAT) == []


# -- betas --------------------------------------------------------------------------------------------

# The index alternates +1 %, −1 %; A moves twice as much, B half as much, so on any window their betas are
# 2 and 0.5 exactly.
MOVES = [0.01, -0.01] * 15


def path(moves):
    return [100.0, *(100.0 * np.cumprod(1.0 + np.array(moves))).tolist()]


def two_stocks(**kwargs):
    assets = {"A": path([2 * r for r in MOVES]), "B": path([r / 2 for r in MOVES])}
    return market(path(MOVES), assets, **kwargs)


def test_a_basket_is_hedged_by_the_betas_of_its_stocks():
    # β = 0.4·2 + 0.6·0.5 = 1.1; y = (1.1 − 0.3)/(1.1 + 3) = 0.8/4.1.
    got = weights(two_stocks(), holdings={"A": 0.4, "B": 0.6}, beta_bars=20)
    assert all(np.isnan(w[:20]).all() for w in got.values())  # twenty returns need 21 closes
    y = 0.8 / 4.1
    np.testing.assert_allclose(got["SOXS"][20:], y, rtol=1e-12)
    np.testing.assert_allclose(got["A"][20:], 0.4 * (1 - y), rtol=1e-12)
    np.testing.assert_allclose(got["B"][20:], 0.6 * (1 - y), rtol=1e-12)


def test_a_beta_that_changes_is_followed_over_the_window():
    # Twenty moves at twice the index's, then thirty at half: after twenty of those the beta is 0.5.
    moves = MOVES[:20] + MOVES[:30]
    stock = [2 * r for r in moves[:20]] + [r / 2 for r in moves[20:]]
    m = market(path(moves), {"A": path(stock)})
    got = rule(holding="A", beta_bars=20, target_beta=0.0).beta_of_holding(m)
    np.testing.assert_allclose([got[20], got[40], got[50]], [2.0, 0.5, 0.5], rtol=1e-12)
    assert got[30] == pytest.approx(1.25)  # half of the window each
    # With beta = "multiple" stocks are taken for the index itself: y = 1/4, from the first bar.
    flat = weights(m, holding="A", beta="multiple", target_beta=0.0)["SOXS"]
    np.testing.assert_allclose(flat, 0.25)


def test_a_fund_s_beta_is_its_multiple_unless_it_is_to_be_estimated():
    moves = MOVES[:30]
    m = market(path(moves), fund=path([-2 * r for r in moves]))
    np.testing.assert_allclose(weights(m)["SOXS"], 0.7 / 4)  # −3, though it moved by −2
    estimated = weights(m, fund_beta="rolling", beta_bars=20)["SOXS"]
    assert np.isnan(estimated[:20]).all()
    np.testing.assert_allclose(estimated[20:], 0.7 / 3, rtol=1e-12)


def test_the_index_needs_no_history_and_stocks_need_theirs():
    assert rule().warm_up == 1
    assert rule(holding="SOXL").warm_up == 1
    assert rule(holding="A", beta_bars=63).warm_up == 64
    assert rule(active="below_average", average_bars=50).warm_up == 50
    assert rule(holding="A", beta_bars=30, active="high_volatility", volatility_bars=40).warm_up == 41


# -- when it is on ------------------------------------------------------------------------------------


def on(closes, **params):
    """Bars on which the hedge is wanted, from bar numbers; and the states' reasons."""
    targets = rule(**params).checked_targets(market(closes))
    names = [["", *targets.states][code] for code in targets.state_codes()]
    return [w > 0 if w == w else None for w in targets.weights["SOXS"]], names


def test_below_its_average():
    #  averages of 3:  -,  -, 101, 101⅓, 100⅓, 99⅓
    wanted, names = on([100.0, 101, 102, 101, 98, 99], active="below_average", average_bars=3)
    assert wanted == [None, None, False, True, True, True]
    assert names == ["", "", "unhedged: risk-on", "hedged", "hedged", "hedged"]


def test_in_a_drawdown_from_the_highest_close():
    wanted, names = on([100.0, 120, 109, 107, 119, 121], active="drawdown", drawdown_level=0.1)
    assert wanted == [False, False, False, True, False, False]  # 108 is 10 % below 120
    assert names[3] == "hedged"
    assert names[4] == "unhedged: risk-on"


def test_in_high_volatility():
    # Log returns 0, 0, then ±10 %: with two bars the standard deviation passes 30 % a year on the jump.
    wanted, _ = on([100.0, 100, 100, 110, 100, 100, 100], active="high_volatility", volatility_bars=2)
    assert wanted == [None, None, False, True, True, True, False]


def test_unhedged_it_holds_all_or_all_but_the_cash():
    calm = market([100.0, 101.0, 102.0])
    assert weights(calm, active="drawdown")["index"] == [1.0] * 3
    held = weights(calm, active="drawdown", funded_by="cash", cash_share=0.25)
    assert held == {"index": [0.75] * 3, "SOXS": [0.0] * 3}


def test_a_filter_gates_the_hedge_and_leaves_the_holding():
    gate = TrendFilter(TrendParams(side="below", bars=3))
    m = two_stocks()
    targets = rule(filters={"trend": gate}, holdings={"A": 0.25, "B": 0.75}, beta="multiple").checked_targets(
        m
    )
    is_open = gate.open(m)
    assert 5 < is_open.sum() < 25
    np.testing.assert_allclose(targets.weights["SOXS"], np.where(is_open, 0.175, 0.0))
    np.testing.assert_allclose(targets.weights["A"], np.where(is_open, 0.25 * 0.825, 0.25))
    assert next(iter(targets.states)) == "filter trend closed"


# -- what is refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("rule.target_beta=-3.5", "rule.target_beta is -3.5; it should be greater than or equal to -3"),
        ("rule.target_beta=4", "rule.target_beta is 4; it should be less than or equal to 3"),
        ("rule.beta_bars=5", "rule.beta_bars is 5; it should be greater than or equal to 20"),
        ("rule.cash_share=1", "rule.cash_share is 1; it should be less than 1"),
        ("rule.drawdown_level=0", "rule.drawdown_level is 0; it should be greater than 0"),
        ("rule.volatility_level=30", "rule.volatility_level is 30; it should be less than or equal to 5"),
        ("rule.active=sometimes", "rule.active is 'sometimes'; it should be 'always', 'below_average'"),
        ("rule.holdings={A = 0.5, B = 0.4}", "rule.holdings add up to 0.9; they are shares of the holding"),
        ("rule.holdings={A = 1.5, B = -0.5}", "rule.holdings.A is 1.5; it must be above 0 and at most 1"),
        ("rule.holdings={SOXS = 1.0}", "SOXS cannot be both what is held and what hedges it"),
        ("rule.targetbeta=0.3", "unknown key rule.targetbeta; did you mean rule.target_beta?"),
    ],
)
def test_what_is_out_of_bounds_is_refused_with_the_bound(change, says):
    with pytest.raises(SpecError, match=says.replace("?", r"\?")):
        load_spec("hedge", [change])


def test_two_answers_to_what_is_held_are_refused():
    with pytest.raises(SpecError, match="are two answers to one question"):
        load_spec("hedge", ["rule.holding=SOXL", "rule.holdings={A = 1.0}"])


@pytest.mark.parametrize("hedge", ["SOXL", "1X"])
def test_what_is_no_bear_fund_does_not_hedge(hedge):
    with pytest.raises(SpecError, match=rf"rule.hedge is {hedge}, whose multiple is .*needs a negative one"):
        run_backtest(load_spec("hedge", [f"rule.hedge={hedge}", "data.start=2018-01-01"]))


def test_it_is_found_by_name():
    assert rule_named("hedge") is Hedge


# -- in the engine ------------------------------------------------------------------------------------


def run(bars, one, assets=(), **mode):
    lab = Lab(LabBroker(cash=100_000.0))
    index = BarsFeed(dataname=bars)
    lab.adddata(index)
    lab.adddata(FundFeed(dataname=index, fund=BEAR, short_rate=0.0))
    for asset in assets:
        lab.adddata(BarsFeed(dataname=asset))
    lab.addstrategy(AllocationStrategy, rule=one)
    lab.addanalyzer(EquityLog)
    lab.addanalyzer(TradeLog)
    return lab.run(**mode)[0]


@pytest.mark.parametrize("move", [0.025, -0.025, 0.06])
def test_the_net_exposure_drifts_by_four_times_the_hedged_value_times_the_move(move):
    # Facts: (1 − b)·r·V. Neutral: V = 0.75 of equity is held, hedged with 0.25 in the fund; equity does
    # not move, the net exposure goes from 0 to 4·r·0.75.
    closes = [100.0, 100.0, 100.0 * (1 + move)]
    bars = make_bars([(100.0, 101.0, 99.0, 100.0)] * 2 + [(100.0, max(closes), min(closes), closes[-1])])
    strategy = run(bars, rule(target_beta=0.0))
    sizes = [strategy.broker.getposition(data).size for data in strategy.instruments]
    held, fund = (s * d.close[0] for s, d in zip(sizes, strategy.instruments, strict=True))
    assert strategy.broker.getvalue() == pytest.approx(100_000)
    assert held - 3 * fund == pytest.approx(4 * move * 75_000)


@pytest.mark.parametrize(("move", "trades"), [(0.033, 1), (0.034, 2)])
def test_a_band_of_a_tenth_is_hit_by_a_move_of_a_thirtieth_when_neutral(move, trades):
    # 4·r·0.75 = 0.1 at r = 3.33 %.
    rows = [(100.0, 101.0, 99.0, 100.0)] * 2 + [(100.0, 105.0, 99.0, 100.0 * (1 + move))]
    strategy = run(make_bars([*rows, rows[-1]]), rule(AllocationPlan(exposure_band=0.1), target_beta=0.0))
    assert sum(strategy.rebalances.values()) == trades
    assert strategy.rebalances.get("exposure band", 0) == trades - 1


MODES = {
    "runonce": {},
    "next": {"runonce": False},
    "streaming": {"runonce": False, "preload": False},
}
N = 300
LIVE = {
    "always": {"holding": "index"},
    "basket": {"holdings": {"index": 0.5, "OTHER": 0.5}, "beta_bars": 40, "fund_beta": "rolling"},
    "average": {"active": "below_average", "average_bars": 20, "funded_by": "cash"},
    "drawdown": {"active": "drawdown", "drawdown_level": 0.05},
    "volatile": {"active": "high_volatility", "volatility_level": 0.4, "volatility_bars": 10},
}


def random_market(n=N):
    index = random_bars(7, n)
    own = random_bars(8, n)
    mixed = 100.0 * np.sqrt(index.close * own.close) / 100.0
    rows = [(c, c, c, c) for c in mixed]
    return index, make_bars(rows, name="OTHER")


def curve(params, n=N, **mode):
    index, other = random_market()
    last = index.sessions[n - 1]
    one = rule(AllocationPlan(exposure_band=0.1), **params)
    strategy = run(index.between(None, last), one, [other.between(None, last)], **mode)
    return strategy.analyzers[0].equity, strategy.rebalances, strategy.analyzers[1].trades


@pytest.mark.parametrize("mode", ["next", "streaming"])
@pytest.mark.parametrize("params", LIVE.values(), ids=LIVE)
def test_every_mode_gives_the_same_run(params, mode):
    equity, rebalances, trades = curve(params)
    other, again, same = curve(params, **MODES[mode])
    assert sum(rebalances.values()) > 10
    np.testing.assert_array_equal(other, equity)
    assert (again, same) == (rebalances, trades)


@pytest.mark.parametrize("n", [50, 133, 299])
@pytest.mark.parametrize("params", LIVE.values(), ids=LIVE)
def test_data_cut_short_give_the_same_run_up_to_the_cut(params, n):
    np.testing.assert_array_equal(curve(params, n)[0], curve(params)[0][:n])


@pytest.mark.parametrize("params", LIVE.values(), ids=LIVE)
def test_targets_on_what_has_arrived_equal_the_first_of_the_whole_bit_for_bit(params):
    index, other = random_market()
    bear = prices(
        "SOXS", -3.0, 100.0 * np.cumprod(np.append(1.0, 1 - 3 * np.diff(index.close) / index.close[:-1]))
    )
    whole = Market(index.timestamps, Prices.of_bars(index), {"SOXS": bear}, {"OTHER": Prices.of_bars(other)})
    one = rule(**params)
    full = one.checked_targets(whole)
    for n in (1, 2, 41, 42, 100, 257):
        cut = one.checked_targets(whole.upto(n))
        for name, values in full.weights.items():
            np.testing.assert_array_equal(cut.weights[name], values[:n])
        np.testing.assert_array_equal(cut.state_codes(), full.state_codes()[:n])


def test_a_fund_that_dies_leaves_the_account_alive():
    rows = [(100.0, 101.0, 99.0, 100.0)] * 3 + [(140.0, 140.0, 140.0, 140.0)] * 3
    strategy = run(make_bars(rows), rule(AllocationPlan(exposure_band=0.1)))
    # 82.5 % of the account gained 40 %, the rest is gone.
    assert strategy.broker.getvalue() == pytest.approx(115_500)
    assert any("wiped out" in note for note in strategy.notes)
