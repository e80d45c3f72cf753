"""What a comparison of synthetic and traded fund says: numbers, rows and files."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from letf_instruments import FundLedger, LeveragedFund
from letf_instruments.calibration import SpreadFit
from letf_instruments.tracking import (
    BarGap,
    Tracking,
    YearGap,
    bar_gaps,
    dislocated,
    gaps_by_year,
    returns,
    stop_disagreement,
    track,
)
from runs.answers.index_words import not_its_index
from runs.answers.words import number, percent, with_caveats
from runs.studies.inputs import Pair

if TYPE_CHECKING:
    import pandas as pd

STOP = 0.05
LARGEST = 12


@dataclass(frozen=True, eq=False)
class TrackingReport:
    """A finished comparison; arrays of shape (n,) on the common sessions."""

    pair: Pair
    fund: LeveragedFund
    ledger: FundLedger
    tracking: Tracking
    years: list[YearGap]
    bars: list[BarGap]
    stops: tuple[int, int, int]
    away: np.ndarray  # closes at which the traded price was dislocated
    since: int  # the first compared close
    fits: Sequence[SpreadFit] = ()

    @property
    def sessions(self) -> np.ndarray:
        return self.pair.sessions[self.since :]

    @property
    def synthetic(self) -> np.ndarray:
        return self.ledger.close[self.since :]

    @property
    def traded(self) -> np.ndarray:
        return self.pair.traded.close[self.since :]

    def gaps(self) -> np.ndarray:
        """Daily return of the synthetic fund minus the traded one's, shape (n−1,)."""
        return returns(self.synthetic) - returns(self.traded)

    def headline(self) -> str:
        t, s = self.tracking, self.sessions
        mark = "SIMULATED data. " if self.pair.simulated else ""
        where = f"{mark}{self.fund.ticker} on {self.pair.inputs.bars.name}, {s[0]} to {s[-1]}"
        said = (
            f"{where}: the synthetic fund ends at {t.wealth_ratio:.3f} times the traded one, "
            f"a drift of {percent(t.drift, 2)} a year."
        )
        return with_caveats(said, not_its_index([self.fund], self.pair.index))

    def summary_rows(self) -> tuple[list[str], list[list[str]]]:
        t = self.tracking
        disagree, either, days = self.stops
        rows = [
            ["daily correlation", number(t.correlation, 5)],
            ["… without dislocated closes", number(t.correlation_clean, 5)],
            ["beta of traded on synthetic", number(t.beta, 4)],
            ["tracking error a day, bp", number(t.error_bp, 1)],
            ["drift a year", percent(t.drift, 3)],
            ["terminal wealth, synthetic over traded", number(t.wealth_ratio, 4)],
        ]
        rows += [
            [
                f"{b.column} over prior close, gap bp: mean, sd",
                f"{number(b.mean_bp, 1)}, {number(b.sd_bp, 1)}",
            ]
            for b in self.bars
        ]
        share = disagree / either if either else 0.0
        text = f"{disagree} of {either} days with a stop ({share:.1%}), of {days:,} in all"
        rows.append([f"a stop {STOP:.0%} below the prior close disagrees on", text])
        return ["", "synthetic against traded"], rows

    def year_rows(self) -> tuple[list[str], list[list[str]]]:
        headings = [
            "year",
            "synthetic over traded",
            "traded, log",
            "= multiple of the daily price return",
            "+ dividends",
            "+ financing",
            "+ cash",
            "+ fee",
            "+ rest",
        ]
        parts = ("traded", "naive", "dividends", "financing", "cash", "fee", "rest")
        rows = [
            [str(y.year), percent(y.gap, 2), *(number(getattr(y, part), 4) for part in parts)]
            for y in self.years
        ]
        return headings, rows

    def gap_rows(self) -> tuple[list[str], list[list[str]]]:
        gaps, a, b = self.gaps(), returns(self.synthetic), returns(self.traded)
        rows = []
        for i in np.argsort(-np.abs(gaps))[:LARGEST]:
            what = ""
            if self.away[i + 1]:
                what = "dislocated: the traded close strays from NAV"
            elif self.away[i]:
                what = "dislocation of the day before undone"
            rows.append([str(self.sessions[i + 1]), percent(gaps[i], 2), percent(a[i]), percent(b[i]), what])
        return ["largest gaps", "gap", "synthetic", "traded", ""], rows

    def flat(self) -> dict[str, Any]:
        """Everything as one flat dict of numbers and words."""
        disagree, either, days = self.stops
        out: dict[str, Any] = {
            "fund": self.fund.ticker,
            "index": self.pair.inputs.bars.name,
            "start": str(self.sessions[0]),
            "end": str(self.sessions[-1]),
            **asdict(self.tracking),
            "stop_days_disagreeing": disagree,
            "stop_days_either": either,
            "stop_days_all": days,
            "dislocated_closes": " ".join(str(d) for d in self.sessions[self.away]),
            "simulated": self.pair.simulated,
        }
        for bar in self.bars:
            out[f"{bar.column}_gap_mean_bp"], out[f"{bar.column}_gap_sd_bp"] = bar.mean_bp, bar.sd_bp
        for year in self.years:
            for key, value in asdict(year).items():
                if key != "year":
                    out[f"year_{year.year}_{key}"] = value
        for fit in self.fits:
            for key in ("spread", "low", "high"):
                out[f"fit_{fit.start}_{key}"] = getattr(fit, key)
        return out


def compare(
    pair: Pair, fund: LeveragedFund, fits: Sequence[SpreadFit] = (), since: np.datetime64 | None = None
) -> TrackingReport:
    """Compare the traded fund of a pair with `fund` made on its index.

    Parameters
    ----------
    fits : the calibration that the fund's spreads come from, if there was one.
    since : first close to compare; the first common one if None.
    """
    ledger = pair.ledger(fund)
    at = 0 if since is None else int(np.searchsorted(pair.sessions, since))
    synthetic = {c: getattr(ledger, c)[at:] for c in ("open", "high", "low", "close")}
    traded = {c: getattr(pair.traded, c)[at:] for c in synthetic}
    first_year = int(str(pair.sessions[at])[:4])
    years = gaps_by_year(ledger, pair.index_price, pair.traded.close)
    return TrackingReport(
        pair=pair,
        fund=fund,
        ledger=ledger,
        tracking=track(pair.sessions[at:], synthetic["close"], traded["close"]),
        years=[y for y in years if at == 0 or y.year > first_year],
        bars=bar_gaps(synthetic, traded),
        stops=stop_disagreement(synthetic, traded, STOP),
        away=dislocated(synthetic["close"], traded["close"]),
        since=at,
        fits=fits,
    )


def fit_rows(fits: Sequence[SpreadFit]) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of fitted spreads with their bands."""
    rows = [
        [
            f"{fit.start} to {fit.end}",
            percent(fit.spread, 2),
            f"{percent(fit.low, 2)} to {percent(fit.high, 2)}",
            str(fit.sessions),
        ]
        for fit in fits
    ]
    return ["financing spread a year", "fitted", "95 % band", "sessions"], rows


def gaps_frame(report: TrackingReport) -> pd.DataFrame:
    """By session: synthetic and traded total return from 1, daily gap, and whether the close was
    dislocated."""
    import pandas as pd

    columns = {
        "synthetic": report.synthetic / report.synthetic[0],
        "traded": report.traded / report.traded[0],
        "gap": np.concatenate(([0.0], report.gaps())),
        "dislocated": report.away.astype(int),
    }
    return pd.DataFrame(columns, index=pd.DatetimeIndex(report.sessions.astype("datetime64[s]"), name="date"))


def spreads_frame(fits: Sequence[SpreadFit]) -> pd.DataFrame:
    """A row a period: spread and its 95 % band, fractions a year, and how many sessions it rests on."""
    import pandas as pd

    columns = {
        key: [getattr(fit, key) for fit in fits] for key in ("end", "spread", "low", "high", "sessions")
    }
    return pd.DataFrame(columns, index=pd.Index([fit.start for fit in fits], name="start"))


def spread_csv(fund: LeveragedFund, fits: Sequence[SpreadFit], source: str) -> bytes:
    """The dated table as the product reads it: ticker, from, rate, source; the band beside it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("ticker", "from", "rate", "source", "low", "high"))
    for fit in fits:
        numbers = [f"{value:.6f}" for value in (fit.spread, fit.low, fit.high)]
        writer.writerow((fund.ticker, fit.start + 1, numbers[0], f"{source}, to {fit.end}", *numbers[1:]))
    return text.getvalue().encode("utf-8")
