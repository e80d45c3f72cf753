"""The spec that a page shows can be pasted into a file, and is the same spec then."""

import pytest

from runs.answers.page.spec_text import spec_texts, spec_toml
from runs.answers.provenance import Provenance
from runs.specs.reading import examples, load_spec
from runs.specs.run_spec import unsaid

CHANGES = [
    "plan.stop=none",
    "plan.max_bars=none",
    "account.kind=cfd",
    "account.tax=us",
    'account.deposits={amount = 500, every = "month"}',
    "costs.preset=retail",
    "costs.preset=pro",
    "account.cash=5000",
    "account.whole_shares=true",
    "data.total_return=false",
    "data.seed=7",
    "options.spread=0.1",
    "data.start=2001-01-01",
]


def pasted(spec, folder):
    file = folder / f"{spec.name}.toml"
    file.write_text(spec_toml(Provenance(spec.resolved(), {}, defaults=unsaid())))
    return load_spec(str(file)).resolved()


@pytest.mark.parametrize("name", sorted(examples()))
def test_an_example_is_itself_again(name, tmp_path):
    spec = load_spec(name)
    assert pasted(spec, tmp_path) == spec.resolved()


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_is_as_it_was_changed(change, tmp_path):
    spec = load_spec("rsi_timing", changes=[change])
    assert pasted(spec, tmp_path) == spec.resolved()


def test_a_preset_of_which_one_value_is_set_to_nothing_is_itself_again(tmp_path):
    """Nothing is what goes without saying, but not under a preset."""
    spec = load_spec("rsi_timing", changes=["costs.preset=retail", "costs.commission_per_share=0"])
    assert pasted(spec, tmp_path) == spec.resolved()


def test_what_goes_without_saying_is_left_out():
    """Of twenty keys of an account those that say something, and what kind it is."""
    spec = load_spec("rsi_timing")
    text = spec_toml(Provenance(spec.resolved(), {}, defaults=unsaid()))
    account = text.split("[account]")[1].split("[")[0].split()
    assert account == ["kind", "=", '"cash"', "cash", "=", "100000.0"]
    assert "[options]" not in text


def test_of_several_specs_each_stands_by_itself(tmp_path):
    specs = {name: load_spec(name) for name in ("trend", "hold")}
    given = {name: spec.resolved() for name, spec in specs.items()}
    texts = spec_texts(Provenance(given, {}, defaults=unsaid()))
    assert [name for name, _ in texts] == ["trend", "hold"]
    for name, text in texts:
        (tmp_path / f"{name}.toml").write_text(text)
        assert load_spec(str(tmp_path / f"{name}.toml")).resolved() == specs[name].resolved()
