"""What there is to say of a person's own `backtrader.Strategy` once it has run: of its orders, and of what it
traded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import backtrader as bt
import numpy as np

from engine import LabBroker
from engine.forced import is_forced
from feeds.backtrader_feeds import FundFeed

# What can become of an order: in words for one of them, and for several.
FATES = {
    "filled": ("was filled", "were filled"),
    "expired": ("expired", "expired"),
    "cancelled": ("was cancelled", "were cancelled"),
    "refused": ("was refused", "were refused"),
    "waiting": ("was still waiting at the end", "were still waiting at the end"),
    "late": (
        "was sent on the last bar, too late to be filled",
        "were sent on the last bar, too late to be filled",
    ),
    "held back": ("was held back by transmit=False", "were held back by transmit=False"),
}
_ENDED = {
    bt.Order.Completed: "filled",
    bt.Order.Expired: "expired",
    bt.Order.Canceled: "cancelled",
    bt.Order.Margin: "refused",
    bt.Order.Rejected: "refused",
}
REASONED = ("cancelled", "refused")  # whose reason is worth saying


@dataclass(frozen=True)
class Sent:
    """The orders of a run: how many met each fate of `FATES`, and why the last of each did. Those that hang
    on an entry (a bracket's stop and target) go with it and are not counted, nor are the broker's own."""

    counts: dict[str, int]
    why: dict[str, str]

    @property
    def total(self) -> int:
        """How many orders there were."""
        return sum(self.counts.values())

    def in_words(self) -> str:
        """What became of them, to follow a colon."""
        if not self.total:
            return "it sent no order"
        parts = [self._part(fate, count) for fate, count in self.counts.items()]
        if len(parts) == 1:
            few = {1: "its one order", 2: "both its orders"}
            return f"{few.get(self.total, f'all its {self.total:,} orders')} {parts[0]}"
        counted = [f"{n:,} {part}" for n, part in zip(self.counts.values(), parts, strict=True)]
        return f"of its {self.total:,} orders {', '.join(counted[:-1])} and {counted[-1]}"

    def _part(self, fate: str, count: int) -> str:
        said = FATES[fate][count > 1]
        if fate not in REASONED or not self.why.get(fate):
            return said
        return f"{said} ({'the last one: ' if count > 1 else ''}{self.why[fate]})"

    def left_over(self) -> list[str]:
        """A sentence for the orders that the end of the run cut off, and for those never let go."""
        return [
            f"{count:,} {'order' if count == 1 else 'orders'} {FATES[fate][count > 1]}"
            for fate, count in self.counts.items()
            if fate in ("waiting", "late", "held back")
        ]


def sent_by(broker: LabBroker) -> Sent:
    """What became of all that was ordered, at the end of a run."""
    found: dict[str, list[str]] = {fate: [] for fate in FATES}
    for fate, why in _fates(broker):
        found[fate].append(why)
    met = {fate: whys for fate, whys in found.items() if whys}
    return Sent({f: len(whys) for f, whys in met.items()}, {f: whys[-1] for f, whys in met.items()})


def _fates(broker: LabBroker) -> Iterator[tuple[str, str]]:
    for order in broker.orders:
        if order.parent is None and not is_forced(order):
            late = order.created.dt == order.data.datetime[0]
            yield _ENDED.get(order.status, "late" if late else "waiting"), str(order.info.get("why") or "")
    for family in broker._pchildren.values():
        if family and family[0].status == bt.Order.Created:
            yield "held back", ""
    for _ in broker.contracts.pending:
        yield "waiting", ""


def index_traded(datas: list[Any], fills: dict[str, list[Any]]) -> list[str]:
    """A sentence where the index was traded although there are funds: data0 is taken for a fund easily.

    Parameters
    ----------
    datas : the feeds of the run, the index first. fills : by name.
    """
    funds = [f"data{i} ({data._name})" for i, data in enumerate(datas) if isinstance(data, FundFeed)]
    times = len(fills.get(datas[0]._name, []))
    if not funds or not times:
        return []
    often = "once" if times == 1 else f"{times:,} times"
    are = "fund is" if len(funds) == 1 else "funds are"
    return [f"it traded the index itself, data0, {often}; the {are} {', '.join(funds)}"]


def indicators_of(strategy: Any, bars: int) -> dict[str, np.ndarray]:
    """The strategy's own indicators by name and bar of the run, shape (bars,), NaN before they are known: as
    "SMA (10)", and of several lines each, "MACD (12, 26, 9) signal". Those of another clock are left out. Of
    several with one name the first keeps it, one on another feed is "SMA (10) on SOXS", any other
    "SMA (10) no. 2"; one that is equal throughout to one of its name is the same."""
    found: dict[str, np.ndarray] = {}
    alike: dict[str, list[tuple[str, dict[str, np.ndarray]]]] = {}  # by name, each with its feed and lines
    for indicator in strategy.getindicators_lines():
        lines = list(zip(indicator.lines.getlinealiases(), indicator.lines, strict=False))
        values = {
            f" {alias}" if len(lines) > 1 else "": np.array(line.array, dtype=float)
            for alias, line in lines
            if len(line.array) == bars
        }
        label, feed = indicator.plotlabel(), _feed_of(indicator, strategy)
        before = alike.setdefault(label, [])
        if not values or any(_equal(values, other) for _, other in before):
            continue
        before.append((feed, values))
        if len(before) > 1:
            alone = bool(feed) and [other for other, _ in before].count(feed) == 1
            label += f" on {feed}" if alone else f" no. {len(before)}"
        found |= {label + alias: line for alias, line in values.items()}
    return found


def _feed_of(indicator: Any, strategy: Any) -> str:
    """The name of the feed that an indicator reads, or one of its lines; empty where it reads another one."""
    source = getattr(indicator, "data", None)
    first = source.lines[0] if isinstance(source, bt.LineSeries) else source
    for data in strategy.datas:  # by identity: to compare two lines makes a third
        if any(first is line for line in data.lines):
            return str(data._name)
    return ""


def _equal(values: dict[str, np.ndarray], others: dict[str, np.ndarray]) -> bool:
    return values.keys() == others.keys() and all(
        np.array_equal(line, others[alias], equal_nan=True) for alias, line in values.items()
    )
