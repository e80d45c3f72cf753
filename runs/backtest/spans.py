"""Which part of a run was on traded prices of its funds, and which on synthetic ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from feeds.bars import MIN_BARS, Bars
from letf_instruments import LeveragedFund
from runs.answers.fact_words import fund_notes
from runs.answers.index_words import not_its_index
from runs.answers.parts import Table
from runs.answers.words import counted, listed, number, percent, share
from runs.backtest.metrics import Metrics, performance

if TYPE_CHECKING:
    import pandas as pd

    from runs.backtest.result import RunResult
    from runs.backtest.setting import Setting

SYNTHETIC, TRADED = "synthetic", "traded"


@dataclass(frozen=True)
class Span:
    """Sessions from the first to the last position, both included, on prices of one kind.

    traded : the funds whose own bars they are on; the run's other funds are synthetic there. A session that
        a fund's bars lack between their first and their last counts with those around it.
    """

    first: int
    last: int
    traded: tuple[str, ...]

    def words(self, funds: Sequence[str]) -> str:
        """The kind of the prices: "synthetic", "traded", or which fund is what."""
        rest = [name for name in funds if name not in self.traded]
        if not self.traded:
            return SYNTHETIC
        return TRADED if not rest else f"{listed(self.traded)} {TRADED}, {listed(rest)} {SYNTHETIC}"


def spans_of(run: RunResult) -> list[Span]:
    """The spans of a run in order; a single one where all its prices are of one kind, none without a fund
    that has bars of its own. The first bar counts with those after it: nothing is filled there."""
    funds = [name for name in run.instruments if name in run.ledgers]
    if not any(name in run.setting.traded for name in funds):
        return []
    quoted = _quoted(run, funds)
    forth = np.logical_or.accumulate(quoted, axis=1)
    own = forth & np.logical_or.accumulate(quoted[:, ::-1], axis=1)[:, ::-1]
    starts = [0, *(np.flatnonzero((own[:, 1:] != own[:, :-1]).any(axis=0)) + 1).tolist()]
    ends = [*(start - 1 for start in starts[1:]), len(run.days) - 1]
    return [
        Span(start, end, tuple(name for name, flag in zip(funds, own[:, start], strict=True) if flag))
        for start, end in zip(starts, ends, strict=True)
    ]


def _quoted(run: RunResult, funds: Sequence[str]) -> npt.NDArray[np.bool_]:
    """True where a fund has a bar of its own, by fund and session. The first bar is as the next is."""
    last = np.flatnonzero(run.ledgers[funds[0]].session_last)[-len(run.days) :]
    own = np.array([run.ledgers[name].traded[last] for name in funds])
    own[:, 0] = own[:, 1]
    return own


def span_metrics(run: RunResult, span: Span) -> Metrics:
    """Performance of the account within a span, from the close before it, and the trades entered there."""
    at = slice(max(span.first - 1, 0), span.last + 1)
    days = run.days[at]
    first, last = run.days[span.first], run.days[span.last]
    entered = sum(first <= trade.entry_date <= last for trade in run.trades)
    own: Metrics = performance(days, run.worth[at], run.short_rate.on(days)) if len(days) >= MIN_BARS else {}
    return {"sessions": span.last - span.first + 1, "trades": entered, **own}


def spans_table(run: RunResult) -> Table:
    """A row a span."""
    funds = [name for name in run.instruments if name in run.ledgers]
    rows = []
    for span in spans_of(run):
        m = span_metrics(run, span)
        rows.append(
            [
                span.words(funds),
                str(run.days[span.first]),
                str(run.days[span.last]),
                number(m["trades"], 0),  # type: ignore[arg-type]
                percent(m.get("total_return")),  # type: ignore[arg-type]
                percent(m.get("cagr")),  # type: ignore[arg-type]
                share(m.get("volatility")),  # type: ignore[arg-type]
                number(m.get("sharpe")),  # type: ignore[arg-type]
                percent(m.get("max_drawdown")),  # type: ignore[arg-type]
            ]
        )
    headings = ["prices of the funds", "from", "to", "trades entered", "total return", "CAGR", "volatility"]
    return Table("On synthetic and on traded prices", [*headings, "Sharpe", "worst drawdown"], rows)


def spans_frame(run: RunResult) -> pd.DataFrame:
    """A row a span: prices, first, last, then as `span_metrics`."""
    import pandas as pd

    funds = [name for name in run.instruments if name in run.ledgers]
    return pd.DataFrame(
        [
            {
                "prices": span.words(funds),
                "first": run.days[span.first],
                "last": run.days[span.last],
                **span_metrics(run, span),
            }
            for span in spans_of(run)
        ]
    )


def traded_share(run: RunResult) -> float | None:
    """The part of the sessions on which all funds of the rule had bars of their own; None without a fund."""
    funds = [name for name in run.instruments if name in run.ledgers]
    if not funds:
        return None
    return float(_quoted(run, funds).all(axis=0).mean())


def span_caveat(run: RunResult) -> list[str]:
    """Which of a run's prices were traded, short, for its first sentence; none where no fund has any."""
    spans = spans_of(run)
    funds = [name for name in run.instruments if name in run.ledgers]
    if not spans:
        return []
    said: dict[str, list[str]] = {}
    for name, quoted in zip(funds, _quoted(run, funds), strict=True):
        flags = [name in span.traded for span in spans]
        inside = sum(s.last - s.first + 1 for s in spans if name in s.traded)
        lacking = inside - int(quoted.sum())
        but = f", but for {counted(lacking, 'session')} that its file lacks" if lacking else ""
        said.setdefault(_of_one(run, spans, flags, but), []).append(name)
    return [f"{listed(names)} {'is' if len(names) == 1 else 'are'} {how}" for how, names in said.items()]


def _of_one(run: RunResult, spans: Sequence[Span], flags: Sequence[bool], but: str) -> str:
    """From when to when a fund is traded; `flags` say in which spans, and `but` what is lacking there."""
    if all(flags):
        return f"on traded prices throughout{but}"
    if not any(flags):
        return "synthetic throughout"
    begin = spans[flags.index(True)].first
    end = spans[len(flags) - 1 - flags[::-1].index(True)].last
    if begin and end == len(run.days) - 1:
        return f"synthetic before {run.days[begin]} and on traded prices from then on{but}"
    then = f"{but}, and" if but else " and"
    if not begin:
        return f"on traded prices to {run.days[end]}{then} synthetic after"
    return f"on traded prices from {run.days[begin]} to {run.days[end]}{then} synthetic otherwise"


# -- what synthetic funds rest on -------------------------------------------------------------------


def synthetic_parts(
    setting: Setting, funds: Iterable[LeveragedFund]
) -> list[tuple[list[LeveragedFund], Bars]]:
    """Funds by what they are made from, in the span in which they are: none of those that have bars of their
    own from the first of the run to the last."""
    parts: dict[tuple[str, object, object], tuple[list[LeveragedFund], Bars]] = {}
    for fund in funds:
        bars = setting.index_of(fund.ticker)
        traded = setting.traded.get(fund.ticker)
        first, last = bars.sessions[0], bars.sessions[-1]
        if traded is not None:
            both = bars.sessions[np.isin(bars.sessions, traded.bars.sessions)]
            if len(both) >= MIN_BARS:
                if both[0] == first and both[-1] == last:
                    continue
                if both[-1] == last:
                    last = both[0]
                elif both[0] == first:
                    first = both[-1]
        key = (bars.name, first, last)
        if key not in parts:
            parts[key] = ([], bars.between(first, last) if last > first else bars)
        parts[key][0].append(fund)
    return list(parts.values())


def synthetic_notes(setting: Setting, funds: Iterable[LeveragedFund]) -> list[str]:
    """What there is to know of the indexes and facts that synthetic funds are made from, a sentence each."""
    return [note for made, bars in synthetic_parts(setting, funds) for note in fund_notes(made, bars)]


def foreign_indexes(setting: Setting, funds: Iterable[LeveragedFund]) -> list[str]:
    """The caveats of funds on an index that is not theirs, each as the end of a sentence."""
    return [said for made, bars in synthetic_parts(setting, funds) for said in not_its_index(made, bars)]
