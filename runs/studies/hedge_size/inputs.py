"""What sizing a hedge starts from: index, fund and holdings on common sessions, and the price of a share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from feeds.assets import aligned, read_asset
from feeds.bars import Bars, Floats
from feeds.checking.screen import OnBadPrint, Screen
from feeds.reading.memory import Source
from feeds.traded.fund import TradedFund, read_traded
from letf_instruments import DataError, FundLedger, SpecError, synthesize
from letf_instruments.splits import IssuerSplits, split_factors
from runs.answers.words import counted
from runs.studies.inputs import Inputs, load_inputs

FEWEST = 60  # common sessions, for anything to be said


@dataclass(frozen=True, eq=False)
class Hedged:
    """Index, fund and holdings on the same sessions, shape (n,).

    held : dollars by name. values : by name what a share has become with its dividends put back, shape (n,).
    ledger : of the fund, with its own bars where it has some. price : of a share at the last session, and
    `priced` where it comes from.
    """

    inputs: Inputs
    held: Mapping[str, float]
    assets: Mapping[str, Bars]
    values: Mapping[str, Floats]
    ledger: FundLedger
    price: float
    priced: str
    traded: Bars | None
    notes: list[str]

    @property
    def total(self) -> float:
        """Dollars held."""
        return sum(self.held.values())

    @property
    def simulated(self) -> bool:
        """True if any of it is not real."""
        return self.inputs.bars.simulated or any(bars.simulated for bars in self.assets.values())


def load_hedged(
    held: Mapping[str, float],
    fund: str,
    index: Source,
    traded: Source | None = None,
    price: float | None = None,
    assets: Mapping[str, Source] | None = None,
    rates: Source | float | None = None,
    folder: Path | None = None,
    start: object = None,
    end: object = None,
    seed: int = 1,
    on_bad_print: OnBadPrint = "refuse",
) -> Hedged:
    """Read all of it, on the sessions that index and holdings have in common.

    Parameters
    ----------
    held : dollars by name. assets : by such a name, what is read in place of the data folder's file.
    traded : prices of the fund as it was traded; its own bars then take the model's place where they are.
    price : of a share, where that is known better.
    All others as in `load_inputs`.

    Raises
    ------
    LetfError
        If something is not there or refused, or there are too few common sessions.
    """
    given = dict(assets or {})
    if unknown := [name for name in given if name not in held]:
        raise SpecError(
            f"assets name {unknown[0]}, of which nothing is held; holding names {', '.join(held)}"
        )
    inputs = load_inputs(fund, index, rates, folder, start, end, seed, on_bad_print=on_bad_print)
    bars = inputs.bars
    if not bars.daily:
        raise SpecError(f"{bars.source}: these are intraday bars; a hedge is sized on daily ones")
    screen = Screen(on_bad_print, start, end)
    span = bars.sessions[0], bars.sessions[-1]
    read = {name: read_asset(given.get(name, name), folder, seed, span, screen) for name in held}
    first = max([span[0], *(own.sessions[0] for own, _ in read.values())])
    last = min([span[1], *(own.sessions[-1] for own, _ in read.values())])
    common = bars.sessions[(bars.sessions >= first) & (bars.sessions <= last)]
    if len(common) < FEWEST:
        spans = ", ".join(f"{n} {own.sessions[0]} to {own.sessions[-1]}" for n, (own, _) in read.items())
        raise DataError(
            f"{bars.source} and what is held have {counted(len(common), 'session')} in common, "
            f"{FEWEST} are needed: the index covers {span[0]} to {span[1]}, {spans}"
        )
    notes = list(inputs.notes)
    if (common[0], common[-1]) != span:
        notes.append(f"of {common[0]} to {common[-1]}, which index and all that is held have in common")
    inputs = replace(inputs, bars=bars.between(first, last))
    values, kept = {}, {}
    for name, (own, said) in read.items():
        kept[name] = aligned(own, inputs.bars, said)
        values[name] = kept[name].held()
        notes += [note for note in said if note not in notes]
    shares = _traded(traded, inputs, folder, screen)
    if shares is not None:
        notes += shares.notes
    ledger = _ledger(inputs, shares)
    cost, priced = _price(price, shares, ledger)
    return Hedged(
        inputs, held, kept, values, ledger, cost, priced, None if shares is None else shares.bars, notes
    )


def _traded(source: Source | None, inputs: Inputs, folder: Path | None, screen: Screen) -> TradedFund | None:
    if source is None:
        return None
    shares = read_traded(source, inputs.fund, folder, inputs.bars, screen)
    if inputs.bars.sessions[-1] not in shares.bars.sessions:
        raise DataError(
            f"{shares.bars.source} has no price on {inputs.bars.sessions[-1]}, at whose close the hedge is "
            f"sized; it covers {shares.bars.sessions[0]} to {shares.bars.sessions[-1]}"
        )
    return shares


def _ledger(inputs: Inputs, shares: TradedFund | None) -> FundLedger:
    b = inputs.bars
    quotes = None if shares is None else shares.on(b.timestamps)
    return synthesize(
        inputs.fund, b.sessions, b.open, b.high, b.low, b.close, inputs.rate.on(b.sessions), traded=quotes
    )


def _price(given: float | None, shares: TradedFund | None, ledger: FundLedger) -> tuple[float, str]:
    """What a share costs at the last session, and where that comes from, in words."""
    last, ticker = ledger.sessions[-1], ledger.fund.ticker
    if ledger.nav[-1] == 0.0:
        raise SpecError(
            f"{ticker} is wiped out on {ledger.sessions[ledger.wiped_out_at or 0]}; nothing can be hedged "
            "with it"
        )
    if given is not None:
        return given, "as given"
    if shares is not None:
        at = int(np.flatnonzero(shares.bars.sessions == last)[0])
        return float(shares.bars.close[at] * shares.printed[at]), f"as traded on {last}"
    factor, _ = split_factors(IssuerSplits(), ledger.sessions, ledger.nav)
    return float(ledger.nav[-1] * factor[-1]), (
        f"of a synthetic share that began at 100 on {ledger.sessions[0]} and was split as issuers do: no "
        f"price at which {ticker} trades"
    )
