"""What docs/rules.md shows works as it stands."""

import re
import tomllib

import letf
from runs.specs.reading import load_spec
from runs.specs.run_spec import make_filters
from runs.studies.rules.joined import run_backtest
from strategies import AllocationPlan, TradePlan, Tree
from strategies.rules.tree.grammar import KINDS
from tests.conftest import ROOT

RULES = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    (text,) = re.findall(rf"```{language}\n(.*?)```", RULES, flags=re.DOTALL)
    return text


def test_the_rule_of_one_s_own_runs(tmp_path):
    (tmp_path / "my_rule.py").write_text(block("python"))
    (tmp_path / "s.toml").write_text(
        'strategy = "my_rule.py:MyRule"\n[data]\nend = 2003-12-31\n[rule]\nbars = 4\n' + block("toml")
    )
    run = run_backtest(load_spec(tmp_path / "s.toml"))
    assert len(run.trades) > 3
    assert {t.exit_reason for t in run.trades} <= {"first rise", "filter calm closed", "open at end"}


def test_the_filters_are_the_ones_described():
    slow, calm = make_filters(tomllib.loads(block("toml"))["filters"]).values()
    assert (slow.name, slow.params.bars, slow.params.leave) == ("trend", 200, False)
    assert (calm.name, calm.params.level, calm.params.leave) == ("volatility", 0.3, True)


def test_what_a_rule_of_one_s_own_says_of_its_conditions_is_shown(tmp_path):
    (method,) = re.findall(r"\n\n((?:    .*\n)+)\nThe name is that of the condition", RULES)
    source = "from strategies import Measured\n" + block("python") + "\n" + method
    (tmp_path / "my_rule.py").write_text(source)
    (tmp_path / "s.toml").write_text('strategy = "my_rule.py:MyRule"\n[data]\nend = 2003-12-31\n')
    rows = letf.today(tmp_path / "s.toml", as_of="2003-12-31").conditions.set_index("name")
    rise = rows.loc["first rise"]
    assert rise["what"] == "close"
    assert rise["holds"] == (rise["value"] >= rise["level"])
    assert rows.loc["3 falling closes", "what"] == ""


def test_the_tree_is_one():
    (text,) = re.findall(r"Composer's users:\n\n```\n(.*?)```", RULES, flags=re.DOTALL)
    rule = Tree(Tree.Params(**tomllib.loads(text)["rule"]))
    assert rule.instruments == ("TQQQ", "SOXL", "SOXS")
    assert all(f"`{kind}(X" in RULES for kind in KINDS)


def test_every_key_of_both_plans_is_described():
    for key in (*TradePlan.model_fields, *AllocationPlan.model_fields):
        assert f"`{key}`" in RULES, key


def test_the_rule_that_sees_its_account_runs_alike_in_both_engines(tmp_path):
    (source,) = re.findall(r"```\n(from strategies import AccountPlan.*?)```", RULES, flags=re.DOTALL)
    (tmp_path / "average.py").write_text(source)
    (tmp_path / "s.toml").write_text('strategy = "average.py:Average"\n[data]\nend = 2003-12-31\n')
    spec = load_spec(tmp_path / "s.toml")
    run = run_backtest(spec)
    assert {t.exit_reason for t in run.trades} <= {"target", "open at end"}
    assert len(run.trades) > 3
    for trade in run.trades:  # all is sold a tenth above the average cost
        assert trade.exit_reason == "open at end" or trade.profit > 0.0
    swept = letf.sweep(spec, {"costs.half_spread_bps": [0, 2]}, engine="kernel", workers=1, verify=2)
    assert len(swept.cells) == 2  # each run again in backtrader and compared fill by fill
