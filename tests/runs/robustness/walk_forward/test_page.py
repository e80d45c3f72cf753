"""The pages of a walk-forward and of folds: curves, windows and choices as the frames have them."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from runs.answers.closer import Band, Bars, Line, Marks
from runs.robustness.walk_forward.answer import ask
from runs.robustness.walk_forward.charts import in_out_chart
from runs.robustness.walk_forward.closer import in_out_closer
from runs.robustness.walk_forward.figures import walk_metrics
from runs.robustness.walk_forward.words import sentences
from tests.runs.robustness.pages import all_parts, checked_first_screen, closer_of
from tests.runs.robustness.walk_forward.test_folds import needs_skfolio
from tests.runs.robustness.walk_forward.test_study import GAP, TEST, TRAIN, own_spec, planted


@pytest.fixture(scope="module")
def spec():
    return own_spec(planted(105, 260), {"rule.day": [0, 1, 2, 3, 4]})


@pytest.fixture(scope="module")
def windows(spec):
    return ask(spec, TRAIN, TEST, GAP, by="total_return", workers=1)


def test_the_first_screen_has_out_of_sample_beside_training(windows):
    labels = checked_first_screen(windows, "one_day_in_five on CASE, ")
    assert f"{len(windows.windows)} windows: chosen on 60 sessions, traded on the next 20" in windows.asked
    assert labels[1:] == ["efficiency", "Sharpe ratio", "worst drawdown", "windows that beat cash"]
    found, better = windows.found, []
    for step in found.steps:  # money at the short rate, day by day
        days, money = found.test[found.part(step)], 1.0
        for before, day in itertools.pairwise(days):
            rate = float(found.setting.rate.on(np.array([before]))[0])
            money *= 1.0 + rate * int((day - before).astype(int)) / 360
        worth = found.equity[found.part(step)]
        better.append(worth[-1] / worth[0] > money)
    count = len(better)  # so few are told by their number
    assert windows.figures[4].value == f"{sum(better)} of {count}"
    gained = (windows.windows["return"] > 0).sum()
    assert windows.figures[4].beside.startswith(f"with a gain, interest included: {gained} of {count}; ")
    cagr, efficiency = windows.figures[:2]
    assert "; CASE held: " in cagr.beside  # a return beside a return
    assert efficiency.beside == "CAGR out of sample over that in training"
    assert windows.edge.word == "not asked: luck"


def test_the_account_is_that_of_the_frame_and_its_windows_are_marked(windows):
    panes, frame, rows = closer_of(windows, "equity"), windows.equity, windows.windows
    lines = all_parts(panes, Line, 0)
    assert panes.panes[0].log
    np.testing.assert_allclose(lines["out of sample"].values, frame["equity"])
    np.testing.assert_allclose(lines["CASE held"].values, frame["hold_index"])
    np.testing.assert_allclose(lines["best in hindsight"].values, frame["hindsight"])
    falls = all_parts(panes, Line, 1)
    np.testing.assert_allclose(falls["out of sample"].values, frame["equity"] / frame["equity"].cummax() - 1)
    marks = all_parts(panes, Marks)[f"a window begins ({len(rows)})"]
    for day, words, (_, row) in zip(marks.at, marks.words, rows.iterrows(), strict=True):
        assert pd.Timestamp(day) < row["test_first"]
        assert f"day {row['rule.day']}\n" in words


def test_the_pace_of_training_is_compounded_window_by_window(windows):
    rows, frame = windows.windows, windows.equity
    pace = all_parts(closer_of(windows, "equity"), Line, 0)["at the pace of its trainings"].values
    money, begin = frame["equity"].iloc[0], frame.index[0]
    for _, row in rows.iterrows():
        years = (pd.Timestamp(row["test_last"]) - begin).days / 365.25
        money *= (1 + row["in_cagr"]) ** years
        begin = pd.Timestamp(row["test_last"])
        assert pace[frame.index.get_loc(begin)] == pytest.approx(money)


def test_training_and_test_stand_side_by_side(windows):
    bars, rows = all_parts(closer_of(windows, "in_out"), Bars), windows.windows
    np.testing.assert_allclose(bars["in training"].heights, rows["in_total_return"])
    np.testing.assert_allclose(bars["in the test"].heights, rows["out_total_return"])
    assert (bars["in the test"].right <= rows["test_last"].to_numpy()).all()


def with_an_idle_window(found):
    """The first window without a Sharpe ratio, as of one that never traded, and money earned on cash."""
    steps = [
        replace(step, outside={**step.outside, found.by: None if at == 0 else step.outside[found.by]})
        for at, step in enumerate(found.steps)
    ]
    steps = [replace(step, outside={**step.outside, "interest_earned": 100.0}) for step in steps]
    return replace(found, steps=steps)


def test_a_window_without_a_value_is_neither_drawn_nor_averaged(windows):
    found = with_an_idle_window(windows.found)
    marks = all_parts(in_out_closer(found), Marks)["window"]
    assert len(marks.at) == len(marks.values) == len(marks.words) == len(found.steps) - 1
    assert np.isfinite(marks.values).all()
    own = found.steps[1:]
    weights = [step.window.test_last - step.window.test_first + 1 for step in own]
    inside, outside = (
        np.average([side[found.by] for side in sides], weights=weights)
        for sides in ([step.inside for step in own], [step.outside for step in own])
    )
    said = " ".join(sentences(found, walk_metrics(found)))
    of = f"of the {len(found.steps) - 1} of {len(found.steps)} windows where both are defined"
    told = f"{100 * inside:+.1f} % in training on average, {100 * outside:+.1f} % in the tests."
    assert f"which chose, {of}: {told}".replace("-", "−") in said


def test_a_window_without_a_value_has_no_mark_in_the_file_either(windows):
    found = with_an_idle_window(windows.found)
    (axis,) = in_out_chart(found).axes
    points = {one.get_label(): one.get_offsets() for one in axis.collections if one.get_label()[0] != "_"}
    assert set(points) == {"in training", "in the test"}
    shown = {label: np.isfinite(np.ma.filled(at, np.nan)[:, 1]).sum() for label, at in points.items()}
    assert shown == {"in training": len(found.steps), "in the test": len(found.steps) - 1}


def test_the_interest_in_the_gain_is_told(windows):
    found = with_an_idle_window(windows.found)
    gain = found.equity[-1] - found.equity[0]
    what = "gain" if gain > 0 else "loss"
    money = 100 * len(found.steps)
    said = f"Idle cash earned {money:,} of interest, which the {what} of {abs(gain):,.0f} includes already."
    assert said in sentences(found, walk_metrics(found))


def test_the_parameters_are_those_chosen(windows):
    panes = closer_of(windows, "parameters")
    (pane,) = panes.panes
    assert list(pane.names) == ["0", "1", "2", "3", "4"]
    chosen = [pane.names[int(place)] for place in all_parts(panes, Marks)["window"].values]
    assert chosen == list(windows.windows["rule.day"])
    steps = all_parts(panes, Line)["chosen"].values
    assert [pane.names[int(place)] for place in steps[::2]] == chosen


@needs_skfolio
def test_the_paths_of_folds_are_those_of_the_frame(spec):
    answer = ask(spec, folds=5, workers=1)
    checked_first_screen(answer, "one_day_in_five on CASE, ")
    assert "5 folds, 2 of them to test: 10 splits" in answer.asked
    frame = answer.paths.filter(like="path_")
    panes = closer_of(answer, "paths")
    band = all_parts(panes, Band)["all 4 paths"]
    np.testing.assert_allclose(band.low, frame.min(axis=1))
    np.testing.assert_allclose(band.high, frame.max(axis=1))
    lines = all_parts(panes, Line)
    np.testing.assert_allclose(lines["CASE held"].values, answer.paths["hold_index"])
    for name, line in lines.items():
        if name.startswith("path"):
            np.testing.assert_allclose(line.values, frame["path_" + name.removeprefix("path ").split(",")[0]])
    assert sum(line.shown for line in lines.values()) <= 6
    bars = all_parts(closer_of(answer, "sharpes"), Bars)
    assert bars["in training"].heights.sum() == len(answer.splits)
    assert bars["on the test folds"].heights.sum() == answer.splits["out_sharpe"].notna().sum()
    first = bars["in training"]
    counts = [
        ((answer.splits["in_sharpe"] >= a) & (answer.splits["in_sharpe"] < b)).sum()
        for a, b in zip(first.left, first.right, strict=True)
    ]
    assert counts == list(first.heights)
