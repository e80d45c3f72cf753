"""How orders fill: costs, the backtrader broker, the aligned Cerebro."""

from engine.allowance import Allowance
from engine.broker import LabBroker
from engine.cerebro import Lab
from engine.costs import Charge, Costs

__all__ = ["Allowance", "Charge", "Costs", "Lab", "LabBroker"]
