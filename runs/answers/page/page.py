"""The page: one HTML file that opens offline, pictures and all. Everything that comes from outside is
escaped: text by the template, data by being packed."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runs.answers.drawing import Drawn
from runs.answers.page.glossary import means
from runs.answers.page.library import packed_library
from runs.answers.page.payload import packed, payload
from runs.answers.page.spec_text import spec_texts
from runs.answers.parts import Section
from runs.answers.provenance import versions
from runs.answers.record import Record
from runs.answers.spelling import as_written

if TYPE_CHECKING:
    from jinja2 import Template

HERE = Path(__file__).parent
CHARTS = ("base", "dates", "pane", "image", "whole", "heatmap", "draw")


def page(answer: Record, drawn: Drawn | Callable[[], Drawn]) -> str:
    """The whole page.

    Parameters
    ----------
    drawn : its still pictures; where one could not be drawn, the sentence on it stands instead. Those that a
        person can look into are drawn by the page itself. Or what gives them, which is asked last.
    """
    from markupsafe import Markup, escape

    closer, missing = _closers(answer)
    lead = answer.lead
    pictures = answer.pictures
    parts = [(part, f"part-{number}") for number, part in enumerate(answer.sections) if _has_more(part, lead)]
    template, library, data = _template(), packed_library() if closer else "", _data_rows(answer)
    made = drawn if isinstance(drawn, Drawn) else drawn()
    return template.render(
        answer=answer,
        lead=(lead, pictures[lead]) if lead is not None else None,
        parts_=parts,
        contents=_contents(answer, parts),
        closer=closer,
        pictures={name: base64.b64encode(png).decode("ascii") for name, png in made.pictures.items()},
        missing={**made.missing, **missing},
        data=data,
        versions=_versions(),
        specs=[(name, escape(text)) for name, text in spec_texts(answer.provenance)],
        style=Markup(page_file("style.css")),
        library=library,
        scripts=Markup(page_script(drawing=bool(closer))),
    )


def inline(html: str, title: str) -> str:
    """A page as a notebook shows it: in a frame of its own, whose scripts see nothing of the notebook."""
    from markupsafe import escape

    return (
        f'<iframe title="{escape(title)}" srcdoc="{escape(html)}" sandbox="allow-scripts allow-downloads" '
        'style="width:100%;height:860px;border:1px solid #8884;border-radius:8px"></iframe>'
    )


def _closers(answer: Record) -> tuple[dict[str, str], dict[str, str]]:
    """By name what the script draws from; and a sentence on each that could not be made. No picture costs a
    page."""
    made, missing = {}, {}
    for name, picture in answer.pictures.items():
        if picture.closer is None:
            continue
        try:
            made[name] = packed(payload(picture.closer()))
        except Exception as error:
            why = " ".join(str(error).split()) or "no reason given"
            missing[name] = f"the picture {name} could not be made ({type(error).__name__}: {why:.200})"
    return made, missing


def _has_more(part: Section, lead: str | None) -> bool:
    """False for a section of which nothing is left once its picture stands at the top."""
    rest = [name for name, picture in part.pictures.items() if name != lead and picture.on_page]
    return bool(
        part.alarm
        or part.sentences
        or any(table.rows and table.on_page for table in part.tables)
        or rest
        or part.fine_print
    )


def _contents(answer: Record, parts: list[tuple[Section, str]]) -> list[tuple[str, str]]:
    out = [(part.heading, id_) for part, id_ in parts]
    if answer.notes:
        count = len(answer.notes)
        out.append((f"{count} warning{'' if count == 1 else 's'}", "warnings"))
    return [*out, ("How it was made", "made")]


def _data_rows(answer: Record) -> list[list[str]]:
    """Which data: a row each, with what tells it from any other."""
    rows = []
    for key, facts in answer.provenance.data.items():
        each = facts.items() if _is_nested(facts) else [(key, facts)]
        for name, own in each:
            if isinstance(own, Mapping):
                rows.append([str(name).replace("_", " "), _described(own)])
    return [list(row) for row in dict.fromkeys(map(tuple, rows))]  # runs on the same data name it once


def _is_nested(facts: object) -> bool:
    return isinstance(facts, Mapping) and all(isinstance(value, Mapping) for value in facts.values())


def _described(facts: Mapping[str, object]) -> str:
    """Name, span and the first digits of the fingerprint, which the manifest has in full."""
    said = []
    for key, value in facts.items():
        if key == "sha256":
            said.append(f"SHA-256 {str(value)[:12]}…")
        elif isinstance(value, Mapping):
            said.append(_described(value))
        else:
            said.append(f"{key} {value}")
    return as_written(", ".join(said))


def _versions() -> str:
    return "Made by " + ", ".join(f"{name} {number}" for name, number in versions().items()) + "."


@cache
def page_script(drawing: bool) -> str:
    """What the page does: its tables, and its pictures if it has any to draw."""
    parts = "\n".join(page_file(f"charts/{name}.js") for name in CHARTS) if drawing else ""
    return page_file("tables.js") + (f'"use strict";\n(() => {{\n{parts}}})();\n' if drawing else "")


@cache
def page_file(name: str) -> str:
    """A file of this folder: the style, or a script."""
    return (HERE / name).read_text(encoding="utf-8")


def _unbroken(value: Any) -> Any:
    """A text in which no number is parted at the end of a line from its % sign, and no sum of dollars from
    its sign or unit; what is markup is as it was written, and so is what can be copied."""
    if not isinstance(value, str) or hasattr(value, "__html__"):
        return value
    if " %" in value:
        value = re.sub(r"(?<=\d) %", "\u00a0%", value)
    if "$" in value:
        value = re.sub(r"(\$[\d.,]+) (?=(?:k|m|bn|tn)\b)", "\\1\u00a0", value).replace("−$", "−\u2060$")
    return value


@cache
def _template() -> Template:
    import jinja2

    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        loader=jinja2.FileSystemLoader(HERE),
        finalize=_unbroken,
    )

    environment.globals["explain"] = lambda text: means(re.sub(r"\s+", " ", str(text)))
    environment.globals["packed"] = lambda value: packed(value)
    return environment.get_template("page.html.j2")
