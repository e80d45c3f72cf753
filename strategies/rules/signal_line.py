"""The signal line ("9-sig"): a fund held to a line that grows by a fixed rate a quarter, the rest in cash.

At each quarter's last close the line is what was held after the last trade, grown by `growth`, and half of
what was
paid in since. What the fund is worth above the line is sold, what it lacks is bought with at most nine
tenths of the
cash. While the fund closes far below its highest quarter's close of two years it is not sold ("30 down, stick
around").

Source: Jason Kelly, "The 3% Signal" (2015), and his 9Sig letter for TQQQ, as its readers describe the rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from feeds.market import Market
from feeds.periods import last_of_period
from strategies.account_orders import at_open, at_this_close, for_money
from strategies.account_rule import AccountPlan, AccountRule
from strategies.parameters import RuleParams, param
from strategies.rule import Floats

QUARTERS = 8  # whose highest close counts


class SignalLineParams(RuleParams):
    """When the line is drawn."""

    every: Literal["month", "quarter", "year"] = param("quarter", "", "on whose last close it is drawn")


class SignalLinePlan(AccountPlan):
    """The line and what is done about it.

    growth : of the line a period. share : of the money in the fund at the start. most : of the cash that a
    purchase
        may take. depth : fall from the highest period's close of two years from which on nothing is sold; 0
        sells
        always. skips : sales left out in a row, at most.
    """

    growth: float = param(0.09, "fraction a period", "of the line", gt=-1, le=10)
    share: float = param(0.6, "share of equity", "in the fund at the start", gt=0, le=1)
    most: float = param(0.9, "share of cash", "that a purchase may take", gt=0, le=1)
    depth: float = param(0.3, "fraction", "fall from the high from which on nothing is sold", ge=0, lt=1)
    skips: int = param(2, "periods", "sales left out in a row, at most", ge=0, le=100)


class SignalLine(AccountRule):
    """Sells what is above the line, buys what is below it."""

    name = "signal_line"
    summary = "holds a fund to a line that grows nine percent a quarter: sells the excess, buys the lack"
    when = (
        "Works on a fund that grows faster than the line over years and falls back to it: it sells into "
        "strength and buys with what it sold. In a long fall the cash is spent on the way down, nine "
        "tenths at a time, and a line above all that is left can hardly be reached again."
    )
    Params, Plan = SignalLineParams, SignalLinePlan
    params: SignalLineParams
    reasons = ("start", "above the line", "below the line")
    memory = 3 + QUARTERS

    @property
    def default_instrument(self) -> str:
        return "TQQQ"

    def arrays(self, market: Market) -> Mapping[str, Floats]:
        return {"due": last_of_period(market.sessions, self.params.every).astype(np.float64)}

    @staticmethod
    def step(bar: int, account: Any, arrays: Any, params: Any, memory: Any) -> Any:
        # memory: the line's base (what was held after the last trade), paid in since, sales left out in a
        # row, then the closes of the periods before.
        memory[1] += account.deposited
        orders = [at_open(0.0)]
        if bar == 0:
            memory[0] = params.share * account.equity
            orders.append(for_money(at_this_close(0.0, 0), memory[0]))
            memory[1] = 0.0
            return orders
        if arrays.due[bar] < 0.5:
            return orders
        close = account.close
        highest = close
        for i in range(8):
            highest = max(highest, memory[3 + i])
        line = memory[0] * (1.0 + params.growth) + 0.5 * memory[1]
        memory[1] = 0.0
        held = account.size * close
        if held > line:
            deep = params.depth > 0.0 and close < (1.0 - params.depth) * highest
            stays = deep and memory[2] < params.skips
            if stays:
                memory[2] += 1.0
                memory[0] = held
            else:
                memory[2] = 0.0
                orders.append(for_money(at_this_close(0.0, 1), line - held))
                memory[0] = line
        else:
            money = min(line - held, params.most * account.cash)
            orders.append(for_money(at_this_close(0.0, 2), money))
            memory[0] = held + money
        for i in range(7, 0, -1):
            memory[3 + i] = memory[2 + i]
        memory[3] = close
        return orders
