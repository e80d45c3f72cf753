"""[account], [costs] and [options] of a spec: the money at the start, what a broker asks for it, and what
fills cost."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from runs.data_spec import Table

if TYPE_CHECKING:  # backtrader comes with them, and reading a spec need not wait for it
    from engine import Costs, LabBroker
    from feeds.rates import ShortRate


class AccountSpec(Table):
    """[account]: cash and its interest, shorts, margin. Rates are fractions a year.

    cash : money at the start.
    whole_shares : round orders down to whole shares.
    cash_spread : idle cash earns the short rate less this, and nothing if that is more than the rate.
    debt_spread : a debt pays the short rate and this.
    borrow_fee : of a short position's value.
    recall_rate : times a year that a short is recalled on average; drawn from data.seed.
    initial_margin, maintenance_margin : equity needed to open (beside the proceeds) and to keep a short,
        as fractions of its value; long_initial_margin and long_maintenance_margin the same for what is
        owned. Of an unleveraged instrument: a fund's multiple scales them.
    """

    cash: float = Field(100_000.0, gt=0, le=1e15)
    whole_shares: bool = False
    cash_spread: float = Field(0.0, ge=0, le=0.3)
    debt_spread: float = Field(0.0, ge=0, le=0.3)
    borrow_fee: float = Field(0.0, ge=0, le=5)
    recall_rate: float = Field(0.0, ge=0, le=366)
    initial_margin: float = Field(0.5, gt=0, le=10)
    maintenance_margin: float = Field(0.3, ge=0, le=10)
    long_initial_margin: float = Field(0.5, ge=0, le=1)
    long_maintenance_margin: float = Field(0.25, ge=0, le=1)


class CostSpec(Table):
    """[costs]: of every fill. `preset` fills in what is not given.

    Basis points are of the traded value; commission_per_share, commission_per_trade and
    commission_minimum are money; half_spread_cents are cents a share; impact_bps is the slippage of a
    trade as large as the bar's volume; max_participation is the share of that volume that a bar's orders
    may take, 1 for any.
    """

    preset: Literal["zero", "retail", "pro"] = "zero"
    commission_bps: float = Field(0.0, ge=0, le=1000)
    commission_per_share: float = Field(0.0, ge=0)
    commission_per_trade: float = Field(0.0, ge=0)
    commission_minimum: float = Field(0.0, ge=0)
    half_spread_bps: float = Field(0.0, ge=0, le=1000)
    half_spread_cents: float = Field(0.0, ge=0)
    slippage_bps: float = Field(0.0, ge=0, le=1000)
    impact_bps: float = Field(0.0, ge=0, le=1000)
    max_participation: float = Field(1.0, gt=0, le=1)

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, given: Any) -> Any:
        if not isinstance(given, dict) or given.get("preset", "zero") == "zero":
            return given
        from engine import PRESETS

        name = given["preset"]
        base = PRESETS.get(name) if isinstance(name, str) else None
        return given if base is None else {**asdict(base), **given}

    def costs(self) -> Costs:
        """The costs as the broker takes them."""
        from engine import Costs

        return Costs(**self.model_dump(exclude={"preset"}))


class OptionSpec(Table):
    """[options]: what trading options costs: bid to ask as a share of the premium, money a contract."""

    spread: float = Field(0.05, ge=0, le=1)
    commission: float = Field(0.0, ge=0, le=1000)


def broker_of(
    account: AccountSpec,
    costs: CostSpec,
    short_rate: ShortRate | float,
    seed: int,
    options: OptionSpec = OptionSpec(),  # noqa: B008 - it is frozen
) -> LabBroker:
    """The broker that a spec asks for; `seed` is of the recalls."""
    from engine import ContractCosts, LabBroker

    return LabBroker(
        costs=costs.costs(),
        contract_costs=ContractCosts(**options.model_dump()),
        short_rate=short_rate,
        seed=seed,
        **account.model_dump(),
    )
