"""The result folder of a sweep: parts as they come, in the end one table. Nothing half-written is ever
taken for whole: every file is written beside its place and renamed into it. Parts are known by their
checksums, all else is flushed to the disk before; the presence of cells.parquet is what makes a sweep whole.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from letf_instruments import LetfError
from runs.answers.files import UNFINISHED, as_json, write_whole, written_whole
from runs.answers.folder import MANIFEST, REPORT, replaced_words
from runs.sweeps.results.columns import repeated
from runs.sweeps.results.merge import Merge
from runs.sweeps.results.same import changed_words, refuse_other
from runs.sweeps.results.soundness import (
    CHECKSUM,
    TABLE,
    checksum,
    damage,
    is_changed,
    part_rows,
    signed,
    sound_chunks,
)

CELLS, PARTS, SUMMARY, TOP = "cells.parquet", "parts", "sweep.json", "top.csv"
PICTURES = ("sweep.png", "heatmap.png", "distribution.png", "stability.png")
SEARCH = ("study.journal", "search.json")
FILES = {MANIFEST, CELLS, SUMMARY, TOP, REPORT, *PICTURES, *SEARCH}


class Store:
    """A sweep's folder, held by this process alone. Use it as a context."""

    def __init__(self, folder: Path, manifest: dict[str, Any], lock: int | None) -> None:
        self.folder = folder
        self.manifest = manifest
        self.kept = 0  # cells that are there
        self.sums: dict[int, str] = {}  # checksums of the chunks that are there, as far as they are known
        self.replaced: str | None = None  # the sentence on what it took the place of
        self._lock = lock

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    @property
    def is_whole(self) -> bool:
        """True if all cells are in the table."""
        return (self.folder / CELLS).is_file()

    def done(self, lengths: dict[int, int]) -> set[int]:
        """The chunks that are there, of those whose length is given. What is not whole is removed."""
        found = set()
        for path in sorted((self.folder / PARTS).iterdir()):
            chunk = int(path.stem) if path.suffix == ".parquet" and path.stem.isdigit() else -1
            rows = part_rows(path) if chunk in lengths else None
            if rows is not None and len(rows) == lengths[chunk]:
                found.add(chunk)
                said = (rows.schema.metadata or {}).get(CHECKSUM)
                self.sums |= {} if said is None else {chunk: said.decode()}
            else:
                path.unlink()
        self.kept = sum(lengths[chunk] for chunk in found)
        return found

    def put(self, chunk: int, rows: pa.Table) -> None:
        """Keep the rows of a chunk.

        Raises
        ------
        OSError
            If they cannot be written; what was there stays.
        """
        sink = pa.BufferOutputStream()
        self.sums[chunk] = checksum(rows)
        own = {**(rows.schema.metadata or {}), CHECKSUM: self.sums[chunk].encode()}
        # It is read once: quickly packed, no dictionaries of numbers that hardly repeat, no bounds of them.
        how: dict[str, Any] = {"compression": "lz4", "use_dictionary": False, "write_statistics": False}
        pq.write_table(rows.replace_schema_metadata(own), sink, **how)
        # One that the power takes is run again: `done` knows it by its checksum.
        write_whole(self._part(chunk), sink.getvalue(), lasting=False)
        self.kept += len(rows)

    @contextmanager
    def merging(self, chunks: int, shape: pa.Schema) -> Iterator[Merge]:
        """Within it the table is made of all parts, in order, as they come. At its end the table is there; if
        an error ends it, only the parts are.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        with (
            written_whole(self.folder / CELLS) as file,
            pq.ParquetWriter(file, shape, compression="zstd", use_dictionary=repeated(shape)) as writer,
        ):
            merge = Merge(writer, shape, self._part)
            yield merge
            merge.finish(chunks)

    def merge(self, chunks: int, shape: pa.Schema) -> None:
        """Make the table of parts that are all there. Memory is that of one row group.

        Raises
        ------
        OSError
            If it cannot be written; the parts stay.
        """
        with self.merging(chunks, shape):
            pass

    def mend(self, cells: Sequence[np.ndarray]) -> str | None:
        """Where the table of a whole sweep is not as it was written: take what is sound of it apart again, as
        of a sweep that is not whole yet.

        Parameters
        ----------
        cells : of each chunk.

        Returns
        -------
        The sentence on it; None if the table is as it was written.

        Raises
        ------
        OSError
            If something cannot be written.
        """
        what = damage(self.folder / CELLS, self.manifest)
        if what is None:
            return None
        searched = self.manifest["sweep"]["search"] is not None  # its cells follow from one another
        kept = {} if searched else sound_chunks(self.folder / CELLS, self.manifest, cells)
        (self.folder / PARTS).mkdir(exist_ok=True)
        for chunk, rows in kept.items():
            self.put(chunk, rows)
        gone = ("files", "failed", "ranked_by", TABLE)
        self.manifest = {k: v for k, v in self.manifest.items() if k not in gone} | {"state": "running"}
        write_whole(self.folder / MANIFEST, as_json(signed(self.manifest)))
        for name in (CELLS, *(SEARCH if searched else ())):
            (self.folder / name).unlink(missing_ok=True)
        planned = self.manifest["sweep"]["cells"]
        return (
            f"{CELLS} is damaged, {what}: {self.kept:,} of {planned:,} cells are sound and kept, the others "
            "are run again"
        )

    def write(self, files: dict[str, bytes]) -> None:
        """Write files, each whole or not at all.

        Raises
        ------
        OSError
            If one cannot be written.
        """
        for name, content in files.items():
            write_whole(self.folder / name, content)

    def summary(self) -> dict[str, Any]:
        """What was said of the sweep when it was whole; empty if nothing was yet."""
        return summary_in(self.folder)

    def finish(self, files: dict[str, bytes], times: dict[str, Any], facts: dict[str, Any]) -> None:
        """Write what is said of a whole sweep, put its state and other facts into the manifest, and forget
        its parts.

        Raises
        ------
        OSError
            If something cannot be written.
        """
        self.write(files)
        there = [name for name in sorted(FILES) if (self.folder / name).is_file()]
        times = {**self.manifest["times"], **times}
        self.manifest = {**self.manifest, **facts, "files": there, "times": times}
        write_whole(self.folder / MANIFEST, as_json(signed(self.manifest)))
        shutil.rmtree(self.folder / PARTS, ignore_errors=True)

    def _part(self, chunk: int) -> Path:
        return self.folder / PARTS / f"{chunk:06d}.parquet"


def summary_in(folder: Path) -> dict[str, Any]:
    """What a sweep said of itself when it ended; empty if it has not."""
    try:
        found = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def open_store(folder: Path, manifest: dict[str, Any], resume: bool) -> Store:
    """The folder of a sweep: a new one, or, to resume, the one that is there.

    A whole sweep that is there is replaced, unless it is resumed.

    Raises
    ------
    LetfError
        One sentence: the folder is something else, or an unfinished sweep, or (to resume) a sweep of another
        spec, or another process is at it, or it cannot be written.
    """
    folder = folder.resolve()
    try:
        found = _manifest_in(folder)
        if found is not None and resume:
            refuse_other(folder, found, manifest)
            return Store(folder, found, _locked(folder))
        if found is not None and not (folder / CELLS).is_file():
            lock = _locked(folder)  # it may be in the making at this very moment
            os.close(lock) if lock is not None else None
            done = sum(_rows(path) or 0 for path in (folder / PARTS).glob("*.parquet"))
            raise LetfError(
                f"{folder} holds an unfinished sweep, {done:,} of {found['sweep']['cells']:,} cells done; "
                "go on with --resume, or name another folder with --out"
            )
        old = None
        if found is not None:
            lock = _locked(folder)
            old = folder.with_name(f".{folder.name}-{os.getpid()}")
            os.replace(folder, old)
            os.close(lock) if lock is not None else None
        (folder / PARTS).mkdir(parents=True, exist_ok=True)
        if old is not None:
            shutil.rmtree(old, ignore_errors=True)
        write_whole(folder / MANIFEST, as_json(signed(manifest)))
        store = Store(folder, manifest, _locked(folder))
        store.replaced = None if found is None else replaced_words(found)
        return store
    except OSError as error:
        raise LetfError(f"cannot write to {folder}: {error.strerror or error}") from None


def _rows(path: Path) -> int | None:
    """How many rows a part has; None if it is none."""
    try:
        return int(pq.read_metadata(path).num_rows)
    except (OSError, pa.ArrowInvalid):
        return None


def _manifest_in(folder: Path) -> dict[str, Any] | None:
    """The manifest of a sweep's folder; None if nothing is there yet.

    Raises
    ------
    LetfError
        If something else is there.
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return None
    other = f"{folder} exists and is not a sweep of letf; name another folder with --out"
    if not folder.is_dir():
        raise LetfError(other)
    names = {path.name for path in folder.iterdir()}
    if names - {MANIFEST + UNFINISHED} == {PARTS} and not any((folder / PARTS).iterdir()):
        return None  # killed before its manifest was there
    if not {name.removesuffix(UNFINISHED) for name in names} <= {PARTS, *FILES}:
        raise LetfError(other)
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if not ("letf-lab" in found["versions"] and found["sweep"]["cells"] and found["spec"]):
            raise LetfError(other)
    except (OSError, ValueError, KeyError, TypeError):
        raise LetfError(other) from None
    if is_changed(found):
        raise LetfError(changed_words(folder))
    return dict(found)


def _locked(folder: Path) -> int | None:
    """Hold a folder until the process ends, however it ends; None where the system has no such locks.

    Raises
    ------
    LetfError
        If another process holds it.
    """
    try:
        import fcntl
    except ImportError:
        return None
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise LetfError(f"{folder} is being written by another sweep; wait for it, or stop it") from None
    return handle
