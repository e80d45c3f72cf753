"""What the products are: daily-reset funds and their dated facts, synthesis, decay, rebalancing.

Arrays in, arrays out; nothing here knows of backtrader. Rates are fractions a year, returns are
fractions, dates are numpy datetime64. Names are loaded when first used, so that the command line's help
need not wait for the compiler behind the synthesis.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from letf_instruments.errors import DataError, FactError, LedgerError, LetfError, OrderError, SpecError

if TYPE_CHECKING:
    from letf_instruments.account import FundAccount, FundBar
    from letf_instruments.cfd import CfdTerms, price_at_equity, share_of_move
    from letf_instruments.comparison import (
        beta,
        correlation,
        period_ends,
        returns_over,
        rolling_correlation,
        tracking_error,
    )
    from letf_instruments.dated import Dated
    from letf_instruments.decay import Attribution, attribute, closed_form, prospectus_table
    from letf_instruments.flow import SessionFlow, move_by_bar, multiple_by_bar, session_flow
    from letf_instruments.fund import LeveragedFund
    from letf_instruments.rebalancing import drifted_multiple, rebalancing_share, rebalancing_trade
    from letf_instruments.synthesis import FundLedger, synthesize
    from letf_instruments.tables import known_fund, known_tickers
    from letf_instruments.traded import Quote, TradedPrices

_HOME = {
    "FundAccount": "account",
    "FundBar": "account",
    "CfdTerms": "cfd",
    "price_at_equity": "cfd",
    "share_of_move": "cfd",
    "beta": "comparison",
    "correlation": "comparison",
    "period_ends": "comparison",
    "returns_over": "comparison",
    "rolling_correlation": "comparison",
    "tracking_error": "comparison",
    "Dated": "dated",
    "Attribution": "decay",
    "attribute": "decay",
    "closed_form": "decay",
    "prospectus_table": "decay",
    "SessionFlow": "flow",
    "move_by_bar": "flow",
    "multiple_by_bar": "flow",
    "session_flow": "flow",
    "LeveragedFund": "fund",
    "drifted_multiple": "rebalancing",
    "rebalancing_share": "rebalancing",
    "rebalancing_trade": "rebalancing",
    "FundLedger": "synthesis",
    "synthesize": "synthesis",
    "known_fund": "tables",
    "known_tickers": "tables",
    "Quote": "traded",
    "TradedPrices": "traded",
}

__all__ = [
    "Attribution",
    "CfdTerms",
    "DataError",
    "Dated",
    "FactError",
    "FundAccount",
    "FundBar",
    "FundLedger",
    "LedgerError",
    "LetfError",
    "LeveragedFund",
    "OrderError",
    "Quote",
    "SessionFlow",
    "SpecError",
    "TradedPrices",
    "attribute",
    "beta",
    "closed_form",
    "correlation",
    "drifted_multiple",
    "known_fund",
    "known_tickers",
    "move_by_bar",
    "multiple_by_bar",
    "period_ends",
    "price_at_equity",
    "prospectus_table",
    "rebalancing_share",
    "rebalancing_trade",
    "returns_over",
    "rolling_correlation",
    "session_flow",
    "share_of_move",
    "synthesize",
    "tracking_error",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'letf_instruments' has no attribute {name!r}")
    return getattr(import_module(f"letf_instruments.{_HOME[name]}"), name)
