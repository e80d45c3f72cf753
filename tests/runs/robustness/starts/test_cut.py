"""A start in the compiled engine is the run that `letf run --start --end` makes, history included."""

import contextlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.kernel.stage import Stage
from letf_instruments import SpecError
from runs.backtest.beginning import begun
from runs.backtest.event_driven import run_account
from runs.backtest.setting import load_setting
from runs.robustness.starts.cut import cut_paths
from runs.robustness.starts.study import first_start
from runs.specs.reading import load_spec
from tests.conftest import random_bars
from tests.runs.robustness.rig import frame_of, spec_on

EXACT = 1e-9
DEAR = {"commission_per_share": 0.01, "half_spread_cents": 1.0, "slippage_bps": 3}
RULES = {
    "stops and targets": (
        "rsi_timing",
        {
            "rule": {"average_bars": 3, "rsi_bars": 3, "overbought": 60, "oversold": 40},
            "plan": {"stop": 0.06, "target": 0.1, "max_bars": 7},
        },
    ),
    "a stop by ranges, shares in whole": (
        "rsi_timing",
        {
            "rule": {"average_bars": 3, "rsi_bars": 3, "overbought": 55, "side": "bear"},
            "plan": {"stop": "atr_stop", "trailing_atr": 2.0, "cooldown": 2},
            "account": {"whole_shares": True},
            "costs": DEAR,
        },
    ),
    "both sides at closes": (
        "switch",
        {"rule": {"bars": 10}, "plan": {"fill": "same-close", "stop": 0.1, "other": {"instrument": "SOXS"}}},
    ),
    "weights traded back": (
        "mix",
        {"rule": {"weights": {"SOXL": 0.5, "index": 0.3}}, "plan": {"schedule": "month-end"}},
    ),
    "weights each tenth session, dear": (
        "mix",
        {"rule": {"weights": {"SOXL": 0.6}}, "plan": {"every": 10}, "costs": DEAR,
         "account": {"whole_shares": True}},
    ),
    "shorts": (
        "decay_harvest",
        {"rule": {"legs": "bear"}, "account": {"borrow_fee": 0.03, "recall_rate": 4.0}},
    ),
    "lots": (
        "tranches",
        {"plan": {"lots": 4, "amount": 20_000, "size": "fixed", "each": {"target": 0.03, "patience": 9}}},
    ),
    "an account that is seen, dear": (
        "infinite_buying",
        {"account": {"whole_shares": True}, "costs": DEAR},
    ),
    "a value that grows": ("value_rebalancing", {}),
    "quarters": ("signal_line", {}),
}  # fmt: skip


def alone(spec, days, start, end):
    """The run of its own that a start must be: backtrader, from one session to another."""
    own = spec.with_values({"data.start": days[start].item(), "data.end": days[end].item()})
    return run_account(own, load_setting(own), own.make_rule()).equity / own.account.cash


@pytest.mark.parametrize("case", RULES, ids=list(RULES))
@settings(max_examples=6)
@given(seed=st.integers(0, 10**6), data=st.data())
def test_a_start_is_the_run_that_begins_there(case, seed, data):
    strategy, tables = RULES[case]
    spec, setting = begun(spec_on(random_bars(seed, n=130), strategy, **tables))
    days = setting.bars.sessions
    starts = np.arange(first_start(setting, spec.make_rule()), len(days) - 20)
    lengths = np.array([15, 40])
    found = cut_paths(spec, setting, starts, lengths, None)
    assert not found.odd.any()
    for at in {0, data.draw(st.integers(0, len(starts) - 1)), len(starts) - 1}:
        start = int(starts[at])
        expected = alone(spec, days, start, min(start + 40, len(days) - 1))
        assert found.account[at, : len(expected)] == pytest.approx(expected, abs=EXACT * expected.max())
        assert np.isnan(found.account[at, len(expected) :]).all()


@pytest.mark.parametrize("where", [59, 60, 61, 62, 80])
def test_who_begins_after_a_fund_died_finds_a_new_one(where):
    frame = frame_of(random_bars(3, n=130))
    frame.iloc[60:] *= 1.6  # one day beyond a third up: the bear fund is gone
    rule = {"weights": {"SOXS": 0.5}}
    spec = spec_on(frame, "mix", rule=rule, plan={"every": 5})
    spec, setting = begun(spec)
    days = setting.bars.sessions
    starts = np.array([5, where])
    found = cut_paths(spec, setting, starts, np.array([30]), None)
    for at, start in enumerate(starts):
        expected = alone(spec, days, start, start + 30)
        assert found.account[at] == pytest.approx(expected, abs=EXACT)
    assert found.held["SOXS"][0, 0] > 0 or where < 5
    assert (found.held["SOXS"][1, 0] == 0) == (where < 60 <= where + 30)


def test_a_rule_that_reads_a_fund_sees_the_new_one_too():
    frame = frame_of(random_bars(5, n=130))
    frame.iloc[60:] *= 1.6
    tree = {"if": "price(SOXS) > sma(SOXS, 4)", "then": "SOXS", "else": "cash"}
    spec, setting = begun(spec_on(frame, "tree", rule={"tree": tree}, data={"funds": ["SOXS"]}))
    days = setting.bars.sessions
    starts = np.arange(58, 70)
    found = cut_paths(spec, setting, starts, np.array([30]), None)
    for at, start in enumerate(starts):
        assert found.account[at] == pytest.approx(alone(spec, days, start, start + 30), abs=EXACT)


def test_what_is_held_is_bought_at_the_first_close():
    bars = random_bars(4, n=80)
    spec, setting = begun(spec_on(bars, "hold", rule={"instrument": "index"}))
    found = cut_paths(spec, setting, np.array([10, 70]), np.array([5, 20]), None)
    assert found.held == {}  # the index is set beside every rule
    spec, setting = begun(spec_on(bars, "hold", data={"rate": 0.0}))
    found = cut_paths(spec, setting, np.array([10, 70]), np.array([5, 20]), None)
    ledger = setting.ledger(setting.fund("SOXL"), 100.0).close
    assert found.held["SOXL"][0] == pytest.approx([ledger[15] / ledger[10], ledger[30] / ledger[10]])
    assert found.held["SOXL"][1, 0] == pytest.approx(ledger[75] / ledger[70])
    assert np.isnan(found.held["SOXL"][1, 1])  # beyond the data


def test_a_part_of_a_stage_is_derived_from_its_own_bars():
    n = 6
    stage = Stage(np.arange(n) * 2, np.full(n, 0.1), np.zeros(n), np.arange(1.0, n + 1), {})
    part = stage.part(2, 5, {})
    assert part.nights.tolist() == [0, 2, 2]
    idle = part.money(0.0, 0.0).idle
    assert idle.tolist() == pytest.approx([0.0, 0.1 * 2 / 360, 0.1 * 2 / 360])  # none into the first bar
    assert part.money(0.0, 0.0).growth[0] == 1.0


@pytest.mark.parametrize(
    ("says", "peeks"), [("c[1:] > c[:-1], False", True), ("False, c[1:] > c[:-1]", False)]
)
def test_a_rule_of_ones_own_that_peeks_is_refused(says, peeks, tmp_path):
    (tmp_path / "own.py").write_text(
        "import numpy as np\nfrom strategies import RuleParams, Signals, TradeRule\n\n\n"
        "class R(TradeRule):\n"
        '    name, summary, Params, default_instrument = "r", "for tests", RuleParams, "SOXL"\n\n'
        f"    def signals(self, market):\n        c = market.index.close\n        up = np.r_[{says}]\n"
        '        return Signals(entry={"in": up}, exit={"out": ~up})\n'
    )
    frame_of(random_bars(3, n=130)).reset_index().to_csv(tmp_path / "case.csv", index=False)
    (tmp_path / "own.toml").write_text('strategy = "own.py:R"\n[data]\nindex = "case.csv"\nrate = 0.0\n')
    spec = load_spec(tmp_path / "own.toml")
    where = pytest.raises(SpecError, match=r"own\.py:R looks ahead, so its result means nothing: on ")
    with where if peeks else contextlib.nullcontext():
        cut_paths(spec, load_setting(spec), np.array([0, 40]), np.array([60]), None)
