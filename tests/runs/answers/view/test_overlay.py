"""Several results in one picture, by hand; and where their specs differ."""

from dataclasses import replace

import numpy as np
import pytest

from letf_instruments import LetfError
from runs.answers.view import results_in
from runs.answers.view.overlay import differences, overlay
from runs.specs.run_spec import unsaid_in
from tests.runs.answers.view.conftest import result


def test_curves_begin_at_100_on_the_first_day_that_all_have(shelf):
    panes = overlay(results_in(shelf)[:2])
    assert (
        panes.x.tolist()
        == np.array(["2020-01-03", "2020-01-06", "2020-01-07"], dtype="datetime64[D]").tolist()
    )
    two, one = panes.panes[0].parts
    assert two.name == "deep/two (SIMULATED)"
    np.testing.assert_allclose(two.values, [100.0, 200.0, 150.0])
    np.testing.assert_allclose(one.values, [100.0, 90.0, np.nan])
    fall_two, fall_one = panes.panes[1].parts
    np.testing.assert_allclose(fall_two.values, [0.0, 0.0, -0.25])
    np.testing.assert_allclose(fall_one.values, [0.0, -0.1, np.nan])


def test_where_specs_differ_is_a_row_a_key_and_names_are_none(shelf):
    assert differences(results_in(shelf)[:2]) == [["plan.stop", "0.08", "0.05"]]
    assert ["question", "run", "decay"] in differences(results_in(shelf)[1:])


def test_what_is_so_where_nothing_is_said_is_no_difference(tmp_path):
    data = {"index": "nasdaq", "start": None, "seed": 1}
    timing = {"rsi_bars": 9, "oversold": 35.0, "confirm": [], "needed": None}
    plan = {"fraction": 1.0, "stop": 0.08, "trailing_stop": None}
    one = {"name": "a", "strategy": "rsi_timing", "data": data, "rule": timing, "plan": plan}
    held = {"bars": 200, "buffer": 0.02, "buffer_out": None}
    kept = {"schedule": "never", "band": 0.1}
    other = {"name": "b", "strategy": "trend", "data": data | {"seed": 7}, "rule": held, "plan": kept}
    result(tmp_path / "a", "run", one, {})
    result(tmp_path / "b", "run", other, {})
    found = sorted(results_in(tmp_path), key=lambda each: each.place)
    assert differences(found, unsaid_in) == [
        ["rule", "rsi_timing", "trend"],
        ["data.seed", "1", "7"],
        ["rule.buffer", "–", "0.02"],
        ["rule.rsi_bars", "9", "–"],
        ["plan.band", "–", "0.1"],
        ["plan.stop", "0.08", "–"],
    ]


def test_a_value_is_written_as_a_person_writes_it(tmp_path):
    for name, funds, cash, start in (
        ("a", ["SOXS", "SOXL"], 100000.0, None),
        ("b", [], 2500.5, "2015-01-02"),
    ):
        spec = {"name": name, "data": {"funds": funds, "start": start}, "account": {"cash": cash}}
        result(tmp_path / name, "run", spec, {})
    found = sorted(results_in(tmp_path), key=lambda each: each.place)
    assert differences(found) == [
        ["data.funds", "SOXS, SOXL", "none"],
        ["data.start", "none", "2015-01-02"],
        ["account.cash", "100,000", "2,500.5"],
    ]


def test_what_cannot_be_laid_over_is_said(shelf):
    two, one, decay = results_in(shelf)
    for chosen, words in (
        ([], "choose 1 to 12"),
        ([one] * 13, "choose 1 to 12"),
        ([one, decay], "decay_SOXL has no"),
    ):
        with pytest.raises(LetfError, match=words):
            overlay(chosen)
    (two.folder / "equity.csv").write_text("date,equity\n2021-01-04,1\n2021-01-05,2\n")
    with pytest.raises(LetfError, match="no day in common"):
        overlay([one, replace(two)])
