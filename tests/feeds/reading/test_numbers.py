"""Numbers as vendors write them: what a comma is follows from the whole table, or it is refused."""

import pandas as pd
import pytest

from feeds.reading.numbers import read_numbers
from feeds.reading.tables import Table
from letf_instruments import DataError


def table(**columns):
    n = len(next(iter(columns.values())))
    return Table("X.csv", pd.DataFrame(columns, dtype=str), pd.RangeIndex(2, 2 + n).to_numpy())


def read(**columns):
    made = table(**columns)
    found = read_numbers(made, {name: name for name in columns})
    return {name: values.tolist() for name, values in found.items()}, made.notes


@pytest.mark.parametrize(
    ("given", "values"),
    [
        (["1", "1.5", "1e3"], [1, 1.5, 1000]),
        (["$1.50", "-$2", "3 €"], [1.5, -2, 3]),
        (["1,234.5", "999.25", "1,000"], [1234.5, 999.25, 1000]),
        (["1,234,567", "1,234", "1"], [1234567, 1234, 1]),
        (["1.234,5", "999,25", "1.000"], [1234.5, 999.25, 1000]),
        (["1.234.567", "1.234", "0,5"], [1234567, 1234, 0.5]),
        (["1'234.5", "1\u00a0234.5", "−2"], [1234.5, 1234.5, -2]),
        (["1234,567", "2", "3"], [1234.567, 2, 3]),
    ],
)
def test_signs_of_thousands_decimals_and_money(given, values):
    assert read(close=given)[0] == {"close": values}


def test_plain_numbers_are_not_remarked_on():
    assert read(close=["1", "1.5", None])[1] == []


def test_a_decimal_comma_in_one_column_makes_points_of_another_thousands():
    found, notes = read(close=["181,99", "180,5"], volume=["1.452.300", "145.300"])
    assert found == {"close": [181.99, 180.5], "volume": [1452300, 145300]}
    assert notes == ["X.csv: its numbers are read with commas for decimal points"]


def test_units_are_of_volume_only():
    # Read as 1.45e6, not 1.45 × 1000000: no digit is lost.
    assert read(volume=["1.45M", "2.3K", "1B", "1.18M"])[0]["volume"] == [1450000, 2300, 1e9, 1180000]
    assert read(volume=["1,45M", "2,3K"], close=["1,5", "2"])[0] == {
        "volume": [1450000, 2300],
        "close": [1.5, 2],
    }
    with pytest.raises(DataError, match=r"X\.csv, row 2: close '1\.45M' is not a number"):
        read(close=["1.45M", "2"])


def test_a_percent_sign_is_of_rates_only():
    assert read(rate=["1.95%", "2 %"])[0]["rate"] == [1.95, 2]
    with pytest.raises(DataError, match="close '2%' is not a number"):
        read(close=["2%", "1"])


def test_a_comma_in_a_volume_alone_is_of_thousands():
    assert read(close=["10", "11"], volume=["1,234", "999"])[0]["volume"] == [1234, 999]


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        (
            {"close": ["999", "1,234"]},
            r"X\.csv, row 3: close '1,234' is 1234 with thousands apart and 1\.234 with a decimal comma, and",
        ),
        (
            {"close": ["1.5", "2.5"], "volume": ["1,5", "2"]},
            r"row 2: close '1\.5' has a decimal point, but volume '1,5' of row 2 a decimal comma",
        ),
        ({"close": ["1.5", "abc"]}, "row 3: close 'abc' is not a number"),
        ({"close": ["1.5", "1,23.4"]}, "row 3: close '1,23.4' is not a number"),
    ],
)
def test_what_is_no_number_or_two_is_refused(columns, says):
    with pytest.raises(DataError, match=says):
        read(**columns)


@pytest.mark.parametrize("sign", ["-", "--", "–", ".", ""])
def test_signs_for_nothing_are_no_number(sign):
    found, _ = read(rate=["1.5", sign])
    assert found["rate"][0] == 1.5
    assert found["rate"][1] != found["rate"][1]
