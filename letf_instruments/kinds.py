"""What a value of a spec must be before pydantic reads it, which takes true for 1 and "yes" for true."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticCustomError


def of_its_kind(value: Any, annotation: Any) -> Any:
    """The value as it is.

    Raises
    ------
    PydanticCustomError
        If a number is wanted and it is true or false, or the other way round; in a list or a table too.
    """
    return _of(value, _kinds(annotation))


def of_its_field(value: Any, model: type[BaseModel], name: str) -> Any:
    """The same of a field's annotation, which is looked at once."""
    return _of(value, _kinds_of(model, name))


def _of(value: Any, kinds: set[Any]) -> Any:
    for each in _leaves(value):
        if isinstance(each, bool) and bool not in kinds and kinds & {int, float}:
            raise PydanticCustomError("kind", "it should be a number, not true or false")
        if kinds == {bool} and not isinstance(each, (bool, NoneType)):
            raise PydanticCustomError("kind", "it should be true or false")
    return value


@lru_cache(maxsize=4096)
def _kinds_of(model: type[BaseModel], name: str) -> set[Any]:
    return _kinds(model.model_fields[name].annotation)


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
