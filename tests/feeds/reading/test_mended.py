"""What is done to rows of bars before they are checked, and what is not."""

import pytest

from feeds.reading.files import read_bars
from letf_instruments import DataError

HEAD = "date,open,high,low,close,volume\n"
BARS = [
    "2020-03-16,10,11,9,10.5,100",
    "2020-03-17,10.5,12,10,11,200",
    "2020-03-18,11,11.5,10.5,11.25,300",
    "2020-03-19,11,12,11,12,400",
]
THREE = ["2020-03-16", "2020-03-17", "2020-03-18"]


def read(tmp_path, *lines, head=HEAD):
    path = tmp_path / "X.csv"
    path.write_text(head + "\n".join(lines) + "\n")
    return read_bars(path)


def days(bars):
    return bars.sessions.astype(str).tolist()


def clock(time, lines=BARS):
    return [line.replace(",", f" {time},", 1) for line in lines]


@pytest.mark.parametrize(
    ("last", "note"),
    [
        (BARS[2], "1 repetition of the row before left out, on 2020-03-18"),
        ("2020-03-19,,,,,", "1 row without any price left out, on 2020-03-19"),
        (",,,,,", "1 empty row left out"),
        ("2020-03-19,11,12,11,,5", "its last row, of 2020-03-19, is of an unfinished session and left out"),
        (
            "2020-03-19 15:13:02,11,12,11,12,5",
            "its last row, of 2020-03-19 15:13, is of an unfinished session and left out",
        ),
        (
            "2020-03-18 15:13:02,11,12,11,12,5",
            "its last row, of 2020-03-18 15:13, is of an unfinished session and left out",
        ),
    ],
)
def test_a_last_row_that_is_no_bar_is_left_out_and_it_is_said(last, note, tmp_path):
    bars = read(tmp_path, *BARS[:3], last)
    assert days(bars) == THREE
    assert bars.daily
    assert bars.notes == (f"X.csv: {note}",)


def test_bars_stamped_with_the_close_are_daily(tmp_path):
    bars = read(tmp_path, *clock("16:00:00"))
    assert bars.daily
    assert bars.notes == ("X.csv: one bar a session, so it is daily, and the time of day left out",)
    half = read(tmp_path, *clock("16:00", BARS[:2]), *clock("13:00", BARS[2:3]), *clock("16:00", BARS[3:]))
    assert half.fingerprint() == bars.fingerprint() == read(tmp_path, *BARS).fingerprint()


def test_a_last_row_before_the_others_clock_is_unfinished(tmp_path):
    bars = read(tmp_path, *clock("16:00", BARS[:3]), *clock("11:02", BARS[3:]))
    assert days(bars) == THREE
    assert bars.daily


def test_two_bars_a_session_are_intraday(tmp_path):
    bars = read(tmp_path, *clock("10:00", BARS[:1]), *clock("11:00", BARS[:1]), *clock("10:00", BARS[1:2]))
    assert not bars.daily
    assert bars.notes == ()


def test_a_repetition_with_another_price_is_refused(tmp_path):
    with pytest.raises(
        DataError, match=r"X\.csv, row 5 \(2020-03-18\): the date of the row before comes again"
    ):
        read(tmp_path, *BARS[:3], "2020-03-18,11,11.5,10.5,11.3,300", BARS[3])


def test_many_rows_without_a_price_are_refused(tmp_path):
    with pytest.raises(
        DataError, match=r"row 3 \(2020-03-17\): open is missing or not a number \(2 such rows\)"
    ):
        read(tmp_path, BARS[0], "2020-03-17,,,,,", "2020-03-18,,,,,", BARS[3])


def test_prices_that_end_before_the_file_are_refused_at_the_first(tmp_path):
    with pytest.raises(
        DataError, match=r"row 4 \(2020-03-18\): open is missing or not a number \(2 such rows\)"
    ):
        read(tmp_path, *BARS[:2], "2020-03-18,,11.5,10.5,11.25,300", "2020-03-19,,12,11,12,400")


@pytest.mark.parametrize(("step", "said"), [(7, "7 days"), (5, "5 days")])
def test_weekly_bars_are_refused(step, said, tmp_path):
    lines = [f"2020-03-{1 + step * i:02d},10,11,9,10,1" for i in range(5)]
    with pytest.raises(
        DataError, match=rf"X\.csv: its bars are {said} apart \(median\); a fund that resets daily"
    ):
        read(tmp_path, *lines)


def test_bars_with_a_hole_are_daily(tmp_path):
    assert len(read(tmp_path, *BARS, "2020-05-04,11,12,11,12,400")) == 5


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("", r"row 3 \(2020-03-17\): adjusted close is missing or not a number$"),
        ("0", r"row 3 \(2020-03-17\): adjusted close is 0; it must be positive"),
        ("-9", r"row 3 \(2020-03-17\): adjusted close is -9; it must be positive"),
    ],
)
def test_an_adjusted_close_that_is_none_is_named(value, says, tmp_path):
    lines = [f"{BARS[0]},9", f"{BARS[1]},{value}", f"{BARS[2]},9", f"{BARS[3]},9"]
    with pytest.raises(DataError, match=says):
        read(tmp_path, *lines, head="date,open,high,low,close,volume,adj close\n")


def test_an_empty_column_of_volume_is_none(tmp_path):
    bars = read(tmp_path, *(line.rpartition(",")[0] + ",-" for line in BARS))
    assert bars.volume.tolist() == [0, 0, 0, 0]
    assert bars.notes == ("X.csv: its column of volume is empty",)


def test_notes_go_with_the_bars(tmp_path):
    bars = read(tmp_path, *reversed(BARS))
    assert bars.notes == ("X.csv: newest first, turned round",)
    assert bars.between("2020-03-17").notes == bars.first(2).notes == bars.notes
