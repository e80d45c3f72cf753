"""The list of rules and filters says of each what its class says, and imports no more than is taken."""

import subprocess
import sys

import pytest

import strategies
from strategies import FILTERS, RULES
from strategies.listing import FILTER_LIST, RULE_LIST


def test_every_rule_and_filter_is_listed_in_its_own_words():
    assert {name: kind.name for name, kind in RULES.items()} == {name: name for name in RULE_LIST}
    assert {name: kind.summary for name, kind in RULES.items()} == {
        name: listed.summary for name, listed in RULE_LIST.items()
    }
    assert {name: kind.summary for name, kind in FILTERS.items()} == FILTER_LIST


def test_the_rules_are_a_mapping_like_any_other():
    assert len(RULES) == len(list(RULES)) == len(RULE_LIST)
    assert "hold" in RULES
    assert "nothing" not in RULES
    assert RULES.get("nothing") is None
    with pytest.raises(KeyError):
        RULES["nothing"]


@pytest.mark.parametrize("name", strategies.__all__)
def test_every_public_name_is_found(name):
    assert getattr(strategies, name) is getattr(strategies, name)


def test_what_is_not_there_is_no_attribute():
    with pytest.raises(AttributeError, match="'strategies' has no attribute 'Nothing'"):
        strategies.Nothing  # noqa: B018


def test_one_rule_imports_no_other():
    code = "import sys; from strategies import RULES; RULES['hold']; print(*sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    loaded = {name for name in shown.split() if name.startswith("strategies.rules.")}
    assert loaded == {"strategies.rules.benchmarks"}
