"""`letf decay`: its files, the same bytes twice, its claims with their figures, and what it refuses."""

import datetime
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from feeds.rates import ShortRate
from letf_instruments import Dated, LeveragedFund, known_fund
from letf_instruments.prediction import shipped_fits
from runs.commands.decay import decay
from runs.studies.decay.claims import claims
from runs.studies.decay.study import study
from runs.studies.decay.words import figures, headline, key_figures
from runs.studies.inputs import Inputs, load_inputs
from tests.conftest import flat_bars
from tests.runs.command import letf

DECAY_FILES = (
    "decay.json",
    "attribution.png",
    "holding_periods.png",
    "prospectus.png",
    "break_even.png",
    "regimes.png",
    "report.html",
)
FILES = {"manifest.json", *DECAY_FILES}


def on(closes, fund="SOXL", rate=0.0, **bars):
    """A study of a known fund on hand-made closes."""
    made = replace(flat_bars(closes), **bars)
    return study(Inputs(known_fund(fund), made, ShortRate.constant(rate), []))


def test_the_command_on_nasdaq_twice(tmp_path, capsys):
    arguments = ("--index", "nasdaq", "--start", "2013-01-01")
    done = letf("decay", "SOXL", *arguments, cwd=tmp_path, pictures=True)
    assert done.returncode == 0, done.stderr
    first = tmp_path / "runs" / "output" / "decay_SOXL"
    assert {p.name for p in first.iterdir()} == FILES
    assert done.stdout.startswith("SOXL (+3× a day) on nasdaq, 2013-01-02 to 2018-12-31: ")
    assert "note: no short rate named: Fed funds by month is used" in done.stdout
    assert "Avellaneda & Zhang 2010" in done.stdout

    found = json.loads((first / "decay.json").read_text())
    assert found["year_2018_actual"] < found["year_2018_promised"] < 0
    parts = sum(found[f"total_{part}"] for part in ("index", "compounding", "carry", "fee", "rest"))
    assert parts == pytest.approx(found["total_log_return"])
    assert np.expm1(found["total_log_return"]) == pytest.approx(found["total_actual"])
    assert found["holding_252_starts"] == found["holding_1_starts"] - 251
    assert not any(isinstance(value, (dict, list)) for value in found.values())

    decay("SOXL", "nasdaq", None, datetime.datetime(2013, 1, 1), out=tmp_path / "b")
    capsys.readouterr()
    one, other = (json.loads((d / "manifest.json").read_text()) for d in (first, tmp_path / "b"))
    for name in DECAY_FILES:
        assert (first / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    assert one.pop("times").keys() == other.pop("times").keys()
    assert one == other
    assert one["spec"]["start"] == "2013-01-01"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("SOXZ", "--index", "nasdaq"), "SOXZ"),
        (("SOXS", "--index", "two.csv", "--start", "2030-01-01"), "there are 0 bars"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(tmp_path, arguments, says):
    rows = "date,open,high,low,close\n2020-01-06,10,11,9,10.5\n2020-01-07,10.5,12,10,11\n"
    (tmp_path / "two.csv").write_text(rows)
    done = letf("decay", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["two.csv"]


def test_claims_carry_the_figures_of_arithmetic_and_of_the_history():
    """400 days of +5 % and back in turn: the index is flat after every two, the fund is not."""
    result = on(100 * np.cumprod([1.0, *([1.05, 1 / 1.05] * 200)]), "SOXS")
    said = [verdict for _, verdict in claims(result)]
    assert len(said) == 5
    # 1.005^42 = 1.2330, .985^42 = .5300; .995^42 = .8101, 1.015^42 = 1.8688
    assert said[0].startswith("Holds: 42 days of +0.5 % take the index to +23.3 % and a −3× fund to −47.0 %")
    assert "−47.0 %, where −3 × the index is −69.9 %" in said[0]
    assert "+86.9 %, where −3 × the index is +57.0 %" in said[0]
    assert "make −90 %" in claims(result)[1].claim
    assert "a +3× fund has −6.67 %; a −3× fund has −13.33 %" in said[2]
    # Starts 0 to 148 reach 252 sessions on: two of them would need 253 closes between them.
    assert "252 sessions 100.0 % of 149 (all of them overlap)" in said[3]
    # Those of an odd number of sessions end 5 % off; of 126 three lie apart, of 252 one.
    assert said[3].startswith("Cannot be judged: at no length do 5 flat holding periods lie apart.")
    # (1 − 3·5 %)·(1 + 3·4.76 %) = 0.97143 a pair; 63 pairs: −83.9 %, less 3 % of that in costs.
    assert said[4].startswith(
        "Not in this history: 0 of 275 windows of 126 sessions (0.00 %; 3 without overlap)"
    )
    assert result.held(126)[1].median_when_flat == pytest.approx((0.85 * 8 / 7) ** 63 - 1, abs=0.006)


def flat_until(n, period):
    """Closes that come back to 100 after every `period` sessions, one day up and down inside each."""
    return np.where(np.arange(n) % period == 1, 110.0, 100.0)


def test_a_verdict_names_the_lengths_that_it_rests_on():
    """A day of +10 % and back in every 21: a 3x fund makes 1.3 × (1 − 3/11) = .945 of it, every time."""

    def said(sessions):
        return claims(on(flat_until(sessions, 21)))[3].verdict

    # Five of 21 take 106 sessions, five of 63 take 316.
    assert said(105).startswith(
        "Cannot be judged: at no length do 5 flat holding periods lie apart. Of the starts"
    )
    assert said(106).startswith(
        "Holds mostly at 21 sessions, the only length that can be judged. Of the starts"
    )
    assert said(316).startswith("Holds mostly at 21 and 63 sessions. Of the starts")
    assert "63 sessions 100.0 % of 253 (5 without overlap)" in said(316)


def test_lengths_that_differ_are_told_apart():
    """In every 63 sessions 56 of a slow rise, by 1.7 % in all, and then a tenth up and down three times. Most
    spans of 21 see the rise alone, on which 3x gains; any of 63 all of it, which costs a sixth."""
    chop = [101.7, 111.0, 100.0, 111.0, 100.0, 111.0, 100.0]
    round_trip = np.concatenate((np.linspace(100.0, 101.7, 57)[:56], chop))
    verdict = claims(on(np.tile(round_trip, 6)[:316]))[3].verdict
    assert verdict.startswith("Holds mostly at 63 sessions, not at 21. Of the starts with")
    assert "63 sessions 100.0 % of 253 (5 without overlap)" in verdict


def test_more_than_can_be_lost_is_no_yardstick():
    """−5 × 23.3 % is −116.5 %: of the two trends only the falling one says anything."""
    bars = flat_bars(100 * 1.002 ** np.arange(300))
    result = study(Inputs(LeveragedFund("X", -5.0), bars, ShortRate.constant(0.0), []))
    steady, thirty = claims(result)[:2]
    assert steady.verdict.startswith("Holds where the two can be compared: ")
    assert "−5 × the index, −116.5 %, is more than can be lost; 42 days of −0.5 %" in steady.verdict
    assert "Holds by the closed form: −150 % is more than can be lost; at" in thirty.verdict
    # 1.002^299 − 1 = 81.7 %
    assert "−5 × the index's +81.7 % is −408.7 %, more than can be lost; the fund made" in headline(result)


def test_years_of_thirty_percent_say_how_many_lie_apart():
    """.00104 a day is 29.9 % over 252 sessions: 48 starts that all overlap have a median and no spread."""
    verdict = claims(on(100 * 1.00104 ** np.arange(300)))[1].verdict
    assert "over 48 starts of 252 sessions with the index up 25 to 35 % (all of them overlap), the" in verdict
    assert "5 % to 95 %" not in verdict
    many = claims(on(100 * 1.00104 ** np.arange(1261)))[1].verdict
    assert "over 1,009 starts of 252 sessions with the index up 25 to 35 % (5 without overlap)" in many
    assert "5 % to 95 %" in many
    none = claims(on(100 * 1.0001 ** np.arange(300)))[1].verdict
    assert none.endswith("; this history has no 252 sessions with the index up 25 to 35 %.")


def test_a_crash_is_found_with_its_dates():
    """Flat, then −2 % a day for 126 days, then up: the worst half year is that fall, +3x keeps 0.94^126."""
    fall = 100 * 0.98 ** np.arange(1, 127)
    result = on(np.concatenate((np.full(10, 100.0), fall, fall[-1] * 1.02 ** np.arange(1, 21))))
    start, end = result.inputs.bars.sessions[[9, 135]]
    verdict = claims(result)[4].verdict
    assert verdict.startswith("Holds: 30 of 30 windows of 126 sessions (100.00 %; all of them overlap)")
    assert f"from {start} to {end}, with the index at −92.2 %" in verdict
    assert min(result.held(126)[0].actual) == pytest.approx(0.94**126 - 1, abs=1e-4)
    assert result.held(252) is None
    assert any("too few for holding periods of 252 and more" in note for note in result.notes)


def test_a_history_of_two_days_still_says_what_it_can():
    result = on([100.0, 101.0])
    found = figures(result, claims(result))
    assert found["holding_1_starts"] == 1
    assert found["verdict_5"].startswith("Cannot be said")
    json.dumps(found, allow_nan=False)


def test_simulated_data_say_so():
    result = on(np.linspace(100, 120, 300), simulated=True)
    assert headline(result).startswith("SIMULATED data. ")
    assert figures(result, claims(result))["simulated"] is True


@pytest.mark.market
@pytest.mark.parametrize("fund", ["SOXS", "SOXL"])
def test_the_synthetic_years_are_those_of_the_traded_fund(market_folder, fund):
    """Calendar years with dividends, closes adjusted for them, at the ends of the years; priced with the
    spreads that were fitted to these very years, so that what is left is not what a spread is off by."""
    traded = pd.read_csv(market_folder / f"{fund}.csv", parse_dates=["date"]).set_index("date")["adj_close"]
    ends = traded.groupby(traded.index.year).last()
    inputs = load_inputs(fund, "SOX:2021-08-25:SOXX", "DFF", market_folder, "2010-12-31")
    fits = Dated.of((fit.start + 1, fit.spread) for fit in shipped_fits(fund))
    inputs = replace(inputs, fund=replace(inputs.fund, spread=fits))
    for year in study(inputs).years:
        own = ends[int(year.label)] / ends[int(year.label) - 1]
        assert 1 + year.actual == pytest.approx(own, rel=0.015)


def test_the_factors_of_the_first_screen_multiply_to_what_the_fund_made():
    """Without the index itself they were a hundredth of it."""
    rng = np.random.default_rng(3)
    found = on(100.0 * np.exp(np.cumsum(rng.normal(0.001, 0.015, 700))), rate=0.03)
    _, made, *factors = key_figures(found)
    assert [figure.label for figure in factors] == [
        "index, without swings",
        "compounding",
        "financing, cash and fee",
    ]
    became = float(np.prod([float(figure.value.replace(",", "")) for figure in factors]))
    assert became == pytest.approx(1.0 + found.total.actual, rel=0.02)
    assert made.beside.endswith(" = " + " × ".join(figure.value for figure in factors))
    carry, fee = factors[2].beside.split(" × fee ")
    assert float(carry) * float(fee) == pytest.approx(float(factors[2].value), rel=0.02)
