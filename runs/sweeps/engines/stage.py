"""The market of a run as arrays: what the rule sees, and what the compiled loops trade on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.kernel.stage import Instrument, Stage, Terms
from feeds.bars import Bars
from feeds.deposits import Deposits
from feeds.history import History
from feeds.market import Market, Prices
from feeds.periods import EPOCH
from feeds.rates import BorrowFee
from feeds.volumes import fund_volume
from letf_instruments import LeveragedFund, SpecError
from letf_instruments.splits import split_factors, split_policy
from runs.backtest.fund_feeds import first_nav
from runs.backtest.setting import Setting
from runs.specs.money import AccountSpec, deposits_of
from runs.specs.run_spec import RunSpec

DAY_ONE = np.datetime64("1970-01-01", "D")
assert EPOCH == 719163


@dataclass(frozen=True, eq=False)
class Scene:
    """market : continuous prices, as rules see them. stage : prices as traded. factors : the one over the
    other by instrument and bar, shape (n,), of those that are split."""

    market: Market
    stage: Stage
    factors: dict[str, np.ndarray]
    history: History | None = None  # what came before the first bar


def terms_of(account: AccountSpec, seed: int, dated: Deposits | None = None) -> Terms:
    """The terms of a cash account; `dated` are the payments of its file.

    Raises
    ------
    SpecError
        If it is of another kind.
    """
    if account.kind != "cash":
        raise SpecError(
            f"account.kind is {account.kind!r}; the compiled engine keeps cash accounts only, "
            "--engine backtrader runs the others"
        )
    return Terms(
        account.cash,
        account.whole_shares,
        account.cash_spread,
        account.debt_spread,
        account.margin(),
        account.recall_rate,
        seed,
        deposits_of(account, dated),
    )


def make_scene(spec: RunSpec, setting: Setting, funds: list[LeveragedFund]) -> Scene:
    """The market of a spec, with these funds, as a run of it in backtrader has them.

    Raises
    ------
    LetfError
        If a fund cannot be made from the index, or its real splits are asked for and not known.
    """
    bars, data = setting.bars, spec.data
    rates = setting.rate.on(bars.sessions)
    prices: dict[str, Prices] = {}
    # In the order of the feeds: the index, those that funds follow, the funds, other assets.
    traded = {bars.name: _unsplit(bars)}
    traded |= {name: _unsplit(setting.assets[name]) for name in setting.follows.values()}
    factors = {}
    for fund in funds:
        ledger = setting.ledger(fund, first_nav(spec, setting, fund))
        name = fund.ticker
        own_bars = setting.traded.get(name)
        volume = fund_volume(ledger, bars.timestamps, setting.volumes.get(name), own_bars)
        own = replace(Prices.of_ledger(ledger), volume=volume)
        prices[name] = own
        policy = split_policy(data.splits, fund, None if own_bars is None else own_bars.splits)
        factor, split = split_factors(policy, bars.sessions, ledger.nav)
        if (factor != 1.0).any():
            factors[name] = factor
        traded[name] = Instrument(
            name,
            fund.multiple,
            own.open * factor,
            own.high * factor,
            own.low * factor,
            own.close * factor,
            own.volume / factor,
            split,
            ledger.distributed * factor,
        )
    assets = {name: Prices.of_bars(asset) for name, asset in setting.assets.items()}
    traded |= {name: _unsplit(asset) for name, asset in setting.assets.items() if name not in traded}
    market = Market(bars.timestamps, Prices.of_bars(bars), prices, assets, setting.events)
    stage = Stage(
        (bars.sessions - DAY_ONE).astype(np.int64),
        rates,
        _fees(spec, setting, bars),
        bars.close,
        traded,
        bars.held(),
    )
    return Scene(market, stage, factors, setting.history)


def _unsplit(bars: Bars) -> Instrument:
    """The index or an asset."""
    paid = np.zeros(len(bars)) if bars.dividends is None else bars.dividends
    prices = (bars.open, bars.high, bars.low, bars.close, bars.volume)
    return Instrument(bars.name, 1.0, *prices, np.ones(len(bars)), paid)


def _fees(spec: RunSpec, setting: Setting, bars: Bars) -> np.ndarray:
    fee = setting.borrow if setting.borrow is not None else BorrowFee.of(spec.account.borrow_fee)
    return np.array([fee.at(int(day)) for day in (bars.sessions - DAY_ONE).astype(np.int64)])
