"""Which results lie in a folder: those that say so themselves, and nothing of them is run."""

import json
import os

import numpy as np
import pytest

import letf
from letf_instruments import LetfError
from runs.answers.view import results_in
from runs.answers.view.server import _row
from runs.answers.view.shelf import equity_of
from tests.runs.answers.view.conftest import result


def test_results_are_found_wherever_they_lie_the_latest_first(shelf):
    found = results_in(shelf)
    assert [one.place for one in found] == ["deep/two", "one", "decay_SOXL"]
    assert [one.question for one in found] == ["run", "run", "decay"]
    assert [one.simulated for one in found] == [True, False, False]
    assert found[1].metrics == {"sharpe": 1.5, "cagr": 0.1}
    assert found[1].spec["plan.stop"] == "0.05"
    assert "data.start" not in found[1].spec


def test_what_is_simulated_in_part_is_marked_so(tmp_path):
    """By what a saved comparison says itself: one of its rules uses bonds that a model made."""
    end = "2001-12-31"
    letf.compare(["trend", "fixed_mix"], index="nasdaq", end=end).save(tmp_path / "r" / "both", "none")
    letf.compare(["trend", "hold"], index="nasdaq", end=end).save(tmp_path / "r" / "real", "none")
    letf.run("hold", index="semis-sim", end=end).save(tmp_path / "r" / "whole", "none")
    found = {one.place: one for one in results_in(tmp_path / "r")}
    marks = {place: one.mark for place, one in found.items()}
    assert marks == {"both": "SIMULATED in part", "real": "", "whole": "SIMULATED"}
    assert "fixed_mix" in found["both"].made_up


@pytest.mark.parametrize(
    ("data", "index"),
    [
        ({"index": {"name": "nasdaq"}}, "nasdaq"),
        ({"a": {"index": {"name": "nasdaq"}}, "b": {"index": {"name": "nasdaq"}}}, "nasdaq"),
        ({"a": {"index": {"name": "nasdaq"}}, "b": {"index": {"name": "SOX"}}}, "nasdaq, SOX"),
        ({"a": {"index": 3}, "b": None, "index": {}}, "of the spec"),
    ],
)
def test_what_it_was_run_on_is_told_of_several_specs_too(tmp_path, data, index):
    result(tmp_path / "r" / "one", "compare", {"index": "of the spec"}, {}, data=data)
    assert [one.index for one in results_in(tmp_path / "r")] == [index]


def test_a_folder_that_is_none_is_refused_in_one_sentence(tmp_path):
    with pytest.raises(LetfError, match="is no folder; name one that holds results"):
        results_in(tmp_path / "none")


def test_a_folder_with_a_file_that_is_not_its_own_is_no_result(shelf):
    (shelf / "one" / "other.txt").write_text("mine")
    assert "one" not in [one.place for one in results_in(shelf)]


def test_no_link_leads_out_of_the_folder(shelf, tmp_path):
    outside = result(tmp_path / "outside", "run", {"name": "x"}, {}, [("2020-01-02", 1)])
    os.symlink(outside, shelf / "link")
    (shelf / "one" / "report.html").unlink()
    os.symlink(outside / "report.html", shelf / "one" / "report.html")
    found = {one.place: one for one in results_in(shelf)}
    assert "link" not in found
    assert not found["one"].report


@pytest.mark.parametrize(
    "text",
    [
        "[1, 2]",
        "{",
        '{"a": {"b": 1}, "c": true, "d": "x", "e": null}',
        '{"a": 1e999, "b": NaN}',
        "9" * 5_000,
        "",
    ],
)
def test_numbers_that_are_none_are_left_out(shelf, text):
    (shelf / "one" / "metrics.json").write_text(text)
    assert next(one for one in results_in(shelf) if one.place == "one").metrics == {}


@pytest.mark.parametrize("spec", [None, 3, "text", [1], {"a": {"b": {"c": 1}}}])
def test_a_spec_of_any_shape_is_read(shelf, spec):
    manifest = json.loads((shelf / "one" / "manifest.json").read_text())
    (shelf / "one" / "manifest.json").write_text(
        json.dumps(manifest | {"spec": spec, "data": spec, "times": spec})
    )
    assert "one" in [one.place for one in results_in(shelf)]


def test_an_equity_curve_is_read_as_it_was_written(shelf):
    days, worth = equity_of(results_in(shelf)[1])
    assert (
        days.tolist() == np.array(["2020-01-02", "2020-01-03", "2020-01-06"], dtype="datetime64[D]").tolist()
    )
    assert worth.tolist() == [100.0, 110.0, 99.0]


def test_money_that_was_paid_in_is_no_gain_in_a_curve(shelf):
    (shelf / "one" / "equity.csv").write_text("date,equity,worth\n2020-01-02,100,100\n2020-01-03,210,110\n")
    assert equity_of(results_in(shelf)[1])[1].tolist() == [100.0, 110.0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "date,equity\n",
        "a,b\n1,2\n",
        "date,equity\n2020-01-03,x\n",
        "date,equity\n2020-01-03,1\n2020-01-02,1\n",
    ],
)
def test_a_damaged_curve_is_one_sentence(shelf, text):
    (shelf / "one" / "equity.csv").write_text(text)
    with pytest.raises(LetfError, match=r"^one: .*equity\.csv"):
        equity_of(results_in(shelf)[1])


def test_what_has_several_curves_has_none_to_lay_over_others(shelf):
    (shelf / "one" / "equity.csv").write_text("date,trend,hold\n2020-01-02,1,1\n2020-01-03,2,2\n")
    assert [found.equity for found in results_in(shelf) if found.place == "one"] == [False]
    (shelf / "one" / "equity.csv").write_text("# SIMULATED\ndate,equity\n2020-01-02,1\n2020-01-03,2\n")
    assert [found.equity for found in results_in(shelf) if found.place == "one"] == [True]


def test_of_a_sweep_the_best_cell_is_listed_and_said_to_be_it(tmp_path):
    folder = result(
        tmp_path / "r" / "swept", "sweep", {"strategy": "trend"}, {"cells": 150, "engine": "kernel"}
    )
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"].append("top.csv")
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "top.csv").write_text(
        "# SIMULATED\ncell,rule.bars,plan.stop,total_return,sharpe,calmar\n"
        "7,5,0.04,0.74,0.7,\n3,7,0.06,0.5,0.6,1\n"
    )
    (found,) = results_in(tmp_path / "r")
    assert found.metrics == {"cells": 150.0, "total_return": 0.74, "sharpe": 0.7}
    assert found.whose == _row(found)["whose"] == "best of 150 cells"
    (folder / "top.csv").write_text("cell,sharpe\n7,many\n")
    (found,) = results_in(tmp_path / "r")
    assert (found.metrics, found.whose) == ({"cells": 150.0}, "")
