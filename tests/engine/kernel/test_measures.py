"""What the compiled loops make of sums keeps its digits."""

from fractions import Fraction
from itertools import pairwise
from math import fsum, sqrt
from statistics import mean, stdev

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.kernel.curve import accrue, begin, close_session, stay_in_cash, sums_of
from engine.kernel.figures import MEASURES, SESSIONS_A_YEAR
from engine.kernel.measures import IN_CASH, Market, about, measure
from engine.kernel.positions import TALLY
from engine.kernel.stage import Money


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
    sums = sums_of(curve, np.zeros(IN_CASH), start, values[-1], 0.0, days, 0.0, 0.0, 0.0, tally, 0.0, 0.0)
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


@pytest.mark.parametrize("loss", [-0.12, -0.9])
def test_one_day_unlike_all_others_costs_no_digits(loss):
    n = 20_000
    gains = np.full(n, 1e-9)
    gains[1] = loss
    values = (1e6 * np.cumprod(1.0 + gains)).tolist()
    told = measured(1e6, values, [0.0] * n, 0.01 * np.sin(np.arange(1, n)))
    returns = [b / a - 1.0 for a, b in pairwise([1e6, *values])]
    usual = fsum(returns) / n
    spread = sqrt(fsum((r - usual) ** 2 for r in returns) / (n - 1))
    assert told["volatility"] == pytest.approx(spread * sqrt(SESSIONS_A_YEAR), rel=1e-11)


def test_in_how_many_steps_idle_sessions_are_taken_is_not_seen_where_cash_earns_nothing():
    n = 60
    money = Money(*[np.zeros(n)] * 4, np.ones(n), *[np.zeros(n)] * 6, skips=True)
    days = np.arange(n)

    def row(cuts):
        curve, in_cash, t = begin(1e6, 0.0), np.zeros(IN_CASH), 0
        for until in cuts:
            curve = stay_in_cash(curve, in_cash, money, days, t, until)
            t = until + 1
        for value in (1.01e6, 0.97e6, 0.99e6):
            curve = close_session(curve, value, 0.1 * t, float(t))
            t += 1
        curve = stay_in_cash(curve, in_cash, money, days, t, n - 1)
        sums = sums_of(curve, in_cash, 1e6, curve.prev, 0.0, days, 0.0, 0.0, 0.0, np.zeros(TALLY), 0.0, 0.0)
        out = np.empty(len(MEASURES))
        measure(sums, Market(0.001, 0.2), out)
        return out

    np.testing.assert_array_equal(row([40]), row([0, 7, 40]))
    np.testing.assert_array_equal(row([40]), row([1, 2, 3, 39, 40]))


@given(st.lists(st.integers(-1000, 1000), max_size=20), st.integers(-1000, 1000))
def test_sums_about_a_mean_are_those_of_the_differences(numbers, assumed):
    found = about(
        float(assumed), float(len(numbers)), float(sum(numbers)), float(sum(x * x for x in numbers))
    )
    assert found == (sum(x - assumed for x in numbers), sum((x - assumed) ** 2 for x in numbers))
