"""A fund on an index that is not its own says so, at every door, in the same words."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import letf
from letf_instruments import Dated, LeveragedFund, known_fund
from runs.answers.index_words import index_notes, not_its_index
from tests.conftest import flat_bars
from tests.runs.command import letf as command

SOXL, SOXS, TQQQ = (known_fund(ticker) for ticker in ("SOXL", "SOXS", "TQQQ"))
NASDAQ = (
    "nasdaq is not the index of {}, which {} made from it here: nasdaq stands for the NASDAQ Composite "
    "Index, {} the PHLX Semiconductor Sector Index"
)
OF_SOXS = NASDAQ.format("SOXS", "is", "SOXS follows")
OF_TQQQ = (
    "nasdaq is not the index of TQQQ, which is made from it here: nasdaq stands for the NASDAQ Composite "
    "Index, TQQQ follows the NASDAQ-100 Index"
)
LATE = (
    "from 2021-08-25 on SOX is not the index of SOXL, which is made from it here: SOX stands for the PHLX "
    "Semiconductor Sector Index, SOXL follows the NYSE Semiconductor Index"
)


def bars(name, start, n=40, **changes):
    return replace(flat_bars(list(100.0 + np.arange(n) % 3), start=start, name=name), **changes)


def test_an_index_that_is_never_the_fund_s_changes_the_first_sentence():
    before = bars("nasdaq", "2012-01-02")
    assert not_its_index([SOXS], before) == ["nasdaq is not the index of SOXS"]
    assert not_its_index([SOXL, SOXS], before) == ["nasdaq is not the index of SOXL and SOXS"]


def test_what_the_indexes_are_is_said_in_the_notes_once():
    before = bars("nasdaq", "2012-01-02")
    assert index_notes([SOXL, SOXS], before) == [
        NASDAQ.format("SOXL and SOXS", "are", "SOXL and SOXS follow")
    ]
    assert index_notes([SOXS, TQQQ], before) == [OF_SOXS, OF_TQQQ]
    assert not_its_index([SOXS, TQQQ], before) == ["nasdaq is not the index of SOXS and TQQQ"]


def test_an_index_that_was_the_fund_s_and_no_longer_is_says_since_when():
    around = bars("SOX", "2021-07-26")  # 2021-08-25 is the 23rd of 40 weekdays: fewer than half come after
    assert (not_its_index([SOXL], around), index_notes([SOXL], around)) == ([], [LATE])
    after = bars("SOX", "2021-08-16")
    assert (not_its_index([SOXL], after), index_notes([SOXL], after)) == (
        ["from 2021-08-25 on SOX is not the index of SOXL"],
        [LATE],
    )
    since = bars("SOX", "2022-01-03")
    assert not_its_index([SOXL], since) == ["SOX is not the index of SOXL"]
    assert index_notes([SOXL], since) == [LATE.removeprefix("from 2021-08-25 on ")]


def test_a_fund_that_changes_its_own_index_on_a_foreign_one_is_one_sentence():
    said = index_notes([SOXL], bars("nasdaq", "2021-08-16"))
    assert [sentence.partition("SOXL follows ")[2] for sentence in said] == [
        "the PHLX Semiconductor Sector Index and from 2021-08-25 on the NYSE Semiconductor Index"
    ]


def test_a_source_that_changes_its_own_index_is_one_clause_and_two_notes():
    around = bars("SMH", "2011-12-05")  # the Semiconductor HOLDRS became an ETF of MVIS on 2011-12-20
    assert not_its_index([SOXL], around) == ["SMH is not the index of SOXL"]
    assert [note.partition(" SMH")[0] for note in index_notes([SOXL], around)] == [
        "to 2011-12-19",
        "from 2011-12-20 on",
    ]


def test_one_s_own_index_and_an_unknown_one_say_nothing():
    spliced = Dated.of([("1994-01-01", "SOX"), ("2021-08-25", "SOXX")])
    for known in (
        bars("SOX", "2012-01-02"),
        bars("SOX+SOXX", "2021-08-16", eras=spliced),
        bars("mine", "2021-08-16"),
    ):
        assert not_its_index([SOXL, SOXS], known) == index_notes([SOXL, SOXS], known) == []
    assert not_its_index([LeveragedFund("MINE", 2.0)], bars("nasdaq", "2012-01-02")) == []


def test_a_simulated_index_names_the_one_it_stands_for():
    simulated = bars("semis-sim", "2012-01-02", simulated=True)
    assert index_notes([SOXL, SOXS], simulated) == [
        "semis-sim is simulated: it stands for the PHLX Semiconductor Sector Index, which SOXL and SOXS "
        "follow, and is not that index"
    ]
    assert not_its_index([TQQQ], simulated) == ["semis-sim is not the index of TQQQ"]
    (said,) = index_notes([TQQQ], simulated)
    assert said.endswith("TQQQ follows the NASDAQ-100 Index")


SPAN = {"start": "2012-01-03", "end": "2014-12-31"}
MADE = {"index": "nasdaq", **SPAN}
STOPS = {"plan.stop": [0.04, 0.08]}
# What is asked in a script, and the same as a command.
DOORS = {
    "run": (lambda: letf.run("rsi_timing", **MADE), ["run", "rsi_timing"]),
    "compare": (
        lambda: letf.compare(["rsi_timing", "hold"], **MADE),
        ["compare", "rsi_timing", "hold"],
    ),
    "alternatives": (lambda: letf.alternatives("rsi_timing", **MADE), ["alternatives", "rsi_timing"]),
    "sweep": (
        lambda: letf.sweep("rsi_timing", STOPS, **MADE),
        ["sweep", "rsi_timing", "--set", "sweep.plan.stop=[0.04, 0.08]"],
    ),
    "decay": (lambda: letf.decay("SOXS", **MADE), ["decay", "SOXS"]),
    "flow": (lambda: letf.flow("SOXS", **MADE), ["flow", "SOXS"]),
}


@pytest.mark.parametrize("door", DOORS)
def test_every_door_says_it(door, tmp_path):
    ask, arguments = DOORS[door]
    answer = ask()
    words = NASDAQ.format("SOXS and SOXL", "are", "SOXS and SOXL follow") if door == "compare" else OF_SOXS
    short = f"; mind that {words.partition(', which')[0]}."
    assert short in answer.headline
    assert list(answer.notes).count(words) == 1
    dates = ["--start", SPAN["start"], "--end", SPAN["end"]]
    done = command(*arguments, "--index", "nasdaq", *dates, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    for face in (done.stdout, page):
        assert short in face
        assert face.count(words) == 1


def test_so_does_a_fund_as_a_frame_and_as_a_file(tmp_path):
    assert OF_SOXS in letf.fund("SOXS", **MADE).attrs["notes"]
    done = command("synth", "SOXS", "--index", "nasdaq", "--out", tmp_path / "soxs.csv")
    assert f"note: {OF_SOXS}" in done.stdout


def test_so_does_a_comparison_with_a_traded_fund(tmp_path):
    made = letf.fund("SOXS", **MADE)
    made.to_csv(tmp_path / "SOXS.csv")
    for ask, name in ((letf.track, "track"), (letf.calibrate, "calibrate")):
        answer = ask("SOXS", actual=made, **MADE)
        assert "mind that nasdaq is not the index of SOXS." in answer.headline
        assert OF_SOXS in answer.notes
        done = command(name, "SOXS", "--index", "nasdaq", "--data-dir", tmp_path, "--out", tmp_path / name)
        assert OF_SOXS in done.stdout


def test_a_sweep_speaks_of_the_funds_that_its_cells_may_trade():
    notes = letf.sweep("rsi_timing", {"rule.side": ["bull", "bear"]}, **MADE).notes
    assert NASDAQ.format("SOXL and SOXS", "are", "SOXL and SOXS follow") in notes
    swept = letf.sweep("rsi_timing", {"data.index": ["nasdaq", "semis-sim"]}, **SPAN).notes
    assert OF_SOXS in swept
    assert any(note.startswith("semis-sim is simulated") for note in swept)


def test_side_by_side_a_fund_is_named_only_on_its_own_index(tmp_path):
    answer = letf.versus(index="nasdaq", multiples=[3, -3], **SPAN)
    assert list(answer.values.columns) == ["3x", "-3x"]
    assert not any(ticker in answer.headline for ticker in ("TQQQ", "SQQQ"))
    days = pd.bdate_range("2021-07-26", periods=40)
    pd.DataFrame({"date": days, "close": 100.0 + np.arange(40) % 3}).to_csv(tmp_path / "SOX.csv", index=False)
    partly = letf.versus(index="SOX", multiples=[3], data_dir=tmp_path)
    assert list(partly.values.columns) == ["SOXL"]
    assert LATE in partly.notes
