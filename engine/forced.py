"""What a broker does unasked: margin calls, recalled shorts, and the end of a ruined account."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import backtrader as bt
import numpy as np

from engine.orders import Orders
from feeds.periods import EPOCH
from letf_instruments.sizes import NOTHING

MARGIN_CALL, RECALL, RUIN, STOP_OUT = "margin call", "recall", "ruin", "stop-out"
CASH_IN_LIEU, TAX = "cash in lieu", "tax"
FORCED = (MARGIN_CALL, RECALL, RUIN, STOP_OUT, CASH_IN_LIEU, TAX)
DAYS_A_YEAR = 365.25


def is_forced(order: Any) -> bool:
    """True if the broker sent it, not its owner."""
    return order.info.get("reason") in FORCED


class Forced(Orders):
    """Closes positions at the next open, for a reason that the order and a note carry."""

    def init(self) -> None:
        super().init()
        self.ruined = False
        self._emptied = False  # True once all that there was has been paid out

    def _after_close(self) -> None:
        if self.ruined:
            self._say_settled()
            return
        if self._value <= NOTHING * self.startingcash:
            self._ruin()
            return
        if self._carried:
            self._recall()
        if self._shorts or self.cash < 0:
            self._check_margin()

    def _exit(self, datas: Iterable[Any], reason: str) -> list[Any]:
        """Send orders to close positions; returns those of positions not on their way out already."""
        sent = []
        for data in datas:
            mine = [o for o in (*self.pending, *self.submitted) if o.data is data]
            if any(is_forced(o) for o in mine):
                continue
            for order in mine:
                self._drop(order, reason)
            owner = next((o.owner for o in reversed(self.orders) if o.data is data), None)
            size = self.positions[data].size
            send = self.buy if size < 0 else self.sell
            sent.append(send(owner, data, abs(size), exectype=bt.Order.Market, reason=reason))
        return sent

    def _check_margin(self) -> None:
        """Call positions in if equity no longer carries them: the shorts, and the longs only where there
        is a debt and no short to buy in."""
        needed = self.margin_requirement()
        if not self.margin.is_breached(self._value, needed):
            return
        held = {data: position.size for data, position in self.positions.items() if position.size}
        shorts = [data for data, size in held.items() if size < 0]
        deed = "bought in" if shorts else "sold"
        for order in self._exit(shorts or held, MARGIN_CALL):
            self.note(
                order.data,
                f"margin call: equity {self._value:.2f} is below the {needed:.2f} that the positions need; "
                f"{deed} at the next open",
            )

    # -- recalls ---------------------------------------------------------------------------------

    def _find_carried(self) -> None:
        """Note which shorts were carried into this session, before any order fills."""
        self._carried = []
        if self._shorts and self.p.recall_rate and self._nights:
            self._carried = [data for data, position in self.positions.items() if position.size < 0]

    def _recall(self) -> None:
        """Draw which of the carried shorts are recalled.

        A session's draws depend on the seed, its date and the feed's place alone, so that data cut off
        anywhere give the same run.
        """
        chance = 1.0 - math.exp(-self.p.recall_rate * self._nights / DAYS_A_YEAR)
        assert self._day is not None
        feeds = self.cerebro.datas
        draws = np.random.default_rng([self.p.seed, self._day + EPOCH]).random(len(feeds))
        recalled = [
            data
            for data, draw in zip(feeds, draws, strict=True)
            if draw < chance and any(data is c for c in self._carried) and self.positions[data].size < 0
        ]
        for order in self._exit(recalled, RECALL):
            self.note(order.data, "recall: the lender wants the shares back; bought in at the next open")

    # -- ruin ------------------------------------------------------------------------------------

    def _ruin(self) -> None:
        """Nothing is left: close everything, and take no more entries."""
        self.ruined = True
        held = [data for data, position in self.positions.items() if position.size]
        for order in [*self.pending, *self.submitted]:
            if not is_forced(order):
                self._drop(order, RUIN)
        self._exit(held, RUIN)
        self.contracts.liquidate(RUIN)
        beyond = f", a loss beyond the stake of {-self._value:.2f}" if self._value < 0 else ""
        closing = "all positions are closed at the next open and " if held else ""
        why = "all has been paid out" if self._emptied else f"ruin: equity is {self._value:.2f}{beyond}"
        self.note(self.cerebro.datas[0], f"{why}; {closing}no entry is taken any more")
        self._ended = not held

    def _say_settled(self) -> None:
        """Once everything is closed after a ruin, say what it came to: the last close was not the price."""
        if self._ended or any(position.size for position in self.positions.values()):
            return
        self._ended = True
        if self._value < 0:
            self.note(
                self.cerebro.datas[0],
                f"ruin: all positions are closed, the loss beyond the stake is {-self._value:.2f}",
            )
