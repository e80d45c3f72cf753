"""The other ways to a hedge's beta, as rules for the same engine: do nothing, hold less, short the index.

Each holds what the hedge holds and is gated as it is (`active`, filters), under the same plan.
"""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from engine import Margin
from feeds.market import Market
from strategies.allocation_rule import AllocationRule, Targets
from strategies.parameters import RuleParams
from strategies.rule import Floats
from strategies.rules.hedge import Hedge

SHORTED = "1X"  # an index ETF, whose fee the short earns


class Alternative(AllocationRule):
    """Does without the bear fund of `hedge`. Subclasses say `_holding`, and `_short` if they sell short."""

    Params = RuleParams

    def __init__(self, hedge: Hedge) -> None:
        super().__init__(RuleParams(), hedge.plan, hedge.filters)
        self.hedge = hedge

    @property
    def instruments(self) -> tuple[str, ...]:
        return tuple(self.hedge.shares)

    @property
    def warm_up(self) -> int:
        return self.hedge.warm_up

    @abstractmethod
    def _holding(self, beta: Floats) -> Floats:
        """Share of equity in the holding while the hedge is on, by the holding's beta; shape (n,)."""

    def _short(self, market: Market, beta: Floats) -> Floats:
        """Share of equity sold short while the hedge is on, shape (n,)."""
        return np.zeros(len(beta))

    def targets(self, market: Market) -> Targets:
        hedge = self.hedge
        on, known = hedge.hedging(market)
        known = known & ~np.isnan(hedge.sizes(market).hedge)
        beta = hedge.beta_of_holding(market)
        holding = np.where(known, np.where(on, self._holding(beta), hedge.unhedged), np.nan)
        weights = {name: share * holding for name, share in hedge.shares.items()}
        if SHORTED in self.instruments:
            short = np.where(known, np.where(on, -self._short(market, beta), 0.0), np.nan)
            weights[SHORTED] = weights.get(SHORTED, 0.0) + short
        return Targets(weights)

    def resting(self, market: Market) -> dict[str, Floats]:
        return self.hedge.resting(market)


class DoingNothing(Alternative):
    """The holding alone."""

    name = "nothing"
    summary = "the holding alone"

    def _holding(self, beta: Floats) -> Floats:
        return np.full(len(beta), self.hedge.unhedged)


class HoldingLess(Alternative):
    """So much less of the holding that the account has the target beta, the rest in cash; nothing of it
    at a target below 0, which cannot be reached by selling."""

    name = "less"
    summary = "less of the holding, the rest in cash"

    def _holding(self, beta: Floats) -> Floats:
        full, target = self.hedge.unhedged, self.hedge.params.target_beta
        less = np.divide(max(target, 0.0), beta, out=np.zeros(len(beta)), where=beta > 0)
        return np.where(full * beta > target, np.minimum(less, full), full)


class ShortingIndex(Alternative):
    """The holding, and an index ETF sold short, sized to the target beta; an ETF's beta is 1.

    Parameters
    ----------
    margin : bounds the short to what equity carries beside the holding, which is kept whole.
    """

    name = "short"
    summary = "the holding and an index ETF sold short"

    def __init__(self, hedge: Hedge, margin: Margin | None = None) -> None:
        super().__init__(hedge)
        self.margin = margin if margin is not None else Margin()

    @property
    def instruments(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.hedge.shares, SHORTED)))

    def _holding(self, beta: Floats) -> Floats:
        return np.full(len(beta), self.hedge.unhedged)

    def most(self, market: Market) -> float:
        """The largest short that may be opened beside the holding, a share of equity."""
        full, shares = self.hedge.unhedged, self.hedge.shares
        needed = sum(
            share * full * self.margin.initial(1.0, market[name].multiple) for name, share in shares.items()
        )
        return max(1.0 - needed, 0.0) / self.margin.initial(-1.0, 1.0)

    def wanted(self, beta: Floats) -> Floats:
        """The short that has the target beta, a share of equity, shape (n,)."""
        return np.maximum(self.hedge.unhedged * beta - self.hedge.params.target_beta, 0.0)

    def bounded(self, market: Market) -> bool:
        """True if margin does not carry, on some bar, the short that the target takes."""
        seen = self.hedge.with_lead_in(market)
        beyond = self.wanted(self.hedge.beta_of_holding(seen)) > self.most(seen)
        return bool(beyond[seen.lead - market.lead :].any())

    def _short(self, market: Market, beta: Floats) -> Floats:
        return np.minimum(self.wanted(beta), self.most(market))
