"""How numbers are written for a person."""

import numpy as np
import pytest

import letf
from runs.answers.words import (
    counted,
    extrapolated,
    fold,
    number,
    percent,
    share,
    with_caveats,
    yearly,
)


@pytest.mark.parametrize(
    ("fraction", "text"),
    [
        (0.123, "+12.3 %"),
        (-1.0, "−100 %"),
        (-0.99997, "−99.997 %"),
        (-0.999995, "below −99.999 %"),
        (99.99, "+9,999 %"),
        (9_999.0, "+999,900 %"),
        (10_000.0, "× 10,001"),  # a million per cent: the stake 10,001 times over
        (118_655_551_098_277.0, "× 1.2e14"),
        (118_655_551_098_277_958_273_438.0, "× 1.2e23"),
        (None, "n/a"),
    ],
)
def test_a_return_is_a_percentage_until_a_million_per_cent(fraction, text):
    assert percent(fraction) == text


def test_a_share_is_never_a_number_of_times():
    assert share(20_000.0) == "2,000,000 %"


def test_a_multiple_is_a_name():
    assert [fold(m) for m in (3.0, -3.0, 1.5)] == ["3×", "−3×", "1.5×"]


def test_things_are_counted_in_words():
    assert [counted(n, "trade") for n in (0, 1, 1_200)] == ["0 trades", "1 trade", "1,200 trades"]


def test_what_changes_a_sentence_stands_in_it():
    assert with_caveats("It made 3 %.", []) == "It made 3 %."
    assert with_caveats("It made 3 %.", ["it died", "it began late"]) == (
        "It made 3 %; mind that it died; and that it began late."
    )


def sessions(first, last):
    return np.array([first, last], dtype="datetime64[D]")


def test_a_calendar_year_is_a_year_and_what_is_shorter_is_marked():
    for year in range(1999, 2019):  # the New York Stock Exchange's first and last session of each
        days = np.arange(f"{year}-01-02", f"{year + 1}-01-01", dtype="datetime64[D]")
        open_days = days[np.is_busday(days)]
        assert yearly("CAGR", open_days[[1, -1]]) == "CAGR"
        assert extrapolated(open_days[[1, -1]], "CAGR") == []
    half = sessions("2018-01-02", "2018-06-29")
    assert yearly("CAGR", half) == "CAGR (extrapolated)"
    assert extrapolated(half, "CAGR and Sharpe") == [
        "2 sessions, 2018-01-02 to 2018-06-29, are less than a year: CAGR and Sharpe are extrapolated from "
        "them to a whole one"
    ]
    assert "no figure here is brought to a whole one" in extrapolated(half)[0]


SHORT = {"start": "2018-07-02", "end": "2018-12-31"}
ASKED = {
    "run": lambda **span: letf.run("rsi_timing", **span),
    "compare": lambda **span: letf.compare(["rsi_timing", "hold"], **span),
    "alternatives": lambda **span: letf.alternatives("rsi_timing", plan={"stop": 0.1}, **span),
    "decay": lambda **span: letf.decay("SOXL", index="nasdaq", **span),
    "versus": lambda **span: letf.versus(index="nasdaq", **span),
    "sweep": lambda **span: letf.sweep("rsi_timing", {"plan.stop": [0.05, 0.1]}, verify=0, **span),
}
MARKED = {"run": "CAGR", "compare": "CAGR", "decay": "index volatility", "versus": "CAGR", "sweep": "Sharpe"}


@pytest.mark.parametrize("question", ASKED)
def test_of_less_than_a_year_a_note_says_so_in_every_question_and_tables_mark_it(question):
    short, whole = ASKED[question](**SHORT), ASKED[question](**SHORT | {"start": "2018-01-02"})
    said = [[note for note in answer.notes if "are less than a year" in note] for answer in (short, whole)]
    assert len(said[0]) == 1
    assert "2018-07-02 to 2018-12-31" in said[0][0]
    assert not said[1]
    for answer, mark in ((short, True), (whole, False)):
        tables = [table for section in answer.sections for table in section.tables]
        words = [text for table in tables for text in (*table.headings, *(row[0] for row in table.rows))]
        assert any("(extrapolated)" in text for text in words) == (mark and question in MARKED)
        if question in MARKED:
            label = MARKED[question] + (" (extrapolated)" if mark else "")
            assert label in words


@pytest.mark.parametrize(
    ("fraction", "digits", "text"),
    [(-0.00004, 1, "0.0 %"), (0.00004, 2, "0.00 %"), (-0.0006, 1, "−0.1 %"), (0.0, 1, "0.0 %")],
)
def test_what_is_0_as_far_as_it_is_shown_has_no_sign(fraction, digits, text):
    assert percent(fraction, digits) == text
    assert number(100 * fraction, digits) == text.removesuffix(" %")
