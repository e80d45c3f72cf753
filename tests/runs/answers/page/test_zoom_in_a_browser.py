"""Pictures in a browser: zoomed, read, hidden, on either axis, undone and saved."""

import numpy as np
import pytest
from PIL import Image

from runs.answers.closer import Line, Pane, Panes
from runs.answers.parts import Picture, Section
from tests import browser as chromium
from tests.runs.answers.page.made import DAYS, RISE, N, at_rest, box, made, scale, window

pytestmark = pytest.mark.skipif(chromium.missing() is not None, reason=str(chromium.missing()))


@pytest.fixture(scope="module")
def pictures():
    return ("equity",)


def test_the_wheel_zooms_with_control_and_alone_scrolls_the_page(page):
    whole = window(page)
    place = box(page, "equity").locator(".pane").first
    place.scroll_into_view_if_needed()
    found = place.bounding_box()
    page.mouse.move(found["x"] + 0.7 * found["width"], found["y"] + found["height"] / 2)
    page.mouse.wheel(0, -120)
    page.wait_for_timeout(200)
    assert window(page) == whole
    page.keyboard.down("Control")
    page.mouse.wheel(0, -120)
    page.keyboard.up("Control")
    page.wait_for_timeout(200)
    start, end = window(page)
    assert 0.3 * (whole[1] - whole[0]) < end - start < 0.99 * (whole[1] - whole[0])


def test_what_is_zoomed_moves_by_half_of_it_and_no_further_than_the_ends(page):
    whole = window(page)
    button = box(page, "equity").get_by_role
    button("button", name="earlier").click()
    assert window(page) == whole
    button("button", name="1y").click()
    year = window(page)
    button("button", name="earlier").click()
    moved = window(page)
    half = (year[1] - year[0]) / 2
    assert moved == [pytest.approx(year[0] - half), pytest.approx(year[1] - half)]
    button("button", name="later").click()
    button("button", name="later").click()
    assert window(page)[1] == pytest.approx(whole[1])
    assert window(page)[1] - window(page)[0] == pytest.approx(2 * half)


def test_a_button_shows_the_last_year_and_the_scale_follows(page):
    whole, wide = window(page), scale(page)
    box(page, "equity").get_by_role("button", name="1y").click()
    start, end = window(page)
    assert (end - start) / 864e5 == pytest.approx(366, rel=0.01)
    page.wait_for_timeout(100)
    low, high = scale(page)
    assert low > wide[0]
    assert low < RISE[-366] < RISE[-1] < high
    box(page, "equity").get_by_role("button", name="all", exact=True).click()
    assert window(page) == whole


def test_a_stretch_that_is_drawn_over_is_what_both_panes_show(page):
    frame = box(page, "equity").locator(".pane").first.bounding_box()
    middle = frame["y"] + frame["height"] / 2
    page.mouse.move(frame["x"] + 300, middle)
    page.mouse.down()
    page.mouse.move(frame["x"] + 600, middle, steps=5)
    page.mouse.up()
    page.wait_for_timeout(200)
    start, end = window(page)
    assert 0.2 < (end - start) / 864e5 / N < 0.5
    both = page.evaluate(
        "(() => { const w = document.querySelector('#picture-equity .closer').whole;"
        "return w.panes.map(p => p.figure.x_range.start); })()"
    )
    assert both == [start, start]
    page.mouse.dblclick(frame["x"] + 300, middle)
    assert (window(page)[1] - window(page)[0]) / 864e5 > N


def test_what_stands_under_the_pointer_is_told_in_every_pane(page):
    place = box(page, "equity").locator(".pane").first.bounding_box()
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] + 60)
    day = box(page, "equity").locator(".when").inner_text()
    at = int(np.searchsorted(DAYS, np.datetime64(day)))
    assert abs(at - N / 2) < N / 20
    told = [
        float(text.replace(",", "")) for text in box(page, "equity").locator(".chip b").all_inner_texts()[:1]
    ]
    assert told == [pytest.approx(RISE[at], rel=1e-3)]
    fall = box(page, "equity").locator(".chip b").nth(2).inner_text()
    assert float(fall.replace("−", "-").removesuffix(" %")) == pytest.approx(-RISE[at] / 1e3, rel=0.02)


def test_a_name_that_is_pressed_hides_its_line_and_shows_it_again(page):
    chip = box(page, "equity").locator(".chip").first
    visible = "document.querySelector('#picture-equity .closer').whole.panes[0].items[0].glyphs[0].visible"
    assert page.evaluate(visible) is True
    chip.click()
    assert page.evaluate(visible) is False
    assert chip.get_attribute("aria-pressed") == "false"
    chip.click()
    assert page.evaluate(visible) is True


def test_a_ruined_line_does_not_set_the_scale_until_it_is_asked_to(page):
    assert scale(page)[0] > 50
    box(page, "equity").get_by_role("button", name="fit every line").click()
    assert scale(page)[0] < 1e-3


def test_the_axis_can_be_linear(page):
    kind = "document.querySelector('#picture-equity .closer').whole.panes[0].figure.y_scale.type"
    assert page.evaluate(kind) == "LogScale"
    box(page, "equity").get_by_role("button", name="log / linear").click()
    page.wait_for_function(f"{kind} === 'LinearScale'")


def test_a_zoom_is_undone_and_redone(page):
    whole = window(page)
    press = box(page, "equity").get_by_role
    undo, redo = press("button", name="undo zoom"), press("button", name="redo zoom")
    assert undo.is_disabled()
    press("button", name="5y").click()
    at_rest(page)
    press("button", name="3m").click()
    months = window(page)
    undo.click()
    assert (window(page)[1] - window(page)[0]) / 864e5 == pytest.approx(1827, rel=0.01)
    undo.click()
    assert window(page) == whole
    assert undo.is_disabled()
    redo.click()
    redo.click()
    assert window(page) == months
    assert redo.is_disabled()
    press("button", name="log / linear").click()
    page.wait_for_timeout(300)
    assert window(page) == months  # the other axis shows the same stretch
    press("button", name="undo zoom").click()
    assert (window(page)[1] - window(page)[0]) / 864e5 == pytest.approx(1827, rel=0.01)


def test_a_picture_is_saved_as_it_is_seen(page, tmp_path):
    box(page, "equity").locator(".chip").nth(1).click()  # hides the ruin
    with page.expect_download() as waiting:
        box(page, "equity").get_by_role("button", name="save as PNG").click()
    assert waiting.value.suggested_filename.endswith("picture-equity.png")
    waiting.value.save_as(tmp_path / "saved.png")
    image = Image.open(tmp_path / "saved.png").convert("RGB")
    panes = page.evaluate(
        "document.querySelector('#picture-equity .closer').whole.panes.map("
        "p => [p.place.clientWidth, p.place.clientHeight])"
    )
    assert image.width >= panes[0][0]
    assert image.height > sum(high for _, high in panes)
    colours = {colour for _, colour in image.getcolors(1 << 24)}
    assert (0x0B, 0x5F, 0xA5) in colours  # the rule's line
    assert (0xC4, 0x66, 0x1F) not in colours  # the ruin's


@pytest.fixture(scope="module")
def axes(started, address_of):
    """The marks on a log axis, and its ends, where a line lies between two values: by width of the page."""

    def on(width, spans):
        with chromium.opened(started, address_of("equity"), width) as it:
            return it.page.evaluate(
                "spans => { const pane = document.querySelector('#picture-equity .closer').whole.panes[0];"
                "const item = pane.items[0];"
                "return spans.map(([low, high]) => { item.low = item.low.map(() => low);"
                "item.high = item.low.map(() => high); pane.fit();"
                "const {start, end} = pane.figure.y_range;"
                "return [[...pane.figure.left[0].ticker.ticks], start, end]; }); }",
                spans,
            )

    spans = sorted({*ON_A_PHONE, *BELOW_A_DECADE})
    return {width: dict(zip(spans, on(width, spans), strict=True)) for width in (390, 1280)}


ON_A_PHONE = [(1.0, 1.2), (50.0, 900.0), (3e-5, 4e5), (97.0, 99.0), (0.2, 1.9)]
BELOW_A_DECADE = [(52e3, 116e3), (68e3, 345e3), (97.0, 99.0), (0.2, 1.9), (1.0, 1.2), (3.0, 29.0)]


@pytest.mark.parametrize("span", ON_A_PHONE)
def test_an_axis_of_logs_has_three_marks_or_more_on_a_phone(axes, span):
    marks, low, high = axes[390][span]
    assert 3 <= len([mark for mark in marks if low <= mark <= high]) <= 14
    assert marks == sorted(marks)


@pytest.mark.parametrize("span", BELOW_A_DECADE)
@pytest.mark.parametrize("width", [390, 1280])
def test_the_marks_of_less_than_a_decade_do_not_crowd_at_the_top(axes, span, width):
    marks, _, _ = axes[width][span]
    gaps = np.diff(np.log(marks))
    assert len(marks) >= 3
    assert gaps.max() <= 2.6 * gaps.min()  # of 1, 2, 5 the nearest are log 2 apart and the farthest log 2.5
    # A mark is a number of two digits, or of three where the whole is narrow.
    digits = 2 if span[1] > 1.5 * span[0] else 3
    assert [float(f"{mark:.{digits}g}") for mark in marks] == pytest.approx(marks)


def test_what_is_flat_at_0_per_cent_has_a_narrow_scale(started, tmp_path):
    panes = Panes(DAYS, [Pane("exposure", [Line("l", np.zeros(N), "rule")], "percent")])
    answer = made()
    object.__setattr__(
        answer, "sections", [Section("s", pictures={"equity": Picture("e", lambda: None, lambda: panes)})]
    )
    (tmp_path / "report.html").write_text(answer.to_html(), encoding="utf-8")
    with chromium.opened(started, (tmp_path / "report.html").as_uri()) as it:
        assert scale(it.page) == [-0.01, 0.01]


def test_what_is_hidden_and_the_whole_scale_stay_on_another_axis(page):
    ours = box(page, "equity")
    ours.locator(".chip").nth(0).click()
    ours.get_by_role("button", name="fit every line").click()
    shown = (
        "(() => { const w = document.querySelector('#picture-equity .closer').whole;"
        "return [w.all, ...w.panes[0].items.map(item => item.shown)]; })()"
    )
    before = page.evaluate(shown)
    assert before[:2] == [True, False]
    ours.get_by_role("button", name="log / linear").click()
    page.wait_for_function(
        "document.querySelector('#picture-equity .closer').whole.panes[0].figure.y_scale.type"
        " === 'LinearScale'"
    )
    page.wait_for_timeout(300)
    assert page.evaluate(shown) == before
    assert ours.locator(".chip").nth(0).get_attribute("aria-pressed") == "false"
    assert ours.get_by_role("button", name="fit every line").get_attribute("aria-pressed") == "true"


@pytest.mark.parametrize("pictures", [("equity", "price", "points", "luck")], ids=["four"])
def test_pictures_over_the_same_days_show_the_same_stretch(page):
    whole = window(page)
    box(page, "equity").get_by_role("button", name="1y", exact=True).click()
    seen = window(page)
    assert seen[0] > whole[0]
    for name in ("price", "points"):
        page.wait_for_function(
            f"(() => {{ const whole = document.querySelector('#picture-{name} .closer').whole;"
            f"return Math.abs(whole.time(whole.range.start) - {seen[0]}) < 1; }})()"
        )
    assert window(page, "points") == seen
    histogram = window(page, "luck")  # over no days
    box(page, "price").get_by_role("button", name="undo zoom").click()
    page.wait_for_function(
        f"document.querySelector('#picture-equity .closer').whole.range.start === {whole[0]}"
    )
    assert window(page, "points") == whole
    assert window(page, "luck") == histogram
