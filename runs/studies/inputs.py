"""What the fund commands (`synth`, `track`, `calibrate`, `decay`, …) start from: a fund, its index as the
swap sees it, the short rate, and the ledger that follows from them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from feeds.bars import PRICES, Bars
from feeds.checking.checks import split_like, warnings_of
from feeds.checking.screen import OnBadPrint, Screen
from feeds.rates import ShortRate
from feeds.reading.memory import Source, source_of
from feeds.sources import load_bars, rate_of
from feeds.total_return import adjusted, quoted_index
from letf_instruments import (
    DataError,
    Dated,
    FundLedger,
    LeveragedFund,
    known_fund,
    synthesize,
)
from letf_instruments.spreads import Spread, read_spreads, shipped_spreads
from runs.answers.bar_words import counted_bars
from runs.answers.fact_words import rate_notes
from runs.answers.provenance import Provenance, bars_facts, data_facts, fund_facts
from runs.answers.provenance import arguments as as_arguments
from runs.answers.words import counted, times
from runs.specs.arguments import whole

DEFAULT_SEED = 1


@dataclass(frozen=True, eq=False)
class Inputs:
    """Fund, total-return index bars, short rate, and what a person should know of them; `quoted` are the same
    bars as their source has them, None where that is not known."""

    fund: LeveragedFund
    bars: Bars
    rate: ShortRate
    notes: list[str]
    quoted: Bars | None = None

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
    index: Source,
    rates: Source | float | None = None,
    folder: Path | None = None,
    start: object = None,
    end: object = None,
    seed: int | None = None,
    *,
    closes_only: bool = False,
    on_bad_print: OnBadPrint = "refuse",
) -> Inputs:
    """Load what a fund command needs.

    Parameters
    ----------
    fund : ticker or .toml file.
    index : source by name, file, or a splice of them (`SOX:2021-08-25:SOXX`), or in memory (`Memory`).
    rates : short rate as in `rate_of`; None is what the project brings along.
    closes_only : an index of which only closes are known will do.
    on_bad_print : what becomes of false prints, as in `Screen`.

    Raises
    ------
    LetfError
        One sentence, if something is not there or cannot be right.
    """
    known = fund_named(fund)
    own = DEFAULT_SEED if seed is None else whole("seed", seed, 0)
    screen = Screen(on_bad_print, start, end)
    quoted, dividends = quoted_index(index, folder, own, closes_only, screen)
    quoted = quoted.between(start, end)
    bars = quoted.as_swapped()
    odd = warnings_of(quoted, prints=False, volume=False)
    rate = rate_of(rates, folder)
    notes = [*bars.notes, *dividends, *odd, *rate.notes]
    notes += rate.covering(bars.sessions[0], bars.sessions[-1])
    notes += screen.narrowed(bars.sessions[0], bars.sessions[-1]).rate(rate)
    notes += rate_notes(rate, named=rates is not None)
    return Inputs(known, bars, rate, notes, quoted)


def asked(question: str, **arguments: Any) -> dict[str, Any]:
    """The arguments of a question that has no spec file: they stand in the spec's place."""
    given = as_arguments(**arguments)
    with contextlib.suppress(KeyError, TypeError, ValueError):  # "0.02" on the command line is the number
        given["rates"] = float(given["rates"])
    return {"command": question, **given}


def provenance_of(
    arguments: Mapping[str, Any],
    inputs: Inputs,
    funds: Iterable[LeveragedFund],
    seed: int | None = None,
    traded: Bars | None = None,
) -> Provenance:
    """Where the answer to such a question comes from; `traded` are prices that funds are compared with."""
    simulated = inputs.bars.simulated or (traded is not None and traded.simulated)
    return Provenance(
        spec=arguments,
        data={
            **data_facts(inputs.bars, inputs.rate),
            **({} if traded is None else {"traded": bars_facts(traded)}),
        },
        simulated=simulated,
        seed=seed if simulated else None,
        funds=fund_facts(funds),
    )


def asked_line(inputs: Inputs, funds: Iterable[LeveragedFund]) -> str:
    """What is built on which data, over which years: for the top of a page."""
    bars = inputs.bars
    built = ", ".join(f"{fund.ticker} ({times(fund.multiple)}×)" for fund in funds)
    return (
        f"{bars.name}, {bars.sessions[0]} to {bars.sessions[-1]}, {counted_bars(bars)}"
        f"{f' · {built}, synthetic throughout' if built else ''} · {inputs.rate.label}"
    )


@dataclass(frozen=True, eq=False)
class Pair:
    """A synthetic fund and the traded one on their common sessions; arrays of shape (n,)."""

    inputs: Inputs
    sessions: np.ndarray
    index: Bars  # total return, common sessions only
    index_price: np.ndarray  # closes of the same index without dividends
    traded: Bars  # total return
    splits: tuple[str, ...] = ()  # jumps in either that look like unadjusted splits, a sentence each

    @property
    def simulated(self) -> bool:
        """True if one of the two is not real."""
        return self.index.simulated or self.traded.simulated

    def rates(self) -> np.ndarray:
        """Short rate known at each common session."""
        return self.inputs.rate.on(self.sessions)

    def ledger(self, fund: LeveragedFund | None = None) -> FundLedger:
        """The synthetic fund on the common sessions."""
        b = self.index
        known = fund or self.inputs.fund
        ledger = synthesize(known, self.sessions, b.open, b.high, b.low, b.close, self.rates())
        dead = ledger.wiped_out_at
        if dead is not None:
            day, base = self.sessions[dead], b.close[dead - 1]
            said = (
                f"{b.source}: the synthetic {known.ticker} is wiped out on {day}, when the index goes from "
                f"{base:g} to between {b.low[dead]:g} and {b.high[dead]:g}"
            )
            if self.splits:
                raise self.explained(DataError(said))
            raise DataError(
                f"{said}; if that is a stray print of an ETF, replace it with --on-bad-print close, start "
                "after it or name the index itself"
            )
        return ledger

    def explained(self, error: DataError) -> DataError:
        """A refusal of these prices, with the jump that may be behind it if there is one."""
        return DataError("; ".join((str(error), *self.splits[:1])))


def load_pair(
    fund: str,
    index: Source,
    actual: Source | None = None,
    rates: Source | float | None = None,
    folder: Path | None = None,
    start: object = None,
    end: object = None,
    on_bad_print: OnBadPrint = "refuse",
) -> Pair:
    """Load a synthetic fund and bring the traded one beside it; arguments as in `load_inputs`.

    Parameters
    ----------
    actual : prices of the traded fund, by name or file, or in memory; the fund's own ticker, and its name,
        if none is given.

    Raises
    ------
    LetfError
        As `load_inputs`; also if the two have no sessions in common, or bars are not daily.
    """
    ticker = fund_named(fund).ticker
    source = ticker if actual is None else source_of(actual, ticker) or ticker
    traded, said = traded_fund(source, folder, Screen(on_bad_print, start, end))
    first = traded.sessions[0] if start is None else max(np.datetime64(start, "D"), traded.sessions[0])
    inputs = load_inputs(fund, index, rates, folder, first, end, on_bad_print=on_bad_print)
    inputs.notes.extend(note for note in said if note not in inputs.notes)
    bars, plain = inputs.bars, inputs.quoted or inputs.bars
    for each in (bars, traded):
        if not each.daily:
            raise DataError(f"{each.source}: these are intraday bars; a comparison needs daily ones")
    common = np.intersect1d(bars.sessions, traded.sessions)
    if len(common) < 3:
        raise DataError(
            f"{bars.source} and {traded.source} have {len(common)} sessions in common: the index covers "
            f"{bars.sessions[0]} to {bars.sessions[-1]}, "
            f"the fund {traded.sessions[0]} to {traded.sessions[-1]}"
        )
    between = (bars.sessions > common[0]) & (bars.sessions < common[-1])
    missing = int(between.sum()) - (len(common) - 2)
    if missing:
        are = "is" if missing == 1 else "are"
        inputs.notes.append(
            f"{traded.source}: {counted(missing, 'session')} of the index {are} missing from it"
        )
    return Pair(
        inputs=inputs,
        sessions=common,
        index=_only(bars, common),
        index_price=plain.close[np.isin(plain.sessions, common)],
        traded=_only(traded, common),
        splits=(*split_like(plain), *split_like(traded.between(first, end))),
    )


def traded_fund(source: Source, folder: Path | None, screen: Screen) -> tuple[Bars, list[str]]:
    """Total-return bars of a fund that is traded, and what there is to say of them.

    Raises
    ------
    DataError
        If there are none, or they are refused.
    """
    bars, said = screen.bars(load_bars(source, folder))
    return adjusted(bars), [*bars.notes, *said, *split_like(bars)]


def _only(bars: Bars, sessions: np.ndarray) -> Bars:
    keep = np.isin(bars.sessions, sessions)
    cut = {c: getattr(bars, c)[keep] for c in ("timestamps", *PRICES, "volume")}
    return replace(bars, **cut, adj_close=None, rows=None)


def spreads_of(name: str, fund: LeveragedFund, path: Path | None = None) -> Dated[Spread]:
    """The financing spreads of a fund, and what each was fitted to.

    Parameters
    ----------
    name : as the fund was asked for: a ticker of the fact tables, or a .toml file, which says of its spreads
        only what they are. path : a table in place of either, as in `read_spreads`.

    Raises
    ------
    DataError
        As `read_spreads`.
    """
    if path is not None:
        return read_spreads(path, fund.ticker)
    if Path(name).suffix.lower() != ".toml":
        return shipped_spreads(fund.ticker)
    known = fund.spreads
    source = f"as {Path(name).name} has it"
    # A spread of nothing at all comes from no fit.
    fitted = any(known.values)
    return Dated(known.dates, tuple(Spread(rate, source, known=not fitted) for rate in known.values))
