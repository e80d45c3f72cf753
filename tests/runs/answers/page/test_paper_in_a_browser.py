"""A page on paper: light, whatever the screen is, pictures and all; and the screen as before afterwards."""

import base64
import io
import shutil
import subprocess

import pytest
from PIL import Image

from runs.answers.answer import Answer
from runs.answers.parts import Section, Table
from runs.answers.provenance import Provenance
from tests import browser as chromium
from tests.runs.answers.page.made import box, window
from tests.runs.answers.page.test_palette import DARK, LIGHT

pytestmark = pytest.mark.skipif(chromium.missing() is not None, reason=str(chromium.missing()))

# The images that stand on the sheets, before they are taken away again.
KEEP = """(() => {
  window.kept = [];
  for (const box of document.querySelectorAll('.closer')) if (box.whole) {
    const whole = box.whole, printed = whole.printed;
    whole.printed = () => {
      window.kept.push(...whole.panes.map(pane => pane.image.src)); printed.call(whole);
    };
  }
})()"""


def rgb(colour):
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


def line_colour(page, pane=0):
    """Of the first line of a pane, as the library has it."""
    return page.evaluate(
        f"document.querySelector('#picture-equity .closer').whole.panes[{pane}].items[0].glyphs.at(-1)"
        ".glyph.line_color.value"
    )


def printed(page):
    """The colours of each picture on the sheets, and how many points have each."""
    page.evaluate(KEEP)
    page.pdf(format="A4")
    images = [base64.b64decode(source.partition(",")[2]) for source in page.evaluate("window.kept")]
    pictures = [Image.open(io.BytesIO(image)).convert("RGB") for image in images]
    return [{colour: count for count, colour in each.getcolors(1 << 24)} for each in pictures]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_pictures_on_paper_have_the_light_palette(started, address, dark):
    with chromium.opened(started, address, dark=dark) as it:
        found = printed(it.page)
    money, fall, price = found[:3]
    assert all(max(each, key=each.get) == rgb(LIGHT["paper"]) for each in found)
    assert money[rgb(LIGHT["c-rule"])] > 50
    assert price[rgb(LIGHT["c-gain"])] > 50  # candles, whose colours are data
    assert all(each[rgb(LIGHT["ink"])] > 20 for each in (money, fall))  # the words at the axes
    for name in ("c-rule", "c-fund", "c-gain", "ink", "line", "paper"):
        assert all(rgb(DARK[name]) not in each for each in found), name
    assert it.errors == []


def test_all_else_on_paper_is_light_too(started, address_of):
    with chromium.opened(started, address_of("equity"), dark=True) as it:
        it.page.emulate_media(media="print", color_scheme="dark")
        for name, colour in LIGHT.items():
            said = it.page.evaluate(
                f"getComputedStyle(document.documentElement).getPropertyValue('--{name}').trim()"
            )
            assert said == colour, name


def test_after_paper_the_screen_is_as_before(started, address_of):
    with chromium.opened(started, address_of("equity"), dark=True) as it:
        box(it.page, "equity").get_by_role("button", name="1y", exact=True).click()
        it.page.wait_for_timeout(100)
        before = window(it.page), line_colour(it.page)
        it.page.pdf()
        assert (window(it.page), line_colour(it.page)) == before
        assert before[1] == DARK["c-rule"]
        assert it.page.locator("img.printed").count() == 0
        assert box(it.page, "equity").locator(".pane").first.is_visible()


def test_a_screen_that_turns_dark_keeps_the_stretch_in_sight(started, address_of):
    with chromium.opened(started, address_of("equity")) as it:
        box(it.page, "equity").get_by_role("button", name="1y", exact=True).click()
        it.page.wait_for_timeout(100)
        seen = window(it.page)
        assert line_colour(it.page) == LIGHT["c-rule"]
        it.page.emulate_media(color_scheme="dark")
        it.page.wait_for_timeout(200)
        assert line_colour(it.page) == DARK["c-rule"]
        assert window(it.page) == seen


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (Poppler) is not installed")
def test_no_sheet_ends_with_a_caption_or_with_headings_alone(started, tmp_path):
    rows = [[f"2000-01-{day:02d}", f"{day}.00"] for day in range(1, 32)]
    table = Table("CAPTION", ["day", "profit"], rows, long=True)
    answer = Answer(
        question="run",
        name="paper",
        title="paper",
        headline="h",
        sections=[Section("All", sentences=["before"], tables=[table])],
        provenance=Provenance({}, {}),
    )
    (tmp_path / "report.html").write_text(answer.to_html(), encoding="utf-8")
    with chromium.opened(started, (tmp_path / "report.html").as_uri()) as it:
        sheets = set()
        for height in range(700, 800, 10):  # the table begins ever nearer to the end of the first sheet
            it.page.evaluate(f"document.querySelector('section p').style.height = '{height}px'")
            it.page.pdf(path=tmp_path / "page.pdf", format="A4")
            said = subprocess.run(
                ["pdftotext", "-layout", tmp_path / "page.pdf", "-"],
                capture_output=True,
                text=True,
                check=True,
            )
            pages = [page.split() for page in said.stdout.split("\f")]
            (own,) = (at for at, words in enumerate(pages) if "CAPTION" in words)
            assert "2000-01-01" in pages[own], height
            sheets.add(own)
        assert sheets == {0, 1}  # it was moved at some height, and was not at another
