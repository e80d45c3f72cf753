"""`letf montecarlo`: a rule on thousands of paths that its index might have taken as well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from runs.answers.answer import Answer
from runs.answers.parts import Frames, Picture, Section, Table
from runs.answers.progress import Progress, Silent, no_words
from runs.backtest.facts import run_provenance
from runs.robustness.first import not_judged_over
from runs.robustness.montecarlo import first, words
from runs.robustness.montecarlo.asked import Asked
from runs.robustness.montecarlo.kept import Kept
from runs.robustness.montecarlo.study import QUESTION, Found, simulate
from runs.robustness.montecarlo.summary import fan, montecarlo_metrics
from runs.specs.run_spec import RunSpec

if TYPE_CHECKING:
    import pandas as pd

    from runs.robustness.montecarlo.words import Metrics


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class OtherPaths(Answer):
    """A rule on many paths.

    Attributes
    ----------
    found : the numbers, as arrays and records.
    """

    found: Found

    @property
    def paths(self) -> pd.DataFrame:
        """A row a path: its figures, and those of what is held beside the rule."""
        return self.frames["paths"]

    @property
    def fan(self) -> pd.DataFrame:
        """By date: quantiles of the rule's equity, and that of the real run."""
        return self.frames["fan"]


def ask(
    spec: RunSpec,
    asked: Asked,
    folder: Path | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    keep: Path | None = None,
    resume: bool = False,
    progress: Progress = Silent(),  # noqa: B008 - it keeps nothing
    tell: Callable[[str], None] = no_words,
) -> tuple[OtherPaths, Kept]:
    """Run a spec on paths of its index; arguments as in `simulate`.

    Returns
    -------
    the answer, and the chunks that are kept until it is written.
    """
    found, store = simulate(spec, asked, folder, workers, scheduler, keep, resume, progress, tell)
    with progress.status("looking at all paths"):
        return answer_of(found), store


def answer_of(found: Found) -> OtherPaths:
    """What was found, as an answer."""
    metrics = montecarlo_metrics(found)
    cut = fan(found)
    frames = Frames({"paths": partial(words.paths_frame, found), "fan": partial(words.fan_frame, found, cut)})
    spec = found.spec
    return OtherPaths(
        question=QUESTION,
        name=spec.name,
        title=f"{spec.name} on other paths of {found.setting.bars.name}",
        headline=words.headline(found, metrics),
        sections=_sections(found, metrics, cut),
        provenance=run_provenance(
            spec,
            found.setting,
            found.job.paths.funds,
            found.asked.seed,
            montecarlo={**asdict(found.asked), "fit": dict(found.job.paths.model.facts)},
        ),
        metrics=dict(metrics),
        frames=frames,
        files={
            "montecarlo.json": partial(dict, metrics),
            "paths.parquet": partial(_parquet, frames),
            "fan.csv": partial(frames.__getitem__, "fan"),
        },
        notes=words.notes(found, metrics),
        asked=first.asked_of(found),
        figures=first.key_figures(found, metrics),
        edge=not_judged_over("Other paths", spec.name),
        lead="fan",
        found=found,
    )


def _sections(found: Found, metrics: Metrics, cut: object) -> list[Section]:
    from runs.robustness.montecarlo import charts, closer

    return [
        Section(
            "What might have been",
            sentences=words.sentences(found, metrics),
            tables=[
                Table("On how many paths", *words.share_rows(found, metrics)),
                Table("Of all paths, and in the real run", *words.figure_rows(found)),
            ],
            pictures={
                "fan": Picture(
                    "Equity on all paths, and of the real run",
                    partial(charts.fan_chart, found, cut),
                    partial(closer.fan_closer, found, cut),
                ),
                "distributions": Picture(
                    "Returns and drawdowns of all paths",
                    partial(charts.distribution_chart, found),
                    partial(closer.distribution_closer, found),
                ),
                "beside": Picture(
                    "The rule beside index, fund and cash, from the worst path to the best",
                    partial(charts.beside_chart, found),
                    partial(closer.beside_closer, found),
                ),
            },
            fine_print=words.fine_print(found),
        )
    ]


def _parquet(frames: Frames) -> bytes:
    import io

    buffer = io.BytesIO()
    frames["paths"].to_parquet(buffer, compression="zstd")
    return buffer.getvalue()
