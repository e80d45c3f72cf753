"""Specs on bars that are made here: what tests of robustness run, without a file."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import letf
from feeds.bars import Bars
from runs.specs.run_spec import RunSpec


def frame_of(bars: Bars) -> pd.DataFrame:
    """Bars as a script holds them."""
    columns = {name: getattr(bars, name) for name in ("open", "high", "low", "close")}
    return pd.DataFrame(columns, index=pd.DatetimeIndex(bars.sessions, name="date"))


def spec_on(bars: Bars | pd.DataFrame, strategy: str, **tables: Any) -> RunSpec:
    """A spec of a rule on these bars."""
    frame = bars if isinstance(bars, pd.DataFrame) else frame_of(bars)
    sweep = tables.pop("sweep", None)
    what: dict[str, Any] = {"name": "case", "strategy": strategy, "data": {}, **tables}
    if sweep is not None:
        what["sweep"] = sweep
    what["data"] = {"rate": 0.03, **what["data"]}
    return letf.spec(what, index={"CASE": frame})


def steady(n: int, daily: float) -> pd.DataFrame:
    """Bars of an index that makes the same every day, without a range."""
    close = 100.0 * (1.0 + daily) ** np.arange(n)
    days = pd.bdate_range("2015-01-05", periods=n)
    before = np.concatenate(([close[0]], close[:-1]))
    return pd.DataFrame(
        {"open": before, "high": np.maximum(before, close), "low": np.minimum(before, close), "close": close},
        index=pd.DatetimeIndex(days, name="date"),
    )
