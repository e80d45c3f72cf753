"""TradePlan: enter and leave one instrument, with everything set before the trade.

A decision on a bar's close is filled at the next bar's open. Stop, target and trailing stop are live
from the fill, on the entry bar too, and are priced from the fill.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from strategies.parameters import RuleParams, param

# A fraction of the entry price, or the name of one of the rule's level arrays ("atr_stop"), which gives
# the price itself as it stands on the bar of the decision.
Fraction = Annotated[float, Field(gt=0, lt=1)]
Gain = Annotated[float, Field(gt=0, le=100)]
LevelName = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*$")]

UNIT = "fraction"


class TradePlan(RuleParams):
    """What to do with a rule's signals. Fractions are of 1: 0.08 is 8 %.

    instrument : fund, index or asset to buy; the rule's own choice if none is named.
    fraction : share of equity to put into a trade, at the close of the decision; with `risk`, the most.
    risk : share of equity that a trade loses if it is stopped at its stop; the size follows from the
        distance of the stop, so a volatile market gets a smaller position.
    stop : loss from the entry price at which to leave, or the name of a level.
    target : gain over the entry price at which to leave, or the name of a level.
    trailing_stop : fall from the highest high since entry at which to leave; it follows the highs of
        finished bars.
    rebound : name of a level of the index, set when the trade is decided: the trade is left when the
        index closes beyond it against the trade (above it for a bear fund, below it otherwise).
    max_bars : longest holding period: the position is sold at the open this many bars after the entry's.
    cooldown : bars to wait after an exit before the next entry may be decided.
    """

    instrument: str | None = param(None, "", "what to buy; the rule's own choice if not named")
    fraction: float = param(1.0, UNIT, "share of equity to put into a trade; the most with risk", gt=0, le=1)
    risk: float | None = param(
        None, UNIT, "share of equity lost if the stop is hit; sizes the trade", gt=0, le=1
    )
    stop: Fraction | LevelName | None = param(None, UNIT, "loss at which to leave, or a level's name")
    target: Gain | LevelName | None = param(None, UNIT, "gain at which to leave, or a level's name")
    trailing_stop: Fraction | None = param(None, UNIT, "fall from the highest high since entry")
    rebound: LevelName | None = param(None, "", "level of the index beyond which the idea has failed")
    max_bars: int | None = param(None, "bars", "longest holding period", ge=1, le=100_000)
    cooldown: int = param(0, "bars", "wait after an exit", ge=0, le=100_000)

    @model_validator(mode="after")
    def _risk_needs_a_stop(self) -> TradePlan:
        if self.risk is not None and self.stop is None:
            raise ValueError("plan.risk sizes a trade by the distance of its stop, so plan.stop must be set")
        return self
