"""What is read first of a rule's luck."""

from __future__ import annotations

from runs.answers.parts import KeyFigure, Verdict
from runs.answers.words import listed, share
from runs.robustness.luck.entries import RandomTiming
from runs.robustness.luck.study import RULE, Luck
from runs.robustness.luck.words import LIKELY, held_name, ratio
from runs.sweeps.results.luck_words import MORE_THAN_LUCK, trials_words


def key_figures(luck: Luck) -> list[KeyFigure]:
    """Sharpe with its band; the chance that it is more than luck; random timing; ahead of the index."""
    line, index = luck.lines[RULE]["sharpe"], luck.run.bars.name
    tried = "the only rule tried" if luck.trials <= 1 else f"after {trials_words(luck.trials, 'trial')}"
    figures = [
        KeyFigure(
            "Sharpe ratio", ratio(luck.sharpe), f"nine of ten draws: {ratio(line.low)} to {ratio(line.high)}"
        ),
        KeyFigure("probability of more than luck", share(luck.deflated), tried),
    ]
    if isinstance(luck.timing, RandomTiming):
        middle = float(sorted(luck.timing.sharpe)[len(luck.timing.sharpe) // 2])
        figures.append(
            KeyFigure(
                "random timings as good", share(luck.timing.as_good), f"their median Sharpe: {ratio(middle)}"
            )
        )
    if "index" in luck.ahead:
        held = ratio(luck.lines["index"]["sharpe"].measured)
        figures.append(
            KeyFigure(
                f"draws ahead of {index}", share(luck.ahead["index"], 0), f"{index} held: Sharpe {held}"
            )
        )
    p = luck.superior.get("index")
    if p is not None:
        figures.append(KeyFigure(f"lead over {index} by luck", share(p), "p of Hansen's test"))
    return figures


def verdict_of(luck: Luck) -> Verdict:
    """What luck found: that there is nothing to explain, that chance may explain it, or that it does not."""
    if luck.sharpe <= 0:
        return Verdict(
            "no edge", "It earned no more than cash, so there is nothing to explain by luck.", "bad"
        )
    doubts = []
    if luck.deflated < MORE_THAN_LUCK:
        sure, needed = share(luck.deflated), share(MORE_THAN_LUCK, 0)
        doubts.append(f"the probability that its Sharpe is more than luck is {sure}, and {needed} is needed")
    if isinstance(luck.timing, RandomTiming) and luck.timing.as_good >= LIKELY:
        as_good, limit = share(luck.timing.as_good), share(LIKELY, 0)
        doubts.append(f"{as_good} of random timings did as well, and less than {limit} may")
    if doubts:
        said = "; ".join(doubts)
        return Verdict("may be luck", f"{said[0].upper()}{said[1:]}.", "bad")
    tried = "" if luck.trials > 1 else ", if no other rule was tried"
    unproven = [
        f"{held_name(luck, name)} (p = {p:.2f})"
        for name, p in luck.superior.items()
        if name != "cash" and p is not None and p >= LIKELY
    ]
    if unproven:
        said = f"Chance does not explain that it earned more than cash{tried}; it is not shown to be better "
        return Verdict("beats cash", f"{said}than holding {listed(unproven)}.", "open")
    return Verdict("more than luck", f"Chance does not explain it{tried}.", "good")
