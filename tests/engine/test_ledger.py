"""The accounts add up on every bar, whatever is traded, and no order ends without a reason."""

from dataclasses import replace

import backtrader as bt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Costs, Lab, LabBroker, TaxTerms
from feeds.backtrader_feeds import BarsFeed, FundFeed
from feeds.bars import Bars
from feeds.rates import ShortRate
from letf_instruments import LedgerError
from tests.conftest import make_bars, random_bars
from tests.engine.scripted import bracket, play

FLAT = (100.0, 100.0, 100.0, 100.0)
BARS = 50


@pytest.mark.parametrize("amount", [0.01, -5.0])
def test_money_from_nowhere_stops_the_run_and_names_the_bar_and_the_amount(amount):
    def forge(strategy):
        strategy.broker.cash += amount

    script = {0: lambda s: s.buy(size=10), 2: forge}
    with pytest.raises(LedgerError, match=rf"2020-01-09: .*: [+]?{amount:g} is not accounted for"):
        play(make_bars([FLAT] * 6), script)


def test_a_fill_booked_at_the_wrong_price_stops_the_run():
    class Careless(LabBroker):
        def _book(self, order, size, price, ago):
            super()._book(order, size, price, ago)
            self.cash -= 1e-3 * size * price

    with pytest.raises(LedgerError, match=r"2020-01-07: .* -1 is not accounted for"):
        play(make_bars([FLAT] * 4), {0: lambda s: s.buy(size=10)}, Careless(cash=10_000.0))


def test_gains_are_those_of_prices_alone():
    # 10 bought at 103, 110 at the close; 4 sold at 112; 6 left at 90.
    rows = [FLAT, (103, 110, 103, 110), (112, 112, 95, 95), (90,) * 4]
    script = {0: lambda s: s.buy(size=10), 1: lambda s: s.sell(size=4)}
    _, broker = play(make_bars(rows), script, LabBroker(cash=10_000.0, costs=Costs(commission_bps=10)))
    assert broker.accounts["gains"] == pytest.approx(4 * 9 - 6 * 13)


def test_fortunes_made_and_lost_do_not_trip_over_rounding():
    """1e5 grows to 1e14 and falls back: what rounding leaves is small beside what the account has seen."""
    closes = np.concatenate((np.geomspace(1, 1e9, 40), np.geomspace(1e9, 1e-3, 40)))
    rows = [(float(c),) * 4 for c in closes]
    script = {i: (lambda s: s.order_target_percent(target=0.6)) for i in range(0, 70, 3)}
    _, broker = play(make_bars(rows), script, LabBroker(cash=100_000.0, short_rate=0.03))
    assert broker.getvalue() > 0


class Watched(bt.Strategy):
    """Sends what the script says and keeps its own books from what it is told."""

    params = (("script", None),)

    def __init__(self):
        self.cash = {}  # paid and received at fills, costs included, by feed
        self.held = {}
        self.asked, self.last = {}, {}
        self.worst = 0.0

    def notify_order(self, order):
        self.asked.setdefault(order.ref, order.size)
        self.last[order.ref] = order
        if order.status in (order.Partial, order.Completed):
            for fill in order.executed.iterpending():
                name = order.data._name
                self.cash[name] = self.cash.get(name, 0.0) - fill.size * fill.price - fill.comm
                self.held[name] = self.held.get(name, 0.0) + fill.size
                bar = order.data
                assert bar.low[0] <= fill.price <= bar.high[0]

    def next(self):
        books, broker = self.broker.accounts, self.broker
        flows = broker.startingcash + sum(self.cash.values()) + books["interest"] - books["borrow"]
        flows -= books["tax"]
        worth = sum(self.held.get(d._name, 0.0) * d.close[0] for d in self.datas)
        scale = max(abs(flows), abs(worth), 1.0, broker._largest)
        self.worst = max(self.worst, abs(broker.getvalue() - flows - worth) / scale)
        costs = books["commission"] + books["spread"] + books["slippage"] + books["borrow"] + books["tax"]
        said = broker.startingcash + books["gains"] + books["interest"] - costs
        self.worst = max(self.worst, abs(broker.getvalue() - said) / scale)
        for act in self.p.script.get(len(self) - 1, ()):
            act(self)


def one_cancels_other(size, close_by):
    def act(s):
        close = s.datas[0].close[0]
        kind = {"exectype": bt.Order.Limit, "price": close * (1 - close_by)}
        first = s.buy(data=s.datas[0], size=size, **kind)
        s.buy(data=s.datas[0], size=size, exectype=bt.Order.Stop, price=close * (1 + close_by), oco=first)

    return act


def orders_of(kind, which, size, near):
    def price(s, sign):
        return s.datas[which].close[0] * (1 + sign * near)

    def send(side, exectype, sign=0, **more):
        def act(s):
            how = {"price": price(s, sign)} if sign else {}
            more_ = {k: v(s) if callable(v) else v for k, v in more.items()}
            getattr(s, side)(data=s.datas[which], size=size, exectype=exectype, **how, **more_)

        return act

    return {
        "buy": send("buy", bt.Order.Market),
        "sell": send("sell", bt.Order.Market),
        "close": lambda s: s.close(data=s.datas[which]),
        "buy at the close": send("buy", bt.Order.Close),
        "limit": send("sell", bt.Order.Limit, 1),
        "limit for a while": send("buy", bt.Order.Limit, -1, valid=lambda s: s.data.datetime.date(0)),
        "stop": send("buy", bt.Order.Stop, 1),
        "stop to sell": send("sell", bt.Order.Stop, -1),
        "stop limit": send("sell", bt.Order.StopLimit, -1, plimit=lambda s: price(s, -0.5)),
        "trail": send("sell", bt.Order.StopTrail, trailpercent=near),
        "bracket": bracket(size, stop=near, target=near),
        "trailing bracket": lambda s: trailing(s, which, size, near),
        "one of two": one_cancels_other(size, near),
        "withdraw": lambda s: s.cancel(s.buy(data=s.datas[which], size=size)),
    }[kind]


def trailing(s, which, size, near):
    data = s.datas[which]
    entry = s.sell(data=data, size=size, transmit=False)
    s.buy(data=data, size=size, exectype=bt.Order.StopTrail, trailpercent=near, from_fill=near, parent=entry)


KINDS = (
    "buy",
    "sell",
    "close",
    "buy at the close",
    "limit",
    "limit for a while",
    "stop",
    "stop to sell",
    "stop limit",
    "trail",
    "bracket",
    "trailing bracket",
    "one of two",
    "withdraw",
)
actions = st.lists(
    st.tuples(
        st.integers(0, BARS - 2),
        st.sampled_from(KINDS),
        st.integers(0, 1),
        st.floats(0.1, 400),
        st.floats(0.001, 0.1),
    ),
    max_size=40,
)
costs = st.builds(
    Costs,
    commission_bps=st.floats(0, 20),
    commission_per_share=st.floats(0, 0.05),
    commission_per_trade=st.floats(0, 5),
    commission_minimum=st.floats(0, 5),
    half_spread_cents=st.floats(0, 3),
    slippage_bps=st.floats(0, 20),
    impact_bps=st.floats(0, 80),
    max_participation=st.sampled_from([1.0, 0.5, 0.05]),
)


def with_volume(bars, seed):
    volume = np.random.default_rng(seed).integers(0, 1_000, len(bars)).astype(float)
    columns = (getattr(bars, name) for name in ("timestamps", "open", "high", "low", "close"))
    return Bars(bars.name, bars.source, *columns, volume)


@given(
    actions,
    costs,
    st.integers(0, 10_000),
    st.booleans(),
    st.sampled_from([0.025, 0.15]),
    st.sampled_from([0.0, 12.0]),
    st.integers(0, 99),
    st.sampled_from([None, TaxTerms(0.5, "01-15"), TaxTerms(0.9, "01-10", method="average")]),
)
@settings(deadline=None)
def test_the_books_balance_on_every_bar_and_every_order_says_what_became_of_it(
    actions, costs, seed, whole, volatility, recall_rate, rate_seed, tax
):
    script = {}
    for bar, kind, which, size, near in actions:
        script.setdefault(bar, []).append(
            orders_of(kind, which, float(int(size) + 1) if whole else size, near)
        )
    bars = with_volume(random_bars(seed, BARS, volatility, gap=volatility), seed)
    if tax is not None:  # a year ends in the middle of them
        bars = replace(bars, timestamps=bars.timestamps - np.timedelta64(35, "D"))
    rng = np.random.default_rng(rate_seed)
    rate = ShortRate("r", bars.sessions[::5], rng.uniform(-0.02, 0.2, len(bars.sessions[::5])))
    broker = LabBroker(
        cash=10_000.0,
        costs=costs,
        short_rate=rate,
        cash_spread=0.01,
        debt_spread=0.02,
        borrow_fee=rate if (rate.rates >= 0).all() else 0.3,
        whole_shares=whole,
        recall_rate=recall_rate,
        seed=rate_seed,
        tax=tax,
    )
    lab = Lab(broker)
    index = BarsFeed(dataname=bars)
    lab.adddata(index)
    lab.adddata(FundFeed(dataname=index, fund=-3, name="BEAR"))
    lab.addstrategy(Watched, script=script)
    strategy = lab.run()[0]
    assert strategy.worst <= 1e-9
    for name, held in strategy.held.items():
        data = strategy.getdatabyname(name)
        assert broker.getposition(data).size == pytest.approx(held, abs=1e-9)
    for ref, order in strategy.last.items():
        waiting = order.alive()
        whole_order = abs(order.executed.size - strategy.asked[ref]) <= 1e-9 * abs(strategy.asked[ref])
        assert waiting or whole_order or order.info.get("why"), order
        assert order.status != order.Completed or order.executed.size
        if order.status in (order.Margin, order.Rejected):
            assert order.info["why"] == "ruin" or any(order.info["why"] in note for note in broker.notes)
