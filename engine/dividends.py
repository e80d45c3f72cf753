"""Dividends: what a share is paid goes into cash, before anything is traded on the ex-date.

Paid on the ex-date, although the money of a real one comes days or weeks later. Whoever is short pays it.
Stops and limits that wait stay where they are, so that the fall of the price on the day may meet them.
"""

from __future__ import annotations

from typing import Any

from engine.splits import Splits


class Dividends(Splits):
    """Pays the dividends of feeds that have them (`may_pay`) on what was held at the close before."""

    def init(self) -> None:
        super().init()
        self._paying: list[Any] | None = None
        self._paid: dict[Any, int] = {}  # bars whose dividend is paid, by feed
        self.dividends: dict[Any, float] = {}  # by feed: what it has paid so far, negative for a short

    def _pay_dividends(self) -> None:
        if self._paying is None:
            self._paying = [d for d in self.cerebro.datas if getattr(d, "may_pay", False)]
        for data in self._paying:
            position = self.positions.get(data)  # to look up one that is not there would add it
            if not position or not position.size or self._paid.get(data) == len(data):
                continue
            self._paid[data] = len(data)  # feeds that are not aligned show a bar more than once
            money = position.size * float(data.dividend[0])
            self.cash += money
            self.accounts["dividends"] += money
            self.dividends[data] = self.dividends.get(data, 0.0) + money
