"""Is it an edge: the same rule begun on other days, its parameters chosen without what came after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from letf._shared import Folder, path
from letf.runs import changed
from letf.sweeps import swept_by

if TYPE_CHECKING:
    from runs.robustness.starts.answer import BegunOnAnyDay
    from runs.robustness.walk_forward.answer import WalkedForward
    from runs.robustness.walk_forward.fold_answer import CrossValidated
    from runs.specs.script import Runnable


def starts(
    what: Runnable,
    lengths: Sequence[float] = (1, 3, 5),
    *,
    every: int | None = None,
    verify: int = 3,
    workers: int | None = None,
    data_dir: Folder = None,
    progress: bool | None = None,
    **changes: Any,
) -> BegunOnAnyDay:
    """Begin a rule in cash on every day there is, and keep it for each of some times.

    Parameters
    ----------
    what : as in `spec`.
    lengths : how long each start is kept, in years of 252 sessions.
    every : sessions from one start to the next; None for each one in the compiled engine, and for some sixty
        starts of what only backtrader runs.
    verify : starts, beside the first and the last, that are run again in backtrader. workers : its processes.
    data_dir, progress : as in `run`. changes : as in `spec`.

    Returns
    -------
    The answer: `starts` (a row a start and time: return, worst drawdown, and what holding the index, the
    funds and cash gave), `metrics`, `plot("starts")`, `plot("lengths")`, `save(folder)`.

    Raises
    ------
    LetfError
        One sentence, as for `run`; and if the data are too short for the shortest time.

    Examples
    --------
    >>> import letf
    >>> found = letf.starts("hold", [1], end="2001-12-31", every=50)
    >>> len(found.starts), found.metrics["1y_not_overlapping"]
    (10, 2)
    """
    from runs.answers.progress import progress_for
    from runs.robustness.starts.answer import ask

    made = changed(what, changes)
    with progress_for(progress).status("reading the spec") as say:
        return ask(made, lengths, every, verify, workers, path(data_dir), say)


def walkforward(
    what: Runnable,
    axes: Mapping[str, Any] | None = None,
    *,
    train: str | int | None = None,
    test: str | int | None = None,
    gap: int = 5,
    anchored: bool = False,
    by: str = "sharpe",
    choose: Literal["best", "plateau"] = "best",
    min_trades: int = 0,
    folds: int | None = None,
    test_folds: int = 2,
    embargo: int = 0,
    sample: int | None = None,
    sample_seed: int = 1,
    engine: Literal["kernel", "backtrader"] | None = None,
    workers: int | None = None,
    data_dir: Folder = None,
    progress: bool | None = None,
    **changes: Any,
) -> WalkedForward | CrossValidated:
    """Choose parameters anew in each window, on what was known, and trade them after it.

    Parameters
    ----------
    what, axes : as in `sweep`.
    train, test : lengths of training and test, "3y" and "1y" if not given; "6m", or sessions.
    gap : sessions between the two, purged. anchored : every training begins with the data.
    by : metric by which a cell is chosen. choose : the best, or the one on the best plateau.
    min_trades : cells with fewer in training are not chosen.
    folds : so many in place of windows: combinatorial purged cross-validation, with `test_folds` of them
        tested in each split, and `embargo` sessions after a test, beside the gap, not trained on.
    sample, sample_seed : only so many cells, drawn at random. engine, workers : as in `sweep`.
    data_dir, progress : as in `run`. changes : as in `spec`.

    Returns
    -------
    The answer: `windows` (a row a window) and `equity` (by session); with folds `splits` and `paths`.

    Raises
    ------
    LetfError
        One sentence, as for `sweep`; and if the data are too short for a window or a fold.

    Examples
    --------
    >>> import letf
    >>> axes = {"plan.stop": [0.04, 0.08], "rule.rsi_bars": [7, 14]}
    >>> found = letf.walkforward("rsi_timing", axes, train="1y", test="6m", end="2001-12-31")
    >>> len(found.windows), found.metrics["train"], found.metrics["gap"]
    (4, 252, 5)
    """
    from runs.answers.progress import progress_for
    from runs.robustness.walk_forward.answer import ask

    made = swept_by(changed(what, changes), axes)
    windows = (train, test, gap, anchored, by, choose, min_trades)
    others = (folds, test_folds, embargo, sample, sample_seed, engine, workers)
    with progress_for(progress).status("reading the spec") as say:
        return ask(made, *windows, *others, path(data_dir), say)
