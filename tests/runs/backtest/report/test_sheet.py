"""What other sheets tell of a run: quantstats and empyrical find the same in the same returns."""

import matplotlib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import letf
from runs.backtest.report.sheet import information_ratio, lately, longest, of_trades, shape


@pytest.fixture(scope="module")
def timing():
    return letf.run("rsi_timing", index="nasdaq")


def rows(run, title):
    table = next(t for part in run.sections for t in part.tables if t.title.startswith(title))
    return {row[0]: row[1:] for row in table.rows}


def drawn(seed, n=900):
    rng = np.random.default_rng(seed)
    days = pd.bdate_range("2001-03-15", periods=n)
    returns = pd.Series(rng.standard_t(4, n) * 0.01, days)
    returns.iloc[0] = 0.0  # the close with which it begins
    return days.to_numpy().astype("datetime64[D]"), (100.0 * (1.0 + returns).cumprod()).to_numpy(), returns


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_shape_of_returns_is_that_of_quantstats_and_empyrical(seed):
    import empyrical

    with matplotlib.rc_context():  # it sets the looks of all pictures as it is imported
        import quantstats as qs

    days, worth, returns = drawn(seed)
    found, own = shape(days, worth), returns[1:]
    assert found["skew"] == pytest.approx(qs.stats.skew(own), rel=1e-9)
    assert found["excess_kurtosis"] == pytest.approx(qs.stats.kurtosis(own), rel=1e-9)
    assert found["value_at_risk_5"] == pytest.approx(empyrical.value_at_risk(own, 0.05), rel=1e-9)
    assert found["tail_ratio"] == pytest.approx(empyrical.tail_ratio(own), rel=1e-9)
    assert found["omega"] == pytest.approx(empyrical.omega_ratio(own), rel=1e-9)
    assert found["most_gains"] == qs.stats.consecutive_wins(own)
    assert found["most_losses"] == qs.stats.consecutive_losses(own)
    # quantstats divides by n − 1 for the mean of a square, and sums a month's days where a month compounds.
    n = len(returns)
    assert found["ulcer_index"] == pytest.approx(
        qs.stats.ulcer_index(returns) * np.sqrt((n - 1) / n), rel=1e-9
    )
    months = (1.0 + own).groupby(own.index.to_period("M")).prod() - 1.0
    assert found["gain_to_pain"] == pytest.approx(months.sum() / -months[months < 0].sum(), rel=1e-9)
    assert found["recovery_factor"] == pytest.approx(
        empyrical.cum_returns_final(own) / -empyrical.max_drawdown(own), rel=1e-9
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_what_came_beyond_the_index_is_that_of_quantstats(seed):
    with matplotlib.rc_context():  # it sets the looks of all pictures as it is imported
        import quantstats as qs

    (_, worth, own), (_, index, held) = drawn(seed), drawn(seed + 10)
    wanted = qs.stats.information_ratio(own[1:], held[1:]) * np.sqrt(252)
    assert information_ratio(worth, index) == pytest.approx(wanted, rel=1e-9)
    assert information_ratio(worth, worth) is None


def test_spells_under_water_by_hand():
    days = np.arange("2020-01-01", "2020-01-08", dtype="datetime64[D]")
    found = shape(days, np.array([100.0, 90.0, 100.0, 110.0, 88.0, 99.0, 120.0]))
    assert found["spells"] == 2
    assert found["average_drawdown"] == pytest.approx(-0.15)  # −10 % and −20 %
    assert found["average_drawdown_days"] == pytest.approx((2 + 3) / 2)
    assert found["ulcer_index"] == pytest.approx(np.sqrt((0.1**2 + 0.2**2 + 0.1**2) / 7))
    assert found["recovery_factor"] == pytest.approx(0.20 / 0.20)


def test_the_last_months_and_years_by_hand():
    days = np.array(
        ["2018-12-31", "2020-10-30", "2020-12-31", "2021-01-27", "2021-01-29"], dtype="datetime64[D]"
    )
    found = lately(days, np.array([50.0, 80.0, 100.0, 90.0, 110.0]))
    assert found["this month"] == found["this year"] == pytest.approx(0.10)  # since 31 December
    assert found["three months"] == pytest.approx(110 / 50 - 1)  # 29 October: the close before the 30th
    assert found["one year"] == pytest.approx(110 / 50 - 1)
    assert found["three years, a year"] is None


def test_of_an_account_that_ends_in_debt_all_is_lost_in_a_year():
    days = np.array(["2016-01-29", "2018-01-30", "2020-12-31", "2021-01-29"], dtype="datetime64[D]")
    found = lately(days, np.array([100.0, 50.0, 20.0, -10.0]))
    assert found["this month"] == pytest.approx(-1.5)  # of a time that is no year what it came to
    assert found["three years, a year"] == found["five years, a year"] == -1.0


def test_years_a_year_are_those_of_empyrical():
    import empyrical

    days, worth, returns = drawn(5, 2_000)
    begins = pd.Timestamp(days[-1]) - pd.DateOffset(years=5)
    grown = empyrical.cum_returns_final(returns[returns.index > begins])
    assert lately(days, worth)["five years, a year"] == pytest.approx((1 + grown) ** 0.2 - 1, rel=1e-9)


def test_trades_in_figures_are_those_of_quantstats_on_their_returns(timing):
    with matplotlib.rc_context():  # it sets the looks of all pictures as it is imported
        import quantstats as qs

    found = of_trades(timing.result.trades)
    own = pd.Series(timing.trades["return"].to_numpy(), pd.bdate_range("2000-01-03", periods=61))
    for key, ask in (
        ("payoff", qs.stats.payoff_ratio),
        ("kelly", qs.stats.kelly_criterion),
        ("average_won", qs.stats.avg_win),
        ("average_lost", qs.stats.avg_loss),
        ("best", qs.stats.best),
        ("worst", qs.stats.worst),
        ("most_won", qs.stats.consecutive_wins),
        ("most_lost", qs.stats.consecutive_losses),
    ):
        assert found[key] == pytest.approx(ask(own, prepare_returns=False), rel=1e-9), key
    assert found["sqn"] == pytest.approx(np.sqrt(61) * own.mean() / own.std(), rel=1e-9)
    assert found["expectancy"] == pytest.approx(timing.metrics["average_trade"], rel=1e-9)
    assert found["longest_bars"] == timing.trades["bars_held"].max() == 10


def test_the_figures_stand_on_the_page(timing):
    shown = rows(timing, "Shape of returns")
    own = timing.returns
    assert shown["skew of daily returns"][0] == f"{own.skew():.2f}"
    assert shown["most days with a gain in a row"][1] == "12"
    assert rows(timing, "Trades in figures")["payoff ratio"] == [
        f"{of_trades(timing.result.trades)['payoff']:.2f}"
    ]
    year = (1 + own[own.index > "2017-12-31"]).prod() - 1
    assert rows(timing, "Up to 2018-12-31")["this year"][0] == f"+{100 * year:.1f} %"
    assert len(rows(timing, "The deepest drawdowns")) == 9  # there are no more


def held_days(answer):
    """By session: was something held, by the table of trades alone."""
    days = answer.equity.index
    held = pd.Series(False, days)
    for trade in answer.trades.itertuples():
        held[(days >= trade.entry_date) & (days <= trade.exit_date)] = True
    return held


def test_a_day_on_which_cash_only_earned_interest_is_no_day_with_a_gain(timing):
    own, held = timing.returns, held_days(timing)
    assert held.mean() == pytest.approx(0.109, abs=0.001)
    spans = rows(timing, "Days, months and years")
    active = own[held.reindex(own.index)]
    assert spans["days with a gain"][0] == f"{100 * (active > 0).mean():.0f} %"
    assert (own > 0).mean() > 0.9
    assert (active > 0).mean() < 0.5
    gains = active[active > 0].mean()
    assert spans["average day with a gain"][0] == f"+{100 * gains:.2f} %"
    quarters = (1 + own).groupby(own.index.to_period("Q")).prod() - 1
    some = held.groupby(held.index.to_period("Q")).any()
    assert not some.all()
    active = quarters[some]
    assert spans["best quarter"][0] == f"+{100 * active.max():.1f} %"
    assert spans["quarters with a gain"][0] == f"{100 * (active > 0).mean():.0f} %"
    index = timing.equity["hold_index"]
    assert spans["days with a gain"][1] == f"{100 * (index.pct_change().dropna() > 0).mean():.0f} %"
    assert any(t.title.endswith("of the rule those with a position") for t in timing.sections[-1].tables)


def test_the_title_says_nothing_where_something_was_held_throughout():
    hold = letf.run("hold", index="nasdaq", end="2000-12-31")
    titles = [t.title for part in hold.sections for t in part.tables if t.title.startswith("Days, months")]
    assert titles == ["Days, months and years"]


def test_of_positions_that_are_rebalanced_there_are_no_trades_in_figures():
    mix = letf.run("fixed_mix", index="nasdaq", end="2003-12-31")
    assert not any(t.title == "Trades in figures" for part in mix.sections for t in part.tables)


def test_of_what_was_lost_whole_only_falls_are_told():
    days = np.arange("2020-01-01", "2020-01-08", dtype="datetime64[D]")
    found = shape(days, np.array([100.0, 50.0, 0.0, 0.0, 0.0, 0.0, 0.0]))
    assert "skew" not in found
    assert found["average_drawdown"] == -1.0


@given(st.lists(st.booleans(), max_size=60))
def test_the_longest_run_is_that_of_its_text(holds):
    text = "".join("x" if one else " " for one in holds)
    assert longest(np.array(holds, dtype=bool)) == max(map(len, text.split()), default=0)
