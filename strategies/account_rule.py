"""A rule that sees its account: arrays first, as any rule's, then one function a bar.

    class Average(AccountRule):
        name, summary = "average", "buys for a hundred a day, sells ten percent above its average cost"
        Params, Plan = AverageParams, AccountPlan
        reasons = ("part", "target")

        def arrays(self, market):
            return {"calm": ...}                                  # float arrays, element t up to bar t only

        @staticmethod
        def step(bar, account, arrays, params, memory):
            orders = [for_money(at_close(0.0, 0), params.money)]  # a list of at most eight
            if account.size > 0.0 and account.close >= account.average * (1.0 + params.gain):
                orders = [at_close(-account.size, 1)]
            return orders

The arrays are checked for looking ahead as any rule's are; the step sees bar t's close and nothing after it.
backtrader calls the step as Python; the kernel has it compiled by numba, so it is written in what numba
understands (numbers, arrays, tuples, lists of orders). A rule holds one instrument, and is never short.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import namedtuple
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from pydantic import BaseModel

from feeds.market import Market
from letf_instruments import SpecError
from strategies.account_orders import MOST_ORDERS
from strategies.parameters import RuleParams, param
from strategies.rule import Floats, OneInstrumentRule

MOST_ARRAYS = 12
GATE = "open"  # the array of a rule's filters
MOST_MEMORY = 1_000
MOST_NUMBERS = 60


class AccountPlan(RuleParams):
    """What an `AccountRule` trades.

    instrument : fund, index or asset; the rule's own choice if none is named.
    """

    instrument: str | None = param(None, "", "what to buy; the rule's own choice if not named")


class AccountRule(OneInstrumentRule):
    """A rule for one instrument whose orders depend on its account.

    Subclasses set `name`, `Params`, `summary`, `reasons` and `memory`, and say `arrays`, `step` and
    `default_instrument`. The fields of `Params` and `Plan` that are numbers reach the step as `params`, true
    and false as 1.0 and 0.0; what is left of them it does not see. `memory` is how many floats it may keep
    from bar to bar, 0.0 at the start.
    """

    Plan: ClassVar[type[BaseModel]] = AccountPlan
    plan: AccountPlan
    reasons: ClassVar[tuple[str, ...]] = ("order",)
    memory: ClassVar[int] = 8

    @abstractmethod
    def arrays(self, market: Market) -> Mapping[str, Floats]:
        """What the step reads, by name; element t may use the market up to bar t only. `close`, the
        instrument's own, is there without being given."""

    @staticmethod
    @abstractmethod
    def step(bar: int, account: Any, arrays: Any, params: Any, memory: Any) -> Any:
        """The orders that a bar's close leads to, up to eight, as a list; or, which takes less time, as a
        tuple of always as many, with `at_open(0.0)` for none.

        Parameters
        ----------
        bar : from 0. account : `Account` after the bar's close. arrays : by name; they end with `bar`.
        params : numbers by name. memory : the rule's own floats, to be changed.
        """

    # -- what both engines take -------------------------------------------------------------------

    @property
    def reason_names(self) -> tuple[str, ...]:
        """What a fill was for, by the position that an order has."""
        return self.reasons

    @property
    def lots(self) -> int:
        """How many lots there may be at a time; 0 for a rule that knows none."""
        return 0

    @property
    def most_orders(self) -> int:
        """How many orders the step may give on a bar."""
        return MOST_ORDERS

    @property
    def memory_size(self) -> int:
        """How many floats the step keeps."""
        return self.memory

    def knows_from(self, other: AccountRule) -> None:
        """Take over what the arrays of another rule told, which differs from this one in its plan alone."""

    def numbers(self) -> dict[str, float]:
        """The numbers that the step sees, by name: of the parameters, then of the plan. Asked for once the
        arrays are there.

        Raises
        ------
        SpecError
            If a name stands in both.
        """
        found: dict[str, float] = {}
        for model in (self.params, self.plan):
            for name in type(model).model_fields:
                value = getattr(model, name)
                if isinstance(value, (bool, int, float)):
                    if name in found:
                        raise SpecError(
                            f"rule {self.name}: {name} is a name of its parameters and of its plan"
                        )
                    found[name] = float(value)
        return found

    def checked_arrays(self, market: Market) -> dict[str, Floats]:
        """The arrays, with that of the rule's filters if any: `open`, 1.0 where all are open. Where it
        is 0.0 the engines leave out what the step would buy.

        Raises
        ------
        SpecError
            If the rule gives anything but float arrays of the market's length, or a filter is to sell.
        """
        whole = self.with_lead_in(market)
        cut = whole.lead - market.lead
        return {name: values[cut:] for name, values in self._checked_arrays(whole).items()}

    def _checked_arrays(self, market: Market) -> dict[str, Floats]:
        given = self.arrays(market)
        self._check_kind(given, Mapping, "arrays")
        n = len(market)
        found = {name: self._checked("array", name, values, n, np.float64) for name, values in given.items()}
        found.setdefault("close", market[self.instrument].close)
        gates = self.open(market)
        for label, gate in self.filters.items():
            if gate.params.leave:
                raise SpecError(
                    f"filters.{label}.leave is for rules of trades; {self.name} buys nothing behind a closed "
                    "filter, and sells as ever"
                )
        if gates:
            if GATE in found:
                raise SpecError(
                    f"rule {self.name} names an array {GATE!r}, which is what its filters are called"
                )
            found[GATE] = np.logical_and.reduce(list(gates.values())).astype(np.float64)
        if len(found) > MOST_ARRAYS:
            raise SpecError(f"rule {self.name} gives {len(found)} arrays; at most {MOST_ARRAYS} are taken")
        for name in found:
            if not name.isidentifier() or name.startswith("_"):
                raise SpecError(
                    f"rule {self.name} names an array {name!r}; a name such as 'average' is wanted"
                )
        return found


@lru_cache(maxsize=256)
def arrays_type(names: tuple[str, ...]) -> Callable[..., Any]:
    """What a step sees its arrays as."""
    return namedtuple("Arrays", names)  # type: ignore[misc]


@lru_cache(maxsize=256)
def params_type(names: tuple[str, ...]) -> Callable[..., Any]:
    """What a step sees its numbers as."""
    return namedtuple("Params", names)  # type: ignore[misc]
