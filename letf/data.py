"""What there is: rules, funds, indexes and rates; and whether data can be trusted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from letf._shared import Date, Folder, day, path, source

if TYPE_CHECKING:
    import pandas as pd

    from feeds.checking.judged import Judged, Kind
    from feeds.checking.screen import OnBadPrint
    from feeds.fetching.get import Fetched
    from feeds.fetching.yahoo import Yahoo
    from feeds.reading.memory import Source


def rules(name: str | None = None) -> pd.DataFrame:
    """The rules and filters, or what can be set of one.

    Parameters
    ----------
    name : of a rule or a filter; None lists all.

    Returns
    -------
    Without a name: by name, kind ("rule" or "filter") and summary. With one: by key, default, allowed
    values, unit and meaning, of the rule's own parameters and of its plan.

    Raises
    ------
    LetfError
        If there is none of that name; the sentence names the nearest.

    Examples
    --------
    >>> import letf
    >>> letf.rules().loc["hedge", "kind"]
    'rule'
    >>> letf.rules("rsi_timing").loc["rule.rsi_bars", "default"]
    '14'
    """
    from runs.specs.catalogue import parameters_frame, rules_frame

    return rules_frame() if name is None else parameters_frame(name)


def funds(files: Sequence[str | Path] = ()) -> pd.DataFrame:
    """The funds that are known, with the facts in force today.

    Parameters
    ----------
    files : .toml files of funds of your own to list too.

    Returns
    -------
    By ticker: multiple, since, fee and spread (fractions a year), spread_is (what it rests on: fitted to
    prices up to a date, assumed, given in a file), index, name.

    Raises
    ------
    LetfError
        If a file is not a fund.

    Examples
    --------
    >>> import letf
    >>> float(letf.funds().loc["SOXS", "multiple"])
    -3.0
    """
    from runs.studies.funds.study import known_funds

    return known_funds([Path(file) for file in files])


def bars(
    index: Source,
    *,
    start: Date = None,
    end: Date = None,
    seed: int = 1,
    on_bad_print: OnBadPrint = "refuse",
    data_dir: Folder = None,
) -> pd.DataFrame:
    """An index, or anything else that has bars, checked, as its source quotes it.

    Parameters
    ----------
    index : by name ("nasdaq", "semis-sim", "SOX" of the data folder), by file, spliced as
        "SOX:2021-08-25:SOXX", or in a DataFrame.
    start, end : first and last session. seed : of the simulated index.
    on_bad_print : what becomes of a false print in them: "refuse" them, "keep" it, or "close", which puts
        what its open and close allow in its place.
    data_dir : the data folder; else LETF_DATA_DIR, else the per-user one.

    Returns
    -------
    By date (or moment): open, high, low, close, volume, and adj_close where there is one. `attrs["notes"]`
    holds what was done in reading them, what looks odd, and where a false print was kept or replaced.

    Raises
    ------
    LetfError
        One sentence, if it is not there or cannot be right.

    Examples
    --------
    >>> import letf
    >>> letf.bars("nasdaq").loc["2000-03-10", "close"]
    np.float64(5048.620117)
    """
    from feeds.checking.checks import warnings_of
    from feeds.checking.screen import Screen
    from feeds.frames import bars_frame
    from feeds.total_return import screened_price_index

    first, last = day(start, "start"), day(end, "end")
    screen = Screen(on_bad_print, first, last)
    found, notes = screened_price_index(source(index, "index"), path(data_dir), seed, screen)
    found = found.between(first, last)
    frame = bars_frame(found)
    said = [*found.notes, *notes, *warnings_of(found, prints=False)]
    if said:
        frame.attrs["notes"] = said
    return frame


class Checked(list[str]):
    """What looks odd in data, a sentence each; empty if nothing does.

    kind : what they were taken for. what : the same in words. notes : what was done in reading them.
    """

    def __init__(self, found: Judged) -> None:
        super().__init__(found.warnings)
        self.kind = found.kind
        self.what = found.what
        self.notes = list(found.notes)


def check(data: Source, *, kind: Kind | None = None, data_dir: Folder = None) -> Checked:
    """What looks odd in data: bars, closes alone, a short rate, borrow fees or a volatility index.

    Parameters
    ----------
    data : as the index of `bars`, or a series. data_dir : as there.
    kind : what to take them for: "bars", "closes", "rate", "borrow" or "volatility". If it is not given,
        their columns, folder and values decide.

    Returns
    -------
    A list of sentences, each with file, rows and dates, empty if nothing looks odd; its `kind` and `what` say
    what the data were taken for, its `notes` what was done in reading them.

    Raises
    ------
    LetfError
        If they cannot be right: the sentence says where and why.

    Examples
    --------
    >>> import letf
    >>> letf.check("nasdaq")
    []
    >>> letf.check("nasdaq").kind
    'bars'
    """
    from feeds.checking.judged import judged
    from feeds.sources import data_folder

    return Checked(judged(source(data, "data"), data_folder(data_dir), kind))


def sources(data_dir: Folder = None) -> pd.DataFrame:
    """What can be named as an index or a short rate.

    Parameters
    ----------
    data_dir : the data folder; else LETF_DATA_DIR, else the per-user one.

    Returns
    -------
    By name: kind ("built in", "bars", "rates", "unreadable"), and what it is.

    Examples
    --------
    >>> import letf
    >>> letf.sources().loc["nasdaq", "kind"]
    'built in'
    """
    import pandas as pd

    from feeds.catalogue import listing
    from feeds.sources import data_folder

    rows = listing(data_folder(data_dir))
    columns = {"kind": [row.kind for row in rows], "what": [row.what for row in rows]}
    return pd.DataFrame(columns, index=pd.Index([row.name for row in rows], name="name"))


def fetch(*names: str, data_dir: Folder = None, progress: bool | None = None) -> pd.DataFrame:
    """Fetch whole daily histories from Yahoo Finance into the data folder; needs the extra `yahoo`.

    Parameters
    ----------
    names : tickers, such as "SOX", "SOXL". data_dir : as in `bars`.
    progress : show what goes on; None does so in a notebook only.

    Returns
    -------
    By name: file, bars, first and last session, added (sessions), what (was done, in words). Column notes has
    what was left out and what looks odd, a sentence each.

    Raises
    ------
    LetfError
        If the package is missing, there is no such ticker, or no network, or what came is refused; or where a
        file of your own would be overwritten. A sentence for each that failed; the others are fetched.
    """
    from feeds.fetching.get import get

    return _one_by_one(get, list(names), data_dir, progress)


def update(*names: str, data_dir: Folder = None, progress: bool | None = None) -> pd.DataFrame:
    """Add the newest sessions to files that `fetch` made; those of which Yahoo has changed the past, for a
    split, a dividend or a corrected price, are fetched anew.

    Parameters
    ----------
    names : tickers; none for all that were fetched. data_dir, progress : as in `fetch`.

    Returns
    -------
    As `fetch`. Where none is named, `attrs["notes"]` says which files were skipped, and why.

    Raises
    ------
    LetfError
        As `fetch`; also for a file that was not fetched, or was changed since.
    """
    from feeds.fetching.kept import to_update
    from feeds.fetching.update import update as update_one
    from feeds.sources import data_folder

    skipped: list[str] = []
    wanted = list(names)
    if not wanted:
        wanted, skipped = to_update(data_folder(path(data_dir)))
    frame = _one_by_one(update_one, wanted, data_dir, progress)
    if skipped:
        frame.attrs["notes"] = skipped
    return frame


def _one_by_one(
    do: Callable[[str, Path, Yahoo], Fetched], names: list[str], data_dir: Folder, progress: bool | None
) -> pd.DataFrame:
    import pandas as pd

    from feeds.fetching.get import each_once
    from feeds.fetching.yahoo import Yahoo
    from feeds.sources import data_folder
    from letf_instruments.errors import DataError
    from runs.answers.progress import progress_for

    folder, rows, failed = data_folder(path(data_dir)), [], []
    with progress_for(progress).status("asking Yahoo") as say:
        yahoo = Yahoo(say)
        for name in each_once(names):
            say(f"fetching {name}")
            try:
                rows.append(do(name, folder, yahoo))
            except DataError as error:
                failed.append(str(error))
    if failed:
        raise DataError("\n".join(dict.fromkeys(failed)))
    columns = {
        "file": [row.path for row in rows],
        "bars": [len(row.bars) for row in rows],
        "first": [row.bars.sessions[0] for row in rows],
        "last": [row.bars.sessions[-1] for row in rows],
        "added": [row.added for row in rows],
        "what": [row.words for row in rows],
        "notes": [[*row.notes, *row.warnings] for row in rows],
    }
    return pd.DataFrame(columns, index=pd.Index([row.name for row in rows], name="name"))
