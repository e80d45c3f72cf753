"""The check for look-ahead must be able to fail, for both kinds of rule."""

import numpy as np
import pytest

from strategies import AllocationRule, RuleParams, Signals, Targets, TradePlan, TradeRule
from tests.conftest import random_bars
from tests.strategies.causality import assert_prefixes, assert_same_in_every_mode, market_of_bars


def falls(market, ahead):
    """Where the close falls on this bar (ahead 0) or on the next one (ahead 1)."""
    close = market.index.close
    moves = np.append(np.diff(close, prepend=close[0]), 0.0)
    return moves[ahead : len(close) + ahead] < 0


class Trader(TradeRule):
    name, summary, Params, default_instrument = "trader", "for tests", RuleParams, "SOXS"
    ahead = 0

    def signals(self, market):
        return Signals({"falls": falls(market, self.ahead)})


class Holder(AllocationRule):
    name, summary, Params, instruments = "holder", "for tests", RuleParams, ("SOXL",)
    ahead = 0

    def targets(self, market):
        return Targets({"SOXL": np.where(falls(market, self.ahead), 0.0, 0.5)})


RULES = {"trade": Trader(plan=TradePlan(max_bars=2)), "allocation": Holder()}


@pytest.mark.parametrize("kind", RULES)
def test_an_honest_rule_passes(kind):
    bars = random_bars(7, 150)
    assert_same_in_every_mode(RULES[kind], bars, cuts=[30, 90])
    assert_prefixes(RULES[kind], market_of_bars(bars))


@pytest.mark.parametrize("kind", RULES)
def test_a_rule_that_reads_the_next_bar_is_found_out(kind, monkeypatch):
    bars = random_bars(7, 150)
    monkeypatch.setattr(type(RULES[kind]), "ahead", 1)
    with pytest.raises(AssertionError):
        assert_same_in_every_mode(RULES[kind], bars, cuts=[])
    with pytest.raises(AssertionError):
        assert_prefixes(RULES[kind], market_of_bars(bars))


def test_a_run_without_trades_shows_nothing():
    with pytest.raises(AssertionError, match="trades show nothing"):
        assert_same_in_every_mode(RULES["trade"], random_bars(7, 2), cuts=[])
