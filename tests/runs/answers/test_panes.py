"""Panes as a file: names stand where they belong, and a stem reaches from 0 to its mark."""

import numpy as np
import pytest

from runs.answers.closer import Bars, Line, Marks, Pane, Panes
from runs.answers.page.payload import payload
from runs.answers.panes import panes_chart

AT = np.array([0.0, 1.0, 2.0])
NAMED = Panes(
    AT,
    [
        Pane("chosen", [Line("l", np.array([1.0, 0.0, 1.0]), "rule")], names=["few", "many"]),
        Pane("return", [Bars("b", AT - 0.4, AT + 0.4, np.array([0.1, -0.2, 0.3]), "index")], "percent"),
    ],
    names=["one", "two", "a third one"],
)


def test_places_and_values_have_their_names():
    above, below = panes_chart(NAMED, "title", False).axes
    assert [text.get_text() for text in above.get_yticklabels()] == ["few", "many"]
    assert [text.get_text() for text in below.get_xticklabels()] == ["one", "two", "a third one"]
    made = payload(NAMED)
    assert (made["names"], made["panes"][0]["names"]) == (["one", "two", "a third one"], ["few", "many"])
    assert made["panes"][1]["names"] == []


@pytest.mark.parametrize("stems", [True, False])
def test_a_stem_reaches_from_nothing_to_its_mark(stems):
    marks = Marks("m", np.array([0.05]), np.array([7.0]), ["said"], "rule", stems=stems)
    panes = Panes(AT, [Pane("paths", [marks])], "return", "percent")
    (axis,) = panes_chart(panes, "title", False).axes
    segments = [segment.tolist() for each in axis.collections for segment in each.get_segments()]
    assert segments == ([[[0.05, 0.0], [0.05, 7.0]]] if stems else [])
    assert axis.xaxis.get_major_formatter()(0.05) == "5%"
    assert payload(panes)["panes"][0]["parts"][0]["stems"] is stems
