"""One case, judged: both engines say the same of it, and whatever is refused is refused in a sentence."""

from __future__ import annotations

import contextlib
import re
import signal
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from letf_instruments import LedgerError, LetfError
from runs.answers.files import as_json
from runs.backtest.answer import answer_of
from runs.backtest.event_driven import run_account
from runs.backtest.result import run_spec
from runs.backtest.setting import load_setting
from runs.specs.reading import load_spec
from runs.specs.run_spec import RunSpec
from runs.sweeps.engines.by_kernel import KernelEngine
from runs.sweeps.engines.choice import choose
from runs.sweeps.engines.engine import KERNEL
from runs.sweeps.engines.job import Job
from runs.sweeps.space.grid import Axis, Grid
from runs.sweeps.verify import ParityError, compare

PATIENCE = 60  # seconds of the processor; a case of 200 bars takes one
MOST_CELLS = 100  # of a case
Vary = Callable[[RunSpec], Grid]


@dataclass(frozen=True)
class Judged:
    """refused : the sentence of a case that cannot be run. pairs : runs that both engines made. fills : in
    them. fault : what is wrong, its kind first ("TypeError in broker.py"); None if nothing is."""

    refused: str | None = None
    pairs: int = 0
    fills: int = 0
    fault: str | None = None
    at: str = ""  # which values of a case in many variations show it

    @property
    def kind(self) -> str:
        """What sort of fault it is, whatever its numbers are."""
        return re.sub(r"[-+−]?\d[\d.,:e+-]*|nan|inf", "#", self.fault or "")[:70]


class Hanging(BaseException):
    """A case takes longer than any may."""


@contextlib.contextmanager
def _not_for_ever(cells: int) -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        raise Hanging

    # Of the processor, not of the clock: on a busy machine nothing hangs that is only waiting for its turn.
    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, PATIENCE * cells)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def judge(folder: Path, answered: bool = False, vary: Vary | None = None) -> Judged:
    """Run the case in a folder.

    Parameters
    ----------
    answered : True asks for the answer of `letf run` too.
    vary : gives the cells that are run, those alone that both engines can; the case as it stands if None.
    """
    try:
        with (
            _not_for_ever(1 if vary is None else MOST_CELLS),
            warnings.catch_warnings(),
            np.errstate(all="ignore"),
        ):
            warnings.simplefilter("ignore")
            spec = load_spec(folder / "s.toml")
            judged = _engines(spec, folder, _as_it_stands(spec) if vary is None else vary(spec))
            if answered and judged.refused is None and judged.fault is None:
                as_json(dict(answer_of(run_spec(spec, load_setting(spec, folder))).metrics))
            return judged
    except LedgerError as error:
        return Judged(fault=f"LedgerError: {error}")
    except LetfError as error:
        return _a_sentence(str(error))
    except Hanging:
        return Judged(fault=f"hangs: more than {PATIENCE} s")
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        return Judged(fault=f"{type(error).__name__} in {Path(last.filename).name}: {error}")


def _a_sentence(said: str) -> Judged:
    if "\n" in said or len(said) > 600 or "Traceback" in said:
        return Judged(fault=f"no sentence: {said:.300}")
    return Judged(refused=said)


def _as_it_stands(spec: RunSpec) -> Grid:
    return Grid((Axis("costs.slippage_bps", (spec.costs.slippage_bps,)),))


def _engines(spec: RunSpec, folder: Path, grid: Grid) -> Judged:
    """The same fills, account and metrics in both engines, or the same sentence, in each cell.

    Of many cells those that the compiled engine leaves to the other are not run: there is nothing to compare.
    """
    job = Job(spec, grid, choose(spec, grid, None)[0], folder)
    engine = KernelEngine(job) if job.engine == KERNEL else None
    if engine is None and grid.size > 1:
        return Judged()
    rows = engine.evaluate(np.arange(grid.size)) if engine is not None else {}
    found = [_cell(job, engine, rows, cell) for cell in range(grid.size)]
    wrong = next((judged for judged in found if judged.fault is not None), None)
    if wrong is not None:
        at = f" with {grid.values(found.index(wrong))}" if grid.size > 1 else ""
        return replace(wrong, at=at)
    pairs, fills = sum(judged.pairs for judged in found), sum(judged.fills for judged in found)
    return found[0] if len(found) == 1 else Judged(None if pairs else found[0].refused, pairs, fills)


def _cell(job: Job, engine: KernelEngine | None, rows: Mapping[str, Any], cell: int) -> Judged:
    if job.grid.size > 1 and rows["refused"][cell] is None and rows["engine"][cell] != KERNEL:
        return Judged()
    values = job.grid.values(cell)
    setting = job.markets.of(values)
    try:
        own = job.markets.spec(values)
        rule = own.make_rule()
        there, why = run_account(own, setting, rule), None
    except LedgerError:
        raise
    except LetfError as error:
        there, why = None, str(error)
    if engine is None:
        return Judged(fills=len(there.fills)) if there is not None else _a_sentence(str(why))
    refused = rows["refused"][cell]
    # Of a value out of bounds beside another fault each engine may say the other first.
    alike = refused == why if job.grid.size == 1 else (refused is None) == (why is None)
    if not alike:
        return Judged(fault=f"one engine refuses: the kernel says {refused!r}, backtrader {why!r}")
    if there is None:
        return _a_sentence(str(why))
    if rows["engine"][cell] != KERNEL:
        return Judged(fills=len(there.fills))
    scene, here = engine.record(cell)
    kept = {name: None if np.isnan(rows[name][cell]) else float(rows[name][cell]) for name in job.metrics}
    try:
        compare("its fills", scene.market.sessions, here, there, kept)
    except ParityError as error:
        return Judged(fault=f"differs: {error}".replace("differs: its fills", "differs"))
    return Judged(pairs=1, fills=len(there.fills))
