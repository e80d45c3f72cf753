"""Rules and data that stand in a script or a notebook cell are treated as those in files."""

import backtrader as bt
import numpy as np
import pandas as pd
import pytest

import letf

END = {"end": "2003-12-31"}


class Steps(letf.RuleParams):
    bars: int = letf.param(3, "bars", "how many falls in a row", ge=1, le=10)


class Falls(letf.TradeRule):
    name = "falls"
    summary = "buys after some falls in a row"
    Params = Steps
    default_instrument = "SOXL"

    @property
    def warm_up(self):
        return self.params.bars + 1

    def signals(self, market):
        down = np.concatenate(([False], np.diff(market.index.close) < 0))
        row = np.ones(len(down), dtype=bool)
        for i in range(self.params.bars):
            row &= np.concatenate((np.zeros(i, dtype=bool), down[: len(down) - i]))
        return letf.Signals(entry={"falls in a row": row}, exit={"a rise": ~down})


class Tomorrow(Falls):
    name = "tomorrow"
    summary = "knows tomorrow's close"

    def signals(self, market):
        up = np.append(np.diff(market.index.close) > 0, False)
        return letf.Signals(entry={"up tomorrow": up}, exit={"down tomorrow": ~up})


class Plain(bt.Strategy):
    params = (("size", 10),)

    def next(self):
        if not self.getposition(self.data1).size:
            self.buy(data=self.data1, size=self.p.size)


FILE = """
import numpy as np
from strategies import RuleParams, Signals, TradeRule, param

class Steps(RuleParams):
    bars: int = param(3, "bars", "how many falls in a row", ge=1, le=10)

class Falls(TradeRule):
    name = "falls"
    summary = "buys after some falls in a row"
    Params = Steps
    default_instrument = "SOXL"

    @property
    def warm_up(self):
        return self.params.bars + 1

    def signals(self, market):
        down = np.concatenate(([False], np.diff(market.index.close) < 0))
        row = np.ones(len(down), dtype=bool)
        for i in range(self.params.bars):
            row &= np.concatenate((np.zeros(i, dtype=bool), down[: len(down) - i]))
        return Signals(entry={"falls in a row": row}, exit={"a rise": ~down})
"""


def test_a_class_runs_as_the_same_class_in_a_file_does(tmp_path):
    (tmp_path / "own.py").write_text(FILE)
    (tmp_path / "s.toml").write_text('strategy = "own.py:Falls"\n[rule]\nbars = 2\n[plan]\nstop = 0.1\n')
    theirs = letf.run(tmp_path / "s.toml", **END)
    ours = letf.run(Falls, rule={"bars": 2}, plan={"stop": 0.1}, **END)
    assert len(ours.trades) > 20
    pd.testing.assert_frame_equal(ours.trades, theirs.trades)
    assert ours.metrics == theirs.metrics
    made = letf.run(Falls(Steps(bars=2), Falls.Plan(stop=0.1)), **END)
    assert made.metrics == ours.metrics


def test_a_rule_with_its_parameters_is_the_same_as_its_spec():
    spec = letf.spec("rsi_timing", rule={"rsi_bars": 9}, filters={"trend": {"bars": 100}}, **END)
    costs = spec.costs.model_dump()
    assert letf.run(spec.make_rule(), costs=costs, **END).metrics == letf.run(spec).metrics
    tables = {"rule": spec.rule, "plan": spec.plan, "filters": spec.filters, "costs": costs}
    assert letf.run({"strategy": "rsi_timing", **tables}, **END).metrics == letf.run(spec).metrics


def test_one_that_looks_ahead_is_refused_in_a_run_and_in_a_sweep():
    with pytest.raises(letf.LetfError, match="Tomorrow looks ahead"):
        letf.run(Tomorrow, **END)
    with pytest.raises(letf.LetfError, match="looks ahead"):
        letf.sweep(Tomorrow, {"rule.bars": [2, 3]}, **END)


def test_a_class_sweeps_in_the_kernel_and_is_verified():
    found = letf.sweep(Falls, {"rule.bars": [1, 2, 3], "plan.stop": [0.05, 0.1]}, **END)
    assert set(found.cells["engine"]) == {"kernel"}
    one = letf.run(Falls, rule={"bars": 2}, plan={"stop": 0.1}, **END)
    row = found.cells.query("`rule.bars` == 2 and `plan.stop` == 0.1").iloc[0]
    assert row["total_return"] == pytest.approx(one.metrics["total_return"], rel=1e-9)
    assert len(found.metrics["verification"]["cells"]) >= 6


def test_a_backtrader_strategy_of_the_script_runs_and_sweeps_in_this_process():
    run = letf.run(Plain, rule={"size": 5}, **END)
    assert run.positions["SOXS"].iloc[-1] > 0
    found = letf.sweep(Plain, {"rule.size": [1, 5]}, **END)
    assert set(found.cells["engine"]) == {"backtrader"}
    assert found.cells["final_equity"].iloc[1] == pytest.approx(run.metrics["final_equity"])


def test_an_error_in_a_rule_of_the_script_is_one_sentence_with_its_line():
    class Broken(Falls):
        def signals(self, market):
            return 1 / 0

    with pytest.raises(
        letf.LetfError, match=r"test_own_rules.py, line \d+, in signals \(return 1 / 0\): ZeroD"
    ):
        letf.run(Broken, **END)


def test_a_wrong_key_is_refused_when_it_is_given():
    with pytest.raises(letf.LetfError, match=r"unknown key rule\.barz"):
        letf.spec(Falls, rule={"barz": 2})
    with pytest.raises(letf.LetfError, match=r"plan\.stop"):
        letf.spec(Falls, plan={"stop": 7})
    with pytest.raises(letf.LetfError, match="neither a TradeRule"):
        letf.spec(dict)


def test_an_index_in_memory_gives_what_its_file_gives(tmp_path):
    frame = letf.bars("nasdaq", end="2003-12-31")
    frame.to_csv(tmp_path / "MINE.csv")
    theirs = letf.run("rsi_timing", index=str(tmp_path / "MINE.csv"))
    ours = letf.run("rsi_timing", index={"MINE": frame.rename(columns=str.title)})
    assert ours.metrics == theirs.metrics
    assert ours.title == "rsi_timing on MINE"
    swept = letf.sweep("rsi_timing", {"plan.stop": [0.05, 0.08]}, index={"MINE": frame})
    assert swept.cells["total_return"].iloc[1] == pytest.approx(ours.metrics["total_return"], rel=1e-9)


def test_a_rate_and_an_asset_in_memory_give_what_their_files_give(tmp_path):
    bars = letf.bars("nasdaq", end="2003-12-31")
    rates = pd.Series([5.0, 1.5], index=pd.to_datetime(["1998-12-31", "2001-06-30"]), name="MYRATE")
    rates.rename_axis("date").rename("rate").to_csv(tmp_path / "MYRATE.csv")
    bars.to_csv(tmp_path / "CHIP.csv")
    given = {"data_dir": tmp_path, **END}
    theirs = letf.run("mix", rates="MYRATE", data={"assets": ["CHIP"]}, rule=MIX, **given)
    ours = letf.run("mix", rates=rates, data={"assets": [{"CHIP": bars}]}, rule=MIX, **given)
    assert ours.metrics == theirs.metrics
    assert letf.decay("SOXL", index="nasdaq", rates=rates, **END).metrics == (
        letf.decay("SOXL", index="nasdaq", rates="MYRATE", **given).metrics
    )


MIX = {"weights": {"CHIP": 0.5, "SOXL": 0.2}}


def test_frames_that_cannot_be_bars_are_refused_like_files():
    frame = letf.bars("nasdaq", end="1999-12-31")
    wrong = frame.assign(high=frame["low"] - 1)
    for given, says in (
        (frame.drop(columns="close"), "no column for close"),
        (wrong, "high .* is below low"),
        (frame.iloc[::-1], "the date goes back"),
        (frame["close"], "close"),
    ):
        with pytest.raises(letf.LetfError, match=says):
            letf.run("hold", index=given)


def test_frames_are_named_and_not_written_out_where_it_is_said_what_was_asked(tmp_path):
    frame = letf.bars("nasdaq", start="2009-01-01", end="2012-12-31")
    made = letf.fund("TQQQ", index="nasdaq", start="2009-01-01", end="2012-12-31")
    found = letf.calibrate("TQQQ", index={"MINE": frame}, actual={"REAL": made}, rates=0.02)
    assert (found.provenance.spec["index"], found.provenance.spec["actual"]) == ("MINE", "REAL")
    found.save(tmp_path / "c")
    lines = (tmp_path / "c" / "spreads.csv").read_text().splitlines()
    assert len(lines) == 1 + len(found.spreads)
    said = "fitted to traded prices, MINE and constant 2.00% a year, to "
    assert all(said in line for line in lines[1:])


def test_several_frames_are_an_axis_of_a_sweep():
    one, two = (
        letf.bars("nasdaq", end="2001-12-31"),
        letf.bars("nasdaq", start="2001-01-01", end="2003-12-31"),
    )
    found = letf.sweep("rsi_timing", indices=[{"ONE": one}, {"TWO": two}], verify=1)
    assert found.cells["data.index"].tolist() == ["ONE", "TWO"]
    for name, frame in (("ONE", one), ("TWO", two)):
        alone = letf.run("rsi_timing", index={name: frame}).metrics["total_return"]
        row = found.cells.set_index("data.index").loc[name]
        assert row["total_return"] == pytest.approx(alone, rel=1e-9)


def with_bars(bars):
    class Rule(Falls):
        def signals(self, market):
            close = market.index.close
            rose = np.r_[np.zeros(bars, dtype=bool), close[bars:] > close[:-bars]]
            return letf.Signals(entry={"rose": rose}, exit={"fell": ~rose})

    return Rule


def test_a_sweep_of_a_class_is_not_resumed_with_another_of_its_name(tmp_path):
    axes = {"plan.stop": [0.05, 0.1]}
    letf.sweep(with_bars(1), axes, out=tmp_path / "s", verify=0, **END)
    again = letf.sweep(with_bars(1), axes, out=tmp_path / "s", verify=0, resume=True, **END)
    assert len(again.cells) == 2

    class Rule(Falls):
        def signals(self, market):
            never = np.zeros(len(market), dtype=bool)
            return letf.Signals(entry={"never": never}, exit={"always": ~never})

    with pytest.raises(letf.LetfError, match="it holds another sweep"):
        letf.sweep(Rule, axes, out=tmp_path / "s", verify=0, resume=True, **END)


def test_a_run_says_which_code_it_ran(tmp_path):
    one, same = (letf.run(Falls, **END).provenance.data["strategy"] for _ in range(2))
    assert one == same
    assert one["class"] == "Falls"
    (tmp_path / "own.py").write_text(FILE)
    (tmp_path / "s.toml").write_text('strategy = "own.py:Falls"\n')
    assert letf.run(tmp_path / "s.toml", **END).provenance.data["strategy"]["file"] == "own.py"
    assert "strategy" not in letf.run("hold", **END).provenance.data
