"""What a rule's run is asked beyond its equity: a section of its report, and metrics of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runs.answers.parts import Section
from runs.backtest.metrics import Metrics

if TYPE_CHECKING:
    from runs.backtest.result import RunResult
    from strategies.rule import Rule

    # A finished run, and how to run another rule on the same market, account and costs.
    Rerun = Callable[[Rule], RunResult]
    MakeStudy = Callable[[RunResult, Rerun], "RuleStudy"]


@dataclass(frozen=True)
class RuleStudy(Section):
    """The section, and `metrics`, flat, that are merged into those of the run."""

    metrics: Metrics = field(default_factory=dict)
