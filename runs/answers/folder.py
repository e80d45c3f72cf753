"""The folder face: every file of an answer, written whole or not at all. A folder's manifest names its own
files, so that what is replaced is known to be a result and nothing else."""

from __future__ import annotations

import datetime
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from letf_instruments import LetfError
from runs.answers.drawing import Drawn, drawn
from runs.answers.files import as_json, content_of
from runs.answers.page import page
from runs.answers.record import Record

if TYPE_CHECKING:
    from runs.answers.painter import Painter

MANIFEST, REPORT = "manifest.json", "report.html"


@dataclass(frozen=True)
class Saved:
    """Where an answer was written; the sentence on what it took the place of, None if of nothing; and a
    sentence on each picture that is not there because it could not be drawn."""

    folder: Path
    replaced: str | None
    missing: tuple[str, ...] = ()


def save(
    answer: Record,
    folder: Path,
    started: float | None = None,
    say: Callable[[str], None] = lambda words: None,
    kinds: Collection[str] = ("png",),
    painter: Painter | None = None,
) -> Saved:
    """Write the result folder of an answer.

    Parameters
    ----------
    started : when the work began, in seconds since 1970, for the manifest's times.
    kinds : of the files that its pictures are written as, "png" and "svg".
    painter : draws them while all else is made here; without one they are drawn here.

    Raises
    ------
    LetfError
        If `folder` exists and is not a result of the same question, or cannot be written.
    """
    canvas = None if painter is None else painter.begin(answer.pictures, kinds, say)
    made = drawn(answer.pictures, say, kinds) if canvas is None else canvas.pictures
    files = {name: content_of(make(), answer.simulated) for name, make in answer.files.items()}
    report = page(answer, made)
    made = made if isinstance(made, Drawn) else made()
    more = {**made.files, REPORT: report.encode("utf-8")}
    twice = sorted(files.keys() & more.keys())
    assert not twice, f"{answer.question} writes {twice} twice"
    files |= more
    missing = tuple(made.missing.values())
    return replace(write_folder(folder, _manifest(answer, started, missing), files), missing=missing)


def _manifest(answer: Record, started: float | None, missing: tuple[str, ...]) -> dict[str, Any]:
    now = time.time()
    begun = now if started is None else started
    return {
        "question": answer.question,
        **answer.provenance.as_dict(),
        **({"made_up": answer.made_up} if answer.made_up else {}),
        "notes": [*answer.notes, *missing],
        "times": {
            "started": datetime.datetime.fromtimestamp(begun, datetime.UTC).isoformat(timespec="seconds"),
            "total_seconds": round(now - begun, 3),
        },
    }


def write_folder(folder: Path, manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> Saved:
    """Write a result folder; one of the same question that is there already is replaced as a whole.

    Parameters
    ----------
    manifest : with the question; the names of the files are put into it here.
    files : name → content of all others.

    Raises
    ------
    LetfError
        If `folder` exists and is not a result of that question, or cannot be written.
    """
    folder = Path(folder).resolve()
    work = None
    try:
        replaced = _replaceable(folder, manifest["question"])
        folder.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        new, old = work / "new", work / "old"
        new.mkdir()
        own = as_json({**manifest, "files": [MANIFEST, *files]})
        for name, content in {MANIFEST: own, **files}.items():
            (new / name).write_bytes(content)
        if folder.exists():
            os.replace(folder, old)
        try:
            os.replace(new, folder)
        except BaseException:  # Ctrl-C too: what was there is not lost
            if old.exists() and not folder.exists():
                os.replace(old, folder)
            raise
    except OSError as error:
        raise LetfError(f"cannot write to {folder}: {error.strerror or error}") from None
    finally:
        if work is not None:
            shutil.rmtree(work, ignore_errors=True)
    return Saved(folder, replaced)


def check_place(folder: Path, question: str) -> None:
    """Refuse, before much work is done, a folder that the answer to a question could not be written to.

    Raises
    ------
    LetfError
        If it is there and is not an earlier answer to that question.
    """
    try:
        _replaceable(Path(folder).resolve(), question)
    except OSError as error:
        raise LetfError(f"cannot write to {folder}: {error.strerror or error}") from None


def _replaceable(folder: Path, question: str) -> str | None:
    """The sentence on what would be replaced; None if nothing.

    Raises
    ------
    LetfError
        If what is there is not an earlier answer to the same question.
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return None
    found = manifest_in(folder)
    if found is None:
        raise LetfError(f"{folder} exists and is not a result of letf; name another folder")
    if found.get("question") != question:
        raise LetfError(
            f"{folder} holds the result of letf {found.get('question')}, not of letf {question}; "
            "name another folder"
        )
    return replaced_words(found)


def replaced_words(manifest: Mapping[str, Any]) -> str:
    """The sentence on a result that another one took the place of, by its manifest."""
    when = str((manifest.get("times") or {}).get("started", ""))[:16].replace("T", " ")
    return f"it takes the place of the result of {when} UTC that was there"


def manifest_in(folder: Path) -> dict[str, Any] | None:
    """The manifest of a folder that holds a result and nothing else; None for any other."""
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        names = {path.name for path in folder.iterdir()}
        if "letf-lab" in found["versions"] and names <= {MANIFEST, *found["files"]}:
            return dict(found)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    return None
