"""Funds on their own bars: orders and levels at prices that were printed."""

import numpy as np
import pandas as pd
import pytest

from runs.backtest.setting import load_setting
from runs.specs.reading import load_spec
from runs.studies.today.study import today
from tests.conftest import random_bars

N = 120


@pytest.fixture
def folder(tmp_path):
    """An index, and SOXL in whole cents on the same sessions."""
    for name, seed, scale in (("IDX", 1, 1.0), ("SOXL", 2, 0.3)):
        bars = random_bars(seed, N)
        columns = {c: np.round(scale * getattr(bars, c), 2) for c in ("open", "high", "low", "close")}
        frame = pd.DataFrame(columns, index=pd.Index(bars.sessions.astype(str), name="date"))
        frame["volume"] = 1e6
        frame.to_csv(tmp_path / f"{name}.csv")
    return tmp_path


@pytest.mark.parametrize("splits", ["none", "actual"])
def test_the_last_close_is_the_printed_one_and_no_price_is_a_model_s(folder, splits):
    changes = ["rule.instrument=SOXL", "data.funds=['SOXL']", "data.traded='all'", f"data.splits={splits}"]
    spec = load_spec("hold", changes, index="IDX")
    market = (spec, load_setting(spec, folder))
    day = market[1].bars.sessions[-1].item()
    found = today(spec, folder, equity=10_000.0, as_of=day, market=market, ahead=False)
    close = pd.read_csv(folder / "SOXL.csv")["close"].iloc[-1]
    scale = found.scales["SOXL"]
    assert scale.last * scale.price == pytest.approx(close)
    assert found.synthetic == []
    (held,) = found.positions
    # All of 10,000 is in it, but for what its entry cost.
    assert held.shares * close == pytest.approx(10_000, rel=0.01)


def test_without_its_own_bars_the_price_is_a_model_s(folder):
    spec = load_spec("hold", ["rule.instrument=SOXL", "data.funds=['SOXL']"], index="IDX")
    market = (spec, load_setting(spec, folder))
    found = today(spec, folder, as_of=market[1].bars.sessions[-1].item(), market=market, ahead=False)
    assert found.synthetic == ["SOXL"]
