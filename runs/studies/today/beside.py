"""A person's account beside the run's: on which scale its shares and prices are, and what it holds."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

import numpy as np

from engine import Lab
from letf_instruments import SpecError
from runs.backtest.fund_feeds import run_feeds
from runs.backtest.setting import Setting
from runs.specs.run_spec import RunSpec
from runs.studies.today.holdings import Owned
from runs.studies.today.orders import Scale, last_print
from strategies import AllocationRule, OptionRule, Rule, TradeRule
from strategies.held import Held, Holding

PRICED = ("stop", "trailing_stop", "target")
DATED = ("stop", "target", "rebound")  # where it is a level's name


def scales_of(datas: Sequence[Any], prices: dict[str, float], size: float) -> dict[str, Scale]:
    """By instrument, what makes a feed's prices and shares the person's.

    Parameters
    ----------
    prices : last closes as traded, by instrument in capitals. size : the person's money over the run's.

    Raises
    ------
    SpecError
        If a price is of no instrument of the run, or of one that is worth nothing.
    """
    names = {data._name.upper(): data for data in datas}
    names.setdefault("INDEX", datas[0])
    for name in prices:
        if name not in names:
            raise SpecError(f"price of {name}: {_not_here(name, datas)}")
        if not names[name].close[0] > 0:
            raise SpecError(f"price of {name}: in this run it is wiped out")
    found = {}
    for data in datas:
        last = float(data.close[0])
        given = prices.get(data._name.upper(), prices.get("INDEX") if data is datas[0] else None)
        printed = last_print(data) if given is None and last > 0 else given
        found[data._name] = Scale(last, 1.0 if printed is None else printed / last, size, printed is None)
    return found


def held_of(
    spec: RunSpec,
    setting: Setting,
    rule: Rule | None,
    equity: float | None,
    holding: tuple[Owned, ...] | None,
    prices: dict[str, float],
) -> Held | None:
    """What a rule goes on from; None for what its run holds itself.

    Raises
    ------
    SpecError
        If the rule cannot go on from it, or something that its plan needs to know was not said.
    """
    if holding is None:
        return None
    if rule is None or isinstance(rule, OptionRule):
        kind = "a backtrader.Strategy" if rule is None else "a rule of options"
        raise SpecError(
            f"{spec.strategy} is {kind}, which goes on from nothing but its own run; leave holding out"
        )
    if spec.account.kind != "cash":
        raise SpecError(
            f"account.kind is {spec.account.kind!r}; a holding is of shares, on an account of cash"
        )
    scales = _scales_before(spec, setting, rule, prices)
    n = len(setting.bars)
    holdings = tuple(_holding(each, setting, rule, scales, n) for each in holding)
    if isinstance(rule, AllocationRule):
        if holdings and equity is None:
            raise SpecError(
                "the weights of this rule are shares of equity: say with --equity how much there is"
            )
    elif len(holdings) > 1:
        raise SpecError(f"{spec.strategy} holds one instrument at a time, {rule.instruments[0]}")
    worth = sum(each.size * scales[each.instrument].last for each in holdings)
    if equity is not None and isinstance(rule, TradeRule) and worth > equity * (1.0 + 1e-9):
        raise SpecError(f"equity is {equity:,.2f}, but what is held is worth {worth:,.2f} at the last close")
    return Held(holdings, n, equity)


def _scales_before(spec: RunSpec, setting: Setting, rule: Rule, prices: dict[str, float]) -> dict[str, Scale]:
    """The scales, from the feeds of the run to come."""
    lab = Lab()
    for feed in run_feeds(spec, setting, rule):
        lab.adddata(feed)
    lab.run()
    return scales_of(lab.datas, prices, 1.0)


def _holding(owned: Owned, setting: Setting, rule: Rule, scales: dict[str, Scale], n: int) -> Holding:
    traded = {
        (setting.bars.name if setting.is_index(name) else name).upper(): (
            setting.bars.name if setting.is_index(name) else name
        )
        for name in rule.instruments
    }
    asked = setting.bars.name if owned.instrument.lower() == "index" else owned.instrument
    name = traded.get(asked.upper())
    if name is None:
        raise SpecError(f"holding {owned}: {rule.name} trades {' and '.join(traded.values())}, not {asked}")
    scale = scales[name]
    lot = isinstance(rule, TradeRule)
    if scale.synthetic and (owned.price is not None or not lot):
        raise SpecError(
            f"holding {owned}: the bars of {name} are synthetic and end at {scale.last:.6g}, at which "
            f"nothing trades; say at which it closed, with --price {name}=…"
        )
    if not lot:
        return Holding(name, owned.shares * scale.price, None, n)
    assert isinstance(rule, TradeRule)
    if owned.shares < 0:
        raise SpecError(f"holding {owned}: {rule.name} is never short")
    plan = rule.plan
    if plan.other is not None:
        raise SpecError(
            f"holding {owned}: plan.other has the plan switch sides; a holding is gone on from with one"
        )
    by_price = [key for key in PRICED if isinstance(getattr(plan, key), float)]
    if by_price and owned.price is None:
        raise SpecError(
            f"holding {owned}: plan.{by_price[0]} is counted from the entry's price; say it, after an @"
        )
    by_day = [key for key in DATED if isinstance(getattr(plan, key), str)]
    by_day += [key for key in ("trailing_stop", "max_bars") if getattr(plan, key) is not None]
    if by_day and owned.since is None:
        raise SpecError(
            f"holding {owned}: plan.{by_day[0]} asks for the day of the entry; say it, after a comma"
        )
    price = None if owned.price is None else owned.price / scale.price
    return Holding(name, owned.shares * scale.price, price, _bar(owned, setting, n))


def _bar(owned: Owned, setting: Setting, n: int) -> int:
    """The bar of a holding's entry, counted from 1."""
    if owned.since is None:
        return n
    days = setting.bars.sessions
    day = np.datetime64(owned.since, "D")
    if not days[0] < day <= days[-1]:
        raise SpecError(
            f"holding {owned}: its day must be after the run's first session, {days[0]}, and not after "
            f"{days[-1]}"
        )
    at = int(np.searchsorted(days, day))
    if days[at] != day:
        raise SpecError(
            f"holding {owned}: {day} is no session of {setting.bars.name}; the next is {days[at]}"
        )
    return at + 1


def _not_here(name: str, datas: Sequence[Any]) -> str:
    known = [data._name for data in datas]
    near = difflib.get_close_matches(name, [each.upper() for each in known], n=1)
    return f"did you mean {near[0]}?" if near else f"the run has {', '.join(known)}"
