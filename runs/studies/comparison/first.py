"""What is read first on the page of a comparison: what was run on what, and the best of it in numbers."""

from __future__ import annotations

from collections.abc import Callable

from runs.answers.bar_words import counted_bars
from runs.answers.parts import KeyFigure
from runs.answers.words import counted, listed, number, percent, yearly
from runs.backtest.metrics import Metrics
from runs.backtest.result import RunResult
from runs.backtest.spans import spans_of
from runs.studies.comparison.study import Comparison


def asked_line(found: Comparison) -> str:
    """Specs, data, years, money, and which prices are synthetic."""
    bars = found.runs[0].bars
    specs = counted(len(found.pairs), "spec") if found.pairs else counted(len(found.runs), "spec")
    starts = {run.start for run in found.runs}
    money = f"{starts.pop():,.0f} at the start" if len(starts) == 1 else "each with its own money"
    both = ", on synthetic and on traded prices" if found.pairs else ""
    parts = [
        f"{specs} on {found.index_name}{both}, {found.days[0]} to {found.days[-1]}, {counted_bars(bars)}",
        *_synthetic(found),
        money,
    ]
    return " · ".join(parts)


def made_up(found: Comparison) -> str:
    """Which specs use simulated prices, where the others do not; "" where all do, or none."""
    names = list(dict.fromkeys(run.spec.name for run in found.runs if run.simulated))
    if not names or all(run.simulated for run in found.runs):
        return ""
    verb = "uses" if len(names) == 1 else "use"
    return f"{listed(names)} {verb} prices that a model makes; those of the others are real."


def _synthetic(found: Comparison) -> list[str]:
    """The funds without a traded price in any of the runs; and from when the others have one."""
    first: dict[str, str | None] = {}
    for run in found.runs:
        for name in run.instruments:
            if name in run.ledgers:
                day = next((str(run.days[span.first]) for span in spans_of(run) if name in span.traded), None)
                first[name] = first.get(name) or day
    never = [name for name, day in first.items() if day is None]
    begun = str(found.days[0])
    said = [f"{listed(never, 6)} synthetic throughout"] if never else []
    return said + [f"{name} synthetic until {day}" for name, day in first.items() if day and day > begun]


def best_of(found: Comparison) -> str:
    """The label of the spec that made most, of those that traded if any did."""
    named = _traded(found)
    return max(named, key=lambda label: float(named[label].metrics["total_return"]))  # type: ignore[arg-type]


def key_figures(found: Comparison) -> list[KeyFigure]:
    """Return, Sharpe ratio and drawdown of the spec that made most, and how many beat holding the index; of
    both kinds of prices each spec's return on either."""
    if found.pairs:
        return [
            KeyFigure(
                f"{pair.name}, traded prices",
                percent(pair.traded.metrics["total_return"]),  # type: ignore[arg-type]
                f"synthetic: {percent(pair.synthetic.metrics['total_return'])}",  # type: ignore[arg-type]
            )
            for pair in found.pairs[:5]
        ]
    held = float(found.index["total_return"])  # type: ignore[arg-type]
    better = sum(float(run.metrics["total_return"]) > held for run in found.runs)  # type: ignore[arg-type]
    best = best_of(found)
    return [
        KeyFigure("best by total return", best, counted(len(found.runs), "spec")),
        _own(found, best, "total return", "total_return", percent),
        _own(found, best, yearly("Sharpe ratio", found.days), "sharpe", number),
        _own(found, best, "worst drawdown", "max_drawdown", percent),
        KeyFigure(f"beat holding {found.index_name}", f"{better} of {len(found.runs)}", "by total return"),
    ]


def _own(
    found: Comparison, best: str, label: str, key: str, write: Callable[[float | None], str]
) -> KeyFigure:
    """A metric of the spec that made most, so that the figures are of one; beside it what holding had, and
    who had more of it."""
    known: dict[str, Metrics] = {
        name: run.metrics for name, run in _traded(found).items() if run.metrics[key] is not None
    }
    beside = f"{found.index_name} held: {write(found.index[key])}"  # type: ignore[arg-type]
    own = found.runs[found.labels.index(best)].metrics[key]
    if known:
        other = max(known, key=lambda name: float(known[name][key]))  # type: ignore[arg-type]
        if own is None or known[other][key] > own:  # type: ignore[operator]
            beside += f"; best: {other}, {write(known[other][key])}"  # type: ignore[arg-type]
    return KeyFigure(label, write(own), beside)  # type: ignore[arg-type]


def _traded(found: Comparison) -> dict[str, RunResult]:
    """The runs that traded; all where none did."""
    named = dict(zip(found.labels, found.runs, strict=True))
    return {label: run for label, run in named.items() if run.metrics["trades"]} or named
