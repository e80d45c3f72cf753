"""What options around events came to: premium and proceeds, gain by cause, implied move against realised."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.contracts import MULTIPLIER, ContractFill, Mark, Step
from feeds.volatility import SESSIONS_A_YEAR
from letf_instruments.options import DAYS_A_YEAR, quote
from runs.answers.parts import Picture, Table
from runs.answers.words import number, percent, share
from runs.studies.rules.study import RuleStudy
from strategies.event_options import EventOptions
from strategies.option_strategy import volatility_model

if TYPE_CHECKING:
    from runs.backtest.metrics import Metrics
    from runs.backtest.result import RunResult
    from runs.studies.rules import Rerun

PARTS = ("delta", "gamma", "theta", "vega", "rest")
DEARER = (0.8, 1.0, 1.25, 1.5)  # times the volatility that the run assumed


@dataclass(frozen=True)
class Event:
    """All contracts bought on one day. Money of the whole position; `moved` is the underlying from purchase
    to sale as a fraction, `implied` the mean absolute move over the same time at the volatility paid for
    (`days` by the calendar, as the price counts; `sessions` of trading), `straddle` the model's
    at-the-money straddle at the purchase over the underlying."""

    day: np.datetime64  # of the event; of the purchase for a rule that knows none
    spent: float
    gain: float  # before costs
    spread: float
    commission: float
    parts: dict[str, float]
    buys: list[ContractFill]
    moved: float
    volatility: float
    days: float
    sessions: int
    straddle: float

    @property
    def implied(self) -> float:
        """Mean absolute move in the calendar days held, normally distributed."""
        return self.volatility * math.sqrt(2.0 / math.pi * self.days / DAYS_A_YEAR)

    @property
    def implied_by_sessions(self) -> float:
        """The same, if only sessions count."""
        return self.volatility * math.sqrt(2.0 / math.pi * self.sessions / SESSIONS_A_YEAR)

    @property
    def profit(self) -> float:
        """After costs."""
        return self.gain - self.spread - self.commission

    @property
    def received(self) -> float:
        """Premium at the sale, intrinsic value at expiry, or the mark of what is still held."""
        return self.spent + self.gain


def events_of(run: RunResult) -> list[Event]:
    """The run's option trades by event, in the order of their purchase."""
    book = run.contracts
    assert book is not None
    by_day: dict[np.datetime64, list[ContractFill]] = {}
    for fill in book.fills:
        if fill.units > 0:
            by_day.setdefault(fill.day, []).append(fill)
    days = np.array(list(by_day), dtype="datetime64[D]")
    named = days
    if isinstance(run.rule, EventOptions):
        own = run.setting.events.of(run.rule.params.tickers)
        named = run.rule.event_of(days, own)
    marks = book.marks()
    found = []
    for day, buys in zip(named, by_day.values(), strict=True):
        trips = {fill.trip for fill in buys}
        fills = [fill for fill in book.fills if fill.trip in trips]
        steps = [step for step in book.steps if step.trip in trips]
        end = next((fill for fill in reversed(fills) if fill.units < 0), None) or marks[buys[0].trip]
        found.append(_event(day, buys, fills, steps, end, run))
    return found


def _event(
    day: np.datetime64,
    buys: list[ContractFill],
    fills: Sequence[ContractFill],
    steps: Sequence[Step],
    end: ContractFill | Mark,
    run: RunResult,
) -> Event:
    at = buys[0].quote
    at_close = end.quote.days == 0 or isinstance(end, Mark)
    rate = run.short_rate.at(int(buys[0].day.astype(np.int64)))
    both = (quote(k, at.spot, at.spot, at.days, rate, at.volatility).price for k in ("call", "put"))
    return Event(
        day=day,
        spent=sum(fill.units * fill.quote.price for fill in buys),
        gain=sum(step.gain for step in steps),
        spread=sum(fill.spread for fill in fills),
        commission=sum(fill.commission for fill in fills),
        parts={part: sum(getattr(step, part) for step in steps) for part in PARTS},
        buys=buys,
        moved=end.quote.spot / at.spot - 1.0,
        volatility=at.volatility,
        days=at.days - end.quote.days,
        sessions=end.bar - buys[0].bar + at_close,
        straddle=sum(both) / at.spot,
    )


def event_options_study(run: RunResult, rerun: Rerun) -> RuleStudy:
    """What the options of a run came to, and how much of it hangs on the modelled volatility."""
    from runs.studies.rules.event_options_chart import options_chart

    events = events_of(run)
    tables = [_totals(events), _years(events), _greeks(events), _dearer(run, rerun, events)]
    return RuleStudy(
        heading="What the options came to",
        sentences=[_outran(events), _moves(events), _margin(events)],
        alarm=_modelled(run),
        tables=tables,
        pictures={
            "options": Picture(
                "Profit of each event, and the sum by cause", lambda: options_chart(run, events)
            )
        },
        metrics=_metrics(events),
    )


# -- sentences --------------------------------------------------------------------------------------


def _sum(events: Sequence[Event], part: str) -> float:
    return sum(event.parts[part] for event in events)


def _outran(events: Sequence[Event]) -> str:
    moves = _sum(events, "delta") + _sum(events, "gamma")
    theta, vega = _sum(events, "theta"), _sum(events, "vega")
    rest, costs = _sum(events, "rest"), sum(e.spread + e.commission for e in events)
    profit = sum(e.profit for e in events)
    verb = "outran" if moves > -theta else "did not outrun"
    return (
        f"Over {len(events):,} events the moves {verb} the theta: they earned {number(moves, 0)} (delta and "
        f"gamma), time took {number(-theta, 0)}. Changes of the modelled volatility made {number(vega, 0)}, "
        f"higher orders {number(rest, 0)}, spread and commission cost {number(costs, 0)}: "
        f"{number(profit, 0)} in all, {percent(profit / sum(e.spent for e in events))} of the premium spent."
    )


def _moves(events: Sequence[Event]) -> str:
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


def _margin(events: Sequence[Event]) -> str:
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


def _modelled(run: RunResult) -> str:
    assert isinstance(run.rule, EventOptions)
    how = volatility_model(run.rule.plan, run.setting.volatility).describe()
    return (
        f"All of this is modelled, as no option prices are at hand: premiums rest on {how}; it is the same "
        "for every strike and expiry, and blind to the event itself."
    )


# -- tables -----------------------------------------------------------------------------------------


def _totals(events: Sequence[Event]) -> Table:
    best, worst = max(events, key=lambda e: e.profit), min(events, key=lambda e: e.profit)
    won = sum(e.profit > 0 for e in events) / len(events)
    rows = [
        ["events traded", f"{len(events):,}"],
        ["won", share(won)],
        ["premium spent", number(sum(e.spent for e in events), 0)],
        ["received", number(sum(e.received for e in events), 0)],
        ["spread paid", number(sum(e.spread for e in events), 0)],
        ["commission paid", number(sum(e.commission for e in events), 0)],
        ["theta paid", number(-_sum(events, "theta"), 0)],
        ["delta earned", number(_sum(events, "delta"), 0)],
        ["gamma earned", number(_sum(events, "gamma"), 0)],
        ["vega earned", number(_sum(events, "vega"), 0)],
        ["rest (higher orders)", number(_sum(events, "rest"), 0)],
        ["profit", number(sum(e.profit for e in events), 0)],
        ["best event", f"{number(best.profit, 0)} ({best.day}, underlying {percent(best.moved)})"],
        ["worst event", f"{number(worst.profit, 0)} ({worst.day}, underlying {percent(worst.moved)})"],
    ]
    return Table("All events together, in money; premiums are modelled.", [], rows)


def _years(events: Sequence[Event]) -> Table:
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
                *(number(_sum(mine, part), 0) for part in PARTS),
            ]
        )
    return Table("By year of the event, in money; premiums are modelled.", headings, rows)


def _greeks(events: Sequence[Event]) -> Table:
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


def _dearer(run: RunResult, rerun: Rerun, events: Sequence[Event]) -> Table:
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
        **{f"options_{part}": _sum(events, part) for part in PARTS},
        "options_straddle": float(np.mean([e.straddle for e in events])),
        "options_implied_move": float(np.mean([e.implied for e in events])),
        "options_implied_move_by_sessions": float(np.mean([e.implied_by_sessions for e in events])),
        "options_realised_move": float(np.mean([abs(e.moved) for e in events])),
        "options_best": best.profit,
        "options_best_event": str(best.day),
        "options_worst": worst.profit,
        "options_worst_event": str(worst.day),
    }
