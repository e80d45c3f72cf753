"""What a fill costs, in money, on top of its price.

A fill's price is a price of the bar. Spread and slippage are charged beside it, each to its own
account: so they are never skipped at a gap or at a bar's end, a fill is never outside its bar, and the
costs of a run are known exactly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

from letf_instruments import SpecError

MAX_BPS = 1000.0


class Charge(NamedTuple):
    """The cost of one fill, in money, by account."""

    commission: float
    spread: float
    slippage: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.commission + self.spread + self.slippage


@dataclass(frozen=True)
class Costs:
    """Costs of every fill. Basis points are 1/10,000 of the traded value.

    Parameters
    ----------
    commission_bps, commission_per_share, commission_per_trade : added up; per share and trade in money.
    commission_minimum : the least that these come to, in money.
    half_spread_bps, half_spread_cents : added up; cents a share, of the price in the feed, and never
        more than that price.
    slippage_bps : the same for any size.
    impact_bps : slippage of a trade as large as the bar's volume; that of a smaller one falls with the
        square root of its share of it (arXiv 2411.13965, eight years of all trades in Tokyo; Almgren et
        al. 2005, "Direct Estimation of Equity Market Impact", find a power of .6).
    max_participation : share of a bar's volume that its orders may take together; 1 sets no bound.

    Raises
    ------
    SpecError
        If one is negative, not finite, or beyond 1,000 basis points.
    """

    commission_bps: float = 0.0
    commission_per_share: float = 0.0
    commission_per_trade: float = 0.0
    commission_minimum: float = 0.0
    half_spread_bps: float = 0.0
    half_spread_cents: float = 0.0
    slippage_bps: float = 0.0
    impact_bps: float = 0.0
    max_participation: float = 1.0

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            top = MAX_BPS if item.name.endswith("_bps") else math.inf
            if item.name == "max_participation":
                if not 0 < value <= 1:
                    raise SpecError(f"costs.max_participation is {value:g}; it must be above 0 and at most 1")
            elif not (math.isfinite(value) and 0 <= value <= top):
                raise SpecError(f"costs.{item.name} is {value:g}; it must be between 0 and {top:g}")

    @classmethod
    def preset(cls, name: str, **changes: Any) -> Costs:
        """The costs of `PRESETS` by name, with some of them changed.

        Raises
        ------
        SpecError
            If there is none of this name.
        """
        if name not in PRESETS:
            raise SpecError(f"no costs named {name!r}; known are {', '.join(PRESETS)}")
        return replace(PRESETS[name], **changes)

    @property
    def uses_volume(self) -> bool:
        """True if the bar's volume matters."""
        return self.impact_bps > 0 or self.max_participation < 1

    def charge(self, size: float, price: float, volume: float = 0.0) -> Charge:
        """Cost of trading `size` shares (sign does not matter) at `price`, in a bar of so much volume.
        Where that is not known (0) there is no impact."""
        if size == 0:
            return Charge(0.0, 0.0, 0.0)
        shares = abs(size)
        value = shares * price
        commission = value * self.commission_bps * 1e-4 + shares * self.commission_per_share
        commission = max(commission + self.commission_per_trade, self.commission_minimum)
        spread = value * self.half_spread_bps * 1e-4
        if self.half_spread_cents:
            spread += shares * min(self.half_spread_cents * 0.01, price)
        slippage = value * self.slippage_bps * 1e-4
        if self.impact_bps and volume > 0:
            slippage += value * self.impact_bps * 1e-4 * math.sqrt(shares / volume)
        return Charge(commission, spread, slippage)

    def largest(
        self, money: float, price: float, need: float, volume: float, closed: float, most: float
    ) -> float:
        """Largest number of shares, at most `most`, that `money` pays for if a share ties up `need` of it
        and the costs of the whole fill come on top, `closed` other shares of it included.

        Without impact costs are a straight line in size, or two where there is a minimum. With it they only
        rise, so halving an interval finds it. Either way to a part in 10¹², and never beyond it: that keeps
        rounding from turning an exact fit into a debt. The compiled loop takes the same steps.
        """

        def fits(size: float) -> bool:
            return size * need + self.charge(closed + size, price, volume).total <= money

        if fits(most):
            return most
        if self.impact_bps == 0.0 or volume <= 0.0:
            aside = price * (self.half_spread_bps + self.slippage_bps) * 1e-4
            if self.half_spread_cents != 0.0:
                aside += min(self.half_spread_cents * 0.01, price)
            by_size = price * self.commission_bps * 1e-4 + self.commission_per_share
            left = money - closed * aside
            for_shares = left - self.commission_per_trade - closed * by_size
            over_minimum = left - self.commission_minimum
            if for_shares < 0.0 or over_minimum < 0.0:
                return 0.0
            size, each = math.inf, need + aside
            if each + by_size > 0.0:
                size = for_shares / (each + by_size)
            if each > 0.0:  # where no margin is asked, shares may cost nothing but their commission
                size = min(size, over_minimum / each)
            return min(size * (1.0 - 1e-12), most)
        low, high = 0.0, most
        for _ in range(200):
            middle = 0.5 * (low + high)
            if fits(middle):
                low = middle
            else:
                high = middle
            if high - low <= 1e-13 * high:
                break
        return low * (1.0 - 1e-12)


PRESETS = {
    "zero": Costs(),
    # All in basis points, because a synthetic fund's price is not the one it trades at: it starts at 100
    # and is never split, so that a cent can be nothing of it, or all.
    #
    # A saver at a broker without commission. SOXL and SOXS are quoted a cent wide at prices of 5 to 50
    # dollars: half of that is 1 to 10 bp, taken as 5. A market order at the open is filled some 2 bp
    # worse. The SEC's fee on sales (27.80 dollars a million in 2024) and FINRA's are .3 bp, left out.
    "retail": Costs(half_spread_bps=5.0, slippage_bps=2.0),
    # An active account: Interactive Brokers' tiered price of .0035 dollars a share, at least .35 an
    # order, is 1.75 bp at a price of 20 dollars. Half the spread is saved by working the order, so 2.5 bp;
    # the size shows: 30 bp at all of a bar's volume is 3 bp at 1 %, and it takes no more than 10 %.
    "pro": Costs(
        commission_bps=1.75,
        commission_minimum=0.35,
        half_spread_bps=2.5,
        impact_bps=30.0,
        max_participation=0.1,
    ),
}
