"""The picture of `letf today` to look into: the last bars with the levels at which something is done,
and what the conditions compare."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from feeds.market import Market, Prices
from runs.answers.closer import Candles, Flag, Line, Pane, Panes, colour_of
from runs.answers.words import percent
from runs.studies.today import words
from runs.studies.today.ahead import conditions_in, said_by
from runs.studies.today.study import Today
from strategies import Rule
from strategies.account_rule import AccountRule
from strategies.conditions import Measured

SEEN = 252  # bars: a year, where they are days
MOST_COMPARED = 4  # panels of what conditions compare
NEAR = 0.05  # a level further beyond the prices than that does not set their scale
CLOSE = "close"  # what conditions call the close of the index
ORDER_COLOURS = {"stop": "loss", "trailing stop": "loss", "target": "gain"}
KIND_COLOURS = {"entry": "rule", "vote": "more-2", "enough": "rule", "exit": "fund", "state": "rule"}


def today_closer(found: Today) -> Panes:
    """Index and instruments with the closes and prices at which something is done; under them what the
    conditions compare, and when they held."""
    assert found.rule is not None
    seen = found.rule.with_lead_in(found.market)
    kept = slice(max(len(seen) - SEEN, 0), None)
    sees = isinstance(found.rule, AccountRule)  # of its account: it has orders and no conditions of its own
    compared = [] if sees else _compared(found.rule, seen)
    index = _candles(seen.index.name, seen.index, kept)
    beside = [(key, each) for key, each in compared if each.what == CLOSE]
    lines = [_level(key, each, kept, 3 + place) for place, (key, each) in enumerate(beside)]
    panes = [Pane(found.index, [index, *lines, *_edges(found, index)], "price")]
    for name in found.beside_index:
        scale = found.scales[name]
        own = seen[name]
        last = own.close[-1] if own.close[-1] > 0 else 1.0
        candles = _candles(name, own, kept, scale.last * scale.price / last)
        label = f"{name}, synthetic" if scale.synthetic else name
        panes.append(Pane(label, [candles, *_orders(found, name, candles, seen.sessions[kept])], "price"))
    panes += _panes_of([(key, each) for key, each in compared if each.what != CLOSE], kept)
    rows = [] if sees else conditions_in(said_by(found.rule, seen))
    if rows:
        flags = [
            Flag(f"leave: {key}" if kind == "exit" else key, np.asarray(on, bool)[kept], KIND_COLOURS[kind])
            for kind, key, on in rows
        ]
        panes.append(Pane("what held", flags, share=0.12 + 0.07 * len(flags)))
    return Panes(seen.timestamps[kept], panes)


def _candles(name: str, prices: Prices, kept: slice, times: float = 1.0) -> Candles:
    columns = {key: getattr(prices, key)[kept] for key in ("open", "high", "low", "close")}
    return Candles(name, **{key: np.where(own > 0, own * times, np.nan) for key, own in columns.items()})


def _flat(name: str, at: float, colour: str, candles: Candles, **look: bool) -> Line:
    """A level from end to end; one that is far off leaves the scale to the prices."""
    low, high = np.nanmin(candles.low), np.nanmax(candles.high)
    near = bool(low * (1.0 - NEAR) <= at <= high * (1.0 + NEAR))
    return Line(name, np.full(len(candles.close), at), colour, scales=near, **look)


def _edges(found: Today, candles: Candles) -> list[Line]:
    """Closes of the index at which the next decision changes, and what it becomes beyond."""
    out = []
    for place, (below, above) in enumerate(pairwise(words.decided(found))):
        assert above.low is not None
        rises = above.low > 1.0
        name = f"{percent(above.low - 1.0)}: {(above if rises else below).outlook.does}"
        out.append(_flat(name, found.close * above.low, colour_of(place), candles, dashed=True))
    return out


def _orders(found: Today, name: str, candles: Candles, days: np.ndarray) -> list[Line]:
    """Stops and targets that are in the market or will be, and what was paid, since then."""
    out = []
    for order in (*found.standing, *found.orders):
        if order.instrument != name or order.price is None:
            continue
        colour = ORDER_COLOURS.get(order.reason, "rule")
        called = f"{order.reason}{', once filled' if order.child else ''}"
        out.append(_flat(called, order.price, colour, candles, dashed=order.child))
    for position in found.positions:
        if position.instrument == name and position.price is not None:
            paid = np.full(len(days), position.price)
            if position.since is not None:
                paid[days < np.datetime64(position.since, "D")] = np.nan
            out.append(Line("entered at", paid, "more-1"))
    return out


Compared = list[tuple[str, Measured]]


def _compared(rule: Rule, seen: Market) -> Compared:
    """What the conditions compare, by condition, each value and level once."""
    known: dict[tuple[str, bytes], tuple[str, Measured]] = {}
    for key, every in rule.all_measured(seen).items():
        for each in every:
            known.setdefault((each.what, np.asarray(each.level, dtype=float).tobytes()), (key, each))
    return list(known.values())


def _level(key: str, measured: Measured, kept: slice, place: int) -> Line:
    """The level that a condition compares with, under the condition's name."""
    level = np.broadcast_to(np.asarray(measured.level, dtype=float), measured.value.shape)
    return Line(key, level[kept], colour_of(place), dashed=True)


def _panes_of(compared: Compared, kept: slice) -> list[Pane]:
    """A panel for each thing that is compared: its value, and every level that it is compared with."""
    by_value: dict[str, Compared] = {}
    for key, each in compared:
        by_value.setdefault(each.what, []).append((key, each))
    panes = []
    for what, own in list(by_value.items())[:MOST_COMPARED]:
        first = own[0][1]
        lines = [Line(what, first.value[kept], "rule")]
        lines += [_level(key, each, kept, place) for place, (key, each) in enumerate(own)]
        panes.append(Pane(what, lines, "percent" if first.share else "number", share=0.4))
    return panes
