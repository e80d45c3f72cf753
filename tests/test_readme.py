"""The README's script is run as it stands, and its commands exist."""

import json
import re
import subprocess
import sys

from runs.specs.reading import load_spec
from tests import forked
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def scripts(text: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)


def run(script: str, folder) -> str:
    done = forked.script(script, folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_script_that_it_leads_with_runs_anywhere(tmp_path):
    (first,) = scripts(README)
    done = subprocess.run([sys.executable, "-c", first], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("rsi_timing on nasdaq, 1999-01-04 to 2018-12-31: ")
    assert list(tmp_path.iterdir()) == []


def test_the_plain_backtrader_script_is_short_and_runs(tmp_path):
    plain = scripts((ROOT / "docs" / "scripts.md").read_text(encoding="utf-8"))[-1]
    assert len(plain.splitlines()) <= 20
    assert float(run(plain, tmp_path)) != 10_000.0  # it traded


def test_the_scripts_of_the_page_on_scripts_run_one_after_another(tmp_path):
    page = (ROOT / "docs" / "scripts.md").read_text(encoding="utf-8")
    run("\n".join(scripts(page)), tmp_path)


def test_every_function_that_pages_name_is_there():
    import letf

    for page in (README, (ROOT / "docs" / "scripts.md").read_text(encoding="utf-8")):
        named = set(re.findall(r"letf\.([A-Za-z_]+)\b(?!\.py)", page))
        assert named
        assert named <= set(letf.__all__)


def test_the_notebook_has_ten_cells_and_no_outputs():
    cells = json.loads((ROOT / "docs" / "notebooks" / "start.ipynb").read_text(encoding="utf-8"))["cells"]
    assert len(cells) == 10
    assert not any(cell["outputs"] for cell in cells)


def test_the_specs_it_names_can_be_loaded():
    pages = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    named = set(re.findall(r"letf run (\S+\.toml)", pages))
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
