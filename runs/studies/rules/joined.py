"""A run with what its rule is asked beyond its equity."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from runs.answers.progress import Say, no_words
from runs.backtest.answer import Run, answer_of
from runs.backtest.beginning import begun
from runs.backtest.result import RunResult, execute
from runs.backtest.setting import Setting
from runs.specs.run_spec import RunSpec
from runs.studies.rules.compounding import compounding
from runs.studies.rules.event_options.study import event_options_study
from runs.studies.rules.hedge.study import hedge_study
from runs.studies.rules.squeeze import squeeze

if TYPE_CHECKING:
    from runs.studies.rules.study import MakeStudy

STUDIES: dict[str, MakeStudy] = {
    "decay_harvest": squeeze,
    "trend": compounding,
    "hedge": hedge_study,
    "event_options": event_options_study,
}
OF_FUNDS = {"trend"}  # whose study tells what a fund did, not what the rule did


def run(spec: RunSpec, folder: Path | None = None, say: Say = no_words) -> Run:
    """Run a spec in backtrader; its answer.

    Raises
    ------
    LetfError
        As `run_backtest`.
    """
    say("running in backtrader")
    return answer_of(run_backtest(spec, folder))


def run_backtest(
    spec: RunSpec, folder: Path | None = None, setting: Setting | None = None, studies: bool = True
) -> RunResult:
    """Run a spec in backtrader.

    Parameters
    ----------
    folder : the data folder; None for LETF_DATA_DIR or the per-user one.
    setting : the market, if it is loaded already.
    studies : False leaves out what the rule's run is asked beyond its equity, which may run it again.

    Raises
    ------
    LetfError
        One sentence, if the spec or the data cannot be used, or a strategy of the user's own fails.
    """
    if setting is None:
        spec, setting = begun(spec, folder)
    rule = spec.make_rule()
    result = execute(spec, setting, rule)
    ours = rule is not None and not spec.is_own  # a rule of one's own may have any name
    study = STUDIES.get(rule.name) if studies and ours and rule is not None else None
    if study is None or result.verdict:
        return result
    # It may set a short beside the run, for comparison, where the run itself takes none.
    account = spec.account.model_copy(update={"shorts": "allow"})
    free = spec.model_copy(update={"account": account})
    made = study(result, lambda other: execute(free, setting, other))
    metrics = {**result.metrics, **made.metrics}
    if rule is not None and rule.name in OF_FUNDS:
        return replace(result, fund_studies=[made], metrics=metrics)
    return replace(result, studies=[made], metrics=metrics)
