"""Windows of a walk-forward: where parameters are chosen, and where they are then traded."""

from __future__ import annotations

import re
from dataclasses import dataclass

from letf_instruments import SpecError

SESSIONS = {"y": 252, "m": 21, "s": 1, "": 1}
SPAN = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*([yms]?)\s*$")
LEAST_TRAIN, LEAST_TEST = 20, 5  # sessions
SHORTEST = 0.25  # of a test window: what is left at the end of the data is one of its own from there on
MOST = 2_000


@dataclass(frozen=True)
class Window:
    """Sessions by position, both ends included. Between the training's last and the test's first lie those
    that are purged."""

    train_first: int
    train_last: int
    test_first: int
    test_last: int


def span(name: str, given: object) -> int:
    """A length in sessions: "3y" of 252, "6m" of 21, "500" or "500s".

    Raises
    ------
    SpecError
        If it is none.
    """
    found = SPAN.match(str(given)) if isinstance(given, (str, int)) and not isinstance(given, bool) else None
    sessions = round(float(found[1]) * SESSIONS[found[2]]) if found else 0
    if sessions < 1:
        raise SpecError(f'{name} is {given!r}; it must be a length such as "3y", "6m" or "500" (sessions)')
    return sessions


def windows_of(sessions: int, train: int, test: int, gap: int, anchored: bool) -> list[Window]:
    """Test windows one after another to the end of the data, each behind its training and a gap.

    Parameters
    ----------
    sessions : how many there are. train, test, gap : lengths, in sessions; the gap is purged.
    anchored : every training begins with the data; else it moves along, always as long.

    Raises
    ------
    SpecError
        If there is not room for one, or a length is too short to choose or to test on.
    """
    for name, length, least in (("train", train, LEAST_TRAIN), ("test", test, LEAST_TEST)):
        if length < least:
            raise SpecError(f"{name} is {length} sessions; it must be {least} or more")
    found = []
    first = train + gap
    while sessions - first >= (test if not found else max(SHORTEST * test, LEAST_TEST)):
        begin = 0 if anchored else first - gap - train
        found.append(Window(begin, first - gap - 1, first, min(first + test, sessions) - 1))
        first += test
    if not found:
        raise SpecError(
            f"{sessions:,} sessions are too few for a window: {train:,} to train, {gap:,} between and "
            f"{test:,} to test"
        )
    if len(found) > MOST:
        raise SpecError(f"there would be {len(found):,} windows; at most {MOST:,} are run, make test longer")
    return found
