"""One backtest: from a spec to everything that a table, a report or a chart shows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analyzers import (
    DecayAnalyzer,
    Drawdown,
    DrawdownAnalyzer,
    EquityLog,
    RoundTrip,
    TradeLog,
)
from engine import Costs, Lab, LabBroker
from feeds.backtrader_feeds import BarsFeed, FundFeed
from feeds.bars import Bars
from feeds.checks import warnings_of
from feeds.market import Market, Prices
from feeds.rates import ShortRate
from feeds.sources import load_rate
from feeds.total_return import price_index, total_return_index
from letf_instruments import Attribution, DataError, FundLedger, LeveragedFund, known_fund
from letf_instruments.fund_file import load_fund_file
from letf_instruments.sessions import last_of_each
from runs import metrics as m
from runs.spec import RunSpec
from strategies import TradeRule, TradeStrategy


@dataclass(frozen=True, eq=False)
class RunResult:
    """A finished run. Arrays are by session, shape (n,)."""

    spec: RunSpec
    rule: TradeRule
    quoted: Bars  # the index as its source has it
    bars: Bars  # the index that the rule reads and the funds follow
    short_rate: ShortRate
    days: np.ndarray
    equity: np.ndarray
    cash: np.ndarray
    exposure: np.ndarray
    underwater: np.ndarray
    worst: list[Drawdown]
    trades: list[RoundTrip]
    ledgers: dict[str, FundLedger]
    attributions: dict[str, Attribution]
    metrics: m.Metrics
    held: dict[str, m.Metrics]  # the same performance for buying and holding index and traded instrument
    verdict: str | None  # why it never traded, if it did not
    warnings: list[str]

    @property
    def simulated(self) -> bool:
        """True if the prices are not real."""
        return self.bars.simulated

    @property
    def instrument(self) -> str:
        """What the rule trades."""
        return self.rule.instrument


def run_backtest(spec: RunSpec, folder: Path | None = None) -> RunResult:
    """Run a spec in backtrader.

    Parameters
    ----------
    folder : the data folder; None for LETF_DATA_DIR or the per-user one.

    Raises
    ------
    LetfError
        One sentence, if the spec or the data cannot be used.
    """
    rule = spec.make_rule()
    quoted = price_index(spec.place("index"), folder, spec.data.seed)
    quoted = quoted.between(spec.data.start, spec.data.end)
    bars, dividends = _index(spec, quoted, folder)
    if len(bars) <= rule.warm_up:
        raise DataError(
            f"{bars.source}: {len(bars)} bars are too few; {spec.strategy} needs more than {rule.warm_up} "
            "before its first signal"
        )
    rate = load_rate(spec.place("rates"), folder) if spec.data.rates else ShortRate.constant(spec.data.rate)
    warnings = [*warnings_of(quoted, spec.data.calendar), *dividends]
    warnings += rate.covering(bars.sessions[0], bars.sessions[-1])
    if rate.is_constant:
        warnings.append(f"no short-rate series named: {rate.label} is assumed throughout")

    funds = _funds(spec, rule, bars)
    lab = Lab(
        LabBroker(
            cash=spec.account.cash,
            costs=Costs(**spec.costs.model_dump()),
            short_rate=rate,
            whole_shares=spec.account.whole_shares,
        )
    )
    index = BarsFeed(dataname=bars)
    lab.adddata(index)
    for fund in funds:
        lab.adddata(FundFeed(dataname=index, fund=fund, short_rate=rate))
    lab.addstrategy(TradeStrategy, rule=rule)
    for analyzer in (EquityLog, DrawdownAnalyzer, TradeLog, DecayAnalyzer):
        lab.addanalyzer(analyzer)
    strategy = lab.run()[0]
    log, drawdown, trade_log, decay = strategy.analyzers

    warnings += [*strategy.notes, *lab.broker.notes]
    curve = log.by_session()
    days, equity = curve.days, curve.equity
    last = last_of_each(log.days)
    rates = rate.on(days)
    trades: list[RoundTrip] = trade_log.trades
    accounts = lab.broker.accounts
    costs_paid = sum(accounts[a] for a in ("commission", "spread", "slippage", "borrow"))
    held_prices = {"index": bars.close[last]}
    if rule.instrument in decay.ledgers:
        held_prices[rule.instrument] = decay.ledgers[rule.instrument].close[last]
    held = {name: m.performance(days, prices, rates) for name, prices in held_prices.items()}
    full_days, full_equity = curve.from_start()
    numbers: m.Metrics = {
        **m.performance(full_days, full_equity, rate.on(full_days)),
        **m.trading(trades),
        "exposure": float(np.abs(curve.exposure).mean()),
        "final_equity": float(equity[-1]),
        "costs_paid": float(costs_paid),
        "commission_paid": accounts["commission"],
        "spread_paid": accounts["spread"],
        "slippage_paid": accounts["slippage"],
        "interest_earned": accounts["interest"],
        **{f"hold_{name}_{key}": value for name, own in held.items() for key, value in own.items()},
        **m.decay(decay.rets),
        "sessions": len(days),
        "simulated": bars.simulated,
    }
    market = Market(
        bars.timestamps,
        Prices.of_bars(bars),
        {name: Prices.of_ledger(ledger) for name, ledger in decay.ledgers.items()},
    )
    return RunResult(
        spec=spec,
        rule=rule,
        quoted=quoted,
        bars=bars,
        short_rate=rate,
        days=days,
        equity=equity,
        cash=curve.cash,
        exposure=curve.exposure,
        underwater=drawdown.rets["underwater"],
        worst=drawdown.rets["worst"],
        trades=trades,
        ledgers=decay.ledgers,
        attributions=decay.rets,
        metrics=numbers,
        held=held,
        verdict=None if trades else never_traded(rule, market, warnings),
        warnings=warnings,
    )


def _index(spec: RunSpec, quoted: Bars, folder: Path | None) -> tuple[Bars, list[str]]:
    """The index of a run, and what was done to the quoted one to make it a total return."""
    if not spec.data.total_return:
        why = "as data.total_return is false"
        return quoted, [f"{quoted.source}: taken as it is quoted, without dividends, {why}"]
    bars, said = total_return_index(spec.place("index"), folder, spec.data.seed)
    return bars.between(spec.data.start, spec.data.end), said


def _funds(spec: RunSpec, rule: TradeRule, bars: Bars) -> list[LeveragedFund]:
    """The funds of a run: those that are watched, and the one that is traded."""
    wanted = [
        load_fund_file(Path(spec.fund_file(name))) if name.lower().endswith(".toml") else known_fund(name)
        for name in spec.data.funds
    ]
    if rule.instrument != bars.name and rule.instrument not in [fund.ticker for fund in wanted]:
        wanted.insert(0, known_fund(rule.instrument))
    funds = {fund.ticker: fund for fund in wanted}
    if bars.name.upper() in funds:
        raise DataError(
            f"{bars.source} is taken for the index, but {bars.name.upper()} is also a fund of this run; "
            "name the index that the fund follows, or rename the file"
        )
    return list(funds.values())


def never_traded(rule: TradeRule, market: Market, warnings: list[str]) -> str:
    """One sentence on why a rule made no trade: the condition that never held, or that none coincided."""
    signals = rule.checked_signals(market)
    never = [f"“{name}”" for name, held in signals.entry.items() if not held.any()]
    if never:
        verb = "were" if len(never) > 1 else "was"
        return f"The rule never traded: {' and '.join(never)} {verb} never true."
    entries = int(signals.enters().sum())
    if not entries:
        counts = ", ".join(f"“{name}” on {held.sum():,} bars" for name, held in signals.entry.items())
        return f"The rule never traded: its conditions were never true together ({counts})."
    if entries == 1 and signals.enters()[-1]:
        return "The rule never traded: its one signal came on the last bar, too late to be filled."
    return f"The rule never traded although it gave {entries:,} signals: {'; '.join(warnings[-3:])}."
