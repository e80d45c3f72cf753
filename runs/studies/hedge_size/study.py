"""What `letf hedge-size` finds: how much of a fund brings a holding to a beta, what that would have cost in
each calendar year, and how far it drifts in a week.

Beta is dollars of index exposure for each dollar held. With V dollars held of beta β, and H dollars of a fund
that gives b times the index's daily return, it is (β·V + b·H)/V; so a target T takes H = (β − T)·V/(−b). That
of the fund is its multiple, by construction of its daily reset.

After an index move r without a trade the holding has grown by β·r and the fund by b·r, so that the beta of a
dollar still held is

    β − (β − T)·(1 + b·r)/(1 + β·r)

which near 0 moves by (β − T)·(β − b)·r: by 4·r for a holding of beta 1 brought to 0 with a −3x fund.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from feeds.bars import Floats
from letf_instruments import SpecError
from letf_instruments.synthesis import Dates
from runs.answers.words import number, times
from runs.backtest.metrics import night_rates
from runs.studies.hedge_size.inputs import Hedged
from runs.studies.hedge_size.regression import Slope, slope
from runs.studies.hedge_size.years import WAYS, Year, calendar_years

if TYPE_CHECKING:
    import pandas as pd

WEEK = 5  # sessions
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
MOVES = (-0.1, -0.05, -0.025, 0.025, 0.05, 0.1)
BAND = 0.1  # a beta further than this from its target has drifted
SPANS = (63, 126, 252, 504, 1260)  # returns, for how steady the beta is
ROLLED = 21  # sessions between two points of the rolling beta


@dataclass(frozen=True, eq=False)
class Drift:
    """The beta after WEEK sessions without a trade, from every session on; shape (k,)."""

    starts: Dates
    move: Floats  # of the index over them
    beta: Floats

    def beyond(self, target: float) -> float:
        """Share of starts after which the beta is more than BAND from the target."""
        return float((np.abs(self.beta - target) > BAND).mean())


@dataclass(frozen=True, eq=False)
class Sized:
    """The size of a hedge and what goes with it. `slopes` are of each name alone, `whole` of all together;
    `spans` of all together over other numbers of returns."""

    data: Hedged
    target: float
    bars: int  # returns behind the betas
    cost_bps: float
    slopes: dict[str, Slope]
    whole: Slope
    spans: dict[int, Slope]
    rolled: list[tuple[np.datetime64, Slope]]
    drift: Drift
    years: list[Year]
    effectiveness: float | None
    realised: float | None

    @property
    def multiple(self) -> float:
        """The fund's b."""
        return self.data.inputs.fund.multiple

    @property
    def dollars(self) -> float:
        """To be bought of the fund."""
        return size_of(self.whole.beta, self.target, self.data.total, self.multiple)

    @property
    def dollars_error(self) -> float:
        """Its standard error, from that of beta."""
        return self.whole.error * self.data.total / abs(self.multiple)

    @property
    def shares(self) -> int:
        """The whole shares that come nearest."""
        return round(self.dollars / self.data.price)

    @property
    def band(self) -> tuple[float, float]:
        """The beta that results, as far as that of the holding is known: a 95 % band."""
        off = self.whole.beta - self.target
        return self.whole.low - off, self.whole.high - off

    def after(self, move: float | Floats) -> Any:
        """The beta by the closed form, after an index move without a trade."""
        return beta_after(self.whole.beta, self.target, self.multiple, move)


def size_of(beta: float, target: float, total: float, multiple: float) -> float:
    """Dollars of a fund that bring a holding of so many dollars from its beta to a target."""
    return (beta - target) * total / -multiple


def beta_after(beta: float, target: float, multiple: float, move: float | Floats) -> Any:
    """The beta of a dollar still held, after an index move without a trade."""
    return beta - (beta - target) * (1.0 + multiple * move) / (1.0 + beta * move)


def size_hedge(data: Hedged, target: float, bars: int, cost_bps: float) -> Sized:
    """Size the hedge at the last session, and look at it in the past.

    Raises
    ------
    SpecError
        If there are too few returns, or the fund cannot bring the holding to the target.
    """
    days, index = data.inputs.bars.sessions, data.inputs.bars.close
    if len(days) <= bars:
        raise SpecError(
            f"beta_bars is {bars}, but index and holding have {len(days) - 1} returns in common, "
            f"{days[0]} to {days[-1]}; name at most so many"
        )
    night = night_rates(days, data.inputs.rate.on(days))
    x = index[1:] / index[:-1] - 1.0 - night
    own = {name: v[1:] / v[:-1] - 1.0 - night for name, v in data.values.items()}
    all_of_it = np.sum([data.held[name] / data.total * r for name, r in own.items()], axis=0)
    whole = slope(all_of_it[-bars:], x[-bars:])
    _reachable(data, whole.beta, target)
    slopes = {name: slope(r[-bars:], x[-bars:]) for name, r in own.items()}
    spans = {n: slope(all_of_it[-n:], x[-n:]) for n in (*SPANS, len(x)) if n <= len(x)}
    ends = range(len(x), bars - 1, -ROLLED)
    rolled = [(days[end], slope(all_of_it[end - bars : end], x[end - bars : end])) for end in reversed(ends)]
    hedge = size_of(whole.beta, target, data.total, data.inputs.fund.multiple)
    years, course = calendar_years(data, hedge, cost_bps)
    realised, effect = course
    return Sized(
        data=data,
        target=target,
        bars=bars,
        cost_bps=cost_bps,
        slopes=slopes,
        whole=whole,
        spans=spans,
        rolled=rolled,
        drift=week_drift(data, {name: s.beta for name, s in slopes.items()}, hedge),
        years=years,
        effectiveness=effect,
        realised=realised,
    )


def _reachable(data: Hedged, beta: float, target: float) -> None:
    b, ticker = data.inputs.fund.multiple, data.inputs.fund.ticker
    if (beta - target) / -b >= 0.0:
        return
    way, other = ("lowers", "a bull fund") if b < 0 else ("raises", "a bear fund")
    side = "at most" if b < 0 else "at least"
    raise SpecError(
        f"a beta of {number(target)} cannot be reached by buying {ticker}: the holding's is {number(beta)}, "
        f"and {ticker} ({times(b)}) only {way} it; target_beta must be {side} {number(beta)}, or take {other}"
    )


def week_drift(data: Hedged, betas: Mapping[str, float], hedge: float, sessions: int = WEEK) -> Drift:
    """The beta after some sessions without a trade, from each session on which the fund is alive.

    Parameters
    ----------
    betas : by name, taken to stay as they are: what drifts is how much of each there is.
    hedge : dollars of the fund at the start.
    """
    nav, index = data.ledger.held(), data.inputs.bars.close
    alive = nav[:-sessions] > 0.0
    grown = {name: data.held[name] * v[sessions:] / v[:-sessions] for name, v in data.values.items()}
    exposure = np.sum([betas[name] * money for name, money in grown.items()], axis=0)
    total = np.sum(list(grown.values()), axis=0)
    fund = hedge * nav[sessions:][alive] / nav[:-sessions][alive]
    return Drift(
        starts=data.inputs.bars.sessions[:-sessions][alive],
        move=(index[sessions:] / index[:-sessions] - 1.0)[alive],
        beta=(exposure[alive] + data.inputs.fund.multiple * fund) / total[alive],
    )


# -- figures --------------------------------------------------------------------------------------


def size_metrics(sized: Sized) -> dict[str, Any]:
    """One flat dict; what each key means is written in docs/hedging.md."""
    data, whole = sized.data, sized.whole
    low, high = sized.band
    out: dict[str, Any] = {
        "fund": data.inputs.fund.ticker,
        "multiple": sized.multiple,
        "index": data.inputs.bars.name,
        "simulated": data.simulated,
        "first": str(data.inputs.bars.sessions[0]),
        "last": str(data.inputs.bars.sessions[-1]),
        "holding": data.total,
        "target_beta": sized.target,
        "beta_bars": sized.bars,
        "beta": whole.beta,
        "beta_error": whole.error,
        "beta_low": whole.low,
        "beta_high": whole.high,
        "r_squared": whole.r_squared,
        "dollars": sized.dollars,
        "dollars_error": sized.dollars_error,
        "price": data.price,
        "price_is": data.priced,
        "shares": sized.shares,
        "result_low": low,
        "result_high": high,
        "realised_beta_monthly": sized.realised,
        "effectiveness_monthly": sized.effectiveness,
    }
    for name, own in sized.slopes.items():
        out |= {f"{name}_dollars": data.held[name], f"{name}_beta": own.beta, f"{name}_error": own.error}
    out |= {f"beta_of_{n}": own.beta for n, own in sized.spans.items()}
    drift = sized.drift
    for q in QUANTILES:
        key = f"p{round(100 * q):02d}"
        out[f"week_beta_{key}"] = float(np.quantile(drift.beta, q))
        out[f"week_move_{key}"] = float(np.quantile(drift.move, q))
    out |= {"week_starts": len(drift.beta), "week_beyond_band": drift.beyond(sized.target)}
    for year in sized.years:
        key = f"year_{year.label}"
        out |= {f"{key}_index": year.index, f"{key}_held": year.held, f"{key}_promised": year.promised}
        for way in WAYS:
            out |= {f"{key}_profit_{way}": year.profit[way], f"{key}_cost_{way}": year.cost(way)}
    whole_years = [year for year in sized.years if year.whole]
    out["whole_years"] = len(whole_years)
    for way in WAYS:
        mean = float(np.mean([year.cost(way) for year in whole_years])) if whole_years else None
        out[f"cost_a_year_{way}"] = mean
    return out


def year_frame(sized: Sized) -> pd.DataFrame:
    """By calendar year: returns, and dollars promised, made and lost."""
    import pandas as pd

    rows = {
        year.label: {
            "first": str(year.first),
            "last": str(year.last),
            "index": year.index,
            "held": year.held,
            "promised": year.promised,
            **{f"profit_{way}": year.profit[way] for way in WAYS},
            **{f"cost_{way}": year.cost(way) for way in WAYS},
            **{f"trading_{way}": year.costs[way] for way in WAYS},
        }
        for year in sized.years
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("year")


def week_frame(sized: Sized) -> pd.DataFrame:
    """By session: the index's move over the next WEEK sessions and the beta after them, untouched."""
    import pandas as pd

    drift = sized.drift
    days = pd.DatetimeIndex(drift.starts.astype("datetime64[s]"), name="date")
    return pd.DataFrame(
        {"index_move": drift.move, "beta": drift.beta, "closed_form": sized.after(drift.move)}, index=days
    )


def title_of(sized: Sized) -> str:
    """What is hedged, in a few words."""
    held = " and ".join(sized.data.held) if len(sized.data.held) < 3 else f"{len(sized.data.held)} names"
    return f"${sized.data.total:,.0f} of {held}"
