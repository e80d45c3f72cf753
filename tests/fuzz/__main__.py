"""Random specs on random bars through both engines, and files as they should not be, for a time.

    python -m tests.fuzz --seconds 1800               # a fresh seed, printed
    python -m tests.fuzz --cases 60 --seed 1          # the same each time
    python -m tests.fuzz --one 17:4021                # case 4021 of seed 17 again

What goes wrong is shrunk and saved under tests/fuzz/cases, where it is tried from then on with every test.
"""

from __future__ import annotations

import argparse
import secrets
import shutil
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from tests.fuzz.judge import Judged, judge
from tests.fuzz.markets import damage
from tests.fuzz.shrink import shrink
from tests.fuzz.specs import write_case

CASES = Path(__file__).parent / "cases"
DAMAGED, ANSWERED = 0.15, 0.15  # shares of the cases


def make(folder: Path, seed: int, number: int) -> bool:
    """Write a case; True if the answer of `letf run` is to be asked for too."""
    rng = np.random.default_rng([seed, number])
    folder.mkdir()
    write_case(folder, rng)
    if rng.random() < DAMAGED:
        files = sorted(folder.iterdir())
        file = files[int(rng.integers(len(files)))]
        file.write_bytes(damage(file.read_bytes(), rng))
    return bool(rng.random() < ANSWERED)


def fuzz(seed: int, seconds: float, cases: int, saved: Path) -> list[str]:
    """Try cases until time or number are up.

    Returns
    -------
    What went wrong, a line for each kind of fault.
    """
    began, number, fills = time.monotonic(), 0, 0
    refused: Counter[str] = Counter()
    found: dict[str, str] = {}
    with TemporaryDirectory() as place:
        while number < cases and time.monotonic() - began < seconds:
            folder = Path(place) / str(number)
            judged = judge(folder, make(folder, seed, number))
            if judged.fault is not None and judged.kind not in found:
                found[judged.kind] = f"seed {seed}, case {number}: {judged.fault:.400}"
                print(found[judged.kind], flush=True)
                _save(folder, judged, Path(place) / "work", saved / f"{seed}_{number}")
            if judged.refused is not None:
                refused[judged.refused[:60]] += 1
            fills += judged.fills
            shutil.rmtree(folder)
            number += 1
    ran = number - sum(refused.values())
    print(
        f"seed {seed}: {number:,} cases in {time.monotonic() - began:,.0f} s, {ran:,} ran with {fills:,} "
        f"fills, {sum(refused.values()):,} refused in a sentence; {len(found)} kinds of fault"
    )
    return list(found.values())


def _save(folder: Path, judged: Judged, work: Path, saved: Path) -> None:
    if not judged.kind.startswith("hangs"):
        shrink(folder, judged.kind, work)
    shutil.rmtree(saved, ignore_errors=True)
    shutil.copytree(folder, saved)
    print(f"  shrunk and saved: {saved}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--cases", type=int, default=sys.maxsize)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--one", default=None, help="SEED:CASE, again and not shrunk")
    given = parser.parse_args()
    if given.one is not None:
        seed, number = map(int, given.one.split(":"))
        with TemporaryDirectory() as place:
            folder = Path(place) / "case"
            judged = judge(folder, make(folder, seed, number))
            print((folder / "s.toml").read_text(errors="replace"))
            print(judged)
        return int(judged.fault is not None)
    if given.seconds == float("inf") and given.cases == sys.maxsize:
        parser.error("say for how long: --seconds or --cases")
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    print(f"seed {seed}", flush=True)
    return int(bool(fuzz(seed, given.seconds, given.cases, CASES)))


if __name__ == "__main__":
    sys.exit(main())
