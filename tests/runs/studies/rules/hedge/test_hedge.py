"""The study of a hedge: its measures by hand, its numbers against plain sums, and what it calls out."""

import itertools
import statistics
from dataclasses import replace

import numpy as np
import pytest

from analyzers import Fill, split_leg
from engine import Margin
from letf_instruments import LeveragedFund, synthesize
from runs.answers.canvas import png
from runs.backtest.sections import sections_of
from runs.specs.reading import load_spec
from runs.studies.rules.hedge.alternatives import DoingNothing, HoldingLess, ShortingIndex
from runs.studies.rules.hedge.measures import (
    at_target,
    beta,
    by_cause,
    effectiveness,
    held_at_close,
    returns_of,
    worst_windows,
)
from runs.studies.rules.joined import run_backtest
from strategies import Hedge, HedgeParams
from tests.conftest import flat_bars
from tests.strategies.rules.test_hedge import FLAT, prices, two_stocks

FLAT_WITH_BULL = replace(FLAT, funds={**FLAT.funds, "SOXL": prices("SOXL", 3.0, [100.0, 103.0, 100.0])})

# -- measures by hand ---------------------------------------------------------------------------------


def test_half_the_moves_are_three_quarters_less_variance():
    index = np.array([0.02, -0.01, 0.03, -0.02])
    assert effectiveness(index / 2, index) == pytest.approx(0.75)
    assert effectiveness(-1.5 * index, index) == pytest.approx(-1.25)
    assert effectiveness(index, np.zeros(4)) is None
    assert beta(-1.5 * index + 0.001, index) == pytest.approx(-1.5)
    assert beta(index, np.full(4, 0.01)) is None


def test_an_account_that_is_ruined_has_no_beta():
    returns = returns_of(np.array([100.0, 50.0, 0.0, 0.0]))
    assert returns[0] == -0.5
    assert np.isnan(returns[2])
    assert beta(returns, np.array([0.1, 0.2, 0.3])) is None


def test_the_worst_windows_do_not_overlap_and_come_worst_first():
    #  windows of two: 0–2 −20 %, 1–3 −40 %, 2–4 −25 %, 3–5 0 %, 4–6 +25 %
    equity = np.array([100.0, 100.0, 80.0, 60.0, 60.0, 60.0, 75.0])
    assert worst_windows(equity, 2, 2) == [(1, 3), (3, 5)]
    assert worst_windows(equity, 2) == [(1, 3), (3, 5)]  # there is no room for a third
    assert worst_windows(equity[:2], 2) == []


def test_what_is_held_at_a_close_follows_from_the_fills():
    fills = [Fill(1, 10.0, 5.0, 0.0), Fill(3, 10.0, -2.0, 0.0), Fill(4, 10.0, -3.0, 0.0)]
    assert held_at_close(fills, np.arange(6)).tolist() == [False, True, True, True, False, False]
    # Two bars a session: closes are bars 1, 3 and 5.
    assert held_at_close(fills, np.array([1, 3, 5])).tolist() == [True, True, False]


UP_DOWN = flat_bars([100.0, 100.0, 110.0, 99.0])  # +10 %, −10 %: a −3x fund goes 100, 70, 91


def up_down_hedge(*more):
    """A fifth of 1,000 in the fund, bought at 100 at the open of the second day, the rest in the index."""
    fund = LeveragedFund(ticker="X", multiple=-3.0)
    ledger = synthesize(fund, UP_DOWN.sessions, UP_DOWN.open, UP_DOWN.high, UP_DOWN.low, UP_DOWN.close)
    return split_leg(ledger, UP_DOWN.open, [Fill(1, 100.0, 2.0, 1.0), *more])


def test_drifting_away_from_the_target_over_two_days_by_hand():
    """The rise leaves 140 in the fund and 880 in the index: 1,020, of which a fifth would be 204. So the
    fall, which makes 30 % on the fund, misses 30 % of 64."""
    equity = np.array([1000.0, 1000.0, 1020.0, 140 * 1.3 + 880 * 0.9])
    promised = at_target(np.full(4, 0.2), -3.0, equity, UP_DOWN.close, 1)
    assert promised == pytest.approx(-60 + 61.2)
    money = by_cause(up_down_hedge(), promised)
    assert money.decay == pytest.approx(-0.3 * 64)
    assert money.profit == pytest.approx(-60 + 42)
    assert money.profit == pytest.approx(sum(money[:4]))
    assert (money.financing, money.fee, money.trading) == (0.0, 0.0, -1.0)
    assert money.total == pytest.approx(19.2 + 1)  # none of the 60 that the rise took


def test_a_hedge_traded_back_at_the_close_has_no_decay():
    money = by_cause(up_down_hedge(Fill(3, 70.0, 64 / 70, 0.0)), -60 + 61.2)
    assert money.decay == pytest.approx(0.0, abs=1e-9)


def test_the_target_counts_from_the_first_fill_and_an_unknown_one_leaves_the_last():
    equity, index = np.full(5, 1000.0), np.array([100.0, 110.0, 121.0, 133.1, 146.41])
    nan = np.nan
    assert at_target(np.array([nan, 0.1, nan, 0.0, 0.1]), -3.0, equity, index, 2) == pytest.approx(-60.0)
    assert at_target(np.full(5, 0.1), -3.0, equity, index, 4) == pytest.approx(-30.0)
    assert at_target(np.array([nan, nan, nan, 0.1, 0.1]), -3.0, equity, index, 1) == pytest.approx(-30.0)


# -- the alternatives by hand -------------------------------------------------------------------------


def held(kind, market=FLAT, **params):
    targets = kind(Hedge(HedgeParams(**params))).checked_targets(market)
    return {name: float(w[-1]) for name, w in targets.weights.items()}


def test_the_alternatives_have_the_target_beta_by_hand():
    assert held(DoingNothing) == {"index": 1.0}
    assert held(HoldingLess) == {"index": pytest.approx(0.3)}
    assert held(ShortingIndex) == {"index": 1.0, "1X": pytest.approx(-0.7)}
    basket = {"holdings": {"A": 0.4, "B": 0.6}, "beta_bars": 20}  # β = 1.1
    assert held(HoldingLess, two_stocks(), **basket) == {
        "A": pytest.approx(0.4 * 0.3 / 1.1),
        "B": pytest.approx(0.6 * 0.3 / 1.1),
    }
    assert held(ShortingIndex, two_stocks(), **basket)["1X"] == pytest.approx(-0.8)


def test_below_zero_nothing_is_left_to_hold_and_the_short_ends_where_margin_does():
    assert held(HoldingLess, target_beta=-1.5) == {"index": 0.0}
    # 0.5 for the holding leaves 0.5, and a short takes 0.5 of its value: 1.0 at the most, of 2.5.
    assert held(ShortingIndex, target_beta=-1.5) == {"index": 1.0, "1X": pytest.approx(-1.0)}
    # A 3x fund takes 0.75, which leaves 0.25.
    assert held(ShortingIndex, FLAT_WITH_BULL, holding="SOXL")["1X"] == pytest.approx(-0.5)


def test_less_margin_carries_a_larger_short():
    easy = ShortingIndex(Hedge(HedgeParams(target_beta=-1.5)), Margin(0.3, 0.2, 0.25, 0.25))
    assert easy.bounded(FLAT) is False  # 0.25 + 2.5·0.3 = 1
    assert easy.checked_targets(FLAT).weights["1X"].tolist() == [pytest.approx(-2.5)] * 3


def test_the_alternatives_keep_the_cash_and_the_gate_of_the_hedge():
    cash = {"funded_by": "cash", "cash_share": 0.2}
    assert held(DoingNothing, **cash) == {"index": pytest.approx(0.8)}
    assert held(ShortingIndex, **cash)["1X"] == pytest.approx(-0.5)
    assert held(HoldingLess, **cash) == {"index": pytest.approx(0.3)}
    for kind in (HoldingLess, ShortingIndex):  # no drawdown, so nothing to be hedged
        assert held(kind, active="drawdown")["index"] == 1.0
    assert held(ShortingIndex, active="drawdown")["1X"] == 0.0


# -- a whole run --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def example():
    return run_backtest(load_spec("hedge", ["data.start=2005-01-01", "data.end=2012-12-31"], rates="0.02"))


def changes(equity):
    return [b / a - 1 for a, b in itertools.pairwise(equity.tolist())]


def unhedged(run):
    """The stake in the index at the second open at 5.5 bp, and what it pays kept as cash at 2 % a year."""
    bars, days = run.bars, run.days.astype(int)
    cost = 5.5e-4
    shares = 100_000 * (1 + 0.02 * (days[1] - days[0]) / 360) / (bars.open[1] * (1 + cost))
    shares = min(shares, 100_000 / bars.close[0])
    equity, cash = [100_000.0], 100_000.0
    for t in range(1, len(bars)):
        cash += cash * 0.02 * (days[t] - days[t - 1]) / 360
        if t == 1:
            cash -= shares * bars.open[1] * (1 + cost)
        else:
            cash += shares * bars.dividends[t]
        equity.append(cash + shares * bars.close[t])
    return np.array(equity)


def test_the_example_meets_its_target_on_nasdaq(example):
    m = example.metrics
    assert m["hedge_beta"] == pytest.approx(0.3, abs=0.1)
    index, alone = changes(example.bars.held()), changes(unhedged(example))
    assert m["hedge_nothing_beta"] == pytest.approx(statistics.linear_regression(index, alone).slope)
    assert 0.9 < m["hedge_nothing_beta"] < 1.0  # the dividends of eight years lie in cash
    assert m["hedge_less_beta"] == pytest.approx(0.3, abs=0.1)
    assert m["hedge_short_beta"] == pytest.approx(0.3, abs=0.1)  # longs carry the short
    assert m["hedge_adds_risk"] is False
    (study,) = example.studies
    assert study.alarm is None
    assert study.sentences[0].startswith("Target beta 0.30, realised 0.3")
    assert m["hedge_hedged_total_return"] == m["total_return"]


def test_beta_and_effectiveness_equal_a_plain_computation(example):
    mine, theirs = changes(example.equity), changes(example.bars.held())
    expected = 1 - statistics.pvariance(mine) / statistics.pvariance(changes(unhedged(example)))
    assert example.metrics["hedge_effectiveness"] == pytest.approx(expected, rel=1e-6)
    slope = statistics.linear_regression(theirs, mine).slope
    assert example.metrics["hedge_beta"] == pytest.approx(slope, rel=1e-9)


def test_the_cost_of_the_hedge_equals_plain_sums_over_days(example):
    ledger, fills = example.ledgers["SOXS"], example.fills["SOXS"]
    years = (example.days[-1] - example.days[0]).astype(int) / 365.25
    base = example.equity.mean() * years
    size, profit, fee, financing = 0.0, 0.0, 0.0, 0.0
    queue = list(fills)
    for t in range(len(ledger.close)):
        fee += size * ledger.fee[t]
        financing += size * (ledger.financing[t] + ledger.cash_yield[t])
        if t:
            profit += size * (ledger.close[t] - ledger.close[t - 1])
        while queue and queue[0].bar == t:
            fill = queue.pop(0)
            size += fill.size
            profit += fill.size * (ledger.close[t] - fill.price)
    m = example.metrics
    assert len(fills) > 50
    assert m["hedge_leg_fee"] == pytest.approx(fee / base, rel=1e-9)
    assert m["hedge_leg_financing"] == pytest.approx(financing / base, rel=1e-9)
    assert m["hedge_leg_profit"] == pytest.approx(profit / base, rel=1e-9)
    assert m["hedge_leg_trading"] == pytest.approx(-sum(f.costs for f in fills) / base, rel=1e-9)
    equity, close = example.equity, example.bars.as_swapped().close
    job = sum(
        0.175 * equity[t - 1] * -3 * (close[t] / close[t - 1] - 1)  # 0.7/4 of equity
        for t in range(fills[0].bar, len(close))
    )
    assert m["hedge_leg_promised"] == pytest.approx(job / base, rel=1e-9)
    parts = [m[f"hedge_leg_{part}"] for part in ("promised", "decay", "financing", "fee")]
    assert sum(parts) == pytest.approx(m["hedge_leg_profit"], rel=1e-12)
    beyond = sum(parts[1:]) + m["hedge_leg_trading"]
    assert m["hedge_cost"] == pytest.approx(-beyond, rel=1e-12)


def test_rebalances_are_counted_by_cause(example):
    years = (example.days[-1] - example.days[0]).astype(int) / 365.25
    m = example.metrics
    assert m["hedge_rebalances_a_year_target"] == pytest.approx(1 / years)  # the first purchase
    by_band = m["hedge_rebalances_a_year_exposure_band"] * years
    # Each rebalancing trades the fund, unless it is too small a change to be a trade.
    assert by_band + 1 == pytest.approx(len(example.fills["SOXS"]))
    assert sum(example.rebalances.values()) / years == pytest.approx(m["hedge_rebalances_a_year"])


def test_the_tables_and_the_windows_say_the_same(example):
    accounts, money, windows = example.studies[0].tables
    assert accounts.headings[1:] == ["doing nothing", "hedged", "holding less", "shorting the index"]
    assert len(windows.rows) == 10
    assert windows.rows[0][1] <= "2008-12-31"  # the autumn of 2008 was the worst
    assert windows.rows[0][0] >= "2008-09-01"
    assert [row[0] for row in money.rows][-2:] == ["= profit", "− trading costs"]
    m = example.metrics
    assert m["hedge_nothing_worst_21_sessions"] < m["hedge_hedged_worst_21_sessions"] < 0


def test_two_splits_of_one_profit_have_a_sentence_between_them_that_holds(example):
    """Job and decay are by a fixed target size, multiple × index and compounding by fixed shares."""
    money = example.studies[0].tables[1]
    job, decay = (float(row[1].replace(",", "").replace("−", "-")) for row in money.rows[:2])
    (leg,) = (each for name, each in example.legs.items() if name == "SOXS")
    assert abs(job - leg.promised) > 1_000
    assert job + decay == pytest.approx(leg.promised + leg.compounding + leg.tracking, abs=2)
    said = " ".join(example.studies[0].sentences)
    assert "“What the funds did to the idea” below splits the same profit of SOXS in another way" in said
    assert "job + decay here = multiple × index + compounding + tracking there" in said
    headings = [part.heading for part in sections_of(example)]
    assert headings.index("What the funds did to the idea") > headings.index("What the hedge did")
    assert "its dividends stay in cash, which “nasdaq held”" in example.studies[0].tables[0].title


def test_both_pictures_can_be_drawn(example):
    pictures = example.studies[0].pictures
    assert list(pictures) == ["hedge", "hedge_windows"]
    for picture in pictures.values():
        assert len(png(picture.draw())) > 20_000


def short_run(*changes):
    return run_backtest(load_spec("hedge", ["data.start=2008-01-01", "data.end=2009-12-31", *changes]))


def test_a_target_below_zero_turns_the_account_round_and_it_is_said():
    run = short_run("rule.target_beta=-0.5")
    alarm = run.studies[0].alarm
    assert "The hedge has turned the account round" in alarm
    assert "It is net short" in alarm
    assert run.metrics["hedge_adds_risk"] is False
    assert any("cannot be had by selling, so nothing is held" in s for s in run.studies[0].sentences)


def test_hedged_only_below_the_average_it_tells_both_betas():
    run = short_run("rule.active=below_average", "rule.average_bars=50")
    m = run.metrics
    assert m["hedge_beta_while_hedged"] == pytest.approx(0.3, abs=0.1)
    assert 0.4 < m["hedge_beta"] < 0.9
    assert f"in the {m['hedge_sessions']:,} of" in run.studies[0].sentences[0]


def test_a_hedge_that_was_never_on_is_said_so():
    run = short_run("rule.active=drawdown", "rule.drawdown_level=0.9")
    assert run.studies[0].sentences[0].startswith("The hedge was never held over a close")
    assert run.studies[0].alarm is None
    assert "hedge_cost" not in run.metrics


def test_a_run_too_short_for_a_window_has_none():
    run = run_backtest(load_spec("hedge", ["data.start=2018-12-10"]))
    assert len(run.studies[0].tables) == 2
    assert "hedge_nothing_worst_21_sessions" not in run.metrics
    assert len(png(run.studies[0].pictures["hedge_windows"].draw())) > 1_000


# -- real prices --------------------------------------------------------------------------------------

SPAN = ["data.start=2011-01-01", "data.end=2023-12-31"]


def semis(folder, *changes):
    return run_backtest(load_spec("hedge", [*SPAN, *changes], index="SOXX", rates="SHORT_RATE"), folder)


@pytest.mark.market
def test_on_semiconductors_the_beta_realised_over_thirteen_years_is_the_target(market_folder):
    run = semis(market_folder)
    assert run.metrics["hedge_beta"] == pytest.approx(0.3, abs=0.1)
    slope = np.polyfit(
        np.diff(run.bars.close) / run.bars.close[:-1], np.diff(run.equity) / run.equity[:-1], 1
    )
    assert slope[0] == pytest.approx(0.3, abs=0.1)
    assert run.metrics["hedge_effectiveness"] > 0.85
    # A fee of about 1 % on a weight near 0.175, and little else: neither a gain nor a large cost.
    assert 0 < run.metrics["hedge_cost"] < 0.01
    assert run.metrics["hedge_leg_fee"] == pytest.approx(-0.01 * 0.175, rel=0.2)


@pytest.mark.market
def test_without_a_band_the_beta_is_lost_and_it_is_said(market_folder):
    run = semis(market_folder, "plan.exposure_band=none")
    assert run.metrics["hedge_beta"] > 0.6
    assert "away from its target" in run.studies[0].sentences[1]
    # It lost little in the rise because it had withered: ahead of its target, and no gain.
    assert run.metrics["hedge_cost"] < -0.05
    assert any("That is no gain of hedging" in sentence for sentence in run.studies[0].sentences)


@pytest.mark.market
def test_an_over_hedge_is_called_out(market_folder):
    run = semis(market_folder, "rule.target_beta=-1.5")
    m, alarm = run.metrics, run.studies[0].alarm
    assert m["hedge_volatility_while_hedged"] > m["hedge_nothing_volatility_while_hedged"]
    assert m["hedge_adds_risk"] is True
    for words in (
        "The hedge is so large that it adds risk",
        f"{100 * m['hedge_volatility_while_hedged']:.1f} % a year",
        f"{100 * m['hedge_nothing_volatility_while_hedged']:.1f} %",
        "net short: its risk is now a rise of SOXX",
    ):
        assert words in alarm
    # Regulation T: 0.5 for the holding leaves 0.5 of equity, which carries a short of 1.0, not of 2.5.
    assert any("a short large enough for −1.50" in s for s in run.studies[0].sentences)
    assert m["hedge_short_beta"] == pytest.approx(0.0, abs=0.1)


@pytest.mark.market
def test_a_basket_of_stocks_meets_its_target(market_folder):
    run = semis(
        market_folder, 'data.assets=["NVDA","AMD"]', "rule.holdings={NVDA=0.4, AMD=0.6}", "plan.band=0.1"
    )
    assert run.metrics["hedge_beta"] == pytest.approx(0.3, abs=0.1)
    assert run.metrics["hedge_nothing_beta"] > 1.1  # both are livelier than the sector
    # Their own risk stays: the hedge takes away less than of the index itself.
    assert 0.5 < run.metrics["hedge_effectiveness"] < 0.8
