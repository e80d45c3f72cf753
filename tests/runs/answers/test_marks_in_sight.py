"""Points that are no trades lie within what sets their panel's scale: none is left out of the picture."""

import numpy as np
import pytest

import letf
from runs.answers.closer import Band, Bars, Choice, Line, Marks
from runs.studies.hedge_size.closer import drift_closer
from runs.studies.hedge_size.study import size_hedge
from runs.sweeps.answer import answer_of
from runs.sweeps.results.view import look
from tests.runs.studies.hedge_size.test_study import loaded, market
from tests.runs.sweeps.folders import hill, make_sweep


def heights(part):
    """What a part adds to the scale of its panel."""
    if isinstance(part, Line):
        return part.values if part.scales and part.shown else np.empty(0)
    if isinstance(part, Band):
        return np.concatenate((part.low, part.high))
    if isinstance(part, Bars):
        base = np.zeros(len(part.heights)) if part.base is None else part.base
        return np.concatenate((base, base + part.heights))
    return part.values if isinstance(part, Marks) and part.scales else np.empty(0)


def inside(panes):
    """How many points there are; each must lie within its panel's scale."""
    count = 0
    for pane in panes.panes:
        known = np.concatenate([heights(part) for part in pane.parts])
        for part in pane.parts:
            if isinstance(part, Marks):
                values = part.values[np.isfinite(part.values)]
                count += len(values)
                assert np.nanmin(known) <= values.min() <= values.max() <= np.nanmax(known), part.name
    return count


@pytest.fixture(scope="module")
def studies():
    return {
        "decay": letf.decay("SOXL", index="nasdaq", progress=False),
        "flow": letf.flow("SOXS", index="nasdaq", progress=False),
        "whatif": letf.whatif("SOXS", index="nasdaq", paths=200, progress=False),
    }


@pytest.mark.parametrize("question", ["decay", "flow", "whatif"])
def test_the_points_of_a_study_are_all_in_sight(studies, question):
    count = 0
    for picture in studies[question].pictures.values():
        shown = picture.closer() if picture.closer else None
        for one in shown.of.values() if isinstance(shown, Choice) else [shown]:
            if hasattr(one, "panes"):
                count += inside(one)
    assert count > 2


def test_each_start_of_a_hedge_is_in_sight():
    index, assets = market()
    sized = size_hedge(loaded(index, assets, {"A0": 50_000.0}), 0.0, 252, 0.0)
    assert inside(drift_closer(sized).of["by the index's move"]) > 100


@pytest.mark.parametrize("cells", [None, [0, 5, 10, 15]])
def test_the_best_cell_is_in_sight_along_each_parameter(tmp_path, cells):
    """In a search it may be the only one with its other values: there is no line through it."""
    axes = {"rule.fast": [2, 3, 5, 8], "rule.slow": [20, 30, 40, 50]}
    metrics = hill(axes)
    if cells is not None:
        metrics = {key: np.asarray(values)[cells] for key, values in metrics.items()}
    make_sweep(tmp_path / "s", axes, metrics, cells=cells)
    along = answer_of(tmp_path / "s", look(tmp_path / "s", None)).pictures["stability"].closer()
    for panes in along.of.values():
        marks = [part for part in panes.panes[0].parts if isinstance(part, Marks)]
        assert all(part.scales for part in marks)
        assert inside(panes) >= 1
