"""What predicts a year's financing spread: the same years of a fund priced in several ways, side by side.

The drift over a span says little of a way that follows the fits: its errors follow each other with opposite
signs and add up to next to nothing. The root mean square of the yearly gaps is what a year is off by.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from letf_instruments import Dated, LetfError, LeveragedFund
from letf_instruments.calibration import fit_by_period, walk_forward_table
from letf_instruments.prediction import predicted_from_prices, quarter_moves
from letf_instruments.spreads import Spread, rates_of
from letf_instruments.tracking import gaps_by_year
from runs.answers.words import share
from runs.studies.inputs import Pair

CONSTANT = 0.005
PREDICTED = "predicted from the fits of the years before"


@dataclass(frozen=True)
class Pricing:
    """One way to price the years of a fund.

    key : in metrics. name : in words. gaps : by year, synthetic over traded − 1; shape (n,), as years.
    """

    key: str
    name: str
    years: tuple[int, ...]
    gaps: tuple[float, ...]

    @property
    def rms(self) -> float:
        """Root mean square of the yearly gaps."""
        return float(np.sqrt(np.mean(np.square(self.gaps))))

    @property
    def drift(self) -> float:
        """Growth of synthetic over traded wealth, a year."""
        return float(np.expm1(np.mean(np.log1p(self.gaps))))

    @property
    def worst(self) -> tuple[int, float]:
        """The year with the largest gap, and the gap."""
        at = int(np.argmax(np.abs(self.gaps)))
        return self.years[at], self.gaps[at]


def pricings(pair: Pair, own: Dated[Spread], name: str) -> list[Pricing]:
    """The years after the first fitted one priced without a spread, with a constant, with the fit of the year
    before, with what all years before predict (`letf_instruments.prediction`), and with some spreads.

    Parameters
    ----------
    own : spreads, called `name` in words.

    Returns
    -------
    one a way, all over the same years; none where the prices have no two years that can be fitted.
    """
    fund = pair.inputs.fund
    try:
        fits = fit_by_period(fund, pair.sessions, pair.index.close, pair.traded.close, pair.rates())
        ways = [
            ("none", "no spread", Dated.constant(Spread(0.0))),
            ("constant", f"a constant {share(CONSTANT, 2)} a year", Dated.constant(Spread(CONSTANT))),
            ("year_before", "the fit of the year before", walk_forward_table(fits)),
            ("years_before", PREDICTED, predicted_spreads(pair)),
            ("as_priced", name, own),
        ]
    except LetfError:
        return []
    first = int(str(fits[0].end)[:4]) + 1
    return [Pricing(key, words, *_gaps(pair, fund, table, first)) for key, words, table in ways]


def predicted_spreads(pair: Pair, source: str = PREDICTED) -> Dated[Spread]:
    """The spreads of a fund as its own traded prices, and the shipped fits of the other funds of its sign,
    predict them; from the year after its first on.

    Raises
    ------
    LetfError
        If it pays no spread, no year can be fitted, or none follows one.
    """
    fund, index = pair.inputs.fund, pair.inputs.bars
    moves = quarter_moves(index.sessions, index.close)
    closes = (pair.index.close, pair.traded.close)
    return predicted_from_prices(fund, pair.sessions, *closes, pair.rates(), moves, source)


def _gaps(
    pair: Pair, fund: LeveragedFund, table: Dated[Spread], first: int
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    ledger = pair.ledger(replace(fund, spread=rates_of(table)))
    years = [y for y in gaps_by_year(ledger, pair.index_price, pair.traded.close) if y.year >= first]
    return tuple(y.year for y in years), tuple(y.gap for y in years)
