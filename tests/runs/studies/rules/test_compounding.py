"""What compounding did while a trend rule was in the market: by hand, adding up, and what is said of it."""

from dataclasses import replace
from math import log

import numpy as np
import pytest

from analyzers import Fill
from letf_instruments import LeveragedFund, attribute, known_fund, synthesize
from runs.answers.canvas import png
from runs.specs.reading import load_spec
from runs.studies.rules.compounding import held_compounding
from runs.studies.rules.joined import run_backtest
from tests.conftest import flat_bars, make_bars, random_bars


def held(bars, fills, multiple=3.0):
    fund = LeveragedFund(ticker="X", multiple=multiple)
    ledger = synthesize(fund, bars.sessions, bars.open, bars.high, bars.low, bars.close)
    return held_compounding(ledger, bars.open, [Fill(bar, 1.0, size, 0.0) for bar, size in fills])


GAPPED = [(100.0,) * 4, (105.0, 110.0, 102.0, 110.0), (104.0, 108.0, 99.0, 99.0), (99.0,) * 4]


def test_a_session_is_split_at_its_open():
    """Bought at the open of the second bar, sold at that of the third."""
    got = held(make_bars(GAPPED), [(1, 10.0), (2, -10.0)])
    night = log(1 + 3 * 0.05) - 3 * log(1.05)
    day = log(1.3) - 3 * log(1.1)
    next_night = log(1 - 18 / 110) - 3 * log(104 / 110)
    np.testing.assert_allclose(got.in_market, [0, day - night, next_night, 0], atol=1e-15)
    np.testing.assert_allclose(got.always, [0, day, log(0.7) - 3 * log(0.9), 0], atol=1e-15)
    assert got.share.tolist() == [0.0, 0.5, 0.5, 0.0]
    assert got.after.tolist() == [False, True, False, False]


def test_held_from_the_first_bar_it_is_what_the_fund_s_own_split_says():
    bars = random_bars(2, 300)
    for multiple in (-3.0, 0.5, 3.0):
        got = held(bars, [(0, 1.0)], multiple)
        fund = LeveragedFund(ticker="X", multiple=multiple)
        ledger = synthesize(fund, bars.sessions, bars.open, bars.high, bars.low, bars.close)
        np.testing.assert_allclose(got.always, attribute(ledger).compounding, atol=1e-12)
        np.testing.assert_allclose(got.in_market[1:], got.always[1:], atol=1e-12)
        assert got.share[1:].tolist() == [1.0] * 299


def test_intraday_bars_of_a_session_add_up_to_its_own_compounding():
    daily = flat_bars([100.0, 110.0, 99.0])
    parts = flat_bars([100.0, 106.0, 110.0, 103.0, 99.0])
    days = np.repeat(daily.sessions, [1, 2, 2]).astype("datetime64[us]")
    clock = np.array([15, 10, 15, 10, 15], dtype="timedelta64[h]")
    parts = replace(parts, timestamps=days + clock)
    whole, split = held(daily, []), held(parts, [(2, 1.0)])
    assert split.always.sum() == pytest.approx(whole.always.sum(), abs=1e-15)
    first = log(1 + 3 * 0.06) - 3 * log(1.06)
    assert split.always[1] == pytest.approx(first, abs=1e-15)
    assert split.in_market.sum() == pytest.approx(
        (log(1.3) - 3 * log(1.1) - first) + log(0.7) - 3 * log(0.9), abs=1e-15
    )


def test_a_wiped_out_fund_compounds_no_more():
    got = held(flat_bars([100.0, 110.0, 60.0, 80.0]), [(0, 1.0)])
    np.testing.assert_allclose(got.always, [0, log(1.3) - 3 * log(1.1), 0, 0], atol=1e-15)
    assert len(got.share) == 2


def test_volatility_in_and_out_of_the_market_is_the_index_s_own():
    """Forty bars of ±1 %, then forty of ±3 %: held through the first half only."""
    closes = [100.0]
    for i in range(80):
        move = 1.01 if i < 40 else 1.03
        closes.append(closes[-1] * (move if i % 2 else 1 / move))
    got = held(flat_bars(closes), [(1, 1.0), (41, -1.0)])
    assert got.volatility_in == pytest.approx(log(1.01) * np.sqrt(252), rel=0.02)
    assert got.volatility_out == pytest.approx(log(1.03) * np.sqrt(252), rel=0.02)


@pytest.fixture(scope="module")
def example():
    return run_backtest(load_spec("trend", ["rule.out=bear"]))


def test_the_study_compares_the_market_with_always(example):
    (study,) = example.fund_studies
    m = example.metrics
    for name in ("SOXL", "SOXS"):
        assert m[f"compounding_{name}_always"] == pytest.approx(m[f"decay_{name}_compounding"], abs=1e-9)
    # The calm of the index above its average is the bull fund's gain and the bear fund's loss.
    assert m["compounding_SOXL_held_a_year"] > m["compounding_SOXL_always_a_year"]
    assert m["compounding_SOXS_held_a_year"] < m["compounding_SOXS_always_a_year"]
    assert "kept out of the dearer part" in study.sentences[1]
    assert "was in for the dearer part" in study.sentences[4]
    assert len(study.tables) == 2


def test_of_a_filter_that_was_in_for_days_nothing_is_said():
    """62 sessions, of which some weeks were held: their volatility a year is no year's."""
    for span, judged in ((("2018-10-01", "2018-12-31"), False), (("2017-01-03", "2018-12-31"), True)):
        run = run_backtest(load_spec("trend", [f"data.start={span[0]}", f"data.end={span[1]}"]))
        held = run.metrics["compounding_SOXL_held_share"] * len(run.days)
        text = " ".join(run.fund_studies[0].sentences)
        assert (20 < held < len(run.days) - 20) is judged
        assert ("too few to judge the filter by" in text) is not judged


def test_what_is_said_of_always_holding_is_the_fund_s_own_history(example):
    """The stake at the first open: its profit is promised, compounding, financing and fee together."""
    bars = example.bars
    m = example.metrics
    said = f"put into SOXL at the start and kept: compounding −{-m['compounding_SOXL_always_money']:,.0f}"
    assert said in example.fund_studies[0].sentences[2]
    ledger = example.ledgers["SOXL"]
    assert ledger.fund == known_fund("SOXL")
    assert len(ledger.close) == len(bars)
    # promised + compounding − 100,000's loss = financing and fee, which cost money
    profit = 100_000 * (ledger.close[-1] / ledger.open[1] - 1)
    index = example.bars.as_swapped()
    promised = 100_000 * 3 * (index.close[-1] / index.open[1] - 1)
    assert m["compounding_SOXL_always_money"] > profit - promised
    assert m["compounding_SOXL_always_money"] < 0


def test_one_sentence_tells_both_measures_of_compounding_and_why_they_differ(example):
    m = example.metrics
    for name, sentence in (("SOXL", 0), ("SOXS", 3)):
        said = example.fund_studies[0].sentences[sentence]
        money = m[f"leg_{name}_compounding"]
        assert f"compounding {'added' if money > 0 else 'took'} {abs(money):,.0f}" in said
        assert f"volatility took {-m[f'compounding_{name}_held']:.2f} while in the market" in said
        assert f"taken {-m[f'compounding_{name}_always']:.2f} (" in said
        # A gain beside what volatility took is "yet", a loss beside it "and".
        assert (", yet in logs" in said) == (money > 0)
        assert ("did not make up for" in said) == (money < 0)


def test_its_picture_is_the_same_each_time(example):
    (study,) = example.fund_studies
    assert list(study.pictures) == ["compounding"]
    draw = study.pictures["compounding"].draw
    assert png(draw()) == png(draw())
    assert len(draw().axes) == 2


def test_a_trend_in_the_index_itself_has_nothing_to_compound():
    result = run_backtest(load_spec("trend", ["rule.bull=index"]))
    assert "No leveraged fund was traded" in result.fund_studies[0].sentences[0]
