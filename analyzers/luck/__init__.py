"""How much of a result is luck: statistics of many trials, arrays in, numbers out."""

from analyzers.luck.overfitting import Overfitting, overfitting
from analyzers.luck.sharpe import deflated_sharpe, expected_best, probabilistic_sharpe
from analyzers.luck.trials import effective_trials

__all__ = [
    "Overfitting",
    "deflated_sharpe",
    "effective_trials",
    "expected_best",
    "overfitting",
    "probabilistic_sharpe",
]
