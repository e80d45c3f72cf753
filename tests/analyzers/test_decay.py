import numpy as np
import pytest

from analyzers import DecayAnalyzer
from engine import Lab
from feeds.backtrader_feeds import BarsFeed, FundFeed
from feeds.sources import load_bars
from tests.engine.scripted import Scripted


@pytest.mark.parametrize("mode", [{}, {"runonce": False, "preload": False}])
def test_every_fund_held_or_watched_is_split_and_adds_up(mode):
    bars = load_bars("nasdaq").between("2000-01-01", "2002-12-31")
    lab = Lab()
    index = BarsFeed(dataname=bars)
    lab.adddata(index)
    for fund in ("SOXS", "SOXL"):
        lab.adddata(FundFeed(dataname=index, fund=fund, short_rate=0.03))
    lab.addstrategy(Scripted, script={})
    lab.addanalyzer(DecayAnalyzer)
    split = lab.run(**mode)[0].analyzers[0].get_analysis()
    assert list(split) == ["SOXS", "SOXL"]
    total_index = bars.close[-1] / bars.close[0] - 1
    for name, multiple in (("SOXS", -3), ("SOXL", 3)):
        a = split[name]
        parts = sum(getattr(a, part).sum() for part in a.PARTS)
        assert parts == pytest.approx(np.log(1 + a.actual), abs=1e-12)
        assert a.promised == pytest.approx(multiple * total_index)
        assert a.compounding.sum() < 0
    # The index fell by two thirds and the bear fund gained nothing like three times that.
    assert split["SOXS"].promised > 1.9
    assert split["SOXS"].actual < split["SOXS"].promised / 2
