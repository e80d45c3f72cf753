"""A rule with many parameters: every combination of them, and the best."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from letf._shared import Folder, path, path_of
from letf.runs import changed
from letf_instruments.errors import SpecError

if TYPE_CHECKING:
    from feeds.reading.memory import Source
    from runs.specs.run_spec import RunSpec
    from runs.specs.script import Runnable
    from runs.sweeps.answer import Sweep


def sweep(
    what: Runnable,
    axes: Mapping[str, Any] | None = None,
    *,
    indices: Sequence[Source] = (),
    sample: int | None = None,
    search: int | None = None,
    sample_seed: int = 1,
    engine: Literal["kernel", "backtrader"] | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    verify: int = 3,
    by: str = "sharpe",
    out: Folder = None,
    resume: bool = False,
    data_dir: Folder = None,
    progress: bool | None = None,
    **changes: Any,
) -> Sweep:
    """Run every combination of values of some parameters.

    Parameters
    ----------
    what : as in `spec`.
    axes : values by key: {"plan.stop": [0.04, 0.08], "rule.rsi_bars": range(7, 22)}, or a range as in a
        spec's [sweep]: {"from": 5, "to": 50, "count": 5, "scale": "log"}; None takes the spec's own [sweep].
    indices : several make the index a parameter; each by name, file or in memory.
    sample : only so many cells, drawn at random; search : so many, chosen by optuna by the metric `by`;
        sample_seed : of either.
    engine : the compiled kernel runs ten thousand cells a second; backtrader runs anything. The kernel where
        it can, if None.
    workers : at a time; one a core if None. A class that stands in a script runs in backtrader one by one.
    scheduler : address of a Dask scheduler.
    verify : cells, beside the ten best, that are run again in backtrader and compared fill by fill.
    by : metric by which cells are ranked.
    out : a folder for table, pictures and report, where `resume` goes on with what was stopped; None keeps
        the table in a temporary folder that goes with the answer.
    data_dir, progress : as in `run`. changes : as in `spec`.

    Returns
    -------
    The answer: `cells` (a DataFrame, a row a cell), `best` (the best with their neighbours), `plot(name)`,
    `save(folder)`.

    Raises
    ------
    LetfError
        One sentence, if a key or value is wrong, no cell can be run, or the two engines differ.

    Examples
    --------
    >>> import letf
    >>> axes = {"plan.stop": [0.04, 0.08], "rule.rsi_bars": [7, 14]}
    >>> found = letf.sweep("rsi_timing", axes, end="2003-12-31", verify=0)
    >>> found.cells[["plan.stop", "rule.rsi_bars"]].values.tolist()
    [[0.04, 7.0], [0.08, 7.0], [0.04, 14.0], [0.08, 14.0]]
    """
    from runs.answers.progress import progress_for
    from runs.specs.reading import flattened
    from runs.specs.script import make_spec
    from runs.sweeps.ask import ask

    base = changed(what, changes)
    swept = None if axes is None else _axes(axes)
    some = [indices] if isinstance(indices, (str, Path)) else list(indices)
    if len(some) == 1:
        base = make_spec(base, tables={"data": {"index": some[0]}})
    elif some:
        swept = {**(flattened(base.sweep) if swept is None else swept), "data.index": some}
    if swept is not None:
        base = make_spec(base, sweep=swept)
    return ask(
        base,
        (),
        sample,
        search,
        sample_seed,
        engine,
        workers,
        scheduler,
        resume,
        verify,
        by,
        path(data_dir),
        path(out),
        progress_for(progress),
    )


def top(
    folder: str | Path, by: str | None = None, *, cell: int | None = None, min_trades: int = 0, n: int = 10
) -> Sweep:
    """A sweep that lies in a folder, whole or as far as it got, ranked by any metric.

    Parameters
    ----------
    by : metric; what the sweep ranked by if None. cell : to be marked instead of the best.
    min_trades : cells with fewer are left out. n : how many of the best are shown.
    folder : that `letf sweep`, or `sweep(out=…)`, wrote.

    Returns
    -------
    The answer, as of `sweep`; `alarm` says if the sweep is not whole, or not to be trusted.

    Raises
    ------
    LetfError
        One sentence, if there is no sweep, no such metric or cell.

    Examples
    --------
    >>> import letf, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = letf.sweep("hold", {"data.rate": [0.0, 0.02]}, end="2000-12-31", verify=0, out=f"{folder}/s")
    ...     len(letf.top(f"{folder}/s", by="total_return").cells)
    2
    """
    from runs.specs.arguments import whole
    from runs.sweeps.answer import answer_of
    from runs.sweeps.results.view import look

    place = path_of(folder, "folder")
    least, most = whole("min_trades", min_trades, 0), whole("n", n, 1)
    picked = None if cell is None else whole("cell", cell, 0)
    return answer_of(place, look(place, by, picked, least), most=most)


def swept_by(base: RunSpec, axes: Mapping[str, Any] | None) -> RunSpec:
    """A spec with these values by key as its [sweep]; with its own if None."""
    from runs.specs.script import make_spec

    return base if axes is None else make_spec(base, sweep=_axes(axes))


def _axes(axes: Any) -> dict[str, Any]:
    if not isinstance(axes, Mapping):
        raise SpecError(f"axes are {axes!r}; they must be values by key: {{'plan.stop': [0.05, 0.1]}}")
    return {str(key): _values(values) for key, values in axes.items()}


def _values(values: Any) -> Any:
    """The values of an axis as a spec has them: a list, or a table of a range."""
    if isinstance(values, Mapping):
        return dict(values)
    if hasattr(values, "tolist"):
        values = values.tolist()
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        return [values]
    return [value.item() if hasattr(value, "item") else value for value in values]
