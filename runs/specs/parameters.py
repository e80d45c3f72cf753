"""Parameters as a person reads them: name, default, bounds, unit, meaning."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

HEADINGS = ["key", "default", "allowed", "unit", "meaning"]


def parameter_rows(model: type[BaseModel], prefix: str) -> list[list[str]]:
    """One row a field of a rule's, filter's or plan's parameters, with `prefix` before its name."""
    return [
        [
            prefix + name,
            _default(field),
            _allowed(field),
            str((field.json_schema_extra or {}).get("unit", "")),  # type: ignore[union-attr]
            field.description or "",
        ]
        for name, field in model.model_fields.items()
    ]


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if value is PydanticUndefined:
        return "must be given"
    return _written(value)


def _written(value: Any) -> str:
    """A value as TOML would have it; "none" for a key that is not there."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, BaseModel):
        value = value.model_dump(exclude_none=True)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_written(each)}" for key, each in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_written(each) for each in value) + "]"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _allowed(field: FieldInfo) -> str:
    """Bounds or choices, of each kind of value that the field takes."""
    ways = dict.fromkeys(way for way in _ways(field.annotation, list(field.metadata)) if way)
    return " or ".join(ways)


def _ways(annotation: Any, metadata: list[Any]) -> Iterator[str]:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        yield from _ways(inner, [*metadata, *_constraints(more)])
    elif origin in (Union, types.UnionType):
        for member in get_args(annotation):
            yield from _ways(member, metadata)
    elif origin is Literal:
        yield ", ".join(str(choice) for choice in get_args(annotation))
    elif annotation is bool:
        yield "true, false"
    elif annotation in (int, float):
        kind = "whole, " if annotation is int else ""
        yield kind + _bounds(metadata)
    elif annotation is str:
        yield "a name"
    elif origin in (tuple, list):
        members = ", ".join(dict.fromkeys(_ways(get_args(annotation)[0], [])))
        yield f"a list of: {members}" if members else "a list"
    elif origin is dict:
        yield "a table of name = value"
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield f"a table of {', '.join(annotation.model_fields)}"


def _constraints(metadata: list[Any]) -> list[Any]:
    """The bounds among annotations, out of a pydantic field where they sit in one."""
    out: list[Any] = []
    for item in metadata:
        out += item.metadata if isinstance(item, FieldInfo) else [item]
    return out


def _bounds(metadata: list[Any]) -> str:
    low = high = ""
    for item in metadata:
        if isinstance(item, Ge):
            low = f"{item.ge:g} ≤"
        elif isinstance(item, Gt):
            low = f"{item.gt:g} <"
        elif isinstance(item, Le):
            high = f"≤ {item.le:g}"
        elif isinstance(item, Lt):
            high = f"< {item.lt:g}"
        elif isinstance(item, (MinLen, MaxLen)):
            continue
    if low and high:
        number, sign = low.split(" ")
        return f"{number} {sign} x {high}"
    return f"x {high}" if high else f"x {'≥' if '≤' in low else '>'} {low.split(' ')[0]}" if low else "any"
