"""What becomes of false prints in bars, adjusted closes, rates and volatility indexes."""

from dataclasses import replace

import numpy as np
import pytest

from feeds.checking.prints import false_prints
from feeds.checking.screen import Screen
from feeds.checking.stray_values import stray_fees, stray_levels, stray_rates
from feeds.options.volatility import VolatilityIndex
from feeds.rates import BorrowFee, ShortRate
from feeds.total_return import total_return_index
from letf_instruments import DataError, SpecError
from tests.conftest import make_bars
from tests.feeds.checking.test_prints import CALM, N, calm

DAYS = np.busday_offset("2020-01-06", np.arange(N), roll="forward")


def test_clean_bars_come_through_as_they_are():
    bars = calm()
    for choice in ("refuse", "keep", "close"):
        screened, said = Screen(choice).bars(bars)
        assert screened is bars
        assert said == []


def test_a_false_print_is_refused_with_both_ways_on():
    with pytest.raises(DataError) as refused:
        Screen().bars(calm(high=1000.0))
    said = str(refused.value)
    assert said.startswith(
        "TEST, row 22 (2020-02-03): high 1,000 is 10 × what its open and close allow (100)"
    )
    for way in ("--set data.on_bad_print=close", "--on-bad-print close", "or take it as it is with keep"):
        assert way in said


def test_it_is_kept_with_a_note():
    bars = calm(high=1000.0)
    kept, (said,) = Screen("keep").bars(bars)
    assert kept is bars
    assert "high 1,000 is 10 ×" in said
    assert said.endswith("kept as it is, as on_bad_print is keep")


def test_it_is_mended_with_a_note_that_counts_and_names_the_first():
    rows = [CALM] * N
    rows[10], rows[20] = (100.0, 300.0, 99.0, 100.0), (100.0, 101.0, 20.0, 100.0)
    mended, (said,) = Screen("close").bars(make_bars(rows))
    assert (mended.high[10], mended.low[20]) == (100.0, 100.0)
    assert len(false_prints(mended)) == 0
    assert said.startswith("TEST, row 12 (2020-01-20): high 300 is 3 ×")
    assert said.endswith(
        "like 1 more bar, it is replaced by what open and close allow, as on_bad_print is close"
    )


def test_a_false_close_or_adjusted_close_is_not_mended():
    adjusted = replace(calm(), adj_close=np.where(np.arange(N) == 20, 160.0, 80.0))
    for bars, column in ((calm(close=10.0, low=10.0), "close"), (adjusted, "adj_close")):
        for choice in ("refuse", "close"):
            with pytest.raises(
                DataError, match=rf"row 22 .*: {column} .*nothing in its bar could take its place"
            ):
                Screen(choice).bars(bars)
        assert len(Screen("keep").bars(bars)[1]) == 1


def test_sessions_that_are_not_used_are_not_judged():
    bars = calm(high=1000.0)
    assert Screen("refuse", bars.sessions[21], None).bars(bars) == (bars, [])
    assert Screen("refuse", None, bars.sessions[19]).bars(bars) == (bars, [])


def test_of_a_splice_each_era_is_judged_in_its_own_sessions(tmp_path):
    bad = calm(high=1000.0)
    for name, bars in (("A", bad), ("B", calm())):
        lines = ["date,open,high,low,close"]
        for i, day in enumerate(bars.sessions):
            lines.append(f"{day},{bars.open[i]},{bars.high[i]},{bars.low[i]},{bars.close[i]}")
        (tmp_path / f"{name}.csv").write_text("\n".join(lines))
    before, after = bad.sessions[15], bad.sessions[25]
    total_return_index(f"A:{before}:B", tmp_path, screen=Screen())
    total_return_index(f"B:{after}:A", tmp_path, screen=Screen())
    for name in (f"A:{after}:B", f"B:{before}:A"):
        with pytest.raises(DataError, match=r"A\.csv, row 22 \(2020-02-03\): high 1,000"):
            total_return_index(name, tmp_path, screen=Screen())


def test_another_choice_is_refused():
    with pytest.raises(SpecError, match=r"on_bad_print is 'drop'; it must be 'refuse', 'keep' or 'close'"):
        Screen("drop")


def rates(at, value, level=0.02):
    return ShortRate("R", DAYS, np.where(np.arange(N) == at, value, level + 1e-4 * (np.arange(N) % 2)))


def test_a_rate_that_is_tenfold_for_a_day_is_refused_or_kept():
    for choice in ("refuse", "close"):
        with pytest.raises(DataError, match=r"short rate R \(2020-02-03\): 20 % between 2\.01 and 2\.01"):
            Screen(choice).rate(rates(20, 0.2))
    (said,) = Screen("keep").rate(rates(20, 0.2))
    assert said.endswith("kept as it is, as on_bad_print is keep")
    assert Screen("refuse", DAYS[21]).rate(rates(20, 0.2)) == []
    assert Screen().rate(rates(20, 0.03)) == Screen().rate(ShortRate.constant(0.02)) == []


def test_a_tenth_of_a_rate_is_refused_and_rates_near_zero_are_not():
    assert stray_rates(rates(20, 0.002).rates).tolist() == [20]
    assert stray_rates(rates(20, 0.0, level=0.0003).rates).tolist() == []


def test_a_rate_that_repeats_over_a_weekend_is_one_value_and_a_lasting_one_is_none():
    level = np.full(N, 0.02)
    level[10:13] = 0.2
    level[20:30] = 0.2
    assert stray_rates(level).tolist() == [10]


def fees(value, level=0.03):
    return BorrowFee(DAYS, np.where(np.arange(N) == 20, value, level + 1e-3 * (np.arange(N) % 2)), label="F")


def test_a_borrow_fee_that_is_tenfold_or_nothing_for_a_day_is_refused_or_kept():
    for choice in ("refuse", "close"):
        with pytest.raises(DataError, match=r"borrow fee F \(2020-02-03\): 30 % between 3\.1 and 3\.1"):
            Screen(choice).borrow(fees(0.3))
    (said,) = Screen("keep").borrow(fees(0.3))
    assert said.endswith("kept as it is, as on_bad_print is keep")
    assert Screen("refuse", DAYS[21]).borrow(fees(0.3)) == []
    assert stray_fees(fees(0.0, level=0.08).fees).tolist() == [20]


def test_a_borrow_fee_may_move_by_whole_points_in_a_day():
    assert (
        Screen().borrow(fees(0.077))
        == Screen().borrow(fees(0.0))
        == Screen().borrow(BorrowFee.of(9e-3))
        == []
    )


def test_a_volatility_index_that_is_tenfold_for_a_day_is_refused_and_one_that_doubles_and_stays_is_not():
    usual = 0.17 + 0.004 * (np.arange(N) % 2)
    stray = np.where(np.arange(N) == 20, 1.7, usual)
    with pytest.raises(DataError, match=r"VIX\.csv \(2020-02-03\): 170 % between 17\.4 and 17\.4"):
        Screen().volatility(VolatilityIndex("VIX.csv", DAYS, stray))
    assert stray_levels(np.where(np.arange(N) < 20, usual, 0.37)).tolist() == []


@pytest.mark.market
def test_no_real_rate_and_no_day_of_the_volatility_index_is_named(market_folder):
    from feeds.options.volatility import load_volatility
    from feeds.sources import load_rate

    for name in ("DFF", "SHORT_RATE"):
        assert Screen().rate(load_rate(name, market_folder)) == []
    assert Screen().volatility(load_volatility("VIX", market_folder)) == []
