"""What `letf versus` says in rows, and in files: the index and its funds side by side."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from letf_instruments import period_ends
from runs.answers.index_words import not_its_index
from runs.answers.parts import KeyFigure
from runs.answers.words import counted, fold, listed, number, percent, with_caveats, yearly
from runs.studies.inputs import asked_line as data_line
from runs.studies.versus.study import Comparison, Line, calendar_years, funds_of, is_bare

Rows = list[list[str]]


def title_of(name: str, multiple: float, index: str) -> str:
    """A column's heading: the fund with its multiple, the index for itself."""
    times = fold(multiple)
    if multiple == 1:
        return f"{index} {times}"
    return times if is_bare(name, multiple) else f"{name} {times}"


def _in_a_sentence(line: Line, index: str) -> str:
    """What gave a return, so that a multiple and the return after it, which both have a sign, are not
    read as one."""
    if line.multiple == 1:
        return f"{index} itself"
    times = fold(line.multiple)
    return f"a {times} fund" if is_bare(line.name, line.multiple) else f"{line.name} ({times})"


def titles(found: Comparison) -> dict[str, str]:
    """Name → heading."""
    index = found.inputs.bars.name
    return {line.name: title_of(line.name, line.multiple, index) for line in found.lines}


def asked_line(found: Comparison) -> str:
    """What is built on which data, over which years; and which funds are bare multiples, without costs."""
    funds, named = funds_of(found.lines), titles(found)
    built = [named[fund.ticker] for fund in funds]
    bare = [named[fund.ticker] for fund in funds if is_bare(fund.ticker, fund.multiple)]
    parts = [
        data_line(found.inputs, []),
        *([f"{listed(built, 8)} synthetic throughout"] if built else []),
        *([f"{listed(bare, 8)} without fee and financing spread"] if bare else []),
    ]
    return " · ".join(parts)


def versus_headline(found: Comparison, metrics: dict[str, Any]) -> str:
    """The first line: what each gave over the whole time."""
    mark = "SIMULATED data. " if found.inputs.bars.simulated else ""
    name = found.inputs.bars.name
    gave = [
        f"{_in_a_sentence(line, name)} gave {percent(metrics[f'{line.name}_total_return'])}"
        for line in found.lines
    ]
    said = f"{mark}{name}, {metrics['first']} to {metrics['last']}: {', '.join(gave)}."
    return with_caveats(said, not_its_index(funds_of(found.lines), found.inputs.bars))


def key_figures(found: Comparison, metrics: dict[str, Any]) -> list[KeyFigure]:
    """What each gave in all, and how far it fell."""
    return [
        KeyFigure(
            title,
            percent(metrics[f"{name}_total_return"]),
            f"worst drawdown {percent(metrics[f'{name}_max_drawdown'])}",
        )
        for name, title in list(titles(found).items())[:5]
    ]


def measure_rows(found: Comparison, metrics: dict[str, Any]) -> tuple[list[str], Rows]:
    """Headings and rows: return, risk and how each moves with the index."""

    def day(name: str, which: str) -> str:
        return f"{percent(metrics[f'{name}_{which}_day'])} on {metrics[f'{name}_{which}_day_date']}"

    rows = [
        [label, *(write(metrics[f"{line.name}_{key}"]) for line in found.lines)]
        for label, key, write in (
            ("total return", "total_return", percent),
            (yearly("CAGR", found.sessions), "cagr", percent),
            (yearly("volatility a year", found.sessions), "volatility", lambda v: percent(v).lstrip("+")),
            (yearly("Sharpe ratio", found.sessions), "sharpe", number),
            ("worst drawdown", "max_drawdown", percent),
            ("longest under water, days", "max_drawdown_days", lambda v: number(v, 0)),
            ("correlation with the index, of days", "correlation_daily", _four),
            (f"… of {counted(metrics['whole_months'], 'whole month')}", "correlation_monthly", _four),
            (f"… of {counted(metrics['whole_years'], 'whole year')}", "correlation_yearly", _four),
            ("beta to the index, daily", "beta", lambda v: number(v, 3)),
            ("tracking: sd of fund − multiple × index", "tracking", lambda v: percent(v, 2).lstrip("+")),
        )
    ]
    rows += [
        [f"{which} day", *(day(line.name, which) for line in found.lines)] for which in ("worst", "best")
    ]
    return ["", *titles(found).values()], rows


def pair_rows(found: Comparison, metrics: dict[str, Any]) -> tuple[list[str], Rows]:
    """Headings and rows: daily correlation of each with each other."""
    named = titles(found)
    rows = [
        [f"{named[a.name]} and {named[b.name]}", _four(metrics[f"correlation_{a.name}_{b.name}"])]
        for a, b in combinations(found.lines, 2)
    ]
    return ["daily correlation", ""], rows


def year_rows(found: Comparison) -> tuple[list[str], Rows]:
    """Headings and rows: return by calendar year; the first and last may be part of one."""
    by_line = [calendar_years(found.sessions, line.value) for line in found.lines]
    years = list(by_line[0])
    rows = [[year, *(percent(values[year]) for values in by_line)] for year in years]
    first, last = str(found.sessions[0]), str(found.sessions[-1])
    rows[0][0] += f" from {first[5:]}"
    ends = period_ends(found.sessions, "Y")  # the last sessions of the years that are over
    if len(found.sessions) - 1 not in ends:
        rows[-1][0] += f" to {last[5:]}"
    return ["calendar year", *titles(found).values()], rows


def _four(value: float | None) -> str:
    return number(value, 4)
