"""The page of a run: whole for any rule, small, in its order, and its tables hold the run's own numbers."""

import matplotlib
import numpy as np
import pandas as pd
import pytest

import letf
from runs.answers.page.payload import payload
from tests.runs.backtest.report.pictures import END, closer


def test_returns_are_spread_as_pandas_has_it(trend):
    table = next(t for part in trend.sections for t in part.tables if t.title == "How returns are spread")
    spread = dict(zip([row[0] for row in table.rows[::2]], table.rows[::2], strict=True))
    for name, code in (("weeks", "W-SUN"), ("months", "M"), ("quarters", "Q"), ("years", "Y")):
        own = trend.returns.add(1).groupby(trend.returns.index.to_period(code)).prod().sub(1)
        wanted = own.quantile([0, 0.05, 0.25, 0.5, 0.75, 0.95, 1])
        told = [float(cell.replace("−", "-").removesuffix(" %")) for cell in spread[name][1:-1]]
        np.testing.assert_allclose(told, 100 * wanted, atol=0.0501)
        assert spread[name][-1] == f"{len(own):,}"


def test_each_year_is_held_against_the_index_as_quantstats_has_it(trend):
    with matplotlib.rc_context():  # it sets the looks of all pictures as it is imported
        import quantstats as qs

    table = next(t for part in trend.sections for t in part.tables if t.title == "Year by year")
    index = trend.equity["hold_index"].pct_change().fillna(0.0)
    theirs = qs.stats.compare(trend.returns, index, aggregate="YE", compounded=True)
    assert [int(row[0]) for row in table.rows] == theirs.index.tolist()
    for row, (_, year) in zip(table.rows, theirs.iterrows(), strict=True):
        assert row[5] == {"+": "yes", "-": "no"}[year["Won"]]
        assert row[1] == f"{year['Returns']:+.1f} %".replace("-", "−")
        gained = year["Benchmark"] > 0
        multiple = float(row[4].replace("−", "-")) if gained else row[4]
        assert multiple == (pytest.approx(year["Multiplier"], abs=0.0051) if gained else "n/a")


def test_the_best_and_worst_months_are_those_of_pandas(trend):
    named = "Days, months and years; of the rule those with a position"
    table = next(t for part in trend.sections for t in part.tables if t.title == named)
    rows = {row[0]: row[1] for row in table.rows}
    held = trend.positions["SOXL"] != 0
    held[trend.fills.index.unique()] = True  # sold at the open, too
    some = held.groupby(held.index.to_period("M")).any()
    months = trend.returns.add(1).groupby(trend.returns.index.to_period("M")).prod().sub(1)[some]
    assert rows["best month"] == f"+{100 * months.max():.1f} %"
    assert rows["worst month"] == f"−{-100 * months.min():.1f} %"
    assert rows["months with a gain"] == f"{100 * (months > 0).mean():.0f} %"
    years = trend.returns.add(1).groupby(trend.returns.index.year).prod().sub(1)
    assert rows["worst year"] == f"−{-100 * years.min():.1f} %"


def test_what_each_cause_took_adds_up_to_the_funds_return(timing):
    found = closer(timing, "decay")
    values = {part.name: part.values for part in found.panes[0].parts}
    total = values.pop("SOXS's log return") if "SOXS's log return" in values else None
    assert total is not None
    np.testing.assert_allclose(sum(values.values()), total, atol=1e-9)


def test_every_trade_is_a_row_and_of_rebalanced_positions_every_fill(timing):
    def rows(run):
        return next(table for part in run.sections for table in part.tables if table.long).rows

    assert [row[0] for row in rows(timing)] == [f"{day:%Y-%m-%d}" for day in timing.trades["entry_date"]]
    mix = letf.run("fixed_mix", index="nasdaq", **END)
    assert len(rows(mix)) == len(mix.fills) > len(mix.trades)


def test_costs_by_account_are_those_of_the_metrics(timing):
    table = next(
        table for part in timing.sections for table in part.tables if table.title.startswith("Costs and")
    )
    money = {row[0]: float(row[1].replace(",", "").replace("−", "-")) for row in table.rows}
    paid = -sum(value for value in money.values() if value < 0)
    assert paid == pytest.approx(timing.metrics["costs_paid"], abs=2)
    assert money["interest on cash"] == pytest.approx(timing.metrics["interest_earned"], abs=1)


@pytest.mark.parametrize(
    "name", ["tranches", "dollar_cost", "event_options", "hold", "mix", "switch", "tree"]
)
def test_the_page_of_any_rule_is_whole(name):
    run = letf.run(name, end="2003-12-31")
    html = run.to_html()
    assert "could not be made" not in html
    assert 1 <= len(run.figures) <= 5
    for picture in run.pictures.values():
        if picture.closer is not None:
            assert payload(picture.closer())


@pytest.mark.parametrize("name", ["tranches", "trend"])
def test_the_page_of_thirty_years_of_days_is_below_three_megabytes(name):
    rng = np.random.default_rng(7)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0004, 0.018, 7_560)))
    days = pd.bdate_range("1990-01-02", periods=7_560)
    open_ = close * np.exp(rng.normal(0, 0.004, 7_560))
    frame = pd.DataFrame(
        {
            "open": open_,
            "high": np.maximum(open_, close) * 1.006,
            "low": np.minimum(open_, close) * 0.994,
            "close": close,
        },
        index=pd.DatetimeIndex(days, name="date"),
    )
    run = letf.run(name, index={"WALK": frame}, rate=0.03)
    assert len(run.equity) >= 7_000
    assert len(run.to_html().encode()) < 3e6


def test_factors_multiply_to_what_each_fund_made_and_money_is_told_apart():
    run = letf.run("hold", rule={"instrument": "SOXS"}, **END)
    (part,) = (part for part in run.sections if part.heading == "What the funds did to the idea")
    money, factors = ({row[0]: row[1:] for row in table.rows} for table in part.tables)
    assert [table.headings[1:] for table in part.tables] == [["SOXS"], list(run.result.attributions)]
    number = [float(cell.replace(",", "").replace("−", "-")) for (cell,) in money.values()]
    assert list(money)[-2:] == ["= profit", "− trading costs"]
    assert sum(number[:-2]) == pytest.approx(number[-2], abs=2.5)  # of four rounded numbers
    assert "taken at its word" in next(iter(factors))
    for at, name in enumerate(run.result.attributions):
        became = run.metrics[f"decay_{name}_actual"] + 1
        product = np.prod([float(row[at].replace(",", "")) for row in list(factors.values())[2:]])
        assert product == pytest.approx(became, rel=0.02)  # of four numbers with three digits each
    assert any("money" in said and "factors" in said for said in part.sentences)
    assert ">came<" not in run.to_html()


def test_trades_and_months_come_before_what_the_funds_did(trend):
    order = [part.heading for part in trend.sections]
    for first in ("Every trade", "Month by month", "Drawdowns, exposure and costs"):
        for later in ("Compounding, in the market and always", "What the funds did to the idea"):
            assert order.index(first) < order.index(later)
    assert order[-1] == "Further figures"
    hedge = [part.heading for part in letf.run("hedge", **END).sections]
    assert hedge.index("What the hedge did") < hedge.index("Every trade")  # it is what was asked
