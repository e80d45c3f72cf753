"""A rule on the traded SOXS against a program of its own, that shares nothing with this project."""

import numpy as np
import pandas as pd
import pytest

import letf

pytestmark = pytest.mark.market
START, END = "2010-03-11", "2023-12-29"


def spliced(folder):
    """Closes of SOX to 2021-08-24 and of SOXX after, on one scale, as quoted."""
    sox, soxx = (
        pd.read_csv(folder / f"{n}.csv", index_col="date", parse_dates=True)["close"] for n in ("SOX", "SOXX")
    )
    seam = pd.Timestamp("2021-08-24")
    return pd.concat([sox[:seam], soxx[soxx.index > seam] * (sox[seam] / soxx[seam])])[:END]


def wilder(close, n=14):
    moves = np.diff(close)
    up, down = np.maximum(moves, 0), np.maximum(-moves, 0)
    rsi = np.full(len(close), np.nan)
    a, b = up[:n].mean(), down[:n].mean()
    rsi[n] = 100 * a / (a + b)
    for i in range(n, len(moves)):
        a, b = (a * (n - 1) + up[i]) / n, (b * (n - 1) + down[i]) / n
        rsi[i + 1] = 100 * a / (a + b)
    return rsi


def simulate(folder):
    """rsi_timing with half of equity, stop 8 %, target 15 %, ten bars, no costs, no interest."""
    index = spliced(folder)["2000-01-03":]
    rsi, average = wilder(index.to_numpy()), index.rolling(10).mean().to_numpy()
    close = index.to_numpy()
    enter = (rsi[:-1] >= 65) & (rsi[1:] < 65) & (close[1:] < average[1:])
    enter = pd.Series(np.append(False, enter), index.index)[START:].to_numpy()
    over = pd.Series(rsi <= 35, index.index)[START:].to_numpy()
    fund = pd.read_csv(folder / "SOXS.csv", index_col="date", parse_dates=True)[START:END]
    o, h, low, c, adj = (fund[name].to_numpy() for name in ("open", "high", "low", "close", "adj_close"))
    grown = adj / c  # rises on ex-dates only
    cash, shares, trades = 100_000.0, 0.0, []
    entered = entry = None
    for t in range(1, len(fund)):
        kept = grown[t] / grown[t - 1]
        if shares and abs(kept - 1) > 1e-6:
            cash += shares * c[t - 1] * (1 - 1 / kept)  # the dividend that the vendor's recipe stands for
        if not shares and enter[t - 1] and not over[t - 1]:
            shares, entry, entered = 0.5 * cash / c[t - 1], o[t], t
            cash -= shares * entry
            trades.append(fund.index[t])
        elif shares and (over[t - 1] or t - entered == 10):
            cash, shares = cash + shares * o[t], 0.0
            continue
        if shares:
            stop, target = 0.92 * entry, 1.15 * entry
            at = None
            if t > entered and not stop < o[t] < target:
                at = o[t]
            elif low[t] <= stop:
                at = stop
            elif h[t] >= target:
                at = target
            if at is not None:
                cash, shares = cash + shares * at, 0.0
    return cash + shares * c[-1], trades


def test_rsi_timing_on_the_traded_fund_is_what_an_independent_program_makes_of_it(market_folder):
    run = letf.run(
        "rsi_timing",
        index="SOX:2021-08-25:SOXX",
        rates="DFF",
        start=START,
        end=END,
        traded="SOXS",
        costs={"commission_bps": 0, "half_spread_bps": 0, "slippage_bps": 0},
        account={"cash_spread": 0.3},  # no interest
        data_dir=market_folder,
    )
    equity, entered = simulate(market_folder)
    assert len(entered) == run.metrics["trades"] == 40
    assert run.trades["entry_date"].tolist() == entered
    assert run.metrics["final_equity"] == pytest.approx(equity, rel=1e-5)
    assert equity == pytest.approx(50_850, rel=0.01)
