"""Tables on a terminal: never cut, whatever the width; the sentence first."""

import re

import pytest

from runs.answers import terminal
from runs.answers.parts import Section, Table
from runs.answers.provenance import Provenance
from runs.answers.record import Record

HEADINGS = ["", "hedged by beta", "holding less and cash", "short of the index ETF", "nothing at all"]
ROWS = [["total return", "+1,234.5 %", "−99.99 %", "+3.4 %", "n/a"], ["Sharpe", "0.51", "0.49", "−1.2", "7"]]


def printed(capsys, monkeypatch, table, width):
    monkeypatch.setattr(terminal, "terminal_width", lambda: width)
    terminal.print_table(table)
    return capsys.readouterr().out


@pytest.mark.parametrize("width", [160, 80, 60, 40, 30])
def test_every_cell_is_shown_whole_within_the_width(capsys, monkeypatch, width):
    out = printed(capsys, monkeypatch, Table("Accounts", HEADINGS, ROWS), width)
    assert max(map(len, out.splitlines())) <= width
    for row in ROWS:
        for cell in row:
            assert re.search(rf"(?<!\S){re.escape(cell)}(?!\S)", out), cell
    assert "…" not in out
    assert out.startswith("Accounts")


def test_a_wide_table_with_few_rows_is_turned_before_it_is_split(capsys, monkeypatch):
    out = printed(capsys, monkeypatch, Table("Accounts", HEADINGS, ROWS), 50)
    assert re.search(r"^ ?hedged by beta +\+1,234\.5 % +0\.51 *$", out, re.MULTILINE)
    assert out.count("─ ") <= 1


def test_a_split_table_repeats_its_first_column(capsys, monkeypatch):
    rows = [[f"row {i}", *(f"{i}{j}.123" for j in range(9))] for i in range(9)]
    headings = ["", *(f"column {j}" for j in range(9))]
    out = printed(capsys, monkeypatch, Table("Many", headings, rows), 40)
    assert out.count("row 3") == out.count("row 8") > 1
    assert all(out.count(cell) == 1 for row in rows for cell in row[1:])


def test_words_are_broken_into_lines_and_kept(capsys, monkeypatch):
    said = "a long sentence that says what this is about and why it matters"
    out = printed(capsys, monkeypatch, Table("Plan", [], [["why in", said]], words=True), 40)
    assert " ".join(out.split()).count(" ") >= said.count(" ")
    assert max(map(len, out.splitlines())) <= 40
    assert all(word in out for word in said.split())


def test_an_empty_table_is_not_there(capsys, monkeypatch):
    assert printed(capsys, monkeypatch, Table("None", ["a"], []), 80) == ""


def test_the_alarm_and_the_sentence_come_before_all_else(capsys, monkeypatch):
    record = Record(
        question="q",
        name="n",
        title="t",
        headline="The sentence.",
        alarm="The alarm.",
        sections=[
            Section("A", sentences=["Said."], tables=[Table("T", [], [["a", "1"]])]),
            Section("B", sentences=["Not for the terminal."], brief=False),
        ],
        provenance=Provenance({}, {}),
        notes=["a note", *map(str, range(9))],
    )
    terminal.print_answer(record)
    lines = [line.strip() for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert lines[:4] == ["The alarm.", "The sentence.", "Said.", "T"]
    assert "Not for the terminal." not in lines
    assert lines[-1] == "note: 2 more in the manifest"


def test_a_word_is_never_broken_and_a_table_of_words_too_wide_for_that_is_split(capsys, monkeypatch):
    said = [
        "a contract, sold",
        "limited to the stake by protection",
        "unlimited in theory",
        "financing 1,101",
    ]
    ways = "abcdef"
    rows = [
        [f"line {k}", *(" ".join(w + way for w in text.split()) for way in ways)]
        for k, text in enumerate(said)
    ]
    rows[1][2] += " fee of 136, " + " ".join(
        f"(account.borrow_fee{i})," for i in range(3)
    )  # unlike the others
    for width in (80, 60, 40):
        out = printed(
            capsys, monkeypatch, Table("Ways", ["", *(f"way {w}" for w in ways)], rows, words=True), width
        )
        assert max(map(len, out.splitlines())) <= width
        for cell in [cell for row in rows for cell in row[1:]]:
            for word in cell.split():
                assert re.search(rf"(?<!\S){re.escape(word)}(?!\S)", out), (width, word)


def test_a_number_keeps_its_unit_in_a_table_of_words(capsys, monkeypatch):
    rows = [
        ["SOXL", "0.75 %", "NYSE Semiconductor Index, named otherwise until it was renamed", "a long name"]
    ]
    out = printed(capsys, monkeypatch, Table("", ["fund", "fee", "index", "name"], rows, words=True), 45)
    assert "0.75 %" in out
