"""Money paid in and out through the broker: when it is there, before what, and how much may be taken."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers import EquityLog
from engine import CfdBroker, Costs, Lab, LabBroker
from feeds.backtrader_feeds import BarsFeed, FundFeed
from feeds.deposits import Deposits
from letf_instruments import LeveragedFund, SpecError
from letf_instruments.splits import ActualSplits, Ratio
from tests.conftest import make_bars, random_bars
from tests.engine.scripted import Scripted, play

FLAT = (100.0, 100.0, 100.0, 100.0)
DEPOSITS = st.one_of(
    st.none(),
    st.builds(Deposits.each, st.sampled_from([500.0, -20.0, 5_000.0]), st.sampled_from(["week", "month", 7])),
)
DAY = np.datetime64("2020-01-06", "D")  # the first of the bars below, a Monday


def dated(*rows):
    """Payments by sessions after the first, which is followed by others day by day for a week."""
    days, amounts = zip(*rows, strict=True)
    return Deposits(days=tuple(int(DAY.astype(np.int64)) + d for d in days), amounts=tuple(amounts))


def paid(broker):
    return [(each.bar, each.before, each.amount) for each in broker.payments]


@pytest.mark.parametrize("mode", [{}, {"runonce": False}, {"runonce": False, "preload": False}])
def test_a_deposit_is_there_before_the_orders_of_its_open_and_at_its_value(mode):
    """Five shares at 100 of 1,000; they open at 110, and an order for six more finds 500 + 300."""
    rows = [FLAT, FLAT, (110.0, 120.0, 105.0, 120.0), (120.0,) * 4]
    script = {0: lambda s: s.buy(size=5), 1: lambda s: s.buy(size=6)}
    broker = LabBroker(cash=1_000.0, deposits=dated((2, 300.0)))
    strategy, broker = play(make_bars(rows), script, broker, **mode)
    assert [(fill[1], fill[2]) for fill in strategy.fills] == [(100.0, 5), (110.0, 6)]
    assert paid(broker) == [(2, 500.0 + 5 * 110.0, 300.0)]
    assert strategy.values[2] == pytest.approx(500 + 300 - 660 + 11 * 120)


def test_it_comes_after_interest_a_split_and_a_dividend():
    """A night's interest of 1 % on 500, then 2 for 1, then a dividend: five shares at 100 are ten at 49."""
    bars = make_bars([FLAT] * 2 + [(49.0, 49.0, 49.0, 49.0)] * 2)
    paying = replace(bars, dividends=np.array([0.0, 0.0, 1.0, 0.0]))
    broker = LabBroker(cash=1_000.0, deposits=dated((2, 100.0)), short_rate=0.036)
    _, broker = play(paying, {0: lambda s: s.buy(size=5)}, broker)
    interest = 1_000 * 0.0001 + 1_000 * 0.0001  # the purchase is at the second open, after its night
    first = 1_000 * 1.0001 - 500
    assert broker.payments[0].before == pytest.approx(first * 1.0001 + 5 * 1.0 + 5 * 49.0)
    assert interest > 0
    lab = Lab(LabBroker(cash=1_000.0, deposits=dated((2, 100.0))))
    index = BarsFeed(dataname=make_bars([FLAT] * 5))
    lab.adddata(index)
    split = ActualSplits((DAY + 2,), (Ratio(2, 1),))
    lab.adddata(FundFeed(dataname=index, fund=LeveragedFund("X", 1.0), initial_nav=100.0, splits=split))
    lab.addstrategy(Scripted, script={0: lambda s: s.buy(data=s.datas[1], size=5)})
    lab.run()
    assert lab.broker.getposition(lab.datas[1]).size == 10
    assert paid(lab.broker) == [(2, pytest.approx(1_000.0), 100.0)]


@pytest.mark.parametrize(
    ("every", "bars"),
    [
        ("week", [5, 10, 15, 20, 25, 30, 35, 39]),
        ("month", [18, 38]),  # 2020-01-31 is the fourth Friday; 2020-02-28 likewise
        (7, [7, 14, 21, 28, 35]),
        (1, list(range(1, 41))),
        ("quarter", []),
        ("year", []),
    ],
)
def test_each_period_begins_on_its_first_session_and_the_first_one_is_left_out(every, bars):
    sessions = make_bars([FLAT] * 42).sessions
    at = np.delete(np.arange(42), 39)  # Friday 2020-02-28 is no session; the next Monday is in March
    made = Deposits.each(10.0, every).on(sessions[at].astype(np.int64))
    stamps = sessions[at].astype("datetime64[D]")
    found = np.flatnonzero(made)
    number = {"week": (stamps.astype(np.int64) + 3) // 7, "month": stamps.astype("M8[M]").astype(np.int64)}
    if every in number:
        bars = (np.flatnonzero(np.diff(number[every])) + 1).tolist()
    elif isinstance(every, int):
        bars = list(range(every, 41, every))
    assert found.tolist() == bars
    assert made[0] == 0.0


@pytest.mark.parametrize("every", ["week", "month", "quarter", "year", 1, 4])
def test_what_is_due_day_by_day_is_what_is_due_in_all(every):
    rng = np.random.default_rng(1)
    days = np.sort(rng.choice(np.arange(18_000, 19_000), 200, replace=False))
    some = Deposits(
        days=tuple(np.sort(rng.integers(17_990, 19_010, 60)).tolist()), amounts=tuple(range(1, 61))
    )
    for deposits in (Deposits.each(5.0, every), some):
        one_by_one = [
            deposits.due(int(d), None if i == 0 else int(days[i - 1]), i) for i, d in enumerate(days)
        ]
        assert one_by_one == deposits.on(days).tolist()


def test_a_date_without_a_session_is_credited_on_the_next_and_one_outside_never():
    """Saturday's comes on Monday; the day before the first is lost, and said."""
    given = dated((-1, 7.0), (0, 1.0), (5, 10.0), (5, 20.0), (30, 9.0))
    _, broker = play(make_bars([FLAT] * 8), {}, LabBroker(cash=100.0, deposits=given))
    assert paid(broker) == [(0, 100.0, 1.0), (5, 101.0, 30.0)]
    said = given.outside(DAY, DAY + 9)
    assert [note.partition(": ")[2] for note in said] == [
        "1 payment dated before the run begins, on 2020-01-06, left out",
        "1 payment dated after the run ends, on 2020-01-15, left out",
    ]


def test_a_withdrawal_takes_cash_alone_and_no_more_than_there_is():
    script = {0: lambda s: s.buy(size=5)}
    _, broker = play(make_bars([FLAT] * 5), script, LabBroker(cash=1_000.0, deposits=dated((2, -500.0))))
    assert broker.cash == 0.0
    with pytest.raises(SpecError) as error:
        play(make_bars([FLAT] * 5), script, LabBroker(cash=1_000.0, deposits=dated((2, -500.01))))
    assert str(error.value) == (
        "2020-01-08: 500.01 is to be paid out, but of cash there is 500.00; a withdrawal sells nothing, so "
        "pay out less or keep more in cash"
    )
    with pytest.raises(SpecError, match=r"700\.00 is to be paid out, but of cash there is 500\.00"):
        play(
            make_bars([FLAT] * 5), script | {2: lambda s: s.broker.add_cash(-700.0)}, LabBroker(cash=1_000.0)
        )


def test_the_proceeds_of_a_short_cannot_be_taken_out():
    script = {0: lambda s: s.sell(size=5)}
    bars = make_bars([FLAT] * 2 + [(110.0,) * 4] * 3)
    _, broker = play(bars, script, LabBroker(cash=1_000.0, deposits=dated((2, -400.0))))
    assert paid(broker) == [(2, pytest.approx(950.0), -400.0)]  # 1,500 of cash, 550 locked
    with pytest.raises(SpecError, match=r"950\.01 is to be paid out, but of cash there is 950\.00"):
        play(bars, script, LabBroker(cash=1_000.0, deposits=dated((2, -950.01))))


def test_an_account_of_contracts_takes_deposits_and_gives_what_no_margin_ties_up():
    """50 at 100 tie up 1,000 of 2,000; at 105 equity is 2,250."""
    bars = make_bars([FLAT] * 2 + [(105.0,) * 4] * 3)
    script = {0: lambda s: s.buy(size=50)}

    def account(amount):
        return CfdBroker(cash=2_000.0, financing_spread=0.0, deposits=dated((2, amount)))

    strategy, broker = play(bars, script, account(700.0))
    assert paid(broker) == [(2, pytest.approx(2_250.0), 700.0)]
    assert strategy.values[-1] == pytest.approx(2_950.0)
    _, broker = play(bars, script, account(-1_250.0))
    assert broker.getvalue() == pytest.approx(1_000.0)
    with pytest.raises(SpecError, match=r"1,250\.01 is to be paid out, but of cash there is 1,250\.00"):
        play(bars, script, account(-1_250.01))


def test_deposits_end_with_a_ruin_and_that_is_said():
    """All of it in a 3x fund that falls to nothing on the third bar; 100 come before, two would after."""
    rows = [FLAT, FLAT, (100.0, 100.0, 60.0, 60.0), (60.0,) * 4, (60.0,) * 4]
    given = dated((1, 100.0), (3, 100.0), (4, 100.0))
    lab = Lab(LabBroker(cash=500.0, deposits=given))
    index = BarsFeed(dataname=make_bars(rows))
    lab.adddata(index)
    lab.adddata(FundFeed(dataname=index, fund=LeveragedFund("X", 3.0), initial_nav=100.0))
    lab.addstrategy(Scripted, script={0: lambda s: s.buy(data=s.datas[1], size=50)})
    strategy = lab.run()[0]
    assert paid(lab.broker) == [(1, 500.0, 100.0)]
    assert strategy.values == pytest.approx([500.0, 600.0, 0.0, 0.0, 0.0], abs=1e-6)
    assert sum("no deposit is credited any more" in note for note in lab.broker.notes) == 1


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda: Deposits.each(float("inf"), "month"), "no finite amount of money"),
        (lambda: Deposits.each(5.0, "fortnight"), "every is 'fortnight'; it must be 'week'"),
        (lambda: Deposits.each(5.0, 0), "every is 0; it must be"),
        (lambda: LabBroker(deposits=500.0), r"deposits is 500\.0; it must be a feeds\.deposits\.Deposits"),
    ],
)
def test_deposits_that_cannot_be_are_refused(wrong, says):
    with pytest.raises(SpecError, match=says):
        wrong()


@given(
    st.integers(0, 10**6),
    st.sampled_from([LabBroker, CfdBroker]),
    st.lists(st.tuples(st.integers(0, 58), st.sampled_from([-40.0, 25.0, 3_000.0])), max_size=12),
    DEPOSITS,
)
@settings(max_examples=60)
def test_units_are_issued_at_what_one_is_worth_whatever_is_traded(seed, kind, payments, deposits):
    """backtrader's own value of a unit, which the broker keeps as money comes and goes, is the account's
    time-weighted growth; and cash and positions add up on every bar, or the run would stop."""
    rng = np.random.default_rng(seed)
    bars = random_bars(seed, 60, volatility=0.02)
    script = {}
    for bar in range(60):
        due = [amount for at, amount in payments if at == bar]
        drawn = float(rng.choice([0.0, 3.0, -2.0, 8.0]))

        def act(s, due=due, size=drawn):
            for amount in due:
                s.broker.add_cash(amount)
            if size:
                (s.buy if size > 0 else s.sell)(size=abs(size))

        script[bar] = act
    lab = Lab(kind(cash=10_000.0, deposits=deposits, costs=Costs(commission_bps=5), short_rate=0.02))
    lab.adddata(BarsFeed(dataname=bars))
    lab.addstrategy(Scripted, script=script)
    lab.addanalyzer(EquityLog)
    try:
        (log,) = lab.run()[0].analyzers
    except SpecError as error:
        refused = str(error)
    else:
        curve = log.by_session()
        assert (curve.equity > 0).all()
        assert curve.worth[-1] / 10_000.0 == pytest.approx(lab.broker.fundvalue / 100.0, rel=1e-9)
        assert curve.paid[-1] == pytest.approx(sum(each.amount for each in curve.payments))
        return
    assert "is to be paid out, but of cash there is" in refused
