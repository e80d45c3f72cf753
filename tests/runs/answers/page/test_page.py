"""The page: all that comes from outside is text, pictures are inside, nothing is fetched."""

import re
import tomllib

import numpy as np
import pytest

from runs.answers.closer import Heatmap, Line, Marks, Pane, Panes
from runs.answers.drawing import Drawn
from runs.answers.page import inline, page
from runs.answers.parts import KeyFigure, Picture, Section, Table, Verdict
from runs.answers.provenance import Provenance
from runs.answers.record import Record

EVIL = '</script><script>alert("x")</script>'
DAYS = np.arange("2001-01-01", "2001-01-04", dtype="datetime64[D]")
THREE = np.array([1.0, 2.0, 3.0])


def evil_panes():
    marks = Marks(EVIL, DAYS[:1], THREE[:1], [EVIL], "gain")
    return Panes(DAYS, [Pane(EVIL, [Line(EVIL, THREE, "rule"), marks], "money")], note=EVIL)


def evil_heatmap():
    return Heatmap(EVIL, EVIL, [EVIL], [EVIL], np.ones((1, 1)), EVIL, words=[[EVIL]])


def record(pictures=None, **more):
    found = {"p": Picture(f'alt "{EVIL}', lambda: None)} if pictures is None else pictures
    return Record(
        question="q",
        name=EVIL,
        title=f"title {EVIL}",
        headline=f"headline {EVIL}",
        alarm=f"alarm {EVIL}",
        asked=f"asked {EVIL}",
        figures=[KeyFigure(f"label {EVIL}", f"value {EVIL}", f"beside {EVIL}")],
        edge=Verdict(f"word {EVIL}", f"said {EVIL}"),
        sections=[
            Section(
                f"heading {EVIL}",
                sentences=[f"sentence {EVIL}"],
                tables=[
                    Table(f"caption {EVIL}", [f"column {EVIL}"], [[f"cell {EVIL}"]]),
                    Table(EVIL, [EVIL], [[EVIL]], long=True),
                    Table(f"tints {EVIL}", [EVIL], [[f"tinted {EVIL}"]], tints=[[0.5]]),
                ],
                pictures=found,
                fine_print=[f"print {EVIL}"],
            )
        ],
        provenance=Provenance({"spec": EVIL}, {"index": {"name": EVIL, "sha256": "ab" * 32}}, **more),
        notes=[f"note {EVIL}"],
        made=[f"made {EVIL}"],
    )


CLOSER = {
    "a": Picture(EVIL, lambda: None, evil_panes),
    "b": Picture(EVIL, lambda: None, evil_heatmap),
}
PARTS = [
    "title",
    "headline",
    "alarm",
    "asked",
    "label",
    "value",
    "beside",
    "word",
    "said",
    "heading",
    "sentence",
    "caption",
    "column",
]
PARTS += ["cell", "tints", "tinted", "print", "note", "made"]


@pytest.mark.parametrize("pictures", [None, CLOSER])
def test_nothing_from_outside_becomes_markup(pictures):
    html = page(record(pictures), Drawn({"p": b"png"}))
    assert "<script>alert" not in html
    assert not re.search(r"</script>\s*&lt;|</script><script>", html)
    for part in PARTS:
        assert f"{part} &lt;/script&gt;" in html, part


def test_a_notebook_shows_the_same_page_in_a_frame_that_sees_nothing_of_it():
    html = inline(page(record(), Drawn()), EVIL)
    assert html.count("<iframe") == 1
    assert "<script" not in html
    assert 'sandbox="allow-scripts allow-downloads"' in html


def test_pictures_are_inside_and_nothing_is_fetched():
    html = page(record(), Drawn({"p": b"png"}))
    assert html.count("data:image/png;base64,cG5n") == 1
    assert not re.search(r"""(src|href)\s*=\s*["']?(https?:)?//""", html)
    assert "<img" not in page(record(), Drawn())


def test_the_library_stands_in_a_page_that_needs_it_and_in_no_other():
    assert 'id="library"' not in page(record(), Drawn())
    assert 'id="library"' in page(record(CLOSER), Drawn())


def test_a_picture_that_cannot_be_made_is_said_and_costs_no_page():
    html = page(record({"torn": Picture("none", lambda: None, lambda: [][1])}), Drawn())
    assert "the picture torn could not be made (IndexError: list index out of range)" in html


def test_the_picture_that_leads_stands_before_all_sections_and_once():
    answer = record(CLOSER)
    object.__setattr__(answer, "lead", "b")
    html = page(answer, Drawn())
    assert html.count('id="picture-b"') == 1
    assert html.index('id="picture-b"') < html.index("<h2") < html.index('id="picture-a"')


def test_simulated_prices_are_said_with_their_seed():
    assert "SIMULATED" not in page(record(), Drawn())
    html = page(record(simulated=True, seed=7), Drawn())
    assert "made by a model with seed 7" in html


def test_a_fingerprint_does_not_make_the_page_scroll():
    html = page(record(), Drawn())
    assert "ab" * 32 not in html
    assert "SHA-256 abababababab…" in html


def test_what_was_asked_stands_there_as_toml_without_what_is_not_set():
    answer = record()
    spec = {"a": None, "b": {"c": 1, "d": None}, "e": [1, 2], "f": {}}
    object.__setattr__(answer, "provenance", Provenance(spec, {}))
    html = page(answer, Drawn())
    text = re.search(r'<pre id="spec">(.*?)</pre>', html, re.S).group(1)
    assert tomllib.loads(text) == {"b": {"c": 1}, "e": [1, 2]}


def test_a_word_of_the_glossary_is_explained_where_it_stands():
    answer = record()
    object.__setattr__(answer, "figures", [KeyFigure("CAGR", "+1 %"), KeyFigure("a word", "2")])
    html = page(answer, Drawn())
    assert re.search(r'<span class="term"[^>]*data-means="Compound annual growth[^"]*">CAGR</span>', html)
    assert "<span>a word</span>" in html


def test_no_number_is_parted_from_its_sign_but_what_is_copied_stays_as_it_was():
    answer = record()
    object.__setattr__(answer, "headline", "It made +12.3 % in all, and trades −$9.80 bn for $5.00 k.")
    object.__setattr__(answer, "provenance", Provenance({"name": "stop 5 %"}, {}))
    html = page(answer, Drawn())
    assert "It made +12.3\u00a0% in all, and trades −\u2060$9.80\u00a0bn for $5.00\u00a0k." in html
    assert "stop 5 %" in html
