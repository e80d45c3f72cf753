"""What the compiled loop of trades reads and writes: bars, signals, a plan's numbers, the record of a run."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

# What a fill was for; a rule's own exits are FIRST_OWN + their position.
(
    ENTRY,
    STOP,
    TRAILING_STOP,
    TARGET,
    WIPED_OUT,
    REBOUND,
    LONGEST,
    RUIN,
    CASH_IN_LIEU,
    SESSION_END,
    LEAVING_TIME,
    NEXT_OPEN,
) = range(12)
FIRST_OWN = 12
REASONS = (
    "entry",
    "stop",
    "trailing stop",
    "target",
    "wiped out",
    "rebound",
    "longest holding",
    "ruin",
    "cash in lieu",
    "session end",
    "leaving time",
    "next open",
)
DONE, VOLUME_BOUND = 0, 1  # how a cell ended; the second: a bar's volume bounds an order, not done here
# A sale's costs were more than it brought: more is held on a debt, which only the broker's margin carries, or
# the account is ruined after the close was valued, which is seen at the next one.
IN_DEBT = 4
SHORT_OF_CASH = 3  # a withdrawal is more than the cash there is; its bar and the cash are all that is written

# Columns of a plan's row: NaN or 0 where it names nothing. A level is the row of its array, −1 for none.
(
    FRACTION,
    RISK,
    STOP_AT,
    STOP_LEVEL,
    TARGET_AT,
    TARGET_LEVEL,
    TRAILING,
    REBOUND_LEVEL,
    MAX_BARS,
    AMOUNT,
    TRAILING_ATR,
    PRICE_LEVEL,
) = range(12)
OTHER_SIDE = 12  # where the same of the other side begins
(
    COOLDOWN,
    PLACED,  # whether `placed` carries it out
    FILL,  # position in `strategies.plans.fill.FILLS`
    KIND,  # of the entry: position in `strategies.plans.trade_plan.ENTRIES`
    PRICE_AT,  # of the entry, as a fraction from the deciding close
    LEAVE_AT,  # 0, or 1 + position in `strategies.plans.trade_plan.LEAVES`, or 3 for a time
    LEAVE_MINUTE,
    SIDES,
) = range(24, 32)
PLAN_COLUMNS = 32


class Tape(NamedTuple):
    """The bars of a cell. `bars` has a row a bar, so that one stands in one line of the processor's cache:
    open, high, low and close of the instrument as traded, the index's close, interest on idle cash and the
    short rate accrued (`Money`), volume. `cash` the same for what an account of cash comes to: growth,
    returns, squares, excess, excess_squares, downside, tilted."""

    bars: Any
    cash: Any
    skips: bool
    split: Any
    has_splits: bool
    dividend: Any  # what a share is paid before the bar's open
    pays: bool  # on any bar
    days: Any
    last: Any  # the last bar of a session
    daily: bool
    bear: bool  # the instrument's multiple is negative: the rebound is above its level
    multiple: float
    tilt: Any  # shape (n,), `Stage.tilt`
    market: Any  # `measures.Market`


(OPEN, HIGH, LOW, CLOSE, INDEX, IDLE, ACCRUED, VOLUME) = range(8)
(GROWTH, RETURNS, SQUARES, EXCESS, EXCESS_SQUARES, DOWNSIDE, TILTED) = range(7)


class Decisions(NamedTuple):
    """A rule's signals. `next_entry[t]` is the first bar from t on where it enters, n if there is none, shape
    (n + 1,); `exits` 0 or 1 + the position of the reason; levels by row, shape (rows, n)."""

    entry: Any
    next_entry: Any
    exits: Any
    levels: Any
    index_levels: Any


class Placing(NamedTuple):
    """What `placed` reads beside the decisions of its two sides. `atr`, shape (n,), as traded; `minute`,
    `ends` of `feeds.session_clock.bar_ends`."""

    atr: Any
    other_atr: Any
    minute: Any
    ends: Any


class Account(NamedTuple):
    """The terms of the account that are numbers, and what is paid into it: `paid` at each bar's open, before
    orders, shape (n,); `next_paid[t]` the first bar from t on where something is, n if there is none, shape
    (n + 1,). `marks` : the bars at whose close sums are written (`marks.put_mark`), ascending, each the last
    of its session, and n after them. `debt_spread` : what a debt pays beyond the short rate, a year."""

    cash: float
    whole_shares: bool
    paid: Any
    next_paid: Any
    marks: Any
    debt_spread: float


class Record(NamedTuple):
    """Where a run is written down; arrays of shape (0,) leave it out. `equity` by bar; fills one after
    another, as many as there is room for."""

    equity: Any
    bar: Any
    price: Any
    size: Any
    costs: Any
    reason: Any
    fills: Any  # shape (1,): how many there were

    @classmethod
    def with_room(cls, bars: int, fills: int) -> Record:
        """One in which so many bars and fills can be written down."""
        return cls(
            np.empty(bars),
            np.empty(fills, dtype=np.int64),
            np.empty(fills),
            np.empty(fills),
            np.empty(fills),
            np.empty(fills, dtype=np.int64),
            np.zeros(1, dtype=np.int64),
        )
