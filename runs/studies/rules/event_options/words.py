"""What options around events came to, in sentences and tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from engine.contracts import MULTIPLIER
from runs.answers.parts import Table
from runs.answers.words import counted, number, percent, share
from runs.studies.rules.event_options.events import PARTS, Event, events_of
from strategies.carriers.option_strategy import volatility_model
from strategies.rules.event_options import EventOptions

if TYPE_CHECKING:
    from runs.backtest.result import RunResult
    from runs.studies.rules.study import Rerun

DEARER = (0.8, 1.0, 1.25, 1.5)  # times the volatility that the run assumed


def total(events: Sequence[Event], part: str) -> float:
    return sum(event.parts[part] for event in events)


def outran(events: Sequence[Event]) -> str:
    moves = total(events, "delta") + total(events, "gamma")
    theta, vega = total(events, "theta"), total(events, "vega")
    rest, costs = total(events, "rest"), sum(e.spread + e.commission for e in events)
    profit = sum(e.profit for e in events)
    verb = "outran" if moves > -theta else "did not outrun"
    return (
        f"Over {counted(len(events), 'event')} the moves {verb} the theta: they earned {number(moves, 0)} "
        f"(delta and gamma), time took {number(-theta, 0)}. Changes of the modelled volatility made "
        f"{number(vega, 0)}, higher orders {number(rest, 0)}, spread and commission cost {number(costs, 0)}: "
        f"{number(profit, 0)} in all, {percent(profit / sum(e.spent for e in events))} of the premium spent."
    )


def moves(events: Sequence[Event]) -> str:
    moved = float(np.mean([abs(e.moved) for e in events]))
    implied = float(np.mean([e.implied for e in events]))
    by_sessions = float(np.mean([e.implied_by_sessions for e in events]))
    straddle = float(np.mean([e.straddle for e in events]))
    held = "more" if moved > implied else "less"
    return (
        f"Implied move paid against realised move: a straddle at the money cost {share(straddle, 2)} of the "
        f"underlying on average; for the time held, the volatility paid for implies a mean move of "
        f"{share(implied, 2)}; the underlying moved {share(moved, 2)}, {held} than was paid for. (Options "
        f"are priced by calendar days, weekends too; by sessions alone it is {share(by_sessions, 2)}.)"
    )


def margin(events: Sequence[Event]) -> str:
    profit, spent = sum(e.profit for e in events), sum(e.spent for e in events)
    if profit <= 0:
        return (
            f"To break even, the options would have had to be {share(-profit / spent)} cheaper at purchase, "
            "at the same sale. Real ones are dearer before a known event, and lose that right after it."
        )
    return (
        f"Had the options cost {share(profit / spent)} more at purchase than the model says, nothing would "
        "be left. Real ones are dearer before a known event, and lose that right after it."
    )


def modelled(run: RunResult) -> str:
    assert isinstance(run.rule, EventOptions)
    how = volatility_model(run.rule.plan, run.setting.volatility).describe()
    return (
        f"All of this is modelled, as no option prices are at hand: premiums rest on {how}; it is the same "
        "for every strike and expiry, and blind to the event itself."
    )


def totals(events: Sequence[Event]) -> Table:
    best, worst = max(events, key=lambda e: e.profit), min(events, key=lambda e: e.profit)
    won = sum(e.profit > 0 for e in events) / len(events)
    rows = [
        ["events traded", f"{len(events):,}"],
        ["won", share(won)],
        ["premium spent", number(sum(e.spent for e in events), 0)],
        ["received", number(sum(e.received for e in events), 0)],
        ["spread paid", number(sum(e.spread for e in events), 0)],
        ["commission paid", number(sum(e.commission for e in events), 0)],
        ["theta paid", number(-total(events, "theta"), 0)],
        ["delta earned", number(total(events, "delta"), 0)],
        ["gamma earned", number(total(events, "gamma"), 0)],
        ["vega earned", number(total(events, "vega"), 0)],
        ["rest (higher orders)", number(total(events, "rest"), 0)],
        ["profit", number(sum(e.profit for e in events), 0)],
        ["best event", f"{number(best.profit, 0)} ({best.day}, underlying {percent(best.moved)})"],
        ["worst event", f"{number(worst.profit, 0)} ({worst.day}, underlying {percent(worst.moved)})"],
    ]
    return Table("All events together, in money; premiums are modelled.", [], rows)


def years(events: Sequence[Event]) -> Table:
    years = sorted({str(e.day)[:4] for e in events})
    headings = ["year", "events", "won", "spent", "received", "costs", "profit", *PARTS]
    rows = []
    for year in years:
        mine = [e for e in events if str(e.day)[:4] == year]
        rows.append(
            [
                year,
                f"{len(mine):,}",
                f"{sum(e.profit > 0 for e in mine):,}",
                number(sum(e.spent for e in mine), 0),
                number(sum(e.received for e in mine), 0),
                number(sum(e.spread + e.commission for e in mine), 0),
                number(sum(e.profit for e in mine), 0),
                *(number(total(mine, part), 0) for part in PARTS),
            ]
        )
    return Table("By year of the event, in money; premiums are modelled.", headings, rows)


def greeks(events: Sequence[Event]) -> Table:
    """Greeks of the whole position at its purchase, for each 100 of premium, on average."""

    def mean(name: str, power: int = 0) -> float:
        return float(
            np.mean(
                [
                    100.0
                    * sum(f.units * getattr(f.quote, name) * (0.01 * f.quote.spot) ** power for f in e.buys)
                    / e.spent
                    for e in events
                ]
            )
        )

    rows = [
        ["delta: underlying +1 %", number(mean("delta", 1))],
        ["gamma: beyond delta, ±1 %", number(0.5 * mean("gamma", 2))],
        ["theta: a calendar day", number(mean("theta"))],
        ["vega: volatility +1 point", number(mean("vega"))],
        ["days to expiry", number(float(np.mean([e.buys[0].quote.days for e in events])), 1)],
        ["volatility paid", share(float(np.mean([e.buys[0].quote.volatility for e in events])))],
        ["contracts", number(float(np.mean([sum(f.units for f in e.buys) for e in events])) / MULTIPLIER)],
    ]
    return Table("At purchase, on average; greeks in money for each 100 of premium, modelled.", [], rows)


def dearer(run: RunResult, rerun: Rerun, events: Sequence[Event]) -> Table:
    """The same run at other volatilities."""
    rule = run.rule
    assert isinstance(rule, EventOptions)
    key = "scale" if run.setting.volatility is not None else "premium"
    assumed = getattr(rule.plan, key)
    rows = []
    for times in DEARER:
        found = events
        if times != 1.0:
            plan = rule.plan.model_copy(update={key: assumed * times})
            again = rerun(type(rule)(rule.params, plan, rule.filters))
            found = events_of(again) if again.contracts is not None else []
        if not found:
            continue
        spent, profit = sum(e.spent for e in found), sum(e.profit for e in found)
        rows.append(
            [
                f"{key} {assumed * times:.3g}",
                share(float(np.mean([e.buys[0].quote.volatility for e in found]))),
                share(float(np.mean([e.straddle for e in found])), 2),
                number(spent, 0),
                number(profit, 0),
                percent(profit / spent),
            ]
        )
    headings = ["assumed", "volatility paid", "straddle", "premium spent", "profit", "of premium"]
    return Table("The same run, had volatility been priced otherwise throughout.", headings, rows)
