"""Benchmarks: buy and hold one instrument, or a fixed mix of several."""

from __future__ import annotations

import numpy as np
from pydantic import model_validator

from feeds.market import Market
from strategies.allocation_rule import AllocationRule, Targets
from strategies.parameters import RuleParams, param


class HoldParams(RuleParams):
    """Parameters of `Hold`."""

    instrument: str = param("SOXL", "", "what to hold: a fund, an asset of data.assets, or index")
    weight: float = param(1.0, "share of equity", "how much of it; the rest stays in cash", gt=0, le=1)


class Hold(AllocationRule):
    """Buys at the first open after the first close, and stays."""

    name = "hold"
    summary = "buys one instrument and holds it: the benchmark"
    when = (
        "Holding is what any rule must beat. In a steady trend it does well with a leveraged fund; over "
        "years of chop a 3x fund gives back by decay what it gained, and a bear fund held for years goes to "
        "nothing."
    )
    Params = HoldParams
    params: HoldParams

    @property
    def instruments(self) -> tuple[str, ...]:
        return (self.params.instrument,)

    def targets(self, market: Market) -> Targets:
        return Targets({self.params.instrument: np.full(len(market), self.params.weight)})


class MixParams(RuleParams):
    """Parameters of `Mix`."""

    weights: dict[str, float] = param(
        {"SOXL": 0.3333}, "share of equity", "instruments and their weights; the rest is cash"
    )

    @model_validator(mode="after")
    def _sum(self) -> MixParams:
        if not self.weights:
            raise ValueError("rule.weights is empty; name instruments and their shares, such as SOXL = 0.3")
        for name, weight in self.weights.items():
            if not 0 <= weight <= 1:
                raise ValueError(f"rule.weights.{name} is {weight:g}; it must be between 0 and 1")
        total = sum(self.weights.values())
        if total > 1 + 1e-9:
            raise ValueError(f"rule.weights add up to {total:g}; more than 1 would be on credit")
        return self


class Mix(AllocationRule):
    """Holds fixed weights; what is left is cash and earns the short rate."""

    name = "mix"
    summary = "holds fixed weights of instruments and cash, traded back by schedule or band"
    when = (
        "A third of the money in a 3x fund has about the exposure of the index; traded back to its weight it "
        "sells strength and buys weakness, which gains in chop about what the fund itself loses there, and "
        "gives gains up in a long trend. Never traded back, the mix drifts into what rose."
    )
    Params = MixParams
    params: MixParams

    @property
    def instruments(self) -> tuple[str, ...]:
        return tuple(self.params.weights)

    def targets(self, market: Market) -> Targets:
        return Targets({name: np.full(len(market), w) for name, w in self.params.weights.items()})
