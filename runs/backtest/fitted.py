"""[data] spreads = "fitted": financing spreads from the traded prices that the data folder has of a fund.

Each year's come from the years before it and none from itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from feeds.checking.screen import OnBadPrint, Screen
from feeds.rates import ShortRate
from feeds.sources import data_folder, files_in, load_bars
from feeds.total_return import adjusted, quoted_index
from letf_instruments import DataError, Dated, FactError, LeveragedFund
from letf_instruments.account import carry_multiples
from letf_instruments.families import own_source
from letf_instruments.prediction import predicted_from_prices, quarter_moves
from letf_instruments.spreads import Spread, rates_of, shipped_spreads


def with_fitted_spreads(
    funds: Mapping[str, LeveragedFund], rate: ShortRate, folder: Path | None, screen: Screen
) -> tuple[dict[str, LeveragedFund], list[str]]:
    """Funds with the spreads that their traded prices predict, and what there is to say of it, a sentence a
    fund. One of which the folder lacks prices or an index of its own keeps the spreads of the fact tables.

    Parameters
    ----------
    rate : the short rate over which spreads are reckoned.

    Raises
    ------
    DataError
        If prices that are there are refused, or no spread fits them.
    """
    made, notes = dict(funds), []
    for ticker, fund in funds.items():
        borrowed, short, _ = carry_multiples(fund.multiple)
        if not borrowed + short:
            continue
        index = own_index(fund, folder)
        if not _is_there(ticker, folder) or index is None:
            what = "traded prices" if index is not None else "its own index"
            notes.append(
                f"{ticker}: no spread is fitted, as the data folder has not {what}; its own stay as they are"
            )
            continue
        spreads, said = _fitted(fund, index, rate, folder, screen)
        made[ticker] = replace(fund, spread=rates_of(spreads))
        notes.append(said)
    return made, notes


def own_index(fund: LeveragedFund, folder: Path | None = None) -> str | None:
    """The source of the folder that is a fund's own index, spliced where it changed ("SOX:2021-08-25:SOXX");
    None if it has none."""
    dates = fund.indexes.dates
    return own_source(fund, dates[0], dates[-1], [path.stem for path in files_in(data_folder(folder))])


def _fitted(
    fund: LeveragedFund, index: str, rate: ShortRate, folder: Path | None, screen: Screen
) -> tuple[Dated[Spread], str]:
    # Closes alone are used, so a false high or low is no reason to refuse.
    kind: OnBadPrint = "keep" if screen.on_bad_print == "keep" else "close"
    whole = Screen(kind, why="as only closes are used")
    quoted, _ = quoted_index(index, folder, screen=whole)
    traded = adjusted(load_bars(fund.ticker, folder))
    # The first days of a fund have stale closes: from the first quarter that it was there all of.
    since = (traded.sessions[0].astype("datetime64[M]").astype(int) // 3 + 1) * 3
    first = np.datetime64(int(since), "M").astype("datetime64[D]")
    traded, _ = whole.narrowed(since=first).bars(traded.between(first, None))
    bars = quoted.as_swapped()
    common = np.intersect1d(bars.sessions, traded.sessions)
    closes = [each.close[np.isin(each.sessions, common)] for each in (bars, traded)]
    if rate.days is not None and rate.days[0] > common[0]:
        raise DataError(
            f"short rate {rate.label} starts on {rate.days[0]}, but spreads of {fund.ticker} are fitted from "
            f"{common[0]} on; name another rate, or leave spreads to the table"
        )
    moves = quarter_moves(bars.sessions, bars.close)
    source = f"predicted from fits to {traded.source} on {index}"
    own = predicted_from_prices(fund, common, closes[0], closes[1], rate.on(common), moves, source)
    begin = own.dates[0]
    try:
        known = shipped_spreads(fund.ticker)
    except FactError:
        known = Dated(fund.spreads.dates, tuple(Spread(value) for value in fund.spreads.values))
    before = [(day, spread) for day, spread in zip(known.dates, known.values, strict=True) if day < begin]
    table = Dated.of([*before, *zip(own.dates, own.values, strict=True)])
    said = (
        f"{fund.ticker}: financing spreads from {begin} on are predicted from fits to {traded.source} on "
        f"{index}, each year from the years before it; those before are the fact tables'"
    )
    return table, said


def _is_there(name: str, folder: Path | None) -> bool:
    return name.lower() in {path.stem.lower() for path in files_in(data_folder(folder))}
