"""What a run says in words and rows: the same for the terminal and for the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runs.answers.words import listed, number, percent, share

if TYPE_CHECKING:
    from runs.backtest.result import RunResult

Rows = list[list[str]]
INTEREST_SAID = 0.01  # of the stake; idle cash often makes more than the rule does


def headline(run: RunResult) -> str:
    """The first line: the verdict if the rule never traded, else the outcome."""
    m = run.metrics
    mark = "SIMULATED data. " if run.simulated else ""
    if run.verdict:
        return mark + run.verdict
    interest = m["interest_earned"] / run.spec.account.cash  # type: ignore[operator]
    borrow = -m["borrow_paid"] / run.spec.account.cash  # type: ignore[operator]
    parts = [
        f"{percent(part)} {what}"
        for part, what in ((interest, "interest on cash"), (borrow, "borrow fees"))
        if abs(part) >= INTEREST_SAID
    ]
    of_it = f" (of it {' and '.join(parts)})" if parts else ""
    traded = listed(run.instruments)
    what = "trade" if m["trades"] == 1 else "trades"
    made = f"{m['trades']} {what} of {traded}"
    if m["rebalances"]:  # then a position is no trade, and their number says little
        what = "position" if m["trades"] == 1 else "positions"
        days = "1 session" if m["rebalances"] == 1 else f"{m['rebalances']:,} sessions"
        made = f"{m['trades']} {what} in {traded}, rebalanced in {days}"
    return (
        f"{mark}{run.spec.name} on {run.bars.name}, {run.days[0]} to {run.days[-1]}: "
        f"{percent(m['total_return'])}{of_it} in {made}; "
        f"holding {run.bars.name} gave {percent(m['hold_index_total_return'])}."
    )


def performance_rows(run: RunResult) -> tuple[list[str], Rows]:
    """Headings and rows: the rule beside holding the index and holding the traded fund."""
    columns = {f"{run.spec.name} rule": run.metrics}
    for name, own in run.held.items():
        columns[f"{run.bars.name if name == 'index' else name} held"] = own
    rows = [
        [label, *(write(own[key]) for own in columns.values())]
        for label, key, write in (
            ("total return", "total_return", percent),
            ("CAGR", "cagr", percent),
            ("volatility a year", "volatility", lambda v: percent(v).lstrip("+")),
            ("Sharpe ratio", "sharpe", number),
            ("Sortino ratio", "sortino", number),
            ("worst drawdown", "max_drawdown", percent),
            ("longest under water, days", "max_drawdown_days", lambda v: number(v, 0)),
            ("Calmar ratio", "calmar", number),
        )
    ]
    return ["", *columns], rows


def account_rows(run: RunResult) -> Rows:
    """Trades, exposure, costs and the end of the account; no averages over trades where positions were
    rebalanced, but how often that was."""
    m = run.metrics
    averages = [
        ["won", share(m["win_rate"])],
        ["profit factor", number(m["profit_factor"])],
        ["average trade", percent(m["average_trade"], 2)],
        ["average bars held", number(m["average_bars_held"], 1)],
    ]
    rebalances = m["rebalances"]
    return [
        ["positions" if rebalances else "trades", f"{m['trades']}"],
        *([["sessions with a rebalance", f"{rebalances:,}"]] if rebalances else averages),
        ["turnover a year, of equity", share(m["turnover"])],
        ["average exposure", percent(m["exposure"]).lstrip("+")],
        ["costs paid", number(m["costs_paid"])],
        *(
            [f"of it {what}", number(m[key])]  # type: ignore[arg-type]
            for key, what in (("borrow_paid", "borrow fees"), ("financing_paid", "financing of CFDs"))
            if m[key]
        ),
        ["interest earned on cash", number(m["interest_earned"])],
        ["final equity", number(m["final_equity"])],
    ]


def decay_rows(run: RunResult) -> tuple[list[str], Rows]:
    """Headings and rows: per fund what was promised, what came, and the log return by cause."""
    headings = [
        "fund",
        "multiple × index",
        "came",
        "log return",
        "= multiple × index",
        "+ compounding",
        "+ financing, cash",
        "+ fee",
    ]
    parts = ("log_return", "index", "compounding", "financing", "fee")
    rows = []
    for name, a in run.attributions.items():
        came = percent(a.actual) + (f" (wiped out {a.wiped_out})" if a.wiped_out is not None else "")
        logs = [number(run.metrics[f"decay_{name}_{part}"], 3) for part in parts]
        rows.append([name, percent(a.promised), came, *logs])
    return headings, rows


def leg_rows(run: RunResult) -> tuple[list[str], Rows]:
    """Headings and rows: per fund traded, the profit of all its holdings by cause, in money."""
    headings = [
        "fund traded",
        "multiple × index",
        "+ compounding",
        "+ financing, cash",
        "+ fee",
        "= profit",
        "− trading costs",
    ]
    parts = ("promised", "compounding", "financing", "fee", "profit", "costs")
    rows = [[name, *(number(getattr(leg, part), 0) for part in parts)] for name, leg in run.legs.items()]
    return headings, rows


def drawdown_rows(run: RunResult) -> tuple[list[str], Rows]:
    """Headings and rows: the five deepest spells under water."""
    rows = [
        [
            percent(spell.depth),
            str(spell.peak),
            str(spell.trough),
            str(spell.recovery) if spell.recovery is not None else "not yet",
            number(spell.days, 0),
        ]
        for spell in run.worst
    ]
    return ["depth", "from", "lowest", "back at the high", "days"], rows
