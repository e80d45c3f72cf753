"""Small files for runs, and specs that name them."""

import numpy as np

from runs.specs.reading import load_spec
from tests.conftest import random_bars

N = 60
DAYS = np.busday_offset("2020-01-06", np.arange(N), roll="forward")
HEAD = 'strategy = "hold"\n[rule]\ninstrument = "SOXL"\n'


def csv(path, days=DAYS, seed=1, volume=None, scale=1.0):
    """A file of random bars."""
    bars = random_bars(seed, len(days))
    volume = np.arange(1.0, len(days) + 1) if volume is None else volume
    rows = zip(days, bars.open, bars.high, bars.low, bars.close, volume, strict=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{d},{o * scale},{h * scale},{low * scale},{c * scale},{v}" for d, o, h, low, c, v in rows]
    path.write_text("date,open,high,low,close,volume\n" + "\n".join(lines) + "\n")


def spec(folder, data, changes=(), **named):
    (folder / "run.toml").write_text(f"{HEAD}[data]\nindex = 'CHIPS.csv'\n{data}")
    return load_spec(folder / "run.toml", list(changes), **named)
