"""The yearly attribution: years chain to the whole, parts add up, and a year of death ends the table."""

import numpy as np
import pytest

from letf_instruments import DataError, LeveragedFund, attribute, synthesize
from letf_instruments.calendar_years import years_and_total
from tests.conftest import random_bars


def table(closes, days, multiple, short_rate=0.0, **rates):
    ledger = synthesize(LeveragedFund("X", multiple, **rates), days, *(closes,) * 4, short_rate)
    return years_and_total(ledger, attribute(ledger))


def test_two_years_by_hand():
    """2020 ends 10 % down, 2021 brings the index back: +3x −30 %, then +33.3 %."""
    days = np.array(["2020-12-30", "2020-12-31", "2021-01-04"], "M8[D]")
    years, total = table(np.array([100.0, 90.0, 100.0]), days, 3)
    assert [y.label for y in (*years, total)] == ["2020", "2021", "total"]
    assert [y.index_return for y in years] == pytest.approx([-0.1, 1 / 9])
    assert [y.promised for y in years] == pytest.approx([-0.3, 1 / 3])
    assert [y.actual for y in years] == pytest.approx([-0.3, 1 / 3])
    assert total.actual == pytest.approx(-1 / 15)
    assert years[1].compounding == pytest.approx(np.log(4 / 3) - 3 * np.log(10 / 9))
    assert years[0].volatility == pytest.approx(-np.log(0.9) * 252**0.5)
    assert (years[0].last, years[1].first) == (days[1], days[1])


@pytest.mark.parametrize("multiple", [-3, 3])
def test_years_chain_to_the_whole_and_parts_to_the_log_return(multiple):
    bars = random_bars(6, 800, volatility=0.012)
    years, total = table(bars.close, bars.sessions, multiple, 0.03, expense_ratio=0.01, spread=0.005)
    assert [y.label for y in years] == ["2020", "2021", "2022", "2023"]
    assert np.prod([1 + y.actual for y in years]) == pytest.approx(1 + total.actual)
    assert sum(y.moves for y in years) == total.moves == 799
    for y in (*years, total):
        assert y.index + y.compounding + y.carry + y.fee + y.rest == pytest.approx(y.log_return)
        assert y.rest == pytest.approx(0.0, abs=1e-11)
    for key in ("index", "compounding", "carry", "fee", "log_return"):
        assert sum(getattr(y, key) for y in years) == pytest.approx(getattr(total, key))


def test_the_year_of_death_is_the_last():
    days = np.array(["2020-12-30", "2020-12-31", "2021-01-04", "2021-01-05", "2022-01-03"], "M8[D]")
    years, total = table(np.array([100.0, 101.0, 102.0, 140.0, 90.0]), days, -3)
    assert [(y.label, y.wiped_out) for y in years] == [("2020", False), ("2021", True)]
    assert (years[1].actual, total.actual, total.last) == (-1.0, -1.0, days[3])
    assert years[1].index_return == pytest.approx(140 / 101 - 1)
    assert years[1].log_return == pytest.approx(np.log(1 - 3 / 101))  # to the day before


def test_a_single_session_has_nothing_to_split():
    with pytest.raises(DataError, match="nothing to split"):
        table(np.array([100.0, 101.0]), np.array(["2020-01-06"] * 2, "M8[D]"), 3)
