"""Combinatorial purged cross-validation against the book's example and figures worked out here."""

import math
import sys
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from letf_instruments import SpecError
from runs.backtest.event_driven import run_account
from runs.backtest.metrics import night_rates
from runs.robustness.walk_forward import folds as folds_module
from runs.robustness.walk_forward.answer import ask
from runs.robustness.walk_forward.curves import Curves, sharpe_of, sums_upto
from runs.robustness.walk_forward.fold_words import fold_metrics, headline, paths_frame, splits_frame
from runs.robustness.walk_forward.folds import cross_validate, splitter, stretches_of
from runs.robustness.walk_forward.study import prepared
from tests.conftest import random_bars
from tests.runs.robustness.rig import frame_of, spec_on
from tests.runs.robustness.walk_forward.test_study import AXES, RSI, own_spec, planted

needs_skfolio = pytest.mark.skipif(
    __import__("importlib").util.find_spec("skfolio") is None, reason="skfolio is not installed"
)


def test_stretches():
    assert stretches_of(np.array([3])).tolist() == [[3, 4]]
    assert stretches_of(np.array([0, 1, 2, 5, 6, 9])).tolist() == [[0, 3], [5, 7], [9, 10]]


@given(st.sets(st.integers(0, 60), min_size=1))
def test_stretches_are_what_they_were_made_of(places):
    train = np.array(sorted(places))
    made = np.concatenate([np.arange(a, b) for a, b in stretches_of(train)])
    assert (made == train).all()


def test_a_sharpe_ratio_from_two_sums():
    rng = np.random.default_rng(4)
    returns = 0.001 + 0.01 * rng.standard_normal(300)
    expected = returns.mean() / returns.std(ddof=1) * math.sqrt(252)
    assert float(sharpe_of(300, returns.sum(), (returns**2).sum())) == pytest.approx(expected)
    assert math.isnan(float(sharpe_of(300, np.float64(0.3), np.float64(300 * 0.001**2))))  # all alike


def test_sums_are_of_the_cells_own_runs():
    spec = spec_on(random_bars(9, n=150), "rsi_timing", sweep=AXES, **RSI)
    job, setting, days = prepared(spec, "sharpe", None, 1, None, None)
    cells = np.array([0, 5, 11])
    ends = np.array([0, 10, 77, len(days) - 1])
    sums = sums_upto(job, cells, ends, 2)
    for at, cell in enumerate(cells):
        own = job.spec(int(cell))
        equity = run_account(own, setting, own.make_rule()).equity
        excess = equity[1:] / equity[:-1] - 1 - night_rates(days, setting.rate.on(days))
        for place, end in enumerate(ends):
            assert sums[at, 0, place] == pytest.approx(excess[:end].sum(), abs=1e-12)
            assert sums[at, 1, place] == pytest.approx((excess[:end] ** 2).sum(), abs=1e-12)
    curve = Curves(job).of(5)
    assert curve.excess.sum() == pytest.approx(sums[1, 0, -1])


def test_the_same_sums_in_backtrader():
    spec = spec_on(random_bars(9, n=120), "rsi_timing", sweep=AXES, **RSI)
    cells, ends = np.array([0, 5]), np.array([50, 100])
    found = [
        sums_upto(prepared(spec, "sharpe", None, 1, engine, None)[0], cells, ends, 1)
        for engine in ("kernel", "backtrader")
    ]
    assert found[0] == pytest.approx(found[1], abs=1e-12)


@needs_skfolio
def test_six_folds_of_which_two_are_tested_make_five_paths():
    # López de Prado 2018, §12.4.1: C(6, 4) = 15 splits, φ[6, 2] = 5 paths.
    cv = splitter(6, 2, 0, 0, 600)
    assert (cv.n_splits, cv.n_test_paths) == (15, 5)
    assert [tuple(row) for row in cv.test_set_index] == list(combinations(range(6), 2))


@needs_skfolio
@settings(max_examples=40)
@given(
    folds=st.integers(3, 8),
    tests=st.integers(2, 4),
    purge=st.integers(0, 6),
    embargo=st.integers(0, 6),
    sessions=st.integers(160, 400),
)
def test_nothing_near_a_test_is_trained_on(folds, tests, purge, embargo, sessions):
    if tests >= folds or purge + embargo >= sessions // folds - 1:
        return
    cv = splitter(folds, tests, purge, embargo, sessions)
    for train, parts in cv.split(np.zeros((sessions, 1))):
        assert len(parts) == tests
        for part in parts:
            near = np.arange(part[0] - purge, part[-1] + 1 + purge + embargo)
            assert not np.isin(near, train).any()


@needs_skfolio
def test_every_path_is_out_of_sample_throughout():
    spec = spec_on(random_bars(13, n=260), "rsi_timing", sweep=AXES, **RSI)
    found = cross_validate(spec, 6, 2, gap=3, embargo=2, workers=1)
    job, n = found.job, len(found.days) - 1
    assert found.paths.shape == (5, n)
    assert np.isfinite(found.paths).all()
    curves = {split.choice.cell: Curves(job).of(split.choice.cell) for split in found.splits}
    every = {cell: Curves(job).of(cell) for cell in range(job.grid.size)}
    assert [split.tests for split in found.splits] == list(combinations(range(6), 2))
    seen = dict.fromkeys(range(6), 0)
    for split in found.splits:
        # What is trained on, worked out from the folds alone.
        allowed = np.ones(n, dtype=bool)
        for fold in split.tests:
            at = np.flatnonzero(found.fold == fold)
            allowed[max(at[0] - 3, 0) : at[-1] + 1 + 3 + 2] = False
        assert split.trained == allowed.sum()
        sharpes = {}
        for cell, curve in every.items():
            own = curve.excess[allowed]
            sharpes[cell] = own.mean() / own.std(ddof=1) * math.sqrt(252) if own.std() > 1e-6 else -np.inf
        assert sharpes[split.choice.cell] == pytest.approx(max(sharpes.values()))
        assert split.choice.value == pytest.approx(max(sharpes.values()))
        for fold in split.tests:
            path = seen[fold]  # the splits that test a fold go to the paths in their order
            seen[fold] += 1
            at = found.fold == fold
            assert (found.paths[path, at] == curves[split.choice.cell].returns[at]).all()
    assert set(seen.values()) == {5}
    expected = [p.mean() / p.std(ddof=1) * math.sqrt(252) for p in found.excess]
    assert found.sharpes() == pytest.approx(expected)
    m = fold_metrics(found)
    assert m["path_sharpe_min"] == pytest.approx(min(expected))
    assert m["paths_below_0"] == pytest.approx(np.mean(np.array(expected) < 0))
    assert len(splits_frame(found)) == 15
    frame = paths_frame(found)
    assert frame["path_1"].iloc[-1] == pytest.approx(np.prod(1 + found.paths[0]))
    assert str(found.days[0]) in headline(found, m)


@needs_skfolio
def test_an_edge_that_is_there_is_found_in_every_split():
    edge = cross_validate(own_spec(planted(10**6, n=240), {"rule.day": [0, 1, 2, 3, 4]}), 6, 2, workers=1)
    assert {edge.job.grid.values(s.choice.cell)["rule.day"] for s in edge.splits} == {0}
    assert edge.sharpes().min() > 5


@needs_skfolio
def test_of_noise_less_is_left_out_of_sample_than_there_was_in_it():
    gaps = []
    for seed in range(10):
        spec = spec_on(random_bars(seed, n=260, volatility=0.01), "rsi_timing", sweep=AXES, **RSI)
        m = fold_metrics(cross_validate(spec, 6, 2, workers=1))
        gaps.append(m["in_sharpe"] - m["path_sharpe_mean"])
    assert np.mean(gaps) > 0.3


@needs_skfolio
@settings(max_examples=4)
@given(seed=st.integers(0, 10**6))
def test_what_lies_in_the_test_changes_nothing_in_the_choice(seed):
    bars = frame_of(random_bars(seed, n=200))
    other = bars.copy()
    n = len(bars)
    # The last fold of the days from the first on which a run begins, told by the first run.
    spec = spec_on(bars, "rsi_timing", sweep=AXES, **RSI)
    first = cross_validate(spec, 4, 2, gap=2, workers=1)
    begin = int(np.searchsorted(bars.index.to_numpy(), first.days[1:][first.fold == 3][0]))
    fresh = random_bars(seed + 1, n=n - begin)
    scale = other["close"].iloc[begin - 1] / fresh.open[0]
    for name in ("open", "high", "low", "close"):
        other.loc[other.index[begin:], name] = scale * getattr(fresh, name)
    second = cross_validate(spec_on(other, "rsi_timing", sweep=AXES, **RSI), 4, 2, gap=2, workers=1)
    for one, two in zip(first.splits, second.splits, strict=True):
        if 3 in one.tests:
            assert one.choice.cell == two.choice.cell
            assert one.choice.value == pytest.approx(two.choice.value, rel=1e-9)


@needs_skfolio
def test_too_many_cells_are_drawn_and_it_says_so(monkeypatch):
    monkeypatch.setitem(folds_module.MOST_CELLS, "kernel", 6)
    found = cross_validate(spec_on(random_bars(3, n=160), "rsi_timing", sweep=AXES, **RSI), 4, 2, workers=1)
    assert found.drawn
    assert len(found.job.sample) == 6
    again = cross_validate(spec_on(random_bars(3, n=160), "rsi_timing", sweep=AXES, **RSI), 4, 2, workers=2)
    assert (found.paths == again.paths).all()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"folds": 2}, "folds is 2; it must be a whole number, 3 or more"),
        ({"folds": 6, "test_folds": 6}, "test_folds is 6; it must be a whole number, 2 to 5"),
        ({"folds": 30, "test_folds": 15}, "make 155,117,520 splits; at most 1,000"),
        ({"folds": 6, "gap": 20, "embargo": 10}, "leave nothing; take fewer folds"),
        ({"folds": 6, "train": "1y"}, "train is of windows"),
        ({"folds": 6, "anchored": True}, "anchored is of windows"),
        ({"folds": 6, "min_trades": 5}, "min_trades is of windows"),
        ({"folds": 6, "by": "cagr"}, "by is 'cagr'; folds choose by sharpe"),
        ({"folds": 6, "how": "worst"}, "choose is 'worst'"),
        ({"embargo": 3}, "embargo is of folds"),
    ],
)
def test_what_folds_cannot_be(given, words):
    spec = spec_on(random_bars(3, n=160), "rsi_timing", sweep=AXES, **RSI)
    with pytest.raises(SpecError, match=words):
        ask(spec, **given)


def test_without_skfolio_it_says_what_to_install(monkeypatch):
    for name in ("skfolio", "skfolio.model_selection"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(SpecError, match=r"folds need skfolio, .*letf-lab\[folds\]"):
        splitter(6, 2, 0, 0, 600)
