"""The ledger against arithmetic done by hand, published tables, and its own balance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.reading.files import read_bars
from letf_instruments import (
    DataError,
    FundAccount,
    LeveragedFund,
    attribute,
    known_fund,
    synthesize,
)
from letf_instruments.account import FundBar
from tests.conftest import make_bars


def by_closes(multiple, closes, **kwargs):
    """A fund without fee, financing or cash yield, from closes on consecutive days."""
    closes = np.array(closes, dtype=float)
    days = np.datetime64("2020-01-06") + np.arange(len(closes))
    return synthesize(LeveragedFund("X", multiple), days, closes, closes, closes, closes, **kwargs)


@pytest.mark.parametrize(("index", "bear"), [(-0.01, 0.03), (-0.02, 0.06), (0.01, -0.03), (0.02, -0.06)])
def test_single_days_of_the_documents(index, bear):
    for multiple, expected in ((-3, bear), (3, -bear)):
        nav = by_closes(multiple, [100, 100 * (1 + index)]).nav
        assert nav[1] / nav[0] - 1 == pytest.approx(expected, abs=1e-12)


def test_down_ten_and_back_costs_the_bull_6_67_and_the_bear_13_33_percent():
    assert by_closes(3, [100, 90, 100]).nav[-1] == pytest.approx(100 * (1 - 0.2 / 3), abs=1e-9)
    assert by_closes(-3, [100, 90, 100]).nav[-1] == pytest.approx(100 * (1 - 0.4 / 3), abs=1e-9)


@pytest.mark.parametrize("multiple", [3, -3])
def test_five_up_five_down_costs_both_2_25_percent(multiple):
    assert by_closes(multiple, [100, 105, 105 * 0.95]).nav[-1] == pytest.approx(97.75, abs=1e-9)


@pytest.mark.parametrize("multiple", [3, -3])
def test_126_times_ten_up_ten_down_leaves_almost_nothing(multiple):
    closes = 100 * np.cumprod(np.concatenate(([1.0], np.tile([1.1, 0.9], 126))))
    nav = by_closes(multiple, closes).nav
    assert round(100 * (nav[-1] / nav[0] - 1), 5) == -99.99931


def test_a_bear_is_wiped_out_at_a_third_up_within_the_day_even_if_it_turns_back():
    index = make_bars([(100, 100, 100, 100), (101, 133.5, 100, 102), (102, 103, 80, 81)])
    fund = synthesize(LeveragedFund("X", -3), index.sessions, index.open, index.high, index.low, index.close)
    assert fund.close.tolist() == [100.0, 0.0, 0.0]
    assert fund.low[1] == 0.0
    assert fund.open[1] == pytest.approx(97.0)
    assert fund.open[2] == fund.high[2] == 0.0
    assert fund.wiped_out_at == 1
    assert attribute(fund).wiped_out == index.sessions[1]
    assert attribute(fund).actual == -1.0


def test_a_third_up_exactly_is_a_wipe_out_and_a_hair_less_is_not():
    assert by_closes(-3, [3, 4]).nav[1] == 0.0
    assert by_closes(-3, [3, 3.9999]).nav[1] > 0.0
    assert by_closes(3, [3, 2]).nav[1] == 0.0


def test_the_bear_s_high_comes_from_the_index_s_low():
    index = make_bars([(100, 100, 100, 100), (101, 104, 98, 102)])
    bear = synthesize(LeveragedFund("X", -3), index.sessions, index.open, index.high, index.low, index.close)
    assert [a[1] for a in (bear.open, bear.high, bear.low, bear.close)] == pytest.approx([97, 106, 88, 94])
    bull = synthesize(LeveragedFund("X", 3), index.sessions, index.open, index.high, index.low, index.close)
    assert [a[1] for a in (bull.open, bull.high, bull.low, bull.close)] == pytest.approx([103, 112, 94, 106])


def test_carry_runs_from_settlement_to_settlement_with_the_rate_of_the_prior_close():
    # Wednesday to Friday: the one settles on Friday, the other on Tuesday, over two days of trading.
    days = np.array(["2020-01-08", "2020-01-10"], "M8[D]")
    flat = np.array([100.0, 100.0])
    rates = np.array([0.04, 0.99])  # the second is not known yet
    spread, fee = 0.005, 0.0095
    bull = synthesize(LeveragedFund("X", 3, fee, spread), days, flat, flat, flat, flat, rates)
    assert bull.financing[1] == pytest.approx(-100 * 2 * 0.045 * 4 / 360, rel=1e-12)
    assert bull.cash_yield[1] == 0.0
    assert bull.fee[1] == pytest.approx(-100 * fee * 2 / 365, rel=1e-12)
    bear = synthesize(LeveragedFund("X", -3, fee, spread), days, flat, flat, flat, flat, rates)
    assert bear.financing[1] == pytest.approx(100 * 3 * 0.035 * 4 / 360, rel=1e-12)
    assert bear.cash_yield[1] == pytest.approx(100 * 0.04 * 4 / 360, rel=1e-12)
    # Facts: a bear's carry is (1−b)·short rate − |b|·spread.
    assert bear.financing[1] + bear.cash_yield[1] == pytest.approx(100 * (4 * 0.04 - 3 * spread) * 4 / 360)


def test_the_rebalancing_trade_is_that_of_cheng_and_madhavan():
    # $100 of assets, index +5 %: +3x buys 30, −3x buys 60 (SSRN 1539120).
    assert by_closes(3, [100, 105]).rebalance[1] == pytest.approx(30)
    assert by_closes(-3, [100, 105]).rebalance[1] == pytest.approx(60)
    assert by_closes(2, [100, 105]).rebalance[1] == pytest.approx(10)
    assert by_closes(-2, [100, 95]).rebalance[1] == pytest.approx(-30)


def balance_error(fund):
    booked = fund.index_pnl + fund.financing + fund.cash_yield + fund.fee + fund.wipeout
    before = np.where(fund.nav[:-1] > 0, fund.nav[:-1], 1.0)
    nav = np.abs(np.diff(fund.nav) - booked[1:]) / before
    drift = fund.notional[:-1] * fund.index_close[1:] / fund.index_close[:-1] + fund.rebalance[1:]
    daily = fund.session_last[:-1] & fund.session_last[1:]
    notional = np.abs(fund.notional[1:] - drift)[daily] / before[daily]
    return max(nav.max(), notional.max(initial=0.0))


@pytest.mark.market
@pytest.mark.parametrize("ticker", ["SOXL", "SOXS"])
def test_the_ledger_balances_on_every_day_of_the_semiconductor_index(market_folder, ticker):
    index = read_bars(market_folder / "SOX.csv")
    fund = synthesize(
        known_fund(ticker), index.sessions, index.open, index.high, index.low, index.close, 0.03
    )
    assert len(fund.nav) == 7468
    assert balance_error(fund) < 1e-12


moves = st.lists(
    st.tuples(*(st.floats(-0.25, 0.30) for _ in range(4)), st.integers(0, 4)), min_size=2, max_size=40
)
multiples = st.sampled_from([-4.0, -3.0, -2.0, -1.0, 0.5, 1.0, 2.0, 3.0])


@given(moves, multiples, st.floats(-0.01, 0.2), st.floats(0, 0.05))
@settings(deadline=None)
def test_on_any_bars_it_balances_and_streaming_agrees_to_the_last_bit(moves, multiple, rate, spread):
    last, rows, days = 100.0, [], []
    day = np.datetime64("2020-01-06")
    for a, b, c, d, skip in moves:
        o, x, y, last = (last * (1 + m) for m in (a, b, c, d))
        rows.append((o, max(o, x, y, last), min(o, x, y, last), last))
        day = day + skip  # a step of 0 days is another bar of the same session
        days.append(day)
    o, h, low, c = (np.array(column) for column in zip(*rows, strict=True))
    days = np.array(days)
    known = LeveragedFund("X", multiple, 0.01, spread)
    fund = synthesize(known, days, o, h, low, c, rate)
    assert balance_error(fund) < 1e-9
    assert ((fund.low <= fund.open) | (fund.open == 0)).all()
    assert (fund.high >= np.maximum(fund.open, fund.close)).all()
    assert (fund.low <= np.minimum(fund.open, fund.close)).all()
    dead = fund.wiped_out_at
    assert dead is None or (fund.close[dead:] == 0).all()

    account = FundAccount(known)
    streamed = np.array(
        [
            account.bar(days[i], float(o[i]), float(h[i]), float(low[i]), float(c[i]), rate)
            for i in range(len(days))
        ]
    ).T
    for name, values in zip(FundBar._fields, streamed, strict=True):
        np.testing.assert_array_equal(getattr(fund, name), values, err_msg=name)


def test_intraday_bars_reset_once_a_session_and_drift_within():
    days = np.array(["2020-01-06"] * 2 + ["2020-01-07"] * 3, "M8[D]")
    closes = np.array([100.0, 102.0, 105.0, 103.0, 107.1])
    fund = synthesize(LeveragedFund("X", 3), days, closes, closes, closes, closes)
    # First session from its first bar; then all of the second session from the close of 102 at NAV 106.
    assert fund.nav.tolist() == pytest.approx([100, 106, 106 * (1 + 3 * 3 / 102), 106 * (1 + 3 / 102), 121.9])
    exposure = 3 * 106 * closes[2:] / 102  # shares bought at the reset, held all day
    assert fund.exposure[2:].tolist() == pytest.approx(exposure.tolist())


def test_a_daily_fund_is_the_last_bar_of_the_intraday_one():
    rng = np.random.default_rng(7)
    days = np.repeat(np.datetime64("2020-01-06") + np.arange(60), 5)
    closes = 100 * np.exp(np.cumsum(0.004 * rng.standard_normal(300)))
    known = LeveragedFund("X", -3, 0.01, 0.01)
    intraday = synthesize(known, days, closes, closes, closes, closes, 0.03)
    last = intraday.session_last
    daily = synthesize(known, days[last], *(closes[last],) * 4, 0.03)
    # Both from the close of the first session on.
    ratio = intraday.nav[last] / daily.nav
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-12)


def test_inputs_that_cannot_be_right_are_refused_in_a_sentence():
    days = np.array(["2020-01-07", "2020-01-06"], "M8[D]")
    price = np.array([1.0, 1.0])
    with pytest.raises(DataError, match="go back in time: 2020-01-06 follows 2020-01-07"):
        synthesize(LeveragedFund("X", 3), days, price, price, price, price)
    with pytest.raises(DataError, match="at least 2 index bars"):
        synthesize(LeveragedFund("X", 3), days[:1], *(price[:1],) * 4)
    for bad in (np.nan, 0.0, -5.0, np.inf):
        with pytest.raises(DataError, match="no price above 0 on 2020-01-07"):
            synthesize(LeveragedFund("X", 3), days[::-1], *(np.array([1.0, bad]),) * 4)
        account = FundAccount(LeveragedFund("X", 3))
        account.bar(days[1], 1.0, 1.0, 1.0, 1.0, 0.0)
        with pytest.raises(DataError, match="no price above 0 on 2020-01-07"):
            account.bar(days[0], 1.0, bad, 1.0, 1.0, 0.0)
    with pytest.raises(DataError, match="go back in time"):
        account.bar(days[1] - 1, 1.0, 1.0, 1.0, 1.0, 0.0)
    with pytest.raises(DataError, match="high has shape"):
        synthesize(LeveragedFund("X", 3), days[::-1], price, price[:1], price, price)


@pytest.mark.parametrize("nav", [0.0, -1.0, np.nan, np.inf])
def test_a_fund_that_would_begin_worth_nothing_is_refused(nav):
    bars = make_bars([(100, 101, 99, 100), (100, 102, 99, 101)])
    with pytest.raises(DataError, match="created at a price above 0"):
        FundAccount(LeveragedFund("X", 3), nav)
    with pytest.raises(DataError, match="created at a price above 0"):
        synthesize(
            LeveragedFund("X", 3), bars.sessions, bars.open, bars.high, bars.low, bars.close, initial_nav=nav
        )
