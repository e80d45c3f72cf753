"""A spec for sweeps that is quick to run: 120 sessions in a file, and tables to which a test adds its
[sweep]."""

from __future__ import annotations

from pathlib import Path

from runs.specs.reading import load_spec
from runs.specs.run_spec import RunSpec
from runs.sweeps.engines.job import Job
from runs.sweeps.space.axes import grid_of
from runs.sweeps.space.grid import Grid
from tests.conftest import random_bars

TEXT = """
strategy = "rsi_timing"
[data]
index = "prices.csv"
[rule]
side = "bear"
average_bars = 3
rsi_bars = 3
overbought = 60
oversold = 40
[plan]
stop = 0.08
[filters.slow.trend]
bars = 5
side = "below"
[sweep]
"""


def spec_file(folder: Path, sweep: str, text: str = TEXT) -> Path:
    """A spec in a folder, with a [sweep]."""
    bars = random_bars(seed=1, n=120)
    columns = (bars.sessions, bars.open, bars.high, bars.low, bars.close)
    lines = [",".join(map(str, row)) for row in zip(*columns, strict=True)]
    (folder / "prices.csv").write_text("\n".join(["date,open,high,low,close", *lines]))
    path = folder / "swept.toml"
    path.write_text(text + sweep)
    return path


def swept(folder: Path, sweep: str, text: str = TEXT) -> RunSpec:
    """The same, loaded."""
    return load_spec(spec_file(folder, sweep, text))


def grid(folder: Path, sweep: str) -> Grid:
    """The grid of a [sweep]."""
    return grid_of(swept(folder, sweep))


def job(folder: Path, sweep: str, engine: str = "backtrader", text: str = TEXT) -> Job:
    """All cells of a [sweep] as a job."""
    spec = swept(folder, sweep, text)
    return Job(spec, grid_of(spec), engine)
