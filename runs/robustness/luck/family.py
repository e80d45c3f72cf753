"""What else was tried: the cells of a spec's [sweep], as far as luck needs them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analyzers.luck import effective_trials
from engine.kernel.figures import SESSIONS_A_YEAR
from feeds.sources import data_folder
from letf_instruments import SpecError
from runs.specs.run_spec import RunSpec
from runs.sweeps.engines.blocks import FINE
from runs.sweeps.engines.choice import choose, engine_of
from runs.sweeps.engines.engine import KERNEL
from runs.sweeps.engines.job import Job, draw_cells
from runs.sweeps.luck import overfitting_of
from runs.sweeps.results.run_numbers import numbered_runs
from runs.sweeps.space.grid import Grid

Floats = np.ndarray

MOST_CELLS, MOST_IN_BACKTRADER = 5_000, 60
SAMPLED, TESTED = 100, 50
YEAR = math.sqrt(SESSIONS_A_YEAR)


@dataclass(frozen=True, eq=False)
class Family:
    """Cells that ran.

    cells : how many there are. ran : how many of them were run, drawn by `seed`, and have a Sharpe ratio.
    values : by cell its numbers; sharpe : a year, shape (ran,), NaN where there is none.
    different : runs among them. trials : independent ones that all cells are worth. spread : of the different
    runs' ratios a year. overfit : the probability of overfitting; None with a single run.
    returns : daily, over the short rate, of some different runs, the best among them, shape (some, sessions);
        by block where cells run in backtrader.
    """

    cells: int
    ran: int
    seed: int
    sharpe: Floats
    different: int
    trials: float
    spread: float
    overfit: float | None
    returns: Floats

    @property
    def best(self) -> float:
        """The best Sharpe ratio a year."""
        return float(np.nanmax(self.sharpe))


def family_of(
    base: RunSpec,
    grid: Grid,
    folder: Path | None,
    seed: int,
) -> Family | str:
    """Run the cells of a grid on the spec's own data, whose axes are left out; or why nothing can be said of
    them, in words.

    Raises
    ------
    LetfError
        If the data are not there.
    """
    # Cells on other data had other days; the spec itself says what those of the rule are.
    grid = Grid(tuple(axis for axis in grid.axes if axis.rank != 0))
    if not grid.axes:
        return "[sweep] varies nothing but the data"
    name, _ = choose(base, grid, None)
    most = MOST_CELLS if name == KERNEL else MOST_IN_BACKTRADER
    drawn = draw_cells(grid, most, seed) if grid.size > most else None
    job = Job(base, grid, name, data_folder(folder).absolute(), drawn, seed, FINE)
    engine = engine_of(job)
    cells = np.arange(grid.size) if drawn is None else drawn
    parts = np.array_split(cells, max(1, len(cells) // (500 if name == KERNEL else 5)))
    found = [engine.evaluate(part) for part in parts]
    metrics = {key: np.concatenate([part[key] for part in found]) for key in job.metrics}
    ratio = metrics["sharpe"]
    block, square = np.concatenate([part["blocks"] for part in found]).swapaxes(0, 1)
    known = np.isfinite(ratio) & np.isfinite(block).all(axis=1)
    if not known.any():
        return "no cell of [sweep] has a Sharpe ratio"
    places = np.flatnonzero(known)
    runs = numbered_runs(np.where(np.isfinite(kept), kept, np.nan)[places] for kept in metrics.values())
    _, first = np.unique(runs, return_index=True)
    different = places[np.sort(first)]
    rng = np.random.default_rng(seed)
    some = rng.permutation(different)[:SAMPLED]
    # What was not drawn is taken to be as different among itself as what was.
    all_different = round(len(different) * grid.size / len(cells))
    sessions = int(np.unique(job.markets.of({}).bars.sessions).size)
    best = int(places[np.argmax(ratio[places])])
    watched = np.unique(np.append(some[:TESTED], best))
    fine = engine.evaluate(cells[watched], sessions)["blocks"][:, 0] if name == KERNEL else block[watched]
    halved = None
    if len(different) > 1:
        halved = overfitting_of(lambda: [(block[different], square[different])], FINE, sessions)
    return Family(
        cells=grid.size,
        ran=len(places),
        seed=seed,
        sharpe=ratio,
        different=all_different,
        trials=effective_trials(block[some], all_different),
        spread=float(np.std(ratio[different], ddof=1)) if len(different) > 1 else 0.0,
        overfit=None if halved is None else halved.probability,
        returns=fine,
    )


def checked_trials(trials: int | None, family: bool) -> int | None:
    """How many other rules were tried, as a person says.

    Raises
    ------
    SpecError
        If it is no number of trials, or the spec's own [sweep] says it.
    """
    if trials is None:
        return None
    if not isinstance(trials, int) or isinstance(trials, bool) or trials < 1:
        raise SpecError(f"trials is {trials!r}; give how many rules were tried, 1 or more")
    if family:
        raise SpecError("trials and [sweep] are two answers to what else was tried; give one of them")
    return trials
