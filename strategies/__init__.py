"""The rules: one file a rule, plus the plans that carry them out and what they share."""

import difflib
from importlib import import_module
from typing import TYPE_CHECKING, Any

from letf_instruments import SpecError
from strategies.account_rule import AccountPlan, AccountRule
from strategies.allocation_rule import AllocationRule, Targets
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

if TYPE_CHECKING:
    from strategies.carriers.account_strategy import AccountStrategy
    from strategies.carriers.allocation_strategy import AllocationStrategy
    from strategies.carriers.option_strategy import OptionStrategy
    from strategies.carriers.signal_feed import SignalFeed, market_of
    from strategies.carriers.trade_strategy import TradeStrategy

# What needs backtrader is loaded when it is first asked for: to list the rules takes none of it.
_LATER = {
    "AccountStrategy": "account_strategy",
    "AllocationStrategy": "allocation_strategy",
    "OptionStrategy": "option_strategy",
    "SignalFeed": "signal_feed",
    "TradeStrategy": "trade_strategy",
    "market_of": "signal_feed",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"strategies.carriers.{_LATER[name]}"), name)
    return found


RULES: dict[str, type[Rule]] = {
    rule.name: rule
    for rule in (
        DecayHarvest,
        EventOptions,
        EventWindow,
        Trend,
        Hedge,
        Pullback,
        Dip,
        RsiTiming,
        Sentiment,
        Hold,
        Mix,
        InfiniteBuying,
        SignalLine,
        ValueRebalancing,
        Tranches,
        Switch,
        Overnight,
        OpeningRange,
        Tree,
    )
}


def rule_named(name: str) -> type[Rule]:
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
