"""`letf starts`: a rule begun on every day there is, for every time asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runs.answers.answer import Answer
from runs.answers.parts import Frames, Picture, Section, Table
from runs.answers.progress import Say, no_words
from runs.backtest.facts import run_provenance
from runs.backtest.report.first import not_judged
from runs.robustness.starts import first, words
from runs.robustness.starts.study import LENGTHS, VERIFIED, Starts, find_starts, traded_funds
from runs.specs.run_spec import RunSpec

if TYPE_CHECKING:
    import pandas as pd

READ_SO = (
    "Each row is over all starts of that time. They overlap: two starts a day apart share all but a day. The "
    "shares are those of the days on which a person could have begun, not chances of the future; how much "
    "evidence there is, the spans that do not overlap say."
)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class BegunOnAnyDay(Answer):
    """The starts of a rule.

    Attributes
    ----------
    found : the starts, as arrays.
    """

    found: Starts

    @property
    def starts(self) -> pd.DataFrame:
        """A row a start and time: start, end, years, return, max_drawdown, and the return of holding the
        index, each fund, and cash."""
        return self.frames["starts"]


def ask(
    spec: RunSpec,
    years: object = LENGTHS,
    every: int | None = None,
    verify: int = VERIFIED,
    workers: int | None = None,
    folder: Path | None = None,
    say: Say = no_words,
) -> BegunOnAnyDay:
    """Begin a spec on every session; arguments as in `find_starts`."""
    found = find_starts(spec, years, every, verify, workers, folder, say)
    metrics = words.starts_metrics(found)
    frames = Frames({"starts": partial(words.starts_frame, found)})
    setting, rule = found.setting, found.spec.make_rule()
    return BegunOnAnyDay(
        question="starts",
        name=spec.name,
        title=f"Every start of {spec.name} on {setting.bars.name}",
        headline=words.headline(found, metrics),
        sections=_sections(found, metrics),
        provenance=run_provenance(
            found.spec,
            setting,
            traded_funds(setting, rule),
            starts={"years": list(found.years), "every": found.every, "engine": found.engine},
        ),
        metrics=metrics,
        frames=frames,
        files={"starts.json": partial(dict, metrics), "starts.csv": partial(frames.__getitem__, "starts")},
        notes=found.notes,
        made=words.how_made(found),
        asked=first.asked_of(found),
        figures=first.key_figures(found, metrics),
        edge=not_judged(spec.name),
        lead="starts",
        found=found,
    )


def _sections(found: Starts, metrics: dict[str, Any]) -> list[Section]:
    from runs.robustness.starts import charts, closer

    return [
        Section(
            "What a person would have had",
            sentences=words.sentences(found, metrics),
            tables=[Table("Return over the whole time", *words.length_rows(found, metrics))],
            pictures={
                "starts": Picture(
                    "The return by the day of the start",
                    partial(charts.by_start_chart, found),
                    partial(closer.by_start_closer, found),
                ),
                "spread": Picture(
                    "How the returns of all starts are spread",
                    partial(closer.spread_chart, found),
                    partial(closer.spread_closer, found),
                    extra=True,
                ),
                "lengths": Picture(
                    "What 1 became by the time it was kept",
                    partial(charts.fan_chart, found),
                    partial(closer.lengths_closer, found),
                ),
            },
            fine_print=[READ_SO],
        ),
        Section(
            "The same days without the rule",
            tables=[Table("Bought at the first close and kept", *words.beside_rows(found, metrics))],
        ),
    ]
