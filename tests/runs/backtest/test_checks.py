"""What a run is refused for, whichever engine would run it."""

import numpy as np
import pytest

from letf_instruments import LetfError, SpecError
from runs.backtest.checks import check_run
from runs.backtest.event_driven import run_account
from runs.backtest.setting import load_setting
from runs.specs.reading import load_spec
from runs.sweeps.engines.by_kernel import KernelEngine
from runs.sweeps.engines.job import Job
from runs.sweeps.space.grid import Axis, Grid
from tests.runs.backtest.files import HEAD, csv

ONE = Grid((Axis("costs.slippage_bps", (0.0,)),))


def spec_of(folder, data, rule=HEAD):
    csv(folder / "CHIPS.csv")
    (folder / "run.toml").write_text(f"{rule}[data]\nindex = 'CHIPS.csv'\n{data}")
    return load_spec(folder / "run.toml")


CASES = {
    "a price of a fund that the run has not": (
        "funds = []\nfirst_price = {SQQQ = 5.0}\n",
        r"data.first_price.SQQQ: SQQQ is no fund of this run; its funds are SOXL",
    ),
    "real splits that nobody knows": (
        'funds = ["own.toml"]\nsplits = "actual"\n',
        "no splits of OWN are in the fact table",
    ),
    "events that are not there": (
        "",
        "event_window reads a calendar of events, but data.events names none",
        'strategy = "event_window"\n',
    ),
    "too few bars": (
        "",
        "60 bars are too few; trend needs more than 500",
        'strategy = "trend"\n[rule]\nbars = 500\n',
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_both_engines_refuse_it_in_the_same_words(case, tmp_path):
    data, words, *rule = case
    (tmp_path / "own.toml").write_text(
        'ticker = "OWN"\nmultiple = 2.0\nexpense_ratio = 0.01\nspread = 0.005\n'
    )
    spec = spec_of(tmp_path, data, *rule)
    setting = load_setting(spec)
    said = []
    for run in (
        lambda: check_run(spec, setting, spec.make_rule()),
        lambda: run_account(spec, setting, spec.make_rule()),
        lambda: KernelEngine(Job(spec, ONE, "kernel")).record(0),
    ):
        with pytest.raises(LetfError, match=words) as refused:
            run()
        said.append(str(refused.value))
    assert said[0] == said[1] == said[2]
    row = KernelEngine(Job(spec, ONE, "kernel")).evaluate(np.arange(1))
    assert row["refused"] == [said[0]]


def test_one_instrument_under_two_names_is_refused(tmp_path):
    rule = 'strategy = "mix"\n[rule]\nweights = {index = 0.5, CHIPS = 0.5}\n'
    spec = spec_of(tmp_path, "", rule)
    with pytest.raises(SpecError, match="trades index and CHIPS, which are the same"):
        run_account(spec, load_setting(spec), spec.make_rule())
