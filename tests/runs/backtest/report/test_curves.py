"""The curves of a run: equity, falls, and what is paid in, as its frames have them."""

import numpy as np
import pytest

import letf
from runs.answers.closer import Line, Marks
from tests.runs.backtest.report.pictures import closer, parts


def test_the_curves_are_those_of_the_frame(timing):
    lines = parts(closer(timing, "equity"), Line)
    frame = timing.equity
    np.testing.assert_allclose(
        lines["nasdaq held"].values[[0, -1]],
        [0.0, (frame["hold_index"] / frame["hold_index"].cummax() - 1).iloc[-1]],
        atol=1e-12,
    )
    money = {part.name: part for part in closer(timing, "equity").panes[0].parts}
    np.testing.assert_allclose(money["rsi_timing"].values, frame["equity"], rtol=1e-12)
    np.testing.assert_allclose(money["nasdaq held"].values, frame["hold_index"], rtol=1e-9)
    np.testing.assert_allclose(money["SOXS held"].values, frame["hold_SOXS"], rtol=1e-9)
    assert not money["SOXS held"].scales  # it falls to a hundredth, and would flatten the rest
    below = {part.name: part for part in closer(timing, "equity").panes[1].parts}
    np.testing.assert_allclose(below["rsi_timing"].values, frame["drawdown"], atol=1e-12)
    deepest = next(part for name, part in below.items() if name.startswith("the deepest falls"))
    at = np.flatnonzero(frame["drawdown"] == frame["drawdown"].min())[0]
    place = list(deepest.values).index(min(deepest.values))
    assert deepest.at[place] == frame.index[at].to_datetime64().astype("datetime64[D]")
    assert deepest.values[place] == pytest.approx(frame["drawdown"].min())


def test_peak_and_final_equity_are_marked(timing):
    marks = {name.split()[0]: mark for name, mark in parts(closer(timing, "equity"), Marks).items()}
    equity = timing.equity["equity"]
    assert (marks["peak"].at[0], marks["peak"].values[0]) == (equity.idxmax(), equity.max())
    assert (marks["final"].at[0], marks["final"].values[0]) == (equity.index[-1], equity.iloc[-1])
    made = 100 * (equity.iloc[-1] / 100_000 - 1)
    assert marks["final"].name == f"final {made:+.1f} %".replace("-", "−")


def test_money_that_is_paid_in_stands_on_a_log_axis_beside_what_came_of_it():
    run = letf.run("dollar_cost", end="2006-12-31")
    pane = next(pane for pane in closer(run, "equity").panes if pane.label == "money")
    assert pane.log
    lines = {part.name: part.values for part in pane.parts}
    assert lines["put in"][0] == 500
    np.testing.assert_allclose(lines["dollar_cost"], run.equity["equity"], rtol=1e-12)
    assert "mind that 47" not in run.headline
