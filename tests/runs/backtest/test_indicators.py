"""What a rule had seen of its indicators at its trades: the last close before, and never a later one."""

import backtrader as bt
import numpy as np
import pandas as pd
import pytest
import talib

import letf
from runs.answers.files import frame_csv
from runs.backtest.indicators import measured

OLD = 14  # columns of trades.csv before those of indicators


@pytest.fixture(scope="module")
def timing():
    return letf.run("rsi_timing", index="nasdaq", end="2008-12-31")


def test_the_values_are_those_of_talib_on_the_close_before_each_fill(timing):
    trades, bars = timing.trades, timing.result.bars
    close = pd.Series(bars.close, pd.DatetimeIndex(bars.sessions))
    strength = pd.Series(talib.RSI(bars.close, 14), close.index)
    days = close.index
    for end in ("entry", "exit"):
        before = days[days.get_indexer(trades[f"{end}_date"]) - 1]
        assert (trades[f"{end}_seen"] == before).all()
        np.testing.assert_allclose(trades[f"{end}_RSI(14)"], strength[before], rtol=1e-9)
        np.testing.assert_allclose(
            trades[f"{end}_close below its 10-bar average (level)"],
            close.rolling(10).mean()[before],
            rtol=1e-9,
        )


def test_what_was_filled_on_its_own_close_had_seen_that_close():
    run = letf.run("rsi_timing", index="nasdaq", end="2008-12-31", plan={"fill": "same-close"})
    trades, bars = run.trades, run.result.bars
    strength = pd.Series(talib.RSI(bars.close, 14), pd.DatetimeIndex(bars.sessions))
    assert (trades["entry_seen"] == trades["entry_date"]).all()
    np.testing.assert_allclose(trades["entry_RSI(14)"], strength[trades["entry_date"]], rtol=1e-9)
    inside = trades["exit_reason"].isin(["stop", "target"])
    assert 0 < inside.sum() < len(trades)
    assert (trades["exit_seen"] < trades["exit_date"])[inside].all()
    assert (trades["exit_seen"] == trades["exit_date"])[~inside].all()


@pytest.mark.parametrize("name", ["rsi_timing", "dip", "pullback", "trend", "tree"])
def test_nothing_that_was_seen_changes_with_what_comes_after(name):
    whole = letf.run(name, index="nasdaq", end="2003-12-31").trades
    cut = letf.run(name, index="nasdaq", end="2001-12-31").trades
    both = whole[whole["exit_date"] < "2001-12-31"]
    assert len(both) >= 3
    kept = ["entry_date", "exit_date", *whole.columns[OLD:]]  # prices are those of the last day's shares
    pd.testing.assert_frame_equal(both[kept], cut[kept].iloc[: len(both)], rtol=1e-9)
    assert (both["entry_seen"] < both["entry_date"]).all()


def test_the_columns_of_old_keep_their_bytes(timing):
    text = frame_csv(timing.trades, False).decode().splitlines()
    old = frame_csv(timing.trades.iloc[:, :OLD], False).decode().splitlines()
    assert all(new.startswith(was + ",") for new, was in zip(text, old, strict=True))
    assert text[0].split(",")[OLD : OLD + 4] == ["entry_seen", "exit_seen", "entry_RSI(14)", "exit_RSI(14)"]


def test_what_is_still_open_has_not_been_left():
    trades = letf.run("trend", index="nasdaq", end="2003-12-31").trades
    last = trades[trades["exit_reason"] == "open at end"]
    assert len(last) == 1
    assert last["exit_seen"].isna().all()
    assert last.filter(like="exit_close").isna().all(axis=None)


def test_a_rule_that_measures_nothing_has_no_such_columns():
    assert letf.run("tranches", index="nasdaq", end="2000-12-31").trades.shape[1] == OLD


def test_what_came_before_the_run_is_known_to_its_indicators():
    long, late = (
        letf.run("rsi_timing", index="nasdaq", start=start, end="2006-12-31")
        for start in ("1999-01-04", "2005-01-03")
    )
    values = measured(late.result, late.result.rule)["RSI(14) falls back through 65"][0].value
    assert len(values) == len(late.equity)
    close = long.result.bars.close
    np.testing.assert_allclose(values, talib.RSI(close, 14)[-len(values) :], rtol=1e-6)


def test_on_bars_within_the_day_the_moment_is_told():
    stamps = pd.DatetimeIndex(
        [
            day + pd.Timedelta(hours=10 + hour)
            for day in pd.bdate_range("2020-01-02", periods=60)
            for hour in range(6)
        ]
    )
    close = 100.0 * np.exp(np.cumsum(np.random.default_rng(3).normal(0, 0.01, len(stamps))))
    frame = pd.DataFrame(dict.fromkeys(("open", "high", "low", "close"), close), index=stamps)
    run = letf.run("rsi_timing", index={"WALK": frame}, rate=0.03)
    strength = pd.Series(talib.RSI(close, 14), stamps)
    assert len(run.trades) >= 2
    assert (run.trades["entry_seen"].dt.hour > 0).all()
    np.testing.assert_allclose(run.trades["entry_RSI(14)"], strength[run.trades["entry_seen"]], rtol=1e-9)
    before = stamps[stamps.get_indexer(run.trades["entry_seen"]) + 1]
    assert (before.normalize() == run.trades["entry_date"]).all()


class Crossing(bt.Strategy):
    """Buys where the short average crosses the long one from below, and sells where it falls back."""

    def __init__(self):
        self.cross = bt.ind.CrossOver(bt.ind.SMA(period=10), bt.ind.SMA(period=30))
        self.macd = bt.ind.MACD()

    def next(self):
        if self.cross[0] > 0:
            self.order_target_percent(self.datas[1], 0.9)
        elif self.cross[0] < 0:
            self.close(self.datas[1])


def test_of_a_strategy_of_ones_own_they_are_its_indicators():
    run = letf.run(Crossing, index="nasdaq", end="2003-12-31")
    trades, close = run.trades, pd.Series(run.result.bars.close, run.result.bars.sessions)
    for end, wanted in (("entry", 1), ("exit", -1)):
        closed = trades["exit_reason"] != "open at end"
        assert (trades[f"{end}_CrossOver"][closed] == wanted).all()
        seen = trades[f"{end}_seen"][closed]
        before = close.index[close.index.get_indexer(trades[f"{end}_date"][closed]) - 1]
        assert (seen == before).all()
        fast, slow = (close.ewm(span=span, adjust=False).mean() for span in (12, 26))
        assert len(seen) > 10
        late = seen[seen > "2000-01-01"]  # the averages begin with a plain mean, which is forgotten by then
        np.testing.assert_allclose(
            trades.loc[late.index, f"{end}_MACD (12, 26, 9) macd"], (fast - slow)[late], rtol=1e-6, atol=1e-4
        )


class Alike(bt.Strategy):
    """Four averages of one name: of the index's closes, twice, of its highs, and of the fund's closes."""

    def __init__(self):
        index, fund = self.datas[0], self.datas[1]
        self.means = [bt.ind.SMA(one, period=10) for one in (index, index.close, index.high, fund)]

    def next(self):
        if len(self) == 60:
            self.buy(self.datas[1], size=1)
        elif len(self) == 70:
            self.close(self.datas[1])


def test_indicators_of_one_name_are_told_apart():
    run = letf.run(Alike, index="nasdaq", end="1999-12-31")
    seen = run.trades.filter(like="entry_SMA").iloc[0]
    assert list(seen.index) == ["entry_SMA (10)", "entry_SMA (10) no. 2", "entry_SMA (10) on SOXS"]
    bars, fund = run.result.bars, run.result.ledgers["SOXS"]
    wanted = [values[50:60].mean() for values in (bars.close, bars.high, fund.close)]
    np.testing.assert_allclose(seen.to_numpy(dtype=float), wanted, rtol=1e-9)
    with_them = [name for name in run.result.indicators if name.startswith("SMA")]
    assert with_them == ["SMA (10)", "SMA (10) no. 2", "SMA (10) on SOXS"]


class Waiting(bt.Strategy):
    """Sends a limit order at the close of bar 10, and leaves by one order for more than a bar's volume."""

    def __init__(self):
        self.mean = bt.ind.SMA(period=2)

    def next(self):
        if len(self) == 11:
            self.buy(self.datas[0], size=100, exectype=bt.Order.Limit, price=98.0)
        elif len(self) == 31:
            self.close(self.datas[0])


def test_an_order_that_waits_was_decided_when_it_was_sent():
    close = 100 + 0.01 * np.arange(60)
    close[20:] -= 3.0  # the first bar that meets the limit, ten after the order was sent
    volume = np.full(60, 10_000.0)
    volume[30:] = 200.0  # of which a fifth is 40: 100 are sold over three bars
    days = pd.bdate_range("2020-01-02", periods=60)
    frame = pd.DataFrame(dict.fromkeys(("open", "high", "low", "close"), close), index=days)
    frame["volume"] = volume
    run = letf.run(Waiting, index={"SLOW": frame}, rate=0.0, set=["costs.max_participation=0.2"])
    (trade,) = run.trades.itertuples()
    assert (trade.entry_date, trade.exit_date) == (days[20], days[33])
    assert (trade.entry_seen, trade.exit_seen) == (days[10], days[30])
    seen = run.trades.filter(like="SMA").iloc[0].to_numpy(dtype=float)
    np.testing.assert_allclose(seen, [close[9:11].mean(), close[29:31].mean()], rtol=1e-12)


@pytest.mark.parametrize(("fill", "later"), [("open", 1), ("close", 1), ("same-close", 0)])
def test_an_order_of_a_lot_was_sent_on_the_close_before_its_fill(fill, later):
    run = letf.run("tranches", index="nasdaq", end="2001-12-31", plan={"fill": fill})
    lots = [trade for trade in run.result.trades if trade.exit_reason != "open at end"]
    assert len(lots) > 10
    assert {trade.entry_bar - trade.entry_sent for trade in lots} == {later}
    assert {trade.exit_bar - trade.exit_sent for trade in lots} == {later}


def test_the_page_has_them_as_columns_to_ask_for(timing):
    table = next(t for part in timing.sections for t in part.tables if t.long)
    count, words = table.more
    assert words == "what the rule saw"
    assert table.headings[-count:][:4] == [
        "entry: as of",
        "exit: as of",
        "entry: RSI(14)",
        "exit: RSI(14)",
    ]
    at = table.headings.index("entry: RSI(14)")
    assert [row[at] for row in table.rows] == [f"{value:.2f}" for value in timing.trades["entry_RSI(14)"]]
    assert len(set(map(len, [table.headings, *table.rows]))) == 1
