"""The first screen of the page of `letf alternatives`: what was traded in which ways, and what each gave."""

from __future__ import annotations

from runs.answers.parts import KeyFigure
from runs.answers.words import counted, number, percent, share
from runs.studies.alternatives.view import Alternatives, Outcome
from runs.studies.alternatives.words import fallen, interest_in

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
    """What each way gave in all, how much of that is interest, the most of the stake that it lost, and its
    worst drawdown."""
    return [
        KeyFigure(outcome.expression.name, percent(outcome.metrics["total_return"]), _beside(outcome))  # type: ignore[arg-type]
        for outcome in found.outcomes
    ]


def _beside(outcome: Outcome) -> str:
    return "; ".join(said for said in (interest_in(outcome), _worst(outcome)) if said)


def _worst(outcome: Outcome) -> str:
    lost = f"at worst {share(outcome.metrics['worst_against_stake'])} of the stake lost, {fallen(outcome)}"  # type: ignore[arg-type]
    closed = len(outcome.liquidations)
    return f"{lost}, closed by others {counted(closed, 'time')}" if closed else lost
