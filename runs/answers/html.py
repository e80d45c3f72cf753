"""The page face: one HTML file that opens offline, pictures and all. And the same as a fragment, which a
notebook shows under the cell."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from runs.answers.drawing import Drawn
from runs.answers.record import Record

if TYPE_CHECKING:
    from jinja2 import Template

HERE = Path(__file__).parent


def page(answer: Record, drawn: Drawn) -> str:
    """The whole page. Everything that comes from outside is escaped.

    Parameters
    ----------
    drawn : its pictures; where one could not be drawn, the sentence on it stands instead.
    """
    return _template("page.html.j2").render(
        answer=answer,
        seed=answer.provenance.seed,
        spec=json.dumps(answer.provenance.spec, indent=2, ensure_ascii=False),
        data=_data_rows(answer),
        pictures=_encoded(drawn.pictures),
        missing=drawn.missing,
    )


def fragment(answer: Record, drawn: Drawn) -> str:
    """What a notebook shows: the sentence, the brief tables, the pictures that are drawn."""
    return _template("fragment.html.j2").render(
        answer=answer, seed=answer.provenance.seed, pictures=_encoded(drawn.pictures), missing=drawn.missing
    )


def _encoded(drawn: Mapping[str, bytes]) -> dict[str, str]:
    return {name: base64.b64encode(png).decode("ascii") for name, png in drawn.items()}


def _data_rows(answer: Record) -> list[list[str]]:
    """Which data: a row each, with what tells it from any other."""
    rows = []
    for key, facts in answer.provenance.data.items():
        each = facts.items() if _is_nested(facts) else [(key, facts)]
        for name, own in each:
            if isinstance(own, Mapping):
                rows.append([str(name).replace("_", " "), _described(own)])
    return rows


def _is_nested(facts: object) -> bool:
    return isinstance(facts, Mapping) and all(isinstance(value, Mapping) for value in facts.values())


def _described(facts: Mapping[str, object]) -> str:
    """Name, span and the first digits of the fingerprint, which the manifest has in full."""
    said = []
    for key, value in facts.items():
        if key == "sha256":
            said.append(f"SHA-256 {str(value)[:16]}…")
        elif isinstance(value, Mapping):
            said.append(_described(value))
        else:
            said.append(f"{key} {value}")
    return ", ".join(said)


@cache
def _template(name: str) -> Template:
    import jinja2

    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        loader=jinja2.FileSystemLoader(HERE),
    )
    return environment.get_template(name)
