"""numba's compiler, with a place on disk for what it has compiled.

numba keeps it where NUMBA_CACHE_DIR says, beside the source or under the home folder, and raises an error
where none of them can be written, as for a service without a home. Then a folder of this user's alone is
taken; without even that, functions are compiled anew in each process.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

from letf_instruments.own_folder import own_folder

Compiled = TypeVar("Compiled", bound=Callable[..., Any])
LACKING = "no locator available"  # how numba says that it found no place


def compiled(**options: Any) -> Callable[[Compiled], Compiled]:
    """`numba.njit` with these options and a cache on disk, to be put above a function."""

    def compile_(function: Any) -> Any:
        try:
            return numba.njit(cache=True, **options)(function)
        except RuntimeError as error:
            if LACKING not in str(error):
                raise
        folder = _folder()
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
def _folder() -> Path | None:
    """Where it is kept; None, and a warning, if no folder can be written."""
    folder = own_folder("numba")
    if folder is None:
        warnings.warn(
            "no folder can be written for numba's cache, so everything is compiled anew in each process; set "
            "NUMBA_CACHE_DIR to one that can",
            stacklevel=2,
        )
    return folder
