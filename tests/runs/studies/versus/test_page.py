"""The page of `letf versus`: what is built without costs is said first, and a year that is over is whole."""

import pytest

import letf
from runs.answers.closer import Marks
from tests import browser as chromium


@pytest.fixture(scope="module")
def found():
    return letf.versus(index="nasdaq", multiples=[1, 3, -3], end="2008-12-31")


def test_the_line_below_the_title_names_each_fund_once_and_says_what_costs_nothing(found):
    assert found.asked.endswith(
        " · 3× and −3× synthetic throughout · 3× and −3× without fee and financing spread"
    )
    assert found.asked.startswith("nasdaq, 1999-01-04 to 2008-12-31, ")


def test_the_first_sentence_parts_each_multiple_from_its_return(found):
    gave = {
        name: f"{100 * found.metrics[f'{name}_total_return']:+.1f} %".replace("-", "−")
        for name in ("1x", "3x")
    }
    assert found.headline.startswith(
        f"nasdaq, 1999-01-04 to 2008-12-31: nasdaq itself gave {gave['1x']}, a 3× fund gave {gave['3x']}, "
        "a −3× fund gave −"
    )
    assert [figure.label for figure in found.figures] == ["nasdaq 1×", "3×", "−3×"]


def test_a_fund_that_is_known_has_its_multiple_beside_its_name():
    said = letf.versus(index="semis-sim", multiples=[1, 3, -3], start="2015-01-01").headline
    for known in ("SOXL (3×) gave ", "SOXS (−3×) gave "):
        assert known in said


@pytest.mark.parametrize(("end", "label"), [("2008-12-31", "2008"), ("2008-06-30", "2008 to 06-30")])
def test_a_year_that_is_over_is_no_part_of_one(end, label):
    answer = letf.versus(index="nasdaq", multiples=[1, 3], end=end)
    table = next(t for part in answer.sections for t in part.tables if t.headings[0] == "calendar year")
    assert table.rows[-1][0] == label
    assert table.rows[0][0] == "1999 from 01-04"


@pytest.mark.skipif(chromium.missing() is not None, reason=str(chromium.missing()))
def test_the_best_and_the_worst_of_a_cloud_are_in_the_picture(found, tmp_path):
    panes = next(iter(found.pictures["horizons"].closer().of.values()))
    clouds = [part for part in panes.panes[0].parts if isinstance(part, Marks)]
    assert clouds
    highest = max(part.values.max() for part in clouds)
    lowest = min(part.values.min() for part in clouds)
    (tmp_path / "report.html").write_text(found.to_html(), encoding="utf-8")
    address = (tmp_path / "report.html").as_uri()
    with chromium.browser() as started, chromium.opened(started, address) as it:
        start, end = it.page.evaluate(
            "(() => { const y = document.querySelector('#picture-horizons select').closest('.closer')"
            ".querySelector('div').whole.panes[0].figure.y_range; return [y.start, y.end]; })()"
        )
        assert start <= lowest <= highest <= end
