"""A fund's own prices where it was traded, on the bars of its index.

A synthetic fund follows the model of its account; a traded one has prices that people paid. A ledger takes
them where there are any: the fund's quotes, brought without a jump to the scale on which the ledger stands
when they begin, and the model again once they end. On such a bar index, financing, cash and fee are booked
as the model has them, and `tracking` is what the price did otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from letf_instruments.errors import DataError

Floats = npt.NDArray[np.float64]


class Quote(NamedTuple):
    """One traded bar, on the scale of its source, without splits; `dividend` is paid before its open."""

    open: float
    high: float
    low: float
    close: float
    dividend: float


@dataclass(frozen=True, eq=False)
class TradedPrices:
    """Quotes on the bars of an index, float64 of shape (n,), without splits; NaN where there are none.

    dividend : a share, paid before the bar's open because it was held at the close before; 0 where none is.

    Raises
    ------
    DataError
        If the shapes differ, or a quote is not positive.
    """

    open: Floats
    high: Floats
    low: Floats
    close: Floats
    dividend: Floats

    def __post_init__(self) -> None:
        shapes = {getattr(self, name).shape for name in Quote._fields}
        if len(shapes) != 1:
            raise DataError(f"traded prices have the shapes {', '.join(map(str, shapes))}; one is wanted")
        quoted = ~np.isnan(self.close)
        for name in Quote._fields[:4]:
            values = getattr(self, name)[quoted]
            if not (np.isfinite(values) & (values > 0)).all():
                raise DataError(f"a traded price ({name}) is not positive")
