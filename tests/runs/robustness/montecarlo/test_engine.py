"""A path in the compiled engine, run again in backtrader, and what is held beside it."""

from types import MappingProxyType

import numpy as np
import pytest

from feeds.histories.bootstrap import Bootstrap
from runs.backtest.beginning import begun
from runs.backtest.event_driven import run_account
from runs.backtest.fund_feeds import funds_of
from runs.robustness.montecarlo.engine import OWN, PathEngine, PathJob
from runs.robustness.montecarlo.paths import Paths
from runs.specs.reading import load_spec
from runs.sweeps.engines.choice import choose
from runs.sweeps.space.grid import Grid

SPAN = ("data.start=1999-06-01", "data.end=2004-12-31")


def made(name, *changes, count=3, days=700, block=30.0, seed=5, model=None):
    spec, setting = begun(load_spec(name, [*SPAN, *changes]))
    rule = spec.make_rule()
    engine, _ = choose(spec, Grid(()), None)
    bars = setting.bars
    model = model or Bootstrap(np.diff(np.log(bars.close)), block)
    paths = Paths(spec, setting, funds_of(setting, rule), model, seed, days)
    return PathJob(paths, count, engine, np.arange(days))


@pytest.mark.parametrize(
    "name",
    [
        ("rsi_timing",),
        ("hold",),
        ("mix", "account.deposits={amount=500, every='month'}"),
        ("switch",),
        ("tranches",),
        ("trend", "data.splits=issuer"),
        ("dip", "account.whole_shares=true", "data.splits=issuer"),
        ("decay_harvest", "account.recall_rate=2"),
    ],
    ids=lambda name: name[0],
)
def test_a_path_run_again_in_backtrader_gives_the_same_figures(name):
    job = made(*name)
    assert job.engine == "kernel"
    paths, spec = job.paths, job.paths.spec
    found = PathEngine(job).evaluate(np.arange(2))
    assert found["refused"] == [None, None]
    for number in range(2):
        path = paths.path(number)
        own = spec.with_values({"data.seed": path.seed}) if spec.account.recall_rate else spec
        run = run_account(own, paths.on_path(path), own.make_rule())
        figures = dict(zip(job.columns, found["figures"][number], strict=True))
        for key in OWN:
            want = np.nan if run.metrics[key] is None else run.metrics[key]
            np.testing.assert_allclose(figures[key], want, rtol=1e-9, atol=1e-9, err_msg=key)
        np.testing.assert_allclose(found["equity"][number], run.equity, rtol=1e-6)  # kept in float32


FREE = tuple(f"costs.{name}=0" for name in ("commission_bps", "half_spread_bps", "slippage_bps"))


@pytest.mark.parametrize("fund", ["SOXL", "SOXS"])
def test_a_rule_that_always_holds_a_fund_is_that_fund_on_every_path(fund):
    """Without costs or interest: the shares that all cash buys at the second bar's open, counted at the first
    close, times what the ledger of the path's own fund says."""
    job = made("hold", f"rule.instrument={fund}", *FREE, "data.rate=0", days=400)
    found = PathEngine(job).evaluate(np.arange(3))
    for number in range(3):
        path = job.paths.path(number)
        ledger = job.paths.on_path(path).ledger(job.paths.setting.fund(fund), 100.0)
        shares = 100_000.0 / max(ledger.close[0], ledger.open[1])
        held = 100_000.0 + shares * (ledger.close[1:] - ledger.open[1])
        np.testing.assert_allclose(found["equity"][number][1:], held, rtol=1e-6)
        row = dict(zip(job.columns, found["figures"][number], strict=True))
        assert row["final_equity"] == pytest.approx(held[-1], rel=1e-9)
        assert row[f"{fund}_return"] == pytest.approx(ledger.close[-1] / ledger.close[0] - 1.0, rel=1e-12)
        assert row["trades"] == 1
        assert row["cash_return"] == 0.0


def test_a_path_is_the_same_whichever_others_are_run():
    job = made("rsi_timing", count=40)
    alone = PathEngine(job).evaluate(np.array([17]))
    among = PathEngine(job).evaluate(np.arange(40))
    np.testing.assert_array_equal(alone["figures"][0], among["figures"][17])
    np.testing.assert_array_equal(alone["equity"][0], among["equity"][17])


def test_a_fund_that_the_index_kills_is_dead_from_that_bar_on():
    """A day on which the index gains more than a third wipes a fund of −3 out, whatever follows."""
    job = made("hold", "rule.instrument=SOXS", days=300)
    paths = job.paths

    class OneDay:
        facts = MappingProxyType({"model": "bootstrap"})

        def steps(self, rng, days):
            from feeds.histories.steps import Steps

            returns = np.zeros(days)
            returns[99] = np.log(1.4)  # the return of bar 100
            return Steps(np.ones(days, dtype=np.int64), returns)

    paths.model = OneDay()
    row = dict(zip(job.columns, PathEngine(job).evaluate(np.array([0]))["figures"][0], strict=True))
    assert row["SOXS_dead_from"] == 100.0
    assert row["SOXS_return"] == -1.0
    assert row["SOXS_drawdown"] == -1.0
    assert row["index_return"] == pytest.approx(0.4, abs=0.02)  # with its dividends
