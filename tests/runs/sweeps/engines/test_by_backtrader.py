"""What is kept of a cell that backtrader runs."""

from dataclasses import replace

import numpy as np

from runs.sweeps.engines.choice import engine_of
from tests.conftest import random_bars
from tests.runs.sweeps.specs import job

WAITS = """\
import backtrader as bt

class Waits(bt.Strategy):
    params = (("size", 10),)

    def __init__(self):
        self.average = bt.ind.SMA(self.data, period=200)

    def next(self):
        if not self.getposition(self.data).size:
            self.buy(data=self.data, size=self.p.size)
"""
TEXT = """
strategy = "waits.py:Waits"
[data]
index = "prices.csv"
rate = 0.036
funds = ["SOXL"]
[account]
cash = 10_000
cash_spread = 0.036
[costs]
commission_bps = 0
half_spread_bps = 0
slippage_bps = 0
[sweep]
rule.size = [10, 20]
"""


def test_a_strategy_that_waits_for_an_indicator_has_its_returns_in_their_own_sessions(tmp_path):
    (tmp_path / "waits.py").write_text(WAITS)
    asked = job(tmp_path, "", text=TEXT)
    bars = random_bars(seed=4, n=300)
    columns = (bars.sessions, bars.open, bars.high, bars.low, bars.close)
    lines = [",".join(map(str, row)) for row in zip(*columns, strict=True)]
    (tmp_path / "prices.csv").write_text("\n".join(["date,open,high,low,close", *lines]))
    found = engine_of(replace(asked, blocks=300)).evaluate(np.arange(2))
    assert found["refused"] == [None, None]
    # Bought at the 201st open, whose order the 200th close sent; until then cash, of which the broker keeps
    # what it would earn.
    nights = 0.036 * np.diff(bars.sessions).astype(int) / 360
    for size, (excess, squares) in zip((10, 20), found["blocks"], strict=True):
        worth = np.full(300, 10_000.0)
        worth[200:] += size * (bars.close[200:] - bars.open[200])
        expected = worth[1:] / worth[:-1] - 1 - nights
        np.testing.assert_allclose(excess, [0, *expected], atol=1e-9)
        np.testing.assert_allclose(squares, [0, *expected**2], atol=1e-9)
