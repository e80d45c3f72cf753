"""Reports in a real browser: Debian's Chromium, driven by Playwright.

    python -m tests.browser FOLDER…

opens every report.html below the folders, wide and on a phone's width, and tells what is wrong: an error in
the console, a request to anywhere, a page that scrolls sideways, a picture that was not drawn.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
WIDE, PHONE = 1280, 390
READY = (
    "(!document.querySelector('.closer') || document.documentElement.dataset.drawn) &&"
    "(!document.querySelector('.long') || document.documentElement.dataset.tables)"
)


def missing() -> str | None:
    """Why there is no browser here; None if there is one."""
    try:
        import playwright  # noqa: F401
    except ImportError:
        return "Playwright is not installed"
    return None if any(map(shutil.which, PROGRAMS)) else "no Chromium is installed"


@contextmanager
def browser() -> Iterator[Any]:
    """A browser that is closed at the end."""
    from playwright.sync_api import sync_playwright

    program = next(found for name in PROGRAMS if (found := shutil.which(name)))
    with sync_playwright() as play:
        # Without a sandbox of its own, as root has none; it opens what this project wrote, and nothing else.
        started = play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield started
        finally:
            started.close()


@dataclass
class Opened:
    """A page, with what its console said that is wrong and what it asked for."""

    page: Any
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@contextmanager
def opened(started: Any, address: str, width: int = WIDE, dark: bool = False) -> Iterator[Opened]:
    """A page that is open and drawn."""
    phone = width < 600
    context = started.new_context(
        viewport={"width": width, "height": 844 if phone else 900},
        color_scheme="dark" if dark else "light",
        has_touch=phone,
        is_mobile=phone,
    )
    try:
        found = Opened(context.new_page())
        found.page.on(
            "console", lambda said: found.errors.append(said.text) if said.type == "error" else None
        )
        found.page.on("pageerror", lambda error: found.errors.append(str(error)))
        found.page.on("request", lambda asked: found.requests.append(asked.url))
        found.page.goto(address)
        found.page.wait_for_function(READY)
        found.requests = [
            url for url in found.requests if not url.startswith(("data:", "blob:")) and url != address
        ]
        yield found
    finally:
        context.close()


def faults(started: Any, report: Path) -> list[str]:
    """What is wrong with a report, a sentence each."""
    said = []
    for width in (WIDE, PHONE):
        with opened(started, report.resolve().as_uri(), width, dark=width == PHONE) as it:
            said += [f"at {width}: {error}" for error in it.errors]
            said += [f"at {width}: it asks for {url}" for url in it.requests]
            across = it.page.evaluate("document.documentElement.scrollWidth")
            if across > width:
                said.append(f"at {width}: it scrolls sideways, to {across}")
            undrawn = it.page.evaluate(
                "[...document.querySelectorAll('.closer')].filter(box => !box.dataset.drawn).length"
            )
            if undrawn:
                said.append(f"at {width}: {undrawn} pictures were not drawn")
    return said


def main(folders: list[str]) -> int:
    """Open every report below the folders."""
    why = missing()
    if why is not None:
        print(f"reports are not opened: {why}")
        return 0
    reports = sorted(file for folder in folders for file in Path(folder).rglob("report.html"))
    wrong = 0
    with browser() as started:
        for report in reports:
            found = faults(started, report)
            size = report.stat().st_size / 1e6
            print(
                f"{report.parent.name}: {size:.2f} MB, {'; '.join(found) if found else 'opens as it should'}"
            )
            wrong += bool(found)
    print(f"{len(reports)} reports, {wrong} with faults")
    return 1 if wrong or not reports else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
