"""What is read first on the page of `letf today`: of what it speaks, and the few figures to act on."""

from __future__ import annotations

from itertools import pairwise

from runs.answers.parts import KeyFigure
from runs.answers.words import counted, listed, number, percent, share
from runs.studies.today.ahead import REACH
from runs.studies.today.study import Today
from runs.studies.today.words import decided, price, shares


def asked_line(found: Today) -> str:
    """Rule, data, whose account, and which prices are a model's."""
    rule = found.rule.name if found.rule is not None else found.spec.strategy
    first = found.setting.bars.sessions[0]
    account = "the run's own account" if found.own else "the account as given"
    made = [name for name in found.beside_index if found.scales[name].synthetic]
    synthetic = f" · prices of {listed(made)} synthetic" if made else ""
    return f"{rule} on {found.index}, run from {first} to the close of {found.day} · {account}{synthetic}"


def key_figures(found: Today) -> list[KeyFigure]:
    """What to send, what is held, how much money, the close, and the nearest close that changes something."""
    return [
        _to_send(found),
        _held(found),
        KeyFigure("account", number(found.equity), "the run's own" if found.own else "as given"),
        KeyFigure(f"last close of {found.index}", price(found.close), str(found.day)),
        *([_nearest(found)] if found.stretches else []),
    ]


def _to_send(found: Today) -> KeyFigure:
    label = f"to send for {found.next_day}"
    entries = [each for each in found.orders if not each.child]
    if not entries:
        waiting = counted(len(found.standing), "order") if found.standing else ""
        return KeyFigure(label, "no order", f"{waiting} in the market already" if waiting else "")
    names = dict.fromkeys(f"{each.side} {each.contract or each.instrument}" for each in entries)
    if len(names) > 1:
        return KeyFigure(label, counted(len(found.orders), "order"), listed(list(names)))
    sizes = listed([f"{shares(each.shares)} ({each.reason})" for each in entries])
    behind = len(found.orders) - len(entries)
    after = f", {counted(behind, 'order')} behind it" if behind else ""
    return KeyFigure(label, next(iter(names)), f"{sizes}{after}")


def _held(found: Today) -> KeyFigure:
    held = found.positions
    if not held:
        return KeyFigure("held", "no position")
    if len(held) > 1:
        return KeyFigure("held", counted(len(held), "position"), listed([each.instrument for each in held]))
    one = held[0]
    since = "" if one.since is None else f" since {one.since}"
    gain = "" if one.gain is None else f"{percent(one.gain)}{since}"
    return KeyFigure("held", f"{shares(one.shares)} {one.instrument}", gain)


def _nearest(found: Today) -> KeyFigure:
    """The next close, nearest to the last, at which another thing is decided."""
    label, edges = "next decision changes", list(pairwise(decided(found)))
    if not edges:
        return KeyFigure("next decision", "unchanged", f"no close within ±{share(REACH, 0)} changes it")
    below, above = min(edges, key=lambda pair: abs((pair[1].low or 0.0) - 1.0))
    assert above.low is not None
    rises = above.low > 1.0
    does = (above if rises else below).outlook.does
    return KeyFigure(
        label,
        f"{'above' if rises else 'below'} {price(found.close * above.low)}",
        f"{percent(above.low - 1.0)}: {does}",
    )
