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
from engine.kernel.positions import TALLY


def measured(start, values, rates, index):
    """The numbers of an account by its values, with what the short rate came to before each session, and the
    index's returns over it from the second session on."""
    about_mean = index - index.mean()
    squares = (about_mean**2).sum()
    tilt = np.append(0.0, about_mean / squares)
    curve = begin(start, 0.0)
    for day, (value, rate) in enumerate(zip(values, rates, strict=True)):
        curve = close_session(accrue(curve, rate), value, tilt[day], float(day))
    days, tally = np.arange(len(values)), np.zeros(TALLY)
    sums = sums_of(curve, start, values[-1], 0.0, days, 0.0, 0.0, 0.0, tally, 0.0, 0.0)
    row = np.empty(len(MEASURES))
    measure(sums, Market(index.mean(), sqrt(squares)), row)
    return dict(zip(MEASURES, row, strict=True))


@given(
    loss=st.sampled_from([-0.05, -0.02, 0.0, 0.04]),
    # In millionths; a spread of less than one is told as none.
    parts=st.lists(st.integers(-20, 20), min_size=8, max_size=60).filter(lambda p: stdev(p[2:]) > 1.5),
    # The first session may leave the money at the start as it is, which is no return then.
    first=st.sampled_from([None, 0.0, -0.3]),
)
@settings(max_examples=90)
def test_the_spread_of_daily_returns_that_are_nearly_alike_is_that_by_fractions(loss, parts, first):
    gains = [loss + part * 1e-6 for part in parts]
    if first is not None:
        gains[0] = first
    values = (1e6 * np.cumprod(1.0 + np.array(gains))).tolist()
    rates = [0.0] + [1e-5 * (k % 3) for k in range(1, len(values))]
    index = np.array([0.01 * ((7 * k) % 5 - 2) for k in range(1, len(values))])
    told = measured(1e6, values, rates, index)
    worth = [Fraction(v) for v in [1e6, *values]]
    returns = [b / a - 1 for a, b in pairwise(worth)]
    excess = [r - Fraction(rate) for r, rate in zip(returns, rates, strict=True)]
    own, market = excess[1:], [Fraction(y) for y in index.tolist()]
    if values[0] == 1e6:
        returns, excess = returns[1:], excess[1:]
    year = sqrt(SESSIONS_A_YEAR)
    assert told["volatility"] == pytest.approx(float(stdev(returns)) * year, rel=1e-10)
    assert told["sharpe"] == pytest.approx(float(mean(excess)) / float(stdev(excess)) * year, rel=1e-10)
    x, y = [v - mean(own) for v in own], [v - mean(market) for v in market]
    covariance = float(sum(p * q for p, q in zip(x, y, strict=True)))
    both = sqrt(float(sum(p * p for p in x))) * sqrt(float(sum(q * q for q in y)))
    assert told["correlation"] == pytest.approx(covariance / both, rel=1e-9, abs=1e-9)


@given(st.lists(st.integers(-1000, 1000), max_size=20), st.integers(-1000, 1000))
def test_sums_about_a_mean_are_those_of_the_differences(numbers, assumed):
    found = about(
        float(assumed), float(len(numbers)), float(sum(numbers)), float(sum(x * x for x in numbers))
    )
    assert found == (sum(x - assumed for x in numbers), sum((x - assumed) ** 2 for x in numbers))
