"""A run whose rule needs more history than there is begins where it can act, with all that is beside it."""

import shlex

import numpy as np
import pandas as pd
import pytest

import letf
from feeds.sources import load_bars
from runs.backtest.answer import answer_of
from runs.specs.reading import load_spec
from runs.studies.alternatives.study import find_alternatives
from runs.studies.comparison.study import compare_specs
from runs.studies.rules.joined import run_backtest

FIRST = np.datetime64("1999-10-18")  # the 200th session of 1999 on the New York calendar
END = ["data.end=2003-12-31"]


def test_the_run_is_the_one_that_is_asked_for_from_that_day():
    late = run_backtest(load_spec("trend", END))
    asked = run_backtest(load_spec("trend", [*END, f"data.start={FIRST}"]))
    assert late.days[0] == asked.days[0] == FIRST
    assert late.metrics == asked.metrics
    np.testing.assert_array_equal(late.equity, asked.equity)
    assert str(late.spec.resolved()["data"]["start"]) == str(FIRST)
    assert late.setting.known_from == np.datetime64("1999-01-04")
    assert asked.setting.known_from is None


def test_what_is_held_beside_it_begins_there_too():
    run = run_backtest(load_spec("trend", END))
    close = load_bars("nasdaq").between(FIRST, "2003-12-31").close
    held = run.metrics["hold_index_total_return"]
    # Its yield of four years comes on top of the price.
    assert close[-1] / close[0] - 1 < held < (close[-1] / close[0]) * 1.05 - 1
    assert len(run.days) == len(close)


def test_the_first_sentence_says_so_with_the_day():
    said = answer_of(run_backtest(load_spec("trend", END))).headline
    assert f"it begins on {FIRST}, the first day on which a signal was possible" in said
    assert "no history before 1999-01-04" in said


def test_a_short_wait_is_left_as_it_is():
    run = run_backtest(load_spec("rsi_timing"))
    assert run.setting.known_from is None
    assert run.days[0] == np.datetime64("1999-01-04")


def test_with_history_before_the_start_nothing_is_moved():
    run = run_backtest(load_spec("trend", ["data.start=2001-01-02", *END]))
    assert run.setting.known_from is None
    assert run.days[0] == np.datetime64("2001-01-02")


def test_a_comparison_begins_where_the_slowest_can_act():
    found = compare_specs([load_spec(name, END) for name in ("hold", "trend", "rsi_timing")])
    assert {run.days[0] for run in found.runs} == {FIRST}
    assert found.days[0] == FIRST
    alone = run_backtest(load_spec("hold", [*END, f"data.start={FIRST}"]))
    assert found.runs[0].metrics["total_return"] == alone.metrics["total_return"]
    assert any(f"begins on {FIRST}" in note for note in found.notes)


def test_what_is_known_from_before_the_start_is_not_denied():
    """Asked for from June 1999, with bars known since January: 200 of them in October, as without a start."""
    run = run_backtest(load_spec("trend", [*END, "data.start=1999-06-01"]))
    assert run.days[0] == FIRST
    assert "no history before 1999-01-04" in answer_of(run).headline
    assert not any("none before 1999-06-01" in note for note in run.warnings)
    found = compare_specs([load_spec(name, [*END, "data.start=1999-06-01"]) for name in ("hold", "trend")])
    assert any(f"begins on {FIRST}" in note and "none before 1999-01-04" in note for note in found.notes)


def test_a_run_is_not_moved_to_where_its_rule_would_wait_again():
    """From October on it would be known from June, when the volume begins: 97 bars of the 200."""
    volume = letf.bars("nasdaq", start="1999-06-01")
    late = {"volumes": {"index": {"LATE": volume}}}
    run = letf.run("trend", index="nasdaq", end="2003-12-31", data=late)
    assert run.equity.index[0] == np.datetime64("1999-01-04")
    assert f"no signal was possible before {FIRST}" in run.headline
    assert not any("the run begins on" in note for note in run.notes)
    both = letf.compare(["hold", letf.spec("trend", index="nasdaq", data=late)], end="2003-12-31")
    assert both.equity.index[0] == np.datetime64("1999-01-04")
    cells = letf.sweep("trend", {"rule.bars": [50, 200]}, end="2003-12-31", data=late, verify=2)
    assert not any("the run begins on" in note for note in cells.notes)


def test_a_run_of_intraday_bars_begins_with_a_session_and_waits_for_the_rest_of_it():
    """100 bars of 13 a session: the last of them is the ninth of the eighth session, 2 % of what is left."""
    sessions = pd.bdate_range("2020-01-06", periods=40)
    stamps = [day + pd.Timedelta(minutes=570 + 30 * i) for day in sessions for i in range(13)]
    close = 100 * np.exp(np.cumsum(np.random.default_rng(1).normal(0, 0.002, len(stamps))))
    frame = pd.DataFrame({"open": close, "high": close, "low": close, "close": close}, index=stamps)
    run = letf.run("trend", index={"HALF_HOURS": frame}, rule={"bars": 100}, data={"calendar": "24/5"})
    assert run.equity.index[0] == sessions[7]
    assert f"it begins on {sessions[7].date()}, the first day" in run.headline
    assert "no signal" not in run.headline
    assert not any("no signal" in note for note in run.notes)


def test_alternatives_begin_there_too():
    """Of 18 months the three weeks of an RSI are a long wait."""
    spec = load_spec("rsi_timing", ["data.end=2000-06-30"])
    found = find_alternatives(spec)
    begins = found.setting.bars.sessions[0]
    assert found.setting.known_from == np.datetime64("1999-01-04") < begins == found.days[0]
    assert any(f"begins on {begins}" in note for note in found.notes)


@pytest.mark.parametrize("engine", ["kernel", "backtrader"])
def test_all_cells_of_a_sweep_begin_where_the_slowest_can_act(engine):
    found = letf.sweep("trend", axes={"rule.bars": [50, 200]}, end="2003-12-31", engine=engine, verify=2)
    assert any(f"begins on {FIRST}" in note for note in found.notes)
    for bars, total in zip(found.cells["rule.bars"], found.cells["total_return"], strict=True):
        run = run_backtest(
            load_spec("trend", [*END, f"rule.bars={bars}", f"data.start={FIRST}"]), studies=False
        )
        assert total == pytest.approx(run.metrics["total_return"], rel=1e-9)


def test_the_options_of_a_cell_give_the_same_run_again():
    found = letf.sweep("trend", axes={"rule.bars": [50, 200]}, end="2003-12-31", verify=0)
    said = next(s for section in found.sections for s in section.sentences if "for letf run: " in s)
    options = shlex.split(said.split("for letf run: ")[1])
    assert options[-2:] == ["--start", str(FIRST)]
    change = options[options.index("--set") + 1]
    run = run_backtest(load_spec("trend", [*END, change, f"data.start={options[-1]}"]), studies=False)
    assert run.metrics["total_return"] == pytest.approx(found.cells["total_return"].max(), rel=1e-9)
