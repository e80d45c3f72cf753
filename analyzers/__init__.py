"""What a run tells: equity, drawdown, decay, trades. All are backtrader analyzers.

Names are loaded when first used, so that who asks for arithmetic alone does not import backtrader.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

import feeds  # noqa: F401  (before backtrader is imported)

if TYPE_CHECKING:
    from analyzers.decay import DecayAnalyzer
    from analyzers.drawdown import Drawdown, drawdowns, underwater
    from analyzers.drawdown_analyzer import DrawdownAnalyzer
    from analyzers.equity import Curve, EquityLog
    from analyzers.fills import FillLog, LoggedFill
    from analyzers.legs import Fill, Leg, LegAnalyzer, index_at, positions, price_at, split_leg
    from analyzers.trades import RoundTrip, TradeLog

_HOME = {
    "Curve": "analyzers.equity",
    "DecayAnalyzer": "analyzers.decay",
    "Drawdown": "analyzers.drawdown",
    "DrawdownAnalyzer": "analyzers.drawdown_analyzer",
    "EquityLog": "analyzers.equity",
    "Fill": "analyzers.legs",
    "FillLog": "analyzers.fills",
    "Leg": "analyzers.legs",
    "LegAnalyzer": "analyzers.legs",
    "LoggedFill": "analyzers.fills",
    "RoundTrip": "analyzers.trades",
    "TradeLog": "analyzers.trades",
    "drawdowns": "analyzers.drawdown",
    "index_at": "analyzers.legs",
    "positions": "analyzers.legs",
    "price_at": "analyzers.legs",
    "split_leg": "analyzers.legs",
    "underwater": "analyzers.drawdown",
}
__all__ = [
    "Curve",
    "DecayAnalyzer",
    "Drawdown",
    "DrawdownAnalyzer",
    "EquityLog",
    "Fill",
    "FillLog",
    "Leg",
    "LegAnalyzer",
    "LoggedFill",
    "RoundTrip",
    "TradeLog",
    "drawdowns",
    "index_at",
    "positions",
    "price_at",
    "split_leg",
    "underwater",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'analyzers' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
