"""Hedge: hold semiconductors, and add a bear fund until the account's beta is what one wants.

With β_P the beta of what is held, β_H < 0 that of the bear fund, T the target, x and y their shares of
equity:

    funded by selling:  x + y = 1,            x·β_P + y·β_H = T   →   y = (β_P − T) / (β_P − β_H)
    funded by cash:     x = 1 − cash_share,                           y = (x·β_P − T) / |β_H|

Betas are Cov/Var of returns on the index's (Ederington 1979, doi 10.1111/j.1540-6261.1979.tb02077.x). The
beta of a stock has to be estimated, over the last `beta_bars` returns. That of a fund has not: it is its
daily multiple by construction, and a rolling estimate only adds noise (gaps, carry) to a known number.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from pydantic import model_validator

from feeds.market import Market
from letf_instruments import SpecError, known_tickers
from strategies import gauges
from strategies.allocation_rule import AllocationRule, Targets
from strategies.conditions import Measured
from strategies.indicators import drawdown, momentum, rolling_beta, sma
from strategies.parameters import RuleParams, param
from strategies.rule import Bools, Floats

Estimate = Literal["rolling", "multiple"]


class HedgeParams(RuleParams):
    """Parameters of `Hedge`."""

    holding: str = param("index", "", "what is held: index, a fund, or an asset of data.assets")
    holdings: dict[str, float] = param({}, "share of the holding", "several in its place; shares add up to 1")
    hedge: str = param("SOXS", "", "the fund that hedges; its multiple must be negative")
    target_beta: float = param(0.3, "beta", "of the whole account against the index", ge=-3, le=3)
    beta: Estimate = param("rolling", "", "beta of stocks and ETFs: estimated, or taken for 1")
    fund_beta: Estimate = param("multiple", "", "beta of funds: their daily multiple, or estimated")
    beta_bars: int = param(126, "bars", "returns behind an estimated beta", ge=20, le=1000)
    funded_by: Literal["selling", "cash"] = param("selling", "", "what the bear fund is bought with")
    cash_share: float = param(0.2, "share of equity", "kept beside the holding, if by cash", gt=0, lt=1)
    active: Literal["always", "below_average", "high_volatility", "drawdown"] = param(
        "always", "", "the state of the index in which it is hedged"
    )
    average_bars: int = param(200, "bars", "the index's moving average, for below_average", ge=2, le=2000)
    volatility_level: float = param(
        0.3, "fraction a year", "the index's volatility, for high_volatility", gt=0, le=5
    )
    volatility_bars: int = param(20, "bars", "window of that volatility", ge=2, le=2000)
    drawdown_level: float = param(
        0.1, "fraction", "fall from the index's highest close so far, for drawdown", gt=0, lt=1
    )

    @model_validator(mode="after")
    def _consistent(self) -> HedgeParams:
        if self.holdings and self.holding != "index":
            raise ValueError(
                f"rule.holding ({self.holding}) and rule.holdings ({', '.join(self.holdings)}) are two "
                "answers to one question; give one of them"
            )
        for name, share in self.holdings.items():
            if not 0 < share <= 1:
                raise ValueError(f"rule.holdings.{name} is {share:g}; it must be above 0 and at most 1")
        total = sum(self.holdings.values())
        if self.holdings and abs(total - 1) > 1e-6:
            raise ValueError(f"rule.holdings add up to {total:g}; they are shares of the holding, so to 1")
        if self.hedge in (self.holdings or (self.holding,)):
            raise ValueError(f"{self.hedge} cannot be both what is held and what hedges it")
        return self


class Sizes(NamedTuple):
    """Shares of equity, shape (n,): the holding and the bear fund; `wanted` is what the fund's share would
    have to be, were there no bounds to it."""

    holding: Floats
    hedge: Floats
    wanted: Floats


class Hedge(AllocationRule):
    """Holds, and hedges with a bear fund to a target beta: always, or only in risk-off.

    `beta_of_holding`, `hedging` and `unhedged` are what a comparison with other hedges needs.
    """

    name = "hedge"
    summary = "holds semiconductors and adds a bear fund to bring the account's beta to a target"
    when = (
        "A hedge is worth its price when one cannot or will not sell, or for a few days or weeks around a "
        "known risk. It works where what is held moves with the index: a stock's own bad news stays. Kept "
        "on for months it costs fee and trading, in chop the fund's decay too, and whoever can sell gets the "
        "same beta by holding less. Sized too large it is no hedge but a short bet."
    )
    Params = HedgeParams
    params: HedgeParams

    STATES = ("unhedged: risk-on", "hedged")

    @property
    def shares(self) -> dict[str, float]:
        """Share of the holding by instrument; they add up to 1."""
        return dict(self.params.holdings) or {self.params.holding: 1.0}

    @property
    def instruments(self) -> tuple[str, ...]:
        return (*self.shares, self.params.hedge)

    @property
    def unhedged(self) -> float:
        """Share of equity in the holding while there is no hedge."""
        return 1.0 if self.params.funded_by == "selling" else 1.0 - self.params.cash_share

    @property
    def warm_up(self) -> int:
        p = self.params
        funds = known_tickers()
        names = [name for name in self.instruments if name != "index"]
        ways = [p.fund_beta if name in funds else p.beta for name in names]
        gauge = {"below_average": p.average_bars, "high_volatility": p.volatility_bars + 1}
        return max(p.beta_bars + 1 if "rolling" in ways else 1, gauge.get(p.active, 1))

    def beta_of(self, market: Market, name: str) -> Floats:
        """Beta of an instrument against the index, shape (n,); NaN until it is known."""
        prices = market[name]
        if prices is market.index:
            return np.ones(len(market))
        way = self.params.fund_beta if name in market.funds else self.params.beta
        if way == "multiple":
            return np.full(len(market), prices.multiple)
        returns, index = momentum(prices.close, 1), momentum(market.index.close, 1)
        return rolling_beta(returns, index, self.params.beta_bars)

    def beta_of_holding(self, market: Market) -> Floats:
        """Beta of all that is held, without the hedge, shape (n,); NaN until it is known."""
        total = np.zeros(len(market))
        for name, share in self.shares.items():
            total += share * self.beta_of(market, name)
        return total

    def hedging(self, market: Market) -> tuple[Bools, Bools]:
        """Where `active` asks for the hedge, and where that is known; shape (n,) each."""
        p, close = self.params, market.index.close
        always = np.ones(len(market), dtype=bool)
        if p.active == "below_average":
            return gauges.on_side(market, p.average_bars, "below"), ~np.isnan(sma(close, p.average_bars))
        if p.active == "high_volatility":
            volatility = gauges.volatility(market, p.volatility_bars)
            return volatility > p.volatility_level, ~np.isnan(volatility)
        if p.active == "drawdown":
            return drawdown(close) < -p.drawdown_level, always
        return always, always

    def sizes(self, market: Market) -> Sizes:
        """What hedging takes on every bar, whether it is asked for there or not; NaN until it is known.

        Raises
        ------
        SpecError
            If what hedges is no bear fund.
        """
        p = self.params
        multiple = market[p.hedge].multiple
        if multiple >= 0:
            raise SpecError(
                f"rule.hedge is {p.hedge}, whose multiple is {multiple:+g}; a hedge needs a negative one"
            )
        held, fund = self.beta_of_holding(market), self.beta_of(market, p.hedge)
        fund = np.where(fund < 0, fund, np.nan)
        # Above the holding's own beta there is nothing to hedge; the fund is never sold short.
        if p.funded_by == "selling":
            gap = np.maximum(held - p.target_beta, 0.0)
            wanted = np.divide(gap, held - fund, out=np.zeros(len(gap)), where=gap != 0)
            hedge = np.minimum(wanted, 1.0)
            return Sizes(1.0 - hedge, hedge, wanted)
        wanted = np.maximum(self.unhedged * held - p.target_beta, 0.0) / -fund
        hedge = np.minimum(wanted, p.cash_share)
        return Sizes(np.where(np.isnan(hedge), np.nan, self.unhedged), hedge, wanted)

    def measured(self, market: Market) -> dict[str, tuple[Measured, ...]]:
        p, close = self.params, market.index.close
        beta = Measured("beta of the holding", self.beta_of_holding(market), p.target_beta)
        gauge = {
            "always": lambda: (),
            "below_average": lambda: (Measured("close", close, sma(close, p.average_bars)),),
            "high_volatility": lambda: (
                Measured(
                    "volatility", gauges.volatility(market, p.volatility_bars), p.volatility_level, share=True
                ),
            ),
            "drawdown": lambda: (Measured("fall", drawdown(close), -p.drawdown_level, share=True),),
        }[p.active]()
        return {self.STATES[0]: gauge, self.STATES[1]: (*gauge, beta)}

    def targets(self, market: Market) -> Targets:
        sizes = self.sizes(market)
        on, known = self.hedging(market)
        known = known & ~np.isnan(sizes.hedge)
        holding = np.where(known, np.where(on, sizes.holding, self.unhedged), np.nan)
        hedge = np.where(known, np.where(on, sizes.hedge, 0.0), np.nan)
        weights = {name: share * holding for name, share in self.shares.items()}
        return Targets(
            {**weights, self.params.hedge: hedge},
            dict(zip(self.STATES, (known & ~on, known & on), strict=True)),
        )

    def resting(self, market: Market) -> dict[str, Floats]:
        """Behind a closed filter the holding stays, unhedged."""
        return {name: np.full(len(market), share * self.unhedged) for name, share in self.shares.items()}

    def notes(self, market: Market) -> list[str]:
        p, said = self.params, []
        seen = self.with_lead_in(market)
        wanted = self.sizes(seen).wanted[seen.lead - market.lead :]
        most = 1.0 if p.funded_by == "selling" else p.cash_share
        short = int((wanted > most * (1 + 1e-12)).sum())
        idle = int((wanted == 0).sum())
        bars = int((~np.isnan(wanted)).sum())
        if short:
            money = f"rule.cash_share of {most:g}" if p.funded_by == "cash" else "the whole account"
            said.append(
                f"{money} does not suffice for a beta of {p.target_beta:g} on {short:,} of {bars:,} bars: "
                f"{np.nanmax(wanted):.3g} of equity in {p.hedge} would be needed at the most"
            )
        if idle:
            said.append(
                f"on {idle:,} of {bars:,} bars the holding's own beta is not above the target of "
                f"{p.target_beta:g}, so there is nothing to hedge"
            )
        plan = self.plan
        if not plan.trades_back:
            said.append(
                "the plan has no schedule and no band: once bought the hedge is never brought back to its "
                "target; plan.exposure_band = 0.1 would"
            )
        elif not plan.scheduled and plan.band is None and len(self.shares) > 1:
            said.append(
                "plan.exposure_band does not see the shares of the holding drift; they come back only when "
                "the hedge is traded, plan.band would see to them"
            )
        return said
