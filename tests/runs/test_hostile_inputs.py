"""Inputs that nobody means, each of which gets one sentence and exit code 2, and leaves no folder."""

import numpy as np
import pytest

from tests.runs.backtest.files import csv
from tests.runs.command import letf

RULE = """
from strategies import RuleParams, Signals, TradeRule
class R(TradeRule):
    name, summary, Params, default_instrument = "r", "s", RuleParams, "SOXL"
    def signals(self, market):
        close = market.index.close
        {body}
        return Signals(entry={{"a": close > 0}})
"""
RULES = {
    "a condition's name is no text": ("return Signals(entry={3: close > 0})", "entry has the name 3"),
    "StopIteration": ("raise StopIteration", "StopIteration"),
    "GeneratorExit": ("raise GeneratorExit", "GeneratorExit"),
    "a period of 0": ("import talib; talib.SMA(close, 0)", "Bad Parameter"),
    "prices made writable": ("close.flags.writeable = True; close[:] = 1.0", "cannot set WRITEABLE"),
    "prices written to": ("close[-1] = 1.0", "read-only"),
    "a fund's prices written to": ('market["SOXL"].open[0] = 1.0', "read-only"),
}


def refused(folder, says, *arguments):
    before = sorted(folder.iterdir())
    done = letf(*arguments, "--out", folder / "out", cwd=folder)
    assert done.returncode == 2, done.stdout + done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert says in done.stderr
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("what", RULES)
def test_a_rule_that_does_what_no_rule_may(what, tmp_path):
    body, says = RULES[what]
    csv(tmp_path / "i.csv")
    (tmp_path / "rule.py").write_text(RULE.format(body=body))
    (tmp_path / "r.toml").write_text('strategy = "rule.py:R"\n[data]\nindex = "i.csv"\n')
    refused(tmp_path, says, "run", "r.toml")


def test_a_strategy_that_writes_into_its_feed(tmp_path):
    csv(tmp_path / "i.csv")
    (tmp_path / "s.py").write_text(
        "import backtrader as bt\n"
        "class S(bt.Strategy):\n"
        "    def next(self):\n"
        "        if len(self) == 20:\n"
        "            self.buy(size=1)\n"
        "            self.data.open.array[len(self)] = 1.0\n"
    )
    (tmp_path / "s.toml").write_text('strategy = "s.py:S"\n[data]\nindex = "i.csv"\n')
    refused(tmp_path, "the prices of i were changed while the run was on", "run", "s.toml")


@pytest.mark.parametrize("factor", [10.0, 0.1])
def test_an_index_that_moves_tenfold_a_bar_is_no_index(factor, tmp_path):
    days = np.busday_offset("2015-01-05", np.arange(300))
    rows = [
        f"{day},{p:.12g},{p:.12g},{p:.12g},{p:.12g}"
        for day, p in zip(days, 100.0 * factor ** np.arange(300), strict=True)
    ]
    (tmp_path / "i.csv").write_text("date,open,high,low,close\n" + "\n".join(rows))
    refused(tmp_path, "there is no price", "run", "hold", "--index", "i.csv")


def test_a_last_date_of_9999_is_no_date_of_a_bar(tmp_path):
    csv(tmp_path / "i.csv")
    text = (tmp_path / "i.csv").read_text().splitlines()
    text[-1] = "9999-12-31" + text[-1][10:]
    (tmp_path / "i.csv").write_text("\n".join(text))
    refused(tmp_path, "(9999-12-31): bars lie between", "run", "hold", "--index", "i.csv")


@pytest.mark.parametrize("key", ["--rates", "borrow", "volatility"])
def test_a_series_with_a_heading_only(key, tmp_path):
    csv(tmp_path / "i.csv")
    (tmp_path / "e.csv").write_text("date,rate\n" if key != "volatility" else "date,close\n")
    given = ["--rates", "e.csv"] if key == "--rates" else ["--set", f"data.{key}={tmp_path / 'e.csv'}"]
    refused(tmp_path, "no rows", "run", "hold", "--index", "i.csv", *given)


@pytest.mark.parametrize(
    "text", ["x = " + "[" * 3000 + "]" * 3000, "x = " + "{a = " * 3000 + "1" + "}" * 3000]
)
def test_a_spec_that_is_nested_without_end(text, tmp_path):
    (tmp_path / "deep.toml").write_text(f'strategy = "hold"\n{text}\n')
    refused(tmp_path, "nested too deeply", "run", "deep.toml")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("account.cash=5e-324", "account.cash is 5e-324; it should be greater than or equal to 0.01"),
        ("account.cash=true", "account.cash is True; it should be a number"),
        ("account.whole_shares=yes", "account.whole_shares is 'yes'; it should be true or false"),
        ("account.whole_shares=1", "account.whole_shares is 1; it should be true or false"),
        ("rule.weight=true", "rule.weight is True; it should be a number"),
        ("costs.commission_per_trade=1e300", "costs.commission_per_trade is 1e+300"),
        ("rule.weight=" + "[" * 3000 + "]" * 3000, "nested too deeply"),
    ],
)
def test_values_that_are_none(change, says, tmp_path):
    refused(tmp_path, says, "run", "hold", "--set", change)


@pytest.mark.parametrize("word", ["now", "today", "TODAY 16:00"])
def test_a_date_is_not_the_moment_of_reading(word, tmp_path):
    csv(tmp_path / "i.csv")
    text = (tmp_path / "i.csv").read_text().splitlines()
    text[-1] = word + text[-1][10:]
    (tmp_path / "i.csv").write_text("\n".join(text))
    refused(tmp_path, "is not a date; write it as 2020-03-16", "run", "hold", "--index", "i.csv")


@pytest.mark.parametrize("odd", ["2020-01-08 16:00:00+09:00", "2020-01-08 16:00:00Z", "2020-01-08 16:00:00"])
def test_moments_of_several_zones_in_one_file(odd, tmp_path):
    stamps = ["2020-01-06 16:00:00-05:00", "2020-01-07 16:00:00-05:00", odd, "2020-03-09 16:00:00-04:00"]
    rows = [f"{stamp},100,101,99,100" for stamp in stamps]
    (tmp_path / "i.csv").write_text("date,open,high,low,close\n" + "\n".join(rows))
    refused(tmp_path, "is of another zone than most dates", "run", "hold", "--index", "i.csv")
