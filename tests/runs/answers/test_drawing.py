"""No picture costs a result: what cannot be drawn is said where it would stand, and left out."""

import json

from runs.answers.canvas import new_figure
from runs.answers.drawing import KINDS, drawn
from runs.answers.folder import save
from runs.answers.page import page
from runs.answers.parts import Picture, Section
from runs.answers.provenance import Provenance
from runs.answers.record import Record

PICTURES = {
    "whole": Picture("two points", lambda: new_figure("fine", False)[0]),
    "torn": Picture("none", lambda: [][1]),
}
SAID = "the picture torn could not be drawn (IndexError: list index out of range)"


def record():
    parts = [Section("heading", pictures=PICTURES)]
    return Record(
        question="q", name="n", title="t", headline="h", sections=parts, provenance=Provenance({}, {})
    )


def test_the_others_are_drawn_and_the_reason_is_said():
    made = drawn(PICTURES)
    assert list(made.pictures) == ["whole"]
    assert made.missing == {"torn": SAID}


def test_the_page_says_it_where_the_picture_would_stand():
    html = page(record(), drawn(PICTURES))
    assert html.count("<img") == 1
    assert html.index("<img") < html.index(SAID)


def test_the_folder_is_written_without_it_and_its_manifest_says_so(tmp_path):
    saved = save(record(), tmp_path / "r")
    assert saved.missing == (SAID,)
    manifest = json.loads((tmp_path / "r" / "manifest.json").read_text())
    assert manifest["notes"] == [SAID]
    assert set(manifest["files"]) == {"manifest.json", "whole.png", "report.html"}


def test_files_are_of_the_kinds_that_were_asked_for(tmp_path):
    for kinds, wanted in ((("png",), {"whole.png"}), (("svg",), {"whole.svg"}), ((), set())):
        save(record(), tmp_path / "r", kinds=kinds)
        found = {path.name for path in (tmp_path / "r").iterdir()}
        assert found - {"manifest.json", "report.html"} == wanted
        assert "<img" in (tmp_path / "r" / "report.html").read_text()  # the page has its own in any case


def test_a_picture_to_look_into_is_no_file_unless_asked_for():
    looked_into = {"a": Picture("w", lambda: new_figure("f", False)[0], closer=lambda: None)}
    assert drawn(looked_into, kinds=()).pictures == {}
    assert list(drawn(looked_into).files) == ["a.png"]


def test_the_same_picture_is_the_same_svg():
    first, again = (drawn(PICTURES, kinds=("svg",)).files["whole.svg"] for _ in range(2))
    assert first.startswith(b"<?xml")
    assert first == again


def test_an_extra_picture_is_a_file_where_all_are_asked_for():
    extra = {"a": Picture("w", lambda: new_figure("f", False)[0], closer=lambda: None, extra=True)}
    assert drawn(extra).files == {}
    assert set(drawn(extra, kinds=KINDS["all"]).files) == {"a.png", "a.svg"}
