"""What a rule is asked beside the verdict's own checks: other histories."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from runs.answers.answer import Answer
from runs.answers.progress import Say
from runs.specs.run_spec import RunSpec


def _other_histories(spec: RunSpec, paths: int, seed: int, folder: Path | None, say: Say) -> Answer:
    from runs.robustness.montecarlo.answer import ask
    from runs.robustness.montecarlo.study import Asked

    say("running it on other histories")
    return ask(spec, Asked(paths=paths, seed=seed), folder)[0]


# By heading: what asks, given spec, paths, seed, data folder and what takes words.
OTHERS: dict[str, Callable[..., Answer]] = {"Other histories": _other_histories}
