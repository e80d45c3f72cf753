"""Lines that share a place are where backtrader has its own, and part as soon as one is moved by itself."""

import array

import backtrader as bt
import numpy as np
import pytest
from backtrader.linebuffer import LineBuffer

from feeds import BarsFeed
from feeds.coupled_lines import CoupledLine, Place
from tests.conftest import flat_bars


def lines(*columns):
    made = []
    for column in columns:
        line = LineBuffer()
        line.array = array.array("d", column)
        made.append(line)
    return made


def coupled():
    place, made = Place(), lines([1.0, 2.0, 3.0], [10.0, 20.0, 30.0])
    assert place.couple(made)
    return place, made


def test_they_stand_where_the_place_is():
    place, (a, b) = coupled()
    place.index, place.count = 1, 2
    assert (a[0], a[-1], b[0], b[1]) == (2.0, 1.0, 20.0, 30.0)
    assert (len(a), a.idx, b.get_idx(), b.lencount) == (2, 1, 1, 2)
    assert a.get(size=2).tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("move", "at"), [("rewind", 0), ("advance", 2), ("backwards", 0), ("forward", 2), ("home", -1)]
)
def test_one_that_is_moved_parts_from_the_others_which_stay(move, at):
    place, (a, b) = coupled()
    place.index, place.count = 1, 2
    getattr(a, move)()
    assert (type(a), type(b), place.lines) == (LineBuffer, LineBuffer, ())
    assert (a.idx, a.lencount) == (at, at + 1)
    assert (b.idx, b.lencount, b[0]) == (1, 2, 20.0)


def test_only_lines_that_stand_before_their_first_bar_are_taken():
    a, b = lines([1.0], [2.0])
    b.advance()
    assert not Place().couple([a, b])
    assert (type(a), type(b)) == (LineBuffer, LineBuffer)
    assert not Place().couple([*lines([1.0]), bt.LineSeries])


class Seen(bt.Strategy):
    """What a strategy finds on each bar, and behind it."""

    def __init__(self):
        self.average = bt.ind.SMA(self.data.close, period=2)
        self.said = []

    def next(self):
        data = self.data
        self.said.append((len(data), data.close[0], data.close[-1], data.high.get(size=2), self.average[0]))


@pytest.mark.parametrize("more", [{}, {"runonce": False}, {"preload": False, "runonce": False}])
def test_a_stock_cerebro_sees_the_same_and_so_does_its_second_run(more):
    closes = [10.0, 11.0, 12.5, 12.0]
    cerebro = bt.Cerebro(stdstats=False, **more)
    cerebro.adddata(BarsFeed(dataname=flat_bars(closes)))
    cerebro.addstrategy(Seen)
    first, second = (cerebro.run()[0] for _ in range(2))
    want = [(i + 1, closes[i], closes[i - 1], np.mean(closes[i - 1 : i + 1])) for i in range(1, 4)]
    for run in (first, second):
        assert [(n, c, b, pytest.approx(mean)) for n, c, b, _, mean in run.said] == want


def test_a_feed_filled_at_once_is_coupled_and_one_loaded_bar_by_bar_is_not():
    found = {}
    for preload in (True, False):
        cerebro = bt.Cerebro(stdstats=False, preload=preload, runonce=preload)
        feed = BarsFeed(dataname=flat_bars([10.0, 11.0, 12.0]))
        cerebro.adddata(feed)
        cerebro.addstrategy(Seen)
        cerebro.run()
        found[preload] = type(feed.lines.close)
    assert found == {True: CoupledLine, False: LineBuffer}
