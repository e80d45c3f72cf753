"""`letf luck`: how much of a rule's result is luck."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runs.answers.answer import Answer
from runs.answers.parts import Frames, Picture, Section, Table
from runs.answers.progress import Say, no_words
from runs.backtest.beginning import begun
from runs.backtest.caveats import with_run_caveats
from runs.backtest.facts import run_provenance
from runs.backtest.report.first import asked_line
from runs.backtest.result import execute
from runs.robustness.luck import first, words
from runs.robustness.luck.entries import RandomTiming
from runs.robustness.luck.family import Family, checked_trials
from runs.robustness.luck.study import Luck, luck_of
from runs.specs.arguments import whole
from runs.specs.run_spec import RunSpec

if TYPE_CHECKING:
    import pandas as pd

DRAWS, TIMINGS, SEED = 2_000, 2_000, 1
FEWEST, MOST = 100, 100_000
BANDS_MEAN = (
    "The band is the middle nine tenths of what the run's own daily returns make when they are drawn again "
    "in blocks (stationary bootstrap): it says how far the figure is settled by this much history, not what "
    "will be. The days are the run's own, so rule and market are not run again, and a crash that the history "
    "lacks is in no draw."
)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class LuckAnswer(Answer):
    """How much of a rule's result is luck.

    Attributes
    ----------
    luck : the numbers, as arrays and records.
    """

    luck: Luck

    @property
    def bands(self) -> pd.DataFrame:
        """By measure, of the rule and of what is held: measured, and the ends of its band."""
        return self.frames["bands"]


def ask(
    spec: RunSpec,
    trials: int | None = None,
    draws: int = DRAWS,
    timings: int = TIMINGS,
    seed: int = SEED,
    folder: Path | None = None,
    say: Say = no_words,
) -> LuckAnswer:
    """Measure the luck of a spec's run.

    Parameters
    ----------
    trials : independent rules that were tried, where the spec has no [sweep].
    draws : of the bootstrap, 100 to 100,000. timings : random ones under the plan, likewise. seed : of both.

    Raises
    ------
    LetfError
        One sentence, if something is wrong with what is asked, or the spec cannot be run.
    """
    whole("draws", draws, FEWEST, MOST)
    whole("timings", timings, FEWEST, MOST)
    whole("seed", seed, 0)
    trials = checked_trials(trials, bool(spec.sweep))
    say("running in backtrader")
    moved, setting = begun(spec, folder)
    run = execute(moved, setting, moved.make_rule())
    luck = luck_of(run, folder, draws, timings, seed, trials, say)
    frames = Frames({"bands": partial(_bands_frame, luck), "draws": partial(_draws_frame, luck)})
    metrics = luck_metrics(luck)
    return LuckAnswer(
        question="luck",
        name=spec.name,
        title=f"{spec.name} on {run.bars.name}: luck",
        headline=with_run_caveats(run, words.headline(luck)),
        sections=sections(luck),
        provenance=run_provenance(
            moved,
            setting,
            run.ledger_funds,
            seed,
            luck={"draws": draws, "timings": timings, "trials": trials, "sweep": spec.sweep or None},
        ),
        metrics=metrics,
        frames=frames,
        files={
            "luck.json": partial(dict, metrics),
            "bands.csv": partial(frames.__getitem__, "bands"),
            "draws.csv": partial(frames.__getitem__, "draws"),
        },
        notes=run.warnings,
        asked=asked_line(run),
        figures=first.key_figures(luck),
        edge=first.verdict_of(luck),
        lead="luck",
        luck=luck,
    )


def sections(luck: Luck) -> list[Section]:
    """Luck, and how far each figure is settled."""
    from runs.robustness.luck import charts, closer

    return [
        Section(
            "How much is luck",
            sentences=words.luck_sentences(luck),
            tables=[Table("Against what could be held instead", *words.test_rows(luck))],
            pictures={
                "luck": Picture(
                    "The Sharpe ratio on other draws of the same days, and under random timing",
                    partial(charts.luck_chart, luck),
                    partial(closer.luck_closer, luck),
                )
            },
        ),
        Section(
            "How far the figures are settled",
            tables=[
                Table(
                    f"Measured, and nine of ten of {luck.draws:,} draws in blocks of "
                    f"{luck.length:.0f} day{'' if round(luck.length) == 1 else 's'}",
                    *words.band_rows(luck),
                )
            ],
            fine_print=[BANDS_MEAN],
        ),
    ]


def luck_metrics(luck: Luck) -> dict[str, Any]:
    """All of it in one flat dict; None where a figure is not defined."""
    timing = luck.timing if isinstance(luck.timing, RandomTiming) else None
    family = luck.family if isinstance(luck.family, Family) else None
    out: dict[str, Any] = {
        "sharpe": luck.sharpe,
        "periods": luck.periods,
        "skew": luck.skew,
        "kurtosis": luck.kurtosis,
        "probability_above_0": luck.above_none,
        "trials": luck.trials,
        "expected_best_sharpe": luck.expected_best,
        "deflated_sharpe": luck.deflated,
        "overfitting": None if family is None else family.overfit,
        "cells": None if family is None else family.cells,
        "different_runs": None if family is None else family.different,
        "block_length": luck.length,
        "random_timing_as_good": None if timing is None else timing.as_good,
        "random_timing_sharpe": None
        if timing is None
        else float(sorted(timing.sharpe)[len(timing.sharpe) // 2]),
    }
    for name, p in luck.superior.items():
        out[f"spa_{name}"] = p
    for name, share in luck.ahead.items():
        out[f"ahead_of_{name}"] = share
    for name, lines in luck.lines.items():
        for key, line in lines.items():
            out[f"{name}_{key}"], out[f"{name}_{key}_low"], out[f"{name}_{key}_high"] = (
                line.measured,
                line.low,
                line.high,
            )
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in out.items()}


def _bands_frame(luck: Luck) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        [
            {"what": name, "measure": key, "measured": line.measured, "low": line.low, "high": line.high}
            for name, lines in luck.lines.items()
            for key, line in lines.items()
        ]
    )


def _draws_frame(luck: Luck) -> pd.DataFrame:
    """By draw the rule's Sharpe ratio on its own days drawn again, and that of random timing."""
    import pandas as pd

    out = {"sharpe_of_days_drawn_again": pd.Series(luck.sharpes)}
    if isinstance(luck.timing, RandomTiming):
        out["sharpe_of_random_timing"] = pd.Series(luck.timing.sharpe)
    return pd.DataFrame(out)
