"""Orders that hang on each other: brackets, and those of which one cancels the other."""

from __future__ import annotations

import math
from typing import Any

import backtrader as bt

from engine.account import Account
from engine.allowance import closing_part
from letf_instruments.sizes import DUST

OWNER, OCO, BRACKET, EXPIRED, CLOSED, OVERSOLD, BEYOND = (
    "cancelled by its owner",
    "the order it was tied to was filled or cancelled",
    "its bracket was filled or cancelled",
    "expired",
    "another order closed its shares",
    "there is no more to sell, and shorts are not allowed",
    "the close was beyond its limit",
)
TERMS = ("owner", "data", "exectype", "valid", "parent", "transmit", "tradeid")


def _as_it_stands(order: Any) -> Any:
    """What backtrader's `order.clone()` gives, without asking how such a thing is copied."""
    executed = order.executed
    executed.markpending()
    twin, filled = object.__new__(type(order)), object.__new__(type(executed))
    vars(filled).update(vars(executed))
    vars(twin).update(vars(order), executed=filled)
    return twin


class Orders(Account):
    """How orders end, and what becomes of those tied to them. Each that is not filled, or not wholly, says
    so in `info["why"]`."""

    def init(self) -> None:
        super().init()
        self.oversold = 0

    def submit(self, order: Any, check: bool = True) -> Any:
        # backtrader finds these in the order's parameters, after a failed search, on each access.
        own, terms = vars(order), order.params
        for name in TERMS:
            own.setdefault(name, getattr(terms, name))
        return super().submit(order, check)

    def notify(self, order: Any) -> None:
        self.notifs.append(_as_it_stands(order))

    def stop(self) -> None:
        super().stop()
        if self.oversold:
            orders = "1 order" if self.oversold == 1 else f"{self.oversold:,} orders"
            verb = "was" if self.oversold == 1 else "were"
            self.notes.append(
                f"{orders} to sell more than is held {verb} refused or cut; "
                'account.shorts = "allow" lets them open shorts'
            )

    def cancel(self, order: Any, bracket: bool = False) -> bool:
        """Cancel an order, also one submitted on this very bar. False if it is no longer alive."""
        return self._drop(order, BRACKET if bracket else OWNER, bracket)

    def _drop(self, order: Any, why: str, bracket: bool = False) -> bool:
        for queue in (self.pending, self.submitted):
            if order in queue:
                queue.remove(order)
                order.cancel()
                order.info["why"] = why
                self.notify(order)
                self._ococheck(order)
                if not bracket:
                    self._bracketize(order, cancel=True)
                return True
        return False

    def _opens_no_short(self, order: Any, held: float) -> bool:
        """Cut an order down to what is held, where it would sell more; False if that leaves nothing of it."""
        rest = order.executed.remsize
        closing = closing_part(rest, held)
        if rest > 0 or abs(rest - closing) <= DUST * abs(rest):
            return True
        self.oversold += 1
        if closing == 0:
            order.reject()
            self._end(order, OVERSOLD)
            return False
        self._resize(order, closing)
        order.info["why"] = OVERSOLD
        if order.parent is None:
            self._bracketize(order, cancel=True)  # there will be no short for its children to close
        return True

    def _end(self, order: Any, why: str) -> None:
        """Take leave of an order whose last status has been set, and of those that hang on it."""
        order.info["why"] = why
        self.notify(order)
        self._ococheck(order)
        self._bracketize(order, cancel=True)

    def _ococheck(self, order: Any) -> None:
        group = self._ocol.pop(self._ocos[order.ref], None) or ()
        for queue in (self.pending, self.submitted):
            for other in [o for o in queue if o.ref in group and o.ref != order.ref]:
                queue.remove(other)
                other.cancel()
                other.info["why"] = OCO
                self.notify(other)
                self._bracketize(other, cancel=True)

    def _bracketize(self, order: Any, cancel: bool = False) -> None:
        if cancel or order.parent is not None:
            super()._bracketize(order, cancel)
            return
        children = self._pchildren[order.ref]
        if children:
            children.popleft()  # the entry itself
        for child in children:
            self._fit_to_fill(child, order)
            child.activate()

    def _fit_to_fill(self, child: Any, entry: Any) -> None:
        """Size and price a child by what its entry has become."""
        fill = entry.info["filled_at"]
        child.info["entry_bar"] = entry.info["filled_bar"]
        child.info["entry_at_close"] = entry.exectype == bt.Order.Close
        child.info["entry_at_open"] = fill == entry.data.open[0] and not child.info["entry_at_close"]
        child.info["entry_price"] = fill
        asked = entry.info.get("asked_size")
        if entry.info.get("money"):
            self._resize(child, -entry.size)  # its shares were not known before its fill
        elif asked:
            # A child that closes the whole entry must close it to the last bit, or dust is left over.
            child.info["why"] = "its entry was filled in part"
            whole = abs(child.size) == abs(asked)
            self._resize(child, -entry.size if whole else child.size * entry.size / asked)
        from_fill = child.info.get("from_fill")
        if from_fill is None:
            return
        if child.exectype == bt.Order.StopTrail:
            child.created.price = math.inf if child.isbuy() else -math.inf
            child.trailadjust(fill)
        else:
            child.created.price = fill * (1.0 + from_fill)

    @staticmethod
    def _resize(order: Any, size: float) -> None:
        """Change what is still to be filled."""
        order.size = order.created.size = order.executed.size + size
        order.created.remsize = order.executed.remsize = size

    def _shrink_partners(self, order: Any, filled: float) -> None:
        """Take a part fill from the orders that would close the same shares, so that they cannot be closed
        twice; one on the other side is cancelled."""
        tied = set(self._ocol.get(self._ocos[order.ref], ()))
        if order.parent is not None:
            tied |= {other.ref for other in self._pchildren.get(order.parent.ref, ())}
        for other in [o for o in (*self.pending, *self.submitted) if o.ref in tied and o.ref != order.ref]:
            left = abs(other.executed.remsize) - filled
            if other.size * order.size > 0 and left > DUST * filled:
                self._resize(other, math.copysign(left, other.size))
                other.info["why"] = CLOSED
            else:
                self._drop(other, CLOSED, bracket=True)
