"""What a sweep says of luck, against the same worked out from the cells' own runs in backtrader."""

import itertools
import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from runs.backtest.event_driven import run_account
from runs.sweeps.engines.blocks import FINE, block_counts, blocks_for, by_block, marks_of, of_returns
from runs.sweeps.engines.choice import engine_of
from runs.sweeps.results.luck_words import luck_sentences
from tests.conftest import random_bars
from tests.runs.command import letf
from tests.runs.sweeps.specs import job

SWEEP = "rule.oversold = [30, 40, 45]\nrule.overbought = [55, 65, 80]\nplan.stop = [0.05, 0.1]\n"


@pytest.mark.parametrize(("engine", "cells", "blocks"), [("kernel", 1_000, 240), ("kernel", 1_001, 16)])
def test_few_cells_are_kept_finer(engine, cells, blocks):
    assert blocks_for(engine, cells) == blocks
    assert blocks_for("kernel", 2_501) == 12
    assert blocks_for("backtrader", 100_000) == FINE


@pytest.mark.parametrize(("sessions", "blocks"), [(100, 7), (5, 12), (240, 240), (16, 16)])
def test_blocks_hold_every_session_once(sessions, blocks):
    rng = np.random.default_rng(sessions)
    excess = rng.normal(size=sessions)
    counts = block_counts(sessions, blocks)
    assert counts.sum() == sessions
    assert counts.max() - counts.min() <= 1
    parts = np.split(excess, np.cumsum(counts)[:-1])
    expected = np.array([[part.sum() for part in parts], [(part**2).sum() for part in parts]])
    np.testing.assert_allclose(of_returns(excess, sessions, blocks), expected, atol=1e-12)
    np.testing.assert_allclose(of_returns(excess[1:], sessions, blocks)[0].sum(), excess[1:].sum())
    marks = marks_of(np.ones(sessions, dtype=bool), blocks)
    sums = np.cumsum([excess, excess**2], axis=1)[:, marks]
    np.testing.assert_allclose(by_block(sums[None], sessions, blocks)[0], expected, atol=1e-12)


def test_both_engines_keep_the_same_sums(tmp_path):
    there = replace(job(tmp_path, SWEEP), blocks=12)
    here = replace(there, engine="kernel")
    cells = np.arange(there.size)
    mine, theirs = (engine_of(each).evaluate(cells)["blocks"] for each in (here, there))
    assert mine.shape == (18, 2, 12)
    np.testing.assert_allclose(mine, theirs, atol=1e-12)


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("luck")
    asked = job(folder, SWEEP)
    bars = random_bars(seed=8, n=420)
    columns = (bars.sessions, bars.open, bars.high, bars.low, bars.close)
    lines = [",".join(map(str, row)) for row in zip(*columns, strict=True)]
    (folder / "prices.csv").write_text("\n".join(["date,open,high,low,close", *lines]))
    done = letf("sweep", folder / "swept.toml", "--out", folder / "out")
    assert done.returncode == 0, done.stderr
    return asked, folder / "out", done.stdout


def curves(asked):
    """Daily returns over the short rate of all cells, each run in backtrader."""
    out = []
    for cell in range(asked.size):
        spec = asked.spec(cell)
        run = run_account(spec, asked.markets.of({}), spec.make_rule())
        out.append(np.concatenate((np.zeros(run.sessions - len(run.excess)), run.excess)))
    return np.array(out)


def sharpe_or_none(returns):
    """0 of what does not move but by rounding."""
    spread = returns.std(axis=1)
    return np.where(spread > 1e-6, returns.mean(axis=1) / np.maximum(spread, 1e-6), 0.0)


def test_the_deflated_sharpe_ratio_and_the_probability_of_overfitting(swept):
    asked, folder, _ = swept
    said = json.loads((folder / "sweep.json").read_text())
    luck, returns = said["luck"], curves(asked)
    moves = returns[returns.std(axis=1) > 0]
    # In order of cell: of those equal in training, but for rounding, the first is chosen.
    different = moves.round(12)[np.sort(np.unique(moves.round(12), axis=0, return_index=True)[1])]
    assert luck["runs"] == len(different)
    sharpe = different[:, 1:].mean(axis=1) / different[:, 1:].std(axis=1, ddof=1)
    assert luck["spread"] == pytest.approx(sharpe.std(ddof=1) * np.sqrt(252), rel=1e-6)
    # Galwey's number, from the eigenvalues of the correlations of the sums by block
    sums = np.array([of_returns(row, 420, FINE)[0] for row in different])
    roots = np.sqrt(np.maximum(np.linalg.eigvalsh(np.corrcoef(sums)), 0))
    assert luck["trials"] == pytest.approx(roots.sum() ** 2 / (roots**2).sum(), rel=1e-4)
    n = luck["trials"]
    chance = 0.5772156649 * norm.ppf(1 - 1 / (n * np.e)) + (1 - 0.5772156649) * norm.ppf(1 - 1 / n)
    expected_best = sharpe.std(ddof=1) * chance
    assert luck["expected_best"] == pytest.approx(expected_best * np.sqrt(252), rel=1e-6)
    best = said["best"]["sharpe"][0]["cell"]
    own = returns[best]
    ratio = own[1:].mean() / own[1:].std(ddof=1)
    z = (own - own.mean()) / own.std()
    wide = np.sqrt(1 - (z**3).mean() * ratio + ((z**4).mean() - 1) / 4 * ratio**2)
    assert luck["deflated"][str(best)]["probability"] == pytest.approx(
        norm.cdf((ratio - expected_best) * np.sqrt(419) / wide), rel=1e-6
    )
    parts = np.split(np.arange(420), np.cumsum(block_counts(420, FINE).reshape(16, 15).sum(axis=1))[:-1])
    worse = []
    for some in itertools.combinations(range(16), 8):
        inside = np.concatenate([parts[b] for b in some])
        outside = np.setdiff1d(np.arange(420), inside)
        train, test = (sharpe_or_none(different[:, at]) for at in (inside, outside))
        at = int(train.argmax())
        worse.append((test < test[at]).sum() + 1 <= (len(different) + 1) / 2)
    assert luck["overfitting"]["splits"] == 12_870
    assert luck["overfitting"]["probability"] == pytest.approx(np.mean(worse), abs=1e-3)  # sums are float32


def test_the_table_and_the_report_show_both_beside_the_best_cell(swept):
    _, folder, printed = swept
    page = (folder / "report.html").read_text()
    for text in (printed, page):
        for words in ("DSR", "deflated Sharpe ratio", "probability of backtest overfitting"):
            assert words in text
    again = letf("top", folder, "--by", "calmar").stdout
    assert "deflated Sharpe ratio" in again
    assert "DSR" in again


def test_of_too_few_sessions_it_is_said_that_nothing_is_measured(tmp_path):
    job(tmp_path, SWEEP)
    lines = (tmp_path / "prices.csv").read_text().splitlines()
    (tmp_path / "prices.csv").write_text("\n".join(lines[:60]))
    done = letf("sweep", tmp_path / "swept.toml", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "how much is not measured: " in done.stdout
    assert "sessions are too few; 64 are needed" in done.stdout


def test_with_one_run_nothing_is_deflated(tmp_path):
    job(tmp_path, "plan.stop = [0.08]\n")
    done = letf("sweep", tmp_path / "swept.toml", "--out", tmp_path / "out")
    luck = json.loads((tmp_path / "out" / "sweep.json").read_text())["luck"]
    assert (luck["runs"], luck["expected_best"], luck["overfitting"]) == (1, 0.0, None)
    assert "nothing else was tried here" in done.stdout


@pytest.mark.parametrize(
    ("luck", "whole", "words"),
    [
        (None, False, "is measured once the sweep is whole"),
        (None, True, "was not measured"),
        ({"not_measured": "no"}, True, "is not measured: no."),
        (
            {"runs": 2, "trials": 2.0, "deflated": {}, "overfitting": None},
            True,
            "of this cell is not measured",
        ),
    ],
)
def test_what_was_not_measured_is_not_passed_over(luck, whole, words):
    assert words in luck_sentences(luck, 3, whole)[0]


def test_what_the_index_made_stands_beside_the_best_cell(swept):
    _, folder, _ = swept
    held = json.loads((folder / "sweep.json").read_text())["luck"]["held"]
    close = random_bars(seed=8, n=420).close
    assert held["total_return"] == pytest.approx(close[-1] / close[0] - 1.0, rel=1e-6)
    assert held["max_drawdown"] == pytest.approx((close / np.maximum.accumulate(close)).min() - 1, rel=1e-6)
    page = (folder / "report.html").read_text()
    total = f"{100 * held['total_return']:+.1f} %".replace("-", "−")
    assert f"{held['name']} held: {total}" in page.replace("\u00a0", " ")
