"""The page in a browser as a whole: it draws at any width, on paper and in a frame, and asks for nothing."""

import pytest

import letf
from tests import browser as chromium
from tests.runs.answers.page.made import EVIL, box, made

pytestmark = pytest.mark.skipif(chromium.missing() is not None, reason=str(chromium.missing()))


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


@pytest.mark.parametrize("pictures", [("choice",)])
def test_one_of_several_pictures_is_chosen(page):
    picture = box(page, "choice")
    assert picture.locator(".pane").count() == 1
    picture.get_by_role("combobox").select_option("heat")
    page.wait_for_function("document.querySelector('#picture-choice .heat')")
    assert picture.locator(".pane").count() == 0


@pytest.mark.parametrize("pictures", [("heat",)])
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


def test_on_a_phone_a_finger_scrolls_the_page_and_a_tap_tells(started, address_of):
    with chromium.opened(started, address_of("equity"), 390) as it:
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
        returns, account = (
            it.page.locator(".tables > *", has=it.page.locator("caption", has_text=title)).bounding_box()
            for title in ("Return and risk", "The account")
        )
        assert account["y"] == returns["y"]  # beside it, since there is room
        assert account["x"] > returns["x"] + returns["width"]
