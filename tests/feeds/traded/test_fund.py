"""A fund's own bars: the quotes without splits, what was printed, and what it paid."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from feeds.bars import Bars
from feeds.total_return import total_return_index
from feeds.traded.fund import known_splits, read_traded, traded_fund
from letf_instruments import DataError, LeveragedFund, known_fund

SPLIT = np.datetime64("2021-03-02")  # SOXL, 15 for 1
DAYS = np.busday_offset("2021-01-04", np.arange(80), roll="forward")
SOXL = known_fund("SOXL")


def printed(seed=1):
    """Whole cents as printed, with the split, and the same adjusted for it."""
    rng = np.random.default_rng(seed)
    moves = np.exp(np.cumsum(rng.normal(0, 0.03, len(DAYS))))
    late = DAYS >= SPLIT
    as_printed = np.round(np.where(late, 40.0, 600.0) * moves, 2)
    return as_printed, np.where(late, as_printed, as_printed / 15.0)


def bars_of(close, name="SOXL", **columns):
    volume = np.full(len(close), 1e6)
    return Bars(name, f"{name}.csv", DAYS[: len(close)], close, close, close, close, volume, **columns)


@pytest.mark.parametrize("adjusted", [False, True], ids=["as printed", "adjusted"])
def test_either_kind_of_file_gives_the_same_quotes_and_the_same_prints(adjusted):
    close = printed()[int(adjusted)]
    found = traded_fund(bars_of(close), SOXL)
    np.testing.assert_allclose(found.bars.close, printed()[1], rtol=1e-12)
    np.testing.assert_allclose(found.bars.close * found.printed, printed()[0], rtol=1e-12)


def test_prices_adjusted_up_to_a_date_and_printed_after_it_are_told_apart():
    as_printed, adjusted = printed()
    # A file that was written when no split was known, and went on as printed: its split shows.
    found = traded_fund(bars_of(as_printed), SOXL)
    assert found.unit == 1.0
    # The same for a fund whose two splits the file shows once.
    both = traded_fund(bars_of(adjusted, "TQQQ"), known_fund("TQQQ"))
    assert [str(ratio) for _, ratio in both.splits] == [str(r) for _, r in known_splits("TQQQ")]


@pytest.mark.parametrize("applied", [0, 1, 2])
def test_splits_after_the_last_session_that_the_vendor_has_applied_are_undone(applied):
    # SOXS: 1:10 in 2024, 1:20 and 1:10 in 2026; prices of 2021 in whole cents, adjusted for some of them.
    cents = np.round(np.exp(np.cumsum(np.random.default_rng(3).normal(0, 0.03, 80))) * 37.77, 2)
    close = cents * np.array([1.0, 10.0, 200.0])[applied]
    later = replace(
        bars_of(close, "SOXS"), timestamps=np.busday_offset("2023-06-01", np.arange(80), roll="forward")
    )
    found = traded_fund(later, known_fund("SOXS"))
    np.testing.assert_allclose(found.bars.close * found.printed, cents, rtol=1e-9)
    assert bool(found.notes) == (applied > 0)


def test_prices_that_are_whole_cents_on_no_scale_are_said_to_be_taken_as_they_are():
    close = np.exp(np.cumsum(np.random.default_rng(3).normal(0, 0.03, 80))) * 37.77
    later = replace(
        bars_of(close, "SOXS"), timestamps=np.busday_offset("2023-06-01", np.arange(80), roll="forward")
    )
    found = traded_fund(later, known_fund("SOXS"))
    assert found.unit == 1.0
    assert any("whole cents neither" in note for note in found.notes)


@pytest.mark.parametrize("adjusted", [False, True], ids=["as printed", "adjusted"])
def test_dividends_come_out_of_the_adjusted_close_whichever_way_splits_are_in_the_prices(adjusted):
    close = printed()[int(adjusted)]
    quotes = printed()[1]
    ex = 20
    adj = quotes * np.where(np.arange(80) < ex, 1 - 0.5 / quotes[ex - 1], 1.0)
    found = traded_fund(bars_of(close, adj_close=adj), SOXL)
    assert np.flatnonzero(found.bars.dividends).tolist() == [ex]
    assert found.bars.dividends[ex] == pytest.approx(0.5, rel=1e-5)


def test_what_is_paid_on_a_session_that_the_index_lacks_is_there_on_the_next():
    quotes = printed()[1]
    adj = quotes * np.where(np.arange(80) < 20, 1 - 0.5 / quotes[19], 1.0)
    found = traded_fund(bars_of(quotes, adj_close=adj), SOXL)
    stamps = np.delete(DAYS, 20)
    on = found.on(stamps.astype("datetime64[us]"))
    assert np.flatnonzero(on.dividend).tolist() == [20]
    assert on.close[20] == quotes[21]


def test_an_adjusted_close_that_falls_against_the_close_is_refused():
    close = printed()[1][:79]
    paid_in = close * np.where(np.arange(79) < 40, 3.0, 1.0)
    with pytest.raises(DataError, match=r"row 42 .*: the adjusted close falls against the close, as if"):
        traded_fund(bars_of(close, adj_close=paid_in), SOXL)


def test_too_many_missing_bars_are_another_calendar():
    found = traded_fund(bars_of(printed()[1][:79]), SOXL)
    gaps = traded_fund(replace(found.bars.first(79), dividends=None), SOXL)
    every = np.arange(DAYS[0], DAYS[78])  # weekends too
    says = r"of the index's .* bars between its first and its last are missing from it, the first on .{10}$"
    with pytest.raises(DataError, match=says):
        gaps.missing(every.astype("datetime64[us]"))


def test_a_fund_of_one_s_own_needs_no_fact_table():
    found = traded_fund(bars_of(printed()[1], "MINE"), LeveragedFund("MINE", 2))
    assert (found.splits, found.unit) == ((), 1.0)


def test_a_frame_in_memory_will_do():
    frame = pd.DataFrame(
        dict.fromkeys(("open", "high", "low", "close"), printed()[1]), index=pd.DatetimeIndex(DAYS)
    )
    assert read_traded(frame, SOXL).bars.name == "SOXL"


@pytest.mark.market
@pytest.mark.parametrize("ticker", ["SOXL", "SOXS"])
def test_real_prints_come_back_to_the_cent_from_a_vendor_s_adjusted_file(market_folder, ticker):
    index, _ = total_return_index("SOX:2021-08-25:SOXX", market_folder)
    found = read_traded(ticker, known_fund(ticker), market_folder, index)
    there = pd.read_csv(market_folder / "as_traded" / f"{ticker}.csv", parse_dates=["date"])
    np.testing.assert_array_equal(found.bars.sessions, there["date"].to_numpy().astype("datetime64[D]"))
    ours = found.bars.close * found.printed
    np.testing.assert_array_equal(np.round(ours, 2), np.round(there["close"], 2))


@pytest.mark.market
@pytest.mark.parametrize("ticker", ["SOXL", "SOXS"])
def test_the_file_as_printed_gives_the_same_returns_as_the_adjusted_one(market_folder, ticker):
    index, _ = total_return_index("SOX:2021-08-25:SOXX", market_folder)
    one = read_traded(ticker, known_fund(ticker), market_folder, index)
    other = read_traded(
        str(market_folder / "as_traded" / f"{ticker}.csv"), known_fund(ticker), market_folder, index
    )
    np.testing.assert_allclose(np.diff(np.log(one.bars.close)), np.diff(np.log(other.bars.close)), atol=2e-6)
    assert other.unit == 1.0
    assert [d for d, _ in one.splits] == [d for d, _ in other.splits]


@pytest.mark.market
def test_a_spurious_scale_that_a_vendor_served_is_not_taken_silently(market_folder):
    with pytest.raises(DataError, match="2026-05-26 the price jumps"):
        read_traded(str(market_folder / "bad" / "SOXS_spurious_15x.csv"), known_fund("SOXS"))
