"""What a run happens on: index, funds, assets, rate, volumes and events, loaded once for all that use it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from feeds.assets import load_asset
from feeds.bars import MIN_BARS, PRICES, Bars
from feeds.checking.checks import odd_volume, split_like, warnings_of
from feeds.checking.screen import Screen
from feeds.deposits import Deposits, load_deposits
from feeds.events import BUILT_IN, NONE, Events, load_events
from feeds.history import History, load_history
from feeds.options.volatility import VolatilityIndex, load_volatility
from feeds.rates import BorrowFee, ShortRate
from feeds.sources import data_folder, find_file, load_bars, load_borrow_fee, rate_of
from feeds.total_return import quoted_index, screened_price_index
from feeds.traded.fund import TradedFund
from feeds.volumes import Volumes
from letf_instruments import (
    DataError,
    FundLedger,
    LeveragedFund,
    SpecError,
    known_fund,
    known_tickers,
    synthesize,
)
from runs.answers.fact_words import rate_notes
from runs.backtest.fitted import with_fitted_spreads
from runs.backtest.fund_sources import fund_sources, named_funds
from runs.specs.run_spec import RunSpec


@dataclass(frozen=True, eq=False)
class Setting:
    """The market of a run, as it comes from its sources.

    bars : the index as it is quoted, which rules read and trade, with what it pays; funds follow what makes
        of it the index as it is swapped (`Bars.as_swapped`).
    assets : by name, on the index's bars. volumes : by ticker, or "index" (those are in `bars`).
    notes : what a person should know of the data, a sentence each.
    volatility : the volatility index that prices options, if one is named.
    borrow : the series of borrow fees, if one is named.
    history : what the sources have from before the run, which rules may know and no money is on.
    traded : by ticker, the bars of a fund that has its own where it was traded.
    follows : by ticker, the asset that a fund follows in place of the index.
    known_from : the first session of which anything is known, where the run begins later than was asked
        because its rule would have waited; else None.
    deposits : the payments of account.deposits, if that names a file.
    """

    bars: Bars
    rate: ShortRate
    assets: dict[str, Bars]
    funds: dict[str, LeveragedFund]
    volumes: dict[str, Volumes]
    events: Events
    notes: list[str]
    volatility: VolatilityIndex | None = None
    borrow: BorrowFee | None = None
    history: History | None = None
    known_from: np.datetime64 | None = None
    traded: dict[str, TradedFund] = field(default_factory=dict)
    follows: dict[str, str] = field(default_factory=dict)
    deposits: Deposits | None = None

    @property
    def simulated(self) -> bool:
        """True if any of the prices are not real."""
        own = (traded.bars for traded in self.traded.values())
        return any(bars.simulated for bars in (self.bars, *self.assets.values(), *own))

    def first(self, n: int) -> Setting:
        """The same market, ended after its first n bars."""
        assets = {name: asset.first(n) for name, asset in self.assets.items()}
        return replace(self, bars=self.bars.first(n), assets=assets)

    def fund(self, name: str) -> LeveragedFund:
        """A fund of the run by ticker, or one of the fact tables.

        Raises
        ------
        FactError
            If the tables do not know it.
        """
        return self.funds[name] if name in self.funds else known_fund(name)

    def index_of(self, ticker: str) -> Bars:
        """What a fund follows: the run's index, or one of its own."""
        return self.assets[self.follows[ticker]] if ticker in self.follows else self.bars

    def ledger(self, fund: LeveragedFund, initial_nav: float) -> FundLedger:
        """A fund on its index, with its own bars where it was traded.

        Raises
        ------
        DataError
            If it cannot be made from the index.
        """
        index = self.index_of(fund.ticker).as_swapped()
        traded = self.traded.get(fund.ticker)
        quotes = None if traded is None else traded.on(index.timestamps)
        rates = self.rate.on(index.sessions)
        return synthesize(
            fund, index.sessions, *(getattr(index, c) for c in PRICES), rates, initial_nav, quotes
        )

    def is_index(self, name: str) -> bool:
        """True for the index itself."""
        return name in ("index", self.bars.name)


def load_setting(spec: RunSpec, folder: Path | None = None) -> Setting:
    """Load what a spec's [data] names.

    Raises
    ------
    LetfError
        One sentence, if something is not there or cannot be right.
    """
    data = spec.data
    screen = Screen(data.on_bad_print, data.start, data.end)
    whole, dividends = _index(spec, folder, screen)
    bars = whole.between(data.start, data.end)
    rate = rate_of(spec.place("rates") if data.rates else None, folder, data.rate)
    screen = screen.narrowed(bars.sessions[0], bars.sessions[-1])
    said = [*bars.notes, *warnings_of(bars, data.calendar, prints=False), *dividends]
    notes = [*dict.fromkeys(said), *rate.notes]
    notes += [*rate.covering(bars.sessions[0], bars.sessions[-1]), *screen.rate(rate)]
    notes += rate_notes(rate, named=data.rates is not None or data.rate is not None)
    funds = named_funds(spec)
    if data.spreads == "fitted":
        funds, said = with_fitted_spreads(funds, rate, folder, screen)
        notes += said
    if bars.name.upper() in {name.upper() for name in funds}:
        raise DataError(
            f"{bars.source} is taken for the index, but {bars.name.upper()} is also a fund of this run; "
            "name the index that the fund follows, and the fund's own bars in data.traded, or rename the file"
        )
    if bars.name.upper() in known_tickers() and known_fund(bars.name).multiple != 1:
        own = known_fund(bars.name)
        notes.append(
            f"{bars.source}: {own.ticker} gives {own.multiple:+g} times its index's day, but as the index of "
            "this run it is taken for what it is worth itself; name its index, and the fund in data.traded"
        )
    origins = fund_sources(spec, funds, bars, whole, folder, screen)
    assets: dict[str, Bars] = dict(origins.indexes)
    notes += origins.notes
    for name in data.assets:
        asset, said = load_asset(spec.place(f"assets:{name}"), bars, folder, data.seed, screen)
        if asset.name in origins.indexes:  # held as it is quoted, which is what the fund's index is too
            continue
        _refuse_twice(asset, bars, funds, assets)
        assets[asset.name] = asset
        notes += said
    bars, volumes, said = _with_volumes(spec, bars, funds, folder)
    notes += said
    volatility = _volatility(spec, folder)
    if volatility is not None:
        notes += volatility.notes
        notes += volatility.covering(bars.sessions[0], bars.sessions[-1])
        notes += screen.volatility(volatility)
    events = _events(spec, folder)
    if events.assumed:
        notes.append(f"events: {events.source} is {BUILT_IN[events.source]}")
    elif len(events) and events.source not in BUILT_IN:
        days = bars.sessions
        inside = int(((events.dates >= days[0]) & (events.dates <= days[-1])).sum())
        notes.append(f"{events.source}: {inside:,} of its {len(events):,} events are within the run")
    check_borrow(spec)
    borrow = load_borrow_fee(spec.place("borrow"), folder) if data.borrow else None
    if borrow is not None:
        notes += [
            *borrow.notes,
            *borrow.covering(bars.sessions[0], bars.sessions[-1]),
            *screen.borrow(borrow),
        ]
    sources = [spec.place(f"assets:{name}") for name in data.assets]
    before = None
    if (
        spec.make_rule() is not None
    ):  # a strategy of backtrader's own sees its feeds, which begin with the run
        before, said = load_history(
            whole,
            bars,
            sources,
            funds,
            volumes,
            rate,
            folder,
            data.seed,
            data.on_bad_print,
            origins.followed(data.total_return),
            origins.traded,
        )
        notes += [note for note in said if note not in notes]
    deposits = None
    if isinstance(spec.account.deposits, str):
        deposits = load_deposits(find_file(spec.place("deposits"), data_folder(folder), (".",)))
        notes += deposits.outside(bars.sessions[0], bars.sessions[-1])
    market = (bars, rate, assets, funds, volumes, events, notes, volatility, borrow, before)
    return Setting(*market, traded=origins.traded, follows=origins.follows, deposits=deposits)


def check_borrow(spec: RunSpec) -> None:
    """Refuse a borrow fee that is both a number and a series.

    Raises
    ------
    SpecError
        If it is.
    """
    if spec.data.borrow and spec.account.borrow_fee:
        raise SpecError(
            f"account.borrow_fee ({spec.account.borrow_fee:g}) and data.borrow ({spec.data.borrow}) are two "
            "answers to one question; give one of them"
        )


def _index(spec: RunSpec, folder: Path | None, screen: Screen) -> tuple[Bars, list[str]]:
    """All bars of a run's index, and what was done to them; with dividends and as it is swapped, unless the
    spec wants neither."""
    place, seed = spec.place("index"), spec.data.seed
    if spec.data.total_return:
        return quoted_index(place, folder, seed, screen=screen)
    bars, said = screened_price_index(place, folder, seed, screen)
    why = "as data.total_return is false"
    if bars.holds_dividends:
        return bars, [*said, f"{bars.source}: taken as it is, {why}, but with the dividends that it holds"]
    return bars, [*said, f"{bars.source}: taken as it is quoted, without dividends, {why}"]


def _with_volumes(
    spec: RunSpec, bars: Bars, funds: dict[str, LeveragedFund], folder: Path | None
) -> tuple[Bars, dict[str, Volumes], list[str]]:
    """The index with the volume that the spec lays over it; the volumes, by "index" or a fund's ticker; and
    how they were read and where they have gaps."""
    volumes: dict[str, Volumes] = {}
    notes: list[str] = []
    tickers = {ticker.upper(): ticker for ticker in funds}
    for given, source in spec.data.volumes.items():
        key = f"data.volumes.{given}"
        name = "index" if given in ("index", bars.name) else tickers.get(given.upper())
        if name is None:
            raise SpecError(f"{key}: {given} is neither index nor a fund of data.funds")
        if name in volumes:
            raise SpecError(f"{key}: the volume of {name} is given twice")
        if not bars.daily:
            raise DataError(f"{key}: a volume by session cannot be laid over intraday bars")
        traded = load_bars(spec.place(f"volumes:{source}"), folder, spec.data.seed)
        notes += [note for note in traded.notes if note not in notes]
        volumes[name] = Volumes(traded)
        missing = len(bars) - volumes[name].covers(bars.sessions)
        if missing == len(bars):
            raise DataError(f"{key}: {volumes[name].source} has none of the sessions of this run")
        if missing <= len(bars) - MIN_BARS:  # its prices are not used, but a split is one of its volume too
            used = traded.between(bars.sessions[0], bars.sessions[-1])
            notes += [*split_like(used), *odd_volume(used)]
        if missing:
            notes.append(
                f"{key}: {volumes[name].source} lacks {missing:,} of {len(bars):,} sessions; "
                "they count as without volume"
            )
    if "index" in volumes:
        bars = replace(bars, volume=volumes["index"].on(bars.sessions))
    return bars, volumes, notes


def _events(spec: RunSpec, folder: Path | None) -> Events:
    name = spec.data.events
    if name is None:
        return NONE
    if name in BUILT_IN:
        return load_events(name, spec.data.calendar)
    try:
        path = find_file(spec.place("events"), data_folder(folder), (".",))
    except DataError as error:
        raise DataError(f"events: {error}; built in are {', '.join(BUILT_IN)}") from None
    return load_events(path, spec.data.calendar)


def _volatility(spec: RunSpec, folder: Path | None) -> VolatilityIndex | None:
    if spec.data.volatility is None:
        return None
    return load_volatility(spec.place("volatility"), folder)


def _refuse_twice(asset: Bars, bars: Bars, funds: dict[str, LeveragedFund], assets: dict[str, Bars]) -> None:
    """One name for one thing, whatever its letter case; "index" is the index's."""
    name = asset.name.upper()
    if name in {ticker.upper() for ticker in funds}:
        raise DataError(
            f"{asset.source} is an asset of this run, but {asset.name} is also its fund; "
            f'data.traded = ["{name}"] gives the fund the bars of that file'
        )
    for what, taken in (("index", ("index", bars.name)), ("asset already", assets)):
        if name in {other.upper() for other in taken}:
            raise DataError(
                f"{asset.source} is an asset of this run, but {asset.name} is also its {what}; rename it"
            )
    if name in known_tickers() and known_fund(name).multiple != 1:
        raise DataError(
            f"{asset.source} is an asset of this run, but {name} is a daily-reset fund; name it in "
            "data.funds, and in data.traded to have it as it was traded"
        )
