"""The feeds in plain backtrader: the same bars preloaded, streaming, with and without history."""

import backtrader as bt
import numpy as np
import pandas as pd
import pytest

from feeds.backtrader_feeds import BarsFeed, FundFeed, to_number, to_stamp
from feeds.rates import ShortRate
from feeds.reading.files import read_bars
from feeds.sources import load_bars
from letf_instruments import DataError, LeveragedFund, known_fund, synthesize
from tests.conftest import random_bars

MODES = {
    "runonce": {},
    "next": {"runonce": False},
    "streaming": {"runonce": False, "preload": False},
    "no history": {"runonce": False, "preload": False, "exactbars": 1},
}
COLUMNS = ("datetime", "open", "high", "low", "close", "volume", "nav", "rebalance")


class Recorder(bt.Strategy):
    def __init__(self):
        self.rows = []

    def next(self):
        self.rows.append(
            [[getattr(d.lines, c)[0] for c in COLUMNS] for d in self.datas if isinstance(d, FundFeed)]
        )


def recorded(index, funds, mode="runonce", **options):
    cerebro = bt.Cerebro(stdstats=False)
    cerebro.adddata(index)
    for fund in funds:
        cerebro.adddata(FundFeed(dataname=index, fund=fund, **options))
    cerebro.addstrategy(Recorder)
    return np.array(cerebro.run(**MODES[mode])[0].rows)


def frame_of(bars):
    columns = {c: getattr(bars, c) for c in ("open", "high", "low", "close", "volume")}
    return pd.DataFrame(columns, index=pd.DatetimeIndex(bars.timestamps))


def pandas_feed(bars):
    return bt.feeds.PandasData(dataname=frame_of(bars))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("index_feed", [lambda b: BarsFeed(dataname=b), pandas_feed], ids=["bars", "pandas"])
def test_a_fund_feed_is_the_ledger_in_every_mode(mode, index_feed):
    bars = random_bars(11, 300)
    rate = ShortRate("R", bars.sessions[::30], np.linspace(0.01, 0.05, 10))
    rows = recorded(index_feed(bars), ["SOXS", "SOXL"], mode, short_rate=rate)
    for i, ticker in enumerate(("SOXS", "SOXL")):
        fund = synthesize(
            known_fund(ticker),
            bars.sessions,
            bars.open,
            bars.high,
            bars.low,
            bars.close,
            rate.on(bars.sessions),
        )
        columns = dict(zip(COLUMNS, rows[:, i].T, strict=True))
        for name in ("open", "high", "low", "close", "nav", "rebalance"):
            np.testing.assert_array_equal(columns[name], getattr(fund, name), err_msg=name)
        np.testing.assert_array_equal(to_stamp(columns["datetime"]), bars.timestamps)


@pytest.mark.parametrize("mode", ["runonce", "streaming"])
def test_a_feed_can_be_run_twice(mode):
    index = BarsFeed(dataname=random_bars(12, 50))
    cerebro = bt.Cerebro(stdstats=False)
    cerebro.adddata(index)
    cerebro.adddata(FundFeed(dataname=index, fund=-3))
    cerebro.addstrategy(Recorder)
    first, second = (cerebro.run(**MODES[mode])[0].rows for _ in range(2))
    assert len(first) == 50
    assert first == second


@pytest.mark.parametrize("mode", ["runonce", "streaming"])
def test_dates_given_to_the_index_feed_are_the_fund_s_dates(mode):
    bars = random_bars(13, 100)
    inside = bars.between(bars.sessions[20], bars.sessions[79])
    dates = {"fromdate": bars.timestamps[20].item(), "todate": bars.timestamps[79].item()}
    rows = recorded(BarsFeed(dataname=bars, **dates), [3], mode)
    np.testing.assert_array_equal(rows, recorded(BarsFeed(dataname=inside), [3], mode))


@pytest.mark.parametrize("mode", MODES)
def test_it_resets_once_a_session_on_intraday_bars(mode):
    rng = np.random.default_rng(9)
    days = np.repeat(np.datetime64("2020-01-06", "D") + np.arange(8), 12)
    stamps = days.astype("M8[us]") + np.tile(np.arange(12) * 300 + 34200, 8).astype("m8[s]")
    closes = 100 * np.exp(np.cumsum(0.004 * rng.standard_normal(96)))
    frame = pd.DataFrame(dict.fromkeys(("open", "high", "low", "close"), closes), pd.DatetimeIndex(stamps))
    index = bt.feeds.PandasData(dataname=frame, timeframe=bt.TimeFrame.Minutes, compression=5)
    rows = recorded(index, [-3], mode)
    fund = synthesize(LeveragedFund("X", -3), days, *(closes,) * 4)
    np.testing.assert_array_equal(rows[:, 0, COLUMNS.index("nav")], fund.nav)


@pytest.mark.market
def test_five_minute_bars_of_a_real_etf_reset_once_a_session(market_folder):
    bars = read_bars(market_folder / "intraday" / "SMH_5min.csv")
    rows = recorded(BarsFeed(dataname=bars), [3], "runonce")[:, 0]
    nav, rebalance = (rows[:, COLUMNS.index(c)] for c in ("nav", "rebalance"))
    last = np.append(bars.sessions[1:] != bars.sessions[:-1], True)
    closes, navs = bars.close[last], nav[last]
    np.testing.assert_allclose(np.diff(navs) / navs[:-1], 3 * np.diff(closes) / closes[:-1], rtol=1e-9)
    np.testing.assert_allclose(rebalance[last][1:], 6 * navs[:-1] * np.diff(closes) / closes[:-1], rtol=1e-6)


def test_a_wiped_out_fund_shows_zeros_to_the_end():
    bars = random_bars(14, 30)
    high = bars.high.copy()
    high[10] = 2 * bars.close[9]
    spiked = type(bars)("X", "X", bars.timestamps, bars.open, high, bars.low, bars.close, bars.volume)
    for mode in MODES:
        close = recorded(BarsFeed(dataname=spiked), [-3], mode)[:, 0, COLUMNS.index("close")]
        assert (close[:10] > 0).all()
        assert (close[10:] == 0).all()


def test_the_ledger_of_a_run_is_that_of_its_bars():
    bars = random_bars(15, 60)
    index = BarsFeed(dataname=bars)
    fund = FundFeed(dataname=index, fund="SOXS", short_rate=0.03)
    cerebro = bt.Cerebro(stdstats=False)
    cerebro.adddata(index)
    cerebro.adddata(fund)
    cerebro.addstrategy(bt.Strategy)
    cerebro.run()
    ledger = fund.ledger()
    np.testing.assert_array_equal(ledger.nav, np.array(fund.lines.nav.array))
    np.testing.assert_array_equal(ledger.sessions, bars.sessions)


@pytest.mark.parametrize("mode", ["runonce", "streaming"])
@pytest.mark.parametrize("bad", [np.nan, 0.0, -5.0])
def test_an_index_bar_without_a_price_is_refused_by_fund_and_date(mode, bad):
    bars = random_bars(17, 30)
    frame = pd.DataFrame(
        {c: getattr(bars, c) for c in ("open", "high", "low", "close")}, pd.DatetimeIndex(bars.timestamps)
    )
    frame.iloc[12] = bad
    with pytest.raises(DataError, match=f"SOXS: the index has no price above 0 on {bars.sessions[12]}"):
        recorded(bt.feeds.PandasData(dataname=frame), ["SOXS"], mode)


@pytest.mark.parametrize("mode", MODES)
def test_a_close_adjusted_beside_prices_that_are_not_is_refused_by_date(mode):
    bars = random_bars(21, 30)
    frame = frame_of(bars)
    frame["adj_close"] = frame["close"]
    frame.iloc[12, frame.columns.get_loc("adj_close")] = 0.8 * bars.low[12]
    with pytest.raises(DataError, match=f"SOXS: the index's low .* is above close .* on {bars.sessions[12]}"):
        recorded(bt.feeds.PandasData(dataname=frame, close="adj_close"), ["SOXS"], mode)


@pytest.mark.parametrize("mode", MODES)
def test_weekly_bars_that_no_timeframe_declares_are_refused(mode):
    bars = random_bars(22, 300)
    week = frame_of(bars).resample("W-FRI")
    weekly = week.agg({"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"})
    sixth = weekly.index[5].date()
    with pytest.raises(DataError, match=f"SOXL: most of the 5 steps .* up to {sixth} are longer than 4 days"):
        recorded(bt.feeds.PandasData(dataname=weekly), ["SOXL"], mode)


@pytest.mark.parametrize("mode", MODES)
def test_an_index_feed_whose_filter_makes_bars_of_its_own_is_refused(mode):
    index = pandas_feed(random_bars(23, 60))
    index.addfilter(bt.filters.HeikinAshi)
    with pytest.raises(DataError, match="SOXS: its index feed has the filter HeikinAshi, which may rewrite"):
        recorded(index, ["SOXS"], mode)

    def doubled(data):
        data.close[0] *= 2

    index = pandas_feed(random_bars(23, 60))
    index.addfilter(doubled)
    with pytest.raises(DataError, match="has the filter doubled"):
        recorded(index, ["SOXS"], mode)


@pytest.mark.parametrize("mode", MODES)
def test_a_filter_that_leaves_bars_out_leaves_a_fund_of_the_others(mode):
    bars = random_bars(24, 60)
    index = pandas_feed(bars)
    index.addfilter_simple(lambda data: data.datetime.date(0).weekday() == 2)  # True: left out
    kept = (bars.sessions.astype(int) + 3) % 7 != 2
    others = type(bars)(
        "X",
        "X",
        bars.timestamps[kept],
        *(getattr(bars, c)[kept] for c in ("open", "high", "low", "close", "volume")),
    )
    np.testing.assert_array_equal(
        recorded(index, ["SOXS"], mode), recorded(pandas_feed(others), ["SOXS"], mode)
    )


@pytest.mark.parametrize("price", [0.0, -1.0, np.nan, np.inf])
def test_a_fund_is_not_created_at_no_price(price):
    with pytest.raises(DataError, match=r"initial_nav is .*; a fund is created at a price above 0"):
        FundFeed(dataname=BarsFeed(dataname=random_bars(25, 20)), initial_nav=price)


class Live(bt.feeds.PandasData):
    """Says that it is live; has nothing new on every other request, and ends after its last row."""

    def islive(self):
        return True

    def start(self):
        super().start()
        self.asked = 0

    def _load(self):
        self.asked += 1
        return super()._load() if self.asked % 2 else None


def test_a_live_index_that_pauses_and_ends_gives_its_bars_and_ends():
    bars = random_bars(26, 40)
    requests = []

    class Counted(Live):
        def _load(self):
            requests.append(1)
            assert len(requests) < 1000, "the run does not end"
            return super()._load()

    rows = recorded(Counted(dataname=frame_of(bars)), ["SOXS", 3], "runonce")
    np.testing.assert_array_equal(rows, recorded(pandas_feed(bars), ["SOXS", 3]))


def test_a_fund_feed_that_shows_other_bars_than_its_index_has_no_ledger():
    bars = random_bars(18, 60)
    index = BarsFeed(dataname=bars)
    fund = FundFeed(dataname=index, fund="SOXS", fromdate=bars.timestamps[20].item())
    cerebro = bt.Cerebro(stdstats=False)
    cerebro.adddata(index)
    cerebro.adddata(fund)
    cerebro.addstrategy(bt.Strategy)
    cerebro.run()
    with pytest.raises(DataError, match="same bars as its index feed"):
        fund.ledger()


def test_what_cannot_work_is_refused_in_a_sentence():
    bars = random_bars(16, 20)
    index = BarsFeed(dataname=bars)
    with pytest.raises(DataError, match="needs the index feed"):
        FundFeed(dataname=bars)
    with pytest.raises(DataError, match="needs Bars"):
        BarsFeed(dataname="SOX.csv")
    with pytest.raises(DataError, match="weekly"):
        FundFeed(dataname=bt.feeds.PandasData(dataname=pd.DataFrame(), timeframe=bt.TimeFrame.Weeks))
    cerebro = bt.Cerebro()
    cerebro.adddata(FundFeed(dataname=index))
    cerebro.adddata(index)
    with pytest.raises(DataError, match="add its index feed to cerebro before"):
        cerebro.run()
    alone = bt.Cerebro()
    alone.adddata(FundFeed(dataname=BarsFeed(dataname=bars)))
    with pytest.raises(DataError, match="add its index feed"):
        alone.run()


def test_backtrader_s_day_numbers_go_there_and_back():
    stamps = np.array(["1999-01-04", "2020-07-06T09:35", "2026-05-26T15:59:59"], dtype="M8[us]")
    np.testing.assert_array_equal(to_stamp(to_number(stamps)), stamps)
    assert to_number(stamps)[1] == pytest.approx(bt.date2num(stamps[1].item()), abs=1e-9)


def test_nasdaq_as_backtrader_reads_it_is_nasdaq():
    bars = load_bars("nasdaq").between(None, "1999-03-01")
    cerebro = bt.Cerebro(stdstats=False)
    cerebro.adddata(BarsFeed(dataname=bars))
    closes = []

    class Closes(bt.Strategy):
        def next(self):
            closes.append((self.data.datetime.date(0).isoformat(), self.data.close[0]))

    cerebro.addstrategy(Closes)
    cerebro.run()
    assert closes == list(zip(bars.sessions.astype(str).tolist(), bars.close.tolist(), strict=True))
