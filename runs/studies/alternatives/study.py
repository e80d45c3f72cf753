"""One view of the market in several ways: a leveraged fund, a short sale, contracts for difference, options.

The view is the trades of a rule, from its own run on its own fund: when it entered, when it left, and how
much of its equity it put in. Each expression replays them through its own broker with the same stake. A new
way is one more entry in `expressions`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from analyzers import LegAnalyzer, TradeLog, price_at
from analyzers.equity import EquityLog
from engine import Lab
from feeds.backtrader_feeds import BarsFeed
from letf_instruments import FundLedger
from runs.answers.words import extrapolated
from runs.backtest.beginning import begun
from runs.backtest.fund_feeds import fund_feed
from runs.backtest.spans import synthetic_notes
from runs.specs.money import AccountSpec, broker_of
from runs.specs.run_spec import RunSpec
from runs.studies.alternatives.metrics import expression_metrics
from runs.studies.alternatives.option_replay import OptionTerms
from runs.studies.alternatives.options import express_option, option_notes, option_ways, volatility_of
from runs.studies.alternatives.replay import CapitalLog, Replay, Step
from runs.studies.alternatives.view import (
    Alternatives,
    Expression,
    Outcome,
    Sizing,
    View,
    account_of,
    view_of,
)

PLAIN = "1X"  # the index ETF of the fact tables
FORCED = ("margin call", "recall", "ruin", "stop-out")


def find_alternatives(
    spec: RunSpec,
    folder: Path | None = None,
    sizing: Sizing = "exposure",
    progress: Callable[[str], None] = lambda words: None,
    days: int = 30,
    moneyness: float = 1.0,
    scale: float | None = None,
) -> Alternatives:
    """Run a spec's rule once, and its trades in every expression.

    Parameters
    ----------
    folder : the data folder; None for LETF_DATA_DIR or the per-user one.
    sizing : "exposure" gives each the same exposure to the index at entry, "stake" ties up the same share
        of equity in each.
    days, moneyness : of the options, see `OptionTerms`. scale : with data.volatility, the index's volatility
        over it.
    progress : called with the name of each run before it starts.

    Raises
    ------
    LetfError
        One sentence, if the spec cannot be run, or its rule does not trade one leveraged fund by day.
    """
    progress("the rule's own run")
    spec, setting = begun(spec, folder)
    volatility = volatility_of(setting, scale)
    view = view_of(spec, setting)
    terms = OptionTerms(days, moneyness, getattr(view.run.rule.plan, "max_bars", None), volatility)
    ways = expressions(view, spec.account, setting.bars.name)
    outcomes = []
    for way in ways:
        progress(way.name)
        outcomes.append(express(view, way, spec, sizing, terms))
    earned = outcomes[0].metrics["interest"]
    notes = [
        "a replay: entries and exits are those of the rule's own run, in which every decision knew the past "
        "only",
        _sizing_note(view, sizing),
        *synthetic_notes(setting, [view.fund]),
        *option_notes(view, spec, terms),
        *_interest_note(spec, earned),
        *(["account.tax has no effect: all ways are shown before tax"] if spec.account.tax else []),
        *extrapolated(view.run.days),
        *setting.notes,
        *(f"{outcome.expression.name}: {note}" for outcome in outcomes for note in outcome.notes),
    ]
    return Alternatives(spec, view, sizing, terms, view.run.days, outcomes, notes)


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
        *option_ways(view, index),
    ]


def steps_of(view: View, way: Expression, ledger: FundLedger | None, sizing: Sizing) -> list[Step]:
    """A view's trades in the instrument of an expression; `ledger` is the instrument's, None of the index."""
    bars = view.run.bars
    swapped = bars.as_swapped()
    steps = []
    for trade in view.trades:
        size = abs(view.fund.multiple / way.multiple) if sizing == "exposure" else way.leverage
        price, stop = None, False
        if trade.exit_bar is not None and trade.exit_index is not None:
            bar, level = trade.exit_bar, trade.exit_index
            quoted = level / (swapped.close[bar] / bars.close[bar])
            price = quoted if ledger is None else price_at(ledger, swapped.open, bar, level)
            opened = bars.open[bar] if ledger is None else ledger.open[bar]
            stop = (price < opened) == (way.side > 0)
        steps.append(
            Step(trade.entry_bar, way.side * size * trade.share, trade.exit_bar, price, stop, trade.reason)
        )
    return steps


def express(
    view: View,
    way: Expression,
    spec: RunSpec,
    sizing: Sizing,
    terms: OptionTerms = OptionTerms(),  # noqa: B008 - it is frozen
) -> Outcome:
    """Run a view in one expression; `terms` are of options."""
    if way.option is not None:
        return express_option(view, way, spec, sizing, terms)
    setting = view.run.setting
    bars, rate = setting.bars, setting.rate
    account = account_of(spec.account, way.account)
    lab = Lab(
        broker_of(account, spec.costs, rate, spec.data.seed, borrow=setting.borrow, dated=setting.deposits)
    )
    index = BarsFeed(dataname=bars)
    lab.adddata(index)
    ledger = None
    if way.instrument != "index":
        fund = setting.fund(way.instrument)
        feed = fund_feed(spec, setting, fund, index, split=fund.ticker == view.fund.ticker)
        ledger = setting.ledger(fund, feed.p.initial_nav)
        lab.adddata(feed)
    steps = steps_of(view, way, ledger, sizing)
    lab.addstrategy(Replay, steps=steps, instrument=way.instrument)
    for analyzer in (EquityLog, TradeLog, LegAnalyzer, CapitalLog):
        lab.addanalyzer(analyzer)
    log, trades, legs, capital = list(lab.run()[0].analyzers)
    curve = log.by_session()
    closed = [t for t in trades.trades if t.exit_reason in FORCED]
    return Outcome(
        expression=way,
        equity=curve.equity,
        worth=curve.worth,
        stake=curve.start,
        trades=trades.trades,
        liquidations=[(t.exit_date, t.exit_reason) for t in closed],
        metrics=expression_metrics(
            way.total_multiple,
            curve,
            log.equity,
            capital,
            lab.broker.accounts,
            legs.legs,
            trades.trades,
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
