"""The spec that a page shows to copy, of every question asked of one: pasted into a file it is read, and
is the same spec."""

import html
import inspect
import re

import pytest

import letf
from runs.specs.reading import load_spec

SHORT = {"index": "nasdaq", "end": "2001-12-31"}
STOPS = {"plan.stop": [0.04, 0.08]}
ASKED = {
    "run": lambda: letf.run("rsi_timing", plan={"stop": None}, **SHORT),
    "compare": lambda: letf.compare(["hold", "trend"], **SHORT),
    "today": lambda: letf.today("rsi_timing", index="nasdaq", start="2017-01-03", as_of="2018-09-04"),
    "alternatives": lambda: letf.alternatives("rsi_timing", **SHORT),
    "sweep": lambda: letf.sweep("rsi_timing", STOPS, verify=0, **SHORT),
    "walkforward": lambda: letf.walkforward("rsi_timing", STOPS, index="nasdaq"),
    "starts": lambda: letf.starts("trend", **SHORT),
    "montecarlo": lambda: letf.montecarlo("rsi_timing", paths=20, workers=1, **SHORT),
    "stress": lambda: letf.stress("trend", paths=["chop"], impact="sqrt", **SHORT),
    "robustness": lambda: letf.robustness("trend", draws=100, timings=100, paths=100, **SHORT),
    "luck": lambda: letf.luck("rsi_timing", trials=10, draws=100, timings=100, **SHORT),
}
BOX = re.compile(r'<pre id="spec(?:-\d+)?">(.*?)</pre>', re.DOTALL)


def test_every_question_that_is_asked_of_a_spec_is_here():
    first = {
        name: next(iter(inspect.signature(ask).parameters), "")
        for name in letf.__all__
        if inspect.isfunction(ask := getattr(letf, name))
    }
    assert {name for name, what in first.items() if what in ("what", "specs")} - {"spec"} == set(ASKED)


@pytest.mark.parametrize("question", ASKED)
def test_a_page_s_spec_to_copy_is_read_and_is_the_same(question, tmp_path):
    answer = ASKED[question]()
    shown = [html.unescape(text) for text in BOX.findall(answer.to_html())]
    given = answer.provenance.spec
    wanted = list(given.values()) if question == "compare" else [given]
    assert len(shown) == len(wanted) >= 1
    for text, spec in zip(shown, wanted, strict=True):
        (tmp_path / "pasted.toml").write_text(text, encoding="utf-8")
        pasted = load_spec(str(tmp_path / "pasted.toml"))
        assert pasted.resolved() == spec
        if question in ("sweep", "walkforward"):
            assert pasted.sweep
