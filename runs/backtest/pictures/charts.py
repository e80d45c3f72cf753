"""The pictures of a run. The same run gives the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analyzers import underwater
from analyzers.trades import OPEN
from letf_instruments.sessions import last_of_each
from runs.answers.canvas import (
    FUND,
    GAIN,
    INDEX,
    INK,
    LINE_COLOURS,
    LOSS,
    PART_COLOURS,
    PLATE,
    RULE,
    money_axis,
    new_figure,
    plain,
)
from runs.answers.words import MINUS, percent
from runs.backtest.fills import average_costs
from runs.backtest.spans import spans_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analyzers import RoundTrip
    from runs.backtest.result import RunResult

FAINT = 150  # marks beyond which they let each other show through, and those of trades are smaller
MOST_LINES = 3  # instruments beside the index that one picture takes
PART_LABELS = {"index": "multiple × index", "compounding": "compounding"}


def equity_chart(run: RunResult) -> Figure:
    """The account against buying and holding the index and the traded fund with the same money; where money
    was paid in or out, payments aside, and below what all of it came to."""
    rows = 2 if run.paid_in else 1
    figure, axes = _figure(run, rows, 5.2 * rows, "Equity against buying and holding", (1,) * rows)
    axis = axes[0]
    start = run.worth[0]
    lines = [(f"{run.spec.name} rule", run.worth, RULE, 1.8)]
    lines.append(
        (f"{plain(run.bars.name)} held", start * _index_close(run) / _index_close(run)[0], INDEX, 1.1)
    )
    for name, colour in zip(_others(run)[:MOST_LINES], LINE_COLOURS, strict=False):
        close = _held(run, name)
        lines.append((f"{plain(name)} held", start * close / close[0], colour, 1.1))
    # A held bear fund falls by many powers of ten; the picture ends a hundredfold below the rest.
    floor = min(values.min() for _, values, _, _ in lines[:2]) / 100
    for label, values, colour, width in lines:
        total = values[-1] / start - 1
        shown = np.where(values <= floor, np.nan, values)
        axis.plot(run.days, shown, color=colour, lw=width, label=f"{label}  {percent(total)}")
        if np.isnan(shown).any():
            at = int(np.argmax(np.isnan(shown)))
            axis.annotate(
                "below this scale" if np.isnan(shown[-1]) else "for a time below this scale",
                (run.days[at], floor),
                xytext=(8, 2),
                textcoords="offset points",
                color=colour,
                fontsize=8,
                bbox=PLATE,
            )
    axis.set_yscale("log")
    money_axis(axis)
    axis.set_ylabel(
        f"growth of {start:,.0f}, payments aside (log scale)" if rows > 1 else "money (log scale)"
    )
    axis.legend(loc="best", frameon=False, fontsize=9)
    if rows > 1:
        _draw_money(axes[1], run)
    return figure


def _draw_money(axis: Axes, run: RunResult) -> None:
    """What was put in so far, as steps, and what it came to: the account, and the same payments held."""
    put_in = run.start + run.paid
    label = f"put in  {put_in[-1]:,.0f}"
    axis.plot(run.days, put_in, drawstyle="steps-post", color=INK, lw=1.4, ls="--", label=label)
    lines = [(f"{run.spec.name} rule", run.equity, RULE, 1.8)]
    lines.append((f"{plain(run.bars.name)} held", run.held_value["index"], INDEX, 1.1))
    for name, colour in zip(_others(run)[:MOST_LINES], LINE_COLOURS, strict=False):
        if name in run.held_value:
            lines.append((f"{plain(name)} held", run.held_value[name], colour, 1.1))
    for label, values, colour, width in lines:
        end = f"{values[-1]:,.0f}" if np.isfinite(values[-1]) else "could not have paid it out"
        axis.plot(run.days, values, color=colour, lw=width, label=f"{label}  {end}")
    log = bool((put_in > 0).all() and (run.equity > 0).all())
    if log:  # what is in it at first would not show beside what is in it at the end
        axis.set_yscale("log")
        axis.set_ylim(bottom=min(put_in.min(), run.equity.min()) / 2.0)
        money_axis(axis)
    else:
        axis.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axis.set_ylabel(f"money, the same payments in each{' (log scale)' * log}")
    axis.legend(loc="best", frameon=False, fontsize=9)


def underwater_chart(run: RunResult) -> Figure:
    """How far below its last high the account stood, with the index's own for comparison."""
    figure, (axis,) = _figure(run, 1, 3.6, "Below the last high")
    axis.fill_between(run.days, run.underwater, 0, color=RULE, alpha=0.35, lw=0)
    axis.plot(run.days, run.underwater, color=RULE, lw=1, label=f"{run.spec.name} rule")
    axis.plot(
        run.days, underwater(_index_close(run)), color=INDEX, lw=0.9, label=f"{plain(run.bars.name)} held"
    )
    if run.worst:
        spell = run.worst[0]
        axis.annotate(
            f"{percent(spell.depth)} on {spell.trough}",
            (spell.trough, spell.depth),
            xytext=(0, -12),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=8,
            color=RULE,
            bbox=PLATE,
        )
    lowest = min((line.get_ydata().min() for line in axis.lines), default=0.0)
    axis.set_ylim(1.28 * lowest if lowest < 0.0 else -0.1, 0.02)  # below the curves: the depth, the legend
    axis.set_yticks([tick for tick in axis.get_yticks() if -1.0 <= tick <= 0.0])
    axis.yaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
    axis.legend(loc="lower left", frameon=False, fontsize=9, ncols=2)
    return figure


def price_chart(run: RunResult) -> Figure:
    """Index and traded instrument, with every entry and exit where it happened; of an instrument whose
    position was rebalanced every fill, and its average cost."""
    shown = _others(run)[:MOST_LINES]
    count = 1 + len(shown)
    shifted = {t.instrument for t in run.trades if t.rebalanced}
    what = "Purchases and sales" if shifted else "Entries and exits"
    figure, axes = _figure(run, count, 3.3 * count, what, (1,) * count)
    prices = {name: _session_close(run, name) for name in (run.bars.name, *shown)}
    plain_trades = [t for t in run.trades if t.instrument not in shifted]
    for axis, (name, close) in zip(axes, prices.items(), strict=False):
        colour = INDEX if name in shifted else INK  # hundreds of fills do not show on a black line
        axis.plot(run.days, np.where(close > 0, close, np.nan), color=colour, lw=0.8)
        axis.set_yscale("log")
        taken_out = ", splits taken out" if run.has_splits(name) else ""
        axis.set_ylabel(f"{plain(name)} (log scale{taken_out})")
        if name in run.setting.traded:
            _mark_synthetic(axis, run, name)
        if name in shifted:
            _draw_fills(axis, run, name)
        else:
            own = name in run.instruments and run.contracts is None  # options are marked on their underlying
            _draw_trades(axis, run, name, [t for t in plain_trades if not own or t.instrument == name], own)
        money_axis(axis)
        if name in shifted:
            legend = axis.legend(loc="best", frameon=False, fontsize=9)
            for handle in legend.legend_handles:
                handle.set_alpha(1.0)
    if plain_trades:
        axes[0].plot(
            [], [], "^", ms=5, mfc="none", mec=RULE, mew=0.9, label=f"entered ({len(plain_trades):,})"
        )
        still_open = any(t.exit_reason == OPEN for t in plain_trades)
        note = "the last one is still open, marked at the close" if still_open else None
        legend = axes[0].legend(loc="best", frameon=False, fontsize=9, title=note, title_fontsize=8)
        for handle in legend.legend_handles:
            handle.set(alpha=1.0, markersize=5)
    return figure


def _mark_synthetic(axis: Axes, run: RunResult, name: str) -> None:
    """Shade the sessions on which a fund that has bars of its own is synthetic, and name both kinds."""
    before = None
    for span in spans_of(run):
        own = name in span.traded
        if not own:
            axis.axvspan(run.days[span.first], run.days[span.last], color=FUND, alpha=0.08, lw=0)
        if own == before:  # another fund's prices begin or end there
            continue
        before = own
        axis.annotate(
            f"{name} as traded" if own else "synthetic",
            (run.days[span.first], 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(4, -4),
            textcoords="offset points",
            va="top",
            fontsize=8,
            color=INK if own else FUND,
            bbox=PLATE,
        )


def _draw_trades(axis: Axes, run: RunResult, name: str, trades: list[RoundTrip], own: bool) -> None:
    """Entries and exits, at their prices if they are `own`, else at the instrument's close of the day."""
    close = _session_close(run, name)
    at = {day: i for i, day in enumerate(run.days)}
    share = FAINT / max(len(trades), FAINT)
    look = {"ms": max(5 * share**0.5, 1.6), "alpha": max(share, 0.35)}
    for label, mine, exit_colour in (
        ("left with a gain", [t for t in trades if t.profit > 0], GAIN),
        ("left with a loss", [t for t in trades if t.profit <= 0], LOSS),
    ):
        # A trade's prices are in shares of its exit's day, the line is in shares never split.
        entries = [
            (
                t.entry_date,
                run.unsplit(name, t.exit_date, t.entry_price) if own else close[at[t.entry_date]],
            )
            for t in mine
        ]
        exits = [
            (t.exit_date, run.unsplit(name, t.exit_date, t.exit_price) if own else close[at[t.exit_date]])
            for t in mine
        ]
        if mine:
            axis.plot(*zip(*entries, strict=True), "^", mfc="none", mec=RULE, mew=0.9 * share, **look)
            axis.plot(
                *zip(*exits, strict=True),
                "v",
                mew=0,
                color=exit_colour,
                label=f"{label} ({len(mine):,})",
                **look,
            )


def _draw_fills(axis: Axes, run: RunResult, name: str) -> None:
    """Every fill in an instrument at its price, and the average cost of what is held, as steps."""
    fills = run.fills[name]
    days = run.bars.sessions[[fill.bar for fill in fills]]
    prices = np.array([fill.price for fill in fills])
    bought = np.array([fill.size > 0 for fill in fills])
    faint = float(np.clip(FAINT / len(fills), 0.4, 1.0))
    for side, label, marker, colour in ((bought, "bought", "^", GAIN), (~bought, "sold", "v", LOSS)):
        axis.plot(
            days[side],
            prices[side],
            marker,
            ms=4.5,
            mew=0,
            color=colour,
            alpha=faint,
            label=f"{label} ({side.sum():,})",
        )
    _, average = average_costs((fill.size, fill.price) for fill in fills)
    axis.plot(
        np.append(days, run.days[-1]),
        np.append(average, average[-1]),
        drawstyle="steps-post",
        color=RULE,
        lw=0.9,
        label="average cost",
    )


def decay_chart(run: RunResult) -> Figure:
    """For each fund: the log return since the start, split exactly by cause."""
    count = len(run.attributions)
    figure, axes = _figure(run, count, 1.2 + 3.0 * count, "Where the funds' returns went", (1,) * count)
    for axis, (name, a) in zip(axes, run.attributions.items(), strict=True):
        parts = {
            "index": a.index,
            "compounding": a.compounding,
            "financing and cash": a.financing + a.cash,
            "fee": a.fee,
            "rest": a.rest,
        }
        for part, values in parts.items():
            if part == "rest" and np.abs(values.sum()) < 1e-9:
                continue
            total = np.cumsum(values)
            label = f"{PART_LABELS.get(part, part)}  {_log(total[-1])}"
            axis.plot(a.sessions, total, color=PART_COLOURS[part], lw=1.1, label=label)
        total = np.cumsum(a.log_return)
        axis.plot(a.sessions, total, color=INK, lw=1.6, label=f"{name}'s log return  {_log(total[-1])}")
        axis.axhline(0, color=INK, lw=0.6)
        axis.set_ylabel("log return")
        dead = f", wiped out on {a.wiped_out}" if a.wiped_out is not None else ""
        axis.set_title(
            f"{name}: promised {percent(a.promised)} (multiple × index), gave {percent(a.actual)}{dead}",
            fontsize=10,
            loc="left",
        )
        axis.legend(loc="best", frameon=False, fontsize=8, ncols=2)
    return figure


# -- what the pictures share ------------------------------------------------------------------------


def _figure(
    run: RunResult, rows: int, height: float, title: str, ratios: tuple[int, ...] = (1,)
) -> tuple[Figure, list[Axes]]:
    words = f"{title}: {run.spec.name} on {plain(run.bars.name)}"
    return new_figure(words, run.simulated, rows, height=height, ratios=ratios, share_x=True, stacked=True)


def _index_close(run: RunResult) -> np.ndarray:
    return run.bars.held()[last_of_each(run.bars.sessions)]


def _others(run: RunResult) -> list[str]:
    """What may be traded beside the index."""
    return [name for name in run.instruments if name != run.bars.name]


def _session_close(run: RunResult, name: str) -> np.ndarray:
    """What is traded, as it is quoted, at the close of each session: fills are on this line."""
    if name in run.setting.assets:
        return run.setting.assets[name].close
    if name not in run.ledgers:
        return run.bars.close[last_of_each(run.bars.sessions)]
    ledger = run.ledgers[name]
    return ledger.close[ledger.session_last]


def _held(run: RunResult, name: str) -> np.ndarray:
    """The same held, dividends put back."""
    if name in run.setting.assets:
        return run.setting.assets[name].held()
    if name not in run.ledgers:
        return _session_close(run, name)
    ledger = run.ledgers[name]
    return ledger.held()[ledger.session_last]


def _log(value: float) -> str:
    """A log return in a legend: +1.31, −0.22."""
    return f"{value:+.2f}".replace("-", MINUS)
