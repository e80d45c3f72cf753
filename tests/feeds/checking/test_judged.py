"""What a source is taken for when it is looked at by itself, and that each kind is judged as in a run."""

import numpy as np
import pandas as pd
import pytest

from feeds.checking.judged import judged
from feeds.frames import bars_frame
from letf_instruments import DataError, SpecError
from tests.conftest import random_bars
from tests.runs.command import letf

DAYS = pd.bdate_range("2018-01-02", periods=300).strftime("%Y-%m-%d")


def series(path, level, heading="value", **changes):
    """A file of 300 values about a level; `changes` by position, None leaves one out."""
    path.parent.mkdir(parents=True, exist_ok=True)
    values = {i: level * (1 + 0.01 * (i % 3)) for i in range(len(DAYS))}
    values |= {int(at[1:]): value for at, value in changes.items()}
    rows = [f"{DAYS[i]},{value:.6g}" for i, value in values.items() if value is not None]
    path.write_text(f"observation_date,{heading}\n" + "\n".join(rows) + "\n")
    return str(path)


@pytest.mark.parametrize(
    ("heading", "level", "kind"),
    [
        ("DGS1MO", 2.0, "rate"),
        ("rate", 20.0, "rate"),
        ("value", 2.0, "rate"),
        ("value", 20.0, "volatility"),
        ("VIXCLS", 20.0, "closes"),
        ("NASDAQCOM", 3000.0, "closes"),
        ("close", 2.0, "closes"),
        ("Price", 2.0, "closes"),
    ],
)
def test_one_value_by_date_is_told_by_its_heading_or_else_its_size(tmp_path, heading, level, kind):
    found = judged(series(tmp_path / "X.csv", level, heading))
    assert found.kind == kind
    assert {"rate": "a short rate in percent", "volatility": "a volatility index in", "closes": "closes"}[
        kind
    ] in found.what
    assert "2018-01-02 to 2019-02-25" in found.what
    # Closes are of sessions: these 300 weekdays hold twelve holidays.
    assert [w for w in found.warnings if "12 dates are not sessions" not in w] == []


def test_a_plain_name_is_sought_among_bars_stocks_and_rates(tmp_path):
    series(tmp_path / "rates" / "HIGH.csv", 20.0, "close")
    assert judged("HIGH", tmp_path).kind == "rate"  # as it lies among rates
    frame = bars_frame(random_bars(3, 60))
    frame.iloc[:5, :3] = np.nan
    (tmp_path / "stocks").mkdir()
    frame.to_csv(tmp_path / "stocks" / "MINE.csv")
    assert judged("MINE", tmp_path).kind == "bars"
    assert "5 rows have no open, high or low" in judged("MINE", tmp_path).notes[0]
    frame.to_csv(tmp_path / "INDEX.csv")
    with pytest.raises(DataError, match="open is missing"):
        judged("INDEX", tmp_path)


@pytest.mark.parametrize(("kind", "level"), [("rate", 2.0), ("borrow", 3.0), ("volatility", 20.0)])
def test_a_hole_and_a_stray_value_are_warned_of_in_every_series(tmp_path, kind, level):
    hole = {f"_{i}": None for i in range(100, 140)}
    found = judged(series(tmp_path / "X.csv", level, _200=10 * level, **hole), kind=kind)
    assert found.kind == kind
    first, second = found.warnings
    # Business days from 2018-01-02: the 100th is 2018-05-21 and the 141st 2018-07-17.
    assert "no value between 2018-05-21 and 2018-07-17" in first
    assert f"{10 * level:g} % between" in second
    assert second.endswith("looks like a false print")


def test_what_cannot_be_right_says_what_it_was_taken_for_unless_that_was_given(tmp_path):
    name = series(tmp_path / "F.csv", 3.0, _200=40.0)
    with pytest.raises(
        DataError, match=r"none was ever beyond 30; got 40 \(it was taken for a short rate\)$"
    ):
        judged(name)
    with pytest.raises(DataError, match=r"got 40$"):
        judged(name, kind="rate")
    assert "40 % between" in judged(name, kind="borrow").warnings[0]


def test_a_kind_that_is_none_is_refused_with_all():
    with pytest.raises(SpecError, match="'fee'; it must be one of bars, closes, rate, borrow, volatility"):
        judged("nasdaq", kind="fee")


def test_command_and_script_say_the_same(tmp_path):
    import letf as door

    name = series(tmp_path / "X.csv", 20.0, _200=200.0)
    done = letf("data", "check", name)
    checked = door.check(name)
    assert done.stdout.splitlines() == [
        checked.what,
        f"warning: {checked[0]}",
        "refused until on_bad_print says what shall become of a false print",
    ]
    as_borrow = letf("data", "check", name, "--as", "borrow")
    assert "taken for a borrow fee" in as_borrow.stdout
    assert (checked.kind, door.check(name, kind="borrow").kind) == ("volatility", "borrow")
    assert letf("data", "check", name, "--as", "fee").returncode == 2


def test_a_series_in_memory_is_closes_and_may_be_a_rate():
    import letf as door

    values = pd.Series(2.0 + 0.01 * np.arange(300), pd.DatetimeIndex(DAYS))
    assert door.check(values).kind == "closes"
    assert door.check(values, kind="rate").kind == "rate"
    assert door.check(bars_frame(random_bars(1))).kind == "bars"


@pytest.mark.market
def test_real_sources_are_taken_for_what_they_are(market_folder):
    kinds = {"SOX": "bars", "VIX": "bars", "NVDA": "bars", "DFF": "rate", "SHORT_RATE": "rate"}
    assert {name: judged(name, market_folder).kind for name in kinds} == kinds
    for name in ("DFF", "SHORT_RATE"):
        assert judged(name, market_folder).warnings == ()
    assert judged("VIX", market_folder, "volatility").warnings == ()
