"""The closed form of a fund on a market of a stated return and volatility (Avellaneda & Zhang 2010, SIAM J.
Financial Math. 1:586-603, doi 10.1137/090760805), with the fund's own rates."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import stats

from letf_instruments import LeveragedFund, closed_form
from letf_instruments.break_even import yearly_carry
from letf_instruments.regimes import SESSIONS_A_YEAR
from letf_instruments.synthesis import Dates
from runs.studies.whatif.market import BRIDGED, Market, Shape, free_mean

YEAR_DAYS = 365.0


@dataclass(frozen=True, eq=False)
class Asked:
    """The fund's own facts on the sessions of the market."""

    fund: LeveragedFund
    fee: float  # mean over the sessions, fraction a year
    spread: float
    carry: float  # financing, cash yield and fee of all sessions together, a continuously compounded fraction

    @property
    def multiple(self) -> float:
        """Daily multiple b."""
        return self.fund.multiple


def asked_of(fund: LeveragedFund, sessions: Dates, rate: float) -> Asked:
    """The fund on these sessions, at a constant short rate."""
    fee = float(fund.fees.on(sessions[1:]).mean())
    spread = float(fund.spreads.on(sessions[1:]).mean())
    years = float((sessions[-1] - sessions[0]).astype(int)) / YEAR_DAYS
    return Asked(fund, fee, spread, yearly_carry(fund.multiple, rate, spread, fee) * years)


def closed(asked: Asked, market: Market, total_return: float, volatility: float) -> float:
    """The fund's return where the index's return and realised volatility are these exactly (Avellaneda &
    Zhang 2010), with financing, cash yield and fee."""
    variance = volatility**2 * market.days / SESSIONS_A_YEAR
    ratio = closed_form(1.0 + total_return, asked.multiple, variance)
    return float(ratio) * math.exp(asked.carry) - 1.0


def closed_quantile(asked: Asked, market: Market, shape: Shape, ending: str, q: float) -> float:
    """A quantile of the fund's return by the closed form; `shape` is that of normal days.

    Of bridged paths the realised variance alone is left to chance, χ² with n − 1 degrees of freedom; of free
    ones the index's end, log-normal, to which the variance is taken as expected.
    """
    b, n = asked.multiple, market.days
    if ending == BRIDGED:
        turned = q if b - b * b > 0.0 else 1.0 - q
        mean, spread = market.mu, market.spread(market.mu)
        variance = n * mean**2 + spread**2 * n / (n - 1) * float(stats.chi2.ppf(turned, n - 1))
        ratio = closed_form(1.0 + market.total_return, b, variance)
    else:
        mean = free_mean(market, shape)
        at = float(stats.norm.ppf(q if b > 0 else 1.0 - q))
        end = math.exp(n * mean + math.sqrt(n) * market.spread(mean) * at)
        ratio = closed_form(end, b, n * market.daily_variance)
    return float(ratio) * math.exp(asked.carry) - 1.0
