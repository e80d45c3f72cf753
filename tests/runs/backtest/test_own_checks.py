"""Whoever peeks is found out, by whatever way, and nobody who does not is accused."""

import numpy as np
import pytest

from letf_instruments import SpecError
from runs.backtest.result import run_spec
from runs.backtest.setting import load_setting
from runs.specs.reading import load_spec

RULE = """
import numpy as np
from strategies import RuleParams, Signals, TradeRule
{before}
class R(TradeRule):
    name, summary, Params, default_instrument = "r", "for tests", RuleParams, "SOXL"
    {inside}
    def signals(self, market):
        c = market.index.close
        n = len(c)
        {body}
        return Signals(entry={{"in": sig}}, exit={{"out": ~sig}})
"""
STRATEGY = """
import backtrader as bt
import random
class S(bt.Strategy):
    def __init__(self):
        {init}
    def next(self):
        {body}
        held = self.getposition(self.data1).size
        if up and not held:
            self.buy(data=self.data1, size=10)
        elif not up and held:
            self.close(data=self.data1)
"""


def run(folder, text, name, end="2003-12-31"):
    (folder / "own.py").write_text(text)
    (folder / "s.toml").write_text(
        f'name = "s"\nstrategy = "own.py:{name}"\n[data]\nindex = "nasdaq"\nfunds = ["SOXL"]\nend = "{end}"\n'
    )
    spec = load_spec(folder / "s.toml")
    return run_spec(spec, load_setting(spec))


def rule(body, before="", inside=""):
    return RULE.format(body=body, before=before, inside=inside)


PEEKS = {
    "the next bar": rule("sig = np.r_[c[1:] > c[:-1], False]"),
    "a big next bar": rule("sig = np.r_[c[1:] > c[:-1] * 1.03, False]"),
    "unless the next bar falls": rule("sig = ~np.r_[c[1:] < c[:-1] * .985, False]"),
    "kept in the module": rule(
        "CACHE.setdefault('a', np.r_[c[1:] > c[:-1], False]); sig = CACHE['a'][:n]", before="CACHE = {}"
    ),
    "kept on the class": rule(
        "R.kept = np.r_[c[1:] > c[:-1], False] if R.kept is None else R.kept; sig = R.kept[:n]",
        inside="kept = None",
    ),
    "the array behind the array": rule(
        "whole = c if c.base is None else np.frombuffer(c.base)\n"
        "        whole = whole if len(whole) > n else np.r_[c, c[-1]]\n"
        "        sig = whole[1 : n + 1] > c * 1.02"
    ),
    "on one date only": rule(
        "sig = np.arange(n) % 40 == 7\n"
        "        at = int(np.searchsorted(market.sessions, np.datetime64('2001-06-11')))\n"
        "        sig[at : at + 1] = bool(at + 1 < n and c[at + 1] < c[at])"
    ),
    "five bars on": rule("sig = np.r_[c[5:] > c[:-5], [False] * 5]"),
    "the highest of all": rule("sig = c == c.max()"),
    "centred on the bar": rule("sig = np.convolve(c, np.ones(5) / 5, 'same') > c"),
}


@pytest.mark.parametrize("how", PEEKS)
def test_a_rule_that_peeks_is_refused(how, tmp_path):
    with pytest.raises(SpecError, match="looks ahead, so its result means nothing: on "):
        run(tmp_path, PEEKS[how], "R")


HONEST = {
    "closes": rule("sig = np.r_[False, c[1:] > c[:-1]]"),
    "what it keeps by length": rule(
        "CACHE[n] = CACHE.get(n, np.r_[False, c[1:] > c[:-1]]); sig = CACHE[n]", before="CACHE = {}"
    ),
    "always in": rule("sig = np.ones(n, dtype=bool)"),
    "an average": rule("s = np.cumsum(c) / np.arange(1, n + 1); sig = c > s"),
}


@pytest.mark.parametrize("how", HONEST)
def test_a_rule_that_does_not_is_not_accused(how, tmp_path):
    assert run(tmp_path, HONEST[how], "R").metrics["trades"] > 0


def test_a_file_that_a_rule_reads_itself_cannot_be_checked_and_that_is_said(tmp_path):
    np.savetxt(tmp_path / "prices.csv", np.arange(2_000.0))
    body = "p = np.loadtxt(market_file, encoding='utf8'); sig = np.r_[False, c[1:] > c[:-1]]"
    text = rule(body, before=f"market_file = {str(tmp_path / 'prices.csv')!r}")
    notes = run(tmp_path, text, "R").warnings
    assert [n for n in notes if "prices.csv itself" in n and "cannot be checked for looking ahead" in n]


def strategy(body, init="pass"):
    return STRATEGY.format(body=body, init=init)


STRATEGIES = {
    "the next close": strategy(
        "try:\n            up = self.data.close[1] > self.data.close[0]\n        except IndexError:\n"
        "            up = False"
    ),
    "the next close, unguarded": strategy("up = self.data.close[1] > self.data.close[0]"),
    "a line moved back": strategy(
        "up = self.later[0] > self.data.close[0]", init="self.later = self.data.close(1)"
    ),
    "the line's array": strategy(
        "a = self.data.close.array; i = len(self); up = i < len(a) and a[i] > self.data.close[0]"
    ),
}


@pytest.mark.parametrize("how", STRATEGIES)
def test_a_strategy_that_peeks_is_refused(how, tmp_path):
    with pytest.raises(SpecError, match=r"looks ahead|IndexError"):
        run(tmp_path, STRATEGIES[how], "S", end="2000-06-30")


@pytest.mark.parametrize(
    ("init", "body"),
    [
        ("pass", "up = self.data.close[0] > self.data.close[-1]"),
        ("self.a = bt.ind.SMA(self.data, period=20)", "up = self.data.close[0] > self.a[0]"),
        ("self.x = bt.ind.CrossOver(bt.ind.EMA(period=5), bt.ind.EMA(period=20))", "up = self.x[0] > 0"),
        ("self.r = random.Random(3)", "up = self.r.random() < 0.5"),
    ],
)
def test_a_strategy_that_does_not_is_not_accused(init, body, tmp_path):
    found = run(tmp_path, strategy(body, init), "S", end="2000-06-30")
    assert found.logged


def test_a_strategy_that_throws_dice_is_not_accused_but_said_to(tmp_path):
    text = strategy("up = random.SystemRandom().random() < 0.5")
    notes = run(tmp_path, text, "S", end="2000-06-30").warnings
    assert [n for n in notes if "trades otherwise when it is run again on the same bars" in n]
