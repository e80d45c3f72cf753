"""Docstrings as Markdown: the sections of numpydoc, with what a parameter is beside its name.

Types stand in the signature; after the colon of `name : what it is` this project says what it means. A reader
of numpydoc would take that for a type.
"""

from __future__ import annotations

import inspect
import re
from itertools import pairwise
from typing import Any

import griffe

NAMES = re.compile(r"(\*{0,2}\w+(?:, \*{0,2}\w+)*)(?: : (.*))?")


class AsMarkdown(griffe.Extension):
    """Rewrite the docstring of each object as it is read."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring is not None:
            obj.docstring.value = as_markdown(obj.docstring.value)


def as_markdown(text: str) -> str:
    """The docstring with headings in bold, parameters as a list, and examples as code."""
    lines = inspect.cleandoc(text).split("\n")
    heads = [i for i, (line, rule) in enumerate(pairwise(lines)) if line and re.fullmatch(r"-{3,}", rule)]
    out = _items(lines[: heads[0] if heads else None])
    for start, end in pairwise([*heads, len(lines)]):
        title, body = lines[start], lines[start + 2 : end]
        out += [f"**{title}**", "", *(_fenced(body) if title == "Examples" else _items(body))]
    return "\n".join(out)


def _items(lines: list[str]) -> list[str]:
    """A list of names, each with what is said of it; what is no such line stays as it is."""
    # Of two entries in one line, "start : first session. end : last one.", each is one.
    lines = [part for line in lines for part in re.split(r"(?<=\.) (?=\*{0,2}\w+(?:, \w+)* : )", line)]
    out: list[str] = []
    listed = False
    for line, after in pairwise([*lines, ""]):
        found = NAMES.fullmatch(line)
        if found and (found[2] or after.startswith("    ")):
            names = ", ".join(f"`{name}`" for name in found[1].split(", "))
            out.append(f"- {names}: {found[2] or ''}".rstrip())
            listed = True
            continue
        if listed and line.strip() and not line.startswith(" "):  # a sentence after the list
            out.append("")
            listed = False
        out.append(line)
    return out


def _fenced(lines: list[str]) -> list[str]:
    """Sessions with the interpreter as code, the sentences between them as they are."""
    out: list[str] = []
    session = False
    for line in lines:
        if line.startswith(">>>") and not session:
            out += ["", "```pycon"]
            session = True
        elif session and not line.strip():
            out.append("```")
            session = False
        out.append(line)
    return [*out, "```"] if session else out
