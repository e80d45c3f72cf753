"""A walk-forward of three windows whose accounts and metrics are set down by hand: nothing of it was run.

Sessions are the working days from 2018-01-01 on; the windows trade those from the 10th to the 22nd, counted
from 0, and the last of them is two sessions shorter. The axis has the days 0, 2 and 4, of which 0, 4 and 4
are chosen.
"""

import numpy as np
import pandas as pd

from runs.robustness.walk_forward.choose import Choice
from runs.robustness.walk_forward.study import Step, WalkForward, prepared
from runs.robustness.walk_forward.windows import Window
from tests.runs.robustness.walk_forward.test_study import own_spec, planted

EQUITY = np.array([100.0, 102, 104, 106, 108, 110, 110, 104, 100, 99, 99, 99, 99, 99.01])
INDEX = np.array([100.0, 101, 102, 103, 104, 105, 100, 95, 90, 85, 84, 88, 90, 92.4])
HINDSIGHT = np.linspace(100.0, 150.0, 14)
WINDOWS = [(0, 5, 10, 14), (5, 10, 15, 19), (10, 15, 20, 22)]
LENGTHS = [5, 5, 3]  # sessions of each test
INSIDE = [{"cagr": 0.2, "sharpe": 1.0}, {"cagr": 0.4, "sharpe": 2.0}, {"cagr": 0.1, "sharpe": 3.0}]
OUTSIDE = [
    {"cagr": 5.0, "sharpe": 0.5, "trades": 2, "interest_earned": 0.0},
    {"cagr": -0.9, "sharpe": -1.0, "trades": 3, "interest_earned": 1.5},
    {"cagr": 0.0, "sharpe": None, "trades": 0, "interest_earned": None},  # it never traded
]
CELLS = [0, 2, 2]


def walked(cells=CELLS) -> WalkForward:
    """It, with these cells chosen."""
    spec = own_spec(planted(20, 40), {"rule.day": [0, 2, 4]})
    job, setting, _ = prepared(spec, "sharpe", None, 1, None, None)
    days = pd.bdate_range("2018-01-01", periods=40).to_numpy().astype("datetime64[D]")
    nothing = dict.fromkeys(job.metrics, 0.0)
    steps = [
        Step(Window(*window), Choice(cell, 0.0, None, False), nothing | inside, nothing | outside, closing)
        for window, cell, inside, outside, closing in zip(
            WINDOWS, cells, INSIDE, OUTSIDE, (0.3, 0.2, 0.0), strict=True
        )
    ]
    return WalkForward(
        job=job,
        setting=setting,
        days=days,
        by="sharpe",
        how="best",
        anchored=False,
        lengths=(6, 5, 4),
        min_trades=0,
        steps=steps,
        ruined=False,
        first=9,
        equity=EQUITY,
        hindsight=HINDSIGHT,
        held={"index": INDEX},
        best=Choice(1, 0.0, None, False),
        notes=[],
        caveats=[],
    )
