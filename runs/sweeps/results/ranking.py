"""What makes one cell better than another, and how a metric and a parameter are written for a person."""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from letf_instruments import SpecError
from runs.answers.words import MINUS, number, percent, share
from runs.sweeps.space.cells import LESS_IS_BETTER, METRICS, TAXED, WHOLE
from runs.sweeps.space.cells import MONEY as OF_MONEY

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SIGNED = (
    "total_return",
    "cagr",
    "sharpe",
    "sortino",
    "calmar",
    "alpha",
    "beta",
    "correlation",
    "average_trade",
    "exposure_net",
    "exposure_index",
    "interest_earned",
    "profit",
    "money_weighted_return",
    "total_return_after_tax",
)
NAMES = {
    "cagr": "CAGR",
    "sharpe": "Sharpe",
    "sortino": "Sortino",
    "calmar": "Calmar",
    "max_drawdown": "worst drawdown",
    "max_drawdown_days": "days under water",
    "max_drawdown_within_bar": "worst drawdown within a bar",
    "exposure_gross": "exposure",
    "exposure_net": "exposure, longs less shorts",
    "exposure_index": "exposure times multiple",
}
RETURNS = (
    "total_return",
    "cagr",
    "max_drawdown",
    "max_drawdown_within_bar",
    "alpha",
    "money_weighted_return",
    "total_return_after_tax",
    "average_trade",
    "average_adverse_excursion",
    "average_favourable_excursion",
)
OF_A_TRADE = ("average_trade", "average_adverse_excursion", "average_favourable_excursion")
SHARES = ("volatility", "win_rate", "exposure_gross", "exposure_net", "exposure_index")
MOST_SIGNS = 16  # of a value beside an axis
MONEY = ("final_equity", "costs_paid", "interest_earned", "put_in", "profit", "tax_paid", "tax_due")


def check_metric(by: str, known: Sequence[str] = METRICS) -> str:
    """The name of a metric, as it stands; `known` are those that the cells have.

    Raises
    ------
    SpecError
        If there is none of that name; the sentence names those that begin with it, or the nearest.
    """
    if by in known:
        return by
    if by in TAXED:
        raise SpecError(f"{by} is of tax, which this sweep has not: account.tax is not set")
    if by in OF_MONEY:
        raise SpecError(f"{by} is of money paid in, which this sweep has not: account.deposits is not set")
    kinds = [name for name in known if name.startswith(f"{str(by).lower()}_")]
    if len(kinds) > 1:
        raise SpecError(f"no metric is named {by!r}; there are {', '.join(kinds)}")
    near = difflib.get_close_matches(str(by).lower(), known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
    raise SpecError(f"no metric is named {by!r}; {hint}")


def direction(by: str) -> int:
    """+1 where more is better, −1 where less is."""
    return -1 if by in LESS_IS_BETTER else 1


def ranked(values: Floats, by: str, most: int | None = None) -> Ints:
    """Positions of the cells with a value, best first, of equals the first; only the first `most` of them."""
    goodness = direction(by) * values
    known = np.isfinite(goodness)
    goodness[~known] = np.nan
    at = np.flatnonzero(known)
    if most is not None and most < len(at):
        last = np.partition(goodness[at], len(at) - most)[len(at) - most]
        at = np.flatnonzero(goodness >= last)
    return at[np.argsort(-goodness[at], kind="stable")][:most]


def counted(cells: int) -> str:
    """A number of cells in words."""
    return f"{cells:,} cell{'' if cells == 1 else 's'}"


def metric_name(by: str) -> str:
    """As in a heading: worst drawdown."""
    return NAMES.get(by, by.replace("_", " "))


def metric_text(by: str, value: float | None) -> str:
    """A metric's value with its unit; n/a where it is not defined."""
    if value is None or not np.isfinite(value):
        return "n/a"
    if by in RETURNS:
        return percent(value, 2 if by in OF_A_TRADE else 1)
    if by in SHARES:
        return share(value)
    if by in WHOLE:
        return number(value, 0)
    if by in MONEY:
        return number(value, 0 if abs(value) >= 1000 else 2)
    if 0 < abs(value) < 0.0005:
        return f"{value:.2g}".replace("-", MINUS)
    return number(value, 2 if abs(value) >= 0.1 or value == 0 else 3)


def short_text(by: str, value: float) -> str:
    """A metric's value in as few signs as a chart's field has room for."""
    if by in RETURNS + SHARES:
        size = abs(100 * value)
        text = f"{100 * value:.1f}" if size < 9.95 else f"{100 * value:.0f}"
    elif abs(value) >= 10_000:
        text = f"{value / 1000:.0f}k"
    else:
        digits = 0 if by in WHOLE or abs(value) >= 99.5 else 1 if abs(value) >= 9.95 else 2
        text = f"{value:.{digits}f}"
    return text.replace("-", MINUS) if float(text.rstrip("k")) else text.removeprefix("-")


def value_text(value: Any) -> str:
    """A parameter's value as --set takes it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, str | int):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def tick_texts(values: Sequence[Any]) -> list[str]:
    """The values of an axis, short, and told apart by their number where cutting makes them the same."""
    texts = [" + ".join(map(value_text, v)) if isinstance(v, list) else value_text(v) for v in values]
    cut = [text if len(text) <= MOST_SIGNS else f"{text[: MOST_SIGNS - 1]}…" for text in texts]
    return [f"{i + 1}: {text}" if cut.count(text) > 1 else text for i, text in enumerate(cut)]


def short_keys(keys: Sequence[str]) -> dict[str, str]:
    """Each key without its table where that leaves all of them different: "overbought"."""
    last = [key.rpartition(".")[2] for key in keys]
    return {key: name if last.count(name) == 1 else key for key, name in zip(keys, last, strict=True)}
