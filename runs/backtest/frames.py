"""A run as data frames: the account by day, returns, trades, positions, and where the funds' returns went."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analyzers import positions
from letf_instruments.sessions import last_of_each
from runs.backtest.indicators import at_trades

if TYPE_CHECKING:
    from runs.backtest.result import RunResult

TRADE_COLUMNS = {
    "instrument": "instrument",
    "entry_date": "entry_date",
    "entry_price": "entry_price",
    "exit_date": "exit_date",
    "exit_price": "exit_price",
    "size": "size",
    "profit": "profit",
    "ret": "return",
    "adverse_excursion": "adverse_excursion",
    "favourable_excursion": "favourable_excursion",
    "bars": "bars_held",
    "costs": "costs",
    "dividends": "dividends",
    "exit_reason": "exit_reason",
}
DECAY_PARTS = ("index", "compounding", "financing", "cash", "fee", "rest", "log_return")
# Over the fills of a trade, or from their average.
AVERAGED = ("entry_price", "exit_price", "ret", "adverse_excursion", "favourable_excursion")
OPTIONS = "options"  # the column of contracts, which are many and short-lived


def equity_frame(run: RunResult) -> pd.DataFrame:
    """By session: equity and cash in money; the exposures of `analyzers.EquityLog`, over equity; drawdown,
    below the last high, a fraction that is never above 0. Beside them, in money, what holding would have made
    of the same money at the first close: the index, each instrument traded, and the index at the account's
    own risk (`benchmarks.same_risk`; NaN where there is no such share). Where money was paid in or out,
    paid_in has what was paid so far, worth what the money at the start became by time-weighted returns, and
    holding has the same payments (NaN from where it could not have paid them out)."""
    columns = {
        "equity": run.equity,
        "cash": run.cash,
        "exposure_gross": run.exposure_gross,
        "exposure_net": run.exposure_net,
        "exposure_index": run.exposure_index,
        "drawdown": run.underwater,
        **({"paid_in": run.paid, "worth": run.worth} if run.paid_in else {}),
        **{f"hold_{name}": money for name, money in run.held_value.items()},
        "same_risk": run.same_risk_value,
    }
    return pd.DataFrame(columns, index=_dates(run.days))


def returns(run: RunResult) -> pd.Series:
    """By session: return of the account since the session before, a fraction; the first since the money at
    the start. Compounded they are the total return: what is paid in or out is no part of them. 0 once nothing
    is left."""
    before = np.concatenate(([run.start], run.worth[:-1]))
    made = np.divide(run.worth, before, out=np.ones(len(before)), where=before > 0) - 1.0
    return pd.Series(made, index=_dates(run.days), name=run.spec.name)


def trades_frame(run: RunResult) -> pd.DataFrame:
    """One row a trade, in order of exit; money after costs, returns as fractions of what was in it. Of a
    position that was rebalanced there is no one price and no sum that a return is on: they are NaN, and
    `fills_frame` has its fills.

    Of a rule that says what it measures, the last columns have what it saw of that (`indicators.at_trades`):
    entry_seen and exit_seen, the bar at whose close it was; and a pair of each indicator, entry_RSI(14) and
    exit_RSI(14)."""
    never = dict.fromkeys(AVERAGED, np.nan)
    rows = [asdict(trade) | (never if trade.rebalanced else {}) for trade in run.trades]
    columns = {heading: [row[key] for row in rows] for key, heading in TRADE_COLUMNS.items()}
    frame = pd.DataFrame(columns)
    for name in ("entry_date", "exit_date"):
        frame[name] = frame[name].astype("datetime64[s]")
    seen = at_trades(run)
    if seen is None:
        return frame
    more: dict[str, np.ndarray] = {"entry_seen": seen.stamps("entry"), "exit_seen": seen.stamps("exit")}
    for name in seen.values:
        more |= {f"{end}_{name}": seen.at(end, name) for end in ("entry", "exit")}
    return pd.concat((frame, pd.DataFrame(more)), axis=1)


def transactions_frame(run: RunResult) -> pd.DataFrame:
    """One row a fill, by date, in the columns of pyfolio: amount in shares (negative for a sale), price,
    symbol. As traded."""
    from runs.backtest.fills import fills_frame

    fills = fills_frame(run)
    columns = {"amount": fills["size"], "price": fills["price"], "symbol": fills["instrument"]}
    return pd.DataFrame(columns)


def positions_frame(run: RunResult) -> pd.DataFrame:
    """By session: the value of each position at the close in money, negative for a short, and the cash, so
    that a row adds up to the equity. Option contracts share the column "options". A CFD counts at its full
    value, so that cash is what would be left had it been paid for."""
    market = run.market()
    last = last_of_each(market.sessions)
    columns = {
        # A strategy with indicators of its own may start late: the run's days are the last of all.
        name: (positions(fills, len(market)) * market[name].close)[last][-len(run.days) :]
        for name, fills in run.fills.items()
        if fills
    }
    held = sum(columns.values()) if columns else np.zeros(len(run.days))
    cash = run.equity - held
    if run.contracts is not None:
        columns[OPTIONS] = cash - run.cash
        cash = run.cash
    return pd.DataFrame({**columns, "cash": cash}, index=_dates(run.days))


def decay_frame(run: RunResult) -> pd.DataFrame:
    """Each fund's log return by session and cause, and to date what was promised (multiple × index) and
    what it gave, as fractions."""
    parts = [_decay_of(run, name) for name in run.attributions]
    if parts:
        return pd.concat(parts)
    columns = ["fund", *DECAY_PARTS, "promised_to_date", "actual_to_date"]
    return pd.DataFrame({name: [] for name in columns}, index=_dates(run.days[:0]))


def _decay_of(run: RunResult, name: str) -> pd.DataFrame:
    ledger, a = run.ledgers[name], run.attributions[name]
    last = ledger.session_last
    nav, index = ledger.close[last], ledger.index_close[last]
    lived = len(a.sessions)
    promised = ledger.fund.multiple * (index / index[0] - 1.0) + 0.0  # no −0 on the first day
    actual = nav / nav[0] - 1.0
    columns = {
        "fund": [name] * lived,
        **{part: getattr(a, part) for part in DECAY_PARTS},
        "promised_to_date": promised[:lived],
        "actual_to_date": actual[:lived],
    }
    return pd.DataFrame(columns, index=_dates(a.sessions))


def _dates(days: np.ndarray) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(days.astype("datetime64[s]"), name="date")
