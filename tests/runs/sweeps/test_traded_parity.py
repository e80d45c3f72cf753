"""Both engines on traded bars: the same fills one by one, whatever the bars, splits and dividends are."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.reading.memory import Memory
from runs.backtest.event_driven import run_account
from runs.specs.script import make_spec
from runs.sweeps.engines.by_kernel import KernelEngine
from runs.sweeps.engines.job import Job
from runs.sweeps.engines.markets import Markets
from runs.sweeps.space.cells import METRICS
from runs.sweeps.space.grid import Axis, Grid
from runs.sweeps.verify import compare
from tests.conftest import random_bars

N = 300
TWO = Grid((Axis("costs.slippage_bps", (0.0, 7.0)),))


def frame(seed, volatility, scale=1.0, dividend=0.0):
    bars = random_bars(seed, N, volatility=volatility)
    columns = {c: scale * getattr(bars, c) for c in ("open", "high", "low", "close")}
    made = pd.DataFrame(columns, index=pd.DatetimeIndex(bars.sessions.astype("datetime64[s]")))
    made["volume"] = 1e6
    if dividend:
        made["adj_close"] = made["close"] * (1 - dividend) ** (4 - np.arange(N) // 60)
    return made


@st.composite
def markets(draw):
    """An index, and SOXS or SOXL on bars of its own for a part of it, with dividends and holes."""
    seed = draw(st.integers(0, 10_000))
    ticker = draw(st.sampled_from(["SOXS", "SOXL"]))
    own = frame(
        seed + 1,
        0.05,
        scale=draw(st.sampled_from([0.01, 1.0, 1e4])),
        dividend=draw(st.sampled_from([0.0, 0.02])),
    )
    first, last = draw(st.integers(0, 100)), draw(st.integers(200, N))
    own = own.iloc[first:last]
    if draw(st.booleans()):
        own = own.drop(own.index[len(own) // 2])
    tables = {
        "data": {
            "index": Memory("IDX", frame(seed, 0.02)),
            "traded": {ticker: own},
            "splits": draw(st.sampled_from(["none", "issuer"])),
            "funds": ["SOXS", "SOXL"],
            "rate": 0.03,
        },
        "account": {"whole_shares": draw(st.booleans())},
    }
    return ticker, tables


RULES = {
    "dip": lambda ticker: {},
    "rsi_timing": lambda ticker: {"rule": {"side": "bull" if ticker == "SOXL" else "bear"}},
    "hold": lambda ticker: {"rule": {"instrument": ticker, "weight": 0.7}, "plan": {"schedule": "weekly"}},
    "decay_harvest": lambda ticker: {},
}


@pytest.mark.parametrize("name", RULES)
@given(market=markets())
@settings(max_examples=12)
def test_traded_bars_fill_alike_in_both_engines(name, market):
    ticker, tables = market
    spec = make_spec(name, tables={**tables, **RULES[name](ticker)})
    asked = Job(spec, TWO, "kernel")
    there = Markets(asked.base, asked.grid, None)
    engine = KernelEngine(asked, there)
    found = engine.evaluate(np.arange(2))
    assert found["refused"] == [None, None]
    cell = there.spec(TWO.values(1))
    by_events = run_account(cell, there.of(TWO.values(1)), cell.make_rule())
    scene, by_kernel = engine.record(1)
    row = {key: None if np.isnan(found[key][1]) else float(found[key][1]) for key in METRICS}
    compare(name, scene.market.sessions, by_kernel, by_events, row)
