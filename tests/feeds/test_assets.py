"""Assets beside the funds: on the index's sessions, total return, and what a file may and may not lack."""

import numpy as np
import pytest

from feeds.assets import load_asset
from feeds.sources import load_bars
from letf_instruments import DataError
from tests.conftest import flat_bars

INDEX = flat_bars([100.0, 101.0, 102.0, 103.0], start="2020-01-06")  # Monday to Thursday
HEAD = "date,open,high,low,close,volume\n"


def put(folder, text, name="X.csv"):
    (folder / name).write_text(HEAD + text)
    return folder


def days(closes, start="2020-01-06"):
    """Rows of a file that has the same price all day."""
    dates = np.busday_offset(start, np.arange(len(closes)), roll="forward")
    return "".join(f"{d},{c},{c},{c},{c},10\n" for d, c in zip(dates, closes, strict=True))


def test_an_asset_stands_on_the_sessions_of_the_index(tmp_path):
    put(tmp_path, days([7, 8, 9, 10, 11, 12, 13], "2020-01-02"))  # from Thursday before to Friday after
    asset, said = load_asset("X", INDEX, tmp_path)
    np.testing.assert_array_equal(asset.timestamps, INDEX.timestamps)
    assert asset.close.tolist() == [9, 10, 11, 12]
    assert said == []


def test_a_file_in_the_folder_of_stocks_is_found(tmp_path):
    (tmp_path / "stocks").mkdir()
    put(tmp_path / "stocks", days([1, 2, 3, 4]))
    assert load_asset("X", INDEX, tmp_path)[0].close.tolist() == [1, 2, 3, 4]


def test_dividends_are_paid_beside_quotes(tmp_path):
    # A dividend of 10 % of the price before the third session: the adjusted close says 0.9 before it.
    rows = ["2020-01-06,10,10,10,10,1,9", "2020-01-07,10,10,10,10,1,9"]
    rows += ["2020-01-08,9,9,9,9,1,9", "2020-01-09,9,9,9,9,1,9"]
    (tmp_path / "X.csv").write_text("date,open,high,low,close,volume,adj close\n" + "\n".join(rows))
    asset = load_asset("X", INDEX, tmp_path)[0]
    assert asset.close.tolist() == [10, 10, 9, 9]
    np.testing.assert_allclose(asset.dividends, [0, 0, 1, 0], atol=1e-12)
    np.testing.assert_allclose(asset.held(), 10.0)


def test_rows_with_a_close_alone_take_it_for_the_whole_bar_and_it_is_said(tmp_path):
    put(tmp_path, days([1, 2]) + "2020-01-08,,,,3,\n2020-01-09,,,,4,\n")
    asset, said = load_asset("X", INDEX, tmp_path)
    for column in (asset.open, asset.high, asset.low, asset.close):
        assert column.tolist() == [1, 2, 3, 4]
    assert asset.volume.tolist() == [10, 10, 0, 0]
    assert said == ["X.csv: 2 rows have no open, high or low; their close stands for them"]


def test_half_a_bar_is_refused(tmp_path):
    put(tmp_path, days([1, 2]) + "2020-01-08,,3,3,3,1\n2020-01-09,4,4,4,4,1\n")
    with pytest.raises(DataError, match=r"X\.csv, row 4 \(2020-01-08\): open is"):
        load_asset("X", INDEX, tmp_path)


def test_rows_outside_the_sessions_of_the_index_are_not_looked_at(tmp_path):
    put(tmp_path, "1980-01-02,0,2,1,1,1\n" + days([1, 2, 3, 4]) + "2020-01-10,,,,5,\n")
    asset, said = load_asset("X", INDEX, tmp_path)
    assert asset.close.tolist() == [1, 2, 3, 4]
    assert said == []


def long_index(sessions=200):
    return flat_bars([100.0 + i for i in range(sessions)], start="2020-01-06")


def test_a_missing_session_repeats_the_prior_close_without_volume_and_it_is_said(tmp_path):
    index = long_index()
    lines = days([float(i + 1) for i in range(200)]).splitlines(keepends=True)
    assert lines[100].startswith("2020-05-25")
    put(tmp_path, "".join(lines[:100] + lines[101:]))
    asset, said = load_asset("X", index, tmp_path)
    assert asset.close[99:102].tolist() == [100, 100, 102]
    assert (asset.open[100], asset.high[100], asset.low[100], asset.volume[100]) == (100, 100, 100, 0)
    assert said == ["X.csv: 1 sessions are missing and repeat the prior close, first 2020-05-25"]


def test_a_first_session_that_is_missing_repeats_the_close_before_it(tmp_path):
    index = long_index()
    lines = days([float(i) for i in range(1, 203)], "2020-01-02").splitlines(keepends=True)
    assert lines[2].startswith("2020-01-06")
    put(tmp_path, "".join(lines[:2] + lines[3:]))
    asset, said = load_asset("X", index, tmp_path)
    assert asset.close[:3].tolist() == [2, 4, 5]
    assert said == ["X.csv: 1 sessions are missing and repeat the prior close, first 2020-01-06"]


def test_more_than_one_session_in_a_hundred_missing_is_refused(tmp_path):
    index = long_index()
    lines = days([float(i + 1) for i in range(200)]).splitlines(keepends=True)
    put(tmp_path, "".join(lines[:100] + lines[103:]))
    with pytest.raises(
        DataError, match="3 of the index's 200 sessions are missing from it, the first on 2020-05-25"
    ):
        load_asset("X", index, tmp_path)


@pytest.mark.parametrize(
    ("closes", "start", "says"),
    [
        ([1, 2, 3], "2020-01-07", "it covers 2020-01-07 to 2020-01-09, the index 2020-01-06 to 2020-01-09; "
         "run from 2020-01-07 to 2020-01-09"),
        ([1, 2, 3], "2020-01-06", "run from 2020-01-06 to 2020-01-08"),
        ([1, 2], "2019-01-07", "it covers 2019-01-07 to 2019-01-08"),
    ],
    ids=["late", "early", "elsewhere"],
)  # fmt: skip
def test_a_file_too_short_for_the_index_is_refused_and_the_span_named(tmp_path, closes, start, says):
    put(tmp_path, days(closes, start))
    with pytest.raises(DataError, match=says):
        load_asset("X", INDEX, tmp_path)


def test_intraday_bars_are_refused_of_asset_and_of_index(tmp_path):
    put(tmp_path, "".join(f"2020-01-06 {9 + i}:30:00,1,1,1,1,1\n" for i in range(1, 6)))
    with pytest.raises(DataError, match=r"X\.csv: assets need daily bars"):
        load_asset("X", INDEX, tmp_path)
    intraday = load_bars("X", tmp_path)
    put(tmp_path, days([1, 2, 3, 4]), "Y.csv")
    with pytest.raises(DataError, match=r"X\.csv: assets need daily bars"):
        load_asset("Y", intraday, tmp_path)


def test_a_name_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(DataError, match="NVDA"):
        load_asset("NVDA", INDEX, tmp_path)


@pytest.mark.market
def test_real_stocks_that_have_only_closes_at_the_end_stand_beside_the_etf(market_folder):
    index = load_bars("SOXX", market_folder).between("2011-01-01")
    for name in ("AMD", "NVDA", "INTC"):
        asset, said = load_asset(name, index, market_folder)
        assert len(asset) == len(index)
        assert (asset.close > 0).all()
        assert any(f"{name}.csv: 76" in sentence and "have no open" in sentence for sentence in said)
