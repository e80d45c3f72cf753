"""Files as they are met in the field, kept beside the real prices as they may not be copied: each is read,
or refused in the sentence that it deserves. What is claimed of each kind is tested on files of our own
elsewhere.
"""

from pathlib import Path

import numpy as np
import pytest

from feeds.checking.prints import false_prints
from feeds.reading.files import read_bars, read_rates
from letf_instruments import DataError
from tests.runs.command import letf

pytestmark = pytest.mark.market


@pytest.fixture
def cases(market_folder) -> Path:
    folder = market_folder.parent / "cases"
    if not folder.is_dir():
        pytest.skip(f"no files of this kind here: {folder}")
    return folder


# How closely, as some print cents.
ONE_ETF = {
    "alphav.csv": 1e-12,
    "closeonly2.csv": 1e-12,
    "dmy.csv": 1e-12,
    "dupelast.csv": 1e-12,
    "euro2.csv": 1e-4,
    "investing.csv": 1e-4,
    "multi.parquet": 1e-12,
    "nasdaqcom.csv": 1e-4,
    "rounding.csv": 1e-4,
    "utf16.csv": 1e-12,
    "words.csv": 1e-4,
    "yahoo_null.csv": 1e-12,
    "yf_history.csv": 1e-12,
}
ONE_INDEX = (
    "bloomberg.csv",
    "googlefinance.csv",
    "ib_with_zone.csv",
    "tab.csv",
    "yahoo_dividend_row.csv",
)


def test_every_file_of_a_vendor_is_read_here(cases):
    assert {path.name for path in (cases / "vendors").iterdir()} == {*ONE_ETF, *ONE_INDEX}


@pytest.mark.parametrize("name", ONE_ETF)
def test_the_same_bars_whoever_serves_them(name, cases):
    wanted = read_bars(cases / "vendors" / "alphav.csv")
    closes = name == "closeonly2.csv"
    found = read_bars(cases / "vendors" / name, closes_only=closes)
    assert (len(wanted), len(found)) == (501, 500 if name == "yahoo_null.csv" else 501)
    at = np.isin(wanted.sessions, found.sessions)
    np.testing.assert_array_equal(found.sessions, wanted.sessions[at])
    for column in ("close",) if closes else ("open", "high", "low", "close"):
        np.testing.assert_allclose(getattr(found, column), getattr(wanted, column)[at], rtol=ONE_ETF[name])
    assert found.notes or name == "multi.parquet"


@pytest.mark.parametrize("name", ONE_INDEX)
def test_the_same_index_whoever_serves_it(name, cases):
    wanted = read_bars(cases / "reports" / "clean_daily.csv")
    found = read_bars(cases / "vendors" / name)
    at = np.isin(wanted.sessions, found.sessions)
    assert found.daily
    assert at.sum() == len(found) > 1
    for column in ("open", "high", "low", "close"):
        np.testing.assert_allclose(getattr(found, column), getattr(wanted, column)[at], rtol=1e-8)


@pytest.mark.parametrize(("name", "column"), [("hi10", "high"), ("lo", "low"), ("op", "open")])
def test_the_one_false_print_of_a_file_is_named(name, column, cases):
    bars = read_bars(cases / "bad_prints" / f"{name}.csv")
    found = false_prints(bars)
    assert bars.sessions[found.at].tolist() == [np.datetime64("2023-03-16").item()]
    assert found.column(int(found.at[0])) == column
    done = letf("data", "check", cases / "bad_prints" / f"{name}.csv")
    assert f"{column} " in done.stdout
    assert "looks like a false print" in " ".join(done.stdout.split())
    assert "clean" not in done.stdout.splitlines()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("weekly_1wk.csv", "weekly or longer bars"),
        ("volume_unquoted_thousands.csv", "8 fields, but the headings are 6"),
        ("yf_two_tickers.csv", "AAA, SOXX"),
    ],
)
def test_bars_that_are_refused_in_a_sentence(name, says, cases):
    with pytest.raises(DataError, match=says):
        read_bars(cases / "reports" / name)


@pytest.mark.parametrize(
    ("name", "says"), [("rate_decimal_comma.csv", "3 fields"), ("rate_monthly_dmy.csv", "fits both")]
)
def test_rates_that_are_refused_in_a_sentence(name, says, cases):
    with pytest.raises(DataError, match=says):
        read_rates(cases / "reports" / name)


@pytest.mark.parametrize(
    "name",
    ["rate_decimal_point", "rate_monthly_iso", "fred_dff_since_2024", "fred_dtb3_holidays_dot"],
)
def test_rates_that_are_read(name, cases):
    days, rates = read_rates(cases / "reports" / f"{name}.csv")
    assert len(days) == len(rates) > 10
    assert np.isfinite(rates).all()
    assert "taken for a short rate" in letf("data", "check", cases / "reports" / f"{name}.csv").stdout


@pytest.mark.parametrize("name", ["daily_stamped_1600", "daily_last_row_live"])
def test_one_bar_a_session_is_daily(name, cases):
    bars = read_bars(cases / "reports" / f"{name}.csv")
    assert bars.daily
    assert any(said in bars.notes[0] for said in ("the time of day left out", "is of an unfinished session"))


@pytest.mark.parametrize(
    ("name", "code", "says"),
    [
        ("own_StopsEarly", 0, "mind that the strategy stopped the run on 2010-03-16"),
        ("own_InfiniteSize", 2, "2010-01-04: SOXS: order to buy inf: its size must be a finite number"),
        ("own_NanSize", 2, "2010-03-16: SOXS: order to buy nan: its size must be a finite number"),
        ("own_NextOpen", 2, "next_open, which is never called here"),
        ("own_DayOrder", 0, "in 1 trade of SOXS"),
        ("asset_as_traded", 0, "mind that asset_as_traded jumps from 1260.58 to 317.29 on 2020-06-24"),
        ("savings_plan", 0, "mind that 47,000 was paid in, on balance, while it ran, which is no return"),
    ],
)
def test_what_a_run_says_first(name, code, says, cases, tmp_path):
    done = letf("run", cases / "reports" / f"{name}.toml", "--out", tmp_path / "out")
    assert done.returncode == code
    assert says in " ".join((done.stdout or done.stderr).split("\n\n")[0].split())


def test_an_adjusted_close_that_doubles_once_is_refused_in_a_run_that_uses_it(cases, tmp_path):
    index = cases / "reports" / "adj_close_doubled_once.csv"
    done = letf("decay", "SOXL", "--index", index, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "adj_close" in done.stderr
    assert "looks like a false print" in done.stderr


def test_a_fund_file_with_a_byte_order_mark_is_read(cases, tmp_path):
    fund = cases / "reports" / "fund_with_bom.toml"
    done = letf("synth", fund, "--index", "nasdaq", "--out", tmp_path / "fund.csv")
    assert (done.returncode, "bars of SEMI2 on nasdaq" in done.stdout) == (0, True)
