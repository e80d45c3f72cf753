"""backtrader's own module of TA-Lib's indicators, loaded when one of them is first asked for.

backtrader imports it whether or not a strategy wants it: a class for each of some 160 functions, and pandas
through TA-Lib. A strategy's `bt.talib.SMA(...)` works as ever, and takes that time then.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

NAME = "backtrader.talib"


class _Later(ModuleType):
    """Stands in the module's place until one of its names is asked for."""

    def __getattr__(self, name: str) -> Any:
        # Python asks any module for names such as __path__ and __spec__; they are no reason to load it.
        if name.startswith("__") and name != "__all__":
            raise AttributeError(f"module {NAME!r} has no attribute {name!r}")
        return getattr(_loaded(), name)

    def __dir__(self) -> list[str]:
        return dir(_loaded())


def _loaded() -> ModuleType:
    if isinstance(sys.modules.get(NAME), _Later):
        del sys.modules[NAME]
    return importlib.import_module(NAME)  # it takes its place in backtrader by itself


def defer() -> None:
    """Keep backtrader from loading it, if backtrader is not there yet."""
    if "backtrader" not in sys.modules and NAME not in sys.modules:
        sys.modules[NAME] = _Later(NAME)
