"""What all commands that answer a question do: ask, save, print."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from runs.answers.progress import OnTerminal, Say

if TYPE_CHECKING:
    from runs.answers.answer import Answer
    from runs.answers.painter import Painter

RESULTS = Path("runs/output")


def answered(
    ask: Callable[[Say], Answer],
    out: Path | None,
    pictures: str = "png",
    steps: int | None = None,
    as_json: bool = False,
    painter: Painter | None = None,
) -> None:
    """Ask, show what goes on meanwhile, write the result folder, and print the answer.

    Parameters
    ----------
    ask : gives the answer; called with what takes words on what goes on.
    out : the folder; None for one in runs/output by question and name.
    pictures : as what files they are written, one of `drawing.KINDS`.
    steps : how many times `ask` says something, where that is known.
    as_json : print the answer's JSON and nothing else; a folder is written only where `out` names one.
    painter : draws the pictures while all else is written.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C before there is a result, with a sentence that says so.
    """
    from runs.answers.drawing import kinds_of

    started = time.time()
    kinds = kinds_of(pictures)
    progress = OnTerminal()
    first = "reading what is asked"
    try:
        with progress.status(first) if steps is None else progress.steps(first, steps) as say:
            answer = ask(say)
            if as_json and out is None:
                _print_json(answer)
                return
            from runs.answers.folder import REPORT, save

            folder = RESULTS / answer.folder_name if out is None else out
            saved = save(answer, folder, started, say, kinds, painter)
    except KeyboardInterrupt:
        raise KeyboardInterrupt("stopped before there was a result; nothing is written") from None
    if as_json:
        _print_json(answer)
        return
    from runs.answers.terminal import print_answer, print_notes

    print_answer(answer)
    print_notes(saved.missing)
    typer.echo(f"report: {folder / REPORT}{f' ({saved.replaced})' if saved.replaced else ''}")


def _print_json(answer: Any) -> None:
    from runs.answers.files import as_json

    typer.echo(as_json(answer.as_dict()).decode("utf-8"), nl=False)


def data_given(
    index: str | None,
    start: datetime.datetime | None,
    end: datetime.datetime | None,
    rates: str | None,
    seed: int | None,
    spreads: str | None = None,
    traded: list[str] | None = None,
) -> dict[str, Any]:
    """The options that stand for keys of [data], for `load_spec`."""
    span = {"start": date_of(start), "end": date_of(end)}
    how = {"rates": rates, "seed": seed, "spreads": spreads, "traded": traded_of(traded)}
    return {"index": index, **span, **how}


def traded_of(given: list[str] | None) -> str | list[str] | dict[str, str] | None:
    """What stands for data.traded: a word, tickers, or files by ticker."""
    if not given:
        return None
    if given in (["all"], ["none"]):
        return given[0]
    pairs = [text.partition("=") for text in given]
    if not any(equals for _, equals, _ in pairs):
        return given
    return {ticker: source if equals else ticker for ticker, equals, source in pairs}


def date_of(moment: datetime.datetime | None) -> datetime.date | None:
    """The date of an option's moment, None if it was not given."""
    return moment.date() if moment else None
