"""Funds on their own bars in a run: what is traded, what is said of it, and what is refused."""

import json

import numpy as np
import pandas as pd
import pytest

import letf
from feeds.sources import load_bars
from feeds.traded.fund import read_traded
from letf_instruments import DataError, LetfError, SpecError, known_fund
from runs.backtest.result import run_spec
from runs.backtest.setting import load_setting
from runs.backtest.spans import span_metrics, spans_of, traded_share
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest
from tests.runs.backtest.files import DAYS, N, csv, spec

SEAM = 20


@pytest.fixture
def traded(folder):
    """The folder, with bars of SOXL from the 21st session on."""
    csv(folder / "SOXL.csv", days=DAYS[SEAM:], seed=9, scale=0.1)
    return folder


def run(folder, data, changes=(), **named):
    given = spec(folder, data, ["data.rate=0.0", *changes], **named)
    return run_backtest(given, folder, studies=False)


def own_bars(folder):
    return read_traded(str(folder / "SOXL.csv"), known_fund("SOXL")).bars


@pytest.mark.parametrize("given", ["traded = 'all'", "traded = ['SOXL']", "traded = {SOXL = 'SOXL.csv'}"])
def test_a_fund_has_its_own_returns_from_its_second_session_on(traded, given):
    made = run(traded, given)
    close = made.ledgers["SOXL"].close[SEAM:]
    np.testing.assert_allclose(
        close[1:] / close[:-1], own_bars(traded).close[1:] / own_bars(traded).close[:-1]
    )


def test_before_its_first_session_the_fund_is_what_it_would_be_without(traded):
    one, other = run(traded, "traded = 'all'"), run(traded, "")
    np.testing.assert_array_equal(
        one.ledgers["SOXL"].close[: SEAM + 1], other.ledgers["SOXL"].close[: SEAM + 1]
    )


def test_fills_are_at_the_fund_s_own_open(traded):
    made = run(
        traded, f"traded = 'all'\nstart = {DAYS[SEAM]}", ["costs.slippage_bps=0", "costs.half_spread_bps=0"]
    )
    own = own_bars(traded)
    assert made.fills["SOXL"][0].price == pytest.approx(own.open[1] / own.close[0] * 100)


def test_first_sentence_table_manifest_and_metrics_say_which_prices_are_whose(traded):
    answer = letf.run(spec(traded, "traded = 'all'"), data_dir=traded)
    assert f"SOXL is synthetic before {DAYS[SEAM + 1]} and on traded prices from then on" in answer.headline
    spans = answer.frames["spans"]
    assert spans["prices"].tolist() == ["synthetic", "traded"]
    assert spans["sessions"].sum() == N
    assert answer.metrics["traded_share"] == pytest.approx((N - SEAM - 1) / N)
    assert "SOXL" in answer.provenance.data["traded"]
    assert any(
        "its own bars from SOXL.csv" in note and "joined without a jump" in note for note in answer.notes
    )


def test_a_session_that_the_file_lacks_makes_no_span_of_its_own_but_is_counted(folder):
    csv(folder / "SOXL.csv", days=np.delete(DAYS, [30]), seed=9)
    answer = letf.run(spec(folder, "traded = 'all'"), data_dir=folder)
    assert answer.frames["spans"]["prices"].tolist() == ["traded"]
    assert answer.metrics["traded_share"] == pytest.approx((N - 1) / N)
    says = "SOXL is on traded prices throughout, but for 1 session that its file lacks"
    assert says in answer.headline
    csv(folder / "SOXL.csv", days=np.delete(DAYS[:50], [30]), seed=9)
    ends = letf.run(spec(folder, "traded = 'all'"), data_dir=folder)
    says = f"to {DAYS[49]}, but for 1 session that its file lacks, and synthetic after"
    assert says in ends.headline


def test_with_bars_of_its_own_in_the_middle_both_sides_are_said_to_be_synthetic(folder):
    csv(folder / "SOXL.csv", days=DAYS[SEAM : SEAM + 20], seed=9)
    answer = letf.run(spec(folder, "traded = 'all'"), data_dir=folder)
    first, last = DAYS[SEAM + 1], DAYS[SEAM + 19]
    assert f"on traded prices from {first} to {last} and synthetic otherwise" in answer.headline
    says = f"synthetic to {DAYS[SEAM]} and from {DAYS[SEAM + 20]} on, joined without a jump"
    assert any(says in note for note in answer.notes)


def test_a_split_from_before_the_run_is_judged_by_the_index_of_that_day(folder):
    index = load_bars(str(folder / "CHIPS.csv"))
    grown = 1.0 + 3.0 * (index.close[1:] / index.close[:-1] - 1.0)
    at = int(np.argmax(grown[:-20])) + 1  # the fund rose by more than a ratio may be off
    assert grown[at - 1] > 1.06
    close = 9.0 * np.concatenate(([1.0], np.cumprod(grown)))
    close[at:] *= 2.0
    rows = "\n".join(f"{d},{c},{c},{c},{c},0" for d, c in zip(DAYS, close, strict=True))
    (folder / "SOXL.csv").write_text(f"date,open,high,low,close,volume\n{rows}\n")
    made = run(folder, f"traded = ['SOXL']\nstart = {DAYS[at + 5]}")
    assert any(f"on {DAYS[at]} the price jumps" in n and "taken for a split 1:2" in n for n in made.warnings)


def test_the_returns_of_the_spans_make_up_the_whole(traded):
    made = run(traded, "traded = 'all'")
    grown = np.prod([1 + span_metrics(made, s)["total_return"] for s in spans_of(made)])
    assert grown - 1 == pytest.approx(made.metrics["total_return"])


def test_without_traded_bars_nothing_is_said_of_spans(traded):
    made = run(traded, "")
    assert (spans_of(made), "traded_share" in made.metrics) == ([], False)
    assert traded_share(made) == 0.0


def test_prices_are_those_that_were_printed_with_actual_splits(folder):
    cents = np.round(40 * np.exp(np.cumsum(np.random.default_rng(5).normal(0, 0.02, N - SEAM))), 2)
    rows = "\n".join(f"{d},{c},{c},{c},{c},100" for d, c in zip(DAYS[SEAM:], cents, strict=True))
    (folder / "SOXL.csv").write_text(f"date,open,high,low,close,volume\n{rows}\n")
    made = run(folder, "traded = ['SOXL']\nsplits = 'actual'\nfunds = ['SOXL']")
    printed = made.ledgers["SOXL"].close * made.factors["SOXL"]
    # SOXL's split of 2021 came after; the file is in whole cents as it is.
    np.testing.assert_allclose(printed[SEAM + 1 :], cents[1:], rtol=1e-9)
    assert not any("begins at 100" in note for note in made.warnings)
    assert any(
        f"before its own bars begin on {DAYS[SEAM]} its prices are a model's" in n for n in made.warnings
    )
    with pytest.raises(SpecError, match=r"data.first_price.SOXL: with data.traded"):
        run(folder, "traded = ['SOXL']\nsplits = 'actual'\nfunds = ['SOXL']\nfirst_price = {SOXL = 3.0}")


def test_with_actual_splits_each_fund_is_said_to_be_printed_or_not(folder):
    csv(folder / "SOXS.csv", days=DAYS[SEAM:], seed=9, scale=0.1)
    warnings = run(folder, "traded = 'all'\nsplits = 'actual'\nfunds = ['SOXL', 'SOXS']").warnings
    begins = [note for note in warnings if "begins at 100" in note]
    models = [note for note in warnings if "its prices are a model's" in note]
    assert [note.split()[0] for note in begins] == ["SOXL"]
    assert [note.split(":")[0] for note in models] == ["SOXS"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("traded = ['TQQQ']", "data.traded: TQQQ is no fund of this run; its funds are SOXS, SOXL"),
        ("traded = {SOXL = 'no.csv'}", "no.csv"),
        ("traded = ['SOXL', 'soxl']", "data.traded: soxl is given twice"),
        ("traded = ['../SOXL.csv']", "leaves the spec's own folder"),
        ("traded = 7", "data.traded is 7; it should be 'all', tickers as in"),
        ("traded = ['SOXL', 3]", "it should be 'all', tickers as in"),
        ("traded = ['']", "data.traded has an empty name; it should be a ticker"),
        ("traded = {SOXL = ''}", "data.traded has an empty name; it should be a ticker"),
        ("traded = {SOXL = 'TQQQ'}", "data.traded: TQQQ is to be SOXL, but TQQQ is another fund; rename it"),
        ("assets = ['sub/SOXL.csv']", 'data.traded = ["SOXL"] gives the fund the bars of that file'),
        ("assets = ['TQQQ.csv']", "TQQQ is a daily-reset fund; name it in data.funds"),
    ],
)
def test_what_cannot_be_is_one_sentence(traded, data, says):
    csv(traded / "TQQQ.csv")
    csv(traded / "sub" / "SOXL.csv")
    with pytest.raises(LetfError) as error:
        run(traded, data)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_all_of_an_empty_folder_is_refused(folder):
    with pytest.raises(DataError, match=r'data.traded is "all", but .* has none of SOXS, SOXL'):
        run(folder, "traded = 'all'")


def test_traded_bars_outside_the_run_leave_the_fund_synthetic_and_that_is_said(traded):
    made = run(traded, f"traded = 'all'\nend = {DAYS[SEAM - 2]}")
    assert any("so it is synthetic throughout" in note for note in made.warnings)


def test_an_index_that_is_itself_a_fund_is_named(traded):
    setting = load_setting(
        load_spec("hold", ["rule.instrument=index", "data.funds=[]"], index="SOXL"), traded
    )
    assert any("SOXL gives +3 times its index's day" in note for note in setting.notes)


def test_what_came_before_the_run_is_the_fund_s_own_too(traded):
    given = spec(traded, f"traded = 'all'\nstart = {DAYS[40]}")
    made = run_spec(given, load_setting(given, traded))
    history = made.setting.history
    market = history.before(made.market())
    close, own = market.funds["SOXL"].close, own_bars(traded).close
    np.testing.assert_allclose(close[SEAM + 1 :] / close[SEAM:-1], own[1:] / own[:-1])


def test_the_same_from_a_script_and_from_the_command_line(traded, tmp_path, monkeypatch):
    from typer.testing import CliRunner

    from runs.commands.cli import app

    monkeypatch.chdir(tmp_path)
    given = spec(traded, "")
    out = tmp_path / "out"
    asked = ["run", str(traded / "run.toml"), "--traded", f"SOXL={traded / 'SOXL.csv'}", "--out", str(out)]
    assert CliRunner().invoke(app, asked).exit_code == 0
    frame = pd.read_csv(traded / "SOXL.csv", index_col="date", parse_dates=True)
    here = letf.run(given, traded={"SOXL": frame})
    there = json.loads((out / "metrics.json").read_text())
    assert here.metrics == pytest.approx(there)


def test_the_same_rule_both_ways_trade_by_trade(traded):
    found = letf.compare([spec(traded, "", ["data.rate=0.0"])], traded=True, data_dir=traded)
    assert list(found.table.index) == ["run, synthetic", "run, traded", "CHIPS held"]
    (row,) = found.frames["trades"].to_dict("records")
    assert row["instrument"] == "SOXL"
    one, other = run(traded, "").metrics, run(traded, "traded = 'all'").metrics
    assert found.table["final_equity"].tolist()[:2] == pytest.approx(
        [one["final_equity"], other["final_equity"]]
    )
    assert "On synthetic and on traded prices" in found.headline


def test_both_ways_of_a_rule_none_of_whose_funds_was_traded_are_said_to_be_one_run(traded):
    given = spec(traded, f"end = {DAYS[SEAM - 1]}", ["data.rate=0.0"])
    found = letf.compare([given], traded=True, data_dir=traded)
    first = next(section for section in found.sections if section.sentences)
    assert "No fund that run trades has a traded price in it: both are the same run." in first.sentences
    assert found.table["final_equity"].iloc[0] == found.table["final_equity"].iloc[1]
