"""What a rule measured: its indicators by bar, and what it had seen of them when it entered and left."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from analyzers.trades import OPEN
from engine.forced import FORCED
from strategies import Rule
from strategies.conditions import Measured

if TYPE_CHECKING:
    from runs.backtest.result import RunResult

Floats = npt.NDArray[np.float64]
End = Literal["entry", "exit"]
# What no close decides: orders that lie in the market beforehand, a clock, the broker.
UNASKED = ("stop", "target", "trailing stop", "limit", "next open", "session end", *FORCED)


@dataclass(frozen=True, eq=False)
class Seen:
    """What a rule had seen at each of its trades, in the order of `RunResult.trades`.

    values : of each indicator by bar of the run, shape (n,). shares : those that are fractions.
    bars : by end of the trade the bar, shape (m,), at whose close the last values were that the rule knew;
        −1 where there is none. of : the moment of each bar, shape (n,).
    """

    values: dict[str, Floats]
    shares: frozenset[str]
    bars: dict[End, npt.NDArray[np.int64]]
    of: npt.NDArray[np.datetime64]

    def at(self, end: End, name: str) -> Floats:
        """What an indicator was, shape (m,); NaN where nothing had been seen."""
        bars = self.bars[end]
        return np.where(bars >= 0, self.values[name][bars], np.nan)

    def stamps(self, end: End) -> npt.NDArray[np.datetime64]:
        """The bar at whose close it was seen, shape (m,)."""
        bars = self.bars[end]
        return np.where(bars >= 0, self.of[bars], np.datetime64("NaT")).astype("datetime64[s]")


def measured(run: RunResult, rule: Rule) -> dict[str, tuple[Measured, ...]]:
    """What the conditions of a run's rule compare, by name, on the bars of the run; what came before it is
    known to them, as it was to the rule."""
    market = run.market()
    whole = rule.with_lead_in(market)
    lead = whole.lead - market.lead
    return {
        name: tuple(
            replace(
                one,
                value=np.asarray(one.value, dtype=float)[lead:],
                level=np.asarray(one.level, dtype=float)[lead:] if np.ndim(one.level) else one.level,
            )
            for one in compared
        )
        for name, compared in rule.all_measured(whole).items()
    }


def at_trades(run: RunResult) -> Seen | None:
    """What the rule, or a strategy that is none, had seen at each trade; None where it does not say what it
    measures, and has no indicators.

    A trade is decided on the close that sent its order: the one before the bar that fills it, or that bar's
    own under a plan with fill = "same-close"; an earlier one where the order had to wait, for volume, or at
    a limit of a strategy's own. (Lots do not wait: each close cancels their orders and decides anew.) A stop,
    a target and whatever else no close decides is met inside a bar: there it is the close before it. A level
    that moves is an indicator too, by the name of its condition.
    """
    values, shares = dict(run.indicators), set()
    for name, compared in measured(run, run.rule).items() if run.rule is not None else ():
        for one in compared:
            for what, series in ((one.what, one.value), (f"{name} (level)", one.level)):
                if np.ndim(series) and not _known(values, series):
                    values.setdefault(what, np.asarray(series))
                    shares |= {what} if one.share else set()
    if not values:
        return None
    plan = getattr(run.rule, "plan", None)
    at_close = getattr(plan, "fill", "open") == "same-close"
    entered_at_close = at_close and getattr(plan, "entry", "market") == "market"
    entries = [_sent(trade.entry_sent, trade.entry_bar - (not entered_at_close)) for trade in run.trades]
    exits = []
    for trade in run.trades:
        asked = trade.exit_reason not in UNASKED
        before = trade.exit_bar - (not (at_close and asked))
        exits.append(-1 if trade.exit_reason == OPEN else _sent(trade.exit_sent if asked else -1, before))
    bars: dict[End, npt.NDArray[np.int64]] = {
        "entry": np.array(entries, dtype=np.int64),
        "exit": np.array(exits, dtype=np.int64),
    }
    return Seen(values, frozenset(shares), bars, run.bars.timestamps)


def _sent(sent: int, before: int) -> int:
    """The bar that sent an order; that before its fill, where it is not known."""
    return before if sent < 0 else sent


def _known(values: dict[str, Floats], series: Floats | float) -> bool:
    return any(np.array_equal(series, other, equal_nan=True) for other in values.values())
