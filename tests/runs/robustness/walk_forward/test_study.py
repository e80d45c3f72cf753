"""A walk-forward against what is planted, and what no window may know."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import letf
from letf_instruments import SpecError
from runs.backtest.event_driven import run_account
from runs.backtest.setting import load_setting
from runs.robustness.walk_forward import words
from runs.robustness.walk_forward.figures import axis_changes, walk_metrics, window_return
from runs.robustness.walk_forward.frames import equity_frame, windows_frame
from runs.robustness.walk_forward.study import chosen, prepared, walk_forward
from runs.robustness.walk_forward.windows import windows_of
from strategies import AllocationRule, RuleParams, Targets, param
from tests.conftest import random_bars
from tests.runs.robustness.rig import frame_of, spec_on

TRAIN, TEST, GAP = 60, 20, 5


class OneDayInFive(AllocationRule):
    name, summary = "one_day_in_five", "holds the index through one day of every five"

    class Params(RuleParams):
        day: int = param(0, "", "which", ge=0, le=4)

    instruments = ("index",)

    def targets(self, market):
        # What is wanted at a close is held from the next open on, through that session.
        number = (market.sessions.astype(np.int64) - 3) // 7 * 5 + (market.sessions.astype(np.int64) - 4) % 7
        return Targets({"index": ((number + 1) % 5 == self.params.day).astype(float)})


def planted(switch, n=200):
    """Business days on which the index gains on the first of five, and after `switch` on the third."""
    days = pd.bdate_range("2018-01-01", periods=n)
    rng = np.random.default_rng(3)
    made = 0.002 * rng.standard_normal(n)
    place = np.arange(n) % 5
    made += np.where(place == np.where(np.arange(n) < switch, 0, 2), 0.02, -0.004)
    close = 100 * np.cumprod(1 + made)
    before = np.concatenate(([100.0], close[:-1]))
    return pd.DataFrame(
        {"open": before, "high": np.maximum(before, close), "low": np.minimum(before, close), "close": close},
        index=pd.DatetimeIndex(days, name="date"),
    )


def own_spec(frame, axes, **changes):
    spec = letf.spec(OneDayInFive, index={"CASE": frame}, rate=0.02, **changes)
    from runs.specs.script import make_spec

    return make_spec(spec, sweep=axes)


def test_the_parameter_that_changes_in_the_middle_is_found_when_it_can_be():
    switch = 105
    spec = own_spec(planted(switch), {"rule.day": [0, 1, 2, 3, 4]})
    found = walk_forward(spec, TRAIN, TEST, GAP, by="total_return", workers=1)
    days = [found.job.grid.values(step.choice.cell)["rule.day"] for step in found.steps]
    shown = [found.days[step.window.train_last] for step in found.steps]
    turned = found.setting.bars.sessions[switch]
    for day, last in zip(days, shown, strict=True):
        if last < turned:
            assert day == 0  # nobody could know
        elif (last - turned).astype(int) > 70:
            assert day == 2
    assert days[0] == 0
    assert days[-1] == 2
    ((key, changed, steps),) = axis_changes(found)
    assert (key, changed, steps) == ("rule.day", 1, 2.0)
    m = walk_metrics(found)
    assert m["different_choices"] == 2
    assert m["changed_rule.day"] == 1
    # The windows before the turn and well after it win, the one that it surprises loses.
    lost = [step for step in found.steps if window_return(found, step) < 0]
    assert 1 <= len(lost) < len(found.steps)


RSI = {
    "rule": {"average_bars": 3, "rsi_bars": 3, "overbought": 60, "oversold": 40},
    "plan": {"stop": 0.08, "max_bars": 8},
    "costs": {"commission_bps": 5, "half_spread_bps": 5},
}
AXES = {"rule.overbought": [50, 55, 60, 65], "plan.stop": [0.03, 0.06, 0.12]}


@settings(max_examples=6)
@given(seed=st.integers(0, 10**6), how=st.sampled_from(["best", "plateau"]), anchored=st.booleans())
def test_the_test_changes_nothing_in_the_choice(seed, how, anchored):
    bars = frame_of(random_bars(seed, n=170))
    other = bars.copy()
    spec = spec_on(bars, "rsi_timing", sweep=AXES, **RSI)
    job, _, days = prepared(spec, "total_return", None, 1, None, None)
    window = windows_of(len(days), TRAIN, TEST, GAP, anchored)[1]
    first, *_ = chosen(job, days, window, "total_return", how, 0, 1)
    # From the session after the training on, gap included, everything is another market.
    at = int(np.searchsorted(other.index.to_numpy(), days[window.train_last])) + 1
    fresh = random_bars(seed + 1, n=len(other) - at)
    scale = other["close"].iloc[at - 1] / fresh.open[0]
    for name in ("open", "high", "low", "close"):
        other.loc[other.index[at:], name] = scale * getattr(fresh, name)
    changed = spec_on(other, "rsi_timing", sweep=AXES, **RSI)
    job, _, again = prepared(changed, "total_return", None, 1, None, None)
    assert (again == days).all()
    second, *_ = chosen(job, days, window, "total_return", how, 0, 1)
    assert second == first


def test_what_is_traded_is_the_cell_alone_on_its_window():
    bars = random_bars(21, n=220)
    spec = spec_on(bars, "rsi_timing", sweep=AXES, **RSI)
    found = walk_forward(spec, TRAIN, TEST, GAP, by="total_return", workers=1)
    assert len(found.steps) >= 5
    frame, equity = windows_frame(found), equity_frame(found)
    money = 100_000.0
    rate = 10e-4  # what a sale at the close costs of its value: commission and half the spread
    for at, step in enumerate(found.steps):
        window = step.window
        values = found.job.grid.values(step.choice.cell)
        alone = spec.with_values(
            {
                **values,
                "data.start": found.days[window.test_first - 1].item(),
                "data.end": found.days[window.test_last].item(),
                "account.cash": money,
            }
        )
        run = run_account(alone, load_setting(alone), alone.make_rule())
        held = sum(fill.size for fill in run.fills)
        last = float(load_setting(alone).ledger(found.setting.fund("SOXS"), 100.0).close[-1])
        owned = abs(held) * last if abs(held) > 1e-9 else 0.0
        assert step.closing == pytest.approx(rate * owned, abs=1e-6)
        own = equity["equity"].to_numpy()[found.part(step)]
        assert own[:-1] == pytest.approx(run.equity[:-1], rel=1e-12)
        assert own[-1] == pytest.approx(run.equity[-1] - step.closing, rel=1e-12)
        assert frame.loc[at, "return"] == pytest.approx(own[-1] / money - 1)
        money = own[-1]
    m = walk_metrics(found)
    assert m["out_total_return"] == pytest.approx(money / 100_000 - 1)
    assert m["closing_costs"] == pytest.approx(sum(step.closing for step in found.steps))
    lengths = np.array([s.window.test_last - s.window.test_first + 1 for s in found.steps])
    inside = np.array([step.inside["cagr"] for step in found.steps])
    assert m["in_cagr"] == pytest.approx((inside * lengths).sum() / lengths.sum())
    if m["in_cagr"] > 0:
        assert m["efficiency"] == pytest.approx(m["out_cagr"] / m["in_cagr"])


def test_hindsight_is_the_best_cell_of_all_on_the_same_sessions():
    bars = random_bars(5, n=200)
    spec = spec_on(bars, "rsi_timing", sweep=AXES, **RSI)
    found = walk_forward(spec, TRAIN, TEST, GAP, by="total_return", workers=1)
    span = {"data.start": found.test[0].item(), "data.end": found.test[-1].item()}
    totals = {}
    for cell in range(found.job.grid.size):
        own = spec.with_values({**found.job.grid.values(cell), **span})
        totals[cell] = run_account(own, load_setting(own), own.make_rule()).metrics["total_return"]
    assert found.best.value == pytest.approx(max(totals.values()))
    assert totals[found.best.cell] == pytest.approx(max(totals.values()))
    assert found.held["index"][-1] / found.held["index"][0] == pytest.approx(
        bars.close[-1] / bars.close[np.searchsorted(bars.sessions, found.test[0])]
    )


def test_the_same_whoever_runs_it():
    spec = spec_on(random_bars(9, n=170), "rsi_timing", sweep=AXES, **RSI)
    kernel = walk_forward(spec, TRAIN, TEST, GAP, workers=2)
    event = walk_forward(spec, TRAIN, TEST, GAP, engine="backtrader", workers=1)
    assert [s.choice.cell for s in kernel.steps] == [s.choice.cell for s in event.steps]
    assert kernel.equity == pytest.approx(event.equity, rel=1e-9)


def test_only_some_cells_the_same_ones_for_a_seed():
    spec = spec_on(random_bars(9, n=170), "rsi_timing", sweep=AXES, **RSI)
    first = walk_forward(spec, TRAIN, TEST, GAP, sample=5, sample_seed=4, workers=1)
    again = walk_forward(spec, TRAIN, TEST, GAP, sample=5, sample_seed=4, workers=2)
    assert {s.choice.cell for s in first.steps} <= set(first.job.sample.tolist())
    assert len(first.job.sample) == 5
    assert (first.equity == again.equity).all()


def test_a_ruined_account_stays_ruined():
    frame = frame_of(random_bars(2, n=170))
    frame.iloc[75:] *= 0.5  # within the first test: the bear fund makes 150 % in a day, and it is short
    spec = spec_on(frame, "decay_harvest", rule={"legs": "bear", "weight": 0.9},
                   sweep={"plan.band": [0.1, 0.2]})  # fmt: skip
    found = walk_forward(spec, TRAIN, TEST, GAP, by="total_return", workers=1)
    assert found.ruined
    assert len(found.steps) < len(windows_of(len(found.days), TRAIN, TEST, GAP, False))
    assert len(found.equity) == len(found.test)
    assert (found.equity[-20:] == found.equity[-1]).all()
    assert walk_metrics(found)["out_total_return"] <= -1 + 1e-9


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sweep": {"data.rate": [0.0, 0.01]}}, r"sweep\.data\.rate: the windows are of one market"),
        ({"sweep": {"account.cash": [1e4, 1e5]}}, r"sweep\.account\.cash: the windows are of one market"),
        ({"account": {"deposits": {"amount": 1, "every": "month"}}}, r"account\.deposits is set"),
        ({"account": {"tax": "us"}}, r"account\.tax is set"),
        ({"sweep": None}, r"has no \[sweep\]"),
    ],
)
def test_what_no_window_can_be(changes, words):
    tables = {**RSI, "sweep": AXES} | changes
    with pytest.raises(SpecError, match=words):
        walk_forward(spec_on(random_bars(9, n=170), "rsi_timing", **tables), TRAIN, TEST, GAP)


def test_a_metric_or_choice_that_there_is_none_of():
    spec = spec_on(random_bars(9, n=170), "rsi_timing", sweep=AXES, **RSI)
    with pytest.raises(SpecError, match="did you mean 'sharpe'"):
        walk_forward(spec, TRAIN, TEST, GAP, by="sharp")
    with pytest.raises(SpecError, match="choose is 'first'"):
        walk_forward(spec, TRAIN, TEST, GAP, how="first")
    with pytest.raises(SpecError, match="no cell with 99 trades or more has a value of sharpe"):
        walk_forward(spec, TRAIN, TEST, GAP, min_trades=99)


def test_a_strategy_of_backtraders_in_a_script():
    import backtrader as bt

    class Own(bt.Strategy):
        params = (("bars", 5),)

        def __init__(self):
            self.mean = bt.indicators.SMA(self.data0, period=self.p.bars)

        def next(self):
            self.order_target_percent(self.data0, 0.5 * (self.data0.close[0] > self.mean[0]))

    axes = {"rule.bars": [3, 6]}
    frame = frame_of(random_bars(5, n=140))
    found = letf.walkforward(Own, axes, train=TRAIN, test=TEST, workers=2, index={"CASE": frame}, rate=0.0)
    assert found.found.job.engine == "backtrader"
    assert len(found.windows) == 4
    assert set(found.windows["rule.bars"]) <= {"3", "6"}
    assert found.equity["equity"].iloc[0] == 100_000


def test_on_intraday_bars_no_session_is_traded_twice():
    axes = {"plan.stop": [0.02, 0.04]}
    found = letf.walkforward(
        "opening_range", axes, train=30, test=10, end="2018-04-30", costs={"preset": "zero"}
    ).found
    assert len(found.steps) >= 3
    money = 100_000.0
    for step in found.steps:
        span = {
            "data.start": found.days[step.window.test_first].item(),
            "data.end": found.days[step.window.test_last].item(),
        }
        alone = found.job.base.with_values({**found.job.grid.values(step.choice.cell), **span})
        run = run_account(alone, load_setting(alone), alone.make_rule())
        grown = run.equity[-1] / alone.account.cash
        assert window_return(found, step) == pytest.approx(grown - 1, rel=1e-9)
        money *= grown
    assert found.equity[-1] == pytest.approx(money, rel=1e-9)


@pytest.mark.parametrize(
    ("efficiency", "said"),
    [(-2.66, "nothing of it"), (0.0, "nothing of it"), (0.91, "91 % of it"), (15.14, "all of it and more")],
)
def test_what_was_left_is_a_share_only_where_it_is_one(efficiency, said):
    assert words.left(efficiency) == said
