"""Option contracts in the broker: one event by hand, expiry, costs, refusals, and books that balance."""

import itertools
from dataclasses import replace

import backtrader as bt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers import EquityLog, TradeLog
from engine import ContractCosts, Costs, Lab, LabBroker
from feeds.backtrader_feeds import BarsFeed, FundFeed
from feeds.bars import Bars
from feeds.options.option_quotes import OptionQuotes
from feeds.options.volatility import QuotedVolatility, RealisedVolatility, VolatilityIndex
from letf_instruments import SpecError
from letf_instruments.options import Contract
from tests.black_scholes import by_textbook
from tests.conftest import flat_bars, make_bars, random_bars
from tests.engine.scripted import Scripted

MORNING = 6.5 / 24  # of a day, from the open to the close


def steady(level, rate=0.05):
    """Quotes at one volatility and one rate."""
    index = VolatilityIndex("V", np.array(["2000-01-01"], dtype="datetime64[D]"), np.array([level]))
    return lambda data: OptionQuotes(data, QuotedVolatility(index, 1.0), rate)


def play(bars, script, quotes=None, fund=None, costs=None, **broker):
    """Run a script; returns strategy and broker. The option's prices are at 35 % and a rate of 5 %."""

    class Optional(Scripted):
        def start(self):
            self.broker.contracts.use((quotes or steady(0.35))(self.datas[0]))

    lab = Lab(LabBroker(cash=10_000.0, contract_costs=costs or ContractCosts(), **broker))
    index = BarsFeed(dataname=bars)
    lab.adddata(index)
    if fund is not None:
        lab.adddata(FundFeed(dataname=index, fund=fund, name="FUND"))
    lab.addstrategy(Optional, script=script)
    lab.addanalyzer(EquityLog)
    lab.addanalyzer(TradeLog)
    return lab.run()[0], lab.broker


def buys(contract, number, which=0):
    return lambda s: s.broker.contracts.buy(s.datas[which], contract, number)


def sells(contract, number=None, reason="order"):
    return lambda s: s.broker.contracts.sell(contract, number, reason)


# Thursday 9 January 2020 decides, Friday the 10th buys; the 17th is the expiry.
FRIDAY = "2020-01-17"
WEEK = make_bars(
    [
        (100, 101, 99, 100),  # Thu 9
        (100, 101, 99, 100),  # Fri 10, seven days before expiry at its close
        (101, 103, 100, 102),  # Mon 13
        (104, 106, 103, 105),  # Tue 14
        (105, 106, 104, 105),  # Wed 15
        (105, 106, 104, 105),  # Thu 16
        (104, 105, 102, 103),  # Fri 17
        (103, 104, 102, 103),  # Mon 20
    ],
    start="2020-01-09",
)
CALL = Contract("call", "TEST", 100.0, FRIDAY)
PUT = Contract("put", "TEST", 100.0, FRIDAY)


def test_one_event_by_hand():
    """Bought at Friday's open, marked at its close at the published price, sold at Tuesday's open."""
    costs = ContractCosts(spread=0.10, commission=0.65)
    strategy, broker = play(WEEK, {0: buys(CALL, 2), 2: sells(CALL, reason="sold after event")}, costs=costs)
    paid = by_textbook("call", 100, 100, 7 + MORNING, 0.05, 0.35)
    sold = by_textbook("call", 104, 100, 3 + MORNING, 0.05, 0.35)
    spread = 200 * (paid + sold) * 0.05
    # Equity is start, less half the spread and commission, and 200 units of the price's change.
    assert strategy.values[0] == 10_000
    first = 10_000 - 200 * paid * 0.05 - 1.30 + 200 * (1.980847 - paid)
    assert strategy.values[1] == pytest.approx(first, abs=2e-4)
    end = 10_000 + 200 * (sold - paid) - spread - 2.60
    np.testing.assert_allclose(strategy.values[3:], end, rtol=1e-12)
    assert broker.accounts["option_spread"] == pytest.approx(spread, rel=1e-12)
    assert broker.accounts["commission"] == pytest.approx(2.60, rel=1e-12)
    assert broker.accounts["option_gains"] == pytest.approx(200 * (sold - paid), rel=1e-9)
    assert not broker.contracts.active
    (trade,) = strategy.analyzers[1].trades
    assert (trade.instrument, trade.size, trade.bars) == ("TEST call 100 2020-01-17", 200, 2)
    assert (str(trade.entry_date), str(trade.exit_date)) == ("2020-01-10", "2020-01-14")
    assert trade.entry_price == pytest.approx(paid, rel=1e-12)
    assert trade.exit_price == pytest.approx(sold, rel=1e-12)
    assert trade.profit == pytest.approx(end - 10_000, rel=1e-9)
    assert trade.exit_reason == "sold after event"


@pytest.mark.parametrize(("contract", "pays"), [(CALL, 3.0), (PUT, 0.0)])
def test_expiry_pays_the_intrinsic_value_of_the_close_without_cost(contract, pays):
    costs = ContractCosts(spread=0.10, commission=0.65)
    strategy, broker = play(WEEK, {0: buys(contract, 1)}, costs=costs)
    paid = by_textbook(contract.kind, 100, 100, 7 + MORNING, 0.05, 0.35)
    end = 10_000 - 100 * paid * 1.05 - 0.65 + 100 * pays
    assert strategy.values[6] == pytest.approx(end, rel=1e-12)
    assert strategy.values[7] == strategy.values[6]
    (trade,) = strategy.analyzers[1].trades
    assert trade.exit_reason == "expired"
    assert trade.exit_price == pays
    assert str(trade.exit_date) == FRIDAY
    assert broker.contracts.position(contract) == 0


@pytest.mark.parametrize("number", [0.07, 0.11, 0.25, 1.0])
def test_selling_in_parts_leaves_no_dust(number):
    script = {0: buys(CALL, number), 1: sells(CALL, number / 3), 2: sells(CALL, number * 2 / 3)}
    _, broker = play(WEEK, script)
    # What was left over would be settled at expiry.
    assert [fill.reason for fill in broker.contracts.fills] == ["entry", "order", "order"]


def test_what_is_still_held_is_marked_at_the_last_close():
    late = Contract("put", "TEST", 100.0, "2020-01-24")
    strategy, _ = play(WEEK, {0: buys(late, 1)})
    (trade,) = strategy.analyzers[1].trades
    assert trade.exit_reason == "open at end"
    assert trade.exit_price == pytest.approx(by_textbook("put", 103, 100, 4, 0.05, 0.35), rel=1e-12)
    assert strategy.values[-1] == pytest.approx(10_000 + trade.profit, rel=1e-12)


def test_without_a_bar_on_its_expiry_the_close_before_settles():
    keep = np.array([0, 1, 2, 3, 4, 5, 7])  # Friday 17 is missing
    columns = (getattr(WEEK, name)[keep] for name in ("timestamps", "open", "high", "low", "close", "volume"))
    strategy, broker = play(Bars("TEST", "TEST", *columns), {0: buys(CALL, 1)})
    assert strategy.analyzers[1].trades[0].exit_price == 5.0  # Thursday closed at 105
    assert any("no bar on its expiry" in note for note in broker.notes)


def test_a_fund_is_priced_with_its_multiple_of_volatility_and_its_fee():
    flat = make_bars([(100, 100, 100, 100)] * 3, start="2020-01-09")
    contract = Contract("put", "FUND", 100.0, FRIDAY)
    _, broker = play(flat, {0: buys(contract, 1, 1)}, fund=-3)
    mark = broker.contracts.marks()[1].quote
    assert mark.volatility == pytest.approx(1.05)
    assert mark.price == pytest.approx(by_textbook("put", mark.spot, 100, 4, 0.05, 1.05), rel=1e-12)


def test_a_wiped_out_fund_leaves_the_call_nothing():
    crash = make_bars(
        [(100, 100, 100, 100)] * 2 + [(100, 100, 60, 60), (60, 60, 60, 60), (60, 60, 60, 60)],
        start="2020-01-09",
    )
    contracts = [Contract(kind, "FUND", 100.0, FRIDAY) for kind in ("call", "put")]
    script = {0: lambda s: [buys(contract, 1, 1)(s) for contract in contracts]}
    _, broker = play(crash, script, fund=3)
    call, put = (mark.quote for mark in broker.contracts.marks().values())
    assert (call.price, call.spot) == (0.0, 0.0)
    assert put.price == pytest.approx(100 * np.exp(-0.05 * 2 / 365), rel=1e-12)  # Wednesday to Friday


# -- cash and refusals --------------------------------------------------------------------------------


def test_too_little_cash_shrinks_the_order_and_says_so():
    strategy, broker = play(WEEK, {0: buys(CALL, 1_000)}, costs=ContractCosts(0.1, 0.65))
    each = 100 * by_textbook("call", 100, 100, 7 + MORNING, 0.05, 0.35) * 1.05 + 0.65
    assert broker.contracts.fills[0].units / 100 == pytest.approx(10_000 / each, rel=1e-9)
    assert 0 <= strategy.analyzers[0].cash[1] < 1e-6
    assert any(
        "order to buy 1000 of TEST call 100" in note and "cash allows no more" in note
        for note in broker.notes
    )


def test_whole_contracts_only_where_shares_are_whole():
    _, broker = play(WEEK, {0: buys(CALL, 2.7), 2: buys(PUT, 0.5)}, whole_shares=True)
    assert [fill.units for fill in broker.contracts.fills if fill.units > 0] == [200]
    assert any("0.5 of TEST put 100 2020-01-17 is refused: only whole contracts" in n for n in broker.notes)


def test_a_short_option_is_refused():
    words = "would be a short option, whose margin is not worked out here"
    with pytest.raises(SpecError, match=words):
        play(WEEK, {0: sells(CALL, 1)})
    with pytest.raises(SpecError, match=words):
        play(WEEK, {0: buys(CALL, 1), 1: sells(CALL, 1.5)})
    with pytest.raises(SpecError, match=words):
        play(WEEK, {0: buys(CALL, 1), 1: lambda s: [sells(CALL, 0.6)(s) for _ in range(2)]})
    with pytest.raises(SpecError, match="it must be above 0"):
        play(WEEK, {0: buys(CALL, -1)})


def test_orders_that_make_no_sense_are_refused():
    with pytest.raises(SpecError, match="is not an option on TEST"):
        play(WEEK, {0: buys(Contract("call", "OTHER", 100, FRIDAY), 1)})
    stock = type("Feed", (), {"_name": "STOCK"})()
    with pytest.raises(SpecError, match="STOCK is neither"):
        play(WEEK, {0: lambda s: s.broker.contracts.buy(stock, CALL, 1)})
    gone = Contract("call", "TEST", 100.0, "2020-01-08")
    _, broker = play(WEEK, {0: buys(gone, 1)})
    assert any("is refused: it expired before it could be filled" in note for note in broker.notes)
    with pytest.raises(SpecError, match=r"spread is 1\.5; it must be a share"):
        ContractCosts(spread=1.5)
    with pytest.raises(SpecError, match="commission is -1"):
        ContractCosts(commission=-1)


def test_an_order_waits_until_volatility_is_known():
    script = {0: buys(CALL, 1)}
    _, broker = play(WEEK, script, quotes=lambda data: OptionQuotes(data, RealisedVolatility(3), 0.05))
    # Four closes make three returns; the fourth close is Tuesday's, so Wednesday's open is the first.
    assert [str(fill.day) for fill in broker.contracts.fills][:1] == ["2020-01-15"]
    assert any("the order waits" in note for note in broker.notes)


def test_nobody_pays_to_be_rid_of_an_option():
    worthless = Contract("put", "TEST", 20.0, FRIDAY)
    _, broker = play(
        WEEK,
        {0: buys(worthless, 1), 1: sells(worthless)},
        quotes=steady(2.0),
        costs=ContractCosts(commission=5.0),
    )
    sale = broker.contracts.fills[1]
    assert 0 < -sale.units * sale.quote.price < 5.0
    assert sale.commission == pytest.approx(-sale.units * sale.quote.price, rel=1e-12)
    assert any("commission of 5 is more than 5% of a premium" in note for note in broker.notes)


def test_an_account_spent_on_options_that_expire_worthless_is_ruined():
    quiet = make_bars([(100, 100, 100, 100)] * 9, start="2020-01-09")
    far = Contract("call", "TEST", 110.0, FRIDAY)
    strategy, broker = play(quiet, {0: buys(far, 1_000_000), 6: buys(CALL, 1)})
    assert strategy.values[-1] == pytest.approx(0.0, abs=1e-6)
    assert broker.ruined
    assert any("ruin: equity is" in note for note in broker.notes)
    assert len(broker.contracts.fills) == 2  # bought once, and expired


def test_what_the_broker_of_a_ruined_account_sells_is_free_for_no_other_order():
    # All is spent on calls that are worth next to nothing at the close of the fall, long before they expire.
    fallen = make_bars([(100, 100, 100, 100)] * 3 + [(100, 100, 10, 10)] * 4, start="2020-01-09")
    far, seen = Contract("call", "TEST", 110.0, "2020-02-21"), {}

    def look(strategy):
        book = strategy.broker.contracts
        seen.update(held=book.position(far), free=book.free(far), sent=[o.reason for o in book.pending])
        with pytest.raises(SpecError, match="and not being sold already"):
            book.sell(far)

    _, broker = play(fallen, {0: buys(far, 1_000_000), 3: look})
    assert seen["held"] > 0
    assert (seen["free"], seen["sent"]) == (0.0, ["ruin"])
    assert broker.ruined


def test_nothing_is_lent_on_an_option():
    """Half the account in options leaves the other half of it to sell short with, not all."""
    far = Contract("call", "TEST", 1e-6, FRIDAY)  # worth the index itself
    script = {0: buys(far, 0.5), 1: lambda s: s.sell(size=1_000, exectype=bt.Order.Market)}
    _, broker = play(WEEK, script, quotes=steady(0.35, 0.0))
    # 50 units at 100 are 5,000 of the 10,000; the other 5,000 are half of what may be short, at 101 a share.
    assert broker.getposition(broker.cerebro.datas[0]).size == pytest.approx(-5_000 / 0.5 / 101, rel=1e-5)


# -- gain by cause ------------------------------------------------------------------------------------


def test_the_gain_of_a_step_is_split_by_the_greeks_of_the_mark_before():
    rises = VolatilityIndex(
        "V", np.array(["2000-01-01", "2020-01-13"], dtype="datetime64[D]"), np.array([0.35, 0.37])
    )
    quotes = lambda data: OptionQuotes(data, QuotedVolatility(rises, 1.0), 0.05)  # noqa: E731
    _, broker = play(WEEK, {0: buys(CALL, 1)}, quotes=quotes)
    step = broker.contracts.steps[1]  # from Friday's close to Monday's: 100 to 102, three days, two points
    assert str(step.day) == "2020-01-13"

    def price(spot=100.0, days=7.0, sigma=0.35):
        return by_textbook("call", spot, 100, days, 0.05, sigma)

    assert step.gain == pytest.approx(100 * (price(102, 4, 0.37) - 1.980847), abs=1e-4)
    assert step.delta == pytest.approx(100 * 2 * (price(100.01) - price(99.99)) / 0.02, rel=1e-5)
    curve = (price(100.05) - 2 * price() + price(99.95)) / 0.0025
    assert step.gamma == pytest.approx(100 * 0.5 * curve * 4, rel=1e-3)
    assert step.theta == pytest.approx(100 * 3 * (price(days=6.999) - price(days=7.001)) / 0.002, rel=1e-4)
    assert step.vega == pytest.approx(100 * 2 * (price(sigma=0.351) - price(sigma=0.349)) / 0.2, rel=1e-3)
    assert step.rest == pytest.approx(step.gain - step.delta - step.gamma - step.theta - step.vega, abs=1e-9)


def test_exposure_counts_an_option_as_the_shares_it_stands_for():
    strategy, _ = play(WEEK, {0: buys(PUT, 1)})
    log = strategy.analyzers[0]
    up, down = (by_textbook("put", spot, 100, 7, 0.05, 0.35) for spot in (100.01, 99.99))
    delta = (up - down) / 0.02
    assert log.exposure_net[1] == pytest.approx(delta * 100 * 100 / log.equity[1], rel=1e-4)
    assert log.exposure_net[0] == log.exposure_net[-1] == 0


# -- the books ----------------------------------------------------------------------------------------

BARS = 60
contract_actions = st.lists(
    st.tuples(
        st.integers(0, BARS - 2),
        st.sampled_from(["buy", "buy", "sell", "part", "shares", "short"]),
        st.sampled_from(["call", "put"]),
        st.integers(0, 1),  # index or fund
        st.floats(0.7, 1.3),  # moneyness
        st.integers(0, 30),  # days to expiry, weekends and holidays too
        st.floats(0.01, 60),  # contracts
    ),
    max_size=40,
)


class Watched(bt.Strategy):
    """Counts cash by hand from what the book says it did."""

    params = (("script", None), ("quotes", None))

    def __init__(self):
        self.worst = 0.0

    def start(self):
        self.broker.contracts.use(self.p.quotes(self.datas[0]))

    def next(self):
        broker = self.broker
        marks = broker.contracts.marks().values()
        shares = sum(broker.getposition(d).size * d.close[0] for d in self.datas)
        held = sum(
            broker.contracts.position(c) * 100 * m.quote.price
            for c, m in zip(broker.contracts._held, marks, strict=True)
        )
        self.worst = max(self.worst, abs(broker.getvalue() - broker.getcash() - shares - held))
        for act in self.p.script.get(len(self) - 1, ()):
            act(self)


def action(kind, side, which, moneyness, days, number):
    def act(s):
        book, data = s.broker.contracts, s.datas[which]
        day = np.datetime64(s.datas[0].datetime.date(0))
        if kind == "buy" and data.close[0] > 0:
            strike = moneyness * data.close[0]
            book.buy(data, Contract(side, data._name, strike, day + np.timedelta64(days, "D")), number)
        elif kind in ("sell", "part"):
            free = [c for c in book._held if not any(o.contract == c for o in book.pending)]
            for contract in free[:1]:
                book.sell(contract, None if kind == "sell" else book.position(contract) * moneyness / 1.4)
        elif kind in ("shares", "short"):
            (s.buy if kind == "shares" else s.sell)(data=data, size=number)

    return act


@given(
    contract_actions,
    st.floats(0, 0.5),
    st.floats(0, 10),
    st.integers(0, 10_000),
    st.booleans(),
    st.sampled_from([0.025, 0.15]),
)
@settings(deadline=None)
def test_the_books_balance_with_contracts_on_every_bar(acts, spread, commission, seed, whole, volatility):
    script = {}
    for bar, *how in acts:
        script.setdefault(bar, []).append(action(*how))
    broker = LabBroker(
        cash=10_000.0,
        costs=Costs(commission_bps=1, half_spread_bps=3),
        contract_costs=ContractCosts(spread, commission),
        short_rate=0.04,
        borrow_fee=0.02,
        whole_shares=whole,
    )
    lab = Lab(broker)
    index = BarsFeed(dataname=random_bars(seed, BARS, volatility, gap=volatility))
    lab.adddata(index)
    lab.adddata(FundFeed(dataname=index, fund=-3, name="BEAR"))
    quotes = lambda data: OptionQuotes(data, RealisedVolatility(5), 0.04)  # noqa: E731
    lab.addstrategy(Watched, script=script, quotes=quotes)
    lab.addanalyzer(TradeLog)
    strategy = lab.run()[0]  # a LedgerError on any bar ends it
    book = broker.contracts
    assert strategy.worst <= 1e-6
    gains = broker.accounts["option_gains"]
    size = 1e-9 * max([10_000.0, *(abs(fill.units * fill.quote.price) for fill in book.fills)])
    assert sum(step.gain for step in book.steps) == pytest.approx(gains, abs=size)
    for step in book.steps:
        parts = step.delta + step.gamma + step.theta + step.vega + step.rest
        assert parts == pytest.approx(step.gain, rel=1e-9, abs=1e-6)
    paid = sum(fill.spread + fill.commission for fill in book.fills)
    profits = [t.profit for t in strategy.analyzers[0].trades if " " in t.instrument]
    assert sum(profits) == pytest.approx(gains - paid, abs=size)
    assert all(fill.units for fill in book.fills)
    for _, group in itertools.groupby(sorted(book.fills, key=lambda f: f.trip), key=lambda f: f.trip):
        held = list(itertools.accumulate(fill.units for fill in group))
        assert min(held) >= 0  # never short


def test_an_option_on_an_index_that_pays_is_priced_with_what_it_paid_over_a_year():
    """252 bars pay 1 % of the price each quarter, so 4 % a year; of 100 bars the two payments count."""
    n = 300
    paid = np.where(np.arange(n) % 63 == 5, 1.0, 0.0)
    bars = replace(flat_bars([100.0] * n), dividends=paid)
    made, seen = {}, []

    def look(strategy):
        day = np.datetime64(strategy.data.datetime.date(0), "D")
        put = Contract("put", strategy.data._name, 100.0, day + 30)
        seen.append(made["quotes"].at_close(put, strategy.data).price)

    def quotes(data):
        return made.setdefault("quotes", steady(0.35)(data))

    play(bars, {99: look, n - 1: look}, quotes)
    expected = [by_textbook("put", 100.0, 100.0, 30.0, 0.05, 0.35, paid) for paid in (0.02, 0.04)]
    assert seen == pytest.approx(expected, rel=1e-6)
