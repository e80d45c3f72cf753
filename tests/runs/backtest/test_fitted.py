"""spreads = "fitted": from the traded prices in the folder, each year from those before it."""

import numpy as np
import pandas as pd
import pytest

import letf
from feeds.checking.screen import Screen
from feeds.rates import ShortRate
from letf_instruments import DataError, known_fund
from runs.backtest.fitted import own_index, with_fitted_spreads
from tests.runs.command import letf as command
from tests.settlement import nights

DAYS = pd.bdate_range("2011-01-03", "2014-12-31")
RATE, SPREAD = 0.02, {2011: 0.012, 2012: 0.004, 2013: 0.03, 2014: 0.05}
INDEX = 100 * np.exp(np.cumsum(0.01 * np.random.default_rng(3).standard_normal(len(DAYS))))


def traded(spreads, b=3):
    """A fund by hand from the formula of the facts, TQQQ's fee of .95 %."""
    days, out = DAYS.to_numpy().astype("datetime64[D]"), [100.0]
    for t in range(1, len(days)):
        paid = (b - 1) * (RATE + spreads[DAYS[t].year]) * nights(days[t - 1], days[t]) / 360
        fee = known_fund("TQQQ").fees.at(days[t]) * (days[t] - days[t - 1]).astype(int) / 365
        out.append(out[-1] * (1 + b * (INDEX[t] / INDEX[t - 1] - 1) - paid - fee))
    return np.array(out)


def csv(path, close):
    frame = dict.fromkeys(("open", "high", "low", "close", "adj_close"), close) | {"volume": 1.0}
    pd.DataFrame(frame, index=DAYS.rename("date")).to_csv(path)


@pytest.fixture
def folder(tmp_path):
    csv(tmp_path / "QQQ.csv", INDEX)
    csv(tmp_path / "TQQQ.csv", traded(SPREAD))
    return tmp_path


def fitted(folder, *tickers):
    funds = {ticker: known_fund(ticker) for ticker in tickers}
    return with_fitted_spreads(funds, ShortRate.constant(RATE), folder, Screen())


def test_a_year_does_not_change_its_own_spread_and_changes_those_after_it(folder):
    before, notes = fitted(folder, "TQQQ")
    csv(folder / "TQQQ.csv", traded(SPREAD | {2013: 0.09}))
    after, _ = fitted(folder, "TQQQ")
    spreads = [made["TQQQ"].spreads for made in (before, after)]
    for day in ("2012-06-01", "2013-01-02", "2013-12-31"):
        assert spreads[0].at(day) == pytest.approx(spreads[1].at(day), abs=1e-12)
    assert spreads[1].at("2014-06-02") > spreads[0].at("2014-06-02") + 0.005
    (said,) = notes
    assert said.startswith(
        "TQQQ: financing spreads from 2012-01-01 on are predicted from fits to TQQQ.csv on QQQ"
    )


def test_what_the_folder_lacks_is_said_and_the_table_stays(folder):
    made, notes = fitted(folder, "TQQQ", "SQQQ", "SOXL", "1X")
    assert made["TQQQ"] != known_fund("TQQQ")
    assert (made["SQQQ"], made["SOXL"]) == (known_fund("SQQQ"), known_fund("SOXL"))
    said = "no spread is fitted, as the data folder has not {}; its own stay as they are"
    assert notes[1:] == ["SQQQ: " + said.format("traded prices"), "SOXL: " + said.format("its own index")]


def test_a_fund_s_own_index_is_spliced_where_it_changed(folder):
    assert own_index(known_fund("TQQQ"), folder) == "QQQ"
    for name in ("SOX", "SOXX"):
        csv(folder / f"{name}.csv", INDEX)
    assert own_index(known_fund("SOXS"), folder) == "SOX:2021-08-25:SOXX"
    assert own_index(known_fund("UPRO"), folder) is None


def test_a_rate_that_begins_after_the_fits_is_refused(folder):
    late = ShortRate("LATE", np.array(["2013-01-02"], "M8[D]"), np.array([0.02]))
    with pytest.raises(DataError, match=r"short rate LATE starts on 2013-01-02.*leave spreads to the table"):
        with_fitted_spreads({"TQQQ": known_fund("TQQQ")}, late, folder, Screen())


def test_run_sweep_and_compare_take_it_from_script_and_keyboard(folder, tmp_path):
    where = {"index": "QQQ", "rates": RATE, "data_dir": folder, "set": ["data.funds=['TQQQ']"]}
    run = letf.run("hold", spreads="fitted", rule={"instrument": "TQQQ"}, **where)
    table = letf.run("hold", rule={"instrument": "TQQQ"}, **where)
    assert run.metrics["final_equity"] != table.metrics["final_equity"]
    assert any("predicted from fits to TQQQ.csv" in note for note in run.notes)
    options = ("--index", "QQQ", "--rates", RATE, "--data-dir", folder, "--spreads", "fitted")
    change = ("--set", "rule.instrument=TQQQ", "--set", "data.funds=['TQQQ']")
    done = command("run", "hold", *options, *change, "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert "predicted from fits to TQQQ.csv on QQQ" in done.stdout
    axis = ("--set", "sweep.rule.weight=[0.5, 1.0]")
    done = command("sweep", "hold", *options, *change, *axis, "--out", tmp_path / "sweep")
    assert done.returncode == 0, done.stderr
    done = command("compare", "hold", "hold", *options, *change, "--out", tmp_path / "compare")
    assert done.returncode == 0, done.stderr
    assert "predicted from fits to TQQQ.csv on QQQ" in done.stdout
    wrong = command("run", "hold", "--index", "nasdaq", "--spreads", "guessed", "--out", tmp_path / "w")
    assert (wrong.returncode, "Traceback" in wrong.stderr) == (2, False)
    assert "data.spreads" in wrong.stderr


@pytest.mark.market
def test_on_the_real_prices_it_is_the_table(market_folder):
    """The table was made of the same prices; a quarter's move begins where the index does."""
    rate = ShortRate.shipped()
    for ticker in ("SOXL", "SOXS", "TQQQ", "SQQQ"):
        made, _ = with_fitted_spreads({ticker: known_fund(ticker)}, rate, market_folder, Screen())
        for day in ("2012-05-01", "2018-08-01", "2022-02-01", "2023-12-29"):
            shipped = known_fund(ticker).spreads.at(day)
            assert made[ticker].spreads.at(day) == pytest.approx(shipped, abs=0.0006)
