"""What a run of event options says of itself: sums that agree, sentences that follow the numbers."""

import json

import numpy as np
import pytest

from engine.contracts import ContractFill
from letf_instruments import DataError, SpecError
from letf_instruments.options import Contract, Quote
from runs.specs.reading import load_spec
from runs.studies.rules.event_options import words as study
from runs.studies.rules.joined import run_backtest
from tests.runs.command import letf, read

SPAN = {"start": "2006-06-01", "end": "2009-06-30"}


@pytest.fixture(scope="module")
def example():
    return run_backtest(load_spec("event_options", **SPAN))


def test_money_adds_up_from_events_trades_and_interest(example):
    m = example.metrics
    profit = sum(t.profit for t in example.trades)
    assert m["options_profit"] == pytest.approx(profit)
    assert m["final_equity"] == pytest.approx(100_000 + profit + m["interest_earned"], abs=1e-6)
    assert m["costs_paid"] == pytest.approx(m["options_spread"] + m["options_commission"])
    gain = m["options_received"] - m["options_spent"]
    assert gain == pytest.approx(sum(m[f"options_{part}"] for part in study.PARTS))
    assert m["options_profit"] == pytest.approx(gain - m["costs_paid"])
    # Twelve seasons began in these three years: July 2006 to April 2009. Each buys a call and a put.
    assert (m["options_events"], m["trades"]) == (12, 24)


def test_greeks_have_the_signs_that_a_bought_straddle_has(example):
    m = example.metrics
    assert m["options_theta"] < 0 < m["options_gamma"]
    assert 0 < m["options_implied_move"] < m["options_straddle"]


def test_events_are_named_by_their_own_day(example):
    days = [str(event.day) for event in study.events_of(example)]
    # The third Tuesdays of July and October 2006.
    assert days[:2] == ["2006-07-18", "2006-10-17"]


def test_the_tables_by_year_and_in_all_agree(example):
    (found,) = example.studies
    totals, years, _, dearer = found.tables
    number = {row[0]: row[1] for row in totals.rows}

    def total(column):
        place = years.headings.index(column)
        return sum(float(row[place].replace("−", "-").replace(",", "")) for row in years.rows)

    for column, label in (("spent", "premium spent"), ("gamma", "gamma earned"), ("profit", "profit")):
        assert total(column) == pytest.approx(float(number[label].replace("−", "-").replace(",", "")), abs=4)
    assert total("events") == 12
    straddles = [float(row[2].removesuffix(" %")) for row in dearer.rows]
    assert straddles == sorted(straddles)
    assert len(straddles) == 4


def test_whatever_rests_on_the_model_says_so(example):
    (found,) = example.studies
    assert found.alarm.startswith("All of this is modelled, as no option prices are at hand")
    assert "realised volatility of 20 bars × 1.2" in found.alarm
    assert any("every premium here is modelled" in warning for warning in example.warnings)
    assert all("modelled" in grid.title or "priced otherwise" in grid.title for grid in found.tables)


# -- the sentences, on events made by hand -----------------------------------------------------------


def event(delta=0.0, gamma=0.0, theta=0.0, moved=0.0, spread=0.0):
    quote = Quote(2.0, 0.5, 0.1, -0.2, 0.05, 100.0, 0.3, 5.0)
    day = np.datetime64("2020-01-14")
    buy = ContractFill(
        1, day, 1, Contract("call", "T", 100, "2020-01-17"), 100.0, quote, spread, 0.0, "entry"
    )
    parts = {"delta": delta, "gamma": gamma, "theta": theta, "vega": 0.0, "rest": 0.0}
    return study.Event(day, 200.0, sum(parts.values()), spread, 0.0, parts, [buy], moved, 0.3, 4.0, 2, 0.05)


def test_moves_that_earn_more_than_theta_takes_outran_it():
    won = [event(delta=30, gamma=40, theta=-50, moved=0.03), event(theta=-10, moved=-0.02)]
    assert "Over 2 events the moves outran the theta: they earned 70 (delta and gamma), time took 60" in (
        study.outran(won)
    )
    assert "10 in all, +2.5 % of the premium spent" in study.outran(won)
    assert study.margin(won).startswith("Had the options cost 2.5 % more at purchase")
    assert "implies a mean move of 2.51 %; the underlying moved 2.50 %, less than" in study.moves(won)


def test_moves_that_earn_less_did_not():
    lost = [event(gamma=40, theta=-50, moved=0.01, spread=10)]
    assert study.outran(lost).startswith("Over 1 event the moves did not outrun the theta")
    assert study.margin(lost).startswith("To break even, the options would have had to be 10.0 % cheaper")
    # 30 % × √(2/π) × √(4/365) = 2.51 %; × √(2/252) in its place 2.13 %.
    assert "moved 1.00 %, less than was paid for" in study.moves(lost)
    assert "by sessions alone it is 2.13 %" in study.moves(lost)
    assert "moved 2.60 %, more than was paid for" in study.moves([event(moved=-0.026)])


def test_greeks_are_for_each_100_of_premium():
    rows = dict(study.greeks([event()]).rows)
    # 100 units for 200 of premium: delta 0.5 × 100 × 1.00 = 50 of 200; gamma ½ × 0.1 × 1² × 100 = 5.
    assert rows["delta: underlying +1 %"] == "25.00"
    assert rows["gamma: beyond delta, ±1 %"] == "2.50"
    assert rows["theta: a calendar day"] == "−10.00"
    assert rows["vega: volatility +1 point"] == "2.50"


# -- the command --------------------------------------------------------------------------------------


def test_the_command_writes_the_picture_and_the_numbers(tmp_path):
    out = tmp_path / "out"
    done = letf(
        "run", "event_options", "--start", "2006-06-01", "--end", "2008-06-30", "--out", out, pictures=True
    )
    assert done.returncode == 0, done.stderr
    assert "All of this is modelled" in done.stdout
    assert "sold after event" in done.stdout
    assert (out / "options.png").read_bytes().startswith(b"\x89PNG")
    numbers = json.loads((out / "metrics.json").read_text())
    assert numbers["options_events"] == 8
    trades = read(out / "trades.csv")
    assert len(trades) == 16
    assert {row["exit_reason"] for row in trades} == {"sold after event"}
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["spec"]["plan"]["kind"] == "straddle"
    assert "QuantLib" in manifest["versions"]
    again = letf("run", "event_options", "--start", "2006-06-01", "--end", "2008-06-30", "--out", out)
    assert again.returncode == 0, again.stderr  # the folder is known as its own


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (["plan.kind=butterfly"], "plan.kind is 'butterfly'"),
        (["plan.moneyness=0"], "plan.moneyness is 0"),
        (["plan.fraction=1.5"], "plan.fraction is 1.5"),
        (["plan.day=5"], "did you mean plan.days"),
        (["rule.before=0", "rule.after=0"], "bought and sold at the same open"),
        (["options.spread=2"], "options.spread is 2"),
        (["data.events=none"], "reads a calendar of events, but data.events names none"),
        (["plan.scale=2"], "plan.scale is of a volatility index, but data.volatility names none"),
        (["data.volatility=VIXX"], "no data named 'VIXX'"),
    ],
)
def test_what_is_wrong_is_one_sentence(changes, words):
    with pytest.raises((SpecError, DataError), match=words.replace(".", r"\.")):
        run_backtest(load_spec("event_options", changes, **SPAN))


def test_a_run_without_an_event_says_that_it_never_traded():
    result = run_backtest(load_spec("event_options", start="2008-01-25", end="2008-03-31"))
    assert result.verdict == "The rule never traded: “1 session before an event” was never true."
    assert result.studies == []


@pytest.mark.market
def test_the_vix_prices_options_on_semiconductors(market_folder):
    changes = ["data.events=earnings_semis", "data.volatility=VIX", "plan.scale=2.0"]
    spec = load_spec("event_options", changes, index="SOX", start="2010-01-01", end="2012-12-31")
    result = run_backtest(spec, market_folder)
    assert "rest on VIX.csv × 2" in result.studies[0].alarm
    assert result.metrics["options_events"] > 50
    setting = result.setting
    mean = float(setting.volatility.on(result.days).mean())
    assert 0.15 < mean < 0.30  # the VIX of these years was around 21 %
    paid = [fill.quote.volatility for fill in result.contracts.fills if fill.units > 0]
    assert min(paid) >= 2 * float(setting.volatility.on(result.days).min())
