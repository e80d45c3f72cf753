"""Parameters of rules, filters and plans: each with a unit, bounds, and a few words of what it is for."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from letf_instruments.kinds import of_its_field


class RuleParams(BaseModel):
    """Base of a rule's parameters: unknown names and values out of bounds are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _of_its_kind(cls, value: Any, info: ValidationInfo) -> Any:
        return of_its_field(value, cls, str(info.field_name))


def param(default: Any, unit: str, description: str, **bounds: Any) -> Any:
    """A parameter of a rule, a filter or a plan.

    Parameters
    ----------
    default : the default; `...` if it must be given.
    unit : what a value of 1 is: "bars", "fraction", "sessions", "RSI points"; "" for a choice.
    description : what it is for, in a few words.
    bounds : ge, gt, le, lt, min_length, max_length, as pydantic's `Field` takes them.
    """
    return Field(default, description=description, json_schema_extra={"unit": unit}, **bounds)
