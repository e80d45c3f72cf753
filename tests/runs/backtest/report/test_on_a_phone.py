"""The tables of a run on a phone: what they lead to is in sight."""

import pytest

import letf
from tests import browser as chromium

pytestmark = pytest.mark.skipif(chromium.missing() is not None, reason=str(chromium.missing()))
IN_SIGHT = (
    "Plan against outcome, by the door through which trades were left",  # with the profit of each door
    "Profit of each fund traded by cause, in money",
    "What each fund made, and the factors that it comes from",
)


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    file = tmp_path_factory.mktemp("run") / "report.html"
    file.write_text(letf.run("rsi_timing", index="nasdaq").to_html(), encoding="utf-8")
    with (
        chromium.browser() as started,
        chromium.opened(started, file.as_uri(), chromium.PHONE, dark=True) as it,
    ):
        yield it
    assert it.errors == []


@pytest.mark.parametrize("caption", IN_SIGHT)
def test_all_columns_are_in_sight(opened, caption):
    frame = opened.page.locator(".wide", has=opened.page.locator("caption", has_text=caption))
    beyond = frame.evaluate(
        "frame => [...frame.querySelectorAll('th, td')].filter(cell =>"
        " cell.getBoundingClientRect().right > window.innerWidth).map(cell => cell.textContent)"
    )
    assert beyond == []
    assert frame.locator("tbody tr").count() >= 3


def test_no_label_is_torn_to_a_word_a_line(opened):
    """A door such as "longest holding" takes two lines, not more."""
    doors = opened.page.locator(".wide", has_text="Plan against outcome").locator("tbody td:first-child")
    lines = doors.evaluate_all(
        "all => all.map(cell => { const range = document.createRange(); range.selectNodeContents(cell);"
        " return new Set([...range.getClientRects()].map(r => Math.round(r.top))).size; })"
    )
    assert max(lines) <= 2
