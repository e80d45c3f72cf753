"""Bars that a fund cannot be made from: the same are refused one at a time and all at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.bars import Bars
from feeds.checking.index_bars import IndexBars, refuse_index
from letf_instruments import DataError

MONDAY = np.datetime64("2020-01-06", "D").astype(int)


def one_by_one(days, *prices):
    """What `IndexBars` says of bars that come one after another; None if it takes them all."""
    judge = IndexBars()
    try:
        for bar in zip(days.tolist(), *(column.tolist() for column in prices), strict=True):
            judge.bar(*bar)
    except DataError as error:
        return str(error)
    return None


def at_once(days, *prices):
    try:
        refuse_index(days, *prices)
    except DataError as error:
        return str(error)
    return None


def flat(days):
    return np.asarray(days), *(np.full(len(days), 100.0) for _ in range(4))


@pytest.mark.parametrize("judge", [one_by_one, at_once])
@pytest.mark.parametrize(
    ("bar", "said"),
    [
        ((10, 9, 8, 8.5), "high 9 is below open 10 on 2020-01-08"),
        ((9, 9, 8, 9.5), "high 9 is below close 9.5 on 2020-01-08"),
        ((9, 8, 9, 8), "high 8 is below low 9 on 2020-01-08"),
        ((9, 11, 9.5, 10), "low 9.5 is above open 9 on 2020-01-08"),
        ((10, 11, 9.5, 9), "low 9.5 is above close 9 on 2020-01-08"),
    ],
)
def test_a_bar_whose_prices_contradict_each_other_is_named_with_its_date(judge, bar, said):
    days, *prices = flat(MONDAY + np.arange(4))
    for column, price in zip(prices, bar, strict=True):
        column[2] = price
    assert f"the index's {said}" in judge(days, *prices)


@pytest.mark.parametrize("judge", [one_by_one, at_once])
def test_rounding_in_the_seventh_digit_is_no_contradiction(judge):
    days, o, h, low, c = flat(MONDAY + np.arange(4))
    h[1], low[2] = 100 - 9e-5, 100 + 9e-5
    assert judge(days, o, h, low, c) is None
    low[2] = 100 + 2e-4
    assert "the index's high 100 is below low 100.0002 on 2020-01-08" in judge(days, o, h, low, c)


@pytest.mark.parametrize("judge", [one_by_one, at_once])
@pytest.mark.parametrize(("step", "first"), [(7, "2020-02-10"), (5, "2020-01-31")])
def test_longer_bars_than_daily_are_known_from_their_fifth_step(judge, step, first):
    assert f"most of the 5 steps between the index's bars up to {first} " in judge(
        *flat(MONDAY + step * np.arange(30))
    )
    assert judge(*flat(MONDAY + step * np.arange(5))) is None


@pytest.mark.parametrize("judge", [one_by_one, at_once])
def test_daily_bars_with_holidays_and_intraday_ones_are_not_longer(judge):
    four_day_weeks = MONDAY + np.concatenate([[0, 1, 2, 3], [7, 8, 9, 10], [21, 22, 23]])
    assert judge(*flat(four_day_weeks)) is None
    assert judge(*flat(np.repeat(four_day_weeks, 78))) is None
    # Four steps of a week among bars of five minutes are still four steps.
    assert judge(*flat(np.repeat(MONDAY + 7 * np.arange(5), 78))) is None
    assert "weekly" in judge(*flat(np.repeat(MONDAY + 7 * np.arange(6), 78)))


days_apart = st.lists(st.integers(0, 9), min_size=1, max_size=40)


@given(days_apart, st.integers(0, 2**32 - 1))
def test_both_ways_of_asking_say_the_same(steps, seed):
    days = MONDAY + np.cumsum(steps)
    rng = np.random.default_rng(seed)
    prices = 100 + rng.integers(0, 3, (4, len(days))) * (rng.random(len(days)) < 0.02)
    assert one_by_one(days, *prices) == at_once(days, *prices)


@given(st.integers(0, 2**32 - 1))
def test_bars_refuses_and_takes_the_same_bars(seed):
    rng = np.random.default_rng(seed)
    days = MONDAY + np.arange(3)
    prices = 100 * (1 + rng.choice([0, 0, 1e-7, 1e-5, -1e-5], (4, 3)))
    try:
        Bars("X", "X", days.astype("M8[D]"), *prices, np.zeros(3))
    except DataError:
        assert at_once(days, *prices) is not None
    else:
        assert at_once(days, *prices) is None
