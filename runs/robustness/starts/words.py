"""What `letf starts` says: figures by length, sentences, tables and files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from runs.answers.words import counted, listed, percent, share, with_caveats
from runs.robustness.starts.study import CASH, INDEX, Starts

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
Rows = list[list[str]]

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
FEW_APART = 10  # spans that do not overlap: with fewer a share of starts is hardly one of chances


def length_name(years: float) -> str:
    """A time as it is said: 1 year, 2.5 years."""
    return f"{years:g} year{'' if years == 1 else 's'}"


def beside_name(found: Starts, name: str) -> str:
    """What an account is set against, as it is said."""
    if name == CASH:
        return "cash"
    return f"{found.setting.bars.name if name == INDEX else name} held"


def drawdowns(found: Starts, at: int) -> Floats:
    """The worst drawdown of each start that has the whole of a time, from its first close on; 0 or less."""
    paths = found.account[found.whole(at), : found.lengths[at] + 1]
    highest = np.maximum.accumulate(paths, axis=1)
    return np.asarray((paths / highest).min(axis=1) - 1.0)


def starts_metrics(found: Starts) -> dict[str, Any]:
    """One flat dict; returns are of the whole time, as fractions. Keys begin with the time: "5y_"."""
    out: dict[str, Any] = {
        "first_start": str(found.days[found.starts[0]]),
        "last_start": str(found.days[found.starts[-1]]),
        "sessions": len(found.days),
        "every": found.every,
        "engine": found.engine,
        "verified": found.verified,
        "simulated": found.setting.simulated,
    }
    for at, years in enumerate(found.years):
        key = f"{years:g}y_"
        some = found.whole(at)
        gains = found.account[some, found.lengths[at]] - 1.0
        out[key + "starts"] = len(some)
        out[key + "not_overlapping"] = found.apart(at)
        for q in QUANTILES:
            out[f"{key}return_q{100 * q:02.0f}"] = float(np.quantile(gains, q))
        out[key + "cagr_median"] = _a_year(float(np.median(gains)), years)
        out[key + "lost"] = float((gains < 0).mean())
        for which, place in (("worst", int(gains.argmin())), ("best", int(gains.argmax()))):
            start = int(found.starts[some[place]])
            out[f"{key}{which}_return"] = float(gains[place])
            out[f"{key}{which}_start"] = str(found.days[start])
            out[f"{key}{which}_end"] = str(found.days[start + found.lengths[at]])
        depth = drawdowns(found, at)
        out[key + "max_drawdown_median"] = float(np.median(depth))
        out[key + "max_drawdown_worst"] = float(depth.min())
        for name in found.beside:
            other = found.held[name][some, at] - 1.0
            known = np.isfinite(other)
            mine = gains[known]
            out[f"{key}beat_{name}"] = float((mine > other[known]).mean()) if known.any() else None
            for q in QUANTILES:
                value = float(np.quantile(other[known], q)) if known.any() else None
                out[f"{key}{name}_return_q{100 * q:02.0f}"] = value
            out[f"{key}{name}_lost"] = float((other[known] < 0).mean()) if known.any() else None
    return out


def _a_year(gain: float, years: float) -> float:
    return (1.0 + gain) ** (1.0 / years) - 1.0 if gain > -1.0 else -1.0


def headline(found: Starts, m: dict[str, Any]) -> str:
    """The first line: the longest time, its middle, its low end, and how many spans that really is."""
    at = len(found.years) - 1
    years = found.years[at]
    key = f"{years:g}y_"
    mark = "SIMULATED data. " if found.setting.simulated else ""
    said = (
        f"{mark}{found.spec.name}, begun in cash on any of {counted(m[key + 'starts'], 'day')} and kept for "
        f"{length_name(years)}: median {percent(m[key + 'return_q50'])}, one in twenty below "
        f"{percent(m[key + 'return_q05'])}; {share(m[key + 'lost'], 0)} of the starts lost, "
        f"{share(m[f'{key}beat_{INDEX}'], 0)} beat {beside_name(found, INDEX)}; "
        f"{apart_words(m[key + 'not_overlapping'])}."
    )
    return with_caveats(said, found.caveats)


def apart_words(spans: int) -> str:
    """How many spans share no day: what so many starts are worth."""
    if spans == 1:
        return "only one such span does not overlap with another"
    return f"only {spans:,} such spans do not overlap" if spans < FEW_APART else f"{spans:,} do not overlap"


def sentences(found: Starts, m: dict[str, Any]) -> list[str]:
    """The worst start of each time, what the overlap leaves, and how many starts beat what is held."""
    said = []
    for years in found.years:
        key = f"{years:g}y_"
        said.append(
            f"{length_name(years)}: the worst start was {m[key + 'worst_start']}, with "
            f"{percent(m[key + 'worst_return'])} by {m[key + 'worst_end']}; the best was "
            f"{m[key + 'best_start']}, with {percent(m[key + 'best_return'])}. "
            f"{counted(m[key + 'starts'], 'start')}, of which {m[key + 'not_overlapping']:,} can be laid "
            f"side by side without overlapping. {_beat(found, m, key)}"
        )
    return said


def _beat(found: Starts, m: dict[str, Any], key: str) -> str:
    """How many of the starts of a time beat each thing that is held."""
    known = [name for name in found.beside if m[f"{key}beat_{name}"] is not None]
    parts = [f"{share(m[f'{key}beat_{name}'], 0)} beat {beside_name(found, name)}" for name in known]
    return f"Of them {listed(parts)}." if parts else ""


def length_rows(found: Starts, m: dict[str, Any]) -> tuple[list[str], Rows]:
    """Headings and rows: a row a time."""
    rows = []
    for years in found.years:
        key = f"{years:g}y_"
        rows.append(
            [
                length_name(years),
                f"{m[key + 'starts']:,}",
                f"{m[key + 'not_overlapping']:,}",
                *(percent(m[f"{key}return_q{100 * q:02.0f}"]) for q in QUANTILES),
                share(m[key + "lost"], 0),
                percent(m[key + "max_drawdown_median"]),
                percent(m[key + "max_drawdown_worst"]),
            ]
        )
    quantiles = [f"{100 * q:.0f} %" if q != 0.5 else "median" for q in QUANTILES]
    drawdown = ["drawdown, median", "worst"]
    return ["kept for", "starts", "not overlapping", *quantiles, "lost", *drawdown], rows


def beside_rows(found: Starts, m: dict[str, Any]) -> tuple[list[str], Rows]:
    """Headings and rows: what the same days gave without the rule, a row a time and thing."""
    rows = []
    for years in found.years:
        key = f"{years:g}y_"
        for name in found.beside:
            rows.append(
                [
                    length_name(years),
                    beside_name(found, name),
                    *(percent(m[f"{key}{name}_return_q{100 * q:02.0f}"]) for q in QUANTILES),
                    share(m[f"{key}{name}_lost"], 0),
                    share(m[f"{key}beat_{name}"], 0),
                ]
            )
    quantiles = [f"{100 * q:.0f} %" if q != 0.5 else "median" for q in QUANTILES]
    return ["kept for", "instead", *quantiles, "lost", f"{found.spec.name} did better"], rows


def starts_frame(found: Starts) -> pd.DataFrame:
    """A row a start and time: start, end, years, the account's return and worst drawdown, and the return of
    what it is set against; fractions."""
    import pandas as pd

    parts = []
    for at, years in enumerate(found.years):
        some = found.whole(at)
        begin = found.starts[some]
        columns: dict[str, Any] = {
            "start": found.days[begin],
            "end": found.days[begin + found.lengths[at]],
            "years": years,
            "return": found.account[some, found.lengths[at]] - 1.0,
            "max_drawdown": drawdowns(found, at),
        }
        columns |= {
            f"hold_{name}" if name != CASH else CASH: found.held[name][some, at] - 1.0
            for name in found.beside
        }
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def how_made(found: Starts) -> list[str]:
    """How the starts were run, for the end of the page."""
    each = "every session" if found.every == 1 else f"every {found.every:,} sessions"
    said = f"A start on {each}; engine: {found.engine} ({found.why})."
    if found.verified:
        said += f" {counted(found.verified, 'start')} run again in backtrader, each by itself: no difference."
    if found.handed:
        said += f" {counted(found.handed, 'start')} were run in backtrader, as only the broker can."
    return [
        said,
        "A year is 252 sessions. Each account begins in cash at the close of its first session, and its rule "
        "knows the history before; what is held beside it is bought at that close. What is open at the end "
        "counts at the last close.",
    ]
