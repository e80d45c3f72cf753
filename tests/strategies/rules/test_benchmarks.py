"""Benchmarks: buying and holding is the fund's ledger, a mix is a plain loop; bounds and examples."""

import csv

import numpy as np
import pytest
from pydantic import ValidationError

from engine import LabBroker
from feeds.sources import load_bars
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest
from strategies import AllocationPlan, Hold, Mix
from tests.conftest import ROOT, flat_bars
from tests.settlement import nights
from tests.strategies.arrival import assert_sees_no_later_bar, market_from, run

DECADE = load_bars("nasdaq").between("2001-01-01", "2010-12-31")
RATE = 0.03


def facts(table, ticker):
    """(from, rate) rows of a shipped table, read as text."""
    with (ROOT / "letf_instruments" / "facts" / f"{table}.csv").open(newline="") as file:
        return [(r["from"], float(r["rate"])) for r in csv.DictReader(file) if r["ticker"] == ticker]


def fund_by_hand(bars, ticker):
    """Opens and closes of a fund from the formula of the facts, one day after the other."""
    b = {"SOXS": -3, "SOXL": 3}[ticker]
    fees, spreads = (facts(table, ticker) for table in ("expense_ratios", "financing_spreads"))
    opens, closes = [100.0], [100.0]
    for t in range(1, len(bars)):
        day = str(bars.sessions[t])
        days = int((bars.sessions[t] - bars.sessions[t - 1]).astype(int))
        fee, spread = ([v for since, v in table if since <= day] for table in (fees, spreads))
        fee, spread = (fee or [fees[0][1]])[-1], spread[-1]
        earned = -2 * (RATE + spread) if b == 3 else 3 * (RATE - spread) + RATE
        carry = earned * nights(bars.sessions[t - 1], day) / 360 - fee * days / 365
        prior = bars.close[t - 1]
        opens.append(closes[-1] * (1 + b * (bars.open[t] / prior - 1) + carry))
        closes.append(closes[-1] * (1 + b * (bars.close[t] / prior - 1) + carry))
    return np.array(opens), np.array(closes)


def prices(instrument):
    if instrument == "index":
        return DECADE.open, DECADE.close
    return fund_by_hand(DECADE, instrument)


def grown(money, bars, since):
    """Money at the short rate, ACT/360, from the close of one bar on; shape (n − since,)."""
    out = [money]
    for t in range(since + 1, len(bars)):
        days = int((bars.sessions[t] - bars.sessions[t - 1]).astype(int))
        out.append(out[-1] * (1 + RATE * days / 360))
    return np.array(out)


@pytest.mark.parametrize("instrument", ["index", "SOXL", "SOXS"])
@pytest.mark.parametrize("weight", [1.0, 0.4])
def test_buying_and_holding_is_the_instrument_s_own_history_and_interest(instrument, weight):
    """All that was decided at the first close goes in at the next open; nothing happens after that."""
    opens, closes = prices(instrument)
    broker = LabBroker(cash=100_000.0, short_rate=RATE)
    rule = Hold(Hold.Params(instrument=instrument, weight=weight))
    trades, equity, _ = run(rule, DECADE, rate=RATE, broker=broker)
    first = grown(100_000.0, DECADE, 0)[1]
    shares = min(weight * 100_000 / closes[0], first / opens[1])  # a gap up leaves less than was asked for
    rest = first - shares * opens[1]
    np.testing.assert_allclose(equity[0], 100_000.0)
    np.testing.assert_allclose(equity[1:], shares * closes[1:] + grown(rest, DECADE, 1), rtol=1e-9)
    assert len(trades) == 1
    assert trades[0].exit_reason == "open at end"


def test_a_fund_of_once_the_index_without_a_fee_is_the_index(tmp_path):
    (tmp_path / "one.toml").write_text('ticker = "ONE"\nmultiple = 1\nexpense_ratio = 0.0')
    data = '[data]\nfunds = ["one.toml"]\nend = 2003-12-31\ntotal_return = false\n'
    text = f'strategy = "hold"\n{data}[rule]\ninstrument = '
    curves = []
    for name in ("ONE", "index"):
        (tmp_path / "s.toml").write_text(f'{text}"{name}"')
        curves.append(run_backtest(load_spec(tmp_path / "s.toml")).equity)
    np.testing.assert_allclose(curves[0], curves[1], rtol=1e-9)
    assert np.ptp(curves[0]) > 50_000


def mix_by_hand(bars, weights, band):
    """A mix in one loop over days: traded back on the first close of a month, or when a weight is off."""
    series = {name: prices(name) for name in weights}
    cash, held, order, curve, count = 100_000.0, dict.fromkeys(weights, 0.0), None, [], 0
    month = None
    for t in range(len(bars)):
        if t:
            days = int((bars.sessions[t] - bars.sessions[t - 1]).astype(int))
            cash *= 1 + RATE * days / 360
        for name, change in sorted((order or {}).items(), key=lambda item: item[1]):  # sales first
            cash -= change * series[name][0][t]
            held[name] += change
        worth = cash + sum(held[name] * series[name][1][t] for name in weights)
        curve.append(worth)
        now = str(bars.sessions[t])[:7]
        off = max(abs(held[name] * series[name][1][t] / worth - weights[name]) for name in weights)
        order = None
        if now != month or off > band:
            order = {name: weights[name] * worth / series[name][1][t] - held[name] for name in weights}
            count += 1
        month = now
    return np.array(curve), count


@pytest.mark.parametrize(
    "weights", [{"SOXL": 0.3}, {"SOXL": 0.4, "SOXS": 0.2}, {"index": 0.6, "SOXS": 0.2}], ids=str
)
def test_a_mix_is_a_plain_loop(weights):
    rule = Mix(Mix.Params(weights=weights), AllocationPlan(schedule="monthly", band=0.05))
    broker = LabBroker(cash=100_000.0, short_rate=RATE)
    _, equity, _ = run(rule, DECADE, rate=RATE, broker=broker)
    expected, count = mix_by_hand(DECADE, weights, 0.05)
    np.testing.assert_allclose(equity, expected, rtol=1e-9)
    assert count > 130  # 120 months, and the band


def test_the_weights_never_change():
    market = market_from(flat_bars([100.0, 90.0, 120.0]))
    assert Hold().targets(market).weights["SOXL"].tolist() == [1.0, 1.0, 1.0]
    mix = Mix(Mix.Params(weights={"SOXL": 0.3, "SOXS": 0.1})).targets(market).weights
    assert {name: w.tolist() for name, w in mix.items()} == {"SOXL": [0.3] * 3, "SOXS": [0.1] * 3}


def test_a_mix_sees_no_later_bar():
    rule = Mix(Mix.Params(weights={"SOXL": 0.4, "SOXS": 0.2}), AllocationPlan(schedule="weekly", band=0.03))
    assert_sees_no_later_bar(rule, DECADE.between("2008-01-01", "2008-12-31"))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Hold.Params(weight=0.0), "greater than 0"),
        (lambda: Hold.Params(weight=1.5), "less than or equal to 1"),
        (lambda: Mix.Params(weights={}), r"rule\.weights is empty"),
        (
            lambda: Mix.Params(weights={"SOXL": 0.7, "SOXS": 0.4}),
            r"add up to 1\.1; more than 1 would be on cr",
        ),
        (
            lambda: Mix.Params(weights={"SOXL": -0.1}),
            r"rule\.weights\.SOXL is -0\.1; it must be between 0 and 1",
        ),
    ],
)
def test_weights_out_of_bounds_are_refused_with_the_bound(make, says):
    with pytest.raises(ValidationError, match=says):
        make()


def test_the_examples_run_on_nasdaq():
    held, mixed = (run_backtest(load_spec(name)) for name in ("hold", "mix"))
    assert [t.instrument for t in held.trades] == ["SOXL"]
    # But for the first session, the shrunken order and its costs, holding is the fund itself.
    assert held.metrics["total_return"] == pytest.approx(held.metrics["hold_SOXL_total_return"], abs=0.01)
    assert len(mixed.fills["SOXL"]) > 200
    assert mixed.metrics["max_drawdown"] > held.metrics["max_drawdown"]


@pytest.mark.market
def test_the_examples_run_on_thirty_years_of_semiconductors(market_folder):
    for name in ("hold", "mix"):
        result = run_backtest(load_spec(name, index="SOX", start="1995-01-01"), market_folder)
        assert result.trades
        assert len(result.days) == 7300
