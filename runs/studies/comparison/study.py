"""Several specs on the same data: the runs, their table, and the files of a comparison."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from letf_instruments import LetfError, SpecError
from letf_instruments.sessions import last_of_each
from runs.answers.folder import as_csv, as_json
from runs.answers.words import number, percent, share
from runs.backtest.metrics import Metrics, performance
from runs.backtest.result import RunResult, run_backtest, warm_up_note
from runs.backtest.setting import load_setting
from runs.specs.run_spec import RunSpec

# What makes data the same. Events, assets, volumes, splits and watched funds are each spec's own.
SHARED = ("index", "rates", "rate", "start", "end", "total_return", "seed", "calendar")
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
TRADING = ("trades", "win_rate", "exposure", "costs_paid", "interest_earned", "final_equity")


@dataclass(frozen=True, eq=False)
class Comparison:
    """Finished runs on the same index and sessions, and holding the index beside them.

    labels : a name for each run, all different.
    days : sessions, datetime64[D] of shape (n,). index_close : the index on them.
    index : performance of holding the index.
    notes : what a person should know, a sentence each.
    """

    labels: list[str]
    runs: list[RunResult]
    days: np.ndarray
    index_close: np.ndarray
    index: Metrics
    notes: list[str]

    @property
    def simulated(self) -> bool:
        """True if any of the prices are not real."""
        return any(run.simulated for run in self.runs)

    @property
    def index_name(self) -> str:
        """What all of them run on."""
        return self.runs[0].bars.name

    def equity(self, run: RunResult) -> np.ndarray:
        """A run's equity on `days`; its cash before a strategy that starts late, shape (n,)."""
        missing = len(self.days) - len(run.equity)
        return np.concatenate((np.full(missing, run.spec.account.cash), run.equity))


def compare_specs(
    specs: Sequence[RunSpec],
    folder: Path | None = None,
    progress: Callable[[str], None] = lambda words: None,
) -> Comparison:
    """Run specs on the data of the first.

    Parameters
    ----------
    folder : the data folder; None for LETF_DATA_DIR or the per-user one.
    progress : called with the name of each spec before it is run.

    Raises
    ------
    LetfError
        One sentence that names the spec, if one cannot be run.
    """
    if len(specs) < 2:
        raise SpecError("a comparison needs two specs or more")
    first = specs[0]
    notes = []
    runs: list[RunResult] = []
    labels = _labels(specs)
    for label, spec in zip(labels, specs, strict=True):
        progress(label)
        differing = [f"data.{key}" for key in SHARED if getattr(spec.data, key) != getattr(first.data, key)]
        if differing:
            notes.append(f"{label}: run on the data of {labels[0]}, not on its own {', '.join(differing)}")
        try:
            same = spec.on_data_of(first, SHARED)
            run = run_backtest(same, folder, load_setting(same, folder), studies=False)
        except LetfError as error:
            raise type(error)(f"{label}: {error}") from None
        if run.stopped is not None:
            raise SpecError(f"{label}: the strategy stopped the run on {run.stopped}; compare whole runs")
        runs.append(run)
        if run.rule is not None:
            notes += [f"{label}: {note}" for note in warm_up_note(run.rule, run.bars)]
        if run.verdict:
            notes.append(f"{label}: {run.verdict}")
    bars, rate = runs[0].bars, runs[0].short_rate
    last = last_of_each(bars.sessions)
    days, close = bars.sessions[last], bars.close[last]
    shared = [note for note in runs[0].setting.notes if all(note in run.setting.notes for run in runs)]
    return Comparison(labels, runs, days, close, performance(days, close, rate.on(days)), [*shared, *notes])


def _labels(specs: Sequence[RunSpec]) -> list[str]:
    """Names that tell the specs apart: a second one of a name gets a number."""
    labels: list[str] = []
    for spec in specs:
        label, count = spec.name, 1
        while label in labels:
            count += 1
            label = f"{spec.name} ({count})"
        labels.append(label)
    return labels


def compare_rows(found: Comparison) -> tuple[list[str], list[list[str]]]:
    """Headings and rows: a row a spec, the best return first, and holding the index."""
    headings = [
        "",
        "total return",
        "CAGR",
        "volatility",
        "Sharpe",
        "worst drawdown",
        "days under water",
        "trades",
        "won",
        "exposure",
        "costs paid",
        "interest earned",
    ]
    rows = []
    by_name = {label: run.metrics for label, run in zip(found.labels, found.runs, strict=True)}
    by_name[f"{found.index_name} held"] = found.index
    for label, m in sorted(by_name.items(), key=lambda item: -float(item[1]["total_return"])):  # type: ignore[arg-type]
        traded = "trades" in m
        rows.append(
            [
                label,
                percent(m["total_return"]),  # type: ignore[arg-type]
                percent(m["cagr"]),  # type: ignore[arg-type]
                share(m["volatility"]),  # type: ignore[arg-type]
                number(m["sharpe"]),  # type: ignore[arg-type]
                percent(m["max_drawdown"]),  # type: ignore[arg-type]
                number(m["max_drawdown_days"], 0),  # type: ignore[arg-type]
                f"{m['trades']:,}" if traded else "",
                share(m["win_rate"], 0) if traded else "",  # type: ignore[arg-type]
                share(m["exposure"], 0) if traded else "",  # type: ignore[arg-type]
                number(m["costs_paid"], 0) if traded else "",  # type: ignore[arg-type]
                number(m["interest_earned"], 0) if traded else "",  # type: ignore[arg-type]
            ]
        )
    return headings, rows


def compare_headline(found: Comparison) -> str:
    """The first line: what ran on what, and how many beat holding the index."""
    mark = "SIMULATED data. " if found.simulated else ""
    held = found.index["total_return"]
    better = sum(run.metrics["total_return"] > held for run in found.runs)  # type: ignore[operator]
    return (
        f"{mark}{len(found.runs)} specs on {found.index_name}, {found.days[0]} to {found.days[-1]}: "
        f"{better} of them beat holding {found.index_name} ({percent(held)})."  # type: ignore[arg-type]
    )


def compare_files(found: Comparison) -> dict[str, bytes]:
    """File name → content: the table as CSV and JSON, and the equity of all by day."""
    keys = (*PERFORMANCE, *TRADING)
    table = [
        [label, *(run.metrics[key] for key in keys)]
        for label, run in zip(found.labels, found.runs, strict=True)
    ]
    table.append([f"{found.index_name} held", *(found.index.get(key) for key in keys)])
    curves = [found.equity(run) for run in found.runs]
    days = found.days.astype(str).tolist()
    rows = zip(days, *(c.tolist() for c in curves), found.index_close.tolist(), strict=True)
    return {
        "compare.json": as_json(
            {
                "simulated": found.simulated,
                **{label: run.metrics for label, run in zip(found.labels, found.runs, strict=True)},
                f"{found.index_name} held": found.index,
            }
        ),
        "compare.csv": as_csv(("spec", *keys), table, found.simulated),
        "equity.csv": as_csv(("date", *found.labels, found.index_name), rows, found.simulated),
    }
