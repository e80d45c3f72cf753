"""What `letf hedge-size` says: sentences and tables."""

from __future__ import annotations

from typing import Any

from runs.answers.index_words import not_its_index
from runs.answers.parts import KeyFigure, Table
from runs.answers.words import counted, number, percent, share, times, with_caveats
from runs.studies.hedge_size.regression import lags_of
from runs.studies.hedge_size.study import BAND, MOVES, QUANTILES, WEEK, Sized, title_of
from runs.studies.hedge_size.years import WAYS

WAY_WORDS = {"monthly": "traded back monthly", "never": "never traded"}


def headline(sized: Sized) -> str:
    """The first line: what to buy, and how well that is known."""
    data, whole = sized.data, sized.whole
    mark = "SIMULATED data. " if data.simulated else ""
    ticker, index = data.inputs.fund.ticker, data.inputs.bars.name
    low, high = sized.band
    if sized.dollars == 0.0:
        told = f"{title_of(sized)} has a beta of {number(whole.beta)} on {index} as it is: buy no {ticker}."
        return with_caveats(mark + told, not_its_index([data.inputs.fund], data.inputs.bars))
    known = (
        f"; beta is known to ±{number(1.96 * whole.error)}, so what results lies between {number(low)} and "
        f"{number(high)}"
        if round(1.96 * whole.error, 2) > 0.0
        else ""
    )
    told = (
        f"{mark}To bring {title_of(sized)} from a beta of {number(whole.beta)} on {index} to "
        f"{number(sized.target)}: {_money(sized.dollars)} of {ticker}, {counted(sized.shares, 'share')} at "
        f"{_price(data.price)}{known}.{_made_in_short(sized)}"
    )
    return with_caveats(told, not_its_index([data.inputs.fund], data.inputs.bars))


def made_a_year(sized: Sized) -> tuple[float, float] | None:
    """Dollars a whole calendar year that the hedge made, traded back monthly, and what it cost beyond its
    job; means. None without such a year."""
    years = [year for year in sized.years if year.whole]
    if not years:
        return None
    made, cost = (
        [f(year) for year in years] for f in (lambda y: y.profit[WAYS[0]], lambda y: y.cost(WAYS[0]))
    )
    return sum(made) / len(years), sum(cost) / len(years)


def _made_in_short(sized: Sized) -> str:
    """The same in a sentence."""
    found = made_a_year(sized)
    if found is None:
        return ""
    made, cost = found
    years = counted(sum(year.whole for year in sized.years), "whole calendar year")
    return f" In {years} it would have made {_money(made)} a year: {_parts(made, cost)}."


def _by_year(sized: Sized) -> str:
    """The least and the most of any year, those included that the mean leaves out as the data begin or end
    within them: one such may be the worst of all."""
    ordered = sorted(sized.years, key=lambda year: year.profit[WAYS[0]])
    ends = [
        f"{_money(year.profit[WAYS[0]])} ({year.label}{'' if year.whole else ', not in the mean'})"
        for year in (ordered[0], ordered[-1])
    ]
    return f"by year from {ends[0]} to {ends[1]}"


def _parts(made: float, cost: float) -> str:
    """What the job made, and what the hedge cost or gained beside it."""
    return f"its job {_money(made + cost)}, {'cost' if cost >= 0 else 'gain'} beyond it {_money(abs(cost))}"


def asked_line(sized: Sized) -> str:
    """What is held, against which index, over which years."""
    bars, held = (
        sized.data.inputs.bars,
        ", ".join(f"{name} {_money(own)}" for name, own in sized.data.held.items()),
    )
    span = f"{bars.sessions[0]} to {bars.sessions[-1]}"
    return f"{held} · beta on {bars.name}, {span}, of the last {sized.bars} returns"


def key_figures(sized: Sized, metrics: dict[str, Any]) -> list[KeyFigure]:
    """What is held, what to buy beside it, and how well that is known."""
    data, whole, ticker = sized.data, sized.whole, sized.data.inputs.fund.ticker
    known = round(1.96 * whole.error, 2) == 0.0
    off = "" if known else f" ± {number(1.96 * whole.error)}"
    low, high = map(number, sized.band)
    out = [
        KeyFigure("you hold", _money(data.total), f"beta {number(whole.beta)}{off}"),
        KeyFigure(
            f"buy {ticker} for",
            _money(sized.dollars),
            f"{counted(sized.shares, 'share')} at {_price(data.price)}",
        ),
        KeyFigure(
            "the beta is then",
            low if low == high else f"{low} to {high}",
            f"target {number(sized.target)}",
        ),
        KeyFigure(
            "after a week without a trade",
            f"{number(metrics['week_beta_p05'])} to {number(metrics['week_beta_p95'])}",
            "beta, on nine of ten starts",
        ),
    ]
    found = made_a_year(sized)
    if found is not None:
        made, cost = found
        years = counted(metrics["whole_years"], "whole year")
        out.append(
            KeyFigure(
                "hedge made a year",
                _money(made),
                f"{_parts(made, cost)} ({share(abs(cost) / data.total)} of the holding); "
                f"{WAY_WORDS[WAYS[0]]}, {years}; {_by_year(sized)}",
            )
        )
    return out


def size_sentences(sized: Sized, metrics: dict[str, Any]) -> list[str]:
    """Where the size comes from, what the price is, and what no such hedge does anything about."""
    data, whole = sized.data, sized.whole
    ticker = data.inputs.fund.ticker
    return [
        f"Dollars of {ticker} = (beta − target) × holding / {-sized.multiple:g}: ({number(whole.beta, 3)} − "
        f"{number(sized.target, 3)}) × {_money(data.total)} / {-sized.multiple:g} = "
        f"{_money(sized.dollars)} ± {_money(1.96 * sized.dollars_error)} (95 %). It is bought beside the "
        "holding, which is kept whole.",
        f"The price of a share is {_price(data.price)}, {data.priced}.",
        explained(whole.r_squared),
    ]


def explained(part: float) -> str:
    """What of the holding's moves is the index's; of what is all of them there is no other part to tell."""
    rest = share(1.0 - part, 0)
    said = f"The index explains {share(part, 0)} of what the holding moved by"
    if rest == "0 %":
        return f"{said}."
    return f"{said}; the other {rest} of its variance stay whatever is bought."


def beta_table(sized: Sized) -> Table:
    """Beta of each name and of all, with errors."""
    rows = [[name, _money(sized.data.held[name]), *_slope(own)] for name, own in sized.slopes.items()]
    if len(rows) > 1:
        rows.append(["all of it", _money(sized.data.total), *_slope(sized.whole)])
    title = f"Beta on {sized.data.inputs.bars.name}, of the last {sized.bars} returns"
    return Table(title, ["", "dollars", "beta", "standard error", "95 % band", "R²"], rows)


def span_table(sized: Sized) -> Table:
    """Beta of all of it over other numbers of returns: whether it stays."""
    rows = [[f"{n:,}", *_slope(own)] for n, own in sized.spans.items()]
    return Table(
        "Beta of all of it over other times",
        ["last returns", "beta", "standard error", "95 % band", "R²"],
        rows,
    )


def _slope(own: Any) -> list[str]:
    band = f"{number(own.low)} to {number(own.high)}"
    return [number(own.beta, 3), number(own.error, 3), band, number(own.r_squared)]


def drift_sentences(sized: Sized, metrics: dict[str, Any]) -> list[str]:
    """How far the hedge drifts in a week, by arithmetic and in the past."""
    whole, b = sized.whole, sized.multiple
    steep = (whole.beta - sized.target) * (whole.beta - b)
    return [
        f"Untouched, the beta drifts by about {number(steep, 1)} × the index's move: a move of "
        f"{share(BAND / abs(steep))} takes it {number(BAND, 1)} from the target."
        if steep
        else "Nothing is bought, so nothing drifts but the holding itself.",
        f"After {WEEK} sessions it was more than {number(BAND, 1)} from the target on "
        f"{share(metrics['week_beyond_band'], 0)} of {counted(metrics['week_starts'], 'start')} (they "
        f"overlap), between {number(metrics['week_beta_p05'])} and {number(metrics['week_beta_p95'])} on "
        "nine of ten.",
    ]


def drift_tables(sized: Sized, metrics: dict[str, Any]) -> list[Table]:
    """The beta after a week, by quantile; and by the closed form after single moves."""
    rows = [
        [
            "median" if q == 0.5 else share(q, 0),
            percent(metrics[f"week_move_p{round(100 * q):02d}"]),
            number(metrics[f"week_beta_p{round(100 * q):02d}"]),
        ]
        for q in QUANTILES
    ]
    by_move = [[percent(move), number(float(sized.after(move)))] for move in MOVES]
    return [
        Table(
            f"After {WEEK} sessions without a trade",
            ["quantile", "index's move", "beta (its own quantile)"],
            rows,
        ),
        Table("After a single move, by the closed form", ["index's move", "beta"], by_move),
    ]


def cost_sentences(sized: Sized, metrics: dict[str, Any]) -> list[str]:
    """What the hedge would have cost in a year, on the mean."""
    if not metrics["whole_years"]:
        return ["There is no whole calendar year in the data, so no mean cost of one."]
    told = []
    for way in WAYS:
        cost = metrics[f"cost_a_year_{way}"]
        verb = "cost" if cost >= 0 else "gained"
        told.append(
            f"{WAY_WORDS[way]} it {verb} {_money(abs(cost))} a year ({share(abs(cost) / sized.data.total)} "
            "of the holding)"
        )
    return [
        f"Over {counted(metrics['whole_years'], 'whole calendar year')}, beyond its job: {'; '.join(told)}. "
        "Its job is what it would have made of the index's moves if held at its size at every close. A hedge "
        "that is never traded withers in a rise and so seems to gain: it is no longer there.",
        f"Holding and hedge together, traded back monthly, had a beta of "
        f"{number(sized.realised)} in these years and {share(sized.effectiveness, 0)} less variance than the "
        "holding alone; today's size was used throughout, though beta was another then.",
    ]


def year_table(sized: Sized) -> Table:
    """By calendar year: what the index and the holding did, what the hedge promised, made and cost."""
    rows = []
    for year in sized.years:
        label = year.label if year.whole else f"{year.label}, {year.first} to {year.last}"
        cells = [percent(year.index), percent(year.held), _money(year.promised)]
        for way in WAYS:
            cells += [_money(year.profit[way]), _money(year.cost(way))]
        rows.append([label, *cells])
    return Table(
        f"The hedge by calendar year, {_money(sized.data.total)} at the start of each",
        [
            "year",
            "index",
            "held",
            "its job",
            "made, monthly",
            "cost, monthly",
            "made, never traded",
            "cost, never traded",
        ],
        rows,
    )


def fine_print(sized: Sized) -> list[str]:
    """What the words mean."""
    ticker = sized.data.inputs.fund.ticker
    return [
        "Beta is dollars of index exposure for each dollar held. It is the least-squares slope of daily "
        "returns over the short rate, dividends in, at today's dollars of each name; its standard error is "
        f"Newey & West's (1987), with {lags_of(sized.bars)} lags, and allows for wild days and for days that "
        f"hang together. That of {ticker} is its multiple, {times(sized.multiple)}, by construction of its "
        "daily reset.",
        "Band: as far as the past beta is known. That the beta of the next weeks is another is not in it.",
        "Drift: β − (β − T)·(1 + b·r)/(1 + β·r) after an index move r without a trade; in the past the betas "
        "of the names are today's, and their own moves and the fund's decay count.",
        "Years: each begins anew with today's dollars of every name and of the fund. Traded back monthly "
        "means at each month's last close, to the same dollars of fund for each dollar held, at "
        f"{sized.cost_bps:g} basis points of what is traded. Cost is the job less what was made: decay, "
        "financing (often a gain of a bear), fee, trading, and drift between trades.",
    ]


def _money(value: float) -> str:
    """Dollars in full: $38,400, −$1,200."""
    return f"{'−' if round(value) < 0 else ''}${abs(round(value)):,}"


def _price(value: float) -> str:
    return f"${value:,.2f}" if value >= 0.1 else f"${value:.4g}"
