"""Where an answer comes from: what was asked, which data, which funds, which versions, which seed."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from feeds.bars import Bars
    from feeds.rates import ShortRate
    from letf_instruments import Dated, LeveragedFund

LIBRARIES = (
    "letf-lab",
    "arch",
    "backtrader",
    "matplotlib",
    "numba",
    "numpy",
    "pandas",
    "QuantLib",
    "scipy",
    "TA-Lib",
)


@dataclass(frozen=True)
class Provenance:
    """What it takes to get an answer again.

    spec : the resolved spec, or the arguments of a question that has none.
    data : names, spans and fingerprints of the data. funds : their multiples and dated rates.
    seed : of what is random in it; None if nothing is.
    more : what else a question records, by key.
    defaults : of a spec's tables what is so where nothing is said, which a text to copy need not say.
    """

    spec: Mapping[str, Any]
    data: Mapping[str, Any]
    simulated: bool = False
    seed: int | None = None
    funds: Mapping[str, Any] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON, with the versions of this installation."""
        return {
            "spec": dict(self.spec),
            "simulated": self.simulated,
            "seed": self.seed,
            **self.more,
            "data": dict(self.data),
            "funds": dict(self.funds),
            "versions": versions(),
        }


def arguments(**given: Any) -> dict[str, Any]:
    """The arguments of a question as JSON takes them: numbers and texts as they are, all else as text."""
    return {key: _plain(value) for key, value in given.items()}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return str(value)


def data_facts(bars: Bars, rate: ShortRate) -> dict[str, Any]:
    """Which data were used: names, span and fingerprints."""
    return {
        "index": bars_facts(bars),
        "short_rate": {"name": rate.label, "sha256": rate.fingerprint()},
    }


def bars_facts(bars: Bars) -> dict[str, Any]:
    """Name, span and fingerprint of bars."""
    return {
        "name": bars.name,
        "source": bars.source,
        "bars": len(bars),
        "first": str(bars.sessions[0]),
        "last": str(bars.sessions[-1]),
        "sha256": bars.fingerprint(),
    }


def fund_facts(funds: Iterable[LeveragedFund]) -> dict[str, Any]:
    """By ticker: a fund's multiple and its dated rates."""

    def dated(fact: Dated[float]) -> dict[str, float]:
        return {str(date): value for date, value in zip(fact.dates, fact.values, strict=True)}

    return {
        fund.ticker: {
            "multiple": fund.multiple,
            "expense_ratio": dated(fund.fees),
            "spread": dated(fund.spreads),
        }
        for fund in funds
    }


def versions() -> dict[str, str]:
    """Python, this project, and the libraries on which a result rests."""
    return dict(_versions())


@cache
def _versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}
