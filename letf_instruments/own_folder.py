"""A folder of this user's alone, for what is worked out once and kept: compiled functions, say."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PRIVATE = 0o700


@cache
def own_folder(name: str) -> Path | None:
    """The first folder of that name that can be written and is this user's alone; None if none can."""
    return next((folder for folder in _candidates(name) if _is_safe(folder)), None)


def _candidates(name: str) -> Iterator[Path]:
    """Where to look: the user's cache folder, and one of his own among the temporary files."""
    import platformdirs

    yield Path(platformdirs.user_cache_dir("letf-lab", appauthor=False)) / name
    try:
        temporary = Path(tempfile.gettempdir())
    except OSError:  # it looks for one that can be written
        return
    user = f"-{os.getuid()}" if hasattr(os, "getuid") else ""  # without it the folder is a user's own anyway
    yield temporary / f"letf-lab-{name}{user}"


def _is_safe(folder: Path) -> bool:
    """True if the folder is there, or could be made, and is this user's alone: what it holds is trusted."""
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
