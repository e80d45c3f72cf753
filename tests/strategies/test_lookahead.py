"""A rule that reads bars that have yet to come is found out; an honest one passes."""

import numpy as np
import pytest

from feeds.market import Market, Prices
from letf_instruments import SpecError
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest
from strategies import AllocationRule, RsiTiming, RuleParams, Signals, Targets, TradeRule
from strategies.lookahead import looks_ahead
from tests.conftest import random_bars

PEEK = """
import numpy as np
from strategies import RuleParams, Signals, TradeRule

class Peek(TradeRule):
    name = "peek"
    summary = "knows tomorrow"
    Params = RuleParams
    default_instrument = "SOXL"

    def signals(self, market):
        rises = np.append(np.diff(market.index.close) > 0, False)
        return Signals({"tomorrow rises": rises}, {"tomorrow falls": ~rises})
"""


def market():
    bars = random_bars(3, 200)
    return Market(bars.timestamps, Prices.of_bars(bars), {})


class Mean(TradeRule):
    """Compares the close with the mean of all closes, those to come included."""

    name = "mean"
    summary = "for tests"
    Params = RuleParams
    default_instrument = "index"

    def signals(self, market):
        close = market.index.close
        return Signals({"above the mean": close > close.mean()})


class Best(AllocationRule):
    name = "best"
    summary = "for tests"
    Params = RuleParams
    instruments = ("index",)

    def targets(self, market):
        close = market.index.close
        return Targets({"index": close / close.max()})


def test_a_rule_that_uses_all_closes_is_found_out():
    assert "entry “above the mean” was" in looks_ahead(Mean(), market())


def test_a_weight_scaled_by_what_comes_later_is_found_out():
    # Only if the highest close is still to come at the first cut; it is, in these bars.
    closes = market().index.close
    assert closes.argmax() > len(closes) // 4
    assert "weights “index” was" in looks_ahead(Best(), market())


def test_an_honest_rule_passes():
    assert looks_ahead(RsiTiming(), market()) is None


def test_a_rule_of_one_s_own_that_peeks_is_refused_with_the_bar(tmp_path):
    (tmp_path / "peek.py").write_text(PEEK)
    (tmp_path / "s.toml").write_text('strategy = "peek.py:Peek"\n[data]\nend = 2001-12-31\n')
    says = (
        r"peek\.py:Peek looks ahead, so its result means nothing: on \d{4}-\d\d-\d\d entry “tomorrow rises”"
    )
    with pytest.raises(SpecError, match=says):
        run_backtest(load_spec(tmp_path / "s.toml"))


def test_numbers_off_by_rounding_are_the_same():
    class Sum(TradeRule):
        name, summary, Params, default_instrument = "sum", "for tests", RuleParams, "index"

        def signals(self, market):
            wobble = 1.0 + 1e-14 * (len(market) % 7)
            return Signals({"always": market.index.close > 0}, levels={"half": market.index.close * wobble})

    assert looks_ahead(Sum(), market()) is None
    assert np.isfinite(market().index.close).all()
