"""The README's script is run as it stands, and its commands exist."""

import re
import subprocess
import sys

from runs.specs.reading import load_spec
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def script() -> str:
    (text,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    return text


def test_the_plain_backtrader_script_is_short_and_runs():
    assert len(script().splitlines()) <= 20
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


def test_the_constraints_are_versions_and_nothing_else():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert len(lines) > 30
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line) for line in lines)
