"""Frames in memory are read, refused and named as files are, and are never changed."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from feeds.assets import load_asset
from feeds.options.volatility import load_volatility
from feeds.reading.memory import Memory
from feeds.sources import load_bars, load_borrow_fee, load_rate
from feeds.total_return import price_index, total_return_index
from feeds.traded_value import traded_value
from letf_instruments import DataError
from tests.conftest import flat_bars

DAYS = ["2020-01-06", "2020-01-07", "2020-01-08"]
ROWS = {
    "open": [10.0, 10.5, 11.0],
    "high": [11.0, 12.0, 11.5],
    "low": [9.0, 10.0, 10.5],
    "close": [10.5, 11.0, 11.25],
    "volume": [100, 200, 300],
}
YAHOO = {"open": "Open", "high": "High", "low": "Low", "close": "Close", "volume": "Volume"}


def frame(**columns):
    """Three bars by date, with some columns replaced, added, or taken out (None)."""
    kept = {name: values for name, values in {**ROWS, **columns}.items() if values is not None}
    return pd.DataFrame(kept, index=pd.DatetimeIndex(DAYS, name="Date"))


def of_yfinance(tickers, first="Price"):
    """What yfinance's download gives: two levels of headings."""
    one = frame(adj_close=[5.0, 6.0, 7.0]).rename(columns={**YAHOO, "adj_close": "Adj Close"})
    both = pd.concat(dict.fromkeys(tickers, one), axis=1, names=["Ticker", "Price"])
    return both if first == "Ticker" else both.swaplevel(axis=1).sort_index(axis=1)


def series(values, name=None, days=DAYS):
    return pd.Series(values, index=pd.DatetimeIndex(days[: len(values)]), name=name)


@pytest.fixture
def file(tmp_path):
    """The same three bars as a file."""
    path = tmp_path / "SOX.csv"
    rows = (",".join(str(v) for v in row) for row in zip(DAYS, *ROWS.values(), strict=True))
    path.write_text("date,open,high,low,close,volume\n" + "\n".join(rows) + "\n")
    return path


# -- the same as a file --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        frame(),
        frame().rename(columns=str.upper),
        frame().reset_index(),
        frame().reset_index().astype({"Date": str}),
        frame().reset_index().iloc[[0, 1, 2]].set_index(pd.Index([7, 3, 5])),
        frame().set_axis(DAYS),
        frame().set_axis(pd.DatetimeIndex(DAYS).date),
        frame().tz_localize("America/New_York"),
        frame().tz_localize("Asia/Tokyo"),
        frame().tz_localize("UTC"),
        frame().assign(Date=["no", "date", "here"], Time="09:00"),
        frame().astype(object),
        frame().astype("Float64"),
        of_yfinance(["SOX"]),
        of_yfinance(["SOX"], first="Ticker"),
        of_yfinance(["SOX"]).reset_index(),
        of_yfinance(["SOX"]).rename_axis(columns=[None, None]),
    ],
    ids=[
        "index",
        "capitals",
        "column",
        "column-of-text",
        "numbered-index",
        "index-of-text",
        "index-of-dates",
        "new-york",
        "tokyo",
        "utc",
        "index-before-column",
        "objects",
        "nullable",
        "yfinance",
        "by-ticker",
        "yfinance-column",
        "unnamed-levels",
    ],
)
def test_a_frame_has_the_fingerprint_of_the_same_bars_in_a_file(given, file):
    assert load_bars({"SOX": given}).fingerprint() == load_bars(str(file)).fingerprint()


def test_pandas_own_reading_of_a_file_is_that_file(file):
    read = pd.read_csv(file)
    assert load_bars(read).fingerprint() == load_bars(file).fingerprint()


def test_intraday_stamps_become_new_york_time_as_in_files():
    stamps = pd.DatetimeIndex(["2020-07-06 13:30", "2020-07-06 13:35", "2020-07-06 13:40"], tz="UTC")
    assert str(load_bars(frame().set_axis(stamps)).timestamps[0]) == "2020-07-06T09:30:00.000000"


def test_a_path_is_taken_where_a_name_is(file, tmp_path):
    assert isinstance(file, Path)
    assert load_bars(file).name == "SOX"
    assert price_index(file).close.tolist() == ROWS["close"]
    assert total_return_index(file)[0].name == "SOX"
    (tmp_path / "R.csv").write_text("date,value\n2020-01-02,1.5\n")
    assert load_rate(tmp_path / "R.csv").label == "R"
    assert load_bars(Path("sox"), tmp_path).name == "SOX"


def test_an_adjusted_close_puts_dividends_in():
    bars, said = total_return_index(frame(**{"Adj Close": [5.25, 11.0, 11.25]}))
    # Half of the price before the second session was paid out on it: 10.5 is worth 5.25 of today's.
    assert bars.close[1] / bars.close[0] == pytest.approx(11.0 / 5.25)
    assert said == ["index: dividends put in from its adjusted close"]


@pytest.mark.parametrize("name", ["SOX", "sox"])
def test_a_known_index_s_name_brings_its_dividends(name, file):
    bars, said = total_return_index({name: frame()})
    from_file, said_of_file = total_return_index(file)
    assert bars.fingerprint() == from_file.fingerprint()
    # index_sources.csv: 1.7 % a year from 2012 on, for the 2 days to the last close.
    assert bars.close[-1] == pytest.approx(11.25 * (1 + 0.017 / 365) ** 2, rel=1e-12)
    assert said == [said_of_file[0].replace("SOX.csv", name)]


def test_traded_value_of_a_frame():
    value, said = traded_value(frame(), np.array(DAYS, "M8[D]"))
    assert value.tolist() == [1050.0, 2200.0, 3375.0]
    assert said[0].startswith("index: traded value is its own close × volume")


def test_an_asset_may_be_closes_alone_and_it_is_said():
    index = flat_bars([1.0, 2.0, 3.0], start=DAYS[0])
    asset, said = load_asset(series([5.0, 6.0, 7.0], "NVDA"), index)
    assert asset.name == "NVDA"
    for column in (asset.open, asset.high, asset.low, asset.close):
        assert column.tolist() == [5.0, 6.0, 7.0]
    assert said == ["NVDA: 3 rows have no open, high or low; their close stands for them"]
    assert load_asset(frame(), index)[0].high.tolist() == ROWS["high"]


@pytest.mark.parametrize(
    "given",
    [
        series([1.5, 1.25, 1.0], "DFF"),
        series([1.5, 1.25, 1.0], "DFF").to_frame(),
        pd.DataFrame({"date": DAYS, "value": [1.5, 1.25, 1.0]}),
        pd.DataFrame({"RATE_PCT": ["1.5", "1.25", "1"]}, index=DAYS),
    ],
    ids=["series", "fred", "column", "text"],
)
def test_rates_in_memory_are_percent_a_year(given):
    rate = load_rate({"DFF": given})
    assert rate.label == "DFF"
    np.testing.assert_allclose(rate.on(np.array(DAYS, "M8[D]")), [0.015, 0.0125, 0.01])


def test_borrow_fees_and_volatility_in_memory():
    day = int(np.datetime64(DAYS[1]).astype(int))
    assert load_borrow_fee(series([4.0, 95.0])).at(day) == 0.95
    quoted = load_volatility(series([57.83, 82.69], "VIX"))
    assert (quoted.source, quoted.at(day)) == ("VIX", pytest.approx(0.8269))
    # yfinance's download("^VIX")["Close"]: one column, called by its ticker.
    of_ticker = series([57.83, 82.69]).to_frame("^VIX").rename_axis(columns="Ticker")
    assert load_volatility(of_ticker).source == "VIX"


# -- names ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (frame(), "index"),
        ({"SOX": frame()}, "SOX"),
        (Memory("mine", frame()), "mine"),
        (of_yfinance(["SOXX"]), "SOXX"),
        (of_yfinance(["^SOX"]), "SOX"),
        ({"mine": of_yfinance(["SOXX"])}, "mine"),
        (series([1.0], "NVDA"), "NVDA"),
        (series([1.0]), "index"),
        (series([1.0], 7), "index"),
        (frame().rename(columns=YAHOO)["Close"], "index"),
    ],
    ids=["none", "dict", "memory", "ticker", "caret", "dict-first", "series", "nameless", "number", "column"],
)
def test_a_name_is_the_one_given_else_the_one_found_else_the_default(given, name):
    assert Memory.of(given, "index").name == name


def test_a_name_is_in_bars_and_messages():
    bars = load_bars(Memory("mine", frame()))
    assert (bars.name, bars.source, load_bars(frame()).name) == ("mine", "mine", "bars")


# -- nothing is changed --------------------------------------------------------------------------------


def test_the_caller_s_frame_is_not_changed_and_later_changes_to_it_change_nothing():
    given = frame().rename(columns=str.upper)
    before = given.copy()
    held = Memory.of(given, "X")
    expected = load_bars(held).fingerprint()
    pd.testing.assert_frame_equal(given, before)
    given.iloc[0, 3] = 9.75
    given["NEW"] = 1.0
    given.index = given.index + pd.Timedelta(days=1)
    assert load_bars(held).fingerprint() == expected


def test_arrays_under_a_frame_may_change_too():
    values, days = np.column_stack(list(ROWS.values())), np.array(DAYS, "M8[ns]")
    held = Memory("X", pd.DataFrame(values, index=pd.DatetimeIndex(days, copy=False), columns=list(ROWS)))
    expected = load_bars(held).fingerprint()
    values *= 2
    days += np.timedelta64(1, "D")
    assert load_bars(held).fingerprint() == expected


def test_simulated_prices_stay_simulated():
    assert load_bars(frame(data=["SIMULATED"] * 3)).simulated
    marked = frame()
    marked.attrs["simulated"] = True
    assert load_bars(marked).simulated
    index = flat_bars([1.0, 2.0, 3.0], start=DAYS[0])
    assert load_asset(marked["close"], index)[0].simulated
    assert not load_bars(frame()).simulated


# -- refused -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (frame(close=None), "X: no column for close; its headings are date, open"),
        (frame(close=[10.5, "abc", 11.25]), "X, row 2: close 'abc' is not a number"),
        (frame(close=[10.5, np.nan, 11.25]), r"X, row 2 \(2020-01-07\): close is missing"),
        (frame(close=[10.5, 11.0, -1.0]), r"X, row 3 \(2020-01-08\): close is -1; it must be positive"),
        (frame(close=pd.DatetimeIndex(DAYS)), r"X: close is of datetime64\[\w+\]; numbers are wanted"),
        (frame(close=[True, True, True]), "X: close is of bool; numbers are wanted"),
        (frame().iloc[::-1], r"X, row 2 \(2020-01-07\): the date goes back"),
        (frame().iloc[[0, 0, 1]], "X, row 2 .*comes again"),
        (frame().iloc[:1], r"X: too few bars \(1\)"),
        (frame().iloc[:0], "X: there are no rows in it"),
        (pd.DataFrame(), "X: there are no rows in it"),
        (pd.concat([frame(), frame()[["close"]]], axis=1), "X: its column close comes twice"),
        (frame().reset_index(drop=True), "X: no dates; its index is of int64, a DatetimeIndex or a column"),
        (frame().set_axis(pd.PeriodIndex(DAYS, freq="D")), r"its index is of period\[D\]"),
        (frame().set_axis(["a", "b", "c"]), "X, row 1: 'a' is not a date; write it as 2020-03-16"),
        (frame().set_axis(pd.DatetimeIndex([*DAYS[:2], pd.NaT])), "X, row 3: there is no date"),
        (frame().set_index("open", append=True), r"X: its index has 2 levels \(Date, open\)"),
        (of_yfinance(["SOXX", "SMH"]), r"X: it holds 2 tickers \((SOXX, SMH|SMH, SOXX)\); one at a time"),
        (
            pd.concat({"a": of_yfinance(["SOXX"])}, axis=1),
            "X: its headings have 3 levels; one is wanted, or two of price and ticker",
        ),
        (pd.concat({"a": frame(close=None)}, axis=1), "X: its headings have 2 levels"),
        (frame()["close"], "X: a Series has one price a date; bars need a DataFrame with open"),
        ([1, 2, 3], "X: a name, a path, a pandas DataFrame or a Series is wanted, not list"),
    ],
)
def test_bars_that_cannot_be_used_are_refused_by_name_and_row(given, says):
    with pytest.raises(DataError, match=says):
        load_bars({"X": given})


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, r"bars: one frame is wanted, as \{name: frame\}; here are none"),
        ({"A": frame(), "B": frame()}, "bars: one frame is wanted, .*; here are A, B"),
        ({1: frame()}, "data in memory are named 1; a name such as 'SOX' is wanted"),
        ({" ": frame()}, "data in memory are named ' '"),
        ({"a\nb": frame()}, r"data in memory are named 'a\\nb'"),
        (None, "bars: a name, a path, .* is wanted, not NoneType"),
    ],
)
def test_what_has_no_name_or_is_no_frame_is_refused(given, says):
    with pytest.raises(DataError, match=says):
        load_bars(given)


@pytest.mark.parametrize(
    ("load", "values", "says"),
    [
        (load_rate, [0.0005, 0.0003], r"X: its largest rate is 0\.0005, which looks like a fraction"),
        (load_rate, [150.0, 1.0], r"X, row 1 \(2020-01-06\): rates are percent a year"),
        (load_rate, [1.0, np.nan], r"X, row 2 \(2020-01-07\): the rate is missing"),
        (load_rate, [1.0, "n/a"], "X, row 2: rate 'n/a' is not a number"),
        (load_rate, [], "X: there are no rows in it"),
        (load_borrow_fee, [1.0, 900.0], "X, row 2 .*a borrow fee is 0 to 500 percent"),
        (load_volatility, [0.2, 0.3], "X, row 1 .*20 % is 20"),
    ],
)
def test_series_that_cannot_be_right_are_refused(load, values, says):
    with pytest.raises(DataError, match=says):
        load({"X": series(values)})


@pytest.mark.parametrize("load", [load_rate, load_borrow_fee, load_volatility])
def test_series_with_dates_that_are_missing_or_do_not_rise_are_refused(load):
    with pytest.raises(DataError, match="X, row 2: there is no date"):
        load({"X": series([20.0, 20.0], days=[DAYS[0], pd.NaT])})
    with pytest.raises(DataError, match=r"X, row 2 .*dates must rise"):
        load({"X": series([20.0, 20.0], days=[DAYS[1], DAYS[0]])})
    with pytest.raises(DataError, match="X: no dates; its index is of int64"):
        load({"X": pd.Series([20.0, 20.0])})
