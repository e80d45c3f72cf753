"""The same rule on synthetic and on traded prices of its funds: trade by trade, and what differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from runs.answers.parts import Table
from runs.answers.words import MINUS, counted, number, percent
from runs.backtest.spans import spans_of
from runs.specs.run_spec import RunSpec

if TYPE_CHECKING:
    import pandas as pd

    from analyzers import RoundTrip
    from runs.backtest.result import RunResult

WAYS = ("synthetic", "traded")
STOPS = ("stop", "trailing stop")
FEW_RETURNS = 3  # of which no correlation is told


@dataclass(frozen=True)
class Side:
    """One trade on both kinds of prices; None where it was not made. Entered on the same session, in the same
    instrument, in the same order."""

    synthetic: RoundTrip | None
    traded: RoundTrip | None

    @property
    def one(self) -> RoundTrip:
        """Either of the two."""
        found = self.synthetic if self.synthetic is not None else self.traded
        assert found is not None
        return found

    @property
    def same_exit(self) -> bool:
        """True if both were left on the same session by the same door."""
        a, b = self.synthetic, self.traded
        return (
            a is not None and b is not None and (a.exit_date, a.exit_reason) == (b.exit_date, b.exit_reason)
        )

    def stopped_on_one(self) -> str | None:
        """Which of the two was stopped where the other was not, on that session; None if neither."""
        stops = [t is not None and t.exit_reason in STOPS for t in (self.synthetic, self.traded)]
        if self.same_exit or not any(stops):
            return None
        if all(stops):  # on different sessions: the earlier one was the stop that the other did not meet
            assert self.synthetic is not None
            assert self.traded is not None
            return WAYS[0] if self.synthetic.exit_date < self.traded.exit_date else WAYS[1]
        return WAYS[stops.index(True)]


@dataclass(frozen=True, eq=False)
class BothWays:
    """A spec's run on synthetic prices and its run on traded ones."""

    name: str
    synthetic: RunResult
    traded: RunResult

    @property
    def sides(self) -> list[Side]:
        """The trades of both by entry, side by side."""
        runs = (self.synthetic, self.traded)
        keyed = [dict(_keyed(run.trades)) for run in runs]
        keys = sorted(set().union(*keyed), key=lambda key: (key[0], key[1], key[2]))
        return [Side(*(own.get(key) for own in keyed)) for key in keys]

    @property
    def rebalanced(self) -> bool:
        """True if positions were shifted while they were held: then a trade is no unit to compare by."""
        return any(trade.rebalanced for run in (self.synthetic, self.traded) for trade in run.trades)

    @property
    def differ(self) -> bool:
        """True if a fund that the rule trades has bars of its own anywhere in the run."""
        return any(span.traded for span in spans_of(self.traded))

    def correlation(self) -> float | None:
        """Of the accounts' daily returns; None where either does not move."""
        own = [run.worth[1:] / run.worth[:-1] - 1.0 for run in (self.synthetic, self.traded)]
        if len(own[0]) < FEW_RETURNS or any(not np.isfinite(r).all() or r.std() == 0.0 for r in own):
            return None
        return float(np.corrcoef(*own)[0, 1])


def _keyed(trades: Sequence[RoundTrip]) -> Iterator[tuple[tuple[np.datetime64, str, int], RoundTrip]]:
    """Trades by entry: session, instrument, and which of those it is."""
    seen: Counter[tuple[np.datetime64, str]] = Counter()
    for trade in sorted(trades, key=lambda t: t.entry_date):
        key = (trade.entry_date, trade.instrument)
        yield (*key, seen[key]), trade
        seen[key] += 1


def doubled(specs: Sequence[RunSpec], labels: Sequence[str]) -> tuple[list[RunSpec], list[str]]:
    """Each spec on synthetic prices, then on traded ones: those that its data.traded names, else all that the
    data folder has; and what to call them."""
    both: list[RunSpec] = []
    for spec in specs:
        both += [
            spec.with_values({"data.traded": None}),
            spec if spec.data.traded else spec.with_values({"data.traded": "all"}),
        ]
    return both, [f"{label}, {way}" for label in labels for way in WAYS]


def sentences(pair: BothWays) -> list[str]:
    """What the two have in common and what not."""
    a, b = (run.metrics for run in (pair.synthetic, pair.traded))
    ends = [float(m["final_equity"]) for m in (a, b)]  # type: ignore[arg-type]
    off = f" ({percent(ends[1] / ends[0] - 1.0)})" if ends[0] > 0 else ""
    said = [
        f"{pair.name}: {number(ends[0], 0)} at the end on synthetic prices, {number(ends[1], 0)} on traded "
        f"ones{off}."
    ]
    if not pair.differ:
        return [*said, f"No fund that {pair.name} trades has a traded price in it: both are the same run."]
    together = pair.correlation()
    if together is not None:
        said.append(f"Their daily returns have a correlation of {together:.4f}.")
    if pair.rebalanced:
        return said
    sides = pair.sides
    paired = [side for side in sides if side.synthetic is not None and side.traded is not None]
    same = sum(side.same_exit for side in sides)
    said.append(
        f"{a['trades']} and {counted(int(b['trades']), 'trade')}: {len(paired)} entered on the same day, "  # type: ignore[arg-type]
        f"{same} of these also left on the same day by the same door."
    )
    met = [side.stopped_on_one() for side in paired]
    if any(met):
        said.append(
            f"Stops met on synthetic prices and not on traded ones that day: {met.count(WAYS[0])}; the "
            f"other way round: {met.count(WAYS[1])}."
        )
    return said


def trades_table(pair: BothWays) -> Table | None:
    """A row a trade: both exits and returns; None where positions were rebalanced."""
    if pair.rebalanced:
        return None
    rows = []
    for side in pair.sides:
        one = side.one
        rows.append(
            [
                one.instrument,
                str(one.entry_date),
                *_exit(side.synthetic),
                *_exit(side.traded),
                "" if side.same_exit else _difference(side),
            ]
        )
    headings = ["", "entered", "left, synthetic", "by", "return", "left, traded", "by", "return", "differs"]
    return Table(f"{pair.name}, trade by trade", headings, rows, brief=False, long=True)


def _exit(trade: RoundTrip | None) -> list[str]:
    if trade is None:
        return [MINUS, MINUS, MINUS]
    return [str(trade.exit_date), trade.exit_reason, percent(trade.ret, 2)]


def _difference(side: Side) -> str:
    if side.synthetic is None or side.traded is None:
        return f"{WAYS[0] if side.traded is None else WAYS[1]} alone"
    stopped = side.stopped_on_one()
    return f"stop met on {stopped} prices alone" if stopped else "another exit"


def trades_frame(pairs: Sequence[BothWays]) -> pd.DataFrame:
    """A row a trade and spec: both exits, doors and returns; missing where it was not made."""
    import pandas as pd

    rows = []
    for pair in pairs:
        for side in pair.sides:
            row = {"spec": pair.name, "instrument": side.one.instrument, "entry_date": side.one.entry_date}
            for way, trade in zip(WAYS, (side.synthetic, side.traded), strict=True):
                row |= {
                    f"exit_date_{way}": None if trade is None else trade.exit_date,
                    f"exit_reason_{way}": None if trade is None else trade.exit_reason,
                    f"return_{way}": None if trade is None else trade.ret,
                }
            rows.append({**row, "same_exit": side.same_exit, "stopped_on": side.stopped_on_one()})
    return pd.DataFrame(rows)
