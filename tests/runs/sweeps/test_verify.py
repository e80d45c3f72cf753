"""Cells again in backtrader: every rule's example agrees, and whatever is made to differ is named."""

from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.kernel.cells import KernelRun
from runs.backtest.event_driven import AccountRun, run_account
from runs.specs.reading import examples, load_spec
from runs.sweeps.engines.by_kernel import KernelEngine
from runs.sweeps.engines.choice import choose
from runs.sweeps.engines.job import Job
from runs.sweeps.engines.markets import Markets
from runs.sweeps.results.columns import schema, table_of
from runs.sweeps.space.axes import grid_of
from runs.sweeps.space.cells import METRICS
from runs.sweeps.space.grid import Axis, Grid
from runs.sweeps.verify import ParityError, compare, verify
from tests.runs.sweeps.specs import job

ALL = sorted(examples())
BY_EVENTS = ["event_options"]  # contracts, which only backtrader trades
# What trades on most days, and five minutes, on a part of the data.
SLOW = {
    "infinite_buying": ["data.end=2004-12-31"],
    "overnight": ["data.end=2004-12-31"],
    "tranches": ["data.end=2006-12-29"],
    "opening_range": ["data.end=2018-06-29"],
}
TWO = Grid((Axis("costs.slippage_bps", (0.0, 7.0)),))


@pytest.mark.parametrize(
    ("name", "changes"),
    [(name, SLOW.get(name, [])) for name in ALL if name not in BY_EVENTS]
    + [(name, ["data.start=2012-01-03"]) for name in ("trend", "dip", "hedge")]
    + [("switch", ["data.end=2004-01-02", "plan.other.instrument=index"])],
)
def test_every_example_on_nasdaq_is_the_same_in_both_engines(name, changes):
    asked = Job(load_spec(name, changes), TWO, "kernel")
    markets = Markets(asked.base, asked.grid, asked.folder)
    engine = KernelEngine(asked, markets)
    found = engine.evaluate(np.arange(2))
    assert found["engine"] == ["kernel", "kernel"]
    assert found["refused"] == [None, None]
    values = TWO.values(1)
    spec = markets.spec(values)
    there = run_account(spec, markets.of(values), spec.make_rule())
    assert len(there.fills) > 0
    scene, here = engine.record(1)
    row = {key: None if np.isnan(found[key][1]) else float(found[key][1]) for key in asked.metrics}
    compare(name, scene.market.sessions, here, there, row)


def test_of_several_other_sides_each_cell_has_its_own():
    sides = ({"instrument": "SOXS"}, None, {"instrument": "SOXS", "stop": 0.05}, {"instrument": "index"})
    grid = Grid((Axis("plan.other", sides),))
    asked = Job(load_spec("switch", ["data.end=2001-12-31"]), grid, "kernel")
    together = KernelEngine(asked).evaluate(np.arange(len(sides)))
    assert together["refused"] == [None] * len(sides)
    for cell in range(len(sides)):
        spec = asked.base.with_values(grid.values(cell))
        there = run_account(spec, asked.markets.of(grid.values(cell)), spec.make_rule())
        assert together["final_equity"][cell] == pytest.approx(there.equity[-1], rel=1e-9)


@pytest.mark.parametrize("name", BY_EVENTS)
def test_what_the_kernel_cannot_run_goes_to_backtrader(name):
    assert choose(load_spec(name), TWO, None)[0] == "backtrader"


SWEEP = "plan.stop = [0.03, 0.05, 0.1]\nplan.max_bars = [3, 6, 9]"


@pytest.fixture
def swept(tmp_path):
    """A sweep of nine cells: the job, and its table's path."""
    asked = job(tmp_path, SWEEP, engine="kernel")
    cells = np.arange(asked.grid.size)
    table = table_of(asked.grid, schema(asked.grid, {}), cells, KernelEngine(asked).evaluate(cells))
    pq.write_table(table, tmp_path / "cells.parquet")
    return asked, tmp_path / "cells.parquet"


def test_the_best_come_first_and_others_are_drawn(swept):
    asked, path = swept
    steps = []
    found = verify(asked, path, [4, 2], 3, steps.append)
    assert found.cells[:2] == [4, 2] == steps[:2]
    assert len(found.cells) == len(set(found.cells)) == 5
    assert found.fills > 0
    assert verify(asked, path, [4, 2], 3) == found
    assert sorted(verify(asked, path, [4, 2], 100).cells) == list(range(9))


def test_a_row_that_is_not_what_the_cell_makes_is_named(swept):
    asked, path = swept
    table = pq.read_table(path)
    wrong = table["sharpe"].to_numpy().copy()
    wrong[4] += 1e-6
    pq.write_table(table.set_column(table.schema.get_field_index("sharpe"), "sharpe", pa.array(wrong)), path)
    with pytest.raises(ParityError, match=r"^cell 4 \(plan.stop = 0.05, plan.max_bars = 6\): sharpe is "):
        verify(asked, path, [4], 0)
    verify(asked, path, [3], 0)


def test_where_little_is_left_rounding_is_no_difference_and_a_thousandth_is():
    """An account of 1e5 that ends with 0.01: what equity may differ by is a part in 100 of that."""
    equity = np.array([1e5, 1e5, 1e-2])
    metrics = dict.fromkeys(METRICS, 0.5) | {"max_drawdown_days": 1, "trades": 1}
    there = AccountRun(metrics, equity, [], None, len(equity), equity / equity[0])

    def check(**changes):
        values = np.array([float({**metrics, **changes}[name]) for name in METRICS])
        row = dict(zip(METRICS, values.tolist(), strict=True))
        compare("cell 0", np.arange(3), KernelRun(values, equity, [], True), there, row)

    check()
    check(volatility=0.5 + 5e-3)
    check(final_equity=0.5 + 5e-5)
    with pytest.raises(ParityError, match="volatility"):
        check(volatility=0.5 + 5e-2)
    with pytest.raises(ParityError, match="final_equity"):
        check(final_equity=0.5 + 5e-4)
    with pytest.raises(ParityError, match="trades"):
        compare(
            "cell 0",
            np.arange(3),
            KernelRun(np.array([float(metrics[name]) for name in METRICS]), equity, [], True),
            there,
            {**metrics, "trades": 2},
        )


def test_a_ratio_to_a_tiny_fall_has_no_more_digits_than_the_fall():
    """Of 1e5 a fall of 1e-8 is known to a part in 10⁶; one of a tenth to what everything else is."""
    for fall, right, wrong in ((-1e-8, 5e-7, 5e-6), (-0.1, 5e-10, 5e-9)):
        metrics = dict.fromkeys(METRICS, 0.5) | {"max_drawdown_days": 1, "trades": 1}
        metrics |= {"max_drawdown": fall, "calmar": 0.05 / -fall}
        equity = np.array([1e5, 1e5, 1e5 * (1.0 + fall)])
        there = AccountRun(metrics, equity, [], None, len(equity), equity / equity[0])
        for part, fits in ((right, True), (wrong, False)):
            here = {**metrics, "calmar": metrics["calmar"] * (1.0 + part)}
            values = np.array([float(here[name]) for name in METRICS])
            row = dict(zip(METRICS, values.tolist(), strict=True))
            with nullcontext() if fits else pytest.raises(ParityError, match="calmar"):
                compare("cell 0", np.arange(3), KernelRun(values, equity, [], True), there, row)


def test_what_a_day_of_dividends_buys_is_the_difference_of_two_holdings():
    """Fully invested, an account puts each day's yield into the index: an order a millionth of what it holds,
    and rounded like that."""
    spec = load_spec("hold", ["rule.instrument=index", "rule.weight=1.0", "plan.schedule=daily"])
    asked = Job(spec, TWO, "kernel")
    markets = Markets(asked.base, asked.grid, asked.folder)
    found = KernelEngine(asked, markets).evaluate(np.arange(1))
    row = {key: None if np.isnan(found[key][0]) else float(found[key][0]) for key in METRICS}
    spec = markets.spec(TWO.values(0))
    there = run_account(spec, markets.of({}), spec.make_rule())
    scene, here = KernelEngine(asked, markets).record(0)
    small = [fill for fill in there.fills if abs(fill.size * fill.price) < 1e-5 * there.equity[fill.bar]]
    assert len(small) > 100
    days = scene.market.sessions
    compare("cell 0", days, here, there, row)
    at = there.fills.index(small[0])
    off = 1e-8 * there.equity[small[0].bar] / small[0].price
    wrong = replace(here, fills=bent(here.fills, at, size=here.fills[at].size + off))
    with pytest.raises(ParityError, match="size"):
        compare("cell 0", days, wrong, there, row)


def bent(fills, at, **changes):
    return [replace(fill, **changes) if i == at else fill for i, fill in enumerate(fills)]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            lambda run, n: replace(run, fills=bent(run.fills, 2, price=run.fills[2].price * (1 + 1e-8))),
            "price",
        ),
        (lambda run, n: replace(run, fills=bent(run.fills, 2, size=run.fills[2].size * (1 - 1e-8))), "size"),
        (lambda run, n: replace(run, fills=bent(run.fills, 2, costs=run.fills[2].costs + 1e-3)), "costs"),
        (lambda run, n: replace(run, fills=bent(run.fills, 2, reason="stop!")), "reason"),
        (
            lambda run, n: replace(run, fills=bent(run.fills, 2, bar=run.fills[2].bar - 1)),
            "the next fill's bar",
        ),
        (lambda run, n: replace(run, fills=run.fills[:2]), "the number of fills"),
        (
            lambda run, n: replace(run, equity=run.equity + 1e-7 * run.equity[0] * (np.arange(n) == 60)),
            "equity",
        ),
    ],
)
def test_a_difference_is_named_by_cell_bar_and_field(swept, change, says):
    asked, _ = swept
    markets = Markets(asked.base, asked.grid, asked.folder)
    spec = markets.spec(asked.grid.values(0))
    there = run_account(spec, markets.of({}), spec.make_rule())
    scene, here = KernelEngine(asked, markets).record(0)
    days = scene.market.sessions
    row = dict(there.metrics)
    compare("cell 0", days, here, there, row)
    with pytest.raises(ParityError, match=r"^cell 0: bar ") as error:
        compare("cell 0", days, change(here, len(days)), there, row)
    bar = 60 if says == "equity" else here.fills[2].bar - (says == "the next fill's bar")
    assert f"bar {bar} ({days[bar]}), " in str(error.value)
    assert says in str(error.value)


def test_grid_of_an_example_sweeps():
    assert grid_of(load_spec("rsi_timing_sweep"), ()).size >= 100_000


@pytest.mark.parametrize("schedule", ["monthly", "weekly", "daily"])
def test_a_schedule_with_nothing_to_trade_back_trades_no_dust(schedule):
    """All of equity is in one fund, so that what a schedule would trade back is rounding: no such order is
    sent, by either engine."""
    spec = load_spec("trend", ["rule.bars=50", f"plan.schedule={schedule}"])
    asked = Job(spec, TWO, "kernel")
    markets = Markets(asked.base, asked.grid, asked.folder)
    spec = markets.spec(TWO.values(1))
    there = run_account(spec, markets.of({}), spec.make_rule())
    scene, here = KernelEngine(asked, markets).record(1)
    found = KernelEngine(asked, markets).evaluate(np.arange(2))
    row = {key: None if np.isnan(found[key][1]) else float(found[key][1]) for key in METRICS}
    compare(schedule, scene.market.sessions, here, there, row)
    assert len(there.fills) > 50
    # Beside what is sold out, none is below a millionth of equity.
    smallest = min(abs(f.size * f.price) / there.equity[f.bar] for f in there.fills)
    assert smallest > 0.5e-6
