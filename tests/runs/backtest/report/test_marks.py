"""Trades on the pictures of a run: where each was entered and left, and what is told there."""

import numpy as np
import pandas as pd
import pytest

import letf
from runs.answers.closer import Candles, Marks
from tests.runs.backtest.report.pictures import END, closer, parts


def test_every_trade_is_marked_where_it_was_entered_and_left(timing):
    found = closer(timing, "price")
    marks, candles = parts(found, Marks), parts(found, Candles)["SOXS"]
    trades = timing.trades.sort_values("entry_date")
    entered = next(mark for name, mark in marks.items() if name.startswith("entered"))
    assert pd.DatetimeIndex(entered.at).tolist() == trades["entry_date"].tolist()
    np.testing.assert_allclose(entered.values, trades["entry_price"], rtol=1e-12)
    assert "planned: stop −8.0 %" in entered.words[0]
    left = [mark for name, mark in marks.items() if name.startswith("left")]
    assert sum(len(mark.at) for mark in left) == len(trades)
    at = np.searchsorted(found.x, entered.at)
    assert (entered.values <= candles.high[at] * (1 + 1e-9)).all()
    assert (entered.values >= candles.low[at] * (1 - 1e-9)).all()


def test_a_line_leads_from_each_entry_to_its_exit_by_what_it_made(timing):
    marks = parts(closer(timing, "price"), Marks)
    trades = timing.trades.sort_values("exit_date")
    for word, mine in (("gain", trades[trades["profit"] > 0]), ("loss", trades[trades["profit"] <= 0])):
        left = next(mark for name, mark in marks.items() if name.startswith(f"left with a {word}"))
        assert pd.DatetimeIndex(left.since[0]).tolist() == mine["entry_date"].tolist()
        assert pd.DatetimeIndex(left.at).tolist() == mine["exit_date"].tolist()
        np.testing.assert_allclose(left.since[1], mine["entry_price"], rtol=1e-12)


def test_a_price_below_a_cent_is_told_on_the_mark_as_in_the_table():
    run = letf.run("rsi_timing", index="nasdaq")
    table = next(t for part in run.sections for t in part.tables if t.title == "Every trade")
    last = run.trades.sort_values("entry_date").iloc[-1]
    assert last["exit_price"] < 0.01
    row = next(row for row in table.rows if row[0] == f"{last['entry_date']:%Y-%m-%d}")
    assert float(row[5]) == pytest.approx(last["exit_price"], rel=0.005)
    entered = next(m for name, m in parts(closer(run, "price"), Marks).items() if name.startswith("entered"))
    assert f"at {row[2]}; left {row[4]} at {row[5]} by" in entered.words[-1]


def test_a_price_of_parts_of_a_cent_is_explained_where_it_is_seen():
    run = letf.run("rsi_timing", index="nasdaq")
    (part,) = (part for part in run.sections if part.heading == "Every trade")
    least = run.result.ledgers["SOXS"].close.min()
    assert least < 0.01
    (said,) = part.sentences
    assert said.startswith(f"SOXS falls to {least:.5f} a share, as reverse splits are left out here")
    assert said in closer(run, "price").note
    split = letf.run("rsi_timing", index="nasdaq", data={"splits": "issuer"}, end="2012-12-31")
    assert not next(part for part in split.sections if part.heading == "Every trade").sentences
    assert "reverse splits" not in closer(split, "price").note
    assert "reverse splits" not in closer(letf.run("trend", index="nasdaq", **END), "price").note


def test_a_single_bar_is_said_as_one(timing):
    marks = parts(closer(timing, "price"), Marks)
    entered = next(mark for name, mark in marks.items() if name.startswith("entered"))
    trades = timing.trades.sort_values("entry_date")
    assert (trades["bars_held"] == 1).any()
    for said, bars in zip(entered.words, trades["bars_held"], strict=True):
        assert f"after {bars} bar{'' if bars == 1 else 's'}: " in said
