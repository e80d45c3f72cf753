"""An account of contracts for difference: financing, margin, stop-out, what is lost beyond the stake."""

import csv
import datetime

import backtrader as bt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import CfdBroker, Costs, Lab, LabBroker
from feeds.backtrader_feeds import BarsFeed, FundFeed
from feeds.reading.files import read_bars
from letf_instruments import SpecError, known_fund
from tests.conftest import make_bars, random_bars
from tests.engine.scripted import Scripted, bracket, play
from tests.engine.test_ledger import Watched, actions, costs, orders_of

FLAT = (100.0, 100.0, 100.0, 100.0)


def cfd(**settings):
    return CfdBroker(**{"cash": 10_000.0, "financing_spread": 0.0, **settings})


def buy(size=500):
    return {0: lambda s: s.buy(size=size)}


def sell(size=500):
    return {0: lambda s: s.sell(size=size)}


def two(rows, others, script, fund=None, **settings):
    """A script on two instruments, A and B (or a fund of A), in a CFD account of 10,000."""
    lab = Lab(cfd(**settings))
    index = BarsFeed(dataname=make_bars(rows, name="A"))
    lab.adddata(index)
    lab.adddata(
        BarsFeed(dataname=make_bars(others, name="B"))
        if fund is None
        else FundFeed(dataname=index, fund=fund, name="B")
    )
    lab.addstrategy(Scripted, script=script)
    return lab.run()[0], lab.broker


# -- what a position ties up and costs ----------------------------------------------------------------


def test_nothing_is_bought_and_margin_is_tied_up():
    seen = {}
    script = buy(100) | {2: lambda s: seen.update(cash=s.broker.getcash(), used=s.broker.capital_in_use())}
    rows = [FLAT, FLAT, (110.0,) * 4, (110.0,) * 4]
    strategy, _ = play(make_bars(rows), script, cfd())
    assert strategy.values[2] == pytest.approx(11_000)  # 100 contracts, 10 each
    assert seen == {"cash": pytest.approx(10_000), "used": pytest.approx(2_000)}  # .2 of 100 x 100 at entry


def test_a_weekend_is_financed_for_three_days_on_the_whole_notional():
    bars = make_bars([FLAT] * 5, start="2020-01-09")  # Thursday; bought on Friday
    long, broker = play(bars, buy(100), cfd(short_rate=0.02, financing_spread=0.025))
    assert np.diff(long.values) == pytest.approx([0, -3.75, -1.25, -1.25])  # 10,000 at 4.5 %, ACT/360
    assert broker.accounts["financing"] == pytest.approx(6.25)
    assert broker.accounts["interest"] == 0  # equity earns nothing
    short, broker = play(bars, sell(100), cfd(short_rate=0.05, financing_spread=0.025))
    assert np.diff(short.values) == pytest.approx([0, 2.083333, 0.694444, 0.694444], abs=1e-6)
    assert broker.accounts["financing"] == pytest.approx(-3.472222)


def test_financing_follows_the_notional_of_the_day_before():
    rows = [FLAT, FLAT, (150.0,) * 4, (150.0,) * 4]
    strategy, _ = play(make_bars(rows), buy(100), cfd(short_rate=0.036))
    assert np.diff(strategy.values) == pytest.approx([0, 5_000 - 1.0, -1.5])


def test_equity_earns_interest_only_if_asked_to_and_shorts_pay_the_fee_that_is_passed_on():
    bars = make_bars([FLAT] * 3)
    _, broker = play(bars, {}, cfd(short_rate=0.036, interest_on_equity=True, cash_spread=0.018))
    assert broker.accounts["interest"] == pytest.approx(2 * 10_000 * 0.018 / 360, rel=1e-3)
    _, broker = play(bars, sell(100), cfd(borrow_fee=0.36))
    assert broker.accounts["borrow"] == pytest.approx(10_000 * 0.36 / 360)


def test_an_order_shrinks_to_what_margin_carries_long_and_short_and_costs_included():
    for script, sign in ((buy(600), 1), (sell(600), -1)):
        strategy, broker = play(make_bars([FLAT] * 3), script, cfd())
        assert strategy.fills[0][2] == pytest.approx(sign * 500)  # 10,000 of margin carry 50,000
        assert "margin allows no more" in broker.notes[0]
    strategy, _ = play(make_bars([FLAT] * 3), buy(600), cfd(costs=Costs(commission_bps=100)))
    # 20 of margin and 1 of commission each
    assert strategy.fills[0][2] == pytest.approx(10_000 / 21)


def test_margin_stays_what_it_was_at_entry_and_profit_carries_more():
    # 250 at 100 tie up 5,000. At 120 equity is 15,000: 10,000 free, 24 each: 416.67 more.
    rows = [FLAT, FLAT, (120.0,) * 4, (120.0,) * 4]
    script = buy(250) | {1: lambda s: s.buy(size=1_000)}
    strategy, broker = play(make_bars(rows), script, cfd())
    assert strategy.fills[1][2] == pytest.approx(10_000 / 24)
    assert broker.capital_in_use() == pytest.approx(15_000)


def test_turning_a_position_round_needs_margin_for_the_new_side_only():
    script = buy(500) | {1: lambda s: s.sell(size=1_000)}
    strategy, _ = play(make_bars([FLAT] * 4), script, cfd())
    assert strategy.fills[1][2] == pytest.approx(-1_000)


def test_margin_of_one_position_is_not_there_for_another():
    script = {0: lambda s: s.buy(data=s.datas[0], size=300), 1: lambda s: s.sell(data=s.datas[1], size=300)}
    strategy, _ = two([FLAT] * 4, [FLAT] * 4, script)
    assert strategy.fills[1][2] == pytest.approx(-200)  # 6,000 of 10,000 are tied up: 4,000 carry 20,000


def test_leverage_on_leverage_is_called_by_its_product():
    script = {0: lambda s: s.buy(data=s.datas[1], size=10)}
    _, broker = two([FLAT] * 4, None, script, fund=-3)
    said = [note for note in broker.notes if "leverage on leverage" in note]
    assert len(said) == 1
    assert said[0].endswith("is 5×, on a fund of -3× up to -15 times the index's daily move")


# -- stop-out -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "row", "price"),
    [
        (buy(), (99, 99, 85, 95), 90),  # 500 at 100 with 10,000: half of the margin is lost at 90
        (sell(), (101, 115, 101, 105), 110),
        (buy(), (90, 99, 89, 95), 90),  # at the open, on the very price
        (buy(), (85, 99, 80, 95), 85),  # beyond it
        (sell(), (115, 116, 100, 101), 115),
    ],
)
def test_a_position_is_stopped_out_where_half_of_its_margin_is_lost(script, row, price):
    rows = [FLAT, FLAT, row, FLAT]
    strategy, broker = play(make_bars(rows), script, cfd())
    side = 1 if strategy.fills[0][2] > 0 else -1
    assert strategy.fills[1] == (2, pytest.approx(price), -500 * side, "stop-out")
    assert broker.getvalue() == pytest.approx(10_000 - 500 * abs(price - 100))
    assert [note for note in broker.notes if "stop-out" in note]


def test_a_price_that_stays_short_of_it_stops_nobody_out():
    strategy, broker = play(make_bars([FLAT, FLAT, (99, 100, 90.01, 91), FLAT]), buy(), cfd())
    assert len(strategy.fills) == 1
    assert broker.getvalue() == pytest.approx(10_000)


def test_it_is_live_on_the_entry_bar():
    strategy, _ = play(make_bars([FLAT, (100, 101, 80, 100), FLAT]), buy(), cfd())
    assert strategy.fills[1] == (1, pytest.approx(90), -500, "stop-out")


@pytest.mark.parametrize(
    ("stop", "target", "expected"),
    [
        (0.08, None, (92, "stop")),  # met before 90
        (0.12, None, (90, "stop-out")),  # would come after
        (None, 0.01, (90, "stop-out")),  # of a target in the same bar it is not known which came first
    ],
)
def test_stop_and_stop_out_are_met_in_the_order_of_their_prices(stop, target, expected):
    strategy, _ = play(
        make_bars([FLAT, FLAT, (99, 102, 85, 95), FLAT]), {0: bracket(500, stop, target)}, cfd()
    )
    _, price, _, reason = strategy.fills[1]
    assert (price, reason) == (pytest.approx(expected[0]), expected[1])
    assert len(strategy.fills) == 2  # nothing is left that could sell once more


def test_what_the_owner_does_at_the_open_comes_first():
    script = buy() | {1: lambda s: s.close(reason="mine")}
    strategy, broker = play(make_bars([FLAT, FLAT, (70, 70, 60, 65), FLAT]), script, cfd())
    assert strategy.fills[1] == (2, 70, -500, "mine")
    assert broker.getvalue() == 0  # 5,000 beyond the stake, borne by the provider all the same


def test_a_stop_of_the_owner_s_that_the_open_has_passed_comes_first_too():
    rows = [FLAT, FLAT, (80, 80, 75, 75), FLAT]
    strategy, _ = play(make_bars(rows), {0: bracket(500, stop=0.05)}, cfd())
    assert strategy.fills[1] == (2, 80, -500, "stop")


def test_what_is_bought_at_the_close_is_not_closed_out_by_the_bar_before_it():
    rows = [FLAT, (100, 100, 80, 100), FLAT]
    script = {0: lambda s: s.buy(size=500, exectype=bt.Order.Close)}
    strategy, broker = play(make_bars(rows), script, cfd())
    assert [fill[:3] for fill in strategy.fills] == [(1, 100, 500)]
    assert broker.getvalue() == 10_000


@pytest.mark.parametrize(("protected", "left", "borne"), [(True, 0, 2_500), (False, -2_500, 0)])
def test_a_gap_beyond_the_stake_is_the_provider_s_or_the_client_s(protected, left, borne):
    rows = [FLAT, FLAT, (75.0,) * 4, (75.0,) * 4, (75.0,) * 4]
    script = buy() | {3: lambda s: s.buy(size=1)}
    strategy, broker = play(make_bars(rows), script, cfd(negative_balance_protection=protected))
    assert broker.getvalue() == pytest.approx(left)
    assert broker.accounts["protection"] == pytest.approx(borne)
    assert broker.ruined
    assert [o.getstatusname() for o in strategy.orders.values()] == ["Completed", "Completed", "Rejected"]
    words = "the provider bears the loss beyond the stake of 2500.00"
    assert any(words in note for note in broker.notes) == protected
    assert any("a loss beyond the stake of 2500.00" in note for note in broker.notes) != protected


def test_a_bear_fund_wiped_out_over_night_takes_the_whole_notional():
    """The index opens 40 % up: a -3x fund is worth nothing, and 50,000 of it were carried by 10,000."""
    rows = [FLAT, FLAT, (140.0,) * 4, (140.0,) * 4]
    _, broker = two(rows, None, {0: lambda s: s.buy(data=s.datas[1], size=500)}, fund=-3)
    assert broker.accounts["gains"] == pytest.approx(-50_000)
    assert broker.accounts["protection"] == pytest.approx(40_000)
    assert broker.getvalue() == 0


def test_a_bar_without_a_price_closes_nothing_and_the_next_one_does():
    bars = make_bars([FLAT, FLAT, FLAT, (80.0,) * 4, (80.0,) * 4])
    for column in ("open", "high", "low", "close"):
        values = getattr(bars, column).copy()
        values[2] = np.nan
        object.__setattr__(bars, column, values)
    strategy, broker = play(bars, buy(), cfd())
    assert strategy.fills[1] == (3, 80, -500, "stop-out")
    assert broker.getvalue() == pytest.approx(0)


def test_what_is_owed_after_ruin_stays_what_it_was_when_all_was_closed():
    rows = [FLAT, FLAT] + [(75.0,) * 4] * 20
    broker = cfd(negative_balance_protection=False, debt_spread=0.036)
    strategy, _ = play(make_bars(rows), buy(), broker)
    assert broker.ruined
    assert strategy.values[2:] == [pytest.approx(-2_500)] * 20
    assert broker.accounts["interest"] == 0


def test_the_costs_of_being_closed_out_are_charged_too():
    rows = [FLAT, FLAT, (99, 99, 85, 95), FLAT]
    _, broker = play(make_bars(rows), buy(400), cfd(costs=Costs(half_spread_bps=10)))
    # 400 at 100: margin 8,000, floor 4,000, equity 9,960; 5,960 lost at 85.1
    assert broker.accounts["spread"] == pytest.approx(40 + 400 * 85.1 * 1e-3)
    assert broker.getvalue() == pytest.approx(4_000 - 400 * 85.1 * 1e-3)


# -- several positions --------------------------------------------------------------------------------

BOTH_LONG = {0: lambda s: [s.buy(data=d, size=250) for d in s.datas]}
LONG_SHORT = {0: lambda s: [s.buy(data=s.datas[0], size=250), s.sell(data=s.datas[1], size=250)]}


def test_several_are_closed_at_the_prices_of_one_moment():
    # 5,000 may be lost; at the lows it would be 7,500: so two thirds of the way down.
    a, b = [FLAT, FLAT, (100, 100, 80, 90), FLAT], [FLAT, FLAT, (100, 100, 90, 90), FLAT]
    strategy, broker = two(a, b, BOTH_LONG)
    assert [fill[1] for fill in strategy.fills[2:]] == pytest.approx([260 / 3, 280 / 3])
    assert broker.getvalue() == pytest.approx(5_000)


def test_a_long_carries_a_short_through_a_bar_in_which_both_move_alike():
    wide = [FLAT, FLAT, (100, 115, 85, 100), FLAT]
    strategy, broker = two(wide, wide, LONG_SHORT)
    assert len(strategy.fills) == 2
    assert broker.getvalue() == pytest.approx(10_000)


def test_instruments_that_parted_ways_are_closed_at_the_close():
    a, b = [FLAT, FLAT, (100, 115, 85, 88), FLAT], [FLAT, FLAT, (100, 115, 85, 112), FLAT]
    strategy, broker = two(a, b, LONG_SHORT)
    assert sorted(strategy.fills[2:]) == [(2, 88, -250, "stop-out"), (2, 112, 250, "stop-out")]
    assert broker.getvalue() == pytest.approx(4_000)


def test_a_bear_fund_rises_when_its_index_falls():
    """250 of a -1x fund at 100 against 250 of the index: each loses what the other gains."""
    rows = [FLAT, FLAT, (100, 118, 82, 100), FLAT]
    strategy, _ = two(rows, None, BOTH_LONG, fund=-1)
    assert len(strategy.fills) == 2
    strategy, _ = two(rows, None, LONG_SHORT, fund=-1)  # twice the bet: 5,000 lost at 90 and 110
    assert sorted(fill[1] for fill in strategy.fills[2:]) == pytest.approx([90, 110])


def test_a_stop_of_one_comes_before_the_stop_out_of_both_and_lets_the_other_live():
    # A's stop at 95 is a quarter of the way to 80; B alone then loses 250 x 10 at its low: 7,500 - 1,250.
    a, b = [FLAT, FLAT, (100, 100, 80, 90), FLAT], [FLAT, FLAT, (100, 100, 90, 90), FLAT]
    script = {
        0: lambda s: [bracket(250, stop=0.05)(s), s.buy(data=s.datas[1], size=250)],
    }
    strategy, broker = two(a, b, script)
    assert [fill[3] for fill in strategy.fills] == ["entry", "", "stop"]
    assert broker.getvalue() == pytest.approx(10_000 - 1_250)


# -- it adds up, whatever is traded ----------------------------------------------------------------------


class Margined(Watched):
    """Watched, with a provider's accounts, and that it closed what margin did not carry."""

    def next(self):
        books, broker = self.broker.accounts, self.broker
        flows = broker.startingcash + sum(self.cash.values()) + books["interest"] - books["borrow"]
        flows += books["protection"] - books["financing"]
        worth = sum(self.held.get(d._name, 0.0) * d.close[0] for d in self.datas)
        self.worst = max(self.worst, abs(broker.getvalue() - flows - worth) / max(broker._largest, 1.0))
        if any(broker.getposition(d).size for d in self.datas):
            assert broker.getvalue() >= broker.margin_requirement() - 1e-9 * broker._largest
        if broker.p.negative_balance_protection:
            assert broker.getvalue() >= 0
        for act in self.p.script.get(len(self) - 1, ()):
            act(self)


@given(
    actions,
    costs,
    st.integers(0, 10_000),
    st.sampled_from([0.025, 0.15]),
    st.sampled_from([0.05, 0.2, 1.0]),
    st.sampled_from([0.0, 0.5, 0.9]),
    st.booleans(),
)
@settings(deadline=None)
def test_equity_changes_by_prices_fills_and_named_accounts_alone_and_no_breach_lasts_a_bar(
    actions, costs, seed, volatility, margin_rate, stop_out, flag
):
    script = {}
    for bar, kind, which, size, near in actions:
        script.setdefault(bar, []).append(orders_of(kind, which, size, near))
    bars = random_bars(seed, 50, volatility, gap=volatility)
    lab = Lab(
        CfdBroker(
            cash=10_000.0,
            costs=costs,
            short_rate=0.03,
            borrow_fee=0.02,
            debt_spread=0.02,
            margin_rate=margin_rate,
            stop_out=stop_out,
            interest_on_equity=flag,
            negative_balance_protection=flag,
        )
    )
    index = BarsFeed(dataname=bars)
    lab.adddata(index)
    lab.adddata(FundFeed(dataname=index, fund=-3, name="BEAR"))
    lab.addstrategy(Margined, script=script)
    strategy = lab.run()[0]
    assert strategy.worst <= 1e-9
    for order in strategy.last.values():
        whole = abs(order.executed.size - strategy.asked[order.ref]) <= 1e-9 * abs(strategy.asked[order.ref])
        assert order.alive() or whole or order.info.get("why"), order


@pytest.mark.parametrize("run", [{}, {"runonce": False}, {"runonce": False, "preload": False}])
def test_bar_by_bar_gives_the_same_stop_outs_as_all_at_once(run):
    bars = random_bars(3, 200, 0.03)
    script = {i: (lambda s: s.buy(size=400)) for i in range(0, 190, 7)}
    once, _ = play(bars, script, cfd())
    strategy, _ = play(bars, script, cfd(), **run)
    assert strategy.fills == once.fills
    assert "stop-out" in {fill[3] for fill in once.fills}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"margin_rate": 0}, "margin_rate is 0; a contract ties up at least"),
        ({"stop_out": 1}, "stop_out is 1"),
        ({"financing_spread": 1}, "financing_spread is 1"),
        ({"borrow_fee": 9}, "borrow_fee is 9; it must be between 0 and 5"),
        ({"recall_rate": 2}, "a CFD account has no recall_rate"),
        ({"maintenance_margin": 0.4}, "a CFD account has no maintenance_margin"),
    ],
)
def test_what_cannot_be_is_refused(change, says):
    with pytest.raises(SpecError, match=says):
        CfdBroker(**change)


def test_strange_terms_are_noted_before_anything_happens():
    assert "100×" in CfdBroker(margin_rate=0.01).notes[0]


# -- real prices --------------------------------------------------------------------------------------


class OnFund(BarsFeed):
    """Real prices of a fund, which a broker asks its multiple."""

    params = (("fund", None),)

    def __init__(self):
        super().__init__()
        self.fund = known_fund(self.p.fund)


def on_real(folder, ticker, first, last, side, broker, share):
    """Buy or sell so much of the account at the open after the first day; fills as (date, price, reason)."""
    bars = read_bars(folder / f"{ticker}.csv").between(first, last)
    script = {
        0: lambda s: (s.buy if side > 0 else s.sell)(
            size=share * s.broker.getvalue() / bars.open[1]  # a scripted replay, so that all is in use
        )
    }
    lab = Lab(broker)
    lab.adddata(OnFund(dataname=bars, fund=ticker))
    lab.addstrategy(Scripted, script=script)
    strategy = lab.run()[0]
    return [(str(bars.sessions[bar]), price, reason) for bar, price, _, reason in strategy.fills]


def plain_rows(folder, ticker, first, last):
    """The file, read without any of this project's code: (date, open, high, low, close)."""
    with (folder / f"{ticker}.csv").open(newline="") as file:
        rows = [{k.lower(): v for k, v in row.items()} for row in csv.DictReader(file)]
    chosen = [r for r in rows if first <= datetime.date.fromisoformat(r["date"]) <= last]
    return [(r["date"], *(float(r[k]) for k in ("open", "high", "low", "close"))) for r in chosen]


@pytest.mark.market
@pytest.mark.parametrize(
    ("first", "last"),
    [
        (datetime.date(2020, 3, 18), datetime.date(2020, 4, 30)),
        (datetime.date(2022, 7, 1), datetime.date(2022, 8, 31)),
    ],
)
def test_a_short_of_soxl_is_bought_in_on_the_day_that_the_margin_rules_give(market_folder, first, last):
    """10,000 short half their value: 5,000 of SOXL. Its keep is 90 % (3 x 30 %), so the call comes at the
    first close c with 15,000 - 5,000 c/p below .9 · 5,000 c/p, and is bought in at the open after."""
    rows = plain_rows(market_folder, "SOXL", first, last)
    price = rows[1][1]
    called = next(i for i, r in enumerate(rows) if i and 1.9 * 5_000 * r[4] / price > 15_000)
    fills = on_real(market_folder, "SOXL", first, last, -1, LabBroker(cash=10_000.0), 0.5)
    assert fills[1] == (rows[called + 1][0], pytest.approx(rows[called + 1][1]), "margin call")


@pytest.mark.market
@pytest.mark.parametrize(
    ("first", "last"),
    [
        (datetime.date(2020, 3, 20), datetime.date(2020, 4, 30)),
        (datetime.date(2022, 7, 1), datetime.date(2022, 8, 31)),
    ],
)
def test_a_cfd_on_soxs_at_5x_is_liquidated_on_the_day_that_its_arithmetic_gives(market_folder, first, last):
    """All equity is margin: half of it is gone 10 % below the entry; at the open if that is lower."""
    rows = plain_rows(market_folder, "SOXS", first, last)
    level = 0.9 * rows[1][1]
    hit = next(r for i, r in enumerate(rows) if i and r[3] <= level)
    fills = on_real(market_folder, "SOXS", first, last, 1, cfd(), 5.0)
    assert fills[1] == (hit[0], pytest.approx(min(level, hit[1])), "stop-out")


@pytest.mark.market
def test_a_gap_against_a_short_of_soxs_costs_more_than_the_stake(market_folder):
    """12 March 2020: SOXS opens more than a fifth above the open of the day before, so that at 5x all is
    lost and more; within that day before it had not risen by the tenth that stops out."""
    first, last = datetime.date(2020, 3, 10), datetime.date(2020, 3, 20)
    rows = plain_rows(market_folder, "SOXS", first, last)
    entry = rows[1][1]
    hit = next(r for i, r in enumerate(rows) if i and r[2] >= 1.1 * entry)
    assert hit[0] == "2020-03-12"
    loss = 50_000 * (hit[1] / entry - 1)
    assert loss > 10_000
    for protected in (True, False):
        broker = cfd(negative_balance_protection=protected)
        fills = on_real(market_folder, "SOXS", first, last, -1, broker, 5.0)
        assert fills[1] == (hit[0], pytest.approx(hit[1]), "stop-out")
        assert broker.accounts["gains"] == pytest.approx(-loss)
        assert broker.getvalue() == pytest.approx(0 if protected else 10_000 - loss)
        assert broker.accounts["protection"] == pytest.approx(loss - 10_000 if protected else 0)
