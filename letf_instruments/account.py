"""The account of a daily-reset fund, bar by bar.

The fund starts each session with assets `A` (the NAV at the prior close) and index exposure `b·A`.
Within the session the exposure drifts with the index; at the close it is reset to `b` times the new
NAV. At an index price `X`, with `C` the index's prior close, a share is worth

    A · max(0, 1 + b·(X/C − 1) + financing + cash yield + fee)

- financing: a bull (b > 1) pays (b−1)·(short rate + spread); a bear (b < 0) earns
  |b|·(short rate − spread) on the proceeds of its short exposure. ACT/360.
- cash yield: what is neither in the index nor lent out earns the short rate: all of a bear's own
  assets, (1−b) of a fund with 0 < b < 1, nothing for a bull. ACT/360.
- fee: the expense ratio. ACT/365.

Interest runs on calendar days from the settlement date of the session before to that of the session
(`settlement`), the fee from close to close. Both are booked before the open, so all of a session's prices
bear them. A fund whose assets reach zero within a bar is wiped out: it closes that
bar at zero and stays there, even if the index turns back (the prospectuses say so).

Where the fund was traded its quotes take the place of that price (`letf_instruments.traded`). A bar that
lacks one within a session keeps the distance from the model that the session's last quote had.

Source: Cheng & Madhavan 2009 (SSRN 1539120) for the reset; Avellaneda & Zhang 2010
(doi 10.1137/090760805) for the financing of bull and bear.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from letf_instruments.compiled import compiled
from letf_instruments.errors import DataError
from letf_instruments.fund import LeveragedFund
from letf_instruments.settlement import settlement_day
from letf_instruments.traded import Quote

# Assets below this share of the session's start are nothing: 1 − 3·(1/3) is 2e-16 in floating point.
WIPED_OUT = 1e-12

SWAP_DAYS = 360.0
FEE_DAYS = 365.0


@compiled()
def fund_bar(
    b: float, assets: float, base: float, carry: float, o: float, h: float, low: float, c: float
) -> tuple[float, float, float, float]:
    """Open, high, low, close of the fund over one index bar; zeros from the moment of a wipe-out."""
    first = assets * (1.0 + b * (o / base - 1.0) + carry)
    at_high = assets * (1.0 + b * (h / base - 1.0) + carry)
    at_low = assets * (1.0 + b * (low / base - 1.0) + carry)
    last = assets * (1.0 + b * (c / base - 1.0) + carry)
    top = max(at_high, at_low)
    bottom = min(at_high, at_low)
    nothing = WIPED_OUT * assets
    if first <= nothing:
        return 0.0, 0.0, 0.0, 0.0
    if bottom <= nothing:
        return first, top, 0.0, 0.0
    return first, top, bottom, last


def carry_multiples(multiple: float) -> tuple[float, float, float]:
    """(borrowed, sold short, own cash), each as a multiple of assets, for a daily multiple b."""
    borrowed = max(multiple - 1.0, 0.0)
    short = max(-multiple, 0.0)
    own_cash = 1.0 if multiple < 0 else max(1.0 - multiple, 0.0)
    return borrowed, short, own_cash


class Carry(NamedTuple):
    """What one session books before its open, as signed fractions of the assets at the prior close."""

    financing: float
    cash: float
    fee: float

    @property
    def total(self) -> float:
        return self.financing + self.cash + self.fee


def session_carry(
    fund: LeveragedFund, day: np.datetime64, days: float, settled: float, short_rate: float
) -> Carry:
    """Carry and fee of one session.

    Parameters
    ----------
    day : the session's date; fee and spread are those in force on it.
    days : calendar days since the prior session. settled : the same between their settlement dates.
    short_rate : fraction a year, known at the prior close.
    """
    borrowed, short, own_cash = carry_multiples(fund.multiple)
    spread = fund.spreads.at(day)
    swap_years = settled / SWAP_DAYS
    return Carry(
        financing=(short * (short_rate - spread) - borrowed * (short_rate + spread)) * swap_years,
        cash=own_cash * short_rate * swap_years,
        fee=-fund.fees.at(day) * (days / FEE_DAYS),
    )


class FundBar(NamedTuple):
    """One bar of a fund, in the fund's own currency a share.

    `rebalance` is the index exposure to be bought (sold if negative) if the session ended with this
    bar; on a session's last bar it is the trade that is made. The next entries are the bar's change
    of NAV by cause, so that NAV = prior NAV + index_pnl + financing + cash_yield + fee + wipeout +
    tracking − distributed; the last two are of a traded bar alone. `scale` is the NAV over the quote from
    which a traded bar comes, 0 on a bar of the model.
    """

    open: float
    high: float
    low: float
    close: float
    rebalance: float
    index_pnl: float
    financing: float
    cash_yield: float
    fee: float
    wipeout: float
    tracking: float = 0.0
    distributed: float = 0.0
    scale: float = 0.0


def check_initial_nav(nav: float) -> None:
    """Raise DataError if a fund cannot be created at that price: at 0 it would be worth nothing for ever."""
    if not 0.0 < nav < math.inf:
        raise DataError(f"initial_nav is {nav:g}; a fund is created at a price above 0, such as 100")


@dataclass
class FundAccount:
    """A fund's account fed one index bar at a time; the streaming twin of `synthesize`.

    Both give the same numbers to the last bit. The fund is created at the close of the first bar
    with `initial_nav`; that bar shows open = high = low = close = `initial_nav`.

    Raises
    ------
    DataError
        If `initial_nav` is not a positive number.
    """

    fund: LeveragedFund
    initial_nav: float = 100.0

    def __post_init__(self) -> None:
        check_initial_nav(self.initial_nav)
        self.nav = 0.0  # after the newest bar
        self._day: np.datetime64 | None = None
        self._settles = 0  # when the session in progress settles, counted from 1970-01-01
        self._rate = 0.0  # known at the close of the session in progress
        self._assets = 0.0  # NAV at the prior session's close
        self._base = 0.0  # index at the prior session's close
        self._carry = Carry(0.0, 0.0, 0.0)
        self._last = 0.0  # index at the newest bar's close
        self._scale = 0.0  # NAV over quote, once there was one
        self._off = 1.0  # the session's last traded bar over the model's

    def bar(
        self,
        day: np.datetime64,
        o: float,
        h: float,
        low: float,
        c: float,
        short_rate: float,
        quote: Quote | None = None,
    ) -> FundBar:
        """Take one index bar of session `day` with the short rate known at its close, and the fund's own
        quote if it was traded; give the fund's."""
        b = self.fund.multiple
        if not (0.0 < o < math.inf and 0.0 < h < math.inf and 0.0 < low < math.inf and 0.0 < c < math.inf):
            raise DataError(f"the index has no price above 0 on {day}; a fund cannot be made from that bar")
        if self._day is not None and day < self._day:
            raise DataError(f"the index's sessions go back in time: {day} follows {self._day}")
        if self._day is None:
            self.nav = self._assets = nav = self.initial_nav
            self._day, self._rate, self._base, self._last = day, short_rate, c, c
            self._settles = settlement_day(day)
            if quote is not None:
                self._scale = nav / quote.close
            return FundBar(nav, nav, nav, nav, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, scale=self._scale)
        before = self.nav
        booked = Carry(0.0, 0.0, 0.0)
        if day != self._day:
            settles = settlement_day(day)
            days = float((day - self._day).astype(int))
            settled = float(settles - self._settles)
            self._assets, self._base = before, self._last
            self._carry = booked = session_carry(self.fund, day, days, settled, self._rate)
            self._day, self._settles = day, settles
            self._off = 1.0
        self._rate = short_rate
        if before == 0.0:
            self._last = c
            return FundBar(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        assets, base = self._assets, self._base
        plain = fund_bar.py_func  # type: ignore[attr-defined]  # what numba has compiled has it
        fo, fh, fl, fc = plain(b, assets, base, self._carry.total, o, h, low, c)
        index_pnl = b * assets * ((c - self._last) / base)
        financing, cash_yield, fee = (part * assets for part in booked)
        scale = self._scale if quote is not None else 0.0
        paid = 0.0
        if quote is not None and scale > 0.0:
            model = fc
            fo, fh, fl, fc = (scale * price for price in quote[:4])
            paid = scale * quote.dividend
            if model > 0.0:
                self._off = fc / model
        elif self._off != 1.0:
            fo, fh, fl, fc = fo * self._off, fh * self._off, fl * self._off, fc * self._off
        self.nav, self._last = fc, c
        left = fc - (before + index_pnl + financing + cash_yield + fee)
        wiped = left if fc == 0.0 else 0.0
        tracking = left + paid if fc > 0.0 and (scale > 0.0 or self._off != 1.0) else 0.0
        if quote is not None and scale == 0.0 and fc > 0.0:
            self._scale = fc / quote.close  # joined at this close
        trade = b * fc - b * assets * (c / base)
        booked_here = (index_pnl, financing, cash_yield, fee, wiped, tracking, paid, scale)
        return FundBar(fo, fh, fl, fc, trade, *booked_here)
