"""The result folder: every file of it, written whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from letf_instruments import LetfError

if TYPE_CHECKING:
    from runs.backtest import RunResult

LIBRARIES = (
    "letf-lab",
    "arch",
    "backtrader",
    "empyrical-reloaded",
    "matplotlib",
    "numba",
    "numpy",
    "pandas",
    "TA-Lib",
)
MANIFEST = "manifest.json"


def result_files(
    run: RunResult, pictures: Mapping[str, bytes], report: str, times: dict[str, Any]
) -> dict[str, bytes]:
    """Name → content of every file in a result folder."""
    return {
        MANIFEST: _json(manifest(run, times)),
        "metrics.json": _json(run.metrics),
        "equity.csv": _equity(run),
        "trades.csv": _trades(run),
        "decay.csv": _decay(run),
        "report.html": report.encode("utf-8"),
        **pictures,
    }


def manifest(run: RunResult, times: dict[str, Any]) -> dict[str, Any]:
    """What it takes to make the run again: spec, versions, data fingerprints, seed. And the times."""
    rate = run.short_rate
    return {
        "spec": run.spec.resolved(),
        "simulated": run.simulated,
        "seed": run.spec.data.seed if run.simulated else None,
        "data": {
            "index": {
                "name": run.bars.name,
                "source": run.bars.source,
                "bars": len(run.bars),
                "first": str(run.bars.sessions[0]),
                "last": str(run.bars.sessions[-1]),
                "sha256": run.bars.fingerprint(),
            },
            "short_rate": {"name": rate.label, "sha256": rate.fingerprint()},
        },
        "versions": {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}},
        "warnings": run.warnings,
        "times": times,
    }


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a result folder; one that is there already is replaced as a whole.

    Raises
    ------
    LetfError
        If `folder` exists and is not a result of this program, or cannot be written.
    """
    if folder.exists() and not _is_result(folder):
        raise LetfError(f"{folder} exists and is not a result of letf; name another folder with --out")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            for name, content in files.items():
                (partial / name).write_bytes(content)
            os.chmod(partial, 0o755)
            if folder.exists():
                old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
                os.replace(folder, old / folder.name)
                os.replace(partial, folder)
                shutil.rmtree(old)
            else:
                os.replace(partial, folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    except OSError as error:
        raise LetfError(f"cannot write to {folder}: {error.strerror or error}") from None


def _is_result(folder: Path) -> bool:
    return folder.is_dir() and ((folder / MANIFEST).is_file() or not any(folder.iterdir()))


def _json(content: Any) -> bytes:
    return (json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False) + "\n").encode("utf-8")


def _csv(headings: Sequence[str], rows: Iterable[Sequence[Any]], simulated: bool) -> bytes:
    """A CSV; numbers with twelve digits. Simulated data carry a last column that says so."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    mark = ["SIMULATED"] if simulated else []
    writer.writerow([*headings, *(["data"] if simulated else [])])
    for row in rows:
        writer.writerow([*(f"{v:.12g}" if isinstance(v, float) else v for v in row), *mark])
    return text.getvalue().encode("utf-8")


def _equity(run: RunResult) -> bytes:
    columns = (run.days.astype(str), run.equity, run.cash, run.exposure, run.underwater)
    rows = zip(*(c.tolist() for c in columns), strict=True)
    return _csv(("date", "equity", "cash", "exposure", "drawdown"), rows, run.simulated)


def _trades(run: RunResult) -> bytes:
    headings = {
        "instrument": "instrument",
        "entry_date": "entry_date",
        "entry_price": "entry_price",
        "exit_date": "exit_date",
        "exit_price": "exit_price",
        "size": "size",
        "profit": "profit",
        "ret": "return",
        "bars": "bars_held",
        "costs": "costs",
        "exit_reason": "exit_reason",
    }
    rows = ([asdict(trade)[key] for key in headings] for trade in run.trades)
    return _csv(list(headings.values()), rows, run.simulated)


def _decay(run: RunResult) -> bytes:
    parts = ("index", "compounding", "financing", "cash", "fee", "rest", "log_return")
    rows: list[tuple[Any, ...]] = []
    for name, a in run.attributions.items():
        ledger = run.ledgers[name]
        last = ledger.session_last
        nav, index = ledger.close[last], ledger.index_close[last]
        lived = len(a.sessions)
        promised = ledger.fund.multiple * (index / index[0] - 1.0) + 0.0  # no −0 on the first day
        actual = nav / nav[0] - 1.0
        columns = [a.sessions.astype(str).tolist(), [name] * lived]
        columns += [getattr(a, part).tolist() for part in parts]
        columns += [promised[:lived].tolist(), actual[:lived].tolist()]
        rows += zip(*columns, strict=True)
    return _csv(("date", "fund", *parts, "promised_to_date", "actual_to_date"), rows, run.simulated)
