"""The results that lie in a folder, read from their manifests: nothing that lies there is run."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from letf_instruments import LetfError
from runs.answers.folder import MANIFEST, REPORT, manifest_in
from runs.answers.view.leads import is_file, lead_of, numbers_of, read_json, rows_of

DEEPEST = 4  # folders below the one that is named
MOST = 5_000  # results
EQUITY = "equity.csv"


@dataclass(frozen=True)
class Found:
    """A result folder.

    id : tells it from others, and is no path. place : below the folder that was named. rule : what was run;
    those of a comparison; empty of a question that runs none. metrics : its numbers.
    spec : flat, by dotted key, values as a person reads them.
    raw : as the manifest has it, and so started. report, equity : whether it has them.
    whose : what those of the list's own columns are of, where that is not the one run: a sweep's best cell.
    made_up : where only a part of it is simulated, which, as a sentence.
    """

    id: str
    folder: Path
    place: str
    question: str
    name: str
    rule: str
    index: str
    started: str
    simulated: bool
    made_up: str
    metrics: Mapping[str, float]
    whose: str
    spec: Mapping[str, str]
    raw: Mapping[str, Any]
    report: bool
    equity: bool

    @property
    def mark(self) -> str:
        """What is said beside its name of prices that a model made; empty where none are."""
        if self.made_up:
            return "SIMULATED in part"
        return "SIMULATED" if self.simulated else ""


def results_in(folder: Path) -> list[Found]:
    """Every result in a folder and below it, the latest first; what is none is passed over.

    Raises
    ------
    LetfError
        If there is no such folder.
    """
    if not folder.is_dir():
        raise LetfError(f"{folder} is no folder; name one that holds results, such as runs/output")
    found = []
    for place in _folders(folder.resolve()):
        manifest = manifest_in(place)
        if manifest is not None:
            found.append(_read(place, folder.resolve(), manifest))
            if len(found) == MOST:
                break
    return sorted(found, key=lambda one: (one.started, one.place), reverse=True)


def _folders(top: Path) -> list[Path]:
    """Folders with a manifest; links are not followed, so that none leads out."""
    out = []
    for here, names, files in os.walk(top, followlinks=False):
        if MANIFEST in files:
            out.append(Path(here))
        deep = len(Path(here).relative_to(top).parts)
        names[:] = [] if deep >= DEEPEST else sorted(name for name in names if not name.startswith("."))
    return out


def _read(place: Path, top: Path, manifest: Mapping[str, Any]) -> Found:
    spec = manifest.get("spec")
    spec = spec if isinstance(spec, Mapping) else {}
    flat = flat_spec(spec)
    data = manifest.get("data")
    below = str(place.relative_to(top))
    times = manifest.get("times")
    names = [str(name) for name in manifest.get("files") or []]
    metrics = _metrics(place, names)
    lead = lead_of(str(manifest.get("question", "")), place, names, metrics)
    return Found(
        id=hashlib.sha256(below.encode("utf-8", "surrogateescape")).hexdigest()[:16],
        folder=place,
        place=below,
        question=str(manifest.get("question", "")),
        name=str(flat.get("name") or place.name),
        rule=_rule(spec),
        index=_index(data, flat),
        started=str(times.get("started", "")) if isinstance(times, Mapping) else "",
        simulated=manifest.get("simulated") is True,
        made_up=str(manifest.get("made_up") or ""),
        metrics=metrics | dict(lead.numbers),
        whose=lead.whose,
        spec=flat,
        raw=spec,
        report=is_file(place / REPORT),
        equity=EQUITY in names and _has_curve(place / EQUITY),
    )


def _index(data: Any, flat: Mapping[str, str]) -> str:
    """The index it was run on; those of several specs, each once."""
    facts = data if isinstance(data, Mapping) else {}
    own = [facts, *(each for each in facts.values() if isinstance(each, Mapping))]
    known = [each["index"].get("name") for each in own if isinstance(each.get("index"), Mapping)]
    names = dict.fromkeys(str(name) for name in known if name)
    return ", ".join(names) or flat.get("data.index", flat.get("index", ""))


def _has_curve(path: Path) -> bool:
    """True if a file has one curve; that of a comparison has one for each of what it compares."""
    if not is_file(path):
        return False
    try:
        with path.open(encoding="utf-8", newline="") as file:
            head = next(rows_of(file), [])
    except (OSError, ValueError):
        return True  # it is read as a whole where it is wanted, and then it is said what is wrong
    return not head or bool({"worth", "equity"} & set(head))


def flat_spec(table: Mapping[str, Any], before: str = "") -> dict[str, str]:
    """A spec by dotted key, its values as a person writes them; what has none is left out."""
    out: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            out |= flat_spec(value, f"{before}{key}.")
        elif value is not None:
            out[f"{before}{key}"] = _said(value)
    return out


def _said(value: Any) -> str:
    if isinstance(value, (bool, dict)):
        return json.dumps(value)
    if isinstance(value, list):
        return ", ".join(map(_said, value)) or "none"
    return f"{value:,.10g}" if isinstance(value, (int, float)) else str(value)


def _rule(spec: Mapping[str, Any]) -> str:
    """The rule that a spec runs, or those of several; of a person's own the class."""
    tables = [spec, *(table for table in spec.values() if isinstance(table, Mapping))]
    names = [str(table["strategy"]).rpartition(":")[2] for table in tables if "strategy" in table]
    return ", ".join(dict.fromkeys(names))


def _metrics(place: Path, names: list[str]) -> dict[str, float]:
    """The numbers of its JSON files, flat ones only."""
    out: dict[str, float] = {}
    for name in names:
        if name.endswith(".json") and name != MANIFEST:
            out |= numbers_of(read_json(place / Path(name).name))
    return out


def equity_of(result: Found) -> tuple[np.ndarray, np.ndarray]:
    """Dates (datetime64[D]) and what the money became, payments aside, of a result that has them.

    Raises
    ------
    LetfError
        If its file cannot be read.
    """
    path = result.folder / EQUITY
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(rows_of(file))
        head = rows[0]
        column = head.index("worth" if "worth" in head else "equity")
        days = np.array([row[0][:10] for row in rows[1:]], dtype="datetime64[D]")
        worth = np.array([float(row[column] or "nan") for row in rows[1:]])
    except (OSError, ValueError, IndexError) as error:
        raise LetfError(f"{result.place}: {EQUITY} cannot be read ({error})") from None
    if not len(days) or (np.diff(days) <= np.timedelta64(0)).any():
        raise LetfError(f"{result.place}: the dates of {EQUITY} do not rise")
    return days, worth
