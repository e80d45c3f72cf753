"""The rules: one file a rule, plus the plans that carry them out and what they share."""

import difflib

from letf_instruments import SpecError
from strategies.account_rule import AccountPlan, AccountRule
from strategies.account_strategy import AccountStrategy
from strategies.allocation_plan import AllocationPlan
from strategies.allocation_rule import AllocationRule, Targets
from strategies.allocation_strategy import AllocationStrategy
from strategies.benchmarks import Hold, Mix
from strategies.conditions import Measured
from strategies.decay_harvest import DecayHarvest
from strategies.dip import Dip, DipParams
from strategies.event_options import EventOptions
from strategies.event_window import EventExposure, EventTrade, EventWindow
from strategies.filters import FILTERS, Filter, filter_named
from strategies.hedge import Hedge, HedgeParams
from strategies.infinite_buying import InfiniteBuying
from strategies.lot_plan import LotPlan
from strategies.option_plan import OptionPlan
from strategies.option_rule import OptionRule, OptionSignals
from strategies.option_strategy import OptionStrategy
from strategies.parameters import RuleParams, param
from strategies.pullback import Pullback, PullbackParams
from strategies.rsi_timing import RsiTiming, RsiTimingParams
from strategies.rule import Rule
from strategies.sentiment import Sentiment, SentimentTradeParams
from strategies.signal_feed import SignalFeed, market_of
from strategies.signal_line import SignalLine
from strategies.trade_plan import TradePlan
from strategies.trade_rule import Signals, TradeRule
from strategies.trade_strategy import TradeStrategy
from strategies.tranches import Tranches
from strategies.trend import Trend
from strategies.value_rebalancing import ValueRebalancing

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
    "OptionPlan",
    "OptionRule",
    "OptionSignals",
    "OptionStrategy",
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
    "Targets",
    "TradePlan",
    "TradeRule",
    "TradeStrategy",
    "Tranches",
    "Trend",
    "ValueRebalancing",
    "filter_named",
    "market_of",
    "param",
    "rule_named",
]
