"""A fund whose financing spread differs from year to year: in sample nothing is left of it, out of sample all
is, and by hand it is the same."""

import itertools
import json

import numpy as np
import pandas as pd
import pytest

import letf
from tests.runs.command import letf as command
from tests.settlement import nights

SPREADS = {2011: 0.010, 2012: 0.030, 2013: -0.010, 2014: 0.020}  # the truth, fractions a year
RATE, FEE, B = 0.02, 0.01, 3.0
DAYS = pd.bdate_range("2010-12-31", "2014-12-31")
FUND = 'ticker = "MINE"\nmultiple = 3\nexpense_ratio = 0.01\n'


def grown(index, spreads):
    """Levels of a 3x fund by hand: two borrowed at rate and spread over 360 days, from one settlement to the
    next, the fee over 365."""
    sessions = DAYS.to_numpy().astype("datetime64[D]")
    days = np.diff(sessions).astype(int)
    swapped = np.array([nights(a, b) for a, b in itertools.pairwise(sessions)])
    spread = np.array([spreads[day.year] for day in DAYS[1:]])
    financing = (B - 1) * (RATE + spread) * swapped / 360
    daily = 1 + B * (index[1:] / index[:-1] - 1) - financing - FEE * days / 365
    return 100 * np.concatenate(([1.0], np.cumprod(daily)))


RNG = np.random.default_rng(5)
INDEX = 100 * np.exp(np.concatenate(([0.0], np.cumsum(0.012 * RNG.standard_normal(len(DAYS) - 1)))))
TRADED = grown(INDEX, SPREADS)
BEFORE = {year: SPREADS.get(year - 1, 0.0) for year in SPREADS}  # what was known in time
AT = int(np.searchsorted(DAYS, pd.Timestamp("2011-12-30")))  # the first fitted year is over
RATIO = (grown(INDEX, BEFORE) / TRADED)[-1] / (grown(INDEX, BEFORE) / TRADED)[AT]
DRIFT = RATIO ** (365.25 / (DAYS[-1] - DAYS[AT]).days) - 1


def bars(close):
    return pd.DataFrame(
        {"open": close, "high": close, "low": close, "close": close}, index=DAYS.rename("date")
    )


@pytest.fixture
def pair(tmp_path):
    (tmp_path / "mine.toml").write_text(FUND)
    bars(INDEX).to_csv(tmp_path / "X.csv")
    bars(TRADED).to_csv(tmp_path / "MINE.csv")
    return tmp_path


def asked(ask, folder, fund="mine.toml", **more):
    return ask(folder / fund, index="X", rate=RATE, data_dir=folder, **more)


def test_the_truth_by_hand_is_far_from_nothing():
    assert abs(DRIFT) > 0.005


def test_a_calibration_is_in_sample_and_its_evidence_stands_beside_it(pair):
    found = asked(letf.calibrate, pair)
    m = found.metrics
    assert (m["in_sample"], m["in_sample_share"], m["in_sample_sessions"]) == (True, 1.0, len(DAYS) - 1)
    assert abs(m["drift"]) < 1e-9
    assert m["out_of_sample_drift"] == pytest.approx(DRIFT, abs=1e-9)
    assert m["out_of_sample_wealth_ratio"] == pytest.approx(RATIO, abs=1e-9)
    assert (m["out_of_sample_start"], m["out_of_sample_end"]) == ("2011-12-30", "2014-12-31")
    assert m["out_of_sample_sessions"] == len(DAYS) - 1 - AT
    assert abs(m["same_sessions_drift"]) < 1e-9
    gaps = grown(INDEX, BEFORE) / TRADED
    ends = [
        int(np.searchsorted(DAYS, pd.Timestamp(f"{year}-12-31"), side="right")) - 1
        for year in range(2011, 2015)
    ]
    for year, first, last in zip((2012, 2013, 2014), ends, ends[1:], strict=False):
        assert m[f"year_{year}_gap_out_of_sample"] == pytest.approx(gaps[last] / gaps[first] - 1, abs=1e-9)
    assert "year_2011_gap_out_of_sample" not in m
    assert ": in sample, " in found.headline
    drift = f"{100 * DRIFT:+.2f} %".replace("-", "−")
    assert f"the drift is {drift} a year from 2011-12-30 on." in found.headline


def yearly_rms(spreads, years=(2012, 2013, 2014)):
    """Root mean square over years of synthetic over traded − 1, each from the close before the year."""
    ratio, of = grown(INDEX, spreads) / TRADED, DAYS.year
    ends = {year: int(np.flatnonzero(of == year)[-1]) for year in range(2010, 2015)}
    return np.sqrt(np.mean([(ratio[ends[y]] / ratio[ends[y - 1]] - 1) ** 2 for y in years]))


def test_what_other_ways_are_off_by_in_a_year_stands_beside_it(pair):
    found = asked(letf.calibrate, pair)
    m = found.metrics
    assert (m["rms_first_year"], m["rms_last_year"]) == (2012, 2014)
    assert m["rms_none"] == pytest.approx(yearly_rms(dict.fromkeys(SPREADS, 0.0)), abs=1e-9)
    assert m["rms_constant"] == pytest.approx(yearly_rms(dict.fromkeys(SPREADS, 0.005)), abs=1e-9)
    assert m["rms_year_before"] == pytest.approx(yearly_rms(BEFORE), abs=1e-9)
    assert m["rms_as_priced"] == pytest.approx(0.0, abs=1e-9)
    assert 0 < m["rms_years_before"] < m["rms_year_before"]  # the truth goes up and down by turns
    assert "What predicts a year" in [table.title for section in found.sections for table in section.tables]


def test_walking_forward_is_out_of_sample_itself(pair):
    found = asked(letf.calibrate, pair, walk_forward=True)
    m = found.metrics
    assert (m["in_sample"], m["in_sample_sessions"]) == (False, 0)
    assert (
        m["drift"] == m["out_of_sample_drift"] == m["same_sessions_drift"] == pytest.approx(DRIFT, abs=1e-9)
    )
    assert ": out of sample, " in found.headline
    assert "in sample," not in found.headline.replace("out of sample,", "")


def test_spreads_fitted_to_these_prices_are_in_sample_wherever_they_come_from(pair):
    asked(letf.calibrate, pair, walk_forward=True).save(pair / "fits")
    table = pair / "fits" / "spreads.csv"
    done = command(
        *("track", pair / "mine.toml", "--index", "X", "--rates", RATE, "--data-dir", pair),
        *("--spreads", table, "--out", pair / "out"),
    )
    assert done.returncode == 0, done.stderr
    m = json.loads((pair / "out" / "tracking.json").read_text())
    assert (m["in_sample"], m["in_sample_share"]) == (True, 1.0)
    assert abs(m["drift"]) < 1e-5
    assert m["out_of_sample_drift"] == pytest.approx(DRIFT, abs=1e-9)
    assert "in sample" in done.stdout.splitlines()[0]
    assert "The whole span, in sample" in done.stdout
    assert f"in {len(DAYS) - 1:,} of {len(DAYS) - 1:,} sessions" in done.stdout
    assert m == asked(letf.track, pair, spreads=table).metrics
    page = (pair / "out" / "report.html").read_text(encoding="utf-8")
    assert "In sample and out of sample" in page


def test_a_part_of_the_sessions_may_be_in_sample(pair):
    (pair / "s.csv").write_text(
        "ticker,from,rate,fitted_from,fitted_to\n"
        "MINE,2011-01-01,0.01,2010-12-31,2011-12-30\nMINE,2011-12-31,0.02,2008-12-31,2009-12-31\n"
    )
    found = asked(letf.track, pair, spreads=pair / "s.csv")
    assert (found.metrics["in_sample"], found.metrics["in_sample_sessions"]) == (True, AT)
    assert f"in sample in {AT / (len(DAYS) - 1):.1%}".replace("%", " %") in found.headline
    assert " (as first priced, " in found.headline  # over the later sessions alone it is another figure
    assert any("fitted to prices of other periods" in note for note in found.notes)


def test_spreads_fitted_to_other_years_are_out_of_sample(pair):
    (pair / "s.csv").write_text(
        "ticker,from,rate,fitted_from,fitted_to\nMINE,2000-01-01,0.02,2004-12-31,2009-12-31\n"
    )
    found = asked(letf.track, pair, spreads=pair / "s.csv")
    m = found.metrics
    assert (m["in_sample"], m["in_sample_sessions"]) == (False, 0)
    assert m["out_of_sample_drift"] == m["drift"]
    constant = grown(INDEX, dict.fromkeys(SPREADS, 0.02)) / TRADED
    assert m["wealth_ratio"] == pytest.approx(constant[-1], abs=1e-9)


def test_a_table_that_does_not_say_what_it_was_fitted_to_is_not_known(pair):
    (pair / "s.csv").write_text("ticker,from,rate\nMINE,2011-01-01,0.02\n")
    found = asked(letf.track, pair, spreads=pair / "s.csv")
    m = found.metrics
    assert m["in_sample"] is None
    assert m["in_sample_unknown_sessions"] == len(DAYS) - 1
    assert m["out_of_sample_drift"] == pytest.approx(DRIFT, abs=1e-9)
    assert "not known whether in sample" in found.headline
    assert any("whether the drift there is in sample is not known" in note for note in found.notes)


def test_a_fund_of_one_s_own_says_what_its_spread_rests_on(pair):
    (pair / "given.toml").write_text(FUND + "spread = 0.01\n")
    given = asked(letf.track, pair, "given.toml")
    assert given.metrics["in_sample"] is None
    assert any("as given.toml has it" in note for note in given.notes)
    nothing = asked(letf.track, pair)
    assert nothing.metrics["in_sample"] is False
    assert any("was not fitted" in note and "as mine.toml has it" in note for note in nothing.notes)
    plain = letf.track("1X", index="X", actual="X", rate=RATE, data_dir=pair)
    assert plain.metrics["in_sample"] is False
    assert any("pays no financing spread" in note for note in plain.notes)


def test_prices_of_one_period_cannot_walk_forward_and_it_is_said(pair):
    asked(letf.calibrate, pair).save(pair / "fits")
    span = {"spreads": pair / "fits" / "spreads.csv", "start": "2013-01-02"}
    for end, why in (
        ("2013-12-31", "are one period; it takes two"),
        ("2013-01-15", "too few to fit a spread"),
    ):
        found = asked(letf.track, pair, end=end, **span)
        assert found.metrics["in_sample"] is True
        assert "out_of_sample_drift" not in found.metrics
        assert why in found.metrics["out_of_sample_missing"]
        assert f"there is no figure out of sample: {found.metrics['out_of_sample_missing']}" in found.headline
    alone = asked(letf.calibrate, pair, start="2013-01-02", end="2013-12-31")
    assert "are one period; it takes two" in alone.headline


def test_the_picture_says_it(pair):
    from runs.studies.tracking.charts import tracking_chart

    figure = tracking_chart(asked(letf.calibrate, pair).report)
    words = [text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))]
    assert any("in sample: MINE on X" in text for text in words)
    assert any("in sample: drift 0.00 % a year" in text for text in words)
    assert any(
        f"out of sample: drift {100 * DRIFT:+.2f} % a year".replace("-", "−") in text for text in words
    )


@pytest.mark.market
def test_the_shipped_spreads_are_out_of_sample_on_the_real_prices(market_folder):
    asks = {"index": "SOX:2021-08-25:SOXX", "rates": "DFF", "data_dir": market_folder}
    found = letf.track("SOXL", start="2010-12-31", **asks)
    m = found.metrics
    assert (m["in_sample"], m["in_sample_sessions"]) == (False, 0)
    assert m["out_of_sample_drift"] == m["drift"] == pytest.approx(0.0032, abs=0.0002)
    assert ": out of sample, " in found.headline
    assert any("fitted to prices of other periods" in note for note in found.notes)
    fitted = letf.calibrate("SOXL", start="2010-12-31", **asks).metrics
    assert (fitted["in_sample"], fitted["in_sample_share"]) == (True, 1.0)
    assert abs(fitted["drift"]) < 1e-9
