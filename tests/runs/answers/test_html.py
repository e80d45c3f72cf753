"""The page: all that comes from outside is escaped, pictures are inside, nothing is fetched."""

import re

from runs.answers.drawing import Drawn
from runs.answers.html import fragment, page
from runs.answers.parts import Picture, Section, Table
from runs.answers.provenance import Provenance
from runs.answers.record import Record

EVIL = '<script>alert("x")</script>'


def record(**more):
    return Record(
        question="q",
        name=EVIL,
        title=f"title {EVIL}",
        headline=f"headline {EVIL}",
        alarm=f"alarm {EVIL}",
        sections=[
            Section(
                f"heading {EVIL}",
                sentences=[f"sentence {EVIL}"],
                tables=[Table(f"caption {EVIL}", [f"column {EVIL}"], [[f"cell {EVIL}"]])],
                pictures={"p": Picture(f'alt "{EVIL}', lambda: None)},
                fine_print=[f"print {EVIL}"],
            )
        ],
        provenance=Provenance({"spec": EVIL}, {"index": {"name": EVIL, "sha256": "ab" * 32}}, **more),
        notes=[f"note {EVIL}"],
        made=[f"made {EVIL}"],
    )


def test_nothing_from_outside_becomes_markup():
    for html in (page(record(), Drawn({"p": b"png"})), fragment(record(), Drawn({"p": b"png"}))):
        assert "<script" not in html
        for part in ("title", "headline", "alarm", "sentence", "caption", "column", "cell", "note"):
            assert f"{part} &lt;script&gt;" in html, part


def test_pictures_are_inside_and_nothing_is_fetched():
    html = page(record(), Drawn({"p": b"png"}))
    assert html.count("data:image/png;base64,cG5n") == 1
    assert not re.search(r"""(src|href)\s*=\s*["']?(https?:)?//""", html)
    assert "<img" not in page(record(), Drawn())


def test_simulated_prices_are_said_with_their_seed():
    assert "SIMULATED" not in page(record(), Drawn())
    html = page(record(simulated=True, seed=7), Drawn())
    assert "made by a model with seed 7" in html


def test_a_fingerprint_does_not_make_the_page_scroll():
    html = page(record(), Drawn())
    assert "ab" * 32 not in html
    assert "SHA-256 abababababababab…" in html
