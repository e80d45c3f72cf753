"""`letf sweep`: every combination of the values that a spec's [sweep] names, a row each."""

from __future__ import annotations

import shutil
import time
import weakref
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

from feeds.sources import data_folder
from letf_instruments import SpecError
from runs.answers.beside import cores
from runs.answers.progress import Progress, Silent, no_words
from runs.specs.arguments import whole
from runs.specs.run_spec import RunSpec
from runs.sweeps.answer import Sweep, answer_of
from runs.sweeps.engines.blocks import blocks_for
from runs.sweeps.engines.choice import choose
from runs.sweeps.engines.engine import KERNEL
from runs.sweeps.engines.job import Job, draw_cells
from runs.sweeps.pictures.painter import Painter
from runs.sweeps.results.ranking import check_metric
from runs.sweeps.results.store import open_store
from runs.sweeps.results.summary import Summary
from runs.sweeps.running import RANK_BY, finish, manifest_of, run_cells, runner_of, writing
from runs.sweeps.space.axes import grid_of
from runs.sweeps.space.cells import BESIDE, METRICS
from runs.sweeps.verifier import Verifier

VERIFIED = 3  # cells beside the best that are run again in backtrader


def ask(
    base: RunSpec,
    indices: Sequence[str] = (),
    sample: int | None = None,
    search: int | None = None,
    sample_seed: int = 1,
    engine: str | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    resume: bool = False,
    verify: int = VERIFIED,
    by: str = RANK_BY,
    data: Path | None = None,
    out: Path | None = None,
    progress: Progress = Silent(),  # noqa: B008 - it keeps nothing
    painter: Painter | None = None,
    verifier: Verifier | None = None,
    tell: Callable[[str], None] = no_words,
) -> Sweep:
    """Run every combination of the parameters in a spec's [sweep].

    Parameters
    ----------
    indices : two or more are an axis of their own, data.index.
    sample, search : run only so many cells, drawn at random or chosen by optuna; `sample_seed` is of both.
    engine : "kernel" or "backtrader"; the kernel where it can run the rule.
    workers : at a time; one a core if None. scheduler : address of a Dask scheduler that has them.
    resume : go on with a sweep that was stopped in `out`.
    verify : cells of the kernel, beside the best, to run again in backtrader.
    by : metric by which cells are ranked.
    data : the data folder. out : the result folder, with pictures and report; None for one that is gone
        with the answer and has neither.
    painter : draws while cells are verified; without one pictures are drawn here.
    verifier : runs cells again in backtrader while others still run; without one they are run again here.
    tell : called with what a person should know while it runs.

    Raises
    ------
    LetfError
        One sentence, if something is wrong with what is asked, no cell could be run, the engines differ, or
        the folder cannot be written.
    Interrupted
        On Ctrl-C; what is done is kept in `out`.
    """
    started = time.time()
    with progress.status("reading the spec"):
        check_metric(by, (*METRICS, *BESIDE))
        whole("verify", verify, 0)
        whole("sample_seed", sample_seed, 0)
        for name, given in (("sample", sample), ("search", search), ("workers", workers)):
            if given is not None:
                whole(name, given, 1)
        if search is not None and sample is not None:
            raise SpecError("search and sample are two ways to choose cells; give one of them")
        grid = grid_of(base, indices)
        name, why = choose(base, grid, engine)
        if base.own_class is not None and (scheduler is not None or name != KERNEL):
            if scheduler is not None:
                raise SpecError(
                    f"{base.strategy} is a class of this script, which no worker of a cluster has; "
                    'put it into a file beside a spec: strategy = "my_rule.py:MyRule"'
                )
            workers = 1  # other processes cannot import what stands in a script or a cell
        place = data_folder(data).absolute()  # workers may be in another folder, of another time
        guided = None if search is None else {"trials": search, "by": by, "seed": sample_seed}
        drawn = None if guided else draw_cells(grid, sample, sample_seed)
        job = Job(base, grid, name, place, drawn, sample_seed)
        job = replace(job, blocks=blocks_for(name, job.size if search is None else search))
        check_metric(by, job.metrics)
        manifest = manifest_of(job, guided)
    tell(f"{base.name}: {_what(job, search)}; engine: {name} ({why})")
    keeper = Temporary() if out is None else None
    folder = keeper.folder if keeper is not None else Path(out)  # type: ignore[arg-type]
    if verifier is not None and verify and name == KERNEL:
        # Before the folder is held: its lock is nobody else's. What a search chooses nobody knows before.
        with progress.status("getting ready"):
            verifier.ahead(job, 0 if guided else verify)
    with open_store(folder, manifest, resume) as store:
        if store.replaced is not None:
            tell(store.replaced)
        if store.is_whole:
            with writing(store):
                mended = store.mend([job.cells(chunk) for chunk in range(job.chunks)])
            tell(mended or "this sweep is whole already: nothing is run again")
        job = run_cells(job, store, runner_of(workers or cores(), scheduler), progress.cells)
        with progress.status("looking at all cells, and running some again in backtrader"):
            found, view = finish(job, store, by, verify, painter, started, out is not None, verifier)
        for sentence in _ran(name, found, time.time() - started):
            tell(sentence)
    return answer_of(store.folder, view, keeper)


class Temporary:
    """A folder that is gone once nobody holds this."""

    def __init__(self) -> None:
        self.folder = Path(mkdtemp(prefix="letf-sweep-"))
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)


def _what(job: Job, search: int | None) -> str:
    """What is run, in words: "1,200 cells (rule.rsi_bars 3 × plan.stop 400)"."""
    sizes = " × ".join(f"{axis.key} {len(axis.values)}" for axis in job.grid.axes)
    if search is not None:
        return (
            f"a search of {search:,} trials in {job.grid.size:,} cells, with seed {job.sample_seed} ({sizes})"
        )
    if job.sample is None:
        return f"{job.size:,} cells ({sizes})"
    return f"{job.size:,} of {job.grid.size:,} cells, drawn with seed {job.sample_seed} ({sizes})"


def _ran(engine: str, found: Summary, seconds: float) -> list[str]:
    """How many cells ran, where, and whether they were run again."""
    refused = f", {found.refused:,} refused" if found.refused else ""
    said = [f"{found.ran:,} cells ran{refused}; {seconds:,.1f} s in all"]
    handed = found.engines.get("backtrader", 0)
    if engine == KERNEL and handed:
        said.append(f"{handed:,} of them ran in backtrader, as a bar's volume bounds their orders")
    if found.verification and found.verification.get("cells"):
        cells, fills = len(found.verification["cells"]), found.verification["fills"]
        said.append(f"run again in backtrader, order by order: {cells} cells, {fills:,} fills, no difference")
    elif engine == KERNEL and handed < found.ran:
        said.append("not verified: no cell was run again in backtrader")
    return said
