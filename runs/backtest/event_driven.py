"""A rule in backtrader: feeds, broker, strategy and analyzers put together, and run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import backtrader as bt
import numpy as np

from analyzers import EquityLog, FillLog, LoggedFill, TradeLog
from engine import Lab
from feeds.bars import MIN_BARS
from letf_instruments import DataError, SpecError
from runs.backtest import metrics as m
from runs.backtest.benchmarks import against_index, index_held
from runs.backtest.checks import check_run
from runs.backtest.fund_feeds import run_feeds
from runs.backtest.own_checks import refuse_ahead, refuse_before_arrival
from runs.backtest.setting import Setting
from runs.specs.money import broker_of
from runs.specs.run_spec import RunSpec
from runs.specs.user_strategy import shown_with_line
from strategies import (
    AllocationRule,
    AllocationStrategy,
    OptionRule,
    OptionStrategy,
    Rule,
    TradeStrategy,
    market_of,
)
from strategies.carriers.account_strategy import AccountStrategy
from strategies.held import Held, HeldAllocation, HeldTrade
from strategies.lots import account_rule_of


def run_lab(
    spec: RunSpec,
    setting: Setting,
    rule: Rule | None,
    analyzers: Sequence[type],
    held: Held | None = None,
    streaming: bool = False,
    anew: bool = False,
) -> tuple[Lab, Any]:
    """Run one rule (or, if None, the spec's own `backtrader.Strategy`) on a market.

    Parameters
    ----------
    analyzers : classes; the strategy's last analyzers are theirs, in this order.
    held : what a rule of trades or weights goes on from, in place of what it would have traded itself.
    streaming : bars arrive one by one, and none is there before. anew : the spec's own strategy comes from
        its file run once more.

    Returns
    -------
    The finished Lab, and the strategy that ran.

    Raises
    ------
    LetfError
        One sentence, if the rule cannot be run on this market.
    """
    rate = setting.rate
    check_run(spec, setting, rule)
    money = (spec.account, spec.costs, rate, spec.data.seed, spec.options, setting.borrow)
    lab = Lab(broker_of(*money, follows_rule=rule is not None, dated=setting.deposits))
    for feed in run_feeds(spec, setting, rule):
        lab.adddata(feed)
    if rule is None:
        lab.addstrategy(spec.strategy_class(anew), **spec.rule)
    elif isinstance(rule, OptionRule):
        how = {"volatility": setting.volatility, "short_rate": rate}
        lab.addstrategy(OptionStrategy, rule=rule, events=setting.events, **how)
    elif held is not None:
        kind = HeldAllocation if isinstance(rule, AllocationRule) else HeldTrade
        lab.addstrategy(kind, rule=rule, events=setting.events, held=held)
    elif (own := account_rule_of(rule)) is not None:
        own.history_before_run = rule.history_before_run
        lab.addstrategy(AccountStrategy, rule=own, events=setting.events)
    else:
        kind = AllocationStrategy if isinstance(rule, AllocationRule) else TradeStrategy
        lab.addstrategy(kind, rule=rule, events=setting.events)
    if rule is None:
        lab.addanalyzer(_Reached)  # before those that a run of too few bars would break
    for analyzer in analyzers:
        lab.addanalyzer(analyzer)
    try:
        ran = lab.run(preload=False, runonce=False) if streaming else lab.run()
    except IndexError:
        _refuse_late(spec, setting, getattr(lab, "runningstrats", []))  # how backtrader says it
        raise
    _refuse_late(spec, setting, ran)
    if not ran:
        raise SpecError(f"{spec.strategy} declined to run (it raised StrategySkipError)")
    return lab, ran[0]


class _Reached(bt.Analyzer):
    """Refuses a run that its own strategy has stopped before there was anything to tell of it."""

    def stop(self) -> None:
        clock = self.strategy.datas[0]
        if len(clock) < MIN_BARS <= clock.buflen():
            raise SpecError(
                f"the strategy stopped the run on {clock.datetime.date(0)}, before there was a result; a run "
                f"takes {MIN_BARS} bars or more"
            )


def stopped_on(lab: Lab, setting: Setting) -> np.datetime64 | None:
    """The day on which a strategy has stopped its run by `runstop`; None if it saw all bars."""
    bars = len(lab.datas[0])
    return setting.bars.sessions[bars - 1] if bars < len(setting.bars) else None


@dataclass(frozen=True, eq=False)
class AccountRun:
    """What a run made of the account alone: its metrics (`metrics.account`, `benchmarks.against_index`),
    equity at each bar's close, and every fill; `metrics.money` and `metrics.taxed` too, whether anything was
    paid or not. All is of every bar and session of the market, those in which a strategy waits for its
    indicators too. `excess` are the daily returns over the short rate, None of an account that was ruined; as
    many as `sessions`, or one less. `worth`, by session, is what 1 became by time-weighted returns, so that
    no payment is a gain."""

    metrics: m.Metrics
    equity: np.ndarray
    fills: list[LoggedFill]
    excess: np.ndarray | None
    sessions: int
    worth: np.ndarray


def run_account(spec: RunSpec, setting: Setting, rule: Rule | None) -> AccountRun:
    """Run a rule as `run_lab` does and keep the account.

    Raises
    ------
    LetfError
        One sentence, if it cannot be run, is a rule of a person's own that looks ahead, or a strategy that
        stops early: its figures would be of another span than those they are set against.
    """
    with shown_with_line(spec.own_file()):
        lab, strategy = run_lab(spec, setting, rule, (EquityLog, TradeLog, FillLog))
        stopped = stopped_on(lab, setting)
        if stopped is not None:
            raise SpecError(f"the strategy stopped the run on {stopped}, so it has no result over all bars")
        log, trades, fills = list(strategy.analyzers)[-3:]
        curve = log.by_session()
        found = m.account(curve, setting.rate, trades.trades, lab.broker.accounts)
        index = index_held(setting, len(curve.days))
        found |= against_index(curve.days, curve.worth, index, setting.rate.on(curve.days), curve.start)
        found |= m.money(curve)
        found |= m.taxed(curve, setting.rate, lab.broker.accounts["tax"], lab.broker.tax_due)
        if rule is not None and spec.is_own:
            refuse_ahead(spec, rule, market_of(lab.datas, len(setting.bars), setting.events))
        days, worth = curve.from_start()
        excess = m.excess_returns(days, worth, setting.rate.on(days))
        grown = curve.worth / curve.start
        return AccountRun(found, log.equity, fills.fills, excess, len(curve.days), grown)


def held_to_arrival(spec: RunSpec, setting: Setting, fills: Sequence[LoggedFill]) -> list[str]:
    """Run the spec's own `backtrader.Strategy` once more on bars that arrive one by one, and refuse it if its
    fills are not these; notes as of `own_checks.refuse_before_arrival`.

    Raises
    ------
    SpecError
        One sentence with the first fill that differs.
    """

    def again(streaming: bool) -> list[LoggedFill]:
        _, strategy = run_lab(spec, setting, None, (FillLog,), streaming=streaming, anew=True)
        found: list[LoggedFill] = list(strategy.analyzers)[-1].fills
        return found

    return refuse_before_arrival(spec, setting, fills, again)


def _refuse_late(spec: RunSpec, setting: Setting, strategies: list[Any]) -> None:
    needed = max((strategy._minperiod for strategy in strategies), default=0)
    if needed > len(setting.bars):
        raise DataError(
            f"{setting.bars.source}: {len(setting.bars)} bars are too few; {spec.strategy} has an indicator "
            f"that needs {needed}"
        )
