"""TradePlan: enter and leave one instrument, with everything set before the trade.

A decision on a bar's close is filled at the next bar's open. Stop, target and trailing stop are live
from the fill, on the entry bar too, and are priced from the fill.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

# A fraction of the entry price, or the name of one of the rule's level arrays ("atr_stop"), which gives
# the price itself as it stands on the bar of the decision.
Fraction = Annotated[float, Field(gt=0, lt=1)]
Gain = Annotated[float, Field(gt=0, le=100)]
LevelName = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*$")]


class TradePlan(BaseModel):
    """What to do with a rule's signals. Fractions are of 1: 0.08 is 8 %.

    instrument : fund or index to buy; the rule's own choice if none is named.
    fraction : share of equity to put into a trade, at the close of the decision.
    stop : loss from the entry price at which to leave, or the name of a level.
    target : gain over the entry price at which to leave, or the name of a level.
    trailing_stop : fall from the highest high since entry at which to leave; it follows the highs of
        finished bars.
    max_bars : longest holding period: the position is sold at the open this many bars after the entry's.
    cooldown : bars to wait after an exit before the next entry may be decided.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    instrument: str | None = None
    fraction: float = Field(default=1.0, gt=0, le=1)
    stop: Fraction | LevelName | None = None
    target: Gain | LevelName | None = None
    trailing_stop: Fraction | None = None
    max_bars: int | None = Field(default=None, ge=1, le=100_000)
    cooldown: int = Field(default=0, ge=0, le=100_000)
