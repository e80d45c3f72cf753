"""What is done of a run over many paths, beside its result folder until that is written: a file a chunk, each
whole or not there, so that what was stopped can go on and gives the same bytes."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from letf_instruments import LetfError
from runs.answers.files import as_json, write_whole
from runs.answers.words import counted
from runs.sweeps.engines.engine import Evaluated

SUFFIX = ".unfinished"  # after the name of the result folder
WHAT = "asked.json"
ARRAYS = ("figures", "equity")


class Kept:
    """Chunks that are done, in a folder of their own.

    Parameters
    ----------
    folder : the result folder; None keeps nothing. asked : all that decides what comes out, as JSON takes it.
    resume : go on with what is there.

    Raises
    ------
    LetfError
        One sentence: there is something unfinished that is not to be resumed, or something else was asked,
        or it cannot be written.
    """

    def __init__(self, folder: Path | None, asked: dict[str, Any], resume: bool) -> None:
        self.folder = None if folder is None else folder.resolve().with_name(folder.name + SUFFIX)
        if self.folder is None:
            return
        try:
            self._open(self.folder, json.loads(as_json(asked)), resume)
        except OSError as error:
            raise LetfError(f"cannot write to {self.folder}: {error.strerror or error}") from None

    def _open(self, folder: Path, asked: dict[str, Any], resume: bool) -> None:
        if (folder / WHAT).is_file():
            found = json.loads((folder / WHAT).read_text(encoding="utf-8"))
            if not resume:
                done = sum(len(found_in(path)["engine"]) for path in sorted(folder.glob("*.npz")))
                raise LetfError(
                    f"{folder} holds an unfinished run, {done:,} of {counted(found['paths'], 'path')} done; "
                    "go on with --resume, name another folder with --out, or remove it"
                )
            differing = [key for key in asked if found.get(key) != asked[key]]
            if differing:
                raise LetfError(
                    f"{folder} cannot be resumed, it holds another run: {', '.join(differing)} differ; name "
                    "another folder with --out, or remove it"
                )
            return
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / WHAT, as_json(asked))

    def done(self) -> dict[int, Evaluated]:
        """The chunks that are there, by number."""
        if self.folder is None:
            return {}
        return {int(path.stem): found_in(path) for path in sorted(self.folder.glob("*.npz"))}

    def put(self, chunk: int, found: Evaluated) -> None:
        """Keep a chunk.

        Raises
        ------
        LetfError
            If it cannot be written.
        """
        if self.folder is None:
            return
        said = json.dumps({"engine": found["engine"], "refused": found["refused"]})
        buffer = io.BytesIO()
        np.savez(buffer, said=np.array(said), **{name: found[name] for name in ARRAYS})
        try:
            write_whole(self.folder / f"{chunk:06d}.npz", buffer.getvalue())
        except OSError as error:
            raise LetfError(
                f"cannot write to {self.folder}: {error.strerror or error}; go on with --resume once that is "
                "mended"
            ) from None

    def forget(self) -> None:
        """Remove them, once the result folder is there."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


def found_in(path: Path) -> Evaluated:
    """A chunk from its file."""
    with np.load(path) as file:
        said = json.loads(str(file["said"]))
        return {**{name: file[name] for name in ARRAYS}, **said}
