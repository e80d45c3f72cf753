"""What a short of decaying funds went through: its worst month, its worst leg, and how near the margin came.

Requirements are the account's, times the fund's multiple (FINRA Regulatory Notice 09-53): unless
account.maintenance_margin says otherwise those of FINRA rule 4210, 30 % of a short's value, which is 90 % for
a 3x fund. A CFD account has none of its own; it is shown what a cash account would need, and its calls are
the provider's stop-outs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from analyzers import Fill, positions
from engine.forced import MARGIN_CALL, RECALL, RUIN, STOP_OUT
from letf_instruments.sessions import last_of_each
from runs.answers.canvas import INDEX, INK, LOSS, RULE, money_axis, new_figure, plain
from runs.answers.closer import Line, Marks, Pane, Panes
from runs.answers.parts import Picture, Table
from runs.answers.words import number, percent, share
from runs.studies.rules.stake import MOST, STEP, stake_without_calls
from runs.studies.rules.study import RuleStudy

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from runs.backtest.result import RunResult
    from strategies.rule import Rule

Floats = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]

WINDOW = 21  # sessions: about a month, wherever it begins


@dataclass(frozen=True)
class Window:
    """A span of sessions and what became of the account in it: a fraction of its equity before it.
    `first` is the last session before the span, or its own first at the very start."""

    first: np.datetime64
    last: np.datetime64
    ret: float


@dataclass(frozen=True)
class WorstLeg:
    """A leg's worst calendar month. loss : over equity at the month's start, positive. multiple : the same as
    a multiple of the weight it was meant to have."""

    name: str
    month: np.datetime64
    loss: float
    multiple: float


def worst_month(days: Dates, equity: Floats, start: float) -> Window:
    """The calendar month with the lowest return; the first one counts from the money at the start."""
    last = np.flatnonzero(last_of_each(days.astype("datetime64[M]")))
    before = np.concatenate(([start], equity[last[:-1]]))
    returns = np.divide(equity[last], before, out=np.ones(len(last)), where=before > 0) - 1.0
    i = int(np.argmin(returns))
    return Window(days[last[i - 1]] if i else days[0], days[last[i]], float(returns[i]))


def worst_window(days: Dates, equity: Floats, sessions: int = WINDOW) -> Window:
    """The lowest return from one close to that so many sessions later, or over all of them if there are
    fewer."""
    k = min(sessions, len(equity) - 1)
    base = equity[: len(equity) - k]
    returns = np.divide(equity[k:], base, out=np.ones(len(base)), where=base > 0) - 1.0
    i = int(np.argmin(returns))
    return Window(days[i], days[i + k], float(returns[i]))


def leg_profits(close: Floats, fills: list[Fill]) -> Floats:
    """Profit of a position by bar, costs taken off, shape (n,)."""
    n = len(close)
    traded = np.zeros(n)
    for fill in fills:
        traded[fill.bar] += fill.size * (close[fill.bar] - fill.price) - fill.costs
    held = np.concatenate(([0.0], positions(fills, n)[:-1]))
    return held * np.diff(close, prepend=close[:1]) + traded


def squeeze(run: RunResult, rerun: Callable[[Rule], RunResult]) -> RuleStudy:
    """The study of a finished run of `decay_harvest`."""
    month = worst_month(run.days, run.worth, run.start)
    window = worst_window(run.days, run.worth)
    legs = [leg for name in run.fills if name in run.ledgers for leg in (_worst_leg(run, name),)]
    needed = _requirement(run)
    used = np.divide(needed, run.equity, out=np.full(len(needed), np.inf), where=run.equity > 0)
    used[needed == 0] = 0.0
    top = int(np.argmax(used))
    calls, recalls = _forced(run, _call(run)), _forced(run, RECALL)
    called = _is_called(run)
    more = _stake_without_calls(run, rerun) if called else 1.0
    return RuleStudy(
        heading="The squeeze",
        sentences=[
            f"Its worst month was {str(month.last)[:7]} with {percent(month.ret)} of equity, its worst "
            f"{WINDOW} sessions those from {window.first} to {window.last} with {percent(window.ret)}.",
            *(_leg_words(leg) for leg in legs),
            f"Margin: what the shorts need{_of_cash(run)} "
            f"({share(run.spec.account.maintenance_margin, 0)} of their value times the multiple) was at "
            f"most {_ratio(float(used[top]))} of equity, on {run.days[top]}; "
            f"{_forced_words(_call(run), calls, recalls)}.",
            *([_more_words(_call(run), more)] if called else []),
            f"Borrow fees paid: {number(run.metrics['borrow_paid'], 0)}"
            + ("" if run.spec.account.borrow_fee else "; account.borrow_fee is 0, which no such fund's is")
            + ".",
        ],
        alarm=_alarm(run, calls),
        tables=[_month_grid(run)],
        pictures={
            "squeeze": Picture(
                "Equity, its worst spans, and how near the margin was",
                partial(_draw, run, used, window),
                partial(_closer, run, used, window),
            )
        },
        metrics={
            "squeeze_worst_month": month.ret,
            "squeeze_worst_month_end": str(month.last),
            "squeeze_worst_window": window.ret,
            "squeeze_worst_window_start": str(window.first),
            "squeeze_worst_window_end": str(window.last),
            **{f"squeeze_{leg.name}_worst_month_loss": leg.loss for leg in legs},
            **{f"squeeze_{leg.name}_loss_over_weight": leg.multiple for leg in legs},
            "squeeze_margin_used": float(used[top]) if np.isfinite(used[top]) else None,
            "squeeze_margin_used_day": str(run.days[top]),
            "squeeze_margin_calls": calls,
            "squeeze_recalls": recalls,
            "squeeze_stake_without_calls": more,
        },
    )


def _closes(run: RunResult, name: str) -> Floats:
    return run.ledgers[name].close


def _worst_leg(run: RunResult, name: str) -> WorstLeg:
    last = last_of_each(run.bars.sessions)
    total = np.cumsum(leg_profits(_closes(run, name), run.fills[name]))[last]
    ends = np.flatnonzero(last_of_each(run.days.astype("datetime64[M]")))
    profits = np.diff(total[ends], prepend=0.0)
    before = np.concatenate(([run.start], run.equity[ends[:-1]]))
    losses = np.divide(-profits, before, out=np.zeros(len(ends)), where=before > 0)
    i = int(np.argmax(losses))
    weight = abs(float(run.rule.checked_targets(run.market()).weights[name][-1])) if run.rule else np.nan
    loss = float(losses[i])
    return WorstLeg(name, run.days[ends[i]].astype("datetime64[M]"), loss, loss / weight)


def _requirement(run: RunResult) -> Floats:
    """Equity that the positions need to be kept, by session, in money."""
    last = last_of_each(run.bars.sessions)
    margin = run.spec.account.margin()
    needed = np.zeros(len(run.days))
    for name, fills in run.fills.items():
        if name not in run.ledgers:
            continue
        multiple = run.ledgers[name].fund.multiple
        position = positions(fills, len(run.bars))
        rate = np.where(position < 0, margin.maintenance(-1.0, multiple), margin.maintenance(1.0, multiple))
        needed += (np.abs(position) * rate * _closes(run, name))[last]
    return needed


def _forced(run: RunResult, reason: str) -> int:
    """How many positions were closed by the broker for this reason."""
    return sum(trade.exit_reason == reason for trade in run.trades)


def _call(run: RunResult) -> str:
    """For what reason this kind of account closes positions that it lacks the margin for."""
    return STOP_OUT if run.spec.account.kind == "cfd" else MARGIN_CALL


def _is_called(run: RunResult) -> bool:
    """True if positions were closed for want of margin, or of everything: a ruin may come without a call."""
    return bool(_forced(run, _call(run)) or _forced(run, RUIN) or (run.equity <= 0).any())


def _stake_without_calls(run: RunResult, rerun: Callable[[Rule], RunResult]) -> float | None:
    """How many times the stake the same shorts, weights that much smaller, needed to be never called."""
    rule = run.rule
    assert rule is not None

    def is_called(stake: float) -> bool:
        params = rule.params.model_copy(update={"weight": rule.params.weight / stake})
        return _is_called(rerun(type(rule)(params, rule.plan, rule.filters)))

    return stake_without_calls(is_called)


# -- words -----------------------------------------------------------------------------------------------


def _ratio(used: float) -> str:
    return share(used, 0) if np.isfinite(used) else "more than all"


def _of_cash(run: RunResult) -> str:
    return " in a cash account" if run.spec.account.kind == "cfd" else ""


def _leg_words(leg: WorstLeg) -> str:
    if leg.loss <= 0:
        return f"The short of {leg.name} lost in no month."
    return (
        f"The short of {leg.name} lost most in {leg.month}: {share(leg.loss)} of equity, "
        f"{number(leg.multiple)} times its weight."
    )


def _forced_words(call: str, calls: int, recalls: int) -> str:
    called = f"{calls} {call}{'s' * (calls != 1)}" if calls else f"no {call}"
    return called + (f", {recalls} recall{'s' * (recalls != 1)}" if recalls else "")


def _more_words(call: str, more: float | None) -> str:
    if more is None:
        return f"Even {MOST} times the stake for the same shorts would have seen a {call} or a ruin."
    return (
        f"With {more:g} times the stake for the same shorts there would have been no {call} and no ruin; "
        f"with {more - STEP:g} times it there was one."
    )


def _alarm(run: RunResult, calls: int) -> str | None:
    if _forced(run, RUIN) or (run.equity <= 0).any():
        return "The account was ruined: the shorts lost more than the stake."
    if calls:
        closed = f"closed {calls} position{'s' * (calls != 1)} by"
        if run.spec.account.kind == "cfd":
            return f"The provider {closed} stop-out; the rule goes short again at the next open."
        after = "at the open after the move; the rule goes short again a session later."
        return f"The broker {closed} margin call, {after}"
    return None


def _month_grid(run: RunResult) -> Table:
    """The five worst calendar months, with each leg's part."""
    last = last_of_each(run.bars.sessions)
    ends = np.flatnonzero(last_of_each(run.days.astype("datetime64[M]")))
    before = np.concatenate(([run.start], run.worth[ends[:-1]]))
    safe = np.where(before > 0, before, np.nan)
    returns = run.worth[ends] / safe - 1.0
    held = run.bars.held()[last]
    index = held[ends]
    moves = index / np.concatenate((held[:1], index[:-1])) - 1.0
    names = [name for name in run.fills if name in run.ledgers]
    parts = {
        name: np.diff(np.cumsum(leg_profits(_closes(run, name), run.fills[name]))[last][ends], prepend=0.0)
        for name in names
    }
    rows = [
        [
            str(run.days[ends[i]])[:7],
            percent(float(returns[i])),
            *(percent(float(parts[name][i] / before[i])) for name in names),
            percent(float(moves[i])),
        ]
        for i in np.argsort(np.where(np.isnan(returns), np.inf, returns), kind="stable")[:5]
    ]
    headings = ["month", "account", *(f"{name} short" for name in names), run.bars.name]
    return Table("The five worst months, and what each leg had of it, of equity at the start", headings, rows)


def _closer(run: RunResult, used: Floats, window: Window) -> Panes:
    lived = run.equity > 0
    worth = np.where(lived, run.worth, np.nan)
    worst = np.where((run.days >= window.first) & (run.days <= window.last), worth, np.nan)
    equity = [
        Line("equity", worth, "rule"),
        Line(f"worst {WINDOW} sessions", worst, "loss"),
        Line("stake", np.full(len(run.days), run.start), "index", dashed=True),
    ]
    limit = Line(f"margin call above{_of_cash(run)}", np.ones(len(run.days)), "loss", dashed=True)
    margin: list[Line | Marks] = [
        Line("requirement / equity", np.where(lived, used, np.nan), "rule", area=True)
    ]
    margin.append(limit)
    forced = [trade.exit_date for trade in run.trades if trade.exit_reason == _call(run)]
    if forced:
        words = [f"{_call(run)} on {day}" for day in forced]
        margin.append(
            Marks(
                f"{_call(run)}s ({len(forced)})",
                np.array(forced),
                np.ones(len(forced)),
                words,
                "loss",
                "down",
            )
        )
    panes = [Pane("equity", equity, "money", log=True), Pane("margin required", margin, "percent", share=0.6)]
    return Panes(run.days, panes)


def _draw(run: RunResult, used: Floats, window: Window) -> Figure:
    title = f"The squeeze: {run.spec.name} on {plain(run.bars.name)}"
    figure, (top, bottom) = new_figure(title, run.simulated, 2, height=6.6, ratios=(3, 2), share_x=True)
    lived = run.equity > 0
    label = "equity, payments aside" if run.paid_in else "equity"
    top.plot(run.days, np.where(lived, run.worth, np.nan), color=RULE, lw=1.5, label=label)
    top.set_yscale("log")
    money_axis(top)
    top.set_ylabel("equity (log scale)")
    shown = np.where(lived, used, np.nan)
    bottom.fill_between(run.days, 0, shown, color=RULE, alpha=0.25, lw=0)
    bottom.plot(run.days, shown, color=RULE, lw=0.9, label="requirement / equity")
    bottom.axhline(1.0, color=LOSS, lw=1.2, ls="--", label=f"margin call above{_of_cash(run)}")
    bottom.set_ylim(0, max(1.1, 1.1 * float(np.nanmax(shown, initial=0.0))))
    bottom.yaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
    bottom.set_ylabel("margin required / equity")
    for axis in (top, bottom):
        axis.axvspan(
            window.first,
            window.last,
            color=LOSS,
            alpha=0.25,
            lw=0,
            label=f"worst {WINDOW} sessions  {percent(window.ret)}" if axis is top else None,
        )
        axis.margins(x=0.01)
    forced = [t.exit_date for t in run.trades if t.exit_reason == _call(run)]
    if forced:
        label = f"{_call(run)}s ({len(forced)})"
        bottom.plot(forced, np.ones(len(forced)), "v", ms=6, color=INK, label=label)
    top.axhline(run.start, color=INDEX, lw=0.8, label="stake")
    for axis in (top, bottom):
        axis.legend(loc="best", framealpha=0.85, facecolor="white", edgecolor="none", fontsize=9)
    return figure
