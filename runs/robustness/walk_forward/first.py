"""What is read first of a walk-forward, by windows or by folds."""

from __future__ import annotations

from typing import Any

from runs.answers.parts import KeyFigure
from runs.answers.words import counted, number, percent, share, yearly
from runs.robustness.first import asked_line
from runs.robustness.starts.study import traded_funds
from runs.robustness.walk_forward.figures import beat_cash
from runs.robustness.walk_forward.fold_words import paths_text
from runs.robustness.walk_forward.folds import CrossValidation
from runs.robustness.walk_forward.study import WalkForward
from runs.robustness.walk_forward.words import beside_name, counted_part


def asked_of_windows(found: WalkForward) -> str:
    """Rule, data, years; the windows, and how many cells were chosen from."""
    train, test, _ = found.lengths
    chosen = "on all before" if found.anchored else f"on {train:,} sessions"
    windows = f"{counted(len(found.steps), 'window')}: chosen {chosen}, traded on the next {test:,}"
    return _asked(found, [windows, counted(found.job.size, "cell")])


def asked_of_folds(found: CrossValidation) -> str:
    """Rule, data, years; the folds, and how many cells were chosen from."""
    folds = f"{found.folds} folds, {found.test_folds} of them to test: {counted(len(found.splits), 'split')}"
    return _asked(found, [folds, counted(found.job.size, "cell")])


def _asked(found: WalkForward | CrossValidation, more: list[str]) -> str:
    base = found.job.base
    return asked_line(base, found.setting, traded_funds(found.setting, base.make_rule()), more)


def window_figures(found: WalkForward, m: dict[str, Any]) -> list[KeyFigure]:
    """Out of sample beside training and beside the index."""
    index = beside_name(found, "index")
    left = "n/a" if m["efficiency"] is None else share(m["efficiency"], 0)
    return [
        KeyFigure(
            yearly("CAGR", found.test) + " out of sample",
            percent(m["out_cagr"]),
            f"in training: {percent(m['in_cagr'])}; {index}: {percent(m['hold_index_cagr'])}",
        ),
        KeyFigure("efficiency", left, "CAGR out of sample over that in training"),
        KeyFigure("Sharpe ratio", number(m["out_sharpe"]), f"{index}: {number(m['hold_index_sharpe'])}"),
        KeyFigure(
            "worst drawdown",
            percent(m["out_max_drawdown"]),
            f"{index}: {percent(m['hold_index_max_drawdown'])}",
        ),
        KeyFigure(
            "windows that beat cash",
            counted_part(beat_cash(found), m),
            f"with a gain, interest included: {counted_part(m['windows_gained'], m)}; ahead of {index}: "
            f"{counted_part(m['windows_beat_index'], m)}",
        ),
    ]


def fold_figures(found: CrossValidation, m: dict[str, Any]) -> list[KeyFigure]:
    """The paths' ratios beside those in training and of the index."""
    return [
        KeyFigure(
            "median Sharpe of the paths",
            number(m["path_sharpe_median"]),
            f"{found.setting.bars.name} held: {number(m['hold_index_sharpe'])}",
        ),
        KeyFigure("lowest path", number(m["path_sharpe_min"]), f"highest: {number(m['path_sharpe_max'])}"),
        KeyFigure(
            "Sharpe in training", number(m["in_sharpe"]), f"on the test folds: {number(m['out_sharpe'])}"
        ),
        KeyFigure("paths below 0", paths_text(m["paths_below_0"], m), "by Sharpe ratio"),
        KeyFigure("different choices", f"{m['different_choices']:,}", f"in {counted(m['splits'], 'split')}"),
    ]
