"""What is read first on the page of a run: what was run on what, five numbers, and whether luck was asked."""

from __future__ import annotations

from runs.answers.bar_words import counted_bars
from runs.answers.parts import KeyFigure, Verdict
from runs.answers.words import number, percent, share, yearly
from runs.backtest.result import RunResult
from runs.backtest.spans import spans_of

FEW = 50  # trades: below it a part of them is said by its number


def asked_line(run: RunResult) -> str:
    """Rule, data, years, money, and which prices are synthetic."""
    rule = run.rule.name if run.rule is not None else run.spec.strategy
    bars = counted_bars(run.bars)
    parts = [
        f"{rule} on {run.bars.name}, {run.days[0]} to {run.days[-1]}, {bars}",
        *([_prices(run)] if run.instruments else []),
        f"{run.start:,.0f} at the start",
    ]
    return " · ".join(parts)


def _prices(run: RunResult) -> str:
    """Which instruments are synthetic, and until when."""
    said = []
    for name in run.instruments:
        if name not in run.ledgers:
            continue
        if name not in run.setting.traded:
            said.append(f"{name} synthetic throughout")
            continue
        first = next((run.days[span.first] for span in spans_of(run) if name in span.traded), None)
        said.append(f"{name} synthetic throughout" if first is None else f"{name} synthetic until {first}")
    return ", ".join(said) or "no fund is traded"


def key_figures(run: RunResult) -> list[KeyFigure]:
    """What it made a year, worst drawdown, Sharpe ratio, trades, costs; beside them what holding the index
    gave. Who pays in reads what the money made and how much it was: returns with payments aside stand in
    the tables."""
    own, index, name = run.metrics, run.held["index"], f"{run.bars.name} held"
    if run.paid_in:
        same = percent(own["hold_index_money_weighted_return"])  # type: ignore[arg-type]
        made = KeyFigure("money-weighted return", percent(own["money_weighted_return"]), f"{name}: {same}")  # type: ignore[arg-type]
        end = number(own["final_equity"], 0)  # type: ignore[arg-type]
        third = KeyFigure("put in", number(own["put_in"], 0), f"worth {end} at the end")  # type: ignore[arg-type]
        part = f"{share(own['costs_paid'] / own['put_in'], 2)} of what was put in"  # type: ignore[operator]
    else:
        made = KeyFigure(yearly("CAGR", run.days), percent(own["cagr"]), f"{name}: {percent(index['cagr'])}")  # type: ignore[arg-type]
        beside = f"{name}: {number(index['sharpe'])}"  # type: ignore[arg-type]
        third = KeyFigure(yearly("Sharpe ratio", run.days), number(own["sharpe"]), beside)  # type: ignore[arg-type]
        part = f"{share(own['costs_paid'] / run.start)} of the money at the start"  # type: ignore[operator]
    return [
        made,
        KeyFigure(
            "worst drawdown",
            percent(own["max_drawdown"]),  # type: ignore[arg-type]
            f"{name}: {percent(index['max_drawdown'])}",  # type: ignore[arg-type]
        ),
        third,
        _trades(run),
        KeyFigure("costs paid", number(own["costs_paid"], 0), part),  # type: ignore[arg-type]
    ]


def _trades(run: RunResult) -> KeyFigure:
    """How many trades, and how many of them made money; of options around events the event is the trade, as
    a straddle is won or lost whole."""
    own = run.metrics
    count, won, what = own["trades"], own["win_rate"], "trade"
    if own.get("hedge_effectiveness") is not None:
        return _hedged(run)
    if "options_events" in own:
        count, won, what = own["options_events"], own["options_won"], "event"
    elif run.contracts is not None:
        what = "option"
    elif own["rebalances"]:
        won, what = None, "position"
    beside = "" if won is None else f"{_part(won, count)} made money"  # type: ignore[arg-type]
    return KeyFigure(what + "s" * (count != 1), f"{count:,}", beside)


def _part(part: float, count: int) -> str:
    """A part of so many: of few as their number, as a percentage would say more than is known."""
    return f"{round(part * count):,} of {count:,}" if count < FEW else share(part, 0)


def _hedged(run: RunResult) -> KeyFigure:
    """What a hedge took of the risk, and what it cost against holding less at the same beta."""
    m = run.metrics
    less, own, beside = m["hedge_less_cagr"], m["cagr"], ""
    if less is not None and own is not None:
        more = "more" if less >= own else "less"  # type: ignore[operator]
        beside = f"holding less instead: {share(abs(less - own), 2)} a year {more}"  # type: ignore[operator]
    return KeyFigure("variance taken away", share(m["hedge_effectiveness"], 0), beside)  # type: ignore[arg-type]


def not_judged(name: str) -> Verdict:
    """That nobody has asked yet whether it is an edge."""
    return Verdict(
        "not asked: luck",
        f"This is one path of one market. letf robustness {name} says whether it is an edge.",
    )
