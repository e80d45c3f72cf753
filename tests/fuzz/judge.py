"""One case, judged: both engines say the same of it, and whatever is refused is refused in a sentence."""

from __future__ import annotations

import contextlib
import re
import signal
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

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

PATIENCE = 60  # seconds; a case of 200 bars takes one


@dataclass(frozen=True)
class Judged:
    """refused : the sentence of a case that cannot be run. fills : that both engines made. fault : what is
    wrong, its kind first ("TypeError in broker.py"); None if nothing is."""

    refused: str | None = None
    fills: int = 0
    fault: str | None = None

    @property
    def kind(self) -> str:
        """What sort of fault it is, whatever its numbers are."""
        return re.sub(r"[-+−]?\d[\d.,:e+-]*|nan|inf", "#", self.fault or "")[:70]


class Hanging(BaseException):
    """A case takes longer than any may."""


@contextlib.contextmanager
def _not_for_ever() -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        raise Hanging

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def judge(folder: Path, answered: bool = False) -> Judged:
    """Run the case in a folder.

    Parameters
    ----------
    answered : True asks for the answer of `letf run` too.
    """
    try:
        with _not_for_ever(), warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            spec = load_spec(folder / "s.toml")
            judged = _engines(spec, folder)
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


def _engines(spec: RunSpec, folder: Path) -> Judged:
    """The same fills, account and metrics in both engines, or the same sentence."""
    grid = Grid((Axis("costs.slippage_bps", (spec.costs.slippage_bps,)),))
    job = Job(spec, grid, choose(spec, grid, None)[0], folder)
    markets, values = job.markets, grid.values(0)
    setting, own = markets.of(values), markets.spec(values)
    try:
        there, why = run_account(own, setting, own.make_rule()), None
    except LedgerError:
        raise
    except LetfError as error:
        there, why = None, str(error)
    if job.engine != KERNEL:
        return Judged(fills=len(there.fills)) if there is not None else _a_sentence(str(why))
    engine = KernelEngine(job)
    row = engine.evaluate(np.arange(1))
    refused = row["refused"][0]
    if refused != why:
        return Judged(fault=f"one engine refuses: the kernel says {refused!r}, backtrader {why!r}")
    if there is None:
        return _a_sentence(str(why))
    if row["engine"][0] == KERNEL:
        scene, here = engine.record(0)
        kept = {name: None if np.isnan(row[name][0]) else float(row[name][0]) for name in job.metrics}
        try:
            compare("its fills", scene.market.sessions, here, there, kept)
        except ParityError as error:
            return Judged(fault=f"differs: {error}".replace("differs: its fills", "differs"))
    return Judged(fills=len(there.fills))
