"""What a run's rules know of the bars before it."""

import numpy as np
import pytest

from runs.backtest.facts import setting_facts
from runs.backtest.setting import load_setting
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest
from tests.runs.backtest.files import DAYS, csv, spec

RULES = (
    "trend",
    "rsi_timing",
    "pullback",
    "dip",
    "sentiment",
    "hedge",
    "decay_harvest",
    "mix",
    "event_window",
)


@pytest.mark.parametrize("name", RULES)
def test_on_its_first_day_a_rule_knows_what_one_that_began_earlier_knows(name):
    earlier, later = (run_backtest(load_spec(name, changes)) for changes in ([], ["data.start=2008-01-02"]))
    n = len(later.bars)
    assert later.bars.sessions[0] == np.datetime64("2008-01-02")
    given = [
        run.rule.checked_targets(run.market())
        if hasattr(run.rule, "checked_targets")
        else run.rule.checked_signals(run.market())
        for run in (earlier, later)
    ]
    for kind in ("entry", "exit", "votes", "weights", "states"):
        for label, values in getattr(given[0], kind, {}).items():
            np.testing.assert_allclose(values[-n:], getattr(given[1], kind)[label], rtol=1e-9, err_msg=label)
    assert not any("no signal before" in note for note in later.warnings)
    assert any(note.startswith("rules also know the 2,262 bars before 2008-01-02") for note in later.warnings)
    assert setting_facts(later.setting)["before"]["sha256"] == later.setting.history.bars.fingerprint()


def test_bars_before_the_run_carry_no_money(folder):
    run = run_backtest(spec(folder, f"start = {DAYS[20]}\n"))
    assert run.days[0] == DAYS[20]
    assert run.equity[0] == run.spec.account.cash
    assert load_setting(spec(folder, "")).history is None
    assert load_setting(spec(folder, f"start = {DAYS[1]}\n")).history is None
    assert len(load_setting(spec(folder, f"start = {DAYS[2]}\n")).history) == 2


@pytest.mark.parametrize("rows", [1, 2, 15])
def test_an_asset_shortens_what_is_known_before_the_run_and_is_named(folder, rows):
    csv(folder / "A.csv", DAYS[20 - rows :], seed=3)
    setting = load_setting(spec(folder, f"start = {DAYS[20]}\nassets = ['A.csv']\n"))
    if rows == 1:
        assert setting.history is None
        assert f"rules know no bars before {DAYS[20]}, as A.csv has none there" in setting.notes
        return
    assert len(setting.history) == rows
    assert any("as A.csv goes back no further" in note for note in setting.notes)
    facts = setting_facts(setting)
    bars = load_setting(spec(folder, "")).bars
    assert facts["before"]["sha256"] == bars.first(20).last(rows).fingerprint()
    csv(folder / "B.csv", DAYS[20 - rows :], seed=3, scale=2.0)
    (folder / "A.csv").write_text(
        "\n".join((folder / n).read_text().splitlines()[k] for n, k in [("A.csv", 0), ("B.csv", 1)])
        + "\n"
        + "\n".join((folder / "A.csv").read_text().splitlines()[2:])
    )
    changed = setting_facts(load_setting(spec(folder, f"start = {DAYS[20]}\nassets = ['A.csv']\n")))
    assert changed["assets"] == facts["assets"]
    assert changed["before"] != facts["before"]


OWN = """
import numpy as np
import backtrader as bt
from strategies import RuleParams, Signals, TradeRule

class Rule(TradeRule):
    name, summary, Params, default_instrument = "v", "for tests", RuleParams, "SOXS"
    waits, lead_in = 3, 5

    def signals(self, market):
        return Signals({"first": np.arange(len(market)) == market.lead + self.lead_in})

class Own(bt.Strategy):
    pass
"""


def test_a_rule_of_one_s_own_counts_from_the_run_s_first_bar_by_the_lead(folder):
    (folder / "v.py").write_text(OWN)
    (folder / "v.toml").write_text(
        f"strategy = 'v.py:Rule'\n[data]\nindex = 'CHIPS.csv'\nstart = {DAYS[20]}\n"
    )
    run = run_backtest(load_spec(folder / "v.toml"))
    assert run.rule.checked_signals(run.market()).entry["first"].nonzero()[0].tolist() == [5]


def test_a_strategy_of_backtrader_s_is_not_said_to_know_what_came_before(folder):
    (folder / "v.py").write_text(OWN)
    (folder / "v.toml").write_text(
        f"strategy = 'v.py:Own'\n[data]\nindex = 'CHIPS.csv'\nstart = {DAYS[20]}\n"
    )
    setting = load_setting(load_spec(folder / "v.toml"))
    assert setting.history is None
    assert not any("before" in note for note in setting.notes)


def test_what_a_hedge_notes_counts_the_run_s_bars_with_a_beta_known_from_before(folder):
    csv(folder / "A.csv", seed=3)
    (folder / "h.toml").write_text(
        "strategy = 'hedge'\n[rule]\nholding = 'A'\nbeta_bars = 20\nfunded_by = 'cash'\ncash_share = 0.01\n"
        f"[data]\nindex = 'CHIPS.csv'\nassets = ['A.csv']\nstart = {DAYS[30]}\n"
    )
    run = run_backtest(load_spec(folder / "h.toml"))
    assert len(run.bars) == 30
    about = [note for note in run.warnings if "does not suffice" in note or "nothing to hedge" in note]
    assert about
    assert all(" of 30 bars" in note for note in about)


def test_contracts_are_priced_on_the_run_s_own_bars_so_they_wait_for_them():
    run = run_backtest(load_spec("event_options", ["data.start=2015-01-02", "data.end=2016-12-30"]))
    assert run.setting.history is not None
    assert run.rule.bars_waited == run.rule.warm_up == run.rule.plan.volatility_bars + 1
    waited = f"{run.rule.warm_up} bars of the run's own are needed to price contracts"
    assert any(note.startswith("no signal before 2015-") and waited in note for note in run.warnings)
