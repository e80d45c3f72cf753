"""Closed form and tables to the printed digit; the split of a log return adds up."""

import numpy as np
import pandas as pd
import pytest

from letf_instruments import LeveragedFund, attribute, closed_form, prospectus_table, synthesize
from letf_instruments.synthesis import _run
from tests.conftest import EXPECTED, random_bars

TABLES = {"bull2x": 2, "bear2x": -2, "bull3x": 3, "bear3x": -3}


def test_the_closed_form_with_rates_and_fee_is_avellaneda_and_zhang_s():
    arguments = {"variance": 0.09, "years": 1.0, "short_rate": 0.04, "expense_ratio": 0.0095}
    assert round(closed_form(1.1, 3, **arguments), 8) == 0.92907161
    assert round(closed_form(1.1, -3, **arguments), 8) == 0.50893726


@pytest.mark.parametrize("name", TABLES)
def test_prospectus_tables_to_the_printed_digit(name):
    table = pd.read_csv(EXPECTED / f"prospectus_{name}.csv", index_col="index_return")
    vols = np.array([float(c.removeprefix("vol_")) / 100 for c in table.columns])
    ours = 100 * prospectus_table(TABLES[name], table.index.to_numpy(), vols)
    np.testing.assert_array_equal(np.round(ours, 1), table.to_numpy())
    assert ours.size == 65


def ledger_on_a_fine_path(multiple, ratio, variance, steps, carry=0.0):
    """End of the ledger's own compiled pass on a path with exactly this ratio and realised variance."""
    drift = np.log(ratio) / steps
    noise = np.sqrt(variance / steps - drift**2) * np.tile([1.0, -1.0], steps // 2)
    closes = np.exp(np.concatenate(([0.0], np.cumsum(drift + noise))))
    out, starts, quotes = np.empty((13, steps + 1)), np.arange(steps + 1), np.empty((5, 0))
    zero, booked = np.zeros(steps + 1), np.full(steps + 1, carry / steps)
    _run(float(multiple), 1.0, closes, closes, closes, closes, starts, booked, zero, zero, quotes, out)
    return out[3, -1]


@pytest.mark.parametrize("name", ["bull3x", "bear3x"])
def test_the_ledger_itself_gives_the_3x_prospectus_tables(name):
    """Reset ever more often, the ledger tends to the table; its error falls in proportion to the step."""
    table = pd.read_csv(EXPECTED / f"prospectus_{name}.csv", index_col="index_return")
    steps = 40_000
    for index_return, row in table.iterrows():
        for column, expected in row.items():
            vol = float(column.removeprefix("vol_")) / 100
            end = ledger_on_a_fine_path(TABLES[name], 1 + index_return, vol**2, steps)
            coarse = ledger_on_a_fine_path(TABLES[name], 1 + index_return, vol**2, steps // 2)
            limit = 2 * end - coarse  # Richardson: what is left is of second order
            assert round(100 * (limit - 1), 1) == pytest.approx(expected, abs=0.11 * (abs(expected) > 100))
            assert abs(end / limit - 1) < 2e-3


def test_the_ledger_tends_to_the_closed_form_with_rates_and_fee():
    for multiple, expected in ((3, 0.92907161), (-3, 0.50893726)):
        carry = (1 - multiple) * 0.04 - 0.0095
        end = ledger_on_a_fine_path(multiple, 1.1, 0.09, 200_000, carry)
        assert end == pytest.approx(expected, rel=2e-5)


@pytest.mark.parametrize("multiple", [-3, -1, 0.5, 1, 2, 3])
def test_the_parts_add_up_on_every_session(multiple):
    bars = random_bars(3, 500)
    fund = LeveragedFund("X", multiple, 0.01, 0.01)
    ledger = synthesize(fund, bars.sessions, bars.open, bars.high, bars.low, bars.close, 0.05)
    a = attribute(ledger)
    total = sum(getattr(a, part) for part in a.PARTS)
    np.testing.assert_allclose(total, a.log_return, atol=1e-14)
    np.testing.assert_allclose(a.rest, 0.0, atol=1e-13)
    np.testing.assert_allclose(np.exp(np.cumsum(a.log_return)), ledger.nav / 100, rtol=1e-11)
    assert a.promised == pytest.approx(multiple * (bars.close[-1] / bars.close[0] - 1))
    if multiple == 1:
        np.testing.assert_allclose(a.compounding, 0.0, atol=1e-15)


def test_compounding_is_half_b_squared_minus_b_times_the_variance_for_small_moves():
    rng = np.random.default_rng(5)
    closes = 100 * np.exp(np.cumsum(0.001 * rng.standard_normal(2000)))
    days = np.datetime64("2010-01-04") + np.arange(2000)
    variance = np.sum(np.diff(np.log(closes)) ** 2)
    for multiple, factor in ((3, 3), (-3, 6)):
        a = attribute(synthesize(LeveragedFund("X", multiple), days, *(closes,) * 4))
        assert -a.compounding.sum() / variance == pytest.approx(factor, rel=5e-3)


def test_a_real_fund_s_tracking_ends_up_in_the_rest():
    bars = random_bars(4, 100)
    ledger = synthesize(LeveragedFund("X", 3), bars.sessions, bars.open, bars.high, bars.low, bars.close)
    traded = ledger.close * np.where(np.arange(100) >= 50, 0.98, 1.0)  # loses 2 % against its NAV, once
    a = attribute(ledger, traded)
    assert a.rest[50] == pytest.approx(np.log(0.98))
    assert np.abs(np.delete(a.rest, 50)).max() < 1e-12


def test_a_fund_wiped_out_in_its_first_session_has_nothing_to_split():
    days = np.array(["2020-01-06"] * 2 + ["2020-01-07"], "M8[D]")
    closes = np.array([100.0, 140.0, 120.0])
    a = attribute(synthesize(LeveragedFund("X", -3), days, *(closes,) * 4))
    assert (len(a.sessions), a.actual, a.wiped_out) == (0, -1.0, days[0])


def test_intraday_bars_are_split_by_session():
    rng = np.random.default_rng(8)
    days = np.repeat(np.datetime64("2020-01-06") + np.arange(30), 4)
    closes = 100 * np.exp(np.cumsum(0.004 * rng.standard_normal(120)))
    ledger = synthesize(LeveragedFund("X", -3, 0.01, 0.01), days, *(closes,) * 4, 0.03)
    a = attribute(ledger)
    assert len(a.sessions) == 30
    assert np.abs(a.rest).max() < 1e-13
