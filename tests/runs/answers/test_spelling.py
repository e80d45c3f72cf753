"""Sentences from the rooms below, as they are read."""

import pytest

import letf
from runs.answers.spelling import as_written


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("dividend yield added, 0.30% to 0.90% a year", "dividend yield added, 0.30 % to 0.90 % a year"),
        ("half, 50%.", "half, 50 %."),
        ("a loss of 3 %", "a loss of 3 %"),
        ("top_50%.csv: no date", "top_50%.csv: no date"),  # a file keeps its name
        ("on a fund of -3× up to -15 times", "on a fund of −3× up to −15 times"),
        ("from 2010-12-31 to 2019-12-31", "from 2010-12-31 to 2019-12-31"),
        ("a-3× b", "a-3× b"),
    ],
)
def test_a_sentence_from_elsewhere_has_its_numbers_as_all_others(given, written):
    assert as_written(given) == written


def test_notes_of_an_answer_have_their_numbers_as_its_tables():
    answer = letf.run("hold", index="nasdaq", end="2003-12-31", rate=0.02)
    assert any("dividend yield added, 0.30 % to " in note for note in answer.notes)
    assert "short rate: constant 2.00 % a year throughout" in answer.notes
    page = answer.to_html().replace("\N{NO-BREAK SPACE}", " ")
    assert "name constant 2.00 % a year" in page
    assert "2.00% a year" not in page.partition("<pre")[0]
    assert "SOXL (+3× a day)" in page
