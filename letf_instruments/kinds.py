"""What a value of a spec must be before pydantic reads it, which takes true for 1 and "yes" for true."""

from __future__ import annotations

from collections.abc import Mapping
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic_core import PydanticCustomError


def of_its_kind(value: Any, annotation: Any) -> Any:
    """The value as it is.

    Raises
    ------
    PydanticCustomError
        If a number is wanted and it is true or false, or the other way round; in a list or a table too.
    """
    kinds = _kinds(annotation)
    for each in _leaves(value):
        if isinstance(each, bool) and bool not in kinds and kinds & {int, float}:
            raise PydanticCustomError("kind", "it should be a number, not true or false")
        if kinds == {bool} and not isinstance(each, (bool, NoneType)):
            raise PydanticCustomError("kind", "it should be true or false")
    return value


def _kinds(annotation: Any) -> set[Any]:
    """The types that an annotation is made of, None aside; of a table those of its values."""
    if get_origin(annotation) is Literal:
        return {type(choice) for choice in get_args(annotation)}
    inner = get_args(annotation)
    if get_origin(annotation) in (dict, Mapping):
        inner = inner[1:]
    if not inner:
        return {annotation} - {NoneType}
    return set().union(*(_kinds(each) for each in inner))


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return list(value) if isinstance(value, (list, tuple)) else [value]
