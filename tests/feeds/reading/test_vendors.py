"""Four bars as each vendor of docs/data.md serves them: the same bars, and what is said of the reading."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from feeds.options.volatility import read_volatility
from feeds.reading.files import read_bars, read_rates
from feeds.sources import load_bars
from letf_instruments import DataError

PAGE = Path(__file__).parents[3] / "docs" / "data.md"
DAYS = ["2020-03-16", "2020-03-17", "2020-03-18", "2020-03-19"]
BARS = {
    "open": [1000.0, 1050.5, 1100.25, 1200.0],
    "high": [1100.0, 1200.75, 1150.0, 1250.0],
    "low": [900.0, 1000.0, 1050.5, 1100.5],
    "close": [1050.5, 1100.25, 1125.0, 1225.5],
    "volume": [1_450_000.0, 2_000_000.0, 930_000.0, 4_000_000.0],
}
TURNED = "newest first, turned round"
MONTHS = {"03/16/2020": 0, "03/17/2020": 1, "03/18/2020": 2, "03/19/2020": 3}


def rows(line, dates=DAYS, newest_first=False, join="\n"):
    """A line for each bar: `line` with the names of the columns in braces."""
    made = [
        line.format(date=dates[i], **{name: values[i] for name, values in BARS.items()}) for i in range(4)
    ]
    return join.join(reversed(made) if newest_first else made) + join


def european(value):
    """1.050,5 for 1050.5."""
    return f"{value:,}".translate(str.maketrans(",.", ".,"))


US = list(MONTHS)
PLAIN = "{date},{open},{high},{low},{close},{volume:.0f}"
CAPITALS = "Date,Open,High,Low,Close,Volume\n"
WORDS = ["Mar 16, 2020", "Mar 17, 2020", "Mar 18, 2020", "Mar 19, 2020"]
ADJUSTED = "Date,Open,High,Low,Close,Adj Close,Volume\n"
SECONDS = ["1584365400", "1584451800", "1584538200", "1584624600"]  # 13:30 UTC, 9:30 in New York
ISO_OPEN = [f"{day}T09:30:00-04:00" for day in DAYS]
YAHOO = rows("{date},{open},{high},{low},{close},{close},{volume:.0f}").splitlines(keepends=True)
WHOLE = "one bar a session, so it is daily, and the time of day left out"

# By source: what it serves, and the notes without the file's name.
SERVED = {
    "Yahoo": (
        ADJUSTED
        + YAHOO[0]
        + "2020-03-17,0.5 Dividend,,,,,\n"
        + YAHOO[1]
        + "2020-03-17,null,null,null,null,null,null\n"
        + YAHOO[2]
        + YAHOO[3],
        [
            "1 row of dividends or splits between its bars left out",
            "1 row without any price left out, on 2020-03-17",
        ],
    ),
    "Yahoo's web table": (
        "Date\tOpen\tHigh\tLow\tClose* \tAdj Close** \tVolume\n"
        + rows(
            "{date}\t{open:,}\t{high:,}\t{low:,}\t{close:,}\t{close:,}\t{volume:,.0f}",
            WORDS,
            newest_first=True,
        ),
        [
            "its columns are separated by tabs",
            "its dates are in words",
            TURNED,
            "its numbers are read with thousands joined",
        ],
    ),
    "yfinance download": (
        "Price,Open,High,Low,Close,Volume\nTicker,X,X,X,X,X\nDate,,,,,\n" + rows(PLAIN),
        [],
    ),
    "Stooq": (CAPITALS + rows(PLAIN), []),
    "Stooq in bulk": (
        "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\n"
        + rows(
            "X.US,D,{date},000000,{open},{high},{low},{close},{volume:.0f},0",
            [d.replace("-", "") for d in DAYS],
        ),
        [],
    ),
    "Alpha Vantage": ("timestamp,open,high,low,close,volume\n" + rows(PLAIN, newest_first=True), [TURNED]),
    "Investing.com": (
        '\ufeff"Date","Price","Open","High","Low","Vol.","Change %"\n'
        + rows(
            '"{date}","{close:,}","{open:,}","{high:,}","{low:,}","{volume:.0f}","0.10%"',
            US,
            newest_first=True,
        )
        .replace('"1450000"', '"1.45M"')
        .replace('"930000"', '"930.00K"'),
        [
            TURNED,
            "its numbers are read with K, M and B for thousands, millions and billions, thousands joined",
        ],
    ),
    "Nasdaq.com": (
        "Date,Close/Last,Volume,Open,High,Low\n"
        + rows("{date},${close},{volume:.0f},${open},${high},${low}", US, newest_first=True),
        [TURNED, "its numbers are read with currency signs left out"],
    ),
    "MarketWatch": (
        CAPITALS
        + rows('{date},"{open:,}","{high:,}","{low:,}","{close:,}","{volume:,.0f}"', US, newest_first=True),
        [TURNED, "its numbers are read with thousands joined"],
    ),
    "WSJ": (
        "Date, Open, High, Low, Close, Volume\n"
        + rows(
            "{date}, {open}, {high}, {low}, {close}, {volume:.0f}",
            [f"03/{day}/20" for day in range(16, 20)],
            newest_first=True,
        ),
        [TURNED],
    ),
    "Google Finance": (CAPITALS + rows(PLAIN, [f"3/{day}/2020 16:00:00" for day in range(16, 20)]), [WHOLE]),
    "Tiingo": (
        "date,close,high,low,open,volume,adjClose,adjHigh,adjLow,adjOpen,adjVolume,divCash,splitFactor\n"
        + rows(
            "{date},{close},{high},{low},{open},{volume:.0f},{close},1,1,1,1,0.0,1.0",
            [f"{day}T00:00:00.000Z" for day in DAYS],
        ),
        [],
    ),
    "TradingView": (
        "time,open,high,low,close,Volume\n" + rows(PLAIN, SECONDS),
        ["its dates are unix seconds", WHOLE],
    ),
    "CBOE": ("X Index\n" + CAPITALS.upper() + rows(PLAIN, US), ["1 line above its headings left out"]),
    "MetaTrader": (
        "<DATE>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<SPREAD>\n"
        + rows(
            "{date}\t{open}\t{high}\t{low}\t{close}\t{volume:.0f}\t2", [d.replace("-", ".") for d in DAYS]
        ),
        ["its columns are separated by tabs"],
    ),
    "Interactive Brokers": (
        "date,open,high,low,close,volume\n"
        + rows(PLAIN, [f"{day.replace('-', '')}  16:00:00 US/Eastern" for day in DAYS]),
        [WHOLE],
    ),
    "Bloomberg": (
        "Security,X US Equity\nStart Date,03/16/2020\nPeriod,D\n\n"
        "Date,PX_OPEN,PX_HIGH,PX_LOW,PX_LAST,PX_VOLUME\n" + rows(PLAIN, US),
        ["4 lines above its headings left out"],
    ),
    "Barchart": (
        "Time,Open,High,Low,Last,Change,%Chg,Volume\n"
        + rows("{date},{open},{high},{low},{close},1,0.1%,{volume:.0f}", newest_first=True)
        + '"Downloaded from Barchart.com as of 03-20-2020 04:00pm CDT"\n',
        ["the words below its last row left out", TURNED],
    ),
    "European spreadsheets": (
        "Date;Open;High;Low;Close;Volume\n"
        + "".join(
            ";".join([f"{16 + i}.03.2020", *(european(BARS[c][i]) for c in BARS)]).replace(",0;", ",00;")
            + "\n"
            for i in range(4)
        ),
        [
            "its columns are separated by semicolons",
            "its dates are day/month/year, the only order that the whole column fits",
            "its numbers are read with commas for decimal points",
        ],
    ),
    "Excel's Unicode text": (
        ((CAPITALS + rows(PLAIN)).replace(",", "\t")).encode("utf-16"),
        ["read as UTF-16", "its columns are separated by tabs"],
    ),
    "Excel's date numbers": (
        CAPITALS + rows(PLAIN, ["43906", "43907", "43908", "43909"]),
        ["its dates are a spreadsheet's numbers, days from 1899-12-30 on"],
    ),
    "a session in progress": (
        CAPITALS + rows(PLAIN) + "2020-03-20 15:13:02,1200,1201,1199,1200,10\n",
        ["its last row, of 2020-03-20 15:13, is of an unfinished session and left out"],
    ),
}
ELSEWHERE = {"yfinance parquet", "yfinance history", "vendors who round", "FRED rates", "FRED indexes"}


def put(folder, content, name="X.csv"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def assert_the_bars(bars):
    assert bars.sessions.astype(str).tolist() == DAYS
    assert bars.daily
    for column, values in BARS.items():
        assert getattr(bars, column).tolist() == values, column


def said(bars):
    return [note.removeprefix("X.csv: ") for note in bars.notes]


@pytest.mark.parametrize("source", SERVED)
def test_the_same_bars_from_every_vendor(source, tmp_path):
    content, notes = SERVED[source]
    bars = read_bars(put(tmp_path, content))
    assert_the_bars(bars)
    assert said(bars) == notes


def test_every_row_of_the_page_is_read_here():
    table = PAGE.read_text().split("| source |")[1].split("\n\n")[0]
    named = set(re.findall(r"^\| ([^|]+?) \|", table, flags=re.MULTILINE))
    assert named == set(SERVED) | ELSEWHERE


def test_tradingview_s_moments_in_iso(tmp_path):
    assert_the_bars(read_bars(put(tmp_path, "time,open,high,low,close,Volume\n" + rows(PLAIN, ISO_OPEN))))


def test_yfinance_s_pairs_of_price_and_ticker_in_parquet(tmp_path):
    frame = pd.DataFrame(BARS, index=pd.DatetimeIndex(DAYS, name="Date")).rename(columns=str.capitalize)
    pd.concat({"X": frame}, axis=1).swaplevel(axis=1).to_parquet(tmp_path / "X.parquet")
    bars = read_bars(tmp_path / "X.parquet")
    assert_the_bars(bars)
    assert bars.notes == ()
    pd.concat({"X": frame, "Y": frame}, axis=1).swaplevel(axis=1).to_parquet(tmp_path / "Z.parquet")
    with pytest.raises(DataError, match=r"Z\.parquet: it holds 2 tickers \(X, Y\); one at a time"):
        read_bars(tmp_path / "Z.parquet")


def test_yfinance_s_history_holds_dividends_and_says_so(tmp_path):
    text = "Date,Open,High,Low,Close,Volume,Dividends,Stock Splits\n" + rows(
        PLAIN + ",0.0,0.0", [f"{day} 00:00:00-04:00" for day in DAYS]
    )
    bars = read_bars(put(tmp_path, text))
    assert_the_bars(bars)
    assert bars.holds_dividends
    assert said(bars) == [
        "its closes hold dividends already, as its columns Dividends and Stock Splits tell, with no adjusted "
        "close beside them; none are added"
    ]
    beside = text.replace("Stock Splits", "Stock Splits,Adj Close").replace(",0.0\n", ",0.0,7\n")
    assert not read_bars(put(tmp_path, beside)).holds_dividends


def test_a_high_that_misses_the_close_by_its_rounding_reaches_it(tmp_path):
    # The true high and close of the second bar are 12.3454: four digits of one are printed, two of the other.
    text = (
        "date,open,high,low,close\n2020-03-16,11.12,12.1234,11.00,12.00\n"
        "2020-03-17,12.00,12.3454,11.99,12.35\n2020-03-18,12.00,12.5000,11.99,12.01\n"
    )
    bars = read_bars(put(tmp_path, text))
    assert bars.high.tolist() == [12.1234, 12.35, 12.5]
    assert said(bars) == [
        "on 1 row high or low misses open or close by their rounding and is taken to reach them"
    ]
    with pytest.raises(DataError, match=r"row 3 \(2020-03-17\): high 12\.3444 is below close 12\.35"):
        read_bars(put(tmp_path, text.replace("12.3454", "12.3444")))
    with pytest.raises(DataError, match=r"row 3 .*: high 12\.34 is below close 12\.35"):
        read_bars(put(tmp_path, re.sub(r"(\.\d\d)\d\d", r"\1", text)))


@pytest.mark.parametrize("name", ["DFF", "DTB3", "DGS1MO", "SOFR", "EFFR", "TB3MS"])
@pytest.mark.parametrize("date", ["observation_date", "DATE"])
@pytest.mark.parametrize("nothing", [".", ""])
def test_fred_s_rates_keep_the_last_value_on_holidays(name, date, nothing, tmp_path):
    text = f"{date},{name}\n2020-01-01,{nothing}\n2020-01-02,1.5\n2020-01-20,{nothing}\n2020-01-21,1.25\n"
    notes = []
    days, rates = read_rates(put(tmp_path, text), notes)
    assert days.astype(str).tolist() == ["2020-01-02", "2020-01-21"]
    np.testing.assert_allclose(rates, [0.015, 0.0125])
    assert notes == ["X.csv: 2 of 4 days have no value, first 2020-01-01; the last one before holds on"]


def test_fred_s_volatility_is_read_as_its_rates_are(tmp_path):
    read = read_volatility(
        put(tmp_path, "observation_date,VIXCLS\n2020-01-02,12.5\n2020-01-03,\n2020-01-06,14\n")
    )
    assert read.levels.tolist() == [0.125, 0.14]
    assert len(read.notes) == 1


def test_fred_s_indexes_are_closes_alone(tmp_path):
    text = "observation_date,SP500\n" + rows("{date},{close}")
    bars = load_bars(put(tmp_path, text), closes_only=True)
    for column in ("open", "high", "low", "close"):
        assert getattr(bars, column).tolist() == BARS["close"]
    assert said(bars) == ["4 rows have no open, high or low; their close stands for them"]
    with pytest.raises(
        DataError, match=r"X\.csv: no column for open, high or low; closes alone will do for `dec"
    ):
        load_bars(put(tmp_path, text))
