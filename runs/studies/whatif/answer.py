"""`letf whatif`: what a fund does on a market of a stated return and volatility."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feeds.checking.screen import OnBadPrint
from feeds.reading.memory import Source
from runs.answers.answer import Answer
from runs.answers.parts import Frames, Picture, Section
from runs.answers.progress import Say, no_words
from runs.specs.arguments import whole
from runs.studies.inputs import asked, fund_named, load_inputs, provenance_of
from runs.studies.whatif import words
from runs.studies.whatif.market import BRIDGED, FREE
from runs.studies.whatif.study import (
    WhatIf,
    checked_funds,
    checked_market,
    grid_frame,
    percentile_frame,
    what_if,
    whatif_metrics,
)

if TYPE_CHECKING:
    import pandas as pd

PATHS = 10_000
MOST_PATHS = 1_000_000
FEWEST_PATHS = 100
DAYS = 252


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class WhatIfAnswer(Answer):
    """Funds on a market of a stated return and volatility.

    Attributes
    ----------
    found : the numbers, as arrays and records.
    """

    found: WhatIf

    @property
    def percentiles(self) -> pd.DataFrame:
        """Total returns by percentile, 1 to 99: of the index and of each fund."""
        return self.frames["percentiles"]


def ask(
    funds: Sequence[str],
    index: Source,
    total_return: float = 0.0,
    volatility: float = 0.45,
    days: int = DAYS,
    paths: int = PATHS,
    rates: Source | float | None = None,
    start: datetime.date | None = None,
    end: datetime.date | None = None,
    seed: int = 1,
    folder: Path | None = None,
    say: Say = no_words,
    on_bad_print: OnBadPrint = "refuse",
) -> WhatIfAnswer:
    """Simulate funds on paths of an index.

    Parameters
    ----------
    total_return : of the index over all the days, a fraction. volatility : annualised, a fraction.
    days : sessions. paths : simulated, of each kind. seed : of the paths, and of a simulated index.
    All others as in `load_inputs`; start and end bound the sessions of the index whose days are drawn.

    Raises
    ------
    LetfError
        One sentence.
    """
    market = checked_market(total_return, volatility, days)
    count = whole("paths", paths, FEWEST_PATHS, MOST_PATHS)
    whole("seed", seed, 0)
    known = checked_funds([fund_named(name) for name in funds])
    inputs = load_inputs(funds[0], index, rates, folder, start, end, seed, on_bad_print=on_bad_print)
    say("simulating")
    found = what_if(inputs, known, market, count, seed)
    metrics = whatif_metrics(found)
    frames = Frames(
        {"percentiles": partial(percentile_frame, found), "closed_form": partial(grid_frame, found)}
    )
    tickers = [fund.ticker for fund in known]
    given: dict[str, Any] = {
        "funds": list(funds),
        "index": index,
        "return": market.total_return,
        "volatility": market.volatility,
        "days": market.days,
        "paths": count,
        "rates": rates,
    }
    came = provenance_of(
        asked("whatif", **given, start=start, end=end, seed=seed, on_bad_print=on_bad_print),
        inputs,
        known,
        seed,
    )
    return WhatIfAnswer(
        question="whatif",
        name="_".join(tickers),
        title=f"{' and '.join(tickers)} on an index that is {words.market_words(found)}",
        headline=words.headline(found, metrics),
        alarm=words.alarm(found),
        sections=_sections(found, metrics),
        provenance=replace(came, seed=seed),
        asked=words.asked_line(found),
        figures=words.key_figures(found, metrics),
        lead="distribution",
        metrics=dict(metrics),
        frames=frames,
        files={
            "whatif.json": partial(dict, metrics),
            "percentiles.csv": partial(frames.__getitem__, "percentiles"),
            "closed_form.csv": partial(frames.__getitem__, "closed_form"),
        },
        notes=[words.facts_note(found), *inputs.notes],
        found=found,
    )


def _sections(found: WhatIf, metrics: dict[str, Any]) -> list[Section]:
    from runs.studies.whatif import charts, closer

    return [
        Section(
            "The index ends exactly where it was asked to",
            sentences=words.bridged_sentences(found, metrics),
            tables=[words.quantile_table(found, each, BRIDGED, metrics) for each in found.asked],
            pictures={
                "distribution": Picture(
                    "What the fund returns, on all paths",
                    partial(charts.distribution_chart, found, metrics),
                    partial(closer.distribution_closer, found, metrics),
                ),
            },
        ),
        Section(
            "The index ends where chance takes it",
            sentences=words.free_sentences(found),
            tables=[words.quantile_table(found, each, FREE, metrics) for each in found.asked],
        ),
        Section(
            "On other markets",
            pictures={
                "median": Picture(
                    "What 100 become by return and volatility of the index",
                    partial(charts.median_chart, found),
                    partial(closer.median_closer, found),
                )
            },
            fine_print=words.FINE_PRINT,
        ),
    ]
