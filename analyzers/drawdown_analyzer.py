"""The drawdown of a run in backtrader."""

from __future__ import annotations

from typing import Any

import backtrader as bt

from analyzers.drawdown import drawdowns, underwater
from analyzers.equity import EquityLog


class DrawdownAnalyzer(bt.Analyzer):
    """Drawdown of the account, payments aside. `get_analysis()`: max_drawdown, max_drawdown_days (the longest
    spell under water), underwater (array, by session), worst (the five deepest, as `Drawdown`)."""

    params = (("worst", 5),)

    def start(self) -> None:
        self._log = EquityLog.of(self.strategy)

    def stop(self) -> None:
        curve = self._log.by_session()
        days, worth = curve.from_start()
        spells = drawdowns(days, worth)
        self.rets: dict[str, Any] = {
            "max_drawdown": spells[0].depth if spells else 0.0,
            "max_drawdown_days": max((s.days for s in spells), default=0),
            "underwater": underwater(worth)[-len(curve.days) :],
            "worst": spells[: self.p.worst],
        }
