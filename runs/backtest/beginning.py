"""Where a run begins whose rule needs more history than there is: on the first day on which it can act.

Until then it would have been cash, and what is held beside it would have had that time for itself. So a run
that would have to wait begins where the waiting ends, with all its figures and those of what is held beside
it; the bars before are history, which the rule knows. What waits for bars of the run's own (to price option
contracts) waits there all the same, and so does a `backtrader.Strategy`, of which nobody knows what it needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from feeds.bars import Bars
from runs.backtest.setting import Setting, load_setting
from runs.specs.run_spec import RunSpec
from strategies import OptionRule, Rule

LONG_WAIT = 0.02  # of all bars: a shorter one is left in


def first_signal(rule: Rule, bars: Bars) -> np.datetime64 | None:
    """From when on a rule can act, where the wait is long enough to matter."""
    if rule.bars_waited < LONG_WAIT * len(bars):
        return None
    day: np.datetime64 = bars.sessions[rule.bars_waited - 1]
    return day if day > bars.sessions[0] else None  # a part of the first session is no wait


def warm_up_note(rule: Rule, bars: Bars) -> list[str]:
    """The same as a sentence; none where the wait is short."""
    first = first_signal(rule, bars)
    if first is None:
        return []
    history = rule.history_before_run
    if history is None:
        why = f"of history are needed, and there are none before {bars.sessions[0]}"
    elif rule.bars_known_before_run():
        why = f"of history are needed, and there are none before {history.bars.sessions[0]}"
    else:
        why = "of the run's own are needed to price contracts"
    return [f"no signal before {first}: {rule.warm_up:,} bars {why}"]


def first_possible(setting: Setting, rules: Iterable[Rule | None]) -> np.datetime64 | None:
    """The first day on which all of these rules can act, where one of them would have to wait for long."""
    days = []
    for rule in rules:
        if rule is None or isinstance(rule, OptionRule):
            continue
        rule.history_before_run = setting.history
        if rule.bars_waited < len(setting.bars):  # else there is none, which the run refuses
            days.append(first_signal(rule, setting.bars))
    return max((day for day in days if day is not None), default=None)


def first_known(setting: Setting) -> np.datetime64:
    """The first session of which anything is known, of the run's own or from before it."""
    bars = setting.bars if setting.history is None else setting.history.bars
    day: np.datetime64 = bars.sessions[0]
    return day


def begun(spec: RunSpec, folder: Path | None = None) -> tuple[RunSpec, Setting]:
    """A spec and its market, from the first day on which its rule can act.

    Raises
    ------
    LetfError
        As `load_setting`.
    """
    return moved(spec, load_setting(spec, folder), [spec.make_rule()], folder)


def moved(
    spec: RunSpec, setting: Setting, rules: Sequence[Rule | None], folder: Path | None
) -> tuple[RunSpec, Setting]:
    """A spec and its market, from the first day on which these rules can act, where one of them would have to
    wait for long; as they are where that day is none on which it could."""
    day = first_possible(setting, rules)
    if day is None:
        return spec, setting
    later, there = beginning_on(spec, day, first_known(setting), folder)
    return (later, there) if can_act(there, rules) else (spec, setting)


def can_act(setting: Setting, rules: Iterable[Rule | None]) -> bool:
    """True if none of these rules has to wait for long. Where a run was moved one may have to all the same: a
    volume that begins late is no hindrance within a run, but what came before one is known from there on."""
    return first_possible(setting, rules) is None


def beginning_on(
    spec: RunSpec, day: np.datetime64, known_from: np.datetime64, folder: Path | None
) -> tuple[RunSpec, Setting]:
    """A spec and its market with another first day than that of its data; before `known_from` nothing is
    known."""
    later = spec.starting(day)
    setting = load_setting(later, folder)
    begins = f"the run begins on {day}, the first day on which a signal is possible"
    why = f"history is needed, and there is none before {known_from}"
    return later, replace(setting, notes=[f"{begins}: {why}", *setting.notes], known_from=known_from)
