"""What a comparison of specs says: its table, its sentence, its frames."""

from __future__ import annotations

from typing import Any

import pandas as pd

from runs.answers.words import counted, listed, number, percent, share, with_caveats, yearly
from runs.backtest.metrics import Metrics
from runs.studies.comparison.first import best_of
from runs.studies.comparison.study import Comparison

PERFORMANCE = (
    "total_return",
    "cagr",
    "volatility",
    "sharpe",
    "sortino",
    "max_drawdown",
    "max_drawdown_days",
    "calmar",
)
AGAINST = ("max_drawdown_within_bar", "expected_shortfall_5", "alpha", "beta", "correlation")
TRADING = (
    "trades",
    "win_rate",
    "exposure_gross",
    "exposure_net",
    "exposure_index",
    "costs_paid",
    "interest_earned",
    "final_equity",
)
MONEY = ("put_in", "profit", "money_weighted_return")
FIRST = 10  # columns of the table that a page shows before it is asked for more
TAX = ("tax_paid", "tax_due", "total_return_after_tax", "total_return_before_tax")


def compare_rows(found: Comparison) -> tuple[list[str], list[list[str]]]:
    """Headings and rows: a row a spec, the best return first, and holding the index."""
    headings = [
        "spec",
        "total return",
        *(yearly(name, found.days) for name in ("CAGR", "volatility", "Sharpe")),
        "worst drawdown",
        "trades",
        "holds",
        "index exposure",
        "costs paid",
        "won",
        "days under water",
        "beta",
        yearly("alpha a year", found.days),
        "interest earned",
        *(["put in", "profit", "money-weighted a year"] if found.paid_in else []),
        *(["tax paid", "tax owed", "after all tax", "before tax"] if found.taxed else []),
    ]
    rows = []
    by_name = {label: run.metrics for label, run in zip(found.labels, found.runs, strict=True)}
    by_name[f"{found.index_name} held"] = found.index
    by_label = dict(zip(found.labels, found.runs, strict=True))
    made_up = {label for label, run in zip(found.labels, found.runs, strict=True) if run.simulated}
    marked = made_up if len(made_up) < len(found.runs) else set()  # of all of them the page says it once
    for label, m in sorted(by_name.items(), key=lambda item: -float(item[1]["total_return"])):  # type: ignore[arg-type]
        traded = "trades" in m
        rows.append(
            [
                f"{label} (SIMULATED)" if label in marked else label,
                percent(m["total_return"]),  # type: ignore[arg-type]
                percent(m["cagr"]),  # type: ignore[arg-type]
                share(m["volatility"]),  # type: ignore[arg-type]
                number(m["sharpe"]),  # type: ignore[arg-type]
                percent(m["max_drawdown"]),  # type: ignore[arg-type]
                f"{m['trades']:,}" if traded else "",
                listed(by_label[label].instruments) if traded else "",
                share(m["exposure_index"], 0) if traded else "",  # type: ignore[arg-type]
                number(m["costs_paid"], 0) if traded else "",  # type: ignore[arg-type]
                share(m["win_rate"], 0) if traded else "",  # type: ignore[arg-type]
                number(m["max_drawdown_days"], 0),  # type: ignore[arg-type]
                number(m["beta"]) if traded else "",  # type: ignore[arg-type]
                percent(m["alpha"]) if traded else "",  # type: ignore[arg-type]
                number(m["interest_earned"], 0) if traded else "",  # type: ignore[arg-type]
                *(_money_cells(m) if found.paid_in else []),
                *(_tax_cells(m) if found.taxed else []),
            ]
        )
    return headings, rows


def _money_cells(m: Metrics) -> list[str]:
    """What was put in and what came of it; empty of holding where the specs pay in differently."""
    if "put_in" not in m:
        return ["", "", ""]
    return [number(m["put_in"], 0), number(m["profit"], 0), percent(m["money_weighted_return"])]  # type: ignore[arg-type]


def _tax_cells(m: Metrics) -> list[str]:
    """Tax, and the return after and before it; empty where there is none, as of holding."""
    writes = (lambda v: number(v, 0),) * 2 + (percent,) * 2
    return [write(m[key]) if key in m else "" for key, write in zip(TAX, writes, strict=True)]  # type: ignore[operator]


def compare_title(found: Comparison) -> str:
    """What a comparison is of."""
    if found.pairs:
        names = counted(len(found.pairs), "spec")
        return f"{names} on synthetic and on traded prices, {found.index_name}"
    return f"{len(found.runs)} specs on {found.index_name}"


def compare_headline(found: Comparison) -> str:
    """The first line: which made most, and how many beat holding the index, without a trade too."""
    mark = "SIMULATED data. " if all(run.simulated for run in found.runs) else ""
    if found.pairs:
        ends = "; ".join(
            f"{pair.name} {percent(pair.synthetic.metrics['total_return'])} and "  # type: ignore[arg-type]
            f"{percent(pair.traded.metrics['total_return'])}"  # type: ignore[arg-type]
            for pair in found.pairs
        )
        said = f"{mark}On synthetic and on traded prices, {found.days[0]} to {found.days[-1]}: {ends}."
        return with_caveats(said, found.foreign)
    held = found.index["total_return"]
    better = [run for run in found.runs if run.metrics["total_return"] > held]  # type: ignore[operator]
    idle = sum(run.verdict is not None for run in better)
    untraded = f", {idle} of these without a trade" if idle else ""
    best = best_of(found)
    made = found.runs[found.labels.index(best)].metrics["total_return"]
    idler = any(run.metrics["total_return"] > made for run in found.runs)  # type: ignore[operator]
    said = (
        f"{mark}Of {counted(len(found.runs), 'spec')} on {found.index_name}, {found.days[0]} to "
        f"{found.days[-1]}, {best} had the best total return{' of those that traded' if idler else ''}, "
        f"{percent(made)}; {len(better)} of them beat holding {found.index_name} "  # type: ignore[arg-type]
        f"({percent(held)}){untraded}."  # type: ignore[arg-type]
    )
    return with_caveats(said, found.foreign)


def compare_frame(found: Comparison) -> pd.DataFrame:
    """A row a spec and, last, holding the index; NaN where the latter has no such number."""
    by_name = {label: run.metrics for label, run in zip(found.labels, found.runs, strict=True)}
    by_name[f"{found.index_name} held"] = found.index
    keys = (
        *PERFORMANCE,
        *AGAINST,
        *TRADING,
        *(MONEY if found.paid_in else ()),
        *(TAX if found.taxed else ()),
    )
    rows = [[own.get(key) for key in keys] for own in by_name.values()]
    names = pd.Index(list(by_name), name="spec")
    return pd.DataFrame(rows, columns=list(keys), index=names).astype(float)


def equity_frame(found: Comparison) -> pd.DataFrame:
    """By session: the equity of each spec in money, and the index's close."""
    columns = {label: found.equity(run) for label, run in zip(found.labels, found.runs, strict=True)}
    columns[found.index_name] = found.index_close
    days = pd.DatetimeIndex(found.days.astype("datetime64[s]"), name="date")
    return pd.DataFrame(columns, index=days)


def compare_json(found: Comparison) -> dict[str, Any]:
    """All metrics of each run, by its label."""
    return {
        "simulated": found.simulated,
        **{label: run.metrics for label, run in zip(found.labels, found.runs, strict=True)},
        f"{found.index_name} held": found.index,
    }
