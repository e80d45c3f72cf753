"""What is going on, shown while it goes on: on a terminal, under a notebook's cell, or not at all."""

from __future__ import annotations

import datetime
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

SECONDS_OF_RATE = 30  # over which cells a second are measured
SECONDS_A_LINE = 5  # of progress, where there is no terminal to draw on
SECONDS_A_DRAW = 0.2  # between two drawings in a notebook

Say = Callable[[str], None]
Advance = Callable[[int], None]


class Progress(Protocol):
    """Shows what goes on. Each is used as a context and gives what is to be called meanwhile."""

    def status(self, first: str) -> AbstractContextManager[Say]:
        """What goes on, in words."""
        ...

    def steps(self, first: str, steps: int) -> AbstractContextManager[Say]:
        """The same, where it is known how many times it will be called."""
        ...

    def cells(self, total: int, done: int, unit: str = "cells") -> AbstractContextManager[Advance]:
        """Cells, or whatever `unit` says, done of all; called with the number that are newly done."""
        ...


def no_words(words: str) -> None:
    """Says nothing."""


class Silent:
    """Shows nothing."""

    @contextmanager
    def status(self, first: str) -> Iterator[Say]:
        yield no_words

    @contextmanager
    def steps(self, first: str, steps: int) -> Iterator[Say]:
        yield no_words

    @contextmanager
    def cells(self, total: int, done: int, unit: str = "cells") -> Iterator[Advance]:
        yield lambda cells: None


class OnTerminal:
    """A spinner, or a bar, on stderr; where stderr is no terminal, a line now and then."""

    @contextmanager
    def status(self, first: str) -> Iterator[Say]:
        from rich.console import Console

        with Console(stderr=True).status(first) as spinner:
            yield spinner.update

    @contextmanager
    def steps(self, first: str, steps: int) -> Iterator[Say]:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(first, total=steps)
            begun = 0

            def step(words: str) -> None:
                nonlocal begun
                bar.update(task, completed=min(begun, steps), description=words)
                begun += 1
                if not bar.console.is_terminal and begun <= steps:
                    bar.console.print(f"{begun} of {steps}: {words}", highlight=False)

            yield step

    @contextmanager
    def cells(self, total: int, done: int, unit: str = "cells") -> Iterator[Advance]:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        console = Console(stderr=True)
        columns = (BarColumn(), TextColumn("{task.description}"))
        said = time.monotonic()
        rate = Rate(total, done, unit)
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task(rate.words, total=total, completed=done)

            def advance(cells: int) -> None:
                nonlocal said
                rate.advance(cells)
                bar.update(task, completed=rate.done, description=rate.words)
                now = time.monotonic()
                if not console.is_terminal and (now - said >= SECONDS_A_LINE or rate.done == total):
                    said = now
                    console.print(rate.words, highlight=False, soft_wrap=True)

            yield advance


class InNotebook:
    """A line under the cell that changes in place and is gone at the end."""

    @contextmanager
    def status(self, first: str) -> Iterator[Say]:
        with _line(first) as write:
            yield write

    @contextmanager
    def steps(self, first: str, steps: int) -> Iterator[Say]:
        begun = 0
        with _line(first) as write:

            def step(words: str) -> None:
                nonlocal begun
                begun += 1
                write(f"{min(begun, steps)} of {steps}: {words}")

            yield step

    @contextmanager
    def cells(self, total: int, done: int, unit: str = "cells") -> Iterator[Advance]:
        rate = Rate(total, done, unit)
        with _line(rate.words) as write:

            def advance(cells: int) -> None:
                rate.advance(cells)
                write(rate.words)

            yield advance


@contextmanager
def _line(first: str) -> Iterator[Say]:
    from IPython.display import HTML, display

    def shown(words: str) -> Any:
        import html

        return HTML(f"<small>{html.escape(words)} …</small>" if words else "")

    handle = display(shown(first), display_id=True)
    drawn = time.monotonic()

    def write(words: str) -> None:
        nonlocal drawn
        if time.monotonic() - drawn >= SECONDS_A_DRAW:
            drawn = time.monotonic()
            handle.update(shown(words))

    try:
        yield write
    finally:
        handle.update(shown(""))


class Rate:
    """Cells done of all, how many a second, and the time left, in words."""

    def __init__(self, total: int, done: int, unit: str = "cells") -> None:
        self.total, self.done, self._unit = total, done, unit
        self.words = f"{done:,} of {total:,} {unit}"
        self._seen: deque[tuple[float, int]] = deque()  # of the last while; the start is no measure

    def advance(self, cells: int) -> None:
        """So many more are done."""
        self.done += cells
        now = time.monotonic()
        seen = self._seen
        seen.append((now, self.done))
        while now - seen[0][0] > SECONDS_OF_RATE and len(seen) > 2:
            seen.popleft()
        self.words = f"{self.done:,} of {self.total:,} {self._unit}"
        passed = now - seen[0][0]
        if passed > 0:
            rate = (self.done - seen[0][1]) / passed
            left = datetime.timedelta(seconds=round((self.total - self.done) / rate))
            self.words += f", {rate:,.{0 if rate >= 100 else 1}f} a second, {left} left"


def progress_for(wanted: bool | None) -> Progress:
    """Who shows it: nobody if not wanted; if nobody says, a notebook does and a script does not."""
    if wanted is False:
        return Silent()
    if _is_notebook():
        return InNotebook()
    return OnTerminal() if wanted else Silent()


def _is_notebook() -> bool:
    """True under a Jupyter kernel; IPython is not imported to find out."""
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module is not None else None  # type: ignore[attr-defined]
    return shell is not None and hasattr(shell, "kernel")
