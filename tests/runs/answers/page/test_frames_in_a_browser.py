"""Tables on a phone: what has room is whole, what has none says how many columns lie beyond."""

from itertools import pairwise

import pytest

from runs.answers.parts import Section, Table
from tests import browser as chromium
from tests.runs.answers.page.made import made

pytestmark = pytest.mark.skipif(chromium.missing() is not None, reason=str(chromium.missing()))

WIDE = Table("wide", ["year", *(f"cause {i}" for i in range(9))], [["2015", *["+1,234.5 %"] * 9]])
PARTS = Table(
    "parts",
    ["", "least", "5 %", "25 %", "median", "75 %", "95 %", "most"],
    [["total return of all", *["−27.0 %"] * 7], ["worst drawdown", *["−30.6 %"] * 7]],
)
FIVE = Table(
    "five",
    ["SOXL", "nasdaq", "+3 × nasdaq", "closed form", "normal days", "days of nasdaq"],
    [
        ["95 % of paths end below", *["+263.5 %"] * 5],
        ["had lost half or more at some close", *["−96.1 %"] * 5],
    ],
)
DATED = Table("dated", ["", "1x", "3x", "−3x"], [["worst day", *["−13.3 % on 2018-10-24"] * 3]])

WAYS = Table(
    "in words",
    ["", "buy SOXS", "short sale", "contract", "put", "call"],
    [
        ["risk", *[f"{way} limited to the stake; at worst 33.9 % of it" for way in "abcde"]],
        ["borrow", *["no"] * 5],
    ],
    words=True,
)


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    answer = made()
    object.__setattr__(answer, "sections", [Section("s", tables=[WIDE, PARTS, FIVE, DATED, WAYS])])
    object.__setattr__(answer, "lead", None)
    file = tmp_path_factory.mktemp("frames") / "report.html"
    file.write_text(answer.to_html(), encoding="utf-8")
    return file.as_uri()


@pytest.fixture
def phone(started, tables):
    with chromium.opened(started, tables, 390) as it:
        yield it.page
        assert it.page.evaluate("document.documentElement.scrollWidth") == 390
    assert it.errors == []


def frame(page, title):
    return page.locator(".wide").filter(has=page.locator("caption", has_text=title)).first


def over(page, title):
    return frame(page, title).evaluate("one => one.scrollWidth - one.clientWidth")


@pytest.mark.parametrize("title", ["parts", "five", "dated"])
def test_a_table_of_a_few_columns_is_whole_on_a_phone(phone, title):
    assert over(phone, title) <= 0
    assert not frame(phone, title).locator(".beyond").is_visible()
    size = (
        frame(phone, title)
        .locator("td")
        .first.evaluate("cell => parseFloat(getComputedStyle(cell).fontSize)")
    )
    assert size >= 11


def test_quartiles_come_where_they_are_asked_for(phone):
    heads = frame(phone, "parts").locator("th:visible")
    assert [text.replace("\u00a0", " ") for text in heads.all_inner_texts()] == [
        "", "least", "5 %", "median", "95 %", "most",
    ]  # fmt: skip
    frame(phone, "parts").get_by_role("button").click()
    assert heads.count() == 8
    assert frame(phone, "parts").get_by_role("button").count() == 0


def test_what_lies_beyond_is_counted_until_it_is_in_sight(phone):
    wide = frame(phone, "wide")
    said = wide.locator(".beyond")
    edge = wide.evaluate("one => one.getBoundingClientRect().right + 1")
    boxes = [head.bounding_box() for head in wide.locator("th").all()]
    beyond = sum(box["x"] + box["width"] > edge for box in boxes)
    assert beyond > 4
    assert said.inner_text() == f"{beyond} more columns ›"
    place = said.bounding_box()
    assert place["x"] >= 0
    assert place["x"] + place["width"] <= 390
    wide.evaluate("one => { one.scrollLeft = one.scrollWidth; }")
    phone.wait_for_timeout(100)
    assert not said.is_visible()
    assert wide.locator("td").first.bounding_box()["x"] >= 0  # the first column stays
    wide.evaluate("one => { one.scrollLeft = 0; }")
    phone.wait_for_timeout(100)
    assert said.is_visible()


def test_a_date_is_not_parted(phone):
    tall = frame(phone, "dated").locator(".date").first.evaluate("one => one.getClientRects().length")
    assert tall == 1


def test_words_in_many_columns_are_cards_on_a_phone_each_line_with_the_name_of_its_column(phone):
    assert over(phone, "in words") <= 0
    assert not frame(phone, "in words").locator(".beyond").is_visible()
    cells = frame(phone, "in words").locator("tbody tr").first.locator("td").all()
    boxes = [cell.bounding_box() for cell in cells]
    assert all(one["y"] + one["height"] <= two["y"] + 1 for one, two in pairwise(boxes))
    named = [cell.evaluate("cell => getComputedStyle(cell, '::before').content") for cell in cells[1:]]
    assert [name.replace('" ": "', ": ").strip('"') for name in named] == [
        f"{way}: " for way in WAYS.headings[1:]
    ]


def test_words_in_many_columns_are_a_table_on_a_wide_screen(started, tables):
    with chromium.opened(started, tables) as it:
        cells = frame(it.page, "in words").locator("tbody tr").first.locator("td").all()
        assert len({cell.bounding_box()["y"] for cell in cells}) == 1


def test_a_wide_screen_has_every_column(started, tables):
    with chromium.opened(started, tables) as it:
        assert it.page.locator(".beyond:visible").count() == 0
        assert frame(it.page, "parts").locator("th:visible").count() == 8
