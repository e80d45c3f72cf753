"""A dividend goes to who held at the close before, by hand; a short pays it."""

from dataclasses import replace

import numpy as np
import pytest

from analyzers import EquityLog, TradeLog
from engine import CfdBroker, Lab, LabBroker
from feeds.backtrader_feeds import BarsFeed
from tests.conftest import make_bars
from tests.engine.scripted import Scripted

# 100 throughout, and 98 from the fourth bar on, when 2 a share are paid before the open.
ROWS = [(100.0,) * 4] * 3 + [(98.0,) * 4] * 3
PAYING = replace(make_bars(ROWS), dividends=np.array([0.0, 0.0, 0.0, 2.0, 0.0, 0.0]))
MODES = [{}, {"runonce": False}, {"runonce": False, "preload": False}]


def play(script, broker=None, **how):
    lab = Lab(broker or LabBroker(cash=10_000.0))
    lab.adddata(BarsFeed(dataname=PAYING))
    lab.addstrategy(Scripted, script=script)
    lab.addanalyzer(EquityLog)
    lab.addanalyzer(TradeLog)
    strategy = lab.run(**how)[0]
    return strategy.values, lab.broker, strategy.analyzers[1].trades


@pytest.mark.parametrize("how", MODES)
def test_who_held_at_the_close_before_is_paid_and_equity_does_not_move(how):
    values, broker, trades = play({0: lambda s: s.buy(size=50)}, **how)
    assert values == pytest.approx([10_000.0] * 6)
    assert broker.accounts["dividends"] == pytest.approx(100.0)
    assert broker.getcash() == pytest.approx(10_000 - 5_000 + 100)
    (trade,) = trades
    assert (trade.entry_price, trade.exit_price) == (100.0, 98.0)
    assert trade.dividends == pytest.approx(100.0)
    assert (trade.profit, trade.ret) == (pytest.approx(0.0), pytest.approx(0.0))


def test_a_short_pays_it():
    values, broker, trades = play({0: lambda s: s.sell(size=50), 4: lambda s: s.close()})
    assert values == pytest.approx([10_000.0] * 6)
    assert broker.accounts["dividends"] == pytest.approx(-100.0)
    assert trades[0].dividends == pytest.approx(-100.0)
    assert trades[0].profit == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("bought", "sold", "paid"),
    [
        (2, None, 0.0),  # bought at the open of the ex-date: too late
        (0, 2, 100.0),  # sold at the open of the ex-date: held at the close before
        (0, 1, 0.0),  # sold the day before
    ],
)
def test_only_the_night_before_counts(bought, sold, paid):
    script = {bought: lambda s: s.buy(size=50)}
    if sold is not None:
        script[sold] = lambda s: s.close()
    _, broker, trades = play(script)
    assert broker.accounts["dividends"] == pytest.approx(paid)
    assert sum(t.dividends for t in trades) == pytest.approx(paid)


def test_two_trades_each_have_their_own():
    script = {0: lambda s: s.buy(size=50), 3: lambda s: s.close(), 4: lambda s: s.buy(size=10)}
    _, _, trades = play(script)
    assert [t.dividends for t in trades] == pytest.approx([100.0, 0.0])


def test_a_contract_for_difference_passes_it_on():
    values, broker, _ = play({0: lambda s: s.buy(size=50)}, CfdBroker(cash=10_000.0))
    assert broker.accounts["dividends"] == pytest.approx(100.0)
    financing = broker.accounts["financing"]
    assert values[-1] == pytest.approx(10_000 - financing)
