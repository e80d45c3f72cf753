"""Every fill of a run: the average cost by hand, and against the account that the run has kept."""

import csv
import io

import backtrader as bt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import letf
from runs.answers.files import frame_csv
from runs.backtest.fills import average_costs, fills_frame, held_bars, held_sessions
from runs.backtest.frames import trades_frame
from runs.backtest.pictures.charts import price_chart
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest

SPAN = ("data.start=1999-01-04", "data.end=2004-12-31")


def run(name, *changes):
    return run_backtest(load_spec(name, [*SPAN, *changes]), studies=False)


@pytest.fixture(scope="module")
def mix():
    return run("mix")


@pytest.fixture(scope="module")
def split():
    return run("mix", "data.splits=issuer")


def after(*fills):
    positions, averages = average_costs(fills)
    return list(zip(positions.tolist(), averages.tolist(), strict=True))


# -- the average-cost method ------------------------------------------------------------------------------


def test_purchases_move_the_average_cost_and_sales_leave_it():
    assert after((10, 100), (30, 120), (-20, 500), (20, 95)) == [
        (10, 100),
        (40, 115),  # (10 × 100 + 30 × 120) / 40
        (20, 115),
        (40, 105),  # (20 × 115 + 20 × 95) / 40
    ]


def test_of_a_short_sales_move_it_and_purchases_leave_it():
    assert after((-10, 100), (5, 50), (-5, 60)) == [(-10, 100), (-5, 100), (-10, 80)]


def test_a_fill_through_zero_begins_a_position_at_its_own_price():
    assert after((10, 100), (-25, 110), (20, 90)) == [(10, 100), (-15, 110), (5, 90)]


def test_what_is_sold_out_has_no_average_cost_and_rounding_leaves_nothing():
    positions, averages = average_costs([(0.1, 10.0), (0.2, 10.0), (-0.3, 12.0), (7.0, 3.0)])
    assert positions.tolist() == [0.1, pytest.approx(0.3), 0.0, 7.0]
    np.testing.assert_allclose(averages, [10.0, 10.0, np.nan, 3.0])


def test_a_small_position_after_a_large_one_is_a_position():
    assert average_costs([(1e12, 1e-6), (-1e12, 1e-6), (5.0, 90.0), (1.0, 96.0)])[1][-1] == pytest.approx(
        91.0
    )


SIZES = st.sampled_from([-30.0, -7.5, -1.0, 0.25, 1.0, 4.0, 30.0])


@given(
    fills=st.lists(st.tuples(SIZES, st.floats(0.01, 1e4)), min_size=1, max_size=30),
    ratios=st.lists(st.sampled_from([1.0, 0.1, 0.25, 2.0, 15.0]), min_size=30, max_size=30),
)
def test_a_split_does_not_move_position_times_average_cost(fills, ratios):
    # As a broker books it: before each fill shares times the ratio, average cost over it.
    held = average = 0.0
    factor = 1.0  # price as traded over that of a share never split
    unsplit = []
    for (size, price), ratio in zip(fills, ratios, strict=False):
        held, average, factor = held * ratio, average / ratio, factor / ratio
        new = held + size
        if held * size >= 0:
            average = (held * average + size * price) / new
        elif abs(new) <= 1e-9 * abs(size):
            new = average = 0.0
        elif held * new < 0:
            average = price
        held = new
        unsplit.append((size * factor, price / factor))
    positions, averages = average_costs(unsplit)
    if abs(held) > 1e-6:  # else what rounding leaves decides
        assert positions[-1] / factor == pytest.approx(held)
        assert averages[-1] * factor == pytest.approx(average)


# -- the table --------------------------------------------------------------------------------------------


def test_the_fills_are_what_cash_was_spent_on(mix):
    frame = fills_frame(mix)
    assert list(frame.columns) == [
        "instrument",
        "size",
        "price",
        "value",
        "costs",
        "position",
        "average_cost",
        "reason",
    ]
    assert (frame.index.name, frame.index.is_monotonic_increasing) == ("date", True)
    assert set(frame.index) <= set(pd.DatetimeIndex(mix.days))
    earned = mix.metrics["interest_earned"]
    assert mix.cash[-1] == pytest.approx(100_000 - frame["value"].sum() - frame["costs"].sum() + earned)
    assert frame["costs"].sum() == pytest.approx(mix.metrics["costs_paid"])
    held = mix.exposure_net[-1] * mix.equity[-1] / mix.ledgers["SOXL"].close[-1]
    assert frame["position"].iloc[-1] == pytest.approx(held)
    years = (mix.days[-1] - mix.days[0]).astype(int) / 365.25
    turnover = frame["value"].abs().sum() / 2 / mix.equity.mean() / years
    assert mix.metrics["turnover"] == pytest.approx(turnover)


def test_every_session_with_a_fill_beyond_the_first_is_a_rebalance(mix):
    frame = fills_frame(mix)
    assert frame["position"].ne(0).all()
    assert mix.metrics["rebalances"] == frame.index.nunique() - 1 > 50


def test_splits_move_neither_the_value_of_a_fill_nor_position_times_average_cost(mix, split):
    ours, theirs = fills_frame(split), fills_frame(mix)
    assert split.has_splits("SOXL")
    assert not np.allclose(ours["price"], theirs["price"])
    # Costs are by value, so the accounts are the same; prices as traded differ by the factor of the day.
    np.testing.assert_allclose(ours["value"], theirs["value"], rtol=1e-6)
    np.testing.assert_allclose(
        ours["position"] * ours["average_cost"], theirs["position"] * theirs["average_cost"], rtol=1e-6
    )
    factor = dict(zip(split.bars.sessions.tolist(), split.factors["SOXL"], strict=True))
    traded = [theirs["average_cost"].iloc[i] * factor[day.date()] for i, day in enumerate(theirs.index)]
    np.testing.assert_allclose(ours["average_cost"], traded, rtol=1e-6)


def test_a_run_of_trades_ends_flat_and_has_no_average_cost_then():
    plain = run("rsi_timing")
    frame = fills_frame(plain)
    assert frame["position"].iloc[1::2].eq(0).all()
    assert frame["average_cost"].iloc[1::2].isna().all()
    assert frame["average_cost"].iloc[::2].tolist() == frame["price"].iloc[::2].tolist()
    assert frame["reason"].iloc[::2].eq("entry").all()
    assert plain.metrics["rebalances"] == 0


def test_options_are_in_it_at_their_premiums():
    bought = run("event_options")
    frame = fills_frame(bought)
    assert len(frame) == len(bought.contracts.fills) > 10
    earned = bought.metrics["interest_earned"]
    spent = frame["value"].sum() + frame["costs"].sum()
    assert bought.cash[-1] == pytest.approx(100_000 - spent + earned)
    assert frame["position"].iloc[-1] == 0
    years = (bought.days[-1] - bought.days[0]).astype(int) / 365.25
    turnover = frame["value"].abs().sum() / 2 / bought.equity.mean() / years
    assert bought.metrics["turnover"] == pytest.approx(turnover)


def test_a_run_that_never_trades_has_an_empty_table():
    frame = fills_frame(run("rsi_timing", "rule.overbought=99"))
    assert frame.empty
    assert frame.index.dtype.kind == "M"


# -- where it is shown ------------------------------------------------------------------------------------


def rows_of(result):
    text = frame_csv(trades_frame(result), False).decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_trades_csv_shows_no_price_that_never_was(mix):
    (row,) = rows_of(mix)
    assert (row["entry_price"], row["exit_price"], row["return"]) == ("", "", "")
    assert (row["entry_date"], row["exit_date"]) == ("1999-01-05", "2004-12-31")
    assert float(row["size"]) == pytest.approx(fills_frame(mix)["position"].max())
    assert float(row["profit"]) == pytest.approx(mix.trades[0].profit)
    for row in rows_of(run("rsi_timing")):
        assert float(row["entry_price"]) > 0
        assert row["return"]


def test_fills_are_drawn_where_they_were_with_the_average_cost(split):
    axis = price_chart(split).axes[1]
    marks = {line.get_label(): line for line in axis.lines}
    fills = split.fills["SOXL"]
    bought = sum(fill.size > 0 for fill in fills)
    sold = len(fills) - bought
    assert {f"bought ({bought})", f"sold ({sold})", "average cost"} < set(marks)
    shown = {text.get_text() for text in axis.get_legend().get_texts()}
    assert shown == {f"bought ({bought})", f"sold ({sold})", "average cost"}
    ledger = split.ledgers["SOXL"]
    low = dict(zip(split.days, ledger.low[ledger.session_last], strict=True))
    high = dict(zip(split.days, ledger.high[ledger.session_last], strict=True))
    drawn = 0
    for label in (f"bought ({bought})", f"sold ({sold})"):
        for day, price in zip(marks[label].get_xdata(), marks[label].get_ydata(), strict=True):
            assert low[day] * (1 - 1e-9) <= price <= high[day] * (1 + 1e-9)
            drawn += 1
    assert drawn == len(fills)
    _, average = average_costs((fill.size, fill.price) for fill in fills)
    np.testing.assert_allclose(marks["average cost"].get_ydata()[:-1], average)


def test_no_entry_is_drawn_of_a_position_that_was_rebalanced(mix):
    index = price_chart(mix).axes[0]
    assert len(index.lines) == 1  # the index, which is not traded
    assert index.get_legend() is None


class Thrice(bt.Strategy):
    """Of three sessions of four bars: in at the second bar of the first and out at the third's open; nothing
    in the second; in at the last bar of the third."""

    def next(self):
        if len(self) in (1, 11):
            self.buy(self.datas[0], size=1)
        elif len(self) == 2:
            self.close(self.datas[0])


def test_on_intraday_bars_both_shares_are_those_counted_by_hand():
    stamps = pd.DatetimeIndex(
        [
            day + pd.Timedelta(hours=10 + bar)
            for day in pd.bdate_range("2020-01-06", periods=3)
            for bar in range(4)
        ]
    )
    frame = pd.DataFrame(dict.fromkeys(("open", "high", "low", "close"), 100.0), index=stamps)
    run = letf.run(Thrice, index={"FLAT": frame}, rate=0.0)
    held = [0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    assert held_bars(run.result).tolist() == [bool(bar) for bar in held]
    assert held_sessions(run.result).tolist() == [True, False, True]
    (account,) = (t for part in run.sections for t in part.tables if t.title == "The account")
    rows = dict(account.rows)
    assert (rows["sessions with a position"], rows["bars with a position"]) == ("66.7 %", "25.0 %")
    # At the three closes only the last holds something: 100 of 100,000.
    assert run.metrics["exposure_gross"] == pytest.approx(0.001 / 3)


def test_on_daily_bars_a_session_is_a_bar_and_told_once():
    run = letf.run("trend", index="nasdaq", end="2001-12-31")
    (account,) = (t for part in run.sections for t in part.tables if t.title == "The account")
    assert "bars with a position" not in dict(account.rows)


def test_an_option_is_held_from_the_fill_to_the_sale():
    run = letf.run("event_options", index="nasdaq", end="2003-12-31")
    days, held = run.result.days, held_sessions(run.result)
    wanted = np.zeros(len(days), dtype=bool)
    for trade in run.result.trades:
        wanted |= (days >= trade.entry_date) & (days <= trade.exit_date)
    assert 0 < wanted.mean() < 1
    np.testing.assert_array_equal(held, wanted)
