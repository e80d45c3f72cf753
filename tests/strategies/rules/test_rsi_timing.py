"""RSI timing: signals read off by eye, no look-ahead, and the trades of a plain hand-written loop."""

import csv
import itertools

import numpy as np
import pytest

from analyzers import EquityLog, TradeLog
from engine import Costs, Lab, LabBroker
from feeds.backtrader_feeds import BarsFeed, FundFeed
from feeds.market import Market, Prices
from feeds.reading.files import read_bars
from feeds.sources import load_bars
from letf_instruments import SpecError
from strategies import RsiTiming, RsiTimingParams, TradePlan, TradeStrategy, rule_named
from tests.conftest import ROOT, flat_bars, random_bars
from tests.settlement import nights

MODES = {
    "runonce": {},
    "next": {"runonce": False},
    "streaming": {"runonce": False, "preload": False},
}
COSTS = Costs(commission_bps=1, commission_minimum=1.0, half_spread_bps=2, slippage_bps=3)
PLAN = TradePlan(fraction=0.6, stop=0.08, target=0.15, max_bars=10, cooldown=2)


def run(bars, params=None, plan=PLAN, rate=0.03, rule=None, **mode):
    rule = rule or RsiTiming(RsiTimingParams(**(params or {})), plan)
    lab = Lab(LabBroker(cash=100_000.0, costs=COSTS, short_rate=rate))
    index = BarsFeed(dataname=bars)
    lab.adddata(index)
    for ticker in ("SOXS", "SOXL"):
        lab.adddata(FundFeed(dataname=index, fund=ticker, short_rate=rate))
    lab.addstrategy(TradeStrategy, rule=rule)
    lab.addanalyzer(EquityLog)
    lab.addanalyzer(TradeLog)
    strategy = lab.run(**mode)[0]
    return strategy.analyzers[1].trades, strategy.analyzers[0].equity


# -- signals read off by eye ------------------------------------------------------------------------


def market(closes):
    bars = flat_bars(closes)
    return Market(bars.timestamps, Prices.of_bars(bars), {})


def test_a_rally_that_breaks_gives_one_entry_on_the_breaking_bar():
    closes = [100.0 + i for i in range(20)] + [112.0, 113.0]  # twenty up, then a fall of seven
    signals = RsiTiming(RsiTimingParams(rsi_bars=5, average_bars=3)).signals(market(closes))
    assert np.flatnonzero(signals.enters()).tolist() == [20]
    assert not signals.exit["oversold"][:21].any()


def test_the_mirror_image_enters_when_a_fall_turns():
    closes = [120.0 - i for i in range(20)] + [108.0, 107.0]
    signals = RsiTiming(RsiTimingParams(side="bull", rsi_bars=5, average_bars=3)).signals(market(closes))
    assert np.flatnonzero(signals.enters()).tolist() == [20]
    assert list(signals.exit) == ["overbought"]


def test_a_falling_rsi_above_the_average_does_not_enter():
    closes = [100.0 + 5 * i for i in range(20)] + [194.0, 193.5]  # RSI tires, price stays on top
    params = RsiTimingParams(rsi_bars=5, average_bars=20, overbought=99)
    signals = RsiTiming(params).signals(market(closes))
    crossed, below = signals.entry.values()
    assert crossed[20]
    assert not below[20]
    assert not signals.enters().any()


def test_it_buys_the_bear_fund_or_the_bull_fund_and_refuses_the_wrong_one():
    assert RsiTiming().instrument == "SOXS"
    assert RsiTiming(RsiTimingParams(side="bull")).instrument == "SOXL"
    with pytest.raises(SpecError, match="needs an instrument with a negative multiple"):
        run(random_bars(1, 30), plan=TradePlan(instrument="SOXL"))


def test_levels_out_of_order_are_refused():
    with pytest.raises(ValueError, match=r"oversold \(70\) must be below overbought \(65\)"):
        RsiTimingParams(oversold=70)
    assert rule_named("rsi_timing") is RsiTiming
    with pytest.raises(SpecError, match="did you mean 'rsi_timing'"):
        rule_named("rsi_timming")


# -- the plain loop -----------------------------------------------------------------------------------


def facts(table, ticker):
    """(from, rate) rows of a shipped table, read as text."""
    with (ROOT / "letf_instruments" / "facts" / f"{table}.csv").open(newline="") as file:
        return [(r["from"], float(r["rate"])) for r in csv.DictReader(file) if r["ticker"] == ticker]


def fund_by_hand(bars, ticker, rate):
    """Daily fund bars from the formula of the facts, one day after the other."""
    b = {"SOXS": -3, "SOXL": 3}[ticker]
    fees, spreads = (facts(table, ticker) for table in ("expense_ratios", "financing_spreads"))
    out = [(100.0,) * 4]
    nav = 100.0
    for t in range(1, len(bars)):
        day = bars.sessions[t]
        days = int((day - bars.sessions[t - 1]).astype(int))
        fee, spread = ([v for since, v in table if since <= str(day)] for table in (fees, spreads))
        fee, spread = (fee or [fees[0][1]])[-1], spread[-1]
        paid = (b - 1) * (rate + spread) if b > 0 else -((1 - b) * rate - abs(b) * spread)
        carry = -paid * nights(bars.sessions[t - 1], day) / 360 - fee * days / 365
        prior = bars.close[t - 1]
        prices = [bars.open[t], bars.high[t], bars.low[t], bars.close[t]]
        o, h, low, c = (nav * (1 + b * (x / prior - 1) + carry) for x in prices)
        out.append((o, max(h, low), min(h, low), c))
        nav = c
    return out


def wilder(closes, n):
    out = [float("nan")] * len(closes)
    ups = [max(b - a, 0.0) for a, b in itertools.pairwise(closes)]
    downs = [max(a - b, 0.0) for a, b in itertools.pairwise(closes)]
    up, down = sum(ups[:n]) / n, sum(downs[:n]) / n
    for t in range(n, len(closes)):
        if t > n:
            up, down = (up * (n - 1) + ups[t - 1]) / n, (down * (n - 1) + downs[t - 1]) / n
        out[t] = 100.0 if down == 0 else 100 - 100 / (1 + up / down)
    return out


def charge(value):
    return max(value * 1e-4, 1.0) + value * 5e-4


def by_hand(bars, side, plan, rate):
    """The rule and its plan in one loop over days, written from the description alone."""
    ticker = "SOXS" if side == "bear" else "SOXL"
    fund, closes = fund_by_hand(bars, ticker, rate), bars.close.tolist()
    strength = wilder(closes, 14)
    cash, size, trades, equity = 100_000.0, 0.0, [], []
    order, free_from = None, 0  # what was decided at the last close
    for t in range(len(closes)):
        if t:
            days = int((bars.sessions[t] - bars.sessions[t - 1]).astype(int))
            cash *= 1 + rate * days / 360
        o, h, low, c = fund[t]
        sold = None
        if order and order[0] == "buy":
            size, entry, entered = order[1], o, t
            if size * o + charge(size * o) > cash:
                size = min(cash / (o * 1.0006), (cash - 1.0) / (o * 1.0005))
            cash -= size * o + charge(size * o)
            high = o
        elif order:
            sold = (o, order[1])
        if size and not sold:
            stops = []
            if plan.stop:
                stops.append((entry * (1 - plan.stop), "stop"))
            if plan.trailing_stop:
                stops.append((high * (1 - plan.trailing_stop), "trailing stop"))
            hit = [(level, why) for level, why in stops if low <= level]
            goal = entry * (1 + plan.target) if plan.target else float("inf")
            if o >= goal and t > entered:
                sold = (o, "target")  # the open comes before the rest of the bar
            elif hit:
                level, why = max(hit, key=lambda stop: stop[0])  # the one that a falling price meets first
                sold = (min(o, level), why)
            elif h >= goal:
                sold = (goal, "target")
            high = max(high, h)
        order = None
        if sold:
            cash += size * sold[0] - charge(size * sold[0])
            trades.append(
                (bars.sessions[entered], bars.sessions[t], entry, sold[0], size, t - entered, sold[1])
            )
            size, free_from = 0.0, t + plan.cooldown
        worth = cash + size * c
        equity.append(worth)
        average = sum(closes[t - 9 : t + 1]) / 10 if t >= 9 else float("nan")
        now, before = strength[t], strength[t - 1] if t else float("nan")
        if side == "bear":
            enter, leave = before >= 65 > now and closes[t] < average, now <= 35
        else:
            enter, leave = before <= 35 < now and closes[t] > average, now >= 65
        if size:
            if leave:
                order = ("sell", "oversold" if side == "bear" else "overbought")
            elif plan.max_bars and t - entered + 1 >= plan.max_bars:
                order = ("sell", "longest holding")
        elif enter and t >= free_from:
            order = ("buy", plan.fraction * worth / c)
    return trades, equity


def assert_same(bars, side="bear", plan=PLAN, rate=0.03):
    expected, curve = by_hand(bars, side, plan, rate)
    trades, equity = run(bars, {"side": side}, plan, rate)
    closed = [t for t in trades if t.exit_reason != "open at end"]
    got = [
        (t.entry_date, t.exit_date, t.entry_price, t.exit_price, t.size, t.bars, t.exit_reason)
        for t in closed
    ]
    assert [(g[0], g[1], g[5], g[6]) for g in got] == [(e[0], e[1], e[5], e[6]) for e in expected]
    np.testing.assert_allclose([g[2:5] for g in got], [e[2:5] for e in expected], rtol=1e-9)
    np.testing.assert_allclose(equity, curve, rtol=1e-9)
    return expected


@pytest.mark.parametrize("side", ["bear", "bull"])
def test_trades_equal_those_of_a_plain_loop_on_nasdaq(side):
    expected = assert_same(load_bars("nasdaq"), side)
    assert {"stop", "target", "longest holding"} <= {trade[6] for trade in expected}
    assert len(expected) > 20


@pytest.mark.parametrize(
    "plan",
    [
        TradePlan(),
        TradePlan(fraction=1.0, stop=0.03),
        TradePlan(fraction=1.0, target=0.05),
        TradePlan(fraction=0.5, stop=0.1, trailing_stop=0.06, target=0.4, max_bars=30),
        TradePlan(fraction=0.9, trailing_stop=0.05, cooldown=20),
        TradePlan(fraction=0.3, max_bars=1),
        TradePlan(fraction=0.8, stop=0.01, target=0.02),
    ],
    ids=["bare", "stop", "target", "trailing", "cooldown", "one-bar", "tight"],
)
def test_every_part_of_the_plan_equals_the_plain_loop_on_hard_bars(plan):
    reasons = set()
    for seed in range(6):
        reasons |= {trade[6] for trade in assert_same(random_bars(seed, 700), "bear", plan)}
    assert reasons


@pytest.mark.market
@pytest.mark.parametrize("side", ["bear", "bull"])
def test_trades_equal_those_of_a_plain_loop_on_thirty_years_of_semiconductors(market_folder, side):
    expected = assert_same(read_bars(market_folder / "SOX.csv").between("1995-01-01"), side)
    assert len(expected) > 25


# -- look-ahead ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_gives_the_same_run(mode):
    bars = load_bars("nasdaq").between("2007-01-01", "2010-12-31")
    reference, run_once = run(bars)
    trades, equity = run(bars, **MODES[mode])
    assert len(reference) > 5
    assert trades == reference
    np.testing.assert_array_equal(equity, run_once)


@pytest.mark.parametrize("n", [15, 200, 433, 700, 999])
def test_data_cut_short_give_the_same_run_up_to_the_cut(n):
    bars = load_bars("nasdaq").between("2007-01-01", "2010-12-31")
    whole, curve = run(bars)
    cut, short_curve = run(bars.between(None, bars.sessions[n - 1]))
    done = [t for t in cut if t.exit_reason != "open at end"]
    assert done == whole[: len(done)]
    assert len(whole) - len(done) >= 0
    np.testing.assert_array_equal(short_curve, curve[:n])


def test_a_rule_that_looks_ahead_is_found_out():
    """The check must be able to fail: a rule that reads tomorrow's close runs differently in the modes."""

    class Peeking(RsiTiming):
        def signals(self, market):
            signals = super().signals(market)
            close = market.index.close
            tomorrow = np.append(close[1:], close[-1])
            signals.entry.clear()
            signals.entry["the index falls tomorrow"] = tomorrow < close
            return signals

    bars = random_bars(51, 150)
    honest = [run(bars, rule=Peeking(plan=PLAN), **mode)[1][-1] for mode in MODES.values()]
    assert honest[0] != honest[2]
