"""What a spec is refused for once its market is known, in one place and before either engine: a cell that one
of them runs the other can run again."""

from __future__ import annotations

from feeds.events import BUILT_IN
from letf_instruments import DataError, SpecError
from letf_instruments.splits import split_policy
from runs.backtest.clock import check_clock
from runs.backtest.fund_feeds import funds_of
from runs.backtest.setting import Setting
from runs.specs.run_spec import RunSpec
from strategies import OptionRule, Rule
from strategies.lots import account_rule_of
from strategies.plans.allocation_plan import ON_LAST


def check_run(spec: RunSpec, setting: Setting, rule: Rule | None) -> None:
    """Let a rule see what came before the run, and refuse a run that this market, or this account, is not
    enough for.

    Parameters
    ----------
    rule : None for a `backtrader.Strategy` of a person's own.

    Raises
    ------
    LetfError
        One sentence.
    """
    if rule is not None:
        check_rule(spec, setting, rule)
        _check_instruments(setting, rule)
    funds = funds_of(setting, rule)
    tickers = {fund.ticker.upper() for fund in funds}
    for name in spec.data.first_price:
        if name.upper() not in tickers:
            raise SpecError(
                f"data.first_price.{name}: {name} is no fund of this run; "
                + (f"its funds are {', '.join(fund.ticker for fund in funds)}" if funds else "it has no fund")
            )
    for fund in funds:  # it is refused where real splits are not known
        traded = setting.traded.get(fund.ticker)  # whose prices may show splits that no table has
        split_policy(spec.data.splits, fund, None if traded is None else traded.splits)


def check_rule(spec: RunSpec, setting: Setting, rule: Rule) -> None:
    """The part of `check_run` that depends on a rule's parameters and plan.

    Raises
    ------
    LetfError
        One sentence.
    """
    check_warm_up(spec, setting, rule)
    check_plan(spec, setting, rule)


def check_warm_up(spec: RunSpec, setting: Setting, rule: Rule) -> None:
    """Of `check_rule` what depends on a rule's own numbers: whether there are bars enough."""
    bars = setting.bars
    rule.history_before_run = setting.history
    if len(bars) <= rule.bars_waited:
        raise DataError(
            f"{bars.source}: {len(bars)} bars are too few; {spec.strategy} needs more than {rule.warm_up} "
            "before its first signal"
        )


def check_plan(spec: RunSpec, setting: Setting, rule: Rule) -> None:
    """The rest of `check_rule`, which is the same for a rule of ours whatever its own parameters are, as long
    as it reads events or does not: what its kind, its plan and the account ask of a market."""
    bars = setting.bars
    if getattr(rule.plan, "schedule", None) in ON_LAST and not bars.daily:
        raise DataError(
            f"{bars.source}: these are intraday bars; plan.schedule = {rule.plan.schedule!r} needs daily ones"
        )
    check_clock(bars, rule)
    if account_rule_of(rule) is not None:
        if not bars.daily:
            raise DataError(
                f"{bars.source}: these are intraday bars; {spec.strategy} sends orders for the close of a "
                "session, which daily bars have"
            )
        if spec.account.kind != "cash":
            raise SpecError(
                f"{spec.strategy} sees its account, which must be of cash, not {spec.account.kind}"
            )
        lots = getattr(rule.plan, "lots", None)
        if lots and spec.account.whole_shares and spec.data.splits != "none":
            raise SpecError(
                "plan.lots with account.whole_shares and data.splits: what a split leaves of a share "
                "belongs to no lot; take one of the three out"
            )
    if isinstance(rule, OptionRule) and spec.account.kind == "cfd":
        raise SpecError(f"{spec.strategy} trades options, which an account of kind cfd does not hold")
    if isinstance(rule, OptionRule) and spec.account.tax is not None:
        raise SpecError(
            f"{spec.strategy} trades options, and tax is worked out of shares alone; take account.tax out"
        )
    if isinstance(rule, OptionRule) and spec.data.splits != "none":
        raise SpecError(
            f"{spec.strategy} trades options, whose contracts no split restates here; take data.splits out"
        )
    if rule.needs_events() and not len(setting.events):
        raise SpecError(
            f"{spec.strategy} reads a calendar of events, but data.events names none; name a file with a "
            f"column of dates, or {' or '.join(BUILT_IN)}"
        )


def _check_instruments(setting: Setting, rule: Rule) -> None:
    """Refuse one that the rule makes no sense on, and one that it names twice."""
    seen: dict[str, str] = {}
    for name in rule.instruments:
        traded = setting.bars.name if setting.is_index(name) else name
        if traded in seen:
            raise SpecError(f"rule {rule.name} trades {seen[traded]} and {name}, which are the same")
        seen[traded] = name
        on_quotes = traded == setting.bars.name or traded in setting.assets
        rule.check_instrument(1.0 if on_quotes else float(setting.fund(traded).multiple))
