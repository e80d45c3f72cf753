"""`letf compare`: several specs on the same data, one table, one chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from runs.answers.answer import Answer
from runs.answers.parts import Frames, Picture, Section, Table
from runs.answers.progress import Say, no_words
from runs.answers.provenance import Provenance, fund_facts
from runs.backtest.facts import run_facts
from runs.backtest.report.first import not_judged
from runs.specs.run_spec import RunSpec, unsaid
from runs.studies.comparison import first, words
from runs.studies.comparison.both_ways import sentences, trades_frame, trades_table
from runs.studies.comparison.study import Comparison, compare_specs

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Compared(Answer):
    """Several specs on the same data.

    Attributes
    ----------
    comparison : the runs themselves.
    """

    comparison: Comparison

    @property
    def table(self) -> pd.DataFrame:
        """A row a spec, holding the index last: return and risk as in a run's metrics."""
        return self.frames["compare"]

    @property
    def equity(self) -> pd.DataFrame:
        """By session: the equity of each spec, and the index's close, in money."""
        return self.frames["equity"]


def ask(
    specs: Sequence[RunSpec], folder: Path | None = None, say: Say = no_words, traded: bool = False
) -> Compared:
    """Run specs on the data of the first; if `traded`, each on synthetic and on traded prices of its funds.

    Raises
    ------
    LetfError
        As `compare_specs`.
    """
    found = compare_specs(specs, folder, say, traded)
    named = list(zip(found.labels, found.runs, strict=True))
    best = dict(named)[first.best_of(found)]
    frames = Frames(
        {
            "compare": partial(words.compare_frame, found),
            "equity": partial(words.equity_frame, found),
            **({"trades": partial(trades_frame, found.pairs)} if found.pairs else {}),
        }
    )
    return Compared(
        question="compare",
        name="",
        title=words.compare_title(found),
        headline=words.compare_headline(found),
        sections=_sections(found),
        provenance=Provenance(
            spec={label: run.spec.resolved() for label, run in named},
            data={label: run_facts(run.spec, run.setting) for label, run in named},
            simulated=found.simulated,
            seed=found.runs[0].spec.data.seed if found.simulated else None,
            funds={k: v for _, run in named for k, v in fund_facts(run.ledger_funds).items()},
            defaults=unsaid(),
        ),
        asked=first.asked_line(found),
        figures=first.key_figures(found),
        edge=not_judged(best.spec.name),
        made_up=first.made_up(found),
        lead="compare",
        metrics={f"{label}_{key}": value for label, run in named for key, value in run.metrics.items()},
        frames=frames,
        files={
            "compare.json": partial(words.compare_json, found),
            "compare.csv": partial(frames.__getitem__, "compare"),
            "equity.csv": partial(frames.__getitem__, "equity"),
            **({"trades.csv": partial(frames.__getitem__, "trades")} if found.pairs else {}),
        },
        notes=found.notes,
        comparison=found,
    )


def _sections(found: Comparison) -> list[Section]:
    from runs.studies.comparison import charts, closer

    headings, rows = words.compare_rows(found)
    more = len(headings) - words.FIRST, "more figures"

    beside = [
        Section(
            "On synthetic and on traded prices",
            [sentence for pair in found.pairs for sentence in sentences(pair)],
            tables=[table for pair in found.pairs if (table := trades_table(pair)) is not None],
        )
    ]
    return [
        *(beside if found.pairs else []),
        Section(
            "Side by side",
            tables=[Table("The best return first", headings, rows, long=True, more=more)],
            pictures={
                "compare": Picture(
                    "What became of 100 in each, and how far each stood below its last high",
                    partial(charts.compare_chart, found),
                    partial(closer.compare_closer, found),
                )
            },
        ),
    ]
