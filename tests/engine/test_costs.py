"""Costs term by term, and what they leave to spend."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import PRESETS, Costs, LabBroker
from engine.kernel import arithmetic
from letf_instruments import SpecError
from tests.conftest import make_bars
from tests.engine.scripted import play

FLAT = (100.0, 100.0, 100.0, 100.0)


@pytest.mark.parametrize(
    ("costs", "commission", "spread", "slippage"),
    [
        # 200 shares at 50, of a bar's 20,000: value 10,000, a hundredth of the volume.
        (Costs(commission_bps=3), 3.0, 0, 0),
        (Costs(commission_per_share=0.0035), 0.7, 0, 0),
        (Costs(commission_per_trade=1.5, commission_per_share=0.0035, commission_bps=3), 1.5 + 0.7 + 3, 0, 0),
        (Costs(commission_per_share=0.0035, commission_minimum=0.8), 0.8, 0, 0),
        (Costs(commission_per_trade=0.5, commission_per_share=0.0035, commission_minimum=1), 1.2, 0, 0),
        (Costs(half_spread_cents=0.5), 0, 1.0, 0),
        (Costs(half_spread_cents=0.5, half_spread_bps=2), 0, 1.0 + 2.0, 0),
        (Costs(slippage_bps=4), 0, 0, 4.0),
        (Costs(impact_bps=30), 0, 0, 3.0),  # 30 bp · √(1/100) of 10,000
        (Costs(impact_bps=30, slippage_bps=4), 0, 0, 7.0),
    ],
)
def test_each_cost_is_what_its_unit_says(costs, commission, spread, slippage):
    for size in (200, -200):
        assert costs.charge(size, 50.0, 20_000) == pytest.approx((commission, spread, slippage))


def test_four_times_the_size_moves_the_price_twice_as_far():
    costs = Costs(impact_bps=30)
    small, large = (costs.charge(size, 50.0, 20_000).slippage / size for size in (200, 800))
    assert large == pytest.approx(2 * small)


def test_half_a_spread_is_never_more_than_the_price():
    assert Costs(half_spread_cents=50).charge(10, 0.2).spread == pytest.approx(2.0)
    assert Costs(half_spread_cents=50).charge(10, 0.0).total == 0.0


@pytest.mark.parametrize("name", [f.name for f in dataclasses.fields(Costs)])
@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf")])
def test_a_cost_that_cannot_be_is_refused_by_its_name(name, value):
    with pytest.raises(SpecError, match=f"costs.{name}"):
        Costs(**{name: value})


SPENDING = (
    st.floats(0, 1e9),
    st.floats(0.001, 1e5),
    st.floats(0.1, 2),
    st.floats(0, 1e5),
    st.one_of(st.just(0.0), st.floats(1, 1e9)),
    st.builds(
        Costs,
        commission_bps=st.floats(0, 100),
        commission_per_share=st.floats(0, 1),
        commission_per_trade=st.floats(0, 50),
        commission_minimum=st.floats(0, 50),
        half_spread_bps=st.floats(0, 100),
        half_spread_cents=st.floats(0, 100),
        slippage_bps=st.floats(0, 100),
        impact_bps=st.floats(0, 100),
    ),
)


@given(*SPENDING)
def test_the_largest_purchase_spends_no_more_than_there_is_and_nearly_all_of_it(
    money, price, tied, closed, volume, costs
):
    need, most = tied * price, 1e9
    size = costs.largest(money, price, need, volume, closed, most)

    def spent(size):
        return size * need + costs.charge(closed + size, price, volume).total

    assert 0 <= size <= most
    if size:
        assert spent(size) <= money
    if size < most:
        assert spent(size * (1 + 1e-9) + 1e-9) > money


def test_presets_are_named_and_can_be_changed_in_part():
    assert Costs.preset("zero") == Costs()
    assert Costs.preset("retail", slippage_bps=9).slippage_bps == 9
    assert Costs.preset("retail", slippage_bps=9).half_spread_bps == PRESETS["retail"].half_spread_bps
    with pytest.raises(SpecError, match="no costs named 'retial'; known are zero, retail, pro"):
        Costs.preset("retial")


def test_presets_cost_what_their_brokers_and_quotes_do():
    """An order of 10,000 dollars in SOXS at 20 dollars, one cent wide: half the spread is .5 cent."""
    shares, price = 500, 20.0
    retail = PRESETS["retail"].charge(shares, price)
    assert retail.commission == 0
    assert 0.5 <= retail.spread / (shares * 0.005) <= 2.5  # between quotes of 8 and of 40 dollars
    pro = PRESETS["pro"].charge(shares, price, volume=10_000_000)
    assert pro.commission == pytest.approx(shares * 0.0035)  # Interactive Brokers, tiered
    assert PRESETS["pro"].charge(1, price).commission == 0.35  # its minimum
    assert pro.spread < retail.spread


def test_zero_and_retail_differ_by_the_costs_and_what_they_would_have_earned():
    # 10 shares at 100 bought on Tuesday and sold on Thursday; interest of 3.6 %, .0001 a day.
    bars = make_bars([FLAT] * 5)  # Monday to Friday
    script = {0: lambda s: s.buy(size=10), 2: lambda s: s.sell(size=10)}
    ends, paid = {}, {}
    for name in ("zero", "retail"):
        broker = LabBroker(cash=10_000.0, costs=Costs.preset(name), short_rate=0.036)
        play(bars, script, broker)
        ends[name] = broker.getvalue()
        paid[name] = sum(broker.accounts[a] for a in ("commission", "spread", "slippage", "borrow"))
    assert paid == {"zero": 0, "retail": pytest.approx(2 * 1000 * 7e-4)}
    # .7 is missing from Tuesday on, another .7 from Thursday: three nights and one.
    lost = 0.7 * (1.0001**3 - 1) + 0.7 * 0.0001
    assert ends["zero"] - ends["retail"] == pytest.approx(1.4 + lost, rel=1e-9)


def test_costs_a_share_out_of_all_proportion_are_said_once():
    rows = [(0.2,) * 4] * 6
    script = {0: lambda s: s.buy(size=10), 2: lambda s: s.sell(size=10)}
    _, broker = play(make_bars(rows), script, LabBroker(cash=100.0, costs=Costs(half_spread_cents=1)))
    assert len(broker.notes) == 1
    assert "costs of 0.01 a share are more than 1% of a price of 0.2" in broker.notes[0]


@given(*SPENDING)
def test_both_engines_find_the_same_largest_purchase_to_the_last_bit(
    money, price, tied, closed, volume, costs
):
    """A rule may trade a difference of what rounding made: two ways to the same 1e-13 differ too much."""
    asked = (money, price, tied * price, volume, closed, 1e9)
    assert arithmetic.largest(arithmetic.CostNumbers.of(costs), *asked) == costs.largest(*asked)


@pytest.mark.parametrize(
    ("costs", "closed", "expected"),
    [
        (Costs(commission_per_share=1.4), 0.0, 0.1),  # 0.14 pays the commission of a tenth of a share
        (Costs(commission_bps=10.0), 0.0, 1.4),  # 10 cents a share of 100
        (Costs(commission_per_share=1.4), 0.05, 0.05),  # half of it goes for what is closed
        (Costs(commission_per_share=1.4, commission_per_trade=0.07), 0.0, 0.05),
        (Costs(commission_per_share=1.4, commission_minimum=0.14), 0.0, 0.1),
        (Costs(commission_per_share=1.4, commission_minimum=0.15), 0.0, 0.0),
        (Costs(commission_per_trade=0.15), 0.0, 0.0),
    ],
)
def test_where_no_margin_is_asked_money_pays_for_costs_alone(costs, closed, expected):
    asked = (0.14, 100.0, 0.0, 0.0, closed, 10.0)
    compiled = arithmetic.largest(arithmetic.CostNumbers.of(costs), 0.14, 100.0, 0.0, 0.0, closed, 10.0)
    assert costs.largest(*asked) == compiled == pytest.approx(expected, rel=1e-11)
