"""What each rule's runs are asked beyond their equity, by the rule's name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from runs.studies.rules.compounding import compounding
from runs.studies.rules.event_options import event_options_study
from runs.studies.rules.hedge.study import hedge_study
from runs.studies.rules.squeeze import squeeze

if TYPE_CHECKING:
    from runs.answers.answer import Study
    from runs.backtest.result import RunResult
    from strategies.rule import Rule

    # A finished run, and how to run another rule on the same market, account and costs.
    Rerun = Callable[[Rule], RunResult]
    MakeStudy = Callable[[RunResult, Rerun], Study]

STUDIES: dict[str, MakeStudy] = {
    "decay_harvest": squeeze,
    "trend": compounding,
    "hedge": hedge_study,
    "event_options": event_options_study,
}
