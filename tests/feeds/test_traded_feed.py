"""A fund's feed with its own bars, in plain backtrader: the ledger in every mode, and dividends in cash."""

import backtrader as bt
import numpy as np
import pandas as pd
import pytest

from engine import LabBroker
from feeds.backtrader_feeds import BarsFeed, FundFeed
from feeds.traded.fund import traded_fund
from letf_instruments import DataError, known_fund, synthesize
from tests.conftest import random_bars
from tests.feeds.test_backtrader_feeds import MODES

N, FIRST, LAST, EX = 200, 50, 150, 100
INDEX = random_bars(21, N)
LINES = ("open", "high", "low", "close", "volume", "nav", "factor", "split", "dividend", "scale")


def frame():
    """Bars of SOXL for a part of the index's sessions, one of them missing, with one dividend of 1 %."""
    own = random_bars(22, N, volatility=0.06)
    columns = {c: getattr(own, c) for c in ("open", "high", "low", "close")}
    made = pd.DataFrame(columns, index=pd.DatetimeIndex(INDEX.sessions.astype("datetime64[s]")))
    made["volume"] = 1e6 + np.arange(N)
    made["adj_close"] = made["close"] * np.where(np.arange(N) < EX, 0.99, 1.0)
    return made.iloc[np.delete(np.arange(FIRST, LAST), 20)]


class Recorder(bt.Strategy):
    def __init__(self):
        self.rows = []

    def next(self):
        self.rows.append([getattr(self.datas[1].lines, name)[0] for name in LINES])


def recorded(mode, traded, **options):
    cerebro = bt.Cerebro(stdstats=False)
    index = BarsFeed(dataname=INDEX)
    cerebro.adddata(index)
    cerebro.adddata(FundFeed(dataname=index, fund="SOXL", traded=traded, **options))
    cerebro.addstrategy(Recorder)
    rows = np.array(cerebro.run(**MODES[mode])[0].rows)
    return dict(zip(LINES, rows.T, strict=True))


@pytest.mark.parametrize("splits", ["none", "issuer"])
@pytest.mark.parametrize("mode", MODES)
def test_a_frame_of_the_fund_s_own_bars_is_the_same_in_every_mode(mode, splits):
    lines = recorded(mode, frame(), splits=splits)
    own = traded_fund(traded_bars(), known_fund("SOXL"))
    index = (INDEX.open, INDEX.high, INDEX.low, INDEX.close)
    ledger = synthesize(known_fund("SOXL"), INDEX.sessions, *index, traded=own.on(INDEX.timestamps))
    factor = lines["factor"]
    for name in ("open", "high", "low", "close"):
        np.testing.assert_array_equal(lines[name], getattr(ledger, name) * factor, err_msg=name)
    np.testing.assert_array_equal(lines["scale"], ledger.scale)
    np.testing.assert_array_equal(lines["dividend"], ledger.distributed * factor)
    # What was traded is worth what it was worth: real shares at real prices.
    quoted = np.flatnonzero(ledger.traded)
    at = np.searchsorted(own.bars.timestamps, INDEX.timestamps[quoted])
    worth = own.bars.volume[at] * own.bars.close[at]
    np.testing.assert_allclose(lines["volume"][quoted] * lines["close"][quoted], worth)
    assert not np.delete(lines["volume"], quoted).any()


def traded_bars():
    from feeds.reading.files import read_bars
    from feeds.reading.memory import Memory

    return read_bars(Memory("SOXL", frame()))


class Buyer(bt.Strategy):
    def next(self):
        if len(self) == EX - 10:
            self.buy(self.datas[1], size=100)


@pytest.mark.parametrize("mode", ["runonce", "streaming"])
def test_dividends_of_a_traded_fund_go_into_cash_in_a_plain_script(mode):
    cerebro = bt.Cerebro(stdstats=False)
    index = BarsFeed(dataname=INDEX)
    cerebro.adddata(index)
    cerebro.adddata(FundFeed(dataname=index, fund="SOXL", traded=frame()))
    cerebro.addstrategy(Buyer)
    cerebro.setbroker(LabBroker())
    cerebro.run(**MODES[mode])
    paid = sum(cerebro.broker.dividends.values())
    own = traded_fund(traded_bars(), known_fund("SOXL"))
    index_bars = (INDEX.open, INDEX.high, INDEX.low, INDEX.close)
    ledger = synthesize(known_fund("SOXL"), INDEX.sessions, *index_bars, traded=own.on(INDEX.timestamps))
    assert paid == pytest.approx(100 * 0.01 * ledger.close[EX - 1], rel=1e-4)


def test_daily_bars_under_an_intraday_index_are_refused():
    minutes = bt.feeds.PandasData(dataname=frame(), timeframe=bt.TimeFrame.Minutes)
    with pytest.raises(DataError, match=r"its bars are daily, those of the index are intraday"):
        FundFeed(dataname=minutes, fund="SOXL", traded=frame())
