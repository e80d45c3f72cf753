"""Specs on an index with known returns, in a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from runs.specs.reading import load_spec
from runs.specs.run_spec import RunSpec

HOLD = """
strategy = "hold"
[data]
index = "prices.csv"
funds = []
rate = 0.0
[rule]
instrument = "index"
[costs]
preset = "zero"
"""
RSI = """
strategy = "rsi_timing"
[data]
index = "prices.csv"
[rule]
rsi_bars = 3
average_bars = 3
overbought = 60
oversold = 40
"""


def spec_file(folder: Path, returns: np.ndarray, text: str = HOLD, name: str = "known") -> Path:
    """A spec whose index opens at the close before and has these simple returns."""
    close = 100.0 * np.cumprod(np.concatenate(([1.0], 1.0 + returns)))
    open_ = np.concatenate((close[:1], close[:-1]))
    days = np.busday_offset(np.datetime64("2010-01-04"), np.arange(len(close)), roll="forward")
    rows = zip(days, open_, np.maximum(open_, close), np.minimum(open_, close), close, strict=True)
    lines = [",".join(map(str, row)) for row in rows]
    (folder / "prices.csv").write_text("\n".join(["date,open,high,low,close", *lines]))
    path = folder / f"{name}.toml"
    path.write_text(f'name = "{name}"\n{text}')
    return path


def spec_of(folder: Path, returns: np.ndarray, text: str = HOLD) -> RunSpec:
    """The same, loaded."""
    return load_spec(str(spec_file(folder, returns, text)))


def noise(n: int = 300, size: float = 0.02, seed: int = 1) -> np.ndarray:
    """Simple returns, normal around 0."""
    return size * np.random.default_rng(seed).standard_normal(n)
