"""One view of the market in several ways: a leveraged fund, a short sale, contracts for difference.

The view is the trades of a rule, from its own run on its own fund: when it entered, when it left, and how
much of its equity it put in. Each expression replays them through its own broker with the same stake. A new
way is one more entry in `expressions`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from analyzers import Fill, LegAnalyzer, RoundTrip, TradeLog, index_at, price_at
from analyzers.equity import EquityLog
from engine import Lab
from feeds.backtrader_feeds import BarsFeed, FundFeed
from letf_instruments import DataError, FundLedger, LeveragedFund, SpecError, synthesize
from runs.alternatives_metrics import expression_metrics
from runs.backtest import RunResult, execute
from runs.metrics import Metrics
from runs.money_spec import AccountSpec, broker_of
from runs.replay import CapitalLog, Replay, Step
from runs.setting import Setting, load_setting
from runs.spec import RunSpec
from strategies import TradeRule

Sizing = Literal["exposure", "stake"]
PLAIN = "1X"  # the index ETF of the fact tables
FORCED = ("margin call", "recall", "ruin", "stop-out")


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
    account : kind of account. leverage : notional that a unit of tied-up money carries.
    """

    key: str
    name: str
    instrument: str
    side: int
    multiple: float
    account: Literal["cash", "cfd"]
    leverage: float

    @property
    def total_multiple(self) -> float:
        """Exposure to the index that a unit of tied-up money carries, signed."""
        return self.side * self.leverage * self.multiple


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of one expression. Arrays by session, shape (n,)."""

    expression: Expression
    equity: np.ndarray
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


def find_alternatives(
    spec: RunSpec,
    folder: Path | None = None,
    sizing: Sizing = "exposure",
    progress: Callable[[str], None] = lambda words: None,
) -> Alternatives:
    """Run a spec's rule once, and its trades in every expression.

    Parameters
    ----------
    folder : the data folder; None for LETF_DATA_DIR or the per-user one.
    sizing : "exposure" gives each the same exposure to the index at entry, "stake" ties up the same share
        of equity in each.
    progress : called with the name of each run before it starts.

    Raises
    ------
    LetfError
        One sentence, if the spec cannot be run, or its rule does not trade one leveraged fund by day.
    """
    progress("the rule's own run")
    setting = load_setting(spec, folder)
    view = view_of(spec, setting)
    ways = expressions(view, spec.account, setting.bars.name)
    outcomes = []
    for way in ways:
        progress(way.name)
        outcomes.append(express(view, way, spec, sizing))
    earned = outcomes[0].metrics["interest"]
    notes = [
        "a replay: entries and exits are those of the rule's own run, in which every decision knew the past "
        "only",
        _sizing_note(view, sizing),
        *_interest_note(spec, earned),
        *setting.notes,
        *(f"{outcome.expression.name}: {note}" for outcome in outcomes for note in outcome.notes),
    ]
    return Alternatives(spec, view, sizing, view.run.days, outcomes, notes)


def _sizing_note(view: View, sizing: Sizing) -> str:
    if sizing == "stake":
        return "each ties up the share of equity that the rule puts in, so that exposures differ"
    each = abs(view.fund.multiple)
    return (
        f"each has the same exposure to the index at entry, {each:g} × the share of equity that the rule "
        f"puts into {view.fund.ticker}, as far as its margin allows"
    )


def _interest_note(spec: RunSpec, earned: object) -> list[str]:
    if spec.account.interest_on_equity or not earned:
        return []
    return [
        f"the equity of a CFD account earns nothing (account.interest_on_equity); where the fund was bought, "
        f"idle cash earned {earned:,.0f}"
    ]


def view_of(spec: RunSpec, setting: Setting) -> View:
    """The view of a spec's rule, from a run of it in a cash account."""
    rule = spec.make_rule()
    if not isinstance(rule, TradeRule):
        raise SpecError(f"{spec.strategy} does not trade one fund in and out, so it has no view to express")
    name = rule.instrument
    if setting.is_index(name) or name in setting.assets:
        raise SpecError(f"{spec.strategy} trades {name}; alternatives are to a leveraged fund")
    if not setting.bars.daily:
        raise DataError(f"{setting.bars.source}: these are intraday bars; alternatives need daily ones")
    cash = spec.model_copy(update={"account": account_of(spec.account, "cash")})
    run = execute(cash, setting, rule)
    if run.verdict:
        raise DataError(f"{spec.name}: {run.verdict}")
    return View(run, setting.fund(name), _trades(run, name))


def _trades(run: RunResult, name: str) -> list[Trade]:
    ledger, bars = run.ledgers[name], run.bars
    trades: list[Trade] = []
    reasons = iter(t.exit_reason for t in run.trades if t.instrument == name)
    held, first = 0.0, None
    for fill in run.fills[name]:
        if first is None:
            first = fill
        held += fill.size
        if abs(held) <= 1e-9 * abs(first.size):
            inside = fill.price != ledger.open[fill.bar]
            index = index_at(ledger, bars.open, fill.bar, fill.price) if inside else None
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
    return AccountSpec(kind=kind, **settings)


def expressions(view: View, account: AccountSpec, index: str) -> list[Expression]:
    """The ways to trade a view. For another one, add it here."""
    fund = view.fund
    b, ticker = fund.multiple, fund.ticker
    side = -1 if view.bearish else 1
    cfd = 1.0 / account.margin_rate
    regt = 1.0 / max(account.initial_margin, account.maintenance_margin)
    plain = (
        Expression("short_1x", f"short sale of {PLAIN}", PLAIN, -1, 1.0, "cash", regt)
        if view.bearish
        else Expression("buy_1x", f"buy {PLAIN}", PLAIN, 1, 1.0, "cash", 1.0)
    )
    return [
        Expression("fund", f"buy {ticker}", ticker, 1, b, "cash", 1.0),
        plain,
        Expression("cfd_index", f"CFD on {index}", "index", side, 1.0, "cfd", cfd),
        Expression("cfd_fund", f"CFD on {ticker}", ticker, 1, b, "cfd", cfd),
    ]


def steps_of(view: View, way: Expression, ledger: FundLedger | None, sizing: Sizing) -> list[Step]:
    """A view's trades in the instrument of an expression; `ledger` is the instrument's, None of the index."""
    bars = view.run.bars
    steps = []
    for trade in view.trades:
        size = abs(view.fund.multiple / way.multiple) if sizing == "exposure" else way.leverage
        price, stop = None, False
        if trade.exit_bar is not None and trade.exit_index is not None:
            bar, level = trade.exit_bar, trade.exit_index
            price = level if ledger is None else price_at(ledger, bars.open, bar, level)
            opened = bars.open[bar] if ledger is None else ledger.open[bar]
            stop = (price < opened) == (way.side > 0)
        steps.append(
            Step(trade.entry_bar, way.side * size * trade.share, trade.exit_bar, price, stop, trade.reason)
        )
    return steps


def express(view: View, way: Expression, spec: RunSpec, sizing: Sizing) -> Outcome:
    """Run a view in one expression."""
    setting = view.run.setting
    bars, rate = setting.bars, setting.rate
    account = account_of(spec.account, way.account)
    lab = Lab(broker_of(account, spec.costs, rate, spec.data.seed))
    index = BarsFeed(dataname=bars)
    lab.adddata(index)
    ledger = None
    if way.instrument != "index":
        fund = setting.fund(way.instrument)
        rates = rate.on(bars.sessions)
        ledger = synthesize(fund, bars.sessions, bars.open, bars.high, bars.low, bars.close, rates)
        volume = setting.volumes.get(way.instrument)
        lab.adddata(FundFeed(dataname=index, fund=fund, short_rate=rate, volume=volume))
    steps = steps_of(view, way, ledger, sizing)
    lab.addstrategy(Replay, steps=steps, instrument=way.instrument)
    for analyzer in (EquityLog, TradeLog, LegAnalyzer, CapitalLog):
        lab.addanalyzer(analyzer)
    log, trades, legs, capital = list(lab.run()[0].analyzers)
    closed = [t for t in trades.trades if t.exit_reason in FORCED]
    return Outcome(
        expression=way,
        equity=log.by_session().equity,
        trades=trades.trades,
        liquidations=[(t.exit_date, t.exit_reason) for t in closed],
        metrics=expression_metrics(
            way, account.cash, log.equity, capital, lab.broker.accounts, legs.legs, trades.trades
        ),
        notes=_without_shrinking(lab.broker.notes),
    )


def _without_shrinking(notes: Sequence[str]) -> list[str]:
    """Notes, with those of orders that shrank counted: of a short they may come with every trade."""
    shrunk = [note for note in notes if " became " in note]
    if len(shrunk) < 2:
        return list(notes)
    rest = [note for note in notes if " became " not in note]
    return [f"{len(shrunk):,} orders shrank to what the account carries, the first on {shrunk[0]}", *rest]
