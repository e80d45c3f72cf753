"""What `letf decay` says in words, rows and one flat dict. Keys are explained in docs/decay.md."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from letf_instruments.calendar_years import Year
from letf_instruments.holding import QUANTILES
from runs.answers.index_words import not_its_index
from runs.answers.parts import KeyFigure
from runs.answers.words import factor, number, percent, share, times, with_caveats, yearly
from runs.studies.decay.claims import Claim
from runs.studies.decay.study import WINDOW, Study

if TYPE_CHECKING:
    import pandas as pd

Rows = list[list[str]]
Value = float | int | bool | str | None

YEAR_KEYS = (
    "index_return",
    "promised",
    "actual",
    "log_return",
    "index",
    "compounding",
    "carry",
    "fee",
    "rest",
    "volatility",
)
GROUPS = ("chop", "middle", "trend")


def headline(study: Study) -> str:
    """The first line: the multiple times the index over the whole history, and what the fund made."""
    t = study.total
    mark = "SIMULATED data. " if study.simulated else ""
    dead = " (wiped out)" if t.wiped_out else ""
    b, name = times(study.multiple), study.inputs.bars.name
    beyond = ", more than can be lost" if t.promised < -1 else ""
    said = (
        f"{mark}{study.fund} ({b}× a day) on {name}, {t.first} to {t.last}: {b} × the index's "
        f"{percent(t.index_return)} is {percent(t.promised)}{beyond}; "
        f"the fund made {percent(t.actual)}{dead}."
    )
    return with_caveats(said, not_its_index([study.ledger.fund], study.inputs.bars))


def key_figures(study: Study) -> list[KeyFigure]:
    """The multiple taken at its word, what the fund made, and the factors that multiply to that."""
    t, b = study.total, times(study.multiple)
    carry, fee = (factor(math.exp(v)) for v in (t.carry + t.rest, t.fee))
    index, compounding, costs = (
        factor(math.exp(v)) for v in (t.index, t.compounding, t.carry + t.rest + t.fee)
    )
    beside = "what 1 became by it alone"
    return [
        KeyFigure(f"{b} × index, taken at its word", percent(t.promised), f"{b} × {percent(t.index_return)}"),
        KeyFigure(
            f"{study.fund} made",
            percent(t.actual),
            "wiped out"
            if t.wiped_out
            else f"1 became {factor(1.0 + t.actual)} = {index} × {compounding} × {costs}",
        ),
        KeyFigure("index, without swings", index, beside),
        KeyFigure("compounding", compounding, beside),
        KeyFigure("financing, cash and fee", costs, f"{carry} × fee {fee}"),
    ]


def year_rows(study: Study) -> tuple[list[str], Rows]:
    """Headings and rows: the log return by cause, a calendar year a row, and the total."""
    headings = [
        "year",
        "index",
        f"{times(study.multiple)} × index",
        "the fund made",
        "log return",
        "= index",
        "+ compounding",
        "+ financing, cash",
        "+ fee",
        "+ rest",
        yearly("index volatility", study.ledger.sessions),
    ]
    return headings, [_year_row(year) for year in (*study.years, study.total)]


def _year_row(y: Year) -> list[str]:
    logs = [number(_tidy(v), 3) for v in (y.log_return, y.index, y.compounding, y.carry, y.fee, y.rest)]
    made = percent(y.actual) + (" (wiped out)" if y.wiped_out else "")
    returns = [percent(y.index_return), percent(y.promised), made]
    return [y.label, *returns, *logs, share(y.volatility)]


def holding_rows(study: Study) -> tuple[list[str], Rows]:
    """Headings and rows: the fund's return less its multiple times the index's, by holding period, and how
    often that is below 0."""
    at_its_word = f"{times(study.multiple)} × index"
    headings = [
        "sessions held",
        "starts",
        "without overlap",
        *(f"{q:.0%}".replace("%", " %") if q != 0.5 else "median" for q in QUANTILES),
        f"below {at_its_word}",
        f"{at_its_word} is below −100 %",
        "below it, of the others",
    ]
    rows = [
        [
            f"{s.horizon}",
            f"{s.starts:,}",
            f"{s.apart:,}",
            *(percent(q, 2 if s.horizon < 21 else 1) for q in s.quantiles),
            share(s.less_than_promised),
            share(s.promised_beyond_loss),
            share(s.less_when_possible),
        ]
        for _, s in study.holdings
    ]
    return headings, rows


def extreme_rows(study: Study) -> tuple[list[str], Rows]:
    """Headings and rows: starts with a flat index, the worst start, and the best with a multiple of the
    index that a fund can lose, by holding period."""
    less = f"fund less {times(study.multiple)} × index"
    headings = [
        "sessions held",
        "index flat",
        "without overlap",
        "fund lost",
        "median of these",
        "worst start",
        less,
        "best start",
        less,
    ]
    rows = [
        [
            f"{s.horizon}",
            f"{s.flat_starts:,}",
            f"{s.flat_apart:,}",
            share(s.lost_when_flat),
            percent(s.median_when_flat, 2 if s.horizon < 21 else 1),
            str(s.worst_start),
            percent(s.worst_difference, 2 if s.horizon == 1 else 1),
            "n/a" if s.best_start is None else str(s.best_start),
            percent(s.best_difference, 2 if s.horizon == 1 else 1),
        ]
        for _, s in study.holdings
    ]
    return headings, rows


def break_even_rows(study: Study) -> tuple[list[str], Rows]:
    """Headings and rows: what the index must do in a year, by volatility."""
    b = study.multiple
    headings = ["volatility", "fund at 0: index", f"{study.between} than {times(b)} × index: from", "to"]
    rows = [
        [
            share(e.volatility, 0),
            percent(e.zero),
            *("never" if v is None else percent(v) for v in (e.lower, e.higher)),
        ]
        for e in study.break_evens
    ]
    return headings, rows


def break_even_source(study: Study) -> str:
    """The formula behind the break-even table, and the rates put into it."""
    c = study.costs
    return (
        f"Break-even by 1 + fund = (1 + index)^b · exp((b−b²)/2·σ² + k), Avellaneda & Zhang 2010; k = "
        f"{percent(c.carry, 2)} a year from the means of this history: short rate "
        f"{share(c.short_rate, 2)}, spread {share(c.spread, 2)}, fee {share(c.expense_ratio, 2)}."
    )


def regime_rows(study: Study) -> tuple[list[str], Rows]:
    """Headings and rows: the compounding effect by tercile of the efficiency ratio."""
    headings = [
        f"{WINDOW}-session windows",
        "number",
        "efficiency ratio",
        "mean effect",
        "helped",
        "mean volatility",
    ]
    rows = [
        [
            name,
            f"{t.windows}",
            f"{t.lowest:.2f} to {t.highest:.2f}",
            percent(t.mean_effect, 2),
            share(t.helped),
            share(t.mean_volatility),
        ]
        for name, t in zip(GROUPS, study.terciles, strict=False)
    ]
    return headings, rows


def figures(study: Study, claims: list[Claim]) -> dict[str, Value]:
    """decay.json: everything in one flat dict, None where there is nothing to say."""
    out: dict[str, Value] = {
        "fund": study.fund,
        "multiple": study.multiple,
        "index": study.inputs.bars.name,
        "first": str(study.total.first),
        "last": str(study.total.last),
        "simulated": study.simulated,
        "wiped_out": str(study.total.last) if study.total.wiped_out else None,
    }
    for prefix, year in (*((f"year_{y.label}", y) for y in study.years), ("total", study.total)):
        out |= {f"{prefix}_{key}": getattr(year, key) for key in YEAR_KEYS}
    for _, s in study.holdings:
        prefix = f"holding_{s.horizon}"
        out |= {f"{prefix}_starts": s.starts, f"{prefix}_apart": s.apart}
        for q, value in zip(QUANTILES, s.quantiles, strict=True):
            out[f"{prefix}_median" if q == 0.5 else f"{prefix}_p{round(100 * q):02d}"] = value
        out[f"{prefix}_less_than_promised"] = s.less_than_promised
        out[f"{prefix}_promised_beyond_loss"] = s.promised_beyond_loss
        out[f"{prefix}_less_when_possible"] = s.less_when_possible
        out |= {f"{prefix}_flat_starts": s.flat_starts, f"{prefix}_flat_apart": s.flat_apart}
        out[f"{prefix}_lost_when_flat"] = s.lost_when_flat
        out[f"{prefix}_median_when_flat"] = s.median_when_flat
        for side in ("worst", "best"):
            start = getattr(s, f"{side}_start")
            out[f"{prefix}_{side}_start"] = None if start is None else str(start)
            out[f"{prefix}_{side}_difference"] = getattr(s, f"{side}_difference")
    out |= {f"mean_{key}": getattr(study.costs, key) for key in ("short_rate", "spread", "expense_ratio")}
    out["yearly_carry"] = study.costs.carry
    for e in study.break_evens:
        prefix = f"break_even_{round(100 * e.volatility)}"
        out |= {f"{prefix}_zero": e.zero, f"{prefix}_lower": e.lower, f"{prefix}_higher": e.higher}
    for name, t in zip(GROUPS, study.terciles, strict=False):
        for key in ("windows", "lowest", "highest", "mean_effect", "helped", "mean_volatility"):
            out[f"regime_{name}_{key}"] = getattr(t, key)
    for i, (claim, verdict) in enumerate(claims, 1):
        out |= {f"claim_{i}": claim, f"verdict_{i}": verdict}
    out |= {f"note_{i}": note for i, note in enumerate(study.notes, 1)}
    return {key: _json_value(value) for key, value in out.items()}


def _json_value(value: Value) -> Value:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def years_frame(study: Study) -> pd.DataFrame:
    """By calendar year and, last, in total: what `YEAR_KEYS` name; returns as fractions."""
    import pandas as pd

    rows = (*study.years, study.total)
    columns = {key: [getattr(row, key) for row in rows] for key in YEAR_KEYS}
    return pd.DataFrame(columns, index=pd.Index([*(y.label for y in study.years), "total"], name="year"))


def _tidy(value: float) -> float:
    """A rest of 1e-15 is 0, and not a negative one."""
    return 0.0 if abs(value) < 5e-10 else value
