"""The squeeze of a short: worst spans by hand, a leg's profit, margin by hand, and what is said of calls."""

import itertools
import re

import numpy as np
import pytest

from analyzers import Fill
from runs.answers.canvas import png
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest
from runs.studies.rules.squeeze import leg_profits, worst_month, worst_window


def weekdays(first, n):
    return np.busday_offset(np.datetime64(first, "D"), np.arange(n), roll="forward")


def test_a_month_counts_from_the_close_before_it():
    """Thursday 2020-01-30 on: January ends at 100, February at 80 (20 sessions), March at 88."""
    days = weekdays("2020-01-30", 44)
    equity = np.full(44, 90.0)
    months = days.astype("datetime64[M]").astype(str)
    equity[months == "2020-01"] = [120.0, 100.0]
    equity[(months == "2020-02").nonzero()[0][-1]] = 80.0
    equity[months == "2020-03"] = 88.0
    got = worst_month(days, equity, start=110.0)
    assert (str(got.first), str(got.last)) == ("2020-01-31", "2020-02-28")
    assert got.ret == pytest.approx(-0.2)
    assert worst_month(days, equity, start=150.0).ret == pytest.approx(
        100 / 150 - 1
    )  # the first from the stake


def test_a_window_is_so_many_sessions_wherever_it_begins():
    days = weekdays("2020-01-06", 8)
    equity = np.array([100.0, 110.0, 99.0, 88.0, 95.0, 90.0, 100.0, 101.0])
    got = worst_window(days, equity, sessions=2)
    assert (str(got.first), str(got.last)) == ("2020-01-07", "2020-01-09")
    assert got.ret == pytest.approx(-0.2)
    assert worst_window(days, equity, sessions=21).ret == pytest.approx(0.01)  # all there is


def test_a_leg_s_profit_is_marked_from_its_fills_less_costs():
    close = np.array([10.0, 12.0, 9.0, 9.5])
    fills = [Fill(1, 11.0, -100.0, 3.0), (Fill(3, 9.2, 100.0, 2.0))]
    # short at 11, closes at 12 (−100 − 3), falls to 9 (+300), bought back at 9.2 (−20 − 2)
    np.testing.assert_allclose(leg_profits(close, fills), [0, -103, 300, -22], atol=1e-12)
    assert leg_profits(close, fills).sum() == pytest.approx(100 * (11 - 9.2) - 5)


@pytest.fixture(scope="module")
def example():
    return run_backtest(load_spec("decay_harvest"))


def test_the_legs_of_a_run_are_its_trades(example):
    for name, fills in example.fills.items():
        mine = [t for t in example.trades if t.instrument == name]
        borrow = sum(t.costs for t in mine) - sum(fill.costs for fill in fills)
        assert borrow > 0  # a trade bears it, a leg does not
        trades = sum(t.profit for t in mine) + borrow
        assert leg_profits(example.ledgers[name].close, fills).sum() == pytest.approx(trades)


def test_the_worst_spans_are_those_of_the_equity_curve(example):
    days, equity, m = example.days, example.equity, example.metrics
    returns = [equity[t + 21] / equity[t] - 1 for t in range(len(equity) - 21)]
    assert m["squeeze_worst_window"] == pytest.approx(min(returns))
    assert m["squeeze_worst_window_start"] == str(days[int(np.argmin(returns))])
    ends = {str(day)[:7]: value for day, value in zip(days, equity, strict=True)}  # the last one stays
    values = [100_000.0, *ends.values()]
    months = [b / a - 1 for a, b in itertools.pairwise(values)]
    assert m["squeeze_worst_month"] == pytest.approx(min(months))


def test_two_quarters_of_a_3x_fund_take_forty_five_percent_of_equity_in_margin(example):
    """.25 + .25, at 30 % times 3; the band lets a leg drift by .05 of equity before it is traded back."""
    assert 0.45 < example.metrics["squeeze_margin_used"] < 0.9 * 0.6
    (study,) = example.studies
    assert study.alarm is None
    assert any("no margin call" in sentence for sentence in study.sentences)
    assert example.metrics["squeeze_stake_without_calls"] == 1.0
    assert example.metrics["squeeze_recalls"] == 0


def test_margin_is_what_the_account_asks_for():
    """At 0.6 a 3x fund needs 180 % of its value: the same shorts, twice the margin. Two times 0.27 of equity
    take 97 % of it, so that any squeeze is a call; at 0.3 they take half of that."""
    changes = ["data.end=2002-12-31", "account.borrow_fee=0.05", "data.rate=0.02"]
    strict = [*changes, "account.maintenance_margin=0.6"]
    usual, twice = (run_backtest(load_spec("decay_harvest", each)) for each in (changes, strict))
    assert usual.metrics["squeeze_margin_calls"] == twice.metrics["squeeze_margin_calls"] == 0
    assert twice.metrics["squeeze_margin_used"] == pytest.approx(2 * usual.metrics["squeeze_margin_used"])
    assert "(30 % of their value times the multiple)" in " ".join(usual.studies[0].sentences)
    assert "(60 % of their value times the multiple)" in " ".join(twice.studies[0].sentences)
    called = run_backtest(load_spec("decay_harvest", [*strict, "rule.weight=0.27"]))
    assert called.metrics["squeeze_margin_calls"] > 0
    assert called.metrics["squeeze_margin_used"] > 1  # above the line at all of equity


@pytest.fixture(scope="module")
def squeezed():
    changes = ["rule.legs=bear", "rule.weight=0.8", "data.end=2003-12-31", "account.borrow_fee=0"]
    return run_backtest(load_spec("decay_harvest", changes))


def times_said(warnings, words):
    """How often the broker said it; a run gathers notes that are alike."""
    more = (re.search(r"\(and ([\d,]+) more like it", note) for note in warnings if words in note)
    return sum(1 + (int(found[1].replace(",", "")) if found else 0) for found in more)


def test_margin_calls_are_counted_and_a_stake_without_them_is_found(squeezed):
    (study,) = squeezed.studies
    calls = times_said(squeezed.warnings, "margin call")
    assert squeezed.metrics["squeeze_margin_calls"] == calls > 0
    assert squeezed.metrics["squeeze_margin_used"] > 1
    assert f"closed {calls} position" in study.alarm
    stake = squeezed.metrics["squeeze_stake_without_calls"]
    assert stake > 1
    assert any(f"With {stake:g} times the stake" in sentence for sentence in study.sentences)
    for tried, called in ((stake, False), (stake - 0.01, True)):
        weight = f"rule.weight={0.8 / tried!r}"
        again = ["rule.legs=bear", weight, "data.end=2003-12-31", "account.borrow_fee=0"]
        assert (run_backtest(load_spec("decay_harvest", again)).metrics["squeeze_margin_calls"] > 0) is called
    assert "account.borrow_fee is 0" in study.sentences[-1]


FREE = [
    *("costs.commission_bps=0", "costs.half_spread_bps=0", "costs.slippage_bps=0"),
    *("account.borrow_fee=0", "data.rate=0"),
]


def test_of_shorts_that_are_left_alone_the_stake_without_calls_is_an_equation():
    """With nothing paid and nothing earned, n shares short at p need E ≥ n(P − p) + .9nP at every close P."""
    changes = [*FREE, "plan.band=none", "rule.weight=0.5", "data.end=2003-12-31"]
    run = run_backtest(load_spec("decay_harvest", changes))
    needed = np.zeros(len(run.bars))
    for name, fills in run.fills.items():
        first = fills[0]
        assert first.costs == 0
        assert first.bar == 1
        needed += -first.size * (1.9 * run.ledgers[name].close - first.price)
    worst = needed[1:-1].max() / 100_000  # a call at the last close has no next open
    assert run.metrics["squeeze_margin_calls"] > 0
    assert run.metrics["squeeze_stake_without_calls"] == pytest.approx(np.ceil(100 * worst) / 100, abs=1e-9)
    assert 6 < worst < 10  # between values that are far apart


def test_a_provider_s_stop_outs_are_calls():
    """A contract that ties up a fifth of its value when sold, n at p, is closed where half of that is left:
    E = n(P − p) + .1np, within the bar."""
    changes = [*FREE, "account.kind=cfd", "account.financing_spread=0", "plan.band=none", "rule.legs=bear"]
    changes += ["rule.weight=0.5", "data.start=2000-03-10", "data.end=2001-12-31"]
    run = run_backtest(load_spec("decay_harvest", changes))
    first, ledger = run.fills["SOXS"][0], run.ledgers["SOXS"]
    worst = -first.size * (ledger.high[1:].max() - 0.9 * first.price) / 100_000
    (study,) = run.studies
    assert run.metrics["squeeze_margin_calls"] == times_said(run.warnings, "stop-out:") > 0
    assert study.alarm.startswith("The provider closed")
    assert any("stop-out" in sentence and "margin call" not in sentence for sentence in study.sentences)
    assert run.metrics["squeeze_stake_without_calls"] == pytest.approx(np.ceil(100 * worst) / 100, abs=1e-9)
    assert 1 < worst < 10


def test_a_ruin_without_a_call_is_no_stake_without_calls():
    """Nothing is asked for keeping a short, so none is called; all is lost where E = n(P − p) at a close."""
    changes = [*FREE, "account.maintenance_margin=0", "plan.band=none", "rule.legs=bear", "rule.weight=0.5"]
    run = run_backtest(load_spec("decay_harvest", [*changes, "data.start=2000-03-10", "data.end=2001-12-31"]))
    first, ledger = run.fills["SOXS"][0], run.ledgers["SOXS"]
    worst = -first.size * (ledger.close[1:-1].max() - first.price) / 100_000
    assert run.equity[-1] <= 0
    assert run.metrics["squeeze_margin_calls"] == 0
    assert run.metrics["squeeze_stake_without_calls"] == pytest.approx(np.ceil(100 * worst) / 100, abs=1e-9)
    assert worst > 1


def test_its_picture_is_the_same_each_time(squeezed):
    (study,) = squeezed.studies
    draw = study.pictures["squeeze"].draw
    assert png(draw()) == png(draw())
    assert len(draw().axes) == 2


def test_recalls_are_counted_apart():
    changes = ["account.recall_rate=6", "data.end=2000-12-31"]
    run = run_backtest(load_spec("decay_harvest", changes))
    last = str(run.days[-1])  # it has no next open
    undone = sum(f"last on {last}" in note or note.startswith(last) for note in run.warnings)
    assert run.metrics["squeeze_recalls"] == times_said(run.warnings, "recall:") - undone > 3
    assert run.metrics["squeeze_margin_calls"] == 0
