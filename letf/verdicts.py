"""Is it an edge: the verdict, and how much is luck."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from letf._shared import Folder, path
from letf.runs import changed

if TYPE_CHECKING:
    from runs.robustness.luck.answer import LuckAnswer
    from runs.robustness.verdict.answer import Robustness
    from runs.specs.script import Runnable


def luck(
    what: Runnable,
    *,
    trials: int | None = None,
    draws: int = 2_000,
    timings: int = 2_000,
    draw_seed: int = 1,
    data_dir: Folder = None,
    progress: bool | None = None,
    **changes: Any,
) -> LuckAnswer:
    """How much of a rule's result is luck: deflated Sharpe ratio, Hansen's test against what could be held
    instead, bands of its figures, and random timing under the same plan.

    Parameters
    ----------
    what : as in `spec`. Its [sweep] says what else was tried.
    trials : independent rules that were tried to find this one, where it has none.
    draws : times that its days are drawn again in blocks. timings : random ones under its plan.
    draw_seed : of both; the same gives the same figures.
    data_dir, progress : as in `run`. changes : as in `spec`.

    Returns
    -------
    The answer: `metrics` (keys in docs/luck.md), `bands` (a DataFrame), `luck` with the draws.

    Raises
    ------
    LetfError
        One sentence, if the spec cannot be run, the account was ruined or never moved, or there are fewer
        than 65 sessions.

    Examples
    --------
    >>> import letf
    >>> found = letf.luck("trend", end="2003-12-31", trials=20, draws=100, timings=100)
    >>> found.metrics["deflated_sharpe"] < found.metrics["probability_above_0"]
    True
    """
    from runs.answers.progress import progress_for
    from runs.robustness.luck.answer import ask

    with progress_for(progress).status("reading the spec") as say:
        return ask(changed(what, changes), trials, draws, timings, draw_seed, path(data_dir), say)


def robustness(
    what: Runnable,
    *,
    trials: int | None = None,
    draws: int = 1_000,
    timings: int = 2_000,
    paths: int = 1_000,
    draw_seed: int = 1,
    data_dir: Folder = None,
    progress: bool | None = None,
    **changes: Any,
) -> Robustness:
    """Judge a rule: robust, fragile to parameters or to period, luck, no edge, or too few trades to say.

    Parameters
    ----------
    what : as in `spec`. Its [sweep] says what else was tried, and what lies a step to the side.
    trials, draws, timings, draw_seed : as in `luck`. paths : other histories.
    data_dir, progress : as in `run`. changes : as in `spec`.

    Returns
    -------
    The answer: `verdict` (a word or four), `checks` (a DataFrame, a row a check), `metrics` (keys in
    docs/robustness.md), `studies` (the other answers).

    Raises
    ------
    LetfError
        One sentence, as of `luck`.

    Examples
    --------
    >>> import letf
    >>> found = letf.robustness("hold", end="2003-12-31", draws=100, timings=100, paths=100)
    >>> found.verdict, list(found.checks.check)
    ('too few trades to say', ['enough to judge'])
    """
    from runs.answers.progress import progress_for
    from runs.robustness.verdict.answer import ask

    with progress_for(progress).status("reading the spec") as say:
        return ask(changed(what, changes), trials, draws, timings, paths, draw_seed, path(data_dir), say)
