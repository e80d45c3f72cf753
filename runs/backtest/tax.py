"""What tax took of a run: paid and owed, its result before and after, and each year's gains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analyzers import Curve, EquityLog
from engine.tax import TaxBook, TaxYear
from runs.answers.parts import Table
from runs.answers.words import number, percent
from runs.backtest import metrics as m
from runs.backtest.event_driven import run_lab
from runs.backtest.setting import Setting
from runs.specs.run_spec import RunSpec
from strategies import Rule

if TYPE_CHECKING:
    from runs.backtest.result import RunResult

BEFORE = ("total_return", "cagr", "final_equity")


def tax_metrics(spec: RunSpec, setting: Setting, rule: Rule | None, curve: Curve, broker: Any) -> m.Metrics:
    """Tax paid and owed, in money, and the result before and after all of it; runs the rule again without.

    The result after tax is that of the account less what is owed at its end. The result before is that of a
    run of its own: what was not paid goes on being traded.
    """
    plain = spec.model_copy(update={"account": spec.account.model_copy(update={"tax": None})})
    _, strategy = run_lab(plain, setting, rule, (EquityLog,))
    before = strategy.analyzers[-1].by_session()
    days, worth = before.from_start()
    without = m.performance(days, worth, setting.rate.on(days))
    without |= {"final_equity": float(before.equity[-1])}
    return {
        **m.taxed(curve, setting.rate, float(broker.accounts["tax"]), float(broker.tax_due)),
        **{f"{name}_before_tax": without[name] for name in BEFORE},
    }


def before_and_after(run: RunResult) -> Table:
    """The result before and after tax beside holding the index, which bears none here."""
    numbers, held = run.metrics, run.held["index"]
    final = float(run.held_value["index"][-1])
    rows = [
        [
            label,
            *(write(value) for value in (numbers[f"{key}_before_tax"], numbers[f"{key}_after_tax"], kept)),
        ]  # type: ignore[operator]
        for label, key, write, kept in (
            ("total return", "total_return", percent, held["total_return"]),
            ("CAGR", "cagr", percent, held["cagr"]),
            ("final equity", "final_equity", number, final if np.isfinite(final) else None),
        )
    ]
    rows += [
        ["tax paid while it ran", "", number(numbers["tax_paid"]), ""],  # type: ignore[arg-type]
        ["tax owed at its end", "", number(numbers["tax_due"]), ""],  # type: ignore[arg-type]
    ]
    columns = ["", "before tax", "after tax", f"{run.bars.name} held, before tax"]
    return Table("Before and after tax on realised gains", columns, rows)


def years_of(book: TaxBook) -> list[tuple[TaxYear, bool]]:
    """All years with a gain or loss, each with whether its tax has fallen due, in order."""
    return [*((year, True) for year in book.years), *((year, False) for year in book.outstanding())]


def years_table(run: RunResult) -> Table:
    """Each year's gains and losses, and the tax on them."""
    headings = ["year", "short-term", "long-term", "losses brought", "taxable", "tax", "due"]
    rows = [
        [
            str(year.year),
            *(
                number(value, 0)
                for value in (year.short, year.long, sum(year.brought), year.taxable, year.tax)
            ),
            str(year.due) + ("" if paid else ", still owed"),
        ]
        for year, paid in run.tax_years
    ]
    return Table("Realised gains by calendar year, and the tax on them", headings, rows, brief=False)


def tax_frame(run: RunResult) -> pd.DataFrame:
    """A row a year, in money: gains net of losses of the year itself, short-term and long-term; losses
    brought from years before; what is taxable after netting and allowance; tax; the day it falls due; and
    whether it did while the run went on."""
    rows = [
        (year.short, year.long, sum(year.brought), year.taxable, year.tax, str(year.due), paid)
        for year, paid in run.tax_years
    ]
    columns = ["short_term", "long_term", "losses_brought", "taxable", "tax", "due", "paid"]
    years = pd.Index([year.year for year, _ in run.tax_years], name="year", dtype="int64")
    return pd.DataFrame(rows, columns=columns, index=years)


def tax_words(numbers: m.Metrics) -> list[str]:
    """What tax took, as the end of a sentence; nothing where there is none."""
    if "tax_paid" not in numbers:
        return []
    return [
        f"tax on gains took {number(numbers['tax_paid'], 0)}, and {number(numbers['tax_due'], 0)} is still "  # type: ignore[arg-type]
        f"owed: {percent(numbers['total_return_after_tax'])} after all of it, "  # type: ignore[arg-type]
        f"{percent(numbers['total_return_before_tax'])} without tax; holding is shown before tax"  # type: ignore[arg-type]
    ]
