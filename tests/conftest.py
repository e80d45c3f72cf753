"""What all tests share: the folder of real prices where there is one, and small hand-made bars."""

from __future__ import annotations

import gc
import itertools
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import settings

from feeds.bars import Bars

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

    from tests.yahoo import Service

# Bytecode is kept, also where the surroundings say not to: without it each worker rewrites the assertions of
# all modules before its first test, and each process that a test starts compiles the project anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# The same examples on every run; LETF_HYPOTHESIS=explore looks for new ones.
settings.register_profile("fixed", derandomize=True, max_examples=100, deadline=None)
settings.register_profile("explore", max_examples=1_000, deadline=None)
settings.load_profile(os.environ.get("LETF_HYPOTHESIS", "fixed"))

EXPECTED = Path(__file__).parent / "expected"
ROOT = Path(__file__).parent.parent


def _market_folder() -> Path:
    return Path(os.environ.get("LETF_MARKET_DIR") or ROOT.parent / "shared" / "market")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    folder = _market_folder()
    if folder.is_dir():
        return
    skip = pytest.mark.skip(reason=f"real prices are not here: {folder} (set LETF_MARKET_DIR)")
    for item in items:
        if "market" in item.keywords:
            item.add_marker(skip)


def pytest_collection_finish() -> None:
    """What is there before the first test stays until after the last: a tenth of the time would go into
    looking for garbage in it, again and again, as backtrader leaves much of it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 10, 10)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Each worker begins with a stretch of the modules, and who is done takes from the others: dealt out
    singly, the tests of a module are on all workers, and what they share (a browser, a cluster, a long run)
    is made on each."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log) if config.getvalue("dist") == "load" else None


@pytest.fixture(scope="session")
def market_folder() -> Path:
    """The folder of real prices; tests that use it are marked `market`."""
    return _market_folder()


@pytest.fixture
def service(
    httpserver: HTTPServer, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Service:
    """Yahoo's chart service on this machine, which the real yfinance asks."""
    from tests.yahoo import stand_up

    return stand_up(httpserver, tmp_path_factory.mktemp("yfinance"), monkeypatch)


def make_bars(
    rows: Sequence[tuple[float, float, float, float]], start: str = "2020-01-06", name: str = "TEST"
) -> Bars:
    """Daily bars from (open, high, low, close) rows, on weekdays from `start`."""
    n = len(rows)
    days = np.busday_offset(np.datetime64(start, "D"), np.arange(n), roll="forward")
    o, h, low, c = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    return Bars(name, name, days, o, h, low, c, np.ones(n))


def flat_bars(closes: Sequence[float], **kwargs: str) -> Bars:
    """Daily bars that open at the prior close and range from one to the other."""
    rows = [(closes[0],) * 4]
    rows += [(a, max(a, b), min(a, b), b) for a, b in itertools.pairwise(closes)]
    return make_bars(rows, **kwargs)


def random_bars(seed: int, n: int = 400, volatility: float = 0.025, gap: float = 0.012) -> Bars:
    """Daily bars with overnight gaps and ranges beyond open and close; not a market, only hard on fills."""
    rng = np.random.default_rng(seed)
    rows, last = [], 100.0
    for _ in range(n):
        o = last * np.exp(gap * rng.standard_normal())
        c = o * np.exp(volatility * rng.standard_normal())
        h = max(o, c) * np.exp(abs(0.008 * rng.standard_normal()))
        low = min(o, c) * np.exp(-abs(0.008 * rng.standard_normal()))
        rows.append((o, h, low, c))
        last = c
    return make_bars(rows)
