"""What is said of daily-reset funds, and what comes of it: by arithmetic, or in the history at hand."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from letf_instruments import closed_form
from runs.answers.words import percent, share, times
from runs.studies.decay.study import Study

STEP, DAYS = 0.005, 126
YEAR_GAIN = 0.3
NEAR_GAIN = 0.05  # a year's index return this close to it counts as such a year
CRASH, HALF_YEAR, YEAR = -0.88, 126, 252


class Claim(NamedTuple):
    """A claim as people make it, and the verdict with its figures."""

    claim: str
    verdict: str


def claims(study: Study) -> list[Claim]:
    """Five claims, each with figures computed here; a history too short for one says so."""
    return [steady_trend(study), thirty_a_year(study), round_trip(study), flat_index(study), crash(study)]


def steady_trend(study: Study) -> Claim:
    """126 days of the same move, for and against the fund."""
    b, parts, more = study.multiple, [], []
    for step in (STEP, -STEP):
        index, fund = (1.0 + step) ** DAYS - 1.0, max(1.0 + b * step, 0.0) ** DAYS - 1.0
        more.append(fund > b * index)
        parts.append(
            f"{DAYS} days of {percent(step)} take the index to {percent(index)} and a {times(b)}× fund to "
            f"{percent(fund)}, where {times(b)} × the index is {percent(b * index)}"
        )
    word = "Holds" if all(more) else "Does not hold"
    return Claim(
        f"A steady trend gives more than {times(b)} × the index", f"{word}: {'; '.join(parts)}; before costs."
    )


def thirty_a_year(study: Study) -> Claim:
    """A year of +30 % at the index's own volatility, by the closed form and in the history."""
    b, vol, costs = study.multiple, study.total.volatility, study.costs
    promised = b * YEAR_GAIN
    bare = float(closed_form(1.0 + YEAR_GAIN, b, vol**2)) - 1.0
    net = (1.0 + bare) * float(np.exp(costs.carry)) - 1.0
    text = (
        f"at the {share(vol)} volatility of this index the closed form gives {percent(bare)} before and "
        f"{percent(net)} after carry and fee"
    )
    held = study.held(YEAR)
    near = np.abs(held[0].index - YEAR_GAIN) <= NEAR_GAIN if held else np.zeros(0, dtype=bool)
    if held and near.any():
        low, middle, high = np.quantile(held[0].actual[near], (0.05, 0.5, 0.95))
        text += (
            f"; here, over {near.sum():,} starts of {YEAR} sessions with the index up 25 to 35 %, the fund's "
            f"median was {percent(middle)} (5 % to 95 %: {percent(low)} to {percent(high)})"
        )
    differs = abs(net - promised) >= 0.01
    return Claim(
        f"An index that gains 30 % in a year does not make {percent(promised, 0)}",
        f"{'Holds' if differs else 'Does not hold'}: {text}.",
    )


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
    """Starts after which the index was where it had been, from the holding periods."""
    parts, shares = [], []
    for _, s in study.holdings:
        if s.horizon >= 21 and s.lost_when_flat is not None and s.median_when_flat is not None:
            shares.append(s.lost_when_flat)
            parts.append(
                f"{s.horizon} sessions: {s.flat_starts:,} such starts, a loss on {share(s.lost_when_flat)}, "
                f"median {percent(s.median_when_flat)}"
            )
    claim = "The index is flat, and the fund falls"
    if not parts:
        return Claim(claim, "Cannot be said: this history has no holding period with a flat index.")
    word = "Holds mostly" if shares[-1] > 0.5 else "Does not hold mostly"
    return Claim(claim, f"{word}, by start with the index within ±2 %. {'; '.join(parts)}.")


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
        f"{HALF_YEAR} sessions ({share(float(hits.mean()), 2)}) ended at or below {percent(CRASH, 0)}; the "
        f"worst gave {percent(periods.actual[worst])}, {span}, with the index at "
        f"{percent(periods.index[worst])}.",
    )
