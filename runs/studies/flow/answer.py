"""`letf flow`: what a fund must trade at each close, and how far its leverage drifts until then."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feeds.checking.screen import OnBadPrint
from feeds.reading.memory import Source
from feeds.traded_value import traded_value
from runs.answers.answer import Answer
from runs.answers.parts import Frames, Picture, Section, Table
from runs.answers.progress import Say, no_words
from runs.answers.words import dollars
from runs.studies.flow import words
from runs.studies.flow.study import (
    FlowResult,
    direction,
    drift_frame,
    flow_frame,
    flow_metrics,
    flow_result,
    measure_flow,
)
from runs.studies.inputs import asked, asked_line, load_inputs, provenance_of

if TYPE_CHECKING:
    import pandas as pd

ASSETS = 10e9


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Flow(Answer):
    """The trade of a fund at each close.

    Attributes
    ----------
    result : the numbers, as arrays and records.
    """

    result: FlowResult

    @property
    def trades(self) -> pd.DataFrame:
        """By session: the index's return, the trade in dollars (bought positive) and over assets and traded
        value, and the multiple before the reset."""
        return self.frames["flow"]


def ask(
    fund: str,
    index: Source,
    assets: float = ASSETS,
    rates: Source | float | None = None,
    start: datetime.date | None = None,
    end: datetime.date | None = None,
    seed: int = 1,
    folder: Path | None = None,
    say: Say = no_words,
    on_bad_print: OnBadPrint = "refuse",
) -> Flow:
    """Show the rebalancing trade at the close of a fund with so many dollars of assets, and leverage drifting
    during the day; other arguments as in `load_inputs`."""
    say("building the fund")
    inputs = load_inputs(fund, index, rates, folder, start, end, seed, on_bad_print=on_bad_print)
    ledger, sessions = measure_flow(inputs, assets)
    traded, said = traded_value(index, sessions.sessions, folder, seed)
    found = flow_result(inputs, ledger, sessions, assets, traded, said)
    metrics = flow_metrics(found)
    intraday = not inputs.bars.daily
    frames = Frames(
        {
            "flow": partial(flow_frame, found),
            **({"drift": partial(drift_frame, found)} if intraday else {}),
        }
    )
    given: dict[str, Any] = {"fund": fund, "index": index, "assets": assets, "rates": rates}
    return Flow(
        question="flow",
        name=inputs.fund.ticker,
        title=f"What {inputs.fund.ticker} trades at the close on {inputs.bars.name}",
        headline=words.flow_headline(found, metrics),
        sections=_sections(found, metrics),
        provenance=provenance_of(
            asked("flow", **given, start=start, end=end, seed=seed, on_bad_print=on_bad_print),
            inputs,
            [inputs.fund],
            seed,
        ),
        asked=f"{asked_line(inputs, [inputs.fund])} · {dollars(assets)} of assets",
        figures=words.key_figures(metrics),
        lead="flow",
        metrics=dict(metrics),
        frames=frames,
        files={
            "flow.json": partial(dict, metrics),
            **{f"{name}.csv": partial(frames.__getitem__, name) for name in frames},
        },
        notes=found.notes,
        result=found,
    )


def _sections(found: FlowResult, metrics: dict[str, Any]) -> list[Section]:
    from runs.studies.flow import charts, closer

    pictures = {
        "drift": Picture(
            "The multiple held before the reset",
            partial(charts.drift_chart, found),
            partial(closer.drift_closer, found),
        ),
    }
    if not found.inputs.bars.daily:
        pictures["drift_day"] = Picture(
            "The multiple through one day",
            partial(charts.day_chart, found),
            partial(closer.day_closer, found),
        )
    return [
        Section(
            "The trade at the close",
            sentences=[direction(metrics)],
            tables=[
                Table("Size of the trade, whichever way it went", *words.size_rows(metrics)),
                Table("The ten largest trades", *words.largest_rows(found)),
            ],
            pictures={
                "flow": Picture(
                    "The trade at each close",
                    partial(charts.flow_chart, found),
                    partial(closer.flow_closer, found),
                ),
                "flow_theory": Picture(
                    # The fund's days lie on the line of theory: a page has nothing to look into there.
                    "The trade against the index's move",
                    partial(charts.theory_chart, found),
                    on_page=False,
                ),
            },
        ),
        Section(
            "Leverage until the reset",
            tables=[Table("The multiple that the fund really held", *words.drift_rows(metrics))],
            pictures=pictures,
        ),
    ]
