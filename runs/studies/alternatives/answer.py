"""`letf alternatives`: one rule's view of the market as a fund, a short sale, contracts for difference and
options."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from runs.answers.answer import Answer
from runs.answers.parts import Frames, Picture, Section, Table
from runs.answers.progress import Say, no_words
from runs.backtest.answer import answer_of
from runs.backtest.report.first import not_judged
from runs.specs.arguments import number, one_of, whole
from runs.specs.run_spec import RunSpec
from runs.studies.alternatives import words
from runs.studies.alternatives.first import asked_line, key_figures
from runs.studies.alternatives.study import find_alternatives
from runs.studies.alternatives.view import Alternatives, Sizing

if TYPE_CHECKING:
    import pandas as pd

STEPS = 7  # the rule's own run and six ways, at most


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class InOtherWays(Answer):
    """One view, expressed in several ways.

    Attributes
    ----------
    alternatives : the numbers, as arrays and records.
    """

    alternatives: Alternatives

    @property
    def table(self) -> pd.DataFrame:
        """A row an expression: capital, losses, parts of the profit, liquidations."""
        return self.frames["alternatives"]

    @property
    def equity(self) -> pd.DataFrame:
        """By session: the equity of each expression in money."""
        return self.frames["equity"]


def ask(
    spec: RunSpec,
    size: Sizing = "exposure",
    days: int = 30,
    moneyness: float = 1.0,
    scale: float | None = None,
    folder: Path | None = None,
    say: Say = no_words,
) -> InOtherWays:
    """Trade one rule's view as a fund, a short sale, CFDs and options; arguments as in
    `find_alternatives`."""
    one_of("size", size, get_args(Sizing))
    whole("days", days, 0, 370)
    number("moneyness", moneyness, 0.2, 5.0)
    if scale is not None:
        number("scale", scale, 0.01, 10.0)
    found = find_alternatives(spec, folder, size, say, days, moneyness, scale)
    frames = Frames(
        {
            "alternatives": partial(words.figures_frame, found),
            "equity": partial(words.equity_frame, found),
        }
    )
    figures = words.figures(found)
    return InOtherWays(
        question="alternatives",
        name=spec.name,
        title=f"The view of {spec.name} in other ways",
        headline=words.alternatives_headline(found),
        sections=_sections(found),
        provenance=replace(
            answer_of(found.view.run).provenance,
            spec=spec.resolved(),
            more={
                "sizing": found.sizing,
                "options": {"days": days, "moneyness": moneyness, "scale": scale},
            },
        ),
        asked=asked_line(found),
        figures=key_figures(found),
        edge=not_judged(spec.name),
        lead="alternatives",
        metrics=dict(figures),
        frames=frames,
        files={
            "alternatives.json": partial(dict, figures),
            "alternatives.csv": partial(frames.__getitem__, "alternatives"),
            "equity.csv": partial(frames.__getitem__, "equity"),
        },
        notes=found.notes,
        alternatives=found,
    )


def _sections(found: Alternatives) -> list[Section]:
    from runs.studies.alternatives import charts, closer

    return [
        Section(
            "Side by side",
            tables=[
                Table("The ways to trade it, in words", *words.word_rows(found), words=True),
                Table("The figures behind it", *words.figure_rows(found)),
            ],
            pictures={
                "alternatives": Picture(
                    "What each way made of the stake, and how far it stood below its last high",
                    partial(charts.alternatives_chart, found),
                    partial(closer.alternatives_closer, found),
                )
            },
        )
    ]
