"""What bars are warned of: missing sessions, split-like jumps, repeated opens, no volume."""

import numpy as np
import pytest

from feeds.bars import Bars
from feeds.checking.checks import warnings_of
from feeds.reading.files import read_bars
from feeds.sources import load_bars
from tests.conftest import random_bars


def on_sessions(n=40, drop=(), factor_at=None, repeat_opens=False, volume=1.0):
    days = load_bars("nasdaq").sessions[:n]
    rng = np.random.default_rng(1)
    close = 100 * np.exp(np.cumsum(0.01 * rng.standard_normal(n)))
    if factor_at is not None:
        close[factor_at[0] :] *= factor_at[1]
    open_ = close * np.exp(0.002 * rng.standard_normal(n))
    if repeat_opens:
        open_[1:] = close[:-1]
    keep = np.setdiff1d(np.arange(n), drop)
    columns = open_, np.maximum(open_, close), np.minimum(open_, close), close, np.full(n, volume)
    return Bars("X", "X", days[keep], *(c[keep] for c in columns))


def test_clean_bars_get_no_warning():
    assert warnings_of(on_sessions()) == []
    assert warnings_of(load_bars("nasdaq")) == []


def test_missing_sessions_are_counted_and_named():
    (warning,) = warnings_of(on_sessions(drop=(10, 11)))
    assert "2 sessions of XNYS are missing: 1999-01-19, 1999-01-20" in warning


def test_dates_that_are_no_sessions_are_named():
    weekend = random_bars(1, 30)
    assert any("1 date is not a session of XNYS: 2020-01-20" in w for w in warnings_of(weekend))


@pytest.mark.parametrize(("factor", "kind"), [(1 / 15, "forward"), (10, "reverse"), (0.5, "forward")])
def test_a_jump_like_a_split_is_named(factor, kind):
    (warning,) = warnings_of(on_sessions(factor_at=(20, factor)))
    assert f"unadjusted {kind} split" in warning
    assert "1999-02-02" in warning


def test_a_crash_within_the_day_is_no_split():
    bars = on_sessions()
    close, low = bars.close.copy(), bars.low.copy()
    close[-1] = low[-1] = 0.45 * bars.open[-1]
    crash = Bars("X", "X", bars.timestamps, bars.open, bars.high, low, close, bars.volume)
    assert warnings_of(crash) == []


def test_opens_that_repeat_the_close_and_missing_volume_are_said():
    warnings = warnings_of(on_sessions(repeat_opens=True, volume=0.0))
    assert len(warnings) == 2
    assert "in 39 of 39 sessions" in warnings[0]
    assert "volume is 0 on 40 of 40 rows" in warnings[1]


@pytest.mark.market
def test_the_vendor_s_15_fold_prices_are_warned_of(market_folder):
    (warning,) = warnings_of(read_bars(market_folder / "bad" / "SOXS_spurious_15x.csv"))
    assert "2026-05-26" in warning
    assert "unadjusted forward split" in warning


@pytest.mark.market
def test_opens_of_the_semiconductor_index_before_2007_are_said(market_folder):
    warnings = warnings_of(read_bars(market_folder / "SOX.csv"))
    assert any("95 % of them by 2006-" in w for w in warnings)
    assert not any("split" in w or "missing" in w for w in warnings)


@pytest.mark.market
def test_continuous_five_minute_bars_are_not_accused_of_repeating_opens(market_folder):
    assert warnings_of(read_bars(market_folder / "intraday" / "SMH_5min.csv")) == []
