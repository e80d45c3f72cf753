"""How orders fill: costs, the backtrader broker, the aligned Cerebro."""

from engine.allowance import Allowance, Others
from engine.broker import LabBroker
from engine.cerebro import Lab
from engine.cfd import CfdBroker
from engine.contracts import ContractBook, ContractCosts
from engine.costs import PRESETS, Charge, Costs
from engine.margin import Margin

__all__ = [
    "PRESETS",
    "Allowance",
    "CfdBroker",
    "Charge",
    "ContractBook",
    "ContractCosts",
    "Costs",
    "Lab",
    "LabBroker",
    "Margin",
    "Others",
]
