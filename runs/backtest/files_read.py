"""Which files a person's own code reads while it is asked."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CODE = {".py", ".pyc", ".so", ".pyd", ".nbi", ".nbc", ".json", ".toml", ".pth"}
_found: list[list[str]] = []  # of those who listen now
_hooked = False


def _listen(event: str, given: tuple[Any, ...]) -> None:
    if event != "open" or not _found or not isinstance(given[0], (str, bytes)):
        return
    path = Path(str(given[0]) if isinstance(given[0], str) else given[0].decode(errors="replace"))
    mode = given[1]
    reads = mode is None or "r" in str(mode)
    ours = (sys.prefix, sys.base_prefix, "/proc", "/dev", "/sys", "/etc")
    if reads and path.suffix not in CODE and not str(path).startswith(ours):
        _found[-1].append(path.name)


@contextmanager
def files_read() -> Iterator[list[str]]:
    """A list of the names of data files that are opened for reading within; code and what Python itself reads
    are left out. An audit hook (PEP 578) cannot be taken away, so one is set once and listens only here."""
    global _hooked
    if not _hooked:
        sys.addaudithook(_listen)
        _hooked = True
    names: list[str] = []
    _found.append(names)
    try:
        yield names
    finally:
        _found.remove(names)
