"""A rule: run it, compare it with others, trade its view otherwise."""

from __future__ import annotations

import datetime
import inspect
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from letf._shared import Date, Folder, Rates, day, given, path, rates_of, table
from letf_instruments.errors import SpecError

if TYPE_CHECKING:
    from feeds.reading.memory import Source
    from runs.backtest.answer import Run
    from runs.specs.run_spec import RunSpec
    from runs.specs.script import Runnable
    from runs.studies.alternatives.answer import InOtherWays
    from runs.studies.comparison.answer import Compared
    from runs.studies.today.answer import TodaySays

Table = Mapping[str, Any]


def spec(
    what: Runnable,
    *,
    index: Source | None = None,
    start: Date = None,
    end: Date = None,
    rates: Rates = None,
    rate: float | None = None,
    traded: str | Sequence[str] | Mapping[str, Source] | None = None,
    seed: int | None = None,
    spreads: str | None = None,
    rule: Table | None = None,
    plan: Table | None = None,
    filters: Table | None = None,
    data: Table | None = None,
    account: Table | None = None,
    costs: Table | None = None,
    options: Table | None = None,
    set: Sequence[str] = (),
    name: str | None = None,
) -> RunSpec:
    """A checked spec: what `run`, `compare`, `sweep` and `alternatives` take, to be kept and changed.

    Parameters
    ----------
    what : the name of an example ("rsi_timing"), a spec file (.toml), its tables as a dict, the class of a
        rule (`TradeRule`, `AllocationRule`, `OptionRule`) or of a `backtrader.Strategy` that stands in the
        script, a rule with its parameters, or another spec.
    index : by name ("nasdaq", "semis-sim", "SOX" of the data folder), by file, spliced as
        "SOX:2021-08-25:SOXX", or bars in a DataFrame.
    start, end : first and last session, as "2011-01-03" or a date.
    rates : short rate, a series in percent a year by name, file or Series; or a constant, a fraction a year.
    rate : the constant alone, 0.02 is 2 % a year.
    traded : funds that have their own bars where they were traded: "all" that the data folder has, tickers
        of it, or by ticker a name, a file or a DataFrame.
    seed : of the simulated index and of recalls.
    spreads : what funds' swaps cost beyond the short rate, "table" (of the facts) or "fitted" to the traded
        prices that the data folder has of them, each year from the years before it.
    rule, plan, filters, data, account, costs, options : keys to change in the table of that name; None as a
        value takes a key out.
    set : the same as text, "plan.stop=0.05", as on the command line.
    name : what to call it.

    Returns
    -------
    The spec: its tables are attributes (`plan`, `data`, …), `resolved()` is all of it with every default.

    Raises
    ------
    LetfError
        One sentence: an unknown key (with the nearest right one), a value out of its bounds, data that are
        not there.

    Examples
    --------
    >>> import letf
    >>> letf.spec("rsi_timing", plan={"stop": 0.05}).plan["stop"]
    0.05
    >>> letf.spec("rsi_timing", plan={"stopp": 0.05})
    Traceback (most recent call last):
    letf_instruments.errors.SpecError: unknown key plan.stopp; did you mean plan.stop?
    """
    from runs.specs.script import make_spec

    own = given(
        index=index,
        start=day(start, "start"),
        end=day(end, "end"),
        rates=rates_of(rates, rate),
        traded=[traded] if isinstance(traded, str) and traded not in ("all", "none") else traded,
        seed=seed,
        spreads=spreads,
    )
    tables = {
        "data": {**(table(data, "data") or {}), **own},
        "rule": table(rule, "rule"),
        "plan": table(plan, "plan"),
        "filters": table(filters, "filters"),
        "account": table(account, "account"),
        "costs": table(costs, "costs"),
        "options": table(options, "options"),
    }
    some = [set] if isinstance(set, str) else list(set) if isinstance(set, Iterable) else [set]
    return make_spec(what, some, tables, name)


def changed(what: Runnable, changes: Mapping[str, Any]) -> RunSpec:
    """`spec` with the changes that the other functions take; a word that means nothing is refused."""
    from runs.specs.arguments import known

    known("argument", changes, [name for name in inspect.signature(spec).parameters if name != "what"])
    return spec(what, **changes)


def run(what: Runnable, *, data_dir: Folder = None, progress: bool | None = None, **changes: Any) -> Run:
    """Run one backtest, in backtrader, bar by bar.

    Parameters
    ----------
    what : as in `spec`: an example's name, a file, a dict, a class, a rule, a spec.
    data_dir : the data folder; else LETF_DATA_DIR, else the per-user one.
    progress : show what goes on; None does so in a notebook only.
    changes : as in `spec`: index, start, end, rates, rate, traded, seed, spreads, rule, plan, filters,
        data, account, costs, options, set, name.

    Returns
    -------
    The answer: `metrics` (a flat dict), `equity`, `trades` and `positions` (DataFrames), `returns` (a
    Series, fractions a session), `plot(name)`, `save(folder)`.

    Raises
    ------
    LetfError
        One sentence, if the spec or the data cannot be used, or a rule of your own fails or looks ahead.

    Examples
    --------
    >>> import letf
    >>> run = letf.run("rsi_timing", end="2003-12-31", plan={"stop": 0.05})
    >>> run.metrics["trades"] == len(run.trades)
    True
    >>> list(run.equity.columns[:6])
    ['equity', 'cash', 'exposure_gross', 'exposure_net', 'exposure_index', 'drawdown']
    >>> list(run.equity.columns[6:])
    ['hold_index', 'hold_SOXS', 'same_risk']
    """
    from runs.answers.progress import progress_for
    from runs.studies.rules.joined import run as ask

    with progress_for(progress).status("reading the spec") as say:
        return ask(changed(what, changes), path(data_dir), say)


def compare(
    specs: Iterable[Runnable],
    *,
    traded: bool = False,
    data_dir: Folder = None,
    progress: bool | None = None,
    **changes: Any,
) -> Compared:
    """Run several specs on the same data, those of the first.

    Parameters
    ----------
    specs : two or more, each as in `spec`; one will do if `traded`.
    traded : each on synthetic prices of its funds and on traded ones: those that its data.traded names, else
        all that the data folder has.
    data_dir, progress : as in `run`. changes : as in `spec`, made to each of them.

    Returns
    -------
    The answer: `table` (a row a spec, holding the index last), `equity` (a column a spec, in money); if
    `traded`, also `frames["trades"]`, a row a trade with both exits.

    Raises
    ------
    LetfError
        One sentence that begins with the spec's name.

    Examples
    --------
    >>> import letf
    >>> found = letf.compare(["hold", "rsi_timing"], end="2001-12-31")
    >>> list(found.table.index)
    ['hold', 'rsi_timing', 'nasdaq held']
    """
    from runs.answers.progress import progress_for
    from runs.studies.comparison.answer import ask

    if isinstance(specs, (str, Path, Mapping)) or not isinstance(specs, Iterable):
        raise SpecError(f"compare takes a list of specs, such as ['trend', 'hedge'], not {specs!r}")
    made = []
    for each in specs:
        try:
            made.append(changed(each, changes))
        except SpecError as error:
            label = Path(each).stem if isinstance(each, (str, Path)) else getattr(each, "__name__", "spec")
            raise type(error)(f"{label}: {error}") from None
    if not isinstance(traded, bool):
        raise SpecError(f"traded is {traded!r}; it must be True or False: which bars is data.traded's to say")
    with progress_for(progress).steps("running", len(made) * (2 if traded else 1)) as say:
        return ask(made, path(data_dir), say, traded)


def alternatives(
    what: Runnable,
    *,
    size: Literal["exposure", "stake"] = "exposure",
    days: int = 30,
    moneyness: float = 1.0,
    scale: float | None = None,
    data_dir: Folder = None,
    progress: bool | None = None,
    **changes: Any,
) -> InOtherWays:
    """Trade one rule's view as a fund, a short sale, contracts for difference and options.

    Parameters
    ----------
    what : as in `spec`; a rule that trades one leveraged fund in and out.
    size : the same exposure to the index in each, or the same share of equity tied up.
    days : calendar days to an option's expiry, at least. moneyness : its strike over the underlying's close.
    scale : with data.volatility, the index's volatility over it.
    data_dir, progress : as in `run`. changes : as in `spec`.

    Returns
    -------
    The answer: `table` (a row a way), `equity` (a column a way, in money).

    Raises
    ------
    LetfError
        One sentence.

    Examples
    --------
    >>> import letf
    >>> found = letf.alternatives("rsi_timing", end="2001-12-31")
    >>> list(found.table.index)
    ['fund', 'short_1x', 'cfd_index', 'cfd_fund', 'put_index', 'call_fund']
    """
    from runs.answers.progress import progress_for
    from runs.studies.alternatives.answer import STEPS, ask

    made = changed(what, changes)
    with progress_for(progress).steps("reading", STEPS) as say:
        return ask(made, size, days, moneyness, scale, path(data_dir), say)


def today(
    what: Runnable,
    *,
    equity: float | None = None,
    holding: str | Sequence[str] | Table | None = None,
    price: str | Sequence[str] | Mapping[str, float] | None = None,
    as_of: Date = None,
    now: datetime.datetime | None = None,
    data_dir: Folder = None,
    progress: bool | None = None,
    **changes: Any,
) -> TodaySays:
    """Ask what a rule says on the last close: its conditions, the orders for the next session, and what would
    change it.

    Parameters
    ----------
    what : as in `spec`.
    equity : money of the account that sizes are for; None for that of the run.
    holding : what is held in place of the run's own position: "SOXS=120@9.85,2026-11-20", several of them,
        "none", or {"SOXS": (120, 9.85, "2026-11-20")}; shares and price as a broker's statement of today has
        them, price and date where the plan asks for them.
    price : last closes as traded, {"SOXS": 9.85} or "SOXS=9.85", where an instrument's bars are synthetic.
    as_of : the day whose close is asked about; None for the last session that is over.
    now : the moment, with a time zone; None for the clock's.
    data_dir, progress : as in `run`. changes : as in `spec`.

    Returns
    -------
    The answer: `to_do`, `orders` and `conditions` (DataFrames), `as_dict()` (what `letf today --json`
    prints), `found` (all of it as records).

    Raises
    ------
    LetfError
        One sentence, as for `run`; and if the data end before the close that is asked about, or the holding
        does not say what the plan needs to know.

    Examples
    --------
    >>> import letf
    >>> says = letf.today("rsi_timing", as_of="2018-12-28", equity=25_000)
    >>> says.to_do, len(says.conditions)
    (False, 3)
    """
    from runs.answers.progress import progress_for
    from runs.studies.today.answer import ask

    with progress_for(progress).status("reading the spec") as say:
        made = changed(what, changes)
        return ask(made, equity, holding, price, day(as_of, "as_of"), path(data_dir), say, now)
