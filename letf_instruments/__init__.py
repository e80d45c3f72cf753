"""What the products are: daily-reset funds and their dated facts, synthesis, decay, rebalancing.

Arrays in, arrays out; nothing here knows of backtrader. Rates are fractions a year, returns are
fractions, dates are numpy datetime64.
"""

from letf_instruments.account import FundAccount, FundBar
from letf_instruments.dated import Dated
from letf_instruments.decay import Attribution, attribute, closed_form, prospectus_table
from letf_instruments.errors import DataError, FactError, LetfError, SpecError
from letf_instruments.fund import LeveragedFund
from letf_instruments.rebalancing import drifted_multiple, rebalancing_share, rebalancing_trade
from letf_instruments.synthesis import FundLedger, synthesize
from letf_instruments.tables import known_fund, known_tickers

__all__ = [
    "Attribution",
    "DataError",
    "Dated",
    "FactError",
    "FundAccount",
    "FundBar",
    "FundLedger",
    "LetfError",
    "LeveragedFund",
    "SpecError",
    "attribute",
    "closed_form",
    "drifted_multiple",
    "known_fund",
    "known_tickers",
    "prospectus_table",
    "rebalancing_share",
    "rebalancing_trade",
    "synthesize",
]
