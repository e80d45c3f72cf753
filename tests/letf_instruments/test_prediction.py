"""A spread from the years before: by hand, blind to what comes after, and as it is shipped."""

import numpy as np
import pytest

from letf_instruments import DataError, Dated, known_fund
from letf_instruments.calibration import fit_by_period
from letf_instruments.prediction import (
    YearFit,
    fitted_tickers,
    predicted,
    quarter_moves,
    shipped_fits,
    slope,
    year_fits,
)
from letf_instruments.spreads import sample_of, shipped_spreads
from letf_instruments.tables import rows
from runs.studies.inputs import load_inputs, load_pair

INDEX = {"SOXL": "SOX:2021-08-25:SOXX", "SOXS": "SOX:2021-08-25:SOXX", "TQQQ": "QQQ", "SQQQ": "QQQ"}


def day(text):
    return np.datetime64(text, "D")


def year(n, spread, move=0.01, error=0.0):
    return YearFit(day(f"{n - 1}-12-31"), day(f"{n}-12-30"), spread, error, move)


def test_a_quarter_s_move_is_the_mean_size_of_the_returns_in_the_one_before():
    days = np.array(["2020-03-30", "2020-03-31", "2020-04-01", "2020-04-02", "2020-07-01"], "M8[D]")
    moves = quarter_moves(days, np.array([100.0, 101.0, 98.98, 98.98, 108.878]))
    assert [str(date) for date in moves.dates] == ["2020-04-01", "2020-07-01", "2020-10-01"]
    assert moves.values == pytest.approx((0.01, 0.01, 0.1))  # of April: 2 % and nothing
    with pytest.raises(DataError, match="needs the quarter before it"):
        quarter_moves(days[:2], np.array([100.0, 101.0]))


def test_k_is_the_weighted_slope_through_nothing():
    # weights 1/(.005² + e²): e = .005·√3 counts a quarter of e = 0
    fits = [year(2011, 0.004, 0.01), year(2012, 0.03, 0.02, 0.005 * 3**0.5)]
    assert slope(fits) == pytest.approx((0.004 * 0.01 + 0.25 * 0.03 * 0.02) / (0.01**2 + 0.25 * 0.02**2))


def test_a_fund_s_own_years_count_half_and_those_of_its_sign_half():
    moves = Dated.of([("2012-01-01", 0.01), ("2012-04-01", 0.02)])
    table = predicted([year(2011, 0.002)], [year(2011, 0.006)], moves, "by hand")
    # own k .2, of both .4: .3 times the move; after the last quarter the mean move
    assert [str(date) for date in table.dates] == ["2012-01-01", "2012-04-01", "2012-07-01"]
    assert [spread.rate for spread in table.values] == pytest.approx([0.003, 0.006, 0.0045])
    assert {(str(s.fitted_from), str(s.fitted_to), s.source) for s in table.values} == {
        ("2010-12-31", "2011-12-30", "by hand")
    }


def test_a_year_is_used_once_it_is_over_and_never_for_itself():
    moves = Dated.of([(f"{n}-{m:02d}-01", 0.01) for n in (2012, 2013) for m in (1, 4, 7, 10)])
    own, others = [year(2011, 0.002), year(2012, 0.01)], [year(2011, 0.006), year(2012, 0.05)]
    both, first = predicted(own, others, moves), predicted(own[:1], others[:1], moves)
    assert both.values[:4] == first.values[:4]
    assert both.values[4].rate > first.values[4].rate
    days = np.arange(day("2011-12-31"), day("2013-12-31"))
    assert sample_of(both, days).in_sample is False
    with pytest.raises(DataError, match="there is none"):
        predicted([year(2014, 0.002)], others, moves)


def test_the_shipped_table_is_what_its_fits_predict():
    for ticker in INDEX:
        own, multiple = shipped_fits(ticker), known_fund(ticker).multiple
        others = [fit for other in fitted_tickers(multiple) if other != ticker for fit in shipped_fits(other)]
        told = [row for row in rows("financing_spreads") if row["ticker"] == ticker and row["move"]]
        moves = Dated.of((row["from"], float(row["move"])) for row in told[:-1])
        table = predicted(own, others, moves)
        assert [str(date) for date in table.dates] == [row["from"] for row in told]
        # the last is on the mean of all quarters, of which the table shows those from 2011 on
        found = [spread.rate for spread in table.values]
        assert found[:-1] == [float(row["rate"]) for row in told[:-1]]
        last = found[-1] * float(told[-1]["move"]) / np.mean(moves.values)
        assert last == pytest.approx(float(told[-1]["rate"]), abs=2e-6)
        assert [str(s.fitted_to) for s in table.values] == [row["fitted_to"] for row in told]


def test_no_session_since_2011_is_priced_with_a_spread_that_saw_it():
    days = np.arange(day("2010-12-31"), day("2026-12-31"))
    for ticker in (*INDEX, "UPRO", "SPXU"):
        sample = sample_of(shipped_spreads(ticker), days)
        assert (sample.in_sample, sample.unknown.any()) == (False, False)


@pytest.mark.market
@pytest.mark.parametrize("ticker", INDEX)
def test_the_shipped_fits_are_those_of_the_traded_prices(market_folder, ticker):
    start = {"SOX": "2010-04-01", "QQQ": "2010-03-01"}[INDEX[ticker][:3]]
    pair = load_pair(ticker, INDEX[ticker], rates="DFF", folder=market_folder, start=start)
    index = load_inputs(ticker, INDEX[ticker], "DFF", market_folder, "2009-09-30").bars
    fits = fit_by_period(known_fund(ticker), pair.sessions, pair.index.close, pair.traded.close, pair.rates())
    found = year_fits(fits, pair.sessions, quarter_moves(index.sessions, index.close))
    shipped = shipped_fits(ticker)
    assert [(fit.start, fit.end) for fit in found] == [(fit.start, fit.end) for fit in shipped]
    for name in ("spread", "error", "move"):
        np.testing.assert_allclose(
            [getattr(fit, name) for fit in found], [getattr(fit, name) for fit in shipped], atol=1.1e-6
        )
