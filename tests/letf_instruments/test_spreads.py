"""What each row of a table of spreads was fitted to, and which sessions that makes in sample."""

import numpy as np
import pytest

from letf_instruments import DataError, Dated, known_fund
from letf_instruments.spreads import Spread, rates_of, read_spreads, sample_of, shipped_spreads
from letf_instruments.tables import rows


def day(text):
    return np.datetime64(text, "D")


def weekdays(first, last):
    days = np.arange(day(first), day(last) + 1)
    return days[np.is_busday(days)]


def fitted(rate, first, last):
    return Spread(rate, "by hand", day(first), day(last))


YEARS = Dated.of(
    [
        ("2011-01-01", fitted(0.01, "2010-12-31", "2011-12-30")),
        ("2011-12-31", fitted(0.02, "2011-12-30", "2012-12-31")),
    ]
)


def test_a_return_is_in_sample_up_to_the_last_close_of_the_fit_and_not_beyond():
    sample = sample_of(YEARS, weekdays("2010-12-31", "2013-01-02"))
    assert sample.in_sample is True
    np.testing.assert_array_equal(sample.inside[:-2], True)
    np.testing.assert_array_equal(sample.inside[-2:], False)  # 2013-01-01 and 2013-01-02
    assert sample.outside == (YEARS.values[1],)


def test_a_spread_that_is_carried_on_or_back_is_out_of_sample_there():
    after = sample_of(YEARS, weekdays("2013-01-01", "2013-06-28"))
    before = sample_of(YEARS, weekdays("2010-01-04", "2010-12-31"))
    assert (after.in_sample, after.used) == (False, (YEARS.values[1],))
    assert (before.in_sample, before.used) == (False, (YEARS.values[0],))


def test_a_spread_fitted_to_the_year_before_is_out_of_sample():
    walking = Dated.of([("2011-12-31", YEARS.values[0])])
    assert sample_of(walking, weekdays("2011-12-30", "2012-12-31")).in_sample is False


def test_what_is_not_said_is_not_known_and_what_was_fitted_to_nothing_is_out_of_sample():
    span = weekdays("2011-01-03", "2012-06-29")
    silent = Dated.of([("2011-01-01", Spread(0.01, known=False)), ("2011-12-31", YEARS.values[1])])
    sample = sample_of(silent, span)
    assert (sample.in_sample, int(sample.unknown.sum())) == (True, int((span[1:] < day("2011-12-31")).sum()))
    assert sample_of(silent, span[:100]).in_sample is None
    assumed = sample_of(Dated.constant(Spread(0.005, "assumed")), span)
    assert (assumed.in_sample, assumed.unknown.any()) == (False, False)


@pytest.mark.parametrize("ticker", ["SOXL", "SOXS", "TQQQ", "SQQQ"])
def test_the_shipped_spreads_come_from_the_years_before(ticker):
    """Each quarter of a year from fits up to the last close of the year before; the row before the first is a
    mean of later fits, and says so; the last row is carried on."""
    table = shipped_spreads(ticker)
    early, *rest = zip(table.dates, table.values, strict=True)
    assert (str(early[1].fitted_from), str(early[1].fitted_to)) == ("2010-12-31", "2019-12-31")
    assert [str(date) for date, _ in rest] == [
        f"{year}-{month:02d}-01" for year in range(2011, 2025) for month in (1, 4, 7, 10)
    ][:-2]
    for date, spread in rest:
        assert 0 < (date.astype("datetime64[Y]") - spread.fitted_to).astype(int) <= 4
    assert str(rest[-1][1].fitted_to) == "2023-12-29"
    assert sample_of(table, weekdays("2010-12-31", "2023-12-29")).in_sample is False
    assert rates_of(table) == known_fund(ticker).spreads


def test_funds_without_a_fit_say_so_and_get_the_mean_of_those_of_their_sign():
    for ticker, pair in (("UPRO", ("SOXL", "TQQQ")), ("SPXU", ("SOXS", "SQQQ"))):
        table, known = shipped_spreads(ticker), [shipped_spreads(other) for other in pair]
        assert {(s.fitted_to, s.known) for s in table.values} == {(None, True)}
        for date, spread in list(zip(table.dates, table.values, strict=True))[1:]:
            mean = sum(other.at(date).rate for other in known) / 2
            assert spread.rate == pytest.approx(mean, abs=1e-6)
    assert all(
        r["fitted_to"] or "not fitted" in r["source"] or r["ticker"] == "1X"
        for r in rows("financing_spreads")
    )


def write(path, *lines):
    path.write_text("\n".join(lines))
    return path


def test_a_table_of_one_s_own_is_read_with_its_dates(tmp_path):
    path = write(
        tmp_path / "s.csv",
        "ticker,from,rate,fitted_from,fitted_to",
        "MINE,2011-01-01,0.01,2010-12-31,2011-12-30",
        "MINE,2012-01-01,0.02,,2012-12-31",
        "MINE,2013-01-01,0.03,,",
        "OTHER,2013-01-01,0.04,,",
    )
    table = read_spreads(path, "MINE")
    spans = [(str(s.fitted_from), str(s.fitted_to), s.known) for s in table.values]
    assert spans == [
        ("2010-12-31", "2011-12-30", True),
        ("2011-12-31", "2012-12-31", True),
        ("None", "None", True),
    ]
    assert rates_of(table).values == (0.01, 0.02, 0.03)


def test_a_table_without_the_columns_is_read_and_not_known(tmp_path):
    path = write(tmp_path / "s.csv", "ticker,from,rate,source", "MINE,2011-01-01,0.01,fitted to 2011-12-30")
    (spread,) = read_spreads(path, "MINE").values
    assert (spread.rate, spread.known, spread.fitted_to) == (0.01, False, None)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("MINE,2011-01-01,0.01,2011-12-30,2010-12-31", "from 2011-12-30 to 2010-12-31"),
        ("MINE,2011-01-01,0.01,2010-12-31,", "but no fitted_to"),
        ("MINE,2011-01-01,0.01,2010-12-31,soon", "soon"),
        ("MINE,2011-01-01,much,,", "much"),
        ("OTHER,2011-01-01,0.01,,", "no row for MINE"),
    ],
)
def test_what_cannot_be_right_is_refused(tmp_path, row, says):
    path = write(tmp_path / "s.csv", "ticker,from,rate,fitted_from,fitted_to", row)
    with pytest.raises(DataError, match=says):
        read_spreads(path, "MINE")
