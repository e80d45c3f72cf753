"""Market data in: where it comes from, what is refused or warned of, and the backtrader feeds.

Names are loaded when first used, so that reading a file does not import backtrader.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from feeds.talib_later import defer

if TYPE_CHECKING:
    from feeds.backtrader_feeds import BarsFeed, FundFeed
    from feeds.bars import Bars
    from feeds.checking.checks import warnings_of
    from feeds.frames import bars_frame
    from feeds.market import Market, Prices
    from feeds.rates import ShortRate
    from feeds.reading.memory import Memory
    from feeds.simulate import simulate_semiconductors
    from feeds.sources import load_bars, load_rate

defer()  # here, since every room that imports backtrader imports this one first

_HOME = {
    "Bars": "feeds.bars",
    "BarsFeed": "feeds.backtrader_feeds",
    "FundFeed": "feeds.backtrader_feeds",
    "Market": "feeds.market",
    "Memory": "feeds.reading.memory",
    "Prices": "feeds.market",
    "ShortRate": "feeds.rates",
    "bars_frame": "feeds.frames",
    "load_bars": "feeds.sources",
    "load_rate": "feeds.sources",
    "simulate_semiconductors": "feeds.simulate",
    "warnings_of": "feeds.checking.checks",
}
__all__ = [
    "Bars",
    "BarsFeed",
    "FundFeed",
    "Market",
    "Memory",
    "Prices",
    "ShortRate",
    "bars_frame",
    "load_bars",
    "load_rate",
    "simulate_semiconductors",
    "warnings_of",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'feeds' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
