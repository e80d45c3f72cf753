"""Bars from before a run's first, so that rules know their averages on its first day.

A run begins with its money on a day; what came before is known to whoever trades that day. A rule sees the
bars before the run's first in front of the run's own. Funds are followed through them and brought to the
scale of the run, on which a fund has its first price at the run's first close.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np

from feeds.assets import aligned, read_asset, read_followed
from feeds.bars import MIN_BARS, PRICES, Bars
from feeds.checking.prints import UNMENDED, false_prints
from feeds.checking.screen import OnBadPrint, Screen
from feeds.market import Floats, Market, Prices
from feeds.rates import ShortRate
from feeds.reading.memory import Memory, Source
from feeds.traded.fund import TradedFund
from feeds.volumes import Volumes
from letf_instruments import DataError, FundLedger, LeveragedFund, known_fund, synthesize


@dataclass(frozen=True)
class Followed:
    """Indexes that funds of a run follow in place of the run's own.

    sources : as in `load_followed`. by_ticker : as `History.follows`. total_return : as in `load_followed`.
    """

    sources: tuple[str | Memory, ...] = ()
    by_ticker: Mapping[str, tuple[str, float]] = field(default_factory=dict)
    total_return: bool = True


@dataclass(frozen=True, eq=False)
class History:
    """What came before the first bar of a run, on the scale of the run.

    bars : the index. assets : by name, on the same bars.
    funds : of the run by ticker; others are those of the fact tables.
    volumes : of funds, by ticker. rate : the short rate.
    swapped : of the run's first bar, as `Bars.swapped` has it for these.
    follows : the asset that a fund follows, by ticker, of those that do not follow the index; with what
        `swapped` is of that asset.
    traded : funds that have bars of their own, by ticker.
    """

    bars: Bars
    assets: Mapping[str, Bars]
    funds: Mapping[str, LeveragedFund]
    volumes: Mapping[str, Volumes]
    rate: ShortRate
    swapped: float = 1.0
    follows: Mapping[str, tuple[str, float]] = field(default_factory=dict)
    traded: Mapping[str, TradedFund] = field(default_factory=dict)
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
        own, index, seen, swapped = market.funds[name], market.index, self.bars, self.swapped
        if name in self.follows:
            other, swapped = self.follows[name]
            index, seen = market.assets[other], self.assets[other]
        seen = seen.as_swapped()
        columns = {c: np.append(getattr(seen, c), getattr(index, c)[0] * swapped) for c in PRICES}
        stamps = np.append(self.bars.timestamps, market.timestamps[0])
        sessions = stamps.astype("datetime64[D]")
        begin, ledger = self._alive(fund, stamps, columns)
        # Before it was wiped out and founded anew there is nothing to see of a fund but its price then.
        if ledger.close[-1] > 0:
            scale = own.close[0] / ledger.close[-1]
            ahead = {
                c: scale * np.append(np.full(begin, ledger.close[0]), getattr(ledger, c)) for c in PRICES
            }
        else:
            ahead = {c: np.full(len(sessions), own.close[0]) for c in PRICES}
        volume = np.zeros(len(sessions))
        if name in self.volumes:
            volume = self.volumes[name].on(sessions)
        elif name in self.traded and ledger.close[-1] > 0:
            volume[begin:] = self.traded[name].volume_on(stamps[begin:], ledger.scale * scale)
        return Prices(name, own.multiple, **ahead, volume=volume)

    def _alive(
        self, fund: LeveragedFund, stamps: np.ndarray, columns: Mapping[str, Floats]
    ) -> tuple[int, FundLedger]:
        """The ledger from the last bar on at which the fund was founded anew, and that bar: a run's fund is a
        new one, whatever became of an earlier one."""
        begin = 0
        sessions = stamps.astype("datetime64[D]")
        rates = self.rate.on(sessions)
        traded = self.traded.get(fund.ticker)
        while True:
            prices = (columns[c][begin:] for c in ("open", "high", "low", "close"))
            quotes = None if traded is None else traded.on(stamps[begin:])
            ledger = synthesize(fund, sessions[begin:], *prices, rates[begin:], traded=quotes)
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
    followed: Followed | None = None,
    traded: Mapping[str, TradedFund] | None = None,
) -> tuple[History | None, list[str]]:
    """What there is from before a run, as far back as all that it uses goes, and what there is to say of it;
    None if that is next to nothing.

    Parameters
    ----------
    whole : all bars of the index. bars : those of the run. assets : sources as in `load_asset`.
    followed : indexes of funds that do not follow the run's. traded : funds that have bars of their own.
    on_bad_print : "keep" leaves false prints as they are. Otherwise those that can be mended are, as nothing
        is filled at them, and what is known begins after the last that cannot be.
    """
    last = bars.sessions[0] - 1
    before, said = _until(whole, last, on_bad_print)
    if before is None:
        return None, said
    starts = {volume.source: volume.first for volume in volumes.values()}
    if rate.days is not None:
        starts[rate.label] = rate.days[0].astype("datetime64[D]")
    found: list[Bars] = []
    span = (before.sessions[0], bars.sessions[-1])
    readers = [partial(read_asset, name, folder, seed, span, None) for name in assets]
    follow = Followed() if followed is None else followed
    readers += [
        partial(read_followed, name, folder, seed, None, follow.total_return) for name in follow.sources
    ]
    for read in readers:
        try:
            asset, _ = read()
        except DataError as error:
            return None, [*said, f"{error}; rules know no bars before {bars.sessions[0]}"]
        known, mended = _until(asset, last, on_bad_print)
        said += mended
        starts[asset.source] = bars.sessions[0] if known is None else known.sessions[0]
        found += [] if known is None else [known]
    latest = max(starts, key=lambda source: starts[source], default=None)
    shortened = latest is not None and starts[latest] > before.sessions[0]
    count = (
        int((before.sessions >= starts[latest]).sum()) if latest is not None and shortened else len(before)
    )
    if count < MIN_BARS:
        return None, [*said, f"rules know no bars before {bars.sessions[0]}, as {latest} has none there"]
    before = before.last(count)
    try:
        on_index = {asset.name: aligned(asset, before, []) for asset in found}
    except DataError as error:
        return None, [*said, f"{error}; rules know no bars before {bars.sessions[0]}"]
    if "index" in volumes:
        before = replace(before, volume=volumes["index"].on(before.sessions))
    why = f", as {latest} goes back no further" if shortened else ""
    said.append(
        f"rules also know the {count:,} bars before {bars.sessions[0]}, from {before.sessions[0]} on{why}; "
        f"the account begins on {bars.sessions[0]}"
    )
    swapped = 1.0 if bars.swapped is None else float(bars.swapped[0])
    return History(before, on_index, funds, volumes, rate, swapped, follow.by_ticker, traded or {}), said


def _until(bars: Bars, last: np.datetime64, on_bad_print: OnBadPrint) -> tuple[Bars | None, list[str]]:
    """The bars to a session, judged with those after it too; None if that is next to nothing."""
    said = []
    if on_bad_print != "keep":
        stuck = false_prints(bars).within(None, last).only(UNMENDED)
        if len(stuck):
            i = int(stuck.at[-1])
            said.append(
                f"{bars.where(i)}: {stuck.sentence(i)}: it looks like a false print, and what came "
                "before the run is known from after it on"
            )
            bars = bars.last(len(bars) - i - 1)
    choice: OnBadPrint = "keep" if on_bad_print == "keep" else "close"
    bars, mended = Screen(choice, None, last, "as nothing is filled before the run").bars(bars)
    count = int((bars.sessions <= last).sum())
    return (bars.first(count) if count >= MIN_BARS else None), [*said, *mended]


def _joined(before: Prices, own: Prices) -> Prices:
    columns = {c: np.concatenate((getattr(before, c), getattr(own, c))) for c in (*PRICES, "volume")}
    return replace(own, **columns)
