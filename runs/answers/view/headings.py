"""What a metric is called and how it is written in the list of results: as in a report's tables."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from runs.answers.page.glossary import means

Form = Literal["return", "share", "number", "count", "other"]


@dataclass(frozen=True)
class Heading:
    """A column of the list. key : of the results' numbers. name : as the tables of a report have it.
    form : how its values are written: a return with its sign, a share without, two decimals, none, or as many
    as the column takes. means : of the glossary, else empty. first : whether it stands there unasked."""

    key: str
    name: str
    form: Form
    means: str
    first: bool


HEADLINE: dict[str, tuple[str, Form]] = {
    "total_return": ("total return", "return"),
    "cagr": ("CAGR", "return"),
    "max_drawdown": ("worst drawdown", "return"),
    "sharpe": ("Sharpe ratio", "number"),
    "trades": ("trades", "count"),
    "exposure_gross": ("average exposure", "share"),
}
ASKED: dict[str, tuple[str, Form]] = {
    "volatility": ("volatility a year", "share"),
    "sortino": ("Sortino ratio", "number"),
    "calmar": ("Calmar ratio", "number"),
    "max_drawdown_days": ("longest under water, days", "count"),
    "max_drawdown_within_bar": ("worst drawdown within a bar, at most", "return"),
    "expected_shortfall_5": ("mean of the worst 5 % of days", "return"),
    "win_rate": ("hit rate", "share"),
    "profit_factor": ("profit factor", "number"),
    "average_trade": ("average trade", "return"),
    "average_bars_held": ("average bars held", "number"),
    "turnover": ("turnover a year, of equity", "share"),
    "exposure_net": ("average exposure, longs less shorts", "share"),
    "exposure_index": ("average exposure, times the funds' multiples", "share"),
    "beta": ("beta to the index", "number"),
    "alpha": ("alpha a year", "return"),
    "correlation": ("correlation to the index", "number"),
    "money_weighted_return": ("money-weighted return a year", "return"),
    "costs_paid": ("costs paid", "count"),
    "final_equity": ("final equity", "count"),
    "interest_earned": ("interest earned on cash", "count"),
    "deflated_sharpe": ("deflated Sharpe ratio", "share"),
    "overfitting": ("probability of overfitting", "share"),
    "sessions": ("sessions", "count"),
}
KNOWN = HEADLINE | ASKED
OF_WHAT = {"hold_index": "index held", "same_risk": "index at the rule's risk"}
AT_PLACE = {f"q{at:02}": f"{at}th percentile" for at in (5, 25, 75, 95)} | {"q50": "median", "mean": "mean"}


def headings_of(results: Iterable[Iterable[str]]) -> list[Heading]:
    """The columns there can be: those that stand there unasked, then the others that have a name in a report,
    then the rest, those of most results first.

    Parameters
    ----------
    results : of each the keys of its numbers.
    """
    count: dict[str, int] = {}
    for keys in results:
        for key in keys:
            count[key] = count.get(key, 0) + 1
    named = [key for key in KNOWN if key in count]
    rest = sorted((key for key in count if key not in KNOWN), key=lambda key: (-count[key], key))
    found: dict[str, Heading] = {}
    for key in (*named, *rest):
        name, form = named_of(key)
        name = key if name in found else name  # a name is what a person types: no two may share it
        found[name] = Heading(key, name, form, means(name) or "", key in HEADLINE)
    return list(found.values())


def named_of(key: str) -> tuple[str, Form]:
    """What a key is called, and how its values are written: "hold_SOXS_cagr" is "SOXS held: CAGR"."""
    if key in KNOWN:
        return KNOWN[key]
    begin, _, place = key.rpartition("_")
    if place in AT_PLACE and begin:
        name, form = named_of(begin)
        return f"{name}, {AT_PLACE[place]}", "number" if form == "count" else form
    for known, (name, form) in sorted(KNOWN.items(), key=lambda pair: -len(pair[0])):
        if key.endswith(f"_{known}"):
            return f"{_words(key[: -len(known) - 1])}: {name}", form
    return _words(key), "other"


def _words(key: str) -> str:
    """A part of a key as words: "-3x_best_day" is "−3x best day"."""
    if key in OF_WHAT:
        return OF_WHAT[key]
    if key.startswith("hold_"):
        return f"{_words(key.removeprefix('hold_'))} held"
    return re.sub(r"^-(?=\d)", "−", key).replace("_", " ")
