"""TradePlan: enter and leave one instrument, with everything set before the trade.

A decision on a bar's close is filled at the next bar's open, unless the plan says at which close, limit or
stop. Stop, target and trailing stop are live from the fill, on the entry bar too, and are priced from the
fill.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from strategies.parameters import RuleParams, param
from strategies.plans.fill import Fill

# A fraction of the entry price, or the name of one of the rule's level arrays ("atr_stop"), which gives
# the price itself as it stands on the bar of the decision.
Fraction = Annotated[float, Field(gt=0, lt=1)]
Gain = Annotated[float, Field(gt=0, le=100)]
Offset = Annotated[float, Field(gt=-1, le=10)]  # from the deciding close: -0.01 is 1 % below it
LevelName = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*$")]

ENTRIES = ("market", "limit", "stop")
LEAVES = ("open", "session end")  # or a time of day
TIME = re.compile(r"^([01]\d|2[0-3]):[0-5]\d$")
TRAIL_BARS = 14  # of the average true range that `trailing_atr` counts in

UNIT = "fraction"


class TradeTerms(RuleParams):
    """What is set before a trade in one instrument; of both sides of a switch. As `TradePlan` says it."""

    table: ClassVar[str] = "plan"  # where they stand in a spec

    fraction: float = param(1.0, UNIT, "share of equity to put into a trade; the most with risk", gt=0, le=1)
    amount: float | None = param(None, "money", "to put into a trade, in place of fraction", gt=0, le=1e12)
    risk: float | None = param(
        None, UNIT, "share of equity lost if the stop is hit; sizes the trade", gt=0, le=1
    )
    stop: Fraction | LevelName | None = param(None, UNIT, "loss at which to leave, or a level's name")
    target: Gain | LevelName | None = param(None, UNIT, "gain at which to leave, or a level's name")
    trailing_stop: Fraction | None = param(None, UNIT, "fall from the highest high since entry")
    trailing_atr: float | None = param(
        None,
        "ATRs",
        "the same fall in average true ranges of 14 bars, as they are at the decision",
        gt=0,
        le=50,
    )
    rebound: LevelName | None = param(None, "", "level of the index beyond which the idea has failed")
    max_bars: int | None = param(None, "bars", "longest holding period", ge=1, le=100_000)

    @model_validator(mode="after")
    def _terms_fit(self) -> TradeTerms:
        at = self.table
        if self.risk is not None and self.stop is None:
            raise ValueError(f"{at}.risk sizes a trade by the distance of its stop, so {at}.stop must be set")
        if self.trailing_stop is not None and self.trailing_atr is not None:
            raise ValueError(
                f"{at}.trailing_stop and {at}.trailing_atr are two trails of one trade; name one"
            )
        if self.amount is not None and self.fraction != 1.0:
            raise ValueError(f"{at}.amount and {at}.fraction are two sizes of one trade; name one")
        return self


class OtherSide(TradeTerms):
    """The other side of a switch: what is bought where the rule says the other, with its own stop.

    instrument : fund, index or asset; the rest as in `TradePlan`.
    """

    table: ClassVar[str] = "plan.other"

    instrument: str = param(..., "", "what to buy on the other side")


class TradePlan(TradeTerms):
    """What to do with a rule's signals. Fractions are of 1: 0.08 is 8 %.

    instrument : fund, index or asset to buy; the rule's own choice if none is named.
    fraction : share of equity to put into a trade, at the close of the decision; with `risk`, the most.
    amount : money to put into a trade, in place of a share of equity.
    risk : share of equity that a trade loses if it is stopped at its stop; the size follows from the
        distance of the stop, so a volatile market gets a smaller position.
    stop : loss from the entry price at which to leave, or the name of a level.
    target : gain over the entry price at which to leave, or the name of a level.
    trailing_stop : fall from the highest high since entry at which to leave; it follows the highs of
        finished bars.
    trailing_atr : the same fall as a number of average true ranges of the instrument (Wilder 1978, 14 bars),
        as they stand when the trade is decided: the chandelier exit of C. Le Beau.
    rebound : name of a level of the index, set when the trade is decided: the trade is left when the
        index closes beyond it against the trade (above it for a bear fund, below it otherwise).
    max_bars : longest holding period: the position is sold so many bars after the entry's.
    cooldown : bars to wait after an exit before the next entry may be decided.
    fill : where entries and exits that the rule decides are filled: at the next "open", the next "close"
        (market-on-close), or the very close that decides, "same-close".
    entry : "market"; or a "limit" or "stop" order for the next bar, at `limit` or `trigger`. What the open
        has passed is filled at the open; what the bar does not reach is gone, and is decided anew.
    limit : price of a limit order, as the name of a level or as a fraction from the deciding close; with
        fill = "close" the limit of a limit-on-close, which is gone if the close is above it.
    trigger : price of a stop entry, given likewise.
    leave_at : "open", the first open after the entry; "session end", the close of the session; or a time of
        day, "15:45", on intraday bars: the first open from then on.
    other : the other side of a switch, for rules that say one.
    """

    instrument: str | None = param(None, "", "what to buy; the rule's own choice if not named")
    cooldown: int = param(0, "bars", "wait after an exit", ge=0, le=100_000)
    fill: Fill = param("open", "", "where entries and exits are filled: open, close or same-close")
    entry: Literal["market", "limit", "stop"] = param("market", "", "kind of the entry order")
    limit: Offset | LevelName | None = param(
        None, UNIT, "of a limit or limit-on-close: a level's name, or so far from the close"
    )
    trigger: Offset | LevelName | None = param(None, UNIT, "of a stop entry: a level's name, or so far away")
    leave_at: str | None = param(
        None, "", 'leave at the next "open", at "session end", or at a time, "15:45"'
    )
    other: OtherSide | None = param(None, "", "the other side of a switch: instrument, stop, target, …")

    @field_validator("leave_at")
    @classmethod
    def _a_time(cls, value: Any) -> Any:
        if value is not None and value not in LEAVES and not TIME.match(value):
            raise ValueError(
                f'plan.leave_at must be "open", "session end" or a time of day such as "15:45", not {value!r}'
            )
        return value

    @model_validator(mode="after")
    def _orders_fit(self) -> TradePlan:
        if (self.entry == "stop") != (self.trigger is not None):
            raise ValueError('plan.trigger is the price of plan.entry = "stop", and of no other')
        if self.entry == "limit" and self.limit is None:
            raise ValueError('plan.entry = "limit" needs its price: plan.limit')
        if (
            self.limit is not None
            and self.entry != "limit"
            and not (self.entry, self.fill) == ("market", "close")
        ):
            raise ValueError(
                'plan.limit belongs to plan.entry = "limit" or, as a limit-on-close, to plan.fill = "close"'
            )
        if self.leave_at not in (None, "open") and self.fill != "open":
            raise ValueError(f'plan.leave_at = "{self.leave_at}" goes with plan.fill = "open" alone')
        return self

    @property
    def terms(self) -> tuple[TradeTerms, ...]:
        """Those of each side: the plan itself, and the other if there is one."""
        return (self,) if self.other is None else (self, self.other)

    @property
    def placed(self) -> bool:
        """True if it asks for more than market orders at the open with fractions and levels: then the
        compiled engine carries it out in `engine.kernel.placed`."""
        return (
            (self.fill, self.entry) != ("open", "market")
            or self.leave_at is not None
            or self.other is not None
            or self.amount is not None
            or self.trailing_atr is not None
        )

    @property
    def price(self) -> float | str | None:
        """Of the entry order: `limit` or `trigger`; None for a market order."""
        return self.trigger if self.entry == "stop" else self.limit

    @property
    def leave_minute(self) -> int | None:
        """The time of day of `leave_at`, in minutes; None if it is none."""
        if self.leave_at is None or self.leave_at in LEAVES:
            return None
        return int(self.leave_at[:2]) * 60 + int(self.leave_at[3:])
