"""What the functions give: numbers as attributes, frames that other libraries take, the command's bytes."""

import inspect
import json

import numpy as np
import pandas as pd
import pytest

import letf
from tests.runs.command import letf as command
from tests.runs.sweeps.folders import make_sweep

SHORT = {"index": "nasdaq", "end": "2003-12-31"}
SAME = ("metrics.json", "equity.csv", "trades.csv", "decay.csv", "fills.csv")


@pytest.fixture(scope="module")
def run():
    return letf.run("rsi_timing", plan={"stop": 0.05}, **SHORT)


def test_the_frames_agree_with_the_metrics(run):
    m = run.metrics
    assert run.equity["equity"].iloc[-1] == m["final_equity"]
    assert run.equity["drawdown"].min() == m["max_drawdown"]
    assert len(run.trades) == m["trades"] == 10
    assert run.trades["profit"].sum() == pytest.approx(m["final_equity"] - 100_000 - m["interest_earned"])
    assert (1 + run.returns).prod() - 1 == pytest.approx(m["total_return"], abs=1e-12)
    assert run.returns.index.equals(run.equity.index)


def test_positions_and_cash_add_up_to_the_equity(run):
    assert list(run.positions.columns) == ["SOXS", "cash"]
    np.testing.assert_allclose(run.positions.sum(axis=1), run.equity["equity"], rtol=1e-12)
    held = letf.run("hedge", **SHORT)
    np.testing.assert_allclose(held.positions.sum(axis=1), held.equity["equity"], rtol=1e-9)
    assert (held.positions["SOXS"] > 0).any()
    contracts = letf.run("event_options", **SHORT)
    assert "options" in contracts.positions
    np.testing.assert_allclose(contracts.positions.sum(axis=1), contracts.equity["equity"], rtol=1e-9)


def test_an_answer_is_short_to_look_at_and_whole_in_a_notebook(run):
    assert repr(run).startswith("<Run rsi_timing on nasdaq: rsi_timing on nasdaq, 1999-01-04 to 2003-12-31: ")
    assert len(repr(run)) < 1_000
    page = run._repr_html_()
    assert page.startswith("<iframe ")
    assert run.headline.split(";")[0].replace(" %", "\u00a0%") in page
    assert len(page) < 1_500_000
    assert "<html" in run.to_html()


def test_it_plots_by_name_and_names_the_nearest(run):
    assert run.plot("equity").get_suptitle().startswith("Equity against buying and holding")
    assert run.plot().get_suptitle() == run.plot("equity").get_suptitle()
    with pytest.raises(letf.LetfError, match="did you mean 'equity'"):
        run.plot("equty")


def test_nothing_is_printed_or_written_unless_asked(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    letf.run("hold", **SHORT)
    letf.sweep("rsi_timing", {"plan.stop": [0.04, 0.08]}, verify=0, **SHORT)
    letf.decay("SOXL", **SHORT)
    out, err = capfd.readouterr()
    assert (out, err) == ("", "")
    assert list(tmp_path.iterdir()) == []


def files(folder):
    """All files but the manifest's times; the report and the pictures too."""
    found = {p.name: p.read_bytes() for p in folder.iterdir()}
    manifest = json.loads(found.pop("manifest.json"))
    manifest.pop("times")
    return manifest, found


QUESTIONS = {
    "run": (
        lambda: letf.run("rsi_timing", plan={"stop": 0.05}, end="2003-12-31"),
        ("run", "rsi_timing", "--set", "plan.stop=0.05", "--end", "2003-12-31"),
    ),
    "compare": (
        lambda: letf.compare(["hold", "trend"], end="2002-12-31", seed=3),
        ("compare", "hold", "trend", "--end", "2002-12-31", "--seed", 3),
    ),
    "today": (
        lambda: letf.today("rsi_timing", start="2017-01-03", as_of="2018-09-04", equity=25_000),
        ("today", "rsi_timing", "--start", "2017-01-03", "--as-of", "2018-09-04", "--equity", 25_000),
    ),
    "alternatives": (
        lambda: letf.alternatives("rsi_timing", size="stake", days=40, end="2001-12-31"),
        ("alternatives", "rsi_timing", "--size", "stake", "--days", 40, "--end", "2001-12-31"),
    ),
    "decay": (
        lambda: letf.decay("SOXL", index="nasdaq", rate=0.03, start="2012-01-01"),
        ("decay", "SOXL", "--index", "nasdaq", "--rates", "0.03", "--start", "2012-01-01"),
    ),
    "flow": (
        lambda: letf.flow("SOXS", index="semis-sim", assets=5e9, end="2004-12-31"),
        ("flow", "SOXS", "--index", "semis-sim", "--assets", "5e9", "--end", "2004-12-31"),
    ),
    "versus": (
        lambda: letf.versus(index="nasdaq", multiples=[1, 2, -1], end="2004-12-31"),
        ("versus", "--index", "nasdaq", "--multiples", "1,2,-1", "--end", "2004-12-31"),
    ),
    "robustness": (
        lambda: letf.robustness("trend", end="2003-12-31", draws=100, timings=100, paths=100),
        (
            "robustness",
            "trend",
            "--end",
            "2003-12-31",
            "--draws",
            100,
            "--timings",
            100,
            "--paths",
            100,
        ),
    ),
    "luck": (
        lambda: letf.luck("rsi_timing", end="2002-12-31", trials=10, draws=100, timings=100),
        ("luck", "rsi_timing", "--end", "2002-12-31", "--trials", 10, "--draws", 100, "--timings", 100),
    ),
    "hedge_size": (
        lambda: letf.hedge_size({"nasdaq": 9_000}, index="nasdaq", fund="SQQQ", start="2011-01-03"),
        (
            "hedge-size",
            "--holding",
            "nasdaq=9000",
            "--index",
            "nasdaq",
            "--fund",
            "SQQQ",
            "--start",
            "2011-01-03",
        ),
    ),
    "stress": (
        lambda: letf.stress("trend", paths=["chop", "real_2008"], impact="sqrt", seed=2),
        ("stress", "trend", "--paths", "chop,real_2008", "--impact", "sqrt", "--seed", 2),
    ),
    "whatif": (
        lambda: letf.whatif(["SOXL", "SOXS"], index="nasdaq", total_return=0.1, paths=200, seed=3),
        ("whatif", "SOXL", "SOXS", "--index", "nasdaq", "--return", "0.1", "--paths", 200, "--seed", 3),
    ),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_command_and_the_function_write_the_same_bytes(question, tmp_path):
    ask, arguments = QUESTIONS[question]
    done = command(*arguments, "--out", tmp_path / "command", pictures=True)
    assert done.returncode == 0, done.stderr
    ask().save(tmp_path / "function")
    (one, theirs), (other, ours) = files(tmp_path / "command"), files(tmp_path / "function")
    assert theirs.keys() == ours.keys()
    for name in theirs:
        assert theirs[name] == ours[name], name
    assert one == other


def test_the_tracking_questions_too(tmp_path):
    made = letf.fund("TQQQ", index="nasdaq", start="2010-01-04", end="2013-12-31")
    made.to_csv(tmp_path / "TQQQ.csv")
    where = {"index": "nasdaq", "start": "2010-01-04", "data_dir": tmp_path}
    options = ("TQQQ", "--index", "nasdaq", "--start", "2010-01-04", "--data-dir", tmp_path)
    for name, answer in (
        ("track", letf.track("TQQQ", **where)),
        ("calibrate", letf.calibrate("TQQQ", walk_forward=True, **where)),
    ):
        more = ("--walk-forward",) if name == "calibrate" else ()
        done = command(name, *options, *more, "--out", tmp_path / name, pictures=True)
        assert done.returncode == 0, done.stderr
        answer.save(tmp_path / f"{name}_function")
        assert files(tmp_path / name) == files(tmp_path / f"{name}_function")


def test_a_sweep_too_and_it_is_saved_whole(tmp_path):
    axes = {"plan.stop": [0.04, 0.08], "rule.rsi_bars": range(7, 10)}
    swept = ("--set", "sweep.plan.stop=[0.04, 0.08]", "--set", "sweep.rule.rsi_bars=[7, 8, 9]")
    done = command(
        "sweep", "rsi_timing", *swept, "--end", "2003-12-31", "--out", tmp_path / "command", pictures=True
    )
    assert done.returncode == 0, done.stderr
    found = letf.sweep("rsi_timing", axes, end="2003-12-31")
    found.save(tmp_path / "function")
    letf.sweep("rsi_timing", axes, end="2003-12-31", out=tmp_path / "kept")
    one, theirs = files(tmp_path / "command")
    for folder in ("function", "kept"):
        other, ours = files(tmp_path / folder)
        assert theirs.keys() == ours.keys()
        for name in theirs:
            assert theirs[name] == ours[name], name
        assert sorted(other.pop("files")) == sorted(one["files"])
    assert len(found.cells) == 6
    assert found.cells["sharpe"].max() == found.best["sharpe"].iloc[0]
    again = letf.top(tmp_path / "kept", by="calmar")
    assert again.best["calmar"].iloc[0] == found.cells["calmar"].max()


def test_synth_writes_what_fund_gives(tmp_path):
    out = tmp_path / "s.csv"
    assert command("synth", "SOXS", "--index", "nasdaq", "--rates", "0.02", "--out", out).returncode == 0
    read = pd.read_csv(out, index_col="date", parse_dates=True)
    made = letf.fund("SOXS", index="nasdaq", rate=0.02)
    pd.testing.assert_frame_equal(read, made, rtol=1e-11, check_index_type=False, check_freq=False)


def test_returns_positions_and_transactions_go_into_other_libraries_as_they_are(run):
    import empyrical
    import matplotlib
    import pyfolio

    with matplotlib.rc_context():  # it sets the looks of all pictures as it is imported
        import quantstats

    m, returns = run.metrics, run.returns
    assert empyrical.max_drawdown(returns) == pytest.approx(m["max_drawdown"])
    assert empyrical.cum_returns_final(returns) == pytest.approx(m["total_return"])
    assert empyrical.annual_volatility(returns[1:]) == pytest.approx(m["volatility"])
    assert quantstats.stats.comp(returns) == pytest.approx(m["total_return"])
    assert quantstats.stats.max_drawdown(returns) == pytest.approx(m["max_drawdown"])
    assert pyfolio.timeseries.perf_stats(returns)["Max drawdown"] == pytest.approx(m["max_drawdown"])
    exposure = pyfolio.pos.get_percent_alloc(run.positions)
    np.testing.assert_allclose(exposure["SOXS"], run.equity["exposure_net"], atol=1e-12)
    bought = pyfolio.txn.get_txn_vol(run.transactions)
    assert len(bought) > 10
    turnover = pyfolio.txn.get_turnover(run.positions, run.transactions, denominator="portfolio_value")
    assert 0 < turnover.max() < 3
    whole = letf.run("rsi_timing", account={"whole_shares": True}, **SHORT)  # it counts no part of a share
    trips = pyfolio.round_trips.extract_round_trips(whole.transactions)
    assert len(trips) == len(whole.trades)
    assert trips["pnl"].sum() == pytest.approx((whole.trades["profit"] + whole.trades["costs"]).sum())


def test_whoever_asks_wrongly_is_told_at_once_in_a_sentence():
    for ask, says in (
        (lambda: letf.run("rsi_timng"), "no spec file 'rsi_timng'"),
        (lambda: letf.whatif(7, index="nasdaq"), "fund is 7"),
        (lambda: letf.whatif("SOXL", index="nasdaq", seed=None), "seed is None"),
        (lambda: letf.spec("rsi_timing", rule={"rsi_bar": 3}), "did you mean rule.rsi_bars?"),
        (lambda: letf.run("rsi_timing", set=["overbought=70"]), "did you mean rule.overbought?"),
        (lambda: letf.sweep("rsi_timing", {"plan.stp": [0.1]}), "did you mean plan.stop?"),
        (lambda: letf.run("rsi_timing", start="2003"), "start is '2003'; it must be a date"),
        (lambda: letf.run(42), "42 cannot be run"),
        (lambda: letf.compare("trend"), "takes a list of specs"),
        (lambda: letf.decay("SOXL", index="nasdaq", rates="DFF", rate=0.02), "give one of them"),
        (lambda: letf.run("rsi_timing", account={"cash": -1}), "account.cash is -1"),
    ):
        with pytest.raises(letf.LetfError, match=says.replace("?", r"\?")):
            ask()


def test_the_docstring_of_the_package_runs():
    import doctest

    import letf.data
    import letf.periods
    import letf.questions
    import letf.runs
    import letf.scenarios
    import letf.sweeps
    import letf.tracking

    rooms = (letf.questions, letf.tracking, letf.data, letf.scenarios, letf.periods)
    for module in (letf.runs, letf.sweeps, *rooms):
        found = doctest.testmod(module, optionflags=doctest.IGNORE_EXCEPTION_DETAIL)
        assert found.attempted > 2
        assert found.failed == 0
    assert inspect.getdoc(letf).startswith("letf: a wind tunnel")


def test_what_is_done_to_a_frame_or_the_metrics_changes_nothing_that_is_saved(tmp_path):
    run = letf.run("rsi_timing", **SHORT)
    run.save(tmp_path / "a")
    looked_at = run.equity
    looked_at["mine"] = 1
    run.trades.drop(columns="size", inplace=True)
    run.metrics["sharpe"] = 99.0
    run.save(tmp_path / "b")
    assert files(tmp_path / "a") == files(tmp_path / "b")
    assert "mine" not in run.equity


def test_an_unfinished_sweep_is_looked_at_and_not_saved(tmp_path):
    folder = make_sweep(
        tmp_path / "s", {"rule.fast": [1, 2, 3, 4]}, {"sharpe": [1, 4, 2, 3]}, parts=2, planned=8
    )
    found = letf.top(folder)
    assert found.alarm.startswith("The sweep is not whole yet: 4 of 8 cells")
    assert found.cells["sharpe"].tolist() == [1, 4, 2, 3]
    with pytest.raises(letf.LetfError, match="not whole is not saved"):
        found.save(tmp_path / "copy")


def test_a_sweep_that_is_saved_by_another_metric_says_so_throughout(tmp_path):
    axes = {"plan.stop": [0.04, 0.08], "rule.rsi_bars": [7, 14, 21]}
    letf.sweep("rsi_timing", axes, out=tmp_path / "s", verify=0, **SHORT)
    letf.top(tmp_path / "s", by="calmar").save(tmp_path / "c")
    manifest, found = files(tmp_path / "c")
    assert manifest["ranked_by"] == "calmar"
    best = pd.read_csv(tmp_path / "c" / "top.csv")["calmar"]
    assert best.is_monotonic_decreasing
    assert best.iloc[0] == pytest.approx(letf.top(tmp_path / "c").cells["calmar"].max())
    assert b"Calmar" in found["report.html"]


def test_a_sweep_in_place_of_another_says_so(tmp_path):
    swept = ("--set", "sweep.plan.stop=[0.05, 0.1]", "--end", "2000-12-31", "--out", tmp_path / "s")
    assert "takes the place" not in command("sweep", "rsi_timing", *swept).stdout
    assert "it takes the place of the result of" in command("sweep", "rsi_timing", *swept).stdout


def test_an_answer_goes_to_another_process_and_back():
    import pickle

    for asked in (letf.run("hedge", **SHORT), letf.decay("SOXL", **SHORT)):
        again = pickle.loads(pickle.dumps(asked))
        assert again.metrics == asked.metrics
        assert again.plot().get_suptitle() == asked.plot().get_suptitle()


def test_positions_add_up_on_intraday_bars_too():
    minutes = np.concatenate([[0, 120, 240, 385]] * 30).reshape(30, 4)
    days = pd.bdate_range("2020-01-06", periods=30)
    stamps = [
        day + pd.Timedelta(minutes=int(minute) + 575)
        for day, row in zip(days, minutes, strict=True)
        for minute in row
    ]
    close = 100 * np.cumprod(1 + 0.004 * np.sin(np.arange(120)))
    opens = np.r_[100.0, close[:-1]]
    bars = {"open": opens, "high": np.maximum(opens, close), "low": np.minimum(opens, close), "close": close}
    run = letf.run("hold", index=pd.DataFrame({**bars, "volume": 1.0}, index=pd.DatetimeIndex(stamps)))
    assert len(run.positions) == len(run.equity) == 30
    np.testing.assert_allclose(run.positions.sum(axis=1), run.equity["equity"], rtol=1e-9)


def test_an_answer_does_not_become_the_sweep_that_took_its_place(tmp_path):
    first = letf.sweep("rsi_timing", {"plan.stop": [0.04, 0.08]}, verify=0, out=tmp_path / "s", **SHORT)
    letf.sweep("rsi_timing", {"plan.stop": [0.01, 0.02]}, verify=0, out=tmp_path / "s", **SHORT)
    for ask in (lambda: first.cells, lambda: first.save(tmp_path / "copy")):
        with pytest.raises(letf.LetfError, match="holds another sweep now"):
            ask()
