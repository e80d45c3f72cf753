"""What a run says: the answer of `letf run`, with its numbers as attributes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from runs.answers.answer import Answer
from runs.answers.parts import Frames
from runs.answers.words import times
from runs.backtest.caveats import headline
from runs.backtest.facts import run_provenance
from runs.backtest.metrics import Metrics
from runs.backtest.report.first import asked_line, key_figures, not_judged
from runs.backtest.report.meanings import FILLS
from runs.backtest.result import RunResult
from runs.backtest.sections import sections_of
from runs.backtest.spans import spans_frame
from runs.backtest.tax import tax_frame

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Run(Answer):
    """The answer of a run.

    Attributes
    ----------
    result : the run itself, as numpy arrays and records.
    """

    result: RunResult

    @property
    def equity(self) -> pd.DataFrame:
        """By session: equity, cash (money), exposures gross, net and to the index (of equity), drawdown (a
        fraction, 0 or less), and the money that holding index and instruments would have made."""
        return self.frames["equity"]

    @cached_property
    def returns(self) -> pd.Series:
        """By session: return of the account, a fraction; compounded they are the total return."""
        from runs.backtest.frames import returns

        return returns(self.result)

    @property
    def trades(self) -> pd.DataFrame:
        """One row a trade from flat to flat, in order of exit."""
        return self.frames["trades"]

    @property
    def fills(self) -> pd.DataFrame:
        """One row a fill, by date, as traded: size, price, value, costs, the position and its average cost
        after it, reason."""
        return self.frames["fills"]

    @cached_property
    def transactions(self) -> pd.DataFrame:
        """The fills in the columns of pyfolio: amount, price, symbol."""
        from runs.backtest.frames import transactions_frame

        return transactions_frame(self.result)

    @property
    def positions(self) -> pd.DataFrame:
        """By session: the value of each position in money and the cash; a row adds up to the equity."""
        return self.frames["positions"]


def answer_of(run: RunResult) -> Run:
    """The answer of a finished run."""
    from runs.backtest import frames as f
    from runs.backtest.fills import fills_frame

    made = Frames(
        {
            "equity": partial(f.equity_frame, run),
            "trades": partial(f.trades_frame, run),
            "fills": partial(fills_frame, run),
            "positions": partial(f.positions_frame, run),
            "decay": partial(f.decay_frame, run),
            **({"spans": partial(spans_frame, run)} if run.setting.traded else {}),
            **({"tax": partial(tax_frame, run)} if run.spec.account.tax is not None else {}),
        }
    )
    files: dict[str, Any] = {
        "metrics.json": partial(_metrics, run),
        **{f"{name}.csv": partial(made.__getitem__, name) for name in ("equity", "trades", "fills")},
    }
    if run.setting.traded:
        files["spans.csv"] = partial(made.__getitem__, "spans")
    if run.spec.account.tax is not None:
        files["tax.csv"] = partial(made.__getitem__, "tax")
    if run.attributions:
        files["decay.csv"] = partial(made.__getitem__, "decay")
    return Run(
        question="run",
        name=run.spec.name,
        title=f"{run.spec.name} on {run.bars.name}",
        headline=headline(run),
        sections=sections_of(run),
        provenance=run_provenance(run.spec, run.setting, run.ledger_funds),
        asked=asked_line(run),
        figures=key_figures(run),
        edge=None if run.verdict else not_judged(run.spec.name),
        alarm=next((part.alarm for part in run.studies if part.alarm), None),
        lead="equity",
        metrics=dict(run.metrics),
        frames=made,
        files=files,
        notes=run.warnings,
        made=_made(run),
        result=run,
    )


def _metrics(run: RunResult) -> Metrics:
    return run.metrics


def _made(run: RunResult) -> list[str]:
    made: dict[str, list[str]] = {}
    for name, ledger in run.ledgers.items() if run.funds or run.rule is None else ():
        what = f"{name} ({times(ledger.fund.multiple)}× a day)"
        made.setdefault(run.setting.index_of(name).name, []).append(what)
    built = "; ".join(f"{', '.join(funds)}, built from {index}" for index, funds in made.items())
    where = " where they have no bars of their own" if run.setting.traded else ""
    synthetic = (
        f"The funds here are synthetic{where}: {built} with a daily reset, financing and fee, created at the "
        "close of the first bar. "
    )
    traded = ", ".join(f"{name} from {own.bars.source}" for name, own in run.setting.traded.items())
    own_bars = (
        f"Own bars: {traded}; they are joined to the synthetic ones at the close of their first session, "
        "without a jump, and what they pay goes into cash on its day. "
    )
    return [
        f"{synthetic if built else ''}{own_bars if traded else ''}{FILLS}",
        f"Index: {run.bars.source}, {len(run.bars):,} bars, {run.days[0]} to {run.days[-1]}. Short rate: "
        f"{run.short_rate.label}.",
    ]
