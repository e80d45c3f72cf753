"""Bars in words: how many, and of which length."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runs.answers.words import counted

if TYPE_CHECKING:
    from feeds.bars import Bars


def counted_bars(bars: Bars) -> str:
    """How many bars of which length: 5,031 daily bars; 39,018 bars of 5 minutes, where most within a session
    are so far apart."""
    if bars.daily:
        return counted(len(bars), "daily bar")
    steps = np.diff(bars.timestamps)[bars.sessions[1:] == bars.sessions[:-1]]
    told = counted(len(bars), "bar")
    if not len(steps):
        return told
    minutes = round(float(np.median(steps / np.timedelta64(1, "s"))) / 60.0, 2)
    return f"{told} of {'a minute' if minutes == 1 else f'{minutes:g} minutes'}"
