"""What a broker asks of an account before and while it holds positions. Pure arithmetic, for any engine.

Requirements are fractions of a position's value, to be covered by equity: cash (proceeds of shorts
included) plus longs less shorts. Sources: Regulation T (12 CFR 220.12) for opening, FINRA rule 4210 for
keeping, FINRA Regulatory Notice 09-53 for the scaling by a leveraged ETF's multiple.
"""

from __future__ import annotations

from dataclasses import dataclass

from letf_instruments import SpecError
from letf_instruments.sizes import DUST


@dataclass(frozen=True)
class Margin:
    """Requirements of an unleveraged instrument; a fund's follow from its multiple.

    Parameters
    ----------
    initial_short : to open a short, beside its proceeds (Regulation T asks 150 %, of which they are 100 %).
    maintenance_short : to keep it.
    initial_long, maintenance_long : the same for what is owned.

    Raises
    ------
    SpecError
        If one is out of bounds: longs 0 to 1, shorts 0 to 10, and opening a short above 0.
    """

    initial_short: float = 0.5
    maintenance_short: float = 0.3
    initial_long: float = 0.5
    maintenance_long: float = 0.25

    def __post_init__(self) -> None:
        if not 0 < self.initial_short <= 10:
            raise SpecError(f"initial_margin is {self.initial_short:g}; it must be above 0 and at most 10")
        for name, value, top in (
            ("maintenance_margin", self.maintenance_short, 10.0),
            ("long_initial_margin", self.initial_long, 1.0),
            ("long_maintenance_margin", self.maintenance_long, 1.0),
        ):
            if not 0 <= value <= top:
                raise SpecError(f"{name} is {value:g}; it must be between 0 and {top:g}")

    def maintenance(self, size: float, multiple: float) -> float:
        """Fraction of its value that a position of this sign needs to be kept.

        Grows with the fund's leverage, for a long up to all of it: a 3x fund needs 75 % long, 90 % short.
        A fund of less than ±1x needs no less than an unleveraged one.
        """
        leverage = max(abs(multiple), 1.0)
        return self.maintenance_short * leverage if size < 0 else min(self.maintenance_long * leverage, 1.0)

    @staticmethod
    def is_breached(equity: float, needed: float) -> bool:
        """True if equity no longer covers a requirement, beyond rounding: at it, it does."""
        return equity < needed * (1.0 - DUST)

    def initial(self, size: float, multiple: float) -> float:
        """Fraction of its value that a position of this sign needs to be opened; never less than to keep it,
        or it would be called in at once."""
        rate = self.initial_short if size < 0 else self.initial_long
        return max(rate, self.maintenance(size, multiple))
