"""The page over results in a browser: it lists, searches, sorts, opens, lays over; names are text."""

import json

import pytest

import letf
from runs.answers.view import View
from tests import browser as chromium
from tests.runs.answers.view.conftest import result

pytestmark = pytest.mark.skipif(chromium.missing() is not None, reason=str(chromium.missing()))


@pytest.fixture(scope="module")
def started():
    with chromium.browser() as found:
        yield found


@pytest.fixture
def page(started, shelf):
    shown = View(shelf)
    shown.start()
    try:
        with chromium.opened(started, shown.address) as it:
            it.page.wait_for_selector("html[data-listed]")
            yield it.page
        assert it.errors == []
        assert all(url.startswith(shown.address) for url in it.requests)
    finally:
        shown.close()


def names(page):
    return page.locator("#results tbody a").all_inner_texts()


def test_it_lists_the_latest_first_and_sorts_by_a_metric(page):
    assert names(page) == ["deep/two", "one", "decay_SOXL"]
    page.locator("th", has_text="Sharpe ratio").click()
    assert names(page) == ["one", "deep/two", "decay_SOXL"]  # what has none comes last
    page.locator("th", has_text="Sharpe ratio").click()
    assert names(page) == ["deep/two", "one", "decay_SOXL"]


@pytest.mark.parametrize("width", [chromium.WIDE, chromium.PHONE])
def test_numbers_of_a_sweep_are_said_to_be_of_its_best_cell_on_a_phone_too(started, tmp_path, width):
    folder = result(tmp_path / "r" / "swept", "sweep", {"strategy": "trend"}, {"cells": 150})
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"].append("top.csv")
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "top.csv").write_text("cell,plan.stop,total_return,sharpe\n7,0.04,0.74,0.7\n")
    shown = View(tmp_path / "r")
    shown.start()
    try:
        with chromium.opened(started, shown.address, width) as it:
            it.page.wait_for_selector("html[data-listed]")
            row = it.page.locator("#results tbody tr").first
            assert row.locator("td.number").first.inner_text() == "+74.0 %"
            assert row.locator("td.place .whose").is_visible()
            assert row.locator("td.place .whose").inner_text() == "best of 150 cells"
    finally:
        shown.close()


def test_any_other_number_is_found_by_its_name_and_taken_away_again(page):
    head = page.locator("#results thead th")
    before = head.all_inner_texts()
    page.fill("#more", "COMPOUNDING")
    page.press("#more", "Enter")
    assert names(page)[0] == "decay_SOXL"
    assert len(head.all_inner_texts()) == len(before) + 1
    assert page.input_value("#more") == ""
    page.get_by_label("take compounding away").click()
    assert head.all_inner_texts() == before
    assert names(page)[0] == "deep/two"  # the latest first, as at the beginning
    page.fill("#more", "no such number")
    page.press("#more", "Enter")
    assert head.all_inner_texts() == before


def test_it_searches_names_questions_and_indexes(page):
    page.fill(".filter", "decay nasdaq")
    assert names(page) == ["decay_SOXL"]
    page.fill(".filter", "window.evil")
    assert names(page) == ["deep/two"]
    page.fill(".filter", "trend")  # the rule
    assert names(page) == ["deep/two", "one"]


def test_names_are_text_and_what_is_simulated_is_marked(page):
    assert page.evaluate("window.evil") is None
    assert page.locator("#results tbody tr").first.locator(".mark").inner_text() == "SIMULATED"


def test_two_runs_are_laid_over_each_other_and_their_specs_compared(page):
    boxes = page.locator("#results input")
    assert [boxes.nth(i).is_enabled() for i in range(3)] == [True, True, False]
    boxes.nth(0).check()
    boxes.nth(1).check()
    page.click("#overlay")
    page.wait_for_selector("#beside[data-drawn]")
    assert page.locator("#beside .chip").nth(0).inner_text().startswith("deep/two (SIMULATED)")
    assert page.locator("#beside tbody td").all_inner_texts() == ["plan.stop", "0.08", "0.05"]


def test_a_report_opens_beside(page):
    with page.expect_popup() as opened:
        page.get_by_role("link", name="one").click()
    assert opened.value.locator("p").inner_text() == "report"


def test_a_picture_of_a_report_is_saved_there_too(page, shelf):
    run = letf.run("hold", index="nasdaq", end="2000-12-31")
    (shelf / "one" / "report.html").write_text(run.to_html(), encoding="utf-8")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="one").click()
    other = opened.value
    other.wait_for_selector("html[data-drawn]")
    with other.expect_download() as waiting:
        other.locator("#picture-equity").get_by_role("button", name="save as PNG").click()
    assert waiting.value.path().read_bytes().startswith(b"\x89PNG")
    assert waiting.value.suggested_filename == "hold-on-nasdaq-picture-equity.png"


def test_a_hostile_report_reaches_neither_the_page_nor_an_address(page, shelf):
    hostile = (
        "<script>const said = []; try { said.push(window.opener === null); } catch (e) { said.push(e.name); }"
        "fetch('/side-by-side').then(() => said.push('reached'), () => said.push('shut')).then(() => {"
        "document.title = said.join(' ') + ' ' + origin; });</script>"
    )
    (shelf / "one" / "report.html").write_text(hostile)
    with page.expect_popup() as opened:
        page.get_by_role("link", name="one").click()
    other = opened.value
    other.wait_for_function("document.title !== ''")
    assert other.title() == "true shut null"
