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
    from feeds.bars import Bars
    from feeds.rates import ShortRate
    from letf_instruments import Dated, LeveragedFund
    from runs.backtest.result import RunResult
    from runs.backtest.setting import Setting

LIBRARIES = (
    "letf-lab",
    "arch",
    "backtrader",
    "matplotlib",
    "numba",
    "numpy",
    "pandas",
    "QuantLib",
    "scipy",
    "TA-Lib",
)
MANIFEST = "manifest.json"
PICTURES = ("equity.png", "underwater.png", "price.png", "signals.png", "decay.png")
DECAY_FILES = (
    "decay.json",
    "attribution.png",
    "holding_periods.png",
    "prospectus.png",
    "break_even.png",
    "regimes.png",
)
FLOW_FILES = (
    "flow.json",
    "flow.csv",
    "drift.csv",
    "flow.png",
    "flow_theory.png",
    "drift.png",
    "drift_day.png",
)
STUDY_PICTURES = ("hedge.png", "hedge_windows.png", "compounding.png", "squeeze.png", "options.png")
VERSUS_FILES = (
    "versus.json",
    "versus.csv",
    "growth.png",
    "drawdowns.png",
    "correlation.png",
    "horizons.png",
)
RESULT_FILES = {
    MANIFEST,
    "metrics.json",
    "equity.csv",
    "trades.csv",
    "decay.csv",
    "report.html",
    *PICTURES,
    *STUDY_PICTURES,
    *DECAY_FILES,
    *FLOW_FILES,
    *VERSUS_FILES,
    "alternatives.json",
    "alternatives.csv",
    "alternatives.png",
    "compare.json",
    "compare.csv",
    "compare.png",
    "tracking.json",
    "tracking.csv",
    "tracking.png",
    "spreads.csv",
}


def result_files(
    run: RunResult, pictures: Mapping[str, bytes], report: str, times: dict[str, Any]
) -> dict[str, bytes]:
    """Name → content of every file in a result folder."""
    return {
        MANIFEST: as_json(manifest(run, times)),
        "metrics.json": as_json(run.metrics),
        "equity.csv": _equity(run),
        "trades.csv": _trades(run),
        "decay.csv": _decay(run),
        "report.html": report.encode("utf-8"),
        **pictures,
    }


def manifest(run: RunResult, times: dict[str, Any]) -> dict[str, Any]:
    """What it takes to make the run again: spec, versions, data fingerprints, seed. And the times."""
    return {
        "spec": run.spec.resolved(),
        "simulated": run.simulated,
        "seed": run.spec.data.seed if run.simulated else None,
        "data": setting_facts(run.setting),
        "funds": {name: fund_facts(ledger.fund) for name, ledger in run.ledgers.items()},
        "versions": versions(),
        "warnings": run.warnings,
        "times": times,
    }


def setting_facts(setting: Setting) -> dict[str, Any]:
    """Which data a run used: index, rate, assets, volumes and events, with fingerprints."""
    out = data_facts(setting.quoted, setting.rate)
    if setting.assets:
        out["assets"] = {name: bars_facts(bars) for name, bars in setting.assets.items()}
    if setting.volatility is not None:
        volatility = setting.volatility
        out["volatility"] = {"source": volatility.source, "sha256": volatility.fingerprint()}
    if setting.volumes:
        out["volumes"] = {
            name: {"source": volumes.source, "sha256": volumes.fingerprint()}
            for name, volumes in setting.volumes.items()
        }
    if len(setting.events):
        events = setting.events
        out["events"] = {
            "source": events.source,
            "events": len(events),
            "assumed": events.assumed,
            "sha256": events.fingerprint(),
        }
    return out


def data_facts(bars: Bars, rate: ShortRate) -> dict[str, Any]:
    """Which data were used: names, span and fingerprints."""
    return {
        "index": bars_facts(bars),
        "short_rate": {"name": rate.label, "sha256": rate.fingerprint()},
    }


def fund_facts(fund: LeveragedFund) -> dict[str, Any]:
    """A fund's multiple and its dated rates."""

    def dated(fact: Dated[float]) -> dict[str, float]:
        return {str(date): value for date, value in zip(fact.dates, fact.values, strict=True)}

    return {
        "multiple": fund.multiple,
        "expense_ratio": dated(fund.fees),
        "spread": dated(fund.spreads),
    }


def bars_facts(bars: Bars) -> dict[str, Any]:
    """Name, span and fingerprint of bars."""
    return {
        "name": bars.name,
        "source": bars.source,
        "bars": len(bars),
        "first": str(bars.sessions[0]),
        "last": str(bars.sessions[-1]),
        "sha256": bars.fingerprint(),
    }


def versions() -> dict[str, str]:
    """Python, this project, and the libraries on which a result rests."""
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a result folder; one that is there already is replaced as a whole.

    Raises
    ------
    LetfError
        If `folder` exists and is not a result of this program, or cannot be written.
    """
    folder = folder.resolve()
    work = None
    try:
        if folder.exists() and not _is_result(folder):
            raise LetfError(f"{folder} exists and is not a result of letf; name another folder with --out")
        folder.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        new, old = work / "new", work / "old"
        new.mkdir()
        for name, content in files.items():
            (new / name).write_bytes(content)
        if folder.exists():
            os.replace(folder, old)
        try:
            os.replace(new, folder)
        except OSError:
            if old.exists():
                os.replace(old, folder)
            raise
    except OSError as error:
        raise LetfError(f"cannot write to {folder}: {error.strerror or error}") from None
    finally:
        if work is not None:
            shutil.rmtree(work, ignore_errors=True)


def _is_result(folder: Path) -> bool:
    """True for an empty folder, and for one that holds a manifest of ours and nothing we do not write."""
    if not folder.is_dir():
        return False
    names = {path.name for path in folder.iterdir()}
    if not names:
        return True
    if not names <= RESULT_FILES:
        return False
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return "spec" in found and "letf-lab" in found["versions"]
    except (OSError, ValueError, KeyError, TypeError):
        return False


def as_json(content: Any) -> bytes:
    """JSON for a person to read: indented, no NaN."""
    return (json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False) + "\n").encode("utf-8")


def as_csv(headings: Sequence[str], rows: Iterable[Sequence[Any]], simulated: bool) -> bytes:
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
    return as_csv(("date", "equity", "cash", "exposure", "drawdown"), rows, run.simulated)


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
    # The averages of a rebalanced position are no prices, and there is no one sum that its return is on.
    never = dict.fromkeys(("entry_price", "exit_price", "ret"), "")
    rows = []
    for trade in run.trades:
        found = asdict(trade) | (never if trade.rebalanced else {})
        rows.append([found[key] for key in headings])
    return as_csv(list(headings.values()), rows, run.simulated)


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
    return as_csv(("date", "fund", *parts, "promised_to_date", "actual_to_date"), rows, run.simulated)
