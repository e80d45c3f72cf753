"""Tables in a browser: sorted, filtered, with columns to ask for; words are explained where they stand."""

import pytest

from runs.answers.answer import Answer
from runs.answers.parts import KeyFigure, Section, Table
from runs.answers.provenance import Provenance
from tests import browser as chromium
from tests.runs.answers.page.made import RISE, made

pytestmark = pytest.mark.skipif(chromium.missing() is not None, reason=str(chromium.missing()))


@pytest.fixture
def page(started, tmp_path):
    """A page with the table that stands beside the pictures, and none of these."""
    answer = made("heat")
    (section,) = answer.sections
    object.__setattr__(answer, "sections", [Section(section.heading, tables=section.tables)])
    (tmp_path / "made.html").write_text(answer.to_html(), encoding="utf-8")
    with chromium.opened(started, (tmp_path / "made.html").as_uri()) as it:
        yield it.page
    assert it.errors == []


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


def test_a_filter_asks_for_a_date_where_there_are_dates(started, tmp_path, page):
    assert page.locator(".filter").get_attribute("placeholder") == "filter: a date, a word"
    rows = [["SOXL", "1,999"], ["SOXS", "2,000-03"]]
    answer = Answer(
        question="run",
        name="funds",
        title="funds",
        headline="h",
        sections=[Section("All", tables=[Table("Funds", ["what", "shares"], rows, long=True)])],
        provenance=Provenance({}, {}),
    )
    (tmp_path / "report.html").write_text(answer.to_html(), encoding="utf-8")
    with chromium.opened(started, (tmp_path / "report.html").as_uri()) as it:
        assert it.page.locator(".filter").get_attribute("placeholder") == "filter: a word"


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


LONG = "A caption of many words that goes on and on, as those of tables on several accounts and plans do"


@pytest.mark.parametrize("width", [1280, 390])
def test_a_caption_never_widens_its_table_and_each_tip_is_in_sight(started, tmp_path, width):
    rows = [["total return", "+1.0 %"], ["alpha a year", "+2.0 %"]]
    trades = Table("Trades", ["day", "return"], [["a", "+1.0 %"], ["b", "−1.0 %"]], long=True)
    answer = Answer(
        question="run",
        name="tips",
        title="tips",
        headline="h",
        figures=[KeyFigure("CAGR", "1"), KeyFigure("worst drawdown", "2")],
        sections=[Section("All", tables=[Table(LONG, ["", "rule"], rows), trades])],
        provenance=Provenance({}, {}),
    )
    (tmp_path / "report.html").write_text(answer.to_html(), encoding="utf-8")
    with chromium.opened(started, (tmp_path / "report.html").as_uri(), width) as it:
        table = it.page.locator("table").first.bounding_box()
        assert table["width"] <= width
        assert it.page.locator("td").nth(1).bounding_box()["x"] < width - 60  # figures are in sight
        terms = it.page.locator(".term")
        assert terms.count() == 5  # two figures, two rows and the head of the long table
        for at in range(terms.count()):
            terms.nth(at).hover()
            assert it.page.evaluate("document.documentElement.scrollWidth") == width
            framed = it.page.evaluate(
                "(at => { const term = document.querySelectorAll('.term')[at];"
                "return term.closest('.wide') ? getComputedStyle(term, '::after').position : 'free'; })"
                f"({at})"
            )
            assert framed in ("free", "fixed")  # a table would cut what is placed within it
        it.page.locator(".long th .term").click()  # a head that is explained sorts all the same
        assert column(it.page, 1) == ["b", "a"]


def test_a_word_is_explained_where_the_pointer_rests(page):
    term = page.locator(".figure .term")
    assert term.inner_text() == "CAGR"
    term.hover()
    said = page.evaluate("getComputedStyle(document.querySelector('.figure .term'), '::after').content")
    assert said.startswith('"Compound annual growth rate')


@pytest.mark.parametrize("width", [1280, 390])
def test_tables_stand_side_by_side_where_two_have_room_and_no_word_is_torn(started, tmp_path, width):
    head = "multiple × index, taken at its word"
    first = Table("One", ["", "+ compounding", head], [["mean of the worst days", "1", "2"]])
    second = Table("Two", [], [["average exposure at the close", "3 %"], ["costs", "4"]])
    answer = Answer(
        question="run",
        name="two",
        title="two",
        headline="h",
        sections=[Section("All", tables=[first, second])],
        provenance=Provenance({}, {}),
    )
    (tmp_path / "report.html").write_text(answer.to_html(), encoding="utf-8")
    with chromium.opened(started, (tmp_path / "report.html").as_uri(), width) as it:
        one, two = (it.page.locator("caption").nth(at).bounding_box() for at in (0, 1))
        assert (one["y"] == two["y"]) == (width == 1280)
        lines = it.page.evaluate(
            "[...document.querySelectorAll('th .term, th, td')].map(cell => { const range ="
            " document.createRange(); range.selectNodeContents(cell);"
            " return new Set([...range.getClientRects()].map(r => Math.round(r.top))).size; })"
        )
        assert max(lines[1:3]) == 1 or width == 390  # "+ compounding"
        assert max(lines) <= 4
        label = it.page.get_by_text("mean of the worst days").bounding_box()
        assert label["width"] > 100  # two words a line or more, on a phone too


def test_on_a_phone_no_sum_is_parted_from_its_sign_or_unit(started, tmp_path):
    headings = ["largest days", "index", "trade", "of assets", "of traded value", "multiple before it"]
    rows = [["2006-06-07", "−16.30 %", "−$9.80 bn", "−196.1 %", "12.3 %", "−1.68"]] * 3
    with chromium.opened(started, page_of(tmp_path, Table("The ten", headings, rows)), 390) as it:
        lines = it.page.locator("td").evaluate_all(
            "all => all.map(cell => { const range = document.createRange(); range.selectNodeContents(cell);"
            " return new Set([...range.getClientRects()].map(r => Math.round(r.top))).size; })"
        )
    assert set(lines) == {1}


def page_of(folder, *tables):
    """The address of a page with these tables."""
    answer = Answer(
        question="run",
        name="tables",
        title="tables",
        headline="h",
        sections=[Section("All", tables=list(tables))],
        provenance=Provenance({}, {}),
    )
    (folder / "report.html").write_text(answer.to_html(), encoding="utf-8")
    return (folder / "report.html").as_uri()


# By cell of a table: where its words end and where the next cell begins.
PRINTED = (
    "table => [...table.tBodies[0].rows].flatMap(row => [...row.cells].slice(0, -1).map((cell, at) => {"
    "const words = document.createRange(); words.selectNodeContents(cell);"
    "return [words.getBoundingClientRect().right, row.cells[at + 1].getBoundingClientRect().left]; }))"
)
CHECK = "More than its signals' luck: of 1,000 random rules, as many trades did better"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", ["trades", "Sharpe ratio in each of five parts", CHECK])
def test_a_name_is_not_printed_over_the_column_beside_it(started, tmp_path, width, name):
    rows = [[name, "0.71", "passes where it is above 0.5 " * 8], ["cost", "1", "w " * 60]]
    table = Table("The checks in order", ["check", "found", "what it asks"], rows, words=True)
    with chromium.opened(started, page_of(tmp_path, table), width) as it:
        for end, next_ in it.page.locator(".words").first.evaluate(PRINTED):
            assert end <= next_ + 1


def width_of(page, table, cell=0):
    return page.locator("table").nth(table).locator("tbody td").nth(cell).bounding_box()["width"]


def test_a_column_of_numbers_or_years_is_as_narrow_as_they_are_on_a_phone(started, tmp_path):
    years = [["1999", "+1.0 %"], ["2000", "−1.0 %"]]
    tables = [
        Table("by year", ["year", "rule"], years),
        Table("by month", ["year", "Jan"], years, tints=[[0, 1.0], [0, -1.0]]),
        Table("every trade", ["#", "return"], [["1", "+1.0 %"], ["2", "−1.0 %"]], long=True),
        Table("words", ["", "rule"], [["mean of the worst days", "1"]]),
    ]
    with chromium.opened(started, page_of(tmp_path, *tables), 390) as it:
        widths = [width_of(it.page, at) for at in range(4)]
        assert max(widths[:3]) < 90
        assert widths[3] >= 8.5 * 16


def test_what_stands_in_brackets_behind_a_number_is_below_it_on_a_phone(started, tmp_path):
    said = "1,165 (2000-04-18, underlying +18.5 %)"
    rows = [["best event", said], ["mean", "12"]]
    address = page_of(
        tmp_path, Table("All events together", ["", "options", "held"], [[*row, "1"] for row in rows])
    )
    with chromium.opened(started, address, 390) as it:
        cell = it.page.locator("tbody td").nth(1)
        assert cell.inner_text().split("\n")[0].strip() == "1,165"
        assert " ".join(cell.inner_text().split()) == said
        last = it.page.locator("tbody td").nth(2).bounding_box()
        assert last["x"] + last["width"] <= 390  # the values of the third column are in sight
    with chromium.opened(started, address) as it:
        assert it.page.locator("tbody td").nth(1).inner_text().replace("\xa0", " ") == said


def test_heads_of_two_words_take_two_lines_so_that_the_last_column_is_in_sight(started, tmp_path):
    heads = [
        "rank",
        "rsi_bars",
        "overbought",
        "oversold",
        "average_bars",
        "stop",
        "target",
        "max_bars",
        "Sharpe",
    ]
    heads += ["total return", "worst drawdown", "trades", "neighbours", "worst", "DSR"]
    rows = [[str(at + 1), *["0.25"] * (len(heads) - 1)] for at in range(5)]
    with chromium.opened(started, page_of(tmp_path, Table("The best", heads, rows, long=True))) as it:
        last = it.page.locator(".long th").last.bounding_box()
        frame = it.page.locator(".long .wide").bounding_box()
        assert last["x"] + last["width"] <= frame["x"] + frame["width"] + 1
        lines = it.page.evaluate(
            "[...document.querySelectorAll('.long th')].map(cell => { const range ="
            " document.createRange(); range.selectNodeContents(cell);"
            " return new Set([...range.getClientRects()].map(r => Math.round(r.top))).size; })"
        )
        assert max(lines) <= 2
        assert it.page.locator(".long th").nth(4).inner_text() == "average_bars"


def test_of_a_table_of_many_columns_the_last_is_in_sight(started, tmp_path):
    heads = ["traded from", "to", "rsi_bars", "overbought", "oversold", "average_bars", "stop", "target"]
    heads += ["max_bars", "Sharpe in training", "in the test", "return", "nasdaq held", "trades"]
    rows = [["2002-01-02", "2002-12-31", *["0.25"] * 9, "−10.0 %", "+110.0 %", "12"] for _ in range(5)]
    with chromium.opened(started, page_of(tmp_path, Table("The windows", heads, rows))) as it:
        last = it.page.locator("th").last.bounding_box()
        frame = it.page.locator(".wide").first.bounding_box()
        assert last["x"] + last["width"] <= frame["x"] + frame["width"] + 1
