"""A run on data with a false print is refused, or goes on and says so; a wipe-out by one is asked about."""

import numpy as np
import pytest

from feeds.frames import bars_frame
from feeds.reading.memory import Memory
from letf_instruments import DataError, SpecError
from runs.backtest.caveats import headline
from runs.backtest.setting import load_setting
from runs.specs.reading import load_spec
from runs.studies.comparison.study import compare_specs
from runs.studies.rules.joined import run_backtest
from tests.feeds.checking.test_prints import CALM, N, calm
from tests.runs.command import letf

KEEP, CLOSE = "data.on_bad_print=keep", "data.on_bad_print=close"


def spec(index, *changes, **data):
    return load_spec("hold", list(changes), index=Memory("CHIPS", bars_frame(index)), **data)


def test_a_false_low_of_the_index_is_refused():
    with pytest.raises(DataError, match=r"row 21 \(2020-02-03\): low 50 is 50 % below .*on_bad_print=close"):
        load_setting(spec(calm(low=50.0)))


def test_with_close_the_fund_lives_and_the_note_is_said_once():
    run = run_backtest(spec(calm(low=50.0), CLOSE))
    assert run.attributions["SOXL"].wiped_out is None
    assert sum("replaced by what open and close allow" in note for note in run.warnings) == 1
    assert run.bars.low[20] == 100.0
    assert run.spec.resolved()["data"]["on_bad_print"] == "close"


def test_with_keep_the_first_line_asks_whether_the_wipe_out_is_a_stray_print():
    run = run_backtest(spec(calm(low=50.0), KEEP))
    said = headline(run)
    assert (
        "SOXL was wiped out on 2020-02-03 by the low of CHIPS, which is 50 % below what its open and" in said
    )
    assert "is it a stray print? (try --set data.on_bad_print=close)" in said
    assert sum("kept as it is" in note for note in run.warnings) == 1


def test_a_wipe_out_on_the_way_back_from_a_false_close_is_asked_about_too():
    frame = bars_frame(calm()).assign(adj_close=np.where(np.arange(N) == 20, 160.0, 80.0))
    run = run_backtest(load_spec("hold", [KEEP], index=Memory("CHIPS", frame)))
    said = (
        "SOXL was wiped out on 2020-02-04 by the adjusted close of CHIPS, which is 2 × what its neighbours'"
    )
    assert said in headline(run)
    assert "is it a stray print? (mend the file)" in headline(run)


def test_a_comparison_deals_with_false_prints_as_its_first_spec_does():
    """The index is the first's, so that its bars are the same for all."""
    specs = [spec(calm(low=50.0), CLOSE, "name=mended"), spec(calm(low=50.0), KEEP, "name=kept")]
    found = compare_specs(specs)
    assert [run.bars.low[20] for run in found.runs] == [100.0, 100.0]
    assert found.runs[1].attributions["SOXL"].wiped_out is None
    assert "kept: run on the data of mended, not on its own data.on_bad_print" in found.notes


def test_a_false_print_before_the_start_is_no_matter():
    bars = calm(low=50.0)
    assert load_setting(spec(bars, start=str(bars.sessions[21]))).bars.low[0] == 99.0


def test_clean_bars_give_the_same_setting_whatever_the_choice():
    settings = [load_setting(spec(calm(), *changes)) for changes in ((), (KEEP,), (CLOSE,))]
    assert len({setting.bars.fingerprint() for setting in settings}) == 1
    assert settings[0].notes == settings[1].notes == settings[2].notes


def test_a_choice_that_is_none_is_refused_with_the_three():
    with pytest.raises(
        SpecError, match=r"data\.on_bad_print is 'drop'; it should be 'refuse', 'keep' or 'close'"
    ):
        spec(calm(), "data.on_bad_print=drop")


def test_an_adjusted_close_that_doubles_for_a_day_matters_only_where_it_is_used():
    frame = bars_frame(calm()).assign(adj_close=np.where(np.arange(N) == 20, 160.0, 80.0))
    index = Memory("CHIPS", frame)
    with pytest.raises(DataError, match="adj_close 160 is 2 ×"):
        load_setting(load_spec("hold", index=index))
    load_setting(load_spec("hold", ["data.total_return=false"], index=index))


def asset(bars):
    return Memory("CO", bars_frame(bars))


def test_assets_are_judged_like_the_index():
    with pytest.raises(DataError, match=r"CO, row 21 .*: high 1,000 is 10 ×"):
        load_setting(spec(calm(), assets=[asset(calm(high=1000.0))]))
    setting = load_setting(spec(calm(), CLOSE, assets=[asset(calm(high=1000.0))]))
    assert setting.assets["CO"].high[20] == 100.0


def test_an_unadjusted_split_of_an_asset_is_said():
    bars = calm()
    scale = np.where(np.arange(N) < 20, 4.0, 1.0)
    frame = bars_frame(bars)
    for column in ("open", "high", "low", "close"):
        frame[column] *= scale
    setting = load_setting(spec(bars, assets=[Memory("CO", frame)]))
    said = "on 2020-02-03 the price jumps from 400 to 100 at the open, about 4 to 1: this looks like an unadj"
    assert any(said in note for note in setting.notes)
    says = "mind that CO jumps from 400 to 100 on 2020-02-03 like an unadjusted split"
    assert says in headline(run_backtest(spec(bars, "rule.instrument=CO", assets=[Memory("CO", frame)])))
    of_index = run_backtest(load_spec("hold", index=Memory("CHIPS", frame)))
    assert "CHIPS jumps from 400 to 100 on 2020-02-03" in headline(of_index)


def test_rates_and_volatility_are_judged_within_the_run():
    import pandas as pd

    bars = calm()
    days = pd.DatetimeIndex(bars.sessions)
    rates = pd.Series(np.where(np.arange(N) == 20, 20.0, 2.0), index=days)
    with pytest.raises(DataError, match=r"short rate .* \(2020-02-03\): 20 % between 2 and 2"):
        load_setting(spec(bars, rates=Memory("R", rates.to_frame("rate"))))
    load_setting(spec(bars, rates=Memory("R", rates.to_frame("rate")), start=str(bars.sessions[25])))
    quoted = pd.Series(np.where(np.arange(N) == 20, 170.0, 17.0), index=days)
    with pytest.raises(DataError, match=r"\(2020-02-03\): 170 % between 17 and 17"):
        load_setting(spec(bars, volatility=Memory("V", quoted.to_frame("close"))))


@pytest.fixture
def folder(tmp_path):
    rows = [(*CALM[:3], 100.0 + 0.5 * (i % 2)) for i in range(N)]
    rows[20] = (100.0, 101.0, 50.0, 100.0)
    days = calm().sessions
    lines = [",".join(map(str, (day, *row))) for day, row in zip(days, rows, strict=True)]
    (tmp_path / "CHIPS.csv").write_text("date,open,high,low,close\n" + "\n".join(lines) + "\n")
    return tmp_path


@pytest.mark.parametrize(
    "command", [("decay", "SOXL"), ("flow", "SOXL"), ("versus",), ("synth", "SOXL"), ("track", "SOXL")]
)
def test_fund_commands_refuse_and_with_close_go_on(folder, command):
    out = folder / ("fund.csv" if command[0] == "synth" else "out")
    more = ("--actual", folder / "CHIPS.csv") if command[0] == "track" else ()
    asked = (*command, "--index", folder / "CHIPS.csv", *more, "--out", out)
    refused = letf(*asked)
    assert refused.returncode == 2
    assert "CHIPS.csv, row 22 (2020-02-03): low 50 is 50 % below" in refused.stderr
    done = letf(*asked, "--on-bad-print", "close")
    assert done.returncode == 0, done.stderr
    assert "replaced by what open and close allow" in " ".join(done.stdout.split())


def test_a_traded_fund_with_a_false_print_is_refused(folder):
    clean = folder / "CLEAN.csv"
    clean.write_text((folder / "CHIPS.csv").read_text().replace(",50.0,", ",99.0,"))
    for command in ("track", "calibrate"):
        done = letf(
            command, "SOXL", "--index", clean, "--actual", folder / "CHIPS.csv", "--out", folder / "o"
        )
        assert "CHIPS.csv, row 22 (2020-02-03): low 50" in done.stderr
    done = letf(
        "synth", "SOXL", "--index", clean, "--splice", folder / "CHIPS.csv", "--out", folder / "f.csv"
    )
    assert "CHIPS.csv, row 22 (2020-02-03): low 50" in done.stderr


def test_data_check_warns_and_does_not_say_clean(folder):
    done = letf("data", "check", folder / "CHIPS.csv")
    assert done.returncode == 0
    assert "CHIPS.csv, row 22 (2020-02-03): low 50 is 50 % below" in " ".join(done.stdout.split())
    assert "clean" not in done.stdout


def test_a_script_chooses_by_the_same_word():
    import letf as door

    frame = bars_frame(calm(low=50.0))
    for ask in (door.decay, door.flow, door.fund):
        with pytest.raises(DataError, match="looks like a false print"):
            ask("SOXL", index=frame)
        ask("SOXL", index=frame, on_bad_print="close")
    with pytest.raises(DataError, match="looks like a false print"):
        door.bars(frame)
    assert door.bars(frame, on_bad_print="close")["low"].iloc[20] == 100.0
    assert door.decay("SOXL", index=frame, on_bad_print="keep").provenance.spec["on_bad_print"] == "keep"


@pytest.mark.market
def test_soxx_is_refused_as_an_index_and_with_close_no_fund_is_ruined(market_folder):
    asked = {"index": "SOXX", "rates": "DFF", "start": "2010-01-04"}
    with pytest.raises(DataError, match=r"SOXX\.csv, row 2217 \(2010-05-06\): low 7\.75333 is 51 % below"):
        run_backtest(load_spec("hold", **asked), market_folder)
    run = run_backtest(load_spec("hold", [CLOSE], **asked), market_folder)
    assert run.metrics["total_return"] > 10.0
    assert run.attributions["SOXL"].wiped_out is None
