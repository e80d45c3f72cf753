"""Fresh starts in the compiled engine: a rule's signals once, and a run from each day on which one may begin.

Signals are causal, so on any bar they are what a run that began there would see, its history included. What
is not the same for each start is derived from its own bars: the account begins in cash and earns no interest
into its first bar, schedules count from it, and its funds are founded at its first close, at the price at
which a run founds them.

A fund that was wiped out stays dead in a run that held it, but whoever begins later finds it founded anew. So
the market is loaded again at such a bar, and for the one after it; each such part has starts of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.kernel.stage import Founded, cost_rows
from letf_instruments import LeveragedFund
from runs.answers.progress import Say, no_words
from runs.backtest.benchmarks import held_prices
from runs.backtest.checks import check_run
from runs.backtest.fund_feeds import first_nav, funds_of
from runs.backtest.own_checks import refuse_ahead
from runs.backtest.setting import Setting, load_setting
from runs.specs.run_spec import RunSpec
from runs.specs.user_strategy import shown_with_line
from runs.sweeps.engines.carried import carried
from runs.sweeps.engines.stage import Scene, make_scene, terms_of
from strategies import Rule

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

SAID_EACH = 100  # starts


@dataclass(frozen=True, eq=False)
class Part:
    """A market on which starts are run, and its place in the whole.

    first : the session of the whole that is its first one. starts : positions in the whole, rising.
    """

    spec: RunSpec
    setting: Setting
    rule: Rule
    scene: Scene
    first: int
    starts: Ints


@dataclass(frozen=True, eq=False)
class Paths:
    """What came of starts.

    account : what 1 became by session from each start's first close on, shape (starts, longest + 1), NaN
        beyond the data. held : the same of what is bought at that close and kept, at the sessions asked for,
        shape (starts, lengths). odd : starts that only the broker can run, shape (starts,).
    """

    account: Floats
    held: dict[str, Floats]
    odd: Bools


def cut_paths(
    spec: RunSpec,
    setting: Setting,
    starts: Ints,
    lengths: Ints,
    folder: Path | None,
    say: Say = no_words,
) -> Paths:
    """Run a rule from each start, in the compiled engine.

    Parameters
    ----------
    setting : the market that all starts lie in. starts : positions of sessions in it, rising.
    lengths : in sessions, shape (lengths,).

    Raises
    ------
    LetfError
        One sentence, if the rule cannot be run there, or looks ahead.
    """
    longest = int(lengths.max())
    found = Paths(np.full((len(starts), longest + 1), np.nan), {}, np.zeros(len(starts), dtype=np.bool_))
    at = 0
    for part in _parts(spec, setting, starts, folder):
        _run_part(part, lengths, found, at, say)
        at += len(part.starts)
    return found


def _parts(spec: RunSpec, setting: Setting, starts: Ints, folder: Path | None) -> Iterator[Part]:
    """The market, cut where a fund dies before the last start."""
    sessions = np.unique(setting.bars.sessions)
    first, left = 0, starts
    lone = False  # the market that begins on the session of a death is for a start on it alone
    here, there = spec, setting
    while len(left):
        rule = here.make_rule()
        assert rule is not None
        check_run(here, there, rule)
        funds = funds_of(there, rule)
        scene = make_scene(here, there, funds)
        if here.is_own and first == 0:
            with shown_with_line(here.own_file()):
                refuse_ahead(here, rule, scene.market)
        died = [_death(scene, there, fund) for fund in funds]
        dead = min((d for d in died if d is not None), default=len(sessions) - first)
        until = first + (1 if lone else dead)
        lone = not lone
        own = left[left < until]
        if len(own):
            yield Part(here, there, rule, scene, first, own)
        left = left[len(own) :]
        if len(left):
            first = until
            here = spec.starting(sessions[first])
            there = load_setting(here, folder)


def _death(scene: Scene, setting: Setting, fund: LeveragedFund) -> int | None:
    """The session of a market, by position, on which a fund was wiped out."""
    gone = np.flatnonzero(scene.market.funds[fund.ticker].close <= 0.0)
    if not len(gone):
        return None
    return int(np.count_nonzero(np.unique(setting.bars.sessions) < setting.bars.sessions[gone[0]]))


def _run_part(part: Part, lengths: Ints, out: Paths, at: int, say: Say) -> None:
    """Run the starts of a part; `at` is where they stand in what is written."""
    spec, setting, scene = part.spec, part.setting, part.scene
    stage = scene.stage
    with shown_with_line(spec.own_file()):
        signals = carried(part.rule, scene)
    row = signals.row(part.rule.plan)
    costs = cost_rows([spec.costs.costs()])[0]
    terms = terms_of(spec.account, spec.data.seed)
    firsts, lasts = np.flatnonzero(stage.first), np.flatnonzero(stage.last)
    longest = out.account.shape[1] - 1
    made = {fund.ticker: fund for fund in funds_of(setting, part.rule)}
    held = held_beside(spec, setting, part.rule)
    for name in held:
        out.held.setdefault(name, np.full((len(out.account), len(lengths)), np.nan))
    for i, start in enumerate((part.starts - part.first).tolist(), start=at):
        if i % SAID_EACH == 0:
            say(f"{i:,} of {len(out.account):,} starts")
        begin, end = int(firsts[start]), int(lasts[min(start + longest, len(lasts) - 1)]) + 1
        founded = {name: _founded(spec, setting, scene, fund, begin) for name, fund in made.items()}
        run = signals.part(begin, end, founded).record(stage.part(begin, end, founded), row, costs, terms)
        out.odd[i] = not run.done or any(_between_quotes(setting, name, begin) for name in made)
        closes = lasts[start : start + longest + 1]
        out.account[i, : len(closes)] = run.equity[closes - begin] / terms.cash
        there = start + lengths < len(lasts)
        for name, values in held.items():
            if values[start] > 0:
                out.held[name][i, there] = values[start + lengths[there]] / values[start]


def held_beside(spec: RunSpec, setting: Setting, rule: Rule | None) -> dict[str, Floats]:
    """What 1 became by session in each thing that a rule trades, bought at the first close and kept; the
    index is left out. Of a `backtrader.Strategy` of a person's own, in each fund that it is given."""
    names = tuple(setting.funds) if rule is None else rule.instruments
    ledgers = {
        fund.ticker: setting.ledger(fund, first_nav(spec, setting, fund))
        for fund in funds_of(setting, rule)
        if fund.ticker in names
    }
    sessions = len(np.unique(setting.bars.sessions))
    prices = held_prices(setting, names, ledgers, sessions)
    return {name: values / values[0] for name, values in prices.items() if name != "index"}


def _founded(spec: RunSpec, setting: Setting, scene: Scene, fund: LeveragedFund, bar: int) -> Founded:
    """A fund as a run founds it that begins on a bar: at its first price, with its volume in such shares."""
    close = float(scene.stage[fund.ticker].close[bar])
    scale = first_nav(spec, setting, fund) / close if close > 0 else 1.0
    counted_by_price = fund.ticker in setting.traded and fund.ticker not in setting.volumes
    return Founded(scale, 1.0 / scale if counted_by_price else 1.0)


def _between_quotes(setting: Setting, name: str, bar: int) -> bool:
    """True where a fund has own bars before and after, and none here: a run that begins here is joined to
    them a bar later, and its bar until then is a model's."""
    traded = setting.traded.get(name)
    if traded is None:
        return False
    own = traded.bars.timestamps
    here = setting.bars.timestamps[bar]
    return bool(own[0] < here < own[-1] and here not in own)
