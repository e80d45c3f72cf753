"""What the fund commands start from may be in memory, and its short rate a number."""

from dataclasses import replace

import numpy as np
import pytest

from feeds import total_return
from feeds.frames import bars_frame
from feeds.rates import ShortRate
from feeds.reading.memory import Memory
from letf_instruments import DataError
from runs.studies.inputs import load_inputs, load_pair
from tests.conftest import random_bars


def test_a_constant_rate_is_said_to_hold_throughout():
    frame = bars_frame(random_bars(1))
    for rates in ("0.03", 0.03):
        found = load_inputs("SOXS", frame, rates)
        assert found.rate.on(found.bars.sessions[:1]).tolist() == [0.03]
        assert "short rate: constant 3.00% a year throughout" in found.notes
    found = load_inputs("SOXS", frame)
    assert found.rate is ShortRate.shipped()
    assert "no short rate named: Fed funds by month is used, which the project brings along" in found.notes


def test_index_and_traded_fund_may_be_in_memory():
    bars = random_bars(1, n=40)
    pair = load_pair("SOXS", Memory("SOX", bars_frame(bars)), bars_frame(random_bars(2, n=30)))
    assert (pair.index.name, pair.traded.name, len(pair.sessions)) == ("SOX", "SOXS", 30)
    np.testing.assert_array_equal(pair.index_price, bars.close[:30])
    # index_sources.csv: 1.7 % a year of dividends are put into SOX, on the scale of its first close.
    days = (pair.sessions[1] - pair.sessions[0]).astype(int)
    assert pair.index.close[1] == pytest.approx(bars.close[1] * (1 + 0.017 * days / 365), rel=1e-12)


def test_an_empty_name_of_the_traded_fund_is_its_ticker(tmp_path):
    bars_frame(random_bars(2, n=30)).to_csv(tmp_path / "SOXS.csv")
    assert load_pair("SOXS", bars_frame(random_bars(1)), "", folder=tmp_path).traded.source == "SOXS.csv"


def test_closes_alone_will_do_where_no_bar_is_needed(tmp_path):
    closes = bars_frame(random_bars(1, n=40))["close"]
    closes.to_csv(tmp_path / "C.csv")
    for given in (str(tmp_path / "C.csv"), Memory("C", closes)):
        with pytest.raises(DataError, match=r"C.*bars (are needed|need a DataFrame)"):
            load_inputs("SOXS", given)
        found = load_inputs("SOXS", given, closes_only=True)
        np.testing.assert_allclose(found.bars.high, closes)
        assert "40 rows have no open, high or low; their close stands for them" in found.notes[0]


def test_what_was_done_in_reading_is_noted(tmp_path):
    frame = bars_frame(random_bars(1, n=40))
    frame.iloc[::-1].to_csv(tmp_path / "A.csv")
    frame.iloc[::-1].to_csv(tmp_path / "SOXS.csv")
    days = "2020-01-01,.\n2020-01-02,1.5\n2020-02-03,1\n2020-03-02,1\n"
    (tmp_path / "R.csv").write_text(f"observation_date,SOFR\n{days}")
    pair = load_pair("SOXS", "A", rates="R", folder=tmp_path)
    sources = [note.partition(":")[0] for note in pair.inputs.notes]
    assert list(dict.fromkeys(sources)) == ["A.csv", "R.csv", "SOXS.csv"]
    assert pair.inputs.notes[-1] == "SOXS.csv: newest first, turned round"


def test_an_index_asked_for_as_quoted_and_as_swapped_is_read_once(monkeypatch):
    read, load = [], total_return.load_bars
    monkeypatch.setattr(total_return, "load_bars", lambda part, **how: read.append(part) or load(part, **how))
    inputs = load_inputs("SOXS", "nasdaq")
    assert read == ["nasdaq"]
    assert inputs.bars.close[-1] > inputs.quoted.close[-1]
    plain = replace(inputs.quoted, dividends=None, swapped=None)
    assert plain.fingerprint() == total_return.price_index("nasdaq").fingerprint()
