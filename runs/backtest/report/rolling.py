"""A run over the last year or half-year of days: volatility, Sharpe and Sortino ratio, beta; its daily
returns, and how all returns are spread."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from engine.kernel.figures import SESSIONS_A_YEAR, STILL
from runs.answers.closer import Bars, Choice, Floats, Form, Line, Pane, Panes
from runs.answers.parts import Table
from runs.answers.words import percent, share
from runs.backtest.benchmarks import index_held
from runs.backtest.fills import held_sessions
from runs.backtest.metrics import night_rates
from runs.backtest.result import RunResult

WINDOW = 252
FEW = 20  # days with a position in a window, from which on it has a Sharpe and a Sortino ratio
WINDOWS = {"a year": WINDOW, "six months": WINDOW // 2}
BINS = 40
QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
SPANS = {"week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}  # pandas' codes of periods


def daily_returns(worth: Floats) -> Floats:
    """Return of each session over the one before, shape (n − 1,); NaN from where nothing is left."""
    before = np.where(worth[:-1] > 0, worth[:-1], np.nan)
    return worth[1:] / before - 1.0


def rolling_closer(run: RunResult) -> Choice:
    """Volatility, Sharpe and Sortino ratio of rule and index, and the rule's beta, over the last 252 days or
    the last 126, as far as there are so many; under them the return of each day.

    A window with hardly a day with a position has no ratio: of interest alone it would be one of rounding."""
    daily = _daily(run)
    held = held_sessions(run)
    of = {}
    for name, window in WINDOWS.items():
        if len(run.days) > window + 1:
            enough = pd.Series(held).rolling(window).sum().to_numpy() >= FEW
            gaps = not enough[window:].all()
            note = f"No Sharpe and no Sortino ratio after {window} days with a position on fewer than {FEW}."
            panes = [*_rolled(run, window, enough), daily]
            of[name] = Panes(run.days, panes, note=note if gaps else "")
    return Choice("window", of or {"each day": Panes(run.days, [daily])})


def year_of(run: RunResult) -> Panes:
    """Of the windows the longest: for the file."""
    return next(iter(rolling_closer(run).of.values()))  # type: ignore[return-value]


def _daily(run: RunResult) -> Pane:
    index = index_held(run.setting, len(run.days))
    lines = [
        Line(f"{run.bars.name} held", np.append(np.nan, daily_returns(index)), "index"),
        Line(run.spec.name, np.append(np.nan, daily_returns(run.worth)), "rule"),
    ]
    return Pane("return of the day", lines, "percent", share=0.5)


def _rolled(run: RunResult, window: int, enough: np.ndarray) -> list[Pane]:
    index = index_held(run.setting, len(run.days))
    nights = night_rates(run.days, run.short_rate.on(run.days))
    own, market = daily_returns(run.worth), daily_returns(index)
    name = f"{run.bars.name} held"

    def both(label: str, ratio: Callable[[Floats, int], Floats], less: Floats | float, form: Form) -> Pane:
        mine = ratio(own - less, window)
        lines = [
            Line(run.spec.name, mine if form == "percent" else np.where(enough, mine, np.nan), "rule"),
            Line(name, ratio(market - less, window), "index"),
        ]
        return Pane(label, lines, form, share=0.5)

    beta = Line(f"beta to {run.bars.name}", rolling_beta(run, window), "rule")
    return [
        both("volatility a year", _volatility, 0.0, "percent"),
        both("Sharpe ratio", _sharpe, nights, "number"),
        both("Sortino ratio", _sortino, nights, "number"),
        Pane("beta", [beta], share=0.5),
    ]


def rolling_beta(run: RunResult, window: int = WINDOW) -> Floats:
    """Covariance of the account's daily returns with the index's over the variance of the latter, over the
    last days of the window; NaN before there are so many."""
    own = pd.Series(np.append(np.nan, daily_returns(run.worth)))
    market = pd.Series(np.append(np.nan, daily_returns(index_held(run.setting, len(run.days)))))
    moved = market.rolling(window).var()
    beta: Floats = (own.rolling(window).cov(market) / moved.where(moved > 0)).to_numpy()
    return beta


def _volatility(returns: Floats, window: int) -> Floats:
    spread: Floats = pd.Series(np.append(np.nan, returns)).rolling(window).std().to_numpy()
    return spread * np.sqrt(SESSIONS_A_YEAR)


def _sharpe(excess: Floats, window: int) -> Floats:
    rolled = pd.Series(np.append(np.nan, excess)).rolling(window)
    spread = rolled.std()
    ratio: Floats = (rolled.mean() / spread.where(spread > STILL)).to_numpy()
    return ratio * np.sqrt(SESSIONS_A_YEAR)


def _sortino(excess: Floats, window: int) -> Floats:
    rolled = pd.Series(np.append(np.nan, excess)).rolling(window)
    falls = pd.Series(np.append(np.nan, np.minimum(excess, 0.0) ** 2)).rolling(window)
    downside = np.sqrt(falls.mean().clip(lower=0.0))
    ratio: Floats = (rolled.mean() / downside.where(downside > STILL)).to_numpy()
    return ratio * np.sqrt(SESSIONS_A_YEAR)


def sizes_closer(run: RunResult) -> Choice:
    """How often a return was how large, of the rule and of the index held; by day, by month."""
    of = {}
    spans = _by_span(run)
    for kind in ("month", "day"):
        own, index = spans[kind]
        if len(own) < 2:
            continue
        low, high = np.quantile(np.concatenate((own, index)), (0.002, 0.998))
        edges = np.linspace(min(low, -1e-4), max(high, 1e-4), BINS + 1)
        middles = (edges[1:] + edges[:-1]) / 2
        counts = [np.histogram(values, edges)[0] / len(values) for values in (own, index)]
        parts = [
            Bars(run.spec.name, edges[:-1], edges[1:], counts[0], "rule"),
            Line(f"{run.bars.name} held", counts[1], "index"),
        ]
        note = "The outermost two in a thousand on each side are not drawn."
        pane = Pane(f"share of {kind}s", parts, "percent")
        of[f"returns of a {kind}"] = Panes(middles, [pane], x_label="return", x_form="percent", note=note)
    return Choice("show", of)


def months_of(run: RunResult) -> Panes:
    """Of the sizes those of months, or of days where there are too few: for the file."""
    of = sizes_closer(run).of
    return of.get("returns of a month", next(iter(of.values())))  # type: ignore[return-value]


def spans_table(run: RunResult) -> Table:
    """The best, the worst and the average day, week, month, quarter and year, and how many made money; of the
    rule those in which something was held, as cash that earns interest makes a gain of each day."""
    rows = []
    held = held_sessions(run)
    for kind, (own, index) in _by_span(run, held).items():
        if not len(index):
            continue
        for label, write in (
            (f"best {kind}", lambda v: percent(float(v.max()) if len(v) else None)),
            (f"worst {kind}", lambda v: percent(float(v.min()) if len(v) else None)),
            (f"average {kind}", lambda v: _average(v)),
            (f"average {kind} with a gain", lambda v: _average(v[v > 0])),
            (f"average {kind} with a loss", lambda v: _average(v[v < 0])),
            (f"{kind}s with a gain", lambda v: share(float((v > 0).mean()) if len(v) else None, 0)),
        ):
            rows.append([label, write(own), write(index)])
    title = "Days, months and years"
    if not held[1:].all():  # nothing returned before the first close
        title += "; of the rule those with a position"
    return Table(title, ["", run.spec.name, f"{run.bars.name} held"], rows, brief=False)


def quantiles_table(run: RunResult) -> Table:
    """How the returns of days, weeks, months, quarters and years are spread: of the rule, and the index."""
    rows = []
    for kind, both in _by_span(run).items():
        for name, values in zip((f"{kind}s", f"… {run.bars.name} held"), both, strict=True):
            if len(values):
                found = np.quantile(values, QUANTILES)
                rows.append([name, *(percent(float(value)) for value in found), f"{len(values):,}"])
    headings = ["", "least", "5 %", "25 %", "median", "75 %", "95 %", "most", "number"]
    return Table("How returns are spread", headings, rows, brief=False)


def _average(values: Floats) -> str:
    return percent(float(values.mean()) if len(values) else None, 2)


def _by_span(run: RunResult, held: np.ndarray | None = None) -> dict[str, tuple[Floats, Floats]]:
    """Returns of days, weeks (from Monday), months, quarters and years, of the rule and of the index held; of
    the rule those with a session that is True in `held`, bool, shape (n,), or all."""
    index = index_held(run.setting, len(run.days))
    some = np.ones(len(run.days), dtype=bool) if held is None else held
    own, market = daily_returns(run.worth), daily_returns(index)
    out = {"day": (own[np.isfinite(own) & some[1:]], market[np.isfinite(market)])}
    for kind, code in SPANS.items():
        mine = _returns_by(run.days, run.worth, run.start, code, some)
        out[kind] = (mine, _returns_by(run.days, index, float(index[0]), code))
    return out


def _returns_by(
    days: np.ndarray, worth: Floats, start: float, code: str, held: np.ndarray | None = None
) -> Floats:
    """Return of each week, month and so on, the first and the last as far as they go; without those that
    began with nothing, and those without a session that is True in `held`."""
    periods = pd.DatetimeIndex(days).to_period(code).asi8
    last = np.append(periods[1:] != periods[:-1], True)
    ends = worth[last]
    before = np.append(start, ends[:-1])
    some = before > 0
    if held is not None:
        some &= np.logical_or.reduceat(held, np.append(0, np.flatnonzero(last)[:-1] + 1))
    found: Floats = ends[some] / before[some] - 1.0
    return found
