"""What a rule says on the last close: its run up to that close, and what stands before the broker then.

The run is that of `letf run` on the same data, cut after the session that is asked about, so what it orders
is what the run has done on any past day. Whoever holds something else than the run has the same rule go on
from there (`strategies.held`).
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from analyzers import TradeLog
from feeds.calendars import sessions_between
from feeds.market import Market
from feeds.options.expiries import next_session
from letf_instruments import SpecError
from runs.backtest.beginning import begun
from runs.backtest.event_driven import run_lab, stopped_on
from runs.backtest.own_checks import refuse_ahead
from runs.backtest.setting import Setting
from runs.specs.run_spec import RunSpec
from runs.specs.user_strategy import shown_with_line
from runs.studies.today.ahead import Ahead, Condition, Stretch, conditions_in, said_by
from runs.studies.today.beside import held_of, scales_of
from runs.studies.today.clock import last_bar
from runs.studies.today.holdings import Owned
from runs.studies.today.orders import NextOrder, Scale, orders_of, whole
from runs.studies.today.position import (
    Door,
    Position,
    Weight,
    doors_of,
    late_sale,
    positions_of,
    weights_of,
)
from strategies import AllocationRule, Rule, TradeRule, TradeStrategy, market_of
from strategies.conditions import Measured
from strategies.held import HeldTrade, Overdue
from strategies.lots import account_rule_of


@dataclass(frozen=True)
class State:
    """A condition on the last close, and what it compares: words, value, level and whether it is a share."""

    condition: Condition
    measured: tuple[tuple[str, float, float, bool], ...]


@dataclass(frozen=True, eq=False)
class Today:
    """What a rule says on a close.

    rule : None for a `backtrader.Strategy`, whose orders are known and whose reasons are not.
    day, next_day : the session of the close, and the one that the orders are for.
    equity : money, of the run's account, or as given. own : True if positions and money are the run's own,
        brought to that equity; False if they are as given.
    orders : new, for the next session. standing : that have been in the market.
    stretches : of the next close, by what it decides; empty where that is not known.
    due : the session on whose close the schedule trades next, of a plan that has one.
    """

    spec: RunSpec
    rule: Rule | None
    setting: Setting
    market: Market
    day: np.datetime64
    next_day: np.datetime64
    equity: float
    own: bool
    scales: dict[str, Scale]
    positions: list[Position]
    orders: list[NextOrder]
    standing: list[NextOrder]
    states: list[State]
    doors: list[Door]
    weights: list[Weight]
    stretches: list[Stretch]
    overdue: Overdue | None
    due: np.datetime64 | None
    notes: list[str]

    @property
    def index(self) -> str:
        """The name of the index."""
        return self.setting.bars.name

    @property
    def close(self) -> float:
        """Its last close."""
        return float(self.setting.bars.close[-1])

    @property
    def beside_index(self) -> list[str]:
        """What the rule trades beside the index itself; of a `backtrader.Strategy` all that it was given."""
        if self.rule is None:
            return [name for name in self.scales if name != self.index]
        return [name for name in dict.fromkeys(self.rule.instruments) if not self.setting.is_index(name)]

    @property
    def synthetic(self) -> list[str]:
        """Instruments of orders and positions whose prices here are a model's, at which nothing trades."""
        named = {each.instrument for each in (*self.orders, *self.standing, *self.positions)}
        return [name for name, scale in self.scales.items() if scale.synthetic and name in named]


def today(
    spec: RunSpec,
    folder: Path | None = None,
    equity: float | None = None,
    holding: tuple[Owned, ...] | None = None,
    prices: dict[str, float] | None = None,
    as_of: datetime.date | None = None,
    now: datetime.datetime | None = None,
    market: tuple[RunSpec, Setting] | None = None,
    ahead: bool = True,
) -> Today:
    """What a spec's rule says on the last close.

    Parameters
    ----------
    equity : money of the account that sizes are for; None for that of the run.
    holding : what the account holds in place of the run's own position; () for nothing.
    prices : last closes as traded, by instrument in capitals, where a feed is on another scale.
    as_of : the session, or a day after it; the data are cut there. None for the last one that is finished.
    now : the moment, with a time zone; None for the clock's.
    market : spec and market from `begun`, if they are loaded already.
    ahead : False leaves out what the next close would decide.

    Raises
    ------
    LetfError
        One sentence: the data end before the session that is asked for, the run cannot be made, or what is
        said of the account does not fit the rule.
    """
    spec, setting = begun(spec, folder) if market is None else market
    bars, said = last_bar(spec, setting, as_of, now)
    setting = setting.first(bars)
    rule = spec.make_rule()
    with shown_with_line(spec.own_file()):
        found = _asked(spec, setting, rule, equity, holding, dict(prices or {}), ahead)
    return replace(found, notes=[*said, *found.notes])


def _asked(
    spec: RunSpec,
    setting: Setting,
    rule: Rule | None,
    equity: float | None,
    holding: tuple[Owned, ...] | None,
    prices: dict[str, float],
    ahead: bool,
) -> Today:
    sees_account = rule is not None and account_rule_of(rule) is not None
    if sees_account and holding is not None:
        raise SpecError(f"{spec.strategy} goes on from nothing but its own run; leave holding out")
    held = held_of(spec, setting, rule, equity, holding, prices)
    whole_shares = spec.account.whole_shares
    asked = spec
    if whole_shares and (equity is not None or prices):  # then it is the person's shares that are whole
        asked = spec.model_copy(update={"account": spec.account.model_copy(update={"whole_shares": False})})
    lab, strategy = run_lab(asked, setting, rule, (TradeLog,), held)
    if getattr(strategy, "traded_at_once", False):
        raise SpecError(
            f"{spec.strategy} trades on the close that decides: its orders are sent minutes before that, and "
            "today speaks after it; a plan that sends limits or orders for the next session "
            "says what it wants today"
        )
    stopped = stopped_on(lab, setting)
    if stopped is not None:
        raise SpecError(f"the strategy stopped the run on {stopped}, so it says nothing of a later day")
    market = market_of(lab.datas, len(setting.bars), setting.events)
    if rule is not None and spec.is_own:
        refuse_ahead(spec, rule, market)
    value = float(lab.broker.getvalue())
    money = value if equity is None else equity
    if held is None and value <= 0 and equity is not None:
        raise SpecError(
            f"the run's account is ruined ({value:,.2f}), so there is nothing to bring to --equity"
        )
    size = money / value if held is None and equity is not None else 1.0
    scales = scales_of(lab.datas, prices, size)
    orders = orders_of(lab.broker, scales)
    if whole_shares:
        orders = [each for each in map(whole, orders) if each.shares]
    overdue = strategy.overdue if isinstance(strategy, HeldTrade) else None
    if overdue is not None:
        orders = [late_sale(overdue, strategy, scales)]
    day = setting.bars.sessions[-1]
    following = next_session(spec.data.calendar, day)
    states: list[State] = []
    stretches: list[Stretch] = []
    if rule is not None and not sees_account:  # of that the orders are known alone
        seen = rule.with_lead_in(market)
        states = _states(rule, seen)
        if ahead and not _within(rule):
            stretches = Ahead(setting, rule, lab, strategy, seen, following).stretches()
    positions = positions_of(lab, strategy, scales, holding)
    if held is not None and equity is None:
        money = sum(each.value for each in positions) or value
    return Today(
        spec=spec,
        rule=rule,
        setting=setting,
        market=market,
        day=day,
        next_day=following,
        equity=money,
        own=held is None,
        scales=scales,
        positions=positions,
        orders=[each for each in orders if each.new],
        standing=[each for each in orders if not each.new],
        states=states,
        doors=doors_of(strategy, setting) if isinstance(strategy, TradeStrategy) else [],
        weights=weights_of(strategy, rule, lab, seen) if isinstance(rule, AllocationRule) else [],
        stretches=stretches,
        overdue=overdue,
        due=_due(spec, strategy, rule, following),
        notes=_notes(setting, strategy, lab, day),
    )


def _within(rule: Rule) -> bool:
    """True if what a plan does by the next close depends on prices within the session, or on which of two
    sides it is: then the orders are known, and not what the next close decides."""
    return isinstance(rule, TradeRule) and rule.plan.placed


def _notes(setting: Setting, strategy: Any, lab: Any, day: np.datetime64) -> list[str]:
    """What is known of the data, and what strategy and broker have noted on the last bar."""
    own = [note for note in getattr(strategy, "notes", []) if isinstance(note, str)]
    return [*setting.notes, *(note for note in (*own, *lab.broker.notes) if note.startswith(f"{day}: "))]


def _states(rule: Rule, market: Market) -> list[State]:
    """The conditions on the last bar of a market that may begin before the run.

    Raises
    ------
    SpecError
        If the rule measures what is none of its conditions.
    """
    rows = conditions_in(said_by(rule, market))
    measured = rule.all_measured(market)
    for name in measured:
        if name not in {key for _, key, _ in rows}:
            known = ", ".join(repr(key) for _, key, _ in rows) or "none"
            raise SpecError(f"rule {rule.name} measures {name!r}, which is none of its conditions: {known}")
    return [
        State(Condition(kind, key, bool(holds[-1])), tuple(_now(each) for each in measured.get(key, ())))
        for kind, key, holds in rows
    ]


def _now(measured: Measured) -> tuple[str, float, float, bool]:
    level = measured.level if np.ndim(measured.level) == 0 else measured.level[-1]  # type: ignore[index]
    return measured.what, float(measured.value[-1]), float(level), measured.share  # type: ignore[arg-type]


def _due(spec: RunSpec, strategy: Any, rule: Rule | None, first: np.datetime64) -> np.datetime64 | None:
    """The first session from the next one on that begins a period of the schedule."""
    if not isinstance(rule, AllocationRule) or not rule.plan.scheduled:
        return None
    days: Sequence[Any] = sessions_between(spec.data.calendar, first, first + np.timedelta64(380, "D"))
    return next((day for k, day in enumerate(days) if strategy.is_due(day.item(), k)), None)
