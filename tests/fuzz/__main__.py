"""Random specs on random bars through both engines, and files as they should not be, for a time.

    python -m tests.fuzz --seconds 1800               # a fresh seed, printed
    python -m tests.fuzz --cases 60 --seed 1          # the same each time
    python -m tests.fuzz --pairs 100000               # so many plans on random markets, alike in both engines
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
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from tests.fuzz.judge import Judged, judge
from tests.fuzz.markets import damage
from tests.fuzz.shrink import shrink
from tests.fuzz.specs import write_case
from tests.fuzz.variations import variations

CASES = Path(__file__).parent / "cases"
DAMAGED, ANSWERED = 0.15, 0.15  # shares of the cases
TELL = 60.0  # seconds from one word on how far it is to the next


def make(folder: Path, seed: int, number: int, whole: bool = False) -> bool:
    """Write a case; True if the answer of `letf run` is to be asked for too. whole : no file is damaged."""
    rng = np.random.default_rng([seed, number])
    folder.mkdir()
    write_case(folder, rng)
    if rng.random() < DAMAGED and not whole:
        files = sorted(folder.iterdir())
        file = files[int(rng.integers(len(files)))]
        file.write_bytes(damage(file.read_bytes(), rng))
    return bool(rng.random() < ANSWERED)


def fuzz(seed: int, seconds: float, cases: int, saved: Path, pairs: int | None = None) -> list[str]:
    """Try cases until time or number are up.

    Parameters
    ----------
    pairs : runs that both engines have to make, the plan of each case in many variations and no file damaged;
        None tries each case as it stands.

    Returns
    -------
    What went wrong, a line for each kind of fault.
    """
    began, number, fills, both = time.monotonic(), 0, 0, 0
    told = began
    enough = sys.maxsize if pairs is None else pairs
    refused: Counter[str] = Counter()
    found: dict[str, str] = {}
    with TemporaryDirectory() as place:
        while number < cases and time.monotonic() - began < seconds and both < enough:
            folder = Path(place) / str(number)
            answered = make(folder, seed, number, whole=pairs is not None)
            own = np.random.default_rng([seed, number, 1])
            vary = None if pairs is None else partial(variations, rng=own)
            judged = judge(folder, answered, vary)
            if judged.fault is not None and judged.kind not in found:
                found[judged.kind] = f"seed {seed}, case {number}{judged.at}: {judged.fault:.400}"
                print(found[judged.kind], flush=True)
                _save(folder, judged, Path(place) / "work", saved / f"{seed}_{number}")
            if judged.refused is not None:
                refused[judged.refused[:60]] += 1
            fills += judged.fills
            both += judged.pairs
            shutil.rmtree(folder)
            number += 1
            if time.monotonic() - told > TELL:
                told = time.monotonic()
                print(f"  {number:,} cases, {both:,} runs in both engines", file=sys.stderr, flush=True)
    ran = number - sum(refused.values())
    print(
        f"seed {seed}: {number:,} cases in {time.monotonic() - began:,.0f} s, {ran:,} ran, {both:,} runs in "
        f"both engines, {fills:,} fills, {sum(refused.values()):,} refused in a sentence; {len(found)} kinds "
        "of fault"
    )
    return list(found.values())


def _save(folder: Path, judged: Judged, work: Path, saved: Path) -> None:
    if not judged.at and not judged.kind.startswith("hangs"):
        shrink(folder, judged.kind, work)
    shutil.rmtree(saved, ignore_errors=True)
    shutil.copytree(folder, saved)
    print(f"  shrunk and saved: {saved}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--cases", type=int, default=sys.maxsize)
    parser.add_argument("--pairs", type=int, default=None, help="runs that both engines make")
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
    if given.seconds == float("inf") and given.cases == sys.maxsize and given.pairs is None:
        parser.error("say for how long: --seconds, --cases or --pairs")
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    print(f"seed {seed}", flush=True)
    return int(bool(fuzz(seed, given.seconds, given.cases, CASES, given.pairs)))


if __name__ == "__main__":
    sys.exit(main())
