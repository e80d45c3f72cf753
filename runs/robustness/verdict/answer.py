"""`letf robustness`: is it an edge? The verdict, and what each study says."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from letf_instruments import LetfError
from runs.answers.answer import Answer
from runs.answers.closer import Panes
from runs.answers.panes import panes_chart
from runs.answers.parts import Frames, Picture, Section, Table
from runs.answers.progress import Say, no_words
from runs.backtest.beginning import begun
from runs.backtest.caveats import with_run_caveats
from runs.backtest.facts import run_provenance
from runs.backtest.report.first import asked_line
from runs.backtest.result import execute
from runs.robustness.luck.answer import FEWEST, MOST, luck_metrics
from runs.robustness.luck.answer import sections as luck_sections
from runs.robustness.luck.family import checked_trials
from runs.robustness.verdict import words
from runs.robustness.verdict.studies import OTHERS
from runs.robustness.verdict.study import ROBUST, Judgement, judge
from runs.specs.arguments import whole
from runs.specs.run_spec import RunSpec

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

DRAWS, TIMINGS, SEED, PATHS = 1_000, 2_000, 1, 1_000
CHECKS_MEAN = (
    "The checks are made in this order, and the first that fails is the verdict. The bars were set on rules "
    "with planted edges and on noise."
)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Robustness(Answer):
    """A verdict on a rule, and the studies it rests on.

    Attributes
    ----------
    judgement : the checks, as records. studies : the other answers by question; a sentence of one that could
        not be asked.
    """

    judgement: Judgement
    studies: dict[str, Answer | str]

    @property
    def verdict(self) -> str:
        """One of "robust", "fragile to parameters", "fragile to period", "luck", "no edge", "too few trades
        to say"."""
        return self.judgement.verdict

    @property
    def checks(self) -> pd.DataFrame:
        """A row a check: whether it passes, the figure, the bar, and both in words."""
        return self.frames["checks"]


def ask(
    spec: RunSpec,
    trials: int | None = None,
    draws: int = DRAWS,
    timings: int = TIMINGS,
    paths: int = PATHS,
    seed: int = SEED,
    folder: Path | None = None,
    say: Say = no_words,
) -> Robustness:
    """Judge a spec's rule.

    Parameters
    ----------
    trials : independent rules that were tried, where the spec has no [sweep].
    draws, timings : as of `letf luck`. paths : other histories. seed : of all that is drawn.

    Raises
    ------
    LetfError
        One sentence, if something is wrong with what is asked, or the spec cannot be run.
    """
    whole("draws", draws, FEWEST, MOST)
    whole("timings", timings, FEWEST, MOST)
    whole("paths", paths, FEWEST, MOST)
    whole("seed", seed, 0)
    trials = checked_trials(trials, bool(spec.sweep))
    say("running in backtrader")
    moved, setting = begun(spec, folder)
    run = execute(moved, setting, moved.make_rule())
    found = judge(run, folder, draws, timings, seed, trials, say)
    studies = {name: _asked(make, spec, paths, seed, folder, say) for name, make in OTHERS.items()}
    metrics = _metrics(found, studies)
    frames = Frames(
        {"checks": partial(_checks_frame, found), "neighbours": partial(_neighbours_frame, found)}
    )
    return Robustness(
        question="robustness",
        name=spec.name,
        title=f"{spec.name} on {run.bars.name}: is it an edge?",
        headline=with_run_caveats(run, words.headline(found)),
        sections=_sections(found, studies),
        provenance=run_provenance(
            moved,
            setting,
            run.ledger_funds,
            seed,
            robustness={
                "draws": draws,
                "timings": timings,
                "paths": paths,
                "trials": trials,
                "sweep": spec.sweep or None,
            },
        ),
        metrics=metrics,
        frames=frames,
        files={
            "robustness.json": partial(dict, metrics),
            "checks.csv": partial(frames.__getitem__, "checks"),
            "neighbours.csv": partial(frames.__getitem__, "neighbours"),
        },
        notes=run.warnings,
        asked=asked_line(run),
        figures=words.key_figures(found),
        edge=words.verdict_of(found),
        lead="verdict" if found.luck is not None else None,
        judgement=found,
        studies=studies,
    )


def _asked(
    make: Callable[..., Answer], spec: RunSpec, paths: int, seed: int, folder: Path | None, say: Say
) -> Answer | str:
    """Another question of the same rule; why not, if it cannot be asked."""
    try:
        return make(spec, paths, seed, folder, say)
    except LetfError as error:
        return str(error)


def _sections(found: Judgement, studies: dict[str, Answer | str]) -> list[Section]:
    from runs.robustness.verdict import charts, closer

    verdict = {
        "verdict": Picture(
            "Each check: what was found, and what is needed",
            partial(charts.verdict_chart, found),
            partial(closer.checks_closer, found),
        )
    }
    first = Section(
        "The verdict",
        sentences=words.sentences(found),
        tables=[Table("The checks in order", *words.check_rows(found), words=True)],
        pictures=verdict if found.luck is not None else {},
        fine_print=[CHECKS_MEAN],
    )
    sections = [first]
    if found.luck is not None:
        pictures = {"parts": _drawn(found, "Sharpe ratio by part of the time", closer.parts_closer)}
        tables = [Table("Each part", *words.part_rows(found), brief=False)]
        sections.append(Section("Parts of the time", tables=tables, pictures=pictures, brief=False))
        if found.neighbours:
            known = any(each.sharpe is not None for each in found.neighbours)
            beside = _drawn(found, "Sharpe ratio a step to the side", closer.neighbours_closer)
            tables = [Table("A step to the side", *words.neighbour_rows(found), brief=False)]
            pictures = {"neighbours": beside} if known else {}
            said = words.refused_neighbours(found)
            sections.append(Section("A step to the side", said, tables, pictures, brief=False))
        sections += luck_sections(found.luck)
    for name, answer in studies.items():
        if isinstance(answer, str):
            sections.append(Section(name, sentences=[f"Not asked: {answer}."]))
            continue
        first_picture = dict(list(answer.pictures.items())[:1])
        sections.append(
            Section(
                name,
                sentences=[answer.headline],
                tables=[Table(t.title, t.headings, t.rows, t.words, brief=False) for t in _tables(answer)],
                pictures=first_picture,
            )
        )
    return sections


def _drawn(found: Judgement, words_: str, closer: Callable[[Judgement], Panes]) -> Picture:
    """A picture that is the same on a page and as a file."""
    return Picture(words_, partial(_chart, found, words_, closer), partial(closer, found), extra=True)


def _chart(found: Judgement, words_: str, closer: Callable[[Judgement], Panes]) -> Figure:
    return panes_chart(closer(found), f"{found.run.spec.name}: {words_}", found.run.simulated)


def _tables(answer: Answer) -> list[Table]:
    return [table for section in answer.sections[:1] for table in section.tables]


def _metrics(found: Judgement, studies: dict[str, Answer | str]) -> dict[str, Any]:
    out: dict[str, Any] = {"verdict": found.verdict, "robust": found.verdict == ROBUST}
    for check in found.checks:
        key = check.name.replace(" ", "_")
        out[f"{key}_passed"] = check.passed
        out[f"{key}_figure"] = check.figure if math.isfinite(check.figure) else None
    if found.luck is not None:
        out |= luck_metrics(found.luck)
    for name, answer in studies.items():
        if not isinstance(answer, str):
            own = name.lower().replace(" ", "_").replace("-", "_")
            out |= {f"{own}_{key}": value for key, value in answer.metrics.items() if _plain(value)}
    return out


def _plain(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float, str))


def _checks_frame(found: Judgement) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        [
            {"check": c.name, "passed": c.passed, "figure": c.figure, "bar": c.bar, "said": c.said}
            for c in found.checks
        ]
    )


def _neighbours_frame(found: Judgement) -> pd.DataFrame:
    import pandas as pd

    rows = [
        {"parameter": n.key, "value": n.value, "sharpe": n.sharpe, "refused": n.refused}
        for n in found.neighbours
    ]
    return pd.DataFrame(rows, columns=["parameter", "value", "sharpe", "refused"])
