"""The markets of a spec on other paths of its index: for the compiled engine a `Scene`, for backtrader a
`Setting`, both of the same prices.

A path begins with the run's first bar, on its date, and what came before stays as it was: rules know it.
Every path is drawn by a generator of its own, from the seed and its number alone, so that none depends on
which others are run, where, or in what order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from engine.kernel.stage import Instrument, Stage
from feeds.bars import PRICES, Bars, locked
from feeds.histories.carried import Rates, Volume, compounded, dividend_yields, held, paid, sessions_of
from feeds.histories.shapes import Shapes
from feeds.histories.steps import Floats, Ints, Model
from feeds.market import Market, Prices
from feeds.rates import BorrowFee, ShortRate
from feeds.volumes import Volumes
from letf_instruments import LeveragedFund
from letf_instruments.daily_fund import DailyFund
from letf_instruments.splits import split_factors, split_policy
from runs.backtest.fund_feeds import first_nav
from runs.backtest.setting import Setting
from runs.specs.run_spec import RunSpec
from runs.sweeps.engines.stage import DAY_ONE, Scene


@dataclass(frozen=True, eq=False)
class Columns:
    """An index or asset on a path. prices : open, high, low, close, shape (4, n). volume : shape (n,).
    dividends : in money, None where it pays nothing. swapped : as `Bars.swapped`."""

    prices: Floats
    volume: Floats
    dividends: Floats | None
    swapped: Floats | None

    @cached_property
    def as_swapped(self) -> Floats:
        """The prices that a fund's swap sees."""
        return self.prices if self.swapped is None else self.prices * self.swapped


@dataclass(frozen=True, eq=False)
class Path:
    """One of them.

    source : the real bar that each bar takes after, shape (n,). rate : shape (n,), fractions a year.
    assets : by name. fund_volumes : by ticker, of those that have one laid over them. seed : for what else is
    drawn on it.
    """

    number: int
    source: Ints
    rate: Floats
    index: Columns
    assets: Mapping[str, Columns]
    fund_volumes: Mapping[str, Floats]
    seed: int


class _Source:
    """What paths of one instrument are made of: its real bars."""

    def __init__(self, bars: Bars) -> None:
        self.bars = bars
        self._shapes = Shapes.of(bars)
        self._volume = Volume.of(bars.volume)
        self._pays = bars.dividends is not None and bool(bars.dividends.any())
        self._yields = dividend_yields(bars.dividends, bars.close) if self._pays else None
        self._ratios = None
        if bars.swapped is not None:
            self._ratios = np.concatenate(([1.0], bars.swapped[1:] / bars.swapped[:-1]))

    def on(self, steps: Any, source: Ints) -> Columns:
        """It on a path whose bars take after those in `source`, which `steps` begins with the second."""
        prices = locked(self._shapes.bars(steps))
        prices = prices.reshape(4, -1)
        bars = self.bars
        swapped = None
        if self._ratios is not None and bars.swapped is not None:
            swapped = compounded(self._ratios, float(bars.swapped[0]), source)
        paying = None if self._yields is None else paid(self._yields, source, prices[3])
        return Columns(prices, locked(self._volume.path(source)), paying, swapped)


class Paths:
    """The paths of a spec.

    Parameters
    ----------
    setting : the real market. funds : those that a run of the spec has. model : of the index. days : sessions
        of a path, its first among them.
    """

    def __init__(
        self,
        spec: RunSpec,
        setting: Setting,
        funds: list[LeveragedFund],
        model: Model,
        seed: int,
        days: int,
    ) -> None:
        bars = setting.bars
        self.spec, self.setting, self.funds, self.model, self.seed = spec, setting, funds, model, seed
        self.sessions = sessions_of(bars.sessions, days, spec.data.calendar)
        self.timestamps = locked(self.sessions.astype("datetime64[us]"))
        self.rates = Rates(setting.rate.on(bars.sessions))
        self._index = _Source(bars)
        self._assets = {name: _Source(asset) for name, asset in setting.assets.items()}
        self._volumes = {
            name: Volume.of(volumes.on(bars.sessions))
            for name, volumes in setting.volumes.items()
            if name != "index"
        }
        self._made = {
            fund.ticker: DailyFund(fund, self.sessions, first_nav(spec, setting, fund)) for fund in funds
        }
        self._days = (self.sessions - DAY_ONE).astype(np.int64)
        fee = setting.borrow if setting.borrow is not None else BorrowFee.of(spec.account.borrow_fee)
        self._fees = np.array([fee.at(int(day)) for day in self._days])
        self._ones, self._none = np.ones(days), locked(np.zeros(days))

    def path(self, number: int) -> Path:
        """A path by its number, from 0."""
        seeds = np.random.SeedSequence(self.seed, spawn_key=(number,))
        rng = np.random.Generator(np.random.PCG64(seeds))
        n = len(self.sessions)
        steps = self.model.steps(rng, n - 1)
        source = np.concatenate(([0], steps.at))
        rate = self.rates.path(rng, n)
        return Path(
            number,
            source,
            rate,
            self._index.on(steps, source),
            {name: asset.on(steps, source) for name, asset in self._assets.items()},
            {name: locked(volume.path(source)) for name, volume in self._volumes.items()},
            int(seeds.generate_state(1)[0]),
        )

    # -- for the compiled engine ------------------------------------------------------------------

    def scene(self, path: Path) -> Scene:
        """The market of a path for the compiled engine, as `make_scene` makes that of a run."""
        setting = self.setting
        index = self._instrument(setting.bars.name, path.index)
        followed = dict.fromkeys(setting.follows.values())
        traded = {setting.bars.name: index}
        traded |= {name: self._instrument(name, path.assets[name]) for name in followed}
        prices: dict[str, Prices] = {}
        factors: dict[str, Floats] = {}
        for fund in self.funds:
            name = fund.ticker
            on = path.assets[setting.follows[name]] if name in setting.follows else path.index
            made = locked(self._made[name].prices(on.as_swapped, path.rate)).reshape(4, -1)
            volume = path.fund_volumes.get(name, self._none)
            prices[name] = Prices(name, fund.multiple, *made, volume)
            policy = split_policy(self.spec.data.splits, fund)
            own, split = made, self._ones
            if policy is not None:
                factor, split = split_factors(policy, self.sessions, made[3])
                if (factor != 1.0).any():
                    factors[name] = factor
                own, volume = made * factor, volume / factor
            traded[name] = Instrument(name, fund.multiple, *own, volume, split, self._none)
        assets = {name: _prices(name, columns) for name, columns in path.assets.items()}
        rest = [name for name in path.assets if name not in traded]
        traded |= {name: self._instrument(name, path.assets[name]) for name in rest}
        market = Market(
            self.timestamps, _prices(setting.bars.name, path.index), prices, assets, setting.events
        )
        close, own = path.index.prices[3], _index_held(path.index)
        stage = Stage(self._days, path.rate, self._fees, close, traded, own)
        return Scene(market, stage, factors, setting.history)

    def _instrument(self, name: str, columns: Columns) -> Instrument:
        dividends = self._none if columns.dividends is None else columns.dividends
        return Instrument(name, 1.0, *columns.prices, columns.volume, self._ones, dividends)

    # -- for backtrader ---------------------------------------------------------------------------

    def on_path(self, path: Path) -> Setting:
        """The market of a path for backtrader."""
        setting = self.setting
        rate = ShortRate(setting.rate.label, self.sessions, path.rate)
        assets = {name: self._bars(setting.assets[name], columns) for name, columns in path.assets.items()}
        bars = self._bars(setting.bars, path.index)
        volumes = {name: made for name, made in setting.volumes.items() if name == "index"}
        for name, volume in path.fund_volumes.items():
            ones = np.ones(len(self.sessions))
            volumes[name] = Volumes(Bars(name, name, self.timestamps, ones, ones, ones, ones, volume))
        return replace(setting, bars=bars, rate=rate, assets=assets, volumes=volumes)

    def _bars(self, real: Bars, columns: Columns) -> Bars:
        prices = dict(zip(PRICES, columns.prices, strict=True))
        return Bars(
            real.name,
            real.source,
            self.timestamps,
            **prices,
            volume=columns.volume,
            simulated=True,
            dividends=columns.dividends,
            swapped=columns.swapped,
            eras=real.eras,
        )


def _prices(name: str, columns: Columns) -> Prices:
    return Prices(name, 1.0, *columns.prices, columns.volume)


def _index_held(columns: Columns) -> Floats:
    close = columns.prices[3]
    return close if columns.dividends is None else held(close, columns.dividends)
