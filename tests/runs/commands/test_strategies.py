"""`letf strategies`: every rule and filter is listed, with parameters on request."""

import pytest

from strategies import FILTERS, RULES
from tests.runs.command import letf


def test_all_rules_and_filters_are_listed_with_what_they_are_for():
    shown = letf("strategies").stdout
    for kind in (*RULES.values(), *FILTERS.values()):
        assert kind.name in shown
        assert kind.summary in shown


@pytest.mark.parametrize("name", RULES)
def test_a_rule_shows_its_parameters_its_plan_and_when_it_works(name):
    shown = letf("strategies", name).stdout
    kind = RULES[name]
    assert len(kind.when) > 80, f"{name} has no honest paragraph"
    assert kind.when[:40] in shown
    for field in kind.Params.model_fields:
        assert f"rule.{field}" in shown
    for plan, _ in kind.plans():
        for field in plan.model_fields:
            assert f"plan.{field}" in shown


def test_a_filter_shows_its_parameters():
    shown = letf("strategies", "volatility").stdout
    assert "filters.volatility.level" in shown
    assert "0 < x ≤ 5" in shown
    assert "fraction a year" in shown


def test_an_unknown_name_is_one_sentence():
    done = letf("strategies", "rsi_timin")
    assert done.returncode == 2
    assert done.stderr == "letf: no rule or filter is named 'rsi_timin'; did you mean 'rsi_timing'?\n"
