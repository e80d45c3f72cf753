"""What `letf montecarlo` says, in sentences and rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from letf_instruments import LeveragedFund
from runs.answers.words import (
    counted,
    extrapolated,
    number,
    percent,
    share,
    with_caveats,
    yearly,
)
from runs.backtest.spans import foreign_indexes, synthetic_notes
from runs.robustness.montecarlo.engine import INDEX
from runs.robustness.montecarlo.study import Found
from runs.robustness.montecarlo.summary import QUANTILES, equal_to
from runs.robustness.starts.study import traded_funds

if TYPE_CHECKING:
    import pandas as pd

Rows = list[list[str]]
Metrics = dict[str, Any]

METHOD = {
    "bootstrap": "{paths} of {index} from its own days, reshuffled in blocks of {block_days:.0f} on average",
    "garch": "{paths} of {index} by GJR-GARCH fitted to it",
    "regimes": "{paths} of {index} by {regimes:.0f} regimes fitted to it",
}


def method(found: Found) -> str:
    """How many paths, of what, by what."""
    facts = found.job.paths.model.facts
    text = METHOD[str(facts["model"])]
    return text.format(paths=f"{_ran(found):,} paths", index=found.setting.bars.name, **facts)


def _ran(found: Found) -> int:
    return len(found.figures) - len(found.refused)


def headline(found: Found, m: Metrics) -> str:
    """The first sentence: what comes out, and how often the rule is better than what is held beside it."""
    mark = "SIMULATED data. " if found.setting.simulated else ""
    middle = percent(m["total_return_q50"])
    low, high = percent(m["total_return_q05"]), percent(m["total_return_q95"])
    index = found.named(INDEX)
    said = (
        f"{mark}{found.spec.name} on {_ran(found):,} other paths of {index}: {middle} in the median, nine of "
        f"ten from {low} to {high}; it beats cash on {share(m['beats_cash'])} of them, {index} on "
        f"{share(m[f'beats_{INDEX}'])}."
    )
    return with_caveats(said, _caveats(found, m))


def _caveats(found: Found, m: Metrics) -> list[str]:
    said = []
    if m["refused"]:
        said.append(f"{counted(m['refused'], 'path')} could not be run")
    if m["wiped_out"]:
        said.append(f"the account is wiped out on {share(m['wiped_out'], 2)} of them")
    return said + foreign_indexes(found.setting, _traded(found))


def _traded(found: Found) -> list[LeveragedFund]:
    """The funds that the rule trades."""
    return traded_funds(found.setting, found.spec.make_rule())


def sentences(found: Found, m: Metrics) -> list[str]:
    """What was found, in plain words."""
    index, name = found.named(INDEX), found.spec.name
    said = [
        f"It was run on {method(found)}, {found.years:.1f} years each.",
        f"It ends with a loss on {share(m['loss'])} of the paths, and with less than half of its money on "
        f"{share(m['below_half'])}; holding {index} does so on {share(m['index_loss'])} and "
        f"{share(m['index_below_half'])}.",
        f"Its deepest drawdown is {percent(m['max_drawdown_q50'])} in the median, and on one path in twenty "
        f"{percent(m['max_drawdown_q05'])} or worse.",
    ]
    for held in found.held[1:]:
        killed = m[f"{held}_wiped_out"]
        fate = f"is wiped out on {share(killed, 2)} of them" if killed else "is wiped out on none"
        said.append(
            f"{held}, held, {fate}, loses money on {share(m[f'{held}_loss'])}, and beats {index} on "
            f"{share(m[f'{held}_beats_index'])}."
        )
    place = m["real_total_return_rank"]
    if place is None:
        said.append("The real run is shorter than these paths, so it has no place among them.")
    else:
        alike = equal_to(found.column("total_return"), found.of_real("total_return")).any()
        ties = ", those that equal it counted half" if alike else ""
        said.append(
            f"The real run of {name}, {percent(m['real_total_return'])}, is above {share(place)} of the paths"
            f"{ties}{_remark(place)}; its drawdown of {percent(m['real_max_drawdown'])} is deeper than on "
            f"{share(1.0 - m['real_max_drawdown_rank'])}."
        )
    return said


def _remark(place: float) -> str:
    """What a place among the paths means, where it is far out."""
    if place > 0.95:
        return ": the real order of days was far kinder to it than most others would have been"
    return (
        ": the real order of days was far harder on it than most others would have been"
        if place < 0.05
        else ""
    )


def figure_rows(found: Found) -> tuple[list[str], Rows]:
    """Headings and rows: quantiles of every figure, and the real run's."""
    rows, days = [], found.job.paths.sessions
    for label, name, write in (
        ("total return", "total_return", percent),
        (yearly("CAGR", days), "cagr", percent),
        (yearly("volatility a year", days), "volatility", share),
        (yearly("Sharpe ratio", days), "sharpe", number),
        ("deepest drawdown", "max_drawdown", percent),
        ("trades", "trades", lambda v: number(v, 0)),
        *((f"{found.named(h)} held: return", f"{h}_return", percent) for h in found.held),
        *((f"{found.named(h)} held: drawdown", f"{h}_drawdown", percent) for h in found.held),
        ("cash: return", "cash_return", percent),
    ):
        values = found.column(name)
        values = values[np.isfinite(values)]
        if not len(values):
            continue
        real = found.of_real(name)
        cut = np.quantile(values, QUANTILES)
        shown = "n/a" if np.isnan(real) else write(real)
        rows.append([label, *(write(float(value)) for value in cut), shown])
    heads = [f"{100 * q:g} %" if q != 0.5 else "median" for q in QUANTILES]
    return ["", *heads, "real run"], rows


def share_rows(found: Found, m: Metrics) -> tuple[list[str], Rows]:
    """Headings and rows: on how many paths the rule, and each thing held, does what; of wiping out only where
    something was."""
    index = found.named(INDEX)
    ruins = any(m[f"{who}wiped_out"] for who in ("", *(f"{h}_" for h in found.held)))
    rows = []
    for who, label in (("", found.spec.name), *((f"{h}_", f"{found.named(h)} held") for h in found.held)):
        beats_index = "" if who == f"{INDEX}_" else share(m[f"{who}beats_index"])
        funds = [share(m[f"beats_{held}"]) if who == "" else "" for held in found.held[1:]]
        ends = [share(m[f"{who}{key}"]) for key in ("beats_cash", "loss", "below_half")]
        rows.append([label, beats_index, *funds, *ends, *([share(m[f"{who}wiped_out"], 2)] if ruins else [])])
    against = [f"beats {name}" for name in (index, *found.held[1:])]
    last = ["wiped out"] if ruins else []
    return ["", *against, "beats cash", "ends with a loss", "ends below half", *last], rows


def fine_print(found: Found) -> list[str]:
    """What the paths are, and what they cannot show."""
    facts, paths = found.job.paths.model.facts, found.job.paths
    kept = {
        "bootstrap": "A path is made of days that were; it knows no crash, and no calm, that is not among "
        "them, and nothing that lasts longer than a block.",
        "garch": "Returns follow one model with one set of parameters throughout; bars have the shapes of "
        "real days whose returns are alike.",
        "regimes": "Returns are normal within each regime; bars have the shapes of real days whose returns "
        "are alike.",
    }
    rate = (
        "The short rate is constant."
        if paths.rates.constant
        else f"The short rate is reshuffled by itself, in blocks of {paths.rates.mean_length:.0f} days on "
        "average, so that it knows nothing of the index."
    )
    begins = "Each path begins with the run's first bar; what rules know from before it is real."
    return [kept[str(facts["model"])], rate, begins]


def notes(found: Found, m: Metrics) -> list[str]:
    """What a person should know of the run."""
    said = [*extrapolated(found.job.paths.sessions, "CAGR, volatility and Sharpe"), *found.notes]
    said += synthetic_notes(found.setting, _traded(found))
    if found.job.engine == "backtrader":
        said.append(f"every path was run in backtrader, which is slower: {found.why_engine}")
    elif m["in_backtrader"]:
        said.append(
            f"{counted(m['in_backtrader'], 'path')} ran in backtrader, as a bar's volume bounds an order on "
            "them or a sale left a debt"
        )
    if found.refused:
        number_, why = next(iter(found.refused.items()))
        said.append(
            f"{counted(len(found.refused), 'path')} could not be run; the first is path {number_}: {why}"
        )
    if found.spec.account.deposits is not None:
        said.append("returns are time-weighted, so that no payment is a gain; equity has the payments in it")
    if found.setting.borrow is not None:
        said.append("borrow fees are those of the calendar, on every path the same")
    return said


def paths_frame(found: Found) -> pd.DataFrame:
    """A row a path."""
    import pandas as pd

    columns = found.job.columns
    frame = pd.DataFrame(dict(zip(columns, found.figures.T, strict=True)))
    frame["engine"] = found.engines
    frame["refused"] = [found.refused.get(number) for number in range(len(frame))]
    frame.index = pd.Index(range(len(frame)), name="path")
    return frame


def fan_frame(found: Found, cut: Any) -> pd.DataFrame:
    """Quantiles of equity by date, and the real run's."""
    import pandas as pd

    at = found.job.kept
    days = pd.DatetimeIndex(found.job.paths.sessions[at].astype("datetime64[s]"), name="date")
    frame = pd.DataFrame(
        {f"q{100 * q:02.0f}": row for q, row in zip(QUANTILES, cut, strict=True)}, index=days
    )
    real = np.full(len(at), np.nan)
    there = at < len(found.real_equity)
    real[there] = found.real_equity[at[there]]
    frame["real"] = real
    return frame
