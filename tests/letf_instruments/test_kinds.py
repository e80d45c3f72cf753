"""True is no number, and nothing but true and false is true or false."""

from typing import Literal

import pytest
from pydantic_core import PydanticCustomError

from letf_instruments.kinds import of_its_kind


@pytest.mark.parametrize(
    ("value", "annotation"),
    [
        (True, bool),
        (None, bool | None),
        (1, float),
        (0.5, float | None),
        ("atr_stop", float | str | None),
        ("daily", Literal["daily", "never"]),
        ({"SOXL": 0.3}, dict[str, float]),
        (["a", "b"], tuple[str, ...]),
    ],
)
def test_what_is_of_its_kind_passes(value, annotation):
    assert of_its_kind(value, annotation) is value


@pytest.mark.parametrize(
    ("value", "annotation", "says"),
    [
        (True, float, "a number"),
        (False, int | None, "a number"),
        ({"SOXL": True}, dict[str, float], "a number"),
        ([1, True], tuple[int, ...], "a number"),
        ("yes", bool, "true or false"),
        (1, bool, "true or false"),
        (0.0, bool | None, "true or false"),
    ],
)
def test_what_is_not_is_refused(value, annotation, says):
    with pytest.raises(PydanticCustomError, match=says):
        of_its_kind(value, annotation)
