"""Tax paid through the broker: when, from what, what is sold for it, and that the books add up."""

import datetime

import backtrader as bt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import CfdBroker, Costs, Lab, LabBroker, TaxTerms
from feeds.backtrader_feeds import BarsFeed, FundFeed
from feeds.deposits import Deposits
from letf_instruments import LeveragedFund, SpecError
from letf_instruments.options import Contract
from letf_instruments.splits import ActualSplits, Ratio
from tests.conftest import make_bars, random_bars
from tests.engine.scripted import Scripted, bracket, play

FLAT = (100.0, 100.0, 100.0, 100.0)
UP = (200.0, 200.0, 200.0, 200.0)
TERMS = TaxTerms(short_rate=0.25, pay_on="01-04")  # of 2021: a Monday
START = "2020-12-28"  # a Monday; its fifth session is New Year's Day, the sixth the day of payment


def after_a_gain(*rows, start=START):
    """Bars on whose third one 10 bought at 100 are sold at 200, before the year is over."""
    return make_bars([FLAT, FLAT, UP, UP, UP, *rows], start=start)


def traded(**more):
    return {0: lambda s: s.buy(size=10), 1: lambda s: s.sell(size=10)} | more


@pytest.mark.parametrize("mode", [{}, {"runonce": False}, {"runonce": False, "preload": False}])
def test_it_is_paid_at_the_open_of_its_day_before_orders(mode):
    """10 gain 1,000, of which 250 are owed: of 2,000 there are 1,750 for an order of that open."""
    bars = after_a_gain(UP, UP)
    script = {**traded(), 4: lambda s: s.buy(size=10)}
    strategy, broker = play(bars, script, LabBroker(cash=1_000.0, tax=TERMS), **mode)
    assert strategy.fills[2][:3] == (5, 200.0, pytest.approx(8.75))
    assert strategy.values == pytest.approx([1_000, 1_000, 2_000, 2_000, 2_000, 1_750, 1_750])
    assert broker.accounts["tax"] == 250.0
    assert broker.tax_due == 0.0
    (year,) = broker.taxes.years
    assert (year.year, year.short, year.tax) == (2020, 1_000.0, 250.0)


def test_a_day_without_a_session_is_paid_on_the_next_and_one_after_the_run_is_owed():
    saturday = TaxTerms(short_rate=0.25, pay_on="01-02")
    strategy, broker = play(after_a_gain(UP), traded(), LabBroker(cash=1_000.0, tax=saturday))
    assert strategy.values[-2:] == [2_000.0, 1_750.0]
    later = TaxTerms(short_rate=0.25, pay_on="04-15")
    strategy, broker = play(after_a_gain(UP), traded(), LabBroker(cash=1_000.0, tax=later))
    assert strategy.values[-1] == 2_000.0
    assert (broker.accounts["tax"], broker.tax_due) == (0.0, 250.0)


def test_what_a_year_in_progress_owes_is_owed_too():
    """Sold on New Year's Day: of 2021, which is paid in 2022."""
    script = {0: lambda s: s.buy(size=10), 3: lambda s: s.sell(size=10)}
    _, broker = play(after_a_gain(UP, UP), script, LabBroker(cash=1_000.0, tax=TERMS))
    assert (broker.accounts["tax"], broker.tax_due) == (0.0, 250.0)
    assert [year.year for year in broker.taxes.outstanding()] == [2021]


def test_costs_make_the_gain_smaller():
    """1,000 bought at 1 % and 2,000 sold at 1 % gain 1,000 − 10 − 20."""
    costs = Costs(commission_bps=100.0)
    _, broker = play(after_a_gain(UP), traded(), LabBroker(cash=2_000.0, costs=costs, tax=TERMS))
    assert broker.accounts["tax"] == pytest.approx(0.25 * 970.0)


def test_a_deposit_of_the_same_open_pays_for_it():
    """All is in shares again, and 300 come in on the day: 250 of them go, nothing is sold."""
    january = int(np.datetime64("2021-01-04", "D").astype(np.int64))
    deposits = Deposits(days=(january,), amounts=(300.0,))
    script = {**traded(), 2: lambda s: s.buy(size=10)}
    broker = LabBroker(cash=1_000.0, tax=TERMS, deposits=deposits)
    strategy, broker = play(after_a_gain(UP), script, broker)
    assert [fill[2] for fill in strategy.fills] == [10, -10, 10]
    assert broker.cash == pytest.approx(50.0)


def invested(*rows, costs=None, exits=None, whole=False, cash=1_000.0):
    """The gain above, and all of the 2,000 in 10 shares again when the tax of 250 falls due."""
    script = {**traded(), 2: lambda s: s.buy(size=10), **(exits or {})}
    broker = LabBroker(cash=cash, tax=TERMS, costs=costs or Costs(), whole_shares=whole)
    return play(after_a_gain(*rows), script, broker)


def test_what_cash_lacks_is_sold_at_that_open():
    """1.25 at 200 are the 250; they were bought at 200, so that nothing is owed for them."""
    strategy, broker = invested(UP, UP)
    assert strategy.fills[-1] == (5, 200.0, -1.25, "tax")
    assert broker.getposition(broker.cerebro.datas[0]).size == 8.75
    assert broker.cash == pytest.approx(0.0, abs=1e-9)
    assert strategy.values[-1] == pytest.approx(1_750.0)
    assert any(
        "cash lacks 250.00 of it: 12.50% of what is owned is sold at the open" in n for n in broker.notes
    )
    assert broker.tax_due == 0.0


def test_the_sale_pays_for_its_own_costs():
    """With 1 % of the proceeds: x · 200 · .99 is what lacks, to the last cent."""
    strategy, broker = invested(UP, costs=Costs(commission_bps=100.0), cash=1_100.0)
    gain = 2_000 - 1_000 - 10 - 20
    before = 1_100 - 1_000 - 10 + 2_000 - 20 - 2_000 - 20
    assert strategy.fills[-1][2] == pytest.approx(-(0.25 * gain - before) / 198.0)
    assert broker.cash == pytest.approx(0.0, abs=1e-6)


def test_whole_shares_are_sold_whole_and_the_rest_stays_in_cash():
    strategy, broker = invested(UP, whole=True)
    assert strategy.fills[-1] == (5, 200.0, -2.0, "tax")
    assert broker.cash == pytest.approx(150.0)


def test_the_gain_of_a_sale_for_tax_is_taxed_in_its_own_year():
    """Sold at 400 what was bought at 200: .625 shares gain 125, of 2021."""
    strategy, broker = invested((400.0,) * 4)
    assert strategy.fills[-1][1:] == (400.0, -0.625, "tax")
    assert broker.tax_due == pytest.approx(0.25 * 125.0)


def test_all_is_sold_where_it_brings_no_more_and_the_rest_is_a_debt():
    """10 shares that open at 20 bring 200 of the 250."""
    rows = (20.0,) * 4
    broker = LabBroker(cash=1_000.0, tax=TERMS, short_rate=0.0)
    script = {**traded(), 2: lambda s: s.buy(size=9.9)}
    strategy, broker = play(after_a_gain(rows, rows), script, broker)
    assert strategy.fills[-1] == (5, 20.0, -9.9, "tax")
    assert broker.cash == pytest.approx(20.0 + 198.0 - 250.0)
    assert any("cash is -32.00, a debt: there was no more to sell" in note for note in broker.notes)
    assert broker.ruined


def held_by(*rows, act):
    """10 shares at 200 with what `act` protects or orders, when 1.25 of them are sold."""
    return play(after_a_gain(*rows), {**traded(), 2: act}, LabBroker(cash=1_000.0, tax=TERMS))


def test_a_stop_protects_what_is_left_and_opens_no_short():
    strategy, broker = held_by(UP, (200.0, 200.0, 150.0, 150.0), UP, act=bracket(10, stop=0.1, target=0.5))
    assert strategy.fills[-2:] == [(5, 200.0, -1.25, "tax"), (6, 180.0, -8.75, "stop")]
    assert broker.getposition(broker.cerebro.datas[0]).size == 0.0
    assert not broker.pending


def test_a_stop_that_the_open_has_passed_closes_what_the_tax_has_left():
    strategy, broker = held_by((100.0,) * 4, UP, act=bracket(10, stop=0.1))
    assert [fill[1:] for fill in strategy.fills[-2:]] == [(100.0, -2.5, "tax"), (100.0, -7.5, "stop")]
    assert broker.getposition(broker.cerebro.datas[0]).size == 0.0


def test_an_exit_of_the_same_open_sells_the_rest():
    script = {**traded(), 2: lambda s: s.buy(size=10), 4: lambda s: s.sell(size=10, reason="exit")}
    strategy, broker = play(after_a_gain(UP, UP), script, LabBroker(cash=1_000.0, tax=TERMS))
    assert [fill[1:] for fill in strategy.fills[-2:]] == [(200.0, -1.25, "tax"), (200.0, -8.75, "exit")]
    assert broker.getposition(broker.cerebro.datas[0]).size == 0.0


def test_an_order_through_zero_opens_what_it_would_have_opened():
    script = {**traded(), 2: lambda s: s.buy(size=10), 4: lambda s: s.sell(size=12, reason="turn")}
    strategy, broker = play(after_a_gain(UP, UP), script, LabBroker(cash=1_000.0, tax=TERMS))
    assert strategy.fills[-1][1:] == (200.0, -10.75, "turn")
    assert broker.getposition(broker.cerebro.datas[0]).size == pytest.approx(-2.0)


def test_orders_for_parts_shrink_by_the_same_part():
    def two(s):
        s.sell(size=4, exectype=bt.Order.Limit, price=250.0, reason="first")
        s.sell(size=6, exectype=bt.Order.Limit, price=260.0, reason="second")

    script = {**traded(), 2: lambda s: s.buy(size=10), 3: two}
    rows = (UP, (200.0, 300.0, 200.0, 200.0), UP)
    strategy, broker = play(after_a_gain(*rows), script, LabBroker(cash=1_000.0, tax=TERMS))
    assert [fill[2:] for fill in strategy.fills[-2:]] == [(-3.5, "first"), (-5.25, "second")]
    assert broker.getposition(broker.cerebro.datas[0]).size == pytest.approx(0.0, abs=1e-12)


def test_of_each_lot_of_a_plan_the_same_part_is_sold_and_orders_for_it_shrink():
    """8 shares in lots of 6 and 2 and 250 to pay, with 400 in cash: nothing; with none, an eighth of each."""

    def buy(*sizes):
        return lambda s: [s.buy(size=size, lot=lot) for lot, size in enumerate(sizes)]

    script = {**traded(), 2: buy(6, 2)}
    _, broker = play(after_a_gain(UP), script, LabBroker(cash=1_000.0, tax=TERMS))
    assert broker.cash == pytest.approx(150.0)
    script = {**traded(), 2: buy(6, 4), 4: lambda s: s.sell(size=4, lot=1, reason="exit")}
    strategy, broker = play(after_a_gain(UP, UP), script, LabBroker(cash=1_000.0, tax=TERMS))
    sold = [
        (o.info["lot"], o.executed.size, o.info["reason"])
        for o in strategy.orders.values()
        if "lot" in o.info
    ]
    assert sold[-3:] == [(1, -3.5, "exit"), (0, -0.75, "tax"), (1, -0.5, "tax")]
    assert broker.getposition(broker.cerebro.datas[0]).size == pytest.approx(5.25)
    assert broker.cash == pytest.approx(700.0)


def test_the_same_part_of_each_is_sold():
    """7.5 shares of an index and 2.5 of a fund on it, 2,000 together: 250 of that are an eighth of each."""
    lab = Lab(LabBroker(cash=1_000.0, tax=TERMS))
    index = BarsFeed(dataname=make_bars([FLAT, FLAT, UP, UP, UP, UP, UP], start=START))
    lab.adddata(index)
    lab.adddata(FundFeed(dataname=index, fund=LeveragedFund("X", 1.0, spread=0.0, expense_ratio=0.0)))
    script = {
        **traded(),
        2: lambda s: (s.buy(data=s.datas[0], size=7.5), s.buy(data=s.datas[1], size=2.5)),
    }
    lab.addstrategy(Scripted, script=script)
    lab.run()
    assert lab.datas[1].close[0] == pytest.approx(200.0)
    assert [lab.broker.getposition(data).size for data in lab.datas] == pytest.approx(
        [7.5 * 7 / 8, 2.5 * 7 / 8]
    )
    assert lab.broker.accounts["tax"] == pytest.approx(250.0)
    assert lab.broker.cash == pytest.approx(0.0, abs=1e-6)


def test_a_split_moves_no_gain():
    """10 at 100, two for one on the day of the sale's eve: 20 sold at 100 gain 1,000 as 10 at 200 would."""
    gains = {}
    for name, splits in (
        ("none", None),
        ("split", ActualSplits((np.datetime64("2020-12-30"),), (Ratio(2, 1),))),
    ):
        lab = Lab(LabBroker(cash=1_000.0, tax=TERMS))
        index = BarsFeed(dataname=make_bars([FLAT, FLAT, UP, UP, UP, UP], start=START))
        lab.adddata(index)
        fund = LeveragedFund("X", 1.0, spread=0.0, expense_ratio=0.0)
        more = {} if splits is None else {"splits": splits}
        lab.adddata(FundFeed(dataname=index, fund=fund, initial_nav=100.0, **more))
        script = {
            0: lambda s: s.buy(data=s.datas[1], size=10),
            2: lambda s: s.sell(data=s.datas[1], size=s.getposition(s.datas[1]).size),
        }
        lab.addstrategy(Scripted, script=script)
        lab.run()
        gains[name] = lab.broker.taxes.years[0].short
    assert gains["none"] == pytest.approx(1_000.0)
    assert gains["split"] == pytest.approx(gains["none"])


def test_a_ruined_account_pays_nothing_and_owes_it():
    """A gain of 1,000, then a short of 10 at 200 that costs 4,000 to buy back."""
    far = (500.0,) * 4
    bars = make_bars([FLAT, FLAT, UP, UP, far, far, far], start=START)
    script = {**traded(), 2: lambda s: s.sell(size=8)}
    _, broker = play(bars, script, LabBroker(cash=1_000.0, tax=TERMS))
    assert broker.ruined
    assert broker.accounts["tax"] == 0.0
    # The loss of 8 · 300 is of New Year's Day, in 2021.
    assert broker.tax_due == pytest.approx(250.0)


def test_contracts_are_refused():
    with pytest.raises(
        SpecError, match="tax is worked out of shares alone, and contracts for difference are"
    ):
        CfdBroker(tax=TERMS)
    call = Contract("call", "TEST", 100.0, np.datetime64("2021-03-05"))
    script = {0: lambda s: s.broker.contracts.buy(s.data, call, 1)}
    with pytest.raises(SpecError, match="options are traded, but tax is worked out of shares alone"):
        play(after_a_gain(UP), script, LabBroker(cash=1_000.0, tax=TERMS))
    with pytest.raises(SpecError, match=r"tax is 'us'; it must be an engine.TaxTerms"):
        LabBroker(tax="us")


class Invested(bt.Strategy):
    """Buys and sells at random, protected, and counts its own shares and their cost, oldest first."""

    params = (("seed", 0),)

    def __init__(self):
        self.lots, self.gain, self.least = [], {}, 0.0
        self.rng = np.random.default_rng(self.p.seed)

    def notify_order(self, order):
        if order.status not in (order.Partial, order.Completed):
            return
        for fill in order.executed.iterpending():
            each = fill.price + np.sign(fill.size) * fill.comm / abs(fill.size)
            rest = fill.size
            if rest > 0:
                self.lots.append([rest, each])
                continue
            year = bt.num2date(fill.dt).year
            while rest < -1e-9:
                taken = min(self.lots[0][0], -rest)
                self.gain[year] = self.gain.get(year, 0.0) + taken * (each - self.lots[0][1])
                self.lots[0][0] -= taken
                rest += taken
                if self.lots[0][0] < 1e-9:
                    self.lots.pop(0)

    def next(self):
        self.least = min(self.least, self.position.size)
        if self.position.size == 0:
            share = self.rng.uniform(0.5, 1.0)
            bracket(share * self.broker.getvalue() / self.data.close[0], stop=0.04, target=0.06)(self)
        elif self.rng.random() < 0.1:
            for order in [o for o in self.broker.pending if o.alive()]:
                self.cancel(order)
            self.close()


@given(st.integers(0, 10_000), st.sampled_from([0.0, 8.0]), st.booleans())
def test_random_trades_owe_what_is_counted_in_the_strategy_and_never_go_short(seed, bps, whole):
    """Over two turns of the year, at rates that take most of a gain; the ledger is checked on every bar."""
    bars = random_bars(seed, 320)
    shift = np.datetime64("2020-12-01", "D") - bars.sessions[0]
    stamps = bars.timestamps + shift
    columns = (getattr(bars, name) for name in ("open", "high", "low", "close", "volume"))
    broker = LabBroker(
        cash=10_000.0,
        tax=TaxTerms(short_rate=0.9, pay_on="01-15"),
        costs=Costs(commission_bps=bps),
        whole_shares=whole,
    )
    lab = Lab(broker)
    lab.adddata(BarsFeed(dataname=type(bars)(bars.name, bars.source, stamps, *columns)))
    lab.addstrategy(Invested, seed=seed)
    (strategy,) = lab.run()
    assert strategy.least >= 0.0
    known = {year.year: year for year in (*broker.taxes.years, *broker.taxes.outstanding())}
    for year, gain in strategy.gain.items():
        assert known[year].short == pytest.approx(gain, abs=1e-6)
        assert known[year].tax == pytest.approx(0.9 * max(gain, 0.0), abs=1e-6)
    assert broker.accounts["tax"] == pytest.approx(sum(year.tax for year in broker.taxes.years))
    assert all(year.due <= datetime.date(2022, 3, 1) for year in broker.taxes.years)
