"""Are verdicts right? Planted edges of three strengths, and noise: what `letf robustness` says of each.

For each case an index is made (`benchmarks.planted`), the rule is swept over a grid that contains the
planted parameter, the best cell is taken, as a person would, and judged with that sweep as what was tried.
200 cases with a fixed seed, and 40 of a strong edge that is gone after two fifths of the time; the table goes
into docs/robustness.md. Of noise no more than one in twenty may
be called robust, of strong edges no fewer than nine in ten must be.

    python -m benchmarks.verdicts [--cases 200] [--faded 40] [--seed 1] [--workers 2]
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np

from benchmarks.planted import FADED, RATE, RULES, Case, cases, market

DRAWS, TIMINGS = 100, 400
MOST_NOISE, LEAST_STRONG = 0.05, 0.90


def spec_of(case: Case, seed: int):  # type: ignore[no-untyped-def]
    """The spec of a case on its index, with its sweep."""
    import letf

    kind = RULES[case.rule]
    tables = {"strategy": kind["strategy"], "rule": kind["rule"], "sweep": _nested(kind["sweep"])}
    plan = kind.get("plan", {})
    tables |= {"plan": {key: value for key, value in plan.items() if value is not None}}
    tables |= {"data": {"funds": ["SOXL", "SOXS"]}}
    none = [f"plan.{key}=none" for key, value in plan.items() if value is None]
    return letf.spec(tables, index=market(case, seed), rate=RATE, set=none, name=f"case-{case.number}")


def _nested(flat: dict) -> dict:  # type: ignore[type-arg]
    out: dict = {}  # type: ignore[type-arg]
    for key, values in flat.items():
        table, name = key.split(".")
        out.setdefault(table, {})[name] = values
    return out


def judged(task: tuple[Case, int]) -> tuple[Case, str, float, float]:
    """A case, its verdict, the Sharpe ratio of the best cell, and the seconds that it took."""
    from runs.backtest.beginning import begun
    from runs.backtest.result import execute
    from runs.robustness.verdict.study import judge
    from runs.sweeps.engines.by_kernel import KernelEngine
    from runs.sweeps.engines.job import Job
    from runs.sweeps.space.axes import grid_of

    case, seed = task
    began = time.time()
    spec = spec_of(case, seed)
    grid = grid_of(spec)
    job = Job(spec, grid, "kernel")
    sharpe = KernelEngine(job).evaluate(np.arange(grid.size))["sharpe"]
    if not np.isfinite(sharpe).any():
        return case, "too few trades to say", float("nan"), time.time() - began
    best = int(np.nanargmax(sharpe))
    chosen = spec.with_values(grid.values(best)).model_copy(update={"sweep": spec.sweep})
    moved, setting = begun(chosen)
    run = execute(moved, setting, moved.make_rule())
    return case, judge(run, None, DRAWS, TIMINGS, seed).verdict, float(sharpe[best]), time.time() - began


def true_sharpe(rule: str, strength: str, seed: int) -> float:
    """The Sharpe ratio of the planted cell over 40 years, the mean of three markets."""
    import letf

    values = RULES[rule]["sweep"][RULES[rule]["planted"]]
    found = []
    for number in range(3):
        case = Case(10**6 + number, rule, strength, 40, values[len(values) // 2], False)
        spec = spec_of(case, seed).with_values({RULES[rule]["planted"]: case.planted})
        found.append(letf.run(spec).metrics["sharpe"])
    return float(np.mean([np.nan if sharpe is None else sharpe for sharpe in found]))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--faded", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    tasks = [(case, given.seed) for case in cases(given.cases, given.seed, given.faded)]
    found = []
    with ProcessPoolExecutor(given.workers, get_context("spawn")) as pool:
        for done in pool.map(judged, tasks):
            found.append(done)
            case, verdict, sharpe, seconds = done
            print(
                f"{case.number:4d} {case.strength:7s}{case.rule:11s}{case.years:3d} years  "
                f"best {sharpe:5.2f}  {verdict}  ({seconds:.1f} s)",
                file=sys.stderr,
                flush=True,
            )
    return table(found)


def table(found: list[tuple[Case, str, float, float]]) -> int:
    """Print the table; 1 if the verdicts are not right often enough."""
    from runs.robustness.verdict.study import VERDICTS

    print(f"| edge | cases | best Sharpe, median | {' | '.join(VERDICTS)} |")
    print(f"|---|---|---|{'---|' * len(VERDICTS)}")
    shares = {}
    for strength in ("none", "weak", "medium", "strong", FADED):
        of = [each for each in found if each[0].strength == strength]
        if not of:
            continue
        counts = Counter(verdict for _, verdict, _, _ in of)
        middle = float(np.nanmedian([sharpe for _, _, sharpe, _ in of]))
        cells = " | ".join(str(counts[verdict]) for verdict in VERDICTS)
        print(f"| {strength} | {len(of)} | {middle:.2f} | {cells} |")
        shares[strength] = counts["robust"] / len(of)
    right = shares.get("none", 0.0) <= MOST_NOISE and shares.get("strong", 1.0) >= LEAST_STRONG
    print("verdicts are right often enough" if right else "verdicts are NOT right often enough")
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
