"""The page of `letf today`: what to do stands first, and the picture holds the levels of its tables."""

from dataclasses import replace

import numpy as np
import pytest
import talib

import letf
from runs.answers.closer import Candles, Flag, Line
from runs.answers.page.payload import payload
from runs.studies.today.first import key_figures


@pytest.fixture(scope="module")
def entering():
    return letf.today("rsi_timing", index="nasdaq", as_of="2018-09-05")


@pytest.fixture(scope="module")
def holding():
    return letf.today(
        "rsi_timing",
        index="nasdaq",
        as_of="2018-09-11",
        holding="SOXS=120@9.70,2018-09-06",
        price="SOXS=9.85",
    )


def panes_of(answer):
    return answer.pictures["today"].closer()


def parts(pane, kind):
    return {part.name: part for part in pane.parts if isinstance(part, kind)}


def test_what_to_do_stands_first(entering, holding):
    assert entering.asked == (
        "rsi_timing on nasdaq, run from 1999-01-04 to the close of 2018-09-05 · the run's own account · "
        "prices of SOXS synthetic"
    )
    send, held, account, close, changes = entering.figures
    buy = entering.orders.iloc[0]
    assert (send.label, send.value) == ("to send for 2018-09-06", f"{buy['side']} {buy['instrument']}")
    assert send.beside.startswith(f"{buy['shares']:,.2f} ({buy['reason']}), 2 orders")
    assert held.value == "no position"
    assert account.value == f"{entering.metrics['equity']:,.2f}"
    assert close.value == f"{entering.metrics['index_close']:,.2f}"
    assert (changes.value, changes.beside) == ("above 8,208.48", "+2.7 %: stop sells SOXS")
    assert entering.edge is None  # what to send is no question of luck
    # The orders lead: no picture stands above them.
    assert entering.lead is None
    assert entering.sections[0].heading == "Orders"
    assert [figure.value for figure in holding.figures[:3]] == ["no order", "120 SOXS", "1,182.00"]
    assert holding.figures[1].beside == "+1.5 % since 2018-09-06"  # 9.85 after 9.70
    assert "prices of SOXS" not in holding.asked
    assert not entering.sections[0].sentences[0].startswith("No ")
    said = f"No new order for {holding.found.next_day}."  # stop and target wait in the market
    assert holding.sections[0].sentences[0] == said


def test_a_decision_that_no_near_close_changes_does_not_read_as_one_that_changes(entering):
    figure = key_figures(replace(entering.found, stretches=entering.found.stretches[:1]))[-1]
    said = (figure.label, figure.value, figure.beside)
    assert said == ("next decision", "unchanged", "no close within ±20 % changes it")


def test_the_candles_are_those_of_the_data_and_end_at_the_close(entering, holding):
    for answer, last in ((entering, None), (holding, 9.85)):
        found = panes_of(answer)
        bars = answer.found.setting.bars
        np.testing.assert_array_equal(found.x, bars.timestamps[-252:])
        index = parts(found.panes[0], Candles)["nasdaq"]
        np.testing.assert_allclose(index.close, bars.close[-252:])
        np.testing.assert_allclose(index.high, bars.high[-252:])
        fund = parts(found.panes[1], Candles)["SOXS"]
        if last is not None:
            assert fund.close[-1] == pytest.approx(last, rel=1e-12)  # as traded, and all before it as much
        # Each day of the fund is about −3 times that of the index, whatever the scale.
        days = [own[1:] / own[:-1] - 1.0 for own in (fund.close, index.close)]
        assert np.polyfit(days[1], days[0], 1)[0] == pytest.approx(-3.0, abs=0.1)


def test_orders_and_entry_are_drawn_at_the_prices_of_the_table(entering, holding):
    prices = entering.orders.set_index("reason")["price"]
    lines = parts(panes_of(entering).panes[1], Line)
    for reason in ("stop", "target"):
        np.testing.assert_allclose(lines[f"{reason}, once filled"].values, prices[reason], rtol=1e-12)
    lines = parts(panes_of(holding).panes[1], Line)
    np.testing.assert_allclose(lines["stop"].values, 0.92 * 9.70, rtol=1e-9)
    np.testing.assert_allclose(lines["target"].values, 1.15 * 9.70, rtol=1e-9)
    paid = lines["entered at"].values
    since = panes_of(holding).x >= np.datetime64("2018-09-06")
    assert (paid[since] == 9.70).all()
    assert np.isnan(paid[~since]).all()


def test_each_close_that_changes_the_decision_is_a_line(holding):
    table = next(t for s in holding.sections for t in s.tables if t.title == "What the next close decides")
    edges = [line for line in parts(panes_of(holding).panes[0], Line).values() if "%: " in line.name]
    assert [line.name for line in edges] == [
        "−4.4 %: target sells SOXS",
        "−3.8 %: sell SOXS: oversold",
        "+3.1 %: stop sells SOXS",
    ]
    assert [f"{line.values[-1]:,.2f}" for line in edges] == ["7,620.77", "7,667.79", "8,222.68"]
    assert all(any(f"{line.values[-1]:,.2f}" in row[0] for row in table.rows) for line in edges)


def test_what_conditions_compare_is_that_of_ta_lib_and_ends_as_the_table_says(entering):
    found, bars = panes_of(entering), entering.found.setting.bars
    pane = next(pane for pane in found.panes if pane.label == "RSI(14)")
    np.testing.assert_allclose(
        parts(pane, Line)["RSI(14)"].values, talib.RSI(bars.close, 14)[-252:], rtol=1e-9
    )
    assert {line.values[-1] for line in pane.parts} >= {65.0, 35.0}
    average = parts(found.panes[0], Line)["close below its 10-bar average"].values
    np.testing.assert_allclose(average, talib.SMA(bars.close, 10)[-252:], rtol=1e-9)
    flags = parts(found.panes[-1], Flag)
    now = {name.removeprefix("leave: "): bool(flag.holds[-1]) for name, flag in flags.items()}
    assert now == dict(zip(entering.conditions["name"], entering.conditions["holds"], strict=True))
    below = flags["close below its 10-bar average"].holds
    np.testing.assert_array_equal(below, (bars.close < talib.SMA(bars.close, 10))[-252:])


@pytest.mark.parametrize("name", ["trend", "hedge", "mix", "infinite_buying", "dip", "event_options", "hold"])
def test_the_page_of_any_rule_is_whole(name):
    answer = letf.today(name, as_of="2003-12-31")
    assert 3 <= len(answer.figures) <= 5
    assert "could not be made" not in answer.to_html()
    for picture in answer.pictures.values():
        assert payload(picture.closer())
