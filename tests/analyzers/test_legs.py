"""Index and fund at one moment of a bar."""

import numpy as np
import pytest

from analyzers import index_at, price_at
from letf_instruments import LeveragedFund, synthesize
from tests.conftest import make_bars, random_bars


def ledger_of(bars, multiple):
    fund = LeveragedFund(ticker="F", multiple=multiple)
    rates = np.full(len(bars), 0.0)
    return synthesize(fund, bars.sessions, bars.open, bars.high, bars.low, bars.close, rates)


def test_a_bear_fund_at_a_level_of_its_index():
    # From 100 to 95 within a day: +15 %; opened at 98: +6 %.
    bars = make_bars([(100.0,) * 4, (98, 100, 94, 97)])
    ledger = ledger_of(bars, -3.0)
    assert price_at(ledger, bars.open, 1, 95.0) == pytest.approx(115.0)
    assert price_at(ledger, bars.open, 1, 98.0) == pytest.approx(106.0)
    assert index_at(ledger, bars.open, 1, 115.0) == pytest.approx(95.0)


@pytest.mark.parametrize("multiple", [3.0, -3.0, 1.0])
def test_there_and_back_again_within_every_bar(multiple):
    bars = random_bars(5, 100)
    ledger = ledger_of(bars, multiple)
    for bar in range(1, 100):
        for level in np.linspace(bars.low[bar], bars.high[bar], 5):
            price = price_at(ledger, bars.open, bar, level)
            assert ledger.low[bar] <= price <= ledger.high[bar]
            assert index_at(ledger, bars.open, bar, price) == pytest.approx(level, rel=1e-9)
