"""Event options: dates off a wall calendar, one event by hand, and no look-ahead."""

import numpy as np
import pytest

from analyzers import EquityLog, TradeLog
from engine import ContractCosts, Lab, LabBroker
from feeds.backtrader_feeds import BarsFeed, FundFeed
from feeds.bars import Bars
from feeds.events import Events, load_events
from feeds.market import Market, Prices
from feeds.options.volatility import VolatilityIndex, read_volatility
from feeds.reading.files import read_bars
from feeds.sources import load_bars
from letf_instruments import SpecError
from strategies import OptionStrategy, rule_named
from strategies.filters import TrendFilter
from strategies.plans.option_plan import OptionPlan
from strategies.rules.event_options import EventOptions, EventOptionsParams
from tests.black_scholes import by_textbook
from tests.conftest import flat_bars, make_bars

MODES = {
    "runonce": {},
    "next": {"runonce": False},
    "streaming": {"runonce": False, "preload": False},
}


def events(*dates, tickers=()):
    days = np.array(dates, dtype="datetime64[D]")
    return Events(days, np.array(tickers or [""] * len(days)), "by hand")


def steady(level):
    return VolatilityIndex("V", np.array(["1990-01-01"], dtype="datetime64[D]"), np.array([level]))


def run(bars, calendar, params=None, plan=None, volatility=None, rule=None, rate=0.05, **mode):
    rule = rule or EventOptions(EventOptionsParams(**(params or {})), plan or OptionPlan())
    lab = Lab(LabBroker(cash=100_000.0, contract_costs=ContractCosts(0.05)))
    index = BarsFeed(dataname=bars)
    lab.adddata(index)
    lab.adddata(FundFeed(dataname=index, fund="SOXS", short_rate=rate))
    lab.addstrategy(OptionStrategy, rule=rule, events=calendar, volatility=volatility, short_rate=rate)
    lab.addanalyzer(EquityLog)
    lab.addanalyzer(TradeLog)
    strategy = lab.run(**mode)[0]
    return strategy, strategy.analyzers[1].trades, strategy.analyzers[0].equity


# -- dates read off a wall calendar -----------------------------------------------------------------


def signals(calendar, start="2024-03-18", n=12, **params):
    """Signals on daily bars of the exchange's own sessions; 29 March 2024 was Good Friday."""
    days = np.arange(np.datetime64(start), np.datetime64(start) + 60)
    days = days[np.is_busday(days, holidays=["2024-03-29"])][:n]
    one = np.full(n, 100.0)
    bars = Bars("TEST", "TEST", days, one, one, one, one, one)
    market = Market(bars.timestamps, Prices.of_bars(bars), {}, events=calendar)
    found = EventOptions(EventOptionsParams(**params)).signals(market)
    return days, found


@pytest.mark.parametrize(
    ("event", "before", "after", "decided", "until"),
    [
        ("2024-03-21", 1, 1, "2024-03-19", "2024-03-21"),  # bought on the 20th, sold on the 22nd
        ("2024-03-21", 2, 0, "2024-03-18", "2024-03-20"),  # sold at the open of the event itself
        ("2024-03-21", 0, 2, "2024-03-20", "2024-03-22"),  # bought at the open of the event itself
        ("2024-03-23", 1, 1, "2024-03-21", "2024-03-25"),  # a Saturday counts on Monday
        ("2024-03-29", 1, 1, "2024-03-27", "2024-04-01"),  # Good Friday counts on Monday 1 April
    ],
)
def test_the_days_around_an_event(event, before, after, decided, until):
    days, found = signals(events(event), before=before, after=after)
    (at,) = np.flatnonzero(found.enters())
    assert str(days[at]) == decided
    assert str(found.until[at]) == until


def test_only_the_events_of_the_named_tickers_count():
    both = events("2024-03-21", "2024-03-27", tickers=["NVDA", "AMD"])
    _, of_both = signals(both)
    assert of_both.enters().sum() == 2
    days, found = signals(both, tickers=("AMD",))
    assert [str(day) for day in days[found.enters()]] == ["2024-03-25"]


def test_the_event_of_a_purchase_is_found_again():
    rule = EventOptions(EventOptionsParams(before=2))
    bought = np.array(["2024-03-26"], dtype="datetime64[D]")
    assert rule.event_of(bought, events("2024-03-28")).astype(str).tolist() == ["2024-03-28"]


def test_no_time_between_purchase_and_sale_is_refused():
    with pytest.raises(ValueError, match="bought and sold at the same open"):
        EventOptionsParams(before=0, after=0)
    assert rule_named("event_options") is EventOptions


# -- one event by hand ------------------------------------------------------------------------------

FLAT = [(100, 100, 100, 100)] * 3
# Decided on Thursday 9 January 2020, bought Friday the 10th; the event is on Monday, sold on Tuesday.
EVENT = make_bars(
    [*FLAT, (100, 101, 99, 100), (104, 108, 104, 107), (110, 111, 108, 109), (109, 109, 109, 109)],
    start="2020-01-07",
)
MORNING = 6.5 / 24


def test_a_straddle_over_one_event_by_hand():
    plan = OptionPlan(kind="straddle", days=7, fraction=0.1, scale=1.0)
    strategy, trades, equity = run(EVENT, events("2020-01-13"), plan=plan, volatility=steady(0.35), rate=0.0)
    # Friday the 17th is seven days after the purchase. At Thursday's close it is eight away.
    kinds = ("call", "put")
    close = sum(by_textbook(kind, 100, 100, 8, 0.0, 0.35) for kind in kinds)
    units = 0.1 * 100_000 / close
    paid = [by_textbook(kind, 100, 100, 7 + MORNING, 0.0, 0.35) for kind in kinds]
    sold = [by_textbook(kind, 110, 100, 3 + MORNING, 0.0, 0.35) for kind in kinds]
    assert [trade.instrument for trade in trades] == ["TEST call 100 2020-01-17", "TEST put 100 2020-01-17"]
    for trade, bought, got in zip(trades, paid, sold, strict=True):
        assert trade.size == pytest.approx(units, rel=1e-9)
        assert trade.entry_price == pytest.approx(bought, rel=1e-9)
        assert trade.exit_price == pytest.approx(got, rel=1e-9)
        assert (str(trade.entry_date), str(trade.exit_date)) == ("2020-01-10", "2020-01-14")
        assert trade.exit_reason == "sold after event"
    expected = 100_000 + units * (sum(sold) - sum(paid) - 0.025 * (sum(sold) + sum(paid)))
    assert equity[-1] == pytest.approx(expected, rel=1e-9)
    assert strategy.notes == ["options are priced with V × 1, an assumed factor"]


def test_an_option_that_expires_first_is_left_by_expiry():
    plan = OptionPlan(kind="call", days=0, fraction=0.1, scale=1.0, moneyness=0.95)
    _, (trade,), _ = run(EVENT, events("2020-01-13"), plan=plan, volatility=steady(0.35))
    assert trade.instrument == "TEST call 95 2020-01-10"
    assert (str(trade.exit_date), trade.exit_reason, trade.exit_price) == ("2020-01-10", "expired", 5.0)


def test_an_event_while_options_are_held_is_passed_over_and_counted():
    plan = OptionPlan(days=7, scale=1.0)
    strategy, trades, _ = run(EVENT, events("2020-01-13", "2020-01-14"), plan=plan, volatility=steady(0.35))
    assert len(trades) == 1
    assert strategy.missed == 1
    assert strategy.notes[-1] == "entries passed over because options were held: 1"


def test_nothing_is_bought_before_volatility_is_known():
    strategy, trades, _ = run(EVENT, events("2020-01-10"), plan=OptionPlan(volatility_bars=4))
    assert trades == []
    assert any("volatility is not known yet" in note for note in strategy.notes)


def test_a_filter_gates_the_purchase():
    rule = EventOptions(EventOptionsParams(), OptionPlan(scale=1.0), {"trend": TrendFilter()})
    bars = flat_bars([100.0] * 30, start="2020-01-07")  # never above its own average
    assert run(bars, events("2020-01-21"), rule=rule, volatility=steady(0.35))[1] == []


def test_calls_on_a_fund_take_its_own_volatility_and_price():
    plan = OptionPlan(instrument="SOXS", kind="call", days=7, scale=1.0)
    strategy, (trade,), _ = run(EVENT, events("2020-01-13"), plan=plan, volatility=steady(0.3))
    first = strategy.broker.contracts.fills[0]
    assert first.quote.volatility == pytest.approx(0.9)
    assert trade.instrument.startswith("SOXS call ")
    assert trade.exit_price < trade.entry_price  # the index rose by a tenth


# -- refusals -----------------------------------------------------------------------------------------


def test_what_cannot_be_priced_is_refused():
    with pytest.raises(SpecError, match=r"set plan\.scale, the factor from there to this index's"):
        run(EVENT, events("2020-01-13"), volatility=steady(0.35))
    with pytest.raises(SpecError, match=r"plan\.scale is of a volatility index, but data\.volatility names"):
        run(EVENT, events("2020-01-13"), plan=OptionPlan(scale=1.0))
    with pytest.raises(SpecError, match="the rule trades GOLD, but the feeds are TEST, SOXS"):
        run(EVENT, events("2020-01-13"), plan=OptionPlan(instrument="GOLD"))


def test_intraday_bars_are_refused():
    stamps = np.datetime64("2020-01-07T09:30") + np.arange(40) * np.timedelta64(5, "m")
    one = np.full(40, 100.0)
    bars = Bars("TEST", "TEST", stamps, one, one, one, one, one)
    with pytest.raises(SpecError, match="options are priced on daily bars"):
        run(bars, events("2020-01-13"))


def test_backtraders_own_broker_is_refused():
    import backtrader as bt

    lab = Lab()
    lab.setbroker(bt.brokers.BackBroker())
    lab.adddata(BarsFeed(dataname=EVENT))
    lab.addstrategy(OptionStrategy, rule=EventOptions(), events=events("2020-01-13"))
    with pytest.raises(SpecError, match=r"need the broker of this project, engine\.LabBroker"):
        lab.run()


# -- look-ahead ---------------------------------------------------------------------------------------

SEASON = load_events("earnings-season")
SIDES = {
    "straddle": OptionPlan(kind="straddle"),
    "SOXS calls": OptionPlan(kind="call", instrument="SOXS", moneyness=1.05),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("side", SIDES)
def test_every_mode_gives_the_same_run(side, mode):
    bars = load_bars("nasdaq").between("2007-06-01", "2009-06-30")
    _, reference, once = run(bars, SEASON, plan=SIDES[side])
    _, trades, equity = run(bars, SEASON, plan=SIDES[side], **MODES[mode])
    assert len(reference) >= 8
    assert trades == reference
    np.testing.assert_array_equal(equity, once)


@pytest.mark.parametrize("n", [23, 95, 97, 98, 200, 411])
def test_data_cut_short_give_the_same_run_up_to_the_cut(n):
    bars = load_bars("nasdaq").between("2007-06-01", "2009-06-30")
    _, whole, curve = run(bars, SEASON, plan=SIDES["straddle"])
    _, cut, short_curve = run(bars.between(None, bars.sessions[n - 1]), SEASON, plan=SIDES["straddle"])
    done = [t for t in cut if t.exit_reason != "open at end"]
    assert done == whole[: len(done)]
    np.testing.assert_array_equal(short_curve, curve[:n])


def test_a_rule_that_looks_ahead_is_found_out():
    """The check must be able to fail: a rule that reads tomorrow's close runs differently in the modes."""

    class Peeking(EventOptions):
        def signals(self, market):
            found = super().signals(market)
            close = market.index.close
            found.entry["falls tomorrow"] = np.append(close[1:], close[-1]) < close
            return found

    bars = load_bars("nasdaq").between("2007-06-01", "2009-06-30")
    rule = Peeking(EventOptionsParams(), OptionPlan())
    ends = [run(bars, SEASON, rule=rule, **mode)[2][-1] for mode in MODES.values()]
    assert ends[0] != ends[2]


# -- real prices --------------------------------------------------------------------------------------


@pytest.mark.market
def test_twenty_years_of_semiconductor_earnings_with_the_vix(market_folder):
    bars = read_bars(market_folder / "SOX.csv").between("2004-01-01")
    calendar = load_events(market_folder / "earnings_semis.csv").of(("NVDA", "INTC"))
    quoted = read_volatility(market_folder / "VIX.csv")
    plan = OptionPlan(kind="straddle", scale=2.0)
    strategy, trades, equity = run(bars, calendar, plan=plan, volatility=quoted)
    assert len(trades) > 200
    fills = strategy.broker.contracts.fills
    # Nvidia reported on 21 May 2020; on the 19th, when that was decided, the VIX had closed at 30.53 (CBOE).
    bought = next(f for f in fills if str(f.day) == "2020-05-20")
    assert bought.quote.volatility == pytest.approx(2 * 0.3053, abs=1e-4)
    assert str(bought.contract.expiry) == "2020-05-29"
    profit = sum(trade.profit for trade in trades)
    interest = strategy.broker.accounts["interest"]
    assert equity[-1] == pytest.approx(100_000 + profit + interest, rel=1e-9)
