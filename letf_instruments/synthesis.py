"""A fund's whole history from arrays of index bars: the ledger, in one compiled pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from letf_instruments.account import FundBar, check_initial_nav, fund_bar
from letf_instruments.carry import carry_fractions
from letf_instruments.compiled import compiled
from letf_instruments.errors import DataError
from letf_instruments.fund import LeveragedFund
from letf_instruments.sessions import last_of_each
from letf_instruments.traded import Quote, TradedPrices

Floats = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]


@dataclass(frozen=True, eq=False)
class FundLedger:
    """A fund, bar by bar, synthetic or, where `scale` is not 0, traded. Arrays of shape (n,), in the fund's
    currency a share.

    close is the NAV. `rebalance` is the index exposure to be bought (sold if negative) if the session
    ended with that bar. `index_pnl`, `financing`, `cash_yield`, `fee`, `wipeout` and `tracking` are each
    bar's change of NAV by cause: less what it `distributed` in dividends they add up to the change of NAV on
    every bar. `scale` is NAV over quote on a traded bar. `carry_*`, of shape (m,), are each session's
    financing, cash yield and fee as fractions of its starting assets.
    """

    fund: LeveragedFund
    sessions: Dates  # datetime64[D], the session of each bar
    index_close: Floats
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    rebalance: Floats
    index_pnl: Floats
    financing: Floats
    cash_yield: Floats
    fee: Floats
    wipeout: Floats
    tracking: Floats
    distributed: Floats
    scale: Floats
    carry_financing: Floats
    carry_cash: Floats
    carry_fee: Floats

    @property
    def nav(self) -> Floats:
        """Net asset value a share at each bar's close."""
        return self.close

    @property
    def notional(self) -> Floats:
        """Index exposure after the reset at this bar's close: b × NAV."""
        return self.fund.multiple * self.close

    @property
    def exposure(self) -> Floats:
        """Index exposure at this bar's close before the reset: what the day's drift has made of it."""
        return self.notional - self.rebalance

    @property
    def session_last(self) -> npt.NDArray[np.bool_]:
        """True on the last bar of each session."""
        return last_of_each(self.sessions)

    @property
    def traded(self) -> npt.NDArray[np.bool_]:
        """True on the bars whose prices are the fund's own; shape (n,)."""
        return self.scale > 0.0

    def held(self) -> Floats:
        """What a share bought at the first close has become at each, what it distributed put back into it at
        the price of the close before less the dividend: shape (n,)."""
        if not self.distributed.any():
            return self.close
        kept = np.zeros(len(self.close))
        paid = np.flatnonzero(self.distributed)
        kept[paid] = self.distributed[paid] / self.close[paid - 1]
        return self.close * np.cumprod(1.0 / (1.0 - kept))

    @property
    def wiped_out_at(self) -> int | None:
        """Position of the bar on which the fund was wiped out, None if it lives."""
        dead = np.flatnonzero(self.close == 0.0)
        return int(dead[0]) if len(dead) else None


@compiled()
def _run(
    b: float,
    initial_nav: float,
    o: Any,
    h: Any,
    low: Any,
    c: Any,
    starts: Any,
    financing: Any,
    cash: Any,
    fee: Any,
    quotes: Any,
    out: Any,
) -> int:
    """Fill `out`, shape (13, n), in the order of `FundBar`; `starts` are the first bars of the sessions, and
    `quotes`, shape (5, n) or (5, 0), are in the order of `Quote`.

    Returns the position of the first bar without a positive price, −1 if there is none.
    """
    n = len(c)
    nav = assets = initial_nav
    base = c[0]
    carry = 0.0
    session = 0
    last_session = len(starts) - 1
    traded = quotes.shape[1] > 0
    scale = 0.0
    off = 1.0
    for t in range(n):
        if not (o[t] > 0.0 and h[t] < np.inf and low[t] > 0.0 and c[t] > 0.0):
            return t
        before = nav
        f_part = 0.0
        c_part = 0.0
        e_part = 0.0
        if session < last_session and t == starts[session + 1]:
            session += 1
            assets = before
            base = c[t - 1]
            f_part = financing[session]
            c_part = cash[session]
            e_part = fee[session]
            carry = f_part + c_part + e_part
            off = 1.0
        quoted = traded and quotes[3, t] == quotes[3, t]
        if t == 0 or before == 0.0:
            for j in range(4):
                out[j, t] = before
            for j in range(4, 13):
                out[j, t] = 0.0
            if t == 0 and quoted:
                scale = before / quotes[3, t]
                out[12, t] = scale
            continue
        fo, fh, fl, nav = fund_bar(b, assets, base, carry, o[t], h[t], low[t], c[t])
        scaled = scale if quoted else 0.0
        paid = 0.0
        if scaled > 0.0:
            model = nav
            fo, fh = scaled * quotes[0, t], scaled * quotes[1, t]
            fl, nav = scaled * quotes[2, t], scaled * quotes[3, t]
            paid = scaled * quotes[4, t]
            if model > 0.0:
                off = nav / model
        elif off != 1.0:
            fo, fh, fl, nav = fo * off, fh * off, fl * off, nav * off
        pnl = b * assets * ((c[t] - c[t - 1]) / base)
        out[0, t] = fo
        out[1, t] = fh
        out[2, t] = fl
        out[3, t] = nav
        out[4, t] = b * nav - b * assets * (c[t] / base)
        out[5, t] = pnl
        out[6, t] = f_part * assets
        out[7, t] = c_part * assets
        out[8, t] = e_part * assets
        left = nav - (before + pnl + f_part * assets + c_part * assets + e_part * assets)
        out[9, t] = left if nav == 0.0 else 0.0
        out[10, t] = left + paid if nav > 0.0 and (scaled > 0.0 or off != 1.0) else 0.0
        out[11, t] = paid
        out[12, t] = scaled
        if quoted and scale == 0.0 and nav > 0.0:
            scale = nav / quotes[3, t]  # joined at this close
    return -1


def synthesize(
    fund: LeveragedFund,
    sessions: Dates,
    open: Floats,
    high: Floats,
    low: Floats,
    close: Floats,
    short_rate: float | Floats = 0.0,
    initial_nav: float = 100.0,
    traded: TradedPrices | None = None,
) -> FundLedger:
    """Build a fund from index bars, daily or intraday; it resets once a session.

    Parameters
    ----------
    sessions : datetime64[D], shape (n,), the session of each bar.
    open, high, low, close : the index's bars, float64, shape (n,), positive.
    short_rate : fraction a year; a number, or shape (n,) as known at each bar's close.
    initial_nav : NAV at the close of the first bar, at which the fund is created.
    traded : the fund's own quotes, which take the model's place on the bars after the first that has one.

    Raises
    ------
    DataError
        If there are fewer than two bars, shapes differ, sessions go back in time, or a price or
        `initial_nav` is not a positive number.
    """
    check_initial_nav(initial_nav)
    sessions = np.asarray(sessions, dtype="datetime64[D]")
    n = len(sessions)
    if n < 2:
        raise DataError(f"a fund needs at least 2 index bars, got {n}")
    for name, values in (("open", open), ("high", high), ("low", low), ("close", close)):
        if values.shape != (n,):
            raise DataError(f"{name} has shape {values.shape} where sessions have ({n},)")
    steps = np.diff(sessions)
    if (steps < np.timedelta64(0, "D")).any():
        at = int(np.argmax(steps < np.timedelta64(0, "D"))) + 1
        raise DataError(f"the index's sessions go back in time: {sessions[at]} follows {sessions[at - 1]}")
    starts = np.concatenate(([0], np.flatnonzero(steps) + 1))
    ends = np.append(starts[1:], n) - 1
    rate = np.asarray(short_rate, dtype=np.float64)
    financing, cash, fee = carry_fractions(fund, sessions[starts], rate[ends] if rate.ndim else rate)
    quotes = np.empty((len(Quote._fields), 0))
    if traded is not None:
        quotes = np.array([getattr(traded, name) for name in Quote._fields])
        if quotes.shape[1] != n:
            raise DataError(f"traded prices are of {quotes.shape[1]} bars, the index has {n}")
    out = np.empty((len(FundBar._fields), n))
    bad = _run(fund.multiple, initial_nav, open, high, low, close, starts, financing, cash, fee, quotes, out)
    if bad >= 0:
        raise DataError(
            f"the index has no price above 0 on {sessions[bad]}; a fund cannot be made from that bar"
        )
    out.setflags(write=False)
    columns: dict[str, Floats] = dict(zip(FundBar._fields, out, strict=True))
    return FundLedger(
        fund, sessions, close, **columns, carry_financing=financing, carry_cash=cash, carry_fee=fee
    )
