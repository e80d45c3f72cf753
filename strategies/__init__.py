"""The rules: one file a rule, plus the plans that carry them out and the indicators they share."""

import difflib

from letf_instruments import SpecError
from strategies.rsi_timing import RsiTiming, RsiTimingParams
from strategies.rule import RuleParams, Signals, TradeRule
from strategies.signal_feed import SignalFeed, market_of
from strategies.trade_plan import TradePlan
from strategies.trade_strategy import TradeStrategy

RULES: dict[str, type[TradeRule]] = {rule.name: rule for rule in (RsiTiming,)}


def rule_named(name: str) -> type[TradeRule]:
    """The rule class of that name.

    Raises
    ------
    SpecError
        If there is none; the sentence names the nearest.
    """
    if name in RULES:
        return RULES[name]
    near = difflib.get_close_matches(name, RULES, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(RULES)}"
    raise SpecError(f"strategy {name!r} is not known; {hint}")


__all__ = [
    "RULES",
    "RsiTiming",
    "RsiTimingParams",
    "RuleParams",
    "SignalFeed",
    "Signals",
    "TradePlan",
    "TradeRule",
    "TradeStrategy",
    "market_of",
    "rule_named",
]
