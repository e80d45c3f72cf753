"""What a rule is asked beside the verdict's own checks: other periods, other histories."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from runs.answers.answer import Answer
from runs.answers.progress import Say
from runs.specs.run_spec import RunSpec
from runs.sweeps.engines.choice import choose
from runs.sweeps.engines.engine import KERNEL
from runs.sweeps.space.axes import grid_of

MOST_CELLS, MOST_IN_BACKTRADER = 2_000, 30  # of a sweep that parameters are chosen from anew
YEARS = (1, 3)


def _chosen_anew(spec: RunSpec, paths: int, seed: int, folder: Path | None, say: Say) -> Answer:
    from runs.robustness.walk_forward.answer import ask

    say("choosing its parameters anew in each window")
    grid = grid_of(spec)
    engine, _ = choose(spec, grid, None)
    most = MOST_CELLS if engine == KERNEL else MOST_IN_BACKTRADER
    return ask(spec, sample=most if grid.size > most else None, sample_seed=seed, folder=folder, say=say)


def _any_day(spec: RunSpec, paths: int, seed: int, folder: Path | None, say: Say) -> Answer:
    from runs.robustness.starts.answer import ask

    say("beginning it on any other day")
    return ask(spec, YEARS, verify=0, folder=folder, say=say)


def _other_histories(spec: RunSpec, paths: int, seed: int, folder: Path | None, say: Say) -> Answer:
    from runs.robustness.montecarlo.answer import ask
    from runs.robustness.montecarlo.study import Asked

    say("running it on other histories")
    return ask(spec, Asked(paths=paths, seed=seed), folder)[0]


# By heading: what asks, given spec, paths, seed, data folder and what takes words.
OTHERS: dict[str, Callable[..., Answer]] = {
    "Parameters chosen anew": _chosen_anew,
    "Begun on any other day": _any_day,
    "Other histories": _other_histories,
}
