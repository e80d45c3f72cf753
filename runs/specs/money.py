"""[account], [costs] and [options] of a spec: the money at the start, what a broker asks for it, and what
fills cost."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, field_validator, model_validator

from letf_instruments import SpecError
from runs.specs.data import Table, is_data_file

if TYPE_CHECKING:  # backtrader comes with them, and reading a spec need not wait for it
    from engine import Costs, LabBroker, Margin, TaxTerms
    from feeds.deposits import Deposits
    from feeds.rates import BorrowFee, ShortRate


OF_CASH = (
    "recall_rate",
    "initial_margin",
    "maintenance_margin",
    "long_initial_margin",
    "long_maintenance_margin",
)
OF_CFD = (
    "margin_rate",
    "stop_out",
    "financing_spread",
    "interest_on_equity",
    "negative_balance_protection",
)


PERIODS = ("week", "month", "quarter", "year")


class DepositSpec(Table):
    """account.deposits: so much, again and again.

    amount : money paid in; negative is paid out.
    every : "week" (from Monday), "month", "quarter" or "year", on its first session, the first period of the
        run left out; or a number of sessions, the first payment so many after the run's first one.
    """

    amount: float = Field(ge=-1e15, le=1e15)
    every: Literal["week", "month", "quarter", "year"] | int = "month"

    @field_validator("every", mode="before")
    @classmethod
    def _a_period(cls, value: Any) -> Any:
        whole = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 10_000
        if value not in PERIODS and not whole:
            raise ValueError(
                f"account.deposits.every is {value!r}; it should be {', '.join(map(repr, PERIODS))}, or a "
                "number of sessions from 1 to 10,000"
            )
        return value


TAXES = ("us", "kr")


class TaxSpec(Table):
    """account.tax: tax on realised gains. `preset` fills in what is not given.

    Keys are those of `engine.TaxTerms`; without a preset short_rate and pay_on are needed.
    """

    preset: Literal["us", "kr"] | None = None
    method: Literal["fifo", "average"] = "fifo"
    short_rate: float = Field(ge=0, le=1)
    long_rate: float | None = Field(None, ge=0, le=1)
    long_after: int = Field(365, ge=0, le=36_500)
    allowance: float = Field(0.0, ge=0, le=1e15)
    pay_on: str
    carry_losses: bool = False

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, given: Any) -> Any:
        name = given.get("preset") if isinstance(given, dict) else None
        if name not in TAXES:
            return given
        from engine import TAX_PRESETS

        return {**asdict(TAX_PRESETS[name]), **given}

    @model_validator(mode="after")
    def _is_some_tax(self) -> TaxSpec:
        try:
            self.terms()
        except SpecError as error:
            raise ValueError(f"account.{error}") from None
        return self

    def terms(self) -> TaxTerms:
        """The tax as the broker takes it."""
        from engine import TaxTerms

        return TaxTerms(**self.model_dump(exclude={"preset"}))


class AccountSpec(Table):
    """[account]: cash and its interest, shorts, margin. Rates are fractions a year.

    kind : "cash" buys and sells short; "cfd" trades contracts for difference.
    cash : money at the start.
    deposits : money paid in while the run goes on, `DepositSpec`; or a .csv with the columns date and amount.
    tax : on realised gains, `TaxSpec`, or "us" or "kr"; None for none.
    whole_shares : round orders down to whole shares.
    shorts : "allow", or "refuse": a sale closes at most what is held. None: "refuse" for a person's own
        `backtrader.Strategy` on a cash account, which might sell too much unawares; "allow" for rules, whose
        plans and weights say themselves what is short, and for CFDs.
    cash_spread : idle cash earns the short rate less this, and nothing if that is more than the rate.
    debt_spread : a debt pays the short rate and this.
    borrow_fee : of a short position's value.
    recall_rate : times a year that a short is recalled on average; drawn from data.seed.
    initial_margin, maintenance_margin : equity needed to open (beside the proceeds) and to keep a short,
        as fractions of its value; long_initial_margin and long_maintenance_margin the same for what is
        owned. Of an unleveraged instrument: a fund's multiple scales them.

    Of a CFD account:

    margin_rate : share of a contract's notional that it ties up; 0.2 is 5x.
    stop_out : share of the margin in use; at an equity of this, everything is closed.
    financing_spread : longs pay the short rate and this on the notional, shorts receive the rate less this.
    interest_on_equity : equity earns the short rate less cash_spread.
    negative_balance_protection : the provider bears a loss beyond the stake.
    """

    kind: Literal["cash", "cfd"] = "cash"
    cash: float = Field(100_000.0, ge=0.01, le=1e15)
    deposits: DepositSpec | str | None = None
    tax: TaxSpec | None = None
    whole_shares: bool = False
    shorts: Literal["refuse", "allow"] | None = None
    cash_spread: float = Field(0.0, ge=0, le=0.3)
    debt_spread: float = Field(0.0, ge=0, le=0.3)
    borrow_fee: float = Field(0.0, ge=0, le=5)
    recall_rate: float = Field(0.0, ge=0, le=366)
    initial_margin: float = Field(0.5, gt=0, le=10)
    maintenance_margin: float = Field(0.3, ge=0, le=10)
    long_initial_margin: float = Field(0.5, ge=0, le=1)
    long_maintenance_margin: float = Field(0.25, ge=0, le=1)
    margin_rate: float = Field(0.2, ge=0, le=1)
    stop_out: float = Field(0.5, ge=0, lt=1)
    financing_spread: float = Field(0.025, ge=0, le=0.3)
    interest_on_equity: bool = False
    negative_balance_protection: bool = True

    @field_validator("deposits", mode="before")
    @classmethod
    def _payments(cls, value: Any) -> Any:
        if value is None or isinstance(value, (dict, DepositSpec)):
            return value
        if not (isinstance(value, str) and is_data_file(value)):
            raise ValueError(
                f'account.deposits is {value!r:.60}; it should be {{amount = 500, every = "month"}}, or a '
                ".csv file with the columns date and amount"
            )
        return value

    @field_validator("tax", mode="before")
    @classmethod
    def _a_tax(cls, value: Any) -> Any:
        if value is None or isinstance(value, (dict, TaxSpec)):
            return value
        if value not in TAXES:
            raise ValueError(
                f"account.tax is {value!r:.60}; it should be {' or '.join(map(repr, TAXES))}, or a table "
                'such as {preset = "us", short_rate = 0.24}'
            )
        return {"preset": value}

    @model_validator(mode="after")
    def _tax_is_of_shares(self) -> AccountSpec:
        if self.tax is not None and self.kind == "cfd":
            raise ValueError(
                'account.tax is worked out of shares alone, and account.kind is "cfd"; take one of them out'
            )
        return self

    @model_validator(mode="after")
    def _margin_is_something(self) -> AccountSpec:
        if self.margin_rate < 0.001:
            raise ValueError(
                f"account.margin_rate is {self.margin_rate:g}; a contract ties up at least 0.001 of its "
                "notional, or its leverage would have no bound"
            )
        return self

    def settings(self, follows_rule: bool = True) -> dict[str, Any]:
        """What the broker of this kind of account takes; `follows_rule` is False for a `backtrader.Strategy`
        of a person's own."""
        careful = self.kind == "cash" and not follows_rule
        shorts = self.shorts or ("refuse" if careful else "allow")
        out = self.model_dump(
            exclude={"kind", "deposits", "tax", *(OF_CASH if self.kind == "cfd" else OF_CFD)}
        )
        return out | {"shorts": shorts}

    def margin(self) -> Margin:
        """What a cash account asks for positions."""
        from engine import Margin

        return Margin(
            self.initial_margin,
            self.maintenance_margin,
            self.long_initial_margin,
            self.long_maintenance_margin,
        )

    def without_effect(self) -> list[str]:
        """Keys that are set and belong to the other kind of account."""
        others = OF_CASH if self.kind == "cfd" else OF_CFD
        fields = type(self).model_fields
        return [key for key in others if getattr(self, key) != fields[key].default]


class CostSpec(Table):
    """[costs]: of every fill. `preset` fills in what is not given.

    Basis points are of the traded value; commission_per_share, commission_per_trade and
    commission_minimum are money; half_spread_cents are cents a share; impact_bps is the slippage of a
    trade as large as the bar's volume; max_participation is the share of that volume that a bar's orders
    may take, 1 for any.
    """

    preset: Literal["zero", "retail", "pro"] = "zero"
    commission_bps: float = Field(0.0, ge=0, le=1000)
    commission_per_share: float = Field(0.0, ge=0, le=1e15)
    commission_per_trade: float = Field(0.0, ge=0, le=1e15)
    commission_minimum: float = Field(0.0, ge=0, le=1e15)
    half_spread_bps: float = Field(0.0, ge=0, le=1000)
    half_spread_cents: float = Field(0.0, ge=0, le=1e15)
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


def deposits_of(account: AccountSpec, dated: Deposits | None) -> Deposits | None:
    """The payments that a spec asks for; `dated` are those of its file, read with the data of the run.

    Raises
    ------
    SpecError
        If the file is another one: only what comes again and again can be swept.
    """
    given = account.deposits
    if given is None:
        return None
    if isinstance(given, DepositSpec):
        from feeds.deposits import Deposits

        return Deposits.each(given.amount, given.every)
    if dated is None or dated.source != given.replace("\\", "/").rpartition("/")[2]:
        raise SpecError(
            f"account.deposits is {given!r}, which was not read with the data of the run; sweep "
            "account.deposits.amount, or give each file a spec of its own"
        )
    return dated


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
    borrow: BorrowFee | None = None,
    follows_rule: bool = True,
    dated: Deposits | None = None,
) -> LabBroker:
    """The broker that a spec asks for; `seed` is of the recalls, `borrow` a series of fees in place of
    the account's, `follows_rule` as in `AccountSpec.settings`, `dated` the payments of the account's file."""
    from engine import CfdBroker, ContractCosts, LabBroker

    kind = CfdBroker if account.kind == "cfd" else LabBroker
    broker = kind(
        costs=costs.costs(),
        contract_costs=ContractCosts(**options.model_dump()),
        short_rate=short_rate,
        seed=seed,
        deposits=deposits_of(account, dated),
        tax=None if account.tax is None else account.tax.terms(),
        **account.settings(follows_rule) | ({} if borrow is None else {"borrow_fee": borrow}),
    )
    broker.notes += [
        f"account.{key} has no effect: it does not belong to an account of kind {account.kind!r}"
        for key in account.without_effect()
    ]
    return broker
