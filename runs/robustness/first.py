"""What is read first of a question that runs a rule more than once: the rule, its data and years."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from letf_instruments import LeveragedFund
from runs.answers.bar_words import counted_bars
from runs.answers.parts import Verdict
from runs.answers.words import listed
from runs.backtest.report.first import not_judged
from runs.backtest.setting import Setting
from runs.specs.run_spec import RunSpec


def asked_line(
    spec: RunSpec, setting: Setting, funds: Iterable[LeveragedFund], more: Iterable[str] = ()
) -> str:
    """Rule, data, years, which funds are synthetic, and what else was asked.

    Parameters
    ----------
    funds : those that are traded.
    """
    rule, bars = spec.make_rule(), setting.bars
    days = bars.sessions
    made: dict[str, list[str]] = {}
    for fund in funds:
        made.setdefault(_made(setting, fund.ticker), []).append(fund.ticker)
    parts = [
        f"{rule.name if rule is not None else spec.strategy} on {bars.name}, {days[0]} to {days[-1]}, "
        f"{counted_bars(bars)}",
        ", ".join(f"{listed(names)} {how}" for how, names in made.items()),
        *more,
    ]
    return " · ".join(part for part in parts if part)


def _made(setting: Setting, ticker: str) -> str:
    traded = setting.traded.get(ticker)
    if traded is None:
        return "synthetic throughout"
    first = traded.bars.sessions[0]
    if first <= setting.bars.sessions[0]:
        return "on traded prices"
    return f"synthetic until {first}"


def not_judged_over(paths: str, name: str) -> Verdict:
    """That nobody has asked yet whether it is an edge, of a rule on more than one path."""
    said = f"{paths} do not say what is luck. letf robustness {name} says whether it is an edge."
    return replace(not_judged(name), said=said)
