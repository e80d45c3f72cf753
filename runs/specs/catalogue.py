"""The rules and filters there are, and what can be set of each, as frames."""

from __future__ import annotations

import difflib

import pandas as pd

from letf_instruments import SpecError
from runs.specs.parameters import HEADINGS, parameter_rows
from strategies import FILTERS, RULES
from strategies.listing import FILTER_LIST, RULE_LIST


def rules_frame() -> pd.DataFrame:
    """By name: whether it is a rule or a filter, and what it is for. One name may be both."""
    rows = [(name, "rule", listed.summary) for name, listed in RULE_LIST.items()]
    rows += [(name, "filter", summary) for name, summary in FILTER_LIST.items()]
    return pd.DataFrame(rows, columns=["name", "kind", "summary"]).set_index("name")


def parameters_frame(name: str) -> pd.DataFrame:
    """By key: default, allowed values, unit and meaning; of a rule, of its plan, of a filter of that name.

    Raises
    ------
    SpecError
        If there is none.
    """
    check_name(name)
    rows: list[list[str]] = []
    if name in RULES:
        kind = RULES[name]
        rows += parameter_rows(kind.Params, "rule.")
        for plan, _ in kind.plans():
            rows += [row for row in parameter_rows(plan, "plan.") if row not in rows]
    if name in FILTERS:
        rows += parameter_rows(FILTERS[name].Params, f"filters.{name}.")
    return pd.DataFrame(rows, columns=HEADINGS).set_index(HEADINGS[0])


def check_name(name: str) -> None:
    """Refuse what is neither a rule nor a filter.

    Raises
    ------
    SpecError
        If it is neither; the sentence names the nearest.
    """
    if not isinstance(name, str) or (name not in RULES and name not in FILTERS):
        near = difflib.get_close_matches(str(name), [*RULES, *FILTERS], n=1)
        known = f"rules {', '.join(RULES)}, filters {', '.join(FILTERS)}"
        hint = f"did you mean {near[0]!r}?" if near else f"there are {known}"
        raise SpecError(f"no rule or filter is named {name!r}; {hint}")
