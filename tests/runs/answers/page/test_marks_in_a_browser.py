"""Trades, candles and points in a browser: what a mark tells, and which candles are drawn from how far."""

import numpy as np
import pandas as pd
import pytest

from runs.answers.closer import Line, Marks, Pane, Panes
from runs.answers.parts import Picture, Section
from tests import browser as chromium
from tests.runs.answers.page.made import DAYS, RISE, N, box, made, scale

pytestmark = pytest.mark.skipif(chromium.missing() is not None, reason=str(chromium.missing()))


@pytest.fixture(scope="module")
def pictures():
    return ("price",)


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


def test_where_nothing_is_pointed_at_an_axis_that_is_no_time_tells_nothing(started, tmp_path):
    """The right end of a scatter is only where the picture ends."""
    x = np.linspace(-0.5, 1.0, 31)
    cloud = Marks("funds", x, x**2, (), "fund", scales=True)
    panes = Panes(
        x, [Pane("return of the fund", [cloud, Line("3 × index", 3 * x, "fund", dashed=True)])], "index"
    )
    file = tmp_path / "report.html"
    answer = made()
    pictures = {"equity": Picture("e", lambda: None, lambda: panes)}
    object.__setattr__(answer, "sections", [Section("s", pictures=pictures)])
    file.write_text(answer.to_html(), encoding="utf-8")
    with chromium.opened(started, file.as_uri()) as it:
        shown = box(it.page, "equity")
        line, place_ = shown.locator(".chip b").nth(1), shown.locator(".when")

        def told():
            return [line.inner_text(), place_.inner_text()]

        assert told() == ["", ""]
        place = shown.locator(".pane").bounding_box()
        it.page.mouse.move(place["x"] + place["width"] / 2, place["y"] + 40)
        it.page.wait_for_timeout(50)
        assert all(told())
        it.page.mouse.move(0, 0)
        it.page.wait_for_timeout(50)
        assert told() == ["", ""]


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


def test_on_a_phone_there_are_fewer_candles(started, address_of):
    with chromium.opened(started, address_of("price"), 390) as it:
        assert len(candles(it.page)["open"]) == 4 * 12  # of a quarter


def test_a_line_leads_from_an_entry_to_its_exit(page):
    ends = page.evaluate(
        "(() => { const item = document.querySelector('#picture-price .closer').whole.panes[0].items[2];"
        "const {x0, y0, x, y} = item.glyphs[1].data_source.data; return [x0, x, y0, y].map(v => [...v]); })()"
    )
    assert ends[0] == [4000, 100]  # bars, in order of exit
    assert ends[1] == [4010, 4200]
    np.testing.assert_allclose(ends[2:], [RISE[[4000, 100]], RISE[[4010, 4200]]], rtol=1e-6)
    visible = (
        "document.querySelector('#picture-price .closer').whole.panes[0].items[2].glyphs.map(g => g.visible)"
    )
    box(page, "price").locator(".chip").nth(2).click()
    assert page.evaluate(visible) == [False, False]


@pytest.mark.parametrize("pictures", [("points",)])
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
