"""A new question is one folder, and a call where commands are registered: no other file knows of it."""

import importlib
import json
import re
import sys

import pytest

from runs.commands import cli
from runs.commands.shell import answered
from tests.runs.command import letf, read

FOLDER = {
    "__init__.py": '"""How often an index rises."""\n',
    "study.py": """
import numpy as np

def rises(bars):
    years = bars.sessions[1:].astype("datetime64[Y]").astype(str)
    up = np.diff(bars.close) > 0
    return {str(year): float(up[years == year].mean()) for year in np.unique(years)}
""",
    "words.py": """
from runs.answers.parts import Table
from runs.answers.words import share

def table(found):
    return Table("Share of sessions that rose", ["year", "rose"], [[y, share(v)] for y, v in found.items()])
""",
    "charts.py": """
from runs.answers.canvas import new_figure

def chart(found, simulated):
    figure, (axis,) = new_figure("Share of sessions that rose", simulated)
    axis.bar(list(found), list(found.values()))
    return figure
""",
    "answer.py": """
import pandas as pd

from runs.answers.answer import Answer
from runs.answers.parts import Frames, Picture, Section
from runs.studies.inputs import asked, load_inputs, provenance_of
from {name}.charts import chart
from {name}.study import rises
from {name}.words import table

def ask(index, say):
    say("counting")
    inputs = load_inputs("SOXL", index)
    found = rises(inputs.bars)
    frames = Frames({{"rises": lambda: pd.DataFrame({{"share": found}}).rename_axis("year")}})
    picture = Picture("A bar a year", lambda: chart(found, inputs.bars.simulated))
    return Answer(
        question="rises",
        name=inputs.bars.name,
        title=f"How often {{inputs.bars.name}} rises",
        headline=f"{{inputs.bars.name}} rose on {{sum(found.values()) / len(found):.1%}} of sessions.",
        sections=[Section("By year", tables=[table(found)], pictures={{"rises": picture}})],
        provenance=provenance_of(asked("rises", index=index), inputs, []),
        metrics=found,
        frames=frames,
        files={{"rises.json": lambda: found, "rises.csv": lambda: frames["rises"]}},
        notes=inputs.notes,
    )
""",
}


@pytest.fixture
def registered(tmp_path, monkeypatch):
    name = "toy_question"
    folder = tmp_path / name
    folder.mkdir()
    for file, text in FOLDER.items():
        (folder / file).write_text(text.format(name=name) if file == "answer.py" else text)
    monkeypatch.syspath_prepend(str(tmp_path))

    def rises(index: str) -> None:
        """How often an index rises."""
        answered(lambda say: importlib.import_module(f"{name}.answer").ask(index, say), None)

    groups = {title: dict(commands) for title, commands in cli.GROUPS.items()}
    monkeypatch.setattr(cli, "GROUPS", groups)
    cli.register(rises, "Ask about a fund", "letf rises nasdaq")
    yield
    for module in [m for m in sys.modules if m.startswith(name)]:
        del sys.modules[module]


def test_it_has_all_four_faces(registered, tmp_path):
    done = letf("rises", "nasdaq", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert re.match(r"nasdaq rose on \d\d\.\d% of sessions\.", done.stdout)
    assert "Share of sessions that rose" in done.stdout
    folder = tmp_path / "runs" / "output" / "rises_nasdaq"
    manifest = json.loads((folder / "manifest.json").read_text())
    assert sorted(manifest["files"]) == sorted(p.name for p in folder.iterdir())
    assert set(manifest["files"]) > {"report.html", "rises.png", "rises.csv", "rises.json"}
    assert manifest["spec"] == {"command": "rises", "index": "nasdaq"}
    assert [row["year"] for row in read(folder / "rises.csv")][:2] == ["1999", "2000"]
    assert "How often nasdaq rises" in (folder / "report.html").read_text()
    again = letf("rises", "nasdaq", cwd=tmp_path)
    assert "it takes the place of the result of" in again.stdout
    answer = importlib.import_module("toy_question.answer").ask("nasdaq", lambda words: None)
    assert "data:image/png" in answer._repr_html_()
    assert re.search(r"^  rises +How often an index rises\.$", letf("--help").stdout, re.MULTILINE)
    assert "Example: letf rises nasdaq" in letf("rises", "--help").stdout
