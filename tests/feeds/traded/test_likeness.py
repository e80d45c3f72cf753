"""Whether a file is of the fund under whose name it is given."""

from dataclasses import replace

import numpy as np
import pytest

from feeds.bars import Bars
from feeds.traded.likeness import likeness
from letf_instruments import DataError
from tests.conftest import random_bars

INDEX = replace(random_bars(3, 200, volatility=0.02), name="I")


def moving(times, index=INDEX, noise=0.0):
    """Bars of which each day's return is so many times the index's, and noise."""
    made = times * (index.close[1:] / index.close[:-1] - 1.0)
    made += noise * np.random.default_rng(1).standard_normal(len(made))
    close = 50.0 * np.concatenate(([1.0], np.cumprod(1.0 + made)))
    return Bars("F", "F.csv", index.timestamps, close, close, close, close, np.ones(len(close)))


@pytest.mark.parametrize("multiple", [3.0, -3.0])
def test_a_fund_s_own_bars_are_like_it_and_nothing_is_said(multiple):
    assert likeness(moving(multiple, noise=0.004), multiple, INDEX) == []


@pytest.mark.parametrize(("times", "multiple"), [(-3.0, 3.0), (3.0, -3.0), (1.0, 3.0), (3.0, 1.0)])
def test_another_fund_s_bars_and_the_index_s_are_refused_with_what_they_move(times, multiple):
    says = rf"F\.csv: it moves \{times:+.2f} times as I does in a day, and the fund \{multiple:+g} times"
    with pytest.raises(DataError, match=says):
        likeness(moving(times), multiple, INDEX)


def test_bars_that_have_little_to_do_with_the_index_are_named():
    other = replace(random_bars(4, 200), timestamps=INDEX.timestamps)
    (said,) = likeness(moving(3.0, other), 3.0, INDEX)
    together = np.corrcoef(other.close[1:] / other.close[:-1], INDEX.close[1:] / INDEX.close[:-1])[0, 1]
    assert f"a correlation of only {together:.2f} with those that I makes of the fund" in said


def test_a_dividend_is_part_of_a_day():
    made = 3.0 * (INDEX.close[1:] / INDEX.close[:-1] - 1.0)
    paid = np.where(np.arange(200) % 5 == 4, 0.2, 0.0)  # of the close before
    close = 50.0 * np.concatenate(([1.0], np.cumprod(1.0 + made - paid[1:])))
    money = paid * np.concatenate(([0.0], close[:-1]))
    own = Bars("F", "F.csv", INDEX.timestamps, close, close, close, close, np.ones(200))
    assert likeness(replace(own, dividends=money), 3.0, INDEX) == []
    assert likeness(own, 3.0, INDEX) != []  # without them it is hardly the fund


def test_of_a_few_sessions_nothing_is_said():
    assert likeness(moving(-3.0).first(20), 3.0, INDEX) == []


def test_sessions_that_one_of_both_lacks_are_left_out():
    gaps = np.delete(np.arange(200), [50, 51, 120])
    own = moving(3.0)
    some = Bars(
        "F",
        "F.csv",
        *(getattr(own, c)[gaps] for c in ("timestamps", "open", "high", "low", "close", "volume")),
    )
    assert likeness(some, 3.0, INDEX) == []
