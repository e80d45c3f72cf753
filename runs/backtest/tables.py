"""What a run says in words and rows: the same for the terminal and for the report."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from analyzers import drawdowns as spells_under_water
from runs.answers.parts import Table
from runs.answers.words import A_YEAR, factor, number, percent, share, yearly
from runs.backtest.fills import held_bars_part, held_part
from runs.backtest.report.months import from_start

if TYPE_CHECKING:
    from runs.backtest.result import RunResult

AT_ITS_WORD = "multiple × index, taken at its word"
MOST_SPELLS = 10  # under water that a table lists


def performance(run: RunResult) -> Table:
    """The rule beside holding the index, holding the traded fund, and the index at the rule's own risk."""
    columns = {f"{run.spec.name} rule": run.metrics}
    for name, own in run.held.items():
        columns[f"{run.bars.name if name == 'index' else name} held"] = own
    alike = run.same_risk["share"]
    if alike is not None:
        columns[f"{run.bars.name} at the rule's risk ({share(alike, 0)})"] = run.same_risk  # type: ignore[arg-type]
    rows = [
        [
            yearly(label, run.days) if key in A_YEAR else label,
            *(write(own.get(key)) for own in columns.values()),
        ]
        for label, key, write in (
            ("total return", "total_return", percent),
            ("CAGR", "cagr", percent),
            ("volatility a year", "volatility", share),
            ("Sharpe ratio", "sharpe", number),
            ("Sortino ratio", "sortino", number),
            ("worst drawdown", "max_drawdown", percent),
            ("longest under water, days", "max_drawdown_days", lambda v: number(v, 0)),
            ("Calmar ratio", "calmar", number),
            ("mean of the worst 5 % of days", "expected_shortfall_5", lambda v: percent(v, 2)),
        )
    ]
    if run.paid_in:
        rows += [
            [label, *(write(own.get(key)) for own in columns.values())]
            for label, key, write in (
                ("put in, with the same payments", "put_in", lambda v: number(v, 0)),
                ("final equity", "final_equity", lambda v: number(v, 0)),
                ("profit", "profit", lambda v: number(v, 0)),
                ("money-weighted return a year", "money_weighted_return", percent),
            )
        ]
    m = run.metrics
    others = [""] * (len(columns) - 1)
    rows += [
        [f"beta to {run.bars.name}", number(m["beta"]), *others],  # type: ignore[arg-type]
        [f"correlation to {run.bars.name}", number(m["correlation"]), *others],  # type: ignore[arg-type]
        [yearly("alpha a year", run.days), percent(m["alpha"]), *others],  # type: ignore[arg-type]
    ]
    return Table("Return and risk", ["", *columns], rows)


def account(run: RunResult) -> Table:
    """Trades, exposure, costs and the end of the account; no averages over trades where positions were
    rebalanced, but how often that was."""
    m = run.metrics
    averages = [
        ["options won, each by itself" if _events(run) else "won", share(m["win_rate"])],
        ["profit factor", number(m["profit_factor"])],
        ["average trade", percent(m["average_trade"], 2)],
        *_excursions(run),
        ["average bars held", number(m["average_bars_held"], 1)],
    ]
    rebalances = m["rebalances"]
    rows = [
        *_events(run),
        [_traded(run), f"{m['trades']:,}"],
        *([["sessions with a rebalance", f"{rebalances:,}"]] if rebalances else averages),
        [yearly("turnover a year, of equity", run.days), share(m["turnover"])],  # type: ignore[arg-type]
        *_held(run),
        *_exposures(run),
        ["worst drawdown within a bar, at most", percent(m["max_drawdown_within_bar"])],  # type: ignore[arg-type]
        ["costs paid", number(m["costs_paid"])],
        *(
            [f"of it {what}", number(m[key])]  # type: ignore[arg-type]
            for key, what in (("borrow_paid", "borrow fees"), ("financing_paid", "financing of CFDs"))
            if m[key]
        ),
        ["interest earned on cash", number(m["interest_earned"])],
        *(
            [["dividends received", number(m["dividends_received"])]]  # type: ignore[arg-type]
            if m["dividends_received"]
            else []
        ),
        *([["paid in while it ran", number(m["paid_in"])]] if run.paid_in else []),  # type: ignore[arg-type]
        ["final equity", number(m["final_equity"])],
    ]
    return Table("The account", [], rows)


def _events(run: RunResult) -> list[list[str]]:
    """Of options around events the event is the trade, and comes first; its options are its legs."""
    m = run.metrics
    if "options_events" not in m:
        return []
    return [
        ["events traded", f"{m['options_events']:,}"],
        ["events won", share(m["options_won"])],  # type: ignore[arg-type]
    ]


def _traded(run: RunResult) -> str:
    """What is counted as a trade."""
    if _events(run):
        return "options, the legs of these events"
    if run.contracts is not None:
        return "options"
    return "positions" if run.metrics["rebalances"] else "trades"


def _excursions(run: RunResult) -> list[list[str]]:
    """How far prices went against the average trade and for it, where that is known. A row each: one of both
    would keep the table from its place beside that of the returns."""
    named = {
        "… furthest against it": "average_adverse_excursion",
        "… furthest for it": "average_favourable_excursion",
    }
    known = {label: run.metrics[key] for label, key in named.items() if run.metrics[key] is not None}
    return [[label, percent(value, 2)] for label, value in known.items()]  # type: ignore[arg-type]


def _exposures(run: RunResult) -> list[list[str]]:
    """The mean exposure over equity: of all positions, then what differs from the line before."""
    m = run.metrics
    gross, net, index = (m[f"exposure_{kind}"] for kind in ("gross", "net", "index"))
    flat = ", as nothing is held by then" if run.trades and not gross else ""
    rows = [["average exposure at the close", f"{share(gross)}{flat}"]]  # type: ignore[arg-type]
    if net != gross:
        rows.append(["… longs less shorts", share(net)])  # type: ignore[arg-type]
    if index != net:
        rows.append(["… times the funds' multiples", share(index)])  # type: ignore[arg-type]
    return rows


def _held(run: RunResult) -> list[list[str]]:
    rows = [["sessions with a position", share(held_part(run))]]
    part = held_bars_part(run)
    return rows if part is None else [*rows, ["bars with a position", share(part)]]


def decay(run: RunResult) -> Table:
    """Per fund its multiple times the index's return, what it made, and the factors that make that up: the
    parts of its log return, each as what 1 became by it alone. Multiplied they are what 1 became in the fund,
    to the last session that it lived through."""
    labels = [AT_ITS_WORD, "the fund made", "= index, without swings", "× compounding"]
    labels += ["× financing, cash", "× fee"]
    parts: tuple[str, ...] = ("index", "compounding", "financing", "fee")
    if run.setting.traded:
        labels.append("× tracking")
        parts = (*parts, "rest")
    columns = {}
    for name, a in run.attributions.items():
        made = percent(a.actual) + (f" (wiped out {a.wiped_out})" if a.wiped_out is not None else "")
        became = [factor(math.exp(run.metrics[f"decay_{name}_{part}"])) for part in parts]  # type: ignore[arg-type]
        columns[name] = [percent(a.promised), made, *became]
    return _by_fund("What each fund made, and the factors that it comes from", labels, columns)


def _by_fund(title: str, labels: Sequence[str], columns: Mapping[str, Sequence[str]]) -> Table:
    """A column a fund, of which there are few; causes stand below one another, as in a sum."""
    rows = [[label, *cells] for label, *cells in zip(labels, *columns.values(), strict=True)]
    return Table(title, ["", *columns], rows if columns else [])


def legs(run: RunResult) -> Table:
    """Per fund traded, the profit of all its holdings by cause, in money."""
    labels = [
        AT_ITS_WORD,
        "+ compounding",
        "+ financing, cash",
        "+ fee",
        *(["+ tracking"] if run.setting.traded else []),
        "= profit",
        "− trading costs",
    ]
    tracking = ("tracking",) if run.setting.traded else ()
    parts = ("promised", "compounding", "financing", "fee", *tracking, "profit", "costs")
    columns = {name: [number(getattr(leg, part), 0) for part in parts] for name, leg in run.legs.items()}
    return _by_fund("Profit of each fund traded by cause, in money", labels, columns)


def drawdowns(run: RunResult) -> Table:
    """The ten deepest spells under water."""
    rows = [
        [
            percent(spell.depth),
            str(spell.peak),
            str(spell.trough),
            str(spell.recovery) if spell.recovery is not None else "not yet",
            number(spell.days, 0),
        ]
        for spell in spells_under_water(*from_start(run), MOST_SPELLS)
    ]
    headings = ["depth", "from", "lowest", "back at the high", "days"]
    return Table("The deepest drawdowns", headings, rows, brief=False)
