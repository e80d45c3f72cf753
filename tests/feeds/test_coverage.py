"""Holes and stale ends, judged by the series' own step; dates are written out, as calendars have them."""

import numpy as np
import pandas as pd
import pytest

from feeds.coverage import covering
from feeds.options.volatility import VolatilityIndex
from feeds.rates import BorrowFee, ShortRate
from letf_instruments import DataError


def dates(freq, start="2018-01-01", end="2022-12-31"):
    return pd.date_range(start, end, freq=freq).to_numpy().astype("datetime64[D]")


def said_of(days, first=None, last=None):
    return covering("R", days, np.full(len(days), 0.0159), first or days[0], last or days[-1])


@pytest.mark.parametrize("freq", ["D", "B", "W-WED", "2W-FRI", "MS", "ME", "QS", "QE", "YS"])
def test_a_series_at_its_own_step_has_no_hole_and_no_stale_end_within_one(freq):
    days = dates(freq)
    step = np.diff(days).max()
    assert said_of(days, last=days[-1] + step) == []


def test_a_hole_is_named_with_its_dates_its_value_and_its_length():
    days = dates("B")
    kept = days[(days < np.datetime64("2020-03-03")) | (days > np.datetime64("2020-11-01"))]
    assert said_of(kept) == [
        "R has no value between 2020-03-02 and 2020-11-02; 1.59 % is carried over 245 days"
    ]


@pytest.mark.parametrize(
    ("freq", "hole"), [("W-WED", "14"), ("MS", "59"), ("QS", "181"), ("YS", "730")], ids=str
)
def test_one_value_left_out_is_a_hole_in_all_but_daily_series(freq, hole):
    days = dates(freq, "2011-01-01")
    february = int(np.argmax(days >= np.datetime64("2018-01-02")))  # 2018 has no 29 February
    said = said_of(np.delete(days, february))
    assert len(said) == 1
    assert f"carried over {hole} days" in said[0]


def test_ten_days_are_no_hole_in_a_daily_series_and_eleven_are():
    days = dates("D")
    assert said_of(np.delete(days, range(500, 509))) == []
    assert len(said_of(np.delete(days, range(500, 510)))) == 1


def test_a_series_that_was_monthly_and_became_daily_has_no_hole():
    days = np.concatenate([dates("MS", "1990-01-01", "1999-12-31"), dates("B", "2000-01-03", "2004-12-31")])
    assert said_of(days) == []
    assert "between 1995-06-01 and 1995-08-01" in said_of(days[days != np.datetime64("1995-07-01")])[0]


def test_only_holes_that_a_run_meets_are_said_and_many_are_counted():
    days = dates("B")
    year, month = days.astype("M8[Y]"), days.astype("M8[M]")
    summers = (month - year.astype("M8[M]")).astype(int) == 6  # each July
    kept = days[~summers]
    assert [s.split("between ")[1][:10] for s in said_of(kept)[:3]] == [
        "2018-06-29",
        "2019-06-28",
        "2020-06-30",
    ]
    assert said_of(kept)[3:] == ["R has 2 more such holes, the last from 2022-06-30 on"]
    assert said_of(kept, np.datetime64("2018-08-01"), np.datetime64("2019-06-28")) == []
    assert len(said_of(kept, np.datetime64("2019-07-10"), np.datetime64("2019-07-20"))) == 1


@pytest.mark.parametrize(
    "series",
    [
        lambda days, values: ShortRate("R", days, values),
        lambda days, values: BorrowFee(days, values, label="R"),
        lambda days, values: VolatilityIndex("R", days, values),
    ],
    ids=["rate", "fee", "volatility"],
)
def test_all_series_are_judged_alike(series):
    days = dates("B")
    kept = days[(days < np.datetime64("2020-03-03")) | (days > np.datetime64("2020-11-01"))]
    judged = series(kept, np.full(len(kept), 0.02))
    said = judged.covering(kept[0], np.datetime64("2023-12-29"))
    assert [sentence.split(" R ")[-1].removeprefix("R ") for sentence in said] == [
        "has no value between 2020-03-02 and 2020-11-02; 2 % is carried over 245 days",
        "ends on 2022-12-30; its last value, 2 %, is carried 364 days on",
    ]
    with pytest.raises(DataError, match="starts on 2018-01-01 but the index on 2017-12-29; start the run la"):
        judged.covering(np.datetime64("2017-12-29"), kept[-1])


def test_a_fee_from_a_rate_keeps_its_name_and_a_constant_covers_all():
    rate = ShortRate("GC", dates("B"), np.full(len(dates("B")), 0.01))
    with pytest.raises(DataError, match="borrow fee GC starts on"):
        BorrowFee.of(rate).covering(np.datetime64("2010-01-04"), np.datetime64("2020-01-03"))
    assert BorrowFee.of(0.03).covering(np.datetime64("1990-01-01"), np.datetime64("2030-01-01")) == []


@pytest.mark.market
def test_real_rates_and_the_vix_have_no_holes(market_folder):
    from feeds.options.volatility import load_volatility
    from feeds.sources import load_rate

    for series in (
        *(load_rate(name, market_folder) for name in ("DFF", "SHORT_RATE")),
        load_volatility("VIX", market_folder),
    ):
        assert series.covering(series.days[0], series.days[-1]) == []
