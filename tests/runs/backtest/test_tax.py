"""account.tax of a spec: paid and owed, before and after, and nothing at all where it is not set."""

import json

import numpy as np
import pandas as pd
import pytest

import letf
from letf_instruments import SpecError
from runs.backtest.caveats import headline
from runs.specs.reading import load_spec
from runs.studies.comparison.study import compare_specs
from runs.studies.comparison.words import compare_frame, compare_rows
from runs.studies.rules.joined import run_backtest
from runs.sweeps.engines.choice import choose
from runs.sweeps.space.axes import grid_of
from tests.runs.command import letf as command

# Bought at 100 and sold at 200 within 2020, bought again once the tax of it is paid, sold at 400 at the end.
CLOSES = [100.0, 100.0, 200.0, 200.0, 200.0, 200.0, 200.0, 400.0, 400.0, 400.0]
DAYS = pd.bdate_range("2020-12-28", periods=len(CLOSES))  # the sixth is 2021-01-04
TAX = 'tax = {short_rate = 0.25, pay_on = "01-04"}\n'
OWN = """import backtrader as bt


class Own(bt.Strategy):
    params = (("last", 7),)

    def next(self):
        bar = len(self) - 1
        if bar in (0, 5):
            self.buy(size=self.broker.getvalue() / self.data.close[0])
        elif bar in (1, self.p.last):
            self.close()
"""


def spec_of(folder, account=TAX, strategy="own.py:Own", more="", closes=CLOSES):
    (folder / "own.py").write_text(OWN)
    rows = {"date": pd.bdate_range("2020-12-28", periods=len(closes))}
    rows |= dict.fromkeys(("open", "high", "low", "close"), np.array(closes))
    pd.DataFrame(rows).to_csv(folder / "steps.csv", index=False)
    (folder / "s.toml").write_text(
        f'strategy = "{strategy}"\n[data]\nindex = "steps.csv"\nrate = 0.0\non_bad_print = "keep"\n'
        f"{more}[account]\ncash = 1000\n{account}"
    )
    return load_spec(folder / "s.toml")


def test_a_run_by_hand(tmp_path):
    """1,000 become 2,000; 250 of tax leave 1,750, which become 3,500; of that gain a quarter is owed."""
    run = run_backtest(spec_of(tmp_path))
    m = run.metrics
    assert m["tax_paid"] == pytest.approx(250.0)
    assert m["final_equity"] == pytest.approx(3_500.0)
    assert m["tax_due"] == pytest.approx(0.25 * 1_750.0)
    assert m["final_equity_after_tax"] == pytest.approx(3_500.0 - 437.5)
    assert m["total_return"] == pytest.approx(2.5)
    assert m["total_return_after_tax"] == pytest.approx(2.0625)
    assert m["final_equity_before_tax"] == pytest.approx(4_000.0)
    assert m["total_return_before_tax"] == pytest.approx(3.0)
    years = float((run.days[-1] - run.days[0]).astype(int)) / 365.25
    assert m["cagr_before_tax"] == pytest.approx(4.0 ** (1 / years) - 1)
    assert m["cagr_after_tax"] == pytest.approx(3.0625 ** (1 / years) - 1)
    assert m["costs_paid"] == 0.0
    assert [(year.year, year.tax, paid) for year, paid in run.tax_years] == [
        (2020, pytest.approx(250.0), True),
        (2021, pytest.approx(437.5), False),
    ]
    first = headline(run)
    assert "tax on gains took 250, and 438 is still owed" in first
    assert "+206.2 % after all of it, +300.0 % without tax; holding is shown before tax" in first


def test_what_is_not_sold_is_not_taxed(tmp_path):
    run = run_backtest(spec_of(tmp_path, more="[rule]\nlast = 99\n"))
    assert run.metrics["tax_due"] == 0.0
    assert run.metrics["final_equity_after_tax"] == run.metrics["final_equity"] == pytest.approx(3_500.0)


def test_a_rate_of_nothing_changes_nothing(tmp_path):
    free = run_backtest(spec_of(tmp_path, 'tax = {short_rate = 0.0, pay_on = "01-04"}\n')).metrics
    plain = run_backtest(spec_of(tmp_path, "")).metrics
    assert set(free) - set(plain) == {
        "tax_paid",
        "tax_due",
        "final_equity_after_tax",
        "final_equity_before_tax",
        "total_return_after_tax",
        "total_return_before_tax",
        "cagr_after_tax",
        "cagr_before_tax",
    }
    assert {key: free[key] for key in plain} == plain
    assert free["total_return_before_tax"] == free["total_return_after_tax"] == plain["total_return"]


def test_the_folder_has_the_years_and_the_table_before_and_after(tmp_path):
    spec_of(tmp_path)
    command("run", tmp_path / "s.toml", "--out", tmp_path / "out")
    frame = pd.read_csv(tmp_path / "out" / "tax.csv").set_index("year")
    assert frame["short_term"].tolist() == pytest.approx([1_000.0, 1_750.0])
    assert frame["paid"].tolist() == [True, False]
    assert frame["due"].tolist() == ["2021-01-04", "2022-01-04"]
    found = json.loads((tmp_path / "out" / "metrics.json").read_text(encoding="utf-8"))
    assert found["tax_paid"] == pytest.approx(250.0)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Before and after tax on realised gains" in page
    assert "steps held, before tax" in page
    assert "Realised gains by calendar year" in page


def test_a_comparison_has_both_and_leaves_empty_what_is_not_taxed(tmp_path):
    taxed, plain = spec_of(tmp_path), spec_of(tmp_path, "")
    found = compare_specs([taxed, plain])
    headings, rows = compare_rows(found)
    assert headings[-4:] == ["tax paid", "tax owed", "after all tax", "before tax"]
    by_name = {row[0]: row[-4:] for row in rows}
    assert by_name["s"] == ["250", "438", "+206.2 %", "+300.0 %"]
    assert by_name["s (2)"] == by_name["steps held"] == ["", "", "", ""]
    frame = compare_frame(found)
    assert frame.loc["s", "total_return_before_tax"] == pytest.approx(3.0)
    assert np.isnan(frame.loc["s (2)", "tax_paid"])
    assert compare_rows(compare_specs([plain, plain]))[0][-1] == "interest earned"


HOLD = '[rule]\ninstrument = "index"\nweight = 0.5\n[plan]\nschedule = "daily"\n'


def test_a_sweep_with_tax_runs_in_backtrader_and_says_why(tmp_path):
    spec = spec_of(tmp_path, strategy="hold", more=HOLD + "[sweep]\nrule.weight = [0.3, 0.5]\n")
    assert choose(spec, grid_of(spec), None) == (
        "backtrader",
        "account.tax is set, and only the broker keeps lots for it",
    )
    with pytest.raises(SpecError, match=r"the kernel cannot run s: account\.tax is set"):
        choose(spec, grid_of(spec), "kernel")
    swept = spec_of(tmp_path, "", strategy="hold", more=HOLD + '[sweep]\naccount.tax = ["none", "us"]\n')
    assert choose(swept, grid_of(swept), None)[0] == "backtrader"
    plain = spec_of(tmp_path, "", strategy="hold", more=HOLD)
    spec = spec_of(tmp_path, strategy="hold", more=HOLD)
    one = run_backtest(spec).metrics
    cells = letf.sweep(spec, {"rule.weight": [0.3, 0.5]}, workers=1).cells
    assert cells["final_equity"].iloc[1] == pytest.approx(one["final_equity"], rel=1e-12)
    assert one["tax_paid"] > 0.0
    for name in ("tax_paid", "tax_due", "total_return_after_tax"):
        assert cells[name].iloc[1] == pytest.approx(one[name], rel=1e-12)
    best = letf.sweep(spec, {"rule.weight": [0.3, 0.5]}, workers=1, by="total_return_after_tax")
    assert best.cells["total_return_after_tax"].max() == cells["total_return_after_tax"].max()
    both = letf.sweep(plain, {"account.tax": ["none", "us"]}, workers=1).cells
    assert both["tax_paid"].iloc[0] == both["tax_due"].iloc[0] == 0.0
    assert both["total_return_after_tax"].iloc[0] == both["total_return"].iloc[0]
    assert both["tax_due"].iloc[1] > 0.0
    untaxed = letf.sweep(plain, {"rule.weight": [0.3, 0.5]}, workers=1, engine="backtrader").cells
    assert "tax_paid" not in untaxed
    with pytest.raises(
        SpecError, match=r"tax_due is of tax, which this sweep has not: account\.tax is not set"
    ):
        letf.sweep(plain, {"rule.weight": [0.3, 0.5]}, workers=1, by="tax_due")


@pytest.mark.parametrize(
    ("account", "said"),
    [
        ('tax = "uk"\n', r"account\.tax is 'uk'; it should be 'us' or 'kr', or a table such as"),
        ("tax = 3\n", r"account\.tax is 3; it should be 'us' or 'kr'"),
        ('tax = {preset = "uk"}\n', r"account\.tax\.preset is 'uk'; it should be 'us' or 'kr'"),
        ('tax = {preset = "us", rate = 1}\n', r"unknown key account\.tax\.rate; did you mean account\.tax\."),
        ("tax = {short_rate = 0.2}\n", r"account\.tax\.pay_on is missing"),
        ('tax = {pay_on = "04-15"}\n', r"account\.tax\.short_rate is missing"),
        ('tax = {preset = "us", short_rate = 32}\n', r"account\.tax\.short_rate is 32; it should be less"),
        ('tax = {preset = "us", pay_on = "02-30"}\n', r"account\.tax\.pay_on is '02-30'; it must be a month"),
        ('tax = {preset = "us", method = "lifo"}\n', r"account\.tax\.method is 'lifo'; it should be 'fifo'"),
        ('tax = {preset = "us", allowance = -1}\n', r"account\.tax\.allowance is -1; it should be greater"),
        ('kind = "cfd"\ntax = "us"\n', r"account\.tax is worked out of shares alone, and account\.kind is"),
    ],
)
def test_what_is_no_tax_is_refused_in_a_sentence(tmp_path, account, said):
    with pytest.raises(SpecError, match=said):
        spec_of(tmp_path, account)


def test_a_preset_is_filled_in_and_changed(tmp_path):
    tax = spec_of(tmp_path, 'tax = {preset = "kr", allowance = 2000, method = "average"}\n').account.tax
    assert (tax.short_rate, tax.allowance, tax.method, tax.pay_on) == (0.22, 2_000.0, "average", "05-31")
    again = spec_of(tmp_path, 'tax = "us"\n').resolved()["account"]["tax"]
    assert again == {
        "preset": "us",
        "method": "fifo",
        "short_rate": 0.32,
        "long_rate": 0.15,
        "long_after": 365,
        "allowance": 0.0,
        "pay_on": "04-15",
        "carry_losses": True,
    }
    assert spec_of(tmp_path, "").resolved()["account"]["tax"] is None


def test_what_trades_options_is_refused():
    with pytest.raises(
        SpecError, match="event_options trades options, and tax is worked out of shares alone"
    ):
        letf.run("event_options", account={"tax": "us"})


def test_the_ways_of_a_view_are_shown_before_tax():
    taxed = letf.alternatives("rsi_timing", account={"tax": "us"})
    assert "account.tax has no effect: all ways are shown before tax" in taxed.notes


def test_each_lot_of_a_plan_gives_its_part_and_is_told_so():
    """Each trade is a lot; of its part for the tax the plan sells no share twice."""
    run = letf.run("tranches", account={"tax": "us"}, end="2006-12-29").result
    assert any("cash lacks" in note for note in run.warnings)
    shares = dict.fromkeys(run.fills, 0.0)
    for fill in run.logged:
        shares[fill.instrument] += fill.size
        assert shares[fill.instrument] >= -1e-6
    taxed = [fill for fill in run.logged if fill.reason == "tax"]
    assert len({fill.bar for fill in taxed}) < len(taxed)
    m = run.metrics
    made = sum(trade.profit for trade in run.trades) + m["interest_earned"] - m["tax_paid"]
    assert made == pytest.approx(m["final_equity"] - run.start, abs=1e-6)


def test_money_paid_in_is_no_gain_and_the_tax_a_loss(tmp_path):
    """2,000 and 250 paid in on New Year's Day less 250 of tax become 4,000, of which 500 are owed: the money
    at the start doubles, loses a ninth, doubles, and owes an eighth."""
    deposits = 'deposits = {amount = 250, every = "year"}\n'
    m = run_backtest(spec_of(tmp_path, TAX + deposits)).metrics
    assert m["tax_paid"] == pytest.approx(250.0)
    assert m["tax_due"] == pytest.approx(500.0)
    assert m["final_equity"] == pytest.approx(4_000.0)
    assert m["total_return"] == pytest.approx(4 * 8 / 9 - 1)
    assert m["total_return_after_tax"] == pytest.approx(4 * 8 / 9 * 7 / 8 - 1)
    assert m["total_return_before_tax"] == pytest.approx(3.0)
    assert m["final_equity_before_tax"] == pytest.approx(4_500.0)
