"""What is said of daily-reset funds, and what comes of it: by arithmetic, or in the history at hand."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from letf_instruments import closed_form
from runs.answers.words import counted, listed, percent, share, times
from runs.studies.decay.study import Study

STEP, DAYS = 0.005, 42
YEAR_GAIN = 0.3
NEAR_GAIN = 0.05  # a year's index return this close to it counts as such a year
CRASH, HALF_YEAR, YEAR = -0.88, 126, 252
SHORTEST = 21  # sessions: whether a fund falls beside a flat index is no question of days
FEW = 5  # periods that lie apart: of fewer nothing is said to hold mostly


class Claim(NamedTuple):
    """A claim as people make it, and the verdict with its figures."""

    claim: str
    verdict: str


def claims(study: Study) -> list[Claim]:
    """Five claims, each with figures computed here; a history too short for one says so."""
    return [steady_trend(study), thirty_a_year(study), round_trip(study), flat_index(study), crash(study)]


def steady_trend(study: Study) -> Claim:
    """The same move day after day, for and against the fund; a promise of more than a total loss is none."""
    b, parts, more, beyond = study.multiple, [], [], []
    for step in (STEP, -STEP):
        index, fund = (1.0 + step) ** DAYS - 1.0, max(1.0 + b * step, 0.0) ** DAYS - 1.0
        said = (
            f"{DAYS} days of {percent(step)} take the index to {percent(index)} and a {times(b)}× fund to "
            f"{percent(fund)}"
        )
        if b * index < -1.0:
            beyond.append(said)
            parts.append(f"{said}; {times(b)} × the index, {percent(b * index)}, is more than can be lost")
            continue
        more.append(fund > b * index)
        parts.append(f"{said}, where {times(b)} × the index is {percent(b * index)}")
    word = "Holds" if all(more) else "Does not hold"
    where = " where the two can be compared" if beyond else ""
    return Claim(
        f"A steady trend gives more than {times(b)} × the index",
        f"{word}{where}: {'; '.join(parts)}; before costs.",
    )


def thirty_a_year(study: Study) -> Claim:
    """A year of +30 % at the index's own volatility, by the closed form and in the history."""
    b, vol, costs = study.multiple, study.total.volatility, study.costs
    promised = b * YEAR_GAIN
    bare = float(closed_form(1.0 + YEAR_GAIN, b, vol**2)) - 1.0
    net = (1.0 + bare) * float(np.exp(costs.carry)) - 1.0
    lost = f"{percent(promised, 0)} is more than can be lost; " if promised < -1 else ""
    differs = abs(net - promised) >= 0.01
    return Claim(
        f"An index that gains 30 % in a year does not make {percent(promised, 0)}",
        f"{'Holds' if differs else 'Does not hold'} by the closed form: {lost}at the {share(vol)} volatility "
        f"of this index it gives {percent(bare)} before and {percent(net)} after carry and fee; "
        f"{_such_years(study)}.",
    )


def _such_years(study: Study) -> str:
    """What the fund gave in years of that kind; the spread of a few that overlap would be no spread."""
    held = study.held(YEAR)
    near = np.abs(held[0].index - YEAR_GAIN) <= NEAR_GAIN if held else np.zeros(0, dtype=bool)
    kind = f"{YEAR} sessions with the index up 25 to 35 %"
    if held is None or not near.any():
        return f"this history has no {kind}"
    actual, apart = held[0].actual[near], held[0].apart(near)
    low, middle, high = np.quantile(actual, (0.05, 0.5, 0.95))
    spread = f" (5 % to 95 %: {percent(low)} to {percent(high)})" if apart >= FEW else ""
    return (
        f"here, over {counted(len(actual), 'start')} of {kind} ({_apart(apart, len(actual))}), the fund's "
        f"median was {percent(middle)}{spread}"
    )


def _apart(count: int, of: int) -> str:
    """How many of so many periods do not overlap."""
    if of == 1:
        return "a single one"
    return f"{count:,} without overlap" if count > 1 else "all of them overlap"


def round_trip(study: Study) -> Claim:
    """−10 %, then back: exact."""
    b = study.multiple
    fund = max(1.0 - 0.1 * b, 0.0) * max(1.0 + b / 9.0, 0.0) - 1.0
    always = "; ".join(
        f"a {times(m)}× fund has {percent((1.0 - 0.1 * m) * (1.0 + m / 9.0) - 1.0, 2)}" for m in (3, -3)
    )
    own = "" if abs(b) == 3 else f"; this {times(b)}× fund has {percent(fund, 2)}"
    word = "Holds" if fund < -1e-12 else "Does not hold for this multiple"
    return Claim(
        "−10 %, then +11.1 %: the index is back, the fund is not",
        f"{word}: 0.9 × 10/9 = 1 for the index; {always}{own}; before costs.",
    )


def flat_index(study: Study) -> Claim:
    """Starts after which the index was where it had been, by length; judged where enough lie apart."""
    parts, lost = [], {}
    for _, s in study.holdings:
        if s.horizon >= SHORTEST and s.lost_when_flat is not None:
            parts.append(
                f"{s.horizon} sessions {share(s.lost_when_flat)} of {s.flat_starts:,} "
                f"({_apart(s.flat_apart, s.flat_starts)}) with a median of {percent(s.median_when_flat)}"
            )
            if s.flat_apart >= FEW:
                lost[s.horizon] = s.lost_when_flat > 0.5
    claim = "The index is flat, and the fund falls"
    if not parts:
        return Claim(claim, "Cannot be said: this history has no holding period with a flat index.")
    lost_of = f"Of the starts with the index within ±2 % these lost: after {'; after '.join(parts)}."
    return Claim(claim, f"{_mostly(lost)}. {lost_of}")


def _mostly(lost: dict[int, bool]) -> str:
    """The verdict from the lengths that can be judged, by length: whether the fund lost on most starts."""
    if not lost:
        return f"Cannot be judged: at no length do {FEW} flat holding periods lie apart"
    at = {
        which: listed([f"{length}" for length, mostly in lost.items() if mostly is which], len(lost))
        for which in (True, False)
    }
    if at[True] and at[False]:
        return f"Holds mostly at {at[True]} sessions, not at {at[False]}"
    word = "Holds mostly" if at[True] else "Does not hold mostly"
    only = ", the only length that can be judged" if len(lost) == 1 else ""
    return f"{word} at {at[True] or at[False]} sessions{only}"


def crash(study: Study) -> Claim:
    """−88 % within half a year, in the history."""
    claim = "A fall of 88 % in half a year happens"
    held = study.held(HALF_YEAR)
    if held is None:
        return Claim(claim, f"Cannot be said: this history has no {HALF_YEAR} sessions in a row.")
    periods = held[0]
    worst = int(np.argmin(periods.actual))
    hits = periods.actual <= CRASH
    span = f"from {periods.starts[worst]} to {periods.ends[worst]}"
    return Claim(
        claim,
        f"{'Holds' if hits.any() else 'Not in this history'}: {hits.sum():,} of {len(hits):,} windows of "
        f"{HALF_YEAR} sessions ({share(float(hits.mean()), 2)}; {_apart(held[1].apart, len(hits))}) ended at "
        f"or below {percent(CRASH, 0)}; the worst gave {percent(periods.actual[worst])}, {span}, with the "
        f"index at {percent(periods.index[worst])}.",
    )
