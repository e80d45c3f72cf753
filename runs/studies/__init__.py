"""What each rule's runs are asked beyond their equity, by the rule's name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from runs.studies.compounding import compounding
from runs.studies.hedge import hedge_study
from runs.studies.options import event_options_study
from runs.studies.squeeze import squeeze

if TYPE_CHECKING:
    from runs.backtest import RunResult
    from runs.study import Study
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
