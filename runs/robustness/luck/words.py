"""What `letf luck` says, in sentences and tables."""

from __future__ import annotations

import math

from runs.answers.words import MINUS, counted, listed, number, percent, share
from runs.robustness.luck.entries import RandomTiming
from runs.robustness.luck.family import Family
from runs.robustness.luck.study import RULE, Line, Luck
from runs.sweeps.results.luck_words import IN_A_SENTENCE, judged, trials_words

LIKELY, UNLIKELY = 0.05, 0.2  # of a p-value: below the first luck is ruled out, above the other it is not
MEASURES = {
    "total_return": "total return",
    "cagr": "CAGR",
    "volatility": "volatility",
    "sharpe": "Sharpe",
    "sortino": "Sortino",
    "max_drawdown": "worst drawdown",
    "calmar": "Calmar",
}
RATIOS = ("sharpe", "sortino", "calmar")
Rows = list[list[str]]


def headline(luck: Luck) -> str:
    """Sharpe with its band, and what luck makes of it."""
    line = luck.lines[RULE]["sharpe"]
    tried = "if no other rule was tried"
    if luck.trials > 1:
        tried = f"after some {trials_words(luck.trials)}"
    return (
        f"Sharpe {ratio(line.measured)} ({ratio(line.low)} to {ratio(line.high)} on nine of ten draws of its "
        f"days); more than luck with a probability of {share(luck.deflated)}, {tried}"
        f"{_timing_in_short(luck)}."
    )


def _timing_in_short(luck: Luck) -> str:
    if not isinstance(luck.timing, RandomTiming):
        return ""
    return f"; {share(luck.timing.as_good, 1)} of random timings did as well"


def luck_sentences(luck: Luck) -> list[str]:
    """Of deflation, tests and random timing."""
    said = [_deflated(luck)]
    if isinstance(luck.family, Family):
        said.append(_family(luck, luck.family))
    elif luck.trials == 1:
        how = "" if luck.run.spec.sweep else "; --trials N says how many, a [sweep] which"
        said.append(
            f"What else was tried is not known: {luck.family}. Every rule and parameter that was looked at "
            f"and dropped counts{how}."
        )
    said += _superior(luck)
    said.append(_timing(luck))
    return said


def _deflated(luck: Luck) -> str:
    own = (
        f"A Sharpe of {ratio(luck.sharpe)} over {counted(luck.periods, 'day')} with this skew "
        f"({number(luck.skew)}) and kurtosis ({number(luck.kurtosis)}) is truly above 0 with a probability "
        f"of {share(luck.above_none, 1)}"
    )
    if luck.trials <= 1:
        return own + "."
    verdict = IN_A_SENTENCE[judged(luck.sharpe, luck.deflated)]
    return (
        f"{own}, and above {ratio(luck.expected_best)}, which the best of "
        f"{trials_words(luck.trials, 'trial')} without skill has, with {share(luck.deflated, 1)} (deflated "
        f"Sharpe ratio): {verdict}."
    )


def _family(luck: Luck, family: Family) -> str:
    drawn = f", {family.ran:,} of them run" if family.ran < family.cells else ""
    over = ""
    if family.overfit is not None:
        over = (
            f" What was best of them on half of the time was in the worse half on the other half in "
            f"{share(family.overfit, 0)} of all ways to halve it (probability of backtest overfitting)."
        )
    return (
        f"Tried: {counted(family.cells, 'cell')} of [sweep]{drawn}, some "
        f"{counted(family.different, 'different run')}, worth "
        f"{trials_words(family.trials)}; the best of them has a Sharpe of {ratio(family.best)}, the rule "
        f"as the spec stands, which is judged here, {ratio(luck.sharpe)}.{over}"
    )


def _superior(luck: Luck) -> list[str]:
    beaten, not_beaten = [], []
    for name, p in luck.superior.items():
        if p is None:
            continue
        what = name if name == "cash" else f"holding {held_name(luck, name)}"
        (beaten if p < LIKELY else not_beaten).append(f"{what} (p {number(p, 3)})")
    of = "" if luck.tested == 1 else f" of the best of {luck.tested} rules"
    said = []
    if beaten:
        said.append(f"Hansen's test{of}: its mean return is above that of {listed(beaten, 6)}.")
    if not_beaten:
        said.append(
            f"Hansen's test{of}: that its mean return is above that of {listed(not_beaten, 6)} is not shown; "
            "a lead as large comes by luck that often."
        )
    return said


def _timing(luck: Luck) -> str:
    it = luck.timing
    if not isinstance(it, RandomTiming):
        return f"Random timing was not tried: {it}."
    p = it.as_good
    said = "its timing is worth something" if p < LIKELY else "its timing is not shown to be worth anything"
    if p > 0.5:
        said = "its timing is no better than that of chance"
    middle = float(sorted(it.sharpe)[len(it.sharpe) // 2])
    return (
        f"The same plan with {it.how} ({number(float(it.trades.mean()), 0)} trades on average, the rule made "
        f"{it.own_trades}) had a Sharpe of {ratio(middle)} in the median of {len(it.sharpe):,} draws; "
        f"{share(p, 1)} of them did as well as the rule's {ratio(it.own_sharpe)}: {said}."
    )


def band_rows(luck: Luck) -> tuple[list[str], Rows]:
    """By measure the figure and its band, of the rule and of what is held."""
    names = list(luck.lines)
    headings = ["", *(_name(luck, name) for name in names)]
    rows = []
    for key, word in MEASURES.items():
        cells = [value(key, luck.lines[name][key].measured) for name in names]
        rows.append([word, *cells])
        rows.append(["", *(_band(key, luck.lines[name][key]) for name in names)])
    return headings, rows


def test_rows(luck: Luck) -> tuple[list[str], Rows]:
    """Against each of what could be held."""
    headings = ["against", "Sharpe ahead, share of draws", "chance of such a lead in mean return by luck, p"]
    rows = []
    for name, p in luck.superior.items():
        ahead = share(luck.ahead[name], 0) if name in luck.ahead else "n/a"
        what = name if name == "cash" else f"holding {held_name(luck, name)}"
        rows.append([what, ahead, "n/a" if p is None else number(p, 3)])
    return headings, rows


def _band(key: str, line: Line) -> str:
    return f"{value(key, line.low)} to {value(key, line.high)}"


def value(key: str, figure: float) -> str:
    """A measure as it is written."""
    if not math.isfinite(figure):
        return "n/a"
    if key in RATIOS:
        return ratio(figure)
    return share(figure) if key == "volatility" else percent(figure)


def ratio(figure: float) -> str:
    """A ratio with two digits."""
    return f"{figure:z.2f}".replace("-", MINUS) if math.isfinite(figure) else "n/a"


def _name(luck: Luck, name: str) -> str:
    return "the rule" if name == RULE else f"{held_name(luck, name)} held"


def held_name(luck: Luck, name: str) -> str:
    """What is held, as a person calls it."""
    return luck.run.bars.name if name == "index" else name
