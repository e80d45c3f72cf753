"""What a run over many paths comes to: quantiles, shares of paths, and where the real run lies."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.kernel.stage import Floats
from letf_instruments.sizes import DUST, NOTHING
from runs.robustness.montecarlo.engine import INDEX
from runs.robustness.montecarlo.study import Found

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
HALF = -0.5


def beats(one: Floats, other: Floats) -> float:
    """The share of paths on which one total return is above another by more than rounding."""
    return float(np.mean(1.0 + one > (1.0 + other) * (1.0 + DUST) + DUST))


def montecarlo_metrics(found: Found) -> dict[str, Any]:
    """One flat dict; what each key means is written in docs/montecarlo.md."""
    own = found.column("total_return")
    cash = found.column("cash_return")
    index = found.column("index_return")
    out: dict[str, Any] = {
        "paths": found.asked.paths,
        "refused": len(found.refused),
        "in_backtrader": found.engines.count("backtrader"),
        "sessions": len(found.job.paths.sessions),
        "years": found.years,
        **{f"model_{key}": value for key, value in found.job.paths.model.facts.items()},
        "rate_block_days": found.job.paths.rates.mean_length,
        "mean_rate": float(found.column("mean_rate").mean()),
    }
    for name in ("total_return", "cagr", "volatility", "sharpe", "max_drawdown", "trades"):
        values = found.column(name)
        out |= _quantiles(name, values[np.isfinite(values)])
    for held in found.held:
        out |= _quantiles(f"{held}_return", found.column(f"{held}_return"))
        out |= _quantiles(f"{held}_drawdown", found.column(f"{held}_drawdown"))
    out |= _quantiles("cash_return", cash)
    for who, mine in (("", own), *((f"{held}_", found.column(f"{held}_return")) for held in found.held)):
        out |= {
            f"{who}beats_cash": beats(mine, cash),
            f"{who}loss": float(np.mean(mine < -DUST)),
            f"{who}below_half": float(np.mean(mine < HALF)),
            f"{who}wiped_out": float(np.mean(mine <= NOTHING - 1.0)),
        }
        if who != f"{INDEX}_":
            out[f"{who}beats_index"] = beats(mine, index)
    for held in found.held[1:]:  # a fund that has decayed to next to nothing is none that was wiped out
        out[f"{held}_wiped_out"] = float(np.mean(np.isfinite(found.column(f"{held}_dead_from"))))
        out[f"beats_{held}"] = beats(own, found.column(f"{held}_return"))
    for name in ("total_return", "max_drawdown", *(f"{held}_return" for held in found.held)):
        real = found.of_real(name)
        out[f"real_{name}"] = None if np.isnan(real) else real
        out[f"real_{name}_rank"] = rank(found.column(name), real)
    return out


def _quantiles(name: str, values: Floats) -> dict[str, float | None]:
    """Quantiles of a figure, and its mean."""
    if not len(values):
        return {f"{name}_{key}": None for key in (*(f"q{100 * q:02.0f}" for q in QUANTILES), "mean")}
    cut = np.quantile(values, QUANTILES)
    named = {f"{name}_q{100 * q:02.0f}": float(value) for q, value in zip(QUANTILES, cut, strict=True)}
    return {**named, f"{name}_mean": float(values.mean())}


def rank(values: Floats, real: float) -> float | None:
    """The share of paths below the real figure, those that equal it counted half; None if there is none."""
    if np.isnan(real):
        return None
    return float(np.mean(np.where(equal_to(values, real), 0.5, values < real)))


def equal_to(values: Floats, real: float) -> np.ndarray:
    """Which paths equal the real figure but for rounding."""
    return np.isclose(values, real, rtol=DUST, atol=DUST)


def fan(found: Found) -> Floats:
    """Quantiles of the equity on each date that is kept, shape (quantiles, dates)."""
    cut: Floats = np.quantile(found.equity[found.ran].astype(np.float64), QUANTILES, axis=0)
    return cut
