"""Prices of the traded instrument that a plan may name as its stop, target, limit or trigger.

    [plan]
    stop = "atr_stop"        # so many average true ranges below the close
    target = "atr_target"    # so many above it

A level is the price as it stands on the bar of the decision; the fill comes at the next open.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from feeds.market import Market, Prices
from letf_instruments import DataError
from strategies.indicators import atr, highest, lowest
from strategies.parameters import RuleParams, param
from strategies.plans.trade_plan import TradePlan

Floats = npt.NDArray[np.float64]
Levels = dict[str, Floats]

ATR_LEVELS = ("atr_stop", "atr_target")
RANGE_LEVELS = ("support", "resistance")


class AtrParams(RuleParams):
    """Parameters of `atr_levels`."""

    atr_bars: int = param(14, "bars", "the traded instrument's average true range", ge=1, le=500)
    atr_stop: float = param(2.0, "ATRs", "the level atr_stop: so far below the close", gt=0, le=50)
    atr_target: float = param(4.0, "ATRs", "the level atr_target: so far above the close", gt=0, le=50)


def atr_levels(market: Market, instrument: str, params: AtrParams) -> Levels:
    """`atr_stop` and `atr_target`: the close less, and plus, so many average true ranges (Wilder 1978).

    Shape (n,), in prices of the instrument; NaN until `atr_bars` + 1 bars have been seen. The range is in
    money and remembers older prices: after a fund has fallen far it is wide for the price. A stop at or
    below 0 could never be hit: NaN, so that a plan which names it opens no trade. No levels at all on a
    market that does not hold the instrument.
    """
    prices = _traded(market, instrument)
    if prices is None:
        return {}
    reach = atr(prices.high, prices.low, prices.close, params.atr_bars)
    stop = prices.close - params.atr_stop * reach
    return {
        "atr_stop": np.where(stop > 0, stop, np.nan),
        "atr_target": prices.close + params.atr_target * reach,
    }


def range_levels(market: Market, instrument: str, bars: int) -> Levels:
    """`support` and `resistance`: the instrument's lowest low and highest high of the last `bars` bars.

    Shape (n,), in prices of the instrument. A resistance that is not above the close is no target: NaN.
    """
    prices = _traded(market, instrument)
    if prices is None:
        return {}
    top = highest(prices.high, bars)
    return {"support": lowest(prices.low, bars), "resistance": np.where(top > prices.close, top, np.nan)}


def level_bars(plan: TradePlan, params: AtrParams, range_bars: int = 0) -> int:
    """Bars before the levels that a plan names are there; 0 if it names none."""
    named = (plan.stop, plan.target, plan.limit, plan.trigger)
    return max(
        params.atr_bars + 1 if any(level in ATR_LEVELS for level in named) else 0,
        range_bars if any(level in RANGE_LEVELS for level in named) else 0,
    )


def _traded(market: Market, instrument: str) -> Prices | None:
    try:
        return market[instrument]
    except DataError:
        return None
