"""letf: a wind tunnel for daily-reset leveraged ETFs such as SOXL and SOXS.

    import letf

    run = letf.run("rsi_timing", index="nasdaq", plan={"stop": 0.05})
    run.metrics["sharpe"], run.equity, run.trades
    run.plot("equity")
    run.save("out")

Every question of the `letf` command is a function here, with the same words. It gives an answer: a title, one
sentence, tables, pictures, metrics, data frames; a notebook shows it as it is. Nothing is printed or written
unless asked for. Errors are `letf.LetfError`, one sentence each.

Wherever an index, an asset or a rate is named, a DataFrame or a Series does as well, checked as a file is;
`{"SOX": frame}` gives it a name.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from letf.data import bars, check, fetch, funds, rules, sources, update
    from letf.histories import montecarlo
    from letf.periods import starts, walkforward
    from letf.questions import decay, flow, fund, versus
    from letf.runs import alternatives, compare, run, spec, today
    from letf.scenarios import hedge_size, stress, whatif
    from letf.sweeps import sweep, top
    from letf.tracking import calibrate, track
    from letf.verdicts import luck, robustness
    from letf_instruments.errors import DataError, FactError, LetfError, SpecError
    from strategies import (
        AllocationRule,
        Measured,
        OptionRule,
        OptionSignals,
        RuleParams,
        Signals,
        Targets,
        TradeRule,
        param,
    )

__all__ = [
    "AllocationRule",
    "DataError",
    "FactError",
    "LetfError",
    "Measured",
    "OptionRule",
    "OptionSignals",
    "RuleParams",
    "Signals",
    "SpecError",
    "Targets",
    "TradeRule",
    "alternatives",
    "bars",
    "calibrate",
    "check",
    "compare",
    "decay",
    "fetch",
    "flow",
    "fund",
    "funds",
    "hedge_size",
    "luck",
    "montecarlo",
    "param",
    "robustness",
    "rules",
    "run",
    "sources",
    "spec",
    "starts",
    "stress",
    "sweep",
    "today",
    "top",
    "track",
    "update",
    "versus",
    "walkforward",
    "whatif",
]

_ROOMS = ("analyzers", "engine", "feeds", "runs", "strategies")  # names that a script's folder may have too
_HOME = {
    **dict.fromkeys(("DataError", "FactError", "LetfError", "SpecError"), "letf_instruments.errors"),
    **dict.fromkeys(("alternatives", "compare", "run", "spec", "today"), "letf.runs"),
    **dict.fromkeys(("sweep", "top"), "letf.sweeps"),
    **dict.fromkeys(("starts", "walkforward"), "letf.periods"),
    **dict.fromkeys(("decay", "flow", "fund", "versus"), "letf.questions"),
    **dict.fromkeys(("hedge_size", "stress", "whatif"), "letf.scenarios"),
    **dict.fromkeys(("luck", "robustness"), "letf.verdicts"),
    **dict.fromkeys(("montecarlo",), "letf.histories"),
    **dict.fromkeys(("calibrate", "track"), "letf.tracking"),
    **dict.fromkeys(("bars", "check", "fetch", "funds", "rules", "sources", "update"), "letf.data"),
}


def _refuse_hidden() -> None:
    """Say which folder or file beside a script hides a part of this package.

    Raises
    ------
    ImportError
        If one does.
    """
    home = Path(__file__).resolve().parent.parent
    for name in _ROOMS:
        loaded = sys.modules.get(name)
        found = loaded.__spec__ if loaded is not None else importlib.util.find_spec(name)
        if loaded is None and found is not None and found.origin is None and str(home) not in sys.path:
            # A mere folder (of results, say) gives way to a package, once that is on the path too.
            sys.path.append(str(home))
            found = importlib.util.find_spec(name)
        if found is None:
            continue
        where = found.origin or next(iter(found.submodule_search_locations or ()), None)
        if where is None:
            continue
        place = Path(where).resolve()
        if not place.is_relative_to(home / name):
            other = place.parent if place.name == "__init__.py" else place
            kind = "folder" if found.submodule_search_locations is not None else "file"
            raise ImportError(
                f"the {kind} {other} hides the part of letf that is called {name}; rename it, or start the "
                "script from another folder"
            )


_refuse_hidden()


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'letf' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME.get(name, "strategies")), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
