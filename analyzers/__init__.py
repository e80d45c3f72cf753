"""What a run tells: equity, drawdown, decay, trades. All are backtrader analyzers."""

from analyzers.decay import DecayAnalyzer
from analyzers.drawdown import Drawdown, DrawdownAnalyzer, drawdowns, underwater
from analyzers.equity import Curve, EquityLog
from analyzers.legs import Fill, Leg, LegAnalyzer, positions, split_leg
from analyzers.trades import RoundTrip, TradeLog

__all__ = [
    "Curve",
    "DecayAnalyzer",
    "Drawdown",
    "DrawdownAnalyzer",
    "EquityLog",
    "Fill",
    "Leg",
    "LegAnalyzer",
    "RoundTrip",
    "TradeLog",
    "drawdowns",
    "positions",
    "split_leg",
    "underwater",
]
