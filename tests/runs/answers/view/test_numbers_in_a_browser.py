"""The list of results in a browser: numbers as reports write them, metrics by their names, all in sight."""

from contextlib import contextmanager

import pytest

from runs.answers.view import View
from tests import browser as chromium
from tests.runs.answers.view.conftest import result

pytestmark = pytest.mark.skipif(chromium.missing() is not None, reason=str(chromium.missing()))
LONG = "rsi_timing_with_a_name_that_goes_on_and_on_as_those_of_folders_do"


@pytest.fixture(scope="module")
def started():
    with chromium.browser() as found:
        yield found


@contextmanager
def listed(started, shown, width=1280):
    """The page once its list is there."""
    with chromium.opened(started, shown.address, width) as it:
        it.page.wait_for_selector("html[data-listed]")
        yield it


@pytest.fixture
def shelf_of(tmp_path):
    def made(**metrics):
        spec = {"name": "one", "strategy": "trend", "data": {"index": "nasdaq"}}
        result(tmp_path / "results" / LONG, "run", spec, metrics, [("2020-01-02", 1), ("2020-01-03", 2)])
        shown = View(tmp_path / "results")
        shown.start()
        return shown

    return made


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.002, "+0.2 %"),
        (-0.18, "−18.0 %"),
        (-0.0001, "0.0 %"),
        (-0.99997, "−99.997 %"),
        (-0.9999999, "below −99.999 %"),
        (-1.0, "−100 %"),
        (1007.86, "+100,786 %"),
        (1e5, "× 100,001"),
        (1.2e26, "× 1.2e26"),
    ],
)
def test_a_return_is_written_as_in_a_report(started, shelf_of, value, written):
    shown = shelf_of(total_return=value)
    try:
        with listed(started, shown) as it:
            assert it.page.locator("#results tbody td.number").inner_text() == written
    finally:
        shown.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_all_is_in_sight_and_metrics_have_names(started, shelf_of, width):
    known = {"total_return": 0.1, "cagr": 0.1, "max_drawdown": -0.99997, "sharpe": 1.234, "trades": 61.0}
    shown = shelf_of(**known, **{"-3x_best_day": 0.2})
    try:
        with listed(started, shown, width) as it:
            names = it.page.locator("#metrics option").evaluate_all("all => all.map(one => one.value)")
            assert names == ["−3x best day"]
            assert it.page.evaluate("document.documentElement.scrollWidth") == width
            hint = it.page.locator(".filter").evaluate(
                "e => { const c = document.createElement('canvas').getContext('2d');"
                "c.font = getComputedStyle(e).font; const s = getComputedStyle(e);"
                "return [c.measureText(e.placeholder).width,"
                " e.clientWidth - parseFloat(s.paddingLeft) - parseFloat(s.paddingRight)]; }"
            )
            assert hint[0] <= hint[1]
            if width == 1280:
                last = it.page.locator("#results thead th").last.bounding_box()
                frame = it.page.locator("#results").locator("..").bounding_box()
                assert last["x"] + last["width"] <= frame["x"] + frame["width"] + 1
    finally:
        shown.close()


def test_on_a_phone_no_number_is_parted_from_its_sign(started, shelf_of):
    shown = shelf_of(total_return=4.759, cagr=0.0955, max_drawdown=-0.94, sharpe=0.39, trades=22.0)
    try:
        with listed(started, shown, 390) as it:
            lines = it.page.locator("#results tbody td.number").evaluate_all(
                "all => all.map(cell => { const range = document.createRange();"
                " range.selectNodeContents(cell);"
                " return new Set([...range.getClientRects()].map(r => Math.round(r.top))).size; })"
            )
            assert lines == [1] * 5
    finally:
        shown.close()


def test_a_column_has_as_many_decimals_throughout_as_a_table(started, tmp_path):
    spec = {"name": "one", "strategy": "trend", "data": {"index": "nasdaq"}}
    for name, sharpe, kurtosis in (("a", 1.0, 12.3456), ("b", -0.126, 3.0)):
        result(
            tmp_path / "results" / name, "run", spec, {"sharpe": sharpe, "kurtosis": kurtosis, "bars": 3.0}
        )
    shown = View(tmp_path / "results")
    shown.start()
    try:
        with listed(started, shown) as it:
            for name in ("kurtosis", "bars"):
                it.page.fill("#more", name)
                it.page.press("#more", "Enter")
            cells = it.page.locator("#results tbody td.number")
            assert sorted(cells.all_inner_texts()) == sorted(["1.00", "12.3", "3", "−0.13", "3.0", "3"])
            assert cells.first.evaluate("cell => getComputedStyle(cell).textAlign") == "right"
    finally:
        shown.close()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(("made_up", "says"), [({}, "SIMULATED"), ({"made_up": "b is"}, "SIMULATED in part")])
def test_the_mark_of_what_is_simulated_stays_in_its_column(started, tmp_path, width, made_up, says):
    spec = {"name": "compare", "data": {"index": "nasdaq"}}
    place = tmp_path / "results" / "compare"
    result(place, "compare", spec, {"sharpe": 1.0}, simulated=True, **made_up)
    shown = View(tmp_path / "results")
    shown.start()
    try:
        with listed(started, shown, width) as it:
            assert it.page.locator(".mark").inner_text() == says
            mark = it.page.locator(".mark").bounding_box()
            beside = it.page.locator("#results tbody td:visible").nth(2).bounding_box()
            assert mark["x"] + mark["width"] <= beside["x"]
    finally:
        shown.close()
