"""Plans in numbers: those that each cell's own spec would have, whoever asked first, refusals and all."""

import numpy as np
import pytest

from letf_instruments import LetfError
from runs.sweeps.engines.by_kernel import KernelEngine
from runs.sweeps.space.cells import METRICS
from strategies import RULES, TradePlan
from tests.runs.sweeps.specs import job

# Levels that need more bars than there are, plans that nothing can carry out (a limit without its price),
# words and numbers side by side.
SWEEP = """
rule.rsi_bars = [3, 4, 60]
rule.atr_bars = [14, 119]
plan.stop = [0.03, "atr_stop", "none"]
plan.entry = ["market", "limit"]
plan.limit = ["none", -0.01]
plan.max_bars = [3, "none"]
"""


def alone(asked, cell):
    """A cell of a sweep of its own: its numbers, and why it was refused."""
    found = KernelEngine(asked).evaluate(np.array([cell]))
    return [found[name][0] for name in METRICS], found["refused"][0]


def test_a_cell_among_others_is_what_it_is_alone(tmp_path):
    asked = job(tmp_path, SWEEP, engine="kernel")
    cells = np.arange(asked.grid.size)
    together = KernelEngine(asked)
    later = together.evaluate(cells[::-1][:30][::-1])  # others ask first
    every = together.evaluate(cells)
    assert len({why for why in every["refused"] if why}) >= 3
    assert sum(why is None for why in every["refused"]) >= 20
    for at, cell in enumerate(cells):
        numbers, why = alone(asked, cell)
        assert every["refused"][at] == why
        np.testing.assert_array_equal([every[name][at] for name in METRICS], numbers)
    np.testing.assert_array_equal(later["sharpe"], every["sharpe"][-30:])


def test_a_plan_of_ours_is_that_of_the_whole_spec(tmp_path):
    asked = job(tmp_path, SWEEP, engine="kernel")
    rule = asked.base.make_rule()
    for cell in range(asked.grid.size):
        values = asked.grid.values(cell)
        own = {key: value for key, value in values.items() if key.startswith("plan.")}

        def said(ask):
            try:
                return ask()
            except LetfError as error:
                return str(error)

        whole = said(lambda values=values: asked.base.with_values(values).make_rule().plan)
        assert said(lambda own=own: asked.base.plan_of(rule, own)) == whole


def test_more_plans_than_are_remembered_are_the_same(tmp_path, monkeypatch):
    asked = job(tmp_path, SWEEP, engine="kernel")
    cells = np.arange(asked.grid.size)
    expected = KernelEngine(asked).evaluate(cells)
    monkeypatch.setattr("runs.sweeps.engines.plans.MOST_PLANS", 2)
    found = KernelEngine(asked).evaluate(cells)
    assert found["refused"] == expected["refused"]
    for name in METRICS:
        np.testing.assert_array_equal(found[name], expected[name])


@pytest.mark.parametrize("name", [name for name in sorted(RULES) if issubclass(RULES[name].Plan, TradePlan)])
def test_no_number_of_a_trade_plan_changes_how_long_a_rule_of_ours_waits(name):
    """What `plans._words` takes for granted: plans of the same words wait alike."""
    kind = RULES[name]
    levels = ("atr_stop", "atr_target", "support", "resistance", None)
    for stop in (*levels, 0.05):
        few, many = (
            {"stop": stop if isinstance(stop, str | None) else factor * stop, "fraction": 0.2 * factor}
            | {"max_bars": 3 * factor, "cooldown": 5 * factor, "target": 0.1 * factor, "trailing_atr": factor}
            for factor in (1, 4)
        )
        assert len({kind(None, kind.Plan(**plan)).warm_up for plan in (few, many)}) == 1
