"""Tranches by mode: the tags of lots, what a plan may say of them, and no look ahead."""

import numpy as np
import pandas as pd
import pytest

from feeds.sources import load_bars
from letf_instruments import SpecError
from runs.backtest.event_driven import run_account
from runs.backtest.plan_doors import planned_doors
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest
from runs.sweeps.engines.by_kernel import KernelEngine
from runs.sweeps.engines.job import Job
from runs.sweeps.engines.markets import Markets
from runs.sweeps.space.cells import METRICS
from runs.sweeps.space.grid import Axis, Grid
from runs.sweeps.verify import compare
from strategies import Tranches
from strategies.lookahead import looks_ahead
from strategies.plans.lot_plan import Fate, LotFate, LotPlan
from strategies.rules.tranches import TranchesPlan
from tests.conftest import flat_bars, random_bars
from tests.strategies.causality import assert_prefixes, market_of_bars


def rule(mode, plan=None, **params):
    return Tranches(Tranches.Params(mode=mode, **params), plan)


def test_zones_begin_where_they_are_said_to():
    market = market_of_bars(flat_bars([100.0, 95.0, 90.0, 74.0, 76.0, 110.0, 98.0]))
    tags = rule("zones", zones=(0.1, 0.25)).signals(market).tags
    # Below the high by 0, 5, 10, 26, 24, 0 and 10.9 per cent.
    names = [next(name for name, holds in tags.items() if holds[t]) for t in range(7)]
    assert names == ["zone1", "zone1", "zone2", "zone3", "zone2", "zone1", "zone2"]


def test_modes_are_by_the_rsi_of_finished_weeks():
    """By pandas, on two years without a closure that nobody foresaw: a week is over on its last session."""
    bars = load_bars("nasdaq").between("2005-01-03", "2006-12-29")
    tags = rule("rsi", rsi_weeks=5).signals(market_of_bars(bars)).tags
    close = pd.Series(bars.close, pd.DatetimeIndex(bars.sessions))
    weekly = close.groupby(close.index.to_period("W")).last()
    change = weekly.diff()
    gain, loss = change.clip(lower=0), -change.clip(upper=0)
    up, down, strength = gain.iloc[1:6].mean(), loss.iloc[1:6].mean(), {}
    for w in range(5, len(weekly)):
        if w > 5:
            up, down = (up * 4 + gain.iloc[w]) / 5, (down * 4 + loss.iloc[w]) / 5
        strength[weekly.index[w]] = 100 * up / (up + down)
    ends = set(close.groupby(close.index.to_period("W")).apply(lambda week: week.index[-1]))
    seen = set()
    for t, day in enumerate(close.index):
        known = strength.get(day.to_period("W") - int(day not in ends))
        wanted = "" if known is None else "aggressive" if known > 50 else "safe"
        assert [name for name, holds in tags.items() if holds[t]] == ([wanted] if wanted else []), day
        seen.add(wanted)
    assert seen == {"", "aggressive", "safe"}


@pytest.mark.parametrize("mode", ["rsi", "zones"])
def test_no_later_bar_is_seen(mode):
    market = market_of_bars(random_bars(8, 260))
    made = rule(mode, rsi_weeks=5)
    assert_prefixes(made, market, range(3, 260, 7))
    assert looks_ahead(made, market) is None


def test_nothing_is_bought_before_the_mode_is_known():
    market = market_of_bars(random_bars(8, 200))
    made = rule("rsi", rsi_weeks=5)
    first = np.flatnonzero(made.checked_signals(market).enters())[0]
    assert 26 <= first < made.warm_up + 5


def test_a_tag_that_the_rule_does_not_give_is_one_sentence():
    market = market_of_bars(random_bars(8, 60))
    plan = LotPlan(each=LotFate(safe=Fate(target=0.1)))
    with pytest.raises(
        SpecError, match=r"plan\.each\.safe is for lots of the tag 'safe'; .* are zone1, zone2, zone3"
    ):
        rule("zones", plan).checked_signals(market)
    with pytest.raises(SpecError, match=r"the tags of tranches are none"):
        rule("none", plan).checked_signals(market)


WRONG = {
    "plan.each={taget=0.1}": r"plan\.each\.taget is 0\.1; it should be target, stop or patience, or a tab",
    "plan.each.safe={taget=0.1}": r"unknown key plan\.each\.safe\.taget; did you mean plan\.each\.safe\.t",
    "plan.each.safe={target=-1}": r"plan\.each\.safe\.target is -1",
    "plan.each.target=-1": r"plan\.each\.target is -1",
    "rule.zones=[0.3, 0.1]": r"rule\.zones are \[0\.3, 0\.1\]; they must rise, between 0 and 1",
    "rule.zones=[]": r"rule\.zones are \[\]",
}


@pytest.mark.parametrize("change", WRONG)
def test_what_is_wrong_is_one_sentence(change):
    with pytest.raises(SpecError, match=WRONG[change]):
        load_spec("tranches", [change])


MODES = ["rule.mode=rsi", "data.end=2003-12-31"]
BY_MODE = [*MODES, "plan.each={safe={target=0.002, patience=30}, aggressive={target=0.025, patience=7}}"]


def test_a_run_by_modes_and_its_plan_in_words():
    run = run_backtest(load_spec("tranches", BY_MODE))
    assert {"target", "patience"} <= {trade.exit_reason for trade in run.trades}
    assert planned_doors(run) == {
        "target": "safe: +0.2 % of a lot; aggressive: +2.5 % of a lot",
        "patience": "safe: after 30 closes; aggressive: after 7 closes",
    }
    longest = max(trade.bars for trade in run.trades)
    assert 7 < longest <= 30


def test_a_sweep_of_the_fate_of_a_tag_is_the_same_in_both_engines():
    safe, patience = Axis("plan.each.safe.target", (0.0, 0.01)), Axis("plan.each.aggressive.patience", (5, 9))
    asked = Job(load_spec("tranches", BY_MODE), Grid((safe, patience)), "kernel")
    markets = Markets(asked.base, asked.grid, asked.folder)
    engine = KernelEngine(asked, markets)
    found = engine.evaluate(np.arange(4))
    assert found["refused"] == [None] * 4
    assert len(set(found["total_return"])) == 4
    for cell in range(4):
        spec = markets.spec(asked.grid.values(cell))
        there = run_account(spec, markets.of({}), spec.make_rule())
        scene, here = engine.record(cell)
        row = {key: None if np.isnan(found[key][cell]) else float(found[key][cell]) for key in METRICS}
        compare("tranches", scene.market.sessions, here, there, row)


def test_a_cell_with_a_tag_that_there_is_not_is_refused():
    axis = Axis("plan.each.calm.target", (0.01, 0.02))
    found = KernelEngine(Job(load_spec("tranches", BY_MODE), Grid((axis,)), "kernel")).evaluate(np.arange(2))
    assert all("plan.each.calm is for lots of the tag 'calm'" in why for why in found["refused"])


def test_the_plan_of_the_rule_takes_tags_too():
    plan = TranchesPlan.model_validate({"each": {"safe": {"target": 0.1}}})
    assert plan.each.of("safe").target == 0.1
    assert plan.each.of("aggressive").target is None
    assert plan.model_dump(mode="json")["each"]["safe"]["target"] == 0.1
