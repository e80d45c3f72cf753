"""What is held is what a holder gets, what trades trades at quotes, and what is swapped has the fee back."""

import numpy as np
import pandas as pd
import pytest

from feeds.reading.memory import Memory
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest
from tests.conftest import random_bars

N, EX = 300, 150
FEE = 0.0047  # SOXX's in 2020


def etf():
    """An ETF under the name of one whose fee is known, with one dividend of 2 %."""
    bars = random_bars(5, N)
    columns = {c: getattr(bars, c) for c in ("open", "high", "low", "close", "volume")}
    frame = pd.DataFrame(columns, index=pd.DatetimeIndex(bars.sessions.astype("datetime64[s]")))
    frame["adj_close"] = frame["close"] * np.where(np.arange(N) < EX, 0.98, 1.0)
    return frame


def run(*changes, **data):
    frame = etf()
    spec = load_spec("hold", ["data.rate=0.0", *changes], index=Memory("SOXX", frame), **data)
    return frame, run_backtest(spec, studies=False)


def test_the_index_held_is_the_vendor_s_adjusted_close():
    frame, made = run("rule.instrument=index")
    adj = frame["adj_close"]
    assert made.metrics["hold_index_total_return"] == pytest.approx(adj.iloc[-1] / adj.iloc[0] - 1, rel=1e-6)
    worst = (adj / adj.cummax() - 1).min()
    assert made.metrics["hold_index_max_drawdown"] == pytest.approx(worst, rel=1e-5)


def test_the_fund_follows_the_index_with_the_etf_s_fee_back():
    frame, made = run()
    days = (frame.index[-1] - frame.index[0]).days
    swapped = made.ledgers["SOXL"].index_close
    ratio = frame["adj_close"].iloc[-1] / frame["adj_close"].iloc[0]
    # From September 2020 the fee was lower: between the two figures.
    back = swapped[-1] / swapped[0] / ratio
    assert 0.0034 * days / 365 < np.log(back) < FEE * days / 365 * 1.001


def test_the_index_is_traded_at_its_quotes_and_pays_in_cash():
    frame, made = run("rule.instrument=index", "costs.slippage_bps=0", "costs.half_spread_bps=0")
    (trade,) = made.trades
    assert (trade.entry_price, trade.exit_price) == (frame["open"].iloc[1], frame["close"].iloc[-1])
    paid = 0.02 * frame["close"].iloc[EX - 1] * trade.size
    assert trade.dividends == pytest.approx(paid, rel=1e-6)
    assert made.metrics["dividends_received"] == pytest.approx(paid, rel=1e-6)
    assert any("received in dividends, in cash" in note for note in made.warnings)
    moved = trade.size * (trade.exit_price - trade.entry_price)
    costs = made.metrics["costs_paid"]
    assert made.metrics["final_equity"] == pytest.approx(100_000 + moved + paid - costs, rel=1e-9)


def test_costs_a_share_are_of_shares_at_the_quote():
    cost = ("costs.commission_per_share=0.01", "costs.slippage_bps=0", "costs.half_spread_bps=0")
    frame, made = run("rule.instrument=index", "rule.weight=0.5", *cost, "costs.commission_bps=0")
    shares = 50_000 / frame["close"].iloc[0]
    assert made.trades[0].size == pytest.approx(shares)
    assert made.metrics["commission_paid"] == pytest.approx(0.01 * shares)


def test_an_asset_is_traded_at_its_quotes_too():
    frame = etf().rename_axis("date")
    spec = load_spec(
        "hold",
        ["data.rate=0.0", "rule.instrument=CHIP", "costs.slippage_bps=0", "costs.half_spread_bps=0"],
        index=Memory("IDX", etf().drop(columns="adj_close")),
        assets=[Memory("CHIP", frame)],
    )
    made = run_backtest(spec, studies=False)
    (trade,) = made.trades
    assert (trade.entry_price, trade.exit_price) == (frame["open"].iloc[1], frame["close"].iloc[-1])
    assert trade.dividends == pytest.approx(0.02 * frame["close"].iloc[EX - 1] * trade.size, rel=1e-6)
    adj = frame["adj_close"]
    assert made.metrics["hold_CHIP_total_return"] == pytest.approx(adj.iloc[-1] / adj.iloc[0] - 1, rel=1e-6)


def test_without_total_return_nothing_is_paid():
    frame, made = run("rule.instrument=index", "data.total_return=false")
    assert made.metrics["dividends_received"] == 0.0
    close = frame["close"]
    assert made.metrics["hold_index_total_return"] == pytest.approx(close.iloc[-1] / close.iloc[0] - 1)
