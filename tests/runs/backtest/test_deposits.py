"""account.deposits of a spec, in every question: no gain, and the same for every benchmark."""

import json

import numpy as np
import pandas as pd
import pytest

from letf_instruments import SpecError
from letf_instruments.payments import money_weighted
from runs.backtest.caveats import headline
from runs.backtest.frames import equity_frame, returns
from runs.specs.reading import load_spec
from runs.studies.comparison.study import compare_specs
from runs.studies.comparison.words import compare_rows
from runs.studies.rules.joined import run_backtest
from runs.sweeps.engines.by_backtrader import BacktraderEngine
from runs.sweeps.engines.by_kernel import KernelEngine
from runs.sweeps.engines.job import Job
from runs.sweeps.space.axes import grid_of
from runs.sweeps.space.cells import METRICS, MONEY
from tests.runs.command import letf, read

MONTHLY = 'deposits = {amount = 1000, every = "month"}\n'
DAYS = pd.bdate_range("2021-01-04", "2021-12-30")


def spec_of(folder, closes, account=MONTHLY, more="", opens=None, strategy="hold", rule=None):
    """A spec that holds an index of these closes, or trades it, for nothing."""
    closes = np.array(closes, dtype=float)
    opens = closes if opens is None else np.array(opens, dtype=float)
    rows = {"date": DAYS[: len(closes)], "open": opens, "high": np.maximum(opens, closes)}
    rows |= {"low": np.minimum(opens, closes), "close": closes}
    pd.DataFrame(rows).to_csv(folder / "flat.csv", index=False)
    rule = '[rule]\ninstrument = "index"\n[plan]\nschedule = "daily"\n' if rule is None else rule
    (folder / "s.toml").write_text(
        f'strategy = "{strategy}"\n[data]\nindex = "flat.csv"\nrate = 0.0\non_bad_print = "keep"\n'
        f"{rule}[account]\ncash = 5000\n{account}{more}"
    )
    return load_spec(folder / "s.toml")


FLAT = [100.0] * 250


def test_a_fund_that_does_not_move_returns_nothing(tmp_path):
    run = run_backtest(spec_of(tmp_path, FLAT))
    m = run.metrics
    assert (m["put_in"], m["paid_in"], m["profit"]) == (16_000.0, 11_000.0, pytest.approx(0.0, abs=1e-6))
    assert m["final_equity"] == pytest.approx(16_000.0)
    for name in ("total_return", "cagr", "max_drawdown", "max_drawdown_within_bar", "money_weighted_return"):
        assert m[name] == pytest.approx(0.0, abs=1e-9)
    assert m["volatility"] == 0.0
    assert returns(run).abs().max() < 1e-12
    assert m["hold_index_final_equity"] == pytest.approx(16_000.0)
    assert m["hold_index_money_weighted_return"] == pytest.approx(0.0, abs=1e-9)
    frame = equity_frame(run)
    assert frame["paid_in"].iloc[-1] == 11_000.0
    assert frame["worth"].to_numpy() == pytest.approx([5_000.0] * 250)
    assert frame["hold_index"].iloc[-1] == pytest.approx(16_000.0)
    first = headline(run)
    assert "16,000 put in became 16,000" in first
    assert "The money of the first day alone made 0.0 %, in " in first
    assert "time-weighted" not in first


def test_nor_does_it_in_a_sweep_of_either_engine_nor_beside_others(tmp_path):
    spec = spec_of(tmp_path, FLAT, more="[sweep]\naccount.deposits.amount = [0, 1000, 2500.5]\n")
    grid = grid_of(spec)
    found = [
        kind(Job(spec, grid, name)).evaluate(np.arange(3))
        for kind, name in ((KernelEngine, "kernel"), (BacktraderEngine, "backtrader"))
    ]
    for cells in found:
        assert list(cells)[: len(METRICS) + 3] == [*METRICS, *MONEY]
        assert cells["put_in"].tolist() == [5_000.0, 16_000.0, 5_000 + 11 * 2_500.5]
        for name in ("total_return", "max_drawdown", "volatility", "profit", "money_weighted_return"):
            assert cells[name] == pytest.approx([0.0] * 3, abs=1e-6)
    other = spec_of(tmp_path, FLAT, account="")
    compared = compare_specs([spec_of(tmp_path, FLAT), other])
    for run in compared.runs:
        assert run.metrics["total_return"] == pytest.approx(0.0, abs=1e-12)
        assert run.metrics["max_drawdown"] == pytest.approx(0.0, abs=1e-12)
    headings, rows = compare_rows(compared)
    assert headings[-3:] == ["put in", "profit", "money-weighted a year"]
    by_name = {row[0]: row[-3:] for row in rows}
    assert by_name["s"][0] == "16,000"
    assert by_name["s (2)"] == ["", "", ""]
    assert by_name["flat held"] == ["", "", ""]  # whose payments would they be
    same = compare_rows(compare_specs([spec_of(tmp_path, FLAT)] * 2))[1]
    assert {row[0]: row[-3] for row in same}["flat held"] == "16,000"


def test_without_deposits_nothing_is_told_of_them(tmp_path):
    spec = spec_of(tmp_path, FLAT, account="", more="[sweep]\nrule.weight = [0.5, 1.0]\n")
    cells = KernelEngine(Job(spec, grid_of(spec), "kernel")).evaluate(np.arange(2))
    assert not set(cells) & set(MONEY)
    run = run_backtest(spec)
    assert not set(run.metrics) & {*MONEY, "hold_index_profit", "hold_index_final_equity"}
    assert list(compare_rows(compare_specs([spec, spec]))[0])[-1] == "interest earned"


def test_holding_has_the_same_payments_at_the_same_opens(tmp_path):
    """1,000 at the open of 2021-02-01 and of 2021-03-01, in an index that opens away from its closes."""
    rng = np.random.default_rng(4)
    closes = 100 * np.exp(np.cumsum(0.02 * rng.standard_normal(50)))
    opens = closes * np.exp(0.01 * rng.standard_normal(50))
    run = run_backtest(spec_of(tmp_path, closes, opens=opens))
    at = [int(np.searchsorted(DAYS, np.datetime64(day))) for day in ("2021-02-01", "2021-03-01")]
    shares = 5_000 / closes[0] + sum(1_000 / opens[i] for i in at)
    final = shares * closes[-1]
    m = run.metrics
    assert m["hold_index_final_equity"] == pytest.approx(final, rel=1e-12)
    assert m["hold_index_profit"] == pytest.approx(final - 7_000, rel=1e-9)
    wanted = money_weighted(
        run.days[0], run.days[-1], 5_000.0, run.days[at], np.array([1_000.0, 1_000.0]), final
    )
    assert m["hold_index_money_weighted_return"] == pytest.approx(wanted, rel=1e-9)
    assert m["hold_index_total_return"] == pytest.approx(closes[-1] / closes[0] - 1, rel=1e-12)
    # The index at the account's own risk, day by day: each sum is in it from its open on.
    share, value = m["same_risk_share"], 5_000.0
    for i in range(1, 50):
        if i in at:
            before = value * (1 + share * (closes[i] / closes[i - 1] - 1))
            value = before + 1_000 * (1 + share * (closes[i] / opens[i] - 1))
        else:
            value *= 1 + share * (closes[i] / closes[i - 1] - 1)
    assert m["same_risk_final_equity"] == pytest.approx(value, rel=1e-9)


def test_a_benchmark_that_could_not_have_paid_has_none(tmp_path):
    """The rule is in cash and pays 4,500 out; the index has halved by then."""
    closes = [100.0] * 10 + [50.0] * 40
    (tmp_path / "out.csv").write_text("date,amount\n2021-02-01,-4500\n")
    spec = spec_of(
        tmp_path, closes, 'deposits = "out.csv"\n', rule='[rule]\ninstrument = "index"\nweight = 0.001\n'
    )
    run = run_backtest(spec)
    assert run.metrics["put_in"] == 500.0
    assert run.metrics["hold_index_final_equity"] is None
    assert np.isnan(equity_frame(run)["hold_index"].iloc[-1])
    assert run.metrics["total_return"] > -0.01


def test_a_file_of_payments(tmp_path):
    (tmp_path / "pay.csv").write_text("Date,Amount\n2021-06-05,250\n2020-01-01,1\n2021-03-01,-100\n")
    run = run_backtest(spec_of(tmp_path, FLAT, 'deposits = "pay.csv"\n', rule=WEIGHT_HALF))
    assert [(str(each.day), each.amount) for each in run.payments] == [
        ("2021-03-01", -100.0),
        ("2021-06-07", 250.0),
    ]
    assert any("pay.csv: 1 payment dated before the run begins" in note for note in run.warnings)


WEIGHT_HALF = '[rule]\ninstrument = "index"\nweight = 0.5\n'


@pytest.mark.parametrize(
    ("account", "says"),
    [
        ("deposits = 500\n", "account.deposits is 500; it should be {amount = 500"),
        ('deposits = "monthly"\n', "account.deposits is 'monthly'; it should be {amount = 500"),
        ("deposits = {amount = 500, every = 0}\n", "account.deposits.every is 0; it should be 'week'"),
        ('deposits = {amount = 500, every = "fortnight"}\n', "account.deposits.every is 'fortnight'"),
        ('deposits = {every = "month"}\n', "account.deposits.amount is missing"),
        ("deposits = {amount = 500, evry = 3}\n", "evry"),
        ('deposits = "../pay.csv"\n', "account.deposits '../pay.csv' leaves the spec's own folder"),
    ],
)
def test_deposits_that_cannot_be_are_one_sentence(tmp_path, account, says):
    with pytest.raises(SpecError) as error:
        spec_of(tmp_path, FLAT, account)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("date,amount\n2021-02-01,much\n", "pay.csv, row 2: 'much' is not an amount of money"),
        ("date,amount\nFeb 1,5\n", "pay.csv, row 2: 'Feb 1' is not a date"),
        ("date,sum\n2021-02-01,5\n", "pay.csv: no column for amount; its headings are date, sum"),
        ("date,amount\n", "pay.csv: there are no payments in it"),
        ("date,amount\n2021-02-01,inf\n", "pay.csv, row 2: 'inf' is not an amount of money"),
        (None, "pay.csv"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence_and_exit_code_2(tmp_path, text, says):
    if text is not None:
        (tmp_path / "pay.csv").write_text(text)
    spec_of(tmp_path, FLAT, 'deposits = "pay.csv"\n')
    done = letf("run", tmp_path / "s.toml", "--out", tmp_path / "out")
    assert done.returncode == 2
    assert says in done.stderr


def test_a_withdrawal_that_is_more_than_the_cash_stops_run_and_cell_alike(tmp_path):
    spec_of(tmp_path, FLAT, 'deposits = {amount = -100, every = "month"}\n')
    done = letf("run", tmp_path / "s.toml", "--out", tmp_path / "out")
    assert done.returncode == 2
    sentence = "2021-02-01: 100.00 is to be paid out, but of cash there is 0.00; a withdrawal sells nothing"
    assert sentence in done.stderr
    swept = spec_of(
        tmp_path,
        FLAT,
        'deposits = {amount = -100, every = "month"}\n',
        "[sweep]\nrule.weight = [0.5, 1.0]\n",
    )
    for kind, name in ((KernelEngine, "kernel"), (BacktraderEngine, "backtrader")):
        cells = kind(Job(swept, grid_of(swept), name)).evaluate(np.arange(2))
        assert cells["refused"][0] is None
        assert sentence in cells["refused"][1]
        assert cells["final_equity"][0] == pytest.approx(3_900.0)
        assert np.isnan(cells["final_equity"][1])
    out = tmp_path / "sweep"
    assert letf("sweep", tmp_path / "s.toml", "--out", out, "--by", "profit").returncode == 0
    assert "put_in" in (out / "top.csv").read_text()
    refused = json.loads((out / "sweep.json").read_text())["refused"]
    assert refused["cells"] == 1


def test_a_sweep_of_files_and_a_metric_of_money_without_any_are_one_sentence(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text("date,amount\n2021-02-01,5\n")
    spec = spec_of(tmp_path, FLAT, 'deposits = "a.csv"\n', '[sweep]\naccount.deposits = ["a.csv", "b.csv"]\n')
    cells = KernelEngine(Job(spec, grid_of(spec), "kernel")).evaluate(np.arange(2))
    assert cells["refused"][0] is None
    assert "sweep account.deposits.amount, or give each file a spec of its own" in cells["refused"][1]
    spec_of(tmp_path, FLAT, "", "[sweep]\nrule.weight = [0.5, 1.0]\n")
    done = letf("sweep", tmp_path / "s.toml", "--out", tmp_path / "x", "--by", "profit")
    assert done.returncode == 2
    assert "profit is of money paid in, which this sweep has not" in done.stderr


OWN = """\
import backtrader as bt

class Own(bt.Strategy):
    def __init__(self):
        {init}

    def next(self):
        {body}
"""


@pytest.mark.parametrize(
    ("init", "body", "says"),
    [
        (
            "pass",
            "if len(self) == 3: self.broker.set_cash(9000.0)",
            "mind that 4,000 was paid in, on balance, while it ran",
        ),
        (
            "self.broker.set_cash(7000.0)",
            "pass",
            "mind that the strategy set the money at the start to 7,000, not the 5,000 of account.cash",
        ),
    ],
)
def test_a_run_that_never_traded_says_that_money_came(tmp_path, init, body, says):
    (tmp_path / "own.py").write_text(OWN.format(init=init, body=body))
    spec = spec_of(tmp_path, FLAT, "", strategy="own.py:Own", rule="")
    run = run_backtest(spec)
    assert "never traded" in headline(run)
    assert says in headline(run)
    assert run.metrics["total_return"] == 0.0


def test_a_strategy_that_pays_in_every_month_and_trades_on_what_does_not_move(tmp_path):
    body = "self.order_target_percent(data=self.data0, target=0.9)\n"
    body += "        if len(self) % 21 == 0: self.broker.add_cash(1000.0)"
    (tmp_path / "own.py").write_text(OWN.format(init="pass", body=body))
    m = run_backtest(spec_of(tmp_path, FLAT, "", strategy="own.py:Own", rule="")).metrics
    assert m["put_in"] == 16_000.0
    for name in ("total_return", "max_drawdown", "max_drawdown_within_bar", "profit"):
        assert m[name] == pytest.approx(0.0, abs=1e-9)


def test_the_folder_of_a_run_has_what_was_paid(tmp_path):
    spec_of(tmp_path, FLAT)
    done = letf("run", tmp_path / "s.toml", "--out", tmp_path / "out")
    assert done.returncode == 0
    assert "put in, with the same payments" in done.stdout
    rows = read(tmp_path / "out" / "equity.csv")
    assert float(rows[-1]["paid_in"]) == 11_000.0
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert metrics["put_in"] == 16_000.0


def test_what_no_schedule_invests_is_said_to_stay_in_cash():
    monthly = ["account.deposits={amount = 500, every = 'month'}"]
    still = run_backtest(load_spec("hold", monthly, end="2001-12-31"))
    assert any("what is paid in stays in cash" in note for note in still.warnings)
    put_in = run_backtest(load_spec("dollar_cost", end="2001-12-31"))
    assert not any("stays in cash" in note for note in put_in.warnings)
