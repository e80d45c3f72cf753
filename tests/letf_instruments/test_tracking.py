import numpy as np
import pytest

from letf_instruments import DataError, LeveragedFund, synthesize
from letf_instruments.tracking import bar_gaps, dislocated, gaps_by_year, stop_disagreement, track

DAYS = np.busday_offset("2019-06-03", np.arange(400), roll="forward")
RNG = np.random.default_rng(1)
INDEX = 100 * np.exp(np.cumsum(0.015 * RNG.standard_normal(400)))
FUND = LeveragedFund("X", 3, 0.01, 0.01)
LEDGER = synthesize(FUND, DAYS, *(INDEX,) * 4, 0.03)


def test_the_same_fund_tracks_itself():
    t = track(DAYS, LEDGER.close, 7.0 * LEDGER.close)  # scale does not matter
    assert (t.correlation, t.beta, t.wealth_ratio) == pytest.approx((1.0, 1.0, 1.0))
    assert t.error_bp == pytest.approx(0.0, abs=1e-9)
    assert t.drift == pytest.approx(0.0, abs=1e-12)


def test_drift_is_the_growth_of_synthetic_over_traded():
    years = (DAYS - DAYS[0]).astype(int) / 365.25
    t = track(DAYS, LEDGER.close, LEDGER.close * 1.02**-years)
    assert t.drift == pytest.approx(0.02, rel=1e-9)
    assert t.wealth_ratio == pytest.approx(1.02 ** years[-1])


def test_a_close_that_strays_and_comes_back_is_dislocated_and_kept():
    traded = LEDGER.close * np.exp(0.001 * RNG.standard_normal(400))
    traded[200] *= 1.15
    away = dislocated(LEDGER.close, traded)
    assert np.flatnonzero(away).tolist() == [200]
    t = track(DAYS, LEDGER.close, traded)
    assert t.correlation < 0.98 < t.correlation_clean


def test_a_lasting_step_is_no_dislocation():
    traded = LEDGER.close * np.exp(0.001 * RNG.standard_normal(400))
    traded[200:] *= 0.90
    assert not dislocated(LEDGER.close, traded).any()


def test_the_years_split_adds_up_exactly():
    price = INDEX * np.exp(-0.015 * (DAYS - DAYS[0]).astype(int) / 365)  # an index without its dividends
    traded = LEDGER.close * np.exp(0.002 * RNG.standard_normal(400))
    for y in gaps_by_year(LEDGER, price, traded):
        parts = y.naive + y.dividends + y.financing + y.cash + y.fee + y.rest
        assert parts == pytest.approx(y.traded, abs=1e-12)
        assert y.dividends > 0 > y.fee
        assert y.gap == pytest.approx(np.expm1(-y.rest))


def test_bars_and_stops_are_compared_against_the_prior_close():
    close = np.array([100.0, 100.0, 100.0, 100.0])
    one = {"open": close, "high": close, "low": np.array([100.0, 94.0, 96.0, 94.0]), "close": close}
    two = {**one, "low": np.array([100.0, 94.5, 94.5, 97.0])}
    assert stop_disagreement(one, two) == (2, 3, 3)
    gaps = {g.column: g for g in bar_gaps(one, two)}
    assert gaps["open"].sd_bp == 0.0
    assert gaps["low"].mean_bp == pytest.approx(1e4 * (-0.005 + 0.015 - 0.03) / 3)


def test_nothing_to_compare_is_refused():
    with pytest.raises(DataError, match="too few to compare"):
        track(DAYS[:2], INDEX[:2], INDEX[:2])
    with pytest.raises(DataError, match="never move"):
        track(DAYS, np.ones(400), INDEX)
    with pytest.raises(DataError, match="worth nothing"):
        track(DAYS, np.zeros(400), INDEX)
