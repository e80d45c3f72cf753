"""What a rule makes of a path is what `letf run` makes of the same bars."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import letf
from feeds.histories.named import NAMED
from letf_instruments import SpecError
from runs.backtest.setting import load_setting
from runs.robustness.stress.paths import stage
from runs.robustness.stress.study import KEYS, Course, case_frame, course_frame, picked, stress_spec
from runs.robustness.stress.windows import WINDOWS
from runs.specs.script import make_spec
from runs.studies.rules.joined import run_backtest

ALL = {named.key: named for named in NAMED}


@pytest.mark.parametrize("name", ["trend", "rsi_timing", "hedge", "tranches"])
@pytest.mark.parametrize("key", ["correction", "crash_v"])
def test_it_is_the_run_that_these_bars_would_give_as_a_file(name, key):
    """The path and the calm before it as a frame, from the day on which the path begins."""
    spec = make_spec(name)
    (case,) = stress_spec(spec, [key]).cases
    made = stage(spec, load_setting(spec), ALL[key], None).setting
    both = [made.history.bars, made.bars]
    columns = {
        c: np.concatenate([getattr(bars, c) for bars in both])
        for c in ("open", "high", "low", "close", "volume")
    }
    days = np.concatenate([bars.sessions for bars in both]).astype("datetime64[s]")
    frame = pd.DataFrame(columns, index=pd.DatetimeIndex(days))
    data = {
        "index": {"nasdaq": frame},
        "rates": None,
        "rate": made.rate.at(20_000),
        "start": made.bars.sessions[0].item(),
        "total_return": False,
        "on_bad_print": "keep",
    }
    run = run_backtest(make_spec(name, tables={"data": data}), studies=False)
    assert run.days[0] == case.days[0]
    np.testing.assert_allclose(case.rule.value, 100 * run.worth / run.start, rtol=1e-9)
    assert case.trades == len(run.trades)
    assert case.fills == len(run.logged)
    assert case.rule.total == pytest.approx(run.metrics["total_return"])
    assert case.rule.worst == pytest.approx(run.metrics["max_drawdown"])


def test_a_real_window_is_the_run_from_its_first_day_to_its_last():
    (case,) = stress_spec(make_spec("trend"), ["real_2008"]).cases
    run = letf.run("trend", start="2008-01-02", end="2009-03-09")
    assert (case.real, str(case.days[0]), str(case.days[-1])) == (True, "2008-01-02", "2009-03-09")
    assert case.rule.total == pytest.approx(run.metrics["total_return"])
    assert case.trades == run.metrics["trades"]
    assert case.index.total == pytest.approx(run.metrics["hold_index_total_return"])


def test_windows_that_the_index_does_not_cover_are_named():
    found = stress_spec(make_spec("hold"), ["chop", *(window.key for window in WINDOWS)])
    assert [case.key for case in found.cases] == ["chop", "real_2000_02", "real_2008"]
    assert set(found.left_out) == {"March 2020", "2022", "April 2025"}
    assert found.left_out["2022"] == "nasdaq covers 1999-01-04 to 2018-12-31"


def test_dates_of_the_spec_bound_the_betas_and_not_the_windows():
    spec = make_spec("hold", tables={"data": {"start": "2012-01-03", "end": "2015-12-31"}})
    found = stress_spec(spec, ["climb", "real_2008"])
    assert [case.key for case in found.cases] == ["climb", "real_2008"]
    assert str(found.cases[0].days[0]) == "2015-12-31"


def test_an_asset_that_begins_late_leaves_out_what_it_does_not_cover_and_no_more(tmp_path):
    days = pd.bdate_range("2007-06-01", "2018-12-31")
    close = 50 * np.exp(np.cumsum(0.01 * np.random.default_rng(1).standard_normal(len(days))))
    pd.DataFrame({"date": days, "close": close}).to_csv(tmp_path / "LATE.csv", index=False)
    data = {"assets": [str(tmp_path / "LATE.csv")], "start": "2007-06-01"}
    spec = make_spec("hedge", tables={"data": data, "rule": {"holding": "LATE"}})
    found = stress_spec(spec, ["chop", "real_2000_02", "real_2008"])
    assert [case.key for case in found.cases] == ["chop", "real_2008"]
    assert "LATE.csv: it covers 2007-06-01 to 2018-12-31" in found.left_out["2000–02"]


def test_a_simulated_index_has_no_2008():
    found = stress_spec(make_spec("hold", tables={"data": {"index": "semis-sim"}}), ["chop", "real_2008"])
    assert found.left_out == {"2008": "semis-sim is simulated, and has no such time"}


def test_what_is_held_beside_it_is_by_hand():
    """Up 33 % on one day: a fund of −3x keeps about 1 % of itself; cash of a rate for the nights between."""
    (case,) = stress_spec(make_spec("hold"), ["one_day"]).cases
    at = int(np.argmax(np.diff(np.log(case.index.value))))
    assert case.index.value[at + 1] / case.index.value[at] == pytest.approx(1.33)
    soxs = case.funds["SOXS"].value
    assert soxs[at + 1] / soxs[at] == pytest.approx(0.01, abs=0.001)
    soxl = case.funds["SOXL"].value
    assert soxl[at + 1] / soxl[at] == pytest.approx(1.99, abs=0.001)
    made = stage(make_spec("hold"), load_setting(make_spec("hold")), ALL["one_day"], None).setting
    nights = np.diff(case.days).astype(int) * made.rate.at(20_000) / 360
    assert case.cash.total == pytest.approx(np.prod(1 + nights) - 1)
    assert Course(np.array([100.0, 120.0, 90.0, 110.0])).worst == pytest.approx(-0.25)


RAW = """
import backtrader as bt
class S(bt.Strategy):
    def __init__(self):
        self.average = bt.ind.SMA(self.data0.close, period=60)
        self.soxl = self.getdatabyname("SOXL")
    def next(self):
        held = self.getposition(self.soxl).size
        if self.data0.close[0] > self.average[0] and not held:
            self.buy(self.soxl, size=100)
        elif self.data0.close[0] < self.average[0] and held:
            self.close(self.soxl)
"""


def test_a_strategy_of_backtrader_s_own_is_measured_from_the_path_s_first_close(tmp_path):
    (tmp_path / "s.py").write_text(RAW)
    (tmp_path / "s.toml").write_text('strategy = "s.py:S"\n')
    spec = make_spec(tmp_path / "s.toml")
    found = stress_spec(spec, ["crash_v", "real_2008"])
    for case, start in zip(found.cases, ("2018-12-31", "2008-01-02"), strict=True):
        assert str(case.days[0]) == start
        assert len(case.rule.value) == len(case.days) == len(case.index.value)
        assert case.rule.value[0] == case.index.value[0] == 100.0
    made = stage(spec, load_setting(spec), ALL["crash_v"], None)
    run = run_backtest(spec, setting=made.setting, studies=False)
    late = len(made.setting.bars) - len(run.worth)  # until its average is there
    own = run.worth[made.begin - late :]
    np.testing.assert_allclose(found.cases[0].rule.value, 100 * own / own[0])
    assert found.cases[0].fills == sum(fill.bar > made.begin for fill in run.logged) > 0


def test_a_strategy_whose_indicator_needs_more_than_the_calm_starts_within_the_path(tmp_path):
    (tmp_path / "s.py").write_text(RAW.replace("period=60", "period=300"))
    (tmp_path / "s.toml").write_text('strategy = "s.py:S"\n')
    (case,) = stress_spec(make_spec(tmp_path / "s.toml"), ["chop"]).cases
    assert len(case.rule.value) == len(case.days)
    np.testing.assert_allclose(np.diff(case.rule.value[:48]), 0.0, atol=0.05)  # cash, with its interest
    assert case.fills > 0
    assert np.abs(np.diff(case.rule.value[48:])).max() > 0.1


def test_options_priced_from_a_volatility_index_have_no_named_path(tmp_path):
    days = pd.bdate_range("1999-01-04", "2018-12-31")
    pd.DataFrame({"date": days, "close": 20.0}).to_csv(tmp_path / "VIX.csv", index=False)
    spec = make_spec(
        "event_options", tables={"data": {"volatility": str(tmp_path / "VIX.csv")}, "plan": {"scale": 1.0}}
    )
    found = stress_spec(spec, ["chop", "real_2008"])
    assert [case.key for case in found.cases] == ["real_2008"]
    assert "priced from a volatility index" in found.left_out["choppy and flat"]
    with pytest.raises(SpecError, match="event_options can be run on none of the paths; choppy and flat"):
        stress_spec(spec, ["chop"])


def test_the_seed_is_the_path():
    def courses(seed):
        return course_frame(stress_spec(make_spec("hold", tables={"data": {"seed": seed}}), ["chop"]))

    pd.testing.assert_frame_equal(courses(4), courses(4))
    assert (courses(4)["index"] != courses(5)["index"]).any()


def test_frames_say_row_by_row_what_is_real():
    found = stress_spec(make_spec("hold"), ["chop", "real_2008"])
    assert case_frame(found)["data"].to_dict() == {"chop": "SIMULATED", "real_2008": "real"}
    rows = course_frame(found)
    assert rows.groupby("path")["data"].unique().map(list).to_dict() == {
        "chop": ["SIMULATED"],
        "real_2008": ["real"],
    }
    assert len(rows) == sum(len(case.days) for case in found.cases)


def test_intraday_bars_and_unknown_paths_are_refused():
    with pytest.raises(SpecError, match="these are intraday bars"):
        stress_spec(make_spec("opening_range"))
    with pytest.raises(SpecError, match="unknown path 'crash'; did you mean 'crash_v'"):
        stress_spec(make_spec("hold"), ["crash"])
    assert len(picked([])[0]) + len(picked([])[1]) == len(KEYS) == 12


def test_a_window_is_covered_up_to_a_week_at_its_ends():
    window = replace(WINDOWS[1])
    first, last = np.datetime64(window.first), np.datetime64(window.last)
    assert window.covered(first + 7, last - 7)
    assert not window.covered(first + 8, last)
    assert not window.covered(first, last - 8)


@pytest.mark.market
def test_real_windows_of_the_semiconductors(market_folder):
    """By the files: ^SOX 2000-03-10 to 2002-10-09 −83.9 %, SOXL −85.9 % and SOXS +15.5 % in 2022 by price."""
    data = {"index": "SOX:2021-08-25:SOXX"}
    found = stress_spec(
        make_spec("hold", tables={"data": data}), [w.key for w in WINDOWS], folder=market_folder
    )
    by_key = {case.key: case for case in found.cases}
    assert set(found.left_out) == {"April 2025"}
    assert by_key["real_2000_02"].index.total == pytest.approx(-0.839, abs=0.005)
    assert by_key["real_2022"].funds["SOXL"].total == pytest.approx(-0.859, abs=0.01)
    assert by_key["real_2020_03"].index.worst == pytest.approx(-0.35, abs=0.005)
