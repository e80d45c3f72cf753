"""The page of starts: curves by day and bars as the frame has them."""

import numpy as np
import pytest

from runs.answers.closer import Band, Bars, Line, Marks
from runs.robustness.starts.answer import ask
from runs.robustness.starts.words import apart_words
from tests.conftest import random_bars
from tests.runs.robustness.pages import all_parts, checked_first_screen, closer_of
from tests.runs.robustness.rig import spec_on


@pytest.fixture(scope="module")
def answer():
    return ask(spec_on(random_bars(8, n=900), "hold", data={"rate": 0.02}), [0.5, 2], verify=0)


def of(answer, years):
    frame = answer.starts
    return frame[frame["years"] == years]


def test_the_first_screen_is_of_the_longest_time(answer):
    labels = checked_first_screen(answer, "hold on CASE, ")
    assert labels[0] == "median, 2 years"
    frame = of(answer, 2)
    assert f"{len(of(answer, 0.5)):,} starts, kept for 0.5, 2 years" in answer.asked
    values = {figure.label: figure for figure in answer.figures}
    assert values["starts that lost"].value == f"{100 * (frame['return'] < 0).mean():.0f} %"
    worst = frame.loc[frame["return"].idxmin(), "start"]
    assert values["worst start"].beside == f"on {worst:%Y-%m-%d}"


def test_spans_that_share_no_day_are_counted_in_words_that_fit():
    assert apart_words(1) == "only one such span does not overlap with another"
    assert apart_words(2) == "only 2 such spans do not overlap"
    assert apart_words(1200) == "1,200 do not overlap"


@pytest.mark.parametrize(("years", "name"), [(2, "2 years"), (0.5, "0.5 years")])
def test_curves_by_day_are_those_of_the_frame(answer, years, name):
    frame, panes = of(answer, years), closer_of(answer, "starts", name)
    np.testing.assert_array_equal(panes.x, frame["start"].to_numpy().astype("datetime64[D]"))
    lines = all_parts(panes, Line, 0)
    power = 1 / max(years, 1)
    for line, column in (("case", "return"), ("CASE held", "hold_index"), ("cash", "cash")):
        np.testing.assert_allclose(lines[line].values, (1 + frame[column]) ** power - 1, atol=1e-12)
    assert not lines[""].values.any()  # to measure by, without a name and a figure
    money = all_parts(panes, Line, 1)
    np.testing.assert_allclose(money["case"].values, 1 + frame["return"])


def test_bars_count_the_starts_and_tell_losses_from_gains(answer):
    frame, panes = of(answer, 2), closer_of(answer, "spread", "2 years")
    made = np.sqrt(1 + frame["return"]) - 1
    bars = all_parts(panes, Bars)
    low, high = np.quantile(made, [0.005, 0.995])
    assert sum(part.heights.sum() for part in bars.values()) >= 0.99
    assert bars["gained"].left[0] == pytest.approx(0, abs=1e-12) if low < 0 < high else True
    for part in bars.values():
        for left, right, height in zip(part.left[:-1], part.right[:-1], part.heights[:-1], strict=True):
            assert height == pytest.approx(((made >= left) & (made < right)).mean(), abs=1.5 / len(made))
    middle = next(part for name, part in all_parts(panes, Marks).items() if name.startswith("median"))
    assert middle.at[0] == pytest.approx(made.median())


def test_the_spread_ends_where_the_frame_does(answer):
    panes, frame = closer_of(answer, "lengths"), of(answer, 2)
    assert panes.x[-1] == pytest.approx(2.0)
    band, lines = all_parts(panes, Band)["nine in ten"], all_parts(panes, Line)
    assert (band.low[-1], band.high[-1]) == pytest.approx(
        tuple(np.quantile(1 + frame["return"], [0.05, 0.95]))
    )
    assert lines["median"].values[-1] == pytest.approx(1 + frame["return"].median())
    assert lines["worst at that time"].values[-1] == pytest.approx(1 + frame["return"].min())
