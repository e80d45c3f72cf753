"""What a daily-reset fund is: its multiple and the dated facts that price it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from letf_instruments.dated import Dated
from letf_instruments.errors import FactError

# A fee or spread beyond this is a percentage written where a fraction belongs, not a fact about a fund.
MAX_RATE = 0.5
MAX_MULTIPLE = 20.0


@dataclass(frozen=True)
class LeveragedFund:
    """A fund that gives `multiple` times the daily return of its index.

    Parameters
    ----------
    ticker : short name, used for feeds, columns and files.
    multiple : daily multiple b; −3 for SOXS, 3 for SOXL. Any finite number but 0 up to 20 in size.
    expense_ratio : fraction of assets a year, dated; a plain number means "at all times".
    spread : financing spread over the short rate, fraction a year per 1× borrowed (b > 1) or sold
        short (b < 0), dated; a plain number means "at all times".
    index : name of the index, dated; a plain string means "at all times".
    inception : first day of trading of the real fund, if there is one.
    name : long name.

    Raises
    ------
    FactError
        If the multiple or a rate is out of bounds.
    """

    ticker: str
    multiple: float
    expense_ratio: Dated[float] | float = 0.0
    spread: Dated[float] | float = 0.0
    index: Dated[str] | str = ""
    inception: np.datetime64 | None = None
    name: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not self.ticker:
            raise FactError("a fund needs a ticker")
        b = self.multiple
        if not math.isfinite(b) or b == 0 or abs(b) > MAX_MULTIPLE:
            raise FactError(
                f"multiple of {self.ticker} is {b}; "
                f"it must be a number other than 0, at most {MAX_MULTIPLE:g} in size"
            )
        for label in ("expense_ratio", "spread"):
            value = getattr(self, label)
            dated = value if isinstance(value, Dated) else Dated.constant(float(value))
            object.__setattr__(self, label, dated)
            for date, rate in zip(dated.dates, dated.values, strict=True):
                if not (math.isfinite(rate) and abs(rate) <= MAX_RATE):
                    raise FactError(
                        f"{label} of {self.ticker} from {date} is {rate}; rates are fractions a year, "
                        f"so 0.95 % is 0.0095"
                    )
        if not isinstance(self.index, Dated):
            object.__setattr__(self, "index", Dated.constant(self.index))

    @property
    def fees(self) -> Dated[float]:
        """The expense ratio as a dated fact, whichever way it was given."""
        assert isinstance(self.expense_ratio, Dated)
        return self.expense_ratio

    @property
    def spreads(self) -> Dated[float]:
        """The financing spread as a dated fact, whichever way it was given."""
        assert isinstance(self.spread, Dated)
        return self.spread

    @property
    def indexes(self) -> Dated[str]:
        """The index's name as a dated fact, whichever way it was given."""
        assert isinstance(self.index, Dated)
        return self.index
