"""What changes the answer stands in the first sentence."""

import numpy as np
import pytest

import letf
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest
from tests.runs.command import letf as command


def headline(name, *changes):
    return letf.run(name, set=list(changes), end="2003-12-31").headline


def test_a_late_first_signal_and_a_foreign_index_do():
    said = headline("trend")
    assert "it begins on 1999-10-18, the first day on which a signal was possible" in said
    assert "nasdaq is not the index of SOXL" in said
    assert "mind" not in headline("hold", "rule.instrument=index")


def frame(closes, opens=None):
    close = np.asarray(closes, dtype=float)
    bars = {"open": close if opens is None else opens, "close": close}
    bars["high"], bars["low"] = np.maximum(bars["open"], close), np.minimum(bars["open"], close)
    import pandas as pd

    days = pd.bdate_range("2001-01-02", periods=len(close))
    return pd.DataFrame({**bars, "volume": 1.0}, index=days)[["open", "high", "low", "close", "volume"]]


def test_a_fund_that_is_wiped_out_does():
    closes = np.r_[np.full(30, 100.0), 140.0, np.full(30, 140.0)]  # up by 40 %: a −3x fund is gone
    opens = np.r_[closes[0], closes[:-1] * 1.001]
    run = letf.run("hold", index=frame(closes, opens), rule={"instrument": "SOXS"})
    assert f"SOXS was wiped out on {run.result.attributions['SOXS'].wiped_out}" in run.headline


def test_opens_that_only_repeat_the_close_before_do():
    closes = 100 * np.cumprod(1 + 0.01 * np.sin(np.arange(80)))
    opens = np.r_[closes[0], closes[:-1]]
    said = letf.run("hold", index=frame(closes, opens), rule={"instrument": "index"}).headline
    assert "in 100 % of sessions the open only repeats the close before" in said


def test_a_result_beyond_belief_is_called_so_and_written_as_times():
    closes = 100 * 1.2 ** np.arange(60)
    opens = np.r_[closes[0], closes[:-1] * 1.001]
    said = letf.run("hold", index=frame(closes, opens), rule={"instrument": "SOXL"}).headline
    assert ": × " in said
    assert "e1" in said
    assert (
        "more than 1,000,000 times the stake is too good to be true: look for a rule that looks ahead" in said
    )


def test_so_are_a_sharpe_ratio_above_four_and_a_hit_rate_above_95_per_cent():
    # Up .3 % on most days and down .1 % on every tenth: 4.2 and more; each day but those is won overnight.
    steps = np.where(np.arange(300) % 10 == 9, 0.999, 1.003)
    closes = 100 * np.cumprod(steps)
    said = letf.run("hold", index=frame(closes, closes), rule={"instrument": "index"}).headline
    assert "a Sharpe ratio of" in said
    closes = 100 * 1.003 ** np.arange(300) * np.where(np.arange(300) % 2, 1.001, 1.0)
    nights = letf.run("overnight", index=frame(closes, np.r_[closes[0], closes[:-1] * 1.001])).headline
    assert "trades won are too good to be true" in nights


def test_an_honest_result_is_not_called_so():
    assert "too good" not in headline("rsi_timing")


def test_of_a_rule_that_never_trades_the_reason_stands_alone():
    said = headline("rsi_timing", "rule.overbought=99")
    assert said.startswith("The rule never traded: “RSI(14) falls back through 99” was never true. From ")
    assert "mind that" not in said


def test_a_run_needs_no_fund(tmp_path):
    changes = ("--set", "data.funds=[]", "--set", "rule.instrument=index", "--end", "2003-12-31")
    done = command("run", "hold", *changes, "--out", tmp_path / "r", pictures=True)
    assert done.returncode == 0, done.stderr
    names = {p.name for p in (tmp_path / "r").iterdir()}
    assert {"report.html", "metrics.json", "equity.png"} <= names
    assert not any("decay" in name for name in names)
    assert "What the funds did" not in (tmp_path / "r" / "report.html").read_text()


class DayOnly(letf.TradeRule):
    name = "day_only"
    summary = "in for a day at a time"
    Params = letf.RuleParams
    default_instrument = "SOXL"

    def signals(self, market):
        every = np.arange(len(market.index.close)) % 4 == 0
        return letf.Signals(entry={"each fourth": every}, exit={"next": ~every})


def test_how_often_something_is_held_is_said_beside_the_exposure_at_the_close():
    run = letf.run(DayOnly, plan={"target": 0.001, "stop": 0.001}, end="2001-12-31")
    (account,) = (t for t in run.sections[0].tables if t.title == "The account")
    rows = dict(account.rows)
    inside = (run.trades["bars_held"] == 0).mean()
    assert inside > 0.9
    assert float(rows["average exposure at the close"].split()[0]) < 3
    assert 20 < float(rows["sessions with a position"].split()[0]) < 30


@pytest.mark.parametrize("name", ["hedge", "mix", "decay_harvest"])
def test_a_rebalanced_account_counts_sessions_not_trades(name):
    run = run_backtest(load_spec(name, ["data.end=2003-12-31"]), studies=False)
    from runs.backtest.caveats import headline as said

    assert f"rebalanced in {run.metrics['rebalances']:,} sessions" in said(run)
    assert run.metrics["win_rate"] is None
