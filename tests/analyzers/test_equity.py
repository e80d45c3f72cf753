"""Exposure by each of its names, and the account at the worst prices of its bars."""

import backtrader as bt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers import EquityLog
from engine import Costs, Lab, LabBroker
from feeds.backtrader_feeds import BarsFeed, FundFeed
from letf_instruments import LeveragedFund
from letf_instruments.splits import ActualSplits, Ratio
from runs.backtest.metrics import drawdown_within_bar, exposures, performance
from tests.conftest import make_bars, random_bars
from tests.engine.scripted import Scripted, bracket

FLAT = (100.0, 100.0, 100.0, 100.0)


def log_of(rows, script, *assets, funds=(), **broker):
    """The log of a script in a cash account of 10,000, on bars, other bars and funds on the first."""
    lab = Lab(LabBroker(**{"cash": 10_000.0, **broker}))
    index = BarsFeed(dataname=rows if hasattr(rows, "open") else make_bars(rows))
    lab.adddata(index)
    for i, asset in enumerate(assets):
        lab.adddata(BarsFeed(dataname=make_bars(asset, name=f"ASSET{i}")))
    for fund in funds:
        lab.adddata(FundFeed(dataname=index, fund=fund, initial_nav=100.0))
    lab.addstrategy(Scripted, script=script)
    lab.addanalyzer(EquityLog)
    return lab.run()[0].analyzers[0]


def test_a_long_and_a_short_add_up_gross_and_offset_each_other_net():
    def both(strategy):
        strategy.sell(data=strategy.datas[1], size=30)
        strategy.buy(data=strategy.datas[0], size=50)

    log = log_of([FLAT] * 3, {0: both}, [FLAT] * 3)
    assert log.exposure_gross.tolist() == [0.0, pytest.approx(0.8), pytest.approx(0.8)]
    assert log.exposure_net.tolist() == [0.0, pytest.approx(0.2), pytest.approx(0.2)]
    assert log.exposure_index[1] == pytest.approx(0.2)  # neither is a fund


def test_each_fund_counts_times_its_multiple():
    def both(strategy):
        strategy.buy(data=strategy.datas[1], size=20)
        strategy.sell(data=strategy.datas[2], size=10)

    # 2,000 in +3x, 1,000 of −3x sold short: an index position of 6,000 + 3,000 on 10,000.
    funds = (LeveragedFund("UP", 3.0), LeveragedFund("DOWN", -3.0))
    log = log_of([FLAT] * 3, {0: both}, funds=funds)
    assert log.exposure_gross[2] == pytest.approx(0.3, rel=1e-3)
    assert log.exposure_net[2] == pytest.approx(0.1, rel=1e-3)
    assert log.exposure_index[2] == pytest.approx(0.9, rel=1e-3)


def test_exposure_of_an_account_in_debt_keeps_the_sign_of_the_position():
    log = log_of([FLAT, FLAT, (400.0,) * 4], {0: lambda s: s.sell(size=50)})
    assert log.equity[2] == pytest.approx(-5_000)
    assert log.exposure_gross[2] == pytest.approx(4.0)
    assert log.exposure_net[2] == log.exposure_index[2] == pytest.approx(-4.0)


def test_at_the_worst_a_long_is_at_its_low_and_a_short_at_its_high_all_at_once():
    def both(strategy):
        strategy.buy(data=strategy.datas[0], size=10)
        strategy.sell(data=strategy.datas[1], size=5)

    bar = (100.0, 110.0, 80.0, 105.0)
    log = log_of([FLAT, bar, FLAT], {0: both}, [FLAT, bar, FLAT])
    # At the close 10,000 + 10 · 5 − 5 · 5; at worst 10 · −20 and 5 · −10.
    assert log.equity.tolist() == pytest.approx([10_000, 10_025, 10_000])
    assert log.worst.tolist() == pytest.approx([10_000, 10_000 - 200 - 50, 10_000])


@pytest.mark.parametrize(
    ("row", "worst"),
    [
        ((100.0, 103.0, 80.0, 101.0), -10 * 5.0),  # out at 95: what comes after is not met
        ((93.0, 99.0, 80.0, 95.0), -10 * 7.0),  # out at the open
        ((100.0, 112.0, 97.0, 105.0), -10 * 3.0),  # out at 110, the low of 97 may have come before
        ((111.0, 120.0, 80.0, 90.0), 10 * 11.0),  # out at the open
        ((100.0, 104.0, 96.0, 103.0), -10 * 4.0),  # held
    ],
)
def test_of_the_bar_on_which_it_is_left_a_position_meets_what_may_have_come_before(row, worst):
    log = log_of([FLAT, FLAT, row], {0: bracket(10, stop=0.05, target=0.10)})
    assert log.worst[2] == pytest.approx(10_000 + worst)


def test_what_trades_at_the_close_meets_all_of_the_bar_it_leaves_and_none_of_the_one_it_enters():
    script = {
        0: lambda s: s.buy(size=10, exectype=bt.Order.Close),
        1: lambda s: s.sell(size=10, exectype=bt.Order.Close),
    }
    row = (100.0, 104.0, 90.0, 101.0)
    log = log_of([FLAT, (100.0, 130.0, 50.0, 100.0), row, FLAT], script)
    assert log.worst.tolist() == pytest.approx([10_000, 10_000, 9_900, 10_010])


def test_a_split_changes_nothing_of_it():
    bars = random_bars(3, 12)
    script = {1: lambda s: s.buy(data=s.datas[1], size=20), 8: lambda s: s.close(data=s.datas[1])}
    found = []
    for splits in ("none", ActualSplits((bars.sessions[5],), (Ratio(1, 10),))):
        lab = Lab(LabBroker(cash=10_000.0))
        index = BarsFeed(dataname=bars)
        lab.adddata(index)
        lab.adddata(FundFeed(dataname=index, fund=LeveragedFund("X", -3.0), initial_nav=5.0, splits=splits))
        lab.addstrategy(Scripted, script=script)
        lab.addanalyzer(EquityLog)
        log = lab.run()[0].analyzers[0]
        found.append([log.worst, log.exposure_gross, log.exposure_index])
    np.testing.assert_allclose(found[1], found[0], rtol=1e-9)
    assert found[0][1].max() > 0


ACTIONS = st.lists(
    st.tuples(st.integers(0, 28), st.integers(0, 1), st.integers(-60, 60)), min_size=1, max_size=12
)


@given(st.integers(0, 500), ACTIONS)
def test_gross_is_no_less_than_net_and_the_account_has_never_been_below_its_worst(seed, actions):
    script = {}
    for bar, feed, size in actions:
        script[bar] = lambda s, feed=feed, size=size: (s.buy if size > 0 else s.sell)(
            data=s.datas[feed], size=abs(size)
        )
    log = log_of(random_bars(seed, 30), script, funds=(LeveragedFund("X", -3.0),), costs=Costs(5.0))
    gross, net, index = log.exposure_gross, log.exposure_net, log.exposure_index
    assert (gross >= np.abs(net) - 1e-12).all()
    assert (3 * gross >= np.abs(index) - 1e-12).all()
    assert (log.worst <= log.equity + 1e-9).all()
    curve = log.by_session()
    depth = performance(*curve.from_start(), np.zeros(len(curve.from_start()[0])))["max_drawdown"]
    assert drawdown_within_bar(curve) <= depth + 1e-12
    assert exposures(curve)["exposure_gross"] == pytest.approx(gross.mean())


def test_a_session_of_several_bars_is_as_low_as_its_lowest():
    log = log_of([FLAT] * 3, {0: lambda s: s.buy(size=10)})
    log._numbers[2] = log._numbers[1] + 0.25  # the last two bars are one session
    log._held["behind"][0] = 70.0
    curve = log.by_session()
    assert curve.worst.tolist() == [10_000, 9_930]
    assert drawdown_within_bar(curve) == pytest.approx(-0.007)
