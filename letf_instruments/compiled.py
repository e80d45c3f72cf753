"""numba's compiler, with a place on disk for what it has compiled.

numba keeps it where NUMBA_CACHE_DIR says, beside the source or under the home folder, and raises an error
where none of them can be written, as for a service without a home. Then a folder of this user's alone is
taken; without even that, functions are compiled anew in each process.
"""

from __future__ import annotations

import os
import stat
import tempfile
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

Compiled = TypeVar("Compiled", bound=Callable[..., Any])
PRIVATE = 0o700
LACKING = "no locator available"  # how numba says that it found no place


def compiled(**options: Any) -> Callable[[Compiled], Compiled]:
    """`numba.njit` with these options and a cache on disk, to be put above a function."""

    def compile_(function: Any) -> Any:
        try:
            return numba.njit(cache=True, **options)(function)
        except RuntimeError as error:
            if LACKING not in str(error):
                raise
        folder = _own_folder()
        if folder is None:
            return numba.njit(**options)(function)
        config = cast(Any, numba.config)
        before = config.CACHE_DIR
        config.CACHE_DIR = str(folder)  # read as a function is decorated: for no longer, as it is everybody's
        try:
            return numba.njit(cache=True, **options)(function)
        finally:
            config.CACHE_DIR = before

    return compile_


@cache
def _own_folder() -> Path | None:
    """The first folder that can be written and is this user's alone; None, and a warning, if none can."""
    for folder in _candidates():
        if _is_safe(folder):
            return folder
    warnings.warn(
        "no folder can be written for numba's cache, so everything is compiled anew in each process; set "
        "NUMBA_CACHE_DIR to one that can",
        stacklevel=2,
    )
    return None


def _candidates() -> Iterator[Path]:
    """Where to look: the user's cache folder, and one of his own among the temporary files."""
    import platformdirs

    yield Path(platformdirs.user_cache_dir("letf-lab", appauthor=False)) / "numba"
    try:
        temporary = Path(tempfile.gettempdir())
    except OSError:  # it looks for one that can be written
        return
    user = f"-{os.getuid()}" if hasattr(os, "getuid") else ""  # without it the folder is a user's own anyway
    yield temporary / f"letf-lab-numba{user}"


def _is_safe(folder: Path) -> bool:
    """True if the folder is there, or could be made, and is this user's alone: what it holds will be run."""
    if not folder.is_absolute():
        return False  # "~" of a user without a home
    try:
        folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode):
            return False
        if hasattr(os, "getuid") and (found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077):
            return False
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
