"""Tranches (떨사오팔, "buy what falls, sell what rises"): a lot on each fall, each sold on its own rise.

A close below the one before buys one lot; each lot is sold on the first close above its own price, or after
so many
sessions at whatever price. The lots are the plan's (`LotPlan`), so the rule is one condition.

Source: the method that Korean holders of SOXL and TQQQ share under that name, as users' guides describe it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from pydantic import BaseModel

from feeds.market import Market
from strategies.parameters import RuleParams, param
from strategies.plans.lot_plan import LotFate, LotPlan
from strategies.trade_rule import Signals, TradeRule


class TranchesParams(RuleParams):
    """What counts as a fall.

    fall : of a close below the one before, as a fraction; 0 is any.
    """

    fall: float = param(0.0, "fraction", "of a close below the one before; 0 is any", ge=0, lt=1)


class TranchesPlan(LotPlan):
    """Seven lots, each sold above its price or after forty sessions."""

    lots: int = param(7, "lots", "how many at a time", ge=1, le=100)
    each: LotFate = param(LotFate(target=0.0, patience=40), "", "when a lot is sold: target, stop, patience")


class Tranches(TradeRule):
    """A lot on each close below the one before."""

    name = "tranches"
    summary = "buys a lot on each close below the one before, sells each on its own rise"
    when = (
        "Works in chop, where most lots are sold within days at a small gain. Its gains are small and its "
        "losses are not: in a fall of weeks all lots are in, and patience sells them at the low."
    )
    Params = TranchesParams
    Plan: ClassVar[type[BaseModel]] = TranchesPlan
    params: TranchesParams

    @classmethod
    def plan_for(cls, plan: Mapping[str, Any]) -> type[BaseModel]:
        return TranchesPlan

    @classmethod
    def plans(cls) -> list[tuple[type[BaseModel], str]]:
        return [(TranchesPlan, "")]

    @property
    def default_instrument(self) -> str:
        return "SOXL"

    @property
    def warm_up(self) -> int:
        return 2

    def signals(self, market: Market) -> Signals:
        close = market[self.instrument].close
        before = np.concatenate((close[:1], close[:-1]))
        fell = (close < before * (1.0 - self.params.fall)) & (np.arange(len(close)) > 0)
        words = "a close below the one before" + (f" by {self.params.fall:.1%}" if self.params.fall else "")
        return Signals(entry={words: fell})
