"""Which rules of a sweep wait the longest for their history.

All cells on a market begin when those can act, so that they are measured by the same sessions.
"""

from __future__ import annotations

from letf_instruments import LetfError
from runs.specs.run_spec import RunSpec
from runs.sweeps.space.grid import Axis, Grid
from strategies import Rule

MOST_TRIED = 50  # values of an axis that are not numbers


def slowest(base: RunSpec, grid: Grid) -> list[Rule]:
    """The rules of the longest wait along each axis, and along all of them together.

    Of an axis of numbers the least and the greatest are tried. A rule whose wait is the longest elsewhere
    still waits, in cash.
    """
    found, worst = [_rule(base, {})], {}
    for axis in grid.axes:
        if axis.rank not in (1, 2):  # neither data nor money makes a rule wait
            continue
        rules = [(value, _rule(base, {axis.key: value})) for value in _ends(axis)]
        waits = {i: rule.warm_up for i, (_, rule) in enumerate(rules) if rule is not None}
        if waits:
            worst[axis.key], rule = rules[max(waits, key=lambda i: waits[i])]
            found.append(rule)
    return [rule for rule in (*found, _rule(base, worst)) if rule is not None]


def _ends(axis: Axis) -> list[object]:
    """The values to be tried."""
    numbers = [v for v in axis.values if isinstance(v, (int, float)) and not isinstance(v, bool)]
    others = [v for v in axis.values if v not in numbers][:MOST_TRIED]
    return [*others, *([min(numbers), max(numbers)] if numbers else [])]


def _rule(base: RunSpec, values: dict[str, object]) -> Rule | None:
    """The rule with these values; None if they cannot be without others, or it is none of ours."""
    try:
        return base.with_values(values).make_rule()
    except LetfError:
        return None
