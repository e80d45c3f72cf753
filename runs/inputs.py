"""What the fund commands (`synth`, `track`, `calibrate`, `decay`, …) start from: a fund, its index as the
swap sees it, the short rate, and the ledger that follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from feeds.bars import Bars
from feeds.rates import ShortRate
from feeds.sources import load_rate
from feeds.total_return import total_return_index
from letf_instruments import FundLedger, LeveragedFund, known_fund, synthesize

DEFAULT_RATE = 0.02


@dataclass(frozen=True, eq=False)
class Inputs:
    """Fund, total-return index bars, short rate, and what a person should know of them."""

    fund: LeveragedFund
    bars: Bars
    rate: ShortRate
    notes: list[str]

    def ledger(self, fund: LeveragedFund | None = None) -> FundLedger:
        """The synthetic fund on these bars; of another fund if one is given."""
        b = self.bars
        rates = self.rate.on(b.sessions)
        return synthesize(fund or self.fund, b.sessions, b.open, b.high, b.low, b.close, rates)


def fund_named(name: str) -> LeveragedFund:
    """A fund by its ticker in the fact tables, or from a .toml file of one's own."""
    if Path(name).suffix.lower() == ".toml":
        from letf_instruments.fund_file import load_fund_file

        return load_fund_file(Path(name))
    return known_fund(name)


def load_inputs(
    fund: str,
    index: str,
    rates: str | None = None,
    folder: Path | None = None,
    start: object = None,
    end: object = None,
    seed: int = 1,
) -> Inputs:
    """Load what a fund command needs.

    Parameters
    ----------
    fund : ticker or .toml file.
    index : source by name, file, or a splice of them (`SOX:2021-08-25:SOXX`).
    rates : short-rate series; a number is a constant in fractions a year; None is 2 %.

    Raises
    ------
    LetfError
        One sentence, if something is not there or cannot be right.
    """
    known = fund_named(fund)
    bars, notes = total_return_index(index, folder, seed)
    bars = bars.between(start, end)
    rate = _rate(rates, folder)
    notes += rate.covering(bars.sessions[0], bars.sessions[-1])
    if rate.is_constant:
        notes.append(f"short rate: {rate.label} throughout")
    return Inputs(known, bars, rate, notes)


def _rate(rates: str | None, folder: Path | None) -> ShortRate:
    if rates is None:
        return ShortRate.constant(DEFAULT_RATE)
    try:
        number = float(rates)
    except ValueError:
        return load_rate(rates, folder)
    return ShortRate.constant(number)
