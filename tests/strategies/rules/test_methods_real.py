"""What traders of SOXL place, on its traded prices: each rule against a program that knows nothing of it."""

import numpy as np
import pandas as pd
import pytest

import letf

START, END, CASH = "2011-01-03", "2023-12-29", 100_000.0
NEAR = 5e-9  # a cent of two million; adjusted closes, from which dividends are read, have ten digits
pytestmark = pytest.mark.market


@pytest.fixture
def days(market_folder):
    """Sessions with the close before and what a share held over night is paid, from the adjusted close."""
    frame = pd.read_csv(market_folder / "SOXL.csv", parse_dates=["date"])
    ratio = frame.adj_close / frame.close
    frame["before"] = frame.close.shift()
    frame["paid"] = frame.before * (1 - ratio.shift() / ratio)
    frame.loc[frame.paid.abs() < 1e-6 * frame.close, "paid"] = 0.0  # the file's rounding
    return frame[(frame.date >= START) & (frame.date <= END)].reset_index(drop=True)


def ours(folder, name, **plan):
    return letf.run(
        name,
        index="SOX:2021-08-25:SOXX",
        traded="SOXL",
        data={"funds": ["SOXL"]},
        plan={"instrument": "SOXL", **plan},
        start=START,
        end=END,
        costs={"commission_bps": 0, "half_spread_bps": 0, "slippage_bps": 0},
        account={"cash_spread": 0.3},  # no interest
        data_dir=folder,
    )


def tranches(days, amount, lots=7, patience=40):
    """Equity, and how many lots were sold by target and by patience."""
    close, paid = days.close.to_numpy(), days.paid.to_numpy()
    cash, n, own = CASH, np.zeros(lots), np.full(lots, CASH / lots)
    price, bought, doors = np.zeros(lots), np.zeros(lots, int), {"target": 0, "patience": 0}
    for i, c in enumerate(close):
        cash += n.sum() * paid[i]
        for k in np.flatnonzero(n):
            why = "target" if c > price[k] else "patience" if i - bought[k] >= patience else None
            if why:
                cash, own[k], n[k] = cash + n[k] * c, own[k] + n[k] * c, 0.0
                doors[why] += 1
        free = np.flatnonzero(n == 0)
        if c < (close[i - 1] if i else days.before[0]) and len(free):
            k, money = free[0], min(amount or own[free[0]], cash)
            n[k], price[k], bought[k] = money / c, c, i
            cash, own[k] = cash - money, own[k] - money
    return cash + n.sum() * close[-1], doors


@pytest.mark.parametrize(
    ("size", "amount", "about"), [("lot", None, 2_614_927), ("fixed", 14_000.0, 476_481)]
)
def test_tranches_are_what_an_independent_program_makes_of_them(market_folder, days, size, amount, about):
    plan = {"fill": "same-close", "size": size} | ({"amount": amount} if amount else {})
    run = ours(market_folder, "tranches", **plan)
    equity, doors = tranches(days, amount)
    assert run.metrics["final_equity"] == pytest.approx(equity, rel=NEAR)
    left = run.trades.exit_reason.value_counts()
    assert {name: left[name] for name in doors} == doors == {"target": 1331, "patience": 82}
    assert equity == pytest.approx(about, rel=1e-5)


def infinite_buying(days, parts=40, target=0.1, reach=0.1):
    """Equity, and how many cycles ended."""
    cash, n, cost, limits, out, cycles = CASH, 0.0, 0.0, [], np.inf, 0
    for o, h, c, paid in days[["open", "high", "close", "paid"]].to_numpy():
        cash, over = cash + n * paid, n > 0 and h >= out
        if over:
            cash, n, cost, cycles = cash + n * max(o, out), 0.0, 0.0, cycles + 1
        for price, money in limits:
            money = min(money, cash)
            if c <= price and money > 1e-6 * (cash + n * c):
                n, cost, cash = n + money / c, cost + money, cash - money
        if over or n == 0:
            half = (cash + n * c) / parts / 2
        if n == 0:
            limits = [(c * (1 + reach), 2 * half)]
        else:
            out = cost / n * (1 + target)
            limits = [(cost / n, half), (min(c * (1 + reach), out), half)]
    return cash + n * c, cycles


def test_infinite_buying_is_what_an_independent_program_makes_of_it(market_folder, days):
    run = ours(market_folder, "infinite_buying")
    equity, cycles = infinite_buying(days)
    assert run.metrics["final_equity"] == pytest.approx(equity, rel=NEAR)
    assert (run.trades.exit_reason == "target").sum() == cycles == 82
    assert equity == pytest.approx(1_436_727, rel=1e-5)


def signal_line(days, growth=0.09, share=0.6, most=0.9, depth=0.3, skips=2):
    """Equity after the last quarter."""
    quarter = days.date.dt.to_period("Q")
    due = (quarter != quarter.shift(-1)).to_numpy()
    line, skipped, highs = share * CASH, 0, []
    n, cash = line / days.close[0], CASH - line
    for i, (c, paid) in enumerate(days[["close", "paid"]].to_numpy()):
        cash += n * paid if i else 0.0
        if not due[i]:
            continue
        line, held = line * (1 + growth), n * c
        low = c < (1 - depth) * max([c, *highs[-8:]])
        highs.append(c)
        if held > line and low and skipped < skips:
            skipped, line = skipped + 1, held
            continue
        if held > line:
            skipped = 0
        traded = min(line - held, most * cash)  # negative: sold
        n, cash, line = n + traded / c, cash - traded, held + traded
    return cash + n * c


def test_the_signal_line_is_what_an_independent_program_makes_of_it(market_folder, days):
    equity = signal_line(days)
    run = ours(market_folder, "signal_line")
    assert run.metrics["final_equity"] == pytest.approx(equity, rel=NEAR)
    assert equity == pytest.approx(10_067_217, rel=1e-5)


def value_rebalancing(days, band, share=0.5, gradient=10, every=10):
    """Equity at the end."""
    value = share * CASH
    n, pool = value / days.close[0], CASH - value
    for i, (c, paid) in enumerate(days[["close", "paid"]].to_numpy()):
        pool += n * paid if i else 0.0
        if i == 0 or i % every:
            continue
        value += pool / gradient  # value × (1 + pool ÷ value ÷ gradient)
        low, high = value * (1 - band), value * (1 + band)
        traded = min(np.clip(n * c, low, high) - n * c, pool)
        n, pool = n + traded / c, pool - traded
    return pool + n * c


@pytest.mark.parametrize(("band", "about"), [(0.0, 4_548_319), (0.15, 4_053_031)])
def test_value_rebalancing_is_what_an_independent_program_makes_of_it(market_folder, days, band, about):
    equity = value_rebalancing(days, band)
    run = ours(market_folder, "value_rebalancing", band=band)
    assert run.metrics["final_equity"] == pytest.approx(equity, rel=NEAR)
    assert equity == pytest.approx(about, rel=1e-5)
