"""Files as vendors write them, and files that cannot be used."""

import numpy as np
import pandas as pd
import pytest

from feeds.reading.files import read_bars, read_rates
from letf_instruments import DataError

PLAIN = "date,open,high,low,close,volume\n2020-01-06,10,11,9,10.5,100\n2020-01-07,10.5,12,10,11,200\n"


def write(tmp_path, text, name="X.csv"):
    path = tmp_path / name
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        PLAIN.upper(),
        "Date,Open,High,Low,Close,Adj Close,Volume\n"
        "2020-01-06 00:00:00-05:00,10,11,9,10.5,10.4,100\n2020-01-07 00:00:00-05:00,10.5,12,10,11,10.9,200\n",
        "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\n"
        "X.US,D,20200106,000000,10,11,9,10.5,100,0\nX.US,D,20200107,000000,10.5,12,10,11,200,0\n",
        "Price,Close,High,Low,Open,Volume\nTicker,X,X,X,X,X\nDate,,,,,\n"
        "2020-01-06,10.5,11,9,10,100\n2020-01-07,11,12,10,10.5,200\n",
        "Date,Close/Last,Volume,Open,High,Low\n01/06/2020,10.5,100,10,11,9\n01/07/2020,11,200,10.5,12,10\n",
        "Date,Open,High,Low,Close,Volume\n2020-01-06,10,11,9,10.5,100,\n2020-01-07,10.5,12,10,11,200,\n",
        "Unnamed: 0,Open,High,Low,Close,Volume\n20200106,10,11,9,10.5,100\n20200107,10.5,12,10,11,200\n",
    ],
    ids=["plain", "capitals", "yahoo", "stooq", "yfinance", "us-dates", "trailing-comma", "unnamed"],
)
def test_vendors_headings_and_dates(tmp_path, text):
    bars = read_bars(write(tmp_path, text))
    assert bars.sessions.astype(str).tolist() == ["2020-01-06", "2020-01-07"]
    assert bars.daily
    columns = (bars.open, bars.high, bars.low, bars.close, bars.volume)
    assert [c.tolist() for c in columns] == [[10, 10.5], [11, 12], [9, 10], [10.5, 11], [100, 200]]


def test_intraday_stamps_with_an_offset_become_new_york_time(tmp_path):
    text = (
        "Datetime,Open,High,Low,Close\n2020-07-06 13:30:00+00:00,1,1,1,1\n2020-07-06 13:35:00+00:00,1,1,1,1\n"
    )
    bars = read_bars(write(tmp_path, text))
    assert str(bars.timestamps[0]) == "2020-07-06T09:30:00.000000"
    assert not bars.daily
    assert bars.volume.tolist() == [0, 0]


def test_another_exchange_s_stamps_keep_its_own_time(tmp_path):
    rows = [f"2024-02-{day:02d} {clock}:00+09:00,1,1,1,1" for day in (1, 2) for clock in ("09:00", "14:55")]
    bars = read_bars(write(tmp_path, "\n".join(["Datetime,Open,High,Low,Close", *rows])))
    assert bars.sessions.astype(str).tolist() == ["2024-02-01"] * 2 + ["2024-02-02"] * 2


def test_parquet_gives_the_same_as_csv(tmp_path):
    csv = write(tmp_path, PLAIN)
    frame = pd.read_csv(csv, parse_dates=["date"])
    frame.to_parquet(tmp_path / "X.parquet")
    frame.set_index("date").tz_localize("America/New_York").to_parquet(tmp_path / "Y.parquet")
    for name in ("X.parquet", "Y.parquet"):
        assert read_bars(tmp_path / name).fingerprint() == read_bars(csv).fingerprint()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "date,open,high,low\n2020-01-06,1,1,1\n",
            r"X\.csv: no column for close; its headings are date, open",
        ),
        ("open,high,low,close\n1,1,1,1\n", "no column for date"),
        (PLAIN.replace("10.5,100", "abc,100"), r"X\.csv, row 2: close 'abc' is not a number"),
        (PLAIN.replace("10.5,100", ",100"), r"row 2 \(2020-01-06\): close is missing"),
        (PLAIN.replace("2020-01-07", "7 Jan"), r"row 3: '7 Jan' is not a date; write it as 2020-03-16"),
        ("", "cannot be read as csv"),
        ("date,open,high,low,close\n", "too few bars"),
    ],
)
def test_files_that_cannot_be_used_are_refused_with_file_and_row(tmp_path, text, says):
    with pytest.raises(DataError, match=says):
        read_bars(write(tmp_path, text))


def test_a_file_that_is_no_table_is_refused(tmp_path):
    (tmp_path / "X.parquet").write_bytes(b"not parquet")
    with pytest.raises(DataError, match=r"X\.parquet: cannot be read as parquet"):
        read_bars(tmp_path / "X.parquet")
    with pytest.raises(DataError, match="no such file"):
        read_bars(tmp_path / "Z.csv")
    with pytest.raises(DataError, match=r"reads \.csv and \.parquet"):
        read_bars(write(tmp_path, PLAIN, "X.xlsx"))


@pytest.mark.market
def test_the_vendor_s_mislabelled_file_is_refused_by_file_row_and_date(market_folder):
    with pytest.raises(DataError, match=r"SOXX_mislabelled_columns\.csv, row 2 \(2003-01-02\): .*headings"):
        read_bars(market_folder / "bad" / "SOXX_mislabelled_columns.csv")


@pytest.mark.market
def test_a_stock_file_whose_opens_end_is_refused_at_the_first_gap(market_folder):
    with pytest.raises(DataError, match=r"\(2020-12-14\): open is missing or not a number \(766 such rows\)"):
        read_bars(market_folder / "stocks" / "NVDA.csv")


def test_years_of_almost_no_rate_are_not_taken_for_fractions(tmp_path):
    _, rates = read_rates(write(tmp_path, "date,value\n2011-01-03,0.15\n2014-12-31,0.02\n"))
    np.testing.assert_allclose(rates, [0.0015, 0.0002])


def test_rates_are_read_in_percent(tmp_path):
    days, rates = read_rates(write(tmp_path, "date,rate_pct\n2020-01-02,1.5\n2020-01-03,1.25\n"))
    assert days.astype(str).tolist() == ["2020-01-02", "2020-01-03"]
    np.testing.assert_allclose(rates, [0.015, 0.0125])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("date,value\n2020-01-02,150\n", "row 2 .*percent a year"),
        ("date,value\n2020-01-02,\n", "row 2 .*missing"),
        (
            "date,value\n2007-01-02,0.0525\n2008-01-02,0.03\n",
            r"largest rate is 0\.0525, .*5 % is 5 and not 0\.05",
        ),
        ("date,value\n2012-01-02,0.0005\n", "looks like a fraction"),
        ("date,value\n2020-01-02,1\n2020-01-02,1\n", "row 3 .*dates must rise"),
        ("date,yield,spread\n2020-01-02,1,2\n", "no column for rate; its headings are date, yield, spread"),
        ("date,volume\n2020-01-02,1\n", "no column for rate"),
    ],
)
def test_rates_that_cannot_be_right_are_refused(tmp_path, text, says):
    with pytest.raises(DataError, match=says):
        read_rates(write(tmp_path, text))
