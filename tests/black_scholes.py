"""Black, Scholes and Merton by the textbook, as a check on the library: nothing but the error function."""

from __future__ import annotations

import math


def _normal(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


def by_textbook(
    kind: str,
    spot: float,
    strike: float,
    days: float,
    rate: float,
    volatility: float,
    dividend_yield: float = 0.0,
) -> float:
    """Hull, Options, Futures and Other Derivatives, equations 17.4 and 17.5, with days of a 365-day year."""
    t = days / 365
    d1 = math.log(spot / strike) + (rate - dividend_yield + volatility**2 / 2) * t
    d1 /= volatility * math.sqrt(t)
    d2 = d1 - volatility * math.sqrt(t)
    sign = 1 if kind == "call" else -1
    held = spot * math.exp(-dividend_yield * t) * _normal(sign * d1)
    owed = strike * math.exp(-rate * t) * _normal(sign * d2)
    return sign * (held - owed)
