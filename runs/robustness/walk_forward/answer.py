"""`letf walkforward`: parameters chosen on what was known, and what came of them after."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from letf_instruments import SpecError
from runs.answers.answer import Answer
from runs.answers.parts import Frames, Picture, Section, Table
from runs.answers.progress import Say, no_words
from runs.backtest.facts import run_provenance
from runs.backtest.report.first import not_judged
from runs.robustness.walk_forward import first, fold_answer, tables, words
from runs.robustness.walk_forward.choose import BEST
from runs.robustness.walk_forward.figures import walk_metrics
from runs.robustness.walk_forward.fold_answer import CrossValidated
from runs.robustness.walk_forward.folds import BY, TEST_FOLDS
from runs.robustness.walk_forward.frames import equity_frame, windows_frame
from runs.robustness.walk_forward.study import GAP, TEST, TRAIN, WalkForward, walk_forward
from runs.specs.run_spec import RunSpec

if TYPE_CHECKING:
    import pandas as pd

READ_SO = (
    "Efficiency is the return a year out of sample over that of the same choices in their trainings (Pardo "
    "2008): of luck nothing is left. Even this is not free of looking: a rule, its axes and the lengths of "
    "the windows were made up by someone who has seen the chart."
)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class WalkedForward(Answer):
    """A walk-forward.

    Attributes
    ----------
    found : its windows and accounts, as arrays and records.
    """

    found: WalkForward

    @property
    def windows(self) -> pd.DataFrame:
        """A row a window: sessions, parameters, every metric in training (`in_`) and in the test (`out_`)."""
        return self.frames["windows"]

    @property
    def equity(self) -> pd.DataFrame:
        """By session out of sample, in money: the account, the best cell in hindsight, what is held."""
        return self.frames["equity"]


def ask(
    spec: RunSpec,
    train: object = None,
    test: object = None,
    gap: int = GAP,
    anchored: bool = False,
    by: str = BY,
    how: str = BEST,
    min_trades: int = 0,
    folds: int | None = None,
    test_folds: int = TEST_FOLDS,
    embargo: int = 0,
    sample: int | None = None,
    sample_seed: int = 1,
    engine: str | None = None,
    workers: int | None = None,
    folder: Path | None = None,
    say: Say = no_words,
) -> WalkedForward | CrossValidated:
    """Choose and trade in every window; or, with `folds`, in every choice of test folds. Arguments as in
    `walk_forward` and `cross_validate`.

    Raises
    ------
    LetfError
        As they do; and if something is given that has no meaning beside what else is.
    """
    if folds is not None:
        of_windows = {"train": train, "test": test, "anchored": anchored, "min_trades": min_trades}
        for name, value in of_windows.items():
            if value:
                raise SpecError(f"{name} is of windows, and folds are in their place; give one of them")
        if by != BY:
            raise SpecError(f"by is {by!r}; folds choose by {BY}, which alone two sums of returns tell")
        others = (sample, sample_seed, engine, workers, folder, say)
        return fold_answer.ask(spec, folds, test_folds, gap, embargo, how, *others)
    if embargo:
        raise SpecError("embargo is of folds: in a walk-forward nothing after a test is trained on for it")
    lengths = (TRAIN if train is None else train, TEST if test is None else test)
    given = (*lengths, gap, anchored, by, how, min_trades, sample, sample_seed)
    found = walk_forward(spec, *given, engine, workers, folder, say)
    metrics = walk_metrics(found)
    frames = Frames({"windows": partial(windows_frame, found), "equity": partial(equity_frame, found)})
    asked = {
        "train": found.lengths[0],
        "test": found.lengths[1],
        "gap": found.lengths[2],
        "anchored": anchored,
        "by": by,
        "choose": how,
        "min_trades": min_trades,
        "sample": None if found.job.sample is None else len(found.job.sample),
        "sample_seed": None if found.job.sample is None else sample_seed,
        "axes": {axis.key: list(axis.values) for axis in found.job.grid.axes},
    }
    return WalkedForward(
        question="walkforward",
        name=spec.name,
        title=f"Walk-forward of {spec.name} on {found.setting.bars.name}",
        headline=words.headline(found, metrics),
        sections=_sections(found, metrics),
        provenance=run_provenance(found.job.base, found.setting, walkforward=asked),
        metrics=metrics,
        frames=frames,
        files={
            "walkforward.json": partial(dict, metrics),
            "windows.csv": partial(frames.__getitem__, "windows"),
            "equity.csv": partial(frames.__getitem__, "equity"),
        },
        notes=found.notes,
        made=words.how_made(found),
        asked=first.asked_of_windows(found),
        figures=first.window_figures(found, metrics),
        edge=not_judged(spec.name),
        lead="equity",
        found=found,
    )


def _sections(found: WalkForward, metrics: dict[str, Any]) -> list[Section]:
    from runs.robustness.walk_forward import charts, closer

    return [
        Section(
            "Out of sample",
            sentences=words.sentences(found, metrics),
            tables=[Table("On the sessions out of sample", *tables.account_rows(found, metrics))],
            pictures={
                "equity": Picture(
                    "The account out of sample by window",
                    partial(charts.equity_chart, found),
                    partial(closer.equity_closer, found),
                ),
                "in_out": Picture(
                    "The metric in training and in the test, by window",
                    partial(charts.in_out_chart, found),
                    partial(closer.in_out_closer, found),
                ),
            },
            fine_print=[READ_SO],
        ),
        Section(
            "What was chosen",
            tables=[Table("The windows", *tables.window_rows(found))],
            pictures={
                "parameters": Picture(
                    "The parameters chosen, by window",
                    partial(charts.parameters_chart, found),
                    partial(closer.parameters_closer, found),
                )
            },
        ),
    ]
