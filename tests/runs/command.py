"""Giving the `letf` command as a person does, in this process: what it imports is imported once."""

from __future__ import annotations

import contextlib
import csv
import functools
import io
import os
import sys
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import typer.main

from runs.answers.drawing import Drawn
from runs.commands.cli import app, entries, main

build = typer.main.get_command


class Done(NamedTuple):
    """What a finished command left behind."""

    returncode: int
    stdout: str
    stderr: str


class NoPainter:
    """In the place of the process that draws a sweep's pictures, which cannot be told in words not to."""

    def __enter__(self) -> NoPainter:
        return self

    def __exit__(self, *_: object) -> None: ...

    def begin(self, folder: Path, by: str) -> NoPainter:
        return self

    def pictures(self) -> Drawn:
        return Drawn()


@functools.cache
def built(commands: tuple[str, ...]) -> typer.main.Command:
    """What typer makes of the commands of these names: it keeps each that it has built."""
    return build(app)


def without_pictures(arguments: list[str]) -> list[str]:
    """The same command, told to draw nothing, if it is one that draws."""
    asked = built(tuple(entries())).get_command(None, arguments[0]) if arguments else None
    draws = asked is not None and any(each.name == "pictures" for each in asked.params)
    if draws and "--pictures" not in arguments:
        return [arguments[0], "--pictures", "none", *arguments[1:]]
    return arguments


def letf(*arguments: object, cwd: Path | None = None, pictures: bool = False, **env: str) -> Done:
    """Run `letf ARGUMENTS`, without LETF_DATA_DIR unless it is given.

    A picture that cannot be drawn costs a command nothing (`runs.answers.drawing`), so that only a test that
    looks at pictures learns anything from their being drawn: such a test asks for them.
    """
    words = [*map(str, arguments)]
    clean = {k: v for k, v in os.environ.items() if k != "LETF_DATA_DIR"}
    out, err = io.StringIO(), io.StringIO()
    code: object = 0

    def already_built(asked: typer.Typer) -> typer.main.Command:
        return built(tuple(entries())) if asked is app else build(asked)

    with (
        mock.patch.object(sys, "argv", ["letf", *(words if pictures else without_pictures(words))]),
        mock.patch.object(
            typer.main,
            "get_command",
            side_effect=already_built,
        ),
        contextlib.nullcontext()
        if pictures
        else mock.patch("runs.sweeps.pictures.painter.Painter", NoPainter),
        mock.patch("runs.sweeps.verifier.Verifier", contextlib.nullcontext),
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
