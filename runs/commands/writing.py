"""What may be wrong with the place that a command prints to: a terminal of few letters, a full disk."""

from __future__ import annotations

import codecs
import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any

from letf_instruments.errors import LetfError

# What stands for a sign that a terminal does not have: a minus must not become a question mark.
IN_ASCII = {
    "−": "-",
    "–": "-",
    "—": "-",
    "×": "x",
    "·": "*",
    "±": "+-",
    "≤": "<=",
    "≥": ">=",
    "½": "1/2",
    "…": "...",
    "“": '"',
    "”": '"',
    "’": "'",
    "→": "->",
    "²": "2",
    "σ": "sigma",
    "Σ": "sum",
    "\u00a0": " ",
    "\u202f": " ",
}
HANDLER = "letf"


def _in_ascii(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    part = error.object[error.start : error.end]
    return "".join(IN_ASCII.get(sign, "?") for sign in part), error.end


def write_in_any_letters(*streams: Any) -> None:
    """Let streams write what their encoding has no letter for in other letters."""
    codecs.register_error(HANDLER, _in_ascii)
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=HANDLER)


@contextlib.contextmanager
def whole_output() -> Iterator[None]:
    """Say in one sentence that standard output cannot be written, now or when it is flushed at the end.

    Raises
    ------
    LetfError
        If so. Results that are written by then stay.
    """
    try:
        try:
            yield
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except BrokenPipeError:
        _nowhere()
        raise SystemExit(1) from None  # whoever read it has seen enough
    except OSError as error:
        if error.filename is not None:
            raise
        _nowhere()
        raise LetfError(f"cannot write to standard output: {error.strerror or error}") from None


def _nowhere() -> None:
    """Let what is still to be flushed go nowhere, or Python says it again at the end."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
