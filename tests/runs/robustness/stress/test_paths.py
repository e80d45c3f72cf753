"""The market of a spec on a named path: where it begins, what moves, what the funds' trade makes of it."""

import datetime

import numpy as np
import pandas as pd
import pytest

from feeds.histories.named import CALM_SESSIONS, NAMED
from letf_instruments import known_fund
from letf_instruments.impact import Impact
from runs.backtest.setting import load_setting
from runs.robustness.stress.paths import (
    RAW_WARM_UP,
    Squeeze,
    beta_of,
    calm_needed,
    stage,
    window_spec,
)
from runs.specs.script import make_spec

ALL = {named.key: named for named in NAMED}
END = {"end": "2010-12-31"}


def frames(beta=1.5, n=600):
    rng = np.random.default_rng(2)
    x = 0.015 * rng.standard_normal(n)
    days = pd.bdate_range("2018-01-02", periods=n)

    def bars(r, first):
        close = first * np.cumprod(1 + r)
        rows = {"open": close, "high": close, "low": close, "close": close, "volume": 5e6}
        return pd.DataFrame(rows, index=days)

    return bars(x, 100.0), bars(beta * x, 40.0)


def staged(key, squeeze=None, **tables):
    spec = make_spec("hedge", tables={"data": END} | tables)
    base = load_setting(spec)
    return base, stage(spec, base, ALL[key], squeeze)


def test_it_begins_at_the_last_close_with_calm_years_before_that_rules_know():
    base, made = staged("climb")
    bars, history = made.setting.bars, made.setting.history
    assert bars.close[0] == pytest.approx(base.bars.close[-1])
    assert bars.sessions[0] == base.bars.sessions[-1]
    assert str(bars.sessions[1]) == "2011-01-03"
    assert (bars.name, bars.simulated, made.begin) == ("nasdaq", True, 0)
    assert (len(history), history.bars.sessions[-1] < bars.sessions[0]) == (CALM_SESSIONS, True)
    assert made.setting.rate.is_constant
    assert made.setting.rate.at(20_000) == base.rate.on(base.bars.sessions[-1:])[0]
    assert bars.volume[1:].mean() == pytest.approx(np.median(base.bars.volume[-252:]) * 1.3, rel=0.1)


def test_high_rates_are_high():
    _, made = staged("high_rates")
    assert made.setting.rate.on(made.setting.bars.sessions).tolist() == [0.09] * 253


def test_a_rule_that_needs_more_gets_more_calm():
    assert calm_needed(10) == CALM_SESSIONS
    assert calm_needed(600) == 621


def with_asset():
    index, asset = frames()
    tables = {"data": {"index": {"X": index}, "assets": [{"A": asset}], "funds": ["SOXS"]}}
    spec = make_spec("hold", tables=tables)
    return spec, load_setting(spec)


def test_an_asset_moves_by_its_beta_and_has_no_part_in_the_leader():
    spec, base = with_asset()
    assert beta_of(base.assets["A"], base.bars) == pytest.approx(1.5)
    made = stage(spec, base, ALL["climb"], None).setting
    asset, index = made.assets["A"], made.bars
    moves = index.close[1:] / index.close[:-1] - 1
    np.testing.assert_allclose(asset.close[1:] / asset.close[:-1] - 1, 1.5 * moves, rtol=1e-9)
    assert asset.close[0] == pytest.approx(base.assets["A"].close[-1])
    assert len(made.history.assets["A"]) == len(made.history)
    narrow = stage(spec, base, ALL["melt_up"], None).setting
    assert narrow.bars.close[-1] / narrow.bars.close[0] - 1 == pytest.approx(0.6875)
    assert 0.15 < narrow.assets["A"].close[-1] / narrow.assets["A"].close[0] - 1 < 0.25  # about 1.5 × 14 %


def test_the_funds_trade_moves_each_close_and_nothing_else_of_the_day():
    squeeze = Squeeze(Impact("sqrt", 50e9), (known_fund("SOXL"), known_fund("SOXS")), (10e9, 1e9))
    (_, plain), (_, made) = staged("correction"), staged("correction", squeeze)
    own, bars = plain.setting.bars, made.setting.bars
    assert made.without == pytest.approx(own.close[-1] / own.close[0] - 1)
    moves = bars.close[1:] / bars.close[:-1] - 1
    np.testing.assert_allclose(moves, made.pushed.returns, rtol=1e-9)
    np.testing.assert_allclose(made.pushed.own, own.close[1:] / own.close[:-1] - 1, rtol=1e-9)
    assert (np.abs(moves) >= np.abs(made.pushed.own) - 1e-12).all()
    np.testing.assert_allclose(bars.open[1:] / bars.close[:-1], own.open[1:] / own.close[:-1], rtol=1e-9)
    np.testing.assert_array_equal(made.setting.history.bars.close, plain.setting.history.bars.close)


def test_a_strategy_of_backtrader_s_own_begins_before_the_path(tmp_path):
    (tmp_path / "s.py").write_text("import backtrader as bt\nclass S(bt.Strategy):\n    pass\n")
    (tmp_path / "s.toml").write_text('strategy = "s.py:S"\n[data]\nend = 2010-12-31\n')
    spec = make_spec(tmp_path / "s.toml")
    base = load_setting(spec)
    made = stage(spec, base, ALL["chop"], None)
    assert (made.begin, made.setting.history) == (RAW_WARM_UP, None)
    assert made.setting.bars.sessions[RAW_WARM_UP] == base.bars.sessions[-1]
    assert len(made.setting.bars) == RAW_WARM_UP + 253
    first, last = datetime.date(2008, 1, 2), datetime.date(2009, 3, 9)
    early = window_spec(spec, first, last, base.bars.sessions)
    at = np.searchsorted(base.bars.sessions, np.datetime64("2008-01-02"))
    assert early.data.start == base.bars.sessions[at - RAW_WARM_UP].item()
    assert window_spec(make_spec("hold"), first, last, base.bars.sessions).data.start == first
