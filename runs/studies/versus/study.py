"""What `letf versus` finds: an index and its leveraged funds side by side, over a day and over longer."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from analyzers.drawdown import underwater
from feeds.bars import Bars, Floats
from letf_instruments import (
    LeveragedFund,
    SpecError,
    beta,
    correlation,
    known_fund,
    period_ends,
    returns_over,
    tracking_error,
)
from letf_instruments.families import ticker_for
from letf_instruments.sessions import last_of_each
from runs.answers.fact_words import fund_notes
from runs.answers.words import extrapolated, fold
from runs.backtest.metrics import performance
from runs.studies.inputs import Inputs

if TYPE_CHECKING:
    import pandas as pd

MOST = 6  # more lines than that cannot be told apart
ITSELF = 1.0  # the multiple of the index itself
START = 100.0


@dataclass(frozen=True, eq=False)
class Line:
    """One of the things compared: its value at each session's close, 100 at the first; shape (m,)."""

    name: str
    multiple: float
    value: Floats
    fund: LeveragedFund | None  # None for the index itself
    daily: Floats = field(init=False)  # returns, shape (m − 1,); NaN once the fund is dead

    def __post_init__(self) -> None:
        object.__setattr__(self, "daily", returns_over(self.value))


@dataclass(frozen=True, eq=False)
class Comparison:
    """The index and its funds on the same sessions, shape (m,)."""

    inputs: Inputs
    sessions: np.ndarray
    index: Floats  # total return, 100 at the first close
    rate: Floats  # short rate known at each session
    lines: list[Line]
    notes: list[str]


def checked_multiples(multiples: Sequence[float]) -> list[float]:
    """The multiples, if they can be compared.

    Raises
    ------
    SpecError
        If one is not a finite number or comes twice, or there are none or too many.
    """
    given = multiples if isinstance(multiples, Iterable) else [multiples]
    out = [float(m) if isinstance(m, Real) and not isinstance(m, bool) else math.nan for m in given]
    text = ",".join(f"{multiple:g}" for multiple in out)
    if not out or not all(math.isfinite(multiple) for multiple in out):
        raise SpecError(f"multiples are {multiples!r}; they must be finite numbers, one or more, as 1, 3, -3")
    if len({f"{multiple:g}" for multiple in out}) < len(out):
        raise SpecError(f"multiples {text!r}: each may be named once")
    if len(out) > MOST:
        raise SpecError(f"multiples {text!r}: there are {len(out)}; at most {MOST} can be told apart")
    return out


def fund_for(multiple: float, index: Bars) -> tuple[LeveragedFund, str | None]:
    """The known fund with that multiple of that index, else a bare multiple.

    Returns
    -------
    the fund, and a sentence if it is a bare one.
    """
    ticker = ticker_for(multiple, index.names, index.sessions[0], index.sessions[-1])
    if ticker is not None:
        return known_fund(ticker), None
    fund = LeveragedFund(f"{multiple:g}x", multiple)
    return (
        fund,
        f"{fold(multiple)}: no known fund gives that of {index.name}, so fee and financing spread are 0",
    )


def is_bare(ticker: str, multiple: float) -> bool:
    """True of a fund that is a multiple alone, without a name."""
    return ticker == f"{multiple:g}x"


def _said(fund: LeveragedFund) -> str:
    """A fund as it is named in a sentence."""
    return fold(fund.multiple) if is_bare(fund.ticker, fund.multiple) else fund.ticker


def compare(inputs: Inputs, multiples: list[float]) -> Comparison:
    """Build each multiple on the index; 1 is the index itself, without a fee."""
    bars = inputs.bars
    sessions = bars.sessions
    last = last_of_each(sessions)
    days, close = sessions[last], bars.close[last]
    if len(days) < 2:
        raise SpecError(f"{bars.source} has a single session; a comparison needs at least 2")
    notes = [*extrapolated(days, "CAGR, volatility and Sharpe"), *inputs.notes]
    lines = []
    for multiple in multiples:
        if multiple == ITSELF:
            lines.append(Line("1x", multiple, START * close / close[0], None))
            continue
        fund, said = fund_for(multiple, bars)
        nav = inputs.ledger(fund).close[last]
        if nav[0] == 0.0:
            raise SpecError(f"{_said(fund)} is wiped out within its first session, {days[0]}")
        lines.append(Line(fund.ticker, multiple, START * nav / nav[0], fund))
        if said:
            notes.append(said)
        if (dead := nav == 0.0).any():
            notes.append(f"{_said(fund)} was wiped out on {days[dead][0]} and stays there")
    notes += fund_notes(funds_of(lines), bars)
    return Comparison(inputs, days, START * close / close[0], inputs.rate.on(days), lines, notes)


def funds_of(lines: Sequence[Line]) -> list[LeveragedFund]:
    """The funds among them, without the index itself."""
    return [line.fund for line in lines if line.fund is not None]


def versus_metrics(found: Comparison) -> dict[str, Any]:
    """One flat dict; what each key means is written in docs/flow.md."""
    days, bars = found.sessions, found.inputs.bars
    months, years = period_ends(days, "M"), period_ends(days, "Y")
    out: dict[str, Any] = {
        "index": bars.name,
        "simulated": bars.simulated,
        "first": str(days[0]),
        "last": str(days[-1]),
        "sessions": len(days),
        "whole_months": max(len(months) - 1, 0),
        "whole_years": max(len(years) - 1, 0),
    }
    index_daily = returns_over(found.index)
    for line in found.lines:
        own = _finite(performance(days, line.value, found.rate))
        own["multiple"] = line.multiple
        own["correlation_daily"] = correlation(line.daily, index_daily)
        for unit, ends in (("monthly", months), ("yearly", years)):
            pair = (_between(line.value, ends), _between(found.index, ends))
            own[f"correlation_{unit}"] = correlation(*pair)
        own["beta"] = beta(line.daily, index_daily)
        own["tracking"] = tracking_error(line.daily, index_daily, line.multiple)
        lived = np.isfinite(line.daily)
        for name, at in (("worst", np.nanargmin(line.daily)), ("best", np.nanargmax(line.daily))):
            own[f"{name}_day"], own[f"{name}_day_date"] = float(line.daily[at]), str(days[1:][at])
        if not lived.all() or line.value[-1] == 0.0:
            own["wiped_out"] = str(days[int(np.argmax(line.value == 0.0))])
        own |= {f"return_{year}": value for year, value in calendar_years(days, line.value).items()}
        out |= {f"{line.name}_{key}": value for key, value in own.items()}
    for one, other in combinations(found.lines, 2):
        out[f"correlation_{one.name}_{other.name}"] = correlation(one.daily, other.daily)
    return out


def versus_frame(found: Comparison) -> pd.DataFrame:
    """By session, a column a fund: its value, 100 at the first close."""
    import pandas as pd

    days = pd.DatetimeIndex(found.sessions.astype("datetime64[s]"), name="date")
    return pd.DataFrame({line.name: line.value for line in found.lines}, index=days)


def calendar_years(days: np.ndarray, value: Floats) -> dict[str, float | None]:
    """Return in each calendar year from the year before's last close; the first from the first close.

    The first and the last year may be part of one. None once the value is 0 at the year's start.
    """
    years = days.astype("datetime64[Y]")
    ends = np.flatnonzero(last_of_each(years))
    starts = np.concatenate(([0], ends[:-1]))
    return {
        str(years[end]): float(value[end] / value[start] - 1.0) if value[start] > 0.0 else None
        for start, end in zip(starts, ends, strict=True)
        if end > start
    }


def drawdown_of(line: Line) -> Floats:
    """Below the last high, shape (m,)."""
    return underwater(line.value)


def _between(value: Floats, ends: np.ndarray) -> Floats:
    return returns_over(value[ends]) if len(ends) > 1 else np.zeros(0)


def _finite(values: Mapping[str, Any]) -> dict[str, Any]:
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in values.items()}
