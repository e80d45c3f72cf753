"""The fund feeds of a run, and what there is to say of their prices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from letf_instruments import LeveragedFund, SpecError
from letf_instruments.splits import SplitPolicy, split_factors, split_policy
from runs.backtest.setting import Setting
from runs.specs.run_spec import RunSpec
from strategies import Rule

if TYPE_CHECKING:
    from feeds.backtrader_feeds import BarsFeed, FundFeed

FIRST_PRICE = 100.0


def funds_of(setting: Setting, rule: Rule | None) -> list[LeveragedFund]:
    """The funds of a run: those that are traded and not named, then those that are watched."""
    traded = () if rule is None else rule.instruments
    extra = [
        setting.fund(name)
        for name in traded
        if not setting.is_index(name) and name not in setting.assets and name not in setting.funds
    ]
    return [*extra, *setting.funds.values()]


def run_feeds(spec: RunSpec, setting: Setting, rule: Rule | None) -> list[BarsFeed | FundFeed]:
    """The feeds of a run in their order: the index, those that funds follow in its place, the funds, other
    assets.

    Raises
    ------
    FactError
        If real splits are asked for of a fund whose splits are not known.
    """
    from feeds.backtrader_feeds import BarsFeed

    feeds = {bars.name: BarsFeed(dataname=bars) for bars in (setting.bars, *setting.assets.values())}
    followed = dict.fromkeys((setting.bars.name, *setting.follows.values()))
    funds = [
        fund_feed(spec, setting, fund, feeds[setting.index_of(fund.ticker).name])
        for fund in funds_of(setting, rule)
    ]
    others = [feed for name, feed in feeds.items() if name not in followed]
    return [*(feeds[name] for name in followed), *funds, *others]


def fund_feed(
    spec: RunSpec, setting: Setting, fund: LeveragedFund, index: object, split: bool = True
) -> FundFeed:
    """The feed of a fund; without `split` it is never split.

    Raises
    ------
    FactError
        If real splits are asked for and not known.
    """
    from feeds.backtrader_feeds import FundFeed

    return FundFeed(
        dataname=index,
        fund=fund,
        short_rate=setting.rate,
        initial_nav=first_nav(spec, setting, fund),
        volume=setting.volumes.get(fund.ticker),
        splits=spec.data.splits if split else "none",
        traded=setting.traded.get(fund.ticker),
    )


def is_printed(spec: RunSpec, setting: Setting, ticker: str) -> bool:
    """True if the prices of a fund are those that were printed, wherever it was traded."""
    traded = setting.traded.get(ticker)
    return spec.data.splits == "actual" and traded is not None and traded.shares(setting.bars.timestamps)


def first_nav(spec: RunSpec, setting: Setting, fund: LeveragedFund) -> float:
    """The price of a fund at the first bar: that which the spec gives, else that from which it comes to what
    was printed where it was traded, else 100.

    Raises
    ------
    SpecError
        If a first price is given and another one was printed.
    """
    given = {name.upper(): price for name, price in spec.data.first_price.items()}.get(fund.ticker.upper())
    if not is_printed(spec, setting, fund.ticker):
        return FIRST_PRICE if given is None else given
    if given is not None:
        raise SpecError(
            f'data.first_price.{fund.ticker}: with data.traded and splits = "actual" its prices are those '
            "that were printed; take it out"
        )
    ledger = setting.ledger(fund, FIRST_PRICE)
    at, printed = setting.traded[fund.ticker].first_print(setting.bars.timestamps)
    splits = split_factors(_policy(setting, fund), setting.bars.sessions, ledger.nav)[0][at]
    return float(FIRST_PRICE * printed / (ledger.nav[at] * splits))


def _policy(setting: Setting, fund: LeveragedFund) -> SplitPolicy | None:
    return split_policy("actual", fund, setting.traded[fund.ticker].splits)


def dividend_note(paid: Mapping[Any, float]) -> list[str]:
    """What was paid in dividends, by feed, and that what is held beside a run does otherwise."""
    total = {feed._name: money for feed, money in paid.items() if abs(money) >= 0.5}
    return [
        f"{name}: {abs(money):,.0f} were {'received' if money > 0 else 'paid'} in dividends, in cash; "
        f"“{name} held” puts them back into {name}"
        for name, money in total.items()
    ]


def price_notes(spec: RunSpec, setting: Setting, feeds: list[FundFeed]) -> list[str]:
    """Where prices are not those at which shares trade although something depends on them, a sentence
    each."""
    if not feeds:
        return []
    if spec.data.splits == "none":
        asked = [
            name
            for name, given in (
                ("half_spread_cents", spec.costs.half_spread_cents),
                ("commission_per_share", spec.costs.commission_per_share),
                ("whole_shares", spec.account.whole_shares),
            )
            if given
        ]
        if not asked:
            return []
        return [
            f"{' and '.join(asked)}: prices of the funds are not as traded, as data.splits is none, so a "
            "share's size means little"
        ]
    if spec.data.splits != "actual":
        return []
    begin = setting.bars.sessions[0]
    given = {name.upper() for name in spec.data.first_price}
    # By name: comparing two feeds with == would make a line operation of backtrader's of them.
    as_printed = {feed._name for feed in feeds if is_printed(spec, setting, feed._name)}
    printed = [feed for feed in feeds if feed._name in as_printed]
    feeds = [feed for feed in feeds if feed._name not in as_printed]
    unpriced = [feed._name for feed in feeds if feed.may_split and feed._name.upper() not in given]
    unknown = [
        f"{name} begins at {FIRST_PRICE:g}, not at its real price, so a cent is another part of it than it "
        f"was; data.first_price.{name} sets it"
        for name in unpriced
    ]
    return (
        unknown
        + [
            f"{feed._name}: it has real splits only since its inception on {feed.fund.inception}; before it, "
            "and after it by the same factor, prices are not those at which shares traded"
            for feed in feeds
            if feed.fund.inception is not None and begin < feed.fund.inception
        ]
        + [
            f"{feed._name}: before its own bars begin on {feed.traded.bars.sessions[0]} its prices are a "
            "model's, on the scale of the first that was printed"
            for feed in printed
            if feed.traded is not None and begin < feed.traded.bars.sessions[0]
        ]
    )
