"""Value rebalancing (밸류 리밸런싱, VR): a fund held to a value that grows with the pool of cash beside it.

Every ten sessions the value V grows by pool ÷ V ÷ G; the fund is traded to V, or only where it has left a
band around it. Money paid in goes to the pool.

Source: the method as 라오어 (Laoer) published it in 2021 for TQQQ, as users' guides describe it; it
comes from value averaging (Michael Edleson, "Value Averaging", 1991).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from feeds.market import Market
from strategies.account_orders import at_open, at_this_close, for_money
from strategies.account_rule import AccountPlan, AccountRule
from strategies.parameters import RuleParams, param
from strategies.rule import Floats


class ValueRebalancingParams(RuleParams):
    """The rule reads nothing but its account."""


class ValueRebalancingPlan(AccountPlan):
    """How the value grows and how closely the fund is held to it.

    share : of the money in the fund at the start. gradient : G, by which the pool's share of growth is
    divided.
        every : sessions between trades. band : distance from V, as a fraction of it, within which nothing is
        traded.
    """

    share: float = param(0.5, "share of equity", "in the fund at the start", gt=0, le=1)
    gradient: float = param(10.0, "ratio", "G: the larger, the slower V grows", gt=0, le=1e6)
    every: int = param(10, "sessions", "between trades", ge=1, le=10_000)
    band: float = param(0.0, "fraction of V", "within which nothing is traded", ge=0, lt=1)


class ValueRebalancing(AccountRule):
    """Trades the fund to a value that grows."""

    name = "value_rebalancing"
    summary = "trades a fund every ten sessions to a value that grows with the pool of cash"
    when = (
        "Works on a fund that comes back: it buys in falls with the pool and refills it in rises. The "
        "pool is what carries it: once it is spent V stands still and nothing is bought at the low."
    )
    Params, Plan = ValueRebalancingParams, ValueRebalancingPlan
    reasons = ("start", "above the value", "below the value")
    memory = 2

    @property
    def default_instrument(self) -> str:
        return "TQQQ"

    def arrays(self, market: Market) -> Mapping[str, Floats]:
        return {"bar": np.arange(len(market), dtype=np.float64)}

    @staticmethod
    def step(bar: int, account: Any, arrays: Any, params: Any, memory: Any) -> Any:
        # memory: V, sessions since the last trade was due.
        orders = [at_open(0.0)]
        if memory[0] == 0.0:
            memory[0] = params.share * account.equity
            orders.append(for_money(at_this_close(0.0, 0), memory[0]))
            return orders
        memory[1] += 1.0
        if memory[1] < params.every:
            return orders
        memory[1] = 0.0
        memory[0] *= 1.0 + account.cash / memory[0] / params.gradient
        excess = account.size * account.close - memory[0]
        if abs(excess) <= params.band * memory[0]:
            return orders
        edge = params.band * memory[0]
        if excess > 0.0:
            orders.append(for_money(at_this_close(0.0, 1), edge - excess))
        else:
            orders.append(for_money(at_this_close(0.0, 2), min(-excess - edge, account.cash)))
        return orders
