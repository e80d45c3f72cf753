"""What a fund's swaps will cost, from the years before: a spread that was not fitted to what it prices.

A year's fit is mostly noise: its band is ±1 to 2 % a year, and last year's tells next to nothing of it.
What carries over is that swaps cost more where the index moves more, as the fund trades b(b − 1) times each
move at the close. So the spread of a quarter is

    spread = k · m,    m = mean size of the index's daily return in the quarter before,

and k, a rate a year for each unit of daily move, comes from the years that are over: by least squares of
their fits on their own m, each weighted by 1/(e² + τ²), e its standard error and τ = .5 % what a year strays
from the law besides. A fund's own k is taken halfway to that of all funds of its sign (a bull's swaps are not
a bear's): a fund alone has few years to tell its own by. Nothing else is fitted. Twice or half τ, months or
half-years for quarters, and own years or those of the sign alone make less of a difference than the law
itself does (docs/funds.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from letf_instruments.calibration import NORMAL_95, SpreadFit, fit_by_period
from letf_instruments.dated import Dated
from letf_instruments.errors import DataError
from letf_instruments.fund import LeveragedFund
from letf_instruments.spreads import Spread
from letf_instruments.synthesis import Dates, Floats
from letf_instruments.tables import known_fund, rows

STRAY = 0.005  # fraction a year
OWN = 0.5


@dataclass(frozen=True)
class YearFit:
    """A fitted year of a fund.

    start, end : first and last close that it was fitted to. spread : fraction a year. error : its standard
    error. move : mean over its sessions of the index's daily move in the quarter before each.
    """

    start: np.datetime64
    end: np.datetime64
    spread: float
    error: float
    move: float


def quarter_moves(sessions: Dates, close: Floats) -> Dated[float]:
    """From the first day of each quarter on, the mean absolute return of a session in the quarter before it.

    Parameters
    ----------
    sessions : datetime64[D], shape (n,). close : of the index, total return, shape (n,).

    Raises
    ------
    DataError
        If all sessions are of one quarter.
    """
    size = np.abs(close[1:] / close[:-1] - 1.0)
    quarter = sessions[1:].astype("datetime64[M]").astype(np.int64) // 3
    which, at = np.unique(quarter, return_inverse=True)
    if len(which) < 2:
        raise DataError("a quarter's move needs the quarter before it")
    mean = np.bincount(at, weights=size) / np.bincount(at)
    first = (3 * (which + 1)).astype("datetime64[M]").astype("datetime64[D]")
    return Dated(tuple(first), tuple(mean.tolist()))


def year_fits(fits: Iterable[SpreadFit], sessions: Dates, moves: Dated[float]) -> list[YearFit]:
    """Fits with the moves that they are set against; those that end before the first move are left out.

    Parameters
    ----------
    fits : by `fit_by_period`. sessions : those that they were fitted to. moves : of the same index.
    """
    out = []
    for fit in fits:
        if fit.end < moves.dates[0]:
            continue
        own = sessions[(sessions > fit.start) & (sessions <= fit.end)]
        error = (fit.high - fit.low) / (2 * NORMAL_95)
        out.append(YearFit(fit.start, fit.end, fit.spread, error, float(moves.on(own).mean())))
    return out


def shipped_fits(ticker: str) -> list[YearFit]:
    """The fitted years of a fund in the fact tables; none of one that was not fitted."""
    return [
        YearFit(
            np.datetime64(row["fitted_from"], "D"),
            np.datetime64(row["fitted_to"], "D"),
            float(row["rate"]),
            (float(row["high"]) - float(row["low"])) / (2 * NORMAL_95),
            float(row["move"]),
        )
        for row in rows("spread_fits")
        if row["ticker"] == ticker
    ]


def fitted_tickers(multiple: float) -> tuple[str, ...]:
    """The funds of the fact tables that were fitted and have the sign of a multiple."""
    found = dict.fromkeys(row["ticker"] for row in rows("spread_fits"))
    return tuple(ticker for ticker in found if known_fund(ticker).multiple * multiple > 0)


def slope(fits: Sequence[YearFit]) -> float:
    """k of some fitted years, each weighted by what is known of it."""
    weight = np.array([1.0 / (fit.error**2 + STRAY**2) for fit in fits])
    move, spread = (np.array([getattr(fit, name) for fit in fits]) for name in ("move", "spread"))
    return float((weight * move * spread).sum() / (weight * move * move).sum())


def predicted(
    own: Sequence[YearFit], others: Sequence[YearFit], moves: Dated[float], source: str = ""
) -> Dated[Spread]:
    """The spread of each quarter from the years before its own, from the year after the first fit on.

    Parameters
    ----------
    own : fitted years of the fund. others : of the other funds of its sign; a year of theirs is used once it
        is over, as the fund's own are.
    moves : of the fund's index, as `quarter_moves`. In the quarter after the last one the mean of all takes
        over.
    source : what it comes from, in words.

    Raises
    ------
    DataError
        If no quarter follows a fitted year.
    """
    own = sorted(own, key=lambda fit: fit.end)
    table: list[tuple[np.datetime64, Spread]] = []

    def row(day: np.datetime64, move: float) -> None:
        over = [fit for fit in own if fit.end < day.astype("datetime64[Y]").astype("datetime64[D]")]
        if over:
            seen = [*over, *(fit for fit in others if fit.end <= over[-1].end)]
            k = OWN * slope(over) + (1 - OWN) * slope(seen)
            table.append((day, Spread(round(k * move, 6), source, over[0].start, over[-1].end)))

    for day, move in zip(moves.dates, moves.values, strict=True):
        row(day, move)
    last = moves.dates[-1].astype("datetime64[M]") + 3
    row(last.astype("datetime64[D]"), float(np.mean(moves.values)))
    if not table:
        raise DataError("a spread can be predicted for a year that follows a fitted one; there is none")
    return Dated.of(table)


def predicted_from_prices(
    fund: LeveragedFund,
    sessions: Dates,
    index_close: Floats,
    fund_close: Floats,
    short_rate: Floats,
    moves: Dated[float],
    source: str = "",
) -> Dated[Spread]:
    """The spreads of a fund as its own traded prices, and the shipped fits of the other funds of its sign,
    predict them.

    Parameters
    ----------
    sessions, index_close, fund_close, short_rate : as in `fit_spread`. moves : as in `predicted`.

    Raises
    ------
    FactError
        If the fund pays no spread.
    DataError
        If no year can be fitted, or no quarter follows one.
    """
    fits = fit_by_period(fund, sessions, index_close, fund_close, short_rate)
    alike = [ticker for ticker in fitted_tickers(fund.multiple) if ticker != fund.ticker]
    others = [fit for ticker in alike for fit in shipped_fits(ticker)]
    return predicted(year_fits(fits, sessions, moves), others, moves, source)
