"""How orders fill: costs, the backtrader broker, the aligned Cerebro.

Names are loaded when first used, so that whoever wants the names of figures alone does not import backtrader.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

import feeds  # noqa: F401  (before backtrader is imported)

if TYPE_CHECKING:
    from engine.allowance import Allowance, Others
    from engine.broker import LabBroker
    from engine.cerebro import Lab
    from engine.cfd import CfdBroker
    from engine.contracts import ContractBook, ContractCosts
    from engine.costs import PRESETS, Charge, Costs
    from engine.margin import Margin
    from engine.tax import TAX_PRESETS, TaxTerms

_HOME = {
    "PRESETS": "engine.costs",
    "TAX_PRESETS": "engine.tax",
    "TaxTerms": "engine.tax",
    "Allowance": "engine.allowance",
    "CfdBroker": "engine.cfd",
    "Charge": "engine.costs",
    "ContractBook": "engine.contracts",
    "ContractCosts": "engine.contracts",
    "Costs": "engine.costs",
    "Lab": "engine.cerebro",
    "LabBroker": "engine.broker",
    "Margin": "engine.margin",
    "Others": "engine.allowance",
}
__all__ = [
    "PRESETS",
    "TAX_PRESETS",
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
    "TaxTerms",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
