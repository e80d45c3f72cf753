"""What a hedge did for its money, as a section of the report."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from runs.answers.parts import Picture
from runs.backtest.metrics import Metrics
from runs.studies.rules.hedge.charts import equity_and_beta, windows_chart
from runs.studies.rules.hedge.closer import hedge_closer, windows_closer
from runs.studies.rules.hedge.comparison import Comparison, compare, window_mean
from runs.studies.rules.hedge.measures import WINDOW
from runs.studies.rules.hedge.words import alarm, sentences, tables
from runs.studies.rules.study import RuleStudy

if TYPE_CHECKING:
    from runs.backtest.result import RunResult
    from runs.studies.rules.study import Rerun


def hedge_study(run: RunResult, rerun: Rerun) -> RuleStudy:
    """What the hedge did, what it cost, and what else would have given the same beta."""
    found = compare(run, rerun)
    return RuleStudy(
        heading="What the hedge did",
        sentences=sentences(found),
        alarm=alarm(found),
        tables=tables(found),
        pictures={
            "hedge": Picture(
                "Equity hedged and not, and the beta",
                partial(equity_and_beta, found),
                partial(hedge_closer, found),
            ),
            "hedge_windows": Picture(
                "The worst windows of the holding",
                partial(windows_chart, found),
                partial(windows_closer, found) if found.windows else None,
            ),
        },
        metrics=_metrics(found),
    )


def _metrics(found: Comparison) -> Metrics:
    courses = found.courses
    volatility, unhedged, while_on = found.risk
    out: Metrics = {
        "hedge_target_beta": found.rule.params.target_beta,
        "hedge_beta": courses["hedged"].beta,
        "hedge_effectiveness": courses["hedged"].effectiveness,
        "hedge_beta_while_hedged": while_on,
        "hedge_volatility_while_hedged": volatility,
        "hedge_nothing_volatility_while_hedged": unhedged,
        "hedge_sessions": int(found.hedged_on.sum()),
        "hedge_adds_risk": None if volatility is None or unhedged is None else volatility > unhedged,
        "hedge_rebalances_a_year": sum(found.rebalances.values()),
    }
    for cause, n in found.rebalances.items():
        out[f"hedge_rebalances_a_year_{cause.replace(' ', '_')}"] = n
    if found.cost is not None:
        out["hedge_cost"] = found.cost.total
        out |= {f"hedge_leg_{part}": value for part, value in found.cost._asdict().items()}
    for name, course in courses.items():
        key = f"hedge_{name}_"
        for part in ("total_return", "cagr", "volatility", "max_drawdown"):
            out[key + part] = course.performance[part]
        out |= {key + "beta": course.beta, key + "effectiveness": course.effectiveness}
        out[key + "costs_paid"] = course.costs_paid
        if found.windows:
            out[f"{key}worst_{WINDOW}_sessions"] = window_mean(found, name)
    return out
