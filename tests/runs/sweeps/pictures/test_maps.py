"""The page of a sweep: what is read first, and maps and curves that hold the numbers of its cells."""

import re

import numpy as np
import pytest

from runs.answers.closer import Bars, Choice, Heatmap, Line, Marks
from runs.answers.page.payload import payload
from runs.sweeps.answer import answer_of
from runs.sweeps.results.view import look
from tests.runs.sweeps.folders import hill, make_sweep

FAST, STOP, SIDE = [2, 3, 5, 8], [None, 0.1, 0.2], ["bear", "bull"]
TWO = {"rule.fast": FAST, "plan.stop": STOP}
THREE = {**TWO, "rule.side": SIDE}
FOUR = {**THREE, "plan.target": [0.1, 0.3]}
LUCK = {
    "data": None,
    "runs": 12,
    "trials": 5.0,
    "spread": 0.3,
    "expected_best": 0.4,
    "deflated": {},
    "overfitting": {"probability": 0.31, "splits": 924},
}


def answer(folder, axes, by=None, **more):
    make_sweep(folder, axes, hill(axes), **more)
    return answer_of(folder, look(folder, by))


def maps(found):
    name = "heatmap" if "heatmap" in found.pictures else "sweep"
    assert found.lead == name
    closer = found.pictures[name].closer()
    assert isinstance(closer, Choice)
    return closer.of


def by_text(value):
    return "none" if value is None else f"{value:.12g}"


def test_a_map_of_two_parameters_is_the_table_of_its_cells_by_each_metric(tmp_path):
    found = answer(tmp_path / "s", TWO)
    of = maps(found)
    assert list(of) == ["Sharpe", "total return", "worst drawdown", "trades"]
    cells = found.cells
    for name, metric in zip(of, ("sharpe", "total_return", "max_drawdown", "trades"), strict=True):
        shown = of[name]
        assert (shown.row_label, shown.column_label) == ("plan.stop", "rule.fast")
        assert list(shown.rows) == ["none", "0.2", "0.1"]  # the largest number at the top, none beyond it
        for _, cell in cells.iterrows():
            row = shown.rows.index(cell["plan.stop"] if isinstance(cell["plan.stop"], str) else "none")
            column = shown.columns.index(by_text(cell["rule.fast"]))
            assert shown.values[row, column] == pytest.approx(cell[metric], rel=1e-12)
            assert f"trades {cell['trades']:.0f}" in shown.words[row][column]
    best = cells.loc[cells["sharpe"].idxmax()]
    row, column = of["Sharpe"].marked
    assert of["Sharpe"].columns[column] == by_text(best["rule.fast"])
    assert of["Sharpe"].values[row, column] == pytest.approx(best["sharpe"])


def test_three_parameters_are_a_map_for_each_value_and_medians_over_each(tmp_path):
    found = answer(tmp_path / "s", THREE)
    of, cells = maps(found), found.cells
    best = cells.loc[cells["sharpe"].idxmax()]
    assert next(iter(of)) == f"stop × fast, side {best['rule.side']}"
    for side in SIDE:
        shown = of[f"stop × fast, side {side}"]
        own = cells[cells["rule.side"] == side]
        assert np.nansum(shown.values) == pytest.approx(own["sharpe"].sum())
        assert (shown.marked is not None) == (side == best["rule.side"])
    median = of["stop × fast, over all side"]
    groups = cells.fillna({"plan.stop": "none"}).groupby(["plan.stop", "rule.fast"])
    for (stop, fast), wanted in groups["sharpe"].median().items():
        at = median.rows.index(stop), median.columns.index(by_text(fast))
        assert median.values[at] == pytest.approx(wanted)
        mine = groups.get_group((stop, fast))
        most = mine.loc[mine["sharpe"].idxmax()]
        words = median.words[at[0]][at[1]]
        assert words.startswith("best of 2 cells: ")
        assert f"side {most['rule.side']}" in words
        assert f"Sharpe {most['sharpe']:.2f}".replace("-", "−")[:9] in words


def test_of_more_the_slice_through_the_best_cell_comes_first(tmp_path):
    found = answer(tmp_path / "s", FOUR)
    of, cells = maps(found), found.cells
    name, shown = next(iter(of.items()))
    assert name == "stop × fast, the others as in the best cell"
    best = cells.loc[cells["sharpe"].idxmax()]
    same = (cells["rule.side"] == best["rule.side"]) & (cells["plan.target"] == best["plan.target"])
    assert np.nansum(shown.values) == pytest.approx(cells.loc[same, "sharpe"].sum())
    assert not found.pictures["sweep"].on_page
    assert sum("over all others" in name for name in of) >= 6  # each pair of the four


def test_what_was_not_run_or_has_no_value_is_said(tmp_path):
    axes = {"rule.fast": [1, 2, 3], "rule.slow": [5, 6]}
    made = {"sharpe": [1.0, 2.0, 3.0, np.nan], "trades": [9, 9, 9, 9]}
    make_sweep(tmp_path / "s", axes, made, cells=[0, 1, 3, 4])
    found = answer_of(tmp_path / "s", look(tmp_path / "s"))
    shown = maps(found)["Sharpe"]
    assert (list(shown.rows), list(shown.columns)) == (["6", "5"], ["1", "2", "3"])
    assert shown.words[1][2].startswith("no value")
    assert shown.words[1][1] == "not run"
    assert np.isnan(shown.values[1, 1:]).all()


def test_of_very_many_cells_a_few_thousand_fields_are_on_the_page(tmp_path):
    axes = {"rule.fast": list(range(400)), "plan.stop": [i / 1000 for i in range(1, 301)], "rule.side": SIDE}
    found = answer(tmp_path / "s", axes)
    of, values = maps(found), found.cells["sharpe"].to_numpy()
    assert sum(shown.values.size for shown in of.values()) <= 6_000
    shown = of["stop × fast, over all side"]
    assert shown.columns[0] == "0 to 9"
    assert shown.rows[-1] == "0.001 to 0.01"
    whole = values.reshape(400, 300, 2)
    assert shown.values[-1, 0] == pytest.approx(np.median(whole[:10, :10]))
    assert shown.words[-1][0].startswith("best of 200 cells: fast ")
    assert len(found.to_html()) < 1_500_000


def test_bars_count_the_cells_and_curves_run_through_the_best(tmp_path):
    found = answer(tmp_path / "s", {"rule.fast": list(range(30)), "rule.slow": list(range(30, 40))})
    cells = found.cells
    panes = found.pictures["distribution"].closer()
    bars = [part for part in panes.panes[0].parts if isinstance(part, Bars)]
    counts = np.histogram(cells["sharpe"], panes.x)[0]
    np.testing.assert_array_equal(sum(part.heights for part in bars), counts)
    assert bars[1].heights.sum() == 3  # the best hundredth of 300
    best = cells.loc[cells["sharpe"].idxmax()]
    along = found.pictures["stability"].closer().of["rule.fast"]
    lines = {part.name: part.values for part in along.panes[0].parts if isinstance(part, Line)}
    beside = cells[cells["rule.slow"] == best["rule.slow"]]
    np.testing.assert_allclose(lines["through the best cell"], beside["sharpe"], rtol=1e-12)
    medians = cells.groupby("rule.fast")["sharpe"].median()
    np.testing.assert_allclose(lines["median of all cells with that value"], medians, rtol=1e-12)
    mark = [part for part in along.panes[0].parts if isinstance(part, Marks)][-1]
    assert (mark.at[0], mark.values[0]) == (best["rule.fast"], best["sharpe"])


@pytest.mark.parametrize("values", [["bear", "bull", "both"], [None, 0.1, 0.2], [1, 2], [7]])
def test_one_parameter_of_words_or_of_few_values_is_a_table(tmp_path, values):
    found = answer(tmp_path / "s", {"rule.one": values})
    shown = found.pictures[found.lead].closer()
    assert isinstance(shown, Heatmap)
    assert sorted(shown.values.ravel()) == pytest.approx(sorted(found.cells["sharpe"]))
    assert payload(shown)["marked"] == list(shown.marked)
    assert "could not be made" not in found.to_html()


@pytest.mark.parametrize(
    ("probability", "word", "tone"), [(0.97, "more than luck", "good"), (0.6, "may be luck", "bad")]
)
def test_first_stand_the_best_cell_and_how_likely_it_is_luck(tmp_path, probability, word, tone):
    from runs.sweeps.results.first import key_figures, luck_verdict
    from runs.sweeps.results.luck_words import luck_sentences

    found = answer(tmp_path / "s", TWO)
    best = found.best.iloc[0]
    own = {"probability": probability, "sharpe": best["sharpe"]}
    held = {"name": "nasdaq", "total_return": 2.492, "sharpe": 0.3}
    luck = {**LUCK, "deflated": {str(int(best["cell"])): own}, "held": held}
    figures = key_figures(found.view, luck)
    assert [figure.label for figure in figures] == [
        "Sharpe",
        "total return",
        "trades",
        f"median of its {best['neighbours']:.0f} neighbours",
        "probability of overfitting (PBO)",
    ]
    assert figures[0].value == f"{best['sharpe']:.2f}"
    assert figures[1].beside == "nasdaq held: +249.2 %"
    assert figures[0].beside.endswith("; nasdaq held: 0.30")
    assert figures[3].value == f"{best['neighbours_median']:.2f}"
    assert figures[4].value == "31 %"
    assert key_figures(found.view, {**luck, "overfitting": None})[4].value == f"{probability:.0%}".replace(
        "%", " %"
    )
    verdict = luck_verdict(found.view, luck)
    assert (verdict.word, verdict.tone) == (word, tone)
    # Short, as the sentence below it has the rest: no clause is read twice.
    assert f"with a probability of {probability:.0%}; 95 % is".replace("%;", " %;") in verdict.said
    below = luck_sentences(luck, int(best["cell"]), True)[0]
    assert "worth some 5 independent trials" in below
    assert not {part for part in re.split("[;:,(]", verdict.said) if len(part) > 25} & set(
        re.split("[;:,(]", below)
    )
    assert found.edge.word == "luck not measured"  # this folder says nothing of it
    assert found.asked == "rsi_timing on nasdaq · 12 cells: rule.fast 4 × plan.stop 3"


def test_the_page_lists_a_hundred_cells_with_every_metric_and_the_terminal_ten(tmp_path, capsys):
    found = answer(tmp_path / "s", {"rule.fast": list(range(15)), "rule.slow": list(range(30, 40))})
    tables = [table for part in found.sections for table in part.tables if table.title.startswith("The best")]
    short, long = tables
    assert (len(short.rows), short.on_page, long.brief, long.long) == (10, False, False, True)
    order = found.cells.sort_values(["sharpe", "cell"], ascending=[False, True])
    shown = long.headings[: len(long.headings) - long.more[0]]
    assert shown[:3] == ["rank", "fast", "slow"]  # what was chosen stands before what it made
    assert set(shown[3:8]) == {"Sharpe", "total return", "worst drawdown", "trades", "neighbours"}
    assert long.headings[len(shown)] == "cell"  # a number that tells a person nothing: behind "every metric"
    assert [row[len(shown)] for row in long.rows] == [f"{cell:,}" for cell in order["cell"][:100]]
    at = long.headings.index("win rate")
    assert at >= len(shown)
    assert long.rows[0][at] == f"{100 * order['win_rate'].iloc[0]:.1f} %"
    found.show()
    assert "every metric" not in capsys.readouterr().out
    assert short.title not in found.to_html()


@pytest.mark.parametrize(
    ("probability", "said"),
    [
        (0.05, "mostly stayed in the better half"),
        (0.31, "in the better half again more often than not"),
        (0.47, "hardly better than to draw one"),
        (0.5, "no better than to draw one"),
        (0.9, "no better than to draw one"),
    ],
)
def test_overfitting_is_held_against_the_toss_of_a_coin(probability, said):
    from runs.sweeps.results.luck_words import luck_sentences

    luck = {**LUCK, "overfitting": {"probability": probability, "splits": 924}}
    assert luck_sentences(luck, 0, True)[-1].endswith(f"{said}.")


@pytest.mark.parametrize("probability", [0.02, 0.48, 0.6, 0.97])
def test_sentence_and_verdict_on_the_best_cell_say_the_same(tmp_path, probability):
    from runs.sweeps.results.first import luck_verdict
    from runs.sweeps.results.luck_words import luck_sentences

    found = answer(tmp_path / "s", TWO)
    cell = int(found.best.iloc[0]["cell"])
    luck = {**LUCK, "deflated": {str(cell): {"probability": probability, "sharpe": 1.0}}}
    doubted = "luck may explain it" in luck_sentences(luck, cell, True)[0]
    assert doubted == (luck_verdict(found.view, luck).word == "may be luck")


@pytest.mark.parametrize("trades", [1, 40])
def test_a_best_cell_that_hardly_traded_is_said_first(tmp_path, trades):
    axes = {"rule.fast": list(range(6))}
    made = {"sharpe": np.arange(6.0), "trades": np.full(6, trades)}
    make_sweep(tmp_path / "s", axes, made)
    found = answer_of(tmp_path / "s", look(tmp_path / "s"))
    figure = next(figure for figure in found.figures if figure.label == "trades")
    assert figure.value == str(trades)
    assert ("fewer than 10 say little" in figure.beside) == (trades == 1)
    assert ("The best cell made 1 trade: its Sharpe says little." in found.headline) == (trades == 1)


def test_a_best_cell_that_lost_is_no_matter_of_luck(tmp_path):
    from runs.sweeps.results.first import luck_verdict
    from runs.sweeps.results.luck_words import luck_sentences

    found = answer(tmp_path / "s", TWO)
    cell = int(found.best.iloc[0]["cell"])
    own = {"probability": 0.07, "sharpe": -0.33}
    luck = {**LUCK, "deflated": {str(cell): own}, "overfitting": {"probability": 0.03, "splits": 924}}
    verdict = luck_verdict(found.view, luck)
    assert (verdict.word, verdict.tone) == ("no edge", "bad")
    first, second = luck_sentences(luck, cell, True)
    assert "no edge to be explained" in first
    assert second.endswith("mostly stayed in the better half, which here is the half that lost less.")
