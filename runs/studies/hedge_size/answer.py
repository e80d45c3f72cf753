"""`letf hedge-size`: how much of a fund brings a holding to a beta."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.costs import PRESETS
from feeds.checking.screen import OnBadPrint
from feeds.reading.memory import Source
from runs.answers.answer import Answer
from runs.answers.fact_words import fund_notes
from runs.answers.parts import Frames, Picture, Section
from runs.answers.progress import Say, no_words
from runs.answers.provenance import bars_facts
from runs.specs.arguments import number, whole
from runs.studies.hedge_size import words
from runs.studies.hedge_size.holding import holding_of
from runs.studies.hedge_size.inputs import load_hedged
from runs.studies.hedge_size.study import Sized, size_hedge, size_metrics, title_of, week_frame, year_frame
from runs.studies.inputs import asked, provenance_of

if TYPE_CHECKING:
    import pandas as pd

FUND = "SOXS"
BETA_BARS = 252
FEWEST_BARS, MOST_BARS = 20, 5000
COST_BPS = PRESETS["retail"].half_spread_bps + PRESETS["retail"].slippage_bps
MOST_BPS = 1000.0
MOST_BETA = 20.0


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class HedgeSize(Answer):
    """The size of a hedge.

    Attributes
    ----------
    sized : the numbers, as arrays and records.
    """

    sized: Sized

    @property
    def years(self) -> pd.DataFrame:
        """By calendar year: returns, and dollars promised, made and lost."""
        return self.frames["years"]

    @property
    def weeks(self) -> pd.DataFrame:
        """By session: the index's move over the next five and the beta after them, untouched."""
        return self.frames["weeks"]


def ask(
    holding: str | Mapping[str, float],
    index: Source,
    target_beta: float = 0.0,
    fund: str = FUND,
    beta_bars: int = BETA_BARS,
    traded: Source | None = None,
    price: float | None = None,
    cost_bps: float = COST_BPS,
    assets: Mapping[str, Source] | None = None,
    rates: Source | float | None = None,
    start: datetime.date | None = None,
    end: datetime.date | None = None,
    seed: int = 1,
    folder: Path | None = None,
    say: Say = no_words,
    on_bad_print: OnBadPrint = "refuse",
) -> HedgeSize:
    """Size a hedge at the last session that index and holdings have in common.

    Parameters
    ----------
    holding : as in `holding_of`. target_beta : dollars of index exposure wanted for each dollar held.
    beta_bars : returns behind the betas. cost_bps : basis points of what is traded within a year.
    traded, price, assets : as in `load_hedged`. All others as in `load_inputs`.

    Raises
    ------
    LetfError
        One sentence.
    """
    held = holding_of(holding)
    target = number("target_beta", target_beta, -MOST_BETA, MOST_BETA)
    bars = whole("beta_bars", beta_bars, FEWEST_BARS, MOST_BARS)
    bps = number("cost_bps", cost_bps, 0.0, MOST_BPS)
    known = None if price is None else number("price", price, 0.0001, 1e6)
    say("reading what is held")
    data = load_hedged(
        held, fund, index, traded, known, assets, rates, folder, start, end, seed, on_bad_print
    )
    say("sizing the hedge")
    sized = size_hedge(data, target, bars, bps)
    metrics = size_metrics(sized)
    frames = Frames({"years": partial(year_frame, sized), "weeks": partial(week_frame, sized)})
    given: dict[str, Any] = {
        "holding": ",".join(f"{name}={value:g}" for name, value in held.items()),
        "target_beta": target,
        "fund": fund,
        "index": index,
        "beta_bars": bars,
        "traded": traded,
        "price": known,
        "cost_bps": bps,
        "rates": rates,
    }
    came = provenance_of(
        asked("hedge-size", **given, start=start, end=end, seed=seed, on_bad_print=on_bad_print),
        data.inputs,
        [data.inputs.fund],
        seed,
        traded=data.traded,
    )
    facts = {**came.data, "assets": {name: bars_facts(own) for name, own in data.assets.items()}}
    came = replace(came, data=facts, simulated=data.simulated, seed=seed if data.simulated else None)
    return HedgeSize(
        question="hedge-size",
        name="_".join([data.inputs.fund.ticker, *(Path(name).stem for name in held)]),
        title=f"How much {data.inputs.fund.ticker} hedges {title_of(sized)}",
        headline=words.headline(sized),
        sections=_sections(sized, metrics),
        provenance=came,
        asked=words.asked_line(sized),
        figures=words.key_figures(sized, metrics),
        lead="beta",
        metrics=dict(metrics),
        frames=frames,
        files={
            "hedge_size.json": partial(dict, metrics),
            "years.csv": partial(frames.__getitem__, "years"),
            "weeks.csv": partial(frames.__getitem__, "weeks"),
        },
        notes=[*fund_notes([data.inputs.fund], data.inputs.bars), *data.notes],
        sized=sized,
    )


def _sections(sized: Sized, metrics: dict[str, Any]) -> list[Section]:
    from runs.studies.hedge_size import charts, closer

    return [
        Section(
            "How much",
            sentences=words.size_sentences(sized, metrics),
            tables=[words.beta_table(sized), words.span_table(sized)],
            pictures={
                "beta": Picture(
                    "The holding's beta over time",
                    partial(charts.beta_chart, sized),
                    partial(closer.beta_closer, sized),
                )
            },
        ),
        Section(
            "How far it drifts in a week",
            sentences=words.drift_sentences(sized, metrics),
            tables=words.drift_tables(sized, metrics),
            pictures={
                "drift": Picture(
                    "The beta after five sessions without a trade",
                    partial(charts.drift_chart, sized),
                    partial(closer.drift_closer, sized),
                )
            },
        ),
        Section(
            "What it would have cost",
            sentences=words.cost_sentences(sized, metrics),
            tables=[words.year_table(sized)],
            pictures={
                "years": Picture(
                    "The cost by calendar year",
                    partial(charts.year_chart, sized),
                    partial(closer.year_closer, sized),
                )
            },
            fine_print=words.fine_print(sized),
        ),
    ]
