"""The tables of `letf walkforward`: a row an account, a row a window."""

from __future__ import annotations

from typing import Any

from runs.answers.words import number, percent, share
from runs.backtest.metrics import Metrics
from runs.robustness.walk_forward.figures import window_return
from runs.robustness.walk_forward.study import WalkForward
from runs.robustness.walk_forward.words import beside_name
from runs.sweeps.results.ranking import metric_name, metric_text, short_keys, value_text

Rows = list[list[str]]


def account_rows(found: WalkForward, m: dict[str, Any]) -> tuple[list[str], Rows]:
    """Headings and rows: each account on the sessions out of sample."""
    named = [
        ("chosen in each window", "out_"),
        ("the best cell in hindsight", "hindsight_"),
        *((beside_name(found, name), f"hold_{name}_") for name in found.held),
    ]
    rows = [
        [
            label,
            percent(m[prefix + "total_return"]),
            percent(m[prefix + "cagr"]),
            share(m[prefix + "volatility"]),
            number(m[prefix + "sharpe"]),
            percent(m[prefix + "max_drawdown"]),
        ]
        for label, prefix in named
    ]
    return ["account", "total return", "CAGR", "volatility", "Sharpe", "worst drawdown"], rows


def window_rows(found: WalkForward) -> tuple[list[str], Rows]:
    """Headings and rows: a row a window."""
    keys = [axis.key for axis in found.job.grid.axes if len(axis.values) > 1]
    short = short_keys(keys)
    by = metric_name(found.by)
    rows = []
    for step in found.steps:
        values = found.job.grid.values(step.choice.cell)
        rows.append(
            [
                str(found.days[step.window.test_first]),
                str(found.days[step.window.test_last]),
                *(value_text(values[key]) for key in keys),
                metric_text(found.by, _float(step.inside, found.by)),
                metric_text(found.by, _float(step.outside, found.by)),
                percent(window_return(found, step)),
                percent(window_return(found, step, "index")),
                number(_float(step.outside, "trades"), 0),
            ]
        )
    headings = ["traded from", "to", *(short[key] for key in keys)]
    return [
        *headings,
        f"{by} in training",
        "in the test",
        "return",
        beside_name(found, "index"),
        "trades",
    ], rows


def _float(metrics: Metrics, key: str) -> float | None:
    value = metrics[key]
    return None if value is None else float(value)
