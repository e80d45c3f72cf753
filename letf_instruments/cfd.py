"""Contracts for difference: margin, financing and close-out. Numbers and arrays in and out, for any engine.

Nothing is bought. A contract pays the change of a price on its whole notional; it ties up a margin and is
financed overnight as if all of it had been borrowed. Equity = balance + unrealised profit. When it falls to
a share of the margin in use, the provider closes everything.

Sources: ESMA Decision (EU) 2018/796, Articles 1 and 2 and Annex I (since 2019 in national rules of the same
content): initial margin of a fifth of the notional for what is neither currency, gold nor a major index;
close-out where equity falls below half of the initial margin of all open contracts; no client owes more
than is in his account. Financing of the short rate ±2.5 % over 360 days: IG, "How is funding on other
markets calculated?", contracts in US dollars.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from letf_instruments.errors import SpecError

DAYS_A_YEAR = 360.0
CLIENT_LEVERAGE = 20.0  # the most that the ESMA rules allow a retail client on an index
CLIENT_STOP_OUT = 0.5

Floats = npt.ArrayLike


@dataclass(frozen=True)
class CfdTerms:
    """What a provider asks.

    Parameters
    ----------
    margin_rate : share of the notional at entry that a position ties up; 0.2 is 5×.
    stop_out : share of the margin in use; at an equity of this, everything is closed.
    financing_spread : fraction a year; a long pays the short rate and this, a short receives the rate less
        this.

    Raises
    ------
    SpecError
        If one is out of bounds.
    """

    margin_rate: float = 0.2
    stop_out: float = 0.5
    financing_spread: float = 0.025

    def __post_init__(self) -> None:
        if not 0.001 <= self.margin_rate <= 1:
            raise SpecError(
                f"margin_rate is {self.margin_rate:g}; a contract ties up at least 0.001 of its notional "
                "(1,000×), or its leverage would have no bound, and at most 1"
            )
        if not 0 <= self.stop_out < 1:
            raise SpecError(f"stop_out is {self.stop_out:g}; it must be at least 0 and below 1")
        if not 0 <= self.financing_spread <= 0.3:
            raise SpecError(f"financing_spread is {self.financing_spread:g}; it must be between 0 and 0.3")

    @property
    def leverage(self) -> float:
        """Notional that a unit of margin carries."""
        return 1.0 / self.margin_rate

    def multiple(self, fund: float = 1.0) -> float:
        """Exposure to the index that a unit of margin carries, of a contract on a fund of a daily multiple:
        5× on a fund of −3 is −15."""
        return self.leverage * fund

    def margin(self, sizes: Floats, entry_prices: Floats) -> float:
        """Margin in use, in money: fixed at entry, so that a price that moves does not change it."""
        return float(self.margin_rate * np.sum(np.abs(np.multiply(sizes, entry_prices))))

    def floor(self, sizes: Floats, entry_prices: Floats) -> float:
        """Equity at which everything is closed, in money."""
        return self.stop_out * self.margin(sizes, entry_prices)

    def financing(self, notionals: Floats, short_rate: float, days: float) -> float:
        """Money paid for some calendar days (received if negative) on notionals, shorts negative."""
        signed = np.asarray(notionals, dtype=np.float64)
        return float(
            np.sum(signed * short_rate + np.abs(signed) * self.financing_spread) * days / DAYS_A_YEAR
        )

    def strange(self) -> list[str]:
        """What is legal but odd, a sentence each."""
        said = []
        if self.leverage > CLIENT_LEVERAGE * (1 + 1e-9):
            said.append(
                f"margin_rate {self.margin_rate:g} is {self.leverage:.4g}×; the ESMA rules allow a retail "
                f"client {CLIENT_LEVERAGE:g}× on a major index and 5× on a share or an ETF"
            )
        if self.stop_out < CLIENT_STOP_OUT:
            said.append(
                f"stop_out {self.stop_out:g} is below the {CLIENT_STOP_OUT:g} at which a provider in the EU "
                "must close a retail client's positions"
            )
        if self.financing_spread > 0.1:
            said.append(f"financing_spread {self.financing_spread:.1%} a year is paid on the whole notional")
        return said


def price_at_equity(size: float, price: float, equity: float, level: float) -> float:
    """The price of one position's instrument at which equity is `level`, if it is `equity` at `price`.

    NaN without a position. A long is stopped out below the price, a short above it; a price below 0 is never
    reached.
    """
    return price + (level - equity) / size if size else math.nan


def share_of_move(equity: float, level: float, profit: float) -> float:
    """How far along a move of all prices at once, in straight lines, equity falls to `level`.

    Parameters
    ----------
    profit : of all positions over the whole move, in money: Σ size × change of price.

    Returns
    -------
    float
        0 at its start (or if equity is there already), 1 at its end, above 1 if it does not get there;
        infinite if it never does.
    """
    if equity <= level:
        return 0.0
    return (equity - level) / -profit if profit < 0 else math.inf
