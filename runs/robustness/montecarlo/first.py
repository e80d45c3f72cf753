"""What is read first of a rule on many paths."""

from __future__ import annotations

from runs.answers.parts import KeyFigure
from runs.answers.words import percent, share
from runs.robustness.first import asked_line
from runs.robustness.montecarlo.engine import INDEX
from runs.robustness.montecarlo.study import Found
from runs.robustness.montecarlo.words import Metrics

MODELS = {"bootstrap": "its own days in blocks", "garch": "GJR-GARCH", "regimes": "regimes"}


def asked_of(found: Found) -> str:
    """Rule, data, years; how many paths of which model."""
    facts = found.job.paths.model.facts
    made = f"{found.asked.paths:,} paths of {found.years:.1f} years by {MODELS[str(facts['model'])]}"
    return asked_line(found.spec, found.setting, found.job.paths.funds, [made])


def key_figures(found: Found, m: Metrics) -> list[KeyFigure]:
    """The median and one path in twenty; how often it loses, and beats what is held; drawdown."""
    real = m["real_total_return"]
    index = found.named(INDEX)
    return [
        KeyFigure(
            "median return",
            percent(m["total_return_q50"]),
            f"{index} held: {percent(m[f'{INDEX}_return_q50'])}",
        ),
        KeyFigure(
            "one path in twenty below",
            percent(m["total_return_q05"]),
            "" if real is None else f"real run: {percent(real)}",
        ),
        KeyFigure("paths with a loss", share(m["loss"]), f"{index} held: {share(m[f'{INDEX}_loss'])}"),
        KeyFigure(f"beats {index}", share(m["beats_index"]), f"cash: {share(m['beats_cash'])} of paths"),
        KeyFigure(
            "median worst drawdown",
            percent(m["max_drawdown_q50"]),
            f"one in twenty: {percent(m['max_drawdown_q05'])}",
        ),
    ]
