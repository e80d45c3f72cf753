"""The page of a run: its first screen says what was run, and its pictures hold the run's own numbers."""

import matplotlib
import numpy as np
import pandas as pd
import pytest

import letf
from runs.answers.closer import Candles, Flag, Line, Marks
from runs.answers.page.payload import payload

END = {"end": "2008-12-31"}


@pytest.fixture(scope="module")
def timing():
    return letf.run("rsi_timing", index="nasdaq", **END)


@pytest.fixture(scope="module")
def trend():
    return letf.run("trend", index="nasdaq", **END)


def parts(panes, kind):
    return {part.name: part for pane in panes.panes for part in pane.parts if isinstance(part, kind)}


def closer(run, name):
    return run.pictures[name].closer()


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


def test_the_curves_are_those_of_the_frame(timing):
    lines = parts(closer(timing, "equity"), Line)
    frame = timing.equity
    np.testing.assert_allclose(
        lines["nasdaq held"].values[[0, -1]],
        [0.0, (frame["hold_index"] / frame["hold_index"].cummax() - 1).iloc[-1]],
        atol=1e-12,
    )
    money = {part.name: part for part in closer(timing, "equity").panes[0].parts}
    np.testing.assert_allclose(money["rsi_timing"].values, frame["equity"], rtol=1e-12)
    np.testing.assert_allclose(money["nasdaq held"].values, frame["hold_index"], rtol=1e-9)
    np.testing.assert_allclose(money["SOXS held"].values, frame["hold_SOXS"], rtol=1e-9)
    assert not money["SOXS held"].scales  # it falls to a hundredth, and would flatten the rest
    below = {part.name: part for part in closer(timing, "equity").panes[1].parts}
    np.testing.assert_allclose(below["rsi_timing"].values, frame["drawdown"], atol=1e-12)
    deepest = next(part for name, part in below.items() if name.startswith("the deepest falls"))
    at = np.flatnonzero(frame["drawdown"] == frame["drawdown"].min())[0]
    place = list(deepest.values).index(min(deepest.values))
    assert deepest.at[place] == frame.index[at].to_datetime64().astype("datetime64[D]")
    assert deepest.values[place] == pytest.approx(frame["drawdown"].min())


def test_every_trade_is_marked_where_it_was_entered_and_left(timing):
    found = closer(timing, "price")
    marks, candles = parts(found, Marks), parts(found, Candles)["SOXS"]
    trades = timing.trades.sort_values("entry_date")
    entered = next(mark for name, mark in marks.items() if name.startswith("entered"))
    assert pd.DatetimeIndex(entered.at).tolist() == trades["entry_date"].tolist()
    np.testing.assert_allclose(entered.values, trades["entry_price"], rtol=1e-12)
    assert "planned: stop −8.0 %" in entered.words[0]
    left = [mark for name, mark in marks.items() if name.startswith("left")]
    assert sum(len(mark.at) for mark in left) == len(trades)
    at = np.searchsorted(found.x, entered.at)
    assert (entered.values <= candles.high[at] * (1 + 1e-9)).all()
    assert (entered.values >= candles.low[at] * (1 - 1e-9)).all()


def test_a_line_leads_from_each_entry_to_its_exit_by_what_it_made(timing):
    marks = parts(closer(timing, "price"), Marks)
    trades = timing.trades.sort_values("exit_date")
    for word, mine in (("gain", trades[trades["profit"] > 0]), ("loss", trades[trades["profit"] <= 0])):
        left = next(mark for name, mark in marks.items() if name.startswith(f"left with a {word}"))
        assert pd.DatetimeIndex(left.since[0]).tolist() == mine["entry_date"].tolist()
        assert pd.DatetimeIndex(left.at).tolist() == mine["exit_date"].tolist()
        np.testing.assert_allclose(left.since[1], mine["entry_price"], rtol=1e-12)


def test_peak_and_final_equity_are_marked(timing):
    marks = {name.split()[0]: mark for name, mark in parts(closer(timing, "equity"), Marks).items()}
    equity = timing.equity["equity"]
    assert (marks["peak"].at[0], marks["peak"].values[0]) == (equity.idxmax(), equity.max())
    assert (marks["final"].at[0], marks["final"].values[0]) == (equity.index[-1], equity.iloc[-1])
    made = 100 * (equity.iloc[-1] / 100_000 - 1)
    assert marks["final"].name == f"final {made:+.1f} %".replace("-", "−")


def test_a_condition_is_filled_where_it_held_and_stops_stand_while_a_trade_is_open(timing):
    found = closer(timing, "signals")
    flags, lines = parts(found, Flag), parts(found, Line)
    signals = timing.result.rule.checked_signals(timing.result.market())
    for name, holds in signals.entry.items():
        np.testing.assert_array_equal(flags[name].holds, holds)
    trade = timing.trades.iloc[0]
    days = pd.DatetimeIndex(found.x)
    open_ = (days >= trade["entry_date"]) & (days <= trade["exit_date"])
    np.testing.assert_allclose(lines["stop"].values[open_], 0.92 * trade["entry_price"], rtol=1e-9)
    before = days < trade["entry_date"]
    assert np.isnan(lines["stop"].values[before]).all()


def test_what_the_conditions_compare_is_drawn_with_its_levels(timing):
    import talib

    found = closer(timing, "signals")
    by_pane = {pane.label: {part.name: part for part in pane.parts} for pane in found.panes}
    close = timing.result.market().index.close
    strength = by_pane["RSI(14)"]
    np.testing.assert_allclose(strength["RSI(14)"].values, talib.RSI(close, 14), rtol=1e-9)
    assert set(strength["RSI(14) falls back through 65"].values) == {65.0}
    assert set(strength["oversold"].values) == {35.0}
    average = by_pane["nasdaq"]["close below its 10-bar average"].values
    np.testing.assert_allclose(average, pd.Series(close).rolling(10).mean(), rtol=1e-9)


def test_a_rule_of_weights_shows_what_it_wanted_and_had(trend):
    lines = parts(closer(trend, "signals"), Line)
    had, wanted = lines["SOXL (+3×)"].values, lines["SOXL wanted"].values
    np.testing.assert_allclose(had, trend.positions["SOXL"] / trend.equity["equity"], atol=1e-9)
    rule, market = trend.result.rule, trend.result.market()
    np.testing.assert_array_equal(wanted, rule.checked_targets(market).weights[rule.instruments[0]])


def test_beta_of_the_last_252_days_is_that_of_numpy(trend):
    beta = parts(closer(trend, "rolling").of["a year"], Line)["beta to nasdaq"].values
    own = trend.equity["equity"].pct_change().to_numpy()
    index = trend.equity["hold_index"].pct_change().to_numpy()
    for at in (300, 1_000, len(own) - 1):
        window = slice(at - 251, at + 1)
        wanted = np.cov(own[window], index[window])[0, 1] / np.var(index[window], ddof=1)
        assert beta[at] == pytest.approx(wanted, rel=1e-6)
    assert np.isnan(beta[:252]).all()


@pytest.mark.parametrize(("name", "days"), [("a year", 252), ("six months", 126)])
def test_volatility_sharpe_and_sortino_of_the_last_days_are_those_of_numpy(trend, name, days):
    import empyrical

    volatility, sharpe, sortino, _, daily = (
        {part.name: part.values for part in pane.parts} for pane in closer(trend, "rolling").of[name].panes
    )
    own = trend.equity["equity"].pct_change().to_numpy()
    rates = trend.result.short_rate.on(trend.result.days)[:-1]
    nights = np.diff(trend.result.days).astype(int)
    excess = np.append(np.nan, own[1:] - rates * nights / 360)  # money market convention, as docs/metrics.md
    for at in (300, 1_200):
        window = slice(at - days + 1, at + 1)
        assert volatility["trend"][at] == pytest.approx(np.std(own[window], ddof=1) * np.sqrt(252), rel=1e-9)
        wanted = excess[window].mean() / excess[window].std(ddof=1) * np.sqrt(252)
        assert sharpe["trend"][at] == pytest.approx(wanted, rel=2e-3, abs=2e-3)
        assert sortino["trend"][at] == pytest.approx(
            empyrical.sortino_ratio(excess[window]), rel=2e-3, abs=2e-3
        )

    np.testing.assert_allclose(daily["trend"], own, rtol=1e-9)
    assert np.isnan(volatility["trend"][:days]).all()
    assert np.isfinite(volatility["trend"][days])


def test_a_window_of_hardly_a_day_with_a_position_has_no_ratio(timing):
    days = timing.result.days
    held = np.zeros(len(days))
    for trade in timing.result.trades:
        held[(days >= trade.entry_date) & (days <= trade.exit_date)] = 1.0
    for name, window in (("a year", 252), ("six months", 126)):
        panes = closer(timing, "rolling").of[name]
        volatility, sharpe, sortino, beta, _ = (
            {part.name: part.values for part in pane.parts} for pane in panes.panes
        )
        enough = pd.Series(held).rolling(window).sum().to_numpy()[window:] >= 20
        assert 0 < enough.mean() < 1
        np.testing.assert_array_equal(np.isfinite(sharpe["rsi_timing"][window:]), enough)
        assert not np.isfinite(sortino["rsi_timing"][window:])[~enough].any()
        assert np.isfinite(sharpe["nasdaq held"][window:]).all()
        assert np.isfinite(volatility["rsi_timing"][window:]).all()
        assert np.isfinite(beta["beta to nasdaq"][window:]).all()
        assert "a position on fewer than 20" in panes.note
        assert np.nanmax(np.abs(sharpe["rsi_timing"])) < 5


def test_a_rule_that_always_holds_something_has_no_gap_to_tell_of():
    run = letf.run("hold", index="nasdaq", end="2000-12-31")
    assert closer(run, "rolling").of["a year"].note == ""


def test_a_short_run_shows_its_returns_by_day():
    run = letf.run("hold", index="nasdaq", end="1999-04-30")
    (panes,) = closer(run, "rolling").of.values()
    assert [pane.label for pane in panes.panes] == ["return of the day"]


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
    assert figure.beside == f"{100 * (per_event > 0).mean():.0f} % made money"
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


def test_a_price_below_a_cent_is_told_on_the_mark_as_in_the_table():
    run = letf.run("rsi_timing", index="nasdaq")
    table = next(t for part in run.sections for t in part.tables if t.title == "Every trade")
    last = run.trades.sort_values("entry_date").iloc[-1]
    assert last["exit_price"] < 0.01
    row = next(row for row in table.rows if row[0] == f"{last['entry_date']:%Y-%m-%d}")
    assert float(row[5]) == pytest.approx(last["exit_price"], rel=0.005)
    entered = next(m for name, m in parts(closer(run, "price"), Marks).items() if name.startswith("entered"))
    assert f"at {row[2]}; left {row[4]} at {row[5]} by" in entered.words[-1]


def test_factors_multiply_to_what_each_fund_made_and_money_is_told_apart():
    run = letf.run("hold", rule={"instrument": "SOXS"}, **END)
    (part,) = (part for part in run.sections if part.heading == "What the funds did to the idea")
    table = part.tables[1]
    assert "taken at its word" in table.headings[1]
    for row in table.rows:
        became = run.metrics[f"decay_{row[0]}_actual"] + 1
        product = np.prod([float(cell.replace(",", "")) for cell in row[3:]])
        assert product == pytest.approx(became, rel=0.02)  # of four numbers with three digits each
    assert any("money" in said and "factors" in said for said in part.sentences)
    assert ">came<" not in run.to_html()


def test_money_that_is_paid_in_stands_on_a_log_axis_beside_what_came_of_it():
    run = letf.run("dollar_cost", end="2006-12-31")
    pane = next(pane for pane in closer(run, "equity").panes if pane.label == "money")
    assert pane.log
    lines = {part.name: part.values for part in pane.parts}
    assert lines["put in"][0] == 500
    np.testing.assert_allclose(lines["dollar_cost"], run.equity["equity"], rtol=1e-12)
    assert "mind that 47" not in run.headline


def test_trades_and_months_come_before_what_the_funds_did(trend):
    order = [part.heading for part in trend.sections]
    for first in ("Every trade", "Month by month", "Drawdowns, exposure and costs"):
        for later in ("Compounding, in the market and always", "What the funds did to the idea"):
            assert order.index(first) < order.index(later)
    assert order[-1] == "Further figures"
    hedge = [part.heading for part in letf.run("hedge", **END).sections]
    assert hedge.index("What the hedge did") < hedge.index("Every trade")  # it is what was asked


def test_a_price_of_parts_of_a_cent_is_explained_where_it_is_seen():
    run = letf.run("rsi_timing", index="nasdaq")
    (part,) = (part for part in run.sections if part.heading == "Every trade")
    least = run.result.ledgers["SOXS"].close.min()
    assert least < 0.01
    (said,) = part.sentences
    assert said.startswith(f"SOXS falls to {least:.5f} a share, as reverse splits are left out here")
    assert said in closer(run, "price").note
    split = letf.run("rsi_timing", index="nasdaq", data={"splits": "issuer"}, end="2012-12-31")
    assert not next(part for part in split.sections if part.heading == "Every trade").sentences
    assert "reverse splits" not in closer(split, "price").note
    assert "reverse splits" not in closer(letf.run("trend", index="nasdaq", **END), "price").note


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
