"""What is said of a close, for a script: keys and numbers, ready for JSON."""

from __future__ import annotations

import math
from typing import Any

from runs.studies.today import words
from runs.studies.today.ahead import NOTHING
from runs.studies.today.orders import NextOrder
from runs.studies.today.study import Today

ORDER_KEYS = (
    "side",
    "shares",
    "instrument",
    "contract",
    "kind",
    "price",
    "limit",
    "from_fill",
    "trail",
    "trail_amount",
    "after_entry",
    "from_last_close",
    "value",
    "reason",
)


def as_dict(found: Today) -> dict[str, Any]:
    """All of it for a script, ready for JSON; the index as quoted, all else on the person's scale."""
    return {
        "spec": found.spec.name,
        "strategy": found.spec.strategy,
        "index": found.index,
        "index_close": found.close,
        "session": str(found.day),
        "next_session": str(found.next_day),
        "simulated": found.setting.simulated,
        "synthetic": found.synthetic,
        "to_do": bool(found.orders),
        "equity": found.equity,
        "own_account": found.own,
        "orders": [as_order(each) for each in found.orders],
        "standing": [as_order(each) for each in found.standing],
        "positions": [
            {
                "instrument": each.instrument,
                "shares": each.shares,
                "price": each.price,
                "since": None if each.since is None else str(each.since),
                "bars": each.bars,
                "last": each.last,
                "gain": each.gain,
                "value": each.value,
            }
            for each in found.positions
        ],
        "overdue": None
        if found.overdue is None
        else {"reason": found.overdue.reason, "session": str(found.overdue.day)},
        "doors": [
            {"name": each.name, "level": each.level, "move": each.move, "closes": each.closes}
            for each in found.doors
        ],
        "weights": [
            {"instrument": each.instrument, "target": each.target, "actual": each.actual}
            for each in found.weights
        ],
        "schedule_due": None if found.due is None else str(found.due),
        "conditions": [
            {
                "kind": each.condition.kind,
                "name": each.condition.key,
                "holds": each.condition.holds,
                "measured": [
                    {"what": what, "value": _finite(value), "level": _finite(level)}
                    for what, value, level, _ in each.measured
                ],
                "holds_at_next_close": [list(span) for span in words.holds_at(found, each)],
            }
            for each in found.states
        ],
        "next_close": [
            {
                "above": words.close_at(found, each.low),
                "below": words.close_at(found, each.high),
                "decides": each.outlook.does,
                "nothing": each.outlook.does == NOTHING,
            }
            for each in words.decided(found)
        ],
        "notes": [*words.scale_notes(found), *found.notes],
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def as_order(order: NextOrder) -> dict[str, Any]:
    """An order for a script."""
    return {
        "side": order.side,
        "shares": order.shares,
        "instrument": order.instrument,
        "contract": order.contract,
        "kind": order.kind,
        "price": order.price,
        "limit": order.limit,
        "from_fill": order.from_fill,
        "trail": order.trail,
        "trail_amount": order.trail_amount,
        "after_entry": order.child,
        "from_last_close": order.move,
        "value": order.value,
        "reason": order.reason,
    }
