"""What a person waits for before anything is computed: each in a fresh process, processor time, medians.

Python itself takes some hundredths of a second of each.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from statistics import median

from benchmarks.figures import tell

ROUNDS = 7
CLI = ("-m", "runs.commands.cli")
STARTS = {
    "letf --help": ((*CLI, "--help"), 0.1),
    "import letf": (("-c", "import letf"), 0.1),
    "letf strategies": ((*CLI, "strategies"), 0.3),
}


def spent(words: tuple[str, ...]) -> float:
    """Seconds of processor time of a Python process with these arguments."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run((sys.executable, *words), check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    for what, (words, limit) in STARTS.items():
        spent(words)
        tell(what, median(spent(words) for _ in range(ROUNDS)), "s", limit=limit)
    return 0


if __name__ == "__main__":
    sys.exit(main())
