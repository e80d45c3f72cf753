"""How much of a trend rule's gain was compounding, and how much of it the filter spared.

In logs, compounding is log(1 + b·r) − b·log(1 + r) a session: about −(b² − b)/2 · r², the price of variance.
It is never above 0, trend or not; what a filter can do is be out of the market where it is dear. Fills are
at opens, so a session is split there: the night belongs to the position before, the day to the one after.

In money, compounding is what came beyond b × the index's move since each share was bought. There a steady
trend pays: log gains add up, money gains multiply.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from analyzers import Fill, Leg, positions, split_leg
from letf_instruments import FundLedger
from letf_instruments.sessions import last_of_each
from runs.answers.canvas import FUND, INK, RULE, new_figure, plain
from runs.answers.closer import Flag, Line, Pane, Panes
from runs.answers.parts import Picture, Table
from runs.answers.words import MINUS, listed, number, share
from runs.studies.rules.study import RuleStudy

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from runs.backtest.result import RunResult
    from strategies.rule import Rule

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
DAYS_A_YEAR = 365.25
SESSIONS_A_YEAR = 252
FEW = 20  # sessions in the market or out of it, from which nothing is said of the other


@dataclass(frozen=True, eq=False)
class Held:
    """What compounding did to one fund, by bar, shape (n,): while it was held, and always. Logs.

    in_market, always : each bar's compounding. share : the part of the bar's nights and day that it was held
        (0, ½ or 1). years : length of the span, up to a wipe-out. volatility_in, volatility_out : of the
        index, a fraction a year, over the sessions held throughout and not at all; None if there are few.
    """

    name: str
    in_market: Floats
    always: Floats
    share: Floats
    after: Bools  # held at the bar's close
    years: float
    volatility_in: float | None
    volatility_out: float | None

    @property
    def years_in(self) -> float:
        """Years held."""
        return self.years * float(self.share.mean())

    @property
    def totals(self) -> tuple[float, float, float]:
        """Compounding while held, while not, and always."""
        inside, always = float(self.in_market.sum()), float(self.always.sum())
        return inside, always - inside, always

    @property
    def a_year(self) -> tuple[float | None, float | None, float]:
        """The same for each year of it; None for no time at all."""
        inside, outside, always = self.totals
        rest = self.years - self.years_in
        return (
            inside / self.years_in if self.years_in else None,
            outside / rest if rest > 1e-9 else None,
            always / self.years,
        )


def held_compounding(ledger: FundLedger, index_open: Floats, fills: list[Fill]) -> Held:
    """Compounding of a fund while it was held, fills at opens, and over the whole span.

    Parameters
    ----------
    ledger : the fund's ledger, arrays of shape (n,).
    index_open : the index's open on the same bars, shape (n,).
    fills : in the order in which they happened.
    """
    b, n = ledger.fund.multiple, len(ledger.close)
    dead = ledger.wiped_out_at
    lived = n if dead is None else dead
    after = positions(fills, n) != 0
    before = np.concatenate(([False], after[:-1]))
    first = np.concatenate(([True], ledger.sessions[1:] != ledger.sessions[:-1]))
    start = np.maximum.accumulate(np.where(first, np.arange(n), 0))
    base = ledger.index_close[np.maximum(start - 1, 0)]

    def since_reset(index: Floats) -> Floats:
        ratio = index / base
        out = np.zeros(n)
        gross = 1.0 + b * (ratio - 1.0)
        alive = gross > 0
        out[alive] = np.log(gross[alive]) - b * np.log(ratio[alive])
        return out

    at_open, at_close = since_reset(index_open), since_reset(ledger.index_close)
    at_open[0] = at_close[0] = 0.0  # the fund is created at that close
    carried = np.where(first, 0.0, np.concatenate(([0.0], at_close[:-1])))
    night, day = at_open - carried, at_close - at_open
    night[lived:] = day[lived:] = 0.0
    held = before * night + after * day
    days = ledger.sessions
    years = float((days[max(lived - 1, 0)] - days[0]).astype(int)) / DAYS_A_YEAR
    step = np.diff(np.log(ledger.index_close), prepend=np.log(ledger.index_close[0]))
    bars_a_year = SESSIONS_A_YEAR * n / int(first.sum())

    def volatility(where: Bools) -> float | None:
        where = where & (np.arange(n) > 0) & (np.arange(n) < lived)
        return float(np.std(step[where], ddof=1) * np.sqrt(bars_a_year)) if where.sum() > 20 else None

    return Held(
        name=ledger.fund.ticker,
        in_market=held,
        always=night + day,
        share=(0.5 * before + 0.5 * after)[:lived],
        after=after,
        years=years,
        volatility_in=volatility(before & after),
        volatility_out=volatility(~before & ~after),
    )


def compounding(run: RunResult, rerun: Callable[[Rule], RunResult]) -> RuleStudy:
    """The study of a finished run of `trend`."""
    each = {
        name: held_compounding(run.ledgers[name], _opens(run, name), run.fills[name])
        for name in run.instruments
        if name in run.legs
    }
    if not each:
        return RuleStudy(
            "Compounding, in the market and always", ["No leveraged fund was traded, so nothing compounded."]
        )
    always = {name: _always(run, name) for name in each}
    metrics: dict[str, float | int | bool | str | None] = {}
    for name, held in each.items():
        inside, _, whole = held.totals
        metrics |= {
            f"compounding_{name}_held": inside,
            f"compounding_{name}_always": whole,
            f"compounding_{name}_held_a_year": held.a_year[0],
            f"compounding_{name}_always_a_year": held.a_year[2],
            f"compounding_{name}_held_share": float(held.share.mean()),
            f"compounding_{name}_always_money": always[name].compounding,
        }
    return RuleStudy(
        heading="Compounding, in the market and always",
        sentences=[
            sentence
            for name, held in each.items()
            for sentence in (
                _two_measures(run, held, run.legs[name]),
                *_filtered(held),
                _kept(run, always[name]),
            )
        ],
        tables=[_grid(held) for held in each.values()],
        pictures={
            "compounding": Picture(
                f"Compounding of {listed(list(each))} while held and always",
                partial(_draw, run, list(each.values())),
                partial(_closer, run, list(each.values())),
            )
        },
        metrics=metrics,
    )


def _opens(run: RunResult, name: str) -> Floats:
    """The opens of what a fund follows, as it is swapped."""
    return run.setting.index_of(name).as_swapped().open


def _always(run: RunResult, name: str) -> Leg:
    """The stake put into the fund at the first open and left there."""
    ledger = run.ledgers[name]
    price = float(ledger.open[1])
    return split_leg(ledger, _opens(run, name), [Fill(1, price, run.spec.account.cash / price, 0.0)])


def _two_measures(run: RunResult, held: Held, leg: Leg) -> str:
    """Both measures of compounding and why they are not the same."""
    multiple = f"{run.ledgers[held.name].fund.multiple:g}".replace("-", MINUS)
    inside, _, always = held.totals
    rate_in, _, rate = held.a_year
    added = leg.compounding >= 0
    money = f"{'added' if added else 'took'} {number(abs(leg.compounding), 0)}"
    if leg.profit > 0 and leg.compounding > 0:
        money += f" ({share(leg.compounding / leg.profit, 0)} of the profit before trading costs)"
    a_year = f" ({number(-rate_in)} per year held)" if rate_in is not None else ""
    logs = (
        f"in logs volatility took {number(-inside)} while in the market{a_year}, and would have taken "
        f"{number(-always)} ({number(-rate)} a year) had {held.name} always been held"
    )
    start = f"In money, against {multiple} times the index's move since each purchase, compounding {money}"
    reset = "the daily reset adds exposure as the fund gains"
    if added:
        return (
            f"{start}, yet {logs}: {reset}, which in a long trend makes more than the multiple times the "
            "move, and volatility takes its part all the same."
        )
    return (
        f"{start}, and {logs}: {reset}, which in a long trend makes more than the multiple times the move, "
        "but here that did not make up for what volatility took."
    )


def _filtered(held: Held) -> list[str]:
    """What a year in the market cost beside one out of it."""
    rate_in, rate_out, rate = held.a_year
    if rate_in is None or rate_out is None:
        return []
    if min(held.years_in, held.years - held.years_in) * SESSIONS_A_YEAR <= FEW:
        verdict = f"one of the two is {FEW} sessions or fewer, too few to judge the filter by"
    elif rate_in > 0.9 * rate:
        verdict = "the filter kept out of the dearer part"
    elif rate_in < 1.1 * rate:
        verdict = "the filter was in for the dearer part"
    else:
        verdict = "a year in the market cost what any other did, so the filter spared time, not volatility"
    return [
        f"{held.name} was held {share(float(held.share.mean()), 0)} of the time; in logs volatility took "
        f"{number(-rate_in)} a year then and {number(-rate_out)} a year otherwise: {verdict}."
    ]


def _kept(run: RunResult, leg: Leg) -> str:
    """The same stake without a filter."""
    return (
        f"In money, the stake of {number(run.spec.account.cash, 0)} put into {leg.instrument} at the start "
        f"and kept: compounding {_signed(leg.compounding)} beside {_signed(leg.promised)} for the multiple "
        "times the index's move."
    )


def _signed(money: float) -> str:
    return f"{money:+,.0f}".replace("-", MINUS)


def _grid(held: Held) -> Table:
    years = (held.years_in, held.years - held.years_in, held.years)
    volatilities = (share(v) if v is not None else "n/a" for v in (held.volatility_in, held.volatility_out))
    rows = [
        [where, number(span, 1), volatility, number(total, 3), number(rate, 3)]
        for where, span, volatility, total, rate in zip(
            ("in the market", "out of it", "always"),
            years,
            (*volatilities, ""),
            held.totals,
            held.a_year,
            strict=True,
        )
    ]
    headings = [held.name, "years", "index volatility", "compounding, log", "a year"]
    return Table(f"What the daily reset cost {held.name}, in and out of the market", headings, rows)


def _closer(run: RunResult, each: list[Held]) -> Panes:
    last = last_of_each(run.bars.sessions)
    panes = []
    for held in each:
        lines = [
            Line("always in", np.cumsum(held.always)[last], "fund"),
            Line("while in the market", np.cumsum(held.in_market)[last], "rule"),
        ]
        panes.append(Pane(f"compounding of {held.name}, log", lines))
        panes.append(Pane("", [Flag(f"{held.name} held", held.after[last], "rule")], share=0.2))
    return Panes(run.bars.sessions[last], panes)


def _draw(run: RunResult, each: list[Held]) -> Figure:
    title = f"Compounding in the market and always: {run.spec.name} on {plain(run.bars.name)}"
    figure, axes = new_figure(title, run.simulated, len(each), height=1.4 + 3.4 * len(each), share_x=True)
    last = last_of_each(run.bars.sessions)
    days = run.bars.sessions[last]
    for axis, held in zip(axes, each, strict=True):
        inside, _, always = held.totals
        axis.fill_between(
            days,
            0,
            1,
            where=held.after[last],
            step="post",
            transform=axis.get_xaxis_transform(),
            color=RULE,
            alpha=0.12,
            lw=0,
            label=f"{held.name} held",
        )
        axis.plot(
            days,
            np.cumsum(held.always)[last],
            color=FUND,
            lw=1.3,
            label=f"always in  {number(always)}",
        )
        axis.plot(
            days,
            np.cumsum(held.in_market)[last],
            color=RULE,
            lw=1.8,
            label=f"while in the market  {number(inside)}",
        )
        axis.axhline(0, color=INK, lw=0.6)
        axis.set_ylabel(f"compounding of {plain(held.name)}, log")
        axis.margins(x=0.01)
        axis.legend(loc="lower left", framealpha=0.85, facecolor="white", edgecolor="none", fontsize=9)
    return figure
