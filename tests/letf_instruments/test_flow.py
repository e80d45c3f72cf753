"""The flow against Cheng & Madhavan's figures (SSRN 1539120), hand arithmetic, and its own identity."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.reading.files import read_bars
from letf_instruments import (
    DataError,
    LeveragedFund,
    drifted_multiple,
    known_fund,
    move_by_bar,
    multiple_by_bar,
    session_flow,
    synthesize,
)
from tests.conftest import random_bars


def ledger_of(bars, fund, rate=0.0):
    return synthesize(fund, bars.sessions, bars.open, bars.high, bars.low, bars.close, rate)


def flow_of(closes, multiple, days=None):
    """The flow of a fund without costs on bars that are a single price each."""
    closes = np.array(closes, dtype=float)
    days = np.datetime64("2020-01-06") + np.arange(len(closes)) if days is None else days
    return session_flow(synthesize(LeveragedFund("X", multiple), days, *(closes,) * 4), closes, closes)


@pytest.mark.parametrize(
    ("multiple", "up", "before"), [(3, 30.0, 2.739), (-3, 60.0, -3.706), (2, 10.0, None), (-2, 30.0, None)]
)
def test_per_100_dollars_the_trade_on_a_five_percent_day(multiple, up, before):
    flow = flow_of([100, 105], multiple)
    assert 100 * flow.trade[0] == pytest.approx(up)
    assert 100 * flow_of([100, 95], multiple).trade[0] == pytest.approx(-up)
    if before is not None:
        assert round(flow.multiple[0], 3) == before


@pytest.mark.parametrize(
    ("multiple", "x", "leverage"),
    [(3, -0.05, 3.353), (-3, -0.05, -2.478), (3, -0.1, 3.857), (-3, -0.1, -2.077)],
)
def test_leverage_before_the_reset_of_the_ledger_is_the_published_one(multiple, x, leverage):
    assert round(flow_of([100, 100 * (1 + x)], multiple).multiple[0], 3) == leverage


@settings(max_examples=60, deadline=None)
@given(
    multiple=st.sampled_from([-5.0, -3.0, -1.0, 0.5, 1.0, 2.0, 3.0, 5.0]),
    seed=st.integers(0, 10_000),
    rate=st.floats(0, 0.2),
)
def test_the_trade_is_the_index_s_part_and_the_carry_s(multiple, seed, rate):
    bars = random_bars(seed, 40)
    ledger = ledger_of(bars, LeveragedFund("X", multiple, 0.01, 0.02), rate)
    flow = session_flow(ledger, bars.high, bars.low)
    carry = (ledger.carry_financing + ledger.carry_cash + ledger.carry_fee)[flow.last_bars]
    lived = np.isfinite(flow.multiple)
    np.testing.assert_allclose(
        flow.trade[lived], (flow.from_index + multiple * carry)[lived], rtol=1e-9, atol=1e-12
    )
    # before the reset: what exposure has become, over what assets have become
    held = multiple * (1 + flow.index_return) / (1 + multiple * flow.index_return + carry)
    np.testing.assert_allclose(flow.multiple[lived], held[lived], rtol=1e-9)
    if not 0 <= multiple <= 1:
        assert not (flow.from_index * flow.index_return < 0).any()
        against = flow.against_index & lived
        decided_by_carry = np.abs(flow.from_index) < np.abs(multiple * carry)
        assert decided_by_carry[against].all()


def test_leverage_drifts_bar_by_bar_and_is_reset_once_a_session():
    days = np.repeat(np.datetime64("2020-01-06") + np.arange(3), 3)
    closes = np.array([100, 100, 100, 102, 104, 105, 105, 103.95, 102.9])  # +2, +4, +5 %; then 0, −1, −2 %
    ledger = synthesize(LeveragedFund("X", -3), days, *(closes,) * 4)
    held, moves = multiple_by_bar(ledger), move_by_bar(ledger)
    assert np.isnan(moves[:3]).all()
    np.testing.assert_allclose(moves[3:], [0.02, 0.04, 0.05, 0.0, -0.01, -0.02], atol=1e-12)
    np.testing.assert_allclose(held[:3], -3)
    np.testing.assert_allclose(
        held[3:6], [-3 * 1.02 / 0.94, -3 * 1.04 / 0.88, -3 * 1.05 / 0.85]
    )  # no reset between bars
    assert held[6] == pytest.approx(-3)  # reset at the close before
    flow = session_flow(ledger, closes, closes)
    np.testing.assert_allclose(flow.trade, [0.6, -0.24])  # 12 × 5 %, 12 × −2 %
    np.testing.assert_allclose(flow.multiple_at_high, [held[5], -3.0])
    np.testing.assert_allclose(flow.multiple_at_low, [held[3], held[8]])


def test_a_wiped_out_fund_closes_its_position_and_trades_no_more():
    flow = flow_of([100, 140, 120, 130], -3)
    assert len(flow.sessions) == 1
    assert flow.trade[0] == pytest.approx(3 * 1.4)  # buys back what it was short
    assert np.isnan(flow.multiple[0])
    assert np.isnan(flow.multiple_at_high[0])


def test_one_session_is_too_few():
    day = np.array(["2020-01-06"] * 3, "M8[D]")
    with pytest.raises(DataError, match="at least 2 sessions"):
        flow_of([100, 101, 102], 3, day)


@pytest.mark.market
@pytest.mark.parametrize("ticker", ["SOXL", "SOXS"])
def test_on_real_semiconductors_only_carry_ever_turns_the_sign(market_folder, ticker):
    bars = read_bars(market_folder / "SOXX.csv").between("2011-01-01")
    flow = session_flow(ledger_of(bars, known_fund(ticker), 0.02), bars.high, bars.low)
    assert np.abs(flow.index_return[flow.against_index]).max(initial=0.0) < 5e-4
    largest = flow.sessions[np.argmax(np.abs(flow.trade))]
    assert largest == np.datetime64("2020-03-16")  # the fact sheet's largest fall


@pytest.mark.market
def test_on_five_minute_bars_leverage_follows_the_formula_all_day(market_folder):
    bars = read_bars(market_folder / "intraday" / "SMH_5min.csv")
    ledger = ledger_of(bars, LeveragedFund("X", -3))
    moves, held = move_by_bar(ledger), multiple_by_bar(ledger)
    after = np.isfinite(moves)
    np.testing.assert_allclose(held[after], drifted_multiple(-3, moves[after]), rtol=1e-9)
    assert len(session_flow(ledger, bars.high, bars.low).trade) == len(np.unique(bars.sessions)) - 1
