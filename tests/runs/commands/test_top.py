"""`letf top`, the pictures and the report, on sweeps made by hand."""

import re
import shlex
import struct

import numpy as np
import pytest

from runs.specs.reading import load_spec
from runs.sweeps.answer import answer_of
from runs.sweeps.pictures.charts import draw
from runs.sweeps.pictures.looks import colours, limits
from runs.sweeps.results.ranking import ranked, short_keys, short_text, tick_texts
from runs.sweeps.results.table import open_sweep
from runs.sweeps.results.top_tables import as_options
from runs.sweeps.results.view import look
from tests.runs.command import letf, read
from tests.runs.sweeps.folders import hill, make_sweep

TWO = {"rule.fast": [2, 3, 5], "plan.stop": [None, 0.1]}
SHARPE = [0.1, 0.7, np.nan, 0.7, 0.3, -0.2]
REFUSED = {4: "fast must lie below slow"}


def size(png):
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", png[16:24])


def report(folder, by=None):
    return answer_of(folder, look(folder, by)).to_html()


def drawn(folder, by, cell=None):
    """Every picture is made, and is as wide as a report."""
    pictures = draw(folder, by, cell).pictures
    assert len(pictures) >= 3
    assert all(size(png)[0] == 1100 for png in pictures.values())


@pytest.fixture
def two(tmp_path):
    costs = [5.0, 4.0, 1.0, 2.0, 0.5, 3.0]
    return make_sweep(tmp_path / "s", TWO, {"sharpe": SHARPE, "costs_paid": costs}, refused=REFUSED)


def test_the_best_come_first_ties_by_cell_and_what_has_no_value_never(two, tmp_path):
    done = letf("top", two, "--csv", tmp_path / "top.csv")
    assert done.returncode == 0, done.stderr
    rows = read(tmp_path / "top.csv")
    assert [row["cell"] for row in rows] == ["1", "3", "0", "5"]
    assert [row["sharpe"] for row in rows] == ["0.7", "0.7", "0.1", "-0.2"]
    assert [row["plan.stop"] for row in rows] == ["0.1", "0.1", "none", "0.1"]
    # beside cell 1 stand 0 (0.1) and 3 (0.7)
    assert (rows[0]["neighbours"], float(rows[0]["neighbours_median"])) == ("2", pytest.approx(0.4))
    assert "Best of 4 cells with a Sharpe (2 more have none, 1 of them refused): 0.70" in done.stdout
    assert "best, for letf run: --set rule.fast=2 --set plan.stop=0.1" in done.stdout


def test_less_is_better_for_costs(two, tmp_path):
    letf("top", two, "--by", "costs_paid", "-n", 2, "--csv", tmp_path / "top.csv")
    assert [row["cell"] for row in read(tmp_path / "top.csv")] == ["2", "3"]  # 4 was refused


def test_cells_of_few_trades_are_left_out_if_asked(tmp_path):
    axes = {"rule.fast": [1, 2, 3, 4], "rule.slow": [5, 6]}
    made = {"sharpe": [1, 9, 2, 3, 4, 5, 6, 7], "trades": [50, 2, 50, 50, 50, 50, 50, 50]}
    folder = make_sweep(tmp_path / "s", axes, made)
    assert "The best cell made 2 trades: its Sharpe says little." in letf("top", folder).stdout
    done = letf("top", folder, "--min-trades", 10, "--csv", tmp_path / "top.csv", "-n", 20)
    assert "The best cells by Sharpe with at least 10 trades" in done.stdout
    assert [row["cell"] for row in read(tmp_path / "top.csv")] == ["7", "6", "5", "4", "3", "2", "0"]
    view = look(folder, min_trades=10)
    assert view.title("x").endswith("8 cells, 7 with a value and at least 10 trades")
    assert np.isnan(view.values[1])


def test_a_cell_is_shown_in_full(two):
    done = letf("top", two, "--cell", 5)
    assert "4 of 4" in done.stdout
    assert "cell 5, for letf run: --set rule.fast=5 --set plan.stop=0.1" in done.stdout
    assert re.search(r"^ *engine +kernel *$", done.stdout, re.MULTILINE)


def test_of_a_refused_cell_it_is_said_why_and_no_options_are_given(two):
    done = letf("top", two, "--cell", 4)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^cell 4 was refused: fast must lie below slow$", done.stdout, re.MULTILINE)
    assert re.search(r"^ *rule.fast +5 *$", done.stdout, re.MULTILINE)
    assert "for letf run" not in done.stdout
    assert "profit factor" not in done.stdout


# A strategy's parameters may be of any kind, so its [rule] tells what a spec would be given.
KINDS = """
import backtrader as bt


class Anything(bt.Strategy):
    params = (("value", "kept"),)
"""


@pytest.mark.parametrize(
    "value",
    [
        {"SOXL": 0.5},
        {"SOXL": 0.5, "two words": {"x": 1}},
        ["rsi", "average"],
        ["1", "true"],
        [1, 2.5],
        0.1 + 0.2,
        1.0,
        1e-07,
        14,
        -3,
        True,
        False,
        "bull",
        "14",
        "0.5",
        "true",
        "2020-01-01",
        "[1]",
        "'quoted'",
        " spaced ",
        'it\'s "so"',
        "a = 1",
    ],
)
def test_options_give_back_the_value_of_the_cell(tmp_path, value):
    axes = {"rule.value": [value, "other"]}
    view = look(make_sweep(tmp_path / "s", axes, {"sharpe": [2.0, 1.0]}))
    spec = strategy_spec(tmp_path)
    flag, change = shlex.split(as_options(view, 0))
    back = load_spec(spec, [change]).rule["value"]
    assert flag == "--set"
    assert (back, type(back)) == (value, type(value))


def test_none_takes_the_key_out_again(tmp_path):
    view = look(make_sweep(tmp_path / "s", {"rule.value": [None, 1]}, {"sharpe": [2.0, 1.0]}))
    spec = strategy_spec(tmp_path, "[rule]\nvalue = 3\n")
    assert load_spec(spec).rule == {"value": 3}
    assert load_spec(spec, [shlex.split(as_options(view, 0))[1]]).rule == {}


def strategy_spec(folder, more=""):
    """A spec of a strategy of one's own."""
    (folder / "own.py").write_text(KINDS)
    path = folder / "own.toml"
    path.write_text(f'strategy = "own.py:Anything"\n[data]\nindex = "nasdaq"\n{more}')
    return path


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--by", "sharp"), "no metric is named 'sharp'; did you mean 'sharpe'?"),
        (
            ("--by", "exposure"),
            "no metric is named 'exposure'; there are exposure_gross, exposure_net, exposure_index",
        ),
        (("--cell", "99"), "cell 99 is not among the 6 cells"),
        (("--by", "calmar"), "not one of 6 cells has a value of calmar"),
    ],
)
def test_what_is_not_there_is_one_sentence(two, given, said):
    done = letf("top", two, *given)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_another_folder_is_one_sentence(tmp_path):
    done = letf("top", tmp_path)
    assert done.returncode == 2
    assert "is not a sweep's result" in done.stderr


def test_an_unfinished_sweep_says_how_much_of_it_is_there(tmp_path):
    folder = make_sweep(
        tmp_path / "s", {"rule.fast": [1, 2, 3, 4]}, {"sharpe": [1, 4, 2, 3]}, parts=2, planned=8
    )
    (folder / "parts" / "000002.parquet.writing").write_bytes(b"half")
    done = letf("top", folder, "--csv", tmp_path / "top.csv")
    assert "not whole yet: 4 of 8 cells (50.0 %)." in done.stdout
    assert [row["cell"] for row in read(tmp_path / "top.csv")] == ["1", "3", "2", "0"]
    assert open_sweep(folder).metric("sharpe").tolist() == [1, 4, 2, 3]  # the last part came first


def test_an_unfinished_search_speaks_of_its_trials(tmp_path):
    search = {"trials": 400, "by": "sharpe", "seed": 1}
    axes = {"rule.fast": [1, 2, 3, 4], "rule.slow": [5, 6]}
    made = {"sharpe": [1, 4, 2]}
    folder = make_sweep(tmp_path / "s", axes, made, cells=[0, 3, 5], parts=2, planned=8, search=search)
    done = letf("top", folder)
    assert "not whole yet: 3 cells of a search of 400 trials." in done.stdout
    assert "a search for the best Sharpe chose" in done.stdout
    assert "3 cells of a search of 400 trials so far" in look(folder).title("x")
    assert "3 cells of a search of 400 trials so far" in report(folder)


def test_only_so_many_are_ranked_as_all_would_be():
    values = np.array([3.0, np.nan, 1.0, 3.0, 2.0, 2.0])
    assert ranked(values, "sharpe").tolist() == [0, 3, 4, 5, 2]
    assert ranked(values, "sharpe", 3).tolist() == [0, 3, 4]
    assert ranked(values, "volatility", 2).tolist() == [2, 4]


def test_what_is_not_finite_ranks_nowhere():
    values = np.array([np.inf, 1.0, -np.inf, 2.0, np.nan, 0.0])
    for by, best in (("sharpe", [3, 1, 5]), ("volatility", [5, 1, 3])):
        assert ranked(values, by).tolist() == best
        assert ranked(values, by, 2).tolist() == best[:2]
    assert values[0] == np.inf  # what is given stays as it is


def test_a_column_that_is_not_there_is_one_sentence(two):
    import pyarrow.parquet as pq

    path = two / "cells.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["sharpe"]), path)
    done = letf("top", two)
    assert done.returncode == 2
    assert "has no column 'sharpe'" in done.stderr


# -- pictures -----------------------------------------------------------------------------------------

ONE = {"rule.word": ["a", "b", "$c$"]}
THREE = {"rule.fast": [2, 3, 5], "rule.slow": [10, 20, 30], "plan.stop": [None, 0.1, 0.2]}
FIVE = {**THREE, "rule.side": ["bear", "bull"], "plan.max_bars": [5, 10, 15]}


@pytest.mark.parametrize(("axes", "more"), [(THREE, 0), (FIVE, 1)])
def test_every_sweep_has_its_pictures(tmp_path, axes, more):
    folder = make_sweep(tmp_path / "s", axes, hill(axes), simulated=True)
    pictures = draw(folder).pictures
    names = ["sweep", *(["heatmap"] * more), "distribution", "stability"]
    assert list(pictures) == names
    for png in pictures.values():
        wide, high = size(png)
        assert wide == 1100
        assert 300 < high < 1600


def test_the_same_sweep_gives_the_same_bytes_and_another_cell_others(tmp_path):
    folder = make_sweep(tmp_path / "s", ONE, hill(ONE))
    one, again, other = (draw(folder, "sharpe", cell).pictures for cell in (0, 0, 1))
    assert one == again
    assert all(one[name] != other[name] for name in one)


def test_one_cell_is_drawn(tmp_path):
    single = {"rule.a": [1], "rule.b": [2]}
    drawn(make_sweep(tmp_path / "s", single, hill(single)), "sharpe")


def test_one_cell_that_was_not_refused_is_drawn(tmp_path):
    refused = {i: "no" for i in range(27) if i != 13}
    drawn(make_sweep(tmp_path / "s", THREE, hill(THREE), refused=refused), "max_drawdown")


def test_cells_that_are_all_the_same_are_drawn_with_a_refused_one_marked(tmp_path):
    folder = make_sweep(tmp_path / "s", TWO, {"trades": [3.0] * 6}, refused=REFUSED)
    assert look(folder, "trades", 4).marked.rank is None
    drawn(folder, "trades", 4)


def test_a_thin_sample_is_drawn(tmp_path):
    few = np.array([0, 7, 40, 120])
    sample = {name: values[few] for name, values in hill(FIVE).items()}
    drawn(make_sweep(tmp_path / "s", FIVE, sample, cells=few), "sharpe")


def test_zero_is_white_between_losses_and_gains_and_all_gains_are_blue():
    scale, _ = colours("sharpe", np.array([-1.0, 0.5]))
    assert scale.norm(0.0) == 0.5
    scale, _ = colours("sharpe", np.array([0.5, 1.0]))
    red, _, blue, _ = scale.to_rgba(1.0)
    assert blue > red
    scale, _ = colours("sharpe", np.array([-1.0, -0.5]))
    red, _, blue, _ = scale.to_rgba(-1.0)
    assert red > blue


def test_one_far_cell_does_not_stretch_the_scale():
    values = np.append(np.linspace(0.0, 1.0, 99), 50.0)
    low, high, cut = limits(values)
    assert (low, cut) == (0.0, "max")
    assert high < 1.0


def test_words_beside_axes_can_be_told_apart():
    long = [["rsi", "average", "support"], ["rsi", "average", "support", "volume"]]
    assert tick_texts(long) == ["1: rsi + average +…", "2: rsi + average +…"]
    assert tick_texts([None, 0.1 + 0.2, True]) == ["none", "0.3", "true"]
    assert short_keys(["rule.stop", "plan.stop", "plan.target"]) == {
        "rule.stop": "rule.stop",
        "plan.stop": "plan.stop",
        "plan.target": "target",
    }
    assert (short_text("sharpe", -0.001), short_text("cagr", 0.123), short_text("cagr", -0.05)) == (
        "0.00",
        "12",
        "−5.0",
    )


# -- the report ---------------------------------------------------------------------------------------


def test_the_report_has_everything_and_escapes_what_comes_from_outside(tmp_path):
    axes = {"rule.word": ["<script>alert(1)</script>", "b"], "rule.fast": [1, 2]}
    folder = make_sweep(tmp_path / "s", axes, hill(axes), name="<b>x</b>", simulated=True)
    html = report(folder, "sharpe")
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html
    assert html.count("<script>") == 1  # the page's own
    assert "<b>x</b>" not in html
    assert "&lt;b&gt;x&lt;/b&gt; on nasdaq" in html
    assert "SIMULATED." in html
    assert "data:image/png" not in html
    assert html.count('class="closer"') == 3
    assert "http" not in html


def test_pictures_and_report_are_put_into_the_folder(two):
    done = letf("top", two, "--draw")
    assert done.returncode == 0, done.stderr
    assert {path.name for path in two.iterdir()} == {
        "manifest.json",
        "cells.parquet",
        "sweep.png",
        "distribution.png",
        "stability.png",
        "report.html",
    }
