"""`letf walkforward --folds`: every choice of test folds, and the paths that they make."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from runs.answers.answer import Answer
from runs.answers.parts import Frames, Picture, Section, Table
from runs.answers.progress import Say, no_words
from runs.backtest.facts import run_provenance
from runs.backtest.report.first import not_judged
from runs.robustness.walk_forward import first
from runs.robustness.walk_forward import fold_words as words
from runs.robustness.walk_forward.choose import BEST
from runs.robustness.walk_forward.folds import FOLDS, TEST_FOLDS, CrossValidation, cross_validate
from runs.robustness.walk_forward.study import GAP
from runs.specs.run_spec import RunSpec

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class CrossValidated(Answer):
    """A combinatorial purged cross-validation.

    Attributes
    ----------
    found : its splits and paths, as arrays and records.
    """

    found: CrossValidation

    @property
    def splits(self) -> pd.DataFrame:
        """A row a split: test folds, the cell that was chosen, its Sharpe ratio in training and tests."""
        return self.frames["splits"]

    @property
    def paths(self) -> pd.DataFrame:
        """By session what 1 became on each path out of sample, and in the index."""
        return self.frames["paths"]


def ask(
    spec: RunSpec,
    folds: int = FOLDS,
    test_folds: int = TEST_FOLDS,
    gap: int = GAP,
    embargo: int = 0,
    how: str = BEST,
    sample: int | None = None,
    sample_seed: int = 1,
    engine: str | None = None,
    workers: int | None = None,
    folder: Path | None = None,
    say: Say = no_words,
) -> CrossValidated:
    """Choose and trade in every split; arguments as in `cross_validate`."""
    given = (folds, test_folds, gap, embargo, how, sample, sample_seed, engine, workers, folder)
    found = cross_validate(spec, *given, say)
    metrics = words.fold_metrics(found)
    frames = Frames(
        {"splits": partial(words.splits_frame, found), "paths": partial(words.paths_frame, found)}
    )
    asked = {
        "folds": folds,
        "test_folds": test_folds,
        "gap": gap,
        "embargo": embargo,
        "choose": how,
        "sample": None if found.job.sample is None else len(found.job.sample),
        "sample_seed": None if found.job.sample is None else sample_seed,
        "axes": {axis.key: list(axis.values) for axis in found.job.grid.axes},
    }
    return CrossValidated(
        question="walkforward",
        name=f"{spec.name}_folds",
        title=f"Cross-validation of {spec.name} on {found.setting.bars.name}",
        headline=words.headline(found, metrics),
        sections=_sections(found, metrics),
        provenance=run_provenance(found.job.base, found.setting, walkforward=asked),
        metrics=metrics,
        frames=frames,
        files={
            "folds.json": partial(dict, metrics),
            "splits.csv": partial(frames.__getitem__, "splits"),
            "paths.csv": partial(frames.__getitem__, "paths"),
        },
        notes=found.notes,
        made=words.how_made(found),
        asked=first.asked_of_folds(found),
        figures=first.fold_figures(found, metrics),
        edge=not_judged(spec.name),
        lead="paths",
        found=found,
    )


def _sections(found: CrossValidation, metrics: dict[str, object]) -> list[Section]:
    from runs.robustness.walk_forward import fold_charts, fold_closer

    return [
        Section(
            "Paths out of sample",
            sentences=words.sentences(found, metrics),
            tables=[Table("Each path over all sessions", *words.path_rows(found))],
            pictures={
                "sharpes": Picture(
                    "Sharpe ratios in and out of sample",
                    partial(fold_charts.sharpes_chart, found, metrics),
                    partial(fold_closer.sharpes_closer, found, metrics),
                ),
                "paths": Picture(
                    "What 1 became on each path out of sample",
                    partial(fold_charts.paths_chart, found),
                    partial(fold_closer.paths_closer, found),
                ),
            },
        ),
        Section("What was chosen", tables=[Table("The cells, by how often", *words.choice_rows(found))]),
    ]
