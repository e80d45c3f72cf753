"""Is it an edge: a rule on other histories."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Literal

from letf._shared import Folder, path
from letf.runs import changed

if TYPE_CHECKING:
    from runs.robustness.montecarlo.answer import OtherPaths
    from runs.specs.script import Runnable


def montecarlo(
    what: Runnable,
    *,
    paths: int = 10_000,
    model: Literal["bootstrap", "garch", "regimes"] = "bootstrap",
    days: int | None = None,
    block: float | None = None,
    shocks: Literal["student", "residuals"] = "student",
    regimes: int = 2,
    seed: int = 1,
    workers: int | None = None,
    scheduler: str | None = None,
    out: Folder = None,
    resume: bool = False,
    data_dir: Folder = None,
    progress: bool | None = None,
    **changes: Any,
) -> OtherPaths:
    """Run a rule on thousands of paths that its index might have taken as well.

    Parameters
    ----------
    what : as in `spec`.
    paths : how many.
    model : "bootstrap" reshuffles the index's days in blocks, "garch" and "regimes" draw from a model fitted
        to its returns.
    days : sessions of a path; None for those of the real run.
    block : mean days of a block, of the bootstrap; None for what the returns ask for.
    shocks : of garch, from the fitted Student-t or the fit's own residuals. regimes : how many, 2 to 4.
    seed : of all paths; that of the simulated index is data={"seed": 3}.
    workers : processes at a time; one a core if None. A class that stands in a script runs in this one.
    scheduler : address of a Dask scheduler.
    out : a folder for tables, pictures and report, beside which chunks are kept until it is whole, where
        `resume` goes on; None writes nothing.
    data_dir, progress : as in `run`. changes : as in `spec`, without seed.

    Returns
    -------
    The answer: `paths` (a DataFrame, a row a path), `fan` (quantiles of equity by date), `metrics`,
    `plot(name)`, `save(folder)`.

    Raises
    ------
    LetfError
        One sentence, if something is wrong with what is asked, or no path can carry the spec.

    Examples
    --------
    >>> import letf
    >>> found = letf.montecarlo("hold", paths=20, block=20, end="2001-12-31", workers=1)
    >>> len(found.paths), list(found.fan.columns)
    (20, ['q05', 'q25', 'q50', 'q75', 'q95', 'real'])
    """
    from runs.answers.progress import progress_for
    from runs.robustness.montecarlo.answer import ask
    from runs.robustness.montecarlo.asked import Asked

    started = time.time()
    shown, folder = progress_for(progress), path(out)
    asked = Asked(paths, model, seed, days, block, shocks, regimes)
    spec = changed(what, changes)
    answer, kept = ask(spec, asked, path(data_dir), workers, scheduler, folder, resume, shown)
    if folder is not None:
        from runs.answers.folder import save

        save(answer, folder, started)
        kept.forget()
    return answer
