"""Which numbers of a result stand in the list's own columns: those with which its page begins, and whose they
are where they are not of one run."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runs.answers.view.headings import HEADLINE

BEST_CELLS = "top.csv"  # of a sweep, the best first
COMPARED = "compare.json"  # of a comparison: by spec its metrics, and last those of holding the index
LARGEST = 64 * 2**20  # bytes of a file that is read
Numbers = Mapping[str, float]


@dataclass(frozen=True)
class Lead:
    """numbers : by the keys of the list's own columns. whose : what they are of, as it is said beside a
    result's name; empty where they are its own."""

    numbers: Numbers
    whose: str = ""


NONE = Lead({})
Finder = Callable[[Path, list[str], Numbers], Lead]


def lead_of(question: str, place: Path, files: list[str], metrics: Numbers) -> Lead:
    """What a result is listed by beside its own metrics; nothing where a run's metrics say it all.

    Parameters
    ----------
    question : the word of the command line. place : its folder. files : of its own, as its manifest names
        them. metrics : its numbers, flat.
    """
    finder = FINDERS.get(question)
    return NONE if finder is None else finder(place, files, metrics)


def _best_cell(place: Path, files: list[str], metrics: Numbers) -> Lead:
    """Of a sweep what its best cell made: of the first row what is no number of a cell and no parameter."""
    path = place / BEST_CELLS
    if BEST_CELLS not in files or not is_file(path):
        return NONE
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = rows_of(file)
            head, first = next(rows, []), next(rows, [])
            own = {
                key: float(text) for key, text in zip(head, first, strict=False) if text and _is_metric(key)
            }
    except (OSError, ValueError, csv.Error):
        return NONE
    known = {key: value for key, value in own.items() if math.isfinite(value)}
    return Lead(known, f"best of {int(metrics.get('cells', 0)):,} cells") if known else NONE


def _is_metric(key: str) -> bool:
    return key != "cell" and "." not in key


def _best_spec(place: Path, files: list[str], metrics: Numbers) -> Lead:
    """Of a comparison what the spec made that made most, of those that traded if any did."""
    if COMPARED not in files:
        return NONE
    by_name = {
        name: numbers_of(own)
        for name, own in read_json(place / COMPARED).items()
        if isinstance(own, dict) and "trades" in own  # holding the index is no spec
    }
    ended = {name: own for name, own in by_name.items() if "total_return" in own}
    traded = {name: own for name, own in ended.items() if own["trades"]} or ended
    if not traded:
        return NONE
    best = max(traded, key=lambda name: traded[name]["total_return"])
    return Lead(_headline(traded[best]), f"{best}, best of {len(by_name):,} runs by total return")


def _out_of_sample(place: Path, files: list[str], metrics: Numbers) -> Lead:
    """Of a walk-forward what its windows made, put together; of folds the median of their paths."""
    if "path_sharpe_median" in metrics:
        return Lead({"sharpe": metrics["path_sharpe_median"]}, "out of sample, median path")
    own = _headline({key.removeprefix("out_"): v for key, v in metrics.items() if key.startswith("out_")})
    trades = {key: metrics[key] for key in ("trades",) if key in metrics}  # over all windows already
    return Lead(own | trades, "out of sample") if own else NONE


def _median_path(place: Path, files: list[str], metrics: Numbers) -> Lead:
    """Of other histories the median of each number over all paths."""
    own = _headline({key.removesuffix("_q50"): v for key, v in metrics.items() if key.endswith("_q50")})
    return Lead(own, f"medians of {int(metrics.get('paths', 0)):,} paths") if own else NONE


def _tested(place: Path, files: list[str], metrics: Numbers) -> Lead:
    """Of a rule's luck what the rule itself made."""
    return Lead(_headline({key.removeprefix("rule_"): v for key, v in metrics.items()}))


def _headline(metrics: Numbers) -> dict[str, float]:
    return {key: metrics[key] for key in HEADLINE if key in metrics}


FINDERS: dict[str, Finder] = {
    "sweep": _best_cell,
    "compare": _best_spec,
    "walkforward": _out_of_sample,
    "luck": _tested,
    "montecarlo": _median_path,
}


def is_file(path: Path) -> bool:
    """True of a file that lies there itself: no link leads out of a folder of results."""
    return path.is_file() and not path.is_symlink()


def rows_of(file: Iterable[str]) -> Iterator[list[str]]:
    """The rows of a result's CSV file, without what is said of it before them."""
    return csv.reader(line for line in file if not line.startswith("#"))


def read_json(path: Path) -> dict[str, Any]:
    """What a JSON file has; nothing of one that is damaged, too large, or no table."""
    try:
        if not is_file(path) or path.stat().st_size > LARGEST:
            return {}
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def numbers_of(table: Mapping[str, Any]) -> dict[str, float]:
    """Of a table what is a number, finite and no truth value."""
    return {str(key): float(own) for key, own in table.items() if _is_number(own)}


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False
