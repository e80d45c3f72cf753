"""What `letf walkforward` says of its windows: figures, sentences, tables and files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from runs.answers.words import counted, number, percent, share, with_caveats
from runs.backtest.metrics import Metrics, night_rates
from runs.robustness.walk_forward.choose import PLATEAU
from runs.robustness.walk_forward.study import Step, WalkForward
from runs.sweeps.results.ranking import metric_name, metric_text, short_keys, value_text

if TYPE_CHECKING:
    import pandas as pd

Rows = list[list[str]]
FEW_WINDOWS = 5


def beside_name(found: WalkForward, name: str) -> str:
    """What an account is set against, as it is said."""
    return f"{found.setting.bars.name if name == 'index' else name} held"


def walk_metrics(found: WalkForward) -> dict[str, Any]:
    """One flat dict. `out_` is of the windows put together, `hindsight_` of the one cell that was best on all
    of them, `hold_` of what is bought and kept; `in_` are means over the windows' trainings, each weighted by
    the sessions that it was traded for."""
    train, test, gap = found.lengths
    out: dict[str, Any] = {
        "windows": len(found.steps),
        "train": train,
        "test": test,
        "gap": gap,
        "anchored": found.anchored,
        "by": found.by,
        "choose": found.how,
        "cells": found.job.size,
        "first": str(found.test[0]),
        "last": str(found.test[-1]),
        "simulated": found.setting.simulated,
    }
    out |= {f"out_{key}": value for key, value in found.measured(found.equity).items()}
    out |= {f"hindsight_{key}": value for key, value in found.measured(found.hindsight).items()}
    for name, values in found.held.items():
        out |= {f"hold_{name}_{key}": value for key, value in found.measured(values).items()}
    for key in dict.fromkeys(("cagr", "sharpe", found.by)):
        out[f"in_{key}"] = _mean(found, [step.inside[key] for step in found.steps])
        out[f"out_{key}_mean"] = _mean(found, [step.outside[key] for step in found.steps])
    inside = out["in_cagr"]
    out["efficiency"] = out["out_cagr"] / inside if inside is not None and inside > 0 else None
    gains = [window_return(found, step) for step in found.steps]
    index = [window_return(found, step, "index") for step in found.steps]
    out["windows_gained"] = float(np.mean(np.array(gains) > 0))
    out["windows_beat_index"] = float(np.mean(np.array(gains) > np.array(index)))
    out["closing_costs"] = float(sum(step.closing for step in found.steps))
    out["trades"] = sum(int(step.outside["trades"] or 0) for step in found.steps)
    out["different_choices"] = len({step.choice.cell for step in found.steps})
    for key, changed, steps in axis_changes(found):
        out[f"changed_{key}"], out[f"steps_{key}"] = changed, steps
    return out


def _mean(found: WalkForward, values: list[Any]) -> float | None:
    """Weighted by the sessions of each test; over those that are known, None if none is."""
    known = [
        (float(value), step.window.test_last - step.window.test_first + 1)
        for value, step in zip(values, found.steps, strict=True)
        if value is not None
    ]
    if not known:
        return None
    worth, weights = np.array(known).T
    return float((worth * weights).sum() / weights.sum())


def window_return(found: WalkForward, step: Step, name: str | None = None) -> float:
    """What was made in a window, after what it cost to end it; of what is held, if that is named."""
    own = (found.equity if name is None else found.held[name])[found.part(step)]
    return float(own[-1] / own[0] - 1.0)


def beat_cash(found: WalkForward) -> float:
    """The share of the windows in which more was made than the short rate gave: a gain alone may be what idle
    cash earned."""
    accrued = night_rates(found.test, found.setting.rate.on(found.test))
    better = []
    for step in found.steps:
        own = found.part(step)
        cash = float(np.prod(1.0 + accrued[own.start : own.stop - 1])) - 1.0
        better.append(window_return(found, step) > cash)
    return float(np.mean(better))


def axis_changes(found: WalkForward) -> list[tuple[str, int, float | None]]:
    """By axis of more than one value: in how many windows the choice differs from that of the window before,
    and by how many steps it does then on average; None where values have no order or it never does."""
    places = np.array([found.place(step.choice.cell) for step in found.steps])
    out: list[tuple[str, int, float | None]] = []
    for i, axis in enumerate(found.job.grid.axes):
        if len(axis.values) < 2:
            continue
        moved = np.abs(np.diff(places[:, i]))
        changed = int(np.count_nonzero(moved))
        out.append(
            (axis.key, changed, float(moved[moved > 0].mean()) if changed and axis.is_ordered else None)
        )
    return out


def left(efficiency: float) -> str:
    """How much of what was made in training; beyond all of it and below nothing a percentage says little."""
    if efficiency <= 0.0:
        return "nothing of it"
    return f"{share(efficiency, 0)} of it" if efficiency <= 1.0 else "all of it and more"


def headline(found: WalkForward, m: dict[str, Any]) -> str:
    """The first line: out of sample, in sample, and what else could have been had."""
    mark = "SIMULATED data. " if found.setting.simulated else ""
    efficiency = m["efficiency"]
    kept = "" if efficiency is None else f", so that {left(efficiency)} was left"
    held = ", ".join(f"{beside_name(found, name)} {_a_year(m, f'hold_{name}_')}" for name in found.held)
    said = (
        f"{mark}{found.job.base.name}, chosen anew in each of {counted(m['windows'], 'window')} and then "
        f"traded, {m['first']} to {m['last']}: {_a_year(m, 'out_')} out of sample, Sharpe "
        f"{number(m['out_sharpe'])}; the choices had made {percent(m['in_cagr'])} a year in their trainings"
        f"{kept}. The best cell in hindsight {_a_year(m, 'hindsight_')}, {held}."
    )
    return with_caveats(said, found.caveats)


def _a_year(m: dict[str, Any], prefix: str) -> str:
    return f"{percent(m[prefix + 'cagr'])} a year"


def sentences(found: WalkForward, m: dict[str, Any]) -> list[str]:
    """How much of it held, and how steady the choice was."""
    said = [
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
        metric_text(by, _mean(found, [v if there else None for v, there in zip(side, both, strict=True)]))
        for side in zip(*pairs, strict=True)
    )
    return (
        f"By {metric_name(by)}, which chose{where}: {inside} in training on average, {outside} in the tests."
    )


def interest_earned(found: WalkForward) -> float:
    """What idle cash earned in all windows, in money."""
    return float(sum(float(step.outside["interest_earned"] or 0.0) for step in found.steps))


def _interest(found: WalkForward) -> list[str]:
    """How much of what was made is interest."""
    gain, interest = float(found.equity[-1] - found.equity[0]), interest_earned(found)
    if round(interest) <= 0:
        return []
    what = "gain" if gain >= 0 else "loss"
    return [
        f"In the {what} of {number(abs(gain), 0)} out of sample interest on idle cash of "
        f"{number(interest, 0)} is included."
    ]


def account_rows(found: WalkForward, m: dict[str, Any]) -> tuple[list[str], Rows]:
    """Headings and rows: each account on the sessions out of sample."""
    named = [
        ("chosen in each window", "out_"),
        ("the best cell in hindsight", "hindsight_"),
        *((beside_name(found, name), f"hold_{name}_") for name in found.held),
    ]
    rows = [
        [
            label,
            percent(m[prefix + "total_return"]),
            percent(m[prefix + "cagr"]),
            share(m[prefix + "volatility"]),
            number(m[prefix + "sharpe"]),
            percent(m[prefix + "max_drawdown"]),
        ]
        for label, prefix in named
    ]
    return ["account", "total return", "CAGR", "volatility", "Sharpe", "worst drawdown"], rows


def window_rows(found: WalkForward) -> tuple[list[str], Rows]:
    """Headings and rows: a row a window."""
    keys = [axis.key for axis in found.job.grid.axes if len(axis.values) > 1]
    short = short_keys(keys)
    by = metric_name(found.by)
    rows = []
    for step in found.steps:
        values = found.job.grid.values(step.choice.cell)
        rows.append(
            [
                str(found.days[step.window.test_first]),
                str(found.days[step.window.test_last]),
                *(value_text(values[key]) for key in keys),
                metric_text(found.by, _float(step.inside, found.by)),
                metric_text(found.by, _float(step.outside, found.by)),
                percent(window_return(found, step)),
                percent(window_return(found, step, "index")),
                number(_float(step.outside, "trades"), 0),
            ]
        )
    headings = ["traded from", "to", *(short[key] for key in keys)]
    return [
        *headings,
        f"{by} in training",
        "in the test",
        "return",
        beside_name(found, "index"),
        "trades",
    ], rows


def _float(metrics: Metrics, key: str) -> float | None:
    value = metrics[key]
    return None if value is None else float(value)


def windows_frame(found: WalkForward) -> pd.DataFrame:
    """A row a window: its sessions, the parameters, and each metric in training (`in_`) and in the test
    (`out_`); `return` and `hold_` are of the test, `closing` is money."""
    import pandas as pd

    rows = []
    for at, step in enumerate(found.steps, start=1):
        window = step.window
        rows.append(
            {
                "window": at,
                "train_first": found.days[window.train_first],
                "train_last": found.days[window.train_last],
                "test_first": found.days[window.test_first],
                "test_last": found.days[window.test_last],
                "cell": step.choice.cell,
                **{key: value_text(value) for key, value in found.job.grid.values(step.choice.cell).items()},
                "neighbours": step.choice.neighbours,
                **{f"in_{name}": step.inside[name] for name in found.job.metrics},
                **{f"out_{name}": step.outside.get(name) for name in found.job.metrics},
                "return": window_return(found, step),
                **{f"hold_{name}": window_return(found, step, name) for name in found.held},
                "closing": step.closing,
            }
        )
    return pd.DataFrame(rows)


def equity_frame(found: WalkForward) -> pd.DataFrame:
    """By session out of sample, in money: the account, the number of its window (0 before the first), the
    best cell in hindsight, and what is held."""
    import pandas as pd

    number_of = np.zeros(len(found.equity), dtype=int)
    for at, step in enumerate(found.steps, start=1):
        number_of[found.part(step)][1:] = at
    columns = {"equity": found.equity, "window": number_of, "hindsight": found.hindsight}
    columns |= {f"hold_{name}": values for name, values in found.held.items()}
    return pd.DataFrame(columns, index=pd.Index(found.test, name="date"))


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
