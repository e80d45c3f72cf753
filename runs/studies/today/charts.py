"""The picture of a close: the last sessions, the levels at which something would be done, the conditions."""

from __future__ import annotations

from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from runs.answers.canvas import FUND, GAIN, INK, LEGEND_PLATE, LOSS, RULE, new_figure, plain
from runs.answers.words import percent
from runs.backtest.pictures.rule_chart import date_ticks, draw_rows
from runs.studies.today import words
from runs.studies.today.ahead import conditions_in, said_by
from runs.studies.today.study import Today
from strategies.account_rule import AccountRule

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN = 60  # sessions
COLOURS = {"stop": LOSS, "trailing stop": LOSS, "target": GAIN}


def today_chart(found: Today) -> Figure:
    """Index and instruments over the last sessions; the next close that would change what is done, the plan's
    orders, the conditions under them."""
    assert found.rule is not None
    seen = found.rule.with_lead_in(found.market)
    # A rule that sees its account has orders, and no conditions of its own.
    sees = isinstance(found.rule, AccountRule)
    rows = [] if sees else conditions_in(said_by(found.rule, seen))
    low, high = max(len(seen) - SHOWN, 0), len(seen) - 1
    names = found.beside_index
    height = 0.5 + 0.42 * len(rows)
    ratios = (24, *[24] * len(names), *([ceil(10 * height)] if rows else []))
    title = f"{found.spec.name} on {plain(found.index)}: close of {found.day}"
    figure, axes = new_figure(
        title,
        found.setting.simulated,
        len(ratios),
        height=1.2 + 2.5 * (1 + len(names)) + (height if rows else 0.0),
        ratios=ratios,
        share_x=True,
    )
    bars = np.arange(low, high + 1)
    axes[0].plot(bars, seen.index.close[bars], color=INK, lw=1.0)
    axes[0].set_ylabel(plain(seen.index.name))
    _edges(axes[0], found, high)
    for axis, name in zip(axes[1:], names, strict=False):
        scale = found.scales[name]
        prices = seen[name].close[bars]
        axis.plot(bars, prices / (prices[-1] or 1.0) * scale.last * scale.price, color=FUND, lw=1.0)
        axis.set_ylabel(f"{plain(name)}{' (synthetic)' if scale.synthetic else ''}")
        _orders(axis, found, name)
    for axis in axes[: 1 + len(names)]:
        if axis.get_legend_handles_labels()[0]:
            axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8, **LEGEND_PLATE)
    if rows:
        shown = [(kind, f"leave: {key}" if kind == "exit" else key, on) for kind, key, on in rows]
        draw_rows(axes[-1], shown, low, high, [])
    date_ticks(axes[-1], seen.sessions, low, high)
    return figure


def _edges(axis: Axes, found: Today, last: int) -> None:
    """Closes of the index at which the next decision changes, and what it becomes beyond."""
    stretches = words.decided(found)
    colours = (RULE, FUND, GAIN, LOSS)
    for i, (below, above) in enumerate(pairwise(stretches)):
        assert above.low is not None
        beyond = above if above.low > 1.0 else below
        side = "above" if above.low > 1.0 else "below"
        at = found.close * above.low
        words_of = f"{side} {words.price(at)} ({percent(above.low - 1.0)}):\n{beyond.outlook.does}"
        axis.axhline(at, color=colours[i % len(colours)], lw=1.0, ls="--", label=plain(words_of))
    axis.plot([last], [found.close], "o", ms=4, color=INK)


def _orders(axis: Axes, found: Today, name: str) -> None:
    """Stops and targets in the market, or that will be once an entry is filled; and what was paid."""
    for order in (*found.standing, *found.orders):
        if order.instrument != name or order.price is None:
            continue
        about = ", once filled" if order.child else ""
        move = "" if order.move is None else f" ({percent(order.move)})"
        axis.axhline(
            order.price,
            color=COLOURS.get(order.reason, RULE),
            lw=1.2,
            label=f"{plain(order.reason)} {words.price(order.price)}{move}{about}",
        )
    for position in found.positions:
        if position.instrument == name and position.price is not None:
            axis.axhline(
                position.price, color=INK, lw=0.8, ls=":", label=f"entered at {words.price(position.price)}"
            )
