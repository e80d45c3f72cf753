"""A fund: its history, its decay, what it trades at the close, and beside its index."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from letf._shared import Date, Folder, Rates, day, path, rates_of, source

if TYPE_CHECKING:
    import pandas as pd

    from feeds.checking.screen import OnBadPrint
    from feeds.reading.memory import Source
    from runs.studies.decay.answer import Decay
    from runs.studies.flow.answer import Flow
    from runs.studies.versus.answer import Versus


def fund(
    fund: str | Path,
    *,
    index: Source,
    rates: Rates = None,
    rate: float | None = None,
    spreads: str | Path | None = None,
    splice: Source | None = None,
    splits: Literal["none", "issuer", "actual"] = "none",
    start: Date = None,
    end: Date = None,
    seed: int = 1,
    on_bad_print: OnBadPrint = "refuse",
    data_dir: Folder = None,
) -> pd.DataFrame:
    """A synthetic fund's bars and ledger on an index; what `letf synth` writes.

    Parameters
    ----------
    fund : a ticker of `funds()`, or a .toml file of a fund of your own.
    index : by name, file, splice, or bars in a DataFrame; taken as the fund's swap sees it, dividends in.
    rates : short rate, a series in percent a year by name, file or Series, or a constant; Fed funds by
        month, which the project brings along, if not given. rate : the constant alone, a fraction a year.
    spreads : a table of financing spreads, as `calibrate` gives it, in place of the shipped ones.
    splice : prices of the traded fund, whose own bars follow from its second day on.
    splits : "issuer" or "actual" give prices as traded; "none" a share that is never split.
    start, end : first and last session. seed : of the simulated index.
    on_bad_print : what becomes of a false print in the data: "refuse" them, "keep" it, or "close", which puts
        what its open and close allow in its place.
    data_dir : the data folder; else LETF_DATA_DIR, else the per-user one.

    Returns
    -------
    By date: open, high, low, close (total return), nav, notional, financing (cash yield in it), fee and
    rebalance (index exposure traded at the close), all for a share that is never split, in the currency of a
    first close of 100; with splits also split_factor. `attrs["notes"]` holds what to know of it.

    Raises
    ------
    LetfError
        One sentence.

    Examples
    --------
    >>> import letf
    >>> soxs = letf.fund("SOXS", index="nasdaq", rate=0.02)
    >>> float(soxs["close"].iloc[0])
    100.0
    """
    from runs.studies.funds.study import synthetic

    made = synthetic(
        str(fund),
        source(index, "index"),
        rates_of(rates, rate),
        path(spreads),
        None if splice is None else source(splice, str(fund)),
        splits,
        day(start, "start"),
        day(end, "end"),
        seed,
        path(data_dir),
        on_bad_print=on_bad_print,
    )
    made.frame.attrs = {"notes": made.notes, "simulated": made.simulated}
    return made.frame


def decay(
    fund: str | Path,
    *,
    index: Source,
    rates: Rates = None,
    rate: float | None = None,
    start: Date = None,
    end: Date = None,
    seed: int = 1,
    on_bad_print: OnBadPrint = "refuse",
    data_dir: Folder = None,
    progress: bool | None = None,
) -> Decay:
    """What compounding, financing and fees made of a fund's promise, its multiple times the index.

    Parameters
    ----------
    All as in `fund`. progress : show what goes on; None does so in a notebook only.

    Returns
    -------
    The answer: `metrics` (keys in docs/decay.md), `years` (a DataFrame), `claims` with their verdicts.

    Raises
    ------
    LetfError
        One sentence.

    Examples
    --------
    >>> import letf
    >>> found = letf.decay("SOXL", index="nasdaq", start="2013-01-01")
    >>> bool(found.years.loc["2018", "actual"] < found.years.loc["2018", "promised"])
    True
    """
    from runs.answers.progress import progress_for
    from runs.studies.decay.answer import ask

    with progress_for(progress).status("reading what is asked") as say:
        return ask(
            str(fund),
            source(index, "index"),
            rates_of(rates, rate),
            day(start, "start"),
            day(end, "end"),
            seed,
            path(data_dir),
            say,
            on_bad_print,
        )


def flow(
    fund: str | Path,
    *,
    index: Source,
    assets: float = 10e9,
    rates: Rates = None,
    rate: float | None = None,
    start: Date = None,
    end: Date = None,
    seed: int = 1,
    on_bad_print: OnBadPrint = "refuse",
    data_dir: Folder = None,
    progress: bool | None = None,
) -> Flow:
    """What a fund must trade at each close, and how far its leverage drifts until then.

    Parameters
    ----------
    assets : of the fund in dollars, as if brought back to that every day. All others as in `decay`.

    Returns
    -------
    The answer: `metrics` (keys in docs/flow.md), `trades` (a DataFrame, dollars bought positive).

    Raises
    ------
    LetfError
        One sentence.

    Examples
    --------
    >>> import letf
    >>> found = letf.flow("SOXS", index="semis-sim", assets=5e9)
    >>> found.metrics["sessions"] == len(found.trades)
    True
    """
    from runs.answers.progress import progress_for
    from runs.studies.flow.answer import ask

    with progress_for(progress).status("reading what is asked") as say:
        return ask(
            str(fund),
            source(index, "index"),
            assets,
            rates_of(rates, rate),
            day(start, "start"),
            day(end, "end"),
            seed,
            path(data_dir),
            say,
            on_bad_print,
        )


def versus(
    *,
    index: Source,
    multiples: Sequence[float] = (1, 3, -3),
    rates: Rates = None,
    rate: float | None = None,
    start: Date = None,
    end: Date = None,
    seed: int = 1,
    on_bad_print: OnBadPrint = "refuse",
    data_dir: Folder = None,
    progress: bool | None = None,
) -> Versus:
    """An index and its leveraged funds side by side: return, risk, correlation, tracking.

    Parameters
    ----------
    multiples : daily; 1 is the index itself, six at most. All others as in `decay`.

    Returns
    -------
    The answer: `metrics` (keys in docs/flow.md), `values` (a DataFrame, 100 at the first close).

    Raises
    ------
    LetfError
        One sentence.

    Examples
    --------
    >>> import letf
    >>> list(letf.versus(index="nasdaq", multiples=[1, 3, -3], start="2010-01-04").values.columns)
    ['1x', '3x', '-3x']
    """
    from runs.answers.progress import progress_for
    from runs.studies.versus.answer import ask

    with progress_for(progress).status("reading what is asked") as say:
        return ask(
            source(index, "index"),
            multiples,
            rates_of(rates, rate),
            day(start, "start"),
            day(end, "end"),
            seed,
            path(data_dir),
            say,
            on_bad_print,
        )
