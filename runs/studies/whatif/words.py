"""What `letf whatif` says: sentences, and tables by quantile."""

from __future__ import annotations

from typing import Any

from runs.answers.parts import KeyFigure, Table
from runs.answers.words import counted, listed, percent, share, times
from runs.studies.whatif.closed import Asked
from runs.studies.whatif.market import BRIDGED, ENDINGS, FREE, NORMAL, RESAMPLED
from runs.studies.whatif.study import QUANTILES, WhatIf

FLAT = 5e-4  # of a return: what a person calls none
RANGED = 2  # funds of which the first sentence has room for more than the median
NAMES = {0.05: "5 % of paths end below", 0.5: "median", 0.95: "95 % of paths end below"}


def market_words(found: WhatIf) -> str:
    """The market in words: flat over 252 sessions at 45 % volatility."""
    market = found.market
    gains = market.total_return
    end = "flat" if abs(gains) < FLAT else f"{'up' if gains > 0 else 'down'} {share(abs(gains))}"
    return f"{end} over {counted(market.days, 'session')} at {share(market.volatility, 0)} volatility"


def headline(found: WhatIf, metrics: dict[str, Any]) -> str:
    """The first line: each fund's median on paths that end where they were asked to, and of a few funds
    where nine paths of ten end."""
    mark = "SIMULATED data. " if found.inputs.bars.simulated else ""
    said = []
    for asked in found.asked:
        told = f"{asked.fund.ticker} {percent(metrics[f'{asked.fund.ticker}_{BRIDGED}_{RESAMPLED}_p50'])}"
        if len(found.asked) <= RANGED:
            told += f" ({'' if said else 'nine paths of ten: '}{_nine_of_ten(asked, metrics)})"
        said.append(told)
    return f"{mark}An index that is {market_words(found)}: in the median {listed(said, len(said))}."


def _nine_of_ten(asked: Asked, metrics: dict[str, Any]) -> str:
    key = f"{asked.fund.ticker}_{BRIDGED}_{RESAMPLED}"
    return f"{percent(metrics[f'{key}_p05'])} to {percent(metrics[f'{key}_p95'])}"


def asked_line(found: WhatIf) -> str:
    """Which paths of which days, and with which short rate."""
    paths = f"{found.paths:,} paths of {counted(found.market.days, 'session')}"
    days = f"of days of {found.inputs.bars.name} and of normal ones"
    return f"{paths}, {days} · short rate {share(found.short_rate, 2)} · seed {found.seed}"


def key_figures(found: WhatIf, metrics: dict[str, Any]) -> list[KeyFigure]:
    """By fund: the median, and nine paths of ten."""
    out = [
        KeyFigure(
            "the index", percent(found.market.total_return), f"volatility {share(found.market.volatility, 0)}"
        )
    ]
    for asked in found.asked:
        key = f"{asked.fund.ticker}_{BRIDGED}_{RESAMPLED}"
        beside = f"{_nine_of_ten(asked, metrics)} on nine paths of ten; {promised(asked, found)}"
        out.append(KeyFigure(f"{asked.fund.ticker}, median", percent(metrics[f"{key}_p50"]), beside))
    return out


def promised(asked: Asked, found: WhatIf) -> str:
    """The multiple times the index's return, as in a sentence."""
    return f"{times(asked.multiple)} × the index {percent(asked.multiple * found.market.total_return)}"


def alarm(found: WhatIf) -> str | None:
    """That a fund is wiped out on some of the paths."""
    said = []
    for asked in found.asked:
        for ending in ENDINGS:
            for shape in found.shapes:
                lost = found.outcomes[asked.fund.ticker, shape.name, ending].wiped_out
                if lost:
                    days = f"{ending}, {shape.name} days"
                    said.append(f"{asked.fund.ticker} on {lost:,} of {found.paths:,} paths ({days})")
    return f"Wiped out within a day: {listed(said, 8)}." if said else None


def bridged_sentences(found: WhatIf, metrics: dict[str, Any]) -> list[str]:
    """How simulation and closed form differ, and why."""
    out = []
    for asked in found.asked:
        ticker = asked.fund.ticker
        normal, own = (f"{ticker}_{BRIDGED}_{shape}" for shape in (NORMAL, RESAMPLED))
        out.append(
            f"{ticker}, {promised(asked, found)}: {percent(metrics[f'{ticker}_closed_form'])} by the closed "
            f"form at exactly {share(found.market.volatility, 0)} volatility, "
            f"{percent(metrics[f'{ticker}_{BRIDGED}_closed_form_p50'])} at the median of what normal days "
            f"realise, which the table has; in the median "
            f"{percent(metrics[f'{normal}_p50'])} on normal days and {percent(metrics[f'{own}_p50'])} on "
            f"days of {found.inputs.bars.name}; on the worst path of twenty "
            f"{percent(metrics[f'{normal}_p05'])} and {percent(metrics[f'{own}_p05'])}."
        )
    out.append(
        "The closed form resets at every moment and takes the volatility as exactly asked. A daily reset "
        "loses a little more on large days, and a single path's volatility is not quite what was asked: the "
        "fatter the tails, the less certain is it, and with it the decay."
    )
    return out


def free_sentences(found: WhatIf) -> list[str]:
    """What is the same and what is not where the end is left to chance."""
    own = found.index[RESAMPLED, FREE]
    return [
        f"Here the index ends at {percent(found.market.total_return)} on the mean of all paths, and anywhere "
        f"on one: {percent(own.quantile(0.5))} in the median, {percent(own.quantile(0.05))} to "
        f"{percent(own.quantile(0.95))} on nine of ten."
    ]


def quantile_table(found: WhatIf, asked: Asked, ending: str, metrics: dict[str, Any]) -> Table:
    """A fund's return by quantile, and how often it loses: by closed form, normal days, the index's days."""
    ticker, b, name = asked.fund.ticker, asked.multiple, found.inputs.bars.name
    free = ending == FREE
    base = f"{ticker}_{ending}"
    index = [found.index[RESAMPLED, FREE].quantile(q) for q in QUANTILES] if free else []
    rows = []
    for i, q in enumerate(QUANTILES):
        cells = [metrics[f"{base}_{way}_p{round(100 * q):02d}"] for way in ("closed_form", NORMAL, RESAMPLED)]
        if free:
            # A bear loses where the index rises: beside its lowest ends stand the index's highest.
            end = index[i if b > 0 else -1 - i]
            cells = [end, b * end, *cells]
        rows.append([NAMES.get(q, f"{share(q, 0)}"), *map(percent, cells)])
    blank = [""] * (3 if free else 1)
    shares = (
        ("end with a loss", "loss"),
        ("have lost half or more at the end", "half_lost"),
        ("had lost half or more at some close", "half_lost_on_the_way"),
        (f"end below {times(b)} × the index", "less_than_promised"),
        ("end below the index itself", "less_than_index"),
    )
    for label, key in shares:
        rows.append([label, *blank, *(share(metrics[f"{base}_{way}_{key}"]) for way in (NORMAL, RESAMPLED))])
    lost = [f"{metrics[f'{base}_{way}_wiped_out']:,}" for way in (NORMAL, RESAMPLED)]
    rows.append([f"wiped out, of {found.paths:,}", *blank, *lost])
    first = [name, f"{times(b)} × {name}"] if free else []
    headings = [ticker, *first, "closed form", "normal days", f"days of {name}"]
    where = f"the index {market_words(found)}"
    if free:
        which = "at the same place"
        if b < 0:
            which = "as far from the top, as a bear loses where the index rises"
        where = (
            f"the index's end left to chance; each column of {ticker} is sorted by itself, and beside it "
            f"stands the end of {name} {which}"
        )
    return Table(f"{ticker}, {where}", headings, rows)


def facts_note(found: WhatIf) -> str:
    """The rates and fees that the market is given."""
    funds = "; ".join(
        f"{a.fund.ticker}: fee {share(a.fee, 2)}, spread {share(a.spread, 2)} a year" for a in found.asked
    )
    return (
        f"the market's sessions are New York's after {found.sessions[0]}, to {found.sessions[-1]}, the short "
        f"rate that of its first close throughout, {share(found.short_rate, 2)} a year; {funds}, as the fact "
        "tables have them for these dates"
    )


FINE_PRINT = (
    "Every simulated path is a whole daily history of an index, on which the fund's own ledger is kept: "
    "reset at each close, financing, cash yield and fee each day, wiped out where a day's high or low takes "
    "all.",
    "First section: every path ends exactly at the asked return (all its days are shifted by one amount to "
    "get there). Second: the mean of all paths' ends is the asked return. The volatility is √(252 × mean "
    "squared daily log return), as asked in expectation; of a single path it differs, as of a year.",
    "Days are drawn independently of one another: normal, or with replacement from the index's own days, "
    "brought to the asked volatility, with their fat tails and their highs and lows. That wild days come in "
    "runs is lost, which makes the true spread of outcomes wider.",
    "Closed form: Avellaneda & Zhang 2010 (doi 10.1137/090760805; Cheng & Madhavan 2009 for the reset), with "
    "financing, cash yield and fee of the same sessions. Its quantiles are those of the realised variance of "
    "normal days (χ²) in the first section, of a log-normal index in the second.",
)
