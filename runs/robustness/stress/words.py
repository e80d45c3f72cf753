"""What `letf stress` says: sentences, and tables by path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from feeds.histories.named import CALM
from runs.answers.index_words import not_its_index
from runs.answers.parts import Table
from runs.answers.words import counted, dollars, listed, percent, share, with_caveats
from runs.robustness.stress.paths import BETA_BARS, RAW_WARM_UP, calm_needed
from runs.robustness.stress.study import Case, Stressed, largest_push


def headline(found: Stressed) -> str:
    """The first line: where the rule ends worst and where best."""
    worst = _worst(found.cases)
    name, index = found.spec.name, found.base.bars.name
    best = max(found.cases, key=lambda case: case.rule.total)
    if best is worst:
        least = f"{_titled(worst)}, {percent(worst.rule.total)} ({_beside(worst)})"
        said = f"{_mark(found)}{name} on {index} stressed: {least}."
    else:
        said = (
            f"{_mark(found)}{name} on {counted(len(found.cases), 'stressed path')} of {index}"
            f"{_made_of(found)}: from {percent(worst.rule.total)} on {_titled(worst)} to "
            f"{percent(best.rule.total)} on {_titled(best)}."
        )
    return with_caveats(said, not_its_index(found.base.funds.values(), found.base.bars))


def _mark(found: Stressed) -> str:
    """Named paths are made, and so is all that comes of them; what did happen is no part of that."""
    return "SIMULATED paths. " if not any(case.real for case in found.cases) else ""


def _made_of(found: Stressed) -> str:
    made = sum(not case.real for case in found.cases)
    return f" ({made} SIMULATED)" if 0 < made < len(found.cases) else ""


def _titled(case: Case) -> str:
    return f"“{case.title}”" if not case.real else case.title


def _beside(case: Case) -> str:
    parts = [f"index {percent(case.index.total)}"]
    parts += [f"{ticker} {percent(course.total)}" for ticker, course in case.funds.items()]
    return ", ".join(parts)


def _worst(cases: Sequence[Case]) -> Case:
    return min(cases, key=lambda case: case.rule.total)


def made_up(found: Stressed) -> str:
    """How many of the paths a model makes, where some are real; "" where all are made, or none."""
    made = sum(not case.real for case in found.cases)
    if found.base.simulated or made in (0, len(found.cases)):
        return ""
    real = listed([case.title for case in found.cases if case.real])
    return f"{made} of {len(found.cases)} paths are made up; {real} did happen."


def alarm(found: Stressed) -> str | None:
    """That the account, or a fund, was lost on a path."""
    ruined = [_titled(case) for case in found.cases if case.rule.value[-1] <= 0.0]
    dead = [
        f"{ticker} on {_titled(case)}, {day}"
        for case in found.cases
        for ticker, day in case.wiped_out.items()
    ]
    said = [f"Nothing is left of the account on {listed(ruined)}."] if ruined else []
    if dead:
        said.append(f"Wiped out: {listed(dead)}.")
    return " ".join(said) or None


def sentences(found: Stressed) -> list[str]:
    """Where it loses, falls furthest, trails the index, and does nothing."""
    cases = found.cases
    out = []
    losers = sorted((case for case in cases if case.rule.total < 0.0), key=lambda case: case.rule.total)
    if losers:
        told = [f"{_titled(case)} {percent(case.rule.total)}" for case in losers]
        out.append(f"It ends with a loss on {len(losers)} of {len(cases)}: {listed(told, 6)}.")
    else:
        out.append(f"It ends with a loss on none of {len(cases)}.")
    poorer = sum(case.rule.total < case.cash.total for case in cases)
    out.append(f"Cash made more than it on {poorer} of {len(cases)}.")
    deep = min(cases, key=lambda case: case.rule.worst)
    out.append(
        f"Its deepest fall is {percent(deep.rule.worst)}, on {_titled(deep)}, where the index fell by "
        f"{share(-deep.index.worst)} at worst."
    )
    trailing = [_titled(case) for case in cases if case.rule.total < case.index.total]
    if trailing:
        out.append(f"The index held did better on {len(trailing)} of {len(cases)}: {listed(trailing, 6)}.")
    idle = [_titled(case) for case in cases if not case.fills]
    if idle:
        out.append(f"It never trades on {listed(idle, 6)}.")
    return out


def case_table(found: Stressed) -> Table:
    """A row a path: return and worst drawdown of the rule, and what was held beside it."""
    funds = list(dict.fromkeys(ticker for case in found.cases for ticker in case.funds))
    rows, some = [], made_up(found)  # where all are, the page says it once
    for case in found.cases:
        held = [percent(case.funds[t].total) if t in case.funds else "n/a" for t in funds]
        rows.append(
            [
                f"{case.title} (made up)" if some and not case.real else case.title,
                percent(case.rule.total),
                percent(case.rule.worst),
                f"{case.trades:,}",
                percent(case.index.total),
                percent(case.index.worst),
                *held,
                percent(case.cash.total),
            ]
        )
    headings = ["", found.spec.name, "its worst drawdown", "trades", found.base.bars.name, "its drawdown"]
    return Table("Return on each path", [*headings, *funds, "cash"], rows)


def path_table(found: Stressed) -> Table:
    """What happens on each path, and which were left out."""
    rows = [
        [case.title, f"{case.words}{f' ({case.days[0]} to {case.days[-1]})' if case.real else ''}"]
        for case in found.cases
    ]
    rows += [[title, f"left out: {why}"] for title, why in found.left_out.items()]
    return Table("What happens", ["path", "its course"], rows, words=True)


def left_out_note(found: Stressed) -> list[str]:
    """The paths that were left out, by reason."""
    by_reason: dict[str, list[str]] = {}
    for title, why in found.left_out.items():
        by_reason.setdefault(why, []).append(title)
    return [f"left out: {listed(titles, 8)}: {why}" for why, titles in by_reason.items()]


def squeeze_sentences(found: Stressed) -> list[str]:
    """The loop in which the funds' trade moves the close: what is assumed, and where it has no end."""
    squeeze = found.squeeze
    assert squeeze is not None
    impact = squeeze.impact
    assets = ", ".join(
        f"{fund.ticker} {dollars(money)}" for fund, money in zip(squeeze.funds, squeeze.assets, strict=True)
    )
    endless = [
        f"{counted(days, 'day')} of {_titled(case)}" for case in found.cases if (days := _endless(case))
    ]
    return [
        f"The funds' own trade moves each close of the named paths: assumed are assets of {assets} at the "
        f"start, {dollars(impact.traded)} of the index's members traded a day, and the law {impact.law} with "
        f"a factor of {impact.size:g}; at most {share(impact.cap, 0)} a day. What is moved stays moved, "
        "which is more than is known of impact.",
        f"On {listed(endless)} the trade and the close did not come to agree below the cap; there the close "
        "is where the cap put it."
        if endless
        else "On every day the trade and the close came to agree below the cap.",
    ]


def squeeze_table(found: Stressed) -> Table:
    """What the funds' trade did to the index on each path."""
    rows = []
    for case in found.cases:
        if case.squeeze is None or case.squeeze.pushed is None:
            continue
        largest = float(abs(case.squeeze.pushed.trade).max())
        rows.append(
            [
                case.title,
                percent(case.squeeze.without),
                percent(case.index.total),
                percent(largest_push(case)),
                dollars(largest),
                f"{_endless(case):,}",
            ]
        )
    return Table(
        "The index with the funds' own trade in its closes",
        ["", "without", "with", "largest push", "largest trade", "days at the cap"],
        rows,
    )


def _endless(case: Case) -> int:
    if case.squeeze is None or case.squeeze.pushed is None:
        return 0
    return int((~case.squeeze.pushed.ended).sum())


def fine_print(found: Stressed) -> list[str]:
    """How paths are made and what is measured."""
    rule = found.spec.make_rule()
    index = found.base.bars.name
    growth, volatility = CALM
    calm = calm_needed(rule.warm_up if rule is not None else RAW_WARM_UP)
    before = (
        f"The rule knows {calm:,} calm sessions before each named path (up {share(growth - 1, 0)} a year at "
        f"{share(volatility, 0)} volatility), and the index's own bars before each window; the account "
        "begins in cash at the first close."
        if rule is not None
        else f"A backtrader.Strategy knows what its feeds have shown it, so these begin {RAW_WARM_UP} "
        "sessions before: calm ones before a named path, the index's own before a window. It trades on them "
        "too, and is measured from the path's first close, with what it holds then."
    )
    return [
        "Every stretch of a named path has the return and volatility that its words state, exactly; its days "
        f"are drawn by seed {found.spec.data.seed}. It begins at the last close of {index}, on "
        f"{found.base.bars.sessions[-1]}, with the short rate of then unless it has its own; fees and "
        "spreads are those of these dates.",
        before,
        "Returns are from the first close of a path to its last; drawdowns are of closes. Funds and index "
        "are bought at the first close and kept, without costs; cash earns the short rate. Each run is the "
        f"one that `letf run` would make of these bars. Other things held move by their beta on {index}, of "
        f"the last {BETA_BARS} returns, and have nothing of their own.",
        *(
            ["What is paid in or out is no gain and no loss: the rule's returns are time-weighted."]
            if found.spec.account.deposits is not None
            else []
        ),
    ]


def beta_note(found: Stressed, betas: dict[str, Any]) -> list[str]:
    """What moves by its beta on the named paths."""
    if not betas or all(case.real for case in found.cases):
        return []
    told = ", ".join(f"{name} {beta:.2f}" for name, beta in betas.items())
    return [f"on named paths these move by their beta on {found.base.bars.name} alone: {told}"]
