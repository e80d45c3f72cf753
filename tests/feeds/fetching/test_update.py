"""Bringing a fetched file up to date: what is asked for, added, replaced, and said."""

import pandas as pd
import pytest

from feeds.fetching.get import get
from feeds.fetching.update import changed, update
from feeds.fetching.yahoo import COLUMNS, Answer, Yahoo
from letf_instruments import DataError
from tests.yahoo import moment, sessions

DAYS = sessions(16)  # 2024-03-04 to 2024-03-25
CLOSES = [20.0, 21.0, 20.5, 22.0, 21.5, 23.0, 22.5, 24.0, 23.5, 25.0, 24.5, 26.0, 25.5, 27.0, 26.5, 28.0]
HELD = 14  # sessions in the file
YAHOO = Yahoo(clock=lambda: moment(DAYS[-1], "18:00"))


@pytest.fixture
def soxl(service, tmp_path):
    """SOXL.csv with the first 14 sessions."""
    service.serve("SOXL", DAYS[:HELD], CLOSES[:HELD])
    return get("SOXL", tmp_path, YAHOO).path


def lines(path):
    return path.read_text().splitlines()


def test_only_new_rows_and_an_overlap_are_asked_for_and_the_new_are_added(service, soxl):
    before = lines(soxl)
    service.serve("SOXL", DAYS, CLOSES)
    asked = len(service.histories)
    done = update("soxl", soxl.parent, YAHOO)
    (question,) = service.histories[asked:]
    assert int(question["period1"]) == moment(DAYS[4], "00:00")  # the tenth session from the end
    assert done.added == 2
    assert done.words == "SOXL: 2 sessions added, 2024-03-22 to 2024-03-25"
    assert lines(soxl)[: HELD + 1] == before
    assert [line[:10] for line in lines(soxl)[HELD + 1 :]] == DAYS[HELD:]
    assert done.bars.close.tolist() == CLOSES
    assert (done.notes, done.warnings) == ((), ())


def test_update_by_update_gives_the_file_that_is_fetched_at_once(service, soxl, tmp_path):
    for n in (15, 16):
        service.serve("SOXL", DAYS[:n], CLOSES[:n])
        assert update("SOXL", soxl.parent, YAHOO).words == f"SOXL: 1 session added, {DAYS[n - 1]}"
    assert soxl.read_bytes() == get("SOXL", tmp_path / "anew", YAHOO).path.read_bytes()


def test_with_nothing_new_it_says_so_and_nothing_is_written(service, soxl):
    before = soxl.stat().st_mtime_ns, (soxl.parent / "fetched.json").read_bytes()
    done = update("SOXL", soxl.parent, YAHOO)
    assert (done.added, done.words) == (0, "SOXL: nothing new since 2024-03-21")
    assert (soxl.stat().st_mtime_ns, (soxl.parent / "fetched.json").read_bytes()) == before
    assert len(service.histories) == 2


def test_a_session_in_progress_is_not_new(service, soxl):
    service.serve("SOXL", DAYS[:15], CLOSES[:15], clock="11:00")
    done = update("SOXL", soxl.parent, Yahoo(clock=lambda: moment(DAYS[14], "11:00")))
    assert done.words == "SOXL: nothing new since 2024-03-21"
    assert done.notes == ("SOXL: the session of 2024-03-22 is not over, and is left out",)
    assert len(lines(soxl)) == HELD + 1


def test_after_a_split_the_whole_file_is_fetched_anew_and_it_says_why(service, soxl):
    service.serve("SOXL", DAYS, [10 * c for c in CLOSES], splits={DAYS[14]: (1, 10)})
    asked = len(service.histories)
    said = []
    done = update("SOXL", soxl.parent, Yahoo(said.append, clock=YAHOO.clock))
    assert done.words == (
        "SOXL: fetched anew, 16 bars, 2024-03-04 to 2024-03-25: a split of 1-for-10 on 2024-03-22; the "
        "close of 2024-03-08 was 21.5 and is 215 now"
    )
    assert done.added == 2
    assert done.bars.close.tolist() == [10 * c for c in CLOSES]
    assert int(service.histories[asked + 1]["period1"]) < moment("1930-01-02")
    assert said == ["fetching SOXL anew: a split of 1-for-10 on 2024-03-22"]


def test_a_split_of_today_s_session_in_progress_is_named(service, soxl):
    service.serve("SOXL", DAYS[:15], [c / 1.5 for c in CLOSES[:15]], clock="11:00", splits={DAYS[14]: (3, 2)})
    yahoo = Yahoo(clock=lambda: moment(DAYS[14], "11:00"))
    done = update("SOXL", soxl.parent, yahoo)
    assert (
        ": a split of 3-for-2 on 2024-03-22; the close of 2024-03-08 was 21.5 and is 14.33333" in done.words
    )
    assert len(done.bars) == HELD
    # The next day nothing that is in the file has changed, although the split is in what Yahoo names.
    service.serve("SOXL", DAYS, [c / 1.5 for c in CLOSES], splits={DAYS[14]: (3, 2)})
    assert update("SOXL", soxl.parent, YAHOO).words.startswith("SOXL: 2 sessions added")


def test_after_a_dividend_all_adjusted_closes_are_fetched_anew(service, soxl):
    # 0.54 of 27 is 2 %: every adjusted close before the ex-date is 0.98 of what it was.
    adjusted = [0.98 * c for c in CLOSES[:14]] + CLOSES[14:]
    service.serve("SOXL", DAYS, CLOSES, adjusted=adjusted, dividends={DAYS[14]: 0.54})
    done = update("SOXL", soxl.parent, YAHOO)
    assert done.words == (
        "SOXL: fetched anew, 16 bars, 2024-03-04 to 2024-03-25: a dividend of 0.54 on 2024-03-22; the "
        "adjusted close of 2024-03-08 was 21.5 and is 21.07 now"
    )
    assert done.bars.adj_close.tolist() == pytest.approx(adjusted)
    assert done.bars.close.tolist() == CLOSES


def test_a_dividend_that_the_file_knows_is_no_reason_and_is_not_named_for_the_next(service, tmp_path):
    known = [0.98 * c for c in CLOSES[:8]] + CLOSES[8:]
    paid = {DAYS[8]: 0.48}
    service.serve("SOXL", DAYS[:HELD], CLOSES[:HELD], adjusted=known[:HELD], dividends=paid)
    get("SOXL", tmp_path, YAHOO)
    service.serve("SOXL", DAYS[:15], CLOSES[:15], adjusted=known[:15], dividends=paid)
    assert update("SOXL", tmp_path, YAHOO).words == "SOXL: 1 session added, 2024-03-22"
    again = [0.99 * a for a in known[:15]] + CLOSES[15:]
    service.serve("SOXL", DAYS, CLOSES, adjusted=again, dividends={**paid, DAYS[15]: 0.265})
    done = update("SOXL", tmp_path, YAHOO)
    assert ": a dividend of 0.265 on 2024-03-25; the adjusted close" in done.words
    assert DAYS[8] not in done.words


def test_the_smallest_dividend_counts_and_the_last_digit_of_single_precision_does_not(service, soxl):
    jitter = [c * (1 + 1e-7 * (-1) ** i) for i, c in enumerate(CLOSES)]
    service.serve("SOXL", DAYS[:15], CLOSES[:15], adjusted=jitter[:15])
    before = lines(soxl)
    assert update("SOXL", soxl.parent, YAHOO).words == "SOXL: 1 session added, 2024-03-22"
    assert lines(soxl)[:-1] == before
    # A hundredth of a cent of 26.5.
    adjusted = [c * (1 - 0.0001 / 26.5) for c in CLOSES[:15]] + CLOSES[15:]
    service.serve("SOXL", DAYS, CLOSES, adjusted=adjusted, dividends={DAYS[15]: 0.0001})
    assert ": a dividend of 0.0001 on 2024-03-25" in update("SOXL", soxl.parent, YAHOO).words


def test_a_price_that_yahoo_corrected_is_named(service, soxl):
    closes = [*CLOSES]
    closes[13] = 27.01
    service.serve("SOXL", DAYS, closes)
    done = update("SOXL", soxl.parent, YAHOO)
    assert done.words.endswith("2024-03-25: the close of 2024-03-21 was 27 and is 27.01 now")
    assert done.bars.close[13] == 27.01


def test_a_split_that_does_not_explain_a_price_is_not_blamed(service, soxl):
    service.serve("SOXL", DAYS, [3 * c for c in CLOSES], splits={DAYS[14]: (1, 10)})
    done = update("SOXL", soxl.parent, YAHOO)
    assert "the close of 2024-03-08 was 21.5 and is 64.5 now" in done.words
    assert "split" not in done.words


def test_a_volume_that_settled_is_taken_over(service, soxl):
    volumes = [1000 + i for i in range(16)]
    volumes[13] = 5000
    service.serve("SOXL", DAYS[:HELD], CLOSES[:HELD], volumes=volumes)
    done = update("SOXL", soxl.parent, YAHOO)
    assert done.words == "SOXL: no session added since 2024-03-21; the volume of 1 session corrected"
    assert done.bars.volume[-1] == 5000
    volumes[13] = 6000
    service.serve("SOXL", DAYS, CLOSES, volumes=volumes)
    done = update("SOXL", soxl.parent, YAHOO)
    assert done.words == (
        "SOXL: 2 sessions added, 2024-03-22 to 2024-03-25; the volume of 1 session corrected"
    )
    assert done.bars.volume.tolist() == volumes


def test_a_session_that_yahoo_lacked_has_the_file_fetched_anew(service, tmp_path):
    closes = [*CLOSES]
    closes[10] = None
    service.serve("SOXL", DAYS[:HELD], closes[:HELD])
    get("SOXL", tmp_path, YAHOO)
    service.serve("SOXL", DAYS[:15], closes[:15])
    assert update("SOXL", tmp_path, YAHOO).words == "SOXL: 1 session added, 2024-03-22"
    service.serve("SOXL", DAYS, CLOSES)
    done = update("SOXL", tmp_path, YAHOO)
    assert ": the session of 2024-03-18, which Yahoo did not have before" in done.words
    assert done.bars.close.tolist() == CLOSES


def test_a_session_that_yahoo_lacks_for_now_is_not_lost(service, soxl):
    closes = [*CLOSES]
    closes[13] = None
    service.serve("SOXL", DAYS, closes)
    before = soxl.read_bytes()
    with pytest.raises(
        DataError, match=r"lacks the session of 2024-03-21 that SOXL.csv has, and the file is"
    ):
        update("SOXL", soxl.parent, YAHOO)
    assert soxl.read_bytes() == before


def test_a_history_that_begins_later_does_not_replace_the_file(service, soxl):
    service.serve("SOXL", DAYS[3:], [2 * c for c in CLOSES[3:]], splits={DAYS[14]: (1, 2)})
    before = soxl.read_bytes()
    with pytest.raises(
        DataError, match=r"lacks 3 sessions, first 2024-03-04, that .*: a split of 1-for-2 on"
    ):
        update("SOXL", soxl.parent, YAHOO)
    assert soxl.read_bytes() == before


def test_new_sessions_behind_a_split_that_yahoo_has_not_adjusted_are_warned_of(service, tmp_path):
    steady = [20.0 + 0.1 * (i % 3) for i in range(60)]
    long = sessions(60, "2024-01-08")
    service.serve("SOXS", long, steady)
    get("SOXS", tmp_path, Yahoo(clock=lambda: moment(long[-1], "18:00")))
    more = sessions(61, "2024-01-08")
    service.serve("SOXS", more, [*steady, 200.0])
    done = update("SOXS", tmp_path, Yahoo(clock=lambda: moment(more[-1], "18:00")))
    (warning,) = done.warnings
    assert f"on {more[-1]} the price jumps from 20.2 to 198 at the open" in warning
    assert "reverse split" in warning
    last = sessions(62, "2024-01-08")
    service.serve("SOXS", last, [*steady, 200.0, 201.0])  # which is no news a day later
    assert update("SOXS", tmp_path, Yahoo(clock=lambda: moment(last[-1], "18:00"))).warnings == ()


def test_what_fails_leaves_the_file_as_it_was(service, soxl):
    before = soxl.read_bytes()
    service.serve("SOXL", DAYS, [*CLOSES[:15], -1.0])
    with pytest.raises(DataError, match=r"SOXL is refused, and nothing was written: SOXL.csv, row 17"):
        update("SOXL", soxl.parent, YAHOO)
    service.unplug()
    with pytest.raises(DataError, match="could not be reached for SOXL"):
        update("SOXL", soxl.parent, YAHOO)
    assert soxl.read_bytes() == before
    assert sorted(p.name for p in soxl.parent.iterdir()) == ["SOXL.csv", "fetched.json"]


def test_the_symbol_is_the_one_that_was_fetched(service, tmp_path):
    service.serve("^SOX", DAYS[:HELD], CLOSES[:HELD])
    get("SOX", tmp_path, YAHOO)
    service.serve("^SOX", DAYS, CLOSES)
    assert update("SOX", tmp_path, YAHOO).added == 2
    assert {asked["symbol"] for asked in service.asked} == {"^SOX"}


def test_a_person_s_own_file_is_not_updated(service, soxl):
    own = soxl.with_name("MINE.csv")
    own.write_bytes(soxl.read_bytes())
    with pytest.raises(DataError, match=r"MINE.csv was not fetched by `letf data get`"):
        update("MINE", soxl.parent, YAHOO)
    assert own.read_bytes() == soxl.read_bytes()


def rows(**changes):
    days = pd.DatetimeIndex(["2024-03-04", "2024-03-05"])
    frame = pd.DataFrame([[10.0, 12.0, 9.0, 11.0, 11.0, 5], [11.0, 13.0, 10.0, 12.0, 12.0, 6]], days, COLUMNS)
    for column, value in changes.items():
        frame.iloc[1, COLUMNS.index(column)] = value
    return frame


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, ""),
        ({"Volume": 7}, ""),
        ({"Open": 11.5}, "the open of 2024-03-05 was 11 and is 11.5 now"),
        ({"High": 13.5}, "the high of 2024-03-05 was 13 and is 13.5 now"),
        ({"Low": 9.5}, "the low of 2024-03-05 was 10 and is 9.5 now"),
        ({"Adj Close": 11.5}, "the adjusted close of 2024-03-05 was 12 and is 11.5 now"),
        ({"Close": 12 * (1 + 2e-6)}, "the close of 2024-03-05 was 12 and is 12.00002 now"),
        ({"Close": 12 * (1 + 2e-7)}, ""),
    ],
)
def test_every_price_that_differs_is_a_change_and_is_named(changes, says):
    none = pd.Series([], index=pd.DatetimeIndex([]), dtype=float)
    assert changed(rows(), Answer(rows(**changes), (), none, none)) == says
