"""How much of a result is luck: statistics of many trials, arrays in, numbers out."""

from analyzers.luck.bands import block_length, drawn_again, measures
from analyzers.luck.moments import shape_of
from analyzers.luck.overfitting import Overfitting, overfitting
from analyzers.luck.sharpe import deflated_sharpe, expected_best, probabilistic_sharpe
from analyzers.luck.superiority import superiority
from analyzers.luck.trials import effective_trials

__all__ = [
    "Overfitting",
    "block_length",
    "deflated_sharpe",
    "drawn_again",
    "effective_trials",
    "expected_best",
    "measures",
    "overfitting",
    "probabilistic_sharpe",
    "shape_of",
    "superiority",
]
