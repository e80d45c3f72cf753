"""What came before a run, on the scale of the run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from feeds.history import History, load_history
from feeds.market import Market, Prices
from feeds.rates import ShortRate
from feeds.volumes import Volumes
from letf_instruments import known_fund, synthesize
from tests.conftest import make_bars, random_bars

WHOLE = random_bars(7, 60)
LEAD = 25
RATE = ShortRate.constant(0.03)


def ledger(bars, first, ticker="SOXL"):
    columns = (bars.open, bars.high, bars.low, bars.close)
    return synthesize(known_fund(ticker), bars.sessions, *columns, RATE.on(bars.sessions), first)


def market(bars, first=100.0, ticker="SOXL"):
    own = Prices.of_ledger(ledger(bars, first, ticker))
    return Market(bars.timestamps, Prices.of_bars(bars), {ticker: own}, {})


def test_a_fund_is_the_one_that_was_there_all_along_scaled_to_the_run():
    run = market(WHOLE.last(60 - LEAD), first=37.0)
    seen = History(WHOLE.first(LEAD), {}, {}, {}, RATE).before(run)
    assert seen.lead == LEAD
    assert len(seen) == 60
    np.testing.assert_array_equal(seen.index.close, WHOLE.close)
    there = ledger(WHOLE, 100.0)
    scale = 37.0 / there.close[LEAD]
    for column in ("open", "high", "low", "close"):
        np.testing.assert_allclose(
            getattr(seen.funds["SOXL"], column), scale * getattr(there, column), rtol=1e-12
        )


def crash(at):
    """The same bars, but the index opens 40 % lower at one of them."""
    factor = np.where(np.arange(60) < at, 1.0, 0.6)
    rows = np.column_stack([getattr(WHOLE, c) * factor for c in ("open", "high", "low", "close")])
    return make_bars(rows)


def test_it_is_put_in_front_once():
    run = market(WHOLE.last(60 - LEAD))
    history = History(WHOLE.first(LEAD), {}, {}, {}, RATE)
    seen = history.before(run)
    assert history.before(seen) is seen
    assert history.before(seen.upto(40)).lead == LEAD


@pytest.mark.parametrize("at", [5, 23, 24])
def test_a_fund_that_was_wiped_out_before_the_run_is_founded_anew(at):
    whole = crash(at)
    run = market(whole.last(60 - LEAD))
    seen = History(whole.first(LEAD), {}, {}, {}, RATE).before(run).funds["SOXL"]
    assert np.isfinite(seen.close).all()
    assert (seen.close > 0).all()
    np.testing.assert_array_max_ulp(seen.close[LEAD:], run.funds["SOXL"].close)  # it is scaled to be it
    np.testing.assert_array_equal(seen.close[: at - 1], seen.close[0] if at > 1 else seen.close[:0])


def test_a_fund_wiped_out_on_the_run_s_first_day_is_seen_as_the_run_s_own_from_then_on():
    whole = crash(LEAD)
    run = market(whole.last(60 - LEAD))
    seen = History(whole.first(LEAD), {}, {}, {}, RATE).before(run).funds["SOXL"]
    assert np.isfinite(seen.close).all()
    np.testing.assert_array_equal(seen.close[LEAD:], run.funds["SOXL"].close)


def test_a_false_print_before_the_run_is_mended_whatever_the_run_does_with_its_own():
    low = WHOLE.low.copy()
    low[10] *= 0.3
    whole = replace(WHOLE, low=low)
    run = whole.last(60 - LEAD)
    for choice, mended in (("refuse", True), ("close", True), ("keep", False)):
        history, said = load_history(whole, run, [], {}, {}, RATE, None, 1, choice)
        assert (history.bars.low[10] > 2 * low[10]) is np.bool_(mended)
        assert ("as nothing is filled before the run" in said[0]) is mended
        assert said[-1].startswith(f"rules also know the {LEAD} bars before {run.sessions[0]}")


@pytest.mark.parametrize(("at", "known"), [(10, LEAD - 11), (LEAD - 4, 3)])
def test_what_came_before_is_known_from_after_a_false_close_on(at, known):
    history, said = load_history(tripled(at), WHOLE.last(60 - LEAD), [], {}, {}, RATE, None, 1, "refuse")
    assert len(history) == known
    assert "it looks like a false print, and what came before the run is known from after it on" in said[0]


def test_a_false_close_on_the_last_bar_before_the_run_is_seen_by_what_comes_after():
    history, said = load_history(
        tripled(LEAD - 1), WHOLE.last(60 - LEAD), [], {}, {}, RATE, None, 1, "refuse"
    )
    assert history is None
    assert "it looks like a false print" in said[0]


def tripled(at):
    """The same bars with one close, and what it needs of a high, at three times the price."""
    factor = np.where(np.arange(60) == at, 3.0, 1.0)
    return replace(WHOLE, high=WHOLE.high * factor, close=WHOLE.close * factor)


def test_what_is_known_goes_back_as_far_as_volumes_and_rates_do():
    run, lead = WHOLE.last(60 - LEAD), WHOLE.first(LEAD)
    volumes = {"index": Volumes(WHOLE.last(60 - 5))}
    history, said = load_history(WHOLE, run, [], {}, volumes, RATE, None, 1, "refuse")
    assert history.bars.sessions[0] == lead.sessions[5]
    assert f"from {lead.sessions[5]} on, as TEST goes back no further" in said[-1]
    late = ShortRate("R", lead.sessions[9:].copy(), np.full(LEAD - 9, 0.01))
    history, said = load_history(WHOLE, run, [], {}, volumes, late, None, 1, "refuse")
    assert history.bars.sessions[0] == lead.sessions[9]
