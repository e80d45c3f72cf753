"""One backtest: from a spec to everything that a table, a report or a chart shows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from analyzers import (
    Curve,
    DecayAnalyzer,
    Drawdown,
    DrawdownAnalyzer,
    EquityLog,
    Fill,
    FillLog,
    Leg,
    LegAnalyzer,
    LoggedFill,
    RoundTrip,
    TradeLog,
)
from engine import ContractBook, Lab
from engine.tax import TaxYear
from feeds.backtrader_feeds import FundFeed
from feeds.bars import Bars
from feeds.market import Market, Prices
from feeds.rates import ShortRate
from feeds.volumes import fund_volume
from letf_instruments import Attribution, FundLedger, LeveragedFund
from letf_instruments.payments import Payment
from runs.answers.parts import Section
from runs.answers.words import extrapolated
from runs.backtest import metrics as m
from runs.backtest.beginning import warm_up_note
from runs.backtest.benchmarks import against_index, held_prices, opened_into, same_risk, with_payments
from runs.backtest.clock import clock_note
from runs.backtest.event_driven import held_to_arrival, run_lab, stopped_on
from runs.backtest.fund_feeds import dividend_note, price_notes
from runs.backtest.notes import gathered
from runs.backtest.own_checks import refuse_ahead
from runs.backtest.own_strategy import index_traded, indicators_of, sent_by
from runs.backtest.setting import Setting
from runs.backtest.spans import synthetic_notes, traded_share
from runs.backtest.tax import tax_metrics, years_of
from runs.backtest.verdict import verdict
from runs.specs.run_spec import RunSpec
from runs.specs.user_strategy import shown_with_line
from strategies import AllocationRule, Rule


@dataclass(frozen=True, eq=False)
class RunResult:
    """A finished run. Arrays are by session, shape (n,)."""

    spec: RunSpec
    rule: Rule | None  # None for a backtrader.Strategy that is no rule of ours
    setting: Setting
    days: np.ndarray
    equity: np.ndarray
    worth: np.ndarray  # what the money at the start became, payments aside: the equity, if there were none
    paid: np.ndarray  # money paid in so far, less what was paid out
    start: float  # money at the start: account.cash, unless a strategy set it
    payments: list[Payment]  # what was paid in and out while it ran, in order
    cash: np.ndarray
    exposure_gross: np.ndarray  # over equity, as `analyzers.EquityLog` has them
    exposure_net: np.ndarray
    exposure_index: np.ndarray
    underwater: np.ndarray
    worst: list[Drawdown]
    trades: list[RoundTrip]
    fills: dict[str, list[Fill]]  # by instrument, in shares that are never split
    logged: list[LoggedFill]  # the same one after another, as traded
    legs: dict[str, Leg]
    ledgers: dict[str, FundLedger]  # of shares that are never split
    factors: dict[str, np.ndarray]  # by fund and bar: price as traded over that of a share never split
    attributions: dict[str, Attribution]
    instruments: tuple[str, ...]  # what the rule may trade, or what was traded
    metrics: m.Metrics
    held: dict[str, m.Metrics]  # the same performance for buying and holding index and instruments
    held_value: dict[str, np.ndarray]  # money by session of each, of the same money and payments
    same_risk: m.Metrics  # the same performance for the index held at the account's volatility, and its share
    same_risk_value: np.ndarray  # money by session of it; NaN where there is none
    verdict: str | None  # why it never traded, if it did not
    warnings: list[str]
    rebalances: dict[str, int] = field(default_factory=dict)  # bars on which weights were traded, by cause
    studies: list[Section] = field(default_factory=list)  # what the rule is asked beyond its equity
    fund_studies: list[Section] = field(default_factory=list)  # the same of what its funds did
    contracts: ContractBook | None = None  # the options that were traded
    at_once: bool = False  # orders were filled on the closes that decided them
    tax_years: list[tuple[TaxYear, bool]] = field(default_factory=list)  # with whether its tax was paid
    indicators: dict[str, np.ndarray] = field(default_factory=dict)  # by bar, of a strategy that is no rule
    stopped: np.datetime64 | None = None  # the day on which the strategy itself ended the run, if it did

    @property
    def bars(self) -> Bars:
        """The index that the rule reads, as it is quoted."""
        return self.setting.bars

    @property
    def short_rate(self) -> ShortRate:
        """The short rate of the run."""
        return self.setting.rate

    @property
    def simulated(self) -> bool:
        """True if the prices are not real."""
        return self.setting.simulated

    @property
    def funds(self) -> list[LeveragedFund]:
        """The funds that the rule may trade, or that were traded."""
        return [self.ledgers[name].fund for name in self.instruments if name in self.ledgers]

    @property
    def ledger_funds(self) -> list[LeveragedFund]:
        """The funds of the run, traded or not."""
        return [ledger.fund for ledger in self.ledgers.values()]

    @property
    def paid_in(self) -> bool:
        """True if money was paid in or out while it ran."""
        return bool(self.payments)

    def has_splits(self, name: str) -> bool:
        """True if prices as traded of a fund of the run are not on the scale of its ledger throughout."""
        return name in self.factors and bool((self.factors[name] != 1.0).any())

    def unsplit(self, name: str, day: np.datetime64, price: float) -> float:
        """A price as traded on a day of the run, on the scale of the ledgers."""
        if name not in self.factors:
            return price
        at = int(np.searchsorted(self.bars.sessions, day, side="right")) - 1
        return float(price / self.factors[name][at])

    def market(self) -> Market:
        """The market that the rule saw, whole; its prices are continuous."""
        setting = self.setting
        funds = {}
        for name, ledger in self.ledgers.items():
            stamps = setting.bars.timestamps[: len(ledger.close)]
            volume = fund_volume(ledger, stamps, setting.volumes.get(name), setting.traded.get(name))
            funds[name] = replace(Prices.of_ledger(ledger), volume=volume)
        assets = {name: Prices.of_bars(bars) for name, bars in setting.assets.items()}
        return Market(setting.bars.timestamps, Prices.of_bars(setting.bars), funds, assets, setting.events)


def run_spec(spec: RunSpec, setting: Setting) -> RunResult:
    """Run the rule of a spec on a market.

    Raises
    ------
    LetfError
        One sentence, if it cannot be run there, or a strategy of the user's own fails.
    """
    return execute(spec, setting, spec.make_rule())


def execute(spec: RunSpec, setting: Setting, rule: Rule | None) -> RunResult:
    """Run one rule (or, if None, the spec's own `backtrader.Strategy`) on a market."""
    with shown_with_line(spec.own_file()):
        kinds = (EquityLog, DrawdownAnalyzer, TradeLog, DecayAnalyzer, LegAnalyzer, FillLog)
        lab, strategy = run_lab(spec, setting, rule, kinds)
        return _result(spec, setting, rule, lab, strategy)


def _result(spec: RunSpec, setting: Setting, rule: Rule | None, lab: Lab, strategy: Any) -> RunResult:
    whole = setting
    log, drawdown, trade_log, decay, leg_log, fill_log = list(strategy.analyzers)[-6:]
    stopped = stopped_on(lab, setting)
    if stopped is not None:
        setting = setting.first(len(lab.datas[0]))
    bars, rate = setting.bars, setting.rate
    feeds = [data for data in lab.datas if isinstance(data, FundFeed)]
    notes = getattr(strategy, "notes", [])
    noted = [note for note in notes if isinstance(note, str)] if isinstance(notes, list) else []
    said = gathered([*noted, *lab.broker.notes])
    known = [*setting.notes, *price_notes(spec, setting, feeds), *dividend_note(lab.broker.dividends)]
    curve = log.by_session()
    days = curve.days
    short = extrapolated(days, "CAGR, volatility, Sharpe, Sortino, Calmar and alpha")
    warnings = [*known, *short, *said]
    rates = rate.on(days)
    trades: list[RoundTrip] = trade_log.trades
    accounts = lab.broker.accounts
    names = tuple(leg_log.fills) if rule is None else rule.instruments
    instruments = tuple(dict.fromkeys(bars.name if setting.is_index(name) else name for name in names))
    prices = held_prices(setting, instruments, decay.ledgers, len(days))
    held = {name: m.performance(days, closes, rates) for name, closes in prices.items()}
    own = m.account(curve, rate, trades, accounts)
    share, alike = same_risk(days, prices["index"], rates, own["volatility"])  # type: ignore[arg-type]
    none = dict.fromkeys(held["index"])
    risked = {"share": share, **(none if share is None else m.performance(days, alike, rates))}
    traded = sum(abs(fill.size * fill.price) for fill in fill_log.fills)
    traded += sum(abs(fill.units * fill.quote.price) for fill in lab.broker.contracts.fills)
    start, payments = curve.start, lab.broker.payments
    held_value, risked_value = _in_money(setting, decay.ledgers, curve, payments, prices, share, alike)
    if payments:
        own |= m.money(curve)
        for name, values in held_value.items():
            final = float(values[-1])
            held[name] |= {"final_equity": final if np.isfinite(final) else None}
            held[name] |= m.money_of(start, days, payments, final)
        if share is not None:
            final = float(risked_value[-1])
            risked |= {"final_equity": final if np.isfinite(final) else None}
            risked |= m.money_of(start, days, payments, final)
    numbers: m.Metrics = {
        **own,
        **against_index(days, curve.worth, prices["index"], rates, curve.start),
        **{f"same_risk_{key}": value for key, value in risked.items()},
        **m.activity(trades, traded, curve),
        **{f"hold_{name}_{key}": value for name, kept in held.items() for key, value in kept.items()},
        **m.decay(decay.rets),
        **m.legs(leg_log.legs),
        "paid_in": float(curve.paid[-1]),
        "sessions": len(days),
        "simulated": setting.simulated,
    }
    result = RunResult(
        spec=spec,
        rule=rule,
        setting=setting,
        days=days,
        equity=curve.equity,
        worth=curve.worth,
        paid=curve.paid,
        start=start,
        payments=payments,
        cash=curve.cash,
        exposure_gross=curve.exposure_gross,
        exposure_net=curve.exposure_net,
        exposure_index=curve.exposure_index,
        underwater=drawdown.rets["underwater"],
        worst=drawdown.rets["worst"],
        trades=trades,
        fills=leg_log.fills,
        logged=fill_log.fills,
        legs=leg_log.legs,
        ledgers=decay.ledgers,
        factors={feed._name: np.array(feed.lines.factor.array[: len(feed)]) for feed in feeds},
        attributions=decay.rets,
        instruments=instruments,
        metrics=numbers,
        held=held,
        held_value=held_value,
        same_risk=risked,
        same_risk_value=risked_value,
        verdict=None,
        warnings=warnings,
        rebalances=dict(getattr(strategy, "rebalances", {})),
        contracts=lab.broker.contracts if lab.broker.contracts.fills else None,
        at_once=getattr(strategy, "traded_at_once", False),
        indicators=indicators_of(strategy, len(bars)) if rule is None else {},
        stopped=stopped,
    )
    if lab.broker.taxes is not None:
        numbers |= tax_metrics(spec, whole, rule, curve, lab.broker)
        result.tax_years.extend(years_of(lab.broker.taxes))
    if setting.traded:
        numbers["traded_share"] = traded_share(result)
    market = result.market()
    if rule is not None and spec.is_own:
        warnings += refuse_ahead(spec, rule, market)
    elif rule is None:
        warnings += held_to_arrival(spec, setting, fill_log.fills)
    if rule is not None:
        warnings[len(known) : len(known)] = [
            *rule.all_notes(market),
            *clock_note(bars, rule),
            *warm_up_note(rule, bars),
        ]
    if payments and isinstance(rule, AllocationRule) and not rule.plan.trades_back:
        warnings.append(
            "what is paid in stays in cash, as the plan has neither schedule nor band: "
            'plan.schedule = "monthly" puts it in'
        )
    warnings[:0] = synthetic_notes(setting, result.funds)  # the first line has them in short
    sent = sent_by(lab.broker)
    if rule is None:
        if stopped is not None:
            warnings.append(f"the strategy stopped the run on {stopped}; everything here ends there")
        if result.paid_in:
            often = "once" if len(payments) == 1 else f"{len(payments):,} times"
            warnings.append(
                f"cash was paid in or out {often}, {curve.paid[-1]:,.2f} on balance; "
                "returns, risk and drawdown are time-weighted, so that no payment is a gain or a loss"
            )
        late = sum(lab.broker._cash_addition)
        if late:
            warnings.append(f"{late:,.2f} was paid in on the last bar, too late to be credited")
        warnings += [*index_traded(lab.datas, leg_log.fills), *(sent.left_over() if trades else [])]
    return result if trades else replace(result, verdict=verdict(rule, market, said, sent))


def _in_money(
    setting: Setting,
    ledgers: dict[str, FundLedger],
    curve: Curve,
    payments: list[Payment],
    prices: dict[str, np.ndarray],
    share: float | None,
    alike: np.ndarray,
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """What the same money and payments would have made by session: held, and at the account's risk."""
    start, days = curve.start, curve.days
    into = {name: opened_into(setting, name, ledgers, payments) for name in prices} if payments else {}
    held = {
        name: with_payments(start, closes / closes[0], days, payments, into.get(name))
        for name, closes in prices.items()
    }
    if share is None:
        return held, start * alike
    partly = np.maximum(1.0 + share * (into["index"] - 1.0), 0.0) if payments else None
    return held, with_payments(start, alike, days, payments, partly)
