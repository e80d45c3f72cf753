"""`letf versus`: the index and its leveraged funds side by side."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feeds.checking.screen import OnBadPrint
from feeds.reading.memory import Source
from runs.answers.answer import Answer
from runs.answers.parts import Frames, Picture, Section, Table
from runs.answers.progress import Say, no_words
from runs.studies.inputs import asked, load_inputs, provenance_of
from runs.studies.versus import words
from runs.studies.versus.study import (
    Comparison,
    checked_multiples,
    compare,
    funds_of,
    versus_frame,
    versus_metrics,
)

if TYPE_CHECKING:
    import pandas as pd

MULTIPLES = (1.0, 3.0, -3.0)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Versus(Answer):
    """An index and its funds side by side.

    Attributes
    ----------
    comparison : the numbers, as arrays and records.
    """

    comparison: Comparison

    @property
    def values(self) -> pd.DataFrame:
        """By session, a column a fund: what became of 100."""
        return self.frames["versus"]


def ask(
    index: Source,
    multiples: Sequence[float] = MULTIPLES,
    rates: Source | float | None = None,
    start: datetime.date | None = None,
    end: datetime.date | None = None,
    seed: int = 1,
    folder: Path | None = None,
    say: Say = no_words,
    on_bad_print: OnBadPrint = "refuse",
) -> Versus:
    """Compare an index with its leveraged funds; 1 is the index itself, other arguments as in
    `load_inputs`."""
    say("building the funds")
    wanted = checked_multiples(multiples)
    # Index and short rate are what is needed; which fund they come with does not matter here.
    inputs = load_inputs(
        "1X",
        index,
        rates,
        folder,
        start,
        end,
        seed,
        closes_only=True,
        on_bad_print=on_bad_print,
    )
    found = compare(inputs, wanted)
    metrics = versus_metrics(found)
    frames = Frames({"versus": partial(versus_frame, found)})
    given = {"index": index, "multiples": ",".join(f"{m:g}" for m in wanted), "rates": rates}
    return Versus(
        question="versus",
        name=inputs.bars.name,
        title=f"{inputs.bars.name} and its funds",
        headline=words.versus_headline(found, metrics),
        sections=_sections(found, metrics),
        provenance=provenance_of(
            asked("versus", **given, start=start, end=end, seed=seed, on_bad_print=on_bad_print),
            inputs,
            funds_of(found.lines),
            seed,
        ),
        asked=words.asked_line(found),
        figures=words.key_figures(found, metrics),
        lead="growth",
        metrics=dict(metrics),
        frames=frames,
        files={"versus.json": partial(dict, metrics), "versus.csv": partial(frames.__getitem__, "versus")},
        notes=found.notes,
        comparison=found,
    )


def _sections(found: Comparison, metrics: dict[str, Any]) -> list[Section]:
    from runs.studies.versus import charts, closer

    pairs = [Table("Correlation of daily returns", *words.pair_rows(found, metrics))]
    return [
        Section(
            "Return and risk",
            tables=[
                Table("The index and its funds", *words.measure_rows(found, metrics)),
                *(pairs if len(found.lines) > 1 else []),
            ],
            pictures={
                "growth": Picture(
                    "What became of 100, and how far it stood below its last high",
                    partial(charts.growth_chart, found, metrics),
                    partial(closer.growth_closer, found),
                ),
                "drawdowns": Picture(
                    "Drawdowns", partial(charts.drawdown_chart, found, metrics), on_page=False
                ),
            },
        ),
        Section(
            "Over a day and over longer",
            tables=[Table("Return by calendar year", *words.year_rows(found))],
            pictures={
                "correlation": Picture(
                    "Correlation with the index over time",
                    partial(charts.correlation_chart, found, metrics),
                    on_page=False,
                ),
                "horizons": Picture(
                    "Return of the funds against the index's, by horizon",
                    partial(charts.horizon_chart, found),
                    partial(closer.horizon_closer, found),
                ),
            },
        ),
    ]
