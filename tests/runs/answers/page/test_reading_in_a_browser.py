"""What a picture says in a browser without a pointer on it and with one: values, dates, words on trades."""

import numpy as np
import pytest

from runs.answers.closer import Candles, Marks, Pane, Panes
from runs.answers.parts import Picture, Section
from tests import browser as chromium
from tests.runs.answers.page.made import DAYS, RISE, box, made, scale

pytestmark = pytest.mark.skipif(chromium.missing() is not None, reason=str(chromium.missing()))


@pytest.fixture(scope="module")
def pictures():
    return ("equity",)


def press(page, name, picture="equity"):
    box(page, picture).get_by_role("button", name=name, exact=True).click()
    page.wait_for_timeout(100)


def said(page, picture="equity"):
    """The date above a picture, and the value of its first name."""
    shown = box(page, picture)
    value = shown.locator(".chip b").first.inner_text()
    return shown.locator(".when").inner_text(), float(value.replace(",", ""))


def pressed(page, picture="equity"):
    names = box(page, picture).locator("button.range[aria-pressed='true']").all_inner_texts()
    return [name for name in names if name in ("3m", "1y", "5y", "all")]


def test_without_a_pointer_the_values_are_those_of_the_last_bar_in_sight(page):
    assert said(page) == ("2011-12-31", pytest.approx(RISE[-1], rel=0.01))
    press(page, "1y")
    press(page, "earlier")
    press(page, "earlier")
    end = page.evaluate("document.querySelector('#picture-equity .closer').whole.range.end")
    last = int(np.flatnonzero(DAYS.astype("datetime64[ms]").astype(float) <= end)[-1])
    assert last < len(DAYS) - 300
    assert said(page) == (str(DAYS[last]), pytest.approx(RISE[last], rel=0.01))
    press(page, "all")
    assert said(page) == ("2011-12-31", pytest.approx(RISE[-1], rel=0.01))


def test_after_the_pointer_has_left_the_values_are_those_of_the_last_bar_in_sight(page):
    place = box(page, "equity").locator(".pane").first.bounding_box()
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] + 50)
    page.wait_for_timeout(50)
    assert said(page)[0] < "2007"
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] - 200)
    page.wait_for_timeout(50)
    assert said(page)[0] == "2011-12-31"


def test_buttons_tell_which_stretch_is_in_sight_and_which_axis(page):
    assert pressed(page) == ["all"]
    for name in ("3m", "1y", "5y"):
        press(page, name)
        assert pressed(page) == [name]
    press(page, "earlier")
    assert pressed(page) == []
    press(page, "all")
    assert pressed(page) == ["all"]
    axis = box(page, "equity").get_by_role("button", name="log / linear")
    assert (axis.get_attribute("aria-pressed"), axis.locator("b").inner_text()) == ("true", "log")
    axis.click()
    page.wait_for_timeout(200)
    assert (axis.get_attribute("aria-pressed"), axis.locator("b").inner_text()) == ("false", "linear")
    assert pressed(page) == ["all"]


def test_what_is_filled_from_0_keeps_0_in_sight(page):
    press(page, "1y")
    low, high = scale(page, pane=1)
    assert high == 0.0
    assert low < -RISE[-1] / 1e5


WORDS = "bought 5 at 1; left at 2\nplanned: stop −8 %\nfurthest against it −1 %"


@pytest.fixture
def traded(started, tmp_path):
    """A page with a trade of four days, and beside it others as long."""
    at, left = [2000, 2006, 2012], [2004, 2010, 2016]
    words = [WORDS, WORDS.replace("5", "6"), WORDS.replace("5", "7")]
    candles = Candles("price", RISE, RISE * 1.01, RISE * 0.99, RISE * 1.001)
    entered = Marks("entered", DAYS[at], RISE[at], words, "more-1", "up")
    ended = Marks("left", DAYS[left], RISE[left], words, "gain", "down")
    panes = Panes(DAYS, [Pane("p", [candles, entered, ended], "price")])
    answer = made()
    sections = [Section("s", pictures={"equity": Picture("e", lambda: None, lambda: panes)})]
    object.__setattr__(answer, "sections", sections)
    file = tmp_path / "report.html"
    file.write_text(answer.to_html(), encoding="utf-8")
    return file.as_uri()


def point(page, day, touch=False):
    """The pointer on a day of the picture."""
    box(page, "equity").scroll_into_view_if_needed()
    x = page.evaluate(
        "(at => { const p = document.querySelector('#picture-equity .closer').whole.panes[0];"
        "const box = p.view.canvas_view.el.getBoundingClientRect();"
        "return box.left + p.view.frame.x_scale.compute(p.items[0].glyphs[2].data_source.data.x[at]); })"
        f"({day})"
    )
    place = box(page, "equity").locator(".pane").bounding_box()
    (page.touchscreen.tap if touch else page.mouse.move)(x, place["y"] + 40)
    page.wait_for_timeout(100)


def test_a_trade_is_told_once_the_nearest_first_and_in_few_lines(started, traded):
    with chromium.opened(started, traded) as it:
        point(it.page, 2005)  # between the exit of the first trade and the entry of the second
        told = box(it.page, "equity").locator(".mark-words").inner_text().split("\n")
        assert told == [*WORDS.replace("5", "6").split("\n"), "and 1 more here"]
        point(it.page, 2002)  # between entry and exit of the first
        assert box(it.page, "equity").locator(".mark-words").inner_text() == WORDS
        it.page.evaluate(
            "document.querySelector('#picture-equity .closer').whole.range.setv({start: 1980, end: 2030})"
        )
        it.page.wait_for_timeout(100)
        point(it.page, 2000)
        assert box(it.page, "equity").locator(".mark-words").inner_text() == WORDS
    assert it.errors == []


def test_words_on_a_trade_go_with_the_pointer_and_with_the_stretch(started, traded):
    with chromium.opened(started, traded) as it:
        words = box(it.page, "equity").locator(".mark-words")
        point(it.page, 2000)
        assert words.is_visible()
        it.page.mouse.move(5, 5)
        it.page.wait_for_timeout(50)
        assert not words.is_visible()
        point(it.page, 2000)
        it.page.keyboard.press("Tab")
        box(it.page, "equity").get_by_role("button", name="1y").focus()
        it.page.keyboard.press("Enter")
        it.page.wait_for_timeout(100)
        assert not words.is_visible()
    assert it.errors == []


def test_on_a_phone_words_stay_until_something_else_is_touched(started, traded):
    with chromium.opened(started, traded, 390) as it:
        words = box(it.page, "equity").locator(".mark-words")
        point(it.page, 2000, touch=True)
        assert words.is_visible()
        it.page.wait_for_timeout(500)
        assert words.is_visible()
        it.page.locator("h1").tap()
        it.page.wait_for_timeout(50)
        assert not words.is_visible()
    assert it.errors == []


@pytest.mark.parametrize("pictures", [("luck",)])
def test_a_histogram_tells_a_height_where_the_pointer_is_and_none_without_it(page):
    ours = box(page, "luck")
    ours.scroll_into_view_if_needed()
    chip, when = ours.locator(".chip b").first, ours.locator(".when")
    assert [chip.inner_text(), when.inner_text()] == ["", ""]
    place = ours.locator(".pane").bounding_box()
    # The second of four bars, which is 4 high.
    page.mouse.move(place["x"] + 62 + (place["width"] - 76) * 0.375, place["y"] + 100)
    page.wait_for_timeout(50)
    assert chip.inner_text() == "4"
    assert when.inner_text().startswith("Sharpe ")
    page.mouse.move(2, 2)
    page.wait_for_timeout(50)
    assert [chip.inner_text(), when.inner_text()] == ["", ""]
