"""What the study of a hedge says: sentences, the alarm, tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runs.answers.parts import Table
from runs.answers.words import number, percent, share, yearly
from runs.studies.rules.hedge.alternatives import SHORTED
from runs.studies.rules.hedge.measures import WINDOW

if TYPE_CHECKING:
    from runs.studies.rules.hedge.comparison import Comparison, Course

NEUTRAL = 0.05  # a beta closer to 0 than this has no side
NEAR = 0.1  # a realised beta this close to its target has met it


def alarm(found: Comparison) -> str | None:
    """A hedge so large that it adds risk, or turns the account round; None if it does neither."""
    volatility, unhedged, beta = found.risk
    if volatility is None or unhedged is None or beta is None:
        return None
    when = ", while hedged," if found.gated else ""
    if volatility > unhedged:
        told = (
            f"The hedge is so large that it adds risk: the account's volatility{when} was "
            f"{share(volatility)} a year, that of the holding alone {share(unhedged)}."
        )
        if beta < -NEUTRAL:
            return (
                f"{told} With a realised beta of {number(beta)} it is net short: its risk is now a rise of "
                f"{found.index}."
            )
        return (
            f"{told} Its realised beta is {number(beta)}, so this is not the index's risk but the bear "
            f"fund's own: what is held moves too little with {found.index} for it."
        )
    if beta < -NEUTRAL and (found.courses["nothing"].beta or 0.0) > NEUTRAL:
        return (
            f"The hedge has turned the account round: its realised beta{when} is {number(beta)}, that of the "
            f"holding alone {number(found.courses['nothing'].beta)}. It is net short: it gains when "
            f"{found.index} falls and loses when it rises."
        )
    return None


def sentences(found: Comparison) -> list[str]:
    """What the hedge did, how often it was traded, what it cost, and whether there was a cheaper way."""
    return [*_outcome(found), _rebalancing(found), *_cost(found), *_others(found), *_windows(found)]


def _outcome(found: Comparison) -> list[str]:
    hedged, nothing = found.courses["hedged"], found.courses["nothing"]
    target = found.rule.params.target_beta
    _, _, while_on = found.risk
    if not found.hedged_on.any():
        return [f"The hedge was never held over a close: beta {number(hedged.beta)}."]
    told = f"Target beta {number(target)}, realised {number(hedged.beta)}"
    if found.gated:
        told += (
            f" ({number(while_on)} in the {found.hedged_on.sum():,} of {len(found.hedged_on):,} sessions "
            "with the hedge on)"
        )
    told += (
        f"; the holding alone had {number(nothing.beta)}. The variance of daily returns was "
        f"{_less(hedged.effectiveness)} that of the holding; the account made {_a_year(hedged)}, the holding "
        f"{_a_year(nothing)}."
    )
    realised = while_on if found.gated else hedged.beta
    said = [told]
    if realised is not None and abs(realised - target) > NEAR:
        said.append(
            f"The realised beta is {number(abs(realised - target))} away from its target: the plan trades "
            "back too seldom, the holding's beta was not as estimated, or the hedge's size was bounded."
        )
    return said


def _less(effectiveness: float | None) -> str:
    if effectiveness is None:
        return "not comparable with"
    if effectiveness < 0:
        return f"{share(-effectiveness)} above"
    return f"{share(effectiveness)} below"


def _rebalancing(found: Comparison) -> str:
    causes = sorted(found.rebalances.items(), key=lambda item: -item[1])
    by = ", ".join(f"{number(n, 1)} by {CAUSES.get(cause, cause)}" for cause, n in causes)
    return f"It was rebalanced {number(sum(found.rebalances.values()), 1)} times a year: {by}."


CAUSES = {
    "target": "a new target",
    "schedule": "the schedule",
    "band": "the band",
    "exposure band": "the exposure band",
}


def _cost(found: Comparison) -> list[str]:
    cost, ticker = found.cost, found.rule.params.hedge
    if cost is None:
        return [f"{ticker} was never bought."]
    amount = f"{share(abs(cost.total), 2)} of average equity a year"
    told = f"Beside its job {ticker} cost {amount}"
    if cost.total < 0:
        told = f"{ticker} came out {amount} ahead of a hedge at its target at every close"
    said = [
        f"{told}: decay "
        f"{percent(cost.decay, 2)} (drifting from its target between trades, and waiting for the open), "
        f"financing and cash yield {percent(cost.financing, 2)}, fee {percent(cost.fee, 2)}, trading "
        f"{percent(cost.trading, 2)}. Its job is no cost: held at its target at every close it would have "
        f"made {percent(cost.promised, 2)} a year from the index's moves."
    ]
    said.append(
        f"“What the funds did to the idea” below splits the same profit of {ticker} in another way: it "
        "follows the shares from each purchase to its sale, and the table here a hedge that is at its "
        "target size at every close. In sum they agree: job + decay here = multiple × index + compounding + "
        "tracking there."
    )
    if cost.total < 0 and cost.decay > 0:
        said.append(
            "That is no gain of hedging: away from its target the hedge did more or less than its job, and "
            "would have been as wrong had the index gone the other way."
        )
    return said


def _others(found: Comparison) -> list[str]:
    hedged, less, short = (found.courses[name] for name in ("hedged", "less", "short"))
    target, said = found.rule.params.target_beta, []
    told = f"Holding less, the rest in cash, made {_a_year(less)}"
    mine, other = hedged.performance["cagr"], less.performance["cagr"]
    if target < 0:
        when = " while the hedge is on" if found.gated else " and its beta is 0"
        told += f": a beta of {number(target)} cannot be had by selling, so nothing is held{when}."
    elif isinstance(mine, float) and isinstance(other, float):
        apart = f"{share(abs(other - mine), 2)} a year {'more' if other >= mine else 'less'}"
        told += f" with a beta of {number(less.beta)}: {apart} than the hedge."
    said.append(told)
    told = f"Selling {SHORTED} short made {_a_year(short)} with a beta of {number(short.beta)}"
    if found.short_bounded:
        told += f": margin does not carry, beside the holding, a short large enough for {number(target)}"
    if short.margin_calls:
        told += f"; it was bought in {'once' if short.margin_calls == 1 else f'{short.margin_calls:,} times'}"
    said.append(told + ".")
    return said


def _a_year(course: Course) -> str:
    return f"{percent(course.performance['cagr'])} a year"


def _windows(found: Comparison) -> list[str]:
    from runs.studies.rules.hedge.comparison import window_mean

    if not found.windows:
        return []
    mean = {name: percent(window_mean(found, name)) for name in found.courses}
    several = len(found.windows) > 1
    where = f"{len(found.windows)} worst windows" if several else "worst window"
    return [
        f"In the {where} of {WINDOW} sessions the holding alone made "
        f"{mean['nothing']}{' on average' * several}, hedged {mean['hedged']}, with less of it "
        f"{mean['less']}, with the short {mean['short']}."
    ]


def tables(found: Comparison) -> list[Table]:
    """The four accounts; the hedge's money by cause; the worst windows."""
    tables = [_accounts(found)]
    if found.cost is not None:
        tables.append(_money(found))
    if found.windows:
        tables.append(_worst(found))
    return tables


def _accounts(found: Comparison) -> Table:
    courses = list(found.courses.values())
    rows = [
        [label, *(write(course.performance[key]) for course in courses)]
        for label, key, write in (
            ("total return", "total_return", percent),
            (yearly("CAGR", found.days), "cagr", percent),
            (yearly("volatility a year", found.days), "volatility", share),
            ("worst drawdown", "max_drawdown", percent),
        )
    ]
    rows.append(["realised beta", *(number(course.beta) for course in courses)])
    rows.append(["variance taken away", *(percent(course.effectiveness) for course in courses)])
    rows.append(["costs paid, money", *(number(course.costs_paid, 0) for course in courses)])
    return Table(
        f"The same account, costs and plan from {found.days[0]} on: the hedge, and three other ways. "
        "Variance is that of daily returns, against doing nothing. Doing nothing is the same holding bought "
        f"once and kept: its dividends stay in cash, which “{found.index} held” elsewhere puts back in.",
        ["", *(course.label for course in courses)],
        rows,
    )


def _money(found: Comparison) -> Table:
    cost, money = found.cost, found.money
    assert cost is not None
    assert money is not None
    labels = (
        "index's moves at its target: its job",
        "+ decay: off the target",
        "+ financing, cash",
        "+ fee",
        "= profit",
        "− trading costs",
    )
    return Table(
        f"All holdings of {found.rule.params.hedge} by cause: in money, and a year, of average equity.",
        ["", "money", "a year"],
        [
            [label, number(amount, 0), percent(rate, 2)]
            for label, amount, rate in zip(labels, money, cost, strict=True)
        ],
    )


def _worst(found: Comparison) -> Table:
    from runs.studies.rules.hedge.comparison import window_returns

    columns = [window_returns(found, name) for name in found.courses]
    rows = [
        [str(found.days[start]), str(found.days[end]), *(percent(float(column[i])) for column in columns)]
        for i, (start, end) in enumerate(found.windows)
    ]
    return Table(
        f"The worst windows of {WINDOW} sessions for the holding alone, none overlapping, worst first.",
        ["from", "to", *(course.label for course in found.courses.values())],
        rows,
    )
