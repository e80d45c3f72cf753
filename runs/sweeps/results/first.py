"""What is read first on the page of a sweep: what was swept on what, five numbers, and whether it is luck."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from runs.answers.parts import KeyFigure, Verdict
from runs.answers.words import share
from runs.sweeps.results.luck_words import (
    IN_A_SENTENCE,
    MORE,
    NO_EDGE,
    deflated,
    judged,
    luck_sentences,
)
from runs.sweeps.results.ranking import counted, metric_text
from runs.sweeps.results.table import SweepTable
from runs.sweeps.results.view import View
from runs.sweeps.results.words import FEW, few_trades

MOST = 5  # figures that are read first


def asked_line(table: SweepTable) -> str:
    """Rule, data, years and cells."""
    spec = table.manifest.get("spec") or {}
    rule = str(spec.get("strategy") or table.name)
    on = f"{rule} on {table.index}" if table.index else rule
    markets = (table.manifest.get("data") or {}).get("markets") or {}
    spans = [(own["index"]["first"], own["index"]["last"]) for own in markets.values() if "index" in own]
    when = f"{min(first for first, _ in spans)} to {max(last for _, last in spans)}" if spans else ""
    sizes = " × ".join(f"{axis.key} {len(axis.values):,}" for axis in table.grid.axes)
    there = counted(len(table)) if table.whole else table.so_far
    of = "" if len(table) == table.grid.size else f" of a grid of {table.grid.size:,}"
    begun = ", ".join(filter(None, (on, when)))
    return f"{begun} · {there}{of}: {sizes}"


def key_figures(view: View, luck: Mapping[str, Any] | None) -> list[KeyFigure]:
    """Of the best cell: the metric and its return beside holding the index, how often it traded, what its
    neighbours made; the probability of overfitting, else how likely it is luck, which the verdict has too."""
    best, found, by = view.found.best, view.found, view.by
    names = ("total_return", "max_drawdown", "trades")
    own = {
        name: float(value[0])
        for name, value in view.table.metrics(names, view.table.find(np.array([best.cell]))).items()
    }
    figures = [
        KeyFigure(
            view.table.heading(by),
            metric_text(by, best.value),
            "; ".join(
                [
                    f"best of {counted(found.valued)}",
                    f"median cell {metric_text(by, found.median)}",
                    *_held(luck, by),
                ]
            ),
        )
    ]
    drawdown = f"worst drawdown {metric_text('max_drawdown', own['max_drawdown'])}"
    if by != "total_return":
        total = metric_text("total_return", own["total_return"])
        beside = "".join(_held(luck, "total_return")) or drawdown
        figures.append(KeyFigure("total return", total, beside))
    if by != "trades":
        few = [f"fewer than {FEW} say little"] * bool(few_trades(view.table, found))
        figures.append(KeyFigure("trades", metric_text("trades", own["trades"]), "; ".join([*few, drawdown])))
    if best.count:
        figures.append(
            KeyFigure(
                f"median of its {best.count} neighbours" if best.count > 1 else "its one neighbour",
                metric_text(by, best.median),
                f"worst of them {metric_text(by, best.worst)}",
            )
        )
    overfit = (luck or {}).get("overfitting")
    probability = deflated(luck, [best.cell])[0]
    if overfit:
        figures.append(
            KeyFigure(
                "probability of overfitting (PBO)",
                share(overfit["probability"], 0),
                "50 % is no better than to draw one",
            )
        )
    if not math.isnan(probability) and len(figures) < MOST:
        figures.append(
            KeyFigure("deflated Sharpe ratio (DSR)", share(probability, 0), "95 % is the usual bar")
        )
    return figures


def _held(luck: Mapping[str, Any] | None, by: str) -> list[str]:
    """What holding the index had of a metric, where it is known."""
    held = (luck or {}).get("held") or {}
    return [] if held.get(by) is None else [f"{held['name']} held: {metric_text(by, float(held[by]))}"]


def luck_verdict(view: View, luck: Mapping[str, Any] | None) -> Verdict:
    """Whether the best cell is more than the best of as many would be by luck, by its deflated Sharpe
    ratio."""
    cell = view.found.best.cell
    probability = deflated(luck, [cell])[0]
    if math.isnan(probability) or luck is None:
        return Verdict("luck not measured", luck_sentences(luck, cell, view.table.whole)[0])
    sharpe = float(luck["deflated"][str(cell)]["sharpe"])
    word, own = judged(sharpe, probability), metric_text("sharpe", sharpe)
    if word == NO_EDGE:
        said = f"The best cell has a Sharpe of {own}: {IN_A_SENTENCE[word]}."
        return Verdict(word, said, "bad")
    if luck["runs"] == 1:
        said = f"Its Sharpe of {own} is above 0 with a probability of {share(probability, 0)}"
    else:
        # What luck alone gives, and to how many tries, is told below.
        said = (
            f"Its Sharpe of {own} is above what luck alone gives the best of {luck['runs']:,} different runs "
            f"with a probability of {share(probability, 0)}"
        )
    bar = "; 95 % is the usual bar."
    return Verdict(word, said + bar, "good" if word == MORE else "bad")
