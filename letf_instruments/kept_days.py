"""Days that a library needs long to reckon, kept on disk for the next process.

They are kept under the versions of the libraries that gave them, so that what is read is what those would
give again. A file that cannot be written, or is not whole, costs time and nothing else.
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
import zlib
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import numpy.typing as npt

from letf_instruments.own_folder import own_folder

Dates = npt.NDArray[np.datetime64]

LIBRARIES = ("exchange_calendars", "pandas")
CHECKED = 4  # bytes of the checksum behind the array


def kept_days(name: str, reckon: Callable[[], Dates]) -> Dates:
    """What `reckon` gives: from disk, if these libraries have given it before.

    Parameters
    ----------
    name : of the file, without what cannot be in one. reckon : gives datetime64[D], shape (n,).
    """
    place = _place(name)
    found = None if place is None else _read(place)
    if found is None:
        found = reckon()
        if place is not None:
            _write(place, found)
    return found


def _place(name: str) -> Path | None:
    folder = own_folder("calendars")
    if folder is None:
        return None
    try:
        by = "_".join(f"{library}-{version(library)}" for library in LIBRARIES)
    except PackageNotFoundError:
        return None
    return folder / f"{name}_{by}.npy"


def _read(place: Path) -> Dates | None:
    try:
        whole = place.read_bytes()
        body, check = whole[:-CHECKED], whole[-CHECKED:]
        if zlib.crc32(body) != int.from_bytes(check, "big"):
            return None
        days = np.load(io.BytesIO(body), allow_pickle=False)
    except (OSError, EOFError, ValueError):
        return None
    return days.astype("datetime64[D]")  # type: ignore[no-any-return]


def _write(place: Path, days: Dates) -> None:
    body = io.BytesIO()
    np.save(body, days.astype("datetime64[D]").astype(np.int64), allow_pickle=False)
    whole = body.getvalue()
    with contextlib.suppress(OSError):
        handle, temporary = tempfile.mkstemp(dir=place.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(whole + zlib.crc32(whole).to_bytes(CHECKED, "big"))
            os.replace(temporary, place)  # whole or not at all, whoever else writes it
        except OSError:
            os.unlink(temporary)
