"""What is said of the best cell of a sweep: luck and copies, its neighbours, the end of the grid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from runs.answers.words import listed, share
from runs.sweeps.results.luck_words import luck_sentences
from runs.sweeps.results.neighbours import Neighbourhood
from runs.sweeps.results.ranking import (
    counted,
    metric_name,
    metric_text,
    short_keys,
    value_text,
)
from runs.sweeps.results.stability import Stability

if TYPE_CHECKING:
    from runs.sweeps.results.table import SweepTable

RATIOS = ("sharpe", "sortino", "calmar", "cagr", "volatility")
PLATEAU, SPIKE = 0.8, 0.5  # of the way from the median cell to the best, kept by the neighbours' median
FEW = 10  # trades, below which a metric says little


def sentences(table: SweepTable, found: Stability, luck: Mapping[str, Any] | None) -> list[str]:
    """What luck and the neighbours say of the best cell, in plain words; first what it made, and where it
    hardly traded that too."""
    first = " ".join([_best(table, found), *few_trades(table, found)])
    said = [first, *luck_sentences(luck, found.best.cell, table.whole)]
    if found.valued == 1:
        return said
    return [
        *said,
        *_copies(found),
        *_shape(table, found),
        *_ends(table, found),
        *_steadier(found),
        *_shares(table, found),
    ]


def _best(table: SweepTable, found: Stability) -> str:
    _, best, median = _words(found)
    without, refused = found.present - found.valued, found.refused
    more = f"{without:,} more {'has' if without == 1 else 'have'} none"
    if refused == without:
        more = f"{without:,} more {'was' if without == 1 else 'were'} refused"
    elif refused:
        more += f", {refused:,} of them refused"
    aside = [f"{found.different:,} different run{'s' * (found.different != 1)}"] * (
        found.different < found.valued
    )
    aside += [more] * bool(without)
    rest = f" ({'; '.join(aside)})" if aside else ""
    what = _valued(found.by) + (f" and {found.least}" if found.least else "")
    if found.valued == 1:
        return f"Only 1 cell has {what}{rest}: {best}; there is nothing to compare it with."
    chosen, warning = "", ""
    if table.search is not None:
        chosen = f" among the cells that a search for the best {metric_name(table.search['by'])} chose"
        warning = " Median, neighbours and shares are of those cells, not of the grid."
    # Of fewer than a hundred cells the best hundredth is the best one.
    border = metric_text(found.by, found.best_hundredth)
    hundredth = f", the best 1 % begin at {border}" if found.valued >= 100 else ""
    return (
        f"Best of {counted(found.valued)} with {what}{chosen}{rest}: {best}; the median cell made {median}"
        f"{hundredth}.{warning}"
    )


def few_trades(table: SweepTable, found: Stability) -> list[str]:
    """That the best cell hardly traded, if it did; nothing of a rule that holds for years."""
    if not found.trades < FEW or found.by == "trades" or _holds(table):
        return []
    made = f"{found.trades:.0f} trade{'' if found.trades == 1 else 's'}"
    return [f"The best cell made {made}: its {metric_name(found.by)} says little."]


def _copies(found: Stability) -> list[str]:
    """How many cells are the best again: a hundred copies of one lucky run are one run."""
    if not found.copies:
        return []
    is_same = "1 other cell is" if found.copies == 1 else f"{found.copies:,} other cells are"
    return [f"{is_same} the same run as the best, alike in every metric."]


def _holds(table: SweepTable) -> bool:
    """True for a rule that shifts weights: it may stay invested for years, and a trade is no sample then."""
    from strategies import RULES
    from strategies.allocation_rule import AllocationRule

    kind = RULES.get(str((table.manifest.get("spec") or {}).get("strategy")))
    return kind is not None and issubclass(kind, AllocationRule)


def _shape(table: SweepTable, found: Stability) -> list[str]:
    best = found.best
    short = short_keys([axis.key for axis in table.grid.axes])
    idle = ""
    if best.idle:
        names = listed([short[key] for key in best.idle], 6)
        idle = f"{names} {'changes' if len(best.idle) == 1 else 'change'} nothing here"
    if not best.possible:
        return [f"{idle}: there is nothing to compare the best cell with."]
    return [_neighbours_say(table, found), *_same_runs(best, short), *([f"{idle}."] if idle else [])]


def _same_runs(best: Neighbourhood, short: dict[str, str]) -> list[str]:
    """What was left out of the neighbours, as it would count one run more than once."""
    said = []
    if best.same:
        along = listed([short[key] for key in best.same_along], 6)
        verb, what = ("is", "it says") if best.same == 1 else ("are", "they say")
        said.append(
            f"Of the {best.beside} cells beside the best {best.same} {verb} the same run (along {along}): "
            f"{what} nothing, and the next that differ count in their place."
        )
    if best.repeated:
        verb = "repeats another and counts" if best.repeated == 1 else "repeat another and count"
        said.append(f"{best.repeated} more of its neighbours {verb} once.")
    return said


def _neighbours_say(table: SweepTable, found: Stability) -> str:
    name, _, middle = _words(found)
    best = found.best
    if not best.enough or best.median is None:
        if best.absent:
            return f"{_absent(table, found)}: too few to tell a plateau from a spike."
        have = "has" if best.count == 1 else "have"
        which = f"{best.count or 'None'} of the {best.possible} neighbours of the best cell {have}"
        if best.possible == 1:
            if best.median is not None:
                only = metric_text(found.by, best.median)
                return f"The best cell has one neighbour, {only}: too few to tell a plateau from a spike."
            which = "Not even the only neighbour of the best cell has"
        return f"{which} {_valued(found.by)}: too few to tell a plateau from a spike."
    if found.kept is None:
        same = "" if found.shares else f": {name} does not vary"
        return f"The best cell is no better than the median one{same}."
    median, worst = (metric_text(found.by, value) for value in (best.median, best.worst))
    made = f"its {best.count} neighbours' median, {median} (worst {worst}),"
    if found.kept < 0:
        return f"The best cell stands on a spike: {made} is worse than the median cell ({middle})."
    kind = "a plateau" if found.kept >= PLATEAU else "a spike" if found.kept < SPIKE else "a slope"
    return (
        f"The best cell stands on {kind}: {made} keeps {share(found.kept, 0)} of the way from the median "
        f"cell ({middle}) to the best; a plateau keeps {share(PLATEAU, 0)} or more, a spike less than "
        f"{share(SPIKE, 0)}."
    )


def _absent(table: SweepTable, found: Stability) -> str:
    """How many of the neighbours nobody ran, why, and how many are left with a value."""
    best, verb = found.best, "was" if found.best.absent == 1 else "were"
    why = "not drawn (sample)" if table.search is None else "not tried by the search"
    if not table.whole:
        why = "not run yet"
    if best.absent == best.possible:
        return f"None of the {best.possible} neighbours of the best cell was {why.removeprefix('not ')}"
    other = (
        f" and {best.count} {'has' if best.count == 1 else 'have'} {_valued(found.by)}" if best.count else ""
    )
    return f"Of the {best.possible} neighbours of the best cell {best.absent} {verb} {why}{other}"


def _ends(table: SweepTable, found: Stability) -> list[str]:
    if not found.at_end:
        return []
    at = table.grid.values(found.best.cell)
    where = listed([f"{key} = {value_text(at[key])}" for key in found.at_end])
    return [f"The best lies at the end of the grid ({where}): better values may lie beyond."]


def _steadier(found: Stability) -> list[str]:
    choice, count = found.steadiest, len(found.differing)
    which = f"the best {count:,} cells"
    if any(hood.rank != place + 1 for place, hood in enumerate(found.differing)):
        which += " that differ"
    if count == 1:
        return []
    if choice is None:
        alone = not any(hood.possible for hood in found.differing)
        return [] if alone else [f"None of {which} has neighbours enough to name a steadier one."]
    if choice is found.best:
        return [f"None of {which} is steadier than the best."]
    value, median, worst = (
        metric_text(found.by, number) for number in (choice.value, choice.median, choice.worst)
    )
    return [
        f"Steadier choice: cell {choice.cell:,} (rank {choice.rank}), {value} itself, its neighbours' median "
        f"{median}, the worst {worst}: by the lesser of itself and that median the first of {which}."
    ]


def _shares(table: SweepTable, found: Stability) -> list[str]:
    if len(found.shares) < 2:
        return []
    short = short_keys([axis.key for axis in table.grid.axes])
    parts = [f"{short[key]} {share(eta, 0)}" for key, eta in found.shares]
    return [
        f"Of the variance of {metric_name(found.by)} between cells each axis explains by itself: "
        f"{listed(parts, 6)}."
    ]


def _words(found: Stability) -> tuple[str, str, str]:
    return (
        metric_name(found.by),
        metric_text(found.by, found.best.value),
        metric_text(found.by, found.median),
    )


def _valued(by: str) -> str:
    """What a cell has that is ranked: "a Sharpe", "a value of trades"."""
    return f"a {metric_name(by)}" if by in RATIOS else f"a value of {metric_name(by)}"
