"""The commands that the pages lead with are run, and their figures are those that the pages show."""

import re
import shlex
from pathlib import Path

import pytest

from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest
from tests import forked
from tests.conftest import ROOT
from tests.runs.command import letf

PAGES = [ROOT / "docs" / "start.md", *sorted((ROOT / "docs" / "questions").glob("*.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$|^    (letf [^\n]+)$", re.DOTALL | re.MULTILINE)
NUMBER = re.compile(r"(?<![\w.])[−+-]?\$?\d[\d,]*(?:\.\d+)?")


def quoted(indented: bool) -> list[tuple[Path, str, str]]:
    """Page, command and all that it said; an indented command needs data that do not come along."""
    found: dict[tuple[Path, str, bool], str] = {}
    for page in PAGES:
        command = None
        for language, body, there in BLOCK.findall(page.read_text(encoding="utf-8")):
            if there or (language == "" and body.startswith("letf ")):
                command = (page, (there or body).strip(), bool(there))
            elif language == "text" and command is not None:
                found[command] = found.get(command, "") + body
    return [(page, command, said) for (page, command, there), said in found.items() if there == indented]


def check(command: str, said: str, folder: Path, **env: str) -> None:
    done = letf(*shlex.split(command)[1:], cwd=folder, COLUMNS="250", **env)
    assert done.returncode in (0, 10), done.stderr
    missing = set(NUMBER.findall(said)) - set(NUMBER.findall(done.stdout + done.stderr))
    assert not missing, (missing, done.stdout)


@pytest.mark.parametrize(("page", "command", "said"), quoted(indented=False), ids=lambda part: str(part)[:40])
def test_a_page_shows_the_figures_of_its_command(page, command, said, tmp_path):
    text = page.read_text(encoding="utf-8")
    for language, name in (("python", "dip.py"), ("toml", "dip.toml")):
        if name in text:
            (tmp_path / name).write_text(re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)[0])
    check(command, said, tmp_path)


@pytest.mark.market
@pytest.mark.parametrize(("page", "command", "said"), quoted(indented=True), ids=lambda part: str(part)[:40])
def test_a_page_shows_the_figures_on_real_prices(page, command, said, tmp_path, market_folder):
    check(command, said, tmp_path, LETF_DATA_DIR=str(market_folder.resolve()))


def test_every_page_of_questions_has_such_a_command():
    shown = {page for page, *_ in quoted(indented=False)}
    assert {page for page in PAGES if page.name != "README.md"} == shown


@pytest.mark.parametrize(
    "page", [page for page in PAGES if "```python" in page.read_text(encoding="utf-8")], ids=str
)
def test_the_scripts_of_a_page_run(page, tmp_path):
    for script in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL):
        done = forked.script(script, tmp_path)
        assert done.returncode == 0, done.stderr


def test_the_start_tells_in_words_what_the_first_run_made():
    made = run_backtest(load_spec("rsi_timing"), studies=False).metrics
    lost, earned = 100_000 - made["final_equity"], made["interest_earned"]
    text = " ".join((ROOT / "docs" / "start.md").read_text(encoding="utf-8").split())
    assert (
        f"of 100,000 the rule lost {lost:,.0f}: its trades lost {lost + earned:,.0f} after costs, "
        f"and idle cash earned {earned:,.0f}."
    ) in text
