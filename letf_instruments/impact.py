"""A squeeze that feeds on itself: the funds' own trade at the close moves the close that it is made at.

A fund with assets A must trade b·(b−1)·A·r at the close (Cheng & Madhavan 2009, SSRN 1539120), r the index's
return on the day, that same close included. If the trade Q moves the close, r is the solution of

    r = u + sign(Q)·min(Y·σ·(|Q|/V)^p, cap),      Q = r · Σ b·(b−1)·A

u is the return without the funds, σ the index's daily volatility, V what the index's members trade on a day,
in money; all trades go the same way, bull and bear alike. Laws, with Y of order 1:

- "sqrt", p = ½: the square-root law of impact (Tóth et al. 2011, "Anomalous Price Impact and the Critical
  Nature of Liquidity in Financial Markets", Phys. Rev. X 1:021006; Sato & Kanazawa 2024, arXiv 2411.13965).
- "almgren", p = 3/5: the exponent of Almgren et al. 2005, "Direct Estimation of Equity Market Impact".
- "linear", p = 1: Kyle 1985, "Continuous Auctions and Insider Trading", Econometrica 53:1315–1335.

It is solved by iteration from r = u. For p < 1 that always has an end: near it a round leaves at most p of
the distance. For p = 1 it has one only while Y·σ·Σb(b−1)A/V < 1; beyond, each round is larger than the one
before, and the cap ends it. What is moved stays moved: the next day starts from the moved close. That is the
upper bound, as impact is known to fade.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from letf_instruments.errors import SpecError
from letf_instruments.fund import LeveragedFund
from letf_instruments.rebalancing import rebalancing_trade
from letf_instruments.synthesis import Floats

LAWS = {"sqrt": 0.5, "almgren": 0.6, "linear": 1.0}
CAP = 0.2  # of the close on one day: New York halts the market for the day at −20 % (NYSE rule 7.12)
ROUNDS = 5_000
NEAR = 1e-12  # of the return: the iteration has ended


@dataclass(frozen=True)
class Impact:
    """How much a trade moves the close.

    Parameters
    ----------
    law : one of LAWS. size : Y. traded : V, what the index's members trade on a day, in money.
    cap : the most that the funds move the close on one day, a fraction.

    Raises
    ------
    SpecError
        If the law is not known or a number is out of bounds.
    """

    law: str
    traded: float
    size: float = 1.0
    cap: float = CAP

    def __post_init__(self) -> None:
        if self.law not in LAWS:
            raise SpecError(f"impact is {self.law!r}; known are {', '.join(LAWS)}, or none")
        for name, least, most in (("traded", 1.0, 1e15), ("size", 0.0, 100.0), ("cap", 0.0, 0.9)):
            if not least <= getattr(self, name) <= most:
                raise SpecError(
                    f"impact's {name} is {getattr(self, name):g}; it must be from {least:g} to {most:g}"
                )

    def push(self, trade: float, sigma: float) -> float:
        """How far a trade moves the close, a signed fraction, without the cap."""
        size = self.size * sigma * (abs(trade) / self.traded) ** LAWS[self.law]
        return float(np.sign(trade) * size)


@dataclass(frozen=True)
class Settled:
    """One day's close. moved : its return. rounds : of the iteration. ended : False where it has no end below
    the cap."""

    moved: float
    rounds: int
    ended: bool


def settle(impact: Impact, own: float, per_unit: float, sigma: float) -> Settled:
    """The return at which the funds' trade and the close agree.

    Parameters
    ----------
    own : return without the funds. per_unit : Σ b·(b−1)·A, money to be traded for a return of 1.
    sigma : daily volatility of the index.
    """
    r = own
    for rounds in range(1, ROUNDS + 1):
        push = impact.push(per_unit * r, sigma)
        if abs(push) >= impact.cap:
            return Settled(own + float(np.sign(push)) * impact.cap, rounds, False)
        if abs(own + push - r) <= NEAR * abs(own + push):
            return Settled(own + push, rounds, True)
        r = own + push
    return Settled(r, ROUNDS, False)


@dataclass(frozen=True, eq=False)
class Pushed:
    """A path with the funds in it; arrays of shape (n,), a day each.

    own : returns of the index without the funds. returns : with them. trade : what the funds bought (sold if
    negative) at each close, in money.
    ended : False on days on which the loop has no end below the cap. assets : of each fund at the end.
    """

    own: Floats
    returns: Floats
    trade: Floats
    ended: npt.NDArray[np.bool_]
    assets: tuple[float, ...]


def pushed(
    impact: Impact, own: Floats, sigma: Floats, funds: Sequence[LeveragedFund], assets: Sequence[float]
) -> Pushed:
    """Let the funds' trades move the closes of a path, day by day.

    Parameters
    ----------
    own : daily simple returns without them, shape (n,). sigma : daily volatility behind each, shape (n,).
    assets : of each fund before the first day, in money. They grow with the fund's own return, carry and fee
        left out, and nobody pays in or takes out; a fund that is wiped out makes that day's trade and no
        more.
    """
    held = list(assets)
    returns, trade = np.empty(len(own)), np.empty(len(own))
    ended = np.empty(len(own), dtype=bool)
    for t in range(len(own)):
        per_unit = sum(
            rebalancing_trade(fund.multiple, money, 1.0) for fund, money in zip(funds, held, strict=True)
        )
        found = settle(impact, float(own[t]), per_unit, float(sigma[t]))
        returns[t], trade[t], ended[t] = found.moved, per_unit * found.moved, found.ended
        held = [
            money * max(0.0, 1.0 + fund.multiple * found.moved)
            for fund, money in zip(funds, held, strict=True)
        ]
    return Pushed(own, returns, trade, ended, tuple(held))
