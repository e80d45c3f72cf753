"""The plan in words and plan against outcome: every door is there, and what each earned adds up."""

import pytest

from engine import Costs
from runs.answers.drawing import Drawn
from runs.answers.page import page
from runs.backtest.answer import answer_of
from runs.backtest.caveats import headline
from runs.backtest.plan_doors import door_table
from runs.backtest.plan_words import plan_table
from runs.backtest.tables import account
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest


@pytest.fixture(scope="module")
def example():
    return run_backtest(load_spec("rsi_timing", ["plan.cooldown=3", "data.end=2008-12-31"]))


def number_of(text):
    return float(text.replace(",", "").replace("−", "-").replace(" %", ""))


def test_every_trade_left_by_one_door_and_the_profits_add_up(example):
    table = door_table(example)
    headings, rows = table.headings, table.rows
    doors = {row[0]: dict(zip(headings, row, strict=True)) for row in rows}
    assert sum(int(row["trades"]) for row in doors.values()) == len(example.trades) > 15
    for door, row in doors.items():
        mine = [t for t in example.trades if t.exit_reason == door]
        if mine:
            assert row["profit"] == f"{sum(t.profit for t in mine):,.0f}".replace("-", "−")
            mean = 100 * sum(t.ret for t in mine) / len(mine)
            assert number_of(row["mean return"]) == pytest.approx(mean, abs=0.006)


def test_a_door_nobody_took_is_shown_with_none(example):
    rows = {row[0]: row for row in door_table(example).rows}
    assert rows["oversold"][1:4] == ["the rule's own", "0", "0 %"]


def test_doors_carry_what_was_planned(example):
    rows = {row[0]: row[1] for row in door_table(example).rows}
    assert rows["stop"] == "−8.0 %"
    assert rows["target"] == "+15.0 %"
    assert rows["longest holding"] == "after 10 bars"


def test_the_plan_says_why_how_much_and_how_long(example):
    plan = dict(plan_table(example).rows)
    assert plan["why in"] == "RSI(14) falls back through 65; close below its 10-bar average"
    assert plan["how much"] == "50.0 % of equity"
    assert (plan["stop"], plan["target"]) == ("−8.0 %", "+15.0 %")
    assert plan["wait after an exit"] == "3 bars"
    assert plan["what is bought"] == "SOXS"


def test_a_plan_without_a_door_says_so_and_a_filter_is_part_of_it():
    changes = [f"plan.{key}=none" for key in ("stop", "target", "max_bars")]
    run = run_backtest(load_spec("rsi_timing", [*changes, "data.end=2003-12-31", "filters.trend.side=below"]))
    plan = dict(plan_table(run).rows)
    assert plan["also out on"] == "oversold"
    assert plan["only while"] == "index below its 200-bar average"
    assert "stop" not in plan


def test_risk_is_said_as_what_the_stop_costs():
    run = run_backtest(load_spec("rsi_timing", ["plan.risk=0.01", "data.end=2003-12-31"]))
    assert (
        dict(plan_table(run).rows)["how much"]
        == "so that the stop costs 1.0 % of equity, at most 50.0 % of equity"
    )


def test_an_allocation_says_when_it_is_traded_back(tmp_path):
    (tmp_path / "s.toml").write_text(
        'strategy = "mix"\n[data]\nend = 2003-12-31\n'
        '[plan]\nschedule = "monthly"\nband = 0.05\nexposure_band = 0.2'
    )
    run = run_backtest(load_spec(tmp_path / "s.toml"))
    assert dict(plan_table(run).rows)["traded back"] == (
        "monthly; when a weight is off by more than 5.0 %; when the net exposure is off by more than 20.0 %"
    )


def test_the_report_shows_the_plan_and_the_rule_s_own_words(example):
    html = page(answer_of(example), Drawn())
    assert "Plan and outcome" in html
    assert "falls back through 65" in html
    assert "mean-reverting" in html


def test_of_positions_that_were_rebalanced_there_are_no_averages_but_how_often_it_was():
    run = run_backtest(load_spec("hedge", ["data.end=2003-12-31"]), studies=False)
    table = door_table(run)
    headings, rows = table.headings, table.rows
    (door,) = (dict(zip(headings, row, strict=True)) for row in rows)
    assert (door["mean return"], door["mean bars"]) == ("—", "—")
    assert door["profit"] == f"{sum(t.profit for t in run.trades):,.0f}".replace("-", "−")
    found = dict(account(run).rows)
    times = run.metrics["rebalances"]
    assert (found["positions"], found["sessions with a rebalance"]) == ("2", f"{times}")
    assert not {"trades", "won", "profit factor", "average trade", "average bars held"} & set(found)
    assert f" in 2 positions in nasdaq and SOXS, rebalanced in {times} sessions; " in headline(run)


def test_of_trades_there_are_averages_and_no_rebalances(example):
    found = dict(account(example).rows)
    assert found["trades"] == f"{len(example.trades)}"
    assert {"won", "profit factor", "average trade", "average bars held"} <= set(found)
    assert "sessions with a rebalance" not in found
    assert f" in {len(example.trades)} trades of SOXS; " in headline(example)


def test_returns_on_a_margin_stand_beside_what_the_price_made_as_the_plan_is_of_prices():
    changes = ["account.kind=cfd", "account.margin_rate=0.2", "data.end=2008-12-31"]
    run = run_backtest(load_spec("rsi_timing", changes))
    table = door_table(run)
    (stopped,) = (dict(zip(table.headings, row, strict=True)) for row in table.rows if row[0] == "stop")
    mine = [t for t in run.trades if t.exit_reason == "stop"]
    moved = sum(t.exit_price / t.entry_price - 1 for t in mine) / len(mine)
    assert stopped["planned"] == "−8.0 %"
    assert number_of(stopped["price made"]) == pytest.approx(100 * moved, abs=0.006)
    assert number_of(stopped["mean return"]) < -40  # five times that, and costs
    costs = Costs(commission_bps=0.5, half_spread_bps=2.0, slippage_bps=3.0)  # of the example
    for trade in mine:
        notional = trade.size * trade.entry_price
        put_in = 0.2 * notional + costs.charge(trade.size, trade.entry_price).total
        assert trade.ret == pytest.approx(trade.profit / put_in)


def test_in_a_cash_account_a_return_is_what_the_price_made_less_costs(example):
    assert "price made" not in door_table(example).headings


def test_a_report_does_not_promise_the_next_open_where_the_plan_fills_at_a_close():
    run = run_backtest(load_spec("overnight", ["data.end=2001-12-31"]))
    report = page(answer_of(run), Drawn())
    assert "at the close that decides" in report
    assert "filled at the next open, unless the plan says at which close, limit or stop" in report


def test_a_rule_of_weights_says_what_decides_and_that_its_doors_are_its_own():
    run = run_backtest(load_spec("trend", ["data.end=2008-12-31"]))
    assert dict(plan_table(run).rows)["what decides"] == (
        "close over its 200-bar average, at +2.0 % and −2.0 %"  # the buffer of 2 %, to either side
    )
    assert {row[0]: row[1] for row in door_table(run).rows}["no uptrend"] == "the rule's own"
    hedge = run_backtest(load_spec("hedge", ["data.end=2001-12-31"]))
    assert dict(plan_table(hedge).rows)["what decides"] == "beta of the holding, at 0.30"
    mix = run_backtest(load_spec("fixed_mix", ["data.end=2001-12-31"]))
    assert "what decides" not in dict(plan_table(mix).rows)
