"""Tranches (떨사오팔, "buy what falls, sell what rises"): a lot on each fall, each sold on its own rise.

A close below the one before buys one lot; each lot is sold on the first close above its own price, or after
so many sessions at whatever price. The lots are the plan's (`LotPlan`), so the rule is one condition. Many
holders sell by a mode of the market: by the weekly RSI of the index, or by how far it is below its high. Then
the rule gives each lot a tag, and the plan a fate by the tag: `[plan.each.safe]`.

Source: the method that Korean holders of SOXL and TQQQ share under that name, as users' guides describe it.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import BaseModel, model_validator

from feeds.market import Market
from strategies import gauges
from strategies.indicators import drawdown
from strategies.parameters import RuleParams, param
from strategies.plans.lot_plan import EACH, LotFate, LotPlan
from strategies.rule import Bools
from strategies.trade_rule import Signals, TradeRule


class TranchesParams(RuleParams):
    """What counts as a fall, and what lots are told apart by."""

    fall: float = param(0.0, "fraction", "of a close below the one before; 0 is any", ge=0, lt=1)
    mode: Literal["none", "rsi", "zones"] = param(
        "none",
        "",
        "tags of lots: aggressive and safe by the index's weekly RSI, or zone1, zone2, … by its fall",
    )
    rsi_weeks: int = param(14, "weeks", "window of the weekly RSI", ge=2, le=200)
    rsi_level: float = param(50.0, "RSI points", "above it lots are aggressive, else safe", gt=0, lt=100)
    zones: tuple[float, ...] = param(
        (0.1, 0.25),
        "fraction",
        "falls of the index from its high at which the next zone begins",
        max_length=9,
    )

    @model_validator(mode="after")
    def _rising(self) -> TranchesParams:
        edges = (0.0, *self.zones, 1.0)
        if not self.zones or any(a >= b for a, b in itertools.pairwise(edges)):
            raise ValueError(f"rule.zones are {list(self.zones)}; they must rise, between 0 and 1")
        return self


class TranchesPlan(LotPlan):
    """Seven lots, each sold above its price or after forty sessions."""

    lots: int = param(7, "lots", "how many at a time", ge=1, le=100)
    each: LotFate = param(LotFate(target=0.0, patience=40), "", EACH)


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
        # A week has five sessions at most, and the first may be cut.
        return 2 if self.params.mode != "rsi" else 5 * (self.params.rsi_weeks + 2)

    def signals(self, market: Market) -> Signals:
        close = market[self.instrument].close
        before = np.concatenate((close[:1], close[:-1]))
        fell = (close < before * (1.0 - self.params.fall)) & (np.arange(len(close)) > 0)
        words = "a close below the one before" + (f" by {self.params.fall:.1%}" if self.params.fall else "")
        entry, tags = {words: fell}, self._tags(market)
        if tags:
            entry["its mode is known"] = np.logical_or.reduce(list(tags.values()))
        return Signals(entry=entry, tags=tags)

    def _tags(self, market: Market) -> dict[str, Bools]:
        p = self.params
        if p.mode == "rsi":
            strength = gauges.weekly_rsi(market, "index", p.rsi_weeks)
            return {"aggressive": strength > p.rsi_level, "safe": strength <= p.rsi_level}
        if p.mode == "zones":
            fallen = np.round(
                -drawdown(market.index.close), 12
            )  # 90 is a tenth below 100, whatever the rounding
            zone = np.searchsorted(p.zones, fallen, side="right")
            return {f"zone{i + 1}": zone == i for i in range(len(p.zones) + 1)}
        return {}
