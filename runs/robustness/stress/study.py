"""What `letf stress` finds: a rule on named paths and in real windows, beside index, funds and cash."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from analyzers.drawdown import underwater
from feeds.bars import Floats
from feeds.histories.named import NAMED, Named
from feeds.total_return import quoted_index
from letf_instruments import FundLedger, LetfError, SpecError
from letf_instruments.synthesis import Dates
from runs.backtest.metrics import night_rates
from runs.backtest.result import RunResult
from runs.backtest.setting import Setting, load_setting
from runs.robustness.stress.paths import Squeeze, Staged, obstacle, stage, window_spec
from runs.robustness.stress.windows import WINDOWS, Window
from runs.specs.arguments import known
from runs.specs.run_spec import RunSpec
from runs.studies.rules.joined import run_backtest

if TYPE_CHECKING:
    import pandas as pd

STAKE = 100.0
KEYS = (*(named.key for named in NAMED), *(window.key for window in WINDOWS))


@dataclass(frozen=True, eq=False)
class Course:
    """What became of 100 that was there at the close at which the path begins, by session from that close on;
    shape (n,). What is traded at that very close has its costs there."""

    value: Floats

    @property
    def total(self) -> float:
        """Return over the whole path."""
        return float(self.value[-1] / STAKE - 1.0)

    @property
    def worst(self) -> float:
        """Deepest fall of closes from the highest close before, 0 or less."""
        return float(underwater(np.concatenate(([STAKE], self.value))).min())


@dataclass(frozen=True, eq=False)
class Case:
    """The rule on one path, or in one window.

    funds : by ticker, bought at the first close and kept. trades : left after the path began, those open at
    its end included. fills : after it began. wiped_out : by ticker, the day. squeeze : what the funds' trade
    did.
    """

    key: str
    title: str
    words: str
    real: bool
    days: Dates
    rule: Course
    index: Course
    funds: Mapping[str, Course]
    cash: Course
    trades: int
    fills: int
    wiped_out: Mapping[str, np.datetime64]
    squeeze: Staged | None = None


@dataclass(frozen=True, eq=False)
class Stressed:
    """All cases. left_out : by title, why it is not among them. base : the spec's own market."""

    spec: RunSpec
    base: Setting
    cases: list[Case]
    left_out: dict[str, str]
    squeeze: Squeeze | None
    notes: list[str]


def picked(keys: Sequence[str]) -> tuple[list[Named], list[Window]]:
    """The paths and windows of these keys; all if there are none.

    Raises
    ------
    SpecError
        If one is not known; the sentence names the nearest.
    """
    known("path", keys, KEYS)
    wanted = set(keys) or set(KEYS)
    return [n for n in NAMED if n.key in wanted], [w for w in WINDOWS if w.key in wanted]


def stress_spec(
    spec: RunSpec,
    keys: Sequence[str] = (),
    squeeze: Squeeze | None = None,
    folder: Path | None = None,
    say: Callable[[str], None] = lambda words: None,
) -> Stressed:
    """Run a spec's rule on named paths and in the windows that its index covers.

    Raises
    ------
    LetfError
        If the spec or its data cannot be used, or there is nothing left to run on.
    """
    paths, windows = picked(keys)
    base = load_setting(spec, folder)
    if not base.bars.daily:
        raise SpecError(f"{base.bars.source}: these are intraday bars; paths and windows are of daily ones")
    cases: list[Case] = []
    left_out: dict[str, str] = {}
    why = obstacle(base)
    for named in paths:
        if why is not None:
            left_out[named.title] = why
            continue
        say(f"running on {named.title}")
        staged = stage(spec, base, named, squeeze)
        run = run_backtest(spec, folder, staged.setting, studies=False)
        cases.append(_case(named, False, run, staged))
    sessions = _all_sessions(spec, base, folder)
    for window in windows:
        if base.bars.simulated:
            left_out[window.title] = f"{base.bars.name} is simulated, and has no such time"
            continue
        if not window.covered(sessions[0], sessions[-1]):
            left_out[window.title] = f"{base.bars.name} covers {sessions[0]} to {sessions[-1]}"
            continue
        say(f"running in {window.title}")
        try:
            own = window_spec(spec, window.first, window.last, sessions)
            setting = load_setting(own, folder)
            run = run_backtest(own, folder, setting, studies=False)
        except LetfError as error:
            left_out[window.title] = str(error)
            continue
        begin = int(np.searchsorted(setting.bars.sessions, np.datetime64(window.first, "D")))
        cases.append(_case(window, True, run, Staged(setting, begin if run.rule is None else 0, 0.0)))
    if not cases:
        reasons = "; ".join(f"{title}: {reason}" for title, reason in list(left_out.items())[:2])
        raise SpecError(f"{spec.name} can be run on none of the paths; {reasons}")
    return Stressed(spec, base, cases, left_out, squeeze, list(base.notes))


def _all_sessions(spec: RunSpec, base: Setting, folder: Path | None) -> Dates:
    """All sessions of the spec's index, beyond its start and end too."""
    if spec.data.start is None and spec.data.end is None:
        return base.bars.sessions
    bars, _ = quoted_index(spec.place("index"), folder, spec.data.seed)
    return bars.sessions


def _case(what: Named | Window, real: bool, run: RunResult, staged: Staged) -> Case:
    setting, begin = staged.setting, staged.begin
    if run.stopped is not None:
        raise SpecError(f"{what.title}: the strategy stopped the run on {run.stopped}; there is no result")
    days = setting.bars.sessions[begin:]
    index = _course(setting.bars.held()[begin:])
    funds, dead = {}, {}
    for ticker, fund in setting.funds.items():
        ledger: FundLedger = run.ledgers[ticker] if ticker in run.ledgers else setting.ledger(fund, STAKE)
        value = ledger.held()[begin:]
        if value[0] > 0.0:
            funds[ticker] = _course(value)
            if (gone := np.flatnonzero(value == 0.0)).size:
                dead[ticker] = days[gone[0]]
    night = night_rates(days, setting.rate.on(days))
    cash = Course(STAKE * np.cumprod(np.concatenate(([1.0], 1.0 + night))))
    worth = run.worth[begin:]
    # A rule begins with the path; what a strategy of one's own holds by then is no part of it.
    own = run.rule is not None or begin == 0
    first = days[0]
    return Case(
        key=what.key,
        title=what.title,
        words=what.words,
        real=real,
        days=days,
        rule=_course(worth, run.start if own else float(worth[0])),
        index=index,
        funds=funds,
        cash=cash,
        trades=sum(1 for trade in run.trades if begin == 0 or trade.exit_date > first),
        fills=sum(1 for fill in run.logged if begin == 0 or fill.bar > begin),
        wiped_out=dead,
        squeeze=staged if staged.pushed is not None else None,
    )


def _course(values: Floats, start: float | None = None) -> Course:
    """100 at the start, whatever the scale, at the first value if not given; nothing of what is nothing
    then."""
    first = float(values[0]) if start is None else start
    return Course(STAKE * values / first if first > 0.0 else np.zeros(len(values)))


# -- figures --------------------------------------------------------------------------------------


def stress_metrics(found: Stressed) -> dict[str, Any]:
    """One flat dict; what each key means is written in docs/stress.md."""
    out: dict[str, Any] = {
        "spec": found.spec.name,
        "index": found.base.bars.name,
        "seed": found.spec.data.seed,
        "cases": len(found.cases),
        "left_out": len(found.left_out),
    }
    for case in found.cases:
        key = case.key
        out |= {f"{key}_first": str(case.days[0]), f"{key}_last": str(case.days[-1])}
        for name, course in {
            "rule": case.rule,
            "index": case.index,
            **case.funds,
            "cash": case.cash,
        }.items():
            out |= {f"{key}_{name}_return": course.total, f"{key}_{name}_drawdown": course.worst}
        out |= {f"{key}_trades": case.trades, f"{key}_fills": case.fills}
        out |= {f"{key}_{ticker}_wiped_out": str(day) for ticker, day in case.wiped_out.items()}
        if case.squeeze is not None and case.squeeze.pushed is not None:
            moved = case.squeeze.pushed
            out |= {
                f"{key}_index_return_without_funds": case.squeeze.without,
                f"{key}_days_without_end": int((~moved.ended).sum()),
                f"{key}_largest_trade": float(np.abs(moved.trade).max()),
                f"{key}_largest_push": largest_push(case),
            }
    return out


def largest_push(case: Case) -> float:
    """The largest part of a day's return that the funds' own trade made, as a fraction with its sign."""
    push = pushes(case)
    return float(push[np.argmax(np.abs(push))])


def pushes(case: Case) -> Floats:
    """What the funds' own trade added to each day's return, shape (n,)."""
    assert case.squeeze is not None
    assert case.squeeze.pushed is not None
    return case.squeeze.pushed.returns - case.squeeze.pushed.own


def case_frame(found: Stressed) -> pd.DataFrame:
    """A row a path: return and worst drawdown of rule, index, funds and cash."""
    import pandas as pd

    rows = {}
    for case in found.cases:
        row: dict[str, Any] = {
            "title": case.title,
            "data": _data(case),
            "first": str(case.days[0]),
            "last": str(case.days[-1]),
            "trades": case.trades,
            "fills": case.fills,
        }
        for name, course in {
            "rule": case.rule,
            "index": case.index,
            **case.funds,
            "cash": case.cash,
        }.items():
            row |= {f"{name}_return": course.total, f"{name}_drawdown": course.worst}
        rows[case.key] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("path")


def _data(case: Case) -> str:
    """What the prices of a case are: a mixed table says it row by row."""
    return "real" if case.real else "SIMULATED"


def course_frame(found: Stressed) -> pd.DataFrame:
    """By path and session: what became of 100 in rule, index, funds and cash."""
    import pandas as pd

    parts = []
    for case in found.cases:
        columns = {"rule": case.rule, "index": case.index, **case.funds, "cash": case.cash}
        frame = pd.DataFrame({name: course.value for name, course in columns.items()})
        frame.insert(0, "date", pd.DatetimeIndex(case.days.astype("datetime64[s]")))
        frame.insert(0, "data", _data(case))
        frame.insert(0, "path", case.key)
        parts.append(frame)
    return pd.concat(parts, ignore_index=True)
