"""One backtest: from a spec to everything that a table, a report or a chart shows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from analyzers import (
    DecayAnalyzer,
    Drawdown,
    DrawdownAnalyzer,
    EquityLog,
    Fill,
    Leg,
    LegAnalyzer,
    RoundTrip,
    TradeLog,
)
from engine import ContractBook, ContractCosts, Costs, Lab, LabBroker
from feeds.backtrader_feeds import BarsFeed, FundFeed
from feeds.bars import Bars
from feeds.events import BUILT_IN
from feeds.market import Market, Prices
from feeds.rates import ShortRate
from letf_instruments import Attribution, DataError, FundLedger, LeveragedFund, SpecError
from letf_instruments.sessions import last_of_each
from runs import metrics as m
from runs.setting import Setting, load_setting
from runs.spec import RunSpec
from runs.studies import STUDIES
from runs.study import Study
from runs.user_strategy import file_of, shown_with_line
from strategies import (
    AllocationRule,
    AllocationStrategy,
    OptionRule,
    OptionStrategy,
    Rule,
    TradeRule,
    TradeStrategy,
)


@dataclass(frozen=True, eq=False)
class RunResult:
    """A finished run. Arrays are by session, shape (n,)."""

    spec: RunSpec
    rule: Rule | None  # None for a backtrader.Strategy that is no rule of ours
    setting: Setting
    days: np.ndarray
    equity: np.ndarray
    cash: np.ndarray
    exposure: np.ndarray
    underwater: np.ndarray
    worst: list[Drawdown]
    trades: list[RoundTrip]
    fills: dict[str, list[Fill]]
    legs: dict[str, Leg]
    ledgers: dict[str, FundLedger]
    attributions: dict[str, Attribution]
    instruments: tuple[str, ...]  # what the rule may trade, or what was traded
    metrics: m.Metrics
    held: dict[str, m.Metrics]  # the same performance for buying and holding index and instruments
    verdict: str | None  # why it never traded, if it did not
    warnings: list[str]
    studies: list[Study] = field(default_factory=list)
    contracts: ContractBook | None = None  # the options that were traded

    @property
    def quoted(self) -> Bars:
        """The index as its source has it."""
        return self.setting.quoted

    @property
    def bars(self) -> Bars:
        """The index that the rule reads and the funds follow."""
        return self.setting.bars

    @property
    def short_rate(self) -> ShortRate:
        """The short rate of the run."""
        return self.setting.rate

    @property
    def simulated(self) -> bool:
        """True if the prices are not real."""
        return self.setting.simulated

    def market(self) -> Market:
        """The market that the rule saw, whole."""
        setting = self.setting
        funds = {}
        for name, ledger in self.ledgers.items():
            prices = Prices.of_ledger(ledger)
            volume = setting.volumes.get(name)
            if volume is not None:
                prices = replace(prices, volume=volume.on(setting.bars.sessions))
            funds[name] = prices
        assets = {name: Prices.of_bars(bars) for name, bars in setting.assets.items()}
        return Market(setting.bars.timestamps, Prices.of_bars(setting.bars), funds, assets, setting.events)


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
        setting = load_setting(spec, folder)
    rule = spec.make_rule()
    result = execute(spec, setting, rule)
    study = STUDIES.get(rule.name) if studies and rule is not None else None
    if study is None or result.verdict:
        return result
    made = study(result, lambda other: execute(spec, setting, other))
    return replace(result, studies=[made], metrics={**result.metrics, **made.metrics})


def execute(spec: RunSpec, setting: Setting, rule: Rule | None) -> RunResult:
    """Run one rule (or, if None, the spec's own `backtrader.Strategy`) on a market."""
    bars, rate = setting.bars, setting.rate
    if rule is not None:
        _check_rule(spec, setting, rule)
    lab = Lab(
        LabBroker(
            cash=spec.account.cash,
            costs=Costs(**spec.costs.model_dump()),
            contract_costs=ContractCosts(**spec.options.model_dump()),
            short_rate=rate,
            whole_shares=spec.account.whole_shares,
        )
    )
    index = BarsFeed(dataname=bars)
    lab.adddata(index)
    for fund in _funds(setting, rule):
        volume = setting.volumes.get(fund.ticker)
        lab.adddata(FundFeed(dataname=index, fund=fund, short_rate=rate, volume=volume))
    for asset in setting.assets.values():
        lab.adddata(BarsFeed(dataname=asset))
    if rule is None:
        own = spec.strategy_class()
        lab.addstrategy(own, **spec.rule)
    else:
        own = type(rule)
        if isinstance(rule, OptionRule):
            how = {"volatility": setting.volatility, "short_rate": rate}
            lab.addstrategy(OptionStrategy, rule=rule, events=setting.events, **how)
        else:
            kind = AllocationStrategy if isinstance(rule, AllocationRule) else TradeStrategy
            lab.addstrategy(kind, rule=rule, events=setting.events)
    for analyzer in (EquityLog, DrawdownAnalyzer, TradeLog, DecayAnalyzer, LegAnalyzer):
        lab.addanalyzer(analyzer)
    with shown_with_line(file_of(own)):
        ran = lab.run()
    if not ran:
        raise SpecError(f"{spec.strategy} declined to run (it raised StrategySkipError)")
    return _result(spec, setting, rule, lab, ran[0])


def _result(spec: RunSpec, setting: Setting, rule: Rule | None, lab: Lab, strategy: Any) -> RunResult:
    log, drawdown, trade_log, decay, leg_log = list(strategy.analyzers)[-5:]
    bars, rate = setting.bars, setting.rate
    notes = getattr(strategy, "notes", [])
    warnings = [*setting.notes, *(notes if isinstance(notes, list) else []), *lab.broker.notes]
    curve = log.by_session()
    days, equity = curve.days, curve.equity
    rates = rate.on(days)
    trades: list[RoundTrip] = trade_log.trades
    accounts = lab.broker.accounts
    names = tuple(leg_log.fills) if rule is None else rule.instruments
    instruments = tuple(dict.fromkeys(bars.name if setting.is_index(name) else name for name in names))
    held_prices = {"index": bars.close[last_of_each(bars.sessions)]}
    for name in instruments:
        if name in decay.ledgers:
            held_prices[name] = decay.ledgers[name].close[decay.ledgers[name].session_last]
        elif name in setting.assets:
            held_prices[name] = setting.assets[name].close
    # A strategy with indicators of its own may start late; what is held starts with it.
    late = len(held_prices["index"]) - len(days)
    held = {name: m.performance(days, prices[late:], rates) for name, prices in held_prices.items()}
    full_days, full_equity = curve.from_start()
    numbers: m.Metrics = {
        **m.performance(full_days, full_equity, rate.on(full_days)),
        **m.trading(trades),
        "exposure": float(np.abs(curve.exposure).mean()),
        "final_equity": float(equity[-1]),
        **m.costs(accounts),
        **{f"hold_{name}_{key}": value for name, own in held.items() for key, value in own.items()},
        **m.decay(decay.rets),
        **m.legs(leg_log.legs),
        "sessions": len(days),
        "simulated": setting.simulated,
    }
    result = RunResult(
        spec=spec,
        rule=rule,
        setting=setting,
        days=days,
        equity=equity,
        cash=curve.cash,
        exposure=curve.exposure,
        underwater=drawdown.rets["underwater"],
        worst=drawdown.rets["worst"],
        trades=trades,
        fills=leg_log.fills,
        legs=leg_log.legs,
        ledgers=decay.ledgers,
        attributions=decay.rets,
        instruments=instruments,
        metrics=numbers,
        held=held,
        verdict=None,
        warnings=warnings,
        contracts=lab.broker.contracts if lab.broker.contracts.fills else None,
    )
    market = result.market()
    if rule is not None:
        warnings[len(setting.notes) : len(setting.notes)] = rule.notes(market)
    return result if trades else replace(result, verdict=_verdict(rule, market, warnings))


def _check_rule(spec: RunSpec, setting: Setting, rule: Rule) -> None:
    bars = setting.bars
    if len(bars) <= rule.warm_up:
        raise DataError(
            f"{bars.source}: {len(bars)} bars are too few; {spec.strategy} needs more than {rule.warm_up} "
            "before its first signal"
        )
    if rule.needs_events() and not len(setting.events):
        raise SpecError(
            f"{spec.strategy} reads a calendar of events, but data.events names none; name a file with a "
            f"column of dates, or {' or '.join(BUILT_IN)}"
        )


def _funds(setting: Setting, rule: Rule | None) -> list[LeveragedFund]:
    """The funds of a run: those that are traded and not named, then those that are watched."""
    traded = () if rule is None else rule.instruments
    extra = [
        setting.fund(name)
        for name in traded
        if not setting.is_index(name) and name not in setting.assets and name not in setting.funds
    ]
    return [*extra, *setting.funds.values()]


def _verdict(rule: Rule | None, market: Market, warnings: list[str]) -> str:
    """One sentence on why a run made no trade."""
    if isinstance(rule, TradeRule):
        return never_traded(rule, market, warnings)
    if isinstance(rule, OptionRule):
        never = [name for name, held in rule.checked_signals(market).entry.items() if not held.any()]
        if never:
            return f"The rule never traded: “{never[0]}” was never true."
    if isinstance(rule, AllocationRule):
        weights = rule.checked_targets(market).weights
        if all(np.isnan(w).any() for w in weights.values()) and any(
            np.isnan(w).all() for w in weights.values()
        ):
            return "The rule never traded: its weights were never known, so the data are too short for it."
        if not any((np.nan_to_num(w) != 0).any() for w in weights.values()):
            return "The rule never traded: its target weights were 0 throughout."
    return f"The rule never traded{': ' if warnings else ''}{'; '.join(warnings[-3:])}."


def never_traded(rule: TradeRule, market: Market, warnings: list[str]) -> str:
    """One sentence on why a rule made no trade: the condition that never held, or that none coincided."""
    signals = rule.checked_signals(market)
    conditions = dict(signals.entry)
    if signals.needed:
        words = f"{signals.needed} of {len(signals.votes)} confirmations ({', '.join(signals.votes)})"
        conditions[words] = signals.vote_count() >= signals.needed
    never = [f"“{name}”" for name, held in conditions.items() if not held.any()]
    if never:
        verb = "were" if len(never) > 1 else "was"
        return f"The rule never traded: {' and '.join(never)} {verb} never true."
    entries = int(signals.enters().sum())
    if not entries:
        counts = ", ".join(f"“{name}” on {held.sum():,} bars" for name, held in conditions.items())
        return f"The rule never traded: its conditions were never true together ({counts})."
    if entries == 1 and signals.enters()[-1]:
        return "The rule never traded: its one signal came on the last bar, too late to be filled."
    return f"The rule never traded although it gave {entries:,} signals: {'; '.join(warnings[-3:])}."
