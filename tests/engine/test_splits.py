"""A split moves no money: by hand, and against the same run on prices that are never split."""

import backtrader as bt
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from analyzers import EquityLog, LegAnalyzer, TradeLog
from engine import Costs, Lab, LabBroker
from engine.splits import in_words
from feeds.backtrader_feeds import BarsFeed, FundFeed
from feeds.volumes import Volumes
from letf_instruments import LeveragedFund
from letf_instruments.sizes import whole
from letf_instruments.splits import ActualSplits, Ratio
from tests.conftest import make_bars, random_bars
from tests.engine.scripted import Scripted
from tests.engine.test_ledger import KINDS, actions, orders_of, with_volume

FIVE = (5.0, 5.0, 5.0, 5.0)


class Traded(Scripted):
    """Trades the second feed, and keeps what backtrader itself says of trades."""

    def __init__(self):
        super().__init__()
        self.told = []

    def notify_trade(self, trade):
        if trade.isclosed:
            self.told.append(trade.pnl)


def play(rows, split_on, ratio, script, **broker):
    """A 1x fund at the index's own prices, split on one bar. Returns strategy, broker, trades."""
    bars = make_bars(rows)
    lab = Lab(LabBroker(**{"cash": 10_000.0, **broker}))
    index = BarsFeed(dataname=bars)
    lab.adddata(index)
    splits = ActualSplits((bars.sessions[split_on],), (Ratio(*ratio),))
    lab.adddata(FundFeed(dataname=index, fund=LeveragedFund("X", 1.0), initial_nav=rows[0][3], splits=splits))
    lab.addstrategy(Traded, script=script)
    lab.addanalyzer(TradeLog)
    strategy = lab.run()[0]
    return strategy, lab.broker, strategy.analyzers[0].trades


def order(side, size, **how):
    return lambda s: getattr(s, side)(data=s.datas[1], size=size, **how)


def bracket(size, stop, target):
    def act(s):
        entry = s.buy(data=s.datas[1], size=size, transmit=False)
        stop_ = {"exectype": bt.Order.Stop, "price": stop, "reason": "stop"}
        s.sell(data=s.datas[1], size=size, parent=entry, transmit=False, **stop_)
        s.sell(data=s.datas[1], size=size, parent=entry, exectype=bt.Order.Limit, price=target)

    return act


def fills(strategy):
    return [(bar, pytest.approx(price), pytest.approx(size)) for bar, price, size, _ in strategy.fills]


# -- by hand ----------------------------------------------------------------------------------------


def test_a_long_keeps_its_worth_and_its_stop_stands_at_ten_times_the_price():
    # 30 bought at 5; 1:10 makes 3 of them, the stop of 4.5 stands at 45 and is hit on the bar after.
    rows = [FIVE, FIVE, FIVE, (5, 5, 4.2, 4.4)]
    strategy, broker, trades = play(rows, 2, (1, 10), {0: bracket(30, 4.5, 6.0)})
    assert fills(strategy) == [(1, 5, 30), (3, 45, -3)]
    assert strategy.values[1:3] == [10_000, 10_000]
    assert broker.getvalue() == pytest.approx(10_000 - 30 * 0.5)
    assert broker.notes == ["2020-01-08: X: split 1:10: 30 shares became 3"]
    assert strategy.told == [pytest.approx(-15)]
    (trade,) = trades
    # The statement is in the shares of the exit's day: 3 bought at 50, sold at 45.
    assert (trade.entry_price, trade.exit_price, trade.size) == (
        pytest.approx(50),
        pytest.approx(45),
        pytest.approx(3),
    )
    assert trade.profit == pytest.approx(-15)
    assert trade.ret == pytest.approx(-0.1)
    assert trade.exit_reason == "stop"


def test_a_stop_and_a_target_can_be_met_on_the_ex_date_itself():
    gap = [FIVE, FIVE, (4, 4, 4, 4)]
    strategy, broker, _ = play(gap, 2, (1, 10), {0: bracket(30, 4.5, 6.0)})
    assert fills(strategy)[1] == (2, 40, -3)  # the open has passed the stop
    rise = [FIVE, FIVE, (5, 6.5, 5, 6)]
    strategy, broker, _ = play(rise, 2, (1, 10), {0: bracket(30, 4.5, 6.0)})
    assert fills(strategy)[1] == (2, 60, -3)
    assert broker.getvalue() == pytest.approx(10_030)


def test_a_short_and_its_trailing_stop_go_over_to_the_new_shares():
    # 100 sold at 120; 4:1 makes 400. The trail of 10 a share is then 2.5; low 100 / 4 = 25: stop at 27.5.
    high = (120.0, 120.0, 120.0, 120.0)
    rows = [high, high, (120, 120, 100, 104), (104, 120, 104, 120)]

    def short(s):
        entry = s.sell(data=s.datas[1], size=100, transmit=False)
        s.buy(data=s.datas[1], size=100, exectype=bt.Order.StopTrail, trailamount=10.0, parent=entry)

    strategy, broker, _ = play(rows, 2, (4, 1), {0: short}, cash=100_000.0)
    assert fills(strategy) == [(1, 120, -100), (3, 27.5, 400)]
    assert broker.getvalue() == pytest.approx(100_000 + 100 * 10)


def test_an_order_decided_before_the_ex_date_is_for_new_shares():
    strategy, broker, _ = play([FIVE, FIVE, FIVE], 1, (1, 10), {0: order("buy", 100)})
    assert fills(strategy) == [(1, 50, 10)]
    assert not broker.notes  # nothing was held


def test_an_order_decided_on_the_ex_date_is_for_the_shares_of_that_day():
    strategy, _, _ = play([FIVE, FIVE, FIVE], 1, (1, 10), {1: order("buy", 100)})
    assert fills(strategy) == [(2, 50, 100)]


def test_an_order_filled_in_part_before_and_in_part_after():
    """200 held; a bar of 50 shares gives a quarter of the sale before 1:10, then bars of 5 the rest."""
    bars = make_bars([FIVE] * 7)
    bars = type(bars)(
        "T", "T", bars.timestamps, bars.open, bars.high, bars.low, bars.close, np.full(7, 200.0)
    )
    lab = Lab(LabBroker(cash=10_000.0, costs=Costs(max_participation=0.25)))
    index = BarsFeed(dataname=bars)
    lab.adddata(index)
    splits = ActualSplits((bars.sessions[3],), (Ratio(1, 10),))
    fund = LeveragedFund("X", 1.0)
    feed = FundFeed(dataname=index, fund=fund, initial_nav=5.0, splits=splits, volume=Volumes(bars))
    lab.adddata(feed)
    script = {0: order("buy", 50), 1: order("sell", 100)}
    # The sale of 100 closes 50; but first bar 1 adds nothing more: 50 of 50 are sold on bar 2.
    lab.addstrategy(Traded, script={**script, 1: order("buy", 50), 2: order("sell", 100)})
    log = []

    class Fills(bt.Analyzer):
        def notify_order(self, sent):
            log.extend((len(sent.data) - 1, f.price, f.size) for f in sent.executed.iterpending())

    lab.addanalyzer(Fills)
    lab.run()
    # 50 and 50 bought; of the 100 for sale, now 10, 5 new shares (a quarter of 20) on each of two bars.
    assert log == [
        (1, 5.0, 50.0),
        (2, 5.0, 50.0),
        (3, pytest.approx(50.0), pytest.approx(-5)),
        (4, pytest.approx(50.0), pytest.approx(-5)),
    ]
    assert lab.broker.getvalue() == pytest.approx(10_000)


# -- whole shares -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("side", "sign"), [("buy", 1), ("sell", -1)])
def test_with_whole_shares_the_rest_is_settled_in_cash_at_the_open(side, sign):
    # 37 at 5.00; 1:10 is 3.7; the open is 52, so .7 comes to 36.40. The close is 55.
    rows = [FIVE, FIVE, (5.2, 5.5, 5.2, 5.5), (5.5, 5.5, 5.5, 5.5)]
    costs = Costs(commission_per_trade=1.0)
    strategy, broker, _ = play(rows, 2, (1, 10), {0: order(side, 37)}, whole_shares=True, costs=costs)
    held = broker.getposition(strategy.datas[1]).size
    assert held == sign * 3
    assert broker.getcash() == pytest.approx(10_000 - sign * 185 - 1 + sign * 36.40, abs=1e-9)
    assert broker.getvalue() == pytest.approx(10_000 - 1 + sign * (36.40 + 165 - 185), abs=1e-9)
    words = "0.7 are paid out" if sign > 0 else "0.7 are bought back"
    assert f"{37 * sign} shares became {3.7 * sign:g}, of which {words} in cash at 52" in broker.notes[0]


def test_a_holding_of_less_than_a_new_share_is_paid_out_and_its_orders_go():
    rows = [FIVE, FIVE, (5.2, 5.2, 5.2, 5.2), (9, 9, 1, 1)]
    strategy, broker, trades = play(rows, 2, (1, 10), {0: bracket(5, 4.5, 6.0)}, whole_shares=True)
    assert broker.getposition(strategy.datas[1]).size == 0
    assert broker.getcash() == broker.getvalue() == pytest.approx(10_001)
    assert not broker.pending
    (trade,) = trades
    assert trade.exit_reason == "cash in lieu"
    assert trade.exit_date == strategy.datas[1].datetime.date(-1)  # the day of the split, not the one before
    assert trade.profit == pytest.approx(1.0)
    assert {o.info["why"] for o in strategy.orders.values() if o.status == o.Canceled} == {
        "the split left less than a share of it"
    }


def test_whole_orders_stay_whole_and_protect_what_is_left():
    rows = [FIVE, FIVE, FIVE, (4, 4, 4, 4)]
    strategy, broker, _ = play(rows, 2, (1, 10), {0: bracket(37, 4.5, 6.0)}, whole_shares=True)
    assert fills(strategy) == [(1, 5, 37), (2, 50, -0.7), (3, 40, -3)]
    assert broker.getcash() == pytest.approx(10_000 - 185 + 35 + 120)


def test_what_is_whole_but_for_rounding_is_whole():
    assert whole(30 * 0.1) == 3
    assert whole(36 * (1 / 12)) == 3
    assert whole(-29.999999999999996) == -30
    assert whole(0.7) == 0
    assert (in_words(0.1), in_words(1 / 12), in_words(15.0), in_words(1.5)) == ("1:10", "1:12", "15:1", "3:2")


# -- cents ------------------------------------------------------------------------------------------


def test_a_cent_is_50_basis_points_of_two_dollars_and_2_of_fifty():
    two = (2.0, 2.0, 2.0, 2.0)
    script = {0: order("buy", 500), 2: order("sell", 20)}  # 1,000 dollars' worth each way
    strategy, _, _ = play([two] * 4, 2, (1, 25), script, costs=Costs(half_spread_cents=1.0))
    paid = [o.executed.comm for o in strategy.orders.values() if o.status == o.Completed]
    assert paid == [pytest.approx(1_000 * 50e-4), pytest.approx(1_000 * 2e-4)]


# -- against the run without splits -----------------------------------------------------------------


class Watchful(LabBroker):
    """Compares equity before and after each split, at the price at which it is made."""

    def init(self):
        super().init()
        self.worst, self.splits = 0.0, 0

    def _split(self, data, split):
        if data not in self.positions:
            super()._split(data, split)
            return

        def equity(price):
            others = sum(
                p.size * self._closes[d] for d, p in self.positions.items() if p.size and d is not data
            )
            return self.cash + others + self.positions[data].size * price

        at = data.open[0]
        before, held = equity(at * split), self.positions[data].size
        super()._split(data, split)
        self.worst = max(self.worst, abs(equity(at) - before) / max(abs(before), abs(held * at * split), 1.0))
        self.splits += bool(held)


class Random(bt.Strategy):
    """Sends what the script says, in shares of the day, and records what becomes of it."""

    params = (("script", None),)

    def __init__(self):
        self.log = []

    def next(self):
        for kind, which, size, near in self.p.script.get(len(self) - 1, ()):
            size /= self.datas[which].factor[0]
            if kind in OWN:
                OWN[kind](self, self.datas[which], size, near)
            elif kind == "trail of a few dollars":
                data = self.datas[which]
                self.sell(data=data, size=size, exectype=bt.Order.StopTrail, trailamount=near * data.close[0])
            else:
                orders_of(kind, which, size, near)(self)

    def notify_order(self, order):
        self.log.append((len(self), order.exectype, order.isbuy(), order.status, order.info.get("why")))


def protected(s, data, size, near):
    close = data.close[0]
    entry = s.buy(data=data, size=size, transmit=False)
    stop = {"exectype": bt.Order.Stop, "price": close * (1 - near), "from_fill": -near}
    s.sell(data=data, size=size, parent=entry, transmit=False, **stop)
    s.sell(data=data, size=size, parent=entry, exectype=bt.Order.Limit, price=close * (1 + 2 * near))


def either(s, data, size, near):
    close = data.close[0]
    first = s.buy(data=data, size=size, exectype=bt.Order.Limit, price=close * (1 - near))
    s.buy(data=data, size=size, exectype=bt.Order.Stop, price=close * (1 + near), oco=first)


UNSHRUNK = [Phase.generate]  # to make a failing example small takes minutes
OWN = {"protected": protected, "either": either}
RATIOS = [(1, 2), (1, 4), (1, 5), (1, 7), (1, 10), (1, 12), (1, 20), (2, 1), (3, 1), (3, 2), (4, 1), (15, 1)]
ON_FUNDS = [k for k in KINDS if k not in ("bracket", "one of two")]
random_actions = st.lists(
    st.tuples(
        st.integers(1, 47),
        st.sampled_from([*ON_FUNDS, *OWN, "trail of a few dollars"]),
        st.integers(1, 2),
        st.floats(0.1, 400),
        st.floats(0.001, 0.1),
    ),
    max_size=40,
)
random_splits = st.lists(st.tuples(st.integers(1, 49), st.sampled_from(RATIOS)), max_size=12)
proportional = st.builds(
    Costs,
    commission_bps=st.floats(0, 20),
    commission_per_trade=st.floats(0, 5),
    commission_minimum=st.floats(0, 5),
    slippage_bps=st.floats(0, 20),
    impact_bps=st.floats(0, 80),
    max_participation=st.sampled_from([1.0, 0.5, 0.05]),
)


def run_random(seed, script, splits, broker, kind=Random, which=(-3,)):
    """The script on a -3x and a +3x fund, of which some split. Returns the strategy and what was logged."""
    bars = with_volume(random_bars(seed, 50, volatility=0.05, gap=0.03), seed)
    lab = Lab(broker)
    index = BarsFeed(dataname=bars)
    lab.adddata(index)
    made = dict(sorted(splits))
    policy = ActualSplits(tuple(bars.sessions[i] for i in made), tuple(Ratio(*r) for r in made.values()))
    for fund in (-3, 3):
        own = policy if fund in which else "none"
        lab.adddata(FundFeed(dataname=index, fund=fund, short_rate=0.03, volume=Volumes(bars), splits=own))
    lab.addstrategy(kind, script=script)
    for analyzer in (EquityLog, TradeLog, LegAnalyzer):
        lab.addanalyzer(analyzer)
    strategy = lab.run()[0]
    log, trades, legs = strategy.analyzers
    return strategy, log.equity, trades.trades, legs


@given(random_actions, random_splits, proportional, st.integers(0, 10_000))
@settings(deadline=None, phases=UNSHRUNK)
def test_with_fractional_shares_and_proportional_costs_splits_change_nothing(acts, splits, costs, seed):
    script = {}
    for bar, *what in acts:
        script.setdefault(bar, []).append(what)
    account = {"cash": 10_000.0, "costs": costs, "short_rate": 0.03, "borrow_fee": 0.05, "recall_rate": 4.0}
    broker, other = Watchful(**account), Watchful(**account)
    strategy, equity, trades, legs = run_random(seed, script, splits, broker)
    plain, wanted, plain_trades, plain_legs = run_random(seed, script, [], other)
    assert broker.worst < 1e-9
    scale = other._largest
    np.testing.assert_allclose(equity, wanted, rtol=1e-9, atol=1e-9 * scale)
    assert [entry[:4] for entry in strategy.log] == [entry[:4] for entry in plain.log]
    for name, money in other.accounts.items():
        assert broker.accounts[name] == pytest.approx(money, rel=1e-9, abs=1e-9 * scale)
    assert len(trades) == len(plain_trades)
    for ours, theirs in zip(trades, plain_trades, strict=True):
        assert (ours.entry_date, ours.exit_date, ours.bars) == (
            theirs.entry_date,
            theirs.exit_date,
            theirs.bars,
        )
        assert ours.exit_reason == theirs.exit_reason
        assert ours.profit == pytest.approx(theirs.profit, rel=1e-9, abs=1e-9 * scale)
        wanted_money = pytest.approx(theirs.size * theirs.entry_price, abs=1e-9 * scale)
        assert ours.size * ours.entry_price == wanted_money
        assert ours.exit_price / ours.entry_price == pytest.approx(theirs.exit_price / theirs.entry_price)
    for name, leg in plain_legs.legs.items():
        for part in ("promised", "compounding", "financing", "fee", "costs", "held"):
            wanted_part = getattr(leg, part)
            assert getattr(legs.legs[name], part) == pytest.approx(wanted_part, rel=1e-7, abs=1e-7 * scale)


@given(actions, random_splits, proportional, st.integers(0, 10_000))
@settings(deadline=None, max_examples=40, phases=UNSHRUNK)
def test_with_whole_shares_equity_is_the_same_at_the_open_and_positions_stay_whole(acts, splits, costs, seed):
    script = {}
    for bar, kind, which, size, near in acts:
        kind = {"bracket": "protected", "one of two": "either"}.get(kind, kind)
        what = (kind, which + 1, float(int(size) + 1), near)
        script.setdefault(bar, []).append(what)

    class Whole(Random):
        def next(self):
            for data in self.datas:
                held = self.broker.getposition(data).size
                assert held == round(held)
            for kind, which, size, near in self.p.script.get(len(self) - 1, ()):
                if kind in OWN:
                    OWN[kind](self, self.datas[which], size, near)
                else:
                    orders_of(kind, which, size, near)(self)

    broker = Watchful(cash=10_000.0, costs=costs, whole_shares=True)
    _, _, trades, _ = run_random(seed, script, splits, broker, Whole, which=(-3, 3))
    assert broker.worst < 1e-9
    # What the trades made and cost is what the account gained, so no share was lost on the way.
    books = broker.accounts
    costs_paid = books["commission"] + books["spread"] + books["slippage"]
    made = sum(trade.profit for trade in trades)
    assert made == pytest.approx(books["gains"] - costs_paid, rel=1e-9, abs=1e-9 * broker._largest)


def test_stops_of_two_instruments_go_by_nearness_not_by_the_price_of_a_share():
    """Cash for one of two purchases: the nearer stop gets it, whichever share costs more dollars."""
    rows = [(100.0, 100.0, 100.0, 100.0)] * 2 + [(100, 110, 100, 110)]
    for first_price in (1.0, 10_000.0):
        lab = Lab(LabBroker(cash=10_000.0))
        index = BarsFeed(dataname=make_bars(rows))
        lab.adddata(index)
        lab.adddata(FundFeed(dataname=index, fund=LeveragedFund("X", 1.0), initial_nav=first_price))

        def both(s):
            for data, near in ((s.datas[0], 1.04), (s.datas[1], 1.02)):
                price = near * data.close[0]
                s.buy(data=data, size=10_000 / price, exectype=bt.Order.Stop, price=price)

        lab.addstrategy(Scripted, script={1: both})
        strategy = lab.run()[0]
        assert strategy.broker.getposition(strategy.datas[1]).size == pytest.approx(
            10_000 / (1.02 * first_price)
        )
        assert strategy.broker.getposition(strategy.datas[0]).size == pytest.approx(0, abs=1e-6)
