"""Everything that `letf decay` shows of one fund on one index, computed once; tables and pictures read it."""

from __future__ import annotations

from dataclasses import dataclass

from letf_instruments import Attribution, FundLedger, attribute
from letf_instruments.break_even import promise_returns, yearly_carry, zero_return
from letf_instruments.calendar_years import Year, years_and_total
from letf_instruments.holding import HoldingPeriods, HoldingSummary, holding_periods, summarize
from letf_instruments.regimes import Tercile, Windows, split_windows, terciles
from runs.answers.fact_words import fund_notes
from runs.answers.words import extrapolated
from runs.studies.inputs import Inputs

HORIZONS = (1, 5, 21, 63, 126, 252)
VOLATILITIES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
WINDOW = 63


@dataclass(frozen=True)
class Costs:
    """The fund's own rates, means over the sessions of the history, fractions a year."""

    short_rate: float
    spread: float
    expense_ratio: float
    carry: float  # what they come to in a year, negative if they cost


@dataclass(frozen=True)
class BreakEven:
    """The index's returns in a year, at one volatility, at which the fund holds its own; None if never."""

    volatility: float
    zero: float
    lower: float | None
    higher: float | None


@dataclass(frozen=True, eq=False)
class Study:
    """A fund on an index: the attribution by year, holding periods, break-even, regimes."""

    inputs: Inputs
    ledger: FundLedger
    attribution: Attribution
    years: list[Year]
    total: Year
    holdings: list[tuple[HoldingPeriods, HoldingSummary]]
    costs: Costs
    break_evens: list[BreakEven]
    windows: Windows | None
    terciles: list[Tercile]
    notes: list[str]

    @property
    def fund(self) -> str:
        return self.ledger.fund.ticker

    @property
    def multiple(self) -> float:
        return self.ledger.fund.multiple

    @property
    def simulated(self) -> bool:
        return self.inputs.bars.simulated

    @property
    def between(self) -> str:
        """What the fund gives of its promise between the two break-evens: "less", or "more" for 0 < b < 1."""
        return "more" if 0 < self.multiple < 1 else "less"

    def held(self, horizon: int) -> tuple[HoldingPeriods, HoldingSummary] | None:
        """The holding periods of one length, None if the history is too short for them."""
        return next((pair for pair in self.holdings if pair[0].horizon == horizon), None)


def break_even(multiple: float, volatility: float, carry: float) -> BreakEven:
    """Both break-evens at one volatility; a fund with multiple 1 has none against its index."""
    lower, higher = (None, None) if multiple == 1 else promise_returns(multiple, volatility, carry)
    return BreakEven(volatility, zero_return(multiple, volatility, carry), lower, higher)


def study(inputs: Inputs) -> Study:
    """Compute it all from a fund's inputs.

    Raises
    ------
    LetfError
        If there are fewer than two sessions, or the fund was wiped out in the first.
    """
    ledger = inputs.ledger()
    attribution = attribute(ledger)
    years, total = years_and_total(ledger, attribution)
    last = ledger.session_last
    sessions, index, nav = ledger.sessions[last], ledger.index_close[last], ledger.close[last]
    fund = ledger.fund
    notes = [*extrapolated(sessions, "volatilities"), *inputs.notes, *fund_notes([fund], inputs.bars)]
    b = fund.multiple

    periods = [holding_periods(sessions, index, nav, b, h) for h in HORIZONS if h < len(sessions)]
    if len(periods) < len(HORIZONS):
        longer = HORIZONS[len(periods)]
        notes.append(f"{len(sessions)} sessions are too few for holding periods of {longer} and more")
    if fund.inception is not None and sessions[0] < fund.inception:
        notes.append(
            f"{fund.ticker} began on {fund.inception}; before that its first fee and spread are used"
        )
    if total.wiped_out:
        notes.append(
            f"{fund.ticker} was wiped out on {total.last}; only the regimes, which are the index's, go on"
        )
    windows = split_windows(sessions, index, b, WINDOW) if len(sessions) > WINDOW else None
    groups = terciles(windows) if windows else []
    if not groups:
        notes.append(f"{len(sessions)} sessions are too few to sort windows of {WINDOW} into three groups")

    short_rate = float(inputs.rate.on(sessions).mean())
    spread, fee = (float(fact.on(sessions).mean()) for fact in (fund.spreads, fund.fees))
    costs = Costs(short_rate, spread, fee, yearly_carry(b, short_rate, spread, fee))
    return Study(
        inputs=inputs,
        ledger=ledger,
        attribution=attribution,
        years=years,
        total=total,
        holdings=[(p, summarize(p)) for p in periods],
        costs=costs,
        break_evens=[break_even(b, v, costs.carry) for v in VOLATILITIES],
        windows=windows,
        terciles=groups,
        notes=notes,
    )
