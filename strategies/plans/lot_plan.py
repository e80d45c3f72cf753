"""LotPlan: entries open lots, and each lot is left by itself.

A lot is a purchase with a fate of its own: it is sold on the first close above its own price (and `target`),
below it (and `stop`), or after so many closes (`patience`). What a close sells may be bought back on it.
"""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from strategies.parameters import RuleParams, param
from strategies.plans.fill import Fill

MOST_LOTS = 100
SIZES = ("fixed", "lot", "equity")


class LotFate(RuleParams):
    """When a lot is sold. Fractions are of 1, of the lot's own price.

    target : gain above which it is sold, at a close; 0 is any close above its price.
    stop : loss at or beyond which it is sold, at a close.
    patience : closes after that of its purchase, on the last of which it is sold whatever the price.
    """

    target: float | None = param(
        None, "fraction", "gain at whose close a lot is sold; 0 for any", ge=0, le=100
    )
    stop: float | None = param(None, "fraction", "loss at whose close a lot is sold", gt=0, lt=1)
    patience: int | None = param(None, "closes", "longest holding of a lot", ge=1, le=100_000)


class LotPlan(RuleParams):
    """What to do with a rule's signals, lot by lot.

    instrument : fund, index or asset to buy; the rule's own choice if none is named.
    lots : how many there may be at a time.
    size : of a lot: "fixed" is `amount`, "lot" what the lot itself has come to from its share of the money at
        the start, "equity" a share of equity by the number of lots.
    amount : money for each lot, if its size is fixed.
    each : when a lot is sold.
    per_bar : lots that may be opened on one close.
    leave : "each" sells the lot whose time has come, "all" everything with it.
    average_target, average_stop : gain and loss over the average cost at whose close everything is sold.
    fill : at the next open, the next close, or the very close that decides.
    """

    instrument: str | None = param(None, "", "what to buy; the rule's own choice if not named")
    lots: int = param(10, "lots", "how many at a time", ge=1, le=MOST_LOTS)
    size: Literal["fixed", "lot", "equity"] = param("lot", "", "what a lot is sized by")
    amount: float | None = param(None, "money", "of each lot, if its size is fixed", gt=0, le=1e12)
    each: LotFate = param(LotFate(), "", "when a lot is sold: target, stop, patience")
    per_bar: int = param(1, "lots", "opened on one close, at most", ge=1, le=4)
    leave: Literal["each", "all"] = param("each", "", "what is sold when a lot's time has come")
    average_target: float | None = param(None, "fraction", "gain over the average cost", ge=0, le=100)
    average_stop: float | None = param(None, "fraction", "loss below the average cost", gt=0, lt=1)
    fill: Fill = param("open", "", "where orders are filled: open, close or same-close")

    # What a `TradePlan` may name of a rule's levels; a plan of lots names none.
    stop = target = rebound = limit = trigger = price = other = property(lambda self: None)

    @model_validator(mode="after")
    def _amount_fits(self) -> LotPlan:
        if (self.size == "fixed") != (self.amount is not None):
            raise ValueError('plan.amount is the money of a lot with plan.size = "fixed", and of no other')
        return self
