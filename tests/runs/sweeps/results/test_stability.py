"""Neighbours, their medians and what is said of them, on grids small enough to work out by hand."""

import numpy as np
import pytest
from pandas.util import hash_array

from letf_instruments import DataError
from runs.sweeps.pictures import distribution, heatmaps
from runs.sweeps.results.importance import eta_squared
from runs.sweeps.results.neighbours import neighbours
from runs.sweeps.results.run_numbers import HASH_FACTOR, numbered_runs
from runs.sweeps.results.stability import stability
from runs.sweeps.results.table import open_sweep
from runs.sweeps.results.top_tables import known_columns
from runs.sweeps.results.view import look
from runs.sweeps.results.words import sentences
from tests.runs.sweeps.folders import make_sweep

# rule.fast runs down, rule.slow across; cell 4 is the middle of three by three.
NINE = {"rule.fast": [2, 3, 5], "rule.slow": [10, 20, 30]}
SPIKE = [0.1, 0.2, 0.1, 0.3, 2.0, 0.2, 0.0, 0.2, 0.9]


@pytest.fixture
def sweep(tmp_path):
    def made(axes, values, by="sharpe", trades=(), copies=False, **more):
        """Cells with equal values differ in what they were exposed, unless they are to be copies."""
        metrics = {by: values} | ({"trades": trades} if len(trades) else {})
        if not copies:
            metrics["exposure_gross"] = np.arange(len(values)) / 1e6
        return open_sweep(make_sweep(tmp_path / "s", axes, metrics, **more))

    return made


def test_neighbours_are_one_step_away_along_one_axis(sweep):
    table = sweep(NINE, SPIKE)
    assert neighbours(table, 4).tolist() == [1, 3, 5, 7]
    assert neighbours(table, 0).tolist() == [1, 3]
    assert neighbours(table, 5).tolist() == [2, 4, 8]


def test_every_other_word_is_a_neighbour_and_so_is_the_other_of_true_and_false(sweep):
    axes = {"rule.side": ["bull", "bear", "both"], "rule.flag": [False, True], "plan.max_bars": [5, 10, 15]}
    table = sweep(axes, np.arange(18.0))
    # 6 cells a side, 3 a flag: cell 1 is (bull, false, 10)
    assert neighbours(table, 1).tolist() == [0, 2, 4, 7, 13]


def test_numbers_are_next_to_each_other_by_value_and_none_comes_after_the_largest(sweep):
    table = sweep({"plan.stop": [None, 0.1, 0.02, 0.05]}, [1.0, 2.0, 3.0, 4.0])
    # in order: 0.02 (cell 2), 0.05 (3), 0.1 (1), none (0)
    assert neighbours(table, 0).tolist() == [1]
    assert neighbours(table, 1).tolist() == [0, 3]
    assert neighbours(table, 2).tolist() == [3]
    assert neighbours(table, 3).tolist() == [1, 2]


def test_the_end_of_the_grid_is_the_least_or_largest_number_and_never_none(sweep):
    def at_end(values, best):
        return stability(sweep({"plan.stop": values}, np.eye(len(values))[best]), "sharpe").at_end

    assert at_end([0.1, 0.02, 0.05], 0) == ("plan.stop",)
    assert at_end([0.1, 0.02, 0.05], 1) == ("plan.stop",)
    assert at_end([0.1, 0.02, 0.05], 2) == ()
    assert at_end([None, 0.1, 0.02, 0.05], 0) == ()
    assert at_end([None, 0.1, 0.02, 0.05], 1) == ()
    assert at_end(["bull", "bear", "both"], 0) == ()


def test_pictures_go_by_value_whatever_the_order_typed(tmp_path):
    axes = {"plan.stop": [None, 0.1, 0.02], "plan.max_bars": [20, 5]}
    view = look(make_sweep(tmp_path / "s", axes, {"sharpe": [6, 5, 4, 3, 2, 1]}))
    assert view.value_texts(0) == ["0.02", "0.1", "none"]
    assert view.place == (2, 1)  # none and 20
    fields, _ = heatmaps._slice(view, (0, 1), np.ones(6, bool))
    assert fields.tolist() == [[1, 2], [3, 4], [5, 6]]
    lines = distribution.stability_chart(view).axes[0].get_lines()
    along = next(line for line in lines if len(line.get_xdata()) == 3 and line.get_marker() == "o")
    assert along.get_ydata().tolist() == [2, 4, 6]  # at 20 bars


def test_an_axis_of_one_value_has_no_neighbours(sweep):
    table = sweep({"plan.stop": [0.1], "plan.max_bars": [5, 10]}, [1.0, 2.0])
    assert neighbours(table, 0).tolist() == [1]


def test_median_and_worst_of_the_neighbours_by_hand(sweep):
    best = stability(sweep(NINE, SPIKE), "sharpe").best
    # up 0.2, left 0.3, right 0.2, down 0.2
    assert (best.cell, best.rank, best.value) == (4, 1, 2.0)
    assert (best.count, best.possible) == (4, 4)
    assert best.median == pytest.approx(0.2)
    assert best.worst == pytest.approx(0.2)


def test_a_spike_keeps_little_of_the_way_from_the_median_cell(sweep):
    table = sweep(NINE, SPIKE)
    found = stability(table, "sharpe")
    # sorted: 0.0 0.1 0.1 0.2 0.2 0.2 0.3 0.9 2.0: the median cell made 0.2, as the neighbours did
    assert found.kept == pytest.approx(0.0)
    text = " ".join(sentences(table, found, None))
    assert "stands on a spike" in text
    assert "keeps 0 % of the way from the median cell (0.20)" in text
    assert "Best of 9 cells" in text
    assert "luck" in text


def test_a_plateau_keeps_most_of_it(sweep):
    table = sweep(NINE, [0.0, 0.9, 0.0, 0.9, 1.0, 0.9, 0.0, 0.9, -5.0])
    found = stability(table, "sharpe")
    # the median of all is 0.9: nothing is left of the way but a tenth, and the neighbours are at its start
    assert found.kept == pytest.approx(0.0)
    table = sweep({"rule.fast": [1, 2, 3, 4, 5]}, [0.0, 0.0, 0.9, 1.0, 0.8])
    found = stability(table, "sharpe")
    # median of all 0.8; neighbours 0.9 and 0.8, their median 0.85: a quarter of the way
    assert found.kept == pytest.approx(0.25)
    table = sweep({"rule.fast": list(range(7))}, [0.0, 0.0, 0.0, 0.0, 0.9, 1.0, 0.8])
    found = stability(table, "sharpe")
    assert found.kept == pytest.approx(0.85)
    assert "stands on a plateau" in sentences(table, found, None)[2]


def test_less_is_better_turns_best_and_worst(sweep):
    found = stability(sweep(NINE, np.arange(9.0)[::-1] + 1, by="costs_paid"), "costs_paid")
    # cell 8 cost 1; above it 5 stands with 4, left of it 7 with 2
    assert found.best.cell == 8
    assert found.best.median == pytest.approx(3.0)
    assert found.best.worst == pytest.approx(4.0)
    assert found.at_end == ("rule.fast", "rule.slow")


def test_cells_that_were_not_drawn_or_have_no_value_are_no_neighbours(sweep):
    table = sweep(NINE, [1.0, 3.0, np.nan, 2.0], cells=[1, 4, 5, 8])
    best = stability(table, "sharpe").best
    assert (best.cell, best.possible, best.count, best.median) == (4, 4, 1, 1.0)
    text = " ".join(sentences(table, stability(table, "sharpe"), None))
    assert "Of the 4 neighbours of the best cell 2 were not drawn (sample) and 1 has a Sharpe:" in text


def test_a_refused_cell_is_neither_ranked_nor_a_neighbour(sweep):
    values = [0.1, 0.2, 0.1, 0.3, 2.0, 0.2, 0.0, 0.2, 0.9]
    table = sweep(NINE, values, refused={4: "oversold must lie below overbought", 1: "the same"})
    found = stability(table, "sharpe")
    assert (found.best.cell, found.refused, found.valued) == (8, 2, 7)
    assert 4 not in {hood.cell for hood in found.top}


def test_the_steadier_choice_goes_by_the_lesser_of_itself_and_its_neighbours(sweep):
    table = sweep({"rule.fast": list(range(9))}, [0.0, 2.0, 0.0, 0.1, 1.0, 1.1, 1.0, 0.2, 0.1])
    found = stability(table, "sharpe")
    assert found.best.cell == 1
    # cells 0 and 2 have the spike's 2.0 beside them and made nothing; beside 5 both made 1.0
    assert (found.steadiest.cell, found.steadiest.rank, found.steadiest.median) == (5, 2, 1.0)
    assert "cell 5 (rank 2), 1.10 itself, its neighbours' median 1.00" in " ".join(
        sentences(table, found, None)
    )


def test_ties_go_to_the_lower_cell(sweep):
    found = stability(sweep({"rule.fast": [1, 2, 3, 4]}, [1.0, 5.0, 5.0, 1.0]), "sharpe")
    assert [hood.cell for hood in found.top] == [1, 2, 0, 3]


def test_no_value_at_all_is_one_sentence(sweep):
    with pytest.raises(DataError, match="not one of 4 cells has a value of sharpe"):
        stability(sweep({"rule.fast": [1, 2, 3, 4]}, [np.nan] * 4), "sharpe")


def test_eta_squared_by_hand():
    # groups (1, 3) and (5, 7): means 2 and 6 about 4, so 2·4 + 2·4 = 16 of 9 + 1 + 1 + 9 = 20
    values, group = np.array([1.0, 3.0, 5.0, 7.0, np.nan]), np.array([0, 0, 1, 1, 1])
    assert eta_squared(values, group, 2) == pytest.approx(0.8)
    assert eta_squared(np.ones(4), np.array([0, 0, 1, 1]), 2) is None


def test_the_axis_that_does_everything_explains_everything(sweep):
    found = stability(sweep(NINE, [1, 1, 1, 2, 2, 2, 4, 4, 4]), "sharpe")
    assert found.shares == (("rule.fast", pytest.approx(1.0)), ("rule.slow", pytest.approx(0.0)))


# -- axes without effect --------------------------------------------------------------------------------

LINE = [0.0, 0.0, 0.0, 0.2, 2.0, 0.2, 0.0]  # a spike of 2.0 with 0.2 on either side


def test_an_axis_that_changes_nothing_gives_no_neighbours(sweep):
    axes = {"rule.fast": list(range(7)), "costs.borrow_fee": [1, 2, 3], "account.cash": [1, 2]}
    found = stability(sweep(axes, np.repeat(LINE, 6)), "sharpe")
    best = found.best
    # with the copies beside it the median of five neighbours would be 2.0: a plateau
    assert (best.possible, best.count, best.median, best.worst) == (2, 2, 0.2, 0.2)
    assert best.idle == ("costs.borrow_fee", "account.cash")
    text = " ".join(sentences(sweep(axes, np.repeat(LINE, 6)), found, None))
    assert "stands on a spike: its 2 neighbours' median, 0.20 (worst 0.20), keeps 10 %" in text
    assert "borrow_fee and cash change nothing here." in text
    assert "end of the grid" not in text  # though borrow_fee and cash stand at theirs


def test_an_axis_that_changes_something_elsewhere_only_is_left_out_here(sweep):
    found = stability(sweep({"rule.fast": [1, 2, 3], "rule.slow": [1, 2]}, [5, 5, 1, 2, 3, 4]), "sharpe")
    assert found.best.idle == ("rule.slow",)
    assert (found.best.possible, found.best.median) == (1, 1.0)
    assert found.top[2].idle == ()


def test_where_nothing_changes_anything_there_is_nothing_to_compare_with(sweep):
    table = sweep({"account.cash": [1, 2, 3], "costs.borrow_fee": [1, 2]}, [1.5] * 6)
    text = " ".join(sentences(table, stability(table, "sharpe"), None))
    assert "cash and borrow_fee change nothing here: there is nothing to compare the best cell with." in text
    assert "plateau" not in text
    assert "steadier" not in text


def test_a_difference_in_the_twelfth_digit_is_none_and_one_in_the_ninth_is(sweep):
    for step, idle in ((1e-13, ("rule.slow",)), (1e-9, ())):
        table = sweep({"rule.fast": [1, 2, 3], "rule.slow": [1, 2]}, [2, 2 + step, 1, 1, 0, 0])
        assert stability(table, "sharpe").best.idle == idle


def test_copies_count_once_among_the_best_from_which_the_steadier_is_chosen(sweep):
    # 200 copies of the spike would fill the best hundred; cell 1 of a copy is the hill's top
    line = [3.0, 0.0, 0.0, 1.0, 1.1, 1.01, 0.0]
    axes = {"rule.fast": list(range(7)), "account.cash": list(range(200))}
    table = sweep(axes, np.repeat(line, 200), copies=True)
    found = stability(table, "sharpe")
    assert [hood.cell for hood in found.differing] == [0, 800, 1000, 600, 200]
    assert [hood.rank for hood in found.differing] == [1, 201, 401, 601, 801]
    assert found.steadiest.cell == 800
    assert "the first of the best 5 cells that differ." in " ".join(sentences(table, found, None))


def test_cells_with_one_sharpe_and_different_trades_are_not_copies(sweep):
    table = sweep({"rule.fast": [1, 2, 3]}, [1.0, 1.0, 0.0], trades=[20, 30, 40])
    assert [hood.cell for hood in stability(table, "sharpe").differing] == [0, 1, 2]


# -- few trades -----------------------------------------------------------------------------------------


def test_a_best_cell_of_few_trades_is_said_in_the_same_breath(sweep):
    for trades, said in (
        (2, "made 2 trades"),
        (1, "made 1 trade"),
        (9, "made 9 trades"),
        (0, "made 0 trades"),
    ):
        table = sweep({"rule.fast": [1, 2, 3]}, [1.0, 5.0, 2.0], trades=[99, trades, 99])
        first = sentences(table, stability(table, "sharpe"), None)[0]
        assert first.startswith("Best of 3 cells")
        assert first.endswith(f". The best cell {said}: its Sharpe says little.")
    table = sweep({"rule.fast": [1, 2, 3]}, [1.0, 5.0, 2.0], trades=[1, 10, 1])
    assert "says little" not in " ".join(sentences(table, stability(table, "sharpe"), None))


def test_a_rule_that_shifts_weights_is_not_judged_by_its_trades(sweep):
    table = sweep({"rule.fast": [1, 2, 3]}, [1.0, 5.0, 2.0], trades=[1, 1, 1], strategy="mix")
    assert "says little" not in " ".join(sentences(table, stability(table, "sharpe"), None))


def test_cells_of_too_few_trades_have_no_value(sweep):
    table = sweep({"rule.fast": [1, 2, 3, 4]}, [1.0, 5.0, 2.0, 3.0], trades=[10, 9, 11, 50])
    found = stability(table, "sharpe", min_trades=10)
    # left: 1.0, 2.0, 3.0; the best is at the end, and beside it stands 2.0
    assert (found.best.cell, found.valued, found.median) == (3, 3, 2.0)
    assert (found.best.count, found.best.median) == (1, 2.0)
    assert "The best cell has one neighbour, 2.00: too few to tell" in " ".join(sentences(table, found, None))
    assert [hood.cell for hood in found.top] == [3, 2, 0]
    said = sentences(table, found, None)[0]
    assert said.startswith("Best of 3 cells with a Sharpe and at least 10 trades (1 more has none): 3.00")
    with pytest.raises(DataError, match="not one of 4 cells has a value of sharpe and at least 99 trades"):
        stability(table, "sharpe", min_trades=99)


# -- words ----------------------------------------------------------------------------------------------


def test_a_search_speaks_of_the_cells_it_chose(sweep):
    search = {"trials": 400, "by": "sharpe", "seed": 1}
    table = sweep(NINE, [1.0, 3.0, 2.0, 2.5], by="cagr", cells=[1, 4, 5, 8], search=search)
    first = sentences(table, stability(table, "cagr"), None)[0]
    assert "Best of 4 cells with a CAGR among the cells that a search for the best Sharpe chose: " in first
    assert first.endswith("are of those cells, not of the grid.")
    table = sweep(NINE, SPIKE)
    assert "search" not in sentences(table, stability(table, "sharpe"), None)[0]


def test_one_cell_has_nothing_to_be_compared_with(sweep):
    table = sweep({"rule.fast": [1]}, [1.0])
    assert sentences(table, stability(table, "sharpe"), None) == [
        "Only 1 cell has a Sharpe: 1.00; there is nothing to compare it with.",
        "The best of many is partly luck; how much was not measured.",
    ]
    table = sweep({"rule.fast": [1, 2]}, [1.0, 2.0], refused={0: "no"})
    assert (
        "Only 1 cell has a Sharpe (1 more was refused): 2.00"
        in sentences(table, stability(table, "sharpe"), None)[0]
    )


def test_neighbours_worse_than_the_median_cell_keep_nothing(sweep):
    # the median of 0, 1, 1, 1, 2, 0, 1 is 1; beside the 2 stand 1 and 0
    table = sweep({"rule.fast": list(range(7))}, [1, 1, 1, 0, 2, 0, 1])
    text = " ".join(sentences(table, stability(table, "sharpe"), None))
    assert "spike: its 2 neighbours' median, 0.00 (worst 0.00), is worse than the median cell (1.00)." in text
    assert "keeps" not in text


def test_neighbours_that_were_not_drawn_are_told_as_such(sweep):
    """Of a sample most neighbours were never run, which is not that they have no value."""
    for cells, told in (
        ([0, 4, 8], "None of the 4 neighbours of the best cell was drawn (sample)"),
        ([1, 4, 8], "Of the 4 neighbours of the best cell 3 were not drawn (sample) and 1 has a"),
    ):
        table = sweep(NINE, [1.0, 3.0, 2.0], cells=cells)
        assert told in " ".join(sentences(table, stability(table, "sharpe"), None))
    table = sweep(NINE, [1.0] * 4 + [3.0] + [1.0] * 4, refused=dict.fromkeys([1, 3, 5, 7], "no"))
    text = " ".join(sentences(table, stability(table, "sharpe"), None))
    assert "None of the 4 neighbours of the best cell have a Sharpe: too few" in text


def test_a_column_without_a_value_is_left_out():
    assert known_columns(["a", "b", "c"], [["1", "n/a", "n/a"], ["2", "n/a", "0"]]) == [0, 2]


def test_a_single_neighbour_is_no_plateau(sweep):
    table = sweep({"rule.fast": [1, 2, 3, 4, 5]}, [4.0, 4.0, 0.0, 0.0, 0.0])
    text = " ".join(sentences(table, stability(table, "sharpe"), None))
    assert "The best cell has one neighbour, 4.00: too few to tell a plateau from a spike." in text
    assert "stands on" not in text


@pytest.mark.parametrize(
    ("by", "said"), [("trades", "a value of trades"), ("costs_paid", "a value of costs paid")]
)
def test_what_takes_no_article_has_a_value(sweep, by, said):
    table = sweep({"rule.fast": [1, 2, 3]}, [20, 30, 40], by=by)
    assert f"Best of 3 cells with {said}: " in sentences(table, stability(table, by), None)[0]


@pytest.mark.parametrize(("cells", "said"), [(99, False), (100, True)])
def test_the_best_hundredth_is_said_of_a_hundred_cells(sweep, cells, said):
    table = sweep({"rule.fast": list(range(cells))}, np.arange(float(cells)))
    first = sentences(table, stability(table, "sharpe"), None)[0]
    assert ("the best 1 % begin at" in first) is said
    assert f"the median cell made {(cells - 1) / 2:.2f}{', the best 1 %' if said else '.'}" in first


def test_no_median_of_neighbours_is_drawn_where_they_are_too_few(tmp_path):
    def legend(cells, values):
        view = look(make_sweep(tmp_path / "s", NINE, {"sharpe": values}, cells=cells))
        return [text.get_text() for text in distribution.stability_chart(view).legends[0].get_texts()]

    # of cell 4's four neighbours one was run, then two
    assert "median of its neighbours" not in legend([1, 4, 8], [1.0, 3.0, 2.0])
    assert "median of its neighbours" in legend([1, 4, 5, 8], [1.0, 3.0, 1.5, 2.0])


def test_a_run_s_number_is_of_the_bits_of_all_its_metrics_mixed_as_pandas_mixes_them():
    columns = [np.array([0.5, np.nan, -0.0, 1e300, 0.5]), np.array([1.0, 2.0, 3.0, 4.0, 1.0])]
    found = numbered_runs(columns)
    first, second = (hash_array(column + 0.0) for column in columns)
    np.testing.assert_array_equal(found, first * HASH_FACTOR + second)
    assert len(set(found.tolist())) == 4  # the last is the first
    assert found[2] == numbered_runs([np.array([0.0]), np.array([3.0])])[0]
