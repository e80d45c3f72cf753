"""OptionPlan: which options to buy, how much, and what their price takes volatility to be.

A decision on a bar's close is filled at the next bar's open. Options are bought, never written.
"""

from __future__ import annotations

from typing import Literal

from strategies.parameters import RuleParams, param

UNIT = "fraction"
LEGS = {"put": ("put",), "call": ("call",), "straddle": ("call", "put")}


class OptionPlan(RuleParams):
    """What to do with an option rule's signals.

    instrument : underlying: the index, or a fund that follows it; the rule's own choice if none is named.
    kind : put, call, or straddle: as many calls as puts, at one strike.
    moneyness : strike over the underlying at the close of the decision.
    days : calendar days from the purchase to expiry, at least; the first weekly expiry from there on is
        taken.
    fraction : share of equity to spend on premium, at the close of the decision.
    volatility_bars, premium : the price's volatility is what the index realised over so many bars, times
        the premium; |b| times that for a fund. See `feeds.options.volatility`.
    scale : with data.volatility, its index times this takes the place of both.
    """

    instrument: str | None = param(None, "", "underlying: index or a fund; the rule's own if not named")
    kind: Literal["put", "call", "straddle"] = param("put", "", "what is bought")
    moneyness: float = param(1.0, UNIT, "strike over the underlying's close", gt=0.2, lt=5)
    days: int = param(7, "calendar days", "from purchase to expiry at least; the first Friday", ge=0, le=370)
    fraction: float = param(0.02, UNIT, "share of equity spent on premium", gt=0, le=1)
    volatility_bars: int = param(20, "bars", "realised volatility behind the price", ge=2, le=500)
    premium: float = param(1.2, "times", "implied over realised volatility", gt=0, le=10)
    scale: float | None = param(None, "times", "index's volatility over data.volatility", gt=0, le=10)
