"""Which rules and filters there are, in words: to list them, or to know a name, imports none of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from strategies.rule import Rule


class Listed(NamedTuple):
    """A rule: where it is ("module:Class" under strategies.rules), and its own summary."""

    home: str
    summary: str


RULE_LIST = {
    "decay_harvest": Listed(
        "decay_harvest:DecayHarvest",
        "shorts the bear fund, or bull and bear in balance, to earn what they lose by compounding",
    ),
    "event_options": Listed(
        "event_options:EventOptions",
        "buys puts, calls or straddles before each event of the calendar and sells them after it",
    ),
    "event_window": Listed(
        "event_window:EventWindow",
        "stands aside, hedges, or holds the bear fund around earnings or other dates known beforehand",
    ),
    "trend": Listed(
        "trend:Trend", "holds the bull fund in an uptrend of the index; cash or the bear fund out of it"
    ),
    "hedge": Listed(
        "hedge:Hedge", "holds semiconductors and adds a bear fund to bring the account's beta to a target"
    ),
    "pullback": Listed(
        "pullback:Pullback", "buys the bear fund when an extended rally breaks, for days to weeks"
    ),
    "dip": Listed("dip:Dip", "buys the bull fund on a pullback inside an uptrend"),
    "rsi_timing": Listed(
        "rsi_timing:RsiTiming",
        "buys the bear fund when an overbought index turns down, or the bull fund in mirror image",
    ),
    "sentiment": Listed(
        "sentiment:Sentiment",
        "buys the bear fund when volume and volatility turn risk-off, or the bull fund on risk-on",
    ),
    "hold": Listed("benchmarks:Hold", "buys one instrument and holds it: the benchmark"),
    "mix": Listed(
        "benchmarks:Mix", "holds fixed weights of instruments and cash, traded back by schedule or band"
    ),
    "infinite_buying": Listed(
        "infinite_buying:InfiniteBuying",
        "buys a part a day around the average cost, sells all at a gain over it",
    ),
    "signal_line": Listed(
        "signal_line:SignalLine",
        "holds a fund to a line that grows nine percent a quarter: sells the excess, buys the lack",
    ),
    "value_rebalancing": Listed(
        "value_rebalancing:ValueRebalancing",
        "trades a fund every ten sessions to a value that grows with the pool of cash",
    ),
    "tranches": Listed(
        "tranches:Tranches", "buys a lot on each close below the one before, sells each on its own rise"
    ),
    "switch": Listed(
        "switch:Switch",
        "the bull fund above the index's average, the bear fund below it, each with its own stop",
    ),
    "overnight": Listed("overnight:Overnight", "holds a fund from the close to the next open only"),
    "opening_range": Listed(
        "opening_range:OpeningRange",
        "buys the break of a session's opening range on intraday bars, out by the close",
    ),
    "tree": Listed("tree.rule:Tree", "nested conditions in TOML: if rsi(TQQQ, 10) > 79 then cash, else …"),
}

# The summary of each filter in `strategies.filters`.
FILTER_LIST = {
    "trend": "open while the index closes above (or below) its moving average",
    "volatility": "open while the index's realised volatility is below (or above) a level",
    "sentiment": "open while volume and volatility say risk-on (or risk-off)",
    "event": "open away from (or near) the events of data.events",
}


class Rules(Mapping[str, "type[Rule]"]):
    """The rules by name; each is imported when it is taken."""

    def __getitem__(self, name: str) -> type[Rule]:
        module, _, kind = RULE_LIST[name].home.partition(":")
        found: type[Rule] = getattr(import_module(f"strategies.rules.{module}"), kind)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(RULE_LIST)

    def __len__(self) -> int:
        return len(RULE_LIST)

    def __contains__(self, name: object) -> bool:
        return name in RULE_LIST
