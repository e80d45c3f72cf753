"""Candles in a browser stand side by side, bar by bar, also over a weekend; dates, zoom and marks are right,
as by the calendar."""

import numpy as np
import pandas as pd
import pytest

from runs.answers.closer import Candles, Line, Marks, Pane, Panes
from runs.answers.parts import Picture, Section
from tests import browser as chromium
from tests.runs.answers.page.made import at_rest, box, made

pytestmark = pytest.mark.skipif(chromium.missing() is not None, reason=str(chromium.missing()))

# Sessions as of a calendar: no weekends, and a week in August at which nothing was traded.
EVERY = pd.bdate_range("2015-01-02", "2018-12-31")
SESSIONS = EVERY[(EVERY < "2018-08-06") | (EVERY > "2018-08-10")]
PRICES = 100.0 + 10.0 * np.sin(np.arange(len(SESSIONS)) / 40.0)
STAMPS = SESSIONS.as_unit("ms").asi8.astype(float)
WHOLE = "document.querySelector('#picture-price .closer').whole"


@pytest.fixture(scope="module")
def candles_of(tmp_path_factory):
    days = SESSIONS.to_numpy().astype("datetime64[D]")
    candles = Candles("price", PRICES, PRICES + 1.0, PRICES - 1.0, PRICES + 0.5)
    entered = Marks("entered", days[[900]], PRICES[[900]], ["bought"], "more-1", "up")
    left = Marks("left", days[[905]], PRICES[[905]], [], "gain", "down", since=(days[[900]], PRICES[[900]]))
    prices = Panes(days, [Pane("prices", [candles, entered, left, Line("", PRICES, "index")], "price")])
    equity = Panes(days, [Pane("money", [Line("rule", PRICES, "rule")], "money")])
    answer = made()
    pictures = {
        "equity": Picture("equity", lambda: None, lambda: equity),
        "price": Picture("price", lambda: None, lambda: prices),
    }
    object.__setattr__(answer, "sections", [Section("s", pictures=pictures)])
    file = tmp_path_factory.mktemp("bars") / "report.html"
    file.write_text(answer.to_html(), encoding="utf-8")
    return file.as_uri()


@pytest.fixture
def candles(started, candles_of):
    with chromium.opened(started, candles_of) as it:
        yield it.page
    assert it.errors == []


def press(page, name, picture="price"):
    box(page, picture).get_by_role("button", name=name, exact=True).click()
    at_rest(page)


def in_sight(page, picture="price"):
    """The moments at the ends of what is seen."""
    whole = WHOLE.replace("price", picture)
    return page.evaluate(f"[{whole}.range.start, {whole}.range.end].map(at => {whole}.time(at))")


def labels(page):
    """The dates on the axis by the bars at which they stand."""
    return page.evaluate(
        f"(() => {{ const figure = {WHOLE}.panes[0].figure, axis = figure.below[0];"
        "return axis.ticker.ticks.map(at => [at, axis.major_label_overrides.get(at)]); })()"
    )


def test_candles_are_as_far_apart_over_a_weekend_as_within_a_week(candles):
    press(candles, "3m")
    x = candles.evaluate(f"[...{WHOLE}.panes[0].items[0].glyphs[0].data_source.data.x]")
    assert len(x) == len(SESSIONS)
    assert set(np.diff(x)) == {1}


@pytest.mark.parametrize(("button", "unit", "signs"), [("all", "M", 7), ("1y", "M", 7), ("3m", "W", 10)])
def test_a_date_stands_at_the_first_bar_of_its_month_or_week(candles, button, unit, signs):
    press(candles, button)
    found = labels(candles)
    assert len(found) >= 4
    days = [SESSIONS[at] for at, _ in found]
    assert [text for _, text in found] == [str(day.date())[:signs] for day in days]
    for at, _ in found:
        before, day = SESSIONS[at - 1] if at else EVERY[0] - pd.Timedelta(days=4), SESSIONS[at]
        assert before.to_period(unit) != day.to_period(unit)


def test_the_buttons_and_the_pictures_beside_it_show_the_same_days(candles):
    press(candles, "1y")
    start, end = in_sight(candles)
    assert start == pytest.approx(STAMPS[-1] - 366 * 864e5, abs=1.0)
    assert in_sight(candles, "equity") == pytest.approx([start, end], abs=1.0)
    press(candles, "3m", "equity")
    assert in_sight(candles) == pytest.approx(in_sight(candles, "equity"), abs=1.0)
    pressed = box(candles, "price").locator("button.range[aria-pressed='true']").all_inner_texts()
    assert "3m" in pressed
    press(candles, "all", "equity")
    assert candles.evaluate(f"{WHOLE}.range.start === {WHOLE}.ends[0]")


def test_marks_stand_at_their_bars_and_the_date_is_that_of_the_bar(candles):
    ends = candles.evaluate(
        f"(() => {{ const items = {WHOLE}.panes[0].items, line = items[2].glyphs[1].data_source.data;"
        "return [items[1].x[0], items[2].x[0], line.x0[0], line.x[0]]; })()"
    )
    assert ends == [900, 905, 900, 905]
    box(candles, "price").scroll_into_view_if_needed()
    x = candles.evaluate(
        f"(() => {{ const p = {WHOLE}.panes[0];"
        "return p.view.canvas_view.el.getBoundingClientRect().left + p.view.frame.x_scale.compute(900); })()"
    )
    place = box(candles, "price").locator(".pane").bounding_box()
    candles.mouse.move(x, place["y"] + 40)
    candles.wait_for_timeout(50)
    assert box(candles, "price").locator(".when").inner_text() == str(SESSIONS[900].date())
    assert box(candles, "price").locator(".mark-words").inner_text() == "bought"


def test_a_line_to_measure_by_has_no_name_above_the_picture(candles):
    assert box(candles, "price").locator(".chip").count() == 3


def test_on_a_phone_dates_have_room(started, candles_of):
    with chromium.opened(started, candles_of, 390) as it:
        wide = it.page.evaluate(f"{WHOLE}.panes[0].place.clientWidth") - 76
        for button in ("all", "1y", "3m"):
            press(it.page, button)
            found = labels(it.page)
            assert len(found) >= 2
            assert sum(8 * len(text) for _, text in found) < wide
