"""`letf luck` on planted cases, and against the same worked out apart from it."""

import json
from dataclasses import replace

import numpy as np
import pytest

import letf
from runs.backtest.beginning import begun
from runs.robustness.luck.entries import RandomTiming, least_move, random_timing
from runs.robustness.luck.family import Family, family_of
from runs.robustness.luck.study import daily
from runs.specs.reading import load_spec
from runs.sweeps.space.axes import grid_of
from tests.conftest import random_bars
from tests.runs.command import letf as command

HEAD = """
strategy = "{rule}"
[data]
index = "prices.csv"
rate = 0.0
[rule]
"""


def spec_on(folder, closes, text):
    """A spec on an index of these closes, without gaps."""
    bars = random_bars(seed=1, n=len(closes))
    opens = np.append(closes[0], closes[:-1])
    rows = zip(
        bars.sessions, opens, np.maximum(opens, closes), np.minimum(opens, closes), closes, strict=True
    )
    lines = ["date,open,high,low,close", *(",".join(map(str, row)) for row in rows)]
    (folder / "prices.csv").write_text("\n".join(lines))
    (folder / "spec.toml").write_text(text)
    return load_spec(str(folder / "spec.toml"))


def reverting(seed, n, pull):
    """Closes that come back to a level: after falls they rise."""
    rng = np.random.default_rng(seed)
    log = np.empty(n)
    log[0] = 0.0
    for t in range(1, n):
        log[t] = log[t - 1] * (1 - pull) + rng.normal(0, 0.01)
    return 100 * np.exp(log)


DIP = HEAD.format(rule="rsi_timing") + (
    'side = "bull"\nrsi_bars = 3\noverbought = 60\noversold = 40\naverage_bars = 3\n[plan]\nmax_bars = 4\n'
    'stop = "none"\n'
)


def timing(spec, draws=400, seed=1):
    moved, setting = begun(spec)
    return random_timing(moved, setting, moved.make_rule(), draws, seed)


def test_random_timing_makes_as_many_trades_and_is_settled_by_its_seed(tmp_path):
    spec = load_spec("pullback", changes=["data.index=nasdaq"])
    found, again, other = timing(spec), timing(spec), timing(spec, seed=2)
    assert isinstance(found, RandomTiming)
    assert found.trades.mean() == pytest.approx(found.own_trades, rel=0.15)
    np.testing.assert_array_equal(found.sharpe, again.sharpe)
    assert (found.sharpe != other.sharpe).any()


def test_of_a_random_walk_timing_is_worth_as_little_as_chance(tmp_path):
    """The share that did as well is uniform: of a dozen walks few are in its lowest tenth."""
    shares = []
    for seed in range(12):
        folder = tmp_path / str(seed)
        folder.mkdir()
        found = timing(spec_on(folder, reverting(seed, 600, 0.0), TREND))
        shares.append(found.as_good)
    assert sum(share < 0.1 for share in shares) <= 4  # 99 % of binomials of 12 and .1
    assert max(shares) > 0.3


TREND = HEAD.format(rule="trend") + "bars = 10\nbuffer = 0.0\n"


def planted_trend(seed, n, drift):
    """A walk that drifts up above its mean of ten closes, and down below it."""
    rng = np.random.default_rng(seed)
    close = [100.0] * 10
    for _ in range(n):
        side = 1.0 if close[-1] >= np.mean(close[-10:]) else -1.0
        close.append(close[-1] * np.exp(rng.normal(side * drift, 0.01)))
    return np.array(close)


def test_timing_that_is_worth_something_is_found(tmp_path):
    found = timing(spec_on(tmp_path, planted_trend(3, 800, 0.004), TREND))
    assert found.how == "the rule's weights at random other times"
    assert found.as_good < 0.01


def test_no_random_timing_of_weights_knows_what_came(tmp_path):
    """A walk in which nothing is to be known: who knows ten of its days has a Sharpe ratio beyond 3, and who
    knows none has one beyond 1.6 in ten years once in two million draws (its error is .32)."""
    found = timing(spec_on(tmp_path, reverting(5, 2520, 0.0), TREND), draws=1_000)
    assert np.abs(found.sharpe).max() < 1.6


def test_weights_are_moved_until_they_no_longer_resemble_themselves():
    """Signs of sums over 60 bars have an autocorrelation of 2/π·arcsin(1 − k/60), below .1 from k = 51 on."""
    rng = np.random.default_rng(1)
    sums = np.convolve(rng.normal(size=60_000), np.ones(60), "valid")
    weights = np.vstack((np.sign(sums), np.ones(len(sums))))
    unknown = np.full((2, 59), np.nan)
    assert least_move(np.hstack((unknown, weights))) == pytest.approx(51, abs=3)
    assert least_move(rng.normal(size=(1, 1_000))) == 21
    assert least_move(np.arange(1_000.0)[None] // 500) == 250


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("tranches", "the rule sees its account"),
        ("hold", "the weights never change"),
        ("event_options", "the compiled engine knows no plan"),
    ],
)
def test_where_timing_cannot_be_random_it_is_said_why(name, words):
    assert words in timing(load_spec(name, changes=["data.end=2003-12-31"]))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("account.shorts=refuse", 'account.shorts is "refuse", which only the broker knows'),
        ("account.tax=us", "only the broker keeps lots"),
        ("account.kind=cfd", "the account is of kind cfd"),
    ],
)
def test_what_the_compiled_engine_would_do_otherwise_it_does_not_draw(change, words):
    found = timing(load_spec("rsi_timing", changes=["data.end=2003-12-31", change]))
    assert isinstance(found, str)
    assert words in found


def test_a_family_is_the_cells_of_the_sweep(tmp_path):
    text = TREND + "[sweep]\nrule.bars = [5, 10, 20, 40]\nrule.buffer = [0.0, 0.01]\n"
    spec = spec_on(tmp_path, planted_trend(3, 500, 0.003), text)
    found = family_of(spec, grid_of(spec), None, 1)
    assert isinstance(found, Family)
    assert (found.cells, found.ran, len(found.sharpe)) == (8, 8, 8)
    slowest = letf.run(spec.with_values({"rule.bars": 40, "rule.buffer": 0.0}))  # all begin with it
    assert found.sharpe[6] == pytest.approx(slowest.metrics["sharpe"], abs=1e-9)
    assert 1.0 <= found.trials <= found.different <= 8
    assert found.spread == pytest.approx(np.std(found.sharpe, ddof=1), rel=1e-9)  # if all differ
    assert found.different == 8


def test_what_was_tried_deflates(tmp_path):
    spec = spec_on(tmp_path, planted_trend(5, 600, 0.002), TREND)
    alone, one_of_many = (letf.luck(spec, trials=n, draws=100, timings=100).metrics for n in (1, 1_000))
    assert alone["deflated_sharpe"] == alone["probability_above_0"]
    assert one_of_many["expected_best_sharpe"] > 0 == alone["expected_best_sharpe"]
    assert one_of_many["deflated_sharpe"] < alone["deflated_sharpe"]
    # Lo's error of a ratio of nothing, times what the best of a thousand has by the paper's formula
    error = np.sqrt(252 / (alone["periods"] - 1))
    assert one_of_many["expected_best_sharpe"] / error == pytest.approx(3.2551, abs=1e-3)


def test_the_figures_are_those_of_the_run(tmp_path):
    spec = spec_on(tmp_path, planted_trend(6, 400, 0.002), TREND)
    found, run = letf.luck(spec, draws=100, timings=100), letf.run(spec)
    assert found.metrics["sharpe"] == pytest.approx(run.metrics["sharpe"], abs=1e-9)
    for key in ("total_return", "volatility", "max_drawdown", "sharpe", "sortino"):
        assert found.metrics[f"rule_{key}"] == pytest.approx(run.metrics[key], rel=1e-6), key
        assert found.metrics[f"index_{key}"] == pytest.approx(run.metrics[f"hold_index_{key}"], rel=1e-6), key
        assert found.metrics[f"rule_{key}_low"] <= found.metrics[f"rule_{key}_high"]
    bands = found.bands
    assert set(bands.what) == {"rule", "index", "SOXL"}


def test_the_folder_has_the_same_bytes_each_time(tmp_path):
    spec_on(tmp_path, planted_trend(6, 300, 0.002), TREND + "[sweep]\nrule.bars = [5, 10, 20]\n")
    kept = []
    for name in ("one", "two"):
        done = command(
            "luck",
            tmp_path / "spec.toml",
            "--draws",
            100,
            "--timings",
            100,
            "--out",
            tmp_path / name,
            pictures=True,
        )
        assert done.returncode == 0, done.stderr
        kept.append({p.name: p.read_bytes() for p in (tmp_path / name).iterdir()})
    manifests = [json.loads(each.pop("manifest.json")) for each in kept]
    assert manifests[0]["seed"] == 1
    assert kept[0] == kept[1]
    assert "Tried: 3 cells of [sweep]" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("rsi_timing_sweep", "--trials", 3), "trials and [sweep] are two answers"),
        (("trend", "--trials", 0), "trials is 0; give how many rules were tried"),
        (("trend", "--draws", 3), "draws is 3; it must be a whole number, 100 to 100,000"),
        (("trend", "--end", "1999-12-20"), "sessions are too few to tell luck; 65 are needed"),
        (("rsi_timing", "--end", "1999-06-01", "--set", "rule.overbought=99.9"), "the account never moves"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(arguments, words, tmp_path):
    done = command("luck", *arguments, "--out", tmp_path / "out")
    assert (done.returncode, words in done.stderr, done.stderr.count("\n")) == (
        2,
        True,
        done.stderr.count("\n"),
    )
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_ruined_account_is_no_matter_of_luck(tmp_path):
    run = letf.run(spec_on(tmp_path, planted_trend(6, 100, 0.002), TREND)).result
    worth = np.where(np.arange(len(run.worth)) < 50, run.worth, 0.0)
    with pytest.raises(letf.SpecError, match="the account was ruined"):
        daily(replace(run, worth=worth))


def test_a_family_is_of_the_rules_own_data_wherever_the_sweep_names_them(tmp_path):
    text = TREND + "[sweep]\nrule.bars = [5, 10]\n{data}"
    other = tmp_path / "other"
    other.mkdir()
    spec_on(other, planted_trend(9, 500, 0.0), TREND)
    alone = spec_on(tmp_path, planted_trend(3, 500, 0.003), text.format(data=""))
    both = spec_on(
        tmp_path,
        planted_trend(3, 500, 0.003),
        text.format(data='data.index = ["other/prices.csv", "prices.csv"]\n'),
    )
    expected, found = (family_of(spec, grid_of(spec), None, 1) for spec in (alone, both))
    assert isinstance(expected, Family)
    assert isinstance(found, Family)
    assert found.cells == 2
    np.testing.assert_array_equal(found.sharpe, expected.sharpe)
    only = both.model_copy(update={"sweep": {"data.index": ["other/prices.csv", "prices.csv"]}})
    assert family_of(only, grid_of(only), None, 1) == "[sweep] varies nothing but the data"
