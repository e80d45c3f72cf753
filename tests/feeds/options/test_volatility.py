"""Volatility models by hand arithmetic, and files of volatility that are refused."""

import math

import numpy as np
import pytest

from feeds.options.volatility import QuotedVolatility, RealisedVolatility, VolatilityIndex, read_volatility
from letf_instruments import DataError, SpecError


def test_realised_volatility_of_four_equal_moves():
    # Log returns +a, −a, +a, −a: mean 0, sample variance 4a²/3.
    closes = np.array([100.0, 101.0, 100.0, 101.0, 100.0])
    model = RealisedVolatility(bars=4, premium=1.5)
    expected = 1.5 * math.log(1.01) * math.sqrt(4 / 3) * math.sqrt(252)
    assert model.needs == 5
    assert model.at(closes, 0) == pytest.approx(expected, rel=1e-12)
    assert RealisedVolatility(4, 1.0).at(np.full(5, 7.0), 0) == 0.0


def test_a_quoted_level_holds_until_the_next(tmp_path):
    file = tmp_path / "FEAR.csv"
    file.write_text("date,close\n2020-03-13,57.83\n2020-03-16,82.69\n")
    quoted = read_volatility(file)
    days = np.array(["2020-03-13", "2020-03-14", "2020-03-16", "2020-04-01"], dtype="datetime64[D]")
    np.testing.assert_allclose(quoted.on(days), [0.5783, 0.5783, 0.8269, 0.8269])
    model = QuotedVolatility(quoted, 1.5)
    for day, level in zip(days, (0.5783, 0.5783, 0.8269, 0.8269), strict=True):
        assert model.at(np.zeros(1), int(day.astype(int))) == pytest.approx(1.5 * level)
    assert quoted.covering(days[0], days[2]) == []
    assert quoted.covering(days[0], days[3]) == [
        "FEAR.csv ends on 2020-03-16; its last value, 82.69 %, is carried 16 days on"
    ]
    with pytest.raises(DataError, match="starts on 2020-03-13 but the index on 2020-03-12"):
        quoted.covering(np.datetime64("2020-03-12"), days[3])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("date,close\n2020-03-13,0.5783\n", "20 % is 20; it must be between 1 and 500; got 0.5783"),
        ("date,close\n2020-03-13,57\n2020-03-16,-1\n", r"row 3 \(2020-03-16\)"),
        ("date,close\n2020-03-13,57\n2020-03-13,58\n", "dates must rise"),
        ("date,close\n2020-03-13,\n", "got nan"),
        ("date,high\n2020-03-13,57\n", "no column for rate"),
    ],
)
def test_files_that_cannot_be_right_are_refused(tmp_path, text, words):
    file = tmp_path / "V.csv"
    file.write_text(text)
    with pytest.raises(DataError, match=words):
        read_volatility(file)


@pytest.mark.parametrize(("bars", "premium"), [(1, 1.2), (20, 0.0), (20, 11.0)])
def test_a_model_out_of_bounds_is_refused(bars, premium):
    with pytest.raises(SpecError, match="realised volatility of"):
        RealisedVolatility(bars, premium)


@pytest.mark.market
def test_the_vix_is_read_in_percent(market_folder):
    quoted = read_volatility(market_folder / "VIX.csv")
    assert isinstance(quoted, VolatilityIndex)
    # CBOE's closes on two days that everybody remembers.
    assert quoted.at(int(np.datetime64("2020-03-16").astype(int))) == pytest.approx(0.8269)
    assert quoted.at(int(np.datetime64("2008-11-20").astype(int))) == pytest.approx(0.8086)
