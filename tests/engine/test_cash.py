"""Interest on idle cash and debts, the borrow fee, and cash that comes in during a run."""

import numpy as np
import pytest

from engine import LabBroker
from feeds.rates import BorrowFee, ShortRate
from letf_instruments import SpecError
from tests.conftest import make_bars
from tests.engine.scripted import play

FLAT = (100.0, 100.0, 100.0, 100.0)


@pytest.mark.parametrize(
    ("rate", "spread", "earned"),
    [
        (0.036, 0.0036, 0.0324),
        (0.036, 0.05, 0.0),  # the spread takes all of it, but no more
        (-0.0036, 0.05, -0.0036),  # only a negative rate costs
        (-0.0036, 0.0, -0.0036),
    ],
)
def test_idle_cash_earns_the_short_rate_less_a_spread(rate, spread, earned):
    broker = LabBroker(cash=10_000.0, short_rate=rate, cash_spread=spread)
    play(make_bars([FLAT] * 2), {}, broker)  # one night
    assert broker.accounts["interest"] == pytest.approx(10_000 * earned / 360, abs=1e-12)


def test_a_debt_pays_a_spread_on_top():
    # Eight shares at 100 are bought; another broker has a debt of 500 beside them for the last night.
    broker = LabBroker(cash=1_000.0, debt_spread=0.036)
    script = {0: lambda s: s.buy(size=8), 3: lambda s: s.broker.restate_cash(-500.0)}
    play(make_bars([FLAT] * 5), script, broker)
    assert broker.accounts["interest"] == pytest.approx(-500 * 0.036 / 360)
    assert any("cash is -500.00, a debt at the short rate and 3.60%" in note for note in broker.notes)


@pytest.mark.parametrize("kind", [ShortRate, BorrowFee])
def test_a_borrow_fee_may_change_with_time(kind):
    bars = make_bars([FLAT] * 6)  # Monday to Friday, and Monday
    days, fees = bars.sessions[[0, 3]], np.array([0.072, 0.288])
    series = ShortRate("fee", days, fees) if kind is ShortRate else BorrowFee(days, fees)
    broker = LabBroker(cash=1_000.0, borrow_fee=series)
    play(bars, {0: lambda s: s.sell(size=5)}, broker)
    # Short 500 from Tuesday: two nights at the fee known on Tuesday and Wednesday, one at Thursday's, and
    # the three to Monday.
    assert broker.accounts["borrow"] == pytest.approx(500 * (2 * 0.072 + 4 * 0.288) / 360)
    assert broker.notes == []


def test_a_fee_above_a_hundred_percent_is_said_and_above_five_hundred_refused():
    broker = LabBroker(cash=1_000.0, borrow_fee=1.5)
    play(make_bars([FLAT] * 6), {0: lambda s: s.sell(size=5)}, broker)
    assert [note.partition(": ")[2] for note in broker.notes] == ["TEST: the borrow fee is 150% a year"]
    for fee in (5.1, -0.1, float("nan")):
        with pytest.raises(SpecError, match=r"borrow_fee is .*; it must be between 0 and 5"):
            LabBroker(borrow_fee=fee)
    with pytest.raises(SpecError, match="borrow_fee is 6"):
        BorrowFee(np.array(["2020-01-01"], dtype="M8[D]"), np.array([6.0]))


@pytest.mark.parametrize(
    ("name", "value"),
    [("cash_spread", -0.01), ("debt_spread", 0.5), ("recall_rate", -1), ("seed", -1), ("seed", 1.5)],
)
def test_a_setting_that_cannot_be_is_refused_by_its_name(name, value):
    with pytest.raises(SpecError, match=name):
        LabBroker(**{name: value})


def test_cash_added_and_taken_is_neither_gain_nor_loss():
    script = {1: lambda s: s.broker.add_cash(500.0), 2: lambda s: s.broker.add_cash(-200.0)}
    strategy, broker = play(make_bars([FLAT] * 5), script, LabBroker(cash=1_000.0))
    assert strategy.values == [1_000.0, 1_000.0, 1_500.0, 1_300.0, 1_300.0]
    assert (broker.accounts["added"], broker.accounts["gains"]) == (300.0, 0.0)


def test_all_of_it_may_be_paid_out_and_some_paid_in_again():
    script = {1: lambda s: s.broker.add_cash(-1_000.0), 3: lambda s: s.broker.add_cash(700.0)}
    strategy, broker = play(make_bars([FLAT] * 6), script, LabBroker(cash=1_000.0))
    assert strategy.values == [1_000.0, 1_000.0, 0.0, 0.0, 700.0, 700.0]
    assert broker.accounts["added"] == -300.0
    assert broker.fundvalue == 100.0  # a payment changes what there is of shares, not what one is worth
    assert ["all has been paid out" in note for note in broker.notes] == [True]


def test_cash_set_during_a_run_is_booked_as_added_and_before_it_as_the_start():
    broker = LabBroker(cash=1_000.0)
    broker.set_cash(2_000.0)
    script = {1: lambda s: s.broker.set_cash(2_500.0)}
    strategy, _ = play(make_bars([FLAT] * 4), script, broker)
    assert strategy.values == [2_000.0, 2_000.0, 2_500.0, 2_500.0]
    assert (broker.startingcash, broker.accounts["added"]) == (2_000.0, 500.0)


def test_cash_set_while_something_is_held_leaves_its_value_in_the_equity():
    # Five shares at 100 of 1,000: with 800 of cash in the place of 500 there are 1,300, from the next bar on.
    seen = []

    def sets(s):
        s.broker.set_cash(700.0)
        s.broker.set_cash(800.0)  # the last word counts
        seen.append(s.broker.getvalue())

    strategy, broker = play(
        make_bars([FLAT] * 4), {0: lambda s: s.buy(size=5), 2: sets}, LabBroker(cash=1_000.0)
    )
    assert seen == [1_000.0]
    assert strategy.values[-1] == 1_300.0
    assert (broker.startingcash, broker.accounts["added"]) == (1_000.0, 300.0)


@pytest.mark.parametrize("way", ["add_cash", "set_cash"])
@pytest.mark.parametrize("amount", [float("nan"), float("inf")])
def test_cash_that_is_no_amount_is_refused(way, amount):
    with pytest.raises(SpecError, match="finite amount of money"):
        play(make_bars([FLAT] * 3), {1: lambda s: getattr(s.broker, way)(amount)})
