"""What each fund did to the trades made in it: by hand on a few bars, and adding up on any fills."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers import Fill, LegAnalyzer, TradeLog, positions, split_leg
from engine import Costs, Lab, LabBroker
from feeds.backtrader_feeds import BarsFeed, FundFeed
from letf_instruments import LeveragedFund, synthesize
from strategies import RsiTiming, TradePlan, TradeStrategy
from tests.conftest import flat_bars, make_bars, random_bars


def ledger_of(bars, multiple=3.0, rate=0.0):
    fund = LeveragedFund(ticker="X", multiple=multiple)
    return synthesize(fund, bars.sessions, bars.open, bars.high, bars.low, bars.close, rate)


def split(bars, fills, multiple=3.0, rate=0.0):
    return split_leg(ledger_of(bars, multiple, rate), bars.open, [Fill(*fill, 0.0) for fill in fills])


UP_DOWN = [100.0, 110.0, 99.0]  # +10 %, −10 %: a 3x fund goes 100, 130, 91


def test_ten_up_and_ten_down_promise_minus_three_and_lose_nine_percent():
    leg = split(flat_bars(UP_DOWN), [(0, 100.0, 10.0), (2, 91.0, -10.0)])
    assert leg.promised == pytest.approx(10 * 100 * 3 * (0.99 - 1))  # −30
    assert leg.profit == pytest.approx(10 * 100 * (1.3 * 0.7 - 1))  # −90
    assert leg.compounding == pytest.approx(-60.0)
    assert leg.financing == leg.fee == 0.0


def test_a_position_that_is_still_open_is_marked_at_the_last_close():
    sold = split(flat_bars(UP_DOWN), [(0, 100.0, 10.0), (2, 91.0, -10.0)])
    kept = split(flat_bars(UP_DOWN), [(0, 100.0, 10.0)])
    assert (kept.promised, kept.compounding) == pytest.approx((sold.promised, sold.compounding))
    assert kept.bars_held == 3
    assert sold.bars_held == 2
    assert kept.held == pytest.approx(10 * (100 + 130 + 91) / 3)


def test_a_trend_adds_what_chop_takes():
    leg = split(flat_bars([100.0, 110.0, 121.0]), [(0, 100.0, 1.0)])
    assert leg.promised == pytest.approx(63.0)  # 3 × 21 %
    assert leg.compounding == pytest.approx(69.0 - 63.0)  # 1.3² − 1 is 69 %


def test_a_bear_fund_s_round_trip():
    leg = split(flat_bars(UP_DOWN), [(0, 100.0, 1.0)], multiple=-3.0)
    assert leg.promised == pytest.approx(3.0)  # −3 × −1 %
    assert leg.compounding == pytest.approx(100 * (0.7 * 1.3 - 1) - 3.0)  # −12


def test_a_short_has_every_part_with_the_other_sign():
    bars = flat_bars(UP_DOWN)
    long, short = (split(bars, [(0, 100.0, size), (2, 91.0, -size)], rate=0.05) for size in (10.0, -10.0))
    for part in ("promised", "compounding", "financing", "fee", "profit"):
        assert getattr(short, part) == pytest.approx(-getattr(long, part))
    assert short.held == pytest.approx(long.held)


def test_financing_is_what_was_booked_on_the_nights_held():
    """2 × 3.6 % / 360 is .02 % a night: .02 on the first, .025996 on the second of 129.98."""
    leg = split(flat_bars(UP_DOWN), [(0, 100.0, 1.0)], rate=0.036)
    assert leg.financing == pytest.approx(-0.045996, abs=1e-12)
    assert leg.profit == pytest.approx(129.98 * 0.6998 - 100, abs=1e-12)
    assert leg.promised == pytest.approx(-3.0)
    assert leg.compounding == pytest.approx(-5.994, abs=1e-12)


def test_a_purchase_at_the_open_pays_no_night_before_it_and_a_sale_at_the_open_pays_that_night():
    bars = flat_bars([100.0, 100.0, 100.0, 100.0])
    leg = split(bars, [(1, 99.98, 1.0), (2, 99.98 * 0.9998, -1.0)], rate=0.036)
    assert leg.financing == pytest.approx(-0.0002 * 99.98, abs=1e-12)
    assert leg.promised == pytest.approx(0.0, abs=1e-12)
    assert leg.compounding == pytest.approx(0.0, abs=1e-12)


GAPPED = [(100.0,) * 4, (105.0, 110.0, 102.0, 110.0), (104.0, 108.0, 99.0, 99.0)]


def test_a_fill_at_the_open_counts_the_index_from_its_open():
    leg = split(make_bars(GAPPED), [(1, 115.0, 1.0)])  # the fund opens 3 × 5 % up, and ends at 91
    assert leg.promised == pytest.approx(115 * 3 * (99 / 105 - 1))
    assert leg.profit == pytest.approx(91.0 - 115.0)
    assert leg.compounding == pytest.approx(-24.0 + 115 * 3 * 6 / 105)


def test_a_fill_inside_the_bar_counts_the_index_where_it_stood_then():
    leg = split(make_bars(GAPPED), [(1, 115.0, 1.0), (1, 120.0, -1.0)])  # 120: the index at 106⅔
    assert leg.promised == pytest.approx(115 * 3 * (320 / 3 / 105 - 1))
    assert leg.profit == pytest.approx(5.0)
    leg = split(make_bars(GAPPED), [(0, 100.0, 1.0), (2, 109.2, -1.0)])  # 130 × (1 − 16 %)
    assert leg.promised == pytest.approx(100 * 3 * (110 * (1 - 0.16 / 3) / 100 - 1))


def test_a_part_sale_keeps_the_promise_of_what_is_left():
    leg = split(flat_bars(UP_DOWN), [(0, 100.0, 10.0), (1, 130.0, -4.0), (2, 91.0, -6.0)])
    assert leg.promised == pytest.approx(4 * 100 * 3 * 0.1 + 6 * 100 * 3 * -0.01)
    assert leg.compounding == pytest.approx(6 * -6.0)  # one day's holding has nothing to compound


def test_a_later_purchase_has_a_promise_of_its_own():
    leg = split(flat_bars(UP_DOWN), [(0, 100.0, 10.0), (1, 130.0, 5.0)])
    assert leg.promised == pytest.approx(-30.0 + 5 * 130 * 3 * -0.1)
    assert leg.compounding == pytest.approx(-60.0)


def test_a_tiny_trade_changes_next_to_nothing():
    bars = flat_bars([100.0, 110.0, 99.0, 112.0, 108.0])
    plain = split(bars, [(0, 100.0, 10.0)])
    touched = split(bars, [(0, 100.0, 10.0), (2, 91.0, 1e-4)])
    assert touched.compounding == pytest.approx(plain.compounding, abs=0.01)
    assert touched.promised == pytest.approx(plain.promised, abs=0.01)


def test_an_order_through_zero_closes_one_position_and_opens_another():
    leg = split(flat_bars(UP_DOWN), [(0, 100.0, 10.0), (1, 130.0, -15.0)])
    assert leg.promised == pytest.approx(10 * 100 * 0.3 - 5 * 130 * -0.3)
    assert leg.compounding == pytest.approx(0.0, abs=1e-9)  # two holdings of one session each
    assert leg.profit == pytest.approx(300 + 5 * 39)


def intraday_bars():
    """Two sessions of two bars: the index closes at 100, 102 and at 104, 110."""
    bars = flat_bars([100.0, 102.0, 104.0, 110.0])
    stamps = ["2020-01-06T10:00", "2020-01-06T15:00", "2020-01-07T10:00", "2020-01-07T15:00"]
    return replace(bars, timestamps=np.array(stamps, dtype="datetime64[us]"))


def test_within_a_session_nothing_is_reset():
    bars = intraday_bars()
    closes = [100.0, 106.0, 106 * (1 + 6 / 102), 106 * (1 + 24 / 102)]
    np.testing.assert_allclose(ledger_of(bars).close, closes, rtol=1e-12)
    leg = split(bars, [(0, 100.0, 1.0), (1, 106.0, -1.0)])
    assert leg.promised == pytest.approx(6.0)
    assert leg.compounding == pytest.approx(0.0, abs=1e-12)
    leg = split(bars, [(1, 106.0, 1.0)])  # bought at the session's last close, held through the next
    assert leg.promised == pytest.approx(106 * 3 * 8 / 102)
    assert leg.compounding == pytest.approx(0.0, abs=1e-12)


def test_fills_inside_intraday_bars_count_the_index_where_it_stood_then():
    bars = intraday_bars()
    first = split(bars, [(0, 100.0, 1.0), (1, 103.0, -1.0)])  # in the first session: the index at 101
    assert first.promised == pytest.approx(3.0)
    assert first.compounding == pytest.approx(0.0, abs=1e-12)
    second = split(bars, [(1, 106.0, 1.0), (3, 106 * (1 + 15 / 102), -1.0)])  # the index at 107
    assert second.promised == pytest.approx(106 * 15 / 102)


def test_a_position_of_early_years_is_none_the_less_for_millions_of_times_more_shares_later():
    third = 1 / 3
    fills = [(0, 0.1), (1, third), (2, -0.1), (2, -third), (3, 4e11), (5, -4e11)]
    sizes = positions([Fill(bar, 1.0, size, 0.0) for bar, size in fills], 6)
    np.testing.assert_allclose(sizes, [0.1, 0.1 + third, 0, 4e11, 4e11, 0], rtol=1e-12)
    assert sizes[2] == sizes[5] == 0  # to the last bit


def test_a_wiped_out_fund_loses_its_stake_and_no_more():
    leg = split(flat_bars([100.0, 100.0, 60.0, 80.0]), [(0, 100.0, 1.0)])
    assert leg.profit == pytest.approx(-100.0)
    assert leg.promised == pytest.approx(100 * 3 * -0.2)  # the index came back, the fund did not
    sold = split(flat_bars([100.0, 100.0, 60.0, 80.0]), [(0, 100.0, 1.0), (3, 0.0, -1.0)])
    assert sold.profit == pytest.approx(-100.0)
    assert sold.promised == pytest.approx(100 * 3 * -0.4)  # at the open of the last bar


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10_000),
    multiple=st.sampled_from([-3.0, -1.0, 0.5, 2.0, 3.0]),
    trades=st.lists(
        st.tuples(st.integers(0, 39), st.floats(0, 1), st.sampled_from([-7.0, -2.0, -0.5, 1.0, 3.0, 6.0])),
        max_size=25,
    ),
)
def test_the_parts_add_up_to_the_position_s_profit_for_any_fills(seed, multiple, trades):
    bars = random_bars(seed, 40)
    ledger = ledger_of(bars, multiple, rate=0.08)
    fills = [
        Fill(bar, float(ledger.low[bar] + at * (ledger.high[bar] - ledger.low[bar])), size, 0.25)
        for bar, at, size in sorted(trades)
    ]
    leg = split_leg(ledger, bars.open, fills)
    position, paid, financing, fee = 0.0, 0.0, 0.0, 0.0
    for t in range(40):
        financing += position * (ledger.financing[t] + ledger.cash_yield[t])
        fee += position * ledger.fee[t]
        for fill in fills:
            if fill.bar == t:
                position += fill.size
                paid += fill.size * fill.price
    profit = position * ledger.close[-1] - paid
    scale = 1e-9 * (100 + sum(abs(f.size * f.price) for f in fills))
    assert leg.profit == pytest.approx(profit, abs=scale)
    assert leg.promised + leg.compounding + leg.financing + leg.fee == pytest.approx(profit, abs=scale)
    assert leg.financing == pytest.approx(financing, abs=scale)
    assert leg.fee == pytest.approx(fee, abs=scale)
    assert leg.costs == 0.25 * len(fills)


@pytest.mark.parametrize("mode", [{}, {"runonce": False, "preload": False}])
def test_a_run_s_legs_are_its_trades_before_costs(mode):
    bars = random_bars(3, 700)
    lab = Lab(LabBroker(cash=100_000.0, costs=Costs(commission_bps=2, slippage_bps=3)))
    index = BarsFeed(dataname=bars)
    lab.adddata(index)
    for ticker in ("SOXS", "SOXL"):
        lab.adddata(FundFeed(dataname=index, fund=ticker, short_rate=0.02))
    plan = TradePlan(fraction=0.6, stop=0.04, target=0.06, max_bars=8)
    lab.addstrategy(TradeStrategy, rule=RsiTiming(plan=plan))
    lab.addanalyzer(LegAnalyzer)
    lab.addanalyzer(TradeLog)
    legs, log = lab.run(**mode)[0].analyzers
    assert set(legs.legs) == {"SOXS"}
    leg = legs.legs["SOXS"]
    assert {"stop", "target"} <= {trade.exit_reason for trade in log.trades}
    assert leg.costs == pytest.approx(sum(trade.costs for trade in log.trades))
    assert leg.profit - leg.costs == pytest.approx(sum(trade.profit for trade in log.trades))
