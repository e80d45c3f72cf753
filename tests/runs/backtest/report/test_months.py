"""Returns by month and year, against pandas and by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.backtest.report.months import by_month


def test_by_hand():
    days = np.array(["2019-12-31", "2020-01-31", "2020-02-03", "2020-02-28"], dtype="datetime64[D]")
    found = by_month(days, np.array([100.0, 110.0, 99.0, 121.0]), 80.0)
    assert found[2019][11] == pytest.approx(0.25)
    assert found[2019][12] == pytest.approx(0.25)
    assert found[2020][:2] == [pytest.approx(0.10), pytest.approx(0.10)]
    assert found[2020][2:12] == [None] * 10
    assert found[2020][12] == pytest.approx(0.21)


@given(st.integers(0, 2**32 - 1), st.integers(2, 900))
def test_the_same_as_pandas_and_together_the_total_return(seed, n):
    rng = np.random.default_rng(seed)
    days = pd.bdate_range("2001-03-15", periods=n)
    worth = 100.0 * np.cumprod(1.0 + rng.normal(0, 0.02, n))
    found = by_month(days.to_numpy().astype("datetime64[D]"), worth, 100.0)
    ends = pd.Series(worth, days).resample("ME").last()
    wanted = ends / ends.shift(fill_value=100.0) - 1.0
    got = [month for row in found.values() for month in row[:12] if month is not None]
    np.testing.assert_allclose(got, wanted.to_numpy(), rtol=1e-9, atol=1e-12)
    years = np.prod([1.0 + row[12] for row in found.values()])
    assert years == pytest.approx(worth[-1] / 100.0, rel=1e-9)


def test_of_an_account_with_nothing_left_there_is_no_return():
    days = np.array(["2020-01-31", "2020-02-28", "2020-03-31"], dtype="datetime64[D]")
    found = by_month(days, np.array([50.0, 0.0, 0.0]), 100.0)
    assert found[2020][:3] == [pytest.approx(-0.5), pytest.approx(-1.0), None]
    assert found[2020][12] == pytest.approx(-1.0)
