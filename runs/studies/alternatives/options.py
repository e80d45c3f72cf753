"""A view in options: a put on the index or a call on the bear fund, a call on the index or on the bull fund.

Every premium is modelled (docs/options.md).
"""

from __future__ import annotations

import numpy as np

from analyzers import RoundTrip, TradeLog
from analyzers.equity import EquityLog
from engine import Lab
from engine.contracts import EXPIRED
from feeds.backtrader_feeds import BarsFeed
from feeds.options.volatility import QuotedVolatility, RealisedVolatility, Volatility
from letf_instruments import SpecError
from runs.backtest.fund_feeds import fund_feed
from runs.backtest.notes import gathered
from runs.backtest.setting import Setting
from runs.specs.money import broker_of
from runs.specs.run_spec import RunSpec
from runs.studies.alternatives.metrics import expression_metrics
from runs.studies.alternatives.option_replay import OptionReplay, OptionStep, OptionTerms
from runs.studies.alternatives.replay import CapitalLog
from runs.studies.alternatives.view import Expression, Outcome, Sizing, View, account_of

MODEL = "(model)"  # of a name: no price of it is real


def option_ways(view: View, index: str) -> list[Expression]:
    """The ways to trade a view in options."""
    kind = "put" if view.bearish else "call"
    fund = view.fund
    return [
        Expression(f"{kind}_index", f"{kind} on {index} {MODEL}", "index", 1, 1.0, "cash", 0.0, kind),
        Expression(
            "call_fund", f"call on {fund.ticker} {MODEL}", fund.ticker, 1, fund.multiple, "cash", 0.0, "call"
        ),
    ]


def volatility_of(setting: Setting, scale: float | None) -> Volatility:
    """What premiums take the index's volatility to be.

    Raises
    ------
    SpecError
        If there is a volatility index and no scale, or a scale and no index.
    """
    quoted = setting.volatility
    if quoted is None:
        if scale is not None:
            raise SpecError("--scale is of a volatility index, but data.volatility names none")
        return RealisedVolatility()
    if scale is None:
        raise SpecError(
            f"data.volatility names {quoted.source}, which is the volatility of its own market; give "
            "--scale, the factor from there to this index's (1 takes it as it is)"
        )
    return QuotedVolatility(quoted, scale)


def option_steps(view: View, sizing: Sizing) -> list[OptionStep]:
    """A view's trades for `OptionReplay`."""
    each = abs(view.fund.multiple) if sizing == "exposure" else 1.0
    return [
        OptionStep(t.entry_bar, each * t.share, t.exit_bar, t.exit_index is not None, t.reason)
        for t in view.trades
    ]


def express_option(view: View, way: Expression, spec: RunSpec, sizing: Sizing, terms: OptionTerms) -> Outcome:
    """Run a view in one kind of option, in a cash account."""
    setting = view.run.setting
    account = account_of(spec.account, "cash")
    money = (account, spec.costs, setting.rate, spec.data.seed, spec.options)
    lab = Lab(broker_of(*money, dated=setting.deposits))
    index = BarsFeed(dataname=setting.bars)
    lab.adddata(index)
    if way.instrument != "index":  # never split: no split restates a contract here
        lab.adddata(fund_feed(spec, setting, setting.fund(way.instrument), index, split=False))
    lab.addstrategy(
        OptionReplay,
        steps=option_steps(view, sizing),
        instrument=way.instrument,
        kind=way.option,
        terms=terms,
        by_exposure=sizing == "exposure",
        calendar=spec.data.calendar,
        short_rate=setting.rate,
    )
    for analyzer in (EquityLog, TradeLog, CapitalLog):
        lab.addanalyzer(analyzer)
    strategy = lab.run()[0]
    log, trades, capital = list(strategy.analyzers)
    curve = log.by_session()
    book, accounts = lab.broker.contracts, lab.broker.accounts
    bought = [fill.quote for fill in book.fills if fill.units > 0]
    multiples = [way.multiple * q.delta * q.spot / q.price for q in bought]
    early = _expired_early(view, trades.trades)
    metrics = expression_metrics(
        float(np.mean(multiples)) if multiples else 0.0,
        curve,
        log.equity,
        capital,
        accounts,
        {},
        trades.trades,
        book.steps,
        early,
    )
    said = [f"{early:,} expired before the rule left: flat from then to its next entry"] if early else []
    return Outcome(
        expression=way,
        equity=curve.equity,
        worth=curve.worth,
        stake=curve.start,
        trades=trades.trades,
        liquidations=[(t.exit_date, t.exit_reason) for t in trades.trades if t.exit_reason == "ruin"],
        metrics=metrics,
        notes=[*said, *gathered([*strategy.missed, *lab.broker.notes])],
    )


def _expired_early(view: View, trades: list[RoundTrip]) -> int:
    """How many options expired while the rule was still in."""
    days = view.run.bars.sessions
    left = {days[t.entry_bar]: None if t.exit_bar is None else days[t.exit_bar] for t in view.trades}
    ends = [(left[t.entry_date], t.exit_date) for t in trades if t.exit_reason == EXPIRED]
    return sum(day is None or bool(day > expiry) for day, expiry in ends)


def option_notes(view: View, spec: RunSpec, terms: OptionTerms) -> list[str]:
    """What holds for every option here, a sentence each."""
    life = f"{terms.days} calendar days away or more"
    if terms.longest is not None:
        life += (
            f", and not before the rule's longest holding of {terms.longest:,} bars ends (370 days at most)"
        )
    inside = sum(t.exit_index is not None for t in view.trades)
    said = [
        f"every premium is modelled, none is a market's: European options, priced with "
        f"{terms.volatility.describe()}; strike {terms.moneyness:g} × the close before, first weekly expiry "
        f"{life}; costs are [options], a spread of {spec.options.spread:.3g} of the premium"
    ]
    if inside:
        said.append(
            f"options trade at the open only: where the rule left inside a bar ({inside:,} of "
            f"{len(view.trades):,} trades) they are sold at the next open"
        )
    if spec.data.splits != "none":
        said.append(
            f"options on {view.fund.ticker} are on a share that is never split: no split restates a contract "
            "here"
        )
    return said
