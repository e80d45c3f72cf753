"""The equity picture shows what there is of every line."""

from dataclasses import replace

import numpy as np
import pytest

from runs.backtest.pictures.charts import equity_chart, price_chart, underwater_chart
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest


def test_a_line_that_falls_below_the_picture_and_comes_back_is_drawn_again():
    run = run_backtest(load_spec("hold", ["rule.instrument=index", "rule.weight=0.5"]), studies=False)
    fallen = run.equity.copy()
    fallen[100:200] = run.equity.min() / 1e6
    run.setting.assets["CHIP"] = _asset(run, fallen)
    object.__setattr__(run, "instruments", (*run.instruments, "CHIP"))
    axis = equity_chart(run).axes[0]
    line = next(one for one in axis.get_lines() if str(one.get_label()).startswith("CHIP held"))
    shown = np.isfinite(np.asarray(line.get_ydata(), dtype=float))
    assert shown[:100].all()
    assert not shown[100:200].any()
    assert shown[200:].all()
    assert [text.get_text() for text in axis.texts] == ["for a time below this scale"]


def _asset(run, closes):
    prices = dict.fromkeys(("open", "high", "low", "close"), closes)
    return replace(run.bars, name="CHIP", **prices, dividends=None, swapped=None)


def test_trades_of_an_index_that_pays_are_on_the_line_of_its_quotes():
    run = run_backtest(load_spec("hold", ["rule.instrument=index", "data.end=2003-12-31"]), studies=False)
    (axis,) = price_chart(run).axes
    line = next(one for one in axis.get_lines() if len(one.get_xdata()) == len(run.days))
    np.testing.assert_array_equal(line.get_ydata(), run.bars.close)
    assert axis.get_ylabel() == "nasdaq (log scale)"
    assert run.bars.held()[-1] > run.bars.close[-1]


def test_the_depth_of_a_fall_of_nearly_everything_is_neither_on_the_dates_nor_on_the_legend(fallen):
    axis = underwater_chart(fallen).axes[0]
    figure = axis.get_figure()
    figure.canvas.draw()
    (depth,) = axis.texts
    box, legend = depth.get_window_extent(), axis.get_legend().get_window_extent()
    assert axis.bbox.y0 <= box.y0
    assert not box.overlaps(legend)
    assert axis.get_yticks().min() == -1.0  # there is no losing more


@pytest.fixture(scope="module")
def fallen():
    """Nearly all is lost: the fall that is written is at the foot of the picture."""
    return run_backtest(load_spec("hold", ["rule.instrument=SOXL", "data.end=2003-12-31"]), studies=False)
