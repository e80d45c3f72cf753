"""The trade a daily-reset fund must make at the close, and its leverage until then.

Source: Cheng & Madhavan 2009, "The Dynamics of Leveraged and Inverse Exchange-Traded Funds",
SSRN 1539120. Bull and bear alike trade in the index's own direction.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

X = TypeVar("X", float, npt.NDArray[np.float64])


def rebalancing_trade(multiple: float, assets: float, index_return: X) -> X:
    """Index exposure to buy (sell if negative) at the close: b·(b−1)·assets·r.

    `assets` are those at the prior close, in any currency; `index_return` is the day's, a fraction.
    """
    return multiple * (multiple - 1.0) * assets * index_return


def rebalancing_share(multiple: float, index_return: X) -> X:
    """The same trade as a fraction of the fund's assets at that close: b·(b−1)·r / (1 + b·r)."""
    return multiple * (multiple - 1.0) * index_return / (1.0 + multiple * index_return)


def drifted_multiple(multiple: float, index_move: X) -> X:
    """Multiple held during the day after the index moved by `index_move` since the prior close."""
    return multiple * (1.0 + index_move) / (1.0 + multiple * index_move)
