"""Random trees of conditions, which a spec may hold; now and then one that is refused."""

from __future__ import annotations

from typing import Any

import numpy as np

KINDS = ("sma", "ema", "rsi", "return", "volatility")
NAMES = ("index", "SOXL", "SOXS")
LEVELS = ("30", "70.5", "0", "-.05", "1e-1", "100")


def tree(rng: np.random.Generator, depth: int = 0) -> Any:
    """A node and what is below it."""
    what = rng.integers(0, 4 if depth < 3 else 2)
    if what == 0:
        return str(rng.choice((*NAMES, "cash")))
    if what == 1:
        return _leaf(rng)
    if what == 2:
        return {"if": condition(rng), "then": tree(rng, depth + 1), "else": tree(rng, depth + 1)}
    ifs = [{"if": condition(rng), "then": tree(rng, depth + 1)} for _ in range(rng.integers(1, 3))]
    return [*ifs, tree(rng, depth + 1)]


def condition(rng: np.random.Generator, number: str | None = None) -> str:
    """A comparison, with a number of that name."""
    right = number or (_indicator(rng) if rng.random() < 0.4 else str(rng.choice(LEVELS)))
    return f"{_indicator(rng)} {rng.choice(('>', '<', '>=', '<='))} {right}"


def _indicator(rng: np.random.Generator) -> str:
    name = rng.choice(NAMES)
    return f"price({name})" if rng.random() < 0.2 else f"{rng.choice(KINDS)}({name}, {rng.integers(1, 30)})"


def _leaf(rng: np.random.Generator) -> dict[str, Any]:
    some = [str(name) for name in rng.permutation(NAMES)[: rng.integers(1, 4)]]
    form = str(rng.choice(("equal", "weights", "top", "bottom", "inverse_volatility")))
    if form == "equal":
        return {"equal": [*some, "cash"]}
    if form == "weights":
        return {"weights": dict.fromkeys(some, round(0.9 / len(some), 3))}
    if form == "inverse_volatility":
        return {form: int(rng.integers(2, 20)), "of": some}
    return {form: int(rng.integers(1, len(some) + 1)), "by": f"rsi({rng.integers(2, 20)})", "of": some}
