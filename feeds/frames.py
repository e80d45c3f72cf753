"""Bars as a pandas frame, for people who go on with them in a script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from feeds.bars import PRICES, Bars

if TYPE_CHECKING:
    import pandas as pd

SIMULATED = "simulated"  # the frame's attribute, which reading it back heeds


def bars_frame(bars: Bars) -> pd.DataFrame:
    """The bars as a frame of their own: changing it does not change them.

    Returns
    -------
    open, high, low, close, volume, and adj_close if there is one, all float64, by a DatetimeIndex called
    date: sessions, or for intraday bars the exchange's own time. Bars that are not real prices say so in
    `frame.attrs`, as {"simulated": True}.
    """
    import pandas as pd

    columns = {column: getattr(bars, column) for column in (*PRICES, "volume", "adj_close")}
    frame = pd.DataFrame(
        {column: np.array(values) for column, values in columns.items() if values is not None},
        index=pd.DatetimeIndex(np.array(bars.timestamps), name="date"),
    )
    if bars.simulated:
        frame.attrs[SIMULATED] = True
    return frame
