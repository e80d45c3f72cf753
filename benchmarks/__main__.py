"""All benchmarks, one after another, and one table of what they measured (`make bench`).

    python -m benchmarks                 # all
    python -m benchmarks one_run sweep   # some

Each runs in a process of its own. The figures are added to benchmarks/results.csv under the commit that they
are of (with a + where files have been changed since); what is slower than at the last commit measured on such
a machine is marked.
"""

from __future__ import annotations

import csv
import datetime
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figures import HEADS, KEPT, Figure, table

ALL = (
    *("starts", "one_run", "long_run", "synthesis", "open_orders"),
    *("sweep", "account_sweep", "cluster", "luck", "montecarlo", "footprint"),
)
RESULTS = Path(__file__).parent / "results.csv"
COLUMNS = ("commit", "date", "machine", "what", "value", "unit", "peer", "theirs", "limit", "most")
SLIP = 1.15  # times as much as before, or as little


def measured(names: list[str]) -> tuple[list[Figure], list[str]]:
    """The figures of these benchmarks, and the names of those that failed."""
    with TemporaryDirectory() as folder:
        kept = Path(folder) / "figures"
        kept.touch()
        failed = []
        # What has run once is kept compiled, Python's bytecode like numba's machine code, whatever this shell
        # says: a person's own does not ask for anything else.
        own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        for name in names:
            print(name, flush=True)
            done = subprocess.run(
                (sys.executable, "-m", f"benchmarks.{name}"),
                check=False,
                env={**own, KEPT: str(kept)},
            )
            if done.returncode:
                failed.append(name)
        return [Figure(*json.loads(line)) for line in kept.read_text("utf-8").splitlines()], failed


def commit() -> str:
    """The commit of the working tree; with a + if it has been changed since."""

    def git(*words: str) -> str:
        return subprocess.run(
            ("git", *words), check=True, stdout=subprocess.PIPE, text=True, cwd=RESULTS.parent
        ).stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", ":!benchmarks/results.csv")
    return git("rev-parse", "--short=9", "HEAD") + ("+" if changed else "")


def machine() -> str:
    """What sort of machine this is: figures of another are not comparable."""
    python = platform.python_version()
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {python}"


def before(what: str, kept: list[dict[str, str]], here: str, now: str) -> tuple[str, float] | None:
    """The last commit but this one under which a figure was kept on such a machine, and its value."""
    for row in reversed(kept):
        if row["what"] == what and row["machine"] == here and row["commit"].rstrip("+") != now.rstrip("+"):
            return row["commit"], float(row["value"])
    return None


def slip(figure: Figure, old: tuple[str, float] | None) -> str:
    """What to say of a figure against the one before; "" where it is no worse. All are of time or memory."""
    if old is None or not figure.value > SLIP * old[1]:
        return ""
    return f"SLIPPED: {old[1]:.3g} {figure.unit} at {old[0]}, {figure.value / old[1]:.2f} × now"


def read() -> list[dict[str, str]]:
    if not RESULTS.exists():
        return []
    with RESULTS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def keep(figures: list[Figure], now: str, here: str) -> None:
    """Add figures to the file of results."""
    new = not RESULTS.exists()
    day = datetime.datetime.now(datetime.UTC).date().isoformat()
    with RESULTS.open("a", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        if new:
            rows.writerow(COLUMNS)
        for figure in figures:
            value, theirs = f"{figure.value:.6g}", "" if figure.theirs is None else f"{figure.theirs:.6g}"
            limit = "" if figure.limit is None else f"{figure.limit:g}"
            words = (figure.what, value, figure.unit, figure.peer, theirs, limit, figure.most)
            rows.writerow((now, day, here, *words))


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in ALL]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(ALL)}", file=sys.stderr)
        return 2
    figures, failed = measured(names or list(ALL))
    kept, now, here = read(), commit(), machine()
    slips = [slip(figure, before(figure.what, kept, here, now)) for figure in figures]
    print(f"\n{now} on {here}")
    print(table([(*HEADS, ""), *((*f.row(), said) for f, said in zip(figures, slips, strict=True))]))
    keep(figures, now, here)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
