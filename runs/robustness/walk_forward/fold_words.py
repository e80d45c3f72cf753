"""What `letf walkforward --folds` says: figures, sentences, tables and files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from runs.answers.words import counted, number, percent, share, with_caveats
from runs.backtest.metrics import performance
from runs.robustness.walk_forward.curves import sharpe_of
from runs.robustness.walk_forward.folds import CrossValidation
from runs.sweeps.results.ranking import short_keys, value_text

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
Rows = list[list[str]]


def worth(returns: Floats) -> Floats:
    """What 1 becomes of daily returns, itself first."""
    return np.concatenate(([1.0], np.cumprod(1.0 + returns)))


def path_figures(found: CrossValidation) -> list[dict[str, Any]]:
    """Performance of each path over all sessions."""
    rates = found.setting.rate.on(found.days)
    return [performance(found.days, worth(path), rates) for path in found.paths]


def index_sharpe(found: CrossValidation) -> float | None:
    """The Sharpe ratio of the index held."""
    own = found.index_excess
    value = float(sharpe_of(len(own), own.sum(), (own**2).sum()))
    return value if np.isfinite(value) else None


def fold_metrics(found: CrossValidation) -> dict[str, Any]:
    """One flat dict. `path_` figures are over the paths; `in_sharpe` is the mean of the choices' ratios in
    their trainings, `out_sharpe` that on their test folds."""
    every = found.sharpes()
    sharpes = every[np.isfinite(every)]
    figures = path_figures(found)
    cagr = np.array([f["cagr"] for f in figures if f["cagr"] is not None], dtype=float)
    outside = np.array([split.outside for split in found.splits])
    outside = outside[np.isfinite(outside)]
    held = index_sharpe(found)
    out: dict[str, Any] = {
        "folds": found.folds,
        "test_folds": found.test_folds,
        "gap": found.gap,
        "embargo": found.embargo,
        "choose": found.how,
        "cells": found.job.size,
        "splits": len(found.splits),
        "paths": len(found.paths),
        "first": str(found.days[0]),
        "last": str(found.days[-1]),
        "simulated": found.setting.simulated,
        "in_sharpe": float(np.mean([split.choice.value for split in found.splits])),
        "out_sharpe": float(outside.mean()) if len(outside) else None,
        "hold_index_sharpe": held,
        "different_choices": len({split.choice.cell for split in found.splits}),
    }
    for name, values in (("sharpe", sharpes), ("cagr", cagr)):
        for which, value in (("min", np.min), ("median", np.median), ("max", np.max), ("mean", np.mean)):
            out[f"path_{name}_{which}"] = float(value(values)) if len(values) else None
    out["path_sharpe_sd"] = float(sharpes.std(ddof=1)) if len(sharpes) > 1 else None
    out["paths_below_0"] = float((sharpes < 0).mean()) if len(sharpes) else None
    beat = (sharpes > held).mean() if len(sharpes) and held is not None else None
    out["paths_beat_index"] = None if beat is None else float(beat)
    return out


def headline(found: CrossValidation, m: dict[str, Any]) -> str:
    """The first line: the spread of the paths, and what the choices had promised."""
    mark = "SIMULATED data. " if found.setting.simulated else ""
    said = (
        f"{mark}{found.job.base.name} over {counted(m['paths'], 'path')} out of sample, {m['first']} to "
        f"{m['last']}: Sharpe from {number(m['path_sharpe_min'])} to {number(m['path_sharpe_max'])}, median "
        f"{number(m['path_sharpe_median'])}; in their trainings the choices had {number(m['in_sharpe'])} on "
        f"average, and {found.setting.bars.name} held {number(m['hold_index_sharpe'])}."
    )
    return with_caveats(said, found.caveats)


def sentences(found: CrossValidation, m: dict[str, Any]) -> list[str]:
    """How far the paths lie apart, and what they are."""
    said = []
    if m["paths_below_0"] is not None:
        beat = "" if m["paths_beat_index"] is None else (
            f", {paths_text(m['paths_beat_index'], m)} one above that of {found.setting.bars.name} held"
        )  # fmt: skip
        said.append(f"{paths_text(m['paths_below_0'], m)} paths have a Sharpe ratio below 0{beat}.")
    said.append(
        f"Of {found.folds} folds any {found.test_folds} are traded with what was best on the others: "
        f"{counted(m['splits'], 'split')}, which chose {counted(m['different_choices'], 'different cell')}. "
        "The paths are made of the same sessions, and trainings lie after a test as well as before it: their "
        "spread shows how much the choice matters, not how far the future may be from the past."
    )
    poor = sum(split.choice.for_want for split in found.splits)
    if poor:
        said.append(f"In {counted(poor, 'split')} no cell had neighbours enough, and the best was taken.")
    if found.drawn:
        said.append(
            f"The grid has {found.job.grid.size:,} cells, of which {found.job.size:,} were drawn with seed "
            f"{found.job.sample_seed}."
        )
    return said


def paths_text(part: float | None, m: dict[str, Any]) -> str:
    """A share of the paths as their number, of which there are few; n/a where it is not known."""
    return "n/a" if part is None else f"{round(part * m['paths']):,} of {m['paths']:,}"


def path_rows(found: CrossValidation) -> tuple[list[str], Rows]:
    """Headings and rows: a row a path, the index held last."""
    rates = found.setting.rate.on(found.days)
    named = [(f"path {i}", figures) for i, figures in enumerate(path_figures(found), start=1)]
    named.append((f"{found.setting.bars.name} held", performance(found.days, worth(found.index), rates)))
    rows = [
        [label, percent(f["cagr"]), share(f["volatility"]), number(f["sharpe"]), percent(f["max_drawdown"])]
        for label, f in named
    ]
    return ["", "CAGR", "volatility", "Sharpe", "worst drawdown"], rows


def choice_rows(found: CrossValidation) -> tuple[list[str], Rows]:
    """Headings and rows: a row a cell that was chosen, the most often first."""
    keys = [axis.key for axis in found.job.grid.axes if len(axis.values) > 1]
    short = short_keys(keys)
    by_cell: dict[int, list[Any]] = {}
    for split in found.splits:
        by_cell.setdefault(split.choice.cell, []).append(split)
    rows = []
    for cell, splits in sorted(by_cell.items(), key=lambda item: (-len(item[1]), item[0])):
        values = found.job.grid.values(cell)
        outside = [split.outside for split in splits if np.isfinite(split.outside)]
        rows.append(
            [
                f"{len(splits)}",
                *(value_text(values[key]) for key in keys),
                number(float(np.mean([split.choice.value for split in splits]))),
                number(float(np.mean(outside)) if outside else None),
            ]
        )
    return ["chosen", *(short[key] for key in keys), "Sharpe in training", "in the tests"], rows


def splits_frame(found: CrossValidation) -> pd.DataFrame:
    """A row a split: the test folds (from 1), the sessions trained on, the cell and its parameters, and its
    Sharpe ratio in training and on the test folds."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "split": at,
                "tests": " ".join(str(fold + 1) for fold in split.tests),
                "trained": split.trained,
                "cell": split.choice.cell,
                **{key: value_text(value) for key, value in found.job.grid.values(split.choice.cell).items()},
                "in_sharpe": split.choice.value,
                "out_sharpe": split.outside,
            }
            for at, split in enumerate(found.splits, start=1)
        ]
    )


def paths_frame(found: CrossValidation) -> pd.DataFrame:
    """By session what 1 became on each path and in the index, and the fold (from 1; 0 on the first)."""
    import pandas as pd

    columns: dict[str, Any] = {"fold": np.concatenate(([0], found.fold + 1))}
    columns |= {f"path_{i}": worth(path) for i, path in enumerate(found.paths, start=1)}
    columns["hold_index"] = worth(found.index)
    return pd.DataFrame(columns, index=pd.Index(found.days, name="date"))


def how_made(found: CrossValidation) -> list[str]:
    """How it was made, for the end of the page."""
    return [
        f"{counted(found.job.size, 'cell')}, each run once over all sessions; engine: {found.job.engine}. Of "
        f"the training of a split {counted(found.gap, 'session')} are purged on both sides of each test "
        f"fold, and {counted(found.embargo, 'session')} more after it are embargoed. Chosen by the Sharpe "
        "ratio of the daily returns that are left. A path has the returns of the cell that was chosen "
        "without its fold, with what it held as the fold began; no cost is taken for changing cells between "
        "folds.",
    ]
