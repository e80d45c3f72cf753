"""Which engine runs a sweep, and the engine itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from letf_instruments import SpecError
from runs.sweeps.engines.engine import BACKTRADER, ENGINES, KERNEL, Engine, Work

if TYPE_CHECKING:
    from runs.specs.run_spec import RunSpec
    from runs.sweeps.engines.engine import OwnWork
    from runs.sweeps.engines.markets import Markets
    from runs.sweeps.space.grid import Grid


def engine_of(work: Work, markets: Markets | None = None) -> Engine:
    """What runs some work, ready: a sweep's engine, with its markets if they are loaded already, or the one
    that other work brings along."""
    from runs.sweeps.engines.job import Job, Parcel

    if isinstance(work, Parcel):
        job, markets = work.job, work.markets
    elif isinstance(work, Job):
        job = work
    else:
        return cast("OwnWork", work).make_engine()
    if job.engine == KERNEL:
        from runs.sweeps.engines.by_kernel import KernelEngine

        return KernelEngine(job, markets)
    from runs.sweeps.engines.by_backtrader import BacktraderEngine

    return BacktraderEngine(job, markets)


def choose(spec: RunSpec, grid: Grid, wanted: str | None) -> tuple[str, str]:
    """The engine for a sweep, and why, in words.

    Raises
    ------
    SpecError
        If it is not known, or cannot run this spec.
    """
    if wanted is not None and wanted not in ENGINES:
        raise SpecError(f"engine {wanted!r} is not known; there are {' and '.join(ENGINES)}")
    obstacle = _not_in_kernel(spec, grid)
    if wanted == KERNEL and obstacle:
        raise SpecError(f"the kernel cannot run {spec.name}: {obstacle}; use --engine backtrader")
    if wanted is not None:
        return wanted, "as asked"
    if obstacle:
        return BACKTRADER, obstacle
    return KERNEL, f"{spec.strategy} follows a plan, on a cash account"


def _not_in_kernel(spec: RunSpec, grid: Grid) -> str:
    """Why only backtrader can run a spec; empty if the kernel can too."""
    from strategies import AllocationRule, TradeRule
    from strategies.account_rule import AccountRule

    rule = spec.make_rule()
    if not isinstance(rule, (TradeRule, AllocationRule, AccountRule)):
        return f"{spec.strategy} is neither a TradeRule nor an AllocationRule nor an AccountRule"
    kinds = {spec.account.kind, *_swept(grid, "account.kind")}
    if "cfd" in kinds:
        return "the account is of kind cfd"
    taxed = spec.account.tax is not None or any(axis.key.startswith("account.tax") for axis in grid.axes)
    if taxed:
        return "account.tax is set, and only the broker keeps lots for it"
    shorts = {spec.account.shorts, *_swept(grid, "account.shorts")}
    return 'account.shorts is "refuse", which only the broker knows' if "refuse" in shorts else ""


def _swept(grid: Grid, key: str) -> list[Any]:
    """All values that a sweep gives a key."""
    return [value for axis in grid.axes if axis.key == key for value in axis.values]
