"""Dates as vendors write them: the order of day and month follows from the whole column, or is refused."""

import pandas as pd
import pytest

from feeds.reading.stamps import read_stamps
from feeds.reading.tables import Table
from letf_instruments import DataError


def read(dates, of_bars=True, **more):
    frame = pd.DataFrame({"date": dates, **more}, dtype=str)
    made = Table("X.csv", frame, pd.RangeIndex(2, 2 + len(frame)).to_numpy())
    stamps = read_stamps(made, {"date": "date", **({"time": "time"} if "time" in more else {})}, of_bars)
    return stamps.astype("datetime64[m]").astype(str).tolist(), made.notes


def days(found):
    return [stamp.removesuffix("T00:00") for stamp in found[0]]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["2020-03-16", "20200317", "2020/03/18"], ["2020-03-16", "2020-03-17", "2020-03-18"]),
        (["16/03/2020", "17/03/2020"], ["2020-03-16", "2020-03-17"]),
        (["03-16-20", "03-17-20"], ["2020-03-16", "2020-03-17"]),
        (["12/31/1969", "1/2/1970"], ["1969-12-31", "1970-01-02"]),
        (["16 Mar 2020", "17 Mar 2020"], ["2020-03-16", "2020-03-17"]),
        (["Mon, March 16, 2020", "Tue, March 17, 2020"], ["2020-03-16", "2020-03-17"]),
        (["16-Mar-20", "17-Mar-20"], ["2020-03-16", "2020-03-17"]),
        (["1.4.2020", "2.4.2020"], ["2020-04-01", "2020-04-02"]),
        (["1584316800", "1584403200"], ["2020-03-16", "2020-03-17"]),  # midnight in UTC: daily bars
        (["43906", "43907"], ["2020-03-16", "2020-03-17"]),
        (["3/16/2020 9:30 AM", "3/16/2020 4:00 PM"], ["2020-03-16T09:30", "2020-03-16T16:00"]),
        (["1584365400000", "1584365700000"], ["2020-03-16T09:30", "2020-03-16T09:35"]),  # 13:30 UTC
        (["2020-03-16 13:30 UTC", "2020-03-16 13:35 UTC"], ["2020-03-16T09:30", "2020-03-16T09:35"]),
        (["20200316 09:30:00 EST", "20200316 09:35:00 EST"], ["2020-03-16T09:30", "2020-03-16T09:35"]),
    ],
)
def test_dates_are_read(given, expected):
    assert days(read(given)) == expected


def test_a_time_in_a_column_of_its_own():
    assert read(["16.03.2020", "17.03.2020"], time=["09:30", "10:00"])[0] == [
        "2020-03-16T09:30",
        "2020-03-17T10:00",
    ]


def test_a_column_that_goes_one_way_in_one_order_only_has_that_order():
    # Days first, it would go from 1 May to 2 June and back to 3 April.
    found = read(["01/05/2020", "02/06/2020", "03/04/2020"], of_bars=False)
    assert days(found) == ["2020-01-05", "2020-02-06", "2020-03-04"]


def test_bars_are_on_weekdays():
    # Wednesday 1 and Thursday 2 April; days first, Saturday 4 January and Tuesday 4 February.
    assert days(read(["04/01/2020", "04/02/2020"])) == ["2020-04-01", "2020-04-02"]
    with pytest.raises(DataError, match="the whole column fits both"):
        read(["04/01/2020", "04/02/2020"], of_bars=False)


@pytest.mark.parametrize("of_bars", [True, False])
def test_a_column_that_fits_both_orders_is_refused_with_both(of_bars):
    with pytest.raises(DataError) as refused:
        read(["01/01/2020", "01/06/2020", "01/07/2020"], of_bars)
    assert str(refused.value) == (
        "X.csv, row 3: '01/06/2020' is 2020-01-06 as month/day/year and 2020-06-01 as day/month/year, "
        "and the whole column fits both; write dates as 2020-03-16"
    )


def test_what_is_no_date_is_refused_with_its_row():
    for given in (
        ["2020-03-16", "16 Foo"],
        ["16/03/2020", "31/04/2020"],
        ["16 Mar 2020", "x"],
        ["43906", "x"],
    ):
        with pytest.raises(DataError, match=r"X\.csv, row [23]: '.*' is not a date; write it as 2020-03-16"):
            read(given)


def test_the_order_of_days_first_is_said():
    assert read(["16/03/2020", "17/03/2020"])[1] == [
        "X.csv: its dates are day/month/year, the only order that the whole column fits"
    ]
    assert read(["03/16/2020", "03/17/2020"])[1] == []
