"""What a rule is: parameters, and the signals it computes from the market. Nothing else."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from feeds.market import Market
from letf_instruments import SpecError
from strategies.trade_plan import TradePlan

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class RuleParams(BaseModel):
    """Base of a rule's parameters: unknown names and values out of bounds are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


@dataclass(frozen=True, eq=False)
class Signals:
    """What a rule says, bar by bar. Arrays of shape (n,); element t uses the market up to bar t only.

    entry : named conditions; a trade is opened on the bars where all of them hold.
    exit : named reasons; a trade is left on the first bar where one holds. The name is the exit reason.
    levels : named prices of the traded instrument that a plan may use as stop or target; NaN: none.
    """

    entry: Mapping[str, Bools]
    exit: Mapping[str, Bools] = field(default_factory=dict)
    levels: Mapping[str, Floats] = field(default_factory=dict)

    def enters(self) -> Bools:
        """True where all entry conditions hold."""
        return np.logical_and.reduce(list(self.entry.values()))

    def exit_codes(self) -> npt.NDArray[np.int64]:
        """0 where there is no reason to leave, else 1 + the position of the first reason."""
        codes = np.zeros(len(next(iter(self.entry.values()))), dtype=np.int64)
        for i, reason in reversed(list(enumerate(self.exit.values()))):
            codes[reason] = i + 1
        return codes


class TradeRule(ABC):
    """A rule for one instrument, carried out by a `TradePlan`.

    Subclasses set `name`, `Params` and `summary`, and say `signals` and `default_instrument`.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    Params: ClassVar[type[RuleParams]]

    def __init__(self, params: RuleParams | None = None, plan: TradePlan | None = None) -> None:
        self.params = params if params is not None else self.Params()
        self.plan = plan if plan is not None else TradePlan()

    @property
    def instrument(self) -> str:
        """What is bought: the plan's choice, else the rule's own."""
        return self.plan.instrument or self.default_instrument

    @property
    @abstractmethod
    def default_instrument(self) -> str:
        """What the rule buys if the plan names nothing."""

    @abstractmethod
    def signals(self, market: Market) -> Signals:
        """The rule's signals on a market. Element t may use the market up to bar t only."""

    @property
    def warm_up(self) -> int:
        """Bars before the first signal is possible."""
        return 1

    def check_instrument(self, multiple: float) -> None:  # noqa: B027  (most rules suit any instrument)
        """Raise SpecError if the rule makes no sense on an instrument with this multiple."""

    def checked_signals(self, market: Market) -> Signals:
        """The signals, with shapes and level names checked.

        Raises
        ------
        SpecError
            If the rule gives an array of another length or the plan names a level it does not give.
        """
        signals = self.signals(market)
        n = len(market)
        if not signals.entry:
            raise SpecError(f"rule {self.name} gives no entry condition")
        for kind in ("entry", "exit", "levels"):
            for name, values in getattr(signals, kind).items():
                if values.shape != (n,):
                    raise SpecError(
                        f"rule {self.name}: {kind} {name!r} has shape {values.shape}, there are {n} bars"
                    )
        for role in ("stop", "target"):
            level = getattr(self.plan, role)
            if isinstance(level, str) and level not in signals.levels:
                known = ", ".join(signals.levels) or "none"
                raise SpecError(f"plan.{role} names the level {level!r}; rule {self.name} gives {known}")
        return signals
