"""What a run tells: equity, drawdown, decay, trades. All are backtrader analyzers."""

import feeds  # noqa: F401  (before backtrader is imported)
from analyzers.decay import DecayAnalyzer
from analyzers.drawdown import Drawdown, DrawdownAnalyzer, drawdowns, underwater
from analyzers.equity import Curve, EquityLog
from analyzers.fills import FillLog, LoggedFill
from analyzers.legs import Fill, Leg, LegAnalyzer, index_at, positions, price_at, split_leg
from analyzers.trades import RoundTrip, TradeLog

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
