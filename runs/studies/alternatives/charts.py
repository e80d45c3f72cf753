"""The picture of `letf alternatives`: the equity of every expression, and where one was closed out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runs.answers.canvas import INDEX, LOSS, money_axis, new_figure, plain
from runs.answers.words import percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from runs.studies.alternatives.view import Alternatives

COLOURS = ("#0b5fa5", "#2e7d32", "#c4661f", "#7b5aa6", "#00838f", "#ad1457", "#6d4c41")
MARKS = {"margin call": "v", "stop-out": "X", "recall": "D", "ruin": "s"}
FLOOR = 1_000.0  # a curve is drawn down to this fraction below the stake
SPAN = 2.5  # from here on a log scale is easier to read


def alternatives_chart(found: Alternatives) -> Figure:
    """Equity of each expression; best at the end first in the legend."""
    stake = found.spec.account.cash
    same = "same exposure at entry" if found.sizing == "exposure" else "same share tied up at entry"
    title = f"{plain(found.spec.name)} on {plain(found.setting.bars.name)}, {same}: equity"
    figure, (axis,) = new_figure(title, found.simulated, height=6.4)
    every = np.concatenate([o.worth for o in found.outcomes])
    log = every.max() > SPAN * max(every.min(), stake / FLOOR)
    used: set[str] = set()
    colours = dict(zip((o.expression.key for o in found.outcomes), COLOURS, strict=False))
    for outcome in sorted(found.outcomes, key=lambda o: -o.worth[-1]):
        colour = colours[outcome.expression.key]
        curve = outcome.worth
        gone = np.logical_or.accumulate(curve <= stake / FLOOR) if log else np.zeros(len(curve), dtype=bool)
        end = ", below the picture" if gone.any() else ""
        label = f"{plain(outcome.expression.name)}  {percent(outcome.metrics['total_return'])}{end}"  # type: ignore[arg-type]
        style = "-" if outcome.expression.option is None else (0, (4, 1.2))  # modelled premiums
        axis.plot(found.days, np.where(gone, np.nan, curve), color=colour, lw=1.3, ls=style, label=label)
        for reason, mark in MARKS.items():
            closed = [day for day, why in outcome.liquidations if why == reason]
            at = np.flatnonzero(np.isin(found.days, closed) & ~gone) if closed else []
            if len(at):
                used.add(reason)
                look = {"s": 42, "marker": mark, "color": colour, "edgecolors": LOSS, "lw": 0.8, "zorder": 3}
                axis.scatter(found.days[at], curve[at], **look)
    axis.axhline(stake, color=INDEX, lw=0.6)
    if log:
        axis.set_yscale("log")
        money_axis(axis)
    else:
        axis.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    paid = ", payments aside" if "put_in" in found.outcomes[0].metrics else ""
    axis.set_ylabel(f"equity{paid} (log scale)" if log else f"equity{paid}")
    for reason in MARKS:
        if reason in used:
            axis.scatter([], [], marker=MARKS[reason], s=42, color="white", edgecolors=LOSS, label=reason)
    figure.legend(*axis.get_legend_handles_labels(), loc="outside right upper", frameon=False, fontsize=8)
    return figure
