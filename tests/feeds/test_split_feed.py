"""The fund feed with splits: prices as traded, the ledger of a share that is never split."""

import backtrader as bt
import numpy as np
import pytest

from feeds.backtrader_feeds import BarsFeed, FundFeed
from feeds.volumes import Volumes
from letf_instruments import DataError, LeveragedFund
from letf_instruments.splits import ActualSplits, IssuerSplits, Ratio
from strategies.carriers.signal_feed import market_of
from tests.conftest import make_bars, random_bars

MODES = {
    "runonce": {},
    "next": {"runonce": False},
    "streaming": {"runonce": False, "preload": False},
}
COLUMNS = ("open", "high", "low", "close", "volume", "nav", "rebalance", "factor", "split")
OFTEN = IssuerSplits(low=38, high=42, target=40, sessions=1, notice=1)


class Recorder(bt.Strategy):
    def __init__(self):
        self.rows, self.seen = [], []

    def next(self):
        self.rows.append([getattr(self.data1, c)[0] for c in COLUMNS])
        fund = market_of(self.datas, len(self))[self.data1._name]
        self.seen.append([fund.open[-1], fund.high[-1], fund.low[-1], fund.close[-1], fund.volume[-1]])


def recorded(bars, mode="runonce", **fund):
    cerebro = bt.Cerebro(stdstats=False)
    index = BarsFeed(dataname=bars)
    cerebro.adddata(index)
    feed = FundFeed(dataname=index, **{"fund": -3, "short_rate": 0.02, **fund})
    cerebro.adddata(feed)
    cerebro.addstrategy(Recorder)
    strategy = cerebro.run(**MODES[mode])[0]
    return np.array(strategy.rows), np.array(strategy.seen), feed


@pytest.mark.parametrize("mode", MODES)
def test_all_modes_give_the_same_bits_and_rules_see_the_fund_without_splits(mode):
    bars = random_bars(5, 150)
    volume = Volumes(bars)
    rows, seen, feed = recorded(bars, mode, splits=OFTEN, volume=volume)
    np.testing.assert_array_equal(rows, recorded(bars, splits=OFTEN, volume=volume)[0])
    plain, _, unsplit = recorded(bars, volume=volume)
    assert (rows[:, 8] != 1).sum() > 20
    np.testing.assert_array_equal(seen, plain[:, :5])
    np.testing.assert_array_equal(rows[:, 5:7], plain[:, 5:7])  # nav and rebalance
    np.testing.assert_array_equal(feed.ledger().close, unsplit.ledger().close)
    np.testing.assert_array_equal(rows[:, :4], plain[:, :4] * rows[:, 7:8])
    np.testing.assert_allclose(rows[:, 3] * rows[:, 4], plain[:, 3] * plain[:, 4])  # money traded


def test_as_traded_prices_by_hand():
    """A 1x fund of an index at 4, 4, 5: split 1 for 10 on the third day it prints 50."""
    bars = make_bars([(4, 4, 4, 4), (4, 4.4, 3.6, 4), (4.8, 5.2, 4.8, 5)])
    splits = ActualSplits((bars.sessions[2],), (Ratio(1, 10),))
    fund = LeveragedFund("X", 1.0)
    rows, _, _ = recorded(bars, fund=fund, short_rate=0.0, initial_nav=4.0, splits=splits)
    np.testing.assert_allclose(rows[1, :4], [4, 4.4, 3.6, 4])
    np.testing.assert_allclose(rows[2, :4], [48, 52, 48, 50])
    assert rows[:, 7].tolist() == [1, 1, 10]
    assert rows[:, 8].tolist() == [1, 1, 0.1]
    assert rows[2, 5] == pytest.approx(5)


@pytest.mark.parametrize("mode", MODES)
def test_without_splits_the_lines_are_there_and_say_nothing(mode):
    rows, _, feed = recorded(random_bars(6, 30), mode)
    assert (rows[:, 7:] == 1).all()
    assert not feed.may_split


def test_a_resampled_feed_is_refused():
    cerebro = bt.Cerebro(stdstats=False)
    index = BarsFeed(dataname=random_bars(7, 30))
    cerebro.adddata(index)
    cerebro.resampledata(FundFeed(dataname=index, fund=-3, splits="issuer"), timeframe=bt.TimeFrame.Weeks)
    cerebro.addstrategy(bt.Strategy)
    with pytest.raises(DataError, match="cannot be replayed, resampled or filtered"):
        cerebro.run()
