"""What a result is listed by: by hand, and as the page of that result begins."""

import json

import pytest

import letf
from runs.answers.view import results_in
from runs.answers.words import number, percent
from runs.robustness.walk_forward.answer import ask
from tests.runs.answers.view.conftest import result
from tests.runs.robustness.walk_forward.test_study import GAP, TEST, TRAIN, own_spec, planted


def only(top):
    (found,) = results_in(top)
    return found


def with_file(folder, name, text):
    """A further file of a result's own."""
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"].append(name)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / name).write_text(text)


def test_of_a_walk_forward_what_was_made_out_of_sample(tmp_path):
    metrics = {"out_cagr": 0.04, "out_sharpe": 0.3, "out_max_drawdown": -0.2, "out_total_return": 0.5}
    metrics |= {"in_cagr": 0.2, "hindsight_cagr": 0.3, "out_sharpe_mean": 9.0, "trades": 44, "windows": 16}
    result(tmp_path / "walked", "walkforward", {"strategy": "trend"}, metrics)
    found = only(tmp_path)
    told = {key: found.metrics.get(key) for key in ("cagr", "sharpe", "max_drawdown", "total_return")}
    assert told == {"cagr": 0.04, "sharpe": 0.3, "max_drawdown": -0.2, "total_return": 0.5}
    assert (found.metrics["trades"], found.metrics["in_cagr"]) == (44, 0.2)
    assert found.whose == "out of sample"


def test_of_folds_the_median_path(tmp_path):
    metrics = {"path_sharpe_median": 0.25, "path_sharpe_min": -0.1, "out_sharpe": 0.4, "in_sharpe": 0.9}
    result(tmp_path / "folds", "walkforward", {"strategy": "trend"}, metrics)
    found = only(tmp_path)
    assert (found.metrics["sharpe"], found.whose) == (0.25, "out of sample, median path")


def test_of_luck_the_rule_that_is_tested(tmp_path):
    metrics = {"sharpe": 0.4, "rule_cagr": 0.09, "rule_cagr_low": -0.1, "rule_max_drawdown": -0.9}
    metrics |= {"rule_total_return": 4.8, "index_cagr": 0.05, "SOXL_cagr": -0.08}
    result(tmp_path / "luck", "luck", {"strategy": "trend"}, metrics)
    found = only(tmp_path)
    assert found.metrics["cagr"] == 0.09
    assert found.metrics["max_drawdown"] == -0.9
    assert found.metrics["total_return"] == 4.8
    assert (found.metrics["sharpe"], found.whose) == (0.4, "")


def test_of_other_histories_the_medians_of_all_paths(tmp_path):
    metrics = {"paths": 200, "total_return_q05": -0.5, "total_return_q50": -0.14, "sharpe_q50": -0.3}
    metrics |= {"trades_q50": 59.0, "index_return_q50": 3.1, "max_drawdown_q50": -0.34, "cagr_mean": 9.0}
    result(tmp_path / "other", "montecarlo", {"strategy": "trend"}, metrics)
    found = only(tmp_path)
    told = {
        key: found.metrics.get(key) for key in ("total_return", "sharpe", "trades", "max_drawdown", "cagr")
    }
    wanted = {"total_return": -0.14, "sharpe": -0.3, "trades": 59.0, "max_drawdown": -0.34, "cagr": None}
    assert told == wanted
    assert found.whose == "medians of 200 paths"


IDLE = {"total_return": 0.9, "sharpe": 2.0, "trades": 0}
GOOD, POOR = ({"total_return": r, "sharpe": s, "trades": 3} for r, s in ((0.5, 0.4), (0.2, 0.8)))
HELD = {"total_return": 3.0, "sharpe": 3.0}


def compared(top, *told):
    folder = result(top / "both", "compare", {"a": {"strategy": "hold"}}, {})
    with_file(folder, "compare.json", json.dumps({"simulated": False} | dict(told)))
    return folder


def test_of_a_comparison_the_best_of_those_that_traded(tmp_path):
    compared(tmp_path, ("idle", IDLE), ("good", GOOD), ("poor", POOR), ("nasdaq held", HELD))
    found = only(tmp_path)
    assert found.metrics == {"total_return": 0.5, "sharpe": 0.4, "trades": 3.0}
    assert found.whose == "good, best of 3 runs by total return"


def test_where_none_traded_the_best_of_all(tmp_path):
    compared(tmp_path, ("idle", IDLE), ("nasdaq held", HELD))
    assert only(tmp_path).metrics["total_return"] == 0.9


@pytest.mark.parametrize(
    "text", ["", "[1]", '{"a": "b"}', '{"a": 3}', '{"a": {"trades": 1}}', '{"a": {"trades": "x"}}']
)
def test_a_damaged_comparison_is_listed_without_numbers(tmp_path, text):
    with_file(result(tmp_path / "both", "compare", {}, {}), "compare.json", text)
    found = only(tmp_path)
    assert ("total_return" in found.metrics, found.whose) == (False, "")


def figures_of(answer):
    """Label → value of what a page begins with."""
    return {figure.label: figure.value for figure in answer.figures}


def test_a_comparison_is_listed_by_the_figures_its_page_begins_with(tmp_path):
    answer = letf.compare(["trend", "hold", "rsi_timing"], index="nasdaq", end="2003-12-31")
    answer.save(tmp_path / "both", "none")
    found, shown = only(tmp_path), figures_of(answer)
    assert found.whose.startswith(f"{shown['best by total return']}, ")
    assert percent(found.metrics["total_return"]) == shown["total return"]
    assert number(found.metrics["sharpe"]) == shown["Sharpe ratio"]
    assert percent(found.metrics["max_drawdown"]) == shown["worst drawdown"]


def test_a_walk_forward_is_listed_by_the_figures_its_page_begins_with(tmp_path):
    answer = ask(own_spec(planted(105, 260), {"rule.day": [0, 1, 2]}), TRAIN, TEST, GAP, workers=1)
    answer.save(tmp_path / "walked", "none")
    found, shown = only(tmp_path), figures_of(answer)
    cagr = next(value for label, value in shown.items() if label.endswith("out of sample"))
    assert percent(found.metrics["cagr"]) == cagr
    assert number(found.metrics["sharpe"]) == shown["Sharpe ratio"]
    assert percent(found.metrics["max_drawdown"]) == shown["worst drawdown"]


def test_luck_is_listed_by_what_the_run_itself_made(tmp_path):
    run = letf.run("trend", index="nasdaq", end="2003-12-31")
    letf.luck("trend", index="nasdaq", end="2003-12-31", draws=100, timings=100).save(tmp_path / "l", "none")
    found = only(tmp_path)
    for key in ("total_return", "cagr", "max_drawdown", "sharpe"):
        assert found.metrics[key] == pytest.approx(run.metrics[key], rel=1e-9)
