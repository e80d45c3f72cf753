"""What bars refuse, and the sentence they say it in."""

import numpy as np
import pytest

from feeds.bars import Bars
from letf_instruments import DataError
from tests.conftest import make_bars

GOOD = [(10.0, 11.0, 9.0, 10.5), (10.5, 12.0, 10.0, 11.0), (11.0, 11.5, 10.5, 11.2)]


def bars(rows=GOOD, days=("2020-01-06", "2020-01-07", "2020-01-08"), volume=None):
    o, h, low, c = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    volume = np.ones(len(rows)) if volume is None else np.array(volume, dtype=float)
    return Bars("X", "X.csv", np.array(days, dtype="M8[us]"), o, h, low, c, volume)


def changed(row, column, value):
    rows = [list(r) for r in GOOD]
    rows[row][column] = value
    return [tuple(r) for r in rows]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"days": ("2020-01-07", "2020-01-06", "2020-01-08")}, r"X\.csv, row 3 \(2020-01-06\): .*goes back"),
        ({"days": ("2020-01-08", "2020-01-07", "2020-01-06")}, "newest first"),
        ({"days": ("2020-01-06", "2020-01-07", "2020-01-07")}, r"row 4 \(2020-01-07\): .*comes again"),
        ({"days": ("2020-01-06", "NaT", "2020-01-08")}, "row 3: there is no date"),
        ({"rows": changed(1, 3, np.nan)}, r"row 3 \(2020-01-07\): close is missing or not a number"),
        ({"rows": changed(1, 0, np.inf)}, "open is missing or not a number"),
        ({"rows": changed(2, 2, 0.0)}, r"row 4 \(2020-01-08\): low is 0; it must be positive"),
        ({"rows": changed(2, 2, -1.0)}, "low is -1; it must be positive"),
        ({"rows": changed(1, 1, 10.4)}, r"row 3 \(2020-01-07\): high 10.4 is below open 10.5"),
        ({"rows": changed(1, 1, 10.8)}, "high 10.8 is below close 11"),
        ({"rows": changed(0, 2, 10.2)}, r"row 2 \(2020-01-06\): low 10.2 is above open 10"),
        ({"volume": (1, -1, 1)}, "volume is -1; it must not be negative"),
        ({"rows": GOOD[:1], "days": ("2020-01-06",)}, "too few bars"),
        ({"days": ("2020-01-06", "2020-01-07")}, "shape"),
    ],
)
def test_bars_that_cannot_be_right_are_refused(arguments, says):
    with pytest.raises(DataError, match=says):
        bars(**arguments)


def test_many_impossible_bars_mean_mislabelled_columns():
    swapped = [(o, low, h, c) for o, h, low, c in GOOD]
    with pytest.raises(DataError, match="so on 3 of 3 rows, which means that the headings"):
        bars(swapped)


def test_a_rounded_high_is_lifted_to_the_close_and_no_more():
    rounded = bars(changed(0, 1, 10.5 * (1 - 1e-7)))
    assert rounded.high[0] == 10.5
    with pytest.raises(DataError):
        bars(changed(0, 1, 10.5 * (1 - 1e-5)))


def test_arrays_are_float64_and_cannot_be_written():
    given = np.array([10.0, 10.5, 11.0])
    made = bars()
    for column in ("open", "high", "low", "close", "volume"):
        values = getattr(made, column)
        assert values.dtype == np.float64
        assert values.shape == (3,)
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 1.0
    given[0] = 99.0
    assert made.open[0] == 10.0


def test_between_keeps_both_ends_and_says_what_there_is():
    made = bars()
    assert len(made.between("2020-01-07")) == 2
    assert len(made.between(None, "2020-01-07")) == 2
    assert made.between("2020-01-07").first_row == 3
    with pytest.raises(DataError, match="covers 2020-01-06 to 2020-01-08"):
        made.between("2021-01-01")


def test_the_fingerprint_follows_the_data_and_nothing_else():
    one, other = make_bars(GOOD), make_bars(GOOD, name="OTHER")
    assert one.fingerprint() == other.fingerprint()
    assert one.fingerprint() != make_bars(changed(2, 3, 11.3)).fingerprint()
    assert len(one.fingerprint()) == 64


def test_daily_and_intraday_are_told_apart():
    assert bars().daily
    assert not bars(days=("2020-01-06T09:30", "2020-01-06T09:35", "2020-01-06T09:40")).daily
