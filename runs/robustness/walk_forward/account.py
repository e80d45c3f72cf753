"""The account of one test window, in backtrader: from cash before it to cash after it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analyzers import EquityLog, TradeLog
from letf_instruments import SpecError
from runs.backtest import metrics as m
from runs.backtest.benchmarks import against_index, index_held
from runs.backtest.event_driven import run_lab, stopped_on
from runs.backtest.own_checks import refuse_ahead
from runs.backtest.setting import Setting
from runs.specs.run_spec import RunSpec
from runs.specs.user_strategy import shown_with_line
from strategies import market_of

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class WindowAccount:
    """equity : by session of the run, shape (n,); the last is after everything was sold at that close.
    closing : what that sale cost, in money. metrics : as of any run, before that sale."""

    equity: Floats
    closing: float
    metrics: m.Metrics


def run_window(spec: RunSpec, setting: Setting) -> WindowAccount:
    """Run a spec on a setting that ends with the window.

    What is held at the last close is sold at it, at the costs of any fill, and what is short bought back, as
    the next window begins in cash with other parameters.

    Raises
    ------
    LetfError
        One sentence, if it cannot be run there, looks ahead or stops early.
    """
    rule = spec.make_rule()
    with shown_with_line(spec.own_file()):
        lab, strategy = run_lab(spec, setting, rule, (EquityLog, TradeLog))
        stopped = stopped_on(lab, setting)
        if stopped is not None:
            raise SpecError(f"the strategy stopped the run on {stopped}, so its window has no end")
        log, trades = list(strategy.analyzers)[-2:]
        curve = log.by_session()
        found = m.account(curve, setting.rate, trades.trades, lab.broker.accounts)
        index = index_held(setting, len(curve.days))
        found |= against_index(curve.days, curve.worth, index, setting.rate.on(curve.days), curve.start)
        if rule is not None and spec.is_own:
            refuse_ahead(spec, rule, market_of(lab.datas, len(setting.bars), setting.events))
    costs = spec.costs.costs()
    closing = sum(
        costs.charge(position.size, data.close[0], data.volume[0]).total
        for data, position in lab.broker.positions.items()
        if position.size
    )
    if curve.payments:  # by a strategy of one's own: what the money at the start became by itself
        equity = curve.worth * (spec.account.cash / curve.start)
        equity[-1] *= 1.0 - closing / curve.equity[-1]
    else:
        equity = curve.equity
        equity[-1] -= closing
    return WindowAccount(equity, closing, found)
