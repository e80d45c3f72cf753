"""What would be: a fund on a market of a stated return and volatility, the size of a hedge, a rule on
stressed paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from letf._shared import Date, Folder, Rates, day, path, rates_of, source
from letf_instruments import SpecError

if TYPE_CHECKING:
    from feeds.checking.screen import OnBadPrint
    from feeds.reading.memory import Source
    from runs.robustness.stress.answer import Stress
    from runs.specs.script import Runnable
    from runs.studies.hedge_size.answer import HedgeSize
    from runs.studies.whatif.answer import WhatIfAnswer


def whatif(
    fund: str | Path | Sequence[str | Path],
    *,
    index: Source,
    total_return: float = 0.0,
    volatility: float = 0.45,
    days: int = 252,
    paths: int = 10_000,
    rates: Rates = None,
    rate: float | None = None,
    start: Date = None,
    end: Date = None,
    seed: int = 1,
    on_bad_print: OnBadPrint = "refuse",
    data_dir: Folder = None,
    progress: bool | None = None,
) -> WhatIfAnswer:
    """What a fund does on a market of a stated return and volatility: as a distribution, simulated day by day
    on the fund's own ledger, beside the closed form.

    Parameters
    ----------
    fund : a ticker of `funds()` or a .toml file of a fund of your own; or up to four of them, side by side.
    index : by name, file, splice, or bars in a DataFrame; its days are what paths are drawn from, beside
        normal ones.
    total_return : of the index over all the days, a fraction; 0 is flat.
    volatility : of the index, annualised, a fraction. days : sessions.
    paths : simulated, of each kind: ending exactly at that return, and with it on the mean.
    rates : short rate, of which the one known at the index's last session is used; or a constant. rate : the
        constant alone, a fraction a year.
    start, end : first and last session of the index whose days are drawn.
    seed : of the paths, and of a simulated index; the same gives the same figures.
    on_bad_print : what becomes of a false print in the data: "refuse", "keep" or "close".
    data_dir : the data folder. progress : show what goes on; None does so in a notebook only.

    Returns
    -------
    The answer: `metrics` (keys in docs/whatif.md), `percentiles` (a DataFrame), `found` with all paths' ends.

    Raises
    ------
    LetfError
        One sentence.

    Examples
    --------
    >>> import letf
    >>> found = letf.whatif("SOXL", index="nasdaq", volatility=0.45, paths=500)
    >>> bool(found.metrics["SOXL_bridged_normal_p50"] < -0.4)
    True
    """
    from runs.answers.progress import progress_for
    from runs.studies.whatif.answer import ask

    if not isinstance(fund, (str, Path, Sequence)):
        raise SpecError(f"fund is {fund!r}; it must be a ticker or a .toml file, or up to four of them")
    names = [str(fund)] if isinstance(fund, (str, Path)) else [str(each) for each in fund]
    with progress_for(progress).status("reading what is asked") as say:
        return ask(
            names,
            source(index, "index"),
            total_return,
            volatility,
            days,
            paths,
            rates_of(rates, rate),
            day(start, "start"),
            day(end, "end"),
            seed,
            path(data_dir),
            say,
            on_bad_print,
        )


def hedge_size(
    holding: str | Mapping[str, float],
    *,
    index: Source,
    target_beta: float = 0.0,
    fund: str | Path = "SOXS",
    beta_bars: int = 252,
    traded: Source | None = None,
    price: float | None = None,
    cost_bps: float = 7.0,
    assets: Mapping[str, Source] | None = None,
    rates: Rates = None,
    rate: float | None = None,
    start: Date = None,
    end: Date = None,
    seed: int = 1,
    on_bad_print: OnBadPrint = "refuse",
    data_dir: Folder = None,
    progress: bool | None = None,
) -> HedgeSize:
    """How much of a fund brings a holding to a beta: dollars and shares, how well that is known, how far it
    drifts in a week, and what it would have cost by calendar year.

    Parameters
    ----------
    holding : dollars by name, {"NVDA": 40000, "AMD": 30000} or "NVDA=40000,AMD=30000"; names of the data
        folder, built-in sources, or files.
    index : by name, file, splice, or bars in a DataFrame. target_beta : dollars of index exposure wanted for
        each dollar held; 0 is neutral.
    fund : what is bought, a ticker of `funds()` or a .toml file. beta_bars : returns behind the betas.
    traded : prices of the fund as traded, for the price of a share and for its own bars; without them both
        are synthetic. price : what a share costs, where that is known better.
    cost_bps : trading costs, basis points of what is traded.
    assets : by a name of the holding, a DataFrame, Series or file in place of the data folder's.
    rates, rate, start, end, seed, on_bad_print, data_dir, progress : as in `decay`.

    Returns
    -------
    The answer: `metrics` (keys in docs/hedging.md), `years` and `weeks` (DataFrames).

    Raises
    ------
    LetfError
        One sentence.

    Examples
    --------
    >>> import letf
    >>> found = letf.hedge_size({"nasdaq": 60_000}, index="nasdaq", fund="SQQQ", price=10)
    >>> round(found.metrics["dollars"]), found.metrics["shares"]
    (20000, 2000)
    """
    from runs.answers.progress import progress_for
    from runs.studies.hedge_size.answer import ask

    own = {} if assets is None else {name: source(each, name) for name, each in assets.items()}
    with progress_for(progress).status("reading what is asked") as say:
        return ask(
            holding,
            source(index, "index"),
            target_beta,
            str(fund),
            beta_bars,
            None if traded is None else source(traded, str(fund)),
            price,
            cost_bps,
            own,
            rates_of(rates, rate),
            day(start, "start"),
            day(end, "end"),
            seed,
            path(data_dir),
            say,
            on_bad_print,
        )


def stress(
    what: Runnable,
    *,
    paths: str | Sequence[str] = (),
    impact: Literal["none", "sqrt", "almgren", "linear"] = "none",
    impact_size: float | None = None,
    fund_assets: str | Mapping[str, float] | None = None,
    traded_value: float | None = None,
    data_dir: Folder = None,
    progress: bool | None = None,
    **changes: Any,
) -> Stress:
    """A rule on named paths of its index (chop, climb, melt-up, correction, crash and V, one day of +33 %,
    high rates) and in the real windows that the index covers, beside index, funds and cash.

    Parameters
    ----------
    what : what can be run, as in `spec`; a `backtrader.Strategy` too.
    paths : keys of those that are wanted, as "chop,real_2022" or a list; all if not given.
    impact : the law by which the funds' own trade at the close moves that close; "none" leaves it out.
    impact_size : its factor, 1 if not given. fund_assets : dollars by ticker of the funds that trade, 10 bn
        of SOXL and 1 bn of SOXS if not given. traded_value : dollars of the index's members traded a day, 50
        bn if not given. All three are assumed, not measured, and go with an impact alone.
    data_dir, progress : as in `run`. changes : as in `spec`; its seed is that of the named paths too.

    Returns
    -------
    The answer: `metrics` (keys in docs/stress.md), `table` and `courses` (DataFrames).

    Raises
    ------
    LetfError
        One sentence.

    Examples
    --------
    >>> import letf
    >>> found = letf.stress("trend", index="nasdaq", paths="chop,climb")
    >>> bool(found.table.loc["chop", "rule_return"] < found.table.loc["climb", "rule_return"])
    True
    """
    from letf.runs import changed
    from runs.answers.progress import progress_for
    from runs.robustness.stress.answer import ask

    with progress_for(progress).status("reading what is asked") as say:
        spec = changed(what, changes)
        return ask(spec, paths, impact, impact_size, fund_assets, traded_value, path(data_dir), say)
