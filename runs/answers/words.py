"""How numbers are written for a person: in tables, charts and the report alike."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Dates = npt.NDArray[np.datetime64]

MINUS = "−"
WHOLE_YEAR = 360  # days: no calendar year's first session lies nearer to its last
A_YEAR = ("cagr", "volatility", "sharpe", "sortino", "calmar", "alpha")  # metrics that are of a year
BEYOND = 1e4  # a million per cent: from there on the number of times says more


def percent(fraction: float | None, digits: int = 1) -> str:
    """A return as a signed percentage: +12.3 %; a gain beyond a million per cent is written as how many
    times it makes the stake: × 1.2e26."""
    if fraction is not None and fraction >= BEYOND:
        return f"× {1.0 + fraction:,.0f}" if fraction < 1e6 else f"× {1.0 + fraction:.1e}".replace("e+", "e")
    return signed_share(fraction, digits)


def signed_share(fraction: float | None, digits: int = 1) -> str:
    """A signed percentage of whatever; a near-total loss keeps the digits that tell it from another, and what
    is 0 as far as it is shown has no sign."""
    if fraction is None:
        return "n/a"
    if fraction == -1:
        return f"{MINUS}100 %"
    if -1 < fraction < -0.99999:
        return f"below {MINUS}99.999 %"
    if -0.99999 <= fraction < -0.9995:
        digits = 3
    elif abs(fraction) >= 10:
        digits = 0
    return f"{100 * fraction:{_sign(100 * fraction, digits)},.{digits}f} %".replace("-", MINUS)


def share(fraction: float | None, digits: int = 1) -> str:
    """A percentage without a plus: of shares, volatilities and rates."""
    return signed_share(fraction, digits).removeprefix("+")


def times(multiple: float) -> str:
    """A fund's multiple with its sign: +3, −3."""
    return f"{multiple:+g}".replace("-", MINUS)


def fold(multiple: float) -> str:
    """A multiple as the name of a fund that has no other: 3×, −3×."""
    return f"{multiple:g}×".replace("-", MINUS)


def number(value: float | None, digits: int = 2) -> str:
    """A plain number with thousands separators; n/a where there is none."""
    return "n/a" if value is None else f"{value:z,.{digits}f}".replace("-", MINUS)


def price(value: float) -> str:
    """A price: two decimals; below 1 four or more, so that three digits count of a fund that fell to parts of
    a cent."""
    if not 0 < abs(value) < 1:
        return number(value)
    return number(value, min(max(4, 2 - math.floor(math.log10(abs(value)))), 12))


def factor(value: float) -> str:
    """What 1 became: three digits that count, × 1.2e26 where there are very many of them."""
    if not 1e-12 < value < 1e6:
        return f"{value:.1e}".replace("e+", "e") if value else "0"
    return number(value, max(2 - math.floor(math.log10(value)), 0))


def _sign(value: float, digits: int) -> str:
    """How a number is signed: not at all where nothing of it is left after so many digits."""
    return "z" if round(value, digits) == 0 else "+"


def dollars(value: float | None) -> str:
    """An amount of dollars with three digits that count: $1.23 bn, −$45.6 m, $0."""
    if value is None:
        return "n/a"
    size = abs(value)
    for scale, unit in ((1e12, " tn"), (1e9, " bn"), (1e6, " m"), (1e3, " k")):
        if size >= 0.9995 * scale:
            digits = 2 if size < 9.995 * scale else 1 if size < 99.95 * scale else 0
            text = f"${size / scale:,.{digits}f}{unit}"
            break
    else:
        text = f"${size:.0f}"
    return f"{MINUS}{text}" if value < 0 else text


def counted(count: int, what: str) -> str:
    """A number of things: 1 trade, 1,200 trades."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def under_a_year(days: Dates) -> bool:
    """True if these sessions do not span a year, so that what is said of one is extrapolated."""
    return len(days) > 0 and bool((days[-1] - days[0]).astype(int) < WHOLE_YEAR)


def yearly(label: str, days: Dates) -> str:
    """The name of a figure a year, with a mark where it is extrapolated."""
    return f"{label} (extrapolated)" if under_a_year(days) else label


def extrapolated(days: Dates, what: str = "") -> list[str]:
    """The note that goes with the mark; none where the sessions span a year.

    Parameters
    ----------
    what : the figures a year that are shown: "CAGR, volatility and Sharpe"; empty if there are none.
    """
    if not under_a_year(days):
        return []
    span = f"{counted(len(days), 'session')}, {days[0]} to {days[-1]}, are less than a year"
    if not what:
        return [f"{span}; no figure here is brought to a whole one"]
    return [f"{span}: {what} are extrapolated from them to a whole one"]


def with_caveats(sentence: str, caveats: Sequence[str]) -> str:
    """A sentence that says in the same breath what changes it: "…; mind that SOXS was wiped out on …"."""
    if not caveats:
        return sentence
    return f"{sentence.removesuffix('.')}; mind that {'; and that '.join(caveats)}."


def listed(names: Sequence[str], most: int = 4) -> str:
    """Names as in a sentence: SOXL, SOXS and NVDA; the rest counted."""
    shown = list(names[:most])
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)
