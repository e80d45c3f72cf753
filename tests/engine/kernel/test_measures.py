"""What the compiled loops make of sums keeps its digits."""

from fractions import Fraction
from itertools import pairwise
from math import sqrt
from statistics import mean, stdev

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.kernel.curve import accrue, begin, close_session, sums_of
from engine.kernel.figures import MEASURES, SESSIONS_A_YEAR
from engine.kernel.measures import Market, about, measure
from engine.kernel.positions import TRADES


def measured(start, values, rates):
    """The numbers of an account by its sessions' values, with what the short rate came to before each."""
    curve = begin(start, 0.0)
    for day, (value, rate) in enumerate(zip(values, rates, strict=True)):
        curve = close_session(accrue(curve, rate), value, 0.0, float(day))
    days, tally = np.arange(len(values)), np.zeros(TRADES + 20)
    sums = sums_of(curve, start, values[-1], 0.0, days, 0.0, 0.0, 0.0, tally, 0.0, 0.0)
    row = np.empty(len(MEASURES))
    measure(sums, Market(0.0, 1.0), row)
    return dict(zip(MEASURES, row, strict=True))


@given(
    loss=st.sampled_from([-0.05, -0.02, 0.0, 0.04]),
    # In millionths; a spread of less than one is told as none.
    parts=st.lists(st.integers(-20, 20), min_size=8, max_size=60).filter(lambda p: stdev(p[1:]) > 1.5),
    at_once=st.booleans(),
)
@settings(max_examples=60)
def test_the_spread_of_daily_returns_that_are_nearly_alike_is_that_by_fractions(loss, parts, at_once):
    gains = [loss + part * 1e-6 for part in parts]
    if not at_once:  # the first session leaves the money at the start as it is, which is no return then
        gains[0] = 0.0
    values = (1e6 * np.cumprod(1.0 + np.array(gains))).tolist()
    rates = [0.0] + [1e-5 * (k % 3) for k in range(1, len(values))]
    told = measured(1e6, values, rates)
    worth = [Fraction(v) for v in [1e6, *values]]
    returns = [b / a - 1 for a, b in pairwise(worth)]
    excess = [r - Fraction(rate) for r, rate in zip(returns, rates, strict=True)]
    if values[0] == 1e6:
        returns, excess = returns[1:], excess[1:]
    year = sqrt(SESSIONS_A_YEAR)
    assert told["volatility"] == pytest.approx(float(stdev(returns)) * year, rel=1e-10)
    assert told["sharpe"] == pytest.approx(float(mean(excess)) / float(stdev(excess)) * year, rel=1e-10)


@given(st.lists(st.integers(-1000, 1000), max_size=20), st.integers(-1000, 1000))
def test_sums_about_a_mean_are_those_of_the_differences(numbers, assumed):
    found = about(
        float(assumed), float(len(numbers)), float(sum(numbers)), float(sum(x * x for x in numbers))
    )
    assert found == (sum(x - assumed for x in numbers), sum((x - assumed) ** 2 for x in numbers))
