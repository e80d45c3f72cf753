"""Market data in: where it comes from, what is refused or warned of, and the backtrader feeds.

Names are loaded when first used, so that reading a file does not import backtrader.
"""

from importlib import import_module
from typing import Any

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
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'feeds' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
