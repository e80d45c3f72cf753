"""The sections of a run's page in the order in which they are read: what it made and how, every trade,
months, falls and costs; then what the funds did, and the figures that few ask for."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from runs.answers.parts import Picture, Section
from runs.backtest import tables
from runs.backtest.plan_doors import door_table
from runs.backtest.plan_words import plan_table
from runs.backtest.report import rolling
from runs.backtest.report.marks import small_prices
from runs.backtest.report.meanings import DECAY_MEANS, LEGS_MEAN, TWO_WAYS
from runs.backtest.report.months import months_table
from runs.backtest.report.months import years_table as each_year
from runs.backtest.report.ratios import ratios_table
from runs.backtest.report.sheet import lately_table, shape_table, trades_figures
from runs.backtest.report.trades import costs_table, trades_table
from runs.backtest.result import RunResult
from runs.backtest.spans import spans_table
from runs.backtest.tax import before_and_after, years_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def sections_of(run: RunResult) -> list[Section]:
    """All of them. An alarm of a study stands on the first screen, and not once more in its section."""
    return [
        _performance(run),
        _plan(run),
        *(replace(part, alarm=None) for part in run.studies),
        Section(
            "Every trade",
            sentences=[said] if (said := small_prices(run)) and run.trades else [],
            tables=[*trades_figures(run), trades_table(run)],
            brief=False,
        ),
        *_by_time(run),
        *run.fund_studies,
        *_funds(run),
        Section(
            "Further figures",
            tables=[
                rolling.spans_table(run),
                ratios_table(run),
                rolling.quantiles_table(run),
                shape_table(run),
            ],
            pictures={
                "returns": Picture(
                    "How often a return was how large",
                    partial(_panes_chart, "returns", run),
                    partial(rolling.sizes_closer, run),
                    extra=True,
                )
            },
            brief=False,
        ),
    ]


def _performance(run: RunResult) -> Section:
    from runs.backtest.pictures import charts
    from runs.backtest.report.closer import equity_closer

    spans = [spans_table(run)] if run.setting.traded and run.rule is not None else []
    taxed = [before_and_after(run), years_table(run)] if run.spec.account.tax is not None else []
    return Section(
        "Performance",
        tables=[tables.performance(run), *taxed, *spans, tables.account(run)],
        pictures={
            "equity": Picture(
                "Equity against buying and holding; below it, how far under the last high",
                partial(charts.equity_chart, run),
                partial(equity_closer, run),
            ),
            "underwater": Picture(
                "Drawdown of the rule and of the index",
                partial(charts.underwater_chart, run),
                on_page=False,
            ),
        },
    )


def _plan(run: RunResult) -> Section:
    from runs.backtest.pictures import charts, rule_chart
    from runs.backtest.report.closer import price_closer
    from runs.backtest.report.signals import signals_closer

    pictures = {
        "price": Picture(
            "Prices with entries and exits marked" if run.trades else "Prices; nothing was traded",
            partial(charts.price_chart, run),
            partial(price_closer, run),
        )
    }
    if rule_chart.has_chart(run):
        pictures["signals"] = Picture(
            "What the rule saw and what followed",
            partial(rule_chart.rule_chart, run),
            partial(signals_closer, run),
        )
    about = run.rule.when if run.rule is not None else ""
    return Section(
        "Plan and outcome" if run.rule is not None else "Trades",
        tables=[plan_table(run), door_table(run)],
        pictures=pictures,
        fine_print=[about] if about else [],
    )


def _by_time(run: RunResult) -> list[Section]:
    from runs.backtest.report.closer import exposure_closer

    return [
        Section(
            "Month by month",
            tables=[months_table(run), each_year(run), lately_table(run)],
            brief=False,
        ),
        Section(
            "Drawdowns, exposure and costs",
            tables=[tables.drawdowns(run), costs_table(run)],
            pictures={
                "exposure": Picture(
                    "What was held at each close",
                    partial(_panes_chart, "exposure", run),
                    partial(exposure_closer, run),
                    extra=True,
                ),
                "rolling": Picture(
                    "Volatility, Sharpe and Sortino ratio and beta over the last days; returns day by day",
                    partial(_panes_chart, "rolling", run),
                    partial(rolling.rolling_closer, run),
                    extra=True,
                ),
            },
            brief=False,
        ),
    ]


def _funds(run: RunResult) -> list[Section]:
    """What the funds did to the idea; nothing where a rule trades none of them."""
    from runs.backtest.pictures import charts
    from runs.backtest.report.closer import decay_closer

    if not run.attributions or not (run.funds or run.rule is None):
        return []
    return [
        Section(
            "What the funds did to the idea",
            sentences=[TWO_WAYS] if run.legs else [],
            tables=[tables.legs(run), tables.decay(run)],
            pictures={
                "decay": Picture(
                    "Each fund's log return by cause",
                    partial(charts.decay_chart, run),
                    partial(decay_closer, run),
                )
            },
            fine_print=[*([LEGS_MEAN] if run.legs else []), DECAY_MEANS],
        )
    ]


def _panes_chart(name: str, run: RunResult) -> Figure:
    """One of the pictures that have no other file than their panes drawn."""
    from runs.answers.panes import panes_chart
    from runs.backtest.report import closer

    what, panes = {
        "exposure": ("Exposure", closer.exposure_closer),
        "returns": ("Returns by size", rolling.months_of),
        "rolling": ("The last year of days", rolling.year_of),
    }[name]
    return panes_chart(panes(run), f"{what}: {run.spec.name} on {run.bars.name}", run.simulated)
