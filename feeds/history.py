"""Bars from before a run's first, so that rules know their averages on its first day.

A run begins with its money on a day; what came before is known to whoever trades that day. A rule sees the
bars before the run's first in front of the run's own. Funds are followed through them and brought to the
scale of the run, on which a fund has its first price at the run's first close.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from feeds.assets import asset_before
from feeds.bars import MIN_BARS, PRICES, Bars
from feeds.market import Floats, Market, Prices
from feeds.memory import Source
from feeds.rates import ShortRate
from feeds.screen import OnBadPrint, Screen
from feeds.volumes import Volumes
from letf_instruments import FundLedger, LeveragedFund, known_fund, synthesize


@dataclass(frozen=True, eq=False)
class History:
    """What came before the first bar of a run, on the scale of the run.

    bars : the index. assets : by name, on the same bars.
    funds : of the run by ticker; others are those of the fact tables.
    volumes : of funds, by ticker. rate : the short rate.
    """

    bars: Bars
    assets: Mapping[str, Bars]
    funds: Mapping[str, LeveragedFund]
    volumes: Mapping[str, Volumes]
    rate: ShortRate
    _followed: dict[tuple[str, float], Prices] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.bars)

    def before(self, market: Market) -> Market:
        """A run's market with these bars in front of its own; `lead` counts them. One that has them already
        is returned as it is."""
        if market.lead:
            return market
        return Market(
            np.concatenate((self.bars.timestamps, market.timestamps)),
            _joined(Prices.of_bars(self.bars), market.index),
            {name: self._fund(market, name) for name in market.funds},
            {name: _joined(Prices.of_bars(self.assets[name]), own) for name, own in market.assets.items()},
            market.events,
            len(self),
        )

    def _fund(self, market: Market, name: str) -> Prices:
        own = market.funds[name]
        key = (name, float(own.close[0]))
        if key not in self._followed:
            self._followed[key] = self._follow(market, name)
        ahead = self._followed[key]
        # Its last bar is the run's first, which the run itself shows flat: there the fund is created.
        columns = {c: np.concatenate((getattr(ahead, c), getattr(own, c)[1:])) for c in PRICES}
        volume = np.concatenate((ahead.volume[:-1], own.volume))
        return replace(own, **columns, volume=volume)

    def _follow(self, market: Market, name: str) -> Prices:
        """The fund over these bars and the run's first, at its first price there."""
        fund = self.funds[name] if name in self.funds else known_fund(name)
        own, index = market.funds[name], market.index
        columns = {c: np.append(getattr(self.bars, c), getattr(index, c)[0]) for c in PRICES}
        sessions = np.append(self.bars.sessions, market.sessions[0])
        begin, ledger = self._alive(fund, sessions, columns)
        # Before it was wiped out and founded anew there is nothing to see of a fund but its price then.
        if ledger.close[-1] > 0:
            scale = own.close[0] / ledger.close[-1]
            ahead = {
                c: scale * np.append(np.full(begin, ledger.close[0]), getattr(ledger, c)) for c in PRICES
            }
        else:
            ahead = {c: np.full(len(sessions), own.close[0]) for c in PRICES}
        volumes = self.volumes.get(name)
        volume = np.zeros(len(sessions)) if volumes is None else volumes.on(sessions)
        return Prices(name, own.multiple, **ahead, volume=volume)

    def _alive(
        self, fund: LeveragedFund, sessions: np.ndarray, columns: Mapping[str, Floats]
    ) -> tuple[int, FundLedger]:
        """The ledger from the last bar on at which the fund was founded anew, and that bar: a run's fund is a
        new one, whatever became of an earlier one."""
        begin = 0
        rates = self.rate.on(sessions)
        while True:
            prices = (columns[c][begin:] for c in ("open", "high", "low", "close"))
            ledger = synthesize(fund, sessions[begin:], *prices, rates[begin:])
            dead = ledger.wiped_out_at
            if dead is None or begin + dead + 2 > len(sessions) - 1:
                return begin, ledger
            begin += dead + 1


def load_history(
    whole: Bars,
    bars: Bars,
    assets: Sequence[Source],
    funds: Mapping[str, LeveragedFund],
    volumes: Mapping[str, Volumes],
    rate: ShortRate,
    folder: Path | None,
    seed: int,
    on_bad_print: OnBadPrint,
) -> tuple[History | None, list[str]]:
    """What there is from before a run, as far back as all that it uses goes, and what there is to say of it;
    None if that is next to nothing.

    Parameters
    ----------
    whole : all bars of the index. bars : those of the run. assets : sources as in `load_asset`.
    on_bad_print : "keep" leaves false prints as they are; otherwise they are mended, as no fill is made at
        them.

    Raises
    ------
    DataError
        If a price from before the run is false that cannot be mended.
    """
    lead = int(np.searchsorted(whole.timestamps, bars.timestamps[0]))
    if lead < MIN_BARS:
        return None, []
    screen = Screen("keep" if on_bad_print == "keep" else "close", why="as nothing is filled before the run")
    before, said = screen.bars(whole.first(lead))
    aligned: dict[str, Bars] = {}
    for name in assets:
        asset, of_asset = asset_before(name, before, folder, seed, screen)
        said += of_asset
        if asset is None:
            return None, said
        aligned[asset.name] = asset
    shortest = min((len(asset) for asset in aligned.values()), default=lead)
    before = before.last(shortest)
    if "index" in volumes:
        before = replace(before, volume=volumes["index"].on(before.sessions))
    said.append(
        f"rules also know the {shortest:,} bars before {bars.sessions[0]}, from {before.sessions[0]} on; "
        f"the account begins on {bars.sessions[0]}"
    )
    same = {name: asset.last(shortest) for name, asset in aligned.items()}
    return History(before, same, funds, volumes, rate), said


def _joined(before: Prices, own: Prices) -> Prices:
    columns = {c: np.concatenate((getattr(before, c), getattr(own, c))) for c in (*PRICES, "volume")}
    return replace(own, **columns)
