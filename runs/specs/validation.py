"""A raw table of a spec against its model: the first thing that is wrong, as one sentence."""

from __future__ import annotations

import difflib
import re
from typing import Any, TypeGuard, get_args

from pydantic import BaseModel, ValidationError

from letf_instruments import SpecError


class JointError(SpecError):
    """Values that are right each by itself but not together."""


def validated(model: type[BaseModel], raw: dict[str, Any], prefix: str, source: str = "") -> Any:
    """The model of a raw table.

    Raises
    ------
    SpecError
        One sentence: the key with `prefix` before it, what it is, and what would be right. A `JointError`
        where each value by itself is right.
    """
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        where = f"{source}: " if source else ""
        first = error.errors()[0]
        joint = first["type"] == "value_error" and isinstance(first["input"], dict)
        kind = JointError if joint else SpecError
        raise kind(where + _sentence(error, model, raw, prefix)) from None


def _sentence(error: ValidationError, model: type[BaseModel], raw: dict[str, Any], prefix: str) -> str:
    """The first error as one sentence; of a key that may be several things, the one that fits best."""
    problems = error.errors()
    first = problems[0]
    key = _key(first["loc"], raw)
    for other in problems[1:]:
        numeric = isinstance(other["input"], (int, float))
        if _key(other["loc"], raw) == key and first["type"].startswith("string") and numeric:
            first = other
    name = prefix + ".".join(key)
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(key[-1], _fields(model, key[:-1]), n=1, cutoff=0.5)
        known = ", ".join(_fields(model, key[:-1]))
        hint = f"did you mean {prefix + '.'.join([*key[:-1], near[0]])}?" if near else f"known are {known}"
        return f"unknown key {name}; {hint}"
    if first["type"] == "missing":
        return f"{name} is missing"
    message = re.sub(r"^(Input|String) should", "it should", first["msg"].removeprefix("Value error, "))
    message = re.sub(r"a valid dictionary.*", "a table", message)
    if not name or first["type"] == "value_error":
        return message
    return f"{name} is {shortened(first['input'])}; {message}"


def shortened(value: Any) -> str:
    """A value for a sentence: on one line, and not all of a large one."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 80 else f"{text[:79]}…"


def _key(location: tuple[int | str, ...], raw: Any) -> list[str]:
    """The part of pydantic's location that names keys, without its marks for members of a union."""
    names: list[str] = []
    for part in location:
        if isinstance(raw, dict) and part in raw:
            raw = raw[part]
        elif names and not isinstance(raw, dict):
            break
        elif names and str(part)[:1].isupper():  # a model, of which a key may be one among others
            continue
        names.append(str(part))
    return names


def _is_model(kind: Any) -> TypeGuard[type[BaseModel]]:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _fields(model: type[BaseModel], path: list[str]) -> list[str]:
    for part in path:
        if part not in model.model_fields and model.model_config.get("extra") == "allow":
            continue  # a table by a name of somebody's own has the same keys
        annotation = model.model_fields[part].annotation if part in model.model_fields else None
        inner = next((kind for kind in (annotation, *get_args(annotation)) if _is_model(kind)), None)
        if inner is None:
            return []
        model = inner
    return list(model.model_fields)
