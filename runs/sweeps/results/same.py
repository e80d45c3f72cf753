"""Whether the sweep in a folder is the one that is asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from letf_instruments import LetfError
from runs.answers.files import as_json
from runs.answers.folder import MANIFEST

DECIDING = ("sweep", "spec", "data")  # of the manifest, what makes two sweeps the same


def changed_words(folder: Path) -> str:
    """The sentence on a manifest that is not as it was written."""
    return (
        f"{folder / MANIFEST} is not as it was written, so what it says of the cells may not be so; put it "
        "back, or run the sweep into another folder"
    )


def refuse_other(folder: Path, found: dict[str, Any], manifest: dict[str, Any]) -> None:
    """Refuse to go on with a sweep that is not the one that was begun."""
    new = json.loads(as_json(manifest))  # as the other one comes from its file
    key = "letf-lab"
    differing = _difference(found["versions"].get(key), new["versions"][key], f"the version of {key}")
    orders = [list(one["sweep"]["axes"]) for one in (found, new)]  # cells are numbered in it
    differing = differing or _difference(*orders, "the order of parameters")
    for part in DECIDING:
        differing = differing or _difference(found.get(part), new[part], part)
    if differing:
        raise LetfError(
            f"{folder} cannot be resumed, it holds another sweep: {differing}; name another folder with --out"
        )


def _difference(old: Any, new: Any, where: str) -> str:
    """The first thing in which two JSON values differ, in words; empty if nothing."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*new, *(key for key in old if key not in new)]:
            said = _difference(old.get(key), new.get(key), f"{where} {key}")
            if said:
                return said
        return ""
    return "" if old == new else f"{where} was {_short(old)} and is {_short(new)}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"
