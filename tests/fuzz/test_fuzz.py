"""The fuzzer itself, a short run of it that is the same each time, and all that it has ever found."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from pydantic import BaseModel

from runs.specs.data import DataSpec
from runs.specs.money import AccountSpec, CostSpec, DepositSpec, OptionSpec
from runs.specs.reading import load_spec
from runs.sweeps.verify import ParityError
from strategies import FILTERS, RULES, param
from tests.fuzz import __main__ as fuzzer
from tests.fuzz import judge as judging
from tests.fuzz import specs
from tests.fuzz.judge import judge
from tests.fuzz.variations import variations

CASES = sorted(path.name for path in fuzzer.CASES.iterdir() if path.is_dir())
MODELS = [
    *((name, kind.Params) for name, kind in RULES.items()),
    *((name, plan) for name, kind in RULES.items() for plan, _ in kind.plans()),
    *((name, kind.Params) for name, kind in FILTERS.items()),
    *(("hold", model) for model in (AccountSpec, CostSpec, DepositSpec, OptionSpec)),
]
# Without a market of its own a rule has no levels to name.
HAS_NONE = {"rebound", "stop", "target"}


@pytest.mark.parametrize("name", CASES)
def test_what_was_found_once_is_mended(name):
    assert judge(fuzzer.CASES / name, answered=True).fault is None


def test_a_short_run_finds_nothing(tmp_path, capsys):
    assert fuzzer.fuzz(seed=1, seconds=float("inf"), cases=60, saved=tmp_path) == []
    said = capsys.readouterr().out
    assert "60 cases" in said
    assert int(said.split("s, ")[1].split(" ran")[0]) > 15  # the others are refused


def test_the_same_seed_makes_the_same_case_and_another_another(tmp_path):
    for place, seed, number in (("a", 3, 5), ("b", 3, 5), ("c", 3, 6), ("d", 4, 5)):
        fuzzer.make(tmp_path / place, seed, number)
    made = [{f.name: f.read_bytes() for f in (tmp_path / place).iterdir()} for place in "abcd"]
    assert made[0] == made[1]
    assert made[0] != made[2] != made[3] != made[0]


@pytest.mark.parametrize(("rule", "model"), MODELS)
def test_every_key_of_every_model_is_given_a_value_at_times(rule, model):
    rng = np.random.default_rng(1)
    keys = {key for _ in range(300) for key in specs._table(model, rng, rule)}
    assert keys >= model.model_fields.keys() - HAS_NONE - {"tickers"}


def test_keys_of_data_that_name_no_file_are_in_it():
    rng = np.random.default_rng(1)
    keys = {key for _ in range(300) for key in specs._table(DataSpec, rng, leave_out=specs.FILES)}
    assert keys == DataSpec.model_fields.keys() - set(specs.FILES)


def test_a_new_key_is_in_it_by_itself_and_within_its_bounds():
    class New(BaseModel):
        share: float = param(0.5, "fraction", "new", gt=0, lt=1)
        bars: int = param(3, "bars", "new", ge=2, le=9)
        free: float | None = param(None, "", "new", ge=-2)

    rng = np.random.default_rng(1)
    tables = [specs._table(New, rng) for _ in range(500)]
    shares = [t["share"] for t in tables if "share" in t]
    bars = {t["bars"] for t in tables if "bars" in t}
    assert min(shares) > 0
    assert max(shares) < 1
    assert len(set(shares)) > 50
    assert bars == set(range(2, 10))
    assert -2.0 in {t.get("free") for t in tables}
    assert all(New(**table) for table in tables)


@pytest.fixture
def planted(monkeypatch):
    """A fault of one engine: wherever a half-spread is charged the two are said to differ."""

    def differ(label, days, here, there, row):
        if any(fill.costs > 0 for fill in there.fills):
            raise ParityError("bar 7, costs is 1.5 in the kernel, 2.5 in backtrader")

    monkeypatch.setattr(judging, "compare", differ)


def test_a_fault_is_found_shrunk_and_saved(planted, tmp_path):
    said = fuzzer.fuzz(seed=1, seconds=float("inf"), cases=40, saved=tmp_path)
    assert len(said) == 1  # however many cases show it
    assert "differs: bar 7" in said[0]
    (saved,) = tmp_path.iterdir()
    seed, number = map(int, saved.name.split("_"))
    fuzzer.make(tmp_path.parent / "whole", seed, number)
    assert judge(saved).kind == "differs: bar # costs is # in the kernel, # in backtrader"
    small, whole = (tomllib.loads((f / "s.toml").read_text()) for f in (saved, tmp_path.parent / "whole"))
    assert len(str(small)) < len(str(whole))
    assert small.get("costs")
    assert sum(len(table) for table in small.values() if isinstance(table, dict)) <= 8


def test_of_many_plans_on_a_market_the_one_that_shows_a_fault_is_named(planted, tmp_path):
    said = fuzzer.fuzz(seed=1, seconds=float("inf"), cases=5, saved=tmp_path, pairs=10_000)
    assert len(said) == 1
    assert "with {'" in said[0]


def test_plans_on_random_markets_are_run_until_there_are_enough(tmp_path, capsys):
    assert fuzzer.fuzz(seed=2, seconds=float("inf"), cases=10_000, saved=tmp_path, pairs=20) == []
    said = re.search(r"ran, (\d+) runs in both engines, ([\d,]+) fills", capsys.readouterr().out)
    assert 20 <= int(said[1]) < 70
    assert int(said[2].replace(",", "")) > 0


def test_variations_are_around_the_spec_and_hold_it(tmp_path):
    (tmp_path / "s.toml").write_text(
        'strategy = "rsi_timing"\n[plan]\nstop = 0.1\nmax_bars = 5\n[account]\ncash = 1000.0\n'
    )
    grid = variations(load_spec(tmp_path / "s.toml"), np.random.default_rng(4))
    found = {axis.key: axis.values for axis in grid.axes}
    assert set(found) == {"plan.stop", "plan.max_bars", "costs.slippage_bps"}
    assert 0.1 in found["plan.stop"]
    assert 5 in found["plan.max_bars"]
    assert 2 < grid.size <= 50


@pytest.mark.parametrize(
    ("raised", "fault"),
    [
        (TypeError("no"), "TypeError in test_fuzz.py: no"),
        (ParityError("a\nb"), "no sentence: a\nb"),
        (judging.LedgerError("1 is not accounted for"), "LedgerError: 1 is not accounted for"),
    ],
)
def test_whatever_is_no_sentence_is_a_fault(raised, fault, monkeypatch, tmp_path):
    def load(path: Path) -> SimpleNamespace:
        raise raised

    monkeypatch.setattr(judging, "load_spec", load)
    assert judge(tmp_path).fault == fault


def test_what_takes_too_long_is_a_fault(monkeypatch, tmp_path):
    def load(path: Path) -> None:
        while True:
            pass

    monkeypatch.setattr(judging, "PATIENCE", 0.05)
    monkeypatch.setattr(judging, "load_spec", load)
    assert judge(tmp_path).fault == "hangs: more than 0.05 s"
