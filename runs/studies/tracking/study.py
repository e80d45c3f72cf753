"""What a comparison of synthetic and traded fund finds: in sample, out of sample, and as files."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from letf_instruments import Dated, FundLedger, LetfError, LeveragedFund
from letf_instruments.account import carry_multiples
from letf_instruments.calibration import SpreadFit, fit_by_period, walk_forward_table
from letf_instruments.spreads import Sample, Spread, rates_of, sample_of
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
from runs.studies.inputs import Pair
from runs.studies.tracking.pricings import Pricing, pricings

if TYPE_CHECKING:
    import pandas as pd

STOP = 0.05


@dataclass(frozen=True, eq=False)
class TrackingReport:
    """A finished comparison; arrays of shape (n,) on the common sessions.

    sample : what the spreads rest on that price the compared sessions.
    fits : the calibration that the spreads come from, if there was one.
    walks_forward : True if each period is priced with the spread fitted to the one before.
    forward : where this is in sample, or where that is not known: the same comparison walking forward.
    without : why there is none, where it would be needed.
    ways : the years priced in other ways beside it, from the second fitted one on; none where that cannot be.
    """

    pair: Pair
    fund: LeveragedFund
    ledger: FundLedger
    tracking: Tracking
    years: list[YearGap]
    bars: list[BarGap]
    stops: tuple[int, int, int]
    away: np.ndarray  # closes at which the traded price was dislocated
    since: int  # the first compared close
    sample: Sample
    fits: Sequence[SpreadFit] = ()
    walks_forward: bool = False
    forward: TrackingReport | None = None
    without: str | None = None
    ways: Sequence[Pricing] = ()

    @property
    def sessions(self) -> np.ndarray:
        return self.pair.sessions[self.since :]

    @property
    def synthetic(self) -> np.ndarray:
        return self.ledger.close[self.since :]

    @property
    def traded(self) -> np.ndarray:
        return self.pair.traded.close[self.since :]

    @property
    def pays_spread(self) -> bool:
        """False for a fund that neither borrows nor sells short."""
        return pays_spread(self.fund)

    @property
    def outside(self) -> TrackingReport | None:
        """The comparison that is out of sample: this one, or the one that walks forward."""
        return self if self.sample.in_sample is False else self.forward

    def gaps(self) -> np.ndarray:
        """Daily return of the synthetic fund minus the traded one's, shape (n−1,)."""
        return returns(self.synthetic) - returns(self.traded)

    def over(self, other: TrackingReport) -> Tracking:
        """This synthetic fund over the sessions of another comparison, so that the two can be set side by
        side."""
        part = slice(other.since, None)
        return track(other.sessions, self.ledger.close[part], self.pair.traded.close[part])

    def flat(self) -> dict[str, Any]:
        """Everything as one flat dict of numbers and words."""
        disagree, either, days = self.stops
        out: dict[str, Any] = {
            "fund": self.fund.ticker,
            "index": self.pair.inputs.bars.name,
            "start": str(self.sessions[0]),
            "end": str(self.sessions[-1]),
            **asdict(self.tracking),
            **self._flat_sample(),
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
        for year in self.outside.years if self.outside else ():
            out[f"year_{year.year}_gap_out_of_sample"] = year.gap
        for way in self.ways:
            out[f"rms_{way.key}"] = way.rms
        if self.ways:
            out["rms_first_year"], out["rms_last_year"] = self.ways[0].years[0], self.ways[0].years[-1]
        for fit in self.fits:
            for key in ("spread", "low", "high"):
                out[f"fit_{fit.start}_{key}"] = getattr(fit, key)
        return out

    def _flat_sample(self) -> dict[str, Any]:
        sample, outside = self.sample, self.outside
        out = {
            "in_sample": sample.in_sample,
            "in_sample_sessions": int(sample.inside.sum()),
            "in_sample_share": float(sample.inside.mean()),
            "in_sample_unknown_sessions": int(sample.unknown.sum()),
        }
        if outside is None:
            return out | {"out_of_sample_missing": self.without}
        beside = self.over(outside)
        return out | {
            "out_of_sample_start": str(outside.sessions[0]),
            "out_of_sample_end": str(outside.sessions[-1]),
            "out_of_sample_sessions": outside.tracking.sessions,
            "out_of_sample_drift": outside.tracking.drift,
            "out_of_sample_wealth_ratio": outside.tracking.wealth_ratio,
            "same_sessions_drift": beside.drift,
            "same_sessions_wealth_ratio": beside.wealth_ratio,
        }


def pays_spread(fund: LeveragedFund) -> bool:
    """False for a fund that neither borrows nor sells short."""
    borrowed, short, _ = carry_multiples(fund.multiple)
    return borrowed + short > 0


def compare(
    pair: Pair, spreads: Dated[Spread], fits: Sequence[SpreadFit] = (), since: np.datetime64 | None = None
) -> TrackingReport:
    """Compare the traded fund of a pair with the synthetic one, made on its index with some spreads.

    Parameters
    ----------
    fits : the calibration that the spreads come from, if there was one.
    since : first close to compare; the first common one if None.
    """
    fund = replace(pair.inputs.fund, spread=rates_of(spreads))
    ledger = pair.ledger(fund)
    at = 0 if since is None else int(np.searchsorted(pair.sessions, since))
    synthetic = {c: getattr(ledger, c)[at:] for c in ("open", "high", "low", "close")}
    traded = {c: getattr(pair.traded, c)[at:] for c in synthetic}
    first_year = int(str(pair.sessions[at])[:4])
    years = gaps_by_year(ledger, pair.index_price, pair.traded.close)
    sample = sample_of(spreads, pair.sessions[at:])
    if not pays_spread(fund):  # then no spread makes a difference
        none = np.zeros(len(sample.inside), dtype=bool)
        sample = Sample(none, none)
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
        sample=sample,
        fits=fits,
    )


def beside(report: TrackingReport, spreads: Dated[Spread], name: str) -> TrackingReport:
    """The comparison with its years priced in other ways beside it; `spreads` are its own, called `name`."""
    if not report.pays_spread:
        return report
    return replace(report, ways=pricings(report.pair, spreads, name))


def walked_forward(pair: Pair, fits: Sequence[SpreadFit]) -> TrackingReport:
    """The comparison with each period priced with the spread fitted to the one before, from the second on.

    Raises
    ------
    DataError
        If there are fewer than two periods.
    """
    table = walk_forward_table(fits)
    return replace(compare(pair, table, fits, fits[1].start), walks_forward=True)


def with_evidence(report: TrackingReport) -> TrackingReport:
    """The comparison with the one that walks forward beside it, or with why there is none; as it is where it
    is out of sample itself."""
    if report.sample.in_sample is False:
        return report
    pair = report.pair
    try:
        fits = report.fits or fit_by_period(
            pair.inputs.fund, pair.sessions, pair.index.close, pair.traded.close, pair.rates()
        )
        if len(fits) > 1:
            return replace(report, forward=walked_forward(pair, fits))
        span = f"{pair.sessions[0]} to {pair.sessions[-1]}"
        why = f"the prices compared, {span}, are one period; it takes two, one to fit and one to price"
    except LetfError as error:
        why = str(error)
    return replace(report, without=why)


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
    """The dated table as the product reads it: ticker, from, rate, source; the band beside it, and from which
    close to which each was fitted."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("ticker", "from", "rate", "source", "low", "high", "fitted_from", "fitted_to"))
    for fit in fits:
        numbers = [f"{value:.6f}" for value in (fit.spread, fit.low, fit.high)]
        row = (fund.ticker, fit.start + 1, numbers[0], f"{source}, to {fit.end}", *numbers[1:])
        writer.writerow((*row, fit.start, fit.end))
    return text.getvalue().encode("utf-8")
