"""Parameters as a person reads them: defaults, bounds and units are those of the model."""

from typing import Annotated, Literal

import pytest
from pydantic import Field

from runs.specs.parameters import parameter_rows
from strategies import FILTERS, RULES, RuleParams, TradePlan, param


class Example(RuleParams):
    side: Literal["a", "b"] = param("a", "", "a choice")
    bars: int = param(20, "bars", "a window", ge=2, le=500)
    level: float | None = param(None, "fraction", "a level", gt=0, lt=1)
    stop: Annotated[float, Field(gt=0, lt=1)] | str | None = param(0.1, "fraction", "a stop")
    names: tuple[str, ...] = param((), "", "some names")
    weights: dict[str, float] = param({"X": 0.5}, "share", "some weights")
    flag: bool = param(False, "", "yes or no")
    free: float = param(..., "points", "anything")


def test_each_kind_of_parameter_is_written_with_its_bounds():
    rows = {row[0]: row[1:] for row in parameter_rows(Example, "rule.")}
    assert rows["rule.side"] == ["a", "a, b", "", "a choice"]
    assert rows["rule.bars"] == ["20", "whole, 2 ≤ x ≤ 500", "bars", "a window"]
    assert rows["rule.level"][:2] == ["none", "0 < x < 1"]
    assert rows["rule.stop"][:2] == ["0.1", "0 < x < 1 or a name"]
    assert rows["rule.names"][:2] == ["[]", "a list of: a name"]
    assert rows["rule.weights"][:2] == ["{X = 0.5}", "a table of name = value"]
    assert rows["rule.flag"][:2] == ["false", "true, false"]
    assert rows["rule.free"][:2] == ["must be given", "any"]


@pytest.mark.parametrize(
    "model",
    [*(kind.Params for kind in RULES.values()), *(kind.Params for kind in FILTERS.values())]
    + [plan for kind in RULES.values() for plan, _ in kind.plans()]
    + [TradePlan],
    ids=lambda model: model.__name__,
)
def test_every_parameter_there_is_has_a_meaning_and_numbers_have_a_unit_or_are_counts(model):
    for name, default, allowed, unit, meaning in parameter_rows(model, ""):
        assert meaning, f"{model.__name__}.{name} has no description"
        assert allowed, f"{model.__name__}.{name} does not say what is allowed"
        if " x " in allowed and "a list" not in allowed:
            assert unit, f"{model.__name__}.{name} is a number without a unit"
        if "whole" in allowed or " x " in allowed:
            assert allowed != "any", f"{model.__name__}.{name} has no bounds"
        assert default
