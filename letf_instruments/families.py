"""Which known funds follow which of the sources that stand for their index."""

from __future__ import annotations

from letf_instruments.fund import LeveragedFund

# Sources by the name of their bars, in lower case; tickers by multiple.
FAMILIES = (
    ({"sox", "soxx", "smh", "semis-sim"}, {3.0: "SOXL", -3.0: "SOXS"}),
    ({"nasdaq", "qqq"}, {3.0: "TQQQ", -3.0: "SQQQ"}),
    ({"spy"}, {3.0: "UPRO", -3.0: "SPXU"}),
)


def ticker_for(multiple: float, index: str) -> str | None:
    """The known fund with that multiple of an index, by the name of its bars; None if there is none."""
    parts = set(index.lower().split("+"))
    return next(
        (tickers[multiple] for names, tickers in FAMILIES if parts <= names and multiple in tickers), None
    )


def follows(fund: LeveragedFund, index: str) -> bool | None:
    """True if an index, by the name of its bars, stands for the fund's own; None if one of them is not known
    here, as with a file of one's own."""
    parts = set(index.lower().split("+"))
    own = next((names for names, tickers in FAMILIES if fund.ticker in tickers.values()), None)
    known = set().union(*(names for names, _ in FAMILIES))
    if own is None or not parts & known:
        return None
    return parts <= own
