"""Data in memory in the place of a name: what [data] of a spec has of a script's own frames."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from feeds.reading.memory import Memory

SINGLE = ("index", "rates", "borrow", "volatility")


def with_memory(table: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Memory]]:
    """A table of [data] with names where frames were given, and the frames by the keys of `RunSpec.place`.

    Raises
    ------
    DataError
        If a frame cannot be what it is given for.
    """
    out, held = dict(table), {}
    for key in SINGLE:
        if key in out:
            out[key], memory = _named(out[key], key)
            if memory is not None:
                held[key] = memory
    if isinstance(out.get("assets"), (list, tuple)):
        assets = []
        for i, given in enumerate(out["assets"]):
            name, memory = _named(given, f"asset{i + 1}")
            assets.append(name)
            if memory is not None:
                held[f"assets:{name}"] = memory
        out["assets"] = assets
    for key, default in (("volumes", "volume of {}"), ("traded", "{}")):
        if isinstance(out.get(key), Mapping):
            named = {}
            for ticker, given in out[key].items():
                named[ticker], memory = _named(given, default.format(ticker))
                if memory is not None:
                    held[f"{key}:{named[ticker]}"] = memory
            out[key] = named
    return out, held


def axes_with_memory(axes: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Memory]]:
    """The axes of a sweep with names where frames were given as values of a key of [data], and the frames by
    the places where a cell looks for them ("index=NAME").

    Raises
    ------
    DataError
        If a frame cannot be what it is given for.
    """
    out, held = dict(axes), {}
    for key in SINGLE:
        values = out.get(f"data.{key}")
        if isinstance(values, (list, tuple)):
            names = []
            for i, given in enumerate(values):
                name, memory = _named(given, f"{key}{i + 1}")
                names.append(name)
                if memory is not None:
                    held[f"{key}={name}"] = memory
            out[f"data.{key}"] = names
    return out, held


def _named(given: Any, default: str) -> tuple[Any, Memory | None]:
    """What stands in the spec, and the data themselves where they are in memory."""
    if isinstance(given, Path):
        return str(given), None
    if isinstance(given, Memory) or hasattr(given, "iloc") or _is_named_frame(given):
        memory = Memory.of(given, default)
        return memory.name, memory
    return given, None


def _is_named_frame(given: Any) -> bool:
    return isinstance(given, Mapping) and any(hasattr(value, "iloc") for value in given.values())
