"""The first screen of the page of `letf alternatives`: what was traded in which ways, and what each gave."""

from __future__ import annotations

from runs.answers.parts import KeyFigure
from runs.answers.words import counted, number, percent, share
from runs.studies.alternatives.view import Alternatives, Outcome
from runs.studies.alternatives.words import without_interest

SIZES = {"exposure": "the same exposure at entry", "stake": "the same share tied up at entry"}


def asked_line(found: Alternatives) -> str:
    """Whose trades, on what data, over which years, with how much, and which prices are a model's."""
    run, fund = found.view.run, found.view.fund.ticker
    trades = counted(len(found.view.trades), "trade")
    synthetic = f" · {fund} synthetic" if fund not in run.setting.traded else ""
    return (
        f"{trades} of {found.spec.name} on {run.bars.name}, {found.days[0]} to {found.days[-1]} · "
        f"{number(found.spec.account.cash, 0)} each way, {SIZES[found.sizing]}{synthetic}, option premiums "
        "modelled"
    )


def key_figures(found: Alternatives) -> list[KeyFigure]:
    """What each way gave in all, what of it is not interest on cash and debt, and the most of the stake that
    it lost."""
    return [
        KeyFigure(outcome.expression.name, percent(outcome.metrics["total_return"]), _beside(outcome))  # type: ignore[arg-type]
        for outcome in found.outcomes
    ]


def _beside(outcome: Outcome) -> str:
    if not outcome.metrics["interest"]:
        return _worst(outcome)
    own = without_interest(outcome)
    paid_in = "put_in" in outcome.metrics  # of what was paid in there is no single share
    said = f"{number(own, 0)} in money" if paid_in else percent(own / outcome.stake)
    return f"without interest on cash: {said}; {_worst(outcome)}"


def _worst(outcome: Outcome) -> str:
    lost = f"{share(outcome.metrics['worst_against_stake'])} of the stake lost at worst"  # type: ignore[arg-type]
    closed = len(outcome.liquidations)
    return f"{lost}, closed by others {counted(closed, 'time')}" if closed else lost
