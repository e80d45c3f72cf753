"""How much larger a stake would have had to be for the same positions never to be called in."""

from __future__ import annotations

from collections.abc import Callable

MOST = 10  # times the stake; beyond it nothing is tried
PER_ONE = 100
STEP = 1 / PER_ONE  # of the stake: what a found one is exact to


def stake_without_calls(is_called: Callable[[float], bool]) -> float | None:
    """The multiple of a stake at which calls end, by bisection in steps of `STEP`: eleven runs at most.

    Promised is what was run: the stake that is returned has no call, and one smaller by `STEP` has one. Of
    all stakes that were tried the larger ones had none and the smaller ones had one. That every other would
    do likewise is not promised: a stake also changes when weights are traded back, so that calls need not
    end once and for all.

    Parameters
    ----------
    is_called : whether there is a call with so many times the stake; True for 1, which is not tried.

    Returns
    -------
    The multiple; None if even `MOST` times the stake is called.
    """
    if is_called(float(MOST)):
        return None
    called, free = PER_ONE, MOST * PER_ONE
    while free - called > 1:
        middle = (called + free) // 2
        if is_called(middle / PER_ONE):
            called = middle
        else:
            free = middle
    return free / PER_ONE
