"""The view of a rule, the ways to express it, and what became of them: what `letf alternatives` speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from pydantic import BaseModel

from analyzers import Fill, RoundTrip, index_at
from letf_instruments import DataError, FundLedger, LeveragedFund, SpecError
from runs.backtest.metrics import Metrics
from runs.backtest.result import RunResult, execute
from runs.backtest.setting import Setting
from runs.specs.money import AccountSpec
from runs.specs.run_spec import RunSpec
from runs.studies.alternatives.option_replay import OptionTerms
from strategies import LotPlan, TradePlan, TradeRule

Sizing = Literal["exposure", "stake"]


@dataclass(frozen=True)
class Trade:
    """One trade of the view. Bars count from 0.

    share : of equity that was put into the fund, at the close before the entry.
    exit_bar, exit_index : None if it stays open; the index's level where it was left inside the bar, None
        at the open.
    """

    entry_bar: int
    share: float
    exit_bar: int | None
    exit_index: float | None
    reason: str


@dataclass(frozen=True, eq=False)
class View:
    """What a rule thought, as the run on its own fund shows it."""

    run: RunResult
    fund: LeveragedFund
    trades: list[Trade]

    @property
    def bearish(self) -> bool:
        """True if it profits from a fall."""
        return self.fund.multiple < 0


@dataclass(frozen=True)
class Expression:
    """A way to trade a view.

    key : what files call it. name : what a person calls it.
    instrument : its feed, "index" for the index itself. side : 1 to buy, -1 to sell.
    multiple : the instrument's daily multiple.
    account : kind of account. leverage : notional that a unit of tied-up money carries; of an option it
        differs by purchase, and is 0 here.
    option : what is bought on the instrument, None for the instrument itself.
    """

    key: str
    name: str
    instrument: str
    side: int
    multiple: float
    account: Literal["cash", "cfd"]
    leverage: float
    option: Literal["put", "call"] | None = None

    @property
    def total_multiple(self) -> float:
        """Exposure to the index that a unit of tied-up money carries, signed; 0 for an option."""
        return self.side * self.leverage * self.multiple


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of one expression. Arrays by session, shape (n,)."""

    expression: Expression
    equity: np.ndarray
    worth: np.ndarray  # what the stake became, payments aside
    stake: float
    trades: list[RoundTrip]
    liquidations: list[tuple[np.datetime64, str]]
    metrics: Metrics
    notes: list[str]


@dataclass(frozen=True, eq=False)
class Alternatives:
    """All expressions of one view. `days` are sessions, datetime64[D] of shape (n,)."""

    spec: RunSpec
    view: View
    sizing: Sizing
    terms: OptionTerms
    days: np.ndarray
    outcomes: list[Outcome]
    notes: list[str]

    @property
    def setting(self) -> Setting:
        """The market."""
        return self.view.run.setting

    @property
    def simulated(self) -> bool:
        """True if the prices are not real."""
        return self.setting.simulated


def view_of(spec: RunSpec, setting: Setting) -> View:
    """The view of a spec's rule, from a run of it in a cash account."""
    rule = spec.make_rule()
    if not isinstance(rule, TradeRule):
        raise SpecError(f"{spec.strategy} does not trade one fund in and out, so it has no view to express")
    _check_plan(rule.plan)
    name = rule.instrument
    if setting.is_index(name) or name in setting.assets:
        raise SpecError(f"{spec.strategy} trades {name}; alternatives are to a leveraged fund")
    if name in setting.follows:
        raise SpecError(
            f"{name} follows {setting.follows[name]} here, and the ways beside it would be on "
            f"{setting.bars.name}; run alternatives with --index {setting.follows[name]}"
        )
    if not setting.bars.daily:
        raise DataError(f"{setting.bars.source}: these are intraday bars; alternatives need daily ones")
    cash = spec.model_copy(update={"account": account_of(spec.account, "cash")})
    run = execute(cash, setting, rule)
    if run.verdict:
        raise DataError(f"{spec.name}: {run.verdict}")
    return View(run, setting.fund(name), _trades(run, name))


def _check_plan(plan: BaseModel) -> None:
    """Refuse a plan that enters elsewhere than a replay, which does at opens, or that is more than one trade
    in one fund at a time."""
    if isinstance(plan, LotPlan):
        raise SpecError("alternatives replay whole positions, and plan.lots has many at a time; take it out")
    if not isinstance(plan, TradePlan):
        return
    if plan.other is not None:
        raise SpecError(
            "alternatives are to one fund, and plan.other trades a second one; take it out (plan.other=none)"
        )
    for key, value, needed in (("fill", plan.fill, "open"), ("entry", plan.entry, "market")):
        if value != needed:
            raise SpecError(
                f'alternatives enter at opens, which plan.{key} = "{value}" does not; '
                f'take plan.{key} = "{needed}"'
            )


def _trades(run: RunResult, name: str) -> list[Trade]:
    ledger, opens = run.ledgers[name], run.setting.index_of(name).as_swapped().open
    trades: list[Trade] = []
    reasons = iter(t.exit_reason for t in run.trades if t.instrument == name)
    held, first = 0.0, None
    for fill in run.fills[name]:
        if first is None:
            first = fill
        held += fill.size
        if abs(held) <= 1e-9 * abs(first.size):
            inside = fill.price != ledger.open[fill.bar]
            index = index_at(ledger, opens, fill.bar, fill.price) if inside else None
            trades.append(Trade(first.bar, _share(run, ledger, first), fill.bar, index, next(reasons)))
            held, first = 0.0, None
    if first is not None:
        trades.append(Trade(first.bar, _share(run, ledger, first), None, None, next(reasons)))
    return trades


def _share(run: RunResult, ledger: FundLedger, fill: Fill) -> float:
    decided = fill.bar - 1
    return float(fill.size * ledger.close[decided] / run.equity[decided])


def account_of(account: AccountSpec, kind: Literal["cash", "cfd"]) -> AccountSpec:
    """The account of a kind, with the keys of the spec that belong to it."""
    settings = account.model_copy(update={"kind": kind}).settings()
    return AccountSpec(kind=kind, deposits=account.deposits, **settings)
