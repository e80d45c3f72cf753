"""What is recorded of option contracts: their costs, orders, fills, marks, and the steps of their gain."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from letf_instruments import SpecError
from letf_instruments.options import Contract, Quote


@dataclass(frozen=True)
class ContractCosts:
    """What a trade in options costs.

    Parameters
    ----------
    spread : distance of bid and ask as a share of the premium; half of it is paid on each side.
    commission : money a contract; a sale never costs more than it brings.

    Raises
    ------
    SpecError
        If the spread is not between 0 and 1, or the commission is negative.
    """

    spread: float = 0.0
    commission: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.spread <= 1:
            raise SpecError(f"an option's spread is {self.spread:g}; it must be a share between 0 and 1")
        if not 0 <= self.commission < math.inf:
            raise SpecError(f"an option's commission is {self.commission:g}; it must be 0 or more")


class ContractFill(NamedTuple):
    """One fill. `trip` numbers a holding from flat to flat; `units` are contracts × 100, negative for a
    sale; `bar` counts from 1. Costs in money."""

    trip: int
    day: np.datetime64
    bar: int
    contract: Contract
    units: float
    quote: Quote
    spread: float
    commission: float
    reason: str


class Mark(NamedTuple):
    """What a holding was worth a unit at a close."""

    day: np.datetime64
    bar: int
    quote: Quote


class Step(NamedTuple):
    """What a holding gained from one mark to the next, in money, and why: a Taylor series with the greeks
    of the mark before. `rest` is what it leaves, so that the parts are the gain."""

    trip: int
    day: np.datetime64
    gain: float
    delta: float
    gamma: float
    theta: float
    vega: float
    rest: float


@dataclass
class ContractOrder:
    """An order to trade contracts (sell if negative). `status` is "waiting", "filled" or "refused";
    `why` says why it was refused or filled in part."""

    data: Any
    contract: Contract
    contracts: float
    reason: str
    status: str = "waiting"
    why: str = ""
