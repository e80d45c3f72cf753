"""A failing case made smaller: keys are taken out and bars cut off while it still fails in the same way."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.fuzz.judge import judge
from tests.fuzz.specs import as_toml

MOST_TRIES = 150


def shrink(folder: Path, kind: str, work: Path) -> None:
    """Make the case in `folder` as small as it goes, in place; `work` is a folder for trials."""
    tries = 0
    shrunk = True
    while shrunk and tries < MOST_TRIES:
        shrunk = False
        for smaller in _smaller(folder):
            tries += 1
            if work.exists():
                shutil.rmtree(work)
            shutil.copytree(folder, work)
            for name, content in smaller.items():
                (work / name).write_bytes(content)
            if judge(work).kind == kind:
                for name, content in smaller.items():
                    (folder / name).write_bytes(content)
                shrunk = True
                break
            if tries >= MOST_TRIES:
                break
    if work.exists():
        shutil.rmtree(work)
    used = (folder / "s.toml").read_bytes()
    for file in folder.iterdir():
        if file.name != "s.toml" and file.name.encode() not in used:
            file.unlink()


def _smaller(folder: Path) -> Iterator[dict[str, bytes]]:
    """Cases that are smaller in one thing, by file."""
    try:
        spec = tomllib.loads((folder / "s.toml").read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return
    bars = (folder / "b.csv").read_bytes().split(b"\n")
    for part in (2, 4, 10):
        keep = len(bars) - len(bars) // part
        if keep > 30:
            yield {"b.csv": b"\n".join(bars[:keep])}
    tables = _tables(spec)
    head = {key: value for key, value in spec.items() if not isinstance(value, dict)}
    for title, table in tables.items():
        if title not in ("data",):
            yield {"s.toml": as_toml(head, {t: v for t, v in tables.items() if t != title}).encode()}
        for key in table:
            if (title, key) == ("data", "index"):
                continue
            less = {**tables, title: {k: v for k, v in table.items() if k != key}}
            yield {"s.toml": as_toml(head, less).encode()}


def _tables(spec: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The tables of a spec, those of filters by dotted title."""
    out = {}
    for title, table in spec.items():
        if title == "filters":
            out |= {f"filters.{label}": inner for label, inner in table.items()}
        elif isinstance(table, dict):
            out[title] = table
    return out
