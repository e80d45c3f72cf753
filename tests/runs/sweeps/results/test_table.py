"""A sweep's table: what is read a part at a time is what whole columns say."""

import numpy as np
import pytest

from runs.sweeps.results import table as tables
from runs.sweeps.results.run_numbers import numbered_runs
from runs.sweeps.results.table import open_sweep
from runs.sweeps.space.cells import METRICS
from tests.runs.sweeps.folders import make_sweep

AXES = {"rule.fast": [5, 3, 9], "rule.slow": [40, 20, 30, 10], "plan.stop": [0.1, None]}
CELLS = [0, 2, 3, 5, 8, 13, 14, 20, 21, 22, 23]


@pytest.fixture
def made(tmp_path, monkeypatch):
    """A sweep whose parts lie out of order, of which three cells or two rows are looked at at a time."""
    monkeypatch.setattr(tables, "PART", 3)
    monkeypatch.setattr(tables, "MANY_NUMBERS", 2)
    sharpe = np.linspace(-1.0, 1.0, len(CELLS))
    sharpe[[3, 9]] = sharpe[5], np.nan
    trades = np.arange(len(CELLS)) % 4 + 1.0
    trades[3] = trades[5]
    metrics = {"sharpe": sharpe, "trades": trades}
    folder = make_sweep(tmp_path / "s", AXES, metrics, CELLS, refused={13: "no"}, parts=3, keeps=True)
    return open_sweep(folder)


def test_the_place_of_a_cell_is_its_digit_in_the_grid_and_among_the_values_in_order(made):
    digits = made.grid.digits(np.array(CELLS))
    for axis, values in enumerate(AXES.values()):
        place = digits[:, axis]
        assert made.position(axis).tolist() == place.tolist()
        ordered = [made.grid.axes[axis].values[at] for at in made.grid.axes[axis].order]
        assert [ordered[at] for at in made.ordinal(axis)] == [values[at] for at in place]


def test_cells_are_the_same_run_where_every_metric_is_the_same(made):
    np.testing.assert_array_equal(made.runs, numbered_runs(made.metric(name) for name in METRICS))
    assert made.runs[3] != made.runs[5]  # the latter was refused, whatever its numbers were
    assert len(set(made.runs.tolist())) == len(CELLS)


def test_several_metrics_are_those_of_each_alone_and_of_the_cells_that_are_asked_for(made):
    both = made.metrics(("sharpe", "trades"))
    at = np.array([9, 0, 5, 4])
    some = made.metrics(("sharpe", "trades"), at)
    for name, values in both.items():
        np.testing.assert_array_equal(values, made.metric(name))
        np.testing.assert_array_equal(some[name], values[at])
    assert np.isnan(both["trades"]).tolist() == [cell == 13 for cell in CELLS]
    assert np.isnan(some["trades"]).tolist() == [CELLS[place] == 13 for place in at]


def test_a_column_of_32_bits_is_read_as_one_of_64(made):
    import pyarrow.parquet as pq

    runs = made.runs
    for file in made.files:
        rows = pq.read_table(file)
        at = rows.schema.get_field_index("trades")
        pq.write_table(rows.set_column(at, "trades", rows["trades"].cast("float")), file)
    np.testing.assert_array_equal(open_sweep(made.folder).runs, runs)
