"""What options around events came to: premium and proceeds, gain by cause, implied move against realised."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from runs.answers.parts import Picture
from runs.studies.rules.event_options import words
from runs.studies.rules.event_options.events import PARTS, Event, events_of
from runs.studies.rules.study import RuleStudy

if TYPE_CHECKING:
    from runs.backtest.metrics import Metrics
    from runs.backtest.result import RunResult
    from runs.studies.rules.study import Rerun


def event_options_study(run: RunResult, rerun: Rerun) -> RuleStudy:
    """What the options of a run came to, and how much of it hangs on the modelled volatility."""
    from runs.studies.rules.event_options.charts import options_chart
    from runs.studies.rules.event_options.closer import options_closer

    events = events_of(run)
    tables = [
        words.totals(events),
        words.years(events),
        words.greeks(events),
        words.dearer(run, rerun, events),
    ]
    return RuleStudy(
        heading="What the options came to",
        sentences=[words.outran(events), words.moves(events), words.margin(events)],
        alarm=words.modelled(run),
        tables=tables,
        pictures={
            "options": Picture(
                "Profit of each event, and the sum by cause",
                partial(options_chart, run, events),
                partial(options_closer, events),
            )
        },
        metrics=_metrics(events),
    )


def _metrics(events: Sequence[Event]) -> Metrics:
    best, worst = max(events, key=lambda e: e.profit), min(events, key=lambda e: e.profit)
    return {
        "options_events": len(events),
        "options_won": sum(e.profit > 0 for e in events) / len(events),
        "options_spent": sum(e.spent for e in events),
        "options_received": sum(e.received for e in events),
        "options_spread": sum(e.spread for e in events),
        "options_commission": sum(e.commission for e in events),
        "options_profit": sum(e.profit for e in events),
        **{f"options_{part}": words.total(events, part) for part in PARTS},
        "options_straddle": float(np.mean([e.straddle for e in events])),
        "options_implied_move": float(np.mean([e.implied for e in events])),
        "options_implied_move_by_sessions": float(np.mean([e.implied_by_sessions for e in events])),
        "options_realised_move": float(np.mean([abs(e.moved) for e in events])),
        "options_best": best.profit,
        "options_best_event": str(best.day),
        "options_worst": worst.profit,
        "options_worst_event": str(worst.day),
    }
