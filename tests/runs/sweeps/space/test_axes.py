"""[sweep]: what lists and ranges mean, and one sentence for each that cannot be."""

import pytest

from letf_instruments import SpecError
from runs.specs.reading import load_spec
from runs.sweeps.space.axes import grid_of
from tests.runs.sweeps.specs import grid, swept


@pytest.mark.parametrize(
    ("key", "given", "values"),
    [
        ("plan.stop", "[0.1, 0.05]", (0.1, 0.05)),
        ("plan.stop", "{from = 0.02, to = 0.1, step = 0.02}", (0.02, 0.04, 0.06, 0.08, 0.1)),
        ("plan.stop", "{from = 0.1, to = 0.3, step = 0.1}", (0.1, 0.2, 0.3)),
        ("plan.stop", "{from = 0.3, to = 0.1, step = -0.1}", (0.3, 0.2, 0.1)),
        ("plan.stop", "{from = 0.1, to = 0.25, step = 0.1}", (0.1, 0.2)),  # the step does not arrive
        ("plan.stop", "{from = 0.1, to = 0.7, count = 4}", (0.1, 0.3, 0.5, 0.7)),
        ("plan.target", '{from = 0.01, to = 10, count = 4, scale = "log"}', (0.01, 0.1, 1.0, 10.0)),
        ("plan.max_bars", "{from = 5, to = 15, step = 5}", (5, 10, 15)),
        (
            "plan.max_bars",
            '{from = 1, to = 8, count = 7, scale = "log"}',
            (1, 2, 3, 4, 6, 8),
        ),  # 1.4, 2.8, 5.7
        ("plan.max_bars", "{from = 1, to = 2, count = 2}", (1, 2)),
        ("plan.max_bars", '["none", 10.0]', (None, 10)),
        ("plan.stop", '["none", 0.1, "atr_stop"]', (None, 0.1, "atr_stop")),
        ("filters.slow.trend.bars", "[4, 6]", (4, 6)),
        ("filters.slow.trend.leave", "[true, false]", (True, False)),
        ("rule.confirm", '[["rsi", "average"], []]', (["rsi", "average"], [])),
        ("costs.preset", '["zero", "pro"]', ("zero", "pro")),
        ("data.start", "[1999-01-10, 1999-02-10]", ("1999-01-10", "1999-02-10")),
    ],
)
def test_values_are_those_that_a_person_would_count_up(tmp_path, key, given, values):
    (axis,) = grid(tmp_path, f"{key} = {given}").axes
    assert axis.key == key
    assert axis.values == values
    assert [type(v) for v in axis.values] == [type(v) for v in values]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("", "swept has no [sweep]; name parameters"),
        ("plan.stop = []", "sweep.plan.stop is empty"),
        ("plan.stop = 0.1", "sweep.plan.stop is 0.1; it must be a list"),
        ("plan.stop = [0.1, 0.10]", "sweep.plan.stop has the value 0.1 twice"),
        ("plan.max_bars = [5, 5.0]", "sweep.plan.max_bars has the value 5 twice"),
        ("plan.stop = [0.1, 1.5]", "sweep.plan.stop: plan.stop is 1.5; it should be less than 1"),
        ("plan.target = [inf]", "sweep.plan.target has the value inf; it must be finite"),
        ("rule.rsi_bars = [2.5]", "sweep.rule.rsi_bars: rule.rsi_bars is 2.5"),
        ('data.splits = ["yes"]', "sweep.data.splits: data.splits is 'yes'"),
        (
            "account.cash = [-1]",
            "sweep.account.cash: account.cash is -1; it should be greater than or equal to 0.01",
        ),
        ("plan.stopp = [0.1]", "sweep.plan.stopp: unknown key plan.stopp; did you mean plan.stop?"),
        ("rule.rsi_barz = [5]", "unknown key rule.rsi_barz; did you mean rule.rsi_bars?"),
        ("pan.stop = [0.1]", "unknown key pan.stop; did you mean plan.stop?"),
        ("stop = [0.1]", "unknown key stop; its table must be of data, rule"),
        ('strategy = ["dip"]', "unknown key strategy; its table must be of data, rule"),
        ("filters.trend.bars = [4]", "unknown key filters.trend; the filters of this spec: slow"),
        ("filters.slow.trend.barz = [4]", "did you mean filters.slow.trend.bars?"),
        ('"plan.stop" = [0.1]\nplan.stop = [0.2]', "sweep.plan.stop is given twice"),
        ("plan.stop = {from = 0.1, to = 0.02, step = 0.01}", "an empty range; steps of 0.01 do not lead"),
        ("plan.stop = {from = 0.1, to = 0.2, step = 0}", "an empty range"),
        ("plan.stop = {from = 0.1, to = 0.2}", "a range is {from, to, step} or"),
        ("plan.stop = {from = 0.1, step = 0.2}", "sweep.plan.stop: to is missing"),
        ("plan.stop = {from = 0.1, too = 0.2}", "unknown key too; did you mean to?"),
        ('plan.stop = {from = 0.1, to = "x", step = 0.1}', "to is 'x'; it must be a number"),
        ("plan.stop = {from = 0.1, to = 0.2, count = 1}", "count is 1; it must be a whole number from 2"),
        ("plan.stop = {from = 0.1, to = 0.1, count = 2}", "from and to are both 0.1"),
        ('plan.stop = {from = 0, to = 0.2, count = 3, scale = "log"}', "both ends must be above 0"),
        ('plan.stop = {from = 0.1, to = 0.2, count = 3, scale = "lg"}', "scale is 'lg'"),
        ('plan.stop = {from = 0.1, to = 0.2, step = 0.1, scale = "log"}', "takes a count, not a step"),
        ("plan.stop = {from = 0, to = 0.9, step = 1e-9}", "900,000,001 values; a parameter may have 10,000"),
        ('data.index = ["nasdaq", "../a.csv"]', "data.index '../a.csv' leaves the spec's own folder"),
    ],
)
def test_what_cannot_be_is_one_sentence(tmp_path, given, sentence):
    with pytest.raises(SpecError) as error:
        grid(tmp_path, given)
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_more_cells_than_can_be_numbered_are_refused(tmp_path):
    bars = ("rsi_bars", "average_bars", "memory", "support_bars", "volume_bars", "atr_bars")
    keys = [f"rule.{name}" for name in (*bars, "overbought", "oversold", "volume_ratio", "fund_level")]
    keys += [f"costs.{name}_bps" for name in ("commission", "half_spread", "slippage", "impact")]
    keys += ["plan.max_bars", "plan.cooldown", "plan.target", "account.cash", "options.commission"]
    lines = [f"{key} = {{from = 10, to = 19, step = 1}}" for key in keys]
    assert len(lines) == 19
    with pytest.raises(SpecError, match=r"the grid has 1e\+19 cells, more than can be numbered"):
        grid(tmp_path, "\n".join(lines))
    assert grid(tmp_path, "\n".join(lines[:18])).size == 10**18


def test_values_that_are_only_wrong_together_stay(tmp_path):
    found = grid(tmp_path, "rule.overbought = [30, 60]\nplan.risk = [0.01]\nplan.stop = ['none', 0.1]")
    assert found.shape == (2, 1, 2)  # 30 is below oversold; a risk needs a stop


def test_axes_are_in_order_of_what_they_change(tmp_path):
    found = grid(
        tmp_path,
        "costs.slippage_bps = [1, 2]\nplan.stop = [0.1, 0.2]\nplan.instrument = ['SOXS', 'SOXL']\n"
        "rule.rsi_bars = [3, 4]\ndata.seed = [1, 2]",
    )
    keys = [axis.key for axis in found.axes]
    assert keys == ["data.seed", "plan.instrument", "rule.rsi_bars", "plan.stop", "costs.slippage_bps"]


def test_several_indices_are_an_axis_and_one_is_none(tmp_path):
    spec = swept(tmp_path, 'plan.stop = [0.1]\ndata.index = ["a", "b"]')
    assert [axis.values for axis in grid_of(spec, ["x", "y"]).axes] == [("x", "y"), (0.1,)]
    assert [axis.key for axis in grid_of(spec, ["x"]).axes] == ["plan.stop"]


def test_the_command_line_changes_an_axis(tmp_path):
    spec = swept(tmp_path, "plan.stop = [0.1]\nplan.target = [1]")
    changed = load_spec(spec._file, ["sweep.plan.stop=[0.2, 0.3]", "sweep.plan.target=none"])
    (axis,) = grid_of(changed).axes
    assert axis.values == (0.2, 0.3)


def test_a_file_in_the_spec_is_the_spec_folders_and_one_on_the_command_line_the_callers(tmp_path):
    spec = swept(tmp_path, 'data.index = ["a.csv", "nasdaq"]')
    assert spec.with_values({"data.index": "a.csv"}).place("index") == str(tmp_path / "a.csv")
    assert spec.with_values({"data.index": "nasdaq"}).place("index") == "nasdaq"
    given = load_spec(spec._file, ['sweep.data.index=["a.csv"]'])
    assert given.with_values({"data.index": "a.csv"}).place("index") == "a.csv"


def test_a_preset_is_swept_as_if_it_were_written_in_the_spec(tmp_path):
    from engine import PRESETS

    spec = swept(tmp_path, "costs.preset = ['zero', 'pro']")
    got = spec.with_values({"costs.preset": "pro"}).costs.half_spread_bps
    assert got == PRESETS["pro"].half_spread_bps


def test_a_spec_with_a_sweep_runs_as_if_it_had_none(tmp_path):
    spec = swept(tmp_path, "plan.stop = [0.1]")
    assert "sweep" not in spec.resolved()
    assert spec.resolved()["plan"]["stop"] == 0.08


def test_the_example_spans_a_hundred_thousand_cells():
    found = grid_of(load_spec("rsi_timing_sweep"))
    assert found.size >= 100_000
    by_key = {axis.key: axis.values for axis in found.axes}
    assert by_key["rule.average_bars"] == (5, 9, 16, 28, 50)  # 5 · 10^(k/4), rounded
    assert by_key["plan.stop"] == (0.04, 0.06, 0.08, 0.1, 0.12, 0.14, 0.16)
