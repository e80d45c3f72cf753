"""Is it an edge: the same rule begun on other days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from letf._shared import Folder, path
from letf.runs import changed

if TYPE_CHECKING:
    from runs.robustness.starts.answer import BegunOnAnyDay
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
