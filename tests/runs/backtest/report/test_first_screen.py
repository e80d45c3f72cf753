"""The first screen of a run: what was run on what, its numbers, and what must be said in the same breath."""

import numpy as np
import pandas as pd
import pytest

import letf
from runs.answers.closer import Marks
from tests.runs.backtest.report.pictures import END, closer, parts


def test_the_first_screen_says_what_was_run_on_what(timing):
    days = timing.equity.index
    assert timing.asked == (
        f"rsi_timing on nasdaq, {days[0]:%Y-%m-%d} to {days[-1]:%Y-%m-%d}, {len(days):,} daily bars · SOXS "
        "synthetic throughout · 100,000 at the start"
    )
    assert [figure.label for figure in timing.figures] == [
        "CAGR",
        "worst drawdown",
        "Sharpe ratio",
        "trades",
        "costs paid",
    ]
    assert timing.figures[3].value == str(len(timing.trades))
    assert timing.edge.word == "not asked: luck"
    assert timing.lead == "equity"


def test_who_pays_in_is_told_first_what_his_money_made():
    run = letf.run("dollar_cost", end="2006-12-31")
    days, end = run.equity.index.to_numpy(), float(run.equity["equity"].iloc[-1])
    made, drawdown, put_in, held, costs = run.figures
    # 500 a month from January 1999 on: eight years.
    assert (put_in.label, put_in.value) == ("put in", f"{500 * 96:,}")
    assert put_in.beside == f"worth {end:,.0f} at the end"
    # The rate at which the payments, each to the end, come to what is there (bisection).
    pays = np.diff(run.equity["paid_in"].to_numpy(), prepend=0.0)
    flows = [(days[0], 500.0), *((day, pay) for day, pay in zip(days, pays, strict=True) if pay)]
    low, high = -0.9, 2.0
    for _ in range(80):
        rate = (low + high) / 2
        years = [(days[-1] - day) / np.timedelta64(1, "D") / 365.0 for day, _ in flows]
        worth = sum(pay * (1 + rate) ** t for (_, pay), t in zip(flows, years, strict=True))
        low, high = (rate, high) if worth < end else (low, rate)
    assert made.label == "money-weighted return"
    assert float(made.value.replace("−", "-").rstrip(" %")) == pytest.approx(100 * rate, abs=0.06)
    assert drawdown.label == "worst drawdown"
    assert held.label == "position"
    assert costs.beside == f"{100 * run.metrics['costs_paid'] / (500 * 96):.2f} % of what was put in"


def test_of_options_around_events_the_event_is_the_trade_and_what_is_modelled_is_said_at_once():
    run = letf.run("event_options", **END)
    per_event = run.trades.groupby(run.trades["entry_date"])["profit"].sum()  # a straddle is two options
    assert len(run.trades) == 2 * len(per_event)
    figure = run.figures[3]
    assert (figure.label, figure.value) == ("events", f"{len(per_event):,}")
    assert len(per_event) < 50
    assert figure.beside == f"{(per_event > 0).sum()} of {len(per_event)} made money"
    assert f"{len(run.trades)} options on nasdaq, bought on {len(per_event)} days" in run.headline
    assert run.alarm.startswith("All of this is modelled")
    html = run.to_html()
    assert html.count("All of this is modelled") == 1
    assert html.index("All of this is modelled") < html.index('class="numbers"')
    # No fund is traded, so nothing is told of funds.
    # The same is counted first in the table as on the card; an option by itself is a leg of it.
    account = next(t for part in run.sections for t in part.tables if t.title == "The account")
    assert account.rows[:4] == [
        ["events traded", f"{len(per_event):,}"],
        ["events won", f"{100 * (per_event > 0).mean():.1f} %"],
        ["options, the legs of these events", f"{len(run.trades):,}"],
        ["options won, each by itself", f"{100 * run.metrics['win_rate']:.1f} %"],
    ]
    assert "What the funds did" not in html
    assert "The funds here are synthetic" not in html
    assert "decay" not in run.pictures
    bought = next(mark for name, mark in parts(closer(run, "price"), Marks).items() if "bought" in name)
    assert pd.DatetimeIndex(bought.at).tolist() == per_event.index.tolist()
    assert all("nasdaq call" in words and "nasdaq put" in words for words in bought.words)


def test_a_run_without_trades_says_what_its_return_is():
    run = letf.run("rsi_timing", rule={"overbought": 99.5}, **END)
    assert len(run.trades) == 0
    made = f"{100 * (run.equity['equity'].iloc[-1] / 100_000 - 1):+.1f} %"
    assert f"the account made {made}, all of it interest on cash; holding nasdaq gave" in run.headline
    assert run.edge is None
    idle = letf.run("rsi_timing", rule={"overbought": 99.5}, rate=0.0, **END)
    assert idle.equity["equity"].iloc[-1] == 100_000
    assert "the money lay idle, without interest" in idle.headline


def test_interest_is_told_in_money_and_not_as_a_share_to_take_off(timing):
    """Interest enlarged later trades: the return less it is what no account would have made."""
    interest = timing.metrics["interest_earned"]
    assert interest > 1_000
    assert f" %, interest on idle cash of {interest:,.0f} included, in " in timing.headline
    assert "of it" not in timing.headline


def test_the_card_of_a_hedge_says_what_it_took_and_what_it_cost():
    run = letf.run("hedge", **END)
    figure = run.figures[3]
    assert figure.label == "variance taken away"
    index = run.equity["hold_index"].pct_change()
    assert float(figure.value.rstrip(" %")) == pytest.approx(
        100 * (1 - run.returns.var() / index.var()), abs=1.5
    )
    dearer = 100 * (run.metrics["hedge_less_cagr"] - run.metrics["cagr"])
    assert figure.beside == f"holding less instead: {dearer:.2f} % a year more"
