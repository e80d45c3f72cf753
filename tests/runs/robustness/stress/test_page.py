"""The page of stressed paths: bars by path and courses as the frames have them."""

import numpy as np
import pandas as pd
import pytest

from runs.answers.closer import Bars, Line, Marks
from runs.robustness.stress.answer import ask
from runs.specs.script import make_spec
from tests.runs.robustness.pages import all_parts, checked_first_screen, closer_of

KEYS = ["chop", "crash_v", "real_2008"]


@pytest.fixture(scope="module")
def answer():
    return ask(make_spec("trend"), KEYS)


def test_the_first_screen_has_the_worst_path_and_the_best(answer):
    labels = checked_first_screen(answer, "trend on nasdaq, 1999-01-04 to 2018-12-31")
    assert answer.asked.endswith("2 made paths and 1 real window")
    assert labels[:2] == ["worst path", "best path"]
    table = answer.table
    worst = table["rule_return"].idxmin()
    assert answer.figures[0].beside.startswith(table.loc[worst, "title"])
    assert answer.figures[0].value.replace("−", "-") == f"{100 * table['rule_return'].min():+.1f} %"
    assert answer.figures[2].value == f"{(table['rule_return'] < 0).sum()} of 3"
    assert (answer.edge.word, answer.edge.tone) == ("not asked: luck", "open")


def test_bars_by_path_are_those_of_the_table(answer):
    panes, table = closer_of(answer, "returns"), answer.table
    assert list(panes.names) == list(table["title"])
    returns, falls = all_parts(panes, Bars, 0), all_parts(panes, Bars, 1)
    np.testing.assert_allclose(returns["trend"].heights, table["rule_return"])
    np.testing.assert_allclose(returns["nasdaq held"].heights, table["index_return"])
    np.testing.assert_allclose(falls["trend"].heights, table["rule_drawdown"])
    np.testing.assert_allclose(falls["nasdaq held"].heights, table["index_drawdown"])
    np.testing.assert_allclose(all_parts(panes, Marks)["cash"].values, table["cash_return"])


def test_the_courses_are_those_of_the_frame_the_worst_path_first(answer):
    choice = answer.pictures["stress"].closer()
    ordered = answer.table.sort_values("rule_return")
    assert [name.split(":")[0] for name in choice.of] == list(ordered["title"])
    for key, panes in zip(ordered.index, choice.of.values(), strict=True):
        frame = answer.courses[answer.courses["path"] == key]
        assert panes.panes[0].log
        np.testing.assert_array_equal(pd.DatetimeIndex(panes.x), pd.DatetimeIndex(frame["date"]))
        lines = all_parts(panes, Line, 0)
        for line, column in (
            ("trend", "rule"),
            ("nasdaq held", "index"),
            ("SOXL held", "SOXL"),
            ("cash", "cash"),
        ):
            np.testing.assert_allclose(lines[line].values, np.maximum(frame[column], 0.01))
        fall = all_parts(panes, Line, 1)["trend"].values
        assert fall.min() == pytest.approx(answer.table.loc[key, "rule_drawdown"])
        assert ("SIMULATED" in panes.note) == (answer.table.loc[key, "data"] == "SIMULATED")


def test_only_the_made_paths_are_called_simulated(answer):
    assert answer.made_up == "2 of 3 paths are made up; 2008 did happen."
    html = answer.to_html()
    assert "<strong>SIMULATED in part.</strong> 2 of 3 paths" in html
    assert "no real market did this" not in html
    rows = next(table.rows for part in answer.sections for table in part.tables if "Return on" in table.title)
    assert [row[0].endswith(" (made up)") for row in rows] == [not case.real for case in answer.found.cases]
    made = ask(make_spec("trend"), ["chop"])
    assert (made.made_up, "no real market did this" in made.to_html()) == ("", True)
