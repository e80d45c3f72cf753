"""How orders fill: costs, the backtrader broker, the aligned Cerebro."""

from engine.broker import LabBroker
from engine.cerebro import Lab
from engine.costs import Charge, Costs

__all__ = ["Charge", "Costs", "Lab", "LabBroker"]
