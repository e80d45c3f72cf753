"""Combinatorial purged cross-validation: every choice of test folds, and the paths that they make together.

The sessions are cut into N folds. For every choice of k of them the parameters are chosen on the other N − k,
less the sessions that are purged on both sides of a test fold and the embargo after it, and traded on the k.
Each fold is then tested in several splits, and the tests are put together to C(N − 1, k − 1) paths over all
sessions, each out of sample throughout: a distribution of what a walk-forward gives but once.

Cells are run over all sessions once, and their daily returns cut: what a position that is open where a fold
begins makes in it counts there, which the purge keeps out of the training.

References
----------
López de Prado 2018, "Advances in Financial Machine Learning", ch. 12; Arian, Norouzi & Seco 2024, "Backtest
overfitting in the machine learning era", Knowledge-Based Systems 305:112477. The splits are those of
`skfolio.model_selection.CombinatorialPurgedCV`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from letf_instruments import SpecError
from runs.answers.progress import Say, no_words
from runs.backtest.benchmarks import index_held
from runs.backtest.metrics import night_rates
from runs.backtest.setting import Setting
from runs.backtest.spans import foreign_indexes, synthetic_notes
from runs.robustness.starts.study import traded_funds
from runs.robustness.walk_forward.cells import all_cells
from runs.robustness.walk_forward.choose import BEST, CHOICES, Choice, choose
from runs.robustness.walk_forward.curves import Curves, sharpe_of, sums_upto
from runs.robustness.walk_forward.study import GAP, prepared
from runs.specs.arguments import whole
from runs.specs.run_spec import RunSpec
from runs.sweeps.engines.job import Job, draw_cells
from runs.sweeps.engines.local import workers_of
from runs.sweeps.space.cells import METRICS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FOLDS, TEST_FOLDS = 10, 2
MOST_SPLITS = 1_000
MOST_CELLS = {"kernel": 10_000, "backtrader": 100}  # without a sample that was asked for
BY = "sharpe"  # what two sums of returns tell of any stretch


@dataclass(frozen=True, eq=False)
class Split:
    """Numbers of the test folds, from 0; how many sessions were trained on; what was chosen, and the Sharpe
    ratio of it on its test folds, NaN where it does not move."""

    tests: tuple[int, ...]
    trained: int
    choice: Choice
    outside: float


@dataclass(frozen=True, eq=False)
class CrossValidation:
    """All splits and paths.

    days : sessions, the first of which has no return, shape (n + 1,). fold : of each return, shape (n,).
    splits : in the order of the combinations. paths : daily returns of each path, shape (paths, n); excess :
    the same over the short rate. index, index_excess : of the index held.
    drawn : True if the cells are a sample that nobody asked for, as there are too many.
    """

    job: Job
    setting: Setting
    days: np.ndarray
    how: str
    folds: int
    test_folds: int
    gap: int
    embargo: int
    fold: Ints
    splits: list[Split]
    paths: Floats
    excess: Floats
    index: Floats
    index_excess: Floats
    drawn: bool
    notes: list[str]
    caveats: list[str]

    def sharpes(self) -> Floats:
        """The Sharpe ratio of each path, NaN where it does not move."""
        return sharpe_of(self.excess.shape[1], self.excess.sum(axis=1), (self.excess**2).sum(axis=1))


def splitter(folds: int, test_folds: int, purge: int, embargo: int, sessions: int) -> Any:
    """The splitter of skfolio.

    Raises
    ------
    SpecError
        If it is not installed, or there can be no such folds.
    """
    whole("folds", folds, 3)
    whole("test_folds", test_folds, 2, folds - 1)
    whole("gap", purge, 0)
    whole("embargo", embargo, 0)
    splits = math.comb(folds, test_folds)
    if splits > MOST_SPLITS:
        raise SpecError(
            f"{folds} folds, {test_folds} of them to test, make {splits:,} splits; at most {MOST_SPLITS:,} "
            "are run"
        )
    if purge + embargo >= sessions // folds - 1:
        raise SpecError(
            f"{sessions:,} sessions in {folds} folds are {sessions // folds:,} each, of which a gap of "
            f"{purge} and an embargo of {embargo} leave nothing; take fewer folds"
        )
    try:
        from skfolio.model_selection import CombinatorialPurgedCV
    except ImportError:
        raise SpecError("folds need skfolio, which is not installed: pip install 'letf-lab[folds]'") from None
    return CombinatorialPurgedCV(folds, test_folds, purge, embargo)


def cross_validate(
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
) -> CrossValidation:
    """Choose by the Sharpe ratio of the training and trade in every split.

    Parameters
    ----------
    folds, test_folds : N and k. gap : sessions purged on both sides of a test fold. embargo : those after it,
        beside the gap.
    how, sample, sample_seed, engine, workers : as of `walk_forward`.

    Raises
    ------
    LetfError
        One sentence.
    """
    if how not in CHOICES:
        raise SpecError(f"choose is {how!r}; it must be {' or '.join(CHOICES)}")
    many = workers_of(workers)
    job, setting, days = prepared(spec, BY, sample, sample_seed, engine, folder)
    most = MOST_CELLS[job.engine]
    drawn = sample is None and job.grid.size > most
    if drawn:
        job = replace(job, sample=draw_cells(job.grid, most, sample_seed), sample_seed=sample_seed)
    n = len(days) - 1
    cv = splitter(folds, test_folds, gap, embargo, n)
    every = [(train, tests) for train, tests in cv.split(np.zeros((n, 1)))]
    fold = np.full(n, -1, dtype=np.int64)
    for (_, tests), numbers in zip(every, cv.test_set_index, strict=True):
        for test, number in zip(tests, numbers, strict=True):
            fold[test] = number
    cells = all_cells(job)
    stretches = [stretches_of(train) for train, _ in every]
    ends = np.unique(np.concatenate([each.ravel() for each in stretches]))
    sums = sums_upto(job, cells, ends, many, lambda done: say(f"{done:,} of {len(cells):,} cells"))
    curves = Curves(job)
    paths = np.full((cv.n_test_paths, n), np.nan)
    excess = np.full((cv.n_test_paths, n), np.nan)
    splits = []
    known: dict[int, Any] = {}
    for (_, tests), numbers, own, ids in zip(
        every, cv.test_set_index, stretches, cv.get_path_ids(), strict=True
    ):
        choice, trained = _chosen(job, cells, sums, ends, own, how)
        if choice.cell not in known:
            known[choice.cell] = curves.of(choice.cell)
        curve = known[choice.cell]
        for test, path in zip(tests, ids, strict=True):
            paths[path, test], excess[path, test] = curve.returns[test], curve.excess[test]
        outside = curve.excess[np.concatenate(tests)]
        sharpe = float(sharpe_of(len(outside), outside.sum(), (outside**2).sum()))
        splits.append(Split(tuple(int(i) for i in numbers), trained, choice, sharpe))
    held = index_held(setting, len(days))
    index = held[1:] / held[:-1] - 1.0
    last = np.append(setting.bars.sessions[1:] != setting.bars.sessions[:-1], True)
    nights = night_rates(days, setting.rate.on(setting.bars.sessions)[last])
    funds = traded_funds(setting, job.spec(splits[0].choice.cell).make_rule())
    return CrossValidation(
        job=job,
        setting=setting,
        days=days,
        how=how,
        folds=folds,
        test_folds=test_folds,
        gap=gap,
        embargo=embargo,
        fold=fold,
        splits=splits,
        paths=paths,
        excess=excess,
        index=index,
        index_excess=index - nights,
        drawn=drawn,
        notes=[*setting.notes, *synthetic_notes(setting, funds)],
        caveats=foreign_indexes(setting, funds),
    )


def stretches_of(train: Ints) -> Ints:
    """Stretches without a hole of some returns, by position: where each begins, and where it is over; shape
    (stretches, 2)."""
    cuts = np.flatnonzero(np.diff(train) > 1)
    first = train[np.concatenate(([0], cuts + 1))]
    last = train[np.append(cuts, len(train) - 1)]
    return np.stack((first, last + 1), axis=1)


def _chosen(job: Job, cells: Ints, sums: Floats, ends: Ints, stretches: Ints, how: str) -> tuple[Choice, int]:
    """What a split's training chooses, and on how many sessions."""
    trained = int((stretches[:, 1] - stretches[:, 0]).sum())
    first, last = np.searchsorted(ends, stretches.T)
    total, squares = (sums[:, :, last] - sums[:, :, first]).sum(axis=2).T
    sharpe = sharpe_of(trained, total, squares)
    # Two cells of the same returns have the same ratio to the bit, which is all that runs are told by here.
    metrics = dict.fromkeys(METRICS, sharpe) | {"trades": np.zeros(len(sharpe))}
    choice = choose(job.grid, cells, metrics, BY, how)
    if choice is None:
        raise SpecError(f"no cell of {job.base.name} has a Sharpe ratio in the training of some split")
    return choice, trained
