"""The rules: one file a rule, plus the plans that carry them out and what they share.

Names are loaded when first used: a run imports its own rule, and to list the rules takes none of them.
"""

import difflib
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import feeds  # noqa: F401  (before backtrader is imported)
from letf_instruments import SpecError
from strategies.listing import Rules

if TYPE_CHECKING:
    from strategies.account_rule import AccountPlan, AccountRule
    from strategies.allocation_rule import AllocationRule, Targets
    from strategies.carriers.account_strategy import AccountStrategy
    from strategies.carriers.allocation_strategy import AllocationStrategy
    from strategies.carriers.option_strategy import OptionStrategy
    from strategies.carriers.signal_feed import SignalFeed, market_of
    from strategies.carriers.trade_strategy import TradeStrategy
    from strategies.conditions import Measured
    from strategies.filters import FILTERS, Filter, filter_named
    from strategies.option_rule import OptionRule, OptionSignals
    from strategies.parameters import RuleParams, param
    from strategies.plans.allocation_plan import AllocationPlan
    from strategies.plans.lot_plan import LotPlan
    from strategies.plans.option_plan import OptionPlan
    from strategies.plans.trade_plan import TradePlan
    from strategies.rule import Rule
    from strategies.rules.benchmarks import Hold, Mix
    from strategies.rules.decay_harvest import DecayHarvest
    from strategies.rules.dip import Dip, DipParams
    from strategies.rules.event_options import EventOptions
    from strategies.rules.event_window import EventExposure, EventTrade, EventWindow
    from strategies.rules.hedge import Hedge, HedgeParams
    from strategies.rules.infinite_buying import InfiniteBuying
    from strategies.rules.opening_range import OpeningRange
    from strategies.rules.overnight import Overnight
    from strategies.rules.pullback import Pullback, PullbackParams
    from strategies.rules.rsi_timing import RsiTiming, RsiTimingParams
    from strategies.rules.sentiment import Sentiment, SentimentTradeParams
    from strategies.rules.signal_line import SignalLine
    from strategies.rules.switch import Switch
    from strategies.rules.tranches import Tranches
    from strategies.rules.tree import Tree, TreeParams
    from strategies.rules.trend import Trend
    from strategies.rules.value_rebalancing import ValueRebalancing
    from strategies.trade_rule import Signals, TradeRule

_HOME = {
    "AccountPlan": "account_rule",
    "AccountRule": "account_rule",
    "AccountStrategy": "carriers.account_strategy",
    "AllocationPlan": "plans.allocation_plan",
    "AllocationRule": "allocation_rule",
    "AllocationStrategy": "carriers.allocation_strategy",
    "DecayHarvest": "rules.decay_harvest",
    "Dip": "rules.dip",
    "DipParams": "rules.dip",
    "EventExposure": "rules.event_window",
    "EventOptions": "rules.event_options",
    "EventTrade": "rules.event_window",
    "EventWindow": "rules.event_window",
    "FILTERS": "filters",
    "Filter": "filters",
    "Hedge": "rules.hedge",
    "HedgeParams": "rules.hedge",
    "Hold": "rules.benchmarks",
    "InfiniteBuying": "rules.infinite_buying",
    "LotPlan": "plans.lot_plan",
    "Measured": "conditions",
    "Mix": "rules.benchmarks",
    "OpeningRange": "rules.opening_range",
    "OptionPlan": "plans.option_plan",
    "OptionRule": "option_rule",
    "OptionSignals": "option_rule",
    "OptionStrategy": "carriers.option_strategy",
    "Overnight": "rules.overnight",
    "Pullback": "rules.pullback",
    "PullbackParams": "rules.pullback",
    "RsiTiming": "rules.rsi_timing",
    "RsiTimingParams": "rules.rsi_timing",
    "Rule": "rule",
    "RuleParams": "parameters",
    "Sentiment": "rules.sentiment",
    "SentimentTradeParams": "rules.sentiment",
    "SignalFeed": "carriers.signal_feed",
    "SignalLine": "rules.signal_line",
    "Signals": "trade_rule",
    "Switch": "rules.switch",
    "Targets": "allocation_rule",
    "TradePlan": "plans.trade_plan",
    "TradeRule": "trade_rule",
    "TradeStrategy": "carriers.trade_strategy",
    "Tranches": "rules.tranches",
    "Tree": "rules.tree",
    "TreeParams": "rules.tree",
    "Trend": "rules.trend",
    "ValueRebalancing": "rules.value_rebalancing",
    "filter_named": "filters",
    "market_of": "carriers.signal_feed",
    "param": "parameters",
}
RULES: Mapping[str, "type[Rule]"] = Rules()


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"strategies.{_HOME[name]}"), name)
    return found


def rule_named(name: str) -> "type[Rule]":
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
    "FILTERS",
    "RULES",
    "AccountPlan",
    "AccountRule",
    "AccountStrategy",
    "AllocationPlan",
    "AllocationRule",
    "AllocationStrategy",
    "DecayHarvest",
    "Dip",
    "DipParams",
    "EventExposure",
    "EventOptions",
    "EventTrade",
    "EventWindow",
    "Filter",
    "Hedge",
    "HedgeParams",
    "Hold",
    "InfiniteBuying",
    "LotPlan",
    "Measured",
    "Mix",
    "OpeningRange",
    "OptionPlan",
    "OptionRule",
    "OptionSignals",
    "OptionStrategy",
    "Overnight",
    "Pullback",
    "PullbackParams",
    "RsiTiming",
    "RsiTimingParams",
    "Rule",
    "RuleParams",
    "Sentiment",
    "SentimentTradeParams",
    "SignalFeed",
    "SignalLine",
    "Signals",
    "Switch",
    "Targets",
    "TradePlan",
    "TradeRule",
    "TradeStrategy",
    "Tranches",
    "Tree",
    "TreeParams",
    "Trend",
    "ValueRebalancing",
    "filter_named",
    "market_of",
    "param",
    "rule_named",
]
