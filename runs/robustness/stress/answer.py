"""`letf stress`: a rule on named paths of its index, and in windows of the real one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from letf_instruments import SpecError
from letf_instruments.impact import CAP, LAWS, Impact
from runs.answers.answer import Answer
from runs.answers.fact_words import fund_notes
from runs.answers.files import frame_csv
from runs.answers.parts import Frames, Picture, Section
from runs.answers.progress import Say, no_words
from runs.answers.provenance import Provenance, fund_facts
from runs.answers.words import listed
from runs.backtest.facts import run_facts
from runs.robustness.first import not_judged_over
from runs.robustness.stress import first, words
from runs.robustness.stress.paths import Squeeze, beta_of
from runs.robustness.stress.study import (
    Stressed,
    case_frame,
    course_frame,
    stress_metrics,
    stress_spec,
)
from runs.specs.arguments import number, one_of
from runs.specs.run_spec import RunSpec, unsaid
from runs.studies.inputs import fund_named

if TYPE_CHECKING:
    import pandas as pd

OFF = "none"
ASSETS = "SOXL=10e9,SOXS=1e9"  # assumed: round numbers
TRADED = 50e9  # assumed: a round number
SIZE = 1.0
HOW = "write TICKER=DOLLARS, several with commas between them: SOXL=10e9,SOXS=1e9"


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Stress(Answer):
    """A rule on stressed paths.

    Attributes
    ----------
    found : the numbers, as arrays and records.
    """

    found: Stressed

    @property
    def table(self) -> pd.DataFrame:
        """A row a path: return and worst drawdown of rule, index, funds and cash."""
        return self.frames["stress"]

    @property
    def courses(self) -> pd.DataFrame:
        """By path and session: what became of 100 in rule, index, funds and cash."""
        return self.frames["courses"]


def ask(
    spec: RunSpec,
    paths: str | Sequence[str] = (),
    impact: str = OFF,
    impact_size: float | None = None,
    fund_assets: str | Mapping[str, float] | None = None,
    traded_value: float | None = None,
    folder: Path | None = None,
    say: Say = no_words,
) -> Stress:
    """Run a rule on named paths and in real windows.

    Parameters
    ----------
    paths : keys of those that are wanted, all if none.
    impact : the law by which the funds' own trade moves the close, one of `LAWS`; "none" leaves it out.
    impact_size : its factor, 1 if not given. fund_assets : dollars by ticker, of the funds that trade, 10 bn
        of SOXL and 1 bn of SOXS if not given. traded_value : dollars of the index's members traded a day, 50
        bn if not given. None of the three goes without an impact.

    The seed of the spec is that of the named paths.

    Raises
    ------
    LetfError
        One sentence.
    """
    keys = _keys(paths)
    squeeze = _squeeze(impact, impact_size, fund_assets, traded_value)
    found = stress_spec(spec, keys, squeeze, folder, say)
    metrics = stress_metrics(found)
    frames = Frames({"stress": partial(case_frame, found), "courses": partial(course_frame, found)})
    base = found.base
    betas = {name: beta_of(asset, base.bars) for name, asset in base.assets.items()}
    asked = {"paths": list(keys), "impact": impact, **({} if squeeze is None else _facts(squeeze))}
    return Stress(
        question="stress",
        name=spec.name,
        title=f"{spec.name} on stressed paths of {base.bars.name}",
        headline=words.headline(found),
        alarm=words.alarm(found),
        made_up=words.made_up(found),
        sections=_sections(found),
        provenance=Provenance(
            spec=spec.resolved(),
            data=run_facts(spec, base),
            simulated=base.simulated or any(not case.real for case in found.cases),
            seed=spec.data.seed,
            funds=fund_facts(base.funds.values()),
            more={"stress": asked},
            defaults=unsaid(),
        ),
        metrics=dict(metrics),
        frames=frames,
        files={
            "stress.json": partial(dict, metrics),
            # Their rows say themselves which of them are real.
            "stress.csv": partial(_rows, frames, "stress"),
            "courses.csv": partial(_rows, frames, "courses"),
        },
        notes=[
            *words.left_out_note(found),
            *words.beta_note(found, betas),
            *fund_notes(base.funds.values(), base.bars),
            *found.notes,
        ],
        asked=first.asked_of(found),
        figures=first.key_figures(found),
        edge=not_judged_over("Stressed paths", spec.name),
        lead="returns",
        found=found,
    )


def _rows(frames: Frames, name: str) -> bytes:
    return frame_csv(frames[name], False)


def _keys(paths: str | Sequence[str]) -> list[str]:
    given = paths.split(",") if isinstance(paths, str) else list(paths)
    if not all(isinstance(key, str) for key in given):
        raise SpecError(f"paths are {paths!r:.80}; they must be keys such as chop and real_2022")
    return [key.strip() for key in given if key.strip()]


def _squeeze(
    law: str, size: float | None, assets: str | Mapping[str, float] | None, traded: float | None
) -> Squeeze | None:
    one_of("impact", law, (OFF, *LAWS))
    if law == OFF:
        for name, given in (("impact_size", size), ("fund_assets", assets), ("traded_value", traded)):
            if given is not None:
                raise SpecError(
                    f"{name} is of the impact of the funds' own trade, which is left out here; choose one: "
                    f"impact {listed([repr(key) for key in LAWS], 6)}"
                )
        return None
    own = _assets(ASSETS if assets is None else assets)
    impact = Impact(
        law,
        traded=number("traded_value", TRADED if traded is None else traded, 1e6, 1e15),
        size=number("impact_size", SIZE if size is None else size, 0.0, 100.0),
        cap=CAP,
    )
    return Squeeze(impact, [fund_named(ticker) for ticker in own], list(own.values()))


def _assets(given: str | Mapping[str, float]) -> dict[str, float]:
    """Dollars by ticker.

    Raises
    ------
    SpecError
        If they cannot be read, or are not from 0 to 1e13.
    """
    if isinstance(given, str):
        parts = [part for part in given.split(",") if part.strip()]
        pairs: list[tuple[str, Any]] = [(p.partition("=")[0].strip(), p.partition("=")[2]) for p in parts]
    elif isinstance(given, Mapping):
        pairs = [(str(ticker), value) for ticker, value in given.items()]
    else:
        raise SpecError(f"fund_assets are {given!r:.80}; {HOW}")
    out: dict[str, float] = {}
    for ticker, value in pairs:
        try:
            money = float(value)
        except (TypeError, ValueError):
            raise SpecError(f"fund_assets of {ticker} are {value!r:.40}; {HOW}") from None
        if ticker in out:
            raise SpecError(f"fund_assets name {ticker} twice; name it once")
        out[ticker] = number(f"fund_assets of {ticker}", money, 0.0, 1e13)
    if not out:
        raise SpecError(f"fund_assets are empty; {HOW}")
    return out


def _facts(squeeze: Squeeze) -> dict[str, Any]:
    impact = squeeze.impact
    return {
        "impact_size": impact.size,
        "impact_cap": impact.cap,
        "traded_value": impact.traded,
        "fund_assets": {f.ticker: a for f, a in zip(squeeze.funds, squeeze.assets, strict=True)},
    }


def _sections(found: Stressed) -> list[Section]:
    from runs.robustness.stress import charts, closer

    sections = [
        Section(
            "On each path",
            sentences=words.sentences(found),
            tables=[words.case_table(found), words.path_table(found)],
            pictures={
                "returns": Picture(
                    "Return and worst drawdown on every path",
                    partial(closer.returns_chart, found),
                    partial(closer.returns_closer, found),
                    extra=True,
                ),
                "stress": Picture(
                    "Index and rule on every path",
                    partial(charts.paths_chart, found),
                    partial(closer.courses_closer, found),
                ),
            },
            fine_print=words.fine_print(found),
        )
    ]
    if found.squeeze is not None and any(case.squeeze is not None for case in found.cases):
        sections.append(
            Section(
                "A squeeze that feeds on itself",
                sentences=words.squeeze_sentences(found),
                tables=[words.squeeze_table(found)],
            )
        )
    return sections
