"""A ledger with traded bars against arithmetic done by hand, and bar by bar against itself at once."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from letf_instruments import (
    DataError,
    FundAccount,
    LeveragedFund,
    Quote,
    TradedPrices,
    attribute,
    known_fund,
    synthesize,
)
from letf_instruments.account import FundBar
from tests.conftest import random_bars

BARE = LeveragedFund("X", 3)
NONE = np.nan


def by_closes(closes, quotes, dividends=None, fund=BARE):
    """A fund without carry on closes of consecutive days, and its ledger with these quotes for closes."""
    closes = np.array(closes, dtype=float)
    days = np.datetime64("2020-01-06") + np.arange(len(closes))
    q = np.array(quotes, dtype=float)
    paid = np.zeros(len(q)) if dividends is None else np.array(dividends, dtype=float)
    return synthesize(fund, days, *[closes] * 4, traded=TradedPrices(q, q, q, q, paid))


def test_quotes_are_joined_at_the_first_close_and_the_model_goes_on_after_the_last():
    # Model: +3 % on day 1. Quotes from day 1 on: 50, 51 (+2 %, the model's is +3), none after.
    ledger = by_closes([100, 101, 102.01, 103.0301], [NONE, 50, 51, NONE])
    assert ledger.close[:2] == pytest.approx([100, 103])
    assert ledger.close[2] == pytest.approx(103 * 51 / 50)
    assert ledger.close[3] == pytest.approx(103 * 51 / 50 * 1.03)
    assert ledger.traded.tolist() == [False, False, True, False]
    assert ledger.scale[2] == pytest.approx(103 / 50)
    assert ledger.tracking == pytest.approx([0, 0, 103 * (0.02 - 0.03), 0], abs=1e-12)


def test_quotes_on_the_first_bar_set_the_scale_there():
    ledger = by_closes([100, 101], [20.0, 20.4])
    assert ledger.close.tolist() == pytest.approx([100, 102])
    assert ledger.traded.tolist() == [True, True]


def test_a_bar_without_a_quote_in_between_is_the_model_s_and_the_next_quote_stands():
    ledger = by_closes([100, 100, 101, 101], [10, 10, NONE, 11])
    assert ledger.close[2] == pytest.approx(103)
    assert ledger.close[3] == pytest.approx(110)
    assert ledger.tracking[3] == pytest.approx(7)


def test_a_dividend_falls_out_of_the_price_and_is_no_loss_of_what_is_held():
    # The quote falls from 50 to 49 on a still index because 1 was paid.
    ledger = by_closes([100, 100, 100], [50, 50, 49], [0, 0, 1.0])
    assert ledger.close[2] == pytest.approx(98)
    assert ledger.distributed[2] == pytest.approx(2)
    assert ledger.tracking[2] == pytest.approx(0, abs=1e-12)
    assert ledger.held() == pytest.approx([100, 100, 100])
    assert attribute(ledger).actual == pytest.approx(0)


def test_within_a_session_a_missing_bar_keeps_its_distance_from_the_model():
    days = np.array(["2020-01-06", "2020-01-07", "2020-01-07"], dtype="datetime64[D]")
    closes = np.array([100.0, 101.0, 102.0])
    q = np.array([10.0, 10.4, NONE])  # the model says 10.3
    ledger = synthesize(BARE, days, *[closes] * 4, traded=TradedPrices(q, q, q, q, np.zeros(3)))
    assert ledger.close[2] == pytest.approx(106 * 10.4 / 10.3)


def test_a_fund_that_was_wiped_out_before_it_was_traded_stays_dead():
    ledger = by_closes([100, 60, 60], [NONE, 10, 11])
    assert ledger.close.tolist() == [100, 0, 0]
    assert not ledger.traded.any()


def test_a_short_model_day_that_would_wipe_the_fund_out_does_not_where_it_was_traded():
    bear = LeveragedFund("Y", -3)
    ledger = by_closes([100, 100, 140, 140], [10, 10, 1.0, 1.1], fund=bear)
    assert ledger.close.tolist() == pytest.approx([100, 100, 10, 11])
    assert ledger.wiped_out_at is None


@pytest.mark.parametrize("bad", [0.0, -1.0, np.inf])
def test_a_quote_that_is_no_price_is_refused(bad):
    q = np.array([1.0, bad])
    with pytest.raises(DataError, match="a traded price"):
        TradedPrices(q, q, q, q, np.zeros(2))


def test_quotes_of_other_bars_are_refused():
    q = np.ones(3)
    with pytest.raises(DataError, match="of 3 bars, the index has 2"):
        by_closes([100, 101], q)


@st.composite
def histories(draw):
    """Random index bars, daily or three a session, and quotes on some of them, in one stretch with holes."""
    seed, n = draw(st.integers(0, 10_000)), draw(st.integers(4, 60))
    bars = random_bars(seed, n, volatility=draw(st.sampled_from([0.01, 0.05, 0.15])))
    sessions = bars.sessions if draw(st.booleans()) else np.repeat(bars.sessions, 3)[:n]
    rng = np.random.default_rng(seed)
    first, last = sorted(rng.integers(0, n, 2).tolist())
    there = np.zeros(n, dtype=bool)
    there[first : last + 1] = rng.random(last - first + 1) < draw(st.sampled_from([0.5, 1.0]))
    close = 5.0 * np.exp(np.cumsum(rng.normal(0, 0.05, n)))
    columns = [close * np.exp(shift) for shift in (0.01, 0.03, -0.03, 0.0)]
    paid = np.where(rng.random(n) < 0.1, 0.01 * close, 0.0)
    quotes = TradedPrices(*(np.where(there, c, NONE) for c in columns), dividend=np.where(there, paid, 0.0))
    return bars, sessions, quotes, draw(st.sampled_from(["SOXS", "SOXL"]))


@given(histories())
def test_every_bar_balances_and_bar_by_bar_gives_the_same_bits(history):
    bars, sessions, quotes, ticker = history
    fund = known_fund(ticker)
    index = (bars.open, bars.high, bars.low, bars.close)
    ledger = synthesize(fund, sessions, *index, 0.03, traded=quotes)
    account = FundAccount(fund)
    for t, day in enumerate(sessions):
        quote = None
        if not np.isnan(quotes.close[t]):
            quote = Quote(*(float(getattr(quotes, name)[t]) for name in Quote._fields))
        bar = account.bar(day, *(float(column[t]) for column in index), 0.03, quote)
        assert [getattr(bar, name) for name in FundBar._fields] == [
            getattr(ledger, name)[t] for name in FundBar._fields
        ]
    causes = ("index_pnl", "financing", "cash_yield", "fee", "wipeout", "tracking")
    booked = sum(getattr(ledger, cause) for cause in causes) - ledger.distributed
    moved = np.diff(ledger.close, prepend=ledger.close[0])
    np.testing.assert_allclose(booked, moved, atol=1e-9 * ledger.close.max())


@given(histories())
def test_traded_returns_are_the_quotes_own(history):
    bars, sessions, quotes, ticker = history
    ledger = synthesize(
        known_fund(ticker), sessions, bars.open, bars.high, bars.low, bars.close, traded=quotes
    )
    own = np.flatnonzero(ledger.traded)
    for a, b in itertools.pairwise(own):
        assert ledger.close[b] / ledger.close[a] == pytest.approx(quotes.close[b] / quotes.close[a])


@given(histories())
def test_the_causes_of_the_log_return_add_up_with_traded_bars_too(history):
    bars, sessions, quotes, ticker = history
    ledger = synthesize(
        known_fund(ticker), sessions, bars.open, bars.high, bars.low, bars.close, traded=quotes
    )
    a = attribute(ledger)
    np.testing.assert_allclose(
        sum(getattr(a, part) for part in a.PARTS), a.log_return, atol=1e-9, equal_nan=False
    )
