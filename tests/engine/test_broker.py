"""Cash, costs, shorts and margin; and that the accounts add up to the change of equity."""

import backtrader as bt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Costs, Lab, LabBroker
from feeds.backtrader_feeds import BarsFeed, FundFeed
from feeds.rates import ShortRate
from letf_instruments import DataError, SpecError
from tests.conftest import flat_bars, make_bars, random_bars
from tests.engine.scripted import Scripted, bracket, play

FLAT = (100.0, 100.0, 100.0, 100.0)


def test_idle_cash_earns_the_short_rate_on_calendar_days():
    bars = make_bars([FLAT] * 6, start="2020-01-06")  # Monday to the next Monday: 7 days
    rate = ShortRate("R", bars.sessions[[0, 2]], np.array([0.036, 0.072]))
    strategy, broker = play(bars, {}, LabBroker(cash=10_000.0, short_rate=rate))
    first = 10_000 * (1 + 0.0001) ** 2  # two days at the rate known on Monday
    assert strategy.values[2] == pytest.approx(first, rel=1e-12)
    assert strategy.values[5] == pytest.approx(first * (1 + 0.0002) ** 2 * (1 + 3 * 0.0002), rel=1e-12)
    assert broker.accounts["interest"] == pytest.approx(strategy.values[5] - 10_000)


def test_costs_land_in_their_accounts_and_a_minimum_applies():
    costs = Costs(commission_bps=1, commission_minimum=3, half_spread_bps=4, slippage_bps=6)
    script = {0: lambda s: s.buy(size=10), 1: lambda s: s.sell(size=10)}
    _, broker = play(make_bars([FLAT] * 4), script, LabBroker(cash=10_000.0, costs=costs))
    assert broker.accounts["commission"] == pytest.approx(6.0)
    assert broker.accounts["spread"] == pytest.approx(2 * 1000 * 4e-4)
    assert broker.accounts["slippage"] == pytest.approx(2 * 1000 * 6e-4)
    assert broker.getvalue() == pytest.approx(10_000 - 6 - 2)


@pytest.mark.parametrize("field", ["commission_bps", "commission_minimum", "half_spread_bps", "slippage_bps"])
@pytest.mark.parametrize("value", [-1, float("nan"), float("inf")])
def test_costs_that_cannot_be_are_refused(field, value):
    with pytest.raises(SpecError, match=f"costs.{field}"):
        Costs(**{field: value})


def test_a_short_loses_no_more_than_margin_lets_it():
    """Stock backtrader lets 10 short at 100 with 1,000 of cash run to −1,000 without a word."""
    closes = [100.0, 100.0, 120.0, 140.0, 160.0, 300.0, 300.0]
    broker = LabBroker(cash=1_000.0)
    strategy, _ = play(flat_bars(closes), {0: lambda s: s.sell(size=10)}, broker)
    # Equity 1000 − 10·(p − 100) is below 30 % of 10·p from p = 153.8: the close of 160 breaches it, and
    # the short is bought in at the next open, 160.
    assert strategy.fills[1] == (5, 160.0, 10.0, "margin call")
    assert broker.getvalue() == pytest.approx(400)
    assert "margin call: equity 400.00 is below the 480.00" in broker.notes[0]


def test_a_gap_beyond_the_stake_is_reported_as_a_loss_beyond_it():
    closes = [(100.0,) * 4, (100.0,) * 4, (300.0,) * 4, (300.0,) * 4]
    broker = LabBroker(cash=1_000.0)
    play(make_bars(closes), {0: lambda s: s.sell(size=10)}, broker)
    assert broker.getvalue() == pytest.approx(-1_000)
    assert any("loss beyond the stake" in note for note in broker.notes)


def test_a_short_larger_than_its_initial_margin_shrinks():
    broker = LabBroker(cash=1_000.0)
    strategy, _ = play(make_bars([FLAT] * 3), {0: lambda s: s.sell(size=100)}, broker)
    assert strategy.fills[0][2] == pytest.approx(-20)  # Regulation T: 50 % of 2,000
    assert "margin allows no more" in broker.notes[0]


def test_a_short_pays_its_borrow_fee_and_its_proceeds_earn_nothing():
    bars = make_bars([FLAT] * 5)
    broker = LabBroker(cash=1_000.0, borrow_fee=0.36, short_rate=0.036)
    play(bars, {0: lambda s: s.sell(size=5)}, broker)
    # Short from the second session: three nights of 500·.36/360, and interest on 1,000 only.
    assert broker.accounts["borrow"] == pytest.approx(3 * 0.5)
    assert broker.accounts["interest"] == pytest.approx(4 * 0.1, rel=1e-2)


def test_shorts_opened_at_one_open_share_one_margin():
    """Two shorts on one bar may not each have the whole margin."""
    one, two = make_bars([FLAT] * 4, name="A"), make_bars([FLAT] * 4, name="B")
    for second, kept in (("sell", 0.0), ("buy", 0.0)):
        lab = Lab(LabBroker(cash=1_000.0))
        lab.adddata(BarsFeed(dataname=one))
        lab.adddata(BarsFeed(dataname=two))

        def act(s, second=second):
            s.sell(data=s.datas[0], size=20)
            getattr(s, second)(data=s.datas[1], size=30)

        lab.addstrategy(Scripted, script={0: act})
        strategy = lab.run()[0]
        assert lab.broker.getposition(strategy.datas[0]).size == pytest.approx(-20)
        assert lab.broker.getposition(strategy.datas[1]).size == pytest.approx(kept, abs=1e-9)
        assert "became" in lab.broker.notes[0]


def test_a_margin_call_and_the_owner_s_own_cover_do_not_both_fill():
    closes = [100.0, 100.0, 170.0, 170.0, 170.0]
    broker = LabBroker(cash=1_000.0)
    script = {0: lambda s: s.sell(size=10), 2: lambda s: s.close()}
    strategy, _ = play(flat_bars(closes), script, broker)
    assert broker.getposition(strategy.data).size == 0
    assert [fill[2] for fill in strategy.fills] == [-10, 10]


def test_a_debt_pays_the_short_rate_and_is_noted():
    broker = LabBroker(cash=1_000.0, short_rate=0.036)
    script = {0: lambda s: s.buy(size=8), 3: lambda s: s.broker.restate_cash(-500 + 0.14)}
    play(make_bars([(100.0,) * 4] * 5), script, broker)
    # 1,000 for a night, 200 for two, then 700 are taken out, and the debt of 500 lies for a night.
    assert broker.getcash() == pytest.approx(-500 + 0.1 + 0.02 + 0.02 - 0.05, abs=1e-4)
    assert any("a debt at the short rate" in note for note in broker.notes)


def test_children_of_analyzers_hear_of_cash_and_value():
    """backtrader's PyFolio and PeriodStats are made of child analyzers."""
    lab = Lab(LabBroker(cash=1_000.0))
    lab.adddata(BarsFeed(dataname=random_bars(3, 300)))
    lab.addstrategy(Scripted, script={5: lambda s: s.buy(size=5)})
    lab.addanalyzer(bt.analyzers.PyFolio)
    lab.addanalyzer(bt.analyzers.PeriodStats)
    folio, _ = lab.run()[0].analyzers
    returns = folio.get_pf_items()[0]
    assert len(returns) == 300
    assert (1 + returns).prod() == pytest.approx(lab.broker.getvalue() / 1_000)


@pytest.mark.parametrize(
    "settings", [{"borrow_fee": 9}, {"borrow_fee": -1}, {"maintenance_margin": -1}, {"initial_margin": 0}]
)
def test_margins_and_fees_that_cannot_be_are_refused(settings):
    with pytest.raises(SpecError, match=next(iter(settings))):
        LabBroker(**settings)


@pytest.mark.parametrize(
    "act",
    [
        lambda b: b.set_shortcash(False),
        lambda b: b.set_checksubmit(False),
        lambda b: b.setcommission(commission=0.001),
        lambda b: b.set_slippage_perc(0.01),
        lambda b: b.set_slippage_fixed(0.01),
        lambda b: b.set_coc(True),
        lambda b: b.set_filler(lambda *a: 1),
        lambda b: b.addcommissioninfo(bt.CommissionInfo()),
        lambda b: LabBroker(slip_perc=0.01),
    ],
)
def test_settings_that_would_be_ignored_are_refused(act):
    with pytest.raises(SpecError, match="LabBroker does not take"):
        act(LabBroker())


def test_feeds_that_lack_a_day_are_refused_in_every_mode():
    """Stock backtrader runs `next()` with the other feed's stale bar."""
    bars = random_bars(31, 30)
    keep = np.arange(30) != 12
    hole = type(bars)(
        "HOLE",
        "HOLE",
        *(getattr(bars, c)[keep] for c in ("timestamps", "open", "high", "low", "close", "volume")),
    )
    for run in ({}, {"runonce": False}, {"runonce": False, "preload": False}):
        for first, second in ((bars, hole), (hole, bars)):
            lab = Lab()
            lab.adddata(BarsFeed(dataname=first))
            lab.adddata(BarsFeed(dataname=second))
            lab.addstrategy(bt.Strategy)
            with pytest.raises(DataError, match=f"HOLE has no bar on {bars.sessions[12]} where TEST has"):
                lab.run(**run)


def test_a_user_s_own_strategy_with_observers_and_timers_runs():
    class Own(bt.Strategy):
        def __init__(self):
            self.average = bt.ind.SMA(self.data.close, period=5)
            self.heard = 0

        def notify_cashvalue(self, cash, value):
            self.heard += 1

        def next(self):
            if not self.position and self.data.close[0] > self.average[0]:
                self.order_target_percent(target=0.9)
            elif self.position and self.data.close[0] < self.average[0]:
                self.close()

    values = []
    for extra in (False, True):
        lab = Lab(LabBroker(cash=10_000.0))
        lab.adddata(BarsFeed(dataname=random_bars(32, 150)))
        lab.addstrategy(Own)
        if extra:
            lab.addobserver(bt.observers.Broker)
        strategy = lab.run()[0]
        assert strategy.heard == 150
        values.append(lab.broker.getvalue())
    assert values[0] == values[1] != 10_000.0


actions = st.lists(
    st.tuples(
        st.integers(0, 58),
        st.sampled_from(["buy", "sell", "bracket", "stop", "limit", "close"]),
        st.floats(0.1, 300),
    ),
    max_size=25,
)
some_costs = st.builds(
    Costs,
    commission_bps=st.floats(0, 50),
    commission_minimum=st.floats(0, 5),
    half_spread_bps=st.floats(0, 50),
    slippage_bps=st.floats(0, 50),
)


@given(actions, some_costs, st.integers(0, 10_000), st.booleans(), st.floats(-0.01, 0.1))
@settings(deadline=None)
def test_accounts_add_up_and_no_order_vanishes(actions, costs, seed, whole, rate):
    def act(kind, size):
        return {
            "buy": lambda s: s.buy(size=size),
            "sell": lambda s: s.sell(size=size),
            "bracket": bracket(size, stop=0.02, target=0.03),
            "stop": lambda s: s.buy(size=size, exectype=bt.Order.Stop, price=s.data.close[0] * 1.01),
            "limit": lambda s: s.sell(size=size, exectype=bt.Order.Limit, price=s.data.close[0] * 1.01),
            "close": lambda s: s.close(),
        }[kind]

    script = {}
    for bar, kind, size in actions:
        script.setdefault(bar, []).append(act(kind, size))
    steps = {bar: lambda s, all_=all_: [one(s) for one in all_] for bar, all_ in script.items()}
    broker = LabBroker(cash=10_000.0, costs=costs, whole_shares=whole, short_rate=rate, borrow_fee=0.03)
    strategy, _ = play(random_bars(seed, 60), steps, broker)

    fills = strategy.fills
    assert all(low <= price <= high for low, high, price in ranges(strategy, fills))
    position = sum(size for _, _, size, _ in fills)
    assert broker.getposition(strategy.data).size == pytest.approx(position, abs=1e-9)
    if whole:
        assert all(size == int(size) for _, _, size, _ in fills)
    last = strategy.data.close[0]
    market = position * last - sum(price * size for _, price, size, _ in fills)
    books = broker.accounts
    paid = books["commission"] + books["spread"] + books["slippage"] + books["borrow"]
    assert broker.getvalue() - 10_000 == pytest.approx(market + books["interest"] - paid, abs=1e-6)
    for order in strategy.orders.values():
        if order.getstatusname() == "Submitted":  # only a margin call of the very last close can still wait
            assert order.info["reason"] == "margin call"
            assert order.created.dt == strategy.data.datetime[0]
            continue
        assert order.getstatusname() in ("Completed", "Accepted", "Canceled", "Margin")
        if order.getstatusname() == "Margin":
            assert any("became 0" in note for note in broker.notes)


def ranges(strategy, fills):
    bars = strategy.data.p.dataname
    return [(bars.low[bar], bars.high[bar], price) for bar, price, _, _ in fills]


def test_funds_trade_beside_their_index():
    lab = Lab(LabBroker(cash=10_000.0))
    index = BarsFeed(dataname=random_bars(33, 50))
    lab.adddata(index)
    lab.adddata(FundFeed(dataname=index, fund="SOXS"))
    lab.addstrategy(Scripted, script={3: lambda s: s.buy(data=s.datas[1], size=10)})
    strategy = lab.run()[0]
    fund = strategy.datas[1].ledger()
    assert strategy.fills == [(4, fund.open[4], 10.0, "")]
    assert lab.broker.getvalue() == pytest.approx(10_000 + 10 * (fund.close[-1] - fund.open[4]))


def test_importing_everything_leaves_matplotlib_s_backend_alone():
    """`import backtrader.plot` forces TkAgg over MPLBACKEND, which fails without a screen."""
    import os
    import subprocess
    import sys

    code = (
        "import engine, analyzers, strategies, feeds.backtrader_feeds, runs.backtest.result, sys\n"
        "import runs.backtest.pictures.charts\n"
        "import matplotlib\n"
        "print(matplotlib.get_backend(), 'backtrader.plot' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "MPLBACKEND": "svg"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["svg", "False"]


def test_more_at_the_same_price_leaves_the_average_there_to_the_last_bit():
    """(a × p + b × p) / (a + b) is not p in floating point for these, and a rule may compare p with it."""
    price, first, second = 99.98100508199303, 500.09499263380775, 81.48
    assert (first * price + second * price) / (first + second) != price
    script = {0: lambda s: s.buy(size=first), 1: lambda s: s.buy(size=second)}
    strategy, _ = play(make_bars([(price,) * 4] * 4), script, LabBroker(cash=200_000.0))
    assert strategy.position.size == pytest.approx(first + second)
    assert strategy.position.price == price
