"""The funds that the fact tables (`letf_instruments/facts/*.csv`) know, each row with its source."""

from __future__ import annotations

import csv
import difflib
from functools import cache
from importlib import resources

import numpy as np

from letf_instruments.dated import Dated
from letf_instruments.errors import FactError
from letf_instruments.fund import LeveragedFund


@cache
def rows(table: str) -> tuple[dict[str, str], ...]:
    """The rows of one fact table, as strings, in file order."""
    text = resources.files("letf_instruments.facts").joinpath(f"{table}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def _dated_rate(table: str, ticker: str) -> Dated[float]:
    return Dated.of((r["from"], float(r["rate"])) for r in rows(table) if r["ticker"] == ticker)


def known_tickers() -> tuple[str, ...]:
    """Tickers of the funds in the fact tables."""
    return tuple(r["ticker"] for r in rows("funds"))


@cache
def known_fund(ticker: str) -> LeveragedFund:
    """The fund of that ticker (any letter case) from the fact tables.

    Raises
    ------
    FactError
        If the tables do not know it; the sentence names the nearest one.
    """
    wanted = ticker.upper()
    for row in rows("funds"):
        if row["ticker"] == wanted:
            return LeveragedFund(
                ticker=wanted,
                multiple=float(row["multiple"]),
                expense_ratio=_dated_rate("expense_ratios", wanted),
                spread=_dated_rate("financing_spreads", wanted),
                index=Dated.of((r["from"], r["index"]) for r in rows("indexes") if r["ticker"] == wanted),
                inception=np.datetime64(row["inception"], "D"),
                name=row["name"],
            )
    near = difflib.get_close_matches(wanted, known_tickers(), n=1)
    hint = f"; did you mean {near[0]}?" if near else f"; known are {', '.join(known_tickers())}"
    raise FactError(f"no fund named {ticker!r} in the fact tables{hint}")
