"""Infinite buying (무한매수법): build a position in parts around its average cost, sell it at a gain over it.

The capital is cut into parts. On each day up to one part is bought by limit-on-close: half of it at the
average
cost, half at a price that is likely reached; all of it is sold once the close is a tenth above the average.
So
more is bought below the average than above it. Where all parts are used up, nothing is left to buy with.

Source: the method as its inventor, known as 라오어 (Laoer), published it in 2020 for SOXL and TQQQ
("version 1"), as users' guides describe it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from feeds.market import Market
from strategies.account_orders import (
    at_open,
    at_this_close,
    for_money,
    limit,
    limit_on_close,
)
from strategies.account_rule import AccountPlan, AccountRule
from strategies.parameters import RuleParams, param
from strategies.rule import Floats


class InfiniteBuyingParams(RuleParams):
    """The rule reads nothing but its account."""


class InfiniteBuyingPlan(AccountPlan):
    """How much is bought, and where it is sold.

    parts : of the money put in. target : gain over the average cost at which all is sold. reach : how far
    above
        the close before the second half's limit is. at_once : on the close that decides, by its own price;
        else
        by limit-on-close and day limit on the next session.
    """

    parts: int = param(40, "parts", "of the capital, one a day at most", ge=1, le=10_000)
    target: float = param(0.10, "fraction", "gain over the average cost at which all is sold", gt=0, le=100)
    reach: float = param(0.10, "fraction", "second half's limit over the close before", gt=0, le=10)
    at_once: bool = param(False, "", "on the deciding close, in place of limits for the next session")


class InfiniteBuying(AccountRule):
    """Half a part at the average cost, half at what is likely reached; all out at a gain."""

    name = "infinite_buying"
    summary = "buys a part a day around the average cost, sells all at a gain over it"
    when = (
        "Works while the fund comes back within the days that its parts last: forty sessions are two "
        "months. In a long fall all parts are in long before the low, and what is held then is the fund, "
        "with nothing left to buy with. It never takes a loss, so a cycle that does not come back never "
        "ends."
    )
    Params, Plan = InfiniteBuyingParams, InfiniteBuyingPlan
    reasons = ("first part", "at the average", "above the market", "target")
    memory = 2

    @property
    def default_instrument(self) -> str:
        return "SOXL"

    def arrays(self, market: Market) -> Mapping[str, Floats]:
        return {"close": market[self.instrument].close}

    @staticmethod
    def step(bar: int, account: Any, arrays: Any, params: Any, memory: Any) -> Any:
        # memory[0]: money of a part, set when a cycle begins: with nothing held, or with no more than what
        # was bought on the close of the very session in which all was sold.
        bought, sold = 0.0, False
        for k in range(len(account.fills)):
            size = account.fills[k, 1]
            bought, sold = (0.0, True) if size < 0.0 else (bought + size, sold)
        if account.size <= 0.0 or (sold and account.size <= bought * (1.0 + 1e-9)):
            memory[0] = account.equity / params.parts
        half = 0.5 * memory[0]
        close, average = account.close, account.average
        nothing = at_open(0.0)
        if params.at_once > 0.5:
            before = arrays.close[bar - 1] if bar > 0 else close
            if account.size <= 0.0:
                return for_money(at_this_close(0.0, 0), 2.0 * half), nothing, nothing
            if close >= average * (1.0 + params.target):
                return at_this_close(-account.size, 3), nothing, nothing
            first = half if close <= average else 0.0
            second = half if close <= before * (1.0 + params.reach) else 0.0
            at_average = for_money(at_this_close(0.0, 1), first)
            return at_average, for_money(at_this_close(0.0, 2), second), nothing
        above = close * (1.0 + params.reach)
        if account.size <= 0.0:
            return for_money(limit_on_close(0.0, above, 0), 2.0 * half), nothing, nothing
        target = average * (1.0 + params.target)
        return (
            for_money(limit_on_close(0.0, average, 1), half),
            for_money(limit_on_close(0.0, min(above, target), 2), half),
            limit(-account.size, target, 3),
        )
