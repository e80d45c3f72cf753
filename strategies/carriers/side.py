"""One side of a `TradePlan` in backtrader: its instrument, what its signals say now, how a trade is sized and
protected."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import backtrader as bt

from strategies.plans.trade_plan import TradeTerms


@dataclass(eq=False)
class Side:
    """One instrument of a plan.

    data : its feed. multiple : 1 for anything but a fund. terms : what the plan sets for it. prefix : of its
    lines in the signal feed. children : the protective orders of its last entry.
    """

    data: Any
    multiple: float
    terms: TradeTerms
    prefix: str
    children: list[Any] = field(default_factory=list)
    rebound: float = math.nan  # the index level beyond which the idea has failed
    _lines: dict[str, Any] = field(default_factory=dict)

    def said(self, lines: Any, name: str) -> float:
        """What a line of the signals says on this bar."""
        line = self._lines.get(name)
        if line is None:
            line = self._lines[name] = getattr(lines, self.prefix + name)
        return float(line[0])

    def distance(self, price: float, stop_level: float) -> float:
        """From the entry's price to the stop, as a fraction of it; NaN if there is no stop."""
        stop = self.terms.stop
        if isinstance(stop, str):
            return 1.0 - stop_level / price
        return math.nan if stop is None else stop

    def can_be_sized(self, price: float, stop_level: float) -> bool:
        """False if the plan's stop is a level that is not below the entry's price."""
        return not isinstance(self.terms.stop, str) or stop_level < price

    def share(self, price: float, stop_level: float, equity: float, leverage: float) -> float:
        """Share of equity to trade for.

        Parameters
        ----------
        price : of the entry, as far as it is known. leverage : of the account, 1 for one of cash.
        """
        terms = self.terms
        asked = terms.fraction if terms.amount is None else terms.amount / equity
        most = asked * leverage  # put in as margin, on a CFD account
        return most if terms.risk is None else min(most, terms.risk / self.distance(price, stop_level))

    def protection(
        self, price: float, stop_level: float, target_level: float, reach: float
    ) -> list[dict[str, Any]]:
        """The protective orders of an entry, as `sell` takes them.

        Parameters
        ----------
        price : of the entry, as far as it is known. reach : the average true range, in money a share.
        """
        terms = self.terms
        children: list[dict[str, Any]] = []
        if isinstance(terms.stop, float):
            stopped = {"price": price * (1.0 - terms.stop), "from_fill": -terms.stop}
            children.append({"exectype": bt.Order.Stop, "reason": "stop", **stopped})
        elif not math.isnan(stop_level):
            children.append({"exectype": bt.Order.Stop, "price": stop_level, "reason": "stop"})
        trail = {"exectype": bt.Order.StopTrail, "reason": "trailing stop"}
        if terms.trailing_stop is not None:
            trail |= {"trailpercent": terms.trailing_stop, "from_fill": -terms.trailing_stop}
            children.append(trail)
        elif terms.trailing_atr is not None:
            away = terms.trailing_atr * reach
            children.append(trail | {"trailamount": away, "from_fill": -away / price})
        if isinstance(terms.target, float):
            gained = {"price": price * (1.0 + terms.target), "from_fill": terms.target}
            children.append({"exectype": bt.Order.Limit, "reason": "target", **gained})
        elif not math.isnan(target_level):
            children.append({"exectype": bt.Order.Limit, "price": target_level, "reason": "target"})
        return children
