"""The first sentence of a run: its outcome, and in the same breath what changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds.checking.checks import first_split, repeated_opens
from feeds.checking.prints import ADJUSTED, UNMENDED, false_prints
from runs.answers.words import counted, listed, number, percent, with_caveats
from runs.backtest.beginning import first_signal
from runs.backtest.spans import foreign_indexes, span_caveat
from runs.backtest.tax import tax_words

if TYPE_CHECKING:
    from runs.backtest.result import RunResult

INTEREST_SAID = 0.01  # of the stake; idle cash often makes more than the rule does
IMPLAUSIBLE = 1e6  # times the money at the start
# Beyond what public records of liquid strategies have kept up: a Sharpe ratio above 4 over a quarter or more,
# more than 95 % of 50 trades or more won.
MOST_SHARPE, SESSIONS = 4.0, 63
MOST_WON, TRADES = 0.95, 50


def headline(run: RunResult) -> str:
    """The first line: the outcome, or why the rule never traded; and what changes the answer."""
    mark = "SIMULATED data. " if run.simulated else ""
    if run.verdict:
        return mark + with_caveats(f"{run.verdict} {_untraded(run)}", _of_the_run(run))
    paid = _paid_words(run)  # which the outcome says itself
    return mark + with_caveats(_outcome(run), [said for said in caveats(run) if said not in paid])


def _untraded(run: RunResult) -> str:
    """What an account came to in which nothing was traded, and whence."""
    made, held = run.metrics["total_return"], run.metrics["hold_index_total_return"]
    span = f"{run.days[0]} to {run.days[-1]}"
    beside = f"holding {run.bars.name} gave {percent(held)}"  # type: ignore[arg-type]
    if not run.metrics["interest_earned"]:
        return f"From {span} the money lay idle, without interest; {beside}."
    return f"From {span} the account made {percent(made)}, all of it interest on cash; {beside}."  # type: ignore[arg-type]


def with_run_caveats(run: RunResult, sentence: str) -> str:
    """A sentence on a run with what changes it in the same breath, and the mark on simulated data."""
    return ("SIMULATED data. " if run.simulated else "") + with_caveats(sentence, caveats(run))


def caveats(run: RunResult) -> list[str]:
    """What changes the answer, each as the end of a sentence: a run that its strategy stopped, money paid in,
    tax, funds wiped out, prices that jump as at a split, a late first signal, an index that is not the fund's
    own, opens that hide the gaps, a result beyond belief."""
    said = [*span_caveat(run), *_of_the_run(run)]
    said += _too_good(run)
    said += [
        f"{name} was wiped out on {run.attributions[name].wiped_out}{_by_a_print(run, name)}"
        for name in run.instruments
        if name in run.attributions and run.attributions[name].wiped_out is not None
    ]
    for bars in (run.bars, *run.setting.assets.values()):
        jump = first_split(bars)
        if jump is not None:
            said.append(f"{bars.name} {jump}")
    late = first_signal(run.rule, run.bars) if run.rule is not None else None
    if late is not None:
        said.append(f"no signal was possible before {late}")
    elif run.setting.known_from is not None:
        said.append(
            f"it begins on {run.bars.sessions[0]}, the first day on which a signal was possible, as there is "
            f"no history before {run.setting.known_from}"
        )
    said += foreign_indexes(run.setting, run.funds)
    opens = repeated_opens(run.bars)
    if opens is not None:
        said.append(f"in {percent(opens, 0).lstrip('+')} of sessions the open only repeats the close before")
    return said


def _too_good(run: RunResult) -> list[str]:
    """What is implausible of a result, and what it comes from most often."""
    m = run.metrics
    found = []
    if m["total_return"] + 1.0 > IMPLAUSIBLE:  # type: ignore[operator]
        found.append(f"more than {IMPLAUSIBLE:,.0f} times the stake")
    sharpe, won = m["sharpe"], m["win_rate"]
    if sharpe is not None and sharpe > MOST_SHARPE and m["sessions"] >= SESSIONS:  # type: ignore[operator]
        found.append(f"a Sharpe ratio of {number(sharpe, 1)}")  # type: ignore[arg-type]
    if won is not None and won > MOST_WON and m["trades"] >= TRADES:  # type: ignore[operator]
        found.append(f"{percent(won, 0).lstrip('+')} of {m['trades']:,} trades won")  # type: ignore[arg-type]
    if not found:
        return []
    verb = "is" if len(found) == 1 else "are"
    return [
        f"{listed(found)} {verb} too good to be true: look for a rule that looks ahead, for wrong prices, "
        "for fills that nobody gets (costs of 0, the deciding close), or for many small gains that wait for "
        "one large loss"
    ]


def _of_the_run(run: RunResult) -> list[str]:
    """What a strategy of a person's own did to its run itself, and orders that are filled on the close which
    decides them."""
    said = []
    if run.at_once:
        said.append(
            "it trades on the close that decides: in truth an order sent minutes before, on a price a little "
            "different"
        )
    if run.start != run.spec.account.cash:
        said.append(
            f"the strategy set the money at the start to {number(run.start, 0)}, not the "
            f"{number(run.spec.account.cash, 0)} of account.cash"
        )
    if run.stopped is not None:
        said.append(f"the strategy stopped the run on {run.stopped}, and everything here ends there")
    return [*said, *_paid_words(run), *tax_words(run.metrics)]


def _paid_words(run: RunResult) -> list[str]:
    """What was paid in or out while it ran, if anything was."""
    if not run.paid_in:
        return []
    paid = float(run.paid[-1])
    money = f"{number(abs(paid), 0)} was paid {'in' if paid >= 0 else 'out'}, on balance, while it ran"
    return [f"{money}, which is no return: returns are time-weighted"]


def _by_a_print(run: RunResult, fund: str) -> str:
    """What to ask of a fund that was wiped out by a false print of the index: on its bar, or, on the way back
    from a false close, on the next; else nothing."""
    day, days = run.attributions[fund].wiped_out, run.bars.sessions
    found = false_prints(run.bars, adjusted=run.spec.data.total_return)
    guilty = [
        int(i)
        for i in found.at
        if days[i] == day or (found.column(int(i)) in UNMENDED and days[min(i + 1, len(days) - 1)] == day)
    ]
    if not guilty:
        return ""
    column = found.column(guilty[0])
    what = "adjusted close" if column == ADJUSTED else column
    mend = "mend the file" if column in UNMENDED else "try --set data.on_bad_print=close"
    far = found.size(guilty[0])
    return f" by the {what} of {run.bars.name}, which {far}: is it a stray print? ({mend})"


def _outcome(run: RunResult) -> str:
    m = run.metrics
    interest, borrow = float(m["interest_earned"]), float(m["borrow_paid"])  # type: ignore[arg-type]
    parts = [
        f"{what} of {number(abs(money), 0)}"
        for money, what in (
            (interest, f"interest on {'idle cash' if interest > 0 else 'debt'}"),
            (borrow, "borrow fees"),
        )
        if abs(money) >= INTEREST_SAID * run.spec.account.cash and not run.paid_in
    ]
    # In money: a share beside the return invites to take it off, and larger trades came of it.
    of_it = f", {' and '.join(parts)} included," if parts else ""
    traded = listed(run.instruments)
    made = f"{counted(len(run.trades), 'trade')} of {traded}"
    if run.contracts is not None:
        bought = len({fill.day for fill in run.contracts.fills if fill.units > 0})
        made = f"{counted(len(run.trades), 'option')} on {traded}, bought on {counted(bought, 'day')}"
    elif m["rebalances"]:  # then a position is no trade, and their number says little
        days = counted(int(m["rebalances"]), "session")
        made = f"{counted(len(run.trades), 'position')} in {traded}, rebalanced in {days}"
    if run.paid_in:
        put_in, final = number(m["put_in"], 0), number(m["final_equity"], 0)  # type: ignore[arg-type]
        same, rate = m["hold_index_final_equity"], m["money_weighted_return"]
        yearly = "" if rate is None else f", {percent(rate)} a year on that money"  # type: ignore[arg-type]
        held = f"; in {run.bars.name} it became {number(same, 0)}" if same is not None else ""  # type: ignore[arg-type]
        return (
            f"{run.spec.name} on {run.bars.name}, {run.days[0]} to {run.days[-1]}: {put_in} put in became "
            f"{final}{yearly}, in {made}{held}. The money of the first day alone made "
            f"{percent(m['total_return'])}, in {run.bars.name} "  # type: ignore[arg-type]
            f"{percent(m['hold_index_total_return'])}."  # type: ignore[arg-type]
        )
    return (
        f"{run.spec.name} on {run.bars.name}, {run.days[0]} to {run.days[-1]}: "
        f"{percent(m['total_return'])}{of_it} in {made}; "  # type: ignore[arg-type]
        f"holding {run.bars.name} gave {percent(m['hold_index_total_return'])}."  # type: ignore[arg-type]
    )
