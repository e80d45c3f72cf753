"""Markets in which an edge is planted, or none: for `benchmarks.verdicts`.

Each is a walk of an index by day whose drift depends on what the index did before, in the very way that a
rule of ours looks for, so that the rule has a true edge of a stated size; without that drift it has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

DAILY = 0.015  # volatility of the index a day, Student-t with 5 degrees of freedom
RATE = 0.02
START = "2000-01-03"
FADED, FADES = "faded", 0.4  # a strong edge that is gone after this part of the time
PREMIUM = 0.06  # a year over the short rate, of markets with a drift that no timing earned

# The rule of each kind, as a person would sweep it, and how strong a drift gives which true Sharpe ratio.
RULES: dict[str, dict[str, Any]] = {
    "trend": {
        "strategy": "trend",
        "rule": {"bars": 20, "buffer": 0.0},
        "sweep": {
            "rule.bars": [5, 8, 12, 16, 20, 26, 34, 44, 60, 90],
            "rule.buffer": [0.0, 0.005, 0.01, 0.02],
        },
        "planted": "rule.bars",
        "drift": {"none": 0.0, "weak": 0.06, "medium": 0.11, "strong": 0.22},
    },
    "both sides": {
        "strategy": "trend",
        "rule": {"bars": 20, "buffer": 0.0, "out": "bear"},
        "sweep": {
            "rule.bars": [5, 8, 12, 16, 20, 26, 34, 44, 60, 90],
            "rule.buffer": [0.0, 0.005, 0.01, 0.02],
        },
        "planted": "rule.bars",
        "drift": {"none": 0.0, "weak": 0.04, "medium": 0.075, "strong": 0.15},
    },
    "dip": {
        "strategy": "rsi_timing",
        "rule": {"side": "bull", "rsi_bars": 5, "oversold": 35, "overbought": 65, "average_bars": 3},
        "plan": {"fraction": 1.0, "stop": None, "target": None, "max_bars": 8},
        "sweep": {
            "rule.rsi_bars": [3, 4, 5, 6, 8, 10],
            "rule.oversold": [25, 30, 35, 40],
            "plan.max_bars": [5, 8, 12],
        },
        "planted": "rule.rsi_bars",
        "drift": {"none": 0.0, "weak": 0.09, "medium": 0.18, "strong": 0.45},
    },
}


@dataclass(frozen=True)
class Case:
    """One market and the rule that is tried on it. `planted` is the parameter for which the drift is made;
    `premium` tells whether the index drifts up by itself."""

    number: int
    rule: str
    strength: str
    years: int
    planted: int
    premium: bool


def cases(count: int, seed: int, faded: int = 0) -> list[Case]:
    """Cases of all strengths in turn, and so many of an edge that fades; rules, spans and planted parameters
    are drawn."""
    rng = np.random.default_rng(seed)
    strengths = ["none", "weak", "medium", "strong"] * (count // 4 + 1)
    strengths[count:] = [FADED] * faded
    found = []
    for number, strength in enumerate(strengths):
        rule = list(RULES)[int(rng.integers(len(RULES)))]
        values = RULES[rule]["sweep"][RULES[rule]["planted"]]
        planted = int(values[int(rng.integers(1, len(values) - 1))])
        years = int(rng.choice([6, 9, 12, 16]))
        found.append(Case(number, rule, strength, years, planted, bool(rng.integers(2))))
    return found


def market(case: Case, seed: int) -> pd.DataFrame:
    """Daily bars of the index of a case."""
    rng = np.random.default_rng([seed, case.number])
    n = 252 * case.years + 100
    shocks = rng.standard_t(5, n) * DAILY / np.sqrt(5 / 3)
    drift = RULES[case.rule]["drift"]["strong" if case.strength == FADED else case.strength] * DAILY
    edge = np.full(n, drift)
    if case.strength == FADED:
        edge[round(FADES * n) :] = 0.0
    daily = (RATE + (PREMIUM if case.premium else 0.0)) / 252
    close = np.empty(n)
    close[0] = 100.0
    sign = _dip(case.planted) if case.rule == "dip" else _trend(case.planted)
    for t in range(1, n):
        close[t] = close[t - 1] * np.exp(daily - DAILY**2 / 2 + edge[t] * sign(close[:t]) + shocks[t])
    gap = np.exp(0.3 * DAILY * rng.normal(size=n))
    opened = np.append(close[0], close[:-1]) * gap
    reach = np.exp(np.abs(0.5 * DAILY * rng.normal(size=(2, n))))
    days = pd.bdate_range(START, periods=n)
    return pd.DataFrame(
        {
            "open": opened,
            "high": np.maximum(opened, close) * reach[0],
            "low": np.minimum(opened, close) / reach[1],
            "close": close,
        },
        index=days,
    )


def _trend(bars: int) -> Any:
    """Up above the mean of so many closes, down below it."""

    def sign(close: np.ndarray) -> float:
        return 1.0 if close[-1] >= close[-bars:].mean() else -1.0

    return sign


def _dip(bars: int) -> Any:
    """Up for a while after a relative strength index (Wilder) of so many bars below 35; nothing else."""
    state = {"gain": 0.0, "loss": 0.0, "left": 0}

    def sign(close: np.ndarray) -> float:
        if len(close) < 2:
            return 0.0
        change = close[-1] - close[-2]
        state["gain"] += (max(change, 0.0) - state["gain"]) / bars
        state["loss"] += (max(-change, 0.0) - state["loss"]) / bars
        total = state["gain"] + state["loss"]
        if total > 0 and 100 * state["gain"] / total < 35:
            state["left"] = 5
        state["left"] -= 1
        return 1.0 if state["left"] >= 0 else 0.0

    return sign
