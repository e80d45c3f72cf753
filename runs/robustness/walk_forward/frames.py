"""The files of `letf walkforward`: a row a window, a row a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runs.robustness.walk_forward.figures import window_return
from runs.robustness.walk_forward.study import WalkForward
from runs.sweeps.results.ranking import value_text

if TYPE_CHECKING:
    import pandas as pd


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
