"""The funds that are known, and the history of one as a frame: its bars and its ledger."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from feeds.bars import Bars
from feeds.checking.checks import odd_opens
from feeds.checking.screen import OnBadPrint, Screen
from feeds.reading.memory import Source
from letf_instruments import DataError, SpecError, known_fund, known_tickers
from letf_instruments.fund_file import load_fund_file
from letf_instruments.splits import split_factors, split_policy
from letf_instruments.spreads import rates_of
from runs.answers.fact_words import fund_notes, spread_origin
from runs.answers.progress import Say, no_words
from runs.studies.inputs import load_inputs, spreads_of, traded_fund


@dataclass(frozen=True, eq=False)
class Synthetic:
    """A synthetic fund's history.

    frame : a row a bar, its date in the index: open, high, low, close, the ledger (nav, notional, financing,
        fee, rebalance) of a share that is never split, and, with splits, split_factor.
    fund, index : their names. notes : what a person should know, a sentence each.
    """

    frame: pd.DataFrame
    fund: str
    index: str
    notes: list[str]
    simulated: bool


def known_funds(files: Sequence[Path] = ()) -> pd.DataFrame:
    """A row a fund, by ticker, with the facts in force today; `files` are funds of one's own."""
    today = np.datetime64("today", "D")
    known = [known_fund(ticker) for ticker in known_tickers()]
    listed = known + [load_fund_file(Path(f)) for f in files]
    columns = {
        "multiple": [fund.multiple for fund in listed],
        "since": [str(fund.inception or "") for fund in listed],
        "fee": [fund.fees.at(today) for fund in listed],
        "spread": [fund.spreads.at(today) for fund in listed],
        "spread_is": [spread_origin(fund.ticker) if fund in known else "given" for fund in listed],
        "index": [fund.indexes.at(today) for fund in listed],
        "name": [fund.name for fund in listed],
    }
    return pd.DataFrame(columns, index=pd.Index([fund.ticker for fund in listed], name="fund"))


def synthetic(
    fund: str,
    index: Source,
    rates: Source | float | None = None,
    spreads: Path | None = None,
    splice: Source | None = None,
    splits: str = "none",
    start: datetime.date | None = None,
    end: datetime.date | None = None,
    seed: int = 1,
    folder: Path | None = None,
    say: Say = no_words,
    on_bad_print: OnBadPrint = "refuse",
) -> Synthetic:
    """A fund's bars and ledger on an index; close is total return, like a traded fund's adjusted close.

    Parameters
    ----------
    spreads : a table of financing spreads in place of the shipped ones.
    splice : prices of the traded fund: real bars from its second day on, the rest on their scale.
    splits : "none", "issuer" or "actual": then open to close are as traded.
    on_bad_print : what becomes of false prints, as in `Screen`.

    Raises
    ------
    LetfError
        One sentence, if something is not there or cannot be joined.
    """
    if splice is not None and splits != "none":
        raise SpecError("splits cannot go with a splice: real bars bring their own splits, if any")
    say("synthesising")
    inputs = load_inputs(fund, index, rates, folder, start, end, seed, on_bad_print=on_bad_print)
    known = replace(inputs.fund, spread=rates_of(spreads_of(fund, inputs.fund, spreads)))
    ledger, bars = inputs.ledger(known), inputs.bars
    factor, _ = split_factors(split_policy(splits, known), ledger.sessions, ledger.nav)
    columns = {
        "open": ledger.open * factor,
        "high": ledger.high * factor,
        "low": ledger.low * factor,
        "close": ledger.close * factor,
        "nav": ledger.nav,
        "notional": ledger.notional,
        "financing": ledger.financing + ledger.cash_yield,
        "fee": ledger.fee,
        "rebalance": ledger.rebalance,
    }
    if splits != "none":
        columns["split_factor"] = factor
    stamps = (bars.sessions if bars.daily else bars.timestamps).astype("datetime64[s]")
    frame = pd.DataFrame(columns, index=pd.DatetimeIndex(stamps, name="date"))
    simulated = bars.simulated
    notes = [*fund_notes([known], bars), *inputs.notes]
    if splice is not None:
        # All of it to the end stands in the frame, whatever the first session of the index.
        real, said = traded_fund(splice, folder, Screen(on_bad_print, None, end))
        real = real.between(None, end)
        frame, simulated = _spliced(frame, real), simulated or real.simulated
        notes += [*said, *odd_opens(real)]
    dead = ledger.wiped_out_at
    if dead is not None:
        notes.insert(
            0, f"{known.ticker} is wiped out on {bars.sessions[dead]} and worth nothing from then on"
        )
    return Synthetic(frame, known.ticker, bars.name, notes, simulated)


def _spliced(frame: pd.DataFrame, real: Bars) -> pd.DataFrame:
    """Synthetic to the real fund's first bar, real from its second on; the ledger is scaled to meet it."""
    days = frame.index.to_numpy().astype("datetime64[D]")
    seam = real.sessions[0]
    joint = (days == seam).nonzero()[0]
    if not len(joint):
        raise DataError(
            f"{real.source} begins on {seam}, which is no session of the synthetic fund "
            f"({days[0]} to {days[-1]}); they cannot be joined"
        )
    before = frame.iloc[: joint[0] + 1].copy()
    if not before["close"].iloc[-1] > 0:
        raise DataError(f"the synthetic fund is wiped out before {seam}; it cannot be joined to real prices")
    before *= real.close[0] / before["close"].iloc[-1]
    after = pd.DataFrame(
        {c: getattr(real, c)[1:] for c in ("open", "high", "low", "close")},
        index=pd.DatetimeIndex(real.timestamps[1:].astype("datetime64[s]"), name="date"),
    )
    return pd.concat([before, after])
