"""Which differences of sizes and amounts are rounding, and which trades are too small to be any.

Two engines that add up the same account in another order differ in the last digits. Whatever is decided by
comparing two amounts that may be equal is therefore decided by a stated tolerance, the same in both.
"""

from __future__ import annotations

import math

# Amounts that differ by less than this share of them are the same, off by rounding: sizes of an order, equity
# and the margin it must cover, a drift and its band (of equity), a high and its return, a trade's profit (of
# what was put in) and none.
DUST = 1e-9
DUST_SHARES = 1e-3  # and never more than this part of a share, however many there are
NOTHING = 1e-11  # of the stake: less is what rounding leaves of an account that has nothing
# Of equity: a plan trades nothing smaller, and of an order that was cut nothing smaller is filled. What is to
# be traded is the difference of two holdings, and of less than this, rounding is a part that shows.
SMALLEST_TRADE = 1e-6


def dust(size: float) -> float:
    """What rounding may have added to, or taken from, so many shares."""
    return min(DUST * max(abs(size), 1.0), DUST_SHARES)


def whole(size: float) -> float:
    """Whole shares in a size, towards 0; what is whole but for rounding is whole."""
    return float(math.trunc(size + math.copysign(dust(size), size)))
