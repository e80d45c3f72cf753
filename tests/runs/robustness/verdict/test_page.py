"""The page of a verdict: checks against bars, neighbours and parts of the time as the frames have them."""

from dataclasses import replace

import numpy as np
import pytest

import letf
from runs.answers.closer import Bars, Line
from runs.robustness.verdict.neighbours import Neighbour
from runs.robustness.verdict.words import (
    headline,
    key_figures,
    neighbour_rows,
    refused_neighbours,
    verdict_of,
)
from tests.runs.robustness.pages import all_parts, closer_of


@pytest.fixture(scope="module")
def answer():
    return letf.robustness("pullback", end="2006-12-31", draws=100, timings=100, paths=100)


def test_the_first_screen_has_the_verdict_and_five_figures(answer):
    assert answer.asked.startswith("pullback on nasdaq, 1999-01-04 to 2006-12-29")
    figures = {figure.label: figure for figure in answer.figures}
    assert len(figures) <= 5
    checks = answer.checks.set_index("check")
    assert figures["trades"].value == f"{checks.loc['enough to judge', 'figure']:.0f}"
    as_good = checks.loc["timing better than chance"]
    assert figures["random timings as good"].value == f"{100 * as_good['figure']:.1f} %"
    assert figures["random timings as good"].beside == f"below {100 * as_good['bar']:.0f} % is needed"
    failed = (~checks["passed"]).sum()
    assert (answer.edge.word, answer.edge.tone) == (answer.verdict, "good" if not failed else "bad")
    assert answer.edge.said.startswith(f"{failed} of 7 checks fail; the first is ") or not failed
    assert answer.lead == "verdict"


def test_each_check_stands_against_its_bar(answer):
    checks = answer.checks.set_index("check").iloc[2:].dropna(subset="figure")
    own, needed = checks["figure"].copy(), checks["bar"].copy()
    for name in ("more than the best of what was tried", "timing better than chance"):
        own[name], needed[name] = 1 - own[name], 1 - needed[name]
    own["other periods"], needed["other periods"] = own["other periods"] / 5, needed["other periods"] / 5
    panes = closer_of(answer, "verdict")
    bars = all_parts(panes, Bars)
    drawn = {
        round(left + 0.36): (height, name)
        for name, part in bars.items()
        for left, height in zip(part.left, part.heights, strict=True)
    }
    assert [drawn[place][0] for place in range(len(own))] == pytest.approx(list(own))
    passes = ["passes" if passed else "fails" for passed in checks["passed"]]
    assert [drawn[place][1] for place in range(len(own))] == passes
    line = all_parts(panes, Line)["needed"].values
    assert np.unique(panes.x.round()[np.isfinite(line)]).tolist() == list(range(len(own)))
    np.testing.assert_allclose(line[1::4], needed)
    assert len(panes.names) == len(own)


def test_neighbours_and_parts_are_those_of_the_frame_and_the_judgement(answer):
    frame = answer.frames["neighbours"].dropna(subset="sharpe")
    panes = closer_of(answer, "neighbours")
    np.testing.assert_allclose(all_parts(panes, Bars)["a step to the side"].heights, frame["sharpe"])
    assert panes.names[0].split() == [frame["parameter"].iloc[0].split(".")[1], f"{frame['value'].iloc[0]:g}"]
    assert set(all_parts(panes, Line)["the rule"].values) == {answer.metrics["sharpe"]}
    parts = all_parts(closer_of(answer, "parts"), Bars)
    said = answer.checks.set_index("check").loc["other periods", "said"]
    written = [float(part) for part in said.replace("−", "-").split("Sharpe ")[1].rstrip(")").split(", ")]
    drawn = sorted(
        (left, h) for part in parts.values() for left, h in zip(part.left, part.heights, strict=True)
    )
    assert [height for _, height in drawn] == pytest.approx(written, abs=0.005)
    assert all((part.heights > 0).all() == (name == "more than cash") for name, part in parts.items())


def test_table_and_picture_call_a_check_by_the_same_name(answer):
    rows = next(t.rows for part in answer.sections for t in part.tables if t.title == "The checks in order")
    names = closer_of(answer, "verdict").names
    assert [name for row in rows for name in names if row[0].endswith(f" ({name})")] == list(names)


def test_a_part_of_the_time_is_told_by_a_day(answer):
    x = closer_of(answer, "parts").x
    assert (x == x.astype("datetime64[D]")).all()


def test_a_refusal_is_a_sentence_and_no_sharpe_ratio(answer):
    found = answer.judgement
    refused = [Neighbour("plan.stop", stop, None, "the stop is beyond the target.") for stop in (0.2, 0.3)]
    odd = replace(found, neighbours=[*found.neighbours, *refused])
    assert [row[2] for row in neighbour_rows(odd)[1][-2:]] == ["refused", "refused"]
    said = refused_neighbours(odd)
    assert said == ["Not run: plan.stop = 0.2 and plan.stop = 0.3 (the stop is beyond the target)."]
    assert refused_neighbours(replace(found, neighbours=[])) == []


@pytest.mark.parametrize("failing", ["other periods", "from the beginning to the end"])
def test_sentence_and_card_are_of_the_check_of_the_time_that_fails(answer, failing):
    found = answer.judgement
    checks = [replace(check, passed=check.name != failing) for check in found.checks]
    failed = next(check for check in checks if not check.passed)
    odd = replace(found, checks=checks)
    line, card = headline(odd), key_figures(odd)[-1]
    assert line.startswith("FRAGILE TO PERIOD, as its edge does not show ")
    assert line.endswith(f": {failed.said}.")
    assert ("parts of the time:" in line) == (failing == "other periods")
    if failing == "other periods":
        assert (card.label, card.value) == ("parts that beat cash", f"{failed.figure:.0f} of 5")
    else:
        assert (card.label, card.value) == ("probability of an edge", f"{100 * failed.figure:.0f} %")
        assert card.beside == "at the weaker end; 90 % is needed"


@pytest.mark.parametrize("failing", [1, 2])
def test_the_verdict_names_the_check_that_fails_and_of_several_the_first(answer, failing):
    found = answer.judgement
    checks = [replace(check, passed=place >= failing) for place, check in enumerate(found.checks)]
    said = verdict_of(replace(found, checks=checks)).said
    first, count = checks[0].name, len(checks)
    if failing == 1:
        assert said == f"1 of {count} checks fails: “{first}”."
    else:
        assert said == f"2 of {count} checks fail; the first is “{first}”."
