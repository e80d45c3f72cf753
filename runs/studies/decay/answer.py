"""`letf decay`: what became of a fund's promise, year by year, by holding period, and why."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from feeds.checking.screen import OnBadPrint
from feeds.reading.memory import Source
from runs.answers.answer import Answer
from runs.answers.parts import Frames, Picture, Section, Table
from runs.answers.progress import Say, no_words
from runs.answers.words import times
from runs.studies.decay import words
from runs.studies.decay.claims import Claim, claims
from runs.studies.decay.study import Study, study
from runs.studies.inputs import asked, asked_line, load_inputs, provenance_of

if TYPE_CHECKING:
    import pandas as pd

SYNTHETIC = (
    "The fund is synthetic, made from the index with a daily reset, financing and fee. Log returns add up "
    "exactly; “multiple × index” is what many expect and can say more than a loss of everything."
)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Decay(Answer):
    """What became of a fund's promise.

    Attributes
    ----------
    study : the numbers, as arrays and records. claims : what is said of such funds, each with a verdict.
    """

    study: Study
    claims: list[Claim]

    @property
    def years(self) -> pd.DataFrame:
        """By calendar year, the total last: returns as fractions, log returns by cause."""
        return self.frames["years"]


def ask(
    fund: str,
    index: Source,
    rates: Source | float | None = None,
    start: datetime.date | None = None,
    end: datetime.date | None = None,
    seed: int = 1,
    folder: Path | None = None,
    say: Say = no_words,
    on_bad_print: OnBadPrint = "refuse",
) -> Decay:
    """Show what compounding, financing and fees made of a fund's promise; arguments as in `load_inputs`."""
    say("loading the index")
    inputs = load_inputs(
        fund, index, rates, folder, start, end, seed, closes_only=True, on_bad_print=on_bad_print
    )
    say("following the fund")
    found = study(inputs)
    said = claims(found)
    figures = words.figures(found, said)
    return Decay(
        question="decay",
        name=found.fund,
        title=f"Decay of {found.fund} on {inputs.bars.name}",
        headline=words.headline(found),
        sections=_sections(found, said),
        provenance=provenance_of(
            asked(
                "decay",
                fund=fund,
                index=index,
                rates=rates,
                start=start,
                end=end,
                seed=seed,
                on_bad_print=on_bad_print,
            ),
            inputs,
            [inputs.fund],
            seed,
        ),
        asked=asked_line(inputs, [inputs.fund]),
        figures=words.key_figures(found),
        lead="attribution",
        metrics=dict(figures),
        frames=Frames({"years": partial(words.years_frame, found)}),
        files={"decay.json": partial(dict, figures)},
        notes=found.notes,
        made=[SYNTHETIC],
        study=found,
        claims=said,
    )


def _sections(found: Study, said: list[Claim]) -> list[Section]:
    from runs.studies.decay import charts, closer

    b = times(found.multiple)
    parts = [
        Section(
            "Year by year",
            tables=[Table("Log return by cause, calendar year by calendar year", *words.year_rows(found))],
            pictures={
                "attribution": Picture(
                    f"Year by year {b} × the index, what the fund made, and why",
                    partial(charts.attribution_chart, found),
                    partial(closer.attribution_closer, found),
                )
            },
        )
    ]
    if found.holdings:
        parts.append(
            Section(
                "By holding period",
                tables=[
                    Table(
                        f"The fund's return less {b} × the index's, over all starts; holding periods overlap",
                        *words.holding_rows(found),
                    ),
                    Table(
                        "The same starts: index within ±2 %, the worst, and the best at which "
                        f"{b} × the index is above −100 %",
                        *words.extreme_rows(found),
                    ),
                ],
                pictures={
                    "holding_periods": Picture(
                        f"The fund's return less {b} × the index's, by holding period",
                        partial(charts.holding_chart, found),
                        partial(closer.holding_closer, found),
                    )
                },
            )
        )
    parts.append(
        Section(
            "Break-even",
            sentences=[words.break_even_source(found)],
            tables=[Table("What the index must do in a year, by volatility", *words.break_even_rows(found))],
            pictures={
                "prospectus": Picture(
                    "One year of the fund by index return and volatility",
                    partial(charts.prospectus_chart, found),
                    partial(closer.prospectus_closer, found),
                ),
                "break_even": Picture(
                    "Break-even by volatility",
                    partial(charts.break_even_chart, found),
                    partial(closer.break_even_closer, found),
                ),
            },
        )
    )
    if found.terciles:
        parts.append(
            Section(
                "Trend and chop",
                tables=[
                    Table(
                        "Compounding effect before carry and fee, by how straight the index went",
                        *words.regime_rows(found),
                    )
                ],
                pictures={
                    "regimes": Picture(
                        "Compounding effect against efficiency ratio",
                        partial(charts.regime_chart, found),
                        partial(closer.regime_closer, found),
                    )
                },
            )
        )
    parts.append(
        Section("What is said of such funds", sentences=[f"“{claim}.” {verdict}" for claim, verdict in said])
    )
    return parts
