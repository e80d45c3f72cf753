"""What is said of the facts that a synthetic fund rests on: where they end, and which are assumed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from letf_instruments import FactError, LeveragedFund
from letf_instruments.spreads import Spread, rates_of, shipped_spreads
from runs.answers.index_words import index_notes
from runs.answers.words import listed, share

if TYPE_CHECKING:
    from feeds.bars import Bars
    from feeds.rates import ShortRate

CARRIED = 31  # days beyond the last fitted close that go without saying
DAYS_A_YEAR = 365.25
ASSUMED = "assumed"  # how the fact tables begin the source of what nobody measured


def fund_notes(funds: Iterable[LeveragedFund], bars: Bars) -> list[str]:
    """What there is to know of funds made from an index: of the index (`index_notes`), and of their facts."""
    funds = list(funds)
    return [*index_notes(funds, bars), *spread_notes(funds, bars.sessions[0], bars.sessions[-1])]


def rate_notes(rate: ShortRate, *, named: bool) -> list[str]:
    """What the short rate is where nobody named a series: a constant, or what the project brings along."""
    if rate.is_constant:
        return [f"short rate: {rate.label} throughout"]
    return [] if named else [f"no short rate named: {rate.label} is used, which the project brings along"]


def spread_notes(funds: Iterable[LeveragedFund], first: np.datetime64, last: np.datetime64) -> list[str]:
    """Where the financing spreads of a span do not come from the years before it, a sentence for all funds of
    which the same is true: assumed, taken from later years, or carried on. Nothing of funds with other
    spreads than those of the fact tables."""
    alike: dict[str, list[str]] = {}
    for fund in funds:
        for said in _of(fund, first, last):
            alike.setdefault(said, []).append(fund.ticker)
    return [f"{listed(names)}: {said}" for said, names in alike.items()]


def _of(fund: LeveragedFund, first: np.datetime64, last: np.datetime64) -> list[str]:
    try:
        table = shipped_spreads(fund.ticker)
    except FactError:
        return []
    if fund.spread != rates_of(table):
        return []
    days = np.array(table.dates).astype("datetime64[D]")
    in_force = np.maximum(np.searchsorted(days, np.array([first, last]), side="right") - 1, 0)
    early, late = (table.values[int(i)] for i in in_force)
    said = []
    if is_assumed(late):
        said.append(f"the financing spread, {share(late.rate, 2)} a year at the end, is {late.source}")
    if early.fitted_from is not None and first < early.fitted_from:
        until = days[int(in_force[0]) + 1] - 1 if int(in_force[0]) + 1 < len(days) else last
        said.append(
            f"until {min(until, last)} the financing spread is the mean of fits to later prices, "
            f"{early.fitted_from} to {early.fitted_to}"
        )
    carried = 0 if late.fitted_to is None else int((last - late.fitted_to).astype(int))
    if late is table.values[-1] and carried > CARRIED:  # any other row holds no longer than it should
        said.append(
            f"the financing spread is fitted to prices up to {late.fitted_to} and carried on to {last}, "
            f"{carried / DAYS_A_YEAR:.1f} years"
        )
    return said


def is_assumed(spread: Spread) -> bool:
    """True for a spread of the fact tables that nobody measured."""
    return spread.source.startswith(ASSUMED)


def spread_origin(ticker: str) -> str:
    """In a few words what the spread in force today rests on; empty for a fund that the tables lack."""
    try:
        spread = shipped_spreads(ticker).values[-1]
    except FactError:
        return ""
    if spread.fitted_to is not None:
        return f"fitted to {spread.fitted_to}"
    return ASSUMED if is_assumed(spread) else "by construction"
