"""Sweep folders made by hand: manifest.json and cells.parquet (or parts) with the numbers a test wants."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from runs.sweeps.space.cells import METRICS, WHOLE
from runs.sweeps.space.grid import Axis, Grid


def make_sweep(
    folder: Path,
    axes: Mapping[str, Sequence[Any]],
    metrics: Mapping[str, Sequence[float]],
    cells: Sequence[int] | None = None,
    refused: Mapping[int, str] | None = None,
    simulated: bool = False,
    name: str = "made_up",
    parts: int = 0,
    planned: int | None = None,
    search: Mapping[str, Any] | None = None,
    strategy: str = "rsi_timing",
    keeps: bool = False,
) -> Path:
    """Write a sweep; `metrics` are in order of `cells` (all of the grid if not given), the others are empty.
    What was refused has none, unless it `keeps` its numbers, as no sweep of ours does.

    With `parts` the sweep is unfinished: so many files, the last of them first.
    """
    grid = Grid(tuple(Axis(key, tuple(values)) for key, values in axes.items()))
    numbers = np.arange(grid.size) if cells is None else np.asarray(cells, dtype=np.int64)
    refused = refused or {}
    why = [refused.get(int(cell)) for cell in numbers]
    columns: dict[str, pa.Array] = {"cell": pa.array(numbers, pa.int64())}
    digits = grid.digits(numbers)
    for i, axis in enumerate(grid.axes):
        columns[axis.key] = _axis_column(axis.values, digits[:, i])
    ran = np.array([text is None for text in why])
    for metric in METRICS:
        values = np.asarray(metrics.get(metric, np.full(len(numbers), np.nan)), dtype=float)
        kind = pa.int64() if metric in WHOLE else pa.float64()
        empty = np.isnan(values) | (~ran & (not keeps))
        columns[metric] = pa.array(np.where(empty, 0.0, values), mask=empty).cast(kind)
    columns["engine"] = pa.array(["kernel"] * len(numbers))
    columns["refused"] = pa.array(why, pa.string())
    lists = {axis.key: list(axis.values) for axis in grid.axes}
    about = {"name": name, "simulated": simulated, "index": ["nasdaq"], "axes": lists, "rank_by": "sharpe"}
    table = pa.table(columns).replace_schema_metadata({b"letf-lab": json.dumps(about).encode()})
    folder.mkdir(parents=True, exist_ok=True)
    sweep = {
        "axes": lists,
        "cells": planned or len(numbers),
        "grid": grid.size,
        "sample": None if cells is None else len(numbers),
        "sample_seed": None if cells is None else 1,
        "search": search,
        "engine": "kernel",
        "chunk": 2000,
    }
    state = "running" if parts else "whole"
    spec = {"name": name, "strategy": strategy, "data": {"index": "nasdaq"}}
    manifest = {"sweep": sweep, "spec": spec, "data": {}, "versions": {"letf-lab": "0.1.0"}, "state": state}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    if not parts:
        pq.write_table(table, folder / "cells.parquet")
        return folder
    (folder / "parts").mkdir()
    for i, rows in enumerate(reversed(np.array_split(np.arange(len(numbers)), parts))):
        pq.write_table(table.take(rows), folder / "parts" / f"{i:06d}.parquet")
    return folder


def _axis_column(values: Sequence[Any], at: np.ndarray) -> pa.Array:
    kinds = {type(value) for value in values}
    if kinds == {int}:
        return pa.array(np.array(values)[at], pa.int64())
    if kinds <= {int, float}:
        return pa.array(np.array(values, dtype=float)[at])
    if kinds == {bool}:
        return pa.array(np.array(values)[at])
    texts = [v if v is None or isinstance(v, str) else json.dumps(v) for v in values]
    return pa.array(texts, pa.string()).take(pa.array(at))


def hill(axes: Mapping[str, Sequence[Any]], seed: int = 1, noise: float = 0.1) -> dict[str, np.ndarray]:
    """A surface that one could believe: a hill off the middle; the first axes weigh most."""
    grid = Grid(tuple(Axis(key, tuple(values)) for key, values in axes.items()))
    digits = grid.digits(np.arange(grid.size))
    rng = np.random.default_rng(seed)
    far = np.zeros(grid.size)
    for i, n in enumerate(grid.shape):
        far += ((digits[:, i] / max(n - 1, 1) - 0.62) ** 2) * 3.0 / (1 + i)
    sharpe = 0.9 - 1.6 * far + noise * rng.standard_normal(grid.size)
    cagr = 0.16 * sharpe + 0.01
    total = (1 + np.maximum(cagr, -0.9)) ** 20 - 1
    drawdown = -np.clip(0.75 - 0.3 * sharpe + 0.05 * rng.standard_normal(grid.size), 0.05, 0.999)
    return {
        "total_return": total,
        "cagr": cagr,
        "volatility": 0.25 + 0.05 * rng.random(grid.size),
        "sharpe": sharpe,
        "sortino": 1.4 * sharpe,
        "max_drawdown": drawdown,
        "max_drawdown_days": np.round(800 - 300 * sharpe),
        "calmar": cagr / -drawdown,
        "trades": np.round(80 - 20 * far),
        "win_rate": 0.5 + 0.1 * np.tanh(sharpe),
        "final_equity": 1e5 * (1 + total),
        "costs_paid": 1e3 * (1 + far),
    }
