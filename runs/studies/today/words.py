"""What is said of a close: sentences and tables."""

from __future__ import annotations

import math
from typing import Any

from runs.answers.index_words import not_its_index
from runs.answers.words import counted, listed, number, percent, share, with_caveats
from runs.backtest.fund_feeds import funds_of
from runs.studies.today.ahead import REACH, Stretch
from runs.studies.today.orders import NextOrder
from runs.studies.today.study import State, Today
from strategies import TradeRule
from strategies.lots import account_rule_of

KIND_WORDS = {
    "entry": "to enter",
    "vote": "confirmation",
    "enough": "confirmations",
    "exit": "to leave",
    "state": "state",
}
NEXT_BAR = (
    "The next close is looked for within 20 % of the last, in steps of half a per cent, and found to eight "
    "digits where an answer changes. The bar opens at the last close and goes straight to the new one: what "
    "it meets on the way is filled. Funds follow the index by their own arithmetic, other assets stay where "
    "they are, and the volume is that of the last bar. Costs and interest are left out."
)
ORDERS_MEAN = (
    "The orders are those that the run itself has before its broker after the last close; “in the market” "
    "are those sent on earlier closes. A price counted from a fill that has yet to come, and the shares of "
    "an order for a sum of money, are shown as they would be at the last close."
)


def price(value: float | None) -> str:
    """A price with the digits that an order takes: 9.85, 0.01234, 2,381.05."""
    if value is None or not math.isfinite(value):
        return "n/a"
    return number(value) if abs(value) >= 1 else f"{value:.4g}"


def shares(value: float) -> str:
    """A number of shares, without the noughts of a fraction that is none."""
    text = number(value, 2 if abs(value) >= 1 else 6)
    return text.rstrip("0").rstrip(".") if "." in text else text


def headline(found: Today) -> str:
    """The first line: what is to be done in the next session, or that nothing is; and what changes it."""
    mark = "SIMULATED data. " if found.setting.simulated else ""
    begins = f"{found.spec.name} on {found.index}, close of {found.day}"
    entries = [each for each in found.orders if not each.child]
    if entries:
        said = f"{begins}: on {found.next_day} {listed([_order(each, found) for each in entries])}."
    else:
        held = listed([f"{shares(each.shares)} {each.instrument}" for each in found.positions])
        said = f"{begins}: nothing to do on {found.next_day}; held: {held or 'nothing'}."
    caveats = [
        f"the prices of {listed(found.synthetic)} here are a model's, at which nobody can trade (--price)"
    ]
    funds = [fund for fund in funds_of(found.setting, found.rule) if fund.ticker in _traded(found)]
    return mark + with_caveats(
        said, [*(caveats if found.synthetic else []), *not_its_index(funds, found.setting.bars)]
    )


def _traded(found: Today) -> tuple[str, ...]:
    named = (*found.orders, *found.standing, *found.positions)
    own = () if found.rule is None else found.rule.instruments
    return (*own, *(each.instrument for each in named))


def _order(order: NextOrder, found: Today) -> str:
    children = [
        f"{each.reason} {_from_fill(each)}"
        for each in found.orders
        if each.child and each.instrument == order.instrument
    ]
    how = "at the open" if order.kind == "market" else _terms(order)
    protected = f" with {listed(children)}" if children else ""
    name = order.contract or order.instrument
    return f"{order.side} {shares(order.shares)} {name} {how} ({order.reason}){protected}"


def _from_fill(order: NextOrder) -> str:
    if order.from_fill is None:
        return f"at {price(order.price)}"
    return f"{share(abs(order.from_fill))} {'above' if order.from_fill > 0 else 'below'} the fill"


def _terms(order: NextOrder) -> str:
    at = "" if order.price is None else f" at {price(order.price)}"
    return f"{order.kind}{at}"


def order_rows(orders: list[NextOrder]) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of orders."""
    headings = ["order", "shares", "of", "kind", "price", "from the last close", "worth", "why"]
    return headings, [
        [
            each.side,
            shares(each.shares),
            each.contract or each.instrument,
            each.kind,
            _price(each),
            "" if each.move is None else percent(each.move),
            number(each.value) if each.value is not None and each.new and not each.child else "",
            each.reason,
        ]
        for each in orders
    ]


def _price(order: NextOrder) -> str:
    if order.price is None:
        return "the open" if order.kind == "market" else ""
    limit = "" if order.limit is None else f", limit {price(order.limit)}"
    return f"{price(order.price)}{' about' if order.from_fill is not None else ''}{limit}"


def position_rows(found: Today) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of what is held."""
    headings = ["held", "shares", "entered at", "on", "closes since", "last close", "gain", "worth"]
    return headings, [
        [
            each.instrument,
            shares(each.shares),
            "" if each.price is None else price(each.price),
            "" if each.since is None else str(each.since),
            "" if each.bars is None else f"{each.bars:,}",
            "" if each.last is None else price(each.last),
            "" if each.gain is None else percent(each.gain),
            number(each.value),
        ]
        for each in found.positions
    ]


def door_sentences(found: Today) -> list[str]:
    """What else ends the trade or keeps the next away, and when the schedule trades; a sentence each."""
    said = []
    for door in found.doors:
        if door.level is not None:
            said.append(
                f"{door.name}: a close of {found.index} beyond {price(door.level)} "
                f"({percent(door.move)} from the last)."
            )
        elif door.name == "cooldown":
            said.append(f"cooldown: no entry is decided for {counted(door.closes or 0, 'more close')}.")
        else:
            said.append(f"{door.name}: {counted(max(door.closes or 0, 0), 'more close')}.")
    if found.due is not None:
        said.append(f"The schedule next trades back to the targets on the close of {found.due}.")
    if found.overdue is not None:
        late = found.overdue
        said.append(
            f"The plan has left this position on {late.day} ({late.reason}); whoever holds it still is late."
        )
    return said


def weight_rows(found: Today) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of target weights and what there is of them."""
    headings = ["weight", "target", "held", "drift"]
    return headings, [
        [
            each.instrument,
            "not known yet" if each.target is None else share(each.target),
            share(each.actual),
            "" if each.target is None else percent(each.actual - each.target),
        ]
        for each in found.weights
    ]


def state_rows(found: Today) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of the conditions: whether they hold, what they compare, and where the next close
    would have to be for them to hold."""
    headings = ["", "condition", "holds", "now", "level", "holds at a next close"]
    return headings, [
        [
            KIND_WORDS[each.condition.kind],
            each.condition.key,
            "yes" if each.condition.holds else "no",
            "; ".join(f"{what} {_measure(value, per_cent)}" for what, value, _, per_cent in each.measured),
            "; ".join(_measure(level, per_cent) for _, _, level, per_cent in each.measured),
            when_holds(found, each),
        ]
        for each in found.states
    ]


def _measure(value: float, per_cent: bool) -> str:
    if not math.isfinite(value):
        return "not known"
    return percent(value) if per_cent else number(value, 0 if value == int(value) else 2)


def spans_of(found: Today, wanted: Any) -> list[tuple[float | None, float | None]]:
    """Closes of the index for which something is so, neighbours joined: from and to, None beyond reach.

    Parameters
    ----------
    wanted : says of an outlook whether it is so.
    """
    spans: list[tuple[float | None, float | None]] = []
    open_at: float | None = None
    inside = False
    for each in found.stretches:
        if wanted(each.outlook):
            open_at, inside = (open_at, True) if inside else (each.low, True)
        elif inside:
            spans.append((close_at(found, open_at), close_at(found, each.low)))
            inside = False
    if inside:
        spans.append((close_at(found, open_at), None))
    return spans


def holds_at(found: Today, state: State) -> list[tuple[float | None, float | None]]:
    """Closes of the next bar at which a condition holds then."""
    key = (state.condition.kind, state.condition.key)
    return spans_of(found, lambda o: any((c.kind, c.key) == key and c.holds for c in o.conditions))


def when_holds(found: Today, state: State) -> str:
    """The same in words."""
    spans = holds_at(found, state)
    if not spans:
        return f"none within {share(REACH, 0)}"
    return ", or ".join(_span(found, *span) for span in spans)


def close_at(found: Today, move: float | None) -> float | None:
    """A close of the index, from a fraction of the last one."""
    return None if move is None else found.close * move


def _span(found: Today, low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return "any"
    if low is None or high is None:
        at = low if high is None else high
        assert at is not None
        return f"{'above' if high is None else 'below'} {price(at)} ({percent(at / found.close - 1.0)})"
    moves = f"{percent(low / found.close - 1.0)} to {percent(high / found.close - 1.0)}"
    return f"{price(low)} to {price(high)} ({moves})"


def decided(found: Today) -> list[Stretch]:
    """The stretches of the next close by what is decided there alone."""
    joined: list[Stretch] = []
    for each in found.stretches:
        if joined and joined[-1].outlook.does == each.outlook.does:
            joined[-1] = Stretch(joined[-1].low, each.high, each.outlook)
        else:
            joined.append(each)
    return joined


def decision_rows(found: Today) -> tuple[list[str], list[list[str]]]:
    """Headings and rows: what the next close decides."""
    return [f"next close of {found.index}", "then"], [
        [_span(found, close_at(found, each.low), close_at(found, each.high)), each.outlook.does]
        for each in decided(found)
    ]


def scale_notes(found: Today) -> list[str]:
    """On which scale shares and prices are, a sentence each."""
    said = [
        f"{name}: its bars are synthetic; prices and shares of it here are on the run's own scale, on which "
        f"it closed at {price(found.scales[name].last)}; --price {name}=CLOSE puts them on that at which it "
        "trades"
        for name in found.synthetic
    ]
    if found.rule is not None and account_rule_of(found.rule) is not None:
        said.append(f"{found.spec.strategy} sees its account: its orders are known, its conditions are not")
    elif isinstance(found.rule, TradeRule) and found.rule.plan.placed:
        said.append(
            "what the next close would decide is not worked out for a plan that trades at closes, at limits "
            "and stops, by the clock or on two sides"
        )
    if found.rule is None:
        said.append(
            f"{found.spec.strategy} is a backtrader.Strategy: its orders are known, its conditions are not"
        )
    return said


def order_sentences(found: Today) -> list[str]:
    """That there is nothing to send, or nothing at all; and whose money the sizes are for."""
    if found.orders:
        return [sizes_sentence(found)]
    waiting = " new order" if found.standing else " order"
    return [f"No{waiting} for {found.next_day}.", sizes_sentence(found)]


def sizes_sentence(found: Today) -> str:
    """Whose money the sizes are for."""
    if not found.own:
        return f"The account is as given, worth {number(found.equity)}."
    brought = any(scale.size != 1.0 for scale in found.scales.values())
    return (
        "Position and sizes are those of the run's own account, "
        f"{'brought to' if brought else 'worth'} {number(found.equity)}."
    )
