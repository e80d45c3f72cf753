"""Several results in one picture, by hand; and where their specs differ."""

from dataclasses import replace

import numpy as np
import pytest

from letf_instruments import LetfError
from runs.answers.view import results_in
from runs.answers.view.overlay import differences, overlay


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
