"""What `letf walkforward` says of its windows, in sentences."""

from __future__ import annotations

from typing import Any

from runs.answers.words import counted, number, percent, share, with_caveats
from runs.robustness.walk_forward.choose import PLATEAU
from runs.robustness.walk_forward.figures import axis_changes, beat_cash, interest_earned, mean_of
from runs.robustness.walk_forward.study import WalkForward
from runs.sweeps.results.ranking import metric_name, metric_text

FEW_WINDOWS = 5


def beside_name(found: WalkForward, name: str) -> str:
    """What an account is set against, as it is said."""
    return f"{found.setting.bars.name if name == 'index' else name} held"


def left(efficiency: float) -> str:
    """How much of what was made in training; beyond all of it and below nothing a percentage says little."""
    if efficiency <= 0.0:
        return "nothing of it"
    return f"{share(efficiency, 0)} of it" if efficiency <= 1.0 else "all of it and more"


def headline(found: WalkForward, m: dict[str, Any]) -> str:
    """The first line: out of sample, in sample, and what holding the index gave."""
    mark = "SIMULATED data. " if found.setting.simulated else ""
    efficiency = m["efficiency"]
    kept = "" if efficiency is None else f", so that {left(efficiency)} was left"
    said = (
        f"{mark}{found.job.base.name}, chosen anew in each of {counted(m['windows'], 'window')}: "
        f"{_a_year(m, 'out_')} out of sample and {percent(m['in_cagr'])} in training{kept}; "
        f"{beside_name(found, 'index')} made {percent(m['hold_index_cagr'])}."
    )
    return with_caveats(said, found.caveats)


def _a_year(m: dict[str, Any], prefix: str) -> str:
    return f"{percent(m[prefix + 'cagr'])} a year"


def sentences(found: WalkForward, m: dict[str, Any]) -> list[str]:
    """How much of it held, and how steady the choice was."""
    held = [f"{beside_name(found, name)} {_a_year(m, f'hold_{name}_')}" for name in found.held]
    said = [
        f"Traded from {m['first']} to {m['last']}: {_a_year(m, 'out_')} at a Sharpe of "
        f"{number(m['out_sharpe'])}; the best cell in hindsight {_a_year(m, 'hindsight_')}, "
        f"{', '.join(held)}.",
        f"{counted_part(m['windows_gained'], m)} windows gained, interest on idle cash included; "
        f"{counted_part(beat_cash(found), m)} made more than cash, "
        f"{counted_part(m['windows_beat_index'], m)} more than {beside_name(found, 'index')}. "
        f"{_by_both(found)}",
        *_interest(found),
    ]
    if m["windows"] < FEW_WINDOWS:
        said.append(f"{counted(m['windows'], 'window')} are too few to say how the next one will do.")
    chances = m["windows"] - 1
    if chances > 0:
        parts = []
        for key, changed, steps in axis_changes(found):
            far = f", by {steps:.1f} steps on average" if steps is not None else ""
            parts.append(f"{key} {changed} of {counted(chances, 'time')}{far}")
        said.append(
            f"{counted(m['different_choices'], 'different choice')}. From window to window these changed: "
            f"{'; '.join(parts)}."
        )
    poor = sum(step.choice.for_want for step in found.steps)
    if found.how == PLATEAU and poor:
        said.append(f"In {counted(poor, 'window')} no cell had neighbours enough, and the best was taken.")
    if found.ruined:
        said.append(f"The account was ruined in window {len(found.steps)}, and the rest is nothing.")
    return said


def counted_part(part: float, m: dict[str, Any]) -> str:
    """A share of the windows as their number: of so few a percentage would say more than is known."""
    return f"{round(part * m['windows']):,} of {m['windows']:,}"


def _by_both(found: WalkForward) -> str:
    """The metric that chose in training and in the tests, means over the same windows: in one without a trade
    it may not be defined, and what its training had then belongs to no test."""
    by = found.by
    pairs = [(step.inside[by], step.outside[by]) for step in found.steps]
    both = [inside is not None and outside is not None for inside, outside in pairs]
    if not any(both):
        return f"{metric_name(by)}, which chose, is defined in none of the tests."
    where = "" if all(both) else f", of the {sum(both)} of {len(both)} windows where both are defined"
    inside, outside = (
        metric_text(by, mean_of(found, [v if there else None for v, there in zip(side, both, strict=True)]))
        for side in zip(*pairs, strict=True)
    )
    return (
        f"By {metric_name(by)}, which chose{where}: {inside} in training on average, {outside} in the tests."
    )


def _interest(found: WalkForward) -> list[str]:
    """How much of what was made is interest."""
    gain, interest = float(found.equity[-1] - found.equity[0]), interest_earned(found)
    if round(interest) <= 0:
        return []
    what = "gain" if gain >= 0 else "loss"
    return [
        f"Idle cash earned {number(interest, 0)} of interest, which the {what} of {number(abs(gain), 0)} "
        "includes already."
    ]


def how_made(found: WalkForward) -> list[str]:
    """How it was made, for the end of the page."""
    train, test, gap = found.lengths
    kind = "from the first session on" if found.anchored else f"on the {train:,} sessions before"
    cells = counted(found.job.size, "cell")
    drawn = (
        ""
        if found.job.sample is None
        else f" of {found.job.grid.size:,}, drawn with seed {found.job.sample_seed}"
    )
    return [
        f"{cells}{drawn} in each window, {kind}; {counted(gap, 'session')} between training and test purged; "
        f"tests of {test:,} sessions; engine: {found.job.engine}. Each test is run in backtrader.",
        "The account is carried on from window to window. Each begins in cash at the close before its first "
        "session, with the history that its rule needs, and what it still holds at its last close is sold "
        "there at the costs of any fill, which are in its equity. In training a cell begins in cash too, and "
        "what is open at its end counts at the close.",
    ]
