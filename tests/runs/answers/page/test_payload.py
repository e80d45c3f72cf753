"""What the page's script draws from: the numbers come back, few enough to draw, with their peaks."""

import base64
import gzip
import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from runs.answers.closer import Band, Candles, Choice, Heatmap, Line, Marks, Pane, Panes
from runs.answers.page.payload import MOST, packed, payload, thinned

DAYS = np.arange("2001-01-01", "2001-01-06", dtype="datetime64[D]")
FIVE = np.array([1.0, np.nan, -3.5, 4e20, 5.0])


def read(text, kind=np.float32):
    planes = np.frombuffer(base64.b64decode(text), np.uint8).reshape(np.dtype(kind).itemsize, -1)
    return np.frombuffer(planes.T.tobytes(), dtype=kind)


def test_numbers_and_dates_come_back():
    made = payload(Panes(DAYS, [Pane("p", [Line("l", FIVE, "rule")], "money")]))
    np.testing.assert_allclose(read(made["panes"][0]["parts"][0]["y"]), FIVE, rtol=1e-7)
    assert read(made["x"], np.float64).tolist() == [978307200000 + 86400000 * day for day in range(5)]
    assert made["dates"] is True


def test_numbers_on_the_axis_are_no_dates():
    made = payload(Panes(np.arange(3.0), [Pane("p", [])], x_label="years"))
    assert made["dates"] is False
    assert read(made["x"], np.float64).tolist() == [0, 1, 2]


def test_what_is_no_number_is_a_gap():
    wild = np.array([np.inf, -np.inf, 1e300, 1.0, np.nan])
    made = payload(Panes(DAYS, [Pane("p", [Line("l", wild, "rule")])]))
    assert np.isnan(read(made["panes"][0]["parts"][0]["y"])).tolist() == [True, True, True, False, True]


def test_marks_have_places_and_words_of_their_own():
    marks = Marks("m", DAYS[[1, 3]], np.array([2.0, 4.0]), ["one", "two"], "gain", "up")
    made = payload(Panes(DAYS, [Pane("p", [marks])]))["panes"][0]["parts"][0]
    assert read(made["x"], np.float64).tolist() == [978393600000, 978566400000]
    assert made["words"] == ["one", "two"]


def test_a_choice_holds_several():
    panes = Panes(DAYS, [Pane("p", [])])
    heat = Heatmap("r", "c", ["1"], ["2", "3"], np.array([[1.0, np.nan]]), "v")
    made = payload(Choice("which", {"a": panes, "b": heat}))
    assert [each["kind"] for each in made["of"].values()] == ["panes", "heatmap"]
    assert np.isnan(read(made["of"]["b"]["values"])).tolist() == [False, True]


@given(st.integers(MOST + 1, 20_000), st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_a_long_line_is_thinned_to_what_a_screen_has_and_keeps_its_peaks(n, seed, lines):
    rng = np.random.default_rng(seed)
    values = [rng.normal(size=n) for _ in range(lines)]
    panes = Panes(np.arange(n).astype(float), [Pane("p", [Line("l", own, "rule") for own in values])])
    kept = thinned(panes)
    assert len(kept) <= MOST
    assert kept[0] == 0
    assert kept[-1] == n - 1
    assert (np.diff(kept) > 0).all()
    for own in values:
        assert own[kept].max() == own.max()
        assert own[kept].min() == own.min()


def test_of_equal_peaks_the_first_is_kept_and_a_gap_is_passed_over():
    n = 10 * MOST
    line = np.zeros(n)
    gaps = np.arange(n) % 7 == 3
    line[gaps] = np.nan
    line[[20_001, 20_002]] = 5.0
    line[[30_001, 30_002]] = -5.0
    line[40_000:40_500] = np.nan  # longer than a stretch
    kept = set(thinned(Panes(np.arange(n).astype(float), [Pane("p", [Line("l", line, "rule")])])).tolist())
    assert {20_001, 30_001} <= kept
    assert not {20_002, 30_002} & kept
    inside = {at for at in kept if 40_000 <= at < 40_500}
    assert all(at - 1 in kept or at + 1 in kept for at in inside)  # ends of stretches alone


def test_thinning_is_said_and_a_short_line_is_whole():
    n = MOST + 1
    line = [Line("l", np.arange(n).astype(float), "rule")]
    long = payload(Panes(np.arange(n).astype(float), [Pane("p", line)], note="Before."))
    assert long["note"].startswith("Before. ")
    assert long["note"].endswith(f"of {n:,} points are drawn, highs and lows among them.")
    assert payload(Panes(DAYS, [Pane("p", [Line("l", FIVE, "rule")])]))["note"] == ""


def test_bands_and_candles_are_thinned_by_their_ends():
    n = 3 * MOST
    high = np.zeros(n)
    high[12_345] = 9.0
    band = Band("b", -high, high, "rule")
    candles = Candles("c", high, high, -high, high)
    for part in (band, candles):
        assert 12_345 in thinned(Panes(np.arange(n).astype(float), [Pane("p", [part])]))


def test_no_character_of_a_text_can_end_the_element_it_stands_in():
    what = {"a": "</script><!-- & -->", "b": 300 * ["the same plan"]}
    text = packed(what)
    assert not set("<>&") & set(text)
    assert json.loads(gzip.decompress(base64.b64decode(text))) == what
    assert len(text) < 300
    assert packed(what) == text
