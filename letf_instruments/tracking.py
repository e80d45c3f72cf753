"""How a synthetic fund follows the traded one: by day, by year, and where the gap comes from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from letf_instruments.decay import attribute
from letf_instruments.errors import DataError
from letf_instruments.synthesis import Dates, Floats, FundLedger

# A traded price has strayed from NAV if its premium leaves the usual by this much, and then comes back.
DISLOCATION = 0.025
DISLOCATION_SD = 6.0
NEIGHBOURS = 21
DAYS_A_YEAR = 365.25


@dataclass(frozen=True)
class Tracking:
    """Synthetic against traded over a span. Gaps are synthetic minus traded."""

    sessions: int
    correlation: float  # of daily returns
    correlation_clean: float  # without the days on which the traded price was dislocated
    beta: float  # of traded on synthetic
    error_bp: float  # standard deviation of the daily gap, basis points
    drift: float  # growth of synthetic over traded wealth, a year
    wealth_ratio: float  # synthetic over traded wealth at the end


def returns(close: Floats) -> Floats:
    """Simple returns, shape (n,) → (n−1,)."""
    return close[1:] / close[:-1] - 1.0


def dislocated(synthetic: Floats, traded: Floats) -> npt.NDArray[np.bool_]:
    """True at closes where the traded price stood away from NAV and came back, shape (n,).

    The premium is the log of traded over synthetic wealth; its usual level is the median of the 21
    sessions around. A close is dislocated if it is off that level by more than 2.5 % and by more than six
    robust standard deviations (1.4826 times the median absolute deviation).
    """
    premium = np.log(traded / synthetic)
    half = NEIGHBOURS // 2
    padded = np.pad(premium, half, mode="edge")
    usual = np.median(np.lib.stride_tricks.sliding_window_view(padded, NEIGHBOURS), axis=1)
    off = np.abs(premium - usual)
    robust = 1.4826 * np.median(off)
    return np.asarray((off > DISLOCATION) & (off > DISLOCATION_SD * robust))


def track(sessions: Dates, synthetic: Floats, traded: Floats) -> Tracking:
    """Compare closes of both on common sessions.

    Parameters
    ----------
    sessions : datetime64[D], shape (n,), rising strictly, at least 3.
    synthetic, traded : total return levels, shape (n,), positive.

    Raises
    ------
    DataError
        If there are fewer than 3 sessions or a level is not positive.
    """
    if len(sessions) < 3:
        raise DataError(f"{len(sessions)} common sessions are too few to compare; at least 3 are needed")
    if not (synthetic.min() > 0 and traded.min() > 0):
        raise DataError("a fund that is worth nothing cannot be compared")
    a, b = returns(synthetic), returns(traded)
    if np.ptp(a) == 0.0 or np.ptp(b) == 0.0:
        raise DataError("prices that never move cannot be compared")
    away = dislocated(synthetic, traded)
    clean = ~(away[1:] | away[:-1])
    ratio = (synthetic[-1] / synthetic[0]) / (traded[-1] / traded[0])
    years = float((sessions[-1] - sessions[0]).astype(int)) / DAYS_A_YEAR
    return Tracking(
        sessions=len(a),
        correlation=float(np.corrcoef(a, b)[0, 1]),
        correlation_clean=float(np.corrcoef(a[clean], b[clean])[0, 1]),
        beta=float(np.cov(a, b)[0, 1] / a.var(ddof=1)),
        error_bp=float((a - b).std(ddof=1) * 1e4),
        drift=float(ratio ** (1.0 / years) - 1.0),
        wealth_ratio=float(ratio),
    )


@dataclass(frozen=True)
class YearGap:
    """One calendar year in logs: what multiple × the index's daily price return misses, and why.

    naive + dividends + financing + cash + fee + rest = traded, exactly.
    """

    year: int
    naive: float  # the multiple of the price index's daily return, compounded
    dividends: float  # what total return adds to it (and an ETF's own fee)
    financing: float
    cash: float
    fee: float
    rest: float  # tracking, dislocation, and what the facts do not know
    traded: float
    gap: float  # synthetic over traded − 1


def gaps_by_year(ledger: FundLedger, index_price: Floats, traded: Floats) -> list[YearGap]:
    """The traded fund's log return of each calendar year, split by cause.

    Parameters
    ----------
    ledger : the synthetic fund on daily total return bars, shape (n,).
    index_price : the same index without dividends, shape (n,).
    traded : the fund's own total return level, shape (n,).
    """
    a = attribute(ledger, traded)
    b = ledger.fund.multiple
    naive = np.concatenate(([0.0], np.log1p(b * returns(index_price))))
    dividends = a.index + a.compounding - naive
    years = a.sessions.astype("datetime64[Y]").astype(int) + 1970
    out = []
    for year in np.unique(years[1:]):
        of = years == year
        of[0] = False
        parts = {
            name: float(values[of].sum())
            for name, values in (
                ("naive", naive),
                ("dividends", dividends),
                ("financing", a.financing),
                ("cash", a.cash),
                ("fee", a.fee),
                ("rest", a.rest),
                ("traded", a.log_return),
            )
        }
        out.append(YearGap(int(year), **parts, gap=float(np.expm1(-parts["rest"]))))
    return out


@dataclass(frozen=True)
class BarGap:
    """Open, high, low or close relative to the prior close: synthetic minus traded, basis points."""

    column: str
    mean_bp: float
    sd_bp: float


def bar_gaps(synthetic: dict[str, Floats], traded: dict[str, Floats]) -> list[BarGap]:
    """How far the bars themselves agree; dicts of open, high, low, close, each of shape (n,)."""
    out = []
    for column in ("open", "high", "low", "close"):
        gap = synthetic[column][1:] / synthetic["close"][:-1] - traded[column][1:] / traded["close"][:-1]
        out.append(BarGap(column, float(gap.mean() * 1e4), float(gap.std(ddof=1) * 1e4)))
    return out


def stop_disagreement(
    synthetic: dict[str, Floats], traded: dict[str, Floats], stop: float = 0.05
) -> tuple[int, int, int]:
    """On how many days a stop `stop` below the prior close is hit by one and not by the other.

    Returns
    -------
    (disagreeing days, days on which either is hit, all days).
    """
    hit_synthetic = synthetic["low"][1:] <= (1.0 - stop) * synthetic["close"][:-1]
    hit_traded = traded["low"][1:] <= (1.0 - stop) * traded["close"][:-1]
    either = hit_synthetic | hit_traded
    return int((hit_synthetic ^ hit_traded).sum()), int(either.sum()), len(either)
