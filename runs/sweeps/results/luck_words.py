"""What is said of luck beside the best cell of a sweep: its deflated Sharpe ratio, the probability of
overfitting."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from runs.answers.words import counted, share
from runs.sweeps.results.ranking import metric_text

LUCK = "luck"  # of the summary
MORE_THAN_LUCK = 0.95  # of a deflated Sharpe ratio, as in the test of its paper
COIN, HARDLY, STEADY = 0.5, 0.4, 0.1  # of the probability of overfitting


NO_EDGE, MORE, MAYBE = "no edge", "more than luck", "may be luck"
IN_A_SENTENCE = {
    NO_EDGE: "it earned no more than cash, so there is no edge to be explained",
    MORE: "luck alone does not explain it",
    MAYBE: "luck may explain it",
}


def judged(sharpe: float, probability: float) -> str:
    """The one word on a Sharpe ratio and its deflated one, wherever it is said."""
    if sharpe <= 0.0:
        return NO_EDGE
    return MORE if probability >= MORE_THAN_LUCK else MAYBE


def deflated(luck: Mapping[str, Any] | None, cells: Sequence[int]) -> list[float]:
    """The deflated Sharpe ratios of some cells; NaN where it was not measured."""
    known = (luck or {}).get("deflated") or {}
    found = [(known.get(str(cell)) or {}).get("probability") for cell in cells]
    return [math.nan if value is None else float(value) for value in found]


def luck_sentences(luck: Mapping[str, Any] | None, cell: int, whole: bool) -> list[str]:
    """How much of the best cell is luck, in plain words."""
    if not luck:
        when = "is measured once the sweep is whole" if not whole else "was not measured"
        return [f"The best of many is partly luck; how much {when}."]
    if "not_measured" in luck:
        return [f"The best of many is partly luck; how much is not measured: {luck['not_measured']}."]
    return [_deflated(luck, cell), *_overfitting(luck, cell)]


def _deflated(luck: Mapping[str, Any], cell: int) -> str:
    known = (luck.get("deflated") or {}).get(str(cell))
    if known is None or known["probability"] is None:
        return (
            "The deflated Sharpe ratio of this cell is not measured: it is of the best by each metric, "
            "without a bound on trades."
        )
    probability, own = float(known["probability"]), metric_text("sharpe", known["sharpe"])
    if luck["runs"] == 1:
        return (
            f"Its Sharpe of {own} is above 0 with a probability of {share(probability, 0)}; nothing else was "
            "tried here."
        )
    worth = trials_words(luck["trials"])
    of = f"{counted(luck['runs'], 'different run')}" + (f" on {luck['data']}" if luck["data"] else "")
    said = IN_A_SENTENCE[judged(float(known["sharpe"]), probability)]
    return (
        f"Luck: the best of {of}, worth some {worth}, has a Sharpe of "
        f"{metric_text('sharpe', luck['expected_best'])} without any skill; that of this cell, {own}, is "
        f"truly above it with a probability of {share(probability, 0)} (deflated Sharpe ratio; 95 % is the "
        f"usual bar): {said}. letf luck and letf robustness judge the spec as it stands: set the parameters "
        "of this cell to have it judged."
    )


def _overfitting(luck: Mapping[str, Any], cell: int) -> list[str]:
    found = luck.get("overfitting")
    if not found:
        return []
    probability = float(found["probability"])
    said = "what was best was in the better half again more often than not"
    if probability >= COIN:
        said = "to choose the best here is no better than to draw one"
    elif probability >= HARDLY:
        said = "to choose the best here is hardly better than to draw one"
    elif probability <= STEADY:
        said = "what was best mostly stayed in the better half"
    own = ((luck.get("deflated") or {}).get(str(cell)) or {}).get("sharpe")
    if own is not None and own <= 0.0 and probability < HARDLY:
        said += ", which here is the half that lost less"
    return [
        f"What was best on half of the time was in the worse half of all runs on the other half in "
        f"{share(probability, 0)} of {found['splits']:,} ways to halve it (probability of backtest "
        f"overfitting): {said}."
    ]


def trials_words(trials: float, what: str = "independent trial") -> str:
    """A number of independent trials, that need be none that is whole: 1.3 independent trials."""
    if trials >= 9.5:
        return counted(round(trials), what)
    text = f"{trials:.1f}".removesuffix(".0")
    return f"{text} {what}{'' if text == '1' else 's'}"


def luck_rows(luck: Mapping[str, Any] | None, cell: int) -> list[list[str]]:
    """A table of the same; empty if nothing was measured."""
    if not luck or "not_measured" in luck:
        return []
    known = (luck.get("deflated") or {}).get(str(cell)) or {}
    rows = [
        ["different runs", f"{luck['runs']:,}"],
        ["worth independent trials", trials_words(luck["trials"]).partition(" ")[0]],
        ["spread of their Sharpe ratios", metric_text("sharpe", luck["spread"])],
        ["Sharpe of the best by luck alone", metric_text("sharpe", luck["expected_best"])],
    ]
    if known:
        rows.append(["Sharpe of the best cell", metric_text("sharpe", known["sharpe"])])
    if known.get("probability") is not None:
        rows.append(["deflated Sharpe ratio (DSR)", share(known["probability"])])
    if luck.get("overfitting"):
        rows.append(["probability of overfitting (PBO)", share(luck["overfitting"]["probability"])])
    return rows
