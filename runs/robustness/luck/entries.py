"""A rule's timing against timing without any sense, under the same plan, costs and market."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from engine.kernel.cells import KernelRuns, run_trade_row, run_trade_rows
from engine.kernel.figures import MEASURES
from engine.kernel.stage import Floats, cost_rows, next_true
from engine.kernel.trade_signals import SideSignals, TradeSignals
from engine.kernel.weight_cells import WeightSignals, plan_row, run_weight_rows
from letf_instruments import LetfError
from runs.answers.words import counted
from runs.backtest.fund_feeds import funds_of
from runs.backtest.setting import Setting
from runs.specs.run_spec import RunSpec
from runs.sweeps.engines.choice import choose
from runs.sweeps.engines.engine import KERNEL
from runs.sweeps.engines.stage import Scene, make_scene, terms_of
from runs.sweeps.space.grid import Grid
from strategies import AllocationRule, Rule, TradeRule
from strategies.lots import account_rule_of

SHARPE, RETURN, TRADES = (MEASURES.index(name) for name in ("sharpe", "total_return", "trades"))
LEAST_TRADES = 5
TRIED, TRIALS = 4, 25
MONTH, ALIKE = 21, 0.1  # bars; an autocorrelation


@dataclass(frozen=True, eq=False)
class RandomTiming:
    """What the same plan made of random timing.

    how : what was random, in words. sharpe, total_return, trades : shape (draws,), a Sharpe ratio of 0 where
    an account never moved. own_sharpe, own_return, own_trades : of the rule.
    """

    how: str
    sharpe: Floats
    total_return: Floats
    trades: Floats
    own_sharpe: float
    own_return: float
    own_trades: int

    @property
    def as_good(self) -> float:
        """The share of random timings whose Sharpe ratio is at least the rule's, the rule counted as one of
        them: the p-value of a permutation test (Phipson & Smyth 2010)."""
        return float((np.count_nonzero(self.sharpe >= self.own_sharpe) + 1) / (len(self.sharpe) + 1))


def random_timing(
    spec: RunSpec,
    setting: Setting,
    rule: Rule | None,
    draws: int,
    seed: int,
) -> RandomTiming | str:
    """The rule's plan with random timing, in the compiled engine; or why there is none, in words.

    Of a rule of trades every day without a position is as likely to be one of entry, so likely that there are
    about as many trades; stops, targets and the rule's own reasons to leave stay. Of a rule of weights the
    weights are those of the rule, moved by a random number of bars (`least_move` at least, either way), the
    last ones to the beginning.
    """
    if rule is None:
        return "a backtrader.Strategy has no entries that could be drawn"
    if account_rule_of(rule) is not None:
        return "the rule sees its account, so its entries cannot be drawn apart from it"
    if isinstance(rule, (TradeRule, AllocationRule)):
        engine, obstacle = choose(spec.with_values({}), Grid(()), None)
        if engine != KERNEL:
            return obstacle
    try:
        scene = make_scene(spec, setting, funds_of(setting, rule))
        if isinstance(rule, TradeRule):
            return _of_trades(spec, setting, rule, scene, draws, seed)
        if isinstance(rule, AllocationRule):
            return _of_weights(spec, setting, rule, scene, draws, seed)
    except LetfError as error:
        return str(error)
    return f"of a rule such as {rule.name} the compiled engine knows no plan"


def _of_trades(
    spec: RunSpec,
    setting: Setting,
    rule: TradeRule,
    scene: Scene,
    draws: int,
    seed: int,
) -> RandomTiming | str:
    factors = [scene.factors.get(name) for name in rule.instruments]
    signals = TradeSignals.of(rule, scene.market, *factors)
    terms = terms_of(spec.account, spec.data.seed, setting.deposits)
    costs = cost_rows([spec.costs.costs()])
    row = np.array([signals.row(rule.plan)])
    own = run_trade_row(scene.stage, signals, rule.instrument, row[0], costs[0], terms)
    if not own.done:
        return "a bar's volume bounds the plan's orders, which only the broker works out"
    trades = own.metrics[TRADES]
    if trades < LEAST_TRADES:
        return f"it made {counted(int(trades), 'trade')}, too few to draw others like them"
    entered = dict.fromkeys(rule.instruments, 0)
    for fill in own.fills:
        if fill.reason == "entry":
            entered[fill.instrument] = entered.get(fill.instrument, 0) + 1
    held = own.metrics[MEASURES.index("average_bars_held")] * trades
    flat = max(len(scene.stage) - held, trades)
    rng = np.random.default_rng(seed)

    scale = 1.0

    def once() -> KernelRuns:
        first = _drawn(signals.side, scale * entered[rule.instruments[0]] / flat, rng)
        other = signals.other
        if other is not None:
            other = _drawn(other, scale * entered.get(str(signals.other_instrument), 0) / flat, rng)
        return run_trade_rows(
            scene.stage, replace(signals, side=first, other=other), rule.instrument, row, costs, terms
        )

    for _ in range(TRIED):  # how long a random trade lasts decides how many there are room for
        made = np.mean([once().metrics[0, TRADES] for _ in range(TRIALS)])
        scale *= trades / max(made, 1.0)
    return _many("entries on random days", once, draws, own.metrics)


def _drawn(side: SideSignals, chance: float, rng: np.random.Generator) -> SideSignals:
    """A side that enters on random bars."""
    entry = rng.random(len(side.decisions.entry)) < chance
    return replace(side, decisions=side.decisions._replace(entry=entry, next_entry=next_true(entry)))


def _of_weights(
    spec: RunSpec,
    setting: Setting,
    rule: AllocationRule,
    scene: Scene,
    draws: int,
    seed: int,
) -> RandomTiming | str:
    signals = WeightSignals.of(rule, scene.market)
    known = signals.weights[:, ~np.isnan(signals.weights).any(axis=0)]
    if known.shape[1] == 0 or (known == known[:, :1]).all():
        return "the weights never change, so there is no timing in them"
    terms = terms_of(spec.account, spec.data.seed, setting.deposits)
    costs, row = cost_rows([spec.costs.costs()]), np.array([plan_row(rule.plan)])
    own = run_weight_rows(scene.stage, signals, row, costs, terms)
    if not own.done[0]:
        return "a bar's volume bounds the plan's orders, which only the broker works out"
    n, least = len(scene.stage), least_move(signals.weights)
    rng = np.random.default_rng(seed)

    def once() -> KernelRuns:
        by = int(rng.integers(least, n - least + 1))
        moved = replace(
            signals, weights=np.roll(signals.weights, by, axis=1), state=np.roll(signals.state, by)
        )
        return run_weight_rows(scene.stage, moved, row, costs, terms)

    return _many("the rule's weights at random other times", once, draws, own.metrics[0])


def least_move(weights: Floats) -> int:
    """How far weights have to be moved to be at another time.

    Moved a few bars early they know what came, and a few bars late they are still the rule's own. Both end
    where the weights no longer resemble themselves: at the first lag at which the autocorrelation of every
    instrument's weight is below a tenth, but not below a month nor beyond a quarter of all bars.

    Parameters
    ----------
    weights : shape (instruments, bars); NaN before the first is known.
    """
    from statsmodels.tsa.stattools import acf

    most = weights.shape[1] // 4
    known = weights[:, ~np.isnan(weights).any(axis=0)]
    least = min(MONTH, most)
    for own in known:
        if np.ptp(own) > 0:
            alike = acf(own, nlags=most, fft=True) >= ALIKE
            least = max(least, int(np.argmin(alike)) if not alike.all() else most)
    return least


def _many(how: str, once: Callable[[], KernelRuns], draws: int, own: Floats) -> RandomTiming:
    found = np.empty((draws, 3))
    for draw in range(draws):
        found[draw] = once().metrics[0, [SHARPE, RETURN, TRADES]]
    found[:, 0] = np.where(np.isnan(found[:, 0]), 0.0, found[:, 0])
    sharpe = float(own[SHARPE]) if np.isfinite(own[SHARPE]) else 0.0
    return RandomTiming(
        how, found[:, 0], found[:, 1], found[:, 2], sharpe, float(own[RETURN]), int(own[TRADES])
    )
