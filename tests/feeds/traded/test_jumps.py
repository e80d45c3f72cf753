"""Splits in a file of prices: known ones, unknown ones, and what is none."""

import numpy as np
import pytest

from feeds.bars import Bars
from feeds.traded.jumps import jumps
from letf_instruments import DataError
from letf_instruments.splits import Ratio
from tests.conftest import random_bars

N, AT = 120, 60
INDEX = random_bars(7, N, volatility=0.02)


def fund(split=1.0, turns=True, night=0.0, multiple=3.0, at=AT):
    """Bars of a fund on INDEX, as printed across a split of `split` new shares for an old one."""
    moved = 1.0 + multiple * (INDEX.close[1:] / INDEX.close[:-1] - 1.0)
    close = 20.0 * np.concatenate(([1.0], np.cumprod(moved)))
    factor = np.where(np.arange(N) < at, split, 1.0)
    close = close * factor * np.where(np.arange(N) < at, 1.0, np.exp(night))
    open_ = np.concatenate(
        (close[:1], close[:-1] * factor[1:] / factor[:-1] * np.exp(night * (np.arange(1, N) == at)))
    )
    volume = 1e6 / (factor if turns else 1.0) * np.ones(N)
    top, bottom = np.maximum(open_, close), np.minimum(open_, close)
    return Bars("F", "F.csv", INDEX.timestamps, open_, top, bottom, close, volume)


def day(i):
    return INDEX.sessions[i]


@pytest.mark.parametrize(("split", "ratio"), [(2.0, "2:1"), (15.0, "15:1"), (0.1, "1:10"), (0.05, "1:20")])
@pytest.mark.parametrize("index", [INDEX, None], ids=["with index", "alone"])
def test_a_split_that_no_table_has_is_found_and_named(split, ratio, index):
    (found,) = jumps(fund(split), 3.0, [], index)
    assert (found.day, str(found.ratio), found.known, found.turned) == (day(AT), ratio, False, True)
    assert found.is_split
    assert f"taken for a split {ratio}" in found.sentence()


def test_without_a_split_there_is_nothing():
    assert jumps(fund(), 3.0, [], INDEX) == []


@pytest.mark.parametrize("off", [0, 1, -2])
def test_a_known_split_is_seen_where_prices_are_as_printed_within_days_of_its_date(off):
    (found,) = jumps(fund(0.2), 3.0, [(day(AT + off), Ratio(1, 5))], INDEX)
    assert (found.day, found.known) == (day(AT), True)


def test_a_known_split_is_not_seen_where_prices_are_adjusted_for_it():
    assert jumps(fund(), 3.0, [(day(AT), Ratio(1, 5))], INDEX) == []


def test_a_known_two_for_one_is_seen_on_a_night_of_fifteen_percent():
    (found,) = jumps(fund(2.0, night=0.15), 3.0, [(day(AT), Ratio(2, 1))], None)
    assert found.known


def test_a_jump_that_the_volume_contradicts_is_a_wrong_scale_and_no_split():
    (found,) = jumps(fund(15.0, turns=False), 3.0, [], INDEX)
    assert (found.turned, found.is_split) == (False, False)
    assert "wrong scale" in found.sentence()


def test_without_volume_a_jump_is_taken_for_a_split_and_says_so():
    bars = fund(0.1)
    silent = Bars("F", "F.csv", bars.timestamps, bars.open, bars.high, bars.low, bars.close, np.zeros(N))
    (found,) = jumps(silent, 3.0, [], INDEX)
    assert found.turned is None
    assert "no volume that could tell" in found.sentence()


def test_a_crash_of_the_index_is_no_split():
    closes = np.where(np.arange(N) < AT, 100.0, 80.0)  # a fifth in a day: -60 % of a 3x fund
    index = Bars("I", "I", INDEX.timestamps, closes, closes, closes, closes, np.ones(N))
    own = np.where(np.arange(N) < AT, 10.0, 4.0)
    bars = Bars("F", "F.csv", INDEX.timestamps, own, own, own, own, np.ones(N))
    assert jumps(bars, 3.0, [], index) == []


def test_a_large_jump_that_is_no_whole_ratio_is_refused():
    with pytest.raises(
        DataError, match=r"F\.csv: on .* the price jumps .* neither its index nor a whole ratio"
    ):
        jumps(fund(2.45), 3.0, [], INDEX)


def test_where_the_index_has_no_bars_a_move_within_the_session_is_no_split_either():
    bars = fund()
    half = np.where(np.arange(N) < AT, 1.0, 0.5)
    low, close = bars.low * half, bars.close * half
    after = np.where(np.arange(N) <= AT, 1.0, 0.5)  # it opened as before, and fell in the session
    own = Bars("F", "F.csv", bars.timestamps, bars.open * after, bars.high * after, low, close, bars.volume)
    assert jumps(own, 3.0, [], None) == []
    assert jumps(own, 3.0, [], INDEX.first(AT - 5)) == []
    assert jumps(own, 3.0, [], INDEX) != []


def test_what_an_index_does_not_explain_is_said_only_where_it_was_asked():
    (asked,), (alone,) = jumps(fund(0.1), 3.0, [], INDEX), jumps(fund(0.1), 3.0, [], INDEX.first(AT - 5))
    assert "its index does not explain the jump" in asked.sentence()
    assert "index" not in alone.sentence()
    with pytest.raises(DataError, match=r"which no whole ratio explains"):
        jumps(fund(2.45), 3.0, [], None)
