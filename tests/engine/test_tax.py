"""Gains by lot and year, and the tax on them: by hand, and against lots that are counted one by one."""

import datetime
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import TAX_PRESETS, TaxTerms
from engine.tax import Carried, Lots, TaxBook, tax_of
from letf_instruments import SpecError

TERMS = TaxTerms(short_rate=0.4, long_rate=0.1, pay_on="04-15")
AVERAGE = TaxTerms(short_rate=0.4, long_rate=0.1, pay_on="04-15", method="average")
START = datetime.date(2020, 1, 6)


def day(number):
    return START + datetime.timedelta(days=number)


def played(terms, *fills):
    """The gains of fills of (day, size, price, costs)."""
    lots, left, gains = Lots(terms), 0.0, []
    for number, size, price, costs in fills:
        left += size
        gains.append(lots.trade(day(number), size, price, costs, left))
    return gains, lots


def test_first_in_first_out_and_average():
    """10 at 100 and 10 at 160; 15 sold at 200: 10·100 + 5·40 = 1,200, at the average of 130 15·70 = 1,050."""
    fills = ((0, 10, 100.0, 0.0), (50, 10, 160.0, 0.0), (100, -15, 200.0, 0.0), (101, -5, 130.0, 0.0))
    fifo, _ = played(TERMS, *fills)
    assert [(g.size, g.amount) for g in fifo[2]] == [(10.0, 1_000.0), (5.0, 200.0)]
    assert [(g.size, g.amount) for g in fifo[3]] == [(5.0, -150.0)]
    average, lots = played(AVERAGE, *fills)
    assert [(g.size, g.amount) for g in average[2]] == [(10.0, 700.0), (5.0, 350.0)]
    assert [(g.size, g.amount) for g in average[3]] == [(5.0, 0.0)]
    assert lots.size == 0.0


def test_the_average_moves_with_purchases_and_not_with_sales():
    """2 at 10 and 2 at 20 are at 15; one sold leaves 3 at 15; 3 at 21 more make it 18."""
    gains, lots = played(AVERAGE, (0, 2, 10, 0), (1, 2, 20, 0), (2, -1, 25, 0), (3, 3, 21, 0), (4, -2, 18, 0))
    assert [g.amount for g in gains[2]] == [10.0]
    assert sum(g.amount for g in gains[4]) == pytest.approx(0.0)
    assert (lots.size, lots.cost) == (4.0, pytest.approx(4 * 18.0))


def test_costs_belong_to_the_purchase_and_the_sale():
    """10 at 100 with costs of 5 cost 1,005; half of them sold at 110 for 550 − 3: 547 − 502.50."""
    gains, lots = played(TERMS, (0, 10, 100.0, 5.0), (1, -5, 110.0, 3.0))
    assert [g.amount for g in gains[1]] == [pytest.approx(44.5)]
    assert lots.cost == pytest.approx(502.5)


@pytest.mark.parametrize(("days", "late"), [(365, False), (366, True)])
def test_more_than_a_year_is_long_term(days, late):
    gains, _ = played(TERMS, (0, 1, 1.0, 0.0), (days, -1, 2.0, 0.0))
    assert [g.is_long_term for g in gains[1]] == [late]


def test_a_sale_takes_the_old_lot_as_long_and_the_new_one_as_short():
    gains, _ = played(TERMS, (0, 1, 10.0, 0.0), (300, 1, 20.0, 0.0), (400, -2, 30.0, 0.0))
    assert [(g.amount, g.is_long_term) for g in gains[2]] == [(20.0, True), (10.0, False)]


def test_a_short_is_realised_at_the_cover_and_is_short_term():
    """10 sold short at 100 less 2, bought back years later at 90 and 1: 998 − 901."""
    gains, lots = played(TERMS, (0, -10, 100.0, 2.0), (900, 10, 90.0, 1.0))
    assert [(g.amount, g.is_long_term) for g in gains[1]] == [(pytest.approx(97.0), False)]
    assert lots.size == 0.0


def test_an_order_through_zero_closes_one_side_and_opens_the_other():
    """Of 15 sold with costs of 3, 10 close and 5 open, each with its part of the costs."""
    gains, lots = played(TERMS, (0, 10, 100.0, 0.0), (1, -15, 110.0, 3.0), (2, 5, 100.0, 0.0))
    assert [g.amount for g in gains[1]] == [pytest.approx(98.0)]
    assert [g.amount for g in gains[2]] == [pytest.approx(5 * 10.0 - 1.0)]
    assert lots.size == 0.0


@pytest.mark.parametrize("terms", [TERMS, AVERAGE])
def test_a_split_restates_lots_and_realises_nothing(terms):
    """10 at 100, 4 for 1: 40 at 25; 20 sold at 30 gain 100. At a price of 0 the cost of the rest is lost."""
    lots = Lots(terms)
    lots.trade(day(0), 10, 100.0, 0.0, 10)
    lots.split(4.0)
    assert (lots.size, lots.cost) == (40.0, 1_000.0)
    assert [g.amount for g in lots.trade(day(1), -20, 30.0, 0.0, 20)] == [pytest.approx(100.0)]
    assert [g.amount for g in lots.trade(day(2), -20, 0.0, 0.0, 0.0)] == [pytest.approx(-500.0)]


# -- a year ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("short", "long", "taxed", "tax", "carried"),
    [
        (100.0, 200.0, 300.0, 40.0 + 20.0, (0.0, 0.0)),
        (-50.0, 200.0, 150.0, 15.0, (0.0, 0.0)),  # a short-term loss is set against the long-term gain
        (200.0, -50.0, 150.0, 60.0, (0.0, 0.0)),
        (-300.0, 200.0, 0.0, 0.0, (100.0, 0.0)),
        (200.0, -300.0, 0.0, 0.0, (0.0, 100.0)),
        (-30.0, -40.0, 0.0, 0.0, (30.0, 40.0)),
    ],
)
def test_a_year_is_netted_and_what_is_left_of_a_loss_is_carried_as_what_it_was(
    short, long, taxed, tax, carried
):
    terms = TaxTerms(short_rate=0.4, long_rate=0.1, pay_on="04-15", carry_losses=True)
    found = tax_of(terms, 2020, short, long, Carried())
    assert (found.taxable, found.tax) == (pytest.approx(taxed), pytest.approx(tax))
    assert found.carried == carried
    assert tax_of(TERMS, 2020, short, long, Carried()).carried == (0.0, 0.0)


def test_losses_brought_are_set_against_gains_of_their_kind_first():
    """100 short and 100 long, 150 of short-term losses brought: 100 of them go, then 50 of the long gain."""
    found = tax_of(TERMS, 2020, 100.0, 100.0, Carried(150.0, 0.0))
    assert (found.taxable, found.tax) == (50.0, pytest.approx(5.0))
    found = tax_of(TERMS, 2020, 100.0, 100.0, Carried(0.0, 150.0))
    assert (found.taxable, found.tax) == (50.0, pytest.approx(20.0))


def test_the_allowance_comes_off_what_bears_more_first():
    terms = TaxTerms(short_rate=0.4, long_rate=0.1, pay_on="04-15", allowance=150.0)
    assert tax_of(terms, 2020, 100.0, 100.0, Carried()).tax == pytest.approx(5.0)
    assert tax_of(terms, 2020, 60.0, 80.0, Carried()).tax == 0.0
    assert tax_of(TaxTerms(0.1, "04-15", 0.4, allowance=150.0), 2020, 100.0, 100.0, Carried()).tax == 5.0


def test_the_presets_by_hand():
    """10,000 of short-term and 5,000 of long-term gains: 3,200 + 750 in the US; 22 % of 15,000 − 1,850."""
    us = tax_of(TAX_PRESETS["us"], 2023, 10_000.0, 5_000.0, Carried())
    assert (us.tax, us.due) == (pytest.approx(3_950.0), datetime.date(2024, 4, 15))
    kr = tax_of(TAX_PRESETS["kr"], 2023, 10_000.0, 5_000.0, Carried())
    assert (kr.tax, kr.due) == (pytest.approx(0.22 * 13_150.0), datetime.date(2024, 5, 31))
    assert tax_of(TAX_PRESETS["us"], 2023, -10.0, 0.0, Carried()).carried == (10.0, 0.0)
    assert tax_of(TAX_PRESETS["kr"], 2023, -10.0, 0.0, Carried()).carried == (0.0, 0.0)


def test_a_book_of_three_years_carries_a_loss_and_pays_on_its_day():
    """A loss of 100 in 2020, nothing in 2021, a gain of 150 in 2022: 50 are taxed, on 2023-04-15."""
    book = TaxBook(TaxTerms(short_rate=0.4, pay_on="04-15", carry_losses=True))
    assert book.fall_due(START) == []
    book.trade("A", datetime.date(2020, 2, 3), 1, 300.0, 0.0, 1)
    book.trade("A", datetime.date(2020, 3, 3), -1, 200.0, 0.0, 0)
    assert book.outstanding()[0].carried == (100.0, 0.0)
    assert [each.tax for each in book.fall_due(datetime.date(2021, 4, 15))] == [0.0]
    book.trade("B", datetime.date(2022, 2, 3), 1, 50.0, 0.0, 1)
    book.trade("B", datetime.date(2022, 3, 3), -1, 200.0, 0.0, 0)
    assert book.fall_due(datetime.date(2023, 4, 14))[-1:][0].year == 2021
    assert [each.tax for each in book.outstanding()] == [pytest.approx(20.0)]
    (due,) = book.fall_due(datetime.date(2023, 4, 17))  # the 15th is a Saturday
    assert (due.year, due.tax, due.brought) == (2022, pytest.approx(20.0), (100.0, 0.0))
    assert book.fall_due(datetime.date(2023, 4, 18)) == book.outstanding() == []


# -- against lots counted one by one ----------------------------------------------------------------

FILLS = st.lists(
    st.tuples(st.integers(0, 200), st.integers(-6, 6).filter(bool), st.integers(1, 400), st.integers(0, 5)),
    min_size=1,
    max_size=40,
)


@given(FILLS)
def test_random_fills_realise_what_shares_counted_one_by_one_do(fills):
    """Each share is a thing of its own with its day and its price; the oldest leaves first."""
    held, want = [], defaultdict(float)
    date, at = START, []
    for days, size, price, costs in fills:
        date += datetime.timedelta(days=days)
        at.append((date, size, price, costs))
        each = costs / abs(size)
        for _ in range(abs(size)):
            if held and held[0][0] * size < 0:
                side, bought, paid, charged = held.pop(0)
                late = side > 0 and (date - bought).days > 365
                want[date.year, late] += side * (price - paid) - charged - each
            else:
                held.append((1 if size > 0 else -1, date, price, each))
    book, left = TaxBook(TERMS), 0.0
    for date, size, price, costs in at:
        left += size
        book.trade("A", date, float(size), float(price), float(costs), left)
    found = {}
    for year in book.outstanding():
        found[year.year, False], found[year.year, True] = year.short, year.long
    assert {key for key, money in want.items() if money} <= set(found)
    for key, money in found.items():
        assert money == pytest.approx(want[key], abs=1e-8)


@given(FILLS)
def test_over_all_sales_both_methods_realise_the_same(fills):
    """Once all is closed the gains are what came less what was paid, costs included, by either method."""
    size = sum(fill[1] for fill in fills)
    if size:
        fills = [*fills, (1, -size, 100, 2)]
    money = -sum(size * price + costs for _, size, price, costs in fills)
    for terms in (TERMS, AVERAGE):
        gains, lots = played(terms, *((number, *rest) for number, (_, *rest) in enumerate(fills)))
        assert sum(gain.amount for each in gains for gain in each) == pytest.approx(money, abs=1e-6)
        assert lots.size == 0.0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"short_rate": 1.2}, r"tax.short_rate is 1.2; it must be between 0 and 1"),
        ({"long_rate": -0.1}, r"tax.long_rate is -0.1; it must be between 0 and 1"),
        ({"short_rate": float("nan")}, "tax.short_rate is nan"),
        ({"allowance": -1.0}, "tax.allowance is -1; it must be 0 or more"),
        ({"allowance": float("inf")}, "tax.allowance is inf"),
        ({"long_after": -1}, "tax.long_after is -1; it must be 0 days or more"),
        ({"method": "lifo"}, "tax.method is 'lifo'; it must be 'fifo' or 'average'"),
        ({"pay_on": "02-29"}, "tax.pay_on is '02-29'; it must be a month and a day of every year"),
        ({"pay_on": "April"}, "tax.pay_on is 'April'"),
    ],
)
def test_what_is_no_tax_is_refused(given, said):
    with pytest.raises(SpecError, match=said):
        TaxTerms(**{"short_rate": 0.4, "pay_on": "04-15"} | given)
