"""The same trades in backtesting.py, by a Python that has it; see compared.py.

A folder's bars.csv and plan.json become plot.html and found.json.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pandas as pd
from backtesting import Backtest, Strategy


def main(folder: Path) -> None:
    """Run it there."""
    bars = pd.read_csv(folder / "bars.csv", index_col=0, parse_dates=True)
    plan: dict[str, Any] = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    decided = set(pd.DatetimeIndex(plan["decided"]))

    class SameDays(Strategy):
        """Enters on the days that it is told; stop and target from the fill, and so many bars at the most."""

        def init(self) -> None:
            self.rsi = self.I(lambda: bars["rsi"].to_numpy(), name="RSI(14) of the index", overlay=False)

        def next(self) -> None:
            for trade in self.trades:
                if trade.sl is None:  # the fill's price is known only now
                    trade.sl = trade.entry_price * (1 - plan["stop"])
                    trade.tp = trade.entry_price * (1 + plan["target"])
                if len(self.data) - 1 - trade.entry_bar == plan["max_bars"] - 1:
                    trade.close()  # at the next bar's open
            if self.data.index[-1] in decided and not self.position:
                self.buy(size=plan["fraction"])

    test = Backtest(bars, SameDays, cash=plan["cash"], commission=plan["costs"])
    found = test.run()
    test.plot(filename=str(folder / "plot.html"), open_browser=False)
    trades = found["_trades"]
    said = {
        "final": found["Equity Final [$]"],
        "commissions": found["Commissions [$]"],
        "stats": [name for name in found.index if not name.startswith("_")],
        "entered": [f"{day:%Y-%m-%d}" for day in trades["EntryTime"]],
        "left": [f"{day:%Y-%m-%d}" for day in trades["ExitTime"]],
        "at": [*trades["EntryPrice"], *trades["ExitPrice"]],
        "returns": [*trades["ReturnPct"]],
    }
    (folder / "found.json").write_text(json.dumps(said), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
