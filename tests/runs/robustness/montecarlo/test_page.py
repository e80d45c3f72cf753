"""The page of many paths: fan, distributions and quantiles as the frames have them."""

import numpy as np
import pytest

from runs.answers.closer import Band, Bars, Line, Marks
from runs.robustness.montecarlo.answer import ask
from runs.robustness.montecarlo.asked import Asked
from runs.robustness.montecarlo.words import share_rows
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest
from tests.runs.robustness.montecarlo.specs import RSI, noise, spec_of
from tests.runs.robustness.pages import all_parts, checked_first_screen, closer_of


@pytest.fixture(scope="module")
def answer(tmp_path_factory):
    spec = spec_of(tmp_path_factory.mktemp("paths"), noise(600), RSI)
    return ask(spec, Asked(paths=300), workers=1)[0]


def test_the_first_screen_says_what_was_drawn_and_what_came_of_it(answer):
    labels = checked_first_screen(answer, "rsi_timing on prices, 2010-01-04 to ")
    assert "300 paths of 2.3 years by its own days in blocks" in answer.asked
    assert labels[:3] == ["median return", "one path in twenty below", "paths with a loss"]
    total = answer.paths["total_return"]
    assert answer.figures[2].value == f"{100 * (total < 0).mean():.1f} %"
    assert answer.figures[0].value.replace("−", "-") == f"{100 * total.median():+.1f} %"
    assert (answer.edge.word, answer.edge.tone) == ("not asked: luck", "open")


def test_the_fan_is_that_of_the_frame(answer):
    panes, frame = closer_of(answer, "fan"), answer.fan
    assert panes.panes[0].log
    np.testing.assert_array_equal(panes.x, frame.index.to_numpy().astype("datetime64[D]"))
    bands, lines = all_parts(panes, Band), all_parts(panes, Line)
    np.testing.assert_allclose(bands["90 % of paths"].low, frame["q05"])
    np.testing.assert_allclose(bands["90 % of paths"].high, frame["q95"])
    np.testing.assert_allclose(bands["50 % of paths"].low, frame["q25"])
    np.testing.assert_allclose(lines["median"].values, frame["q50"])
    np.testing.assert_allclose(lines["the real run"].values, frame["real"])


@pytest.mark.parametrize(("who", "column"), [("rule", "total_return"), ("prices", "index_return")])
def test_bars_count_the_paths_by_what_they_made_a_year(answer, who, column):
    days = answer.found.job.paths.sessions
    years = (days[-1] - days[0]).astype(int) / 365.25
    values = (1 + answer.paths[column]) ** (1 / years) - 1
    panes = closer_of(answer, "distributions", f"{who}: return a year")
    bars = all_parts(panes, Bars)["paths"]
    assert bars.heights.sum() == pytest.approx(0.99 * 300, abs=2)
    for left, right, height in list(zip(bars.left, bars.right, bars.heights, strict=True))[:-1]:
        assert height == ((values >= left) & (values < right)).sum()
    marks = all_parts(panes, Marks)
    assert sorted(part.at[0] for part in marks.values())[0] <= values.median() + 1e-12
    assert any(part.at[0] == pytest.approx(values.median(), abs=1e-12) for part in marks.values())


def test_drawdowns_are_those_of_the_paths(answer):
    bars = all_parts(closer_of(answer, "distributions", "rule: deepest drawdown"), Bars)["paths"]
    low, high = np.quantile(answer.paths["max_drawdown"], [0.005, 0.995])
    assert (bars.left[0], bars.right[-1]) == pytest.approx((low, high))


def test_lines_run_from_the_worst_path_to_the_best(answer):
    panes = closer_of(answer, "beside")
    lines, frame = all_parts(panes, Line), answer.paths
    np.testing.assert_allclose(
        lines["prices held"].values[[0, -1]], 1 + frame["index_return"].agg(["min", "max"])
    )
    np.testing.assert_allclose(lines["cash"].values, 1 + np.quantile(frame["cash_return"], panes.x))


def test_what_a_run_says_of_its_funds_is_said_of_their_paths_too():
    spec = load_spec("rsi_timing", ["data.end=2002-12-31"])
    found = ask(spec, Asked(paths=50), workers=1)[0]
    assert found.headline.endswith("; mind that nasdaq is not the index of SOXS.")
    said = run_backtest(spec).warnings
    of_the_fund = [note for note in said if "SOXS" in note and ("index" in note or "spread" in note)]
    assert len(of_the_fund) >= 2
    assert set(of_the_fund) <= set(found.notes)


def test_a_column_of_what_was_wiped_out_stands_where_something_was(answer):
    table = next(t for part in answer.sections for t in part.tables if t.title == "On how many paths")
    assert answer.metrics["wiped_out"] == answer.metrics["index_wiped_out"] == 0.0
    assert table.headings[-1] == "ends below half"
    assert {len(row) for row in table.rows} == {len(table.headings)}
    headings, rows = share_rows(answer.found, answer.metrics | {"index_wiped_out": 0.01})
    assert headings[-1] == "wiped out"
    assert [row[-1] for row in rows][:2] == ["0.00 %", "1.00 %"]
