"""What is read first of a rule that is begun on every day."""

from __future__ import annotations

from typing import Any

from runs.answers.parts import KeyFigure
from runs.answers.words import counted, percent, share
from runs.robustness.first import asked_line
from runs.robustness.starts.study import INDEX, Starts, traded_funds
from runs.robustness.starts.words import apart_words, beside_name, length_name


def asked_of(found: Starts) -> str:
    """Rule, data, years; how many starts, and how long each is kept."""
    funds = traded_funds(found.setting, found.spec.make_rule())
    kept = ", ".join(f"{years:g}" for years in found.years)
    each = f"{counted(len(found.starts), 'start')}, kept for {kept} year{'' if kept == '1' else 's'}"
    return asked_line(found.spec, found.setting, funds, [each])


def key_figures(found: Starts, m: dict[str, Any]) -> list[KeyFigure]:
    """Of the longest time: the median start, one in twenty, the worst; how many lost, and beat the index."""
    years = found.years[-1]
    key, index = f"{years:g}y_", beside_name(found, INDEX)
    return [
        KeyFigure(
            f"median, {length_name(years)}",
            percent(m[key + "return_q50"]),
            f"{index}: {percent(m[f'{key}{INDEX}_return_q50'])}",
        ),
        KeyFigure("one start in twenty below", percent(m[key + "return_q05"]), f"of {m[key + 'starts']:,}"),
        KeyFigure("worst start", percent(m[key + "worst_return"]), f"on {m[key + 'worst_start']}"),
        KeyFigure(
            "starts that lost", share(m[key + "lost"], 0), f"{index}: {share(m[f'{key}{INDEX}_lost'], 0)}"
        ),
        KeyFigure(
            f"did better than {index}",
            share(m[f"{key}beat_{INDEX}"], 0),
            apart_words(m[key + "not_overlapping"]),
        ),
    ]
