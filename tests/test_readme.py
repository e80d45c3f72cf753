"""The README's script is run as it stands, and its commands exist."""

import re
import subprocess
import sys
from pathlib import Path

from runs.spec import load_spec
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def script() -> str:
    (text,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    return text


def test_the_plain_backtrader_script_is_short_and_runs():
    assert len([line for line in script().splitlines() if line.strip()]) <= 20
    done = subprocess.run([sys.executable, "-c", script()], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) != 10_000.0  # it traded


def test_the_specs_it_names_can_be_loaded():
    named = set(re.findall(r"letf run (\S+\.toml)", README))
    assert named
    for path in named:
        assert load_spec(ROOT / path)


def test_the_files_it_links_are_there():
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_nothing_in_the_repository_names_this_machine_or_a_registry():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    words = re.compile("py" + r"pi\.org|files\.pythonhosted|file:///|/ro" + "ot/|/wo" + "rk/")
    for name in listed.stdout.split():
        path = Path(ROOT / name)
        if path.suffix in {".py", ".md", ".toml", ".txt", ".csv", ".j2", ""} and path.is_file():
            assert not words.search(path.read_text(encoding="utf-8", errors="replace")), name
