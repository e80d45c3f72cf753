"""`funds`, `synth`, `track` and `calibrate` as a person gives them."""

import csv
import json

import numpy as np
import pandas as pd
import pytest

from feeds.sources import load_bars
from letf_instruments import known_fund, synthesize
from tests.runs.command import letf

SPLICED = "SOX:2021-08-25:SOXX"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A data folder with a fund made of nasdaq at a known spread, and a rate."""
    base = tmp_path_factory.mktemp("data")
    index = load_bars("nasdaq").between("2005-01-01", "2008-12-31")
    from dataclasses import replace

    from feeds.total_return import with_dividends
    from letf_instruments import Dated

    total, _ = with_dividends(index)
    total = total.as_swapped()
    spread = Dated.of([("2005-01-01", 0.01), ("2006-01-01", 0.02), ("2007-01-01", 0.0), ("2008-01-01", 0.03)])
    fund = replace(known_fund("SOXS"), spread=spread)
    made = synthesize(fund, index.sessions, total.open, total.high, total.low, total.close, 0.03)
    frame = pd.DataFrame({c: getattr(made, c) for c in ("open", "high", "low", "close")})
    frame.insert(0, "date", index.sessions.astype(str))
    frame.to_csv(base / "SOXS.csv", index=False, float_format="%.17g")
    frame.iloc[300:].to_csv(base / "LATE.csv", index=False, float_format="%.17g")
    return base


def test_funds_lists_known_ones_and_files(tmp_path):
    (tmp_path / "x.toml").write_text('ticker = "MINE2"\nmultiple = 2\nname = "My own"')
    done = letf("funds", tmp_path / "x.toml")
    assert done.returncode == 0, done.stderr
    for words in ("SOXL", "SOXS", "TQQQ", "SQQQ", "UPRO", "SPXU", "MINE2", "My own"):
        assert words in done.stdout
    assert "−3" in done.stdout
    assert "0.95 %" in done.stdout


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_synth_writes_bars_and_ledger(tmp_path, ending):
    out = tmp_path / f"soxs.{ending}"
    done = letf("synth", "SOXS", "--index", "nasdaq", "--end", "2001-12-31", "--out", out)
    assert done.returncode == 0, done.stderr
    frame = pd.read_csv(out) if ending == "csv" else pd.read_parquet(out)
    assert list(frame.columns) == [
        "date",
        "open",
        "high",
        "low",
        "close",
        "nav",
        "notional",
        "financing",
        "fee",
        "rebalance",
    ]
    np.testing.assert_allclose(frame["notional"], -3 * frame["nav"])
    assert str(frame["date"].iloc[0])[:10] == "1999-01-04"
    assert [p.name for p in tmp_path.iterdir()] == [out.name]
    read = load_bars(str(out))
    assert read.daily
    assert len(read) == len(frame)


def test_synth_splices_real_bars_without_a_jump(tmp_path, folder):
    out = tmp_path / "spliced.csv"
    arguments = ("--rates", "0.03", "--data-dir", folder, "--out", out)
    done = letf("synth", "SOXS", "--index", "nasdaq", "--end", "2008-12-31", "--splice", "LATE", *arguments)
    assert done.returncode == 0, done.stderr
    frame = pd.read_csv(out, parse_dates=["date"]).set_index("date")
    real = pd.read_csv(folder / "LATE.csv", parse_dates=["date"]).set_index("date")
    common = real.index.intersection(frame.index)
    np.testing.assert_allclose(frame.loc[common, "close"], real.loc[common, "close"], rtol=1e-11)
    assert frame["nav"].isna().sum() == len(real) - 1
    assert frame["close"].pct_change().abs().max() < 0.9


def test_calibrate_finds_the_spreads_that_were_put_in(tmp_path, folder):
    arguments = ("--index", "nasdaq", "--rates", "0.03", "--data-dir", folder)
    done = letf("calibrate", "SOXS", *arguments, "--out", tmp_path / "cal")
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader((tmp_path / "cal" / "spreads.csv").open()))
    assert [float(r["rate"]) for r in rows] == pytest.approx([0.01, 0.02, 0.0, 0.03], abs=2e-6)
    assert all(r["ticker"] == "SOXS" and r["source"] for r in rows)
    tracked = letf(
        "track",
        "SOXS",
        *arguments,
        "--spreads",
        tmp_path / "cal" / "spreads.csv",
        "--out",
        tmp_path / "t",
        pictures=True,
    )
    assert tracked.returncode == 0, tracked.stderr
    numbers = json.loads((tmp_path / "t" / "tracking.json").read_text())
    assert numbers["correlation"] == pytest.approx(1.0, abs=1e-9)
    assert abs(numbers["drift"]) < 1e-5
    assert {p.name for p in (tmp_path / "t").iterdir()} == {
        "manifest.json",
        "report.html",
        "tracking.json",
        "tracking.csv",
        "tracking.png",
    }


def test_walking_forward_reports_from_the_second_period_on(tmp_path, folder):
    done = letf(
        "calibrate",
        "SOXS",
        "--index",
        "nasdaq",
        "--rates",
        "0.03",
        "--data-dir",
        folder,
        "--walk-forward",
        "--out",
        tmp_path / "w",
    )
    assert "Out of sample" in done.stdout
    numbers = json.loads((tmp_path / "w" / "tracking.json").read_text())
    assert numbers["start"] == "2005-12-30"
    # 2007 was priced with 2006's 2 % where 0 % was true: 3 × 2 % less wealth.
    assert numbers["year_2007_gap"] == pytest.approx(-0.059, abs=0.004)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("track", "SOXS", "--index", "nasdaq", "--start", "2012-01-01"), "have 0 sessions in common"),
        (("track", "SOXS", "--index", "nasdaq", "--rates", "5"), "rates are fractions a year, 5 % is 0.05"),
        (("synth", "SOXZ", "--index", "nasdaq", "--out", "x.csv"), "did you mean SOXS"),
        (("synth", "SOXS", "--index", "nasdaq", "--out", "x.txt"), "must end in .csv or .parquet"),
        (("synth", "nothing.toml", "--index", "nasdaq", "--out", "x.csv"), "there is no such file"),
        (("track", "SOXS", "--index", "nasdaq", "--spreads", "none.csv"), "not a table of spreads"),
        (("synth", "SOXS", "--index", "semis-sim", "--seed", "-1", "--out", "x.csv"), "--seed"),
        (("synth", "SOXS", "--index", "x.csv", "--out", "x.csv"), "is also what is read"),
    ],
)
def test_bad_input_is_one_sentence(tmp_path, folder, arguments, says):
    done = letf(*arguments, cwd=tmp_path, LETF_DATA_DIR=str(folder))
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("row", ["SOXS,2010-13-01,0.01", "SOXS,2010-03-11", "SOXS,,0.01"])
def test_a_wrong_table_of_spreads_is_one_sentence(tmp_path, folder, row):
    (tmp_path / "s.csv").write_text(f"ticker,from,rate\n{row}\n")
    done = letf("track", "SOXS", "--index", "nasdaq", "--data-dir", folder, "--spreads", tmp_path / "s.csv")
    assert done.returncode == 2
    assert "s.csv: not a table of spreads" in done.stderr


def test_what_is_made_from_simulated_prices_says_so_wherever_it_goes(tmp_path):
    made = tmp_path / "MADE.csv"
    assert letf("synth", "SOXS", "--index", "semis-sim", "--seed", "1", "--out", made).returncode == 0
    done = letf("calibrate", "SOXS", "--index", "semis-sim", "--actual", made, "--out", tmp_path / "c")
    assert done.returncode == 0, done.stderr
    assert "SIMULATED data. SOXS on semis-sim" in done.stdout
    assert "SIMULATED prices" in (tmp_path / "c" / "spreads.csv").read_text()
    manifest = json.loads((tmp_path / "c" / "manifest.json").read_text())
    assert manifest["simulated"] is True
    assert len(manifest["data"]["traded"]["sha256"]) == 64
    again = letf("synth", "SOXL", "--index", made, "--out", tmp_path / "again.parquet")
    assert "SIMULATED" in again.stdout
    other = letf("synth", "SOXS", "--index", "semis-sim", "--seed", "0", "--out", tmp_path / "other.csv")
    assert other.returncode == 0
    assert (tmp_path / "other.csv").read_bytes() != made.read_bytes()


def test_real_bars_go_on_past_the_end_of_the_index(tmp_path, folder):
    out = tmp_path / "spliced.csv"
    index = tmp_path / "SHORT.csv"
    bars = load_bars("nasdaq").between("2005-01-01", "2007-06-29")
    columns = {c: getattr(bars, c) for c in ("open", "high", "low", "close")}
    pd.DataFrame({"date": bars.sessions.astype(str), **columns}).to_csv(index, index=False)
    done = letf("synth", "SOXS", "--index", index, "--splice", "LATE", "--data-dir", folder, "--out", out)
    assert done.returncode == 0, done.stderr
    assert pd.read_csv(out)["date"].iloc[-1] == "2008-12-31"


@pytest.mark.market
@pytest.mark.parametrize(
    ("ticker", "index", "beyond"),
    [("SOXL", SPLICED, []), ("SOXS", SPLICED, [2022]), ("TQQQ", "QQQ", []), ("SQQQ", "QQQ", [2020])],
)
def test_the_shipped_funds_are_the_traded_ones_2011_to_2023(tmp_path, market_folder, ticker, index, beyond):
    """Each quarter priced from the years before it. Beyond 3 % are SOXS in 2022, and SQQQ in 2020, when its
    close was dislocated."""
    out = tmp_path / "t"
    arguments = ("--index", index, "--rates", "DFF", "--data-dir", market_folder, "--out", out)
    done = letf("track", ticker, *arguments, "--start", "2010-12-31")
    assert done.returncode == 0, done.stderr
    m = json.loads((out / "tracking.json").read_text())
    assert m["in_sample"] is False
    assert abs(m["drift"]) < 0.005
    gaps = {year: m[f"year_{year}_gap"] for year in range(2011, 2024)}
    assert [year for year, gap in gaps.items() if abs(gap) > 0.03] == beyond
    assert all(abs(gap) < 0.042 for gap in gaps.values())
    assert ticker != "SQQQ" or "2020-03-16" in m["dislocated_closes"]
    assert m["correlation_clean"] > 0.998
    fitted = tmp_path / "c"
    arguments = (*arguments[:-1], fitted)
    done = letf("calibrate", ticker, *arguments, "--start", "2010-04-01", "--walk-forward")
    assert done.returncode == 0, done.stderr
    assert abs(json.loads((fitted / "tracking.json").read_text())["drift"]) < 0.01


@pytest.mark.market
@pytest.mark.parametrize(("ticker", "bound"), [("SOXL", 0.03), ("SOXS", 0.06)])
def test_stops_agree_with_the_traded_bars_since_2012(tmp_path, market_folder, ticker, bound):
    out = tmp_path / "t"
    arguments = ("--index", SPLICED, "--rates", "DFF", "--data-dir", market_folder, "--out", out)
    assert letf("track", ticker, *arguments, "--start", "2011-12-30").returncode == 0
    m = json.loads((out / "tracking.json").read_text())
    assert m["stop_days_disagreeing"] / m["stop_days_either"] < bound
    if ticker == "SOXL":
        assert "2020-03-16" in m["dislocated_closes"]
