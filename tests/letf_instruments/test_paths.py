"""Many paths at once are what the ledger makes of each alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from letf_instruments import DataError, LeveragedFund, known_fund, synthesize
from letf_instruments.paths import navs_on_paths

MULTIPLES = (-3.0, -1.0, 0.5, 1.0, 2.0, 3.0)


def market(seed, paths, n, size):
    rng = np.random.default_rng(seed)
    r = size * rng.standard_t(3, (paths, n)).clip(-8, 8)
    r[:, 0] = 0.0
    close = 50.0 * np.exp(np.cumsum(r, axis=1))
    before = np.hstack((close[:, :1], close[:, :-1]))
    high = np.maximum(close, before) * np.exp(size * rng.random((paths, n)))
    low = np.minimum(close, before) * np.exp(-size * rng.random((paths, n)))
    days = np.busday_offset(np.datetime64("2023-05-01"), np.arange(n), roll="forward")
    return days, high, low, close


@given(seed=st.integers(0, 10_000), multiple=st.sampled_from(MULTIPLES), size=st.sampled_from((0.02, 0.09)))
def test_each_path_is_its_own_ledger_to_the_last_bit(seed, multiple, size):
    days, high, low, close = market(seed, 4, 40, size)
    fund = LeveragedFund("F", multiple, expense_ratio=0.0095, spread=0.004)
    rates = np.linspace(0.0, 0.05, 40)
    found = navs_on_paths(fund, days, high, low, close, rates)
    for i in range(4):
        own = synthesize(fund, days, close[i], high[i], low[i], close[i], rates)
        np.testing.assert_array_equal(found[i], own.nav)


def test_a_move_of_a_third_within_the_day_wipes_a_bear_out_for_good():
    days, _, _, _ = market(0, 1, 3, 0.0)
    close = np.array([[100.0, 100.0, 90.0], [100.0, 100.0, 90.0]])
    high = np.array([[100.0, 133.4, 100.0], [100.0, 133.2, 100.0]])
    found = navs_on_paths(LeveragedFund("B", -3.0), days, high, close, close)
    assert found[0].tolist() == [100.0, 0.0, 0.0]
    assert found[1] == pytest.approx([100.0, 100.0, 130.0])


def test_what_cannot_be_a_path_is_refused():
    days, high, low, close = market(1, 2, 5, 0.02)
    fund = known_fund("SOXL")
    for change, says in (
        (lambda: navs_on_paths(fund, days[:1], high[:, :1], low[:, :1], close[:, :1]), "at least 2"),
        (lambda: navs_on_paths(fund, days[::-1], high, low, close), "do not rise"),
        (lambda: navs_on_paths(fund, days, high[:, :4], low, close), "high has shape"),
        (lambda: navs_on_paths(fund, days, high, 0.0 * low, close), "not above 0"),
        (lambda: navs_on_paths(fund, days, high, low, close, initial_nav=0.0), "initial_nav is 0"),
    ):
        with pytest.raises(DataError, match=says):
            change()
