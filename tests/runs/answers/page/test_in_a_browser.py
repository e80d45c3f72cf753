"""The page in a browser: it draws, zooms, tells, hides, sorts and filters, and asks nobody for anything."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import letf
from runs.answers.answer import Answer
from runs.answers.closer import Bars, Candles, Choice, Heatmap, Line, Marks, Pane, Panes
from runs.answers.parts import KeyFigure, Picture, Section, Table
from runs.answers.provenance import Provenance
from tests import browser as chromium

pytestmark = pytest.mark.skipif(chromium.missing() is not None, reason=str(chromium.missing()))

EVIL = "<script>window.evil = 1</script>"
DAYS = np.arange("2000-01-03", "2012-01-01", dtype="datetime64[D]")
N = len(DAYS)
RISE = 100.0 * 1.0005 ** np.arange(N)


def made() -> Answer:
    """A page with a picture of each kind."""
    prices = Candles("price", RISE, RISE * 1.01, RISE * 0.99, RISE * 1.001)
    trades = Marks(
        "entered", DAYS[[100, 4000]], RISE[[100, 4000]], ["bought 5\nplan: stop −8 %", EVIL], "rule", "up"
    )
    lines = [Line("rule", RISE, "rule"), Line("ruin", RISE[::-1] / 1e6, "fund", scales=False)]
    panes = Panes(
        DAYS,
        [
            Pane("money", lines, "money", log=True),
            Pane("below", [Line("fall", -RISE / 1e5, "rule", area=True)], "percent", share=0.4),
        ],
    )
    exits = Marks(
        "left",
        DAYS[[4200, 4010]],
        RISE[[4200, 4010]],
        [],
        "gain",
        "down",
        since=(DAYS[[100, 4000]], RISE[[100, 4000]]),
    )
    candles = Panes(DAYS, [Pane(EVIL, [prices, trades, exits], "price")])
    results = Marks("left", DAYS[[120, 4010]], np.array([0.2, -0.3]), [], "gain")
    points = Panes(
        DAYS, [Pane("returns", [Line("0", np.zeros(N), "index", dashed=True), results], "percent")]
    )
    heat = Heatmap(
        "stop",
        "target",
        ["4 %", "8 %"],
        ["10 %", EVIL],
        np.array([[1.0, -2.0], [0.5, np.nan]]),
        "Sharpe",
        middle=0.0,
        words=[["12 trades", EVIL], ["", ""]],
    )
    edges = np.arange(5.0)
    histogram = Panes(
        edges,
        [Pane("draws", [Bars("luck", edges[:-1], edges[1:], np.array([1.0, 4, 2, 0]), "index")])],
        x_label="Sharpe",
    )
    rows = [
        [str(day), f"{value:,.2f}", "stop" if i % 3 else "target", f"{i}"]
        for i, (day, value) in enumerate(zip(DAYS[:200], RISE - 105.0, strict=False))
    ]
    return Answer(
        question="run",
        name="made",
        title=f"made {EVIL}",
        headline="It made something.",
        lead="equity",
        figures=[KeyFigure("CAGR", "+1.0 %", "index held: +2.0 %")],
        sections=[
            Section(
                "All",
                tables=[
                    Table("Every trade", ["day", "profit", "by", "RSI"], rows, long=True, more=(1, "seen"))
                ],
                pictures={
                    "equity": Picture("equity", lambda: None, lambda: panes),
                    "price": Picture("price", lambda: None, lambda: candles),
                    "points": Picture("points", lambda: None, lambda: points),
                    "heat": Picture("heat", lambda: None, lambda: heat),
                    "luck": Picture("luck", lambda: None, lambda: histogram),
                    "choice": Picture(
                        "choice", lambda: None, lambda: Choice("which", {"bars": histogram, "heat": heat})
                    ),
                },
            ),
        ],
        provenance=Provenance({"strategy": "trend", "name": EVIL}, {}),
    )


@pytest.fixture(scope="module")
def started():
    with chromium.browser() as found:
        yield found


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(made().to_html(), encoding="utf-8")
    return file.as_uri()


@pytest.fixture
def page(started, address):
    with chromium.opened(started, address) as it:
        yield it.page
    assert it.errors == []


def box(page, name):
    return page.locator(f"#picture-{name} .closer")


def window(page, name="equity"):
    return page.evaluate(
        f"(() => {{ const r = document.querySelector('#picture-{name} .closer').whole.range;"
        "return [r.start, r.end]; })()"
    )


def scale(page, name="equity", pane=0):
    return page.evaluate(
        f"(() => {{ const r = document.querySelector('#picture-{name} .closer').whole.panes[{pane}]"
        ".figure.y_range; return [r.start, r.end]; })()"
    )


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (390, False), (390, True)])
def test_it_opens_without_an_error_a_request_or_scrolling_sideways(started, address, width, dark):
    with chromium.opened(started, address, width, dark) as it:
        assert it.page.evaluate("document.documentElement.scrollWidth") == width
        drawn = it.page.locator(".closer[data-drawn]").count()
        for name in ("equity", "price", "luck"):
            wide = it.page.evaluate(
                f"document.querySelector('#picture-{name} .pane').getBoundingClientRect().right"
            )
            assert wide <= width
        assert it.page.evaluate("window.evil") is None
    assert drawn == 6
    assert it.errors == []
    assert it.requests == []


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


def test_points_alone_have_a_scale_and_what_is_flat_is_drawn(page):
    low, high = scale(page, "points")
    assert -0.5 < low < -0.3 < 0.2 < high < 0.5
    page.evaluate(
        "document.querySelector('#picture-points .closer').whole.range.setv("
        f"{{start: {float(DAYS[200].astype('datetime64[ms]').astype(float))}, "
        f"end: {float(DAYS[300].astype('datetime64[ms]').astype(float))}}})"
    )
    page.wait_for_timeout(200)
    low, high = scale(page, "points")  # nothing but the line at 0 is there
    assert low < 0 < high


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


def test_a_trade_under_the_pointer_tells_its_plan(page):
    box(page, "price").scroll_into_view_if_needed()
    x = page.evaluate(
        "(() => { const p = document.querySelector('#picture-price .closer').whole.panes[0];"
        "const at = p.items[1].x[0], box = p.view.canvas_view.el.getBoundingClientRect();"
        "return box.left + p.view.frame.x_scale.compute(at); })()"
    )
    place = box(page, "price").locator(".pane").bounding_box()
    page.mouse.move(x, place["y"] + 40)
    page.wait_for_timeout(50)
    place = box(page, "price").locator(".pane").bounding_box()
    assert box(page, "price").locator(".mark-words").inner_text() == "bought 5\nplan: stop −8 %"


def test_points_that_stand_alone_in_a_pane_set_its_scale(started, tmp_path):
    alone = Marks("gain", DAYS[[5, 900]], np.array([-0.4, 0.3]), (), "gain")
    nought = Line("0", np.zeros(N), "index", scales=False)
    panes = Panes(DAYS, [Pane("p", [nought, alone], "percent"), Pane("q", [Line("l", np.zeros(N), "rule")])])
    file = tmp_path / "report.html"
    answer = made()
    object.__setattr__(
        answer, "sections", [Section("s", pictures={"equity": Picture("e", lambda: None, lambda: panes)})]
    )
    file.write_text(answer.to_html(), encoding="utf-8")
    with chromium.opened(started, file.as_uri()) as it:
        low, high = scale(it.page)
        assert -0.5 < low < -0.4
        assert 0.3 < high < 0.4
        flat = scale(it.page, pane=1)
        assert flat[0] < 0 <= flat[1]
    assert it.errors == []


def candles(page):
    """What is drawn of the candles: which glyphs, and their prices."""
    return page.evaluate(
        "(() => { const item = document.querySelector('#picture-price .closer').whole.panes[0].items[0];"
        "const {x, open, high, low, close} = item.glyphs[0].data_source.data;"
        "return {shown: item.glyphs.map(g => g.visible), x, open, high, low, close}; })()"
    )


@pytest.mark.parametrize(("button", "code"), [("all", "M"), ("5y", "W-SUN")])
def test_candles_are_those_of_a_longer_time_from_afar(page, button, code):
    box(page, "price").get_by_role("button", name=button, exact=True).click()
    page.wait_for_timeout(100)
    by = pd.DataFrame(
        {"open": RISE, "high": RISE * 1.01, "low": RISE * 0.99, "close": RISE * 1.001}, pd.DatetimeIndex(DAYS)
    ).groupby(pd.DatetimeIndex(DAYS).to_period(code))
    wanted = by.agg({"open": "first", "high": "max", "low": "min", "close": "last"})
    found = candles(page)
    assert found["shown"] == [True, True, False]
    for name in wanted:
        np.testing.assert_allclose(found[name], wanted[name], rtol=1e-6)
    told = box(page, "price").locator(".chip").first.inner_text()
    assert told.split()[:3] == ["price", "by", {"M": "month", "W-SUN": "week"}[code]]
    assert float(told.split()[4]) == pytest.approx(wanted["open"].iloc[-1], abs=0.005)


def test_candles_are_those_of_a_day_from_near(page):
    box(page, "price").get_by_role("button", name="3m").click()
    page.wait_for_timeout(100)
    found = candles(page)
    assert found["shown"] == [True, True, False]
    np.testing.assert_allclose(found["open"], RISE, rtol=1e-6)


def test_on_a_phone_there_are_fewer_candles(started, address):
    with chromium.opened(started, address, 390) as it:
        assert len(candles(it.page)["open"]) == 4 * 12  # of a quarter


def test_a_line_leads_from_an_entry_to_its_exit(page):
    ends = page.evaluate(
        "(() => { const item = document.querySelector('#picture-price .closer').whole.panes[0].items[2];"
        "const {x0, y0, x, y} = item.glyphs[1].data_source.data; return [x0, x, y0, y].map(v => [...v]); })()"
    )
    stamps = DAYS.astype("datetime64[ms]").astype(float)
    assert ends[0] == [stamps[4000], stamps[100]]  # in order of exit
    assert ends[1] == [stamps[4010], stamps[4200]]
    np.testing.assert_allclose(ends[2:], [RISE[[4000, 100]], RISE[[4010, 4200]]], rtol=1e-6)
    visible = (
        "document.querySelector('#picture-price .closer').whole.panes[0].items[2].glyphs.map(g => g.visible)"
    )
    box(page, "price").locator(".chip").nth(2).click()
    assert page.evaluate(visible) == [False, False]


def test_a_zoom_is_undone_and_redone(page):
    whole = window(page)
    press = box(page, "equity").get_by_role
    undo, redo = press("button", name="undo zoom"), press("button", name="redo zoom")
    assert undo.is_disabled()
    press("button", name="5y").click()
    page.wait_for_timeout(500)
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


@pytest.mark.parametrize("span", [(1.0, 1.2), (50.0, 900.0), (3e-5, 4e5), (97.0, 99.0), (0.2, 1.9)])
def test_an_axis_of_logs_has_three_marks_or_more_on_a_phone(started, address, span):
    with chromium.opened(started, address, 390) as it:
        ticks = it.page.evaluate(
            "([low, high]) => {"
            "const pane = document.querySelector('#picture-equity .closer').whole.panes[0];"
            "const item = pane.items[0]; item.low.fill(low); item.high.fill(high); pane.fit();"
            "const {start, end} = pane.figure.y_range;"
            "return [pane.figure.left[0].ticker.ticks, start, end]; }",
            span,
        )
    marks, low, high = ticks
    assert 3 <= len([mark for mark in marks if low <= mark <= high]) <= 14
    assert marks == sorted(marks)


def test_what_is_flat_at_0_per_cent_has_a_narrow_scale(started, tmp_path):
    panes = Panes(DAYS, [Pane("exposure", [Line("l", np.zeros(N), "rule")], "percent")])
    answer = made()
    object.__setattr__(
        answer, "sections", [Section("s", pictures={"equity": Picture("e", lambda: None, lambda: panes)})]
    )
    (tmp_path / "report.html").write_text(answer.to_html(), encoding="utf-8")
    with chromium.opened(started, (tmp_path / "report.html").as_uri()) as it:
        assert scale(it.page) == [-0.01, 0.01]


def test_a_cell_of_a_heatmap_tells_its_metrics(page):
    cells = box(page, "heat").locator(".heat-cell")
    cells.nth(0).hover()
    assert (
        box(page, "heat").locator(".cell-words").inner_text() == "stop 4 %, target 10 %: Sharpe 1 · 12 trades"
    )
    cells.nth(1).hover()
    assert EVIL in box(page, "heat").locator(".cell-words").inner_text()
    assert page.evaluate("window.evil") is None
    cells.nth(3).hover()
    assert "n/a" in box(page, "heat").locator(".cell-words").inner_text()


def test_one_of_several_pictures_is_chosen(page):
    picture = box(page, "choice")
    assert picture.locator(".pane").count() == 1
    picture.get_by_role("combobox").select_option("heat")
    page.wait_for_function("document.querySelector('#picture-choice .heat')")
    assert picture.locator(".pane").count() == 0


def column(page, number):
    return page.locator(f".long tbody tr td:nth-child({number})").all_inner_texts()


def test_a_long_table_is_sorted_by_number_and_filtered_by_word(page):
    assert len(column(page, 1)) == 25
    profit = page.locator(".long th").nth(1)
    profit.click()
    numbers = [float(text.replace("−", "-")) for text in column(page, 2)]
    assert numbers == sorted(numbers)
    assert numbers[0] == pytest.approx(-5.0)
    profit.click()
    assert profit.get_attribute("aria-sort") == "descending"
    assert float(column(page, 2)[0]) == pytest.approx(RISE[199] - 105, abs=0.01)
    page.locator(".filter").fill("target 2000-01")
    assert set(column(page, 3)) == {"target"}
    assert all(day.startswith("2000-01") for day in column(page, 1))
    assert "from 200" in page.locator(".table-tools").inner_text()
    page.locator(".filter").fill("")
    page.get_by_role("button", name="more rows").click()
    assert len(column(page, 1)) == 100


def test_columns_are_shown_when_they_are_asked_for(page):
    shown = page.locator(".long tbody tr").first.locator("td:visible")
    assert shown.count() == 3
    button = page.get_by_role("button", name="seen", exact=True)
    button.click()
    assert shown.count() == 4
    assert page.locator(".long th").nth(3).is_visible()
    page.locator(".long th").nth(3).click()
    assert column(page, 4)[:3] == ["0", "1", "2"]
    button.click()
    assert shown.count() == 3


def test_on_a_phone_a_finger_scrolls_the_page_and_a_tap_tells(started, address):
    with chromium.opened(started, address, 390) as it:
        place = box(it.page, "equity").locator(".pane").first
        assert (
            it.page.evaluate(
                "(() => { const p = document.querySelector('#picture-equity .closer').whole.panes[0];"
                "return getComputedStyle(p.view.canvas_view.events_el).touchAction; })()"
            )
            == "auto"
        )
        before = box(it.page, "equity").locator(".when").inner_text()
        place.tap()
        assert box(it.page, "equity").locator(".when").inner_text() != before
    assert it.errors == []


def test_a_word_is_explained_where_the_pointer_rests(page):
    term = page.locator(".figure .term")
    assert term.inner_text() == "CAGR"
    term.hover()
    said = page.evaluate("getComputedStyle(document.querySelector('.figure .term'), '::after').content")
    assert said.startswith('"Compound annual growth rate')


def test_on_paper_it_is_a4_and_nothing_is_cut(started, address):
    with chromium.opened(started, address) as it:
        it.page.emulate_media(media="print")
        it.page.set_viewport_size({"width": 700, "height": 990})
        it.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        it.page.wait_for_timeout(200)
        assert it.page.locator("img.printed").count() == 6
        assert it.page.evaluate("document.documentElement.scrollWidth") <= 700
        assert len(it.page.locator(".long tbody tr").all()) == 200
        pdf = it.page.pdf(format="A4")
    assert pdf.startswith(b"%PDF")
    assert it.errors == []


def test_a_notebooks_frame_draws_the_same_page(started, tmp_path):
    file = tmp_path / "notebook.html"
    file.write_text(f"<!doctype html><meta charset=utf-8>{made()._repr_html_()}", encoding="utf-8")
    with chromium.opened(started, file.as_uri()) as it:
        frame = it.page.frame_locator("iframe")
        frame.locator("#picture-equity .closer[data-drawn]").wait_for()
        assert frame.locator("#picture-equity .chip").first.inner_text().startswith("rule")
    assert it.errors == []


def test_a_run_of_twenty_years_opens_and_tells_its_trades(started, tmp_path):
    run = letf.run("rsi_timing", index="nasdaq")
    file = tmp_path / "report.html"
    file.write_text(run.to_html(), encoding="utf-8")
    assert file.stat().st_size < 3e6
    assert chromium.faults(started, file) == []
    with chromium.opened(started, file.as_uri()) as it:
        assert f"of {len(run.trades)}" in it.page.locator(".table-tools").inner_text()
        assert it.page.locator(".figure b").nth(3).inner_text() == str(len(run.trades))


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


LONG = "A caption of many words that goes on and on, as those of tables on several accounts and plans do"


@pytest.mark.parametrize("width", [1280, 390])
def test_a_caption_never_widens_its_table_and_each_tip_is_in_sight(started, tmp_path, width):
    rows = [["total return", "+1.0 %"], ["alpha a year", "+2.0 %"]]
    answer = Answer(
        question="run",
        name="tips",
        title="tips",
        headline="h",
        figures=[KeyFigure("CAGR", "1"), KeyFigure("worst drawdown", "2")],
        sections=[Section("All", tables=[Table(LONG, ["", "rule"], rows)])],
        provenance=Provenance({}, {}),
    )
    (tmp_path / "report.html").write_text(answer.to_html(), encoding="utf-8")
    with chromium.opened(started, (tmp_path / "report.html").as_uri(), width) as it:
        table = it.page.locator("table").first.bounding_box()
        assert table["width"] <= width
        assert it.page.locator("td").nth(1).bounding_box()["x"] < width - 60  # figures are in sight
        terms = it.page.locator(".term")
        assert terms.count() >= 4
        for at in range(terms.count()):
            terms.nth(at).hover()
            assert it.page.evaluate("document.documentElement.scrollWidth") == width
            framed = it.page.evaluate(
                "(at => { const term = document.querySelectorAll('.term')[at];"
                "return term.closest('.wide') ? getComputedStyle(term, '::after').position : 'free'; })"
                f"({at})"
            )
            assert framed in ("free", "fixed")  # a table would cut what is placed within it
