"""A whole run, its numbers against each other, and what it says when it never trades."""

import numpy as np
import pytest

from letf_instruments import DataError, FactError, SpecError
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest


@pytest.fixture(scope="module")
def example():
    return run_backtest(load_spec("rsi_timing"))


KEYS = [
    "total_return",
    "cagr",
    "volatility",
    "sharpe",
    "sortino",
    "max_drawdown",
    "max_drawdown_days",
    "calmar",
    "trades",
    "win_rate",
    "profit_factor",
    "exposure_gross",
    "final_equity",
    "costs_paid",
    "decay_SOXS_promised",
    "decay_SOXS_actual",
    "decay_SOXS_compounding",
    "decay_SOXS_financing",
    "decay_SOXS_fee",
    "decay_SOXL_promised",
    "decay_SOXL_actual",
    "decay_SOXL_compounding",
    "decay_SOXL_financing",
    "decay_SOXL_fee",
]


def test_the_numbers_are_flat_and_all_there(example):
    assert set(KEYS) <= set(example.metrics)
    assert all(isinstance(v, (int, float, str, bool, type(None))) for v in example.metrics.values())


def test_money_adds_up_from_trades_interest_and_costs(example):
    m = example.metrics
    profit = sum(t.profit for t in example.trades)
    assert m["final_equity"] == pytest.approx(100_000 + profit + m["interest_earned"], abs=1e-6)
    assert m["costs_paid"] == pytest.approx(sum(t.costs for t in example.trades))
    assert m["final_equity"] == example.equity[-1]
    assert m["trades"] == len(example.trades) > 40


def test_the_split_adds_up_to_the_fund_s_log_return(example):
    m = example.metrics
    for fund in ("SOXS", "SOXL"):
        parts = sum(m[f"decay_{fund}_{p}"] for p in ("index", "compounding", "financing", "fee", "rest"))
        assert parts == pytest.approx(m[f"decay_{fund}_log_return"], abs=1e-12)
        assert m[f"decay_{fund}_log_return"] == pytest.approx(np.log1p(m[f"decay_{fund}_actual"]), abs=1e-9)


def test_a_constant_rate_is_said_and_a_series_is_used(tmp_path):
    (tmp_path / "R.csv").write_text("date,value\n1998-01-01,2\n2018-12-31,2\n")
    spec = load_spec("rsi_timing", rates="R")
    named = run_backtest(spec, tmp_path)
    constant = run_backtest(load_spec("rsi_timing", rates="0.02"))
    assert any("short rate: constant 2.00% a year throughout" in w for w in constant.warnings)
    assert not any("throughout" in w or "no short rate" in w for w in named.warnings)
    np.testing.assert_allclose(named.equity, constant.equity, rtol=1e-12)


def test_dividends_are_in_the_index_unless_it_is_asked_for_as_quoted():
    total = run_backtest(load_spec("rsi_timing"))
    quoted = run_backtest(load_spec("rsi_timing", ["data.total_return=false"]))
    # 20 years at .3 and then .9 % a year.
    ratio = (1 + total.metrics["hold_index_total_return"]) / (1 + quoted.metrics["hold_index_total_return"])
    assert ratio == pytest.approx(np.exp(5 * 0.003 + 15 * 0.009), rel=1e-3)
    assert any("dividend yield added, 0.30% to 0.90%" in w for w in total.warnings)
    assert any("as it is quoted, without dividends" in w for w in quoted.warnings)


def test_a_rule_that_never_trades_says_which_condition_never_held():
    spec = load_spec("rsi_timing", ["rule.overbought=99"])
    assert "“RSI(14) falls back through 99” was never true" in run_backtest(spec).verdict


def test_the_founders_first_levels_exclude_each_other_and_it_says_so():
    run = run_backtest(load_spec("rsi_timing", ["rule.overbought=70", "rule.average_bars=50"]))
    assert "never true together" in run.verdict
    assert run.metrics["trades"] == 0
    assert run.metrics["final_equity"] > 100_000  # cash earned the short rate


def test_the_mirror_runs_on_the_bull_fund():
    run = run_backtest(load_spec("rsi_timing", ["rule.side=bull"]))
    assert {t.instrument for t in run.trades} == {"SOXL"}


def test_a_fund_may_be_named_in_any_letter_case():
    run = run_backtest(load_spec("rsi_timing", ["plan.instrument=soxs"]))
    assert {t.instrument for t in run.trades} == {"SOXS"}


def test_a_fund_file_beside_the_spec_can_be_watched_and_traded(tmp_path):
    (tmp_path / "mine.toml").write_text('ticker = "MINE2"\nmultiple = -2\nexpense_ratio = 0.01')
    text = (
        'strategy = "rsi_timing"\n[data]\nfunds = ["mine.toml"]\n[plan]\ninstrument = "MINE2"\nmax_bars = 5'
    )
    (tmp_path / "s.toml").write_text(text)
    run = run_backtest(load_spec(tmp_path / "s.toml"))
    assert {t.instrument for t in run.trades} == {"MINE2"}
    assert run.attributions["MINE2"].promised == pytest.approx(-2 * run.metrics["hold_index_total_return"])
    (tmp_path / "s.toml").write_text(text.replace("mine.toml", "../mine.toml"))
    with pytest.raises(SpecError, match="leaves the spec's own folder"):
        load_spec(tmp_path / "s.toml")


def test_an_index_with_the_name_of_a_fund_is_refused(tmp_path):
    (tmp_path / "soxl.csv").write_text(
        "date,open,high,low,close\n" + "\n".join(f"2020-01-{d:02d},1,1,1,1" for d in range(1, 31))
    )
    with pytest.raises(DataError, match=r"soxl\.csv is taken for the index, but SOXL is also a fund"):
        run_backtest(load_spec("rsi_timing", index="soxl"), tmp_path)


def intraday(tmp_path):
    rng = np.random.default_rng(4)
    rows = ["datetime,open,high,low,close"]
    price = 100.0
    for day in np.busday_offset("2020-01-06", np.arange(40), roll="forward"):
        for minute in range(0, 390, 30):
            clock = f"{9 + (30 + minute) // 60:02d}:{(30 + minute) % 60:02d}:00"
            last, price = price, price * float(np.exp(0.006 * rng.standard_normal()))
            high, low = max(last, price), min(last, price)
            rows.append(f"{day} {clock},{last},{high},{low},{price}")
    (tmp_path / "I.csv").write_text("\n".join(rows))
    return run_backtest(
        load_spec("rsi_timing", ["rule.rsi_bars=3", "rule.average_bars=3"], index="I"), tmp_path
    )


def test_intraday_numbers_start_from_the_money_at_the_start(tmp_path):
    run = intraday(tmp_path)
    m = run.metrics
    assert run.trades[0].entry_date == run.days[0]  # it traded in the very first session
    assert run.equity[0] != 100_000
    assert m["total_return"] == pytest.approx(m["final_equity"] / 100_000 - 1)
    assert m["max_drawdown"] == run.worst[0].depth == pytest.approx(run.underwater.min())
    assert len(run.days) == len(run.underwater) == m["sessions"] == 40


def test_simulated_data_are_marked_and_follow_the_seed():
    one, same, other = (
        run_backtest(load_spec("rsi_timing", index="semis-sim", seed=seed)) for seed in (5, 5, 6)
    )
    assert one.simulated
    assert one.metrics == same.metrics != other.metrics


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        (["data.index=nasdac"], DataError, "did you mean nasdaq"),
        (["data.end=1999-01-12"], DataError, "bars are too few; rsi_timing needs more than 16"),
        (["data.start=2030-01-01"], DataError, "covers 1999-01-04 to 2018-12-31"),
        (["data.calendar=XX"], DataError, "no exchange calendar named 'XX'"),
        (['data.funds=["SOXX"]'], FactError, "no fund named 'SOXX'"),
        (["plan.instrument=TQQ"], FactError, "no fund named 'TQQ'"),
    ],
)
def test_what_cannot_be_run_is_refused_in_a_sentence(changes, error, says):
    with pytest.raises(error, match=says):
        run_backtest(load_spec("rsi_timing", changes))


@pytest.mark.market
def test_thirty_years_of_semiconductors(market_folder):
    spec = load_spec("rsi_timing", index="SOX", start="1995-01-01", rates="SHORT_RATE")
    run = run_backtest(spec, market_folder)
    assert len(run.days) == 7300
    assert run.metrics["trades"] > 50
    assert run.metrics["decay_SOXS_actual"] < -0.999999
    assert run.metrics["decay_SOXL_compounding"] < -10
    assert any("the open repeats the previous close" in w for w in run.warnings)
    assert any("SOX.csv" in w and "dividend yield added" in w for w in run.warnings)


def test_a_long_wait_for_history_is_said_with_its_end():
    run = run_backtest(load_spec("trend", ["data.end=2003-12-31"]))
    said = (
        "the run begins on 1999-10-18, the first day on which a signal is possible: history is needed, and "
        "there is none before 1999-01-04"
    )
    assert said in run.warnings
    assert not any("no signal before" in note for note in run_backtest(load_spec("rsi_timing")).warnings)
