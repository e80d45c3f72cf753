"""[account] and [costs]: what they take, what presets fill in, and that the broker gets it all."""

import dataclasses
import inspect

import pytest

from engine import PRESETS, CfdBroker, Costs, LabBroker, TaxTerms
from letf_instruments import SpecError
from runs.specs.money import AccountSpec, CostSpec, TaxSpec, broker_of
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest
from tests.conftest import ROOT


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_fills_in_what_is_not_given(name):
    assert CostSpec(preset=name).costs() == PRESETS[name]
    assert CostSpec(preset=name, slippage_bps=9).costs() == dataclasses.replace(PRESETS[name], slippage_bps=9)
    assert CostSpec.model_validate({"preset": name}).model_dump(exclude={"preset"}) == dataclasses.asdict(
        PRESETS[name]
    )  # a manifest has the numbers, not only the name


def test_every_cost_and_every_setting_of_the_broker_has_its_key():
    assert {*CostSpec.model_fields} - {"preset"} == {f.name for f in dataclasses.fields(Costs)}
    own = {name for name in AccountSpec.model_fields if name not in ("cash", "kind", "deposits", "tax")}
    for kind, broker in (("cash", LabBroker), ("cfd", CfdBroker)):
        settings = {*AccountSpec(kind=kind).settings()}
        assert settings <= {name for name in dir(broker.params) if not name.startswith("_")} | {"cash"}
        own -= settings
    assert not own
    terms = {f.name: f.default for f in dataclasses.fields(TaxTerms)}
    fields = TaxSpec.model_fields
    assert {*fields} - {"preset"} == {*terms}
    assert all(fields[name].default == terms[name] for name in terms if not fields[name].is_required())
    said = inspect.getdoc(AccountSpec)
    assert all(name in said for name in AccountSpec.model_fields)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("cash_spread", 0.01),
        ("debt_spread", 0.02),
        ("borrow_fee", 0.05),
        ("recall_rate", 2.0),
        ("initial_margin", 0.6),
        ("maintenance_margin", 0.4),
        ("long_initial_margin", 0.7),
        ("long_maintenance_margin", 0.5),
        ("whole_shares", True),
        ("cash", 5_000.0),
    ],
)
def test_each_setting_reaches_the_broker(key, value):
    broker = broker_of(AccountSpec(**{key: value}), CostSpec(), 0.02, seed=3)
    assert getattr(broker.p, key) == value
    assert broker.p.seed == 3
    other = broker_of(AccountSpec(), CostSpec(preset="pro"), 0.02, seed=3)
    assert other.p.costs == PRESETS["pro"]
    assert getattr(other.p, key) != value


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("margin_rate", 0.1),
        ("stop_out", 0.3),
        ("financing_spread", 0.01),
        ("interest_on_equity", True),
        ("negative_balance_protection", False),
        ("borrow_fee", 0.05),
        ("cash", 5_000.0),
    ],
)
def test_each_setting_of_a_cfd_account_reaches_its_broker(key, value):
    broker = broker_of(AccountSpec(kind="cfd", **{key: value}), CostSpec(), 0.02, seed=3)
    assert isinstance(broker, CfdBroker)
    assert getattr(broker.p, key) == value
    assert getattr(broker_of(AccountSpec(kind="cfd"), CostSpec(), 0.02, seed=3).p, key) != value


def test_a_key_of_the_other_kind_of_account_is_said_to_have_no_effect():
    cash = broker_of(AccountSpec(margin_rate=0.1), CostSpec(), 0.0, seed=1)
    assert cash.notes == [
        "account.margin_rate has no effect: it does not belong to an account of kind 'cash'"
    ]
    assert (
        "account.recall_rate has no effect"
        in (broker_of(AccountSpec(kind="cfd", recall_rate=2), CostSpec(), 0.0, seed=1).notes[0])
    )


def test_a_rule_puts_its_fraction_in_as_margin():
    """Half of the equity at 5x is 2.5 times the equity."""
    spec = load_spec("rsi_timing", ["account.kind=cfd", "data.end=2002-12-31"])
    run = run_backtest(spec)
    first = run.fills["SOXS"][0]
    assert first.size * run.ledgers["SOXS"].close[first.bar - 1] == pytest.approx(250_000)
    assert run.metrics["financing_paid"] > 0
    assert run.metrics["interest_earned"] == 0
    assert any("leverage on leverage" in note for note in run.warnings)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("costs.preset=retial", "costs.preset is 'retial'; it should be 'zero', 'retail' or 'pro'"),
        ("costs.preset=3", "costs.preset is 3; it should be 'zero', 'retail' or 'pro'"),
        ("costs.max_participation=0", "costs.max_participation is 0; it should be greater than 0"),
        ("costs.half_spread_cent=1", r"unknown key costs.half_spread_cent; did you mean"),
        ("account.borrow_fee=6", "account.borrow_fee is 6; it should be less than or equal to 5"),
        ("account.initial_margin=0", "account.initial_margin is 0; it should be greater than 0"),
        ("account.margin_rate=0", "account.margin_rate is 0; a contract ties up at least 0.001"),
        ("account.stop_out=1", "account.stop_out is 1; it should be less than 1"),
        (
            "account.financing_spread=9",
            "account.financing_spread is 9; it should be less than or equal to 0.3",
        ),
        ("account.kind=cdf", "account.kind is 'cdf'; it should be 'cash' or 'cfd'"),
        ("account.long_maintenance_margin=2", "account.long_maintenance_margin is 2; it should be less than"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(change, says):
    with pytest.raises(SpecError, match=says):
        load_spec("rsi_timing", [change])


def test_a_run_s_costs_are_the_sum_of_their_parts():
    m = run_backtest(load_spec("rsi_timing", ["costs.preset=pro", "account.cash_spread=0.005"])).metrics
    parts = [m[f"{name}_paid"] for name in ("commission", "spread", "slippage", "borrow", "financing")]
    assert m["costs_paid"] == pytest.approx(sum(parts))
    assert min(parts[:3]) > 0
    assert m["borrow_paid"] == m["financing_paid"] == 0  # it never shorts, and has no CFD


def test_dearer_costs_and_a_spread_on_cash_leave_less():
    kind = ["costs.commission_bps=0", "costs.half_spread_bps=0", "costs.slippage_bps=0", "data.rate=0.02"]
    free = run_backtest(load_spec("rsi_timing", kind)).metrics
    spread = run_backtest(load_spec("rsi_timing", [*kind, "account.cash_spread=0.02"])).metrics
    assert free["costs_paid"] == 0
    assert spread["interest_earned"] == 0
    assert spread["final_equity"] < free["final_equity"]


def test_the_documented_presets_are_the_presets():
    text = (ROOT / "docs" / "fills.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if "`" in line]
    shown = {}
    for cells in rows:
        keys = [key.strip("` ") for key in cells[0].split(",")] if len(cells) == 5 else []
        for key in keys:
            if key in CostSpec.model_fields and key != "preset":
                shown[key] = [float(value) for value in cells[2:]]
    assert shown == {
        f.name: [getattr(costs, f.name) for costs in PRESETS.values()] for f in dataclasses.fields(Costs)
    }
