"""Giving the `letf` command as a person does, in this process: what it imports is imported once."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import sys
from pathlib import Path
from typing import NamedTuple
from unittest import mock

from runs.commands.cli import main


class Done(NamedTuple):
    """What a finished command left behind."""

    returncode: int
    stdout: str
    stderr: str


def letf(*arguments: object, cwd: Path | None = None, **env: str) -> Done:
    """Run `letf ARGUMENTS`, without LETF_DATA_DIR unless it is given."""
    clean = {k: v for k, v in os.environ.items() if k != "LETF_DATA_DIR"}
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    with (
        mock.patch.object(sys, "argv", ["letf", *map(str, arguments)]),
        mock.patch.dict(os.environ, {**clean, **env}, clear=True),
        contextlib.chdir(cwd if cwd is not None else Path.cwd()),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as stop:
            code = stop.code or 0
    return Done(code if isinstance(code, int) else 1, out.getvalue(), err.getvalue())


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))
