"""What `letf whatif` finds: a fund on a market of a stated return and volatility, as a distribution."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from feeds.bars import Floats
from feeds.calendars import sessions_after
from letf_instruments import LeveragedFund, SpecError
from letf_instruments.paths import navs_on_paths
from letf_instruments.synthesis import Dates
from runs.specs.arguments import number, whole
from runs.studies.inputs import Inputs
from runs.studies.whatif.closed import YEAR_DAYS, Asked, asked_of, closed, closed_quantile
from runs.studies.whatif.market import (
    BRIDGED,
    ENDINGS,
    FREE,
    Market,
    Shape,
    blocks,
    normal,
    resampled,
)

if TYPE_CHECKING:
    import pandas as pd

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
PERCENTILES = tuple(range(1, 100))
CALENDAR = "XNYS"
MOST_FUNDS = 4
GRID_RETURNS = (-0.4, -0.2, 0.0, 0.2, 0.4)
GRID_VOLATILITIES = (0.2, 0.3, 0.45, 0.6, 0.8)
GRID_PATHS = 2_000  # a dot in the picture


@dataclass(frozen=True, eq=False)
class Outcome:
    """A fund, or the index, at the end of all paths of one shape and ending; shape (p,), fractions.

    end : total return. lowest : return at the lowest close. wiped_out : paths on which nothing was left.
    """

    end: Floats
    lowest: Floats
    wiped_out: int

    def quantile(self, q: float) -> float:
        """A quantile of the total return, linear between paths."""
        return float(np.quantile(self.end, q))

    def share_below(self, level: float) -> float:
        """Share of paths that end below a total return."""
        return float((self.end < level).mean())


@dataclass(frozen=True, eq=False)
class WhatIf:
    """The funds on one market. `outcomes` by (ticker, shape, ending); `index` by (shape, ending)."""

    inputs: Inputs
    market: Market
    sessions: Dates  # days + 1 of them: the first is that at whose close it begins
    short_rate: float
    paths: int
    seed: int
    asked: list[Asked]
    shapes: tuple[Shape, ...]
    outcomes: dict[tuple[str, str, str], Outcome]
    index: dict[tuple[str, str], Outcome]
    largest_days: dict[str, tuple[float, float]]  # by shape: lowest and highest daily return of all paths
    dots: dict[tuple[str, float], float]  # simulated medians by (ticker, index return)

    @property
    def years(self) -> float:
        """Calendar years, of 365 days, from the first session to the last."""
        return float((self.sessions[-1] - self.sessions[0]).astype(int)) / YEAR_DAYS


def checked_market(total_return: float, volatility: float, days: int) -> Market:
    """The market, if there can be one.

    Raises
    ------
    SpecError
        If a number is out of bounds, or the return takes more volatility than is asked for.
    """
    market = Market(
        number("return", total_return, -0.99, 100.0),
        number("volatility", volatility, 0.01, 3.0),
        whole("days", days, 2, 2520),
    )
    market.spread(market.mu)
    return market


def checked_funds(funds: list[LeveragedFund]) -> list[LeveragedFund]:
    """The funds, each once, and no more than can be set side by side.

    Raises
    ------
    SpecError
        If there are none, too many, or one comes twice.
    """
    tickers = [fund.ticker for fund in funds]
    if not 1 <= len(set(tickers)) == len(tickers) <= MOST_FUNDS:
        raise SpecError(
            f"funds are {', '.join(tickers) or 'none'}; name 1 to {MOST_FUNDS} of them, each once"
        )
    return funds


def what_if(inputs: Inputs, funds: list[LeveragedFund], market: Market, paths: int, seed: int) -> WhatIf:
    """Simulate funds on a market that follows the last session of the index, with the short rate of then."""
    last = inputs.bars.sessions[-1]
    sessions = np.concatenate(([last], sessions_after(CALENDAR, last, market.days)))
    rate = float(inputs.rate.on(sessions[:1])[0])
    asked = [asked_of(fund, sessions, rate) for fund in funds]
    shapes = (normal(), resampled(inputs.bars))
    outcomes: dict[tuple[str, str, str], Outcome] = {}
    index: dict[tuple[str, str], Outcome] = {}
    largest: dict[str, tuple[float, float]] = {}
    for shape in shapes:
        made: dict[tuple[str, str], list[tuple[Floats, Floats]]] = {}
        low, high = math.inf, -math.inf
        for block in blocks(market, shape, paths, seed):
            for ending, path in block.items():
                close = path.close
                made.setdefault(("", ending), []).append((close[:, -1], close.min(axis=1)))
                moves = close[:, 1:] / close[:, :-1] - 1.0
                low, high = min(low, float(moves.min())), max(high, float(moves.max()))
                for fund in funds:
                    nav = navs_on_paths(fund, sessions, *path, rate, initial_nav=1.0)
                    made.setdefault((fund.ticker, ending), []).append((nav[:, -1], nav.min(axis=1)))
        largest[shape.name] = low, high
        for (ticker, ending), parts in made.items():
            end, lowest = (np.concatenate(column) for column in zip(*parts, strict=True))
            found = Outcome(end - 1.0, lowest - 1.0, int((end == 0.0).sum()))
            if ticker:
                outcomes[ticker, shape.name, ending] = found
            else:
                index[shape.name, ending] = found
    dots = _dots(funds, sessions, rate, market, seed)
    return WhatIf(inputs, market, sessions, rate, paths, seed, asked, shapes, outcomes, index, largest, dots)


def _dots(
    funds: list[LeveragedFund], sessions: Dates, rate: float, market: Market, seed: int
) -> dict[tuple[str, float], float]:
    """Simulated medians of bridged paths at the asked volatility, by the index's return, normal days."""
    shape, dots = normal(), {}
    for total in sorted({*GRID_RETURNS, market.total_return}):
        other = Market(total, market.volatility, market.days)
        if other.daily_variance < other.mu**2:
            continue
        ends: dict[str, list[Floats]] = {fund.ticker: [] for fund in funds}
        for block in blocks(other, shape, GRID_PATHS, seed, (BRIDGED,)):
            for fund in funds:
                nav = navs_on_paths(fund, sessions, *block[BRIDGED], rate, initial_nav=1.0)
                ends[fund.ticker].append(nav[:, -1])
        for ticker, parts in ends.items():
            dots[ticker, total] = float(np.median(np.concatenate(parts))) - 1.0
    return dots


# -- figures --------------------------------------------------------------------------------------


def whatif_metrics(found: WhatIf) -> dict[str, Any]:
    """One flat dict; what each key means is written in docs/whatif.md."""
    market = found.market
    out: dict[str, Any] = {
        "index": found.inputs.bars.name,
        "simulated": found.inputs.bars.simulated,
        "return": market.total_return,
        "volatility": market.volatility,
        "days": market.days,
        "first": str(found.sessions[0]),
        "last": str(found.sessions[-1]),
        "short_rate": found.short_rate,
        "paths": found.paths,
        "seed": found.seed,
    }
    for shape in found.shapes:
        out[f"{shape.name}_worst_day"], out[f"{shape.name}_best_day"] = found.largest_days[shape.name]
        own = found.index[shape.name, FREE]
        out |= {f"index_{FREE}_{shape.name}_{_name(q)}": own.quantile(q) for q in QUANTILES}
        out[f"index_{FREE}_{shape.name}_mean"] = float(own.end.mean())
    for asked in found.asked:
        ticker, b = asked.fund.ticker, asked.multiple
        out |= {f"{ticker}_multiple": b, f"{ticker}_fee": asked.fee, f"{ticker}_spread": asked.spread}
        out[f"{ticker}_closed_form"] = closed(asked, market, market.total_return, market.volatility)
        for ending in ENDINGS:
            out |= {
                f"{ticker}_{ending}_closed_form_{_name(q)}": closed_quantile(
                    asked, market, found.shapes[0], ending, q
                )
                for q in QUANTILES
            }
            for shape in found.shapes:
                own, held = found.outcomes[ticker, shape.name, ending], found.index[shape.name, ending]
                key = f"{ticker}_{ending}_{shape.name}"
                out |= {f"{key}_{_name(q)}": own.quantile(q) for q in QUANTILES}
                out |= {
                    f"{key}_mean": float(own.end.mean()),
                    f"{key}_loss": own.share_below(0.0),
                    f"{key}_half_lost": own.share_below(-0.5),
                    f"{key}_half_lost_on_the_way": float((own.lowest < -0.5).mean()),
                    f"{key}_less_than_promised": float((own.end < b * held.end).mean()),
                    f"{key}_less_than_index": float((own.end < held.end).mean()),
                    f"{key}_wiped_out": own.wiped_out,
                }
    return out


def _name(q: float) -> str:
    return f"p{round(100 * q):02d}"


def percentile_frame(found: WhatIf) -> pd.DataFrame:
    """Total returns by percentile 1 to 99: of the index and of each fund, by ending and shape."""
    import pandas as pd

    columns = {f"index_{FREE}_{shape.name}": found.index[shape.name, FREE].end for shape in found.shapes} | {
        f"{asked.fund.ticker}_{ending}_{shape.name}": found.outcomes[
            asked.fund.ticker, shape.name, ending
        ].end
        for asked in found.asked
        for ending in ENDINGS
        for shape in found.shapes
    }
    made = {name: np.percentile(values, PERCENTILES) for name, values in columns.items()}
    return pd.DataFrame(made, index=pd.Index(PERCENTILES, name="percentile"))


def grid_frame(found: WhatIf) -> pd.DataFrame:
    """The closed form by return and volatility of the index, a column a fund."""
    import pandas as pd

    market = found.market
    rows = [
        {
            "index_return": r,
            "volatility": v,
            **{asked.fund.ticker: closed(asked, market, r, v) for asked in found.asked},
        }
        for r in sorted({*GRID_RETURNS, market.total_return})
        for v in sorted({*GRID_VOLATILITIES, market.volatility})
    ]
    return pd.DataFrame(rows)
