"""The spec that a page shows can be pasted into a file, and is the same spec then."""

import pytest

from runs.answers.page.page import spec_toml
from runs.answers.provenance import Provenance
from runs.specs.reading import examples, load_spec

CHANGES = [
    "plan.stop=none",
    "plan.max_bars=none",
    "account.kind=cfd",
    "account.tax=us",
    'account.deposits={amount = 500, every = "month"}',
    "costs.preset=retail",
    "data.start=2001-01-01",
]


def pasted(spec, folder):
    file = folder / f"{spec.name}.toml"
    file.write_text(spec_toml(Provenance(spec.resolved(), {})))
    return load_spec(str(file)).resolved()


@pytest.mark.parametrize("name", sorted(examples()))
def test_an_example_is_itself_again(name, tmp_path):
    spec = load_spec(name)
    assert pasted(spec, tmp_path) == spec.resolved()


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_is_as_it_was_changed(change, tmp_path):
    spec = load_spec("rsi_timing", changes=[change])
    assert pasted(spec, tmp_path) == spec.resolved()
