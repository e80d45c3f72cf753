"""The market of a spec on a named path, and in a window of its own index.

A path begins at the index's last close and has the calendar's sessions after it; the funds' fees and spreads
are those of the fact tables for these dates, the short rate is the last one known unless the path has one.
Rules know the calm years before the path. Whatever else is held moves by its beta on the index, over the last
`BETA_BARS` returns of both, times what the index does without its leader, and has nothing of its own.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from feeds.bars import PRICES, Bars, Floats
from feeds.histories.named import CALM_SESSIONS, Named, OnPath, on_path
from feeds.history import History
from feeds.rates import BorrowFee, ShortRate
from letf_instruments import LeveragedFund, SpecError, beta
from letf_instruments.impact import Impact, Pushed, pushed
from runs.backtest.setting import Setting
from runs.specs.run_spec import RunSpec

BETA_BARS = 252
LEAST_RATIO = 0.05  # of a bar of an asset to the close before it, whatever its beta
RAW_WARM_UP = 252  # sessions before a path that a strategy of backtrader's own is run on
SPARE = 21  # sessions of calm beyond what a rule needs


@dataclass(frozen=True, eq=False)
class Staged:
    """A market to run on.

    begin : position of the bar at whose close what is measured begins. without : the index's return over the
    path without the funds' trade. pushed : what that trade made of it, None where it was left out.
    """

    setting: Setting
    begin: int
    without: float
    pushed: Pushed | None = None


@dataclass(frozen=True, eq=False)
class Squeeze:
    """The loop in which the funds' own trade moves the close. assets : in money, by ticker."""

    impact: Impact
    funds: Sequence[LeveragedFund]
    assets: Sequence[float]


def obstacle(setting: Setting) -> str | None:
    """Why a market has no named paths; None if it has."""
    if setting.volatility is not None:
        return (
            "options here are priced from a volatility index, of which named paths have none; without "
            "data.volatility they are priced from what the index did"
        )
    return None


def calm_needed(warm_up: int) -> int:
    """Sessions of calm before a path, for a rule that needs so many bars."""
    return max(CALM_SESSIONS, warm_up + SPARE)


def stage(spec: RunSpec, base: Setting, named: Named, squeeze: Squeeze | None) -> Staged:
    """The market of a spec on a named path.

    Parameters
    ----------
    base : the real market of the spec, of which the last session and the betas are taken.

    Raises
    ------
    LetfError
        If the calendar does not reach so far.
    """
    bars = base.bars
    rule = spec.make_rule()
    calm = calm_needed(rule.warm_up if rule is not None else RAW_WARM_UP)
    day, level = bars.sessions[-1], float(bars.close[-1])
    usual = float(np.median(bars.volume[-BETA_BARS:]))
    made = on_path(named, bars.name, day, level, spec.data.seed, usual, calm, spec.data.calendar)
    without = float(made.path.close[-1] / made.path.close[0] - 1.0)
    moved = None
    if squeeze is not None:
        made, moved = _squeezed(made, squeeze)
    rate = ShortRate.constant(
        float(base.rate.on(bars.sessions[-1:])[0]) if named.rate is None else named.rate
    )
    assets, before = {}, {}
    for name, asset in base.assets.items():
        slope = beta_of(asset, bars)
        whole = _asset(asset, made, slope)
        before[name], assets[name] = whole.first(len(made.before)), whole.last(len(made.path))
    eras = replace(made.path, eras=bars.eras), replace(made.before, eras=bars.eras)
    setting = replace(
        base,
        bars=eras[0],
        rate=rate,
        assets=assets,
        volumes={},
        notes=[],
        borrow=None if base.borrow is None else _last_fee(base.borrow, day),
        known_from=None,
        traded={},
    )
    follows = {ticker: (name, 1.0) for ticker, name in base.follows.items()}
    if rule is not None:
        history = History(eras[1], before, base.funds, {}, rate, 1.0, follows)
        return Staged(replace(setting, history=history), 0, without, moved)
    # A strategy of backtrader's own knows what its feeds have shown it, so these begin with the calm.
    joined = {name: _joined(before[name].last(RAW_WARM_UP), assets[name]) for name in assets}
    bars = _joined(eras[1].last(RAW_WARM_UP), eras[0])
    return Staged(replace(setting, bars=bars, assets=joined, history=None), RAW_WARM_UP, without, moved)


def window_spec(spec: RunSpec, first: datetime.date, last: datetime.date, sessions: np.ndarray) -> RunSpec:
    """A spec in a window of its index, whose sessions are given; that of a strategy of backtrader's own
    begins RAW_WARM_UP sessions before, as far as there are any."""
    if spec.make_rule() is None:
        at = int(np.searchsorted(sessions, np.datetime64(first, "D")))
        first = sessions[max(at - RAW_WARM_UP, 0)].item()
    return spec.with_values({"data.start": first, "data.end": last})


def beta_of(asset: Bars, index: Bars) -> float:
    """The slope of an asset's daily returns on the index's, over the last BETA_BARS of both.

    Raises
    ------
    SpecError
        If the index does not move.
    """
    moves = [b.close[-BETA_BARS - 1 :][1:] / b.close[-BETA_BARS - 1 :][:-1] - 1.0 for b in (asset, index)]
    slope = beta(*moves)
    if slope is None:
        raise SpecError(f"{index.source} does not move, so that {asset.name} has no beta on it")
    return slope


def _asset(real: Bars, made: OnPath, slope: float) -> Bars:
    """An asset before and on a path: its bars over the close before are 1 + beta times those of the index
    without its leader."""
    common = _joined(made.before_common, made.common)
    before = common.close[:-1]
    level = float(real.close[-1])
    moves = {c: 1.0 + slope * (getattr(common, c)[1:] / before - 1.0) for c in PRICES}
    moves = {c: np.maximum(values, LEAST_RATIO) for c, values in moves.items()}
    close = np.cumprod(np.concatenate(([1.0], moves["close"])))
    close *= level / close[len(made.before)]
    columns = {c: np.concatenate((close[:1], close[:-1] * moves[c])) for c in PRICES}
    top = np.maximum.reduce([columns[c] for c in PRICES])
    bottom = np.minimum.reduce([columns[c] for c in PRICES])
    columns |= {"close": close, "high": np.maximum(top, close), "low": np.minimum(bottom, close)}
    usual = float(np.median(real.volume[-BETA_BARS:]))
    volume = np.full(len(close), usual)
    return Bars(
        real.name, common.source, common.timestamps, **columns, volume=volume, simulated=True, eras=real.eras
    )


def _joined(before: Bars, own: Bars) -> Bars:
    columns = {c: np.concatenate((getattr(before, c), getattr(own, c))) for c in (*PRICES, "volume")}
    return replace(own, timestamps=np.concatenate((before.timestamps, own.timestamps)), **columns)


def _squeezed(made: OnPath, squeeze: Squeeze) -> tuple[OnPath, Pushed]:
    """A path with the funds' own trade in its closes; what has no part in the leader is pushed alike."""
    own = made.path.close[1:] / made.path.close[:-1] - 1.0
    found = pushed(squeeze.impact, own, made.sigma[1:], squeeze.funds, squeeze.assets)
    push = found.returns - own
    path, common = (_pushed_bars(bars, push) for bars in (made.path, made.common))
    return made._replace(path=path, common=common), found


def _pushed_bars(bars: Bars, push: Floats) -> Bars:
    """Bars whose closes are pushed by fractions of the close before; the rest of each day is as it was, on
    the scale of the close before."""
    before = bars.close[:-1]
    moves = {c: getattr(bars, c)[1:] / before for c in PRICES}
    moves["close"] = np.maximum(moves["close"] + push, LEAST_RATIO)
    close = bars.close[0] * np.cumprod(np.concatenate(([1.0], moves["close"])))
    columns: Mapping[str, Floats] = {
        c: np.concatenate((getattr(bars, c)[:1], close[:-1] * moves[c])) for c in PRICES
    }
    return replace(
        bars,
        open=columns["open"],
        high=np.maximum(columns["high"], close),
        low=np.minimum(columns["low"], close),
        close=close,
    )


def _last_fee(borrow: BorrowFee, day: np.datetime64) -> BorrowFee:
    return BorrowFee(None, np.array([borrow.at(int(day.astype(np.int64)))]), label=borrow.label)
