"""Traded value: close × volume where shares are traded, nothing where none are, and both are said."""

import numpy as np
import pytest

from feeds.traded_value import traded_value

DAYS = np.array(["2020-01-06", "2020-01-07", "2020-01-08"], "M8[D]")


def write(folder, name, rows):
    lines = [f"{stamp},{close},{close},{close},{close},{volume}" for stamp, close, volume in rows]
    (folder / f"{name}.csv").write_text("\n".join(["date,open,high,low,close,volume", *lines]))


@pytest.fixture
def folder(tmp_path):
    days = DAYS.astype(str)
    write(tmp_path, "SOXX", zip(days, (200, 202, 204), (1000, 0, 3000), strict=True))
    write(tmp_path, "SOX", zip(days, (1800, 1810, 1820), (9, 9, 9), strict=True))
    stamps = ["2020-01-06 09:30", "2020-01-06 09:35", "2020-01-07 09:30"]
    write(tmp_path, "MINE", zip(stamps, (10, 11, 12), (5, 0, 7), strict=True))
    return tmp_path


def test_an_etf_s_own_close_times_volume(folder):
    value, (said,) = traded_value("SOXX", DAYS, folder)
    np.testing.assert_array_equal(value, [200_000, np.nan, 612_000])
    assert "close × volume" in said


def test_a_price_index_is_not_compared(folder):
    value, (said,) = traded_value("SOX", DAYS, folder)
    assert np.isnan(value).all()
    assert "not money" in said


def test_a_splice_takes_each_era_from_its_own_source(folder):
    value, said = traded_value("SOX:2020-01-08:SOXX", DAYS, folder)
    np.testing.assert_array_equal(value, [np.nan, np.nan, 612_000])
    assert len(said) == 2


def test_an_unknown_source_is_compared_and_intraday_bars_are_added_up(folder):
    value, _ = traded_value("MINE", DAYS, folder)
    np.testing.assert_array_equal(value, [50, 84, np.nan])


@pytest.mark.market
def test_a_day_of_soxx(market_folder):
    value, _ = traded_value("SOXX", np.array(["2023-12-29"], "M8[D]"), market_folder)
    assert value[0] == pytest.approx(192.0333574 * 1452300)
